#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A hook without live injection, as --disable-live and architectures without an injector have it: it refuses."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import STRICT, bundles  # noqa: E402

HOOK = guardtest.program("hook-without-live")


@guardtest.all_runtimes
class WithoutLive(guardtest.Case):
    def hooked(self, stage="createRuntime", policy=None, **kwargs):
        policy = self.policy(**(policy or {}))
        return self.bundle(hooks={stage: [{"path": HOOK, "args": ["hook", "--policy", policy, "--stage", stage]}]}, **kwargs)

    def start(self, b):
        return self.call("run", "--bundle", b.path, self.container_id())

    def test_refuses_what_it_would_inject_into(self):
        for stage in "createRuntime", "prestart":
            for policy in {}, {"mode": "complain"}, {"mode": "deny"}:
                with self.subTest(stage=stage, policy=policy):
                    b = self.hooked(stage, policy)
                    before = b.snapshot()
                    done = self.start(b)
                    self.assertNotEqual(done.status, 0, done)
                    self.assertNotIn(b"Seccomp=", done.out)
                    record = self.decisions()[-1]
                    self.assertEqual(record["action"], "refuse")
                    if policy != {"mode": "deny"}:
                        self.assertEqual(record["reason"], "live")
                        # crun does not show what a hook says.
                        for text in [record["msg"]] + [done.error] * (self.runtime.name == "runc"):
                            self.assertIn("this build of seccomp-guard cannot confine a container", text)
                            self.assertIn("seccomp-guard-runtime", text)
                    self.assertUntouched(b, before)
                    self.assertNothingLeft()

    def test_keeps_what_is_confined(self):
        seen = self.probed(self.start(self.hooked(seccomp=STRICT)))
        self.assertEqual((seen["Seccomp"], seen["unshare"]), (2, 13))
        self.assertEqual(self.decisions()[-1]["action"], "keep")

    def test_audit_starts(self):
        self.assertUnconfined(self.start(self.hooked(policy={"mode": "audit"})))
        self.assertEqual(self.decisions()[-1]["action"], "would-inject")

    def test_poststart_still_ends_what_has_no_filter(self):
        cid = self.container_id()
        b = self.hooked("poststart", args=["/bin/probe", "pause"])
        self.call("create", "--bundle", b.path, cid)
        self.call("start", cid)
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["reason"]), ("refuse", "not-confined"))
        listed = self.call("state", cid)
        if listed.status == 0:
            self.assertEqual(json.loads(listed.out)["status"], "stopped")


class Filter(guardtest.Case):
    def test_the_configuration_is_changed_as_ever(self):
        """The filter form, podman's precreate, needs no injector."""
        done = guardtest.command([HOOK, "--policy", self.policy()], stdin=bundles.encode(bundles.config()))
        self.assertStatus(done, 0)
        self.assertIn("seccomp", json.loads(done.out)["linux"])


if __name__ == "__main__":
    guardtest.main()
