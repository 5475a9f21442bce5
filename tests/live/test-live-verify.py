#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What poststart asks the kernel, and what it does when the answer is no."""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

VERIFY = guardtest.program("live-verify")


def verify(pid, timeout, *options):
    start = time.monotonic()
    done = guardtest.command([VERIFY, str(pid), str(timeout), *options])
    return done, time.monotonic() - start


@guardtest.all_runtimes
class Verify(livetest.LiveCase):
    def started(self, b):
        cid = self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        self.assertStatus(self.call("start", cid), 0)
        return cid, json.loads(self.call("state", cid).out)["pid"]

    def test_confined(self):
        _, pid = self.started(self.live(args=["/bin/probe", "pause"]))
        done, taken = verify(pid, 5000)
        self.assertStatus(done, 0)
        self.assertLess(taken, 1)

    def test_created_with_a_profile_in_the_configuration(self):
        """runc's other threads have no filter before the start, and runc 1.1 runs poststart hooks in create."""
        def change(c):
            c["process"]["noNewPrivileges"] = False
            c.pop("hooks")
        b, cid = self.live(change, seccomp=livetest.PROFILE), self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        done, _ = verify(json.loads(self.call("state", cid).out)["pid"], 1000)
        self.assertStatus(done, 0)

    def test_unconfined(self):
        cid, pid = self.started(self.bundle(args=["/bin/probe", "pause"]))
        done, taken = verify(pid, 300)
        self.assertStatus(done, 1)
        self.assertIn("has no seccomp filter", done.error)
        self.assertGreater(taken, 0.25)
        self.assertEqual(json.loads(self.call("state", cid).out)["status"], "running")
        done, _ = verify(pid, 0, "kill")
        self.assertStatus(done, 1)
        self.assertTrue(guardtest.until(lambda: json.loads(self.call("state", cid).out)["status"] == "stopped"))

    def test_exec_is_not_covered(self):
        """Documented: processes that are added later get the filter that the runtime saved, and it saved none."""
        b = self.live(args=["/bin/probe", "pause"])
        cid, _ = self.started(b)
        done = self.call("exec", cid, "/bin/probe")
        self.assertEqual(self.probed(done)["Seccomp"], 0)


class Threads(livetest.LiveCase):
    def test_one_thread_without_a_filter_is_enough(self):
        text = """
import ctypes, os, struct, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def load():
    insns = ctypes.create_string_buffer(struct.pack("<HBBI", 6, 0, 0, 0x7fff0000))
    prog = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 1, ctypes.addressof(insns)))
    libc.prctl(38, 1, 0, 0, 0)
    assert libc.prctl(22, 2, prog, 0, 0) == 0
late = threading.Event()
def thread():
    late.wait()
    load()
    print("all", flush=True)
    time.sleep(60)
threading.Thread(target=thread, daemon=True).start()
load()
print("one", flush=True)
time.sleep(0.5)
late.set()
time.sleep(60)
"""
        with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as child:
            self.assertEqual(child.stdout.readline(), b"one\n")
            done, _ = verify(child.pid, 0)
            self.assertStatus(done, 1)
            done, taken = verify(child.pid, 10000)
            self.assertStatus(done, 0)
            self.assertLess(taken, 5)
            child.kill()

    def test_no_process(self):
        """What is over lacks nothing; the zombie too, which nobody has waited for."""
        child = subprocess.Popen(["/bin/true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertStatus(verify(child.pid, 0, "kill")[0], 0)
        child.wait()
        done, _ = verify(child.pid, 0, "kill")
        self.assertStatus(done, 0)
        self.assertEqual(done.text, "over\n")

    def test_what_is_no_container_is_not_opened(self):
        for pid in (0, 1):
            done, _ = verify(pid, 0, "kill")
            self.assertStatus(done, 1)
            self.assertEqual(done.text, "")

    def test_a_younger_process_was_given_the_pid_again(self):
        with subprocess.Popen(["/bin/sleep", "60"]) as child:
            time.sleep(0.1)
            self.assertStatus(verify(child.pid, 0)[0], 1)
            child.kill()
        # The shell becomes the program, and keeps its age; its child is younger.
        done = guardtest.command(["sh", "-c", 'sleep 0.1; sleep 60 & exec "$0" $! 0 kill', VERIFY])
        self.assertEqual((done.status, done.text), (0, "over\n"), done)

    def test_kill(self):
        child = subprocess.Popen(["/bin/sleep", "600"])
        self.addCleanup(child.kill)
        self.assertStatus(verify(child.pid, 0, "kill")[0], 1)
        self.assertEqual(child.wait(60), -signal.SIGKILL)


# In a pid namespace of its own: a pid is used again after the program has opened it, by a process that has no filter.
USED_AGAIN = """
import os, subprocess, sys, time
program = sys.argv[1]
first = subprocess.Popen(["sleep", "60"])
time.sleep(0.1)
verify = subprocess.Popen([program, str(first.pid), "500", "kill"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert verify.stdout.readline() == b"opened\\n"
first.kill()
first.wait()
with open("/proc/sys/kernel/ns_last_pid", "w") as f:
    f.write(str(first.pid - 1))
second = subprocess.Popen(["sleep", "60"])
assert second.pid == first.pid, (first.pid, second.pid)
verify.communicate(b"\\n")
time.sleep(0.1)
print(verify.returncode, second.poll())
second.kill()
"""


@guardtest.needs_root
class PidUsedAgain(guardtest.Case):
    def test_is_not_killed(self):
        done = guardtest.command(["unshare", "-pf", "--mount-proc", sys.executable, "-c", USED_AGAIN, VERIFY])
        self.assertEqual((done.status, done.text), (0, "0 None\n"), done)


if __name__ == "__main__":
    guardtest.main()
