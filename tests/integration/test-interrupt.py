#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests that are stopped half way leave nothing behind: no container, no process, no mount, no file."""

import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402

# A test file like all others, stopped while one container runs in the background and it waits for another.
SAMPLE = """
import sys
sys.path.insert(0, %(lib)r)
import guardtest

@guardtest.all_runtimes
class Sample(guardtest.Case):
    def test(self):
        if self.runtime.name != %(runtime)r:
            return
        cid = self.container_id()
        self.assertStatus(self.call("create", "--bundle", self.bundle(args=["/bin/probe", "pause"]).path, cid), 0)
        self.assertStatus(self.call("start", cid), 0)
        b = self.bundle(args=["/bin/probe", "pause"])
        with open(%(at)r, "w") as f:
            f.write(self.tmp)
        self.call("run", "--bundle", b.path, self.container_id())

guardtest.main()
"""

# What tests/run expects of a checkout, with the sample for all of its tests.
AUTOGEN = "#!/bin/sh\n"
CONFIGURE = """#!/bin/sh
printf 'all:\\ncheck:\\n\\t@echo "PASS: first (1 passed)"\\n\\t%(python)s %(sample)s\\n' >Makefile
"""


def processes(mark):
    """The pids of everything with `mark` in its command line, and of what runs in a root file system below it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                line = f.read()
            with open("/proc/%s/mountinfo" % pid, "rb") as f:
                mounts = f.read().split(b"\n")
        except OSError:
            continue
        if mark in line or (int(pid) != os.getpid() and any(mark in m.split(b" ")[3] for m in mounts if m)):
            found.append(pid)
    return found


@guardtest.all_runtimes
class Interrupted(guardtest.Case):
    def sample(self):
        at = os.path.join(self.tmp, "at")
        lib = os.path.dirname(os.path.abspath(guardtest.__file__))
        return at, self.file("sample.py", SAMPLE % {"lib": lib, "runtime": self.runtime.name, "at": at})

    def stopped(self, argv, at, number, env=None, group=False):
        """Start `argv`, wait for the sample to be half way, send the signal. Returns (exit status, its directory)."""
        with open(os.path.join(self.tmp, "out"), "wb") as out:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=guardtest.BUILDDIR,
                                       start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
        for _ in range(6000):
            if os.path.exists(at) and os.path.getsize(at):
                break
            self.assertIsNone(process.poll(), "ended by itself")
            time.sleep(0.01)
        with open(at, encoding="utf-8") as f:
            directory = f.read()
        mark = os.fsencode(directory)
        self.addCleanup(lambda: [os.kill(int(pid), signal.SIGKILL) for pid in processes(mark)])
        for _ in range(500):
            # The one that runs, the one that starts, and the runtime that waits for it.
            if len(processes(mark)) >= 3:
                break
            time.sleep(0.01)
        # A busy machine may need longer for the third.
        self.assertGreaterEqual(len(processes(mark)), 2, self.output())
        (os.killpg if group else os.kill)(process.pid, number)
        status = process.wait(timeout=60)
        guardtest.until(lambda: not processes(mark))
        self.assertEqual(processes(mark), [], self.output())
        self.assertFalse(os.path.exists(directory), self.output())
        with open("/proc/self/mountinfo", encoding="utf-8") as f:
            self.assertNotIn(directory, f.read())
        return status

    def output(self):
        with open(os.path.join(self.tmp, "out"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def test_a_test_file(self):
        for number, group in (signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGHUP, True):
            with self.subTest(signal=number):
                at, sample = self.sample()
                if os.path.exists(at):
                    os.unlink(at)
                self.assertEqual(self.stopped([sys.executable, "-B", sample], at, number, group=group), -number)

    def test_the_whole_suite(self):
        """tests/run, by ^C at the terminal."""
        at, sample = self.sample()
        top = os.path.join(self.tmp, "top")
        os.makedirs(os.path.join(top, "tests"))
        shutil.copy(os.path.join(guardtest.SRCDIR, "tests", "run"), os.path.join(top, "tests"))
        self.file("top/autogen.sh", AUTOGEN, 0o755)
        self.file("top/configure", CONFIGURE % {"python": sys.executable, "sample": sample}, 0o755)
        temporary = os.path.join(self.tmp, "temporary")
        os.mkdir(temporary)
        env = dict(os.environ, TMPDIR=temporary, MAKEFLAGS="", WORK="", top_builddir=guardtest.BUILDDIR)
        status = self.stopped([os.path.join(top, "tests", "run")], at, signal.SIGINT, env=env, group=True)
        self.assertEqual(status, 2, self.output())
        self.assertIn("PASS: first (1 passed)\n", self.output())
        self.assertEqual(os.listdir(temporary), [])


if __name__ == "__main__":
    guardtest.main()
