#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Policies as files: where they are read, who may have written them, and what happens while they change."""

import datetime
import json
import os
import shutil
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402

needs_private = unittest.skipIf(private.reason(), private.reason())

EXEMPT = {"name": "exempt", "match": {"namespace": ["lab*"]}, "profile": "unconfined"}


def kubernetes(namespace, container="c1", **more):
    """Annotations of a container as containerd writes them."""
    return {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": "f" * 64,
            "io.kubernetes.cri.sandbox-name": "pod-0", "io.kubernetes.cri.sandbox-namespace": namespace,
            "io.kubernetes.cri.container-name": container, "io.kubernetes.cri.image-name": "r/i:1", **more}


class Policies(Faked):
    """A policy that is a directory."""

    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.tmp, "policy")
        os.makedirs(os.path.join(self.dir, "policy.d"), mode=0o755)

    def write(self, name, text, mode=0o644):
        """As an operator should: a new file renamed over the old."""
        path = os.path.join(self.dir, name)
        with open(path + "~", "w", encoding="utf-8") as f:
            f.write(text if isinstance(text, str) else json.dumps(text))
        os.chmod(path + "~", mode)
        os.rename(path + "~", path)
        return path

    def base(self, **keys):
        self.write("policy.json", {"log": {"to": "file", "path": self.records}, **keys})

    def decide(self, b=None, policy=None, **kwargs):
        """What was decided for a container of namespace lab1, by the record."""
        b = b or self.bundle(annotations=kubernetes("lab1"))
        done = self.create(b, policy=policy or self.dir, **kwargs)
        self.assertIn(done.status, (0, 1), done)
        return self.decisions()[-1]


@guardtest.needs_wrapper
class Directory(Policies):
    def test_files_are_read_in_order(self):
        self.base(mode="deny", rules=[{"name": "none", "match": {"namespace": ["x"]}}])
        self.assertEqual(self.decide()["mode"], "deny")
        self.write("policy.d/20-b.json", {"mode": "audit"})
        self.write("policy.d/10-a.json", {"mode": "complain", "rules": [EXEMPT]})
        seen = self.decide()
        self.assertEqual((seen["mode"], seen["action"], seen["rule"]), ("audit", "exempt", "exempt"))
        # Rules of policy.json come first.
        self.base(rules=[{"name": "mine", "match": {"namespace": ["lab1"]}, "mode": "deny"}])
        seen = self.decide()
        self.assertEqual((seen["mode"], seen["action"], seen["rule"]), ("deny", "refuse", "mine"))
        # By name, not by time; and 9 comes behind 10.
        self.base()
        self.write("policy.d/10-a.json", {"mode": "complain"})
        self.write("policy.d/9-z.json", {"mode": "deny"})
        self.assertEqual(self.decide()["mode"], "deny")

    def test_what_is_no_policy_file_is_not_read(self):
        self.base()
        for name in ("README", "x.json.bak", ".hidden.json", ".json", "x.JSON", "json"):
            self.write("policy.d/" + name, "not a policy")
        self.assertEqual(self.decide()["action"], "inject")

    def test_without_policy_json(self):
        self.write("policy.d/a.json", {"mode": "deny", "log": {"to": "file", "path": self.records}})
        self.assertEqual(self.decide()["mode"], "deny")

    def test_an_empty_directory_is_not_a_policy(self):
        b = self.bundle()
        before = b.snapshot()
        self.assertRefused(self.create(b, policy=self.dir), self.dir, "neither policy.json nor a file in policy.d")
        os.rmdir(os.path.join(self.dir, "policy.d"))
        self.assertRefused(self.create(b, policy=self.dir), self.dir)
        self.assertUntouched(b, before)

    def test_errors_name_file_line_and_column(self):
        self.base()
        self.write("policy.d/a.json", "{}")
        path = self.write("policy.d/b.json", '{\n  "mode": "enforce",\n  "moode": 1\n}')
        b = self.bundle()
        before = b.snapshot()
        self.assertRefused(self.create(b, policy=self.dir), path + ":3:3: unknown key")
        self.write("policy.d/b.json", {"rules": [EXEMPT]})
        path = self.write("policy.d/c.json", json.dumps({"rules": [EXEMPT]}))
        self.assertRefused(self.create(b, policy=self.dir), path + ":1:21: ", 'another rule is called "exempt"')
        self.assertUntouched(b, before)

    def test_all_files_together_have_a_limit(self):
        self.base()
        for name in "abc":
            self.write("policy.d/%s.json" % name, "{}" + " " * 100000)
        self.assertRefused(self.create(self.bundle(), policy=self.dir), "policy.d/c.json", "262144")
        os.unlink(os.path.join(self.dir, "policy.d/c.json"))
        self.assertEqual(self.decide()["action"], "inject")

    def test_many_files(self):
        """More than one getdents64 can give."""
        self.base()
        for i in range(400):
            self.write("policy.d/%03d-%s.json" % (i, "x" * 60), {"mode": ("deny", "audit")[i % 2]})
        self.assertEqual(self.decide()["mode"], "audit")
        self.write("policy.d/400.json", {"mode": "complain"})
        self.assertEqual(self.decide()["mode"], "complain")

    def test_the_usual_place(self):
        usual = guardtest.usual_directory()
        if private.reason():
            self.skipTest(private.reason())
        for files in ((), ("policy.json",), ("policy.d/a.json",), ("policy.json", "policy.d/a.json")):
            shutil.rmtree(self.dir)
            os.makedirs(os.path.join(self.dir, "policy.d"))
            for name in files:
                self.write(name, {"mode": "deny"} if name[-6] == "y" else {"weak": "refuse"})
            self.write("policy.d/log.json", {"log": {"to": "none"}})
            b = self.bundle()
            place = private.prefix(private.directory(usual), "cp -R %s/. %s" % (self.dir, usual))
            done = guardtest.command([*place, guardtest.WRAPPER, "--guard-runtime", self.fake, "create", "--bundle",
                                      b.path, "ID"])
            self.assertEqual(done.status, 1 if "policy.json" in files else 0, (files, str(done)))
        # Nothing there: the defaults.
        b = self.bundle()
        done = guardtest.command([*private.prefix("mount -t tmpfs tmpfs /%s" % usual.split("/")[1]), guardtest.WRAPPER,
                                  "--guard-runtime", self.fake, "create", "--bundle", b.path, "ID"])
        self.assertStatus(done, 0)
        self.assertEqual(b.seccomp()["defaultAction"], "SCMP_ACT_ERRNO")


@guardtest.needs_wrapper
@guardtest.needs_root
class Owners(Policies):
    """Whoever can change a policy can switch it off, so only root and the caller may."""

    def assertBad(self, *words):
        b = self.bundle()
        before = b.snapshot()
        self.assertRefused(self.create(b, policy=self.dir), *words)
        self.assertUntouched(b, before)

    def test_file(self):
        self.base()
        path = os.path.join(self.dir, "policy.json")
        for mode in (0o646, 0o666, 0o602):
            os.chmod(path, mode)
            self.assertBad(path, "can be written by everybody")
        os.chmod(path, 0o644)
        os.chown(path, 1234, 0)
        self.assertBad(path, "belongs to user 1234")
        os.chown(path, 0, 1234)
        os.chmod(path, 0o664)
        self.assertBad(path, "can be written by group 1234")
        os.chmod(path, 0o644)
        self.assertEqual(self.decide()["action"], "inject")

    def test_file_of_policy_d(self):
        self.base()
        path = self.write("policy.d/a.json", "{}", mode=0o666)
        self.assertBad(path, "can be written by everybody")
        os.chmod(path, 0o600)
        os.chown(path, 1234, 0)
        self.assertBad(path, "belongs to user 1234")

    def test_directories(self):
        self.base()
        self.write("policy.d/a.json", "{}")
        for path in (self.dir, os.path.join(self.dir, "policy.d")):
            os.chmod(path, 0o777)
            self.assertBad(path + ": can be written by everybody")
            os.chmod(path, 0o755)
            os.chown(path, 1234, 0)
            self.assertBad(path + ": belongs to user 1234")
            os.chown(path, 0, 0)
        self.assertEqual(self.decide()["action"], "inject")

    def test_directory_of_a_named_file(self):
        self.base()
        path = os.path.join(self.dir, "policy.json")
        os.chmod(self.dir, 0o777)
        b = self.bundle()
        self.assertRefused(self.create(b, policy=path), self.dir + ": can be written by everybody")
        os.chmod(self.dir, 0o755)
        self.assertStatus(self.create(b, policy=path), 0)

    def test_kinds(self):
        self.base()
        os.makedirs(os.path.join(self.dir, "policy.d", "a.json"))
        self.assertBad("policy.d/a.json", "not a regular file")
        os.rmdir(os.path.join(self.dir, "policy.d", "a.json"))
        os.symlink("/dev/null", os.path.join(self.dir, "policy.d", "a.json"))
        self.assertBad("policy.d/a.json", "symbolic link")
        os.unlink(os.path.join(self.dir, "policy.d", "a.json"))
        os.mkfifo(os.path.join(self.dir, "policy.d", "a.json"))
        self.assertBad("policy.d/a.json", "not a regular file")


class Starter(threading.Thread):
    """Starts containers one after the other until told to stop, and keeps what became of each."""

    def __init__(self, test, policy):
        super().__init__()
        self.test, self.policy, self.seen, self.stop = test, policy, [], False
        self.bundle = bundles.Bundle(test.fresh("bundle"), annotations=kubernetes("lab1"))
        self.raw = self.bundle.read()

    def run(self):
        while not self.stop:
            self.bundle.write(self.raw)
            done = self.test.create(self.bundle, policy=self.policy)
            self.seen.append((done, self.bundle.read()))


@guardtest.needs_wrapper
class Changing(Policies):
    """Containers start while the policy is replaced: by the old one or by the new, and never by half of one."""

    def start(self, change, rounds, starters=3):
        threads = [Starter(self, self.dir) for _ in range(starters)]
        for t in threads:
            t.start()
        try:
            for i in range(rounds):
                change(i)
        finally:
            for t in threads:
                t.stop = True
            for t in threads:
                t.join()
        return [seen for t in threads for seen in t.seen], threads[0].raw

    def test_broken_while_containers_start(self):
        self.base()
        raws = [json.dumps({"log": {"to": "file", "path": self.records}}), '{"mode": "enforce", "x": 1}', "", "{",
                '{"mode": "enforce"} trailing', '{"rules": [{}]}']

        def change(i):
            self.write("policy.json", raws[0] if i % 2 else raws[i // 2 % len(raws)])
            threading.Event().wait(0.02)

        seen, raw = self.start(change, 120)
        refused = [(d, after) for d, after in seen if d.status]
        started = [(d, after) for d, after in seen if not d.status]
        self.assertGreater(len(refused), 5)
        self.assertGreater(len(started), 5)
        for done, after in refused:
            self.assertRefused(done, "policy", "policy.json")
            self.assertEqual(after, raw)
        for done, after in started:
            self.assertIn("SCMP_ACT_ERRNO", after.decode(), done)

    def test_broken_policy_reaches_the_engine(self):
        """In the runtime's log, from where an engine shows it to people; audit and exemptions do not matter."""
        self.base(mode="audit", rules=[{"name": "all", "match": {}, "profile": "unconfined"}])
        path = self.write("policy.d/late.json", '{"mode": "audit",}')
        log = os.path.join(self.tmp, "log.json")
        b = self.bundle()
        done = self.wrapper("--log", log, "--log-format", "json", "create", "--bundle", b.path, "ID", policy=self.dir)
        self.assertRefused(done, path + ":1:")
        with open(log, encoding="utf-8") as f:
            entry = json.load(f)
        self.assertEqual(entry["level"], "error")
        self.assertIn(path + ":1:", entry["msg"])
        self.assertIn("policy", entry["msg"])

    def test_replaced_by_renaming(self):
        # Each version says the same in three places, far apart.
        padding = [{"name": "p%d" % i, "match": {"namespace": ["none"]}} for i in range(1500)]
        versions = [{"mode": mode, "rules": [*padding, {"name": mode, "match": {"namespace": ["lab*"]}, "mode": mode,
                                                        "reason": mode}],
                     "log": {"to": "file", "path": self.records}} for mode in ("deny", "audit", "complain")]
        texts = [json.dumps(v) for v in versions]
        self.write("policy.json", texts[0])

        def change(i):
            self.write("policy.json", texts[i % 3])
            threading.Event().wait(0.005)

        seen, _ = self.start(change, 400)
        for done, _ in seen:
            self.assertIn(done.status, (0, 1), done)
            self.assertNotIn("line", done.error.lower())
        records = self.decisions()
        self.assertEqual(len(records), len(seen))
        kinds = {(r["mode"], r["rule"], r["rule_reason"], r["action"]) for r in records}
        self.assertEqual(kinds, {("deny", "deny", "deny", "refuse"), ("audit", "audit", "audit", "would-inject"),
                                 ("complain", "complain", "complain", "inject")})

    def test_written_in_place(self):
        """Not how it should be done: what is read half way is refused, not followed."""
        text = json.dumps({"log": {"to": "file", "path": self.records}, "rules": [
            {"name": "p%d" % i, "match": {"namespace": ["lab*"]}, "mode": "enforce"} for i in range(500)]})
        path = self.write("policy.json", text)

        def change(_):
            with open(path, "w", encoding="utf-8") as f:
                for at in range(0, len(text), 4096):
                    f.write(text[at:at + 4096])
                    f.flush()

        seen, raw = self.start(change, 300)
        for done, after in seen:
            if done.status:
                self.assertRefused(done, "policy")
                self.assertEqual(after, raw)
            else:
                self.assertIn("SCMP_ACT_ERRNO", after.decode())


@guardtest.needs_wrapper
class Dates(Policies):
    def exempt(self, until, **keys):
        day = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=until)
        self.base(rules=[{**EXEMPT, "until": day.isoformat(), **keys}])
        return day.isoformat()

    def test_expired(self):
        day = self.exempt(-1, owner="team-db", reason="until the upgrade")
        seen = self.decide()
        self.assertEqual((seen["action"], seen["expired_rule"], seen["level"]), ("inject", "exempt", "warning"))
        self.assertNotIn("rule", seen)
        self.assertIn('rule "exempt" expired on ' + day, seen["msg"])
        # For others it is not worth a word.
        seen = self.decide(self.bundle(annotations=kubernetes("other")))
        self.assertEqual((seen["level"], seen["msg"].count("exempt")), ("info", 0))

    def test_last_day(self):
        day = self.exempt(0)
        seen = self.decide()
        self.assertEqual((seen["action"], seen["reason"], seen["rule"], seen["rule_until"]),
                         ("exempt", "rule", "exempt", day))
        self.assertIn('rule "exempt" expires on ' + day, seen["msg"])

    def test_warning(self):
        self.exempt(13)
        self.assertIn("expires on", self.decide()["msg"])
        day = self.exempt(16, owner="team-db", reason="until the upgrade")
        seen = self.decide()
        self.assertNotIn("expires on", seen["msg"])
        self.assertEqual((seen["rule_owner"], seen["rule_reason"], seen["rule_until"]),
                         ("team-db", "until the upgrade", day))

    def test_a_rule_that_tightens_warns_too(self):
        self.exempt(3, profile="runtime/default")
        seen = self.decide()
        self.assertEqual((seen["action"], seen["level"], seen["rule"]), ("inject", "warning", "exempt"))

    def test_refusal_tells(self):
        """Who is refused since today reads why in the engine's message."""
        self.exempt(-1)
        self.write("policy.d/a.json", {"mode": "deny"})
        b = self.bundle(annotations=kubernetes("lab1"))
        self.assertRefused(self.create(b, policy=self.dir), 'rule "exempt" expired on')


@guardtest.needs_wrapper
@needs_private
class Switch(Policies):
    """/run/seccomp-guard/disable."""

    def decide_with(self, *script, b=None, policy=None):
        run = private.prefix(private.directory("/run/seccomp-guard"), *script)
        return self.decide(b, prefix=run, policy=policy)

    def test_everything_passes(self):
        self.base(mode="deny")
        for seccomp, finding, action in ((guardtest.ABSENT, "absent", "exempt"), (guardtest.WEAK, "weak", "exempt"),
                                         (guardtest.STRICT, "confined", "keep")):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            seen = self.decide_with("touch /run/seccomp-guard/disable", b=b)
            self.assertEqual((seen["finding"], seen["action"], seen["reason"], seen["level"]),
                             (finding, action, "disabled", "warning"))
            self.assertIn("/run/seccomp-guard/disable", seen["msg"])
            self.assertUntouched(b, before)
        self.assertEqual(self.decide_with("true")["action"], "refuse")

    def test_what_cannot_be_read_passes(self):
        self.base()
        seen = self.decide_with("touch /run/seccomp-guard/disable", b=self.bundle(raw=b"{"))
        self.assertEqual((seen["finding"], seen["action"], seen["reason"]), ("invalid", "exempt", "disabled"))

    def test_a_broken_policy_passes(self):
        path = self.write("policy.json", "{")
        b = self.bundle()
        before = b.snapshot()
        run = private.prefix(private.directory("/run/seccomp-guard"), "touch /run/seccomp-guard/disable")
        done = self.create(b, policy=self.dir, prefix=run)
        self.assertStatus(done, 0)
        self.assertUntouched(b, before)
        # Even so, it is no valid policy.
        done = guardtest.command([*run, guardtest.CLI, "policy", "check", path])
        self.assertStatus(done, 2)

    def test_only_roots_own(self):
        self.base(mode="deny")
        disable = "/run/seccomp-guard/disable"
        for script in (["touch " + disable, "chown 1234 " + disable], ["mkdir " + disable],
                       ["mkfifo " + disable], ["touch /run/x", "ln -s /run/x " + disable],
                       ["touch " + disable, "chown 1234 /run/seccomp-guard"],
                       ["touch " + disable, "chmod 777 /run/seccomp-guard"]):
            self.assertEqual(self.decide_with(*script)["action"], "refuse", script)
        # An umask that lets others write does not make it another one's.
        self.assertEqual(self.decide_with("touch " + disable, "chmod 666 " + disable)["reason"], "disabled")


@guardtest.needs_cli
class Explained(Policies):
    def explain(self, b, *more):
        done = self.cli("policy", "explain", "--policy", self.dir, *more, b.path)
        self.assertEqual(done.err, b"", done)
        return done

    def setUp(self):
        super().setUp()
        self.base(mode="audit", rules=[
            {"name": "system", "match": {"namespace": ["kube-system"]}, "mode": "audit"},
            {**EXEMPT, "until": "2026-01-01"},
            {"name": "lab", "match": {"namespace": ["lab*"], "annotation": {"team": "blue"}}, "mode": "deny"},
            {"name": "rest", "match": {}, "mode": "enforce", "weak": "refuse"}])

    def test_text(self):
        done = self.explain(self.bundle(annotations=kubernetes("lab1")))
        self.assertStatus(done, 1)
        for line in ("policy: " + os.path.join(self.dir, "policy.json"),
                     "workload: engine containerd, namespace lab1, pod pod-0, container c1, image r/i:1",
                     'rule "system": does not match, as namespace is "lab1"',
                     'rule "exempt": expired (until 2026-01-01)',
                     'rule "lab": does not match, by annotation',
                     'rule "rest": matches',
                     "settings: mode enforce, profile runtime/default, weak refuse, privileged exempt, hook live, "
                     "restore refuse, annotations followed"):
            self.assertIn("  " + line + "\n", done.text)

    def test_json(self):
        done = self.explain(self.bundle(annotations=kubernetes("lab1", team="blue")), "--json")
        self.assertStatus(done, 1)
        first, *lines = [json.loads(line) for line in done.text.splitlines()]
        self.assertEqual(first["policy_files"], [os.path.join(self.dir, "policy.json")])
        self.assertEqual([(x["rule"], x["outcome"]) for x in lines[:-1]],
                         [("system", "differs"), ("exempt", "expired"), ("lab", "matches"), ("rest", "not-reached")])
        self.assertEqual((lines[0]["key"], lines[0]["value"]), ("namespace", "lab1"))
        self.assertEqual((lines[-1]["action"], lines[-1]["rule"], lines[-1]["expired_rule"]), ("refuse", "lab", "exempt"))

    def test_who_is_not_believed(self):
        b = self.bundle(annotations=kubernetes("kube-system", **{"io.container.manager": "cri-o"}))
        done = self.explain(b)
        self.assertStatus(done, 1)
        self.assertIn('not believed, as annotation "io.container.manager" contradicts', done.text)
        self.assertIn("settings: mode deny, ", done.text)
        lines = [json.loads(line) for line in self.explain(b, "--json").text.splitlines()]
        self.assertEqual({x["outcome"] for x in lines[1:-1]}, {"not-believed"})

    def test_nothing_changes_and_nothing_is_recorded(self):
        b = self.bundle()
        before = b.snapshot()
        self.explain(b)
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions(), [])

    def test_errors(self):
        for args in (("explain",), ("explain", "--policy", "/nowhere", self.tmp), ("explain", "/nowhere"),
                     ("explain", "--colour"), ("check", self.dir, self.dir), ("check", "--policy", self.dir, self.dir),
                     ("show", "--policy", self.dir, self.dir), ("show", "/nowhere"), ("check", "/nowhere"), ("tell",)):
            done = self.cli("policy", *args)
            self.assertStatus(done, 2)
            self.assertEqual(len(done.error.splitlines()), 1, done)


if __name__ == "__main__":
    guardtest.main()
