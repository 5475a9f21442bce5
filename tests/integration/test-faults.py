#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every system call of the wrapper fails once, and the wrapper is killed at each: no container starts unconfined.

Whatever happens, config.json is the old one or the new one, whole; if the runtime is reached it is the new one; a new one
is on record; and what is left of a killed process is gone after the next start.
"""

import collections
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import WRAPPER, command  # noqa: E402


@guardtest.needs_strace
@guardtest.needs_wrapper
@guardtest.not_sanitized
class Faults(Faked):
    def argv(self, b):
        return [WRAPPER, "--guard-policy", self.rules, "--guard-runtime", self.fake, "create", "--bundle", b.path, "ID"]

    def setUp(self):
        super().setUp()
        self.rules = self.policy()
        self.raw = bundles.encode(bundles.config())
        b = self.bundle(raw=self.raw)
        trace = os.path.join(self.tmp, "trace")
        self.assertStatus(command(["strace", "-o", trace, *self.argv(b)]), 0)
        self.new = guardtest.without_mark(b.read())
        self.assertNotEqual(self.new, self.raw)
        self.calls = []
        seen = collections.Counter()
        with open(trace, encoding="utf-8", errors="replace") as f:
            for line in f:
                m = re.match(r"([a-z0-9_]+)\(", line)
                if not m:
                    continue
                name = m.group(1)
                seen[name] += 1
                if name == "execve" and seen[name] == 2:
                    break
                if seen["execve"] and not (name == "execve" and seen[name] == 1):
                    self.calls.append((name, seen[name]))
        self.assertGreater(len(self.calls), 20)
        # The bundle is used again and again: its path, and with it every call, stays the same.
        self.again = b

    def inject(self, fault):
        """The outcome with `fault`: (whether the runtime was reached, files left behind)."""
        with open(self.again.config, "wb") as f:
            f.write(self.raw)
        if os.path.exists(self.records):
            os.unlink(self.records)
        done = command(["strace", "-o", "/dev/null", "-e", "inject=" + fault, *self.argv(self.again)])
        # Where the secret cannot be read there is no mark; the profile is there all the same.
        now = guardtest.without_mark(self.again.read())
        self.assertIn(now, (self.raw, self.new), "%s: config.json is neither the old nor the new one" % fault)
        reached = bool(done.out) and json.loads(done.out)["argv"][1] == "create"
        if reached:
            self.assertEqual(now, self.new, "%s: started unconfined: %s" % (fault, done))
        else:
            self.assertNotEqual(done.status, 0, "%s: %s" % (fault, done))
        if now == self.new:
            self.last_actions = [r["action"] for r in self.decisions()]
        return reached, self.left()

    def left(self):
        return [n for n in os.listdir(self.again.path) if "seccomp-guard" in n]

    def start_again(self):
        """A start without a fault, which tidies up."""
        self.again.write(self.raw)
        self.assertStatus(command(self.argv(self.again)), 0)
        self.assertEqual((guardtest.without_mark(self.again.read()), self.left()), (self.new, []))

    def test_each_call_fails(self):
        for error in ("EIO", "EINTR", "ENOMEM"):
            refused = 0
            for name, n in self.calls + [("execve", 2)]:
                reached, left = self.inject("%s:error=%s:when=%d" % (name, error, n))
                # To remove the temporary file is the one thing that is not tried twice.
                self.assertTrue(not left or name.startswith("unlink"), "%s %s: %s is left" % (name, error, left))
                refused += not reached
                self.start_again()
            guardtest.diagnose("%s: %d of %d ended in a refusal" % (error, refused, len(self.calls) + 1))
            self.assertGreater(refused, 5)

    def test_what_close_tells(self):
        """A quota or a server may say only then that the new version was not written."""
        names = [name for name, _ in self.calls]
        at = names.index("write", names.index("fchmod")) + 1
        name, n = self.calls[at]
        self.assertEqual(name, "close")
        for error in ("EDQUOT", "ENOSPC", "EIO"):
            self.assertEqual(self.inject("close:error=%s:when=%d" % (error, n)), (False, []))
            self.assertEqual(guardtest.without_mark(self.again.read()), self.raw)

    def test_killed_at_each_call(self):
        some = 0
        for name, n in self.calls:
            self.last_actions = ["inject"]
            reached, left = self.inject("%s:signal=KILL:when=%d" % (name, n))
            self.assertFalse(reached)
            # No change without a record of it.
            self.assertEqual(self.last_actions, ["inject"], (name, n))
            some += bool(left)
            self.start_again()
        self.assertGreater(some, 3)

    def test_what_others_left(self):
        """Of dead processes it goes; of living ones, and what is not ours, it stays."""
        alive = subprocess.Popen(["sleep", "60"])  # pylint: disable=consider-using-with
        self.addCleanup(alive.wait)
        self.addCleanup(alive.kill)
        dead = subprocess.Popen(["true"])  # pylint: disable=consider-using-with
        dead.wait()
        stays = [".config.json.seccomp-guard.%d.0" % alive.pid, ".config.json.seccomp-guard", ".config.json.seccomp-guard.x.0",
                 ".config.json.seccomp-guard.0.0", "config.json.seccomp-guard.%d.0" % dead.pid,
                 ".config.json.seccomp-guard.%d" % dead.pid, ".config.json.seccomp-guard.99999999999999999999.0"]
        goes = [".config.json.seccomp-guard.%d.%d" % (dead.pid, n) for n in (0, 99)]
        for name in stays + goes:
            with open(os.path.join(self.again.path, name), "wb") as f:
                f.write(b"x")
        self.again.write(self.raw)
        self.assertStatus(command(self.argv(self.again)), 0)
        self.assertEqual(sorted(n for n in self.left()), sorted(stays))

    def test_somebody_takes_it_for_dead(self):
        """A process in another PID namespace removes the copy before it is renamed: it is written again."""
        reached, left = self.inject("renameat:error=ENOENT:when=1")
        self.assertEqual((reached, guardtest.without_mark(self.again.read()), self.last_actions), (True, self.new, ["inject"]))
        self.start_again()
        reached, left = self.inject("renameat:error=ENOENT:when=1+")
        self.assertEqual((reached, guardtest.without_mark(self.again.read()), left), (False, self.raw, []))
        self.assertEqual([r["action"] for r in self.decisions()], ["inject", "refuse"])


if __name__ == "__main__":
    guardtest.main()
