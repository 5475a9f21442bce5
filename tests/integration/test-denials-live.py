#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""denials --follow: the kernel's records, each told with the container that it comes from, also when its process has ended.

A container is known by the name of its cgroup, as engines give them; by what the wrapper or the hook announced; or by what
its runtime keeps of it. GUARDTEST_CONTAINERS and GUARDTEST_PROCESSES make the first two tests larger (20 and 1000).
"""

import json
import os
import secrets
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import kernellog  # noqa: E402
from guardtest import CLI, command  # noqa: E402

MANY = guardtest.program("many-denied")
SERIES = re.compile(r'^seccomp_guard_denials_total\{namespace="([^"]*)",container="([^"]*)",syscall="([^"]*)",action="([^"]*)"\} (\d+)$', re.M)
CONTAINERS = int(os.environ.get("GUARDTEST_CONTAINERS", "8"))
PROCESSES = int(os.environ.get("GUARDTEST_PROCESSES", "300"))
MOMENTS = 10  # containers, and execs, that are over after one call

LOGS = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_LOG"}]}
DENIES = {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
          "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_ERRNO"}]}


WORKLOAD = {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": "f" * 64,
            "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
            "io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.image-name": "nginx:1"}

FLAGS = ["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG"]


class Follower:
    """seccomp-guard denials --follow --json, and what it has said so far."""

    def __init__(self, case, *args, prefix=()):
        self.case = case
        self.out, self.err = (os.path.join(case.tmp, name) for name in ("follow.out", "follow.err"))
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen([*prefix, CLI, "denials", "--follow", *args], stdout=out, stderr=err)
        case.addCleanup(self.end)

    def ready(self):
        """Wait until it tells what happens. False: it has ended, or there are no records here."""
        return self.caught_up()

    def caught_up(self):
        """Wait until it has told of all records up to now: the kernel keeps their order, and of a program that is new
        one is told at once. A record may be lost in a flood, or before it listens: there are more."""
        mark = os.path.join(self.case.tmp, "mark-" + secrets.token_hex(5))
        shutil.copy(MANY, mark)
        for _ in range(600):
            kernellog.make_record(mark)
            if self.process.poll() is not None:
                return False
            time.sleep(0.1)
            if mark in self.read(self.out):
                return True
        return False

    def connected(self):
        """Its place, of the two on a machine, and a connection to it."""
        for path in ("/run/seccomp-guard/denials.0", "/run/seccomp-guard/denials.1"):
            end = socket.socket(socket.AF_UNIX)
            self.case.addCleanup(end.close)
            try:
                end.connect(path)
            except OSError:
                continue
            if struct.unpack("=iII", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == self.process.pid:
                return path, end
        return self.case.fail("it listens nowhere")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def stop(self):
        """End it when it has told of all records up to now."""
        self.case.assertTrue(self.caught_up(), self.read(self.err))
        return self.end()

    def lost(self):
        """How many records it says were lost, of whatever program, and whether process events were."""
        said = self.read(self.err)
        return sum(map(int, re.findall(r"(\d+) (?:audit )?records", said))), "process events were lost" in said

    def told(self):
        """All that was told, but for a line that is being written."""
        return [json.loads(line) for line in self.read(self.out).rpartition("\n")[0].splitlines()]

    def entries(self, exe):
        """What was told of a program, in this order."""
        return [x for x in self.told() if x["exe"] == exe]

    def read(self, path):
        with open(path, encoding="utf-8") as f:
            return f.read()

    def counts(self):
        """The last count told of each (identifier of the container, program, call)."""
        told = {}
        for entry in self.told():
            told[entry.get("id"), entry["exe"], entry["syscall"]] = entry["count"]
        return told


class Live(guardtest.Case):
    def setUp(self):
        super().setUp()
        if not MANY:
            self.skipTest("tests/helpers/many-denied was not built")
        if os.geteuid() != 0:
            self.skipTest("needs root")

    def follow(self, *args):
        follower = Follower(self, "--json", *args)
        if not follower.ready():
            self.skipTest("cannot read the kernel's records here: %s" % follower.read(follower.err))
        return follower

    def assertAllTold(self, follower, ours, wanted):
        """Every record with its container; what a busy machine lost is said, and no more than that is missing."""
        records, events = follower.lost()
        if not records and not events:
            self.assertEqual(ours, wanted)
        guardtest.diagnose("%d records were lost%s" % (records, ", and process events" if events else ""))
        for (cid, exe, call), count in ours.items():
            if cid is not None or not events:
                self.assertLessEqual(count, wanted.get((cid, exe, call), 0))
        self.assertGreaterEqual(sum(ours.values()), sum(wanted.values()) - records)

    def follow_alone(self, *args):
        """With a place among those to whom containers are announced, of which there are two on a machine."""
        for _ in range(60):
            follower = self.follow(*args)
            if "others follow already" not in follower.read(follower.err):
                return follower
            follower.end()
            time.sleep(1)
        return self.skipTest("others follow denials on this machine")


@guardtest.needs_cli
@guardtest.all_runtimes
class Containers(Live):
    def container(self, profile, *args):
        """A bundle of a name of its own, and the identifier that its cgroup has."""
        name, cid = "d%s" % secrets.token_hex(5), secrets.token_hex(32)
        b = self.bundle(seccomp=profile, args=["/bin/" + name, *args])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: MANY})
        with open(b.config, encoding="utf-8") as f:
            config = json.load(f)
        config["linux"]["cgroupsPath"] = "/docker/" + cid
        with open(b.config, "w", encoding="utf-8") as f:
            json.dump(config, f)
        return b, cid, "/bin/" + name

    def profiles(self):
        # runc before 1.2 takes no profile with flags.
        return [LOGS] + ([DENIES] if self.runtime.name == "crun" else [])

    def test_short_lived_processes_of_many_containers(self):
        follower, wanted, running = self.follow(), {}, []
        for i in range(CONTAINERS):
            profile = self.profiles()[i % len(self.profiles())]
            b, cid, exe = self.container(profile, str(PROCESSES))
            wanted[cid, exe, "unshare"] = PROCESSES
            argv = [*self.runtime.prefix, self.runtime.path, "--root", self.root, "run", "--bundle", b.path, self.container_id()]
            running.append(subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL))
        for process in running:
            self.assertEqual(process.stdout.readline(), b"%d\n" % PROCESSES)
        self.assertEqual(follower.stop(), 0)
        for name in os.listdir(self.root):
            self.call("kill", name, "9")
        for process in running:
            process.wait(timeout=60)
            process.stdout.close()
        told = follower.counts()
        exes = {exe for _, exe, _ in wanted}
        ours = {key: count for key, count in told.items() if key[1] in exes}
        right = sum(count for key, count in ours.items() if key in wanted)
        guardtest.diagnose("%d records of %d processes, %d with their container, %d wrong: %s" %
                           (sum(ours.values()), CONTAINERS * PROCESSES, right,
                            sum(count for key, count in ours.items() if key not in wanted and key[0]), follower.read(follower.err)))
        self.assertAllTold(follower, ours, wanted)

    def test_a_flood(self):
        """Counted to the last one, or said to be more than that; told a few times; in no more memory."""
        follower, wanted = self.follow(), 100000
        b, cid, exe = self.container(LOGS, str(wanted), "flood")
        with open("/proc/%d/status" % follower.process.pid, encoding="ascii") as f:
            before = int(f.read().partition("VmRSS:")[2].split()[0])
        self.assertStatus(self.call("run", "--bundle", b.path, self.container_id()), 0)
        self.assertTrue(follower.caught_up())
        with open("/proc/%d/status" % follower.process.pid, encoding="ascii") as f:
            after = int(f.read().partition("VmHWM:")[2].split()[0])
        self.assertEqual(follower.end(), 0)
        told = [x["count"] for x in follower.entries(exe)]
        guardtest.diagnose("%d of %d records, told %d times, %d kB more" % (follower.counts().get((cid, exe, "unshare"), 0), wanted,
                                                                          len(told), after - before))
        self.assertLess(len(told), 40)
        if not guardtest.sanitized():
            self.assertLess(after - before, 32 << 10)
        if not follower.lost()[0]:
            self.assertEqual(sum(n for key, n in follower.counts().items() if key[1] == exe), wanted)

    def test_first_at_once_and_all_at_the_end(self):
        follower = self.follow()
        b, cid, exe = self.container(LOGS, "100", "end")
        self.assertStatus(self.call("run", "--bundle", b.path, self.container_id()), 0)
        self.assertTrue(follower.caught_up())
        counts = [x["count"] for x in follower.entries(exe)]
        self.assertGreaterEqual(len(counts), 1)
        self.assertLessEqual(len(counts), 10)
        self.assertEqual(follower.end(), 0)
        self.assertEqual(sum(n for key, n in follower.counts().items() if key[1] == exe), 100)


@guardtest.needs_cli
@guardtest.needs_wrapper
@guardtest.all_runtimes
class Announced(Live):
    """What the wrapper tells: containers and execs that are over before anybody could look, and what they are called.

    Without it, of 40 such containers and 40 such execs one was attributed.
    """

    def workload(self, *args, **kwargs):
        name = "d%s" % secrets.token_hex(5)
        b = self.bundle(args=["/bin/" + name, *args], **kwargs)
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: MANY})
        return b, "/bin/" + name

    def test_containers_that_make_one_call(self):
        follower, wanted = self.follow_alone(), {}
        policy = self.policy(mode="complain", rules=[{"name": "shop", "match": {"namespace": ["shop"]}}])
        for i in range(MOMENTS):
            b, exe = self.workload("1", "end", annotations={**WORKLOAD, "io.kubernetes.cri.sandbox-name": "web-%d" % i})
            wanted[exe] = (self.container_id(), "web-%d" % i)
            self.assertStatus(self.guarded("run", "--bundle", b.path, wanted[exe][0], policy=policy), 0)
        self.assertEqual(follower.stop(), 0)
        right = 0
        for exe, (cid, pod) in wanted.items():
            for entry in follower.entries(exe):
                self.assertEqual((entry.get("id"), entry.get("pod")), (cid, pod), entry)
                self.assertEqual([entry.get(key) for key in ("engine", "namespace", "container", "image", "rule", "profile", "flavor")],
                                 ["containerd", "shop", "web", "nginx:1", "shop", "runtime/default", "containerd"])
                # Not moby, which is what is taken where nothing is known.
                self.assertIn("containerd allows it with CAP_SYS_ADMIN", entry["allow"])
                right += entry["count"]
        guardtest.diagnose("%d of %d containers that made one call" % (right, MOMENTS))
        self.assertEqual(right, MOMENTS)
        # What the unit has written to the journal is read again, with the names of containers that are gone.
        text = self.cli("denials", follower.out).text
        self.assertRegex(text, r"%s\n +in container web \(shop/web-0\), containerd, [^,]+, nginx:1\n"
                               r" +with runtime/default of containerd, by rule \"shop\" of the policy\n" % min(wanted, key=lambda x: wanted[x][1]))

    def test_many_at_once(self):
        """Under names that are no engine's, so that the wrapper and the events of processes are all there is."""
        follower, policy, wanted, running = self.follow_alone(), self.policy(mode="complain"), {}, []
        for _ in range(CONTAINERS):
            (b, exe), cid = self.workload(str(PROCESSES)), self.container_id()
            wanted[cid, exe, "unshare"] = PROCESSES
            running.append(subprocess.Popen(self.guarded_argv("run", "--bundle", b.path, cid, policy=policy), stdout=subprocess.PIPE,
                                            stdin=subprocess.DEVNULL))
        for process in running:
            self.assertEqual(process.stdout.readline(), b"%d\n" % PROCESSES)
        self.assertEqual(follower.stop(), 0)
        for cid, _, _ in wanted:
            self.call("kill", cid, "9")
        for process in running:
            process.wait(timeout=60)
            process.stdout.close()
        exes = {exe for _, exe, _ in wanted}
        ours = {key: count for key, count in follower.counts().items() if key[1] in exes}
        guardtest.diagnose("%d records of %d processes, %d with their container: %s" %
                           (sum(ours.values()), CONTAINERS * PROCESSES, sum(n for key, n in ours.items() if key in wanted),
                            follower.read(follower.err)))
        self.assertAllTold(follower, ours, wanted)

    def test_who_is_slow_to_tell(self):
        """Between connecting and telling a busy machine may do much else; and who never tells is in nobody's way."""
        follower, pid = self.follow_alone(), os.getpid()
        cid, (_, _silent), (_, slow) = self.container_id(), follower.connected(), follower.connected()
        # It has looked at both by then.
        self.assertTrue(follower.caught_up())
        slow.sendall(json.dumps({"id": cid, "container": "slow", "pid": pid}).encode())
        b, exe = self.workload("1", "end", seccomp=LOGS)
        # Of a process below this one, and so of "its" container.
        self.assertStatus(self.call("run", "--bundle", b.path, self.container_id()), 0)
        self.assertEqual(follower.stop(), 0)
        self.assertEqual([(x.get("id"), x.get("container")) for x in follower.entries(exe)], [(cid, "slow")])

    def test_only_root_announces(self):
        follower = self.follow_alone()
        path, _ = follower.connected()
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        script = "import socket; socket.socket(socket.AF_UNIX).connect('%s')" % path
        done = command(["setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set", "-all", sys.executable, "-c", script])
        self.assertIn("PermissionError", done.error)
        self.assertEqual(follower.end(), 0)

    def test_execs_that_make_one_call(self):
        follower, policy, cid = self.follow_alone(), self.policy(mode="complain"), self.container_id()
        b, exe = self.workload("0")
        running = subprocess.Popen(self.guarded_argv("run", "--bundle", b.path, cid, policy=policy), stdout=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL)
        self.assertEqual(running.stdout.readline(), b"0\n")
        for options in (["--cwd", "/"], ["--env=A=B"], ["-e", "A=B", "--"], *[[]] * (MOMENTS - 3)):
            self.assertStatus(self.guarded("exec", *options, cid, exe, "1", "end"), 0)
        self.assertEqual(follower.stop(), 0)
        self.call("kill", cid, "9")
        running.wait(timeout=60)
        running.stdout.close()
        guardtest.diagnose("%d of %d execs that made one call" % (follower.counts().get((cid, exe, "unshare"), 0), MOMENTS))
        self.assertEqual({key: n for key, n in follower.counts().items() if key[1] == exe}, {(cid, exe, "unshare"): MOMENTS})

    def test_counters_go_on_when_it_is_started_again(self):
        """Also when it was killed: then from what it had written. No record is counted twice, and no other file is left."""
        metrics, policy = os.path.join(self.tmp, "metrics", "denials.prom"), self.policy(mode="complain")
        os.mkdir(os.path.dirname(metrics))
        counted = 0
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
            follower = self.follow_alone("--metrics", metrics)
            b, exe = self.workload("20", "end", annotations=dict(WORKLOAD))
            self.assertStatus(self.run_guarded(b, policy=policy), 0)
            self.assertTrue(follower.caught_up())
            follower.process.send_signal(how)
            follower.process.wait(timeout=60)
            found = {key[:4]: int(key[4]) for key in SERIES.findall(follower.read(metrics))}.get(("shop", "web", "unshare", "LOG"))
            # The one that was killed may have written before: it does so every ten seconds.
            self.assertIn(found, (counted, counted + 20) if how == signal.SIGKILL else (counted + 20,))
            counted = found
        self.assertEqual(os.listdir(os.path.dirname(metrics)), ["denials.prom"])
        self.assertEqual(os.stat(metrics).st_mode & 0o777, 0o644)

    def test_nothing_where_the_policy_logs_nothing(self):
        """By system calls: whoever asks for no records pays nothing, and whoever does at most three."""
        b = self.bundle(args=["/bin/true"])
        calls = {}
        for keys in ({}, {"denials": "log"}, {"mode": "complain"}):
            trace = os.path.join(self.tmp, "trace")
            argv = self.guarded_argv("create", "--bundle", b.path, "ID", policy=self.policy(log={"to": "none"}, **keys))
            argv[argv.index(self.runtime.path)] = "/bin/true"
            if command(["strace", "-f", "-o", trace, *argv]).status != 0:
                self.skipTest("strace does not work here")
            with open(trace, encoding="utf-8", errors="replace") as f:
                calls[json.dumps(keys)] = [line for line in f if "/run/seccomp-guard/denials." in line]
        self.assertEqual([len(lines) for lines in calls.values()], [0, 2, 2], calls)

    def test_a_follower_that_was_killed_leaves_its_place(self):
        first = self.follow_alone()
        first.process.kill()
        first.process.wait(timeout=60)
        self.follow_alone().end()


@guardtest.needs_cli
@guardtest.all_runtimes
class Found(Live):
    """A container that nobody announced, with a name that is no engine's, as runc and crun are called by hand."""

    def test_by_what_the_runtime_keeps(self):
        name = "d%s" % secrets.token_hex(5)
        b = self.bundle(seccomp=LOGS, args=["/bin/" + name, "0"])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: MANY})
        cid = self.container_id()
        argv = [*self.runtime.prefix, self.runtime.path]
        running = subprocess.Popen([*argv, "run", "--bundle", b.path, cid], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(command, [*argv, "delete", "--force", cid])
        self.assertEqual(running.stdout.readline(), b"0\n")
        follower = self.follow()
        # It waits when it is done, and is found meanwhile.
        added = subprocess.Popen([*argv, "exec", cid, "/bin/" + name, "50"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.assertEqual(added.stdout.readline(), b"50\n")
        self.assertEqual(follower.stop(), 0)
        command([*argv, "kill", cid, "9"])
        for process in (added, running):
            process.wait(timeout=60)
            process.stdout.close()
        self.assertEqual(follower.counts().get((cid, "/bin/" + name, "unshare")), 50)


    def test_from_a_log(self):
        """Of a process that still runs: it was started before, and runs that program. Nothing is said of any other."""
        name = "d%s" % secrets.token_hex(5)
        b = self.bundle(seccomp=LOGS, args=["/bin/" + name, "0"])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: MANY})
        cid, argv = self.container_id(), [*self.runtime.prefix, self.runtime.path]
        before = time.time() - 5
        running = subprocess.Popen([*argv, "run", "--bundle", b.path, cid], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(command, [*argv, "delete", "--force", cid])
        self.assertEqual(running.stdout.readline(), b"0\n")
        pid = json.loads(command([*argv, "state", cid]).text)["pid"]

        def told(pid, exe, when):
            line = "type=1326 audit(%.3f:7): auid=0 uid=0 gid=0 ses=1 pid=%d comm=\"x\" exe=\"%s\" sig=0 arch=c000003e syscall=272 " \
                   "compat=0 ip=0x0 code=0x7ffc0000\n" % (when, pid, exe)
            done = command([CLI, "denials", "--json"], stdin=line.encode())
            self.assertStatus(done, 0)
            return json.loads(done.text).get("id")

        self.assertEqual(told(pid, "/bin/" + name, time.time()), cid)
        self.assertIsNone(told(pid, "/bin/" + name, before))
        self.assertIsNone(told(pid, "/bin/other", time.time()))
        self.assertIsNone(told(os.getpid(), os.readlink("/proc/self/exe"), time.time()))
        command([*argv, "kill", cid, "9"])
        running.wait(timeout=60)
        running.stdout.close()
        self.assertIsNone(told(pid, "/bin/" + name, time.time()))


@guardtest.needs_cli
@guardtest.all_runtimes
class Enforced(Live):
    """"denials": "log" in the policy: what RuntimeDefault denies has a record, where the runtime takes the flag for it."""

    def workload(self, **kwargs):
        name = "d%s" % secrets.token_hex(5)
        b = self.bundle(args=["/bin/" + name, "20", "end"], **kwargs)
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: MANY})
        return b, "/bin/" + name

    def told(self, follower, exe):
        self.assertEqual(follower.stop(), 0)
        self.assertEqual({x["action"] for x in follower.entries(exe)} - {"SCMP_ACT_ERRNO"}, set())
        return sum(n for key, n in follower.counts().items() if key[1] == exe)

    def takes_flag(self):
        """crun does. runc before 1.2 would not start the container, and later ones say so."""
        if self.runtime.name == "crun":
            return True
        done = command([self.runtime.path, "features"])
        seccomp = json.loads(done.text).get("linux", {}).get("seccomp", {}) if done.status == 0 else {}
        return FLAGS[1] in seccomp.get("supportedFlags", ())

    @guardtest.needs_wrapper
    def test_the_wrapper(self):
        takes = self.takes_flag()
        for denials in ("log", "silent"):
            follower = self.follow()
            b, exe = self.workload()
            self.assertStatus(self.run_guarded(b, policy=self.policy(denials=denials)), 0)
            logs = takes and denials == "log"
            self.assertEqual(self.told(follower, exe), 20 if logs else 0)
            self.assertEqual(b.seccomp().get("flags"), FLAGS if logs else None)
            self.assertEqual(self.decisions()[-1].get("denials"), ("log" if takes else "silent") if denials == "log" else None)

    @guardtest.needs_wrapper
    def test_not_under_complain(self):
        """All is logged there but clone3, which would be all there is."""
        b, _ = self.workload()
        self.assertStatus(self.run_guarded(b, policy=self.policy(denials="log", mode="complain")), 0)
        self.assertNotIn("flags", b.seccomp())
        self.assertNotIn("denials", self.decisions()[-1])

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_the_hook(self):
        """It loads the filter itself, under any runtime, and tells whose init that is."""
        follower, cid = self.follow_alone(), self.container_id()
        args = ["seccomp-guard-hook", "--policy", self.policy(denials="log"), "--stage", "createRuntime"]
        b, exe = self.workload(hooks={"createRuntime": [{"path": guardtest.HOOK, "args": args, "env": []}]})
        self.assertStatus(self.call("run", "--bundle", b.path, cid), 0)
        self.assertEqual(self.told(follower, exe), 20)
        self.assertEqual({x.get("id") for x in follower.entries(exe)}, {cid})
        self.assertEqual(self.decisions()[-1].get("denials"), "log")


AUDIT_GET, AUDIT_ADD_RULE, AUDIT_DEL_RULE, NLM_F_REQUEST, NLM_F_ACK = 1000, 1011, 1012, 1, 4
EXCLUDE, NEVER, UID, MSGTYPE, EQUAL = 5, 0, 1, 12, 0x40000000


def ask_audit(kind, data=b""):
    """One question to the kernel's audit system, and what it says; negative: an error number."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9) as s:
        s.settimeout(5)
        s.bind((0, 0))
        s.send(struct.pack("=IHHII", 16 + len(data), kind, NLM_F_REQUEST | (0 if kind == AUDIT_GET else NLM_F_ACK), 1, 0) + data)
        while True:
            answer = s.recv(8192)
            got = struct.unpack("=H", answer[4:6])[0]
            if got == 2 and (kind != AUDIT_GET or struct.unpack("=i", answer[16:20])[0] != 0):
                return struct.unpack("=i", answer[16:20])[0]
            if got == kind:
                return answer[16:]


def exclude(*fields):
    """A rule of the list "exclude" as auditctl makes it: struct audit_rule_data."""
    values = list(fields) + [(0, 0)] * (64 - len(fields))
    return struct.pack("=III64I64I64I64II", EXCLUDE, NEVER, len(fields), *[0] * 64, *[f for f, _ in values], *[v for _, v in values],
                       *[EQUAL if i < len(fields) else 0 for i in range(64)], 0)


@guardtest.needs_cli
class AuditSystem(Live):
    """What the audit system does with records before anybody sees them."""

    def setUp(self):
        super().setUp()
        if not isinstance(ask_audit(AUDIT_GET), bytes):
            self.skipTest("the audit system may not be asked here")

    def said(self):
        follower = self.follow()
        self.assertEqual(follower.end(), 0)
        return follower.read(follower.err)

    def test_a_rule_that_keeps_records_back(self):
        # Of a user that there is not, so that nobody else on this machine misses anything.
        rule = exclude((MSGTYPE, 1326), (UID, 4211111111))
        self.assertNotIn("keeps", self.said())
        self.assertEqual(ask_audit(AUDIT_ADD_RULE, rule), 0)
        self.addCleanup(ask_audit, AUDIT_DEL_RULE, rule)
        self.assertIn("keeps some records of seccomp back", self.said())
        self.assertEqual(ask_audit(AUDIT_DEL_RULE, rule), 0)
        other = exclude((MSGTYPE, 1300), (UID, 4211111111))
        self.assertEqual(ask_audit(AUDIT_ADD_RULE, other), 0)
        self.addCleanup(ask_audit, AUDIT_DEL_RULE, other)
        self.assertNotIn("keeps", self.said())

    def test_what_the_kernel_has_lost_is_measured(self):
        metrics = os.path.join(self.tmp, "m.prom")
        follower = self.follow("--metrics", metrics)
        self.assertEqual(follower.end(), 0)
        lost = struct.unpack("=I", ask_audit(AUDIT_GET)[24:28])[0]
        self.assertIn("\nseccomp_guard_audit_lost_total %d\n" % lost, follower.read(metrics))

    def test_without_the_right_to_ask(self):
        if command(["setpriv", "--bounding-set", "-audit_control", "true"]).status != 0:
            self.skipTest("setpriv cannot drop CAP_AUDIT_CONTROL here")
        follower = Follower(self, "--metrics", os.path.join(self.tmp, "m.prom"),
                            prefix=("setpriv", "--bounding-set", "-audit_control", "--inh-caps", "-audit_control"))
        self.assertTrue(follower.ready(), follower.read(follower.err))
        self.assertEqual(follower.end(), 0)
        self.assertIn("needs CAP_AUDIT_CONTROL", follower.read(follower.err))
        self.assertNotIn("audit_lost", follower.read(os.path.join(self.tmp, "m.prom")))


@guardtest.needs_cli
class Unit(Live):
    """The unit for systemd: its program, with its options and no more capabilities than it says."""

    def test_unit(self):
        with open(os.path.join(guardtest.BUILDDIR, "contrib/seccomp-guard-denials.service"), encoding="utf-8") as f:
            lines = dict(line.strip().split("=", 1) for line in f if re.match(r"[A-Z]\w+=", line))
        program, *args = lines["ExecStart"].split()
        self.assertEqual(os.path.basename(program), "seccomp-guard")
        self.assertTrue(lines["Environment"].startswith("METRICS=/var/lib/%s/" % lines["StateDirectory"]))
        metrics = os.path.join(self.tmp, "denials.prom")
        args = [metrics if arg == "${METRICS}" else arg for arg in args]
        capabilities = ",".join("+" + name[len("CAP_"):].lower() for name in lines["CapabilityBoundingSet"].split())
        prefix = ("setpriv", "--bounding-set", "-all," + capabilities)
        if command([*prefix, "true"]).status != 0:
            self.skipTest("setpriv cannot drop capabilities here")
        self.follow().end()
        follower = Follower(self, *args[2:], prefix=prefix)
        self.assertEqual(args[:2], ["denials", "--follow"])
        self.assertTrue(follower.ready(), follower.read(follower.err))
        self.assertEqual(follower.end(), 0)
        said = [line for line in follower.read(follower.err).splitlines() if "others follow already" not in line]
        self.assertEqual(said, [])
        self.assertIn("start_time_seconds", follower.read(metrics))

    def test_restarts(self):
        """It is tried again, but where no later try can do more: see systemd.service(5)."""
        with open(os.path.join(guardtest.BUILDDIR, "contrib/seccomp-guard-denials.service"), encoding="utf-8") as f:
            lines = dict(line.strip().split("=", 1) for line in f if re.match(r"[A-Z]\w+=", line))
        never = int(lines["RestartPreventExitStatus"])
        self.assertEqual(lines["Restart"], "on-failure")
        args = (*lines["ExecStart"].replace("${METRICS}", os.path.join(self.tmp, "m.prom")).split()[1:],)
        if command(["unshare", "-n", "true"]).status == 0:
            done = command(["unshare", "-n", guardtest.CLI, *args])
            self.assertStatus(done, never)
            self.assertIn("do not come to this network namespace", done.error)
        # What may be there the next time.
        args = [word.replace(self.tmp, self.tmp + "/none") for word in args]
        self.assertStatus(command([guardtest.CLI, *args], timeout=60), 2)


@guardtest.needs_root
@guardtest.needs_wrapper
class WhichRunc(guardtest.Case):
    """What a runc takes is told by its own file, and known again as long as that is the same."""

    runtime = guardtest.RUNTIMES["runc"]
    NEW = b"".join(name.encode() for name in FLAGS)
    OLD = b"seccomp flags are not yet supported by runc" + FLAGS[1].encode()

    def runc(self, texts):
        """A runtime that does nothing, with these texts behind its end."""
        path = os.path.join(self.tmp, "runc")
        shutil.copy(guardtest.FAKE, path + ".new")
        with open(path + ".new", "ab") as f:
            f.write(b"\0" + texts + b"\0")
        os.rename(path + ".new", path)
        return path

    def takes(self, path, *prefix):
        b = self.bundle()
        done = command([*guardtest.in_own_run(self.known), *prefix, guardtest.WRAPPER, "--guard-policy", self.policy(denials="log"),
                        "--guard-runtime", path, "create", "--bundle", b.path, self.container_id()])
        self.assertStatus(done, 0)
        takes = b.seccomp().get("flags") == FLAGS
        self.assertEqual(self.decisions()[-1]["denials"], "log" if takes else "silent")
        return takes

    def setUp(self):
        super().setUp()
        self.known = os.path.join(self.tmp, "run")
        os.mkdir(self.known, 0o755)

    def links(self):
        return sorted(os.readlink(os.path.join(self.known, name)) for name in os.listdir(self.known) if "takes-log" in name)

    def test_an_upgrade_and_back(self):
        for texts, takes in ((self.OLD, False), (self.NEW, True), (self.OLD, False), (b"", False), (FLAGS[1].encode(), False)):
            path = self.runc(texts)
            for _ in range(2):
                self.assertEqual(self.takes(path), takes, texts)
        self.assertEqual(self.links(), ["no"] * 4 + ["yes"])
        os.remove(path)
        script = self.file("runc", "#!/bin/sh\n", 0o755)
        self.assertFalse(self.takes(script))

    @guardtest.needs_strace
    def test_it_is_read_once(self):
        path = self.runc(self.NEW)
        opened = []
        for _ in range(2):
            trace = os.path.join(self.tmp, "trace")
            self.assertTrue(self.takes(path, "strace", "-f", "-e", "trace=open,openat", "-o", trace))
            with open(trace, encoding="utf-8", errors="replace") as f:
                opened.append(sum('"%s"' % path in line for line in f))
        self.assertEqual(opened, [1, 0])

    def test_where_nothing_can_be_kept(self):
        path = self.runc(self.NEW)
        for prefix in (["sh", "-c", 'mount -o remount,bind,ro /run/seccomp-guard && exec "$@"', "sh"], []):
            self.assertTrue(self.takes(path, *prefix))
        self.assertEqual(self.links(), ["yes"])


@guardtest.needs_cli
class Missing(Live):
    """Each thing that is missing is named, with what can be done without."""

    def ended(self, *prefix):
        follower = Follower(self, prefix=prefix)
        self.assertEqual(follower.process.wait(timeout=30), 3)
        return follower.read(follower.err)

    def test_another_namespace(self):
        self.follow().end()
        for option, name in (("-n", "network"), ("-U", "user")):
            if command(["unshare", option, "true"]).status != 0:
                continue
            said = self.ended("unshare", option)
            self.assertIn("this %s namespace" % name, said)
            self.assertIn("give it a log", said)

    def test_no_capability(self):
        self.follow().end()
        if command(["setpriv", "--bounding-set", "-audit_read", "true"]).status != 0:
            self.skipTest("setpriv cannot drop CAP_AUDIT_READ here")
        self.assertIn("CAP_AUDIT_READ", self.ended("setpriv", "--bounding-set", "-audit_read", "--inh-caps", "-audit_read"))

    def without_socket(self, which):
        """One that cannot open its first socket, for process events, or its second, for records. The tracer is not in the way."""
        return ("strace", "-D", "-o", "/dev/null", "-e", "trace=socket", "-e",
                "inject=socket:error=EPROTONOSUPPORT:when=%d" % which)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_no_events_of_processes(self):
        """A kernel without proc connector: what still runs is attributed, and it is said that the rest is not."""
        self.follow().end()
        follower = Follower(self, prefix=self.without_socket(1))
        self.assertTrue(follower.ready(), follower.read(follower.err))
        self.assertIn("this kernel has no proc connector: of a process that has ended the container is not known",
                      follower.read(follower.err))
        self.assertEqual(follower.end(), 0)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_no_audit_system(self):
        """audit=0: nothing is logged anywhere."""
        self.follow().end()
        said = self.ended(*self.without_socket(2))
        self.assertIn("audit=0", said)
        self.assertIn("only strace shows", said)

    def test_neither_file_nor_time(self):
        for args in (["-"], ["--since", "1h"]):
            self.assertIn("--follow", self.cli("denials", "--follow", *args).error)


if __name__ == "__main__":
    guardtest.main()
