#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Under small resource limits the wrapper fails only where the runtime alone would: it needs no more than that does."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import STRICT, WRAPPER, command  # noqa: E402

K, M = 1 << 10, 1 << 20

LIMITS = {
    "data": [256 * K, 512 * K, M, 2 * M, 4 * M, 8 * M, 16 * M, 32 * M, 64 * M, 128 * M, 256 * M],
    "as": [2 * M, 4 * M, 8 * M, 16 * M, 32 * M, 64 * M, 128 * M, 512 * M, 2048 * M, 4096 * M],
    "stack": [32 * K, 64 * K, 128 * K, 512 * K],
    "nofile": [5, 6, 7, 8, 9, 10, 12, 16, 24, 64],
    "fsize": [4 * K, 8 * K, 16 * K, 32 * K, 64 * K, 256 * K],
}


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.not_sanitized
@guardtest.each(sorted(LIMITS), str)
class Real(guardtest.Case):
    """Each is tried by the runtime alone first; where that works, so must the wrapper."""

    def limited(self, name, value, *argv):
        return command([*self.runtime.prefix, "prlimit", "--%s=%d:%d" % (name, value, value), *argv])

    def both(self, name, value, *args):
        argv = self.guarded_argv(*args)[len(self.runtime.prefix):]
        return (self.limited(name, value, self.runtime.path, "--root", self.root, *args),
                self.limited(name, value, *argv))

    def check_passed_on(self, name):
        for value in LIMITS[name]:
            alone, seen = self.both(name, value, "state", "nosuch")
            if b"nosuch" in alone.err or alone.status == 0:
                self.assertEqual((alone.status, alone.out), (seen.status, seen.out), (value, str(seen)))
                self.assertNotIn("seccomp-guard", seen.error)

    def check_started(self, name):
        """With a profile that is kept, and with one that is injected: against a runtime that finds it there."""
        injected = self.bundle()
        self.assertStatus(self.cli("apply", "--policy", self.policy(), injected.path), 0)
        started = 0
        for kept in (True, False):
            b = self.bundle(seccomp=STRICT) if kept else self.bundle()
            raw = b.read()
            for value in LIMITS[name]:
                alone = self.limited(name, value, self.runtime.path, "--root", self.root, "run", "--bundle",
                                     b.path if kept else injected.path, self.container_id())
                if alone.status != 0:
                    continue
                b.write(raw)
                done = self.limited(name, value, *self.guarded_argv("run", "--bundle", b.path, self.container_id())
                                    [len(self.runtime.prefix):])
                self.assertStatus(done, 0)
                self.assertIn(b"Seccomp=2", done.out, (value, str(done)))
                started += 1
        self.assertGreater(started, 2)


@guardtest.needs_wrapper
@guardtest.not_sanitized
class Memory(Faked):
    def test_nothing_is_mapped_for_what_is_passed_on(self):
        """An address space that holds no more than the program itself."""
        done = command(["prlimit", "--data=%d" % M, "--as=%d" % (4 * M), WRAPPER, "--guard-policy", self.policy(),
                        "--guard-runtime", self.fake, "kill", "ID", "9"])
        self.assertStatus(done, 0)

    def test_a_refusal_needs_no_more_stack(self):
        b = self.bundle()
        before = b.snapshot()
        for wrong in (["--guard-runtime", "/nowhere/runc"], ["--guard-nonsense"]):
            for policy in (self.policy(), self.file("broken.json", "{")):
                done = command(["prlimit", "--stack=%d" % (32 * K), WRAPPER, "--guard-policy", policy, *wrong, "create",
                                "--bundle", b.path, "ID"])
                self.assertEqual(done.status, 1, done)
                self.assertIn("seccomp-guard", done.error)
        self.assertUntouched(b, before)

    def test_too_little_is_a_refusal(self):
        b = self.bundle(x="x" * (2 * M))
        before = b.snapshot()
        done = command(["prlimit", "--data=%d" % (2 * M), WRAPPER, "--guard-policy", self.policy(), "--guard-runtime",
                        self.fake, "create", "--bundle", b.path, "ID"])
        self.assertRefused(done, b.config, "memory")
        self.assertUntouched(b, before)
        done = command(["prlimit", "--data=%d" % (16 * M), WRAPPER, "--guard-policy", self.policy(), "--guard-runtime",
                        self.fake, "create", "--bundle", b.path, "ID"])
        self.assertStatus(done, 0)


if __name__ == "__main__":
    guardtest.main()
