#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A filter is loaded into a process that runs: it has it then, and has lost nothing. tests/helpers/blocked.c waits in every
kind of call; live-confine injects with nothing around it. Neither needs a container."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import command  # noqa: E402

INJECT = guardtest.program("live-confine")
BLOCKED = guardtest.program("blocked")

# What each kind returns, with its errno, whether or not something was done to it.
EXPECTED = {
    "read": "1 0", "poll": "1 0", "ppoll": "1 0", "select": "1 0", "epoll": "1 0", "futex": "0 0", "pause": "-1 4", "sigsuspend": "-1 4",
    "sigwait": "10 0", "wait4": "7 0", "waitid": "7 0", "vfork": "1 0", "accept": "1 0", "recvmsg": "1 0", "msgrcv": "1 0",
    "semop": "0 0", "flock": "0 0", "fcntl": "0 0", "eventfd": "5 0", "signalfd": "1 0", "nanosleep": "0 0", "clock_nanosleep": "0 0",
    "clock_absolute": "0 0", "futex_timeout": "-1 110", "poll_timeout": "0 0", "ppoll_timeout": "0 0", "select_timeout": "0 0", "alarm": "-1 4",
}
# Documented: any stop, also SIGSTOP and the freezer, ends these with EINTR (docs/confine.md).
CUT_SHORT = {"epoll_timeout": "-1 4", "sigwait_timeout": "-1 4", "semop_timeout": "-1 4"}


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def descendants(pid):
    """`pid` and all that it has made, the youngest first."""
    found, todo = [], [pid]
    while todo:
        at = todo.pop()
        found.append(at)
        for tid in os.listdir("/proc/%d/task" % at):
            with open("/proc/%d/task/%s/children" % (at, tid), encoding="ascii") as f:
                todo += map(int, f.read().split())
    return sorted(found, reverse=True)


class Target:
    """A process of blocked.c."""

    def __init__(self, case, *args, program=None):
        self.p = subprocess.Popen([program or BLOCKED, *args], stdin=subprocess.PIPE,  # pylint: disable=consider-using-with
                                  stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.pid = self.p.pid
        case.addCleanup(self.end)

    def ready(self):
        line = self.p.stdout.readline()
        assert line == "ready\n", line
        return self

    def line(self):
        self.p.stdin.write("\n")
        self.p.stdin.flush()

    def output(self):
        return self.p.communicate(timeout=60)[0]

    def finish(self):
        """The exit status and what it says when it is told that it is over."""
        os.kill(self.pid, signal.SIGUSR1)
        return self.p.returncode, self.output()

    def end(self):
        for stream in (self.p.stdin, self.p.stdout):
            if not stream.closed:
                stream.close()
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.p.wait()


@unittest.skipUnless(INJECT and BLOCKED, "tests/helpers were not built")
@guardtest.needs_root
class InjectCase(guardtest.Case):
    def target(self, *args, **kwargs):
        return Target(self, *args, **kwargs)

    def inject(self, pid, *args, **kwargs):
        """What live-confine says, as {word: rest}."""
        done = command([INJECT, str(pid), *map(str, args)], **kwargs)
        self.assertStatus(done, 0)
        return dict(line.split(" ", 1) for line in done.text.splitlines())

    def assertGoesOn(self, pid, state=None):
        # What is let go of while it was to be stopped, comes to a stop a moment later.
        end = time.monotonic() + 30
        seen = status_of(pid)
        while state and seen["State"][0] not in state and time.monotonic() < end:
            time.sleep(0.005)
            seen = status_of(pid)
        self.assertEqual(seen["TracerPid"], "0")
        self.assertIn(seen["State"][0], state or "RSD")
        return seen

    def assertConfined(self, target, *args):
        self.assertEqual(self.inject(target.pid, *args).get("confined"), str(args[0] if args else 1))
        self.assertEqual(self.assertGoesOn(target.pid)["Seccomp"], "2")


class Waiting(InjectCase):
    def check(self, text, denied="75"):
        seen = {}
        for line in text.splitlines():
            m = re.fullmatch(r"(\w+) (-?\d+ \d+)( \w+)? unshare=(\d+)", line)
            self.assertTrue(m, line)
            expected = {**EXPECTED, **CUT_SHORT}[m[1]]
            self.assertEqual((m[2], m[3], m[4]), (expected, None, denied), line)
            seen[m[1]] = True
        return seen

    def test_without(self):
        """The measure: what the same program says when nothing is done to it."""
        t = self.target("all").ready()
        t.line()
        t.line()
        said = t.output()
        for line in said.splitlines():
            name, rest = line.split(" ", 1)
            self.assertIn(name, {**EXPECTED, **CUT_SHORT})
            if name in EXPECTED:
                self.assertEqual(rest, EXPECTED[name] + " unshare=0")
            else:
                self.assertNotIn(" 4 ", rest)

    def test_every_kind(self):
        t = self.target("all").ready()
        t.line()
        late = []
        for pid in descendants(t.pid):
            seen = self.inject(pid, 1, 0)
            if "again" in seen:
                late.append(pid)
                self.assertIn("uninterruptible", seen["why"])
            else:
                self.assertEqual(seen.get("confined"), "1", seen)
        # The parent of a vfork does not stop before its child ends.
        self.assertLessEqual(len(late), 1)
        t.line()
        said = t.output().splitlines()
        vfork = [line for line in said if line.startswith("vfork ")]
        self.assertEqual([line.split(" unshare")[0] for line in vfork], ["vfork 1 0"])
        self.assertEqual(set(self.check("\n".join(x for x in said if x not in vfork))), (set(EXPECTED) | set(CUT_SHORT)) - {"vfork"})

    def test_fifty_threads(self):
        t = self.target("threads").ready()
        t.line()
        self.assertConfined(t)
        t.line()
        said = t.output()
        self.assertEqual(len(said.splitlines()), 50)
        self.check(said)

    def test_twice_is_once(self):
        t = self.target("nanosleep").ready()
        t.line()
        child = descendants(t.pid)[0]
        self.assertEqual(self.inject(child).get("confined"), "1")
        self.assertEqual(self.inject(child).get("had-it"), "1")
        self.assertEqual(status_of(child)["Seccomp_filters"], "1")
        t.line()
        self.check(t.output())

    def test_stopped_stays_stopped(self):
        t = self.target("nanosleep").ready()
        t.line()
        child = descendants(t.pid)[0]
        os.kill(child, signal.SIGSTOP)
        while status_of(child)["State"][0] != "T":
            time.sleep(0.001)
        self.assertEqual(self.inject(child).get("confined"), "1")
        self.assertEqual(self.assertGoesOn(child, state="T")["Seccomp"], "2")
        os.kill(child, signal.SIGCONT)
        t.line()
        self.check(t.output())

    def test_traced_by_another(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        t = self.target("read").ready()
        child = descendants(t.pid)[0]
        strace = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(child)],  # pylint: disable=consider-using-with
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(strace.wait)
        self.addCleanup(strace.kill)
        while status_of(child)["TracerPid"] == "0":
            time.sleep(0.01)
        seen = self.inject(child)
        self.assertEqual((seen.get("refused"), seen["why"]), ("1", "process %d traces it" % strace.pid))
        self.assertEqual(status_of(child)["Seccomp"], "0")

    def test_one_of_its_threads_is_traced(self):
        """Of threads with different filters each is seized, and one of them cannot be."""
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        for of in (1, -1):
            t = self.target("differ").ready()
            tid = sorted(map(int, os.listdir("/proc/%d/task" % t.pid)))[of]
            strace = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(tid)],  # pylint: disable=consider-using-with
                                      stderr=subprocess.DEVNULL)
            self.addCleanup(strace.wait)
            self.addCleanup(strace.kill)
            while status_of(tid)["TracerPid"] == "0":
                time.sleep(0.01)
            seen = self.inject(t.pid)
            self.assertEqual((seen.get("refused"), seen["why"]), ("1", "process %d traces it" % strace.pid))
            self.assertEqual(status_of(t.pid)["TracerPid"], "0")

    def test_no_new_privs_only_if_allowed(self):
        for allowed in (False, True):
            p = subprocess.Popen(["setpriv", "--reuid=65534", "--clear-groups", BLOCKED, "burn"],  # pylint: disable=consider-using-with
                                 stdout=subprocess.PIPE)
            self.addCleanup(p.stdout.close)
            self.addCleanup(p.wait)
            self.addCleanup(p.kill)
            self.assertEqual(p.stdout.readline(), b"ready\n")
            env = dict(os.environ, **({"NO_NEW_PRIVS": "1"} if allowed else {}))
            seen = self.inject(p.pid, env=env)
            self.assertIn("confined" if allowed else "refused", seen)
            self.assertEqual((status_of(p.pid)["NoNewPrivs"], status_of(p.pid)["Seccomp"]), ("1", "2") if allowed else ("0", "0"))
            if not allowed:
                self.assertIn("--no-new-privs", seen["why"])

    def test_user_namespaces(self):
        """Its root may load a filter, and gives up nothing; who is nobody there may not."""
        for option, word in (("-Ur", "confined"), ("-U", "refused")):
            p = subprocess.Popen(["unshare", option, BLOCKED, "burn"], stdout=subprocess.PIPE)  # pylint: disable=consider-using-with
            self.addCleanup(p.stdout.close)
            self.addCleanup(p.wait)
            self.addCleanup(p.kill)
            if p.stdout.readline() != b"ready\n":
                self.skipTest("no user namespaces here")
            seen = self.inject(p.pid)
            self.assertIn(word, seen, option)
            after = status_of(p.pid)
            self.assertEqual((after["NoNewPrivs"], after["Seccomp"], after["TracerPid"]), ("0", "2" if word == "confined" else "0", "0"))

    def test_a_capability_that_is_only_permitted(self):
        """It is raised for the call, and back again."""
        code = ("import ctypes, time\nlibc = ctypes.CDLL(None)\nh = (ctypes.c_uint * 2)(0x20080522, 0)\nd = (ctypes.c_uint * 6)()\n"
                "libc.capget(h, d)\nd[0] &= ~(1 << 21)\nassert libc.capset(h, d) == 0\nprint('ready', flush=True)\ntime.sleep(60)")
        p = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)  # pylint: disable=consider-using-with
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        self.assertEqual(p.stdout.readline(), b"ready\n")
        before = status_of(p.pid)
        self.assertEqual(int(before["CapEff"], 16) >> 21 & 1, 0)
        self.assertEqual(self.inject(p.pid).get("confined"), "1")
        after = status_of(p.pid)
        self.assertEqual((after["CapEff"], after["CapPrm"], after["NoNewPrivs"], after["Seccomp"]),
                         (before["CapEff"], before["CapPrm"], "0", "2"))


class Running(InjectCase):
    def busy(self, what, said, n=1, nap=0, **kwargs):
        t = self.target(what, **kwargs).ready()
        self.assertConfined(t, n, nap)
        _, text = t.finish()
        self.assertEqual(t.p.returncode, 0, text)
        self.assertRegex(text, said)

    def test_computing(self):
        self.busy("burn", r"\Aright\n\Z", 100, 1000)

    def test_vector_registers(self):
        """On aarch64 a system call leaves nothing in those of SVE."""
        self.busy("vector", r"\A(right|no vectors)\n\Z", 100, 2000)

    def test_restartable_sequences(self):
        self.busy("rseq", r"\A(right|no rseq)\n\Z", 200, 2000)

    def test_storm_of_signals(self):
        self.busy("signals", r"\Aright\n\Z", 100, 2000)

    def test_storm_of_threads(self):
        self.busy("storm", r"\Athreads=\d+\n\Z", 30, 1000)

    def test_threads_with_different_filters(self):
        self.busy("differ", r"\Aunshare=75\n\Z")

    def test_a_filter_of_its_own_that_kills(self):
        self.busy("deadly", r"\Aunshare=75\n\Z")

    def test_no_vdso_to_execute(self):
        """What is put there would fault."""
        t = self.target("no_vdso").ready()
        seen = self.inject(t.pid)
        self.assertEqual(seen.get("refused"), "1", seen)
        self.assertIn("its vDSO", seen["why"])
        self.assertEqual(self.assertGoesOn(t.pid)["Seccomp"], "0")
        self.assertEqual(t.finish()[1], "right\n")

    def test_a_vdso_that_changes_meanwhile(self):
        t = self.target("flicker").ready()
        seen = self.inject(t.pid, 100, 1000)
        self.assertEqual(set(seen) - {"confined", "refused", "why", "stopped"}, set(), seen)
        self.assertIn("its vDSO", seen.get("why", "its vDSO"))
        _, text = t.finish()
        self.assertEqual((t.p.returncode, text), (0, "right\n"))

    def test_executing_all_the_time(self):
        self.busy("exec", r"\Aunshare=75\n\Z")

    def test_python(self):
        code = ("import threading, time, signal, ctypes\nn = [0] * 8\nend = []\n"
                "signal.signal(signal.SIGUSR1, lambda *a: end.append(1))\nsignal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n"
                "ticks = []\nsignal.signal(signal.SIGALRM, lambda *a: ticks.append(1))\nprint('ready', flush=True)\n"
                "def work(i):\n    while not end:\n        n[i] += 1\n        time.sleep(0.001)\n"
                "t = [threading.Thread(target=work, args=(i,)) for i in range(8)]\n[x.start() for x in t]\n"
                "while not end: time.sleep(0.01)\n[x.join() for x in t]\nsignal.setitimer(signal.ITIMER_REAL, 0)\n"
                "print('right' if min(n) > 0 and ticks else 'wrong')")
        t = self.target("-c", code, program=sys.executable).ready()
        self.assertConfined(t, 50, 2000)
        _, text = t.finish()
        self.assertEqual((t.p.returncode, text), (0, "right\n"))

    def test_room_for_no_more_filters(self):
        """The kernel's limit: told, and harmless."""
        t = self.target("burn").ready()
        seen = self.inject(t.pid, 12, env=dict(os.environ, LONG="1"))
        self.assertEqual((seen["confined"], seen["refused"]), ("8", "4"))
        self.assertIn("too many filters", seen["why"])
        self.assertEqual(t.finish()[1], "right\n")

    def test_memory_limit(self):
        t = self.target("burn").ready()
        subprocess.run(["prlimit", "--pid", str(t.pid), "--as=1"], check=True)
        seen = self.inject(t.pid)
        self.assertIn("no room", seen.get("why", ""))
        self.assertEqual(self.assertGoesOn(t.pid)["Seccomp"], "0")
        self.assertEqual(t.finish()[1], "right\n")


@unittest.skipUnless(os.uname().machine == "x86_64", "32-bit x86 programs")
class Narrow(InjectCase):
    def setUp(self):
        super().setUp()
        self.program = os.path.join(self.tmp, "blocked-32")
        source = os.path.join(guardtest.SRCDIR, "tests", "helpers", "blocked-32.c")
        done = command(["gcc", "-m32", "-nostdlib", "-static", "-ffreestanding", "-fno-pie", "-no-pie", "-fno-stack-protector", "-O1",
                        source, "-o", self.program])
        if done.status != 0 or command([self.program, "read"]).status != 0:
            self.skipTest("no 32-bit programs here")

    def test_waiting(self):
        for name, result in (("nanosleep", "0"), ("poll", "0"), ("read", "1"), ("epoll", "1")):
            t = self.target(name, program=self.program).ready()
            # Until it has come where it waits; later than this its time would be too long if it began anew.
            time.sleep(1.5)
            self.assertConfined(t)
            t.line()
            self.assertEqual(t.output(), "%s unshare=-75\n" % result, name)


@guardtest.needs_strace
@guardtest.not_sanitized
class Killed(InjectCase):
    """SIGKILL at each of its ptrace requests: whatever was done until then, the process goes on as if nothing had been."""

    def kill_at(self, pid, n):
        done = command(["strace", "-o", "/dev/null", "-e", "trace=ptrace", "-e", "inject=ptrace:signal=KILL:when=%d" % n,
                        INJECT, str(pid)])
        return "confined" not in done.text

    def each_point(self, mode, said, stop=False, may_end=False):
        targets, killed, loaded = [], 0, 0
        # How many requests there are depends on what the machine does meanwhile. Two after the end are enough to know it.
        while len(targets) < killed + 2:
            self.assertLess(len(targets), 500)
            t = self.target(mode).ready()
            targets.append(t)
            t.line()
            pid = t.pid if mode == "burn" else descendants(t.pid)[0]
            if stop:
                os.kill(pid, signal.SIGSTOP)
                while status_of(pid)["State"][0] != "T":
                    time.sleep(0.001)
            killed += self.kill_at(pid, len(targets))
            try:
                loaded += self.assertGoesOn(pid, state="T" if stop else "RSDZ" if may_end else None)["Seccomp"] == "2"
            except (FileNotFoundError, ProcessLookupError):
                self.assertTrue(may_end, len(targets))
            if stop:
                os.kill(pid, signal.SIGCONT)
        self.assertGreater(killed, 40)
        self.assertTrue(0 < loaded < len(targets), loaded)
        for n, t in enumerate(targets, 1):
            if mode == "burn":
                text = t.finish()[1]
            else:
                t.line()
                text = t.output()
            self.assertRegex(text, said, "killed at request %d" % n)
            self.assertEqual(t.p.returncode, 0, n)
        guardtest.diagnose("%s: killed %d times, %d with the filter" % (mode, killed, loaded))

    def test_while_it_computes(self):
        self.each_point("burn", r"\Aright\n\Z")

    def test_while_it_waits(self):
        self.each_point("sigsuspend", r"\Asigsuspend -1 4 unshare=(0|75)\n\Z")

    def test_while_it_waits_for_its_time(self):
        # On a busy machine its time may be over before the kill.
        self.each_point("futex_timeout", r"\Afutex_timeout -1 110( late)? unshare=(0|75)\n\Z", may_end=True)

    def test_while_it_is_stopped(self):
        self.each_point("read", r"\Aread 1 0 unshare=(0|75)\n\Z", stop=True)

    def test_and_again_afterwards(self):
        """What a killed one has left in the process is not in the way of the next."""
        t = self.target("burn").ready()
        for n in range(8, 64, 9):
            self.kill_at(t.pid, n)
        seen = self.inject(t.pid, 2)
        self.assertIn("confined", seen)
        self.assertNotIn("refused", seen)
        self.assertEqual(t.finish()[1], "right\n")


if __name__ == "__main__":
    guardtest.main()
