#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hook of a runtime: containers that nobody but their createRuntime hook confines, and poststart that makes sure.

Runtimes run in a mount namespace in which /run/seccomp-guard is a directory of the test's own: counters, kill switch.
"""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import STRICT, WEAK, command  # noqa: E402

HOOK = guardtest.HOOK
# Without noNewPrivileges crun becomes the container's user under the filter.
KEPT = {**STRICT, "syscalls": [*STRICT["syscalls"], {"names": ["pselect6", "setresgid", "setresuid"],
                                                     "action": "SCMP_ACT_ALLOW"}]}



class HookCase(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.state_dir = os.path.join(self.tmp, "run")
        os.mkdir(self.state_dir, 0o755)

    def call(self, *args, **kwargs):
        return command(self.argv(*args), **kwargs)

    def argv(self, *args):
        return [*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, self.runtime.path, "--root", self.root, *args]

    def hooks(self, *stages, policy=None):
        """The hooks of a configuration, as hooks.d or a base specification brings them in.

        Without a timeout: crun (libcrun/utils.c) takes it for expired when the container ends at the same time.
        """
        policy = policy or self.policy()
        return {stage: [{"path": HOOK, "args": ["seccomp-guard-hook", "--policy", policy, "--stage", stage],
                         "env": []}] for stage in stages or ("createRuntime", "poststart")}

    def hooked(self, *stages, policy=None, change=None, raw=None, **kwargs):
        """A bundle with the hook at `stages`; `change` gets the configuration before it is written."""
        c = json.loads(raw) if raw else bundles.config(**kwargs)
        c["hooks"] = self.hooks(*stages, policy=policy)
        if change:
            change(c)
        return self.bundle(raw=bundles.encode(c))

    def start(self, b, **kwargs):
        return self.call("run", "--bundle", b.path, self.container_id(), **kwargs)

    def created(self, b):
        """create: (id, pid, file with the container's output)."""
        cid, out = self.container_id(), self.file("out", b"")
        with open(out, "wb") as f:
            status = subprocess.run(self.argv("create", "--bundle", b.path, cid), stdin=subprocess.DEVNULL, stdout=f,
                                    stderr=f, timeout=60, check=False).returncode
        with open(out, "rb") as f:
            self.assertEqual(status, 0, f.read())
        return cid, json.loads(self.call("state", cid).out)["pid"], out

    def wait_for(self, condition, what):
        if not guardtest.until(condition):
            self.fail("did not happen: " + what)

    def status_of(self, cid):
        return json.loads(self.call("state", cid).out)["status"]

    def assertActions(self, *actions):
        self.assertEqual([r["action"] for r in self.decisions()], list(actions), self.decisions())

    def assertStopped(self, done, *words):
        """The runtime gave up, the container said nothing, and nothing is left of it."""
        self.assertNotEqual(done.status, 0, done)
        self.assertNotIn(b"Seccomp=", done.out)
        for word in words:
            self.assertIn(word, done.error)
        self.assertNothingLeft()


def set_nnp(value):
    def change(c):
        c["process"]["noNewPrivileges"] = value
    return change


@guardtest.all_runtimes
class Confines(HookCase):
    def test_run(self):
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                seen = self.assertConfined(self.start(self.hooked(change=set_nnp(nnp))))
                self.assertEqual(seen["Seccomp_filters"], 1)
        self.assertActions("inject", "inject")
        self.assertNothingLeft()

    def test_prestart(self):
        self.assertConfined(self.start(self.hooked("prestart")))
        self.assertEqual(self.decisions()[-1]["stage"], "prestart")

    def test_create_and_start(self):
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                cid, pid, out = self.created(self.hooked(args=["/bin/probe", "pause"], change=set_nnp(nnp)))
                time.sleep(0.3)
                self.assertStatus(self.call("start", cid), 0)

                def said():
                    with open(out, "rb") as f:
                        return b"mkdirat=" in f.read()
                self.wait_for(said, "output")
                with open("/proc/%d/status" % pid, encoding="ascii") as f:
                    self.assertIn("Seccomp:\t2\n", f.read())
                with open(out, "rb") as f:
                    self.assertConfined(guardtest.runtimes.Done([], 0, f.read(), b""))
                self.assertStatus(self.call("delete", "--force", cid), 0)
        self.assertNothingLeft()

    def test_record(self):
        b = self.hooked()
        cid = self.container_id()
        self.assertConfined(self.call("run", "--bundle", b.path, cid))
        [record] = self.decisions()
        wanted = {"event": "decision", "entry": "hook", "stage": "createRuntime", "id": cid, "bundle": b.path,
                  "finding": "absent", "action": "inject", "mode": "enforce", "injector": "live", "exec": "unconfined",
                  "profile": "runtime/default", "flavor": "moby"}
        self.assertEqual({k: record.get(k) for k in wanted}, wanted)

    def test_exec_is_what_the_record_says(self):
        cid, _, _ = self.created(self.hooked(args=["/bin/probe", "pause"]))
        self.assertStatus(self.call("start", cid), 0)
        self.assertUnconfined(self.call("exec", cid, "/bin/probe"))
        self.assertEqual(self.decisions()[-1]["exec"], "unconfined")

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_injecting_costs_one_process_and_nothing_in_run(self):
        """No other program, no library, and nothing that a second start could find: the filter is made on the spot."""
        log = os.path.join(self.tmp, "strace")
        script = self.file("traced", "#!/bin/sh\nexec strace -o %s -e trace=process,file %s \"$@\"\n" % (log, HOOK), 0o755)

        def change(c):
            c["hooks"]["createRuntime"][0]["path"] = script
            c["hooks"].pop("poststart")
        self.assertConfined(self.start(self.hooked(change=change)))
        with open(log, encoding="utf-8") as f:
            calls = [line.split("(")[0] for line in f if "(" in line]
        self.assertEqual(calls.count("execve"), 1, calls)
        self.assertEqual(sum(calls.count(name) for name in ("fork", "vfork", "clone", "clone3")), 1, calls)
        with open(log, encoding="utf-8") as f:
            self.assertNotRegex(f.read(), "libseccomp|/cache")
        self.assertFalse(os.path.exists(os.path.join(self.state_dir, "cache")))

    def test_the_configuration_is_not_written(self):
        b = self.hooked()
        before = b.snapshot()
        self.assertConfined(self.start(b))
        self.assertUntouched(b, before)


@guardtest.crun_alone
class OtherConfiguration(HookCase):
    """crun --config FILE: the state names the bundle, whose config.json is not what runs."""

    def elsewhere(self, *stages, policy=None, **kwargs):
        b = self.hooked(*stages, policy=policy, **kwargs)
        other = self.file("other.json", b.read(), 0o644)
        # What the hook would find: a container that has a profile already.
        b.write(guardtest.bundles.encode(guardtest.bundles.config(seccomp=STRICT)))
        return b, other

    def test_refused_at_every_stage(self):
        for stage in ("createRuntime", "prestart", "poststart"):
            for option in (["--config", "%s"], ["-f", "%s"], ["-f%s"], ["--conf", "%s"], ["--confi=%s"], ["-f%s", "--debug"],
                           ["--preserve-fds", "0"] * 300 + ["--config", "%s"]):
                b, other = self.elsewhere(stage)
                done = self.call("run", *[o.replace("%s", other) for o in option], "--bundle", b.path, self.container_id())
                if stage != "poststart":
                    self.assertNotEqual(done.status, 0, done)
                    self.assertNotIn("Seccomp=", done.text)
                record = self.decisions()[-1]
                self.assertEqual((record["finding"], record["action"]), ("invalid", "refuse"), stage)
                self.assertIn("the configuration in the bundle, which this hook judges, is not", record["msg"])

    def test_recorded_in_audit(self):
        b, other = self.elsewhere("createRuntime", policy=self.policy(mode="audit"))
        self.assertUnconfined(self.call("run", "--config=" + other, "--bundle", b.path, self.container_id()))
        self.assertEqual(self.decisions()[-1]["action"], "would-refuse")

    def test_config_json_by_name_is_the_bundles(self):
        b = self.hooked("createRuntime")
        self.assertConfined(self.call("run", "--config", "config.json", "--bundle", b.path, self.container_id(), cwd=b.path))


@guardtest.all_runtimes
class Keeps(HookCase):
    def test_confined_by_the_runtime(self):
        """One filter, the runtime's own; poststart is content with it whenever the runtime loads it."""
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                seen = self.probed(self.start(self.hooked(seccomp=KEPT, change=set_nnp(nnp))))
                self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"]), (2, 1, 13))
                cid, _, _ = self.created(self.hooked(seccomp=KEPT, args=["/bin/probe", "pause"], change=set_nnp(nnp)))
                self.assertStatus(self.call("start", cid), 0)
                time.sleep(0.1)
                self.assertEqual(self.status_of(cid), "running")
        self.assertActions("keep", "keep", "keep", "keep")
        self.assertFalse([r for r in self.decisions() if "injector" in r or "exec" in r])

    def test_short_lives(self):
        """A container that is over before poststart has looked is no failure."""
        for _ in range(5):
            self.assertStatus(self.start(self.hooked(args=["/bin/probe", "true"])), 0)
            self.assertStatus(self.start(self.hooked(seccomp=STRICT, args=["/bin/probe", "true"])), 0)

    def test_short_lives_in_the_hosts_namespaces(self):
        """As the host's pid 1 does not reap it, it is a zombie when poststart looks."""
        def change(c):
            c["linux"]["namespaces"] = [{"type": "mount"}]
            c.pop("hostname", None)
        for _ in range(5):
            self.assertStatus(self.start(self.hooked(args=["/bin/probe", "true"], change=change)), 0)
            self.assertStatus(self.start(self.hooked("poststart", seccomp=STRICT, args=["/bin/probe", "true"],
                                                     change=change)), 0)
        self.assertEqual({r["action"] for r in self.decisions()}, {"inject"}, self.decisions())

    def test_weak(self):
        seen = self.probed(self.start(self.hooked(seccomp=WEAK)))
        self.assertEqual((seen["Seccomp_filters"], seen["mkdirat"], seen["unshare"]), (1, 95, 0))
        self.assertActions("keep")

    def test_weak_and_replace_makes_two(self):
        """The kernel stacks filters; what either denies is denied."""
        seen = self.probed(self.start(self.hooked(seccomp=WEAK, policy=self.policy(weak="replace"))))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"]), (2, 2))
        self.assertEqual((seen["mkdirat"], seen["unshare"], seen["uname"]), (95, 1, 0))
        self.assertEqual(self.decisions()[-1]["exec"], "weak")

    def test_privileged(self):
        caps = bundles.own_caps()
        if len(caps) < 37:
            self.skipTest("this root has only %d capabilities" % len(caps))
        raw = bundles.encode(bundles.privileged(caps=caps))
        self.assertUnconfined(self.start(self.hooked(raw=raw)))
        self.assertActions("exempt")
        seen = self.probed(self.start(self.hooked(raw=raw, policy=self.policy(privileged="enforce"))))
        self.assertEqual((seen["Seccomp"], seen["keyctl"]), (2, 1))

    def test_opt_out(self):
        self.assertUnconfined(self.start(self.hooked(annotations={"seccomp-guard/profile": "unconfined"})))
        self.assertActions("exempt")

    def test_kill_switch(self):
        with open(os.path.join(self.state_dir, "disable"), "wb"):
            pass
        self.assertUnconfined(self.start(self.hooked()))
        self.assertUnconfined(self.start(self.hooked("poststart")))
        self.assertEqual(self.decisions()[0]["reason"], "disabled")


@guardtest.all_runtimes
class Modes(HookCase):
    def test_complain(self):
        seen = self.probed(self.start(self.hooked(policy=self.policy(mode="complain"))))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"], seen["keyctl"]), (2, 1, 0, 95))
        self.assertActions("inject")
        self.assertEqual(self.decisions()[0]["mode"], "complain")

    def test_audit(self):
        self.assertUnconfined(self.start(self.hooked(policy=self.policy(mode="audit"))))
        self.assertActions("would-inject")
        self.assertNotIn("exec", self.decisions()[0])

    def test_deny(self):
        done = self.start(self.hooked(policy=self.policy(mode="deny")))
        self.assertStopped(done, *(["deny"] if self.runtime.name == "runc" else ["hook"]))
        self.assertActions("refuse")

    def test_hook_refuse(self):
        done = self.start(self.hooked(policy=self.policy(hook="refuse")))
        # crun does not quote what a hook writes to standard error.
        self.assertStopped(done, *(['\\"hook\\": \\"refuse\\"'] if self.runtime.name == "runc" else ["hook"]))
        self.assertActions("refuse")
        self.assertEqual(self.decisions()[0]["reason"], "hook")
        self.assertEqual(self.probed(self.start(self.hooked(seccomp=STRICT, policy=self.policy(hook="refuse"))))["unshare"],
                         13)

    def test_a_policy_that_cannot_be_read(self):
        done = self.start(self.hooked(policy=self.file("bad.json", '{"mod":"audit"}')))
        self.assertStopped(done, *(["bad.json"] if self.runtime.name == "runc" else ["hook"]))

    def test_registered_with_a_word_that_is_no_stage(self):
        def change(c):
            c["hooks"]["createRuntime"][0]["args"][-1] = "createruntime"
        done = self.start(self.hooked(change=change))
        self.assertStopped(done, *(["is no stage"] if self.runtime.name == "runc" else ["hook"]))
        self.assertActions("refuse")

    def test_registered_twice(self):
        """Two injectors cannot have the same init; that is a refusal, not a container with a filter or without."""
        self.assertStopped(self.start(self.hooked("prestart", "createRuntime")))
        last = self.decisions()[-1]
        self.assertEqual((last["action"], last["reason"]), ("refuse", "live"))


@guardtest.all_runtimes
class Poststart(HookCase):
    """createRuntime was left out, as when its file in hooks.d names a program that is gone."""

    def pause(self, **policy):
        return self.hooked("poststart", args=["/bin/probe", "pause"], policy=self.policy(**policy))

    def test_unconfined_is_killed(self):
        began = time.monotonic()
        done = self.start(self.pause())
        self.assertNotEqual(done.status, 0, done)
        self.assertLess(time.monotonic() - began, 20)
        if self.runtime.name == "runc":
            self.assertIn("has no seccomp filter", done.error)
        self.call("delete", "--force", os.listdir(self.root)[0] if os.path.isdir(self.root) and os.listdir(self.root)
                  else "none")
        self.assertNothingLeft()
        [record] = self.decisions()
        self.assertEqual((record["action"], record["reason"], record["stage"]), ("refuse", "not-confined", "poststart"))

    def test_a_filter_of_its_own_is_not_the_one_that_it_should_have(self):
        """What the runtime loads of an open or a weak profile, and nothing live beside it."""
        for seccomp, policy in (({"defaultAction": "SCMP_ACT_ALLOW"}, {}), (WEAK, {"weak": "replace"})):
            b = self.hooked("poststart", args=["/bin/probe", "pause"], seccomp=seccomp, policy=self.policy(**policy))
            done = self.start(b)
            self.assertNotEqual(done.status, 0, done)
            if self.runtime.name == "runc":
                self.assertIn("seccomp filters, and should have", done.error)
            for name in os.listdir(self.root) if os.path.isdir(self.root) else ():
                self.call("delete", "--force", name)
            self.assertNothingLeft()
            self.assertEqual(self.decisions()[-1]["reason"], "not-confined")

    def test_both_are_enough(self):
        for seccomp, policy in (({"defaultAction": "SCMP_ACT_ALLOW"}, {}), (WEAK, {"weak": "replace"})):
            for nnp in (False, True):
                b = self.hooked("createRuntime", "poststart", seccomp=seccomp, change=set_nnp(nnp),
                                policy=self.policy(**policy))
                seen = self.probed(self.start(b))
                self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"]), (2, 2, 1))

    def test_unconfined_is_killed_after_create_and_start(self):
        try:
            cid, pid, _ = self.created(self.pause())
        except AssertionError as e:
            # runc up to 1.3 calls poststart at the end of create.
            self.assertIn("has no seccomp filter", str(e))
            self.assertNothingLeft()
            return
        self.call("start", cid)
        self.wait_for(lambda: self.status_of(cid) == "stopped", "the container's end")
        self.assertEqual(self.decisions()[-1]["reason"], "not-confined")

    def test_audit_lets_it_run(self):
        cid, _, _ = self.created(self.pause(mode="audit"))
        self.assertStatus(self.call("start", cid), 0)
        time.sleep(0.1)
        self.assertEqual(self.status_of(cid), "running")
        self.assertActions()

    def test_confined_runs(self):
        self.assertEqual(self.probed(self.start(self.hooked("poststart", seccomp=STRICT)))["unshare"], 13)
        self.assertActions()


class Direct(HookCase):
    """The program alone, with states that a runtime would not hand to it."""

    def hook(self, state, *options, **kwargs):
        if not isinstance(state, bytes):
            state = json.dumps(state).encode()
        return command([HOOK, "--policy", self.policy(), *options], stdin=state, **kwargs)

    def state(self, **keys):
        if "bundle" not in keys:
            keys["bundle"] = self.bundle().path
        s = {"ociVersion": "1.0.2", "id": "direct", "status": "creating", "pid": os.getpid(), **keys}
        return {k: v for k, v in s.items() if v is not None}

    def failed(self, state, *words, options=(("--stage", "createRuntime"), ("--stage", "poststart"))):
        for option in options:
            with self.subTest(options=option):
                self.assertRefused(self.hook(state, *option), *words)


@guardtest.needs_root
class BadStates(Direct):
    def test_not_json(self):
        for text in (b"", b"x", b"{", b'{"id":"x","status":"creating","pid":1} x', b"[]", b"null", b"\0"):
            self.failed(text, "no OCI state")

    def test_wrong_types(self):
        for key, value in (("pid", "1"), ("pid", -1), ("pid", 1.5), ("pid", 1 << 32), ("status", 1), ("bundle", [])):
            self.failed(self.state(**{key: value}), "no OCI state", key)

    def test_a_configuration_is_no_state(self):
        self.failed(bundles.encode(bundles.config()), "no OCI state")

    def test_no_pid(self):
        for pid in (None, 0):
            self.failed(self.state(pid=pid), "pid")

    def test_dead(self):
        child = subprocess.Popen(["/bin/true"])
        child.wait()
        self.failed(self.state(pid=child.pid), str(child.pid), options=((), ("--stage", "createRuntime")))
        # A container may be over when poststart looks.
        self.assertStatus(self.hook(self.state(pid=child.pid), "--stage", "poststart"), 0)

    def test_zombie(self):
        child = subprocess.Popen(["/bin/true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.failed(self.state(pid=child.pid), str(child.pid), options=((), ("--stage", "createRuntime")))
        # Ended is not unknown: nothing runs that could lack a filter.
        self.assertStatus(self.hook(self.state(pid=child.pid), "--stage", "poststart"), 0)
        child.wait()
        self.assertEqual({r["action"] for r in self.decisions()}, {"refuse"})

    def test_bundle(self):
        gone = os.path.join(self.tmp, "gone")
        self.failed(self.state(bundle=gone), gone, options=((), ("--stage", "createRuntime")))
        self.failed(self.state(bundle=gone), options=(("--stage", "poststart"),))
        self.failed(self.state(bundle=None), "bundle")
        self.failed(self.state(bundle="."), "bundle")
        self.failed(self.state(bundle=""), "bundle")

    def test_unknown_status(self):
        for status in (None, "", "paused", "Creating", "starting"):
            self.failed(self.state(status=status), "status", options=((),))

    def assertUnharmed(self, pid):
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            text = f.read()
        self.assertIn("TracerPid:\t0\n", text)
        self.assertNotIn("State:\tZ", text)
        self.assertNotIn("State:\tT", text)
        self.assertNotIn("State:\tt", text)

    def test_other_processes_are_not_touched(self):
        with subprocess.Popen(["/bin/sleep", "60"]) as sleep:
            for pid in (sleep.pid, 1, os.getpid()):
                with self.subTest(pid=pid):
                    self.failed(self.state(pid=pid), str(pid))
                    self.failed(self.state(pid=pid, bundle="/nonexistent"))
                    self.assertUnharmed(pid)
            self.assertIsNone(sleep.poll())
            os.kill(sleep.pid, signal.SIGKILL)

    def test_a_container_of_others_is_not_touched(self):
        """In namespaces of its own and started long ago: no init that waits in a create."""
        with subprocess.Popen(["unshare", "-m", "sh", "-c", "echo; exec sleep 60"], stdout=subprocess.PIPE) as sleep:
            sleep.stdout.readline()
            self.failed(self.state(pid=sleep.pid), str(sleep.pid), options=((), ("--stage", "createRuntime")))
            self.assertUnharmed(sleep.pid)
            os.kill(sleep.pid, signal.SIGKILL)

    def test_a_forked_child_of_ours_is_not_touched(self):
        pid = os.fork()
        if pid == 0:
            signal.pause()
            os._exit(0)
        try:
            self.failed(self.state(pid=pid), str(pid))
            self.assertUnharmed(pid)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


class Stages(Direct):
    def test_the_others_do_nothing(self):
        gone = self.state(pid=0, bundle="/nonexistent")
        for stage in ("poststop", "createContainer", "startContainer"):
            for state in (gone, self.state(pid=None), b"", b"x"):
                done = self.hook(state, "--stage", stage)
                self.assertStatus(done, 0)
                self.assertEqual((done.out, done.err), (b"", b""))
            # Nor does a policy matter that nobody can read.
            done = command([HOOK, "--policy", "/nonexistent", "--stage", stage], stdin=json.dumps(gone).encode())
            self.assertStatus(done, 0)
        self.assertActions()

    def test_a_word_that_is_no_stage(self):
        """A hook that is registered with a mistake confines nothing, and must not look as if it did."""
        state, raw = self.state(), bundles.encode(bundles.config(seccomp=STRICT))
        words = ("createruntime", "CreateRuntime", "create-runtime", "postStart", "precreate ", "unknown", "", "\x1b[2J")
        for word in words:
            for document in (state, raw, b"", b"x"):
                self.assertRefused(self.hook(document, "--stage", word), "--stage", "createRuntime", "precreate")
        self.assertEqual(len(self.decisions()), len(words) * 4)
        for record in self.decisions():
            self.assertEqual((record["action"], record["reason"], record["level"]), ("refuse", "invalid", "error"))
            self.assertIn("is no stage", record["msg"])
        self.assertEqual((self.decisions()[0]["id"], self.decisions()[0]["bundle"]), ("direct", state["bundle"]))

    def test_a_word_that_is_no_stage_in_audit(self):
        """Audit keeps nothing from starting; a configuration goes on as it was."""
        raw = bundles.encode(bundles.config())
        for document, out in ((self.state(), b""), (raw, raw)):
            done = command([HOOK, "--policy", self.policy(mode="audit"), "--stage", "createruntime"],
                           stdin=document if isinstance(document, bytes) else json.dumps(document).encode())
            self.assertStatus(done, 0)
            self.assertEqual(done.out, out)
        self.assertActions("would-refuse", "would-refuse")

    def test_precreate_has_no_state(self):
        self.assertRefused(self.hook(self.state(), "--stage", "precreate"), "OCI state", "precreate")
        self.assertActions("refuse")

    def test_stopped_is_poststop(self):
        for pid in (0, None):
            self.assertStatus(self.hook(self.state(status="stopped", pid=pid)), 0)
        self.assertActions()

    def test_precreate_is_the_filter(self):
        raw = bundles.encode(bundles.config())
        done = self.hook(raw, "--stage", "precreate")
        self.assertStatus(done, 0)
        self.assertIn(b'"seccomp"', done.out)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_confined_costs_no_process(self):
        """Neither a fork nor another program, nor libseccomp."""
        state = json.dumps(self.state(bundle=self.bundle(seccomp=STRICT).path)).encode()
        for program in (HOOK,):
            log = os.path.join(self.tmp, "strace")
            done = command(["strace", "-f", "-o", log, "-e", "trace=fork,vfork,clone,clone3,execve,execveat,ptrace,openat",
                            program, "--policy", self.policy(), "--stage", "createRuntime"], stdin=state)
            self.assertStatus(done, 0)
            with open(log, encoding="utf-8") as f:
                calls = [line.split(" ", 1)[1].strip() for line in f if "(" in line]
            self.assertEqual([c for c in calls if not c.startswith("openat")], [c for c in calls if c.startswith("execve(")])
            self.assertEqual(len([c for c in calls if c.startswith("execve(")]), 1, calls)
            self.assertFalse([c for c in calls if "libseccomp" in c], calls)
        self.assertEqual({r["action"] for r in self.decisions()}, {"keep"})


@guardtest.all_runtimes
@guardtest.needs_wrapper
class BehindTheWrapper(HookCase):
    """One container, one decision: with the wrapper and the hooks both there, one of them keeps the record."""

    def wrapped(self, b, policy):
        return command([*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, guardtest.WRAPPER, "--guard-policy", policy,
                        "--guard-runtime", self.runtime.path, "--root", self.root, "run", "--bundle", b.path,
                        self.container_id()])

    def assertOnce(self, action, policy, expected, **kwargs):
        b = self.hooked(policy=policy, **kwargs)
        before = len(self.decisions())
        self.assertEqual(self.probed(self.wrapped(b, policy))["Seccomp"], expected)
        self.assertEqual([(r["entry"], r["action"]) for r in self.decisions()[before:]], [("wrapper", action)])

    def test_one_record(self):
        for keys, action, seccomp, kwargs in (
                ({}, "inject", 2, {}), ({"mode": "complain"}, "inject", 2, {}),
                ({"mode": "audit"}, "would-inject", 0, {}), ({}, "keep", 2, {"seccomp": KEPT}),
                ({"mode": "deny"}, "keep", 2, {"seccomp": KEPT}), ({"weak": "replace"}, "inject", 2, {"seccomp": WEAK}),
                ({"tighten": ["keyctl"]}, "inject", 2, {"seccomp": WEAK}),
                ({}, "exempt", 0, {"annotations": {"seccomp-guard/profile": "unconfined"}})):
            self.assertOnce(action, self.policy(metrics=os.path.join(self.tmp, "m.prom"), **keys), seccomp, **kwargs)
        with open(os.path.join(self.tmp, "m.prom"), encoding="utf-8") as f:
            counted = [float(line.split()[-1]) for line in f if line.startswith("seccomp_guard_decisions_total{")]
        self.assertEqual(sum(counted), 8)

    def test_a_failure_is_recorded(self):
        """The second one is not content with what the first did."""
        b = self.hooked(policy=self.policy(mode="deny"))
        done = self.wrapped(b, self.policy(mode="audit"))
        self.assertNotEqual(done.status, 0)
        self.assertNotIn(b"Seccomp", done.out)
        self.assertEqual([(r["entry"], r["action"]) for r in self.decisions()], [("wrapper", "would-inject"), ("hook", "refuse")])

    def test_the_second_confines_what_the_first_did_not(self):
        b = self.hooked(policy=self.policy())
        self.assertConfined(self.wrapped(b, self.policy(mode="audit")))
        self.assertEqual([(r["entry"], r["action"], r.get("injector")) for r in self.decisions()],
                         [("wrapper", "would-inject", None), ("hook", "inject", "live")])

    def test_without_the_wrapper_the_hook_keeps_it(self):
        for kwargs in ({}, {"seccomp": KEPT}):
            self.start(self.hooked(policy=self.policy(), **kwargs))
        self.assertEqual([(r["entry"], r["action"]) for r in self.decisions()], [("hook", "inject"), ("hook", "keep")])


class InAUserNamespace(HookCase):
    """With linux.devices and a new user namespace crun tells hooks that the bundle is "/"."""

    runtime = guardtest.RUNTIMES["crun"]

    def setUp(self):
        super().setUp()
        reason = self.runtime.reason(guardtest.PROBE)
        if reason:
            self.skipTest(reason)

    @staticmethod
    def with_devices(c):
        c["linux"]["namespaces"].append({"type": "user"})
        for ids in ("uidMappings", "gidMappings"):
            c["linux"][ids] = [{"containerID": 0, "hostID": 0, "size": 1000}]
        c["linux"]["devices"] = [{"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666, "uid": 0,
                                  "gid": 0}]

    def test_the_bundle_is_found(self):
        b = self.hooked(change=self.with_devices)
        self.assertConfined(self.start(b))
        self.assertEqual([(r["action"], r["injector"], r["bundle"]) for r in self.decisions()], [("inject", "live", b.path)])
        self.assertUnconfined(self.start(self.hooked(change=self.with_devices, annotations={
            "seccomp-guard/profile": "unconfined"})))

    def test_where_it_cannot_be_found_it_is_said(self):
        b = self.hooked(change=self.with_devices)
        done = self.call("run", self.container_id(), cwd=b.path)
        self.assertNotEqual(done.status, 0)
        self.assertNotIn(b"Seccomp", done.out)
        record = self.decisions()[-1]
        self.assertEqual((record["action"], record["reason"]), ("refuse", "invalid"))
        self.assertIn("call it with --bundle and an absolute path", record["msg"])

    def test_another_containers_command_line_is_not_believed(self):
        b = self.hooked(change=self.with_devices)
        state = json.dumps({"ociVersion": "1.0", "id": "x", "status": "created", "pid": os.getpid(), "bundle": "/"})
        for line in ("create --bundle %s other" % b.path, "delete x", "run -b rel x", "run --bundle %s --config c x" % b.path):
            # The parent of the hook is a shell with that command line.
            done = command(["sh", "-c", '"$0" --policy "$GP" --stage createRuntime; exit $?', HOOK, *line.split()],
                           stdin=state.encode(), env=dict(os.environ, GP=self.policy()))
            self.assertStatus(done, 1)
            self.assertIn("does not help", done.error)


@guardtest.all_runtimes
class Reasons(HookCase):
    def test_where_the_documentation_says_that_they_are(self):
        """runc shows what a hook says; crun writes it to the file that an annotation names."""
        said = os.path.join(self.tmp, "said")
        done = self.start(self.hooked("createRuntime", policy=self.policy(mode="deny"),
                                      annotations={"run.oci.hooks.stderr": said}))
        self.assertNotEqual(done.status, 0)
        shown = done.error
        if self.runtime.name == "crun":
            self.assertNotIn("seccomp-guard: container", shown)
            with open(said, encoding="utf-8") as f:
                shown = f.read()
        self.assertRegex(shown, "seccomp-guard: container guardtest-[^ ]* refused: .*no seccomp profile.*; give it one: ")
        self.assertEqual(self.decisions()[-1]["msg"][:40], shown[shown.index("container guardtest"):][:40])


if __name__ == "__main__":
    guardtest.main()
