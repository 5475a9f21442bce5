#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard confine: containers that run get a filter, all of their processes, and lose nothing by it."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import command  # noqa: E402

BLOCKED = guardtest.program("blocked")

# 75 tells whose denial it is. vfork's parent, and what nothing but the kernel's own rules cuts short, see test-inject.py.
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75}],
           "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


# What a group is called in /proc/PID/cgroup, where its freezer is, and what that says of one that runs.
FREEZERS = {"freezer": [("/sys/fs/cgroup/freezer%s/freezer.state", "THAWED")],
            "": [("/sys/fs/cgroup/unified%s/cgroup.freeze", "0"), ("/sys/fs/cgroup%s/cgroup.freeze", "0")]}


class ConfineCase(guardtest.Case):
    """A system of its own below self.node, so that the other containers of this machine are not touched."""

    def setUp(self):
        super().setUp()
        if not guardtest.live():
            self.skipTest("built without live injection")
        if not BLOCKED:
            self.skipTest("tests/helpers/blocked was not built")
        self.node = os.path.join(self.tmp, "node")
        self.root = os.path.join(self.node, "run", self.runtime.name)
        os.makedirs(self.root)
        os.makedirs(os.path.dirname(self.node + self.tmp))
        os.symlink(self.tmp, self.node + self.tmp)
        self.profile = self.file("profile.json", json.dumps(PROFILE))
        self.started = {}

    def start(self, *args, privileges=None, group=None, **kwargs):
        """A container of blocked.c, or of probe, that is ready; its identifier."""
        program = args[0] if args else "probe"
        c = bundles.config(args=["/bin/" + program, *(args[1:] if args else ["pause"])], **kwargs)
        if privileges is not None:
            c["process"]["noNewPrivileges"] = privileges
        if group is not None:
            c["linux"]["cgroupsPath"] = group
        b, name = self.bundle(raw=bundles.encode(c)), self.container_id()
        os.link(BLOCKED, os.path.join(b.path, "rootfs", "bin", "blocked"))
        p = subprocess.Popen([*self.runtime.prefix, self.runtime.path, "--root", self.root, "run", "--bundle", b.path, name],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.started[name] = p
        for cleanup in (p.stdout.close, p.stdin.close, p.wait, p.kill, lambda: self.call("delete", "--force", name)):
            self.addCleanup(cleanup)
        line = p.stdout.readline()
        self.assertIn(line, ("ready\n", "NoNewPrivs=1\n", "NoNewPrivs=0\n"))
        # crun's run writes down only then what it has started.
        end = time.monotonic() + 60
        while self.call("state", name).status != 0 and time.monotonic() < end:
            time.sleep(0.05)
        return name

    def init(self, name):
        return json.loads(self.call("state", name).text)["pid"]

    def line(self, name):
        self.started[name].stdin.write("\n")
        self.started[name].stdin.flush()

    def finish(self, name):
        os.kill(self.init(name), signal.SIGUSR1)
        return self.started[name].communicate(timeout=60)[0]

    def confine(self, *args, policy=None, prefix=()):
        done = command([*prefix, guardtest.CLI, "confine", "--json", "--root", self.node, "--policy", policy or self.policy(), *args])
        found = [json.loads(line) for line in done.text.splitlines()]
        return done, {x["id"]: x for x in found}

    def confined(self, name, *args, **kwargs):
        """Confine it to the end; what was said of it."""
        done, found = self.confine(*(args or (name,)), **kwargs)
        self.assertStatus(done, 0)
        self.assertTrue(found[name]["complete"], done)
        self.assertEqual(status_of(self.init(name))["Seccomp"], "2")
        return found[name]

    def assertUntouchedProcess(self, name):
        seen = status_of(self.init(name))
        self.assertEqual((seen["Seccomp"], seen["TracerPid"], seen["State"][0] in "SR"), ("0", "0", True))

    def frozen(self, name):
        """Whether a freezer of the container's group is on. Where that group is, its init says: version 2 alone has it below ours."""
        states = []
        with open("/proc/%d/cgroup" % self.init(name), encoding="ascii") as f:
            groups = [line.strip().split(":", 2)[1:] for line in f]
        for controllers, path in groups:
            for form, good in FREEZERS.get(controllers, ()):
                if os.path.exists(form % path):
                    with open(form % path, encoding="ascii") as f:
                        states.append(f.read().strip() != good)
        self.assertTrue(states)
        return any(states)


@guardtest.all_runtimes
@guardtest.needs_cli
class Confine(ConfineCase):
    def test_by_the_policy_and_once(self):
        name = self.start()
        seen = self.confined(name)
        self.assertEqual((seen["confined"], seen["had_it"], seen["profile"]), (1, 0, "runtime/default"))
        seen = self.confined(name)
        self.assertEqual((seen["confined"], seen["had_it"]), (0, 1))
        self.assertEqual(status_of(self.init(name))["Seccomp_filters"], "1")

    def test_every_kind_of_waiting(self):
        name = self.start("blocked", "all")
        self.line(name)
        done, found = self.confine(name, "--profile", self.profile)
        # The parent of a vfork does not stop before its child ends, which it does not do here.
        self.assertStatus(done, 1)
        refused = [p for p in found[name]["processes"] if p["outcome"] == "refused"]
        self.assertEqual([("uninterruptible" in p["why"]) for p in refused], [True], done)
        self.assertGreater(found[name]["confined"], 30)
        self.line(name)
        said = self.started[name].communicate(timeout=60)[0].splitlines()
        self.assertGreater(len(said), 25)
        for line in said:
            self.assertRegex(line, r"\A(vfork 1 0 unshare=1|\w+ -?\d+ \d+ unshare=75)\Z")
        ended = {line.split()[0] for line in said if line.split()[2] == "4"}
        self.assertEqual(ended, {"pause", "sigsuspend", "alarm", "epoll_timeout", "sigwait_timeout", "semop_timeout"})

    def test_fifty_threads(self):
        name = self.start("blocked", "threads")
        self.line(name)
        self.confined(name, name, "--profile", self.profile)
        self.line(name)
        said = self.started[name].communicate(timeout=60)[0].splitlines()
        self.assertEqual(len(said), 50)
        for line in said:
            self.assertRegex(line, r"\A\w+ -?\d+ \d+ unshare=75\Z")

    def test_first_thread_has_ended(self):
        for kind, processes in (("headless_child", 2), ("headless", 1)):
            for options in ((), ("--freeze",)):
                name = self.start("blocked", kind)
                self.assertEqual(self.one_status(name)["processes_total"], processes, kind)
                done, found = self.confine(name, "--profile", self.profile, *options)
                self.assertStatus(done, 0)
                self.assertEqual((found[name]["complete"], found[name]["confined"]), (True, processes), done)
                done, found = self.confine(name, "--profile", self.profile, *options)
                self.assertEqual((found[name]["confined"], found[name]["had_it"]), (0, processes), done)
                seen = self.one_status(name, "--deep")
                self.assertEqual(seen["processes_confined"], processes, seen)
                self.assertTrue(all(p["filters"] for p in seen["processes"]), seen)
                self.line(name)
                self.assertEqual(self.started[name].communicate(timeout=60)[0], "unshare=75\n", (kind, options))

    def test_what_is_late_again(self):
        name = self.start("blocked", "late")
        seen = self.confined(name, name, "--profile", self.profile)
        self.assertEqual(seen["refused"], 0, seen)
        self.assertEqual(self.finish(name), "unshare=75\n")

    def test_what_is_born_all_the_time(self):
        for kind in ("chain", "forks"):
            for options in ((), ("--freeze",)):
                name = self.start("blocked", kind)
                seen = self.confined(name, name, "--profile", self.profile, *options)
                self.assertTrue(seen["frozen"] or not options)
                self.assertFalse(self.frozen(name))
                self.assertEqual(self.finish(name), "unshare=75\n", (kind, options))

    def test_what_is_killed_meanwhile(self):
        """What has ended is not refused, wherever it was."""
        name = self.start("blocked", "killed")
        for n in range(20):
            profile = {**PROFILE, "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75 + n}]}
            seen = self.confined(name, name, "--profile", self.file("profile%d.json" % n, json.dumps(profile)), *(["--freeze"] if n % 2 else []))
            self.assertEqual(seen["refused"], 0, seen)
        self.assertEqual(self.finish(name), "unshare=94\n")

    def test_a_group_of_a_common_name(self):
        """crun calls it "container", below a systemd scope: what only begins with that is another one."""
        top = "guardtest-" + os.path.basename(self.tmp)
        self.own_cgroups([top])
        name = self.start("blocked", "forks", group="/%s/container-of/container" % top)
        self.assertTrue(self.confined(name, name, "--profile", self.profile, "--freeze")["frozen"])
        self.assertEqual(self.finish(name), "unshare=75\n")

    def executed(self, name, *args):
        """What a probe sees that is executed in the container now."""
        return self.probed(self.call("exec", name, *(args or ("/bin/probe",))))

    def test_what_is_executed_later(self):
        name = self.start()
        self.assertEqual(self.executed(name)["Seccomp"], 0)
        self.assertStatus(self.call("exec", "--detach", name, "/bin/probe", "pause"), 0)
        # crun's exec does not set no_new_privs.
        seen = self.confined(name, name, "--no-new-privs", "--profile", self.profile)
        self.assertEqual((seen["confined"], seen["exec"]), (2, "confined"), seen)
        seen = self.executed(name)
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["mkdirat"]), (2, 75, 9))
        # Beside it, then, and not in its place.
        seen = self.confined(name, name, "--no-new-privs", "--tighten", "af-vsock,keyctl")
        self.assertEqual(seen["exec"], "confined", seen)
        seen = self.executed(name)
        self.assertEqual((seen["unshare"], seen["keyctl"], seen["vsock"] != 22), (75, 1, True))
        self.assertEqual([x["exec"] for x in self.decisions()], ["confined", "confined"])
        # Two profiles cannot be one.
        seen = self.confined(name, name, "--no-new-privs", "--profile", "runtime/default")
        self.assertEqual(seen["exec"], "unconfined")
        self.assertIn("another profile", seen["exec_why"])
        self.assertEqual(self.executed(name)["unshare"], 75)

    def test_what_is_executed_beside_a_profile_of_its_own(self):
        name = self.start(seccomp=guardtest.WEAK)
        self.assertEqual(self.executed(name)["mkdirat"], 95)
        self.assertEqual(self.confined(name, name, "--tighten", "keyctl")["exec"], "confined")
        seen = self.executed(name)
        self.assertEqual((seen["mkdirat"], seen["keyctl"]), (95, 1))

    def updated_to(self, name):
        """What runc keeps of a container: its share of the processors, and whether it has a profile."""
        with open(os.path.join(self.root, name, "state.json"), encoding="utf-8") as f:
            config = json.load(f)["config"]
        return config["cgroups"]["cpu_shares"], config["seccomp"] is not None

    def test_updated_at_the_same_time(self):
        """runc takes no lock for its state: neither what it writes is lost nor, once it has ended, what confine does."""
        name = self.start()
        files = sorted(os.listdir(os.path.join(self.root, name)))
        for n, restriction in enumerate(("af-alg", "af-vsock", "userns", "io-uring", "keyctl", "bpf", "ptrace"), 1):
            update = subprocess.Popen([*self.runtime.prefix, self.runtime.path, "--root", self.root, "update", "--cpu-share", str(1000 + n), name])
            self.confined(name, name, "--tighten", restriction)
            self.assertEqual(update.wait(timeout=60), 0)
            if self.runtime.name == "runc":
                self.assertEqual(self.updated_to(name)[0], 1000 + n)
            # What it had read before, it may have written after.
            seen = self.confined(name, name, "--tighten", restriction)
            self.assertEqual((seen["confined"], seen["exec"]), (0, "confined"), seen)
            if self.runtime.name == "runc":
                self.assertEqual(self.updated_to(name), (1000 + n, True))
        # crun has its filter for an exec in a file of its own.
        self.assertEqual(set(os.listdir(os.path.join(self.root, name))) - set(files),
                         set() if self.runtime.name == "runc" else {"seccomp.bpf"})
        self.assertEqual(self.executed(name)["Seccomp"], 2)

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_the_gap_of_the_hook(self):
        policy = self.policy()
        hook = {"createRuntime": [{"path": guardtest.HOOK, "args": ["seccomp-guard-hook", "--policy", policy, "--stage", "createRuntime"]}]}
        name = self.start(hooks=hook)
        self.assertStatus(self.call("exec", "--detach", name, "/bin/probe", "pause"), 0)
        self.assertEqual(self.one_status(name)["processes_confined"], 1)
        seen = self.confined(name, name, "--no-new-privs", policy=policy)
        # Init has the very same filter, from the hook.
        self.assertEqual((seen["confined"], seen["had_it"]), (1, 1))
        self.assertEqual(self.one_status(name)["processes_confined"], 2)

    def one_status(self, name, *options):
        done = self.cli("status", "--json", *options, "--root", self.node, "--policy", self.policy(), name)
        return json.loads(done.text.splitlines()[0])

    def test_tighten_alone(self):
        name = self.start()
        seen = self.confined(name, name, "--tighten", "af-alg,userns")
        self.assertEqual(seen["profile"], "")
        seen = self.one_status(name)
        self.assertEqual([(x["tighten"], x["complete"]) for x in seen["confined"]], [("af-alg,userns", True)])
        text = self.cli("status", "--root", self.node, "--policy", self.policy(), name).text
        self.assertRegex(text, r"loaded by confine at \S+: restrictions af-alg,userns")

    def test_persist(self):
        annotations = {"io.kubernetes.cri.sandbox-id": "a" * 64, "io.kubernetes.cri.container-type": "container",
                       "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
                       "io.kubernetes.cri.container-name": "web"}
        name = self.start(annotations=annotations)
        directory = os.path.join(self.tmp, "policy")
        os.makedirs(directory)
        main = os.path.join(directory, "policy.json")
        text = '// ours\n{"log": {"to": "none"}, "tighten": ["bpf"] /* why */}\n'
        with open(main, "w", encoding="ascii") as f:
            f.write(text)
        written = os.path.join(directory, "policy.d", "zz-confine.json")

        def tightened(bundle_of):
            done = self.cli("policy", "explain", "--json", "--policy", directory, bundle_of)
            return done.text
        for options, match in (([name], {"namespace": ["shop"], "container": ["web"]}), (["--namespace", "shop", "--yes"], {"namespace": ["shop"]})):
            if os.path.exists(written):
                os.remove(written)
            done, _ = self.confine(*options, "--tighten", "af-alg,keyctl", "--persist", "--dry-run", policy=directory)
            self.assertStatus(done, 0)
            self.assertFalse(os.path.exists(written))
            done, _ = self.confine(*options, "--tighten", "af-alg,keyctl", "--persist", policy=directory)
            self.assertStatus(done, 0)
            with open(written, encoding="ascii") as f:
                [rule] = json.load(f)["rules"]
            self.assertEqual((rule["match"], rule["tighten"]), (match, ["af-alg", "keyctl"]))
            self.assertStatus(self.cli("policy", "check", directory), 0)
            self.assertIn('"rule":"confine shop', tightened(os.path.join(self.tmp, "bundle1")))
        # A rule that matches is somebody's, now even our own.
        done, _ = self.confine(name, "--tighten", "ptrace", "--persist", policy=directory)
        self.assertStatus(done, 2)
        self.assertIn("add the restrictions there", done.error)
        # For all, and beside what is there.
        done, _ = self.confine("--all", "--yes", "--tighten", "af-alg", "--persist", policy=directory)
        self.assertStatus(done, 0)
        with open(written, encoding="ascii") as f:
            self.assertEqual(json.load(f)["tighten"], ["af-alg", "bpf"])
        with open(main, encoding="ascii") as f:
            self.assertEqual(f.read(), text)
        self.assertStatus(self.cli("policy", "check", directory), 0)

    def test_recorded(self):
        name = self.start()
        self.confined(name)
        [record] = self.decisions()
        self.assertEqual((record["event"], record["id"], record["confined"], record["complete"], record["profile"]),
                         ("confine", name, 1, True, "runtime/default"))
        self.assertIn("got a filter: 1 of 1 processes", record["msg"])
        # Nothing was changed, so there is nothing to record.
        self.confined(name)
        self.assertEqual(len(self.decisions()), 1)


@guardtest.all_runtimes
@guardtest.needs_cli
class Refused(ConfineCase):
    def test_dry_run(self):
        name = self.start()
        done, found = self.confine(name, "--dry-run")
        self.assertStatus(done, 0)
        self.assertEqual((found[name]["confined"], found[name]["refused"]), (1, 0))
        self.assertUntouchedProcess(name)
        self.assertFalse(os.path.exists(os.path.join(self.node, "run", "seccomp-guard")))
        self.assertEqual(self.decisions(), [])

    def test_no_new_privs(self):
        name = self.start(privileges=False)
        for options in (["--dry-run"], []):
            done, found = self.confine(name, *options)
            self.assertStatus(done, 1)
            self.assertIn("--no-new-privs", found[name]["processes"][0]["why"])
            self.assertUntouchedProcess(name)
        seen = self.confined(name, name, "--no-new-privs")
        self.assertEqual(seen["no_new_privs"], 1)
        self.assertEqual(status_of(self.init(name))["NoNewPrivs"], "1")

    def test_what_it_waits_in_is_denied(self):
        name = self.start()
        profile = self.file("pause.json", json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "architectures": PROFILE["architectures"], "syscalls": [
            {"names": ["pause", "nanosleep", "clock_nanosleep", "rt_sigsuspend", "ppoll"], "action": "SCMP_ACT_ERRNO"}]}))
        # It has said what it is, and may not be in pause() yet.
        while status_of(self.init(name))["State"][0] != "S":
            time.sleep(0.01)
        for options in (["--dry-run"], []):
            done, found = self.confine(name, "--profile", profile, *options)
            self.assertStatus(done, 1)
            self.assertRegex(found[name]["processes"][0]["why"], r"waits in \w+, which the profile denies")
            self.assertUntouchedProcess(name)
        # What cannot be done otherwise ends only if that is said.
        done, found = self.confine(name, "--profile", profile, "--or-kill")
        self.assertEqual((found[name]["killed"], found[name]["refused"]), (1, 1), done)
        self.started[name].wait(timeout=60)

    def test_nothing_can_be_loaded(self):
        name = self.start("blocked", "odd")
        for options in (["--dry-run"], []):
            done, found = self.confine(name, "--profile", self.profile, *options)
            self.assertStatus(done, 1)
            why = " ".join(sorted(p["why"] for p in found[name]["processes"] if p["outcome"] == "refused"))
            self.assertRegex(why, r"\Ait is in seccomp's strict mode.* its vDSO, .* its vDSO, ")
            self.assertEqual(found[name]["refused"], 3, done)

    def test_paused(self):
        name = self.start()
        if self.call("pause", name).status != 0:
            self.skipTest("%s cannot pause here" % self.runtime)
        self.addCleanup(lambda: self.call("resume", name))
        done, found = self.confine(name)
        self.assertStatus(done, 1)
        self.assertIn("paused", found[name]["why"])
        self.assertTrue(self.frozen(name))
        self.assertStatus(self.call("resume", name), 0)
        self.confined(name)

    def test_traced(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        name = self.start()
        strace = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(self.init(name))],  # pylint: disable=consider-using-with
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(strace.wait)
        self.addCleanup(strace.kill)
        while status_of(self.init(name))["TracerPid"] == "0":
            time.sleep(0.01)
        for options in (["--dry-run"], []):
            done, found = self.confine(name, *options)
            self.assertStatus(done, 1)
            self.assertEqual(found[name]["processes"][0]["why"], "process %d traces it" % strace.pid)

    def test_all_wants_to_be_sure(self):
        name = self.start()
        done, _ = self.confine("--all")
        self.assertStatus(done, 2)
        self.assertIn("cannot be undone", done.error)
        self.assertUntouchedProcess(name)
        for answer, left in ((b"n\n", "0"), (b"y\n", "2")):
            pid, fd = pty.fork()
            if pid == 0:
                os.execv(guardtest.CLI, [guardtest.CLI, "confine", "--all", "--root", self.node, "--policy", self.policy()])
            os.write(fd, answer)
            said = b""
            try:
                while True:
                    said += os.read(fd, 4096)
            except OSError:
                pass
            os.close(fd)
            os.waitpid(pid, 0)
            self.assertIn(b"cannot be undone", said)
            self.assertEqual(status_of(self.init(name))["Seccomp"], left, said)

    def test_who_is_meant(self):
        annotations = {"io.kubernetes.cri.sandbox-id": "a" * 64, "io.kubernetes.cri.container-type": "container",
                       "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
                       "io.kubernetes.cri.container-name": "web"}
        name, other = self.start(annotations=annotations), self.start()
        done, found = self.confine("--namespace", "shop", "--yes")
        self.assertStatus(done, 0)
        self.assertEqual(list(found), [name])
        self.assertUntouchedProcess(other)
        exempt = self.policy(rules=[{"name": "let be", "match": {"namespace": ["shop"]}, "profile": "unconfined"}])
        done, found = self.confine("--all", "--yes", "--tighten", "af-alg", policy=exempt)
        self.assertStatus(done, 0)
        self.assertEqual((found[name]["plan"], found[other]["plan"]), ("exempt", "confine"))
        done, found = self.confine(name, "--tighten", "af-alg", policy=exempt)
        self.assertEqual(found[name]["confined"], 1, done)

    def test_where_nothing_runs(self):
        """Silence would look like success."""
        nowhere = os.path.join(self.tmp, "nowhere")
        os.mkdir(nowhere)
        done = self.cli("confine", "--root", nowhere, "--all", "--tighten", "af-alg", "--dry-run")
        self.assertEqual((done.status, done.text), (0, "no container was found that runs\n"), done)

    def test_mistakes(self):
        name = self.start()
        for args, text in ((["nobody"], "no container that runs is called"), ([name, "--all"], "takes containers, or --all"), ([], "takes containers, or"),
                           (["--namespace", "nowhere", "--yes"], "no container runs in namespace"), ([name, "--tighten", "af-al"], "is no restriction"),
                           ([name, "--profile", os.path.join(self.tmp, "none")], "none")):
            done, found = self.confine(*args)
            self.assertNotEqual(done.status, 0, done)
            self.assertIn(text, done.error + json.dumps(found))
            self.assertUntouchedProcess(name)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_told_to_stop(self):
        """By SIGINT as it begins: it waits for nobody, nothing stays traced, and the same command goes on."""
        name = self.start("blocked", "all")
        self.line(name)
        strace = ["strace", "-o", "/dev/null", "-e", "trace=clone,clone3,fork", "-e", "inject=clone,clone3,fork:signal=INT:when=1"]
        done, found = self.confine(name, "--profile", self.profile, prefix=strace)
        self.assertStatus(done, 2)
        self.assertIn("confine: stopped before the end; the same command goes on with it", done.error)
        self.assertFalse(found[name]["complete"], done)
        self.assertEqual(status_of(self.init(name))["TracerPid"], "0")
        done, found = self.confine(name, "--profile", self.profile)
        self.assertStatus(done, 1)
        self.assertEqual(found[name]["refused"], 1, done)
        self.assertEqual(status_of(self.init(name))["Seccomp"], "2")

    def test_killed_while_it_is_frozen(self):
        """SIGKILL to the process that traces, at each request: nothing stays frozen or stopped."""
        name = self.start("blocked", "forks")
        killed = 0
        for n in [*range(1, 14), *range(14, 80, 8)]:
            strace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=ptrace", "-e", "inject=ptrace:signal=KILL:when=%d" % n]
            done, _ = self.confine(name, "--freeze", "--profile", self.profile, prefix=strace)
            killed += "was killed by signal 9" in done.error
            self.assertTrue(guardtest.until(lambda: not self.frozen(name)), "killed at request %d" % n)
            self.assertNotIn(status_of(self.init(name))["State"][0], "tT", n)
        self.assertGreater(killed, 5)
        self.confined(name, name, "--profile", self.profile)
        self.assertEqual(self.finish(name), "unshare=75\n")


if __name__ == "__main__":
    guardtest.main()
