#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong with live injection, the container's program never runs unconfined.

Its program is a witness whose first act is to write down, outside of its process, what confines it.
"""

import ctypes
import json
import os
import platform
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

PRETEND = guardtest.program("pretend-runtime")
KILLED = 100 + signal.SIGKILL

# CALL ARG ERRNO PROGRAM...: run a program under a filter that answers this call, by its first argument, with that errno.
ANSWERED = """
import ctypes, os, struct, sys
call, arg, errno = map(int, sys.argv[1:4])
code = ((0x20, 0, 0, 0), (0x15, 0, 3, call), (0x20, 0, 0, 16), (0x15, 0, 1, arg), (6, 0, 0, 0x50000 | errno), (6, 0, 0, 0x7fff0000))
insns = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *insn) for insn in code))
prog = ctypes.create_string_buffer(struct.pack("=H6xQ", len(code), ctypes.addressof(insns)))
assert ctypes.CDLL(None).prctl(22, 2, prog) == 0
os.execv(sys.argv[4], sys.argv[4:])
"""
SECCOMP = {"x86_64": 317, "aarch64": 277}.get(platform.machine())
CLOSE_RANGE = 436


class Pretended(livetest.LiveCase):
    """A runtime that does what real ones never do; see tests/helpers/pretend-runtime.c."""

    def setUp(self):
        super().setUp()
        self.seen = os.path.join(self.tmp, "seen")

    def pretend(self, mode, profile=None, hook=None):
        hook = hook or [livetest.INJECT, profile or self.profile, self.report]
        return guardtest.command([PRETEND, mode, livetest.WITNESS, self.seen, *hook])

    def witnessed(self):
        if not os.path.exists(self.seen):
            return None
        with open(self.seen, "rb") as f:
            return f.read()

    def assertConfinedAt(self, mode, reason):
        self.assertStatus(self.pretend(mode), 0)
        self.assertWitness(self.witnessed())
        outcome, _, _, why = self.reports()[0]
        self.assertEqual((outcome, why), ("confined", reason))
        self.assertNoInjectorLeft()

    def assertKilled(self, mode, *words, **kwargs):
        done = self.pretend(mode, **kwargs)
        self.assertStatus(done, KILLED)
        self.assertIsNone(self.witnessed())
        outcome, _, _, why = self.reports()[0]
        self.assertEqual(outcome, "killed")
        for word in words:
            self.assertIn(word, why)
        self.assertNoInjectorLeft()

    def assertHookFails(self, *words, **kwargs):
        done = self.pretend("plain", **kwargs)
        self.assertStatus(done, 1)
        for word in words:
            self.assertIn(word, done.error)
        self.assertIsNone(self.witnessed())
        self.assertNoInjectorLeft()

    def test_without_the_hook_the_witness_runs_unconfined(self):
        """Or these tests would prove nothing."""
        self.assertStatus(self.pretend("plain", hook=["/bin/true"]), 0)
        self.assertIn(b"Seccomp:\t0\n", self.witnessed())

    def test_each_call_that_gives_up_privilege(self):
        for mode, reason in (("plain", "prctl(PR_CAPBSET_DROP)"), ("keepcaps", "prctl(PR_SET_KEEPCAPS)"),
                             ("capset", "capset"), ("none", "execve")):
            with self.subTest(mode):
                self.assertConfinedAt(mode, reason)
                os.unlink(self.seen)
                os.unlink(self.report)

    def test_exec_of_another_thread_is_death(self):
        self.assertKilled("thread-exec", "before the filter was in place")

    def test_exec_of_another_thread_after_the_filter(self):
        """The filter is loaded into all threads."""
        self.assertConfinedAt("late-thread-exec", "prctl(PR_CAPBSET_DROP)")

    def test_threads_old_and_new(self):
        self.assertConfinedAt("many-threads", "prctl(PR_CAPBSET_DROP)")

    def test_signals_at_every_moment(self):
        self.assertConfinedAt("signals", "prctl(PR_CAPBSET_DROP)")

    def test_stopped_and_continued(self):
        self.assertConfinedAt("stop", "prctl(PR_CAPBSET_DROP)")

    def test_a_cloned_process_is_let_go(self):
        self.assertConfinedAt("clone", "prctl(PR_CAPBSET_DROP)")

    def test_no_privilege_left_at_exec(self):
        self.assertKilled("unprivileged", "SECCOMP_SET_MODE_FILTER", "is not accessible")

    def test_no_privilege_left_but_no_new_privs(self):
        os.chmod(self.tmp, 0o777)
        self.assertConfinedAt("no-new-privs", "execve")

    def test_no_memory_for_the_filter(self):
        self.assertKilled("no-memory", "mmap", "Cannot allocate memory")

    def test_another_abi(self):
        done = self.pretend("foreign-abi")
        if done.status == 77:
            self.skipTest("there is no other ABI")
        self.assertStatus(done, KILLED)
        self.assertIn("another ABI", self.reports()[0][3])
        self.assertIsNone(self.witnessed())

    def test_init_ends_by_itself(self):
        self.assertStatus(self.pretend("die"), 7)
        self.assertEqual(self.reports()[0][0], "died")
        self.assertNoInjectorLeft()

    def test_a_filter_that_the_kernel_refuses(self):
        # A jump out of the program.
        bad = self.file("bad.bpf", struct.pack("<HBBIHBBI", 0x15, 9, 9, 0, 6, 0, 0, 0x7FFF0000))
        self.assertKilled("plain", "SECCOMP_SET_MODE_FILTER", "Invalid argument", profile=bad)

    def answered(self, call, arg, errno):
        return guardtest.command([sys.executable, "-c", ANSWERED, str(call), str(arg), str(errno), PRETEND, "plain",
                                  livetest.WITNESS, self.seen, livetest.INJECT, self.profile, self.report])

    def test_before_close_range(self):
        """Linux 5.8 has no such call: descriptors are closed one by one."""
        self.assertStatus(self.answered(CLOSE_RANGE, 0, 38), 0)
        self.assertIn(b"keyctl=75\n", self.witnessed())
        self.assertNoInjectorLeft()

    def test_no_room_for_the_filter(self):
        """What a kernel without an interpreter answers when net.core.bpf_jit_limit is used up: no errno of ours."""
        done = self.answered(SECCOMP, 1, 524)
        self.assertStatus(done, KILLED)
        outcome, _, _, why = self.reports()[0]
        self.assertEqual(outcome, "killed")
        with open("/proc/sys/net/core/bpf_jit_limit", encoding="ascii") as f:
            self.assertIn("net.core.bpf_jit_limit is %s bytes" % f.read().strip(), why)
        self.assertIsNone(self.witnessed())
        self.assertNoInjectorLeft()

    def test_no_filter(self):
        self.assertHookFails("the filter is empty", profile=self.file("empty.bpf", b""))

    def test_a_profile_that_cannot_be_compiled(self):
        for text, word in (('{"defaultAction":"SCMP_ACT_MAYBE"}', "SCMP_ACT_MAYBE"), ("{", ""),
                           ('{"defaultAction":"SCMP_ACT_NOTIFY"}', "listener"),
                           ('{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_PARISC"]}', "PARISC"),
                           ("{}", "makes no filter")):
            with self.subTest(text):
                self.assertHookFails(word, profile=self.file("p.json", text))

    def test_a_profile_that_takes_too_many_instructions(self):
        for n, indexes, words in ((2000, (1, 2), "more than the 4096 instructions"), (4200, (1,), "more than 4096 conditions")):
            rules = [{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO",
                      "args": [{"index": i, "value": 7 * value, "op": "SCMP_CMP_EQ"} for i in indexes]} for value in range(n)]
            text = json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules})
            with self.subTest(words):
                self.assertHookFails(words, profile=self.file("p%d.json" % n, text))

    def test_an_action_that_the_kernel_does_not_know(self):
        """It would take the program and kill at the answer."""
        path = self.file("p.bpf", struct.pack("=HBBI", 6, 0, 0, 0x12340000))
        self.assertHookFails("does not know action 0x12340000", profile=path)

    def test_a_tracer_is_there_already(self):
        hook = self.file("hook", """#!/bin/sh
state=$(cat)
pid=$(echo "$state" | sed 's/.*"pid":\\([0-9]*\\).*/\\1/')
strace -qq -o /dev/null -p $pid </dev/null >/dev/null 2>&1 &
while grep -q 'TracerPid:.0$' /proc/$pid/status; do sleep 0.01; done
echo "$state" | %s %s %s
code=$?
kill $!
exit $code
""" % (livetest.INJECT, self.profile, self.report), 0o755)
        self.assertHookFails("is traced by process", hook=[hook])

    def test_ptrace_is_forbidden(self):
        """What kernel.yama.ptrace_scope=3 does: PTRACE_SEIZE answers EPERM."""
        if guardtest.sanitized():
            self.skipTest("the leak check of a sanitized build does not work under strace")
        self.assertHookFails("PTRACE_SEIZE", "is not allowed here",
                             hook=self.faulty("ptrace:error=EPERM:when=1"))

    def test_ptrace_requests_fail(self):
        """Each of the first requests, and some of those that come later."""
        for n in list(range(1, 30)) + [40, 50]:
            with self.subTest(n):
                done = self.pretend("plain", hook=self.faulty("ptrace:error=EIO:when=%d" % n))
                seen = self.witnessed()
                if seen is None:
                    self.assertNotEqual(done.status, 0)
                else:
                    self.assertWitness(seen)
                    os.unlink(self.seen)
                self.assertNoInjectorLeft()

    def faulty(self, fault):
        """The hook, with `fault` in the process that injects, as strace(1) -e inject= describes it."""
        return [self.file("hook", """#!/bin/sh
exec strace -D -f -o /dev/null -e trace=ptrace -e inject=%s %s %s %s
""" % (fault, livetest.INJECT, self.profile, self.report), 0o755)]


@guardtest.all_runtimes
class Killed(livetest.LiveCase):
    """Real containers, whose injector gets SIGKILL."""

    def witness_bundle(self, hook):
        def change(c):
            c["process"]["args"] = ["/bin/witness", "/tmp/seen"]
            c["root"]["readonly"] = False
        return self.live(change, hooks={"createRuntime": [{"path": hook, "args": [hook]}]})

    def run_once(self, hook):
        """One container. Returns what its program left: None when it did not run."""
        b = self.witness_bundle(hook)
        done = self.start(b)
        path = os.path.join(b.path, "rootfs", "tmp", "seen")
        if not os.path.exists(path):
            self.assertNotEqual(done.status, 0, done)
            return None
        with open(path, "rb") as f:
            seen = f.read()
        self.assertWitness(seen)
        return seen

    def test_at_every_request(self):
        """SIGKILL at the N-th ptrace request: every one while seizing, then some."""
        survived = killed = 0
        for n in list(range(1, 40)) + list(range(45, 400, 12)) + [500, 600, 800]:
            hook = self.file("hook%d" % n, """#!/bin/sh
exec 2>/dev/null strace -D -f -o /dev/null -e trace=ptrace -e inject=ptrace:signal=KILL:when=%d %s %s %s
""" % (n, livetest.INJECT, self.profile, self.report), 0o755)
            if self.run_once(hook) is None:
                killed += 1
            else:
                survived += 1
        guardtest.diagnose("%s: %d killed, %d confined" % (self.runtime, killed, survived))
        self.assertGreater(killed, 40)
        self.assertNothingLeft()

    def test_at_random_times(self):
        hook = self.file("hook", "#!/bin/sh\nexec %s %s %s\n" % (
            livetest.INJECT, self.profile, self.report), 0o755)
        survived = killed = 0
        # On a busy machine the killer may come too late each time; what must hold, run_once() sees to each time.
        while survived + killed < 40 or (killed == 0 and survived < 120):
            delay = (survived + killed) % 40 * 0.0002
            killer = kill_later(os.fsencode(self.report), delay)
            if self.run_once(hook) is None:
                killed += 1
            else:
                survived += 1
            os.kill(killer, signal.SIGKILL)
            os.waitpid(killer, 0)
        guardtest.diagnose("%s: %d killed, %d confined" % (self.runtime, killed, survived))
        self.assertNothingLeft()


def kill_later(mark, delay):
    """The pid of a process that waits for the one that injects, a leader of its session, then `delay` seconds, and kills
    it. Forked, as starting a program takes longer than a container."""
    pid = os.fork()
    if pid:
        return pid
    others = set()
    while True:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if pid in others:
                continue
            try:
                line = livetest.cmdline(pid)
                if mark in line and b"live-inject" in line and os.getsid(int(pid)) == int(pid):
                    time.sleep(delay)
                    os.kill(int(pid), signal.SIGKILL)
                    os._exit(0)
            except OSError:
                pass
            if not line:
                others.add(pid)


class NotAnInit(livetest.LiveCase):
    """Processes that are not a container's init are told apart and stay as they are."""

    def inject(self, state, before=()):
        return guardtest.command([*before, livetest.INJECT, self.profile, self.report],
                                 stdin=state if isinstance(state, bytes) else json.dumps(state).encode())

    def assertRefuses(self, pid, *words, before=()):
        done = self.inject({"ociVersion": "1.0.2", "id": "x", "status": "creating", "pid": pid, "bundle": "/"}, before)
        self.assertStatus(done, 1)
        for word in words:
            self.assertIn(word, done.error)

    def test_no_pid(self):
        for state in (b"", b"{}", b"not json", b'{"pid":0}', b'{"pid":-1}', b'{"pid":1}'):
            with self.subTest(state):
                done = self.inject(state)
                self.assertStatus(done, 1)
                self.assertIn("cannot be a container's init", done.error)

    def test_no_such_process(self):
        child = subprocess.Popen(["/bin/true"])
        child.wait()
        self.assertRefuses(child.pid, "No such process")

    def test_dead_process(self):
        child = subprocess.Popen(["/bin/true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertRefuses(child.pid, "is dead")
        child.wait()

    def test_a_program(self):
        """It has called execve: whatever it is, its program runs already."""
        with subprocess.Popen(["/bin/sleep", "60"]) as child:
            while not livetest.cmdline(child.pid).startswith(b"/bin/sleep"):
                time.sleep(0.001)
            self.assertRefuses(child.pid, "it has called execve")
            self.assertIsNone(child.poll())
            child.kill()

    def test_this_process(self):
        self.assertRefuses(os.getpid(), "not a container's init")

    def test_a_kernel_thread(self):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with open("/proc/%s/stat" % pid, encoding="ascii") as f:
                if int(f.read().rpartition(")")[2].split()[6]) & 0x200000:
                    self.assertRefuses(int(pid), "belongs to the kernel")
                    return
        self.skipTest("no kernel thread is to be seen")

    def test_a_thread(self):
        import threading
        done = threading.Event()
        thread = threading.Thread(target=done.wait)
        thread.start()
        self.assertRefuses(thread.native_id, "")
        done.set()
        thread.join()

    def test_a_fork_of_a_stranger(self):
        """A process that has not called execve, but its parent is none that waits for the hook."""
        shell, fifo = os.path.join(self.tmp, "sh"), os.path.join(self.tmp, "fifo")
        shutil.copy("/bin/sh", shell)
        os.mkfifo(fifo)
        with subprocess.Popen([shell, "-c", "( read x <%s ) & echo $!; wait" % fifo], stdout=subprocess.PIPE) as stranger:
            pid = int(stranger.stdout.readline())
            self.assertRefuses(pid, "no process that waits for this hook made it")
            with open(fifo, "w", encoding="ascii") as f:
                f.write("go on\n")
            self.assertEqual(stranger.wait(60), 0)

    def test_a_fork_in_our_own_namespaces(self):
        """Made by an ancestor of the hook, this test; a container is in namespaces of its own."""
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        try:
            self.assertRefuses(pid, "shares all of this hook's namespaces")
            self.assertEqual(os.waitpid(pid, os.WNOHANG), (0, 0))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    @guardtest.needs_strace
    @guardtest.needs_root
    def test_one_that_dies_while_it_is_looked_at(self):
        """All conditions hold; then the process is gone, as the kernel says to the last question."""
        pid = os.fork()
        if pid == 0:
            if ctypes.CDLL(None).unshare(0x00020000) == 0:  # CLONE_NEWNS
                time.sleep(60)
            os._exit(0)
        try:
            time.sleep(0.1)
            self.assertRefuses(pid, "process %d is gone" % pid,
                               before=["strace", "-o", "/dev/null", "-e", "inject=pidfd_send_signal:error=ESRCH"])
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@guardtest.all_runtimes
class RunningContainer(livetest.LiveCase):
    def test_it_is_not_touched(self):
        b, cid = self.bundle(args=["/bin/probe", "pause"]), self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        self.assertStatus(self.call("start", cid), 0)
        pid = json.loads(self.call("state", cid).out)["pid"]
        guardtest.until(lambda: b"probe" in livetest.cmdline(pid))
        done = guardtest.command([livetest.INJECT, self.profile, self.report],
                                 stdin=b'{"pid":%d}' % pid)
        self.assertStatus(done, 1)
        self.assertIn("it has called execve", done.error)
        self.assertEqual(json.loads(self.call("state", cid).out)["status"], "running")

    def test_nor_one_that_waits_for_its_start(self):
        """Its runtime does not wait for this hook: the create is over."""
        b, cid = self.bundle(), self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        pid = json.loads(self.call("state", cid).out)["pid"]
        done = guardtest.command([livetest.INJECT, self.profile, self.report],
                                 stdin=b'{"pid":%d}' % pid)
        self.assertStatus(done, 1)
        self.assertIn("no process that waits for this hook made it", done.error)
        self.assertStatus(self.call("start", cid), 0)


if __name__ == "__main__":
    guardtest.main()
