# SPDX-License-Identifier: Apache-2.0
"""Tests with a fake runtime in the place of the real one, under a real one's name."""

import os
import shutil

import guardtest


class Faked(guardtest.Case):
    """The wrapper in front of tests/helpers/fake-runtime, which prints what it was given when it is reached."""

    family = "runc"

    def setUp(self):
        super().setUp()
        if not guardtest.FAKE:
            self.skipTest("tests/helpers/fake-runtime was not built")
        os.makedirs(os.path.join(self.tmp, "bin"))
        self.fake = os.path.join(self.tmp, "bin", self.family)
        shutil.copy2(guardtest.FAKE, self.fake)

    def wrapper(self, *args, policy=None, prefix=(), **kwargs):
        return guardtest.command([*prefix, guardtest.WRAPPER, "--guard-policy", policy or self.policy(),
                                  "--guard-runtime", self.fake, *args], **kwargs)

    def create(self, b, **kwargs):
        return self.wrapper("create", "--bundle", getattr(b, "path", b), "ID", **kwargs)

    def assertAllRefuse(self, b, *words, modes=("enforce", "deny"), tried=False, **kwargs):
        """Refused in each of `modes`, with the bundle exactly as it was."""
        before = b.snapshot()
        for mode in modes:
            for how in ("create", "run", "restore"):
                done = self.wrapper(how, "--bundle", b.path, "ID", policy=self.policy(mode=mode), **kwargs)
                line = self.assertRefused(done, *words)
                self.assertUntouched(b, before, tried)
                self.assertEqual(self.decisions()[-1]["action"], "refuse")
                self.assertEqual(self.decisions()[-1]["mode"], mode)
        return line
