#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard status: what runs, as the runtimes' state and the kernel show it."""

import html.parser
import json
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import STRICT, WEAK, command  # noqa: E402

PAUSE = ["/bin/probe", "pause"]

# Loads a filter that allows everything.
ALLOW = """
import ctypes, struct, threading, time
code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
print("loaded", flush=True)
time.sleep(600)
"""
# In the first thread only; the other one has none.
ONE_THREAD = ALLOW.replace("time\n", "time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n", 1)

# As many different ones as the kernel takes from whoever wants to keep a reader busy.
MANY = ALLOW.replace("print(", """for i in range(300):
    insns = b"".join(struct.pack("HBBI", 0x20, 0, 0, 16) + struct.pack("HBBI", 0x15, 0, 1, 1000000 + i * 64 + k) + struct.pack(
        "HBBI", 6, 0, 0, 0x7fff0000 if k % 2 else 0x00050001) for k in range(30)) + struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
    code = ctypes.create_string_buffer(insns)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(insns) // 8, ctypes.addressof(code)))
    if libc.prctl(22, 2, program, 0, 0) != 0:
        break
print(""", 1)

# Where a call that any stop ends is made again (src/live/interrupted.c).
RESTARTS = os.uname().machine in ("x86_64", "aarch64")

# Waits without a time-out in a call that any stop interrupts, until it is told to go on.
WAITS = """
import ctypes, os, select
libc = ctypes.CDLL(None, use_errno=True)
poll = select.epoll()
poll.register(0, select.EPOLLIN)
events = ctypes.create_string_buffer(64)
print("loaded", flush=True)
n = libc.epoll_wait(poll.fileno(), events, 1, -1)
print(n, ctypes.get_errno(), flush=True)
"""


def mounts():
    """{controller or "": mount point} of the control group hierarchies."""
    found = {}
    with open("/proc/mounts", encoding="utf-8") as f:
        for line in f:
            _, where, kind, options = line.split()[:4]
            if kind == "cgroup2":
                found.setdefault("", where)
            elif kind == "cgroup":
                for option in options.split(","):
                    found.setdefault(option, where)
    return found


def groups(pid):
    """The directories of the control groups that `pid` is in."""
    where = mounts()
    with open("/proc/%d/cgroup" % pid, encoding="utf-8") as f:
        for line in f:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            mount = where.get(controllers.split(",")[0])
            if mount and path != "/":
                yield mount + path


class StatusCase(guardtest.Case):
    """A system of its own below self.node, so that the other containers of this machine are not looked at."""

    def setUp(self):
        super().setUp()
        self.node = os.path.join(self.tmp, "node")
        self.root = os.path.join(self.node, "run", self.runtime.name if self.runtime else "runc")
        os.makedirs(self.root)
        os.makedirs(os.path.dirname(self.node + self.tmp))
        os.symlink(self.tmp, self.node + self.tmp)

    def start(self, guarded=None, **kwargs):
        """A container that waits for a signal; its identifier."""
        b, name = self.bundle(args=PAUSE, **kwargs), self.container_id()
        self.assertStatus((guarded or self.call)("run", "--detach", "--bundle", b.path, name), 0)
        return name

    def init(self, name):
        return json.loads(self.call("state", name).text)["pid"]

    def status(self, *names, options=(), policy=None):
        """The exit status, the containers by their identifiers, and the summaries."""
        done = self.cli("status", "--json", "--root", self.node, "--policy", policy or self.policy(), *options, *names)
        lines = [json.loads(line) for line in done.text.splitlines()]
        return done, {x["id"]: x for x in lines if "id" in x}, [x for x in lines if "summary" in x]

    def one(self, name, status, **kwargs):
        done, found, _ = self.status(name, **kwargs)
        self.assertStatus(done, status)
        self.assertEqual(list(found), [name], done)
        return found[name]

    def other_process(self, argv, ready=False):
        """A process that nobody confined; its PID."""
        p = subprocess.Popen(argv, stdout=subprocess.PIPE)  # pylint: disable=consider-using-with
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        if ready:
            self.assertEqual(p.stdout.readline(), b"loaded\n")
        return p.pid

    def move(self, pid, directories):
        moved = 0
        for directory in directories:
            with open(os.path.join(directory, "cgroup.procs"), "w", encoding="ascii") as f:
                f.write(str(pid))
            moved += 1
        self.assertGreater(moved, 0)


@guardtest.all_runtimes
@guardtest.needs_cli
class Containers(StatusCase):
    def test_unconfined(self):
        name = self.start()
        seen = self.one(name, 1)
        self.assertEqual((seen["state"], seen["finding"], seen["action"]), ("unconfined", "absent", "inject"))
        self.assertEqual((seen["runtime"], seen["pid"]), (self.runtime.name, self.init(name)))
        self.assertEqual((seen["processes_total"], seen["processes_confined"]), (1, 0))
        self.assertEqual(seen["processes"][0]["seccomp"], 0)
        self.assertLess(abs(time.time() - time.mktime(time.strptime(seen["since"], "%Y-%m-%dT%H:%M:%SZ")) + time.timezone), 120)

    def test_since_when_does_not_depend_on_when_one_looks(self):
        name = self.start()
        seen = set()
        for _ in range(4):
            seen.add(self.one(name, 1)["since"])
            time.sleep(0.3)
        self.assertEqual(len(seen), 1, seen)

    @guardtest.needs_wrapper
    def test_confined_with_an_exec(self):
        name = self.start(guarded=self.guarded)
        self.assertStatus(self.call("exec", "--detach", name, *PAUSE), 0)
        seen = self.one(name, 0)
        self.assertEqual((seen["state"], seen["finding"]), ("confined", "confined"))
        self.assertEqual((seen["processes_total"], seen["processes_confined"]), (2, 2))
        self.assertEqual([p["seccomp"] for p in seen["processes"]], [2, 2])
        self.assertTrue(seen["processes"][0]["no_new_privs"])
        self.assertNotIn("exec_is_bare", seen)
        self.assertFalse(any("less_than_init" in p for p in seen["processes"]))

    def test_an_exec_without_the_filter_is_named(self):
        name = self.start(seccomp=STRICT)
        self.one(name, 0)
        pid = self.other_process(["sleep", "600"])
        self.move(pid, groups(self.init(name)))
        seen = self.one(name, 1)
        self.assertEqual((seen["state"], seen["processes_confined"]), ("unconfined", 1))
        self.assertEqual([p["pid"] for p in seen["processes"] if p.get("less_than_init")], [pid])
        text = self.cli("status", "--root", self.node, "--policy", self.policy(), name)
        self.assertStatus(text, 1)
        self.assertIn("process %d (sleep) has no filter, and the container's init has 1\n" % pid, text.text)
        os.kill(pid, signal.SIGKILL)
        # A zombie runs nothing.
        self.one(name, 0)

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_what_is_executed_beside_a_hook(self):
        c, policy = bundles.config(args=PAUSE), self.policy()
        c["hooks"] = {"createRuntime": [{"path": guardtest.HOOK, "args": ["seccomp-guard-hook", "--policy", policy,
                                                                          "--stage", "createRuntime"]}]}
        name = self.container_id()
        self.assertStatus(self.call("run", "--detach", "--bundle", self.bundle(raw=bundles.encode(c)).path, name), 0)
        seen = self.one(name, 0)
        self.assertEqual((seen["state"], seen["finding"]), ("confined", "absent"))
        self.assertTrue(seen["exec_is_bare"])
        self.assertIn("\n  what is executed in it later gets no filter\n", self.cli(
            "status", "--root", self.node, "--policy", policy, name).text)
        self.assertStatus(self.call("exec", "--detach", name, *PAUSE), 0)
        seen = self.one(name, 1)
        self.assertEqual((seen["state"], seen["processes_confined"]), ("unconfined", 1))
        self.assertEqual([p.get("less_than_init") for p in seen["processes"]], [None, True])

    def test_a_thread_without_the_filter_counts(self):
        name = self.start(seccomp=STRICT)
        pid = self.other_process([sys.executable, "-c", ONE_THREAD], ready=True)
        with open("/proc/%d/status" % pid, encoding="utf-8") as f:
            self.assertIn("Seccomp:\t2\n", f.read())
        self.move(pid, groups(self.init(name)))
        seen = self.one(name, 1)
        self.assertEqual([(p["seccomp"], p["seccomp_filters"]) for p in seen["processes"] if p["pid"] == pid], [(0, 0)])

    def test_a_group_of_the_containers_own_below(self):
        name = self.start(seccomp=STRICT)
        pid = self.other_process(["sleep", "600"])
        below = [os.path.join(d, "below") for d in groups(self.init(name)) if "/cpuset/" not in d]
        for d in below:
            os.mkdir(d)
            self.addCleanup(lambda d=d: os.path.isdir(d) and os.rmdir(d))
        self.move(pid, below)
        self.assertEqual(self.one(name, 1)["processes_total"], 2)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def test_without_a_group_of_its_own(self):
        """As rootless containers are: its processes are those of its PID namespace."""
        if self.runtime.name != "crun":
            return
        b, name = self.bundle(args=PAUSE), self.container_id()
        self.assertStatus(self.call("--cgroup-manager=disabled", "run", "--detach", "--bundle", b.path, name), 0)
        self.assertStatus(self.call("--cgroup-manager=disabled", "exec", "--detach", name, *PAUSE), 0)
        self.assertEqual(self.one(name, 1)["processes_total"], 2)

    def test_weak(self):
        name = self.start(seccomp=WEAK)
        for policy, status, action in (({}, 0, "keep"), ({"weak": "replace"}, 1, "inject"), ({"weak": "refuse"}, 1, "refuse")):
            seen = self.one(name, status, policy=self.policy(**policy))
            self.assertEqual((seen["state"], seen["finding"], seen["action"]), ("weak", "weak", action))
            self.assertEqual(seen["processes_confined"], 1)

    def test_exempt(self):
        name = self.start(annotations={"lab": "yes"})
        policy = self.policy(rules=[{"name": "lab", "match": {"annotation": {"lab": "yes"}}, "profile": "unconfined"}])
        seen = self.one(name, 0, policy=policy)
        self.assertEqual((seen["state"], seen["action"], seen["rule"]), ("exempt", "exempt", "lab"))
        done, found, _ = self.status(name, options=["--unconfined"], policy=policy)
        self.assertEqual(list(found), [name], done)

    def test_audit(self):
        seen = self.one(self.start(), 1, policy=self.policy(mode="audit"))
        self.assertEqual((seen["state"], seen["action"]), ("unconfined", "would-inject"))

    def test_summary_and_unconfined(self):
        bare, confined = self.start(), self.start(seccomp=STRICT)
        done, found, summaries = self.status(bare, confined, options=["--unconfined"])
        self.assertStatus(done, 1)
        self.assertEqual(list(found), [bare])
        self.assertEqual(summaries, [{"summary": "", "containers": 2, "confined": 1, "weak": 0, "unconfined": 1, "exempt": 0}])

    def test_created_and_stopped_are_not_there(self):
        self.assertThereWhileItRuns(self.container_id())

    def test_created_by_an_engine(self):
        """Of an identifier of 64 digits the control group alone would tell."""
        self.assertThereWhileItRuns(os.urandom(32).hex())

    def assertThereWhileItRuns(self, name):
        b = self.bundle(args=PAUSE)
        self.assertStatus(self.call("create", "--bundle", b.path, name), 0)
        done, found, _ = self.status(name)
        self.assertStatus(done, 2)
        self.assertEqual(found, {})
        self.assertIn("no container that runs is called", json.loads(done.error)["error"])
        text = self.cli("status", "--root", self.node, "--policy", self.policy(), name)
        self.assertStatus(text, 2)
        self.assertEqual(text.text, "")
        self.assertStatus(self.call("start", name), 0)
        self.one(name, 1)
        os.kill(self.init(name), signal.SIGKILL)
        self.assertTrue(guardtest.until(lambda: not self.status(name)[1]))

    def test_what_a_user_sees(self):
        name = self.start()
        os.chmod(self.tmp, 0o755)
        os.chmod(self.root, 0o700)
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", guardtest.CLI]
        done = command([*argv, "status", "--root", self.node])
        self.assertIn("%s: is not accessible to this user" % self.root, done.error)
        self.assertNotIn("no container runs", done.text)
        # Unless others run here, which their control groups tell of.
        self.assertTrue(done.text or "no container can be seen" in done.error, done)
        self.assertEqual(done.status == 2, not done.text, done)
        done = command([*argv, "confine", "--root", self.node, name, "--tighten", "af-alg"])
        self.assertStatus(done, 2)
        self.assertIn("needs root", done.error)

    def test_by_the_beginning_of_its_identifier(self):
        name = self.start()
        done, found, _ = self.status(name[:-1])
        self.assertEqual(list(found), [name], done)

    def test_whose_it_is(self):
        name = self.start(annotations={
            "io.kubernetes.cri.sandbox-id": "a" * 64, "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
            "io.kubernetes.cri.container-name": "web\x1b[1m", "io.kubernetes.cri.image-name": "docker.io/nginx:1"})
        done, found, summaries = self.status(name)
        seen = found[name]
        self.assertEqual((seen["engine"], seen["namespace"], seen["pod"]), ("containerd", "shop", "web-0"), done)
        self.assertEqual((seen["container"], seen["image"]), ("web\x1b[1m", "docker.io/nginx:1"))
        self.assertEqual([x["summary"] for x in summaries], ["shop"])
        text = self.cli("status", "--root", self.node, "--policy", self.policy(), name).text
        self.assertNotIn("\x1b", text)
        self.assertRegex(text, r"(?m)^%s +containerd +shop +web-0 .* docker\.io/nginx:1$" % re.escape(name[:12]))

    def test_the_configuration_is_gone(self):
        b, name = self.bundle(args=PAUSE, seccomp=STRICT), self.container_id()
        self.assertStatus(self.call("run", "--detach", "--bundle", b.path, name), 0)
        os.rename(b.config, b.config + ".away")
        seen = self.one(name, 0)
        self.assertEqual(seen["state"], "confined")
        self.assertNotIn("finding", seen)
        self.assertIn(b.config, seen["why"])

    def test_nothing_is_stopped_or_changed(self):
        name = self.start()
        before = bundles.snapshot(self.root)
        self.one(name, 1)
        self.assertEqual(bundles.snapshot(self.root), before)
        with open("/proc/%d/status" % self.init(name), encoding="utf-8") as f:
            self.assertRegex(f.read(), r"State:\t[SR]")


def state_of(pid):
    """The letter of its state, and who traces it."""
    with open("/proc/%d/status" % pid, encoding="utf-8") as f:
        fields = dict(line.split(":", 1) for line in f)
    return fields["State"].split()[0], int(fields["TracerPid"])


@guardtest.all_runtimes
@guardtest.needs_cli
class Deep(StatusCase):
    def assertComesTo(self, pid, state):
        """It may be seen on its way back to sleep."""
        self.assertTrue(guardtest.until(lambda: state_of(pid) == (state, 0)))

    def deep(self, name, status, **kwargs):
        return self.one(name, status, options=["--deep"], **kwargs)

    def filters(self, seen):
        return [p.get("filters") for p in seen["processes"]]

    def default(self, flavor):
        return json.loads(self.cli("profile", "--flavor", flavor, "--caps", ",".join(bundles.DEFAULT_CAPS)).text)

    def test_as_configured(self):
        for flavor in ("moby", "crio"):
            name = self.start(seccomp=self.default(flavor))
            seen = self.deep(name, 0)
            self.assertEqual(seen["state"], "confined" if flavor == "moby" else "weak")
            [text] = self.filters(seen)
            self.assertRegex(text, r"\Aas its configuration says, RuntimeDefault of %s \(\d{4}-\d\d-\d\d\)\Z" % flavor)
        name = self.start(seccomp=STRICT)
        self.assertEqual(self.filters(self.deep(name, 0)), ["as its configuration says"])

    def test_the_configuration_is_another_by_now(self):
        b, name = self.bundle(args=PAUSE, seccomp=STRICT), self.container_id()
        self.assertStatus(self.call("run", "--detach", "--bundle", b.path, name), 0)
        b.write(b.read().replace(b'"add_key",', b"").replace(b'"getcwd",', b""))
        seen = self.deep(name, 1)
        self.assertEqual((seen["state"], seen["finding"], seen["action"]), ("weak", "confined", "keep"))
        self.assertEqual(self.filters(seen), ["own, lets through nothing that RuntimeDefault of moby denies"])
        self.one(name, 0)

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_what_the_hook_loaded(self):
        c, policy = bundles.config(args=PAUSE), self.policy()
        c["hooks"] = {"createRuntime": [{"path": guardtest.HOOK, "args": ["seccomp-guard-hook", "--policy", policy,
                                                                          "--stage", "createRuntime"]}]}
        name = self.container_id()
        self.assertStatus(self.call("run", "--detach", "--bundle", self.bundle(raw=bundles.encode(c)).path, name), 0)
        seen = self.deep(name, 0)
        self.assertEqual(seen["state"], "confined")
        self.assertRegex(self.filters(seen)[0], r"\Aas the policy says, RuntimeDefault of moby ")
        # The same filter is another's under another policy.
        seen = self.deep(name, 1, policy=self.policy(flavor="crio"))
        self.assertEqual(seen["state"], "weak")

    def test_a_filter_of_its_own(self):
        name = self.start(seccomp=STRICT)
        pid = self.other_process([sys.executable, "-c", ALLOW], ready=True)
        self.move(pid, groups(self.init(name)))
        # By the numbers it is confined.
        self.assertEqual(self.one(name, 0)["state"], "confined")
        seen = self.deep(name, 1)
        self.assertEqual(seen["state"], "weak")
        [text] = [p["filters"] for p in seen["processes"] if p["pid"] == pid]
        self.assertRegex(text, r"\Aown, lets through what RuntimeDefault of moby denies: .* and more\Z")
        done = self.cli("status", "--deep", "--root", self.node, "--policy", self.policy(), name)
        self.assertIn("  filters of process %d: own, lets through" % pid, done.text)

    def test_many_filters(self):
        name = self.start(seccomp=STRICT)
        pid = self.other_process([sys.executable, "-c", MANY], ready=True)
        self.move(pid, groups(self.init(name)))
        seen = self.deep(name, 1)
        [process] = [p for p in seen["processes"] if p["pid"] == pid]
        self.assertGreater(process["seccomp_filters"], 100)
        text = self.cli("status", "--deep", "--root", self.node, "--policy", self.policy(), name).text
        self.assertRegex(text, r"own, lets through what RuntimeDefault of moby denies: .* \(\d+ times\); "
                               r"not looked at: too many different ones \(\d+ times\)")

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_what_it_costs(self):
        """For each process, and whatever its container: one stop, and two requests for each filter and one more."""
        name, trace = self.start(seccomp=STRICT), os.path.join(self.tmp, "trace")
        self.assertStatus(guardtest.command(["strace", "-f", "-o", trace, "-e", "trace=ptrace", guardtest.CLI, "status", "--deep", "--root",
                                             self.node, "--policy", self.policy(), name]), 0)
        with open(trace, encoding="utf-8") as f:
            requests = re.findall(r"ptrace\((\w+)", f.read())
        self.assertEqual([r for r in requests if "REGSET" not in r],
                         ["PTRACE_SEIZE", "PTRACE_INTERRUPT", *3 * ["PTRACE_SECCOMP_GET_FILTER"], "PTRACE_DETACH"])
        self.assertEqual([r for r in requests if "REGSET" in r], ["PTRACE_GETREGSET"] if RESTARTS else [])

    def test_a_call_that_waits_goes_on(self):
        name = self.start(seccomp=STRICT)
        with subprocess.Popen([sys.executable, "-c", WAITS.replace("print(\"loaded\"", ALLOW.replace("time.sleep(600)\n", "").replace(
                "print(\"loaded\", flush=True)\n", "") + "print(\"loaded\"")], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            self.assertEqual(p.stdout.readline(), b"loaded\n")
            self.move(p.pid, groups(self.init(name)))
            for _ in range(20):
                seen = self.deep(name, 1)
                self.assertEqual(sorted(x["pid"] for x in seen["processes"] if "filters" in x), sorted((p.pid, seen["pid"])))
            self.assertComesTo(p.pid, "S")
            out = p.communicate(b"x")[0]
            if RESTARTS:
                self.assertEqual(out, b"1 0\n")

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_what_does_not_stop_is_asked_again(self):
        name, trace = self.start(seccomp=STRICT), os.path.join(self.tmp, "trace")
        self.assertStatus(self.call("pause", name), 0)
        done = guardtest.command(["strace", "-f", "-o", trace, "-e", "trace=ptrace", guardtest.CLI, "status", "--deep", "--root",
                                  self.node, "--policy", self.policy(), name])
        self.assertStatus(self.call("resume", name), 0)
        if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
            self.skipTest("what is frozen by cgroup version 2 can be traced")
        self.assertStatus(done, 2)
        self.assertIn("it does not stop", done.error)
        with open(trace, encoding="utf-8") as f:
            self.assertEqual(re.findall(r"ptrace\((\w+)", f.read()), 5 * ["PTRACE_SEIZE", "PTRACE_INTERRUPT"])
        self.assertEqual(self.filters(self.deep(name, 0)), ["as its configuration says"])

    def test_what_is_stopped_stays_so(self):
        name = self.start(seccomp=STRICT)
        pid = self.init(name)
        os.kill(pid, signal.SIGSTOP)
        while state_of(pid)[0] != "T":
            time.sleep(0.01)
        self.assertEqual(self.filters(self.deep(name, 0)), ["as its configuration says"])
        self.assertComesTo(pid, "T")
        os.kill(pid, signal.SIGCONT)
        self.assertComesTo(pid, "S")

    @guardtest.needs_strace
    def test_what_is_traced_is_told(self):
        name = self.start(seccomp=STRICT)
        pid = self.init(name)
        with subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(pid)], stderr=subprocess.DEVNULL) as tracer:
            while state_of(pid)[1] == 0:
                time.sleep(0.01)
            done, found, _ = self.status(name, options=["--deep"])
            self.assertStatus(done, 2)
            self.assertIn("it is traced by somebody", json.loads(done.error)["error"])
            self.assertEqual(found[name]["state"], "confined")
            self.assertEqual(state_of(pid)[1], tracer.pid)
            tracer.terminate()

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_killed_at_each_request(self):
        """Nothing stays stopped or traced when the process that reads is killed on its way, or all of them."""
        name = self.start(seccomp=STRICT)
        pid = self.init(name)
        argv = [guardtest.CLI, "status", "--deep", "--json", "--root", self.node, "--policy", self.policy(), name]
        requests = 0
        for when in range(1, 20):
            done = guardtest.command(["strace", "-f", "-o", os.path.join(self.tmp, "trace"), "-e", "trace=ptrace,waitid", "-e",
                                      "inject=ptrace,waitid:signal=SIGKILL:when=%d" % when, *argv])
            with open(os.path.join(self.tmp, "trace"), encoding="utf-8") as f:
                killed = "killed by SIGKILL" in f.read()
            self.assertComesTo(pid, "S")
            if not killed:
                self.assertStatus(done, 0)
                break
            # It is not passed over.
            self.assertStatus(done, 2)
            requests = when
        self.assertGreaterEqual(requests, 5)
        self.deep(name, 0)

    def test_without_the_capability(self):
        name = self.start(seccomp=STRICT)
        done = guardtest.command(["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", guardtest.CLI, "status", "--deep",
                                  "--json", "--root", self.node, "--policy", self.policy(), name])
        self.assertStatus(done, 2)
        self.assertIn("CAP_SYS_ADMIN", json.loads(done.error)["error"])
        self.assertComesTo(self.init(name), "S")


CHROMIUM = shutil.which("chromium")


def brightness(png):
    """The mean of the bytes of a picture (PNG specification, 9.2: filters), 0 to 255."""
    with open(png, "rb") as f:
        data = f.read()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    assert depth == 8 and color in (2, 6), (depth, color)
    size = 3 if color == 2 else 4
    raw, stride, before, total = zlib.decompress(packed), width * size, bytearray(width * size), 0
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            a, b, c = (row[x - size] if x >= size else 0), before[x], (before[x - size] if x >= size else 0)
            if kind == 1:
                row[x] = row[x] + a & 255
            elif kind == 2:
                row[x] = row[x] + b & 255
            elif kind == 3:
                row[x] = row[x] + (a + b) // 2 & 255
            elif kind == 4:
                p = a + b - c
                row[x] = row[x] + min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2] & 255
        total += sum(row[0::size])
        before = row
    return total / width / height


def contrast(one, other):
    """WCAG 2.2: of two colors, "#fff" or "#14171a"."""
    def luminance(color):
        digits = color[1:] if len(color) == 7 else "".join(2 * d for d in color[1:])
        parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


class Page(StatusCase):
    """One page, for any reader."""

    runtime = guardtest.RUNTIMES["runc"]

    def setUp(self):
        if self.runtime.reason(guardtest.PROBE):
            self.skipTest(self.runtime.reason(guardtest.PROBE))
        super().setUp()
        pod = {"io.kubernetes.cri.sandbox-id": "a" * 64, "io.kubernetes.cri.container-type": "container",
               "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.image-name": "docker.io/nginx:1"}
        self.names = [
            self.start(annotations={**pod, "io.kubernetes.cri.container-name": "<script>alert('x')</script>&amp;",
                                    "io.kubernetes.cri.sandbox-name": "web-0"}),
            self.start(seccomp=STRICT, annotations={**pod, "io.kubernetes.cri.container-name": "sure",
                                                    "io.kubernetes.cri.sandbox-name": "web-1"}),
            self.start(seccomp=WEAK),
            self.start(annotations={"lab": "yes"})]
        self.rules = self.policy(rules=[{"name": "lab", "match": {"annotation": {"lab": "yes"}}, "profile": "unconfined",
                                         "until": "2999-12-31", "owner": "team-lab", "reason": "for <tests>"}])
        self.page = os.path.join(self.tmp, "page.html")
        self.done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", self.page, *self.names)

    def read(self):
        with open(self.page, encoding="ascii") as f:
            return f.read()

    def chromium(self, *options):
        if not CHROMIUM:
            self.skipTest("chromium is not installed")
        done = guardtest.command([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                                  "--user-data-dir=" + os.path.join(self.tmp, "chromium"), "--window-size=700,500", *options,
                                  "file://" + self.page])
        if done.status and not os.path.exists(os.path.join(self.tmp, "chromium", "Default")):
            self.skipTest("chromium does not start here: " + done.error[-200:])
        self.assertStatus(done, 0)
        return done

    def test_what_it_says(self):
        self.assertStatus(self.done, 1)
        self.assertEqual(self.done.out, b"")
        page = Elements(self.read())
        self.assertIn("shop/web-0 <script>alert('x')</script>&amp;", page.text)
        for text in ("Coverage by namespace", "Unconfined or weak", "Exempt", "All containers", "it lets through", "has no filter",
                     "2999-12-31", "team-lab", "for <tests>", "docker.io/nginx:1", self.names[2]):
            self.assertIn(text, page.text)
        # The state is a word wherever it is a color.
        for state in ("confined", "weak", "unconfined", "exempt"):
            self.assertRegex(self.read(), '<td class="%s">%s</td>' % (state, state))

    def test_it_needs_and_runs_nothing(self):
        text = self.read()
        self.assertIn("default-src 'none'; style-src 'unsafe-inline'", text)
        for word in ("<script", "src=\"", "href=", "url(", "@import", "http:", "https:"):
            self.assertNotIn(word, text)

    def test_the_tables_are_tables(self, tables_wanted=4):
        text = self.read()
        tables = re.findall(r"<table>.*?</table>", text, re.S)
        self.assertEqual(len(tables), tables_wanted)
        for table in tables:
            self.assertEqual(table.count("<caption>"), 1)
            columns = table.count('scope="col"')
            rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)
            self.assertGreater(len(rows), 1)
            for row in rows[1:]:
                self.assertEqual(row.count('<th scope="row">') + row.count("<td"), columns, row)
                self.assertTrue(row.startswith('<th scope="row">'), row)

    def test_colors_can_be_read(self):
        light, dark = [dict(re.findall(r"--(\w+): (#\w+)", part)) for part in re.findall(r":root \{(.*?)\}", self.read(), re.S)[:2]]
        for colors in (light, dark):
            for name in ("text", "bad", "doubt", "good"):
                self.assertGreaterEqual(contrast(colors[name], colors["back"]), 7, (name, colors))

    def test_in_a_browser(self):
        page = Elements(self.chromium("--dump-dom").text)
        self.assertEqual([tag for tag, _ in page.elements if tag == "script"], [])
        self.assertEqual([tag for tag, _ in page.elements].count("table"), 4)
        self.assertIn("shop/web-0 <script>alert('x')</script>&amp;", page.text)
        seen = []
        for scheme in (1, 0):
            png = os.path.join(self.tmp, "%d.png" % scheme)
            self.chromium("--blink-settings=preferredColorScheme=%d" % scheme, "--screenshot=" + png)
            seen.append(brightness(png))
        # Light paper with something on it, and dark paper.
        self.assertTrue(200 < seen[0] < 254, seen)
        self.assertTrue(20 < seen[1] < 80, seen)
        pdf = os.path.join(self.tmp, "page.pdf")
        self.chromium("--print-to-pdf=" + pdf)
        with open(pdf, "rb") as f:
            self.assertEqual(f.read(5), b"%PDF-")

    def test_denials(self):
        log = self.file("audit.log", "".join(
            'type=SECCOMP msg=audit(1764000000.%03d:%d): auid=1 uid=0 gid=0 ses=1 pid=7 comm="b<w>rap" exe="/usr/bin/b<w>rap" sig=0 '
            "arch=c000003e syscall=%d compat=0 ip=0x7f code=0x50000\n" % (i, 100 + i, call)
            for i, call in enumerate((272, 272, 272, 155))))
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", self.page, "--denials", log, *self.names)
        self.assertStatus(done, 1)
        page = Elements(self.read())
        for text in ("Denials", "/usr/bin/b<w>rap", "unshare", "moby allows it with CAP_SYS_ADMIN", "pivot_root", log):
            self.assertIn(text, page.text)
        self.assertIn('<td class="n">3</td><td>ERRNO</td><td>2025-11-24T16:00:00Z</td>', self.read())
        self.test_the_tables_are_tables(5)
        self.test_it_needs_and_runs_nothing()
        # Nothing in it, and nothing there.
        self.file("audit.log", "type=LOGIN msg=audit(1764000000.1:1): x\n")
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", self.page, "--denials", log, *self.names)
        self.assertStatus(done, 1)
        self.assertIn("<p>No denied calls in", self.read())
        before = self.read()
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", self.page, "--denials", log + ".x", *self.names)
        self.assertStatus(done, 2)
        self.assertIn("audit.log.x", done.error)
        self.assertEqual(self.read(), before)
        self.assertIn("goes with --html", self.cli("status", "--denials", log).error)

    def test_many_denials(self):
        log = self.file("audit.log", "".join(
            'type=SECCOMP msg=audit(1764000000.1:%d): auid=1 uid=0 gid=0 ses=1 pid=7 comm="p%d" exe="/p%d" sig=0 '
            "arch=c000003e syscall=272 compat=0 ip=0x7f code=0x50000\n" % (i, i, i) for i in range(1000)))
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", self.page, "--denials", log, *self.names)
        self.assertStatus(done, 1)
        self.assertIn("800 more are left out", self.read())
        self.assertLess(len(self.read()), 200000)

    def test_where_it_goes(self):
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", "-", *self.names)
        self.assertStatus(done, 1)
        self.assertTrue(done.text.startswith("<!DOCTYPE html>"), done)
        self.assertEqual(os.stat(self.page).st_mode & 0o777, 0o644)
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", "/proc/nowhere/x", *self.names)
        self.assertStatus(done, 2)
        self.assertIn("/proc/nowhere", done.error)
        # No directory is made for what may be a slip.
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", os.path.join(self.tmp, "slip", "x"), *self.names)
        self.assertStatus(done, 2)
        self.assertIn("slip/: does not exist", done.error)
        self.assertFalse(os.path.lexists(os.path.join(self.tmp, "slip")))
        pipe = os.path.join(self.tmp, "pipe")
        os.mkfifo(pipe)
        done = self.cli("status", "--root", self.node, "--policy", self.rules, "--html", pipe, *self.names)
        self.assertStatus(done, 2)
        self.assertIn("not a regular file", done.error)
        self.assertTrue(stat.S_ISFIFO(os.lstat(pipe).st_mode))
        done = self.cli("status", "--html", "-", "--json")
        self.assertStatus(done, 2)


@guardtest.needs_cli
@guardtest.needs_root
class States(StatusCase):
    """What is in the state directories need not be true."""

    def state(self, name, place="run/runc", owner=0, **values):
        directory = os.path.join(self.node, place, name)
        os.makedirs(directory)
        path = os.path.join(directory, "state.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"id": name, **values}, f)
        os.chown(path, owner, owner)
        return path

    def process(self):
        """A process and when it was started, in a control group of its own."""
        pid = self.other_process(["sleep", "600"])
        with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
            start = int(f.read().rpartition(")")[2].split()[19])
        name = "guardtest-%d" % pid
        directory = next(d for c, d in mounts().items() if c in ("pids", ""))
        self.group = group = os.path.join(directory, name)
        os.mkdir(group)

        def remove():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            for below in os.listdir(group):
                if os.path.isdir(os.path.join(group, below)):
                    os.rmdir(os.path.join(group, below))
            os.rmdir(group)

        self.addCleanup(remove)
        self.move(pid, [self.group])
        return pid, start

    def test_what_the_control_group_alone_tells(self):
        """Engines' names, with cgroupfs and with systemd; their monitors are no containers."""
        wanted, ids = {}, set()
        for name, engine in (("crio-%s", "cri-o"), ("crio-%s.scope", "cri-o"), ("crio-conmon-%s", None),
                             ("crio-conmon-%s.scope", None), ("libpod-%s.scope", "podman"), ("libpod-conmon-%s.scope", None),
                             ("cri-containerd-%s.scope", "containerd"), ("docker-%s.scope", "docker")):
            cid = os.urandom(32).hex()
            pid, _ = self.process()
            group = os.path.join(self.group, name % cid)
            os.mkdir(group)
            self.move(pid, [group])
            ids.add(cid)
            if engine is not None:
                wanted[cid] = engine
        _, found, _ = self.status()
        self.assertEqual({cid: found[cid]["engine"] for cid in ids & set(found)}, wanted)

    def test_another_process_has_the_number(self):
        pid, start = self.process()
        self.state("true", init_process_pid=pid, init_process_start=start)
        self.state("false", init_process_pid=pid, init_process_start=start + 1)
        done, found, _ = self.status("true", "false")
        self.assertStatus(done, 2)
        self.assertEqual(list(found), ["true"], done)

    def test_a_user_cannot_claim_what_is_in_no_user_namespace(self):
        pid, start = self.process()
        self.state("claimed", "run/user/1000/runc", 1000, init_process_pid=pid, init_process_start=start)
        done, found, _ = self.status("claimed")
        self.assertStatus(done, 2)
        self.assertEqual(found, {}, done)

    def test_what_cannot_be_read_is_told(self):
        pid, start = self.process()
        self.state("good", init_process_pid=pid, init_process_start=start)
        for name, text in (("empty", ""), ("half", '{"id":"half","init_pro'), ("other", "[]"), ("type", '{"init_process_pid":"1"}')):
            with open(self.state(name), "w", encoding="utf-8") as f:
                f.write(text)
        os.symlink("/dev/zero", os.path.join(os.path.dirname(self.state("link")), "status"))
        done, found, _ = self.status()
        self.assertStatus(done, 2)
        self.assertIn("good", found)
        told = [json.loads(line)["error"] for line in done.error.splitlines()]
        for name in ("empty", "half", "other", "type", "link"):
            self.assertTrue([t for t in told if t.startswith(os.path.join(self.root, name) + ": ")], (name, told))

    def test_a_group_alone(self):
        name = "%064x" % int.from_bytes(os.urandom(31), "big")
        pid, _ = self.process()
        group = os.path.join(os.path.dirname(self.group), "docker-%s.scope" % name)
        os.mkdir(group)
        self.move(pid, [group])
        # Runs before the process is killed.
        self.addCleanup(lambda: os.rmdir(group))
        self.addCleanup(lambda: self.move(pid, [self.group]))
        seen = self.one(name, 1)
        self.assertEqual((seen["engine"], seen["state"], seen["pid"]), ("docker", "unconfined", pid))
        self.assertIn("no runtime in a usual place knows it", seen["why"])


if __name__ == "__main__":
    guardtest.main()
