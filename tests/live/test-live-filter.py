#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A container confined live runs under a filter that means the same as one that the runtime loads.

Both filters are read back from the kernel and compared in every way through them; see tests/helpers/filter-compare.c.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

DUMP = guardtest.program("filter-dump")
COMPARE = guardtest.program("filter-compare")

# What the engines' profiles do not have: conditions of every kind, twice on one argument, actions of every kind.
ODD = {
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 42,
    "architectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
    "syscalls": [
        {"names": guardtest.STRICT["syscalls"][0]["names"] + ["setresuid", "setresgid", "select", "pselect6", "restart_syscall",
                                                                "nonexistent_call"],
         "action": "SCMP_ACT_ALLOW"},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}, {"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]},
        {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]},
        {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 25,
         "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_NE"}, {"index": 2, "value": 7, "op": "SCMP_CMP_GE"}]},
        {"names": ["mkdir"], "action": "SCMP_ACT_LOG", "args": [{"index": 1, "value": 448, "op": "SCMP_CMP_LE"}]},
        {"names": ["unshare"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
        {"names": ["umount2"], "action": "SCMP_ACT_TRAP"},
        {"names": ["mount"], "action": "SCMP_ACT_KILL_PROCESS"},
        {"names": ["reboot"], "action": "SCMP_ACT_KILL"},
        {"names": ["ptrace"], "action": "SCMP_ACT_TRACE", "errnoRet": 9},
        {"names": ["swapon"], "action": "SCMP_ACT_ERRNO", "errnoRet": 42},
        {"names": ["keyctl", "unshare", "sysinfo"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75},
    ],
}


def numbers(program, names, abis, *before):
    asked = [*before] + ["number %s %s" % (abi, name) for name in names for abi in abis]
    done = guardtest.command([guardtest.program(program)], stdin="\n".join(asked + [""]).encode())
    return [int(word) for word in done.text.split()]


def without_unknown(profile):
    """The profile without calls that the libseccomp at hand leaves out on some ABI, as they are too new: our filter has
    them. For calls that socketcall(2) does too it has numbers of its own, from -101 on."""
    names = sorted({name for rule in profile["syscalls"] for name in rule["names"]})
    abis = [name.replace("SCMP_ARCH_", "").lower() for name in profile["architectures"]]
    pairs = list(zip(numbers("model-dump", names, abis), numbers("filter-compile", names, abis, "default 0")))
    unknown = {names[i // len(abis)] for i, (ours, theirs) in enumerate(pairs)
               if ours >= 0 and (theirs == -1 or theirs <= -1000)}
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in unknown]
    return profile


def flavors():
    for flavor in ("moby", "containerd", "containers", "crio"):
        for caps in ("default", "none", "all"):
            for complain in ([], ["--complain"]):
                if complain and caps != "default":
                    continue
                done = guardtest.command([guardtest.CLI, "profile", "--flavor", flavor, "--caps", caps, *complain])
                yield " ".join([flavor, caps, *complain]), without_unknown(json.loads(done.out))


@guardtest.all_runtimes
class Equal(livetest.LiveCase):
    def filter_of(self, b):
        """The filter that init of a created container has; with noNewPrivileges off both runtimes load it in create."""
        c = json.loads(b.read())
        c["process"]["noNewPrivileges"] = False
        b.write(guardtest.bundles.encode(c))
        cid = self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        pid = json.loads(self.call("state", cid).out)["pid"]
        for _ in range(200):
            done = guardtest.command([DUMP, str(pid)])
            if done.status == 0:
                break
        self.call("delete", "--force", cid)
        if b"Permission denied" in done.err or b"Input/output error" in done.err:
            self.skipTest("the kernel does not give filters back: " + done.error)
        self.assertStatus(done, 0)
        path = self.fresh("filter")
        with open(path, "wb") as f:
            f.write(done.out)
        return path

    def assertSameFilter(self, profile):
        theirs = self.filter_of(self.bundle(seccomp=profile))
        ours = self.filter_of(self.live(profile=self.file("p.json", json.dumps(profile))))
        done = guardtest.command([COMPARE, theirs, ours])
        self.assertStatus(done, 0)
        return done.text.strip()

    def test_engine_profiles(self):
        for name, profile in flavors():
            with self.subTest(name):
                guardtest.diagnose("%s, %s: %s" % (self.runtime, name, self.assertSameFilter(profile)))

    def test_odd_profile(self):
        self.assertSameFilter(ODD)

    def test_lists_that_kill(self):
        profile = dict(ODD, defaultAction="SCMP_ACT_KILL_PROCESS", architectures=["SCMP_ARCH_X86_64"])
        del profile["defaultErrnoRet"]
        with self.subTest("kill"):
            self.assertSameFilter(profile)

    def test_the_comparison_sees_a_difference(self):
        """One rule, one condition: without this the test could not fail."""
        other = json.loads(json.dumps(ODD))
        other["syscalls"][4]["args"][0]["value"] += 1
        theirs = self.filter_of(self.bundle(seccomp=ODD))
        ours = self.filter_of(self.live(profile=self.file("p.json", json.dumps(other))))
        self.assertStatus(guardtest.command([COMPARE, theirs, ours]), 1)


if __name__ == "__main__":
    guardtest.main()
