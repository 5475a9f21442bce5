#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every system call of the wrapper fails once, and the wrapper is killed at each: no container starts unconfined.

Whatever happens, config.json is the old one or the new one, whole; and if the runtime is reached it is the new one.
"""

import collections
import json
import os
import re
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
        self.new = b.read()
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
        done = command(["strace", "-o", "/dev/null", "-e", "inject=" + fault, *self.argv(self.again)])
        now = self.again.read()
        self.assertIn(now, (self.raw, self.new), "%s: config.json is neither the old nor the new one" % fault)
        reached = bool(done.out) and json.loads(done.out)["argv"][1] == "create"
        if reached:
            self.assertEqual(now, self.new, "%s: started unconfined: %s" % (fault, done))
        else:
            self.assertNotEqual(done.status, 0, "%s: %s" % (fault, done))
        left = [n for n in os.listdir(self.again.path) if "seccomp-guard" in n]
        for name in left:
            os.unlink(os.path.join(self.again.path, name))
        return reached, left

    def test_each_call_fails(self):
        for error in ("EIO", "EINTR", "ENOMEM"):
            refused = 0
            for name, n in self.calls + [("execve", 2)]:
                reached, left = self.inject("%s:error=%s:when=%d" % (name, error, n))
                # To remove the temporary file is the one thing that is not tried twice.
                self.assertTrue(not left or name.startswith("unlink"), "%s %s: %s is left" % (name, error, left))
                refused += not reached
            guardtest.diagnose("%s: %d of %d ended in a refusal" % (error, refused, len(self.calls) + 1))
            self.assertGreater(refused, 5)

    def test_what_close_tells(self):
        """A quota or a server may say only then that the new version was not written."""
        names = [name for name, _ in self.calls]
        at = names.index("renameat")
        name, n = self.calls[at - 1]
        self.assertEqual((name, names[at - 2]), ("close", "write"))
        for error in ("EDQUOT", "ENOSPC", "EIO"):
            self.assertEqual(self.inject("close:error=%s:when=%d" % (error, n)), (False, []))
            self.assertEqual(self.again.read(), self.raw)

    def test_killed_at_each_call(self):
        for name, n in self.calls:
            self.assertFalse(self.inject("%s:signal=KILL:when=%d" % (name, n))[0])


if __name__ == "__main__":
    guardtest.main()
