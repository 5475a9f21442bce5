#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Restrictions on live containers: what is restricted fails, by whatever way it is tried, and the rest goes on working."""

import json
import os
import platform
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import ABSENT, STRICT  # noqa: E402

ALL = ["af-alg", "af-vsock", "userns", "io-uring", "keyctl", "bpf", "ptrace"]
TIGHT = guardtest.program("tighten-probe")
DENIED = {"alg": 1, "alg-high": 1, "vsock": 1, "vsock-high": 1, "alg-pair": 1, "unshare": 1, "clone-newuser": 1,
          "clone3": 38, "keyctl": 1, "bpf": 1, "ptrace": 1}
WORKING = ("inet", "inet6", "unix", "netlink", "unshare-files", "fork", "thread")
# A profile as applications bring it: everything is let through but one call.
ARCHES = {"x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]}.get(platform.machine(), [])
OPEN = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHES, "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}
# Or one that lists what is allowed, among it what is to be restricted.
LISTED = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13, "architectures": ARCHES,
          "syscalls": [{"names": ["socket", "socketpair", "unshare", "clone", "clone3", "keyctl", "bpf", "ptrace",
                                  "io_uring_setup", "readlink", "readlinkat", "rt_sigprocmask", "vfork"] +
                        STRICT["syscalls"][0]["names"], "action": "SCMP_ACT_ALLOW"}]}


class Tightened(guardtest.Case):
    def tight_bundle(self, seccomp=ABSENT, **kwargs):
        b = self.bundle(seccomp=seccomp, args=["/bin/tight"], **kwargs)
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"tight": TIGHT})
        return b

    def seen(self, b, **policy):
        done = self.run_guarded(b, policy=self.policy(**policy))
        self.assertStatus(done, 0)
        return {k: int(v) for k, v in (line.split("=") for line in done.text.splitlines())}

    def assertTight(self, seen, denied=None):
        for name, errno in {**DENIED, **(denied or {})}.items():
            self.assertEqual(seen[name], errno, "%s: %s" % (name, seen))
        for name in WORKING:
            self.assertEqual(seen[name], 0, "%s: %s" % (name, seen))

    def assertTight32(self, seen):
        if "i386-getpid" in seen and seen["i386-getpid"] == 0:
            self.assertNotIn(0, (seen["i386-alg"], seen["i386-socketcall-alg"], seen["i386-socketcall-inet"],
                                 seen["i386-unshare"]), seen)
            self.assertEqual(seen["i386-inet"], 0, seen)


@guardtest.needs_wrapper
class Limits(Faked):
    """The work is bounded, whatever the profile."""

    KINDS = {
        "one condition": ("SCMP_ACT_ALLOW", lambda k: [{"index": k % 6, "value": k, "op": "SCMP_CMP_NE"}]),
        "denials": ("SCMP_ACT_KILL", lambda k: [{"index": k % 6, "value": k, "op": "SCMP_CMP_NE"}]),
        "masks": ("SCMP_ACT_ALLOW", lambda k: [{"index": 0, "value": 7 * k, "valueTwo": k, "op": "SCMP_CMP_MASKED_EQ"}]),
    }

    def profile(self, kind, n):
        action, args = self.KINDS[kind]
        rules = [{"names": ["socket"], "action": action, "args": args(k)} for k in range(n - 1)]
        rules.append({"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 5, "value": n, "op": "SCMP_CMP_EQ"}]})
        return {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [*STRICT["syscalls"], *rules]}

    def test_more_conditions_than_can_be_looked_at(self):
        policy = self.policy(tighten=["af-alg"])
        for kind in self.KINDS:
            for n in (257, 12000):
                b = self.bundle(seccomp=self.profile(kind, n))
                before = b.snapshot()
                self.assertRefused(self.create(b, policy=policy), "%d conditions on socket" % n)
                self.assertUntouched(b, before)

    def test_as_many_as_can_be(self):
        b = self.bundle(seccomp=self.profile("one condition", 256))
        self.assertStatus(self.create(b, policy=self.policy(tighten=["af-alg"])), 0)
        self.assertEqual(self.decisions()[-1]["reason"], "tighten")

    def test_of_other_calls_there_may_be_more(self):
        b = self.bundle(seccomp=self.profile("one condition", 300))
        self.assertStatus(self.create(b, policy=self.policy(tighten=["keyctl"])), 0)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Live(Tightened):
    def test_every_flavor(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            b = self.tight_bundle()
            seen = self.seen(b, tighten=ALL, flavor=flavor)
            # CRI-O's own profile answers ENOSYS to unshare(2), and the others that nobody needs.
            own = {"crio": {"unshare": 38}}.get(flavor, {})
            own = {**own, **{k: seen[k] for k in ("bpf",) if seen[k] in (1, 38)}}
            if flavor == "crio":
                self.assertIn(seen.pop("unshare-files"), (0, 38))
                seen["unshare-files"] = 0
            elif flavor in ("moby", "containerd"):
                self.assertEqual(seen.pop("unshare-files"), 1)
                seen["unshare-files"] = 0
            self.assertTight(seen, own)
            self.assertTight32(seen)
            before = b.snapshot()
            self.seen(b, tighten=ALL, flavor=flavor)
            self.assertUntouched(b, before)
            self.assertEqual([r["action"] for r in self.decisions()[-2:]], ["inject", "keep"])

    def test_over_rules_of_which_libseccomp_makes_something_else(self):
        """Denials of the profile's own that are lost, so that a plain clone(CLONE_NEWUSER) would run."""
        def rule(*args):
            return {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2,
                    "args": [{"index": i, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": 0} for i, op, value in args]}
        evil = {**OPEN, "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"},
                                     rule((0, "MASKED_EQ", 0x10000000), (2, "EQ", 1911)), rule((2, "EQ", 2))]}
        b = self.tight_bundle(evil)
        seen = self.seen(b, tighten=["userns"])
        self.assertEqual((seen["clone-newuser"], seen["fork"], seen["inet"], seen["unix"]), (1, 1, 0, 0))
        record = self.decisions()[-1]
        self.assertEqual((record["action"], record["reason"]), ("inject", "tighten"))
        self.assertIn("all of clone is denied", record["msg"])
        before = b.snapshot()
        self.seen(b, tighten=["userns"])
        self.assertUntouched(b, before)

    def test_over_an_open_profile(self):
        b = self.tight_bundle(OPEN)
        seen = self.seen(b, tighten=ALL)
        self.assertTight(seen)
        self.assertEqual(seen["io_uring_setup"], 38)
        record = self.decisions()[-1]
        self.assertEqual((record["finding"], record["action"], record["reason"], record["profile"]),
                         ("weak", "inject", "tighten", "own"))
        self.assertNotIn("flavor", record)
        before = b.snapshot()
        self.seen(b, tighten=ALL)
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["reason"]), ("keep", "weak"))

    def test_over_a_list(self):
        b = self.tight_bundle(LISTED)
        untouched = self.seen(self.tight_bundle(LISTED))
        self.assertNotIn(untouched["vsock-high"], (1, 13))
        self.assertEqual(untouched["unshare"], 0)
        seen = self.seen(b, tighten=ALL)
        self.assertTight(seen, {"add_key": 13})
        self.assertTight32(seen)
        self.assertEqual(seen["io_uring_setup"], 38)
        self.assertEqual(self.decisions()[-1]["reason"], "tighten")

    def test_one_restriction_leaves_the_rest(self):
        seen = self.seen(self.tight_bundle(OPEN), tighten=["userns"])
        self.assertEqual((seen["unshare"], seen["clone-newuser"], seen["clone3"]), (1, 1, 38))
        self.assertEqual((seen["keyctl"], seen["vsock-high"] in (1, 38), seen["i386-socketcall-inet"]), (95, False, 0))

    @unittest.skipUnless(platform.machine() == "x86_64", "the probe knows one other ABI")
    def test_foreign_abi(self):
        """A 32-bit call is the end of the program; what makes none goes on as before."""
        for seccomp in (ABSENT, OPEN, LISTED):
            b = self.tight_bundle(seccomp)
            done = self.run_guarded(b, policy=self.policy(tighten=["foreign-abi"]))
            self.assertStatus(done, 128 + signal.SIGSYS)
            self.assertEqual(json.loads(b.read())["linux"]["seccomp"]["architectures"], ["SCMP_ARCH_X86_64"])
            before = b.snapshot()
            self.run_guarded(b, policy=self.policy(tighten=["foreign-abi"]))
            self.assertUntouched(b, before)
            self.assertEqual(self.seen(self.tight_bundle(seccomp))["i386-getpid"], 0)
        self.assertConfined(self.run_guarded(self.bundle(), policy=self.policy(tighten=["foreign-abi"])))
        self.assertEqual(self.seen(self.tight_bundle(OPEN), mode="complain", tighten=["foreign-abi"])["i386-getpid"], 0)

    def test_custom(self):
        custom = {"names": ["socket"], "args": [
            {"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 0xffffffff, "valueTwo": 16}]}
        seen = self.seen(self.tight_bundle(OPEN), tighten=[custom])
        self.assertEqual((seen["netlink"], seen["inet"], seen["unix"]), (1, 0, 0))

    def test_complain_only_logs(self):
        for seccomp in (ABSENT, OPEN, LISTED):
            b = self.tight_bundle(seccomp)
            seen = self.seen(b, tighten=ALL, mode="complain")
            self.assertEqual((seen["unshare"], seen["clone-newuser"], seen["inet"]), (0, 0, 0), seen)
            self.assertIn("SCMP_ACT_LOG", str(b.seccomp()))
            before = b.snapshot()
            self.seen(b, tighten=ALL, mode="complain")
            self.assertUntouched(b, before)

    def test_audit_only_tells(self):
        b = self.tight_bundle(LISTED)
        before = b.snapshot()
        self.assertEqual(self.seen(b, tighten=ALL, mode="audit")["unshare"], 0)
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["reason"]), ("would-inject", "tighten"))

    def test_exempt_is_not_tightened(self):
        for kwargs, policy in (({"annotations": {"seccomp-guard/profile": "unconfined"}}, {}),
                               ({}, {"rules": [{"name": "r", "match": {}, "profile": "unconfined"}]}),
                               ({}, {"rules": [{"name": "r", "match": {}, "tighten": []}]})):
            b = self.tight_bundle(LISTED, **kwargs)
            before = b.snapshot()
            self.assertEqual(self.seen(b, tighten=ALL, **policy)["unshare"], 0)
            self.assertUntouched(b, before)
            self.assertEqual(self.decisions()[-1]["action"], "keep")

    @guardtest.needs_hook
    @guardtest.needs_live
    def test_hook_adds_a_filter(self):
        # The runtime loads the container's own profile, and the hook the tightened one beside it.
        policy = self.policy(tighten=ALL)
        hooks = {"createRuntime": [{"path": guardtest.HOOK,
                                "args": ["seccomp-guard-hook", "--policy", policy, "--stage", "createRuntime"],
                                "env": []}]}
        b = self.tight_bundle(OPEN, hooks=hooks)
        before = b.snapshot()
        done = self.call("run", "--bundle", b.path, self.container_id())
        self.assertStatus(done, 0)
        seen = {k: int(v) for k, v in (line.split("=") for line in done.text.splitlines())}
        self.assertTight(seen)
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["reason"]), ("inject", "tighten"))


if __name__ == "__main__":
    guardtest.main()
