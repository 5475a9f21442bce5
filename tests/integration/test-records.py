#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where decision records go: each sink, many writers, rotation, what is lost; and the counters."""

import concurrent.futures
import json
import os
import re
import socket
import stat
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402

needs_private = unittest.skipIf(private.reason(), private.reason())

# systemd's journald does not take more of a sender in one datagram than this by default.
MAX_DATAGRAM = 200 << 10

WORKLOAD = {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": "f" * 64,
            "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
            "io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.image-name": "r/web:1"}


def journal_fields(datagram):
    """Fields in systemd's native journal protocol: KEY=value, or KEY, length and value."""
    fields, at = [], 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        line = datagram[at:end]
        at = end + 1
        if b"=" in line:
            key, value = line.split(b"=", 1)
        else:
            key, n = line, struct.unpack_from("<Q", datagram, at)[0]
            value = datagram[at + 8:at + 8 + n]
            assert datagram[at + 8 + n:at + 9 + n] == b"\n"
            at += 9 + n
        assert re.fullmatch(rb"[A-Z][A-Z0-9_]*", key), key
        fields.append((key.decode(), value.decode()))
    return fields


class Sinks(Faked):
    """A datagram socket of the test's own in the place of a daemon's."""

    place = None

    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.tmp, "socket")
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.server.close)
        self.server.bind(self.path)
        self.server.settimeout(60)

    def prefix(self, *more):
        # /run holds the count of lost records; what is kept of it is in a directory of the test's.
        state = os.path.join(self.tmp, "state")
        os.makedirs(state, exist_ok=True)
        lines = [private.directory(os.path.dirname(self.place))]
        if not self.place.startswith("/run/"):
            lines.append(private.directory("/run/seccomp-guard"))
        lines += ["mkdir -p /run/seccomp-guard", "mount --bind %s /run/seccomp-guard" % state,
                  private.link(self.path, self.place)]
        return private.prefix(*lines, *more)

    def start(self, to, b=None, **keys):
        return self.create(b or self.bundle(annotations=WORKLOAD), prefix=self.prefix(),
                           policy=self.policy(log={"to": to}, **keys))

    def fill(self):
        """Leave no room for another datagram."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.setblocking(False)
            n = 0
            try:
                while True:
                    s.sendto(b"x", self.path)
                    n += 1
            except BlockingIOError:
                return n

    def lost(self, to):
        """What both daemons' sinks do when they cannot be written to."""
        n = self.fill()
        begin = time.monotonic()
        first = self.start(to)
        self.assertStatus(first, 0)
        self.assertRegex(first.error, r"^seccomp-guard: decision record lost: %s: [^\n]*\n$" % self.place)
        for _ in range(3):
            # Once is enough.
            done = self.start(to)
            self.assertStatus(done, 0)
            self.assertEqual(done.err, b"")
        self.assertLess(time.monotonic() - begin, 10)
        for _ in range(n):
            self.assertEqual(self.server.recv(10), b"x")
        self.assertEqual(self.start(to).err, b"")
        told = self.server.recv(MAX_DATAGRAM)
        self.assertEqual(self.start(to).err, b"")
        return told, self.server.recv(MAX_DATAGRAM)


@guardtest.needs_wrapper
@needs_private
class Syslog(Sinks):
    place = "/dev/log"

    def test_record(self):
        self.assertEqual(self.start("syslog").err, b"")
        text = self.server.recv(MAX_DATAGRAM).decode()
        head = re.match(r"<(\d+)>seccomp-guard\[(\d+)\]: ", text)
        self.assertTrue(head, text)
        # daemon.info
        self.assertEqual(int(head.group(1)), 3 * 8 + 6)
        record = json.loads(text[head.end():])
        self.assertEqual((record["action"], record["namespace"]), ("inject", "shop"))

    def test_priorities(self):
        for keys, priority in (({"mode": "deny"}, 3), ({"mode": "audit"}, 4),
                               ({"rules": [{"name": "r", "match": {}, "profile": "unconfined"}]}, 4),
                               ({"annotations": {"honor": False}}, 6)):
            self.start("syslog", **keys)
            text = self.server.recv(MAX_DATAGRAM)
            self.assertTrue(text.startswith(b"<%d>" % (24 + priority)), keys)
            self.assertEqual(json.loads(text[text.index(b"{"):])["level"], {3: "error", 4: "warning", 6: "info"}[priority])
        # Not followed: a warning.
        b = self.bundle(annotations={"seccomp-guard/profile": "unconfined"})
        self.start("syslog", b, annotations={"honor": False})
        text = self.server.recv(MAX_DATAGRAM).decode()
        self.assertTrue(text.startswith("<28>"), text)
        record = json.loads(text[text.index("{"):])
        self.assertEqual((record["level"], record["reason"], record["annotation"], record["annotation_value"],
                          record["annotation_honored"]),
                         ("warning", "annotation-not-honored", "seccomp-guard/profile", "unconfined", False))

    def test_full(self):
        told, after = self.lost("syslog")
        self.assertEqual(json.loads(told[told.index(b"{"):])["lost"], 4)
        self.assertNotIn("lost", json.loads(after[after.index(b"{"):]))

    def test_missing(self):
        os.unlink(self.path)
        done = self.start("syslog")
        self.assertStatus(done, 0)
        self.assertIn("/dev/log: does not exist", done.error)


@guardtest.needs_wrapper
@needs_private
class Journald(Sinks):
    place = "/run/systemd/journal/socket"

    def record(self, **kwargs):
        done = self.start("journald", **kwargs)
        fields = journal_fields(self.server.recv(MAX_DATAGRAM))
        self.assertEqual(len(fields), len(dict(fields)), "a field is there twice")
        return done, dict(fields)

    def test_fields(self):
        b = self.bundle(annotations={**WORKLOAD, "seccomp-guard/profile": "runtime/default"})
        self.assertStatus(self.wrapper("create", "--bundle", b.path, "0123456789abcdef", prefix=self.prefix(),
                                       policy=self.policy(log={"to": "journald"}, rules=[
                                           {"name": "r", "match": {"namespace": ["shop"]}, "owner": "o",
                                            "until": "2999-12-31", "flavor": "moby"}])), 0)
        seen = dict(journal_fields(self.server.recv(MAX_DATAGRAM)))
        wanted = {"PRIORITY": "6", "SYSLOG_IDENTIFIER": "seccomp-guard", "MESSAGE_ID":
                  "5ffd89b11a604822868e0417cf4ec346", "MESSAGE": "container web (shop/web-0) has no seccomp profile: injected one",
                  "CONTAINER_ID": "0123456789ab", "CONTAINER_ID_FULL": "0123456789abcdef", "CONTAINER_NAME": "web",
                  "IMAGE_NAME": "r/web:1", "SECCOMP_GUARD_EVENT": "decision", "SECCOMP_GUARD_ENTRY": "wrapper",
                  "SECCOMP_GUARD_STAGE": "create", "SECCOMP_GUARD_ID": "0123456789abcdef",
                  "SECCOMP_GUARD_BUNDLE": b.path, "SECCOMP_GUARD_ENGINE": "containerd",
                  "SECCOMP_GUARD_NAMESPACE": "shop", "SECCOMP_GUARD_POD": "web-0", "SECCOMP_GUARD_CONTAINER": "web",
                  "SECCOMP_GUARD_IMAGE": "r/web:1", "SECCOMP_GUARD_FINDING": "absent", "SECCOMP_GUARD_ACTION": "inject",
                  "SECCOMP_GUARD_REASON": "absent", "SECCOMP_GUARD_MODE": "enforce", "SECCOMP_GUARD_RULE": "r",
                  "SECCOMP_GUARD_RULE_OWNER": "o", "SECCOMP_GUARD_RULE_UNTIL": "2999-12-31",
                  "SECCOMP_GUARD_ANNOTATION": "seccomp-guard/profile",
                  "SECCOMP_GUARD_ANNOTATION_VALUE": "runtime/default", "SECCOMP_GUARD_ANNOTATION_HONORED": "true",
                  "SECCOMP_GUARD_PROFILE": "runtime/default", "SECCOMP_GUARD_FLAVOR": "moby",
                  "SECCOMP_GUARD_INJECTOR": "config"}
        self.assertEqual({k: seen.get(k) for k in wanted}, wanted)
        self.assertEqual(set(seen) - set(wanted),
                         {"SECCOMP_GUARD_VERSION", "SECCOMP_GUARD_PROFILE_SHA256", "SECCOMP_GUARD_DURATION_US",
                          "SECCOMP_GUARD_POLICY_FILES"})

    def test_refusal(self):
        done, seen = self.record(mode="deny")
        self.assertRefused(done)
        self.assertEqual((seen["PRIORITY"], seen["SECCOMP_GUARD_ACTION"]), ("3", "refuse"))
        self.assertRegex(seen["MESSAGE"], "^container .*refused: ")
        self.assertIn(seen["MESSAGE"], done.error)

    def test_no_value_makes_a_field(self):
        """What a user wrote stays within its field, newlines and all."""
        value = "x\nPRIORITY=0\nMESSAGE=forged\n\x00".replace("\x00", "=")
        b = self.bundle(annotations={**WORKLOAD, "io.kubernetes.cri.container-name": value,
                                     "seccomp-guard/profile": value})
        _, seen = self.record(b=b)
        self.assertEqual((seen["PRIORITY"], seen["CONTAINER_NAME"], seen["SECCOMP_GUARD_ANNOTATION_VALUE"]),
                         ("3", value, value))

    def test_large_values(self):
        """They are cut or left out, which the record says; it arrives."""
        b = self.bundle(annotations={**WORKLOAD, "io.kubernetes.cri.image-name": "i" * 100000,
                                     "seccomp-guard/profile": "localhost/" + "p" * 3000})
        _, seen = self.record(b=b)
        self.assertEqual((seen["SECCOMP_GUARD_ACTION"], seen["SECCOMP_GUARD_NAMESPACE"]), ("refuse", "shop"))
        self.assertEqual((seen["IMAGE_NAME"], seen["SECCOMP_GUARD_TRUNCATED"]), ("i" * 1024, "true"))
        for fill in ("x\n", "\u00e4", "\U0001f600"):
            b = self.bundle(annotations={**WORKLOAD, **{k: fill * 5000 for k in Texts.LONG}})
            _, seen = self.record(b=b)
            self.assertEqual((seen["SECCOMP_GUARD_ACTION"], seen["SECCOMP_GUARD_TRUNCATED"]), ("inject", "true"))
            self.assertTrue((fill * 5000).startswith(seen["SECCOMP_GUARD_IMAGE"]))

    def test_full(self):
        told, after = self.lost("journald")
        self.assertEqual(dict(journal_fields(told))["SECCOMP_GUARD_LOST"], "4")
        self.assertNotIn("SECCOMP_GUARD_LOST", dict(journal_fields(after)))


@guardtest.all_runtimes
@guardtest.needs_wrapper
@needs_private
class Unjudged(guardtest.Case):
    """No refusal without a record: what is wrong outside the container is told to the default sink, with what is known
    of the container."""

    def setUp(self):
        super().setUp()
        self.kept = os.path.join(self.tmp, "dev")
        self.state = os.path.join(self.tmp, "state")
        for path in (self.kept, self.state):
            os.mkdir(path)
        self.server = self.listen("syslog")
        self.b = self.bundle(annotations=WORKLOAD)
        self.before = self.b.snapshot()
        self.broken = self.file("broken.json", '{"mode": "enforce"')

    def listen(self, name):
        server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind(os.path.join(self.tmp, name))
        server.settimeout(60)
        return server

    def private(self, *lines):
        lines = lines or (private.link(os.path.join(self.tmp, "syslog"), "/dev/log"),)
        return private.prefix(private.own_dev(self.kept), "mkdir -p /run/seccomp-guard",
                              "mount --bind %s /run/seccomp-guard" % self.state, *lines)

    def guard(self, *args, policy=None, runtime=None, cwd=None):
        return guardtest.command([*self.private(), *self.runtime.prefix, guardtest.WRAPPER, "--guard-policy",
                                  policy or self.broken, "--guard-runtime", runtime or self.runtime.path, "--root", self.root,
                                  *args], cwd=cwd)

    def record(self):
        text = self.server.recv(MAX_DATAGRAM).decode()
        self.assertRegex(text, r"^<27>seccomp-guard\[\d+\]: \{")  # daemon.err
        record = json.loads(text[text.index("{"):])
        self.assertEqual((record["level"], record["action"]), ("error", "refuse"))
        return record

    def assertTold(self, done, reason, **wanted):
        record = self.record()
        wanted = {"reason": reason, "bundle": self.b.path, "engine": "containerd", "namespace": "shop", "pod": "web-0",
                  "container": "web", **wanted}
        self.assertEqual({k: record.get(k) for k in wanted}, wanted, record)
        self.assertRefused(done, record["msg"])
        self.assertUntouched(self.b, self.before)
        self.assertNothingLeft()
        return record

    def test_a_broken_policy(self):
        open_to_all = self.file("open.json", "{}", 0o666)
        os.mkdir(os.path.join(self.tmp, "empty"))
        for policy in (self.broken, open_to_all, os.path.join(self.tmp, "gone.json"), os.path.join(self.tmp, "empty")):
            for how in ("create", "run", "restore"):
                done = self.guard(how, "--bundle", self.b.path, "guardtest-x", policy=policy)
                record = self.assertTold(done, "policy", id="guardtest-x", stage=how)
                self.assertNotIn("mode", record)
                self.assertIn(policy, record["msg"])

    def test_a_missing_runtime(self):
        for runtime in ("/nowhere/runc", self.file("runc", "", 0o644), guardtest.WRAPPER):
            for policy in (self.policy(log={"to": "syslog"}), self.broken):
                done = self.guard("create", "--bundle", self.b.path, "guardtest-x", runtime=runtime, policy=policy)
                self.assertTold(done, "runtime", id="guardtest-x")

    def test_a_runtime_that_cannot_be_executed(self):
        done = self.guard("create", "--bundle", self.b.path, "guardtest-x", runtime=self.file("runc", "\x7fELF", 0o755),
                          policy=self.policy(log={"to": "syslog"}, mode="audit"))
        self.assertIn(b'"action":"would-inject"', self.server.recv(MAX_DATAGRAM))
        self.assertTold(done, "runtime", id="guardtest-x")

    def test_a_bundle_that_cannot_be_read(self):
        for bundle in (os.path.join(self.tmp, "gone"), self.file("file", "")):
            done = self.guard("create", "--bundle", bundle, "guardtest-x", policy=self.policy(log={"to": "syslog"}))
            record = self.record()
            self.assertEqual((record["reason"], record["id"], record["bundle"]), ("invalid", "guardtest-x", bundle))
            self.assertRefused(done, record["msg"])

    def test_an_option_that_nobody_knows(self):
        done = guardtest.command([*self.private(), guardtest.WRAPPER, "--guard-polcy", "x", "create", "guardtest-x"])
        self.assertRefused(done, self.record()["msg"])

    def test_the_bundle_is_absolute(self):
        for at, bundle in ((self.tmp, ["--bundle", os.path.basename(self.b.path)]), (self.b.path, []),
                           (self.b.path, ["--bundle", "."])):
            self.assertTold(self.guard("create", *bundle, "guardtest-x", cwd=at), "policy", id="guardtest-x")

    def test_what_starts_nothing_is_no_decision(self):
        self.guard("state", "guardtest-x")
        self.guard("list", runtime="/nowhere/runc")
        self.server.setblocking(False)
        self.assertRaises(BlockingIOError, self.server.recv, 1)

    def test_the_hook(self):
        hook = guardtest.HOOK
        for stage in ("prestart", "createRuntime"):
            for args, reason in ((["--policy", self.broken], "policy"), (["--nonsense"], "invalid")):
                b = self.bundle(annotations=WORKLOAD, hooks={stage: [
                    {"path": hook, "args": ["seccomp-guard-hook", "--stage", stage, *args]}]})
                cid = self.container_id()
                done = guardtest.command([*self.private(), *self.runtime.prefix, self.runtime.path, "--root", self.root, "run",
                                          "--bundle", b.path, cid])
                self.assertNotEqual(done.status, 0)
                self.assertNotIn(b"Seccomp", done.out)
                record = self.record()
                self.assertEqual((record["reason"], record["entry"]), (reason, "hook" if reason == "policy" else "filter"))
                if reason == "policy":
                    self.assertEqual((record["id"], record["bundle"], record["stage"], record["container"]),
                                     (cid, b.path, stage, "web"))
                self.assertNothingLeft()

    def test_the_filter(self):
        done = guardtest.command([*self.private(), guardtest.HOOK, "--policy", self.broken], stdin=self.b.read())
        record = self.record()
        self.assertRefused(done, record["msg"])
        self.assertEqual((record["entry"], record["reason"], record["container"]), ("filter", "policy", "web"))

    def test_the_journal_where_there_is_no_dev_log(self):
        self.server = self.listen("journal")
        prefix = self.private(private.directory("/run/systemd/journal"), "mkdir -p /run/seccomp-guard",
                              private.link(os.path.join(self.tmp, "journal"), "/run/systemd/journal/socket"))
        done = guardtest.command([*prefix, guardtest.WRAPPER, "--guard-policy", self.broken, "--guard-runtime",
                                  self.runtime.path, "create", "--bundle", self.b.path, "guardtest-x"])
        fields = dict(journal_fields(self.server.recv(MAX_DATAGRAM)))
        self.assertRefused(done, fields["MESSAGE"])
        self.assertEqual((fields["PRIORITY"], fields["CONTAINER_ID_FULL"], fields["SECCOMP_GUARD_REASON"]),
                         ("3", "guardtest-x", "policy"))


@guardtest.needs_wrapper
@guardtest.needs_root
class Lost(Faked):
    """Many decisions at the same time, whose records cannot be written."""
    TIMES = 320

    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.tmp, "state")
        os.mkdir(self.state, 0o755)
        self.gone = self.policy(log={"to": "file", "path": os.path.join(self.tmp, "gone", "log")})
        self.b = self.bundle(annotations=WORKLOAD, seccomp=guardtest.STRICT)

    def decide(self, *policies, at_a_time):
        """TIMES decisions by each of `policies`, `at_a_time` of them at once; what they said."""
        lines = ("%s\n" % policy for _ in range(self.TIMES) for policy in policies)
        done = guardtest.command([*guardtest.in_own_run(self.state), "xargs", "-P", str(at_a_time), "-I{}",
                                  guardtest.WRAPPER, "--guard-policy", "{}", "--guard-runtime", self.fake,
                                  "create", "--bundle", self.b.path, "ID"], stdin="".join(lines).encode(), timeout=300)
        self.assertStatus(done, 0)
        return [line for line in done.error.splitlines() if "seccomp-guard" in line]

    def told(self):
        return sum(r.get("lost", 0) for r in self.decisions())

    def one(self):
        self.assertStatus(self.create(self.b, prefix=guardtest.in_own_run(self.state)), 0)

    def test_all_are_counted_and_one_is_reported(self):
        for n, at_a_time in enumerate((1, 8, 64)):
            said = self.decide(self.gone, at_a_time=at_a_time)
            self.assertEqual(len(said), 1, said)
            self.assertIn("decision record lost", said[0])
            self.one()
            self.assertEqual(self.decisions()[-1]["lost"], self.TIMES)
            self.one()
            self.assertNotIn("lost", self.decisions()[-1])
            self.assertEqual(self.told(), (n + 1) * self.TIMES)

    def test_each_is_told_of_once(self):
        """Half of the records are written meanwhile, and tell of those that were lost by then."""
        self.decide(self.gone, self.policy(), at_a_time=64)
        self.one()
        self.assertEqual(self.told(), self.TIMES)
        self.assertEqual(len(self.decisions()), self.TIMES + 1)

    def test_the_count_was_removed(self):
        self.decide(self.gone, at_a_time=8)
        self.one()
        os.unlink(os.path.join(self.state, "records-lost"))
        self.one()
        self.assertNotIn("lost", self.decisions()[-1])
        done = self.create(self.b, policy=self.gone, prefix=guardtest.in_own_run(self.state))
        self.assertIn("decision record lost", done.error)
        self.one()
        self.assertEqual(self.decisions()[-1]["lost"], 1)

    def test_no_room_for_the_count(self):
        """The limit of file sizes does not end a start by its signal."""
        with open(os.path.join(self.state, "records-lost"), "wb") as f:
            f.write(bytes(8192))
        # The stand-in for the runtime prints its environment, into a file as well: it has to be small.
        done = self.create(self.b, policy=self.gone, prefix=[*guardtest.in_own_run(self.state), "env", "-i", "PATH=/usr/bin",
                                                             "prlimit", "--fsize=8192"])
        self.assertStatus(done, 0)
        self.assertIn("decision record lost", done.error)


@guardtest.needs_wrapper
class Texts(Faked):
    """A container's author cannot push out of its record what the record is there for."""

    FIRST = ("finding", "action", "reason", "mode", "rule", "profile")
    LONG = {"io.kubernetes.cri.sandbox-name": "p", "io.kubernetes.cri.container-name": "c",
            "io.kubernetes.cri.image-name": "i"}

    def start(self, fill, to=None, **keys):
        """The record of a container whose author has filled all that he can; `to`: the sink, if not a file."""
        annotations = {**WORKLOAD, **{k: v + fill * 5000 for k, v in self.LONG.items()},
                       "seccomp-guard/profile": "localhost/" + fill * 5000}
        keys.setdefault("annotations", {"honor": False})
        if to:
            keys["log"] = {"to": to}
        policy = self.policy(rules=[{"name": 'r"' + "r" * 50, "match": {}, "reason": "\\" * 900, "owner": '"' * 900}], **keys)
        done = self.create(self.bundle(annotations=annotations), policy=policy)
        return json.loads(done.err) if to == "stderr" else self.decisions()[-1]

    def test_nothing_is_pushed_out(self):
        for fill in ("x", '"', "\\", "\n", "\u0085", "\u00e4", "\U0001f600"):
            with self.subTest(fill=ascii(fill)):
                record = self.start(fill)
                self.assertEqual(tuple(record)[2:8], self.FIRST)
                self.assertEqual([record[k] for k in self.FIRST], ["absent", "inject", "annotation-not-honored", "enforce",
                                                                   'r"' + "r" * 50, "runtime/default"])
                self.assertIs(record["truncated"], True)
                for key in ("msg", "event", "entry", "stage", "id", "bundle", "engine", "flavor", "profile_sha256",
                            "injector", "duration_us", "namespace", "pod"):
                    self.assertIn(key, record)
                with open(self.records, encoding="utf-8") as f:
                    self.assertLessEqual(max(len(line.encode()) for line in f), 8192)

    def test_standard_error(self):
        """A pipe takes less at once than a record may have; a long one must not be lost for that."""
        for fill in ("x", '"', "\n"):
            record = self.start(fill, to="stderr")
            self.assertEqual([record[k] for k in self.FIRST[:3]], ["absent", "inject", "annotation-not-honored"])
            self.assertIs(record["truncated"], True)

    def test_the_profile_is_the_authors(self):
        """A name of a profile that is too long is cut and still there."""
        record = self.start('"', annotations={"honor": True})
        self.assertEqual([record[k] for k in ("finding", "action")], ["absent", "refuse"])
        self.assertIs(record["truncated"], True)

    def test_each_text_is_cut_as_it_is_written(self):
        record = self.start('"')
        with open(self.records, encoding="utf-8") as f:
            line = f.read().splitlines()[-1]
        for text in re.findall(r'"(?:[^"\\]|\\.)*"', line):
            self.assertLessEqual(len(text.encode()), 1024 + 2)
        self.assertTrue(record["pod"].endswith("..."))

    def test_what_is_whole_does_not_say_so(self):
        self.assertStatus(self.create(self.bundle(annotations=WORKLOAD)), 0)
        self.assertNotIn("truncated", self.decisions()[-1])


@guardtest.needs_wrapper
class Files(Faked):
    WRITERS, ROUNDS = 8, 25

    def many(self, policy, each=lambda n: None):
        """Start containers from several threads at once; all must start."""
        def work(n):
            b = self.bundle(annotations={**WORKLOAD, "io.kubernetes.cri.container-name": "c%d" % n,
                                         "seccomp-guard/profile.c%d" % n: "x" * 900})
            done = self.create(b, policy=policy)
            each(n)
            return done

        with concurrent.futures.ThreadPoolExecutor(self.WRITERS) as pool:
            for done in pool.map(work, range(self.WRITERS * self.ROUNDS)):
                self.assertEqual(done.err, b"", done)
                self.assertStatus(done, 0)

    def test_many_writers(self):
        self.many(self.policy(annotations={"honor": False}))
        seen = sorted(int(d["container"][1:]) for d in self.decisions())
        self.assertEqual(seen, list(range(self.WRITERS * self.ROUNDS)))

    def test_rotation(self):
        """The file is renamed while containers start: every record is in one of the two, whole."""
        def rotate(n):
            if n == self.WRITERS * self.ROUNDS // 2:
                os.rename(self.records, self.records + ".1")

        self.many(self.policy(annotations={"honor": False}), rotate)
        new = self.decisions()
        with open(self.records + ".1", encoding="utf-8") as f:
            old = [json.loads(line) for line in f]
        self.assertGreater(len(old), 0)
        self.assertGreater(len(new), 0)
        self.assertEqual(sorted(int(d["container"][1:]) for d in old + new), list(range(self.WRITERS * self.ROUNDS)))

    def test_not_for_everybody(self):
        self.assertStatus(self.create(self.bundle()), 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.records).st_mode) & 0o007, 0)


def read_counters(path):
    """What node_exporter takes from the file: {labels: value}. Strict in what Prometheus' parser is strict in."""
    with open(path, "rb") as f:
        raw = f.read()
    assert raw.endswith(b"\n")
    seen = {}
    for line in raw.decode("ascii").splitlines():
        if line.startswith("#") or not line:
            continue
        found = re.fullmatch(r'seccomp_guard_decisions_total\{((?:[a-z]+="[^"\\]*",?)+)\} +(\d+)', line)
        assert found, line
        labels = tuple(sorted(re.findall(r'([a-z]+)="([^"]*)"', found.group(1))))
        assert labels not in seen, line
        seen[labels] = int(found.group(2))
    return seen


@guardtest.needs_wrapper
class Counters(Faked):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.tmp, "seccomp_guard.prom")

    def counting(self, **keys):
        return self.policy(metrics=self.path, **keys)

    def test_labels(self):
        policy = self.counting(rules=[{"name": "audited", "match": {"namespace": ["shop"]}, "mode": "audit"}])
        for annotations, times in ((WORKLOAD, 3), (None, 2)):
            for _ in range(times):
                self.assertStatus(self.create(self.bundle(annotations=annotations), policy=policy), 0)
        self.assertStatus(self.create(self.bundle(seccomp=guardtest.STRICT), policy=policy), 0)
        self.assertStatus(self.create(self.bundle(raw=b"{"), policy=policy), 1)
        self.assertEqual({" ".join(v for _, v in labels): n for labels, n in read_counters(self.path).items()},
                         {"would-inject absent audit shop": 3, "inject absent enforce ": 2, "keep confined enforce ": 1,
                          "refuse invalid enforce ": 1})
        self.assertEqual([k for k, _ in next(iter(read_counters(self.path)))], ["action", "finding", "mode", "namespace"])

    def test_apply_and_filter_count_too(self):
        b = self.bundle()
        self.assertStatus(self.cli("apply", "--policy", self.counting(), b.path), 0)
        self.assertStatus(self.cli("apply", "--dry-run", "--policy", self.counting(), b.path), 0)
        self.assertStatus(self.cli("check", "--policy", self.counting(), b.path), 0)
        self.assertEqual(sum(read_counters(self.path).values()), 1)
        if guardtest.HOOK:
            self.assertStatus(guardtest.command([guardtest.HOOK, "--policy", self.counting()], stdin=b.read()), 0)
            self.assertEqual(sum(read_counters(self.path).values()), 2)

    def test_nothing_is_lost_between_many(self):
        policy = self.counting(log={"to": "none"})

        def work(n):
            b = self.bundle(annotations={**WORKLOAD, "io.kubernetes.cri.sandbox-namespace": "ns-%d" % (n % 7)})
            done = self.create(b, policy=policy)
            if os.path.exists(self.path):
                read_counters(self.path)
            return done

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for done in pool.map(work, range(210)):
                self.assertStatus(done, 0)
        self.assertEqual(sorted(read_counters(self.path).values()), [30] * 7)
        self.assertEqual(os.listdir(os.path.dirname(self.path)).count("seccomp_guard.prom"), 1)
        self.assertEqual([n for n in os.listdir(self.tmp) if n.startswith(".seccomp_guard")], [])

    def test_what_cannot_be_counted_is_recorded(self):
        """And does not stop a container."""
        os.makedirs(self.path)
        self.assertStatus(self.create(self.bundle(), policy=self.counting()), 0)
        self.assertIn(self.path, self.decisions()[-1]["metrics_error"])
        done = self.create(self.bundle(), policy=self.counting(log={"to": "none"}))
        self.assertStatus(done, 0)
        self.assertRegex(done.error, "^seccomp-guard: decision not counted: " + self.path)

    def test_full_disk(self):
        if private.reason():
            self.skipTest(private.reason())
        small = os.path.join(self.tmp, "small")
        os.mkdir(small)
        run = private.prefix("mount -t tmpfs -o size=16k tmpfs " + small)
        policy = self.policy(metrics=os.path.join(small, "x.prom"))
        done = self.create(self.bundle(), policy=policy, prefix=run)
        self.assertStatus(done, 0)
        self.assertIn("No space left on device", self.decisions()[-1]["metrics_error"])

    def test_names(self):
        for path in ("x.prom", "/x", "/x.prom.txt", ""):
            self.assertRefused(self.create(self.bundle(), policy=self.policy(metrics=path)), "policy")


if __name__ == "__main__":
    guardtest.main()
