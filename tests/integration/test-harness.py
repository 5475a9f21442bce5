#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The other tests rest on this: what they look at can be seen to be wrong.

Containers started by the bare runtime are unconfined or confined exactly as their configuration says, and the
probe tells the two apart.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402


@guardtest.all_runtimes
class BareRuntime(guardtest.Case):
    def bare(self, b):
        return self.call("run", "--bundle", b.path, self.container_id())

    def test_without_a_profile_it_is_unconfined(self):
        seen = self.assertUnconfined(self.bare(self.bundle()))
        self.assertEqual(seen["keyctl"], 95)
        self.assertEqual(seen["clone3"], 22)
        self.assertNothingLeft()

    def test_a_profile_shows(self):
        seen = self.probed(self.bare(self.bundle(seccomp=guardtest.STRICT)))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"]), (2, 1))
        self.assertEqual((seen["unshare"], seen["sysinfo"], seen["uname"]), (13, 13, 0))

    def test_a_weak_profile_shows(self):
        seen = self.probed(self.bare(self.bundle(seccomp=guardtest.WEAK)))
        self.assertEqual((seen["Seccomp"], seen["mkdirat"], seen["unshare"]), (2, 95, 0))

    def test_a_container_left_behind_is_noticed(self):
        b = self.bundle(args=["/bin/probe", "pause"])
        self.assertStatus(self.call("create", "--bundle", b.path, self.container_id()), 0)
        with self.assertRaises(AssertionError):
            self.assertNothingLeft()

    def test_a_touched_bundle_is_noticed(self):
        b = self.bundle()
        before = b.snapshot()
        self.assertUntouched(b, before)
        b.write(b.read())
        with self.assertRaises(AssertionError):
            self.assertUntouched(b, before)


if __name__ == "__main__":
    guardtest.main()
