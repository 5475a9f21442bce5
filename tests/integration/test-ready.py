#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
""""filter": "ready": crun is handed the program beside the profile; what the kernel has of it; and what nobody may smuggle in
by the annotation."""

import base64
import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import ABSENT, STRICT, WEAK, command  # noqa: E402

KEY = "run.oci.seccomp_bpf_data"
DUMP = guardtest.program("filter-dump")
# What a crun has in its file: how it asks for the annotation, and what its --version says.
READS, LOADS = KEY.encode(), b"\0+SECCOMP \0"


def conditions(n):
    """With so many on one call: of 1000, on three ABIs, no program of 4096 instructions comes."""
    rules = [{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": i << 32 | i, "op": "SCMP_CMP_EQ"}]}
             for i in range(1, n + 1)]
    return {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            "syscalls": [{"names": STRICT["syscalls"][0]["names"], "action": "SCMP_ACT_ALLOW"}, *rules]}


def annotations(b):
    return json.loads(b.read()).get("annotations")


def read(pid, what):
    with open("/proc/%d/%s" % (pid, what), encoding="ascii") as f:
        return f.read()


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.needs_cli
class Real(guardtest.Case):
    """Under crun it is its filter; runc does not know the annotation, and is not given it."""

    def prepare(self, b, change):
        c = json.loads(b.read())
        change(c)
        b.write(guardtest.bundles.encode(c))

    def filter_of(self, pid):
        done = command([DUMP, str(pid)])
        if b"Permission denied" in done.err or b"Input/output error" in done.err:
            self.skipTest("the kernel does not give filters back: " + done.error)
        self.assertStatus(done, 0)
        return done.out

    def life(self, change=lambda c: None, **keys):
        """A container from create to delete; what the kernel has of init's filter and of a later process'."""
        b = self.bundle(args=["/bin/probe", "pause"])
        self.prepare(b, change)
        name, files = self.container_id(), [os.path.join(self.tmp, n) for n in ("pid", "pid-exec")]
        subprocess.run(self.guarded_argv("create", "--bundle", b.path, "--pid-file", files[0], name,
                                         policy=self.policy(filter="ready", **keys)),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60, check=True)
        self.assertStatus(self.guarded("start", name), 0)
        if self.runtime.name == "crun":
            self.assertStatus(self.call("update", "--pids-limit", "50", name), 0)
        self.assertStatus(self.guarded("exec", "--detach", "--pid-file", files[1], name, "/bin/probe", "pause"), 0)
        pids = [int(open(path, encoding="ascii").read()) for path in files]
        filters = []
        for pid in pids:
            self.assertTrue(guardtest.until(lambda pid=pid: read(pid, "comm") == "probe\n" and "Seccomp:\t2\n" in read(pid, "status")))
            self.assertIn("Seccomp_filters:\t1\n", read(pid, "status"))
            filters.append(self.filter_of(pid))
        self.assertStatus(self.call("delete", "--force", name), 0)
        return b, filters

    def assertProgram(self, b, filters):
        if self.runtime.name == "runc":
            self.assertIsNone(annotations(b))
            self.assertNotIn("filter", self.decisions()[-1])
            return
        program = base64.b64decode(annotations(b)[KEY], validate=True)
        self.assertEqual([len(f) for f in filters], [len(program)] * 2)
        self.assertEqual(filters, [program] * 2)
        self.assertEqual(self.decisions()[-1]["filter"], "ready")

    def test_the_kernel_has_what_was_put_in(self):
        b, filters = self.life()
        self.assertProgram(b, filters)

    def test_without_no_new_privileges(self):
        def change(c):
            c["process"]["noNewPrivileges"] = False
        self.assertProgram(*self.life(change))

    def test_a_user_namespace(self):
        def change(c):
            c["linux"]["namespaces"].append({"type": "user"})
            c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 0, "size": 1}]
        self.assertProgram(*self.life(change))

    def test_denials_that_are_logged(self):
        """Flags are taken from the profile beside it."""
        b, filters = self.life(denials="log")
        self.assertProgram(b, filters)
        if self.runtime.name == "crun":
            self.assertEqual(b.seccomp()["flags"], ["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG"])

    def test_calls_are_denied(self):
        for annotated in (None, {}, {"a": "b"}):
            b = self.bundle(annotations=annotated)
            self.assertConfined(self.run_guarded(b, policy=self.policy(filter="ready")))
            self.assertEqual(KEY in (annotations(b) or {}), self.runtime.name == "crun")
            self.assertEqual({k: v for k, v in (annotations(b) or {}).items() if k != KEY}, annotated or {})

    def test_complain(self):
        seen = self.probed(self.run_guarded(self.bundle(), policy=self.policy(filter="ready", mode="complain")))
        self.assertEqual((seen["Seccomp"], seen["unshare"]), (2, 0))

    def test_without_root(self):
        """In a user namespace of the caller's own, which is how engines without root call a runtime."""
        def change(c):
            c["linux"]["namespaces"].append({"type": "user"})
            c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 0, "size": 1}]
            c["linux"]["resources"] = {}
            c["mounts"] = c["mounts"][:1]
            c["linux"]["maskedPaths"], c["linux"]["readonlyPaths"] = [], []
        b = self.bundle()
        self.prepare(b, change)
        if private.reason():
            self.skipTest(private.reason())
        # A policy of the caller's choice counts for the host's root alone.
        directory = guardtest.usual_directory()
        own = private.prefix(private.directory(directory), "cp %s %s/policy.json" % (self.policy(filter="ready"), directory))
        argv = self.guarded_argv("run", "--bundle", b.path, self.container_id())
        if self.runtime.name == "crun":
            at = argv.index("--root")
            argv[at:at] = ["--cgroup-manager=disabled"]
        n = len(self.runtime.prefix)
        self.assertConfined(command([*argv[:n], *own, "unshare", "-r", *argv[n:]]))
        self.assertEqual(KEY in (annotations(b) or {}), self.runtime.name == "crun")

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_our_own_hook_behind_it(self):
        """It sees a confined container at both stages, and records nothing more."""
        policy = self.policy(filter="ready")
        hooks = {stage: [{"path": guardtest.HOOK, "args": ["seccomp-guard-hook", "--policy", policy, "--stage", stage], "env": []}]
                 for stage in ("createRuntime", "poststart")}
        b = self.bundle(hooks=hooks)
        seen = self.assertConfined(self.run_guarded(b, policy=policy))
        self.assertEqual(seen["Seccomp_filters"], 1)
        self.assertEqual([r["entry"] for r in self.decisions()], ["wrapper"])

    def test_a_program_that_the_kernel_refuses(self):
        """crun starts nothing then; runc knows no such annotation. A jump out of the program."""
        bad = base64.b64encode(struct.pack("=HBBIHBBI", 0x15, 9, 9, 0, 6, 0, 0, 0x7FFF0000)).decode()
        done = self.call("run", "--bundle", self.bundle(annotations={KEY: bad}).path, self.container_id())
        if self.runtime.name == "runc":
            self.assertStatus(done, 0)
            return
        self.assertNotEqual(done.status, 0)
        self.assertNotIn("Seccomp", done.text)
        self.assertIn("Invalid argument", done.error)

    @guardtest.needs_hook
    def test_a_strangers_program_is_killed_at_poststart(self):
        """Put in behind the wrapper's back: nothing of the container's own runs on."""
        policy = self.policy(filter="ready")
        b = self.bundle(args=["/bin/probe", "pause"], annotations={KEY: "BgAAAAAA/38="}, hooks={"poststart": [{
            "path": guardtest.HOOK, "args": ["seccomp-guard-hook", "--policy", policy, "--stage", "poststart"], "env": []}]})
        self.assertNotEqual(self.call("run", "--bundle", b.path, self.container_id()).status, 0)
        self.assertEqual(self.decisions()[-1]["reason"], "not-confined")


@guardtest.needs_wrapper
@guardtest.needs_cli
class Seen(Faked):
    """What is written, for whom, and what a second look makes of it."""

    family = "crun"

    def setUp(self):
        super().setUp()
        self.pretend(READS + LOADS)

    def pretend(self, text):
        """The runtime is a program with this text behind it."""
        with open(guardtest.FAKE, "rb") as f, open(self.fake, "wb") as out:
            out.write(f.read() + text)

    def ready(self, seccomp=ABSENT, **keys):
        b = self.bundle(seccomp=seccomp)
        self.assertStatus(self.create(b, policy=self.policy(filter="ready", **keys)), 0)
        return b

    def test_off_by_default(self):
        b = self.bundle()
        self.assertStatus(self.create(b), 0)
        self.assertIsNone(annotations(b))

    def test_only_what_is_injected_gets_one(self):
        for seccomp in (STRICT, WEAK):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            self.assertStatus(self.create(b, policy=self.policy(filter="ready")), 0)
            self.assertUntouched(b, before)

    def test_a_runtime_that_does_not_read_it(self):
        """A script, or a runtime of the same name: the profile counts there, and the annotation would be noise."""
        self.pretend(b"")
        self.assertIsNone(annotations(self.ready()))
        self.assertNotIn("filter", self.decisions()[-1])

    def test_a_crun_without_seccomp(self):
        self.pretend(READS)
        b = self.bundle()
        before = b.snapshot()
        self.assertRefused(self.create(b, policy=self.policy(filter="ready")), "built without seccomp", "+SECCOMP", self.fake)
        self.assertEqual(self.decisions()[-1]["reason"], "runtime")
        self.assertUntouched(b, before)

    def test_by_a_rule(self):
        rule = [{"name": "r", "match": {"engine": ["podman"]}, "filter": "ready"}]
        b = self.bundle()
        self.assertStatus(self.create(b, policy=self.policy(rules=rule)), 0)
        self.assertIsNone(annotations(b))
        b = self.bundle(annotations={"io.container.manager": "libpod"})
        self.assertStatus(self.create(b, policy=self.policy(rules=rule)), 0)
        self.assertIn(KEY, annotations(b))

    def test_a_profile_that_is_too_large(self):
        b = self.bundle()
        before = b.snapshot()
        path = self.file("large.json", json.dumps(conditions(1000)))
        self.assertRefused(self.create(b, policy=self.policy(filter="ready", profile=path)), "4096 instructions", '"filter": "ready"')
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions()[-1]["reason"], "profile")

    def test_work_is_bounded(self):
        """A profile beside the annotation is somebody's own: of one with too many conditions no program is made."""
        b = self.ready(profile=self.file("many.json", json.dumps(conditions(1025))))
        self.assertIsNone(annotations(b))
        self.assertIn(KEY, annotations(self.ready(profile=self.file("some.json", json.dumps(conditions(500))))))

    def test_an_agent_needs_the_runtime(self):
        """A listener is the runtime's business: there is no program then."""
        path = self.file("n.json", json.dumps({**STRICT, "listenerPath": "/run/agent", "syscalls": STRICT["syscalls"] + [
            {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]}))
        b = self.ready(profile=path, listeners=["/run/agent"])
        self.assertIsNone(annotations(b))
        self.assertEqual(b.seccomp()["listenerPath"], "/run/agent")

    def test_a_second_look_keeps(self):
        for keys in ({}, {"mode": "complain"}, {"denials": "log"}, {"tighten": ["bpf"]}):
            b = self.ready(**keys)
            before = b.snapshot()
            self.assertStatus(self.create(b, policy=self.policy(filter="ready", **keys)), 0)
            self.assertUntouched(b, before)
            done, lines = self.check("--policy", self.policy(**keys), b.path)
            self.assertStatus(done, 0)
            self.assertEqual(lines[0]["action"], "keep")
            if not keys:
                self.assertStatus(self.cli("explain", b.path, "mount"), 0)

    def test_any_other_program_is_foreign(self):
        """Another byte, a longer text of the same program, white space that crun passes over: not what we make."""
        b = self.ready()
        c = json.loads(b.read())
        program = c["annotations"][KEY]
        raw = base64.b64decode(program)
        others = [base64.b64encode(raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1:]).decode() for n in (0, 1, 2, 3, 4, 7, len(raw) - 1)]
        others += [program + "AAAA", "AAAA" + program, program[:-4], program + "\n", " " + program, program + "=", "",
                   base64.b64encode(raw + raw[-8:]).decode()]
        for other in others:
            c["annotations"][KEY] = other
            b.write(guardtest.bundles.encode(c))
            self.assertRefused(self.create(b, policy=self.policy(filter="ready")), KEY, "cannot be judged")
            self.assertStatus(self.cli("explain", b.path, "mount"), 2)
        # The program is one thing, the profile beside it another.
        c["annotations"][KEY] = program
        c["linux"]["seccomp"] = STRICT
        b.write(guardtest.bundles.encode(c))
        self.assertRefused(self.create(b, policy=self.policy(filter="ready")), KEY, "cannot be judged")
        del c["linux"]["seccomp"]
        b.write(guardtest.bundles.encode(c))
        self.assertRefused(self.create(b, policy=self.policy(filter="ready")), KEY, "cannot be judged")

    def test_other_foreign_filters_stay_foreign(self):
        b = self.ready()
        c = json.loads(b.read())
        c["annotations"]["run.oci.seccomp.plugins"] = "x"
        b.write(guardtest.bundles.encode(c))
        self.assertRefused(self.create(b, policy=self.policy(filter="ready")), "run.oci.seccomp.plugins", "cannot be judged")

    def test_a_program_that_would_stay(self):
        """Where another profile is wanted, the old program would win: refused, and told what to do."""
        b = self.ready()
        before = b.snapshot()
        for keys in ({"tighten": ["ptrace"]}, {"mode": "deny", "tighten": ["ptrace"]}):
            self.assertRefused(self.create(b, policy=self.policy(**keys)), KEY, "another profile")
            self.assertUntouched(b, before)
            self.assertEqual(self.decisions()[-1]["finding"], "foreign")
        done, lines = self.check("--policy", self.policy(mode="audit", tighten=["ptrace"]), b.path)
        self.assertEqual(lines[0]["action"], "would-refuse", done)

    def test_a_weak_profile_with_its_program(self):
        """Anybody can have that made by us: it is judged as the profile is."""
        b = self.ready(mode="complain")
        done, lines = self.check("--policy", self.policy(), b.path)
        self.assertEqual((lines[0]["finding"], lines[0]["action"]), ("weak", "keep"), done)
        self.assertRefused(self.create(b, policy=self.policy(weak="replace")), KEY, "another profile")

    def test_the_policy_is_explained(self):
        b = self.bundle()
        done = self.cli("policy", "explain", "--policy", self.policy(filter="ready"), b.path)
        self.assertIn("filter: ready-made", done.text)
        done = self.cli("policy", "show", "--policy", self.policy(filter="ready"))
        self.assertRegex(done.text, r'"filter":\s*"ready"')


if __name__ == "__main__":
    guardtest.main()
