#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refusals and records: one line on stderr, one record where the engine looks, one decision in the sink."""

import datetime
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import STRICT, WRAPPER  # noqa: E402

PLAIN = bundles.encode(bundles.config())


@guardtest.needs_wrapper
class RuntimeLog(Faked):
    """containerd shows the last level=error record of the file; podman reads the file as one JSON object."""

    def refuse(self, *log):
        b = self.bundle(raw=b"broken \x1b[31m\n")
        done = self.wrapper(*log, "create", "--bundle", b.path, "ID")
        return self.assertRefused(done, b.config)

    def lines(self, path):
        with open(path, encoding="utf-8") as f:
            return f.read().splitlines()

    def assertJsonRecord(self, path, line):
        lines = self.lines(path)
        self.assertEqual(len(lines), 1, lines)
        record = json.loads(lines[0])
        self.assertEqual(record["level"], "error")
        self.assertEqual(sorted(record), ["level", "msg", "time"])
        self.assertIn("config.json", record["msg"])
        self.assertIn(record["msg"][-20:], line)
        when = datetime.datetime.fromisoformat(record["time"].replace("Z", "+00:00"))
        self.assertIsNotNone(when.tzinfo)
        self.assertLess(abs((datetime.datetime.now(datetime.timezone.utc) - when).total_seconds()), 60)

    def test_json(self):
        path = os.path.join(self.tmp, "log.json")
        for log in (["--log", path, "--log-format", "json"], ["--log=" + path, "--log-format=json"],
                    ["--log-format=json", "--log", path]):
            line = self.refuse(*log)
            self.assertJsonRecord(path, line)
            os.unlink(path)

    def test_text(self):
        path = os.path.join(self.tmp, "log.txt")
        for log in (["--log", path], ["--log", path, "--log-format", "text"]):
            self.refuse(*log)
            lines = self.lines(path)
            self.assertEqual(len(lines), 1, lines)
            self.assertRegex(lines[0], r'^time="\d{4}-\d\d-\d\dT[^"]+" level=error msg=".*config\.json.*"$')
            self.assertTrue(lines[0].isprintable())
            os.unlink(path)

    def test_appended_behind_what_is_there(self):
        path = self.file("log.json", '{"level":"info","msg":"before","time":"2026-11-22T00:00:00Z"}\n')
        self.refuse("--log", path, "--log-format", "json")
        self.assertEqual([json.loads(x)["level"] for x in self.lines(path)], ["info", "error"])

    def test_no_log_no_file(self):
        before = set(os.listdir(self.tmp))
        self.refuse()
        self.assertEqual({n for n in set(os.listdir(self.tmp)) - before
                          if not n.startswith(("bundle", "policy", "decisions"))}, set())

    def test_log_that_cannot_be_written(self):
        for path in ("/nowhere/log.json", self.tmp):
            self.refuse("--log", path, "--log-format", "json")

    def test_log_that_is_a_fifo_does_not_block(self):
        path = os.path.join(self.tmp, "fifo")
        os.mkfifo(path)
        b = self.bundle(raw=b"broken")
        self.assertRefused(self.wrapper("--log", path, "create", "--bundle", b.path, "ID"))

    def test_nothing_but_refusals(self):
        path = os.path.join(self.tmp, "log.json")
        for b in (self.bundle(), self.bundle(seccomp=STRICT), self.bundle(seccomp=guardtest.WEAK)):
            self.assertStatus(self.wrapper("--log", path, "--log-format", "json", "create", "--bundle", b.path, "ID"), 0)
        for mode in ("audit", "complain"):
            self.assertStatus(self.wrapper("--log", path, "create", "--bundle", self.bundle().path, "ID",
                                           policy=self.policy(mode=mode)), 0)
        self.assertFalse(os.path.exists(path))

    def test_refused_policy_is_logged_too(self):
        path = os.path.join(self.tmp, "log.json")
        done = self.wrapper("--log", path, "--log-format", "json", "create", "--bundle", self.bundle().path, "ID",
                            policy=self.file("bad.json", "{"))
        self.assertRefused(done)
        self.assertEqual([json.loads(x)["level"] for x in self.lines(path)], ["error"])

    def test_refused_words_are_logged_too(self):
        path = os.path.join(self.tmp, "log.json")
        self.assertRefused(self.wrapper("--log", path, "--log-format", "json", "create", "-bundle", "x", "ID"))
        self.assertEqual([json.loads(x)["level"] for x in self.lines(path)], ["error"])

    def test_missing_runtime_is_logged_too(self):
        path = os.path.join(self.tmp, "log.json")
        os.unlink(self.fake)
        self.assertRefused(self.wrapper("--log", path, "--log-format", "json", "create", "--bundle",
                                        self.bundle(seccomp=STRICT).path, "ID"))
        self.assertEqual([json.loads(x)["level"] for x in self.lines(path)], ["error"])


class RuntimeLogCrun(RuntimeLog):
    family = "crun"

    def test_crun_forms(self):
        path = os.path.join(self.tmp, "log.json")
        line = self.refuse("--log", "file:" + path, "--log-format", "json")
        self.assertJsonRecord(path, line)
        for other in ("journald:x", "syslog:x"):
            self.refuse("--log", other)
            self.assertFalse(os.path.exists(other))


@guardtest.needs_wrapper
class Sink(Faked):
    """The decision record is never lost silently and never in the way."""

    def test_one_line_each(self):
        for _ in range(3):
            self.create(self.bundle())
        self.create(self.bundle(raw=b"x"))
        self.assertEqual([r["action"] for r in self.decisions()], ["inject"] * 3 + ["refuse"])

    def test_fields(self):
        b = self.bundle(annotations={"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name":
                                     "web", "io.kubernetes.cri.sandbox-namespace": "shop",
                                     "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.image-name": "w:1",
                                     "io.kubernetes.cri.sandbox-id": "0" * 64})
        self.assertStatus(self.create(b), 0)
        record = self.decisions()[-1]
        self.assertEqual({k: record[k] for k in ("event", "entry", "id", "bundle", "engine", "namespace", "pod",
                                                 "container", "image", "finding", "action", "mode", "injector")},
                         {"event": "decision", "entry": "wrapper", "id": "ID", "bundle": b.path, "engine": "containerd",
                          "namespace": "shop", "pod": "web-0", "container": "web", "image": "w:1", "finding": "absent",
                          "action": "inject", "mode": "enforce", "injector": "config"})
        self.assertRegex(record["profile_sha256"], r"^[0-9a-f]{64}$")
        self.assertRegex(record["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertGreaterEqual(record["duration_us"], 0)
        self.assertLess(record["duration_us"], 10e6)
        for key in ("level", "msg", "version", "reason", "profile"):
            self.assertTrue(record[key], key)

    def test_control_characters(self):
        b = self.bundle(annotations={"io.kubernetes.cri.container-name": "a\x1b]0;x\x07\nb\u2028\x7f\u009b"})
        self.assertStatus(self.create(b), 0)
        with open(self.records, "rb") as f:
            raw = f.read()
        self.assertEqual(raw.count(b"\n"), 1)
        self.assertIsNone(re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", raw), raw)
        json.loads(raw)

    def test_stderr(self):
        b = self.bundle()
        done = self.create(b, policy=self.policy(log={"to": "stderr"}))
        self.assertStatus(done, 0)
        self.assertEqual(json.loads(done.err)["action"], "inject")

    def test_none(self):
        done = self.create(self.bundle(), policy=self.policy(log={"to": "none"}))
        self.assertStatus(done, 0)
        self.assertEqual((done.err, self.decisions()), (b"", []))

    def test_sinks_that_do_not_take_it(self):
        """A full, missing or stuck sink is mentioned once at most and does not stop the container."""
        fifo = os.path.join(self.tmp, "fifo")
        os.mkfifo(fifo)
        for path in ("/dev/full", "/nowhere/log", self.tmp, fifo):
            b = self.bundle()
            done = self.create(b, policy=self.policy(log={"to": "file", "path": path}))
            self.assertStatus(done, 0)
            self.assertIsNotNone(b.seccomp(), path)
            self.assertLessEqual(len(done.err.splitlines()), 1, done)

    def test_stderr_that_nobody_reads(self):
        r, w = os.pipe()
        try:
            os.set_blocking(w, False)
            try:
                while True:
                    os.write(w, b"x" * 4096)
            except BlockingIOError:
                pass
            os.set_blocking(w, True)
            b = self.bundle()
            done = subprocess.run([WRAPPER, "--guard-policy", self.policy(log={"to": "stderr"}), "--guard-runtime",
                                   self.fake, "create", "--bundle", b.path, "ID"], stderr=w, stdout=subprocess.PIPE,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 0)
            # Shared with the engine: it must still be a blocking descriptor.
            self.assertTrue(os.get_blocking(w))
        finally:
            os.close(r)
            os.close(w)

    def test_stderr_whose_reader_is_gone(self):
        """A plain runtime would start; so must the guarded one, and not end by SIGPIPE."""
        r, w = os.pipe()
        os.close(r)
        try:
            b = self.bundle()
            done = subprocess.run([WRAPPER, "--guard-policy", self.policy(log={"to": "stderr"}), "--guard-runtime",
                                   self.fake, "create", "--bundle", b.path, "ID"], stderr=w, stdout=subprocess.PIPE,
                                  timeout=60, check=False, restore_signals=True)
            self.assertEqual(done.returncode, 0)
        finally:
            os.close(w)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class NothingStarts(guardtest.Case):
    """The same with real runtimes: after a refusal there is no trace of the container."""

    def test_refusals(self):
        log = os.path.join(self.tmp, "log.json")
        for raw, policy, unreadable in (
                (b"", {}, True), (PLAIN[:-1], {}, True), (PLAIN, {"mode": "deny"}, False),
                (PLAIN.replace(b'"linux":{', b'"linux":{"seccomp":null,"seccomp":{},'), {}, True)):
            for how in ("create", "run"):
                b = self.bundle(raw=raw)
                before = b.snapshot()
                done = self.guarded("--log", log, "--log-format", "json", how, "--bundle", b.path, self.container_id(),
                                    policy=self.policy(**policy))
                self.assertRefused(done, b.config if unreadable else "no seccomp profile")
                self.assertUntouched(b, before)
                self.assertNothingLeft()
                with open(log, encoding="utf-8") as f:
                    self.assertEqual(json.load(f)["level"], "error")
                os.unlink(log)


# What makes an engine tell its user something else (podman: libpod/oci_util.go, moby: daemon/errors.go).
MISLEADING = re.compile("permission denied|operation not permitted|no such file or directory|file not found", re.I)

CONTAINERD = {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": "0" * 64,
              "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
              "io.kubernetes.cri.container-name": "web"}


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Understood(guardtest.Case):
    """A refusal names seccomp-guard, the container before any path, the policy's file and rule, and one thing to do."""

    RULES = [{"name": "strict", "match": {"namespace": ["shop"]}}]

    def refusal(self, deed, annotations=None, policy=None, how="run", **kwargs):
        b = self.bundle(annotations={**CONTAINERD, **(annotations or {})}, **kwargs)
        keys = {"rules": self.RULES, "localhostRoot": os.path.join(self.tmp, "profiles"), **(policy or {})}
        path = self.policy(**keys)
        line = self.assertRefused(self.guarded(how, "--bundle", b.path, self.container_id(), policy=path))
        self.assertRegex(line, "^seccomp-guard: container web \\(shop/web-0\\) refused: ")
        self.assertIn(deed, line)
        self.assertTrue(line.endswith('(policy %s, rule "strict")' % path), line)
        self.assertIsNone(MISLEADING.search(line), line)
        self.assertNothingLeft()
        return line

    def test_each_kind(self):
        deny = {"mode": "deny"}
        profile = os.path.join(self.tmp, "profiles")
        for deed, how in (
                ("RuntimeDefault in Kubernetes", {"policy": deny}),
                ("RuntimeDefault in Kubernetes", {"policy": deny, "seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}}),
                ("take these calls out of the profile", {"policy": deny, "seccomp": guardtest.WEAK}),
                ("take these calls out of the profile", {"policy": {"weak": "refuse"}, "seccomp": guardtest.WEAK}),
                ("its annotation is not followed here",
                 {"policy": {**deny, "annotations": {"honor": False}}, "annotations": {"seccomp-guard/profile": "unconfined"}}),
                ("must be runtime/default, localhost/PATH or unconfined", {"annotations": {"seccomp-guard/profile": "off"}}),
                ("localhostRoot: does not exist; put a valid profile there",
                 {"annotations": {"seccomp-guard/profile": "localhost/x.json"}}),
                ("take that out of", {"annotations": {"run.oci.seccomp.receiver": "/x"}}),
                ('"restore": "allow"', {"how": "restore"})):
            self.refusal(deed, **how)
        os.mkdir(profile)
        self.refusal("/x.json\": does not exist; put a valid profile there",
                     annotations={"seccomp-guard/profile": "localhost/x.json"})

    def test_without_a_rule_or_a_name(self):
        b, path, cid = self.bundle(), self.policy(mode="deny"), self.container_id()
        line = self.assertRefused(self.guarded("run", "--bundle", b.path, cid, policy=path))
        self.assertRegex(line, "^seccomp-guard: container %s refused: " % cid)
        self.assertTrue(line.endswith("(policy %s)" % path), line)

    def test_a_policy_that_is_broken_or_closed(self):
        b = self.bundle(annotations=CONTAINERD)
        for policy, words in ((self.file("broken.json", "{}}"), "broken.json:1:4: "),
                              (os.path.join(self.tmp, "gone.json"), "gone.json: does not exist; correct it until")):
            line = self.assertRefused(self.guarded("run", "--bundle", b.path, "x", policy=policy), words,
                                      "seccomp-guard policy check")
            self.assertTrue(line.startswith("seccomp-guard: container web (shop/web-0) refused: policy: "), line)
        if private.reason():
            self.skipTest(private.reason())
        os.chmod(self.tmp, 0o755)
        # Users are under the policy of the node, in its usual place.
        usual = guardtest.usual_directory()
        place = private.prefix(private.directory(usual), "echo '{}' >%s/policy.json; chmod 600 %s/policy.json" % (usual, usual))
        done = guardtest.command([*place, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", guardtest.WRAPPER,
                                  "--guard-runtime", self.runtime.path, "run", "--bundle", self.tmp, "x"])
        line = self.assertRefused(done, usual + "/policy.json: this user cannot read it; give it mode 644")
        self.assertIsNone(MISLEADING.search(line), line)


if __name__ == "__main__":
    guardtest.main()
