#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A container confined live runs under the same filter as one that the runtime confined, call for call.

Both filters are read back from the kernel and run through an interpreter; see tests/helpers/filter-compare.c. And
the cache of compiled filters: used when it can be trusted, passed over when not.
"""

import json
import os
import struct
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


def flavors():
    for flavor in ("moby", "containerd", "containers", "crio"):
        for caps in ("default", "none", "all"):
            for complain in ([], ["--complain"]):
                if complain and caps != "default":
                    continue
                done = guardtest.command([guardtest.CLI, "profile", "--flavor", flavor, "--caps", caps, *complain])
                yield " ".join([flavor, caps, *complain]), json.loads(done.out)


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


class Cache(livetest.LiveCase):
    """Seen through a compiler that counts its calls."""

    def setUp(self):
        super().setUp()
        self.calls = os.path.join(self.tmp, "calls")
        self.compiler = self.file("compiler", "#!/bin/sh\necho x >>%s\nexec %s \"$@\"\n" % (
            self.calls, livetest.COMPILE), 0o755)
        self.pretend = guardtest.program("pretend-runtime")
        self.seen = os.path.join(self.tmp, "seen")

    def inject(self, profile=None):
        """One injection; the number of compilations it took."""
        before = self.compilations()
        done = guardtest.command([self.pretend, "plain", livetest.WITNESS, self.seen, livetest.INJECT,
                                  profile or self.profile, self.report, self.compiler, self.state])
        self.assertStatus(done, 0)
        with open(self.seen, "rb") as f:
            self.assertWitness(f.read())
        os.unlink(self.seen)
        return self.compilations() - before

    def compilations(self):
        return os.path.getsize(self.calls) // 2 if os.path.exists(self.calls) else 0

    def cache(self):
        return os.path.join(self.state, "cache")

    def entry(self):
        names = os.listdir(self.cache())
        self.assertEqual(len(names), 1, names)
        return os.path.join(self.cache(), names[0])

    def test_compiled_once(self):
        self.assertEqual([self.inject() for _ in range(3)], [1, 0, 0])
        self.assertEqual(os.stat(self.cache()).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.entry()).st_mode & 0o777, 0o600)

    def test_every_byte_of_the_profile_counts(self):
        other = self.file("other.json", json.dumps(livetest.PROFILE) + " ")
        self.assertEqual([self.inject(), self.inject(other), self.inject(), self.inject(other)], [1, 1, 0, 0])

    def test_a_spoiled_entry_is_made_again(self):
        def flip(path):
            with open(path, "r+b") as f:
                f.seek(-5, os.SEEK_END)
                byte = f.read(1)
                f.seek(-1, os.SEEK_CUR)
                f.write(bytes([byte[0] ^ 1]))

        def cut(path):
            os.truncate(path, os.path.getsize(path) - 8)

        def grow(path):
            with open(path, "ab") as f:
                f.write(struct.pack("<HBBI", 6, 0, 0, 0x7FFF0000))

        def empty(path):
            os.truncate(path, 0)

        def writable(path):
            os.chmod(path, 0o666)

        def readable(path):
            os.chmod(path, 0o644)

        def foreign(path):
            os.chown(path, 1000, 1000)

        def other_name(path):
            # The right checksum, but of another profile.
            self.inject(self.file("other.json", json.dumps(dict(livetest.PROFILE, flags=[]))))
            other = [n for n in os.listdir(self.cache()) if n != os.path.basename(path)][0]
            os.rename(os.path.join(self.cache(), other), path)

        def link(path):
            os.rename(path, self.tmp + "/moved")
            os.symlink(self.tmp + "/moved", path)

        def fifo(path):
            os.unlink(path)
            os.mkfifo(path, 0o600)

        for spoil in (flip, cut, grow, empty, writable, readable, foreign, other_name, link, fifo):
            with self.subTest(spoil.__name__):
                self.inject()
                spoil(self.entry())
                self.assertEqual(self.inject(), 1)
                self.assertEqual(self.inject(), 0)

    def test_a_directory_of_others_is_not_used(self):
        for path, mode, owner in ((self.cache(), 0o755, 0), (self.cache(), 0o700, 1000), (self.state, 0o777, 0),
                                  (self.state, 0o755, 1000)):
            with self.subTest(path=os.path.basename(path), mode=oct(mode), owner=owner):
                self.inject()
                os.chmod(path, mode)
                os.chown(path, owner, owner)
                self.assertEqual([self.inject(), self.inject()], [1, 1])
                os.chown(self.state, 0, 0)
                os.chmod(self.state, 0o755)
                os.chown(self.cache(), 0, 0)
                os.chmod(self.cache(), 0o700)
                self.assertEqual(self.inject(), 0)

    def test_another_libseccomp(self):
        """An entry names the library that made it: it is void when that file is another one."""
        self.inject()
        with open(self.entry(), "rb") as f:
            self.assertIn(b"libseccomp.so", f.read())

    def test_nowhere_to_write(self):
        self.state = "/proc/nowhere"
        self.assertEqual([self.inject(), self.inject()], [1, 1])


if __name__ == "__main__":
    guardtest.main()
