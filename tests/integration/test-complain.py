#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""complain: what enforce would break works, and the kernel's log says what it would have been denied."""

import json
import os
import platform
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from kernellog import KernelLog  # noqa: E402

WORKLOAD = guardtest.program("workload")

# What the workload calls and RuntimeDefault denies to a container without CAP_SYS_ADMIN.
NUMBERS = {"x86_64": {"unshare": 272, "mount": 165, "umount2": 166, "add_key": 248, "keyctl": 250, "personality": 135},
           "aarch64": {"unshare": 97, "mount": 40, "umount2": 39, "add_key": 217, "keyctl": 219, "personality": 92}}
EPERM, LOGGED = 1, 0x7ffc0000


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Workload(guardtest.Case):
    def setUp(self):
        super().setUp()
        if not WORKLOAD:
            self.skipTest("tests/helpers/workload was not built")
        # A name of its own, to be found among what other containers do; the kernel shows 15 bytes of it.
        self.name = "work-%d-%d" % (os.getpid(), time.monotonic_ns() % 1000)
        self.seen = self.steps({"mode": "audit"})
        if self.seen["mount"]:
            self.skipTest("no mounts in user namespaces here: %s" % self.seen)

    def steps(self, policy):
        b = self.bundle(args=["/bin/" + self.name])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {self.name: WORKLOAD})
        done = self.run_guarded(b, policy=self.policy(**policy))
        self.assertStatus(done, 0)
        self.seccomp = b.seccomp()
        return {k: int(v) for k, v in (line.split("=") for line in done.text.splitlines())}

    def test_works_unconfined(self):
        self.assertEqual(set(self.seen.values()), {0})
        self.assertIsNone(self.seccomp)

    def test_enforce_breaks_it(self):
        # Podman and CRI-O let all of this through.
        for flavor in ("moby", "containerd"):
            seen = self.steps({"flavor": flavor})
            self.assertEqual(set(seen.values()), {EPERM}, (flavor, seen))

    def test_complain_does_not(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            self.assertEqual(self.steps({"mode": "complain", "flavor": flavor}), self.seen, flavor)
            self.assertEqual(self.seccomp["defaultAction"], "SCMP_ACT_LOG", flavor)
            # What an error number belongs to is an answer, never a log: crun refuses it.
            for rule in self.seccomp["syscalls"]:
                self.assertEqual("errnoRet" in rule, rule["action"] == "SCMP_ACT_ERRNO", rule)
                self.assertNotEqual(rule["action"], "SCMP_ACT_LOG", "a rule that says what the default says")

    def test_each_would_be_denial_is_in_the_kernels_log(self):
        numbers = NUMBERS.get(platform.machine())
        if numbers is None:
            self.skipTest("system call numbers of %s are not known here" % platform.machine())
        try:
            log = KernelLog()
        except OSError as error:
            self.skipTest("cannot read the kernel's audit log: %s" % error.strerror)
        self.assertEqual(self.steps({"mode": "complain"}), self.seen)
        wanted = set(numbers.values())
        found = log.wait_for(r'comm="%s" .*code=%#x' % (self.name[:15], LOGGED), wanted)
        self.assertEqual(wanted - found, set())

    def test_a_rule_complains_for_one_namespace(self):
        rules = [{"name": "trial", "match": {"engine": ["podman"]}, "mode": "complain"}]
        self.assertEqual(self.steps({"rules": rules})["unshare"], EPERM)
        b = self.bundle(args=["/bin/" + self.name], annotations={"io.container.manager": "libpod"})
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {self.name: WORKLOAD})
        done = self.run_guarded(b, policy=self.policy(rules=rules))
        self.assertIn("unshare=0\n", done.text)
        self.assertEqual((self.decisions()[-1]["rule"], self.decisions()[-1]["mode"]), ("trial", "complain"))


@guardtest.needs_cli
class TellsAll(guardtest.Case):
    """As documented: whatever enforce denies, complain logs, but clone3, which keeps its answer."""

    def told(self, profile):
        """{call: [(action, error)]}, for each number on x86_64."""
        line = 'type=SECCOMP msg=audit(1.0:1): pid=7 comm="x" exe="/x" sig=0 arch=c000003e syscall=%d compat=0 ip=0x0 code=0x50000\n'
        done = guardtest.command([guardtest.CLI, "explain", "--json", profile, "-"],
                                 stdin="".join(line % number for number in range(480)).encode())
        self.assertStatus(done, 0)
        told = {}
        for entry in map(json.loads, done.text.splitlines()):
            told.setdefault(entry["syscall"], []).append((entry["action"], entry.get("errnoRet")))
        return told

    def test_each_call(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            path = self.file("complain.json", guardtest.command([guardtest.CLI, "profile", "--arch", "x86_64", "--flavor", flavor,
                                                                 "--complain"]).text)
            enforced, complains = self.told(flavor), self.told(path)
            silent, denied = set(), 0
            for call, cases in enforced.items():
                denials = [case for case in cases if case[0] != "SCMP_ACT_ALLOW"]
                denied += bool(denials)
                if ("SCMP_ACT_ERRNO", 38) in complains[call]:
                    self.assertEqual(denials, cases, call)
                    silent.add(call)
                    continue
                self.assertLessEqual({action for action, _ in complains[call]}, {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG"}, call)
                self.assertEqual("SCMP_ACT_LOG" in dict(complains[call]), bool(denials), (flavor, call))
            # Podman's lets clone3 through.
            self.assertEqual(silent, set() if flavor == "containers" else {"clone3"})
            self.assertGreater(denied, 30)


if __name__ == "__main__":
    guardtest.main()
