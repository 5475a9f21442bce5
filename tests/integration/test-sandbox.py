#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox of a pod: never the reason why a pod cannot start."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from bundle import STRICT, WEAK  # noqa: E402

CONTAINERD = {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": "0" * 64,
              "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}
CRIO = {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_web-0_shop_uid_0",
        "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.name": "web-0", "io.kubernetes.container.name": "POD"}
ALLOWS = {"defaultAction": "SCMP_ACT_ALLOW"}
HOOK = guardtest.HOOK


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Sandbox(guardtest.Case):
    def start(self, **keys):
        annotations = {**CONTAINERD, **keys.pop("annotations", {})}
        policy = keys.pop("policy", {})
        return self.run_guarded(self.bundle(annotations=annotations, **keys), policy=self.policy(**policy))

    def test_it_gets_runtime_default(self):
        for mode in ("enforce", "deny"):
            for lacking in ({}, {"seccomp": ALLOWS}):
                self.assertConfined(self.start(policy={"mode": mode}, **lacking), "containerd")
                record = self.decisions()[-1]
                self.assertEqual((record["action"], record["profile"], record["sandbox"]),
                                 ("inject", "runtime/default", True))
                self.assertIn("the pod's sandbox (shop/web-0) has ", record["msg"])

    def test_in_complain_it_only_logs(self):
        seen = self.probed(self.start(policy={"mode": "complain"}))
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["keyctl"]), (2, 0, 95))
        self.assertEqual(self.decisions()[-1]["action"], "inject")

    def test_in_audit_it_starts_as_it_is(self):
        self.assertUnconfined(self.start(policy={"mode": "audit"}))
        self.assertEqual(self.decisions()[-1]["action"], "would-inject")

    def test_profiles_for_the_containers_are_not_for_it(self):
        """Neither one that is missing nor one under which nothing runs keeps it from starting."""
        root = os.path.join(self.tmp, "profiles")
        os.mkdir(root)
        nothing = self.file("nothing.json", json.dumps({"defaultAction": "SCMP_ACT_KILL", "syscalls": []}))
        for mode in ("enforce", "deny"):
            for annotation, keys in (("localhost/missing.json", {}), (None, {"profile": "localhost/missing.json"}),
                                     (None, {"profile": nothing})):
                done = self.start(annotations={"seccomp-guard/profile": annotation} if annotation else {},
                                  policy={"mode": mode, "localhostRoot": root, **keys})
                self.assertConfined(done, "containerd")
                self.assertEqual(self.decisions()[-1]["profile"], "runtime/default")

    def test_its_own_is_kept_and_an_opt_out_holds(self):
        self.assertEqual(self.probed(self.start(seccomp=STRICT, policy={"mode": "deny"}))["unshare"], 13)
        self.assertUnconfined(self.start(annotations={"seccomp-guard/profile": "unconfined"}, policy={"mode": "deny"}))
        self.assertEqual([r["action"] for r in self.decisions()], ["keep", "exempt"])

    def test_a_refusal_says_that_it_is_meant(self):
        """A weak profile is not a missing one."""
        done = self.start(seccomp=WEAK, policy={"mode": "deny"})
        self.assertRefused(done, "the pod's sandbox (shop/web-0)", "the pod's sandbox has a weak seccomp profile")

    def test_under_crio(self):
        done = self.run_guarded(self.bundle(annotations=CRIO), policy=self.policy(mode="deny"))
        self.assertEqual(self.probed(done)["Seccomp"], 2)
        self.assertEqual(self.decisions()[-1]["flavor"], "crio")

    def test_containers_are_refused_as_before(self):
        container = {**CONTAINERD, "io.kubernetes.cri.container-type": "container",
                     "io.kubernetes.cri.container-name": "web"}
        self.assertRefused(self.start(annotations=container, policy={"mode": "deny"}), "container web (shop/web-0)")
        self.assertNothingLeft()

    @guardtest.needs_live
    def test_by_the_hook_it_is_confined_live(self):
        if not HOOK:
            self.skipTest("seccomp-guard-hook is not built")
        for keys in ({"mode": "deny"}, {"hook": "refuse"}):
            hook = {"path": HOOK, "args": ["hook", "--policy", self.policy(**keys), "--stage", "createRuntime"]}
            b = self.bundle(annotations=CONTAINERD, hooks={"createRuntime": [hook]})
            self.assertConfined(self.call("run", "--bundle", b.path, self.container_id()), "containerd")
            self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["injector"]), ("inject", "live"))


if __name__ == "__main__":
    guardtest.main()
