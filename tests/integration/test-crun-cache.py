#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crun from 1.14 on keeps compiled filters under a hash of the profile's strings and numbers, one behind the other: no
profile that a container brings may have the text of one that is injected."""

import copy
import json
import os
import random
import stat
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import ABSENT, STRICT  # noqa: E402

SECRET = "/run/seccomp-guard/secret"


def text(profile):
    """What crun hashes of it (libcrun/seccomp.c, calculate_seccomp_checksum()): errnoRet and every border are missing."""
    parts = []
    if "defaultErrnoRet" in profile:
        parts.append(struct.pack("<I", profile["defaultErrnoRet"]))
    parts.append(profile["defaultAction"].encode())
    parts += [word.encode() for key in ("flags", "architectures") for word in profile.get(key) or []]
    for rule in profile.get("syscalls") or []:
        parts.append(rule["action"].encode())
        parts += [name.encode() for name in rule["names"]]
        for arg in rule.get("args") or []:
            parts += [struct.pack(form, arg[key]) for key, form in (("index", "<I"), ("value", "<Q"), ("valueTwo", "<Q"))
                      if key in arg]
            parts.append(arg["op"].encode())
    return b"".join(parts)


def with_the_same_text(profile, picker):
    """The same strings and numbers in the same order, with borders elsewhere or another errnoRet."""
    other = copy.deepcopy(profile)
    for rule in picker.sample(other["syscalls"], 1 + picker.randrange(len(other["syscalls"]))):
        how = picker.randrange(4)
        if how == 0:
            i = picker.randrange(len(rule["names"]))
            name = rule["names"][i]
            cut = picker.randrange(1, len(name))
            rule["names"][i:i + 1] = [name[:cut], name[cut:]]
        elif how == 1 and len(rule["names"]) > 1:
            i = picker.randrange(len(rule["names"]) - 1)
            rule["names"][i:i + 2] = [rule["names"][i] + rule["names"][i + 1]]
        elif how == 2:
            rule["errnoRet"] = picker.randrange(200)
        for arg in rule.get("args") or []:
            if how == 3 and "valueTwo" not in arg:
                arg["valueTwo"] = arg.pop("value")
    return other


@guardtest.needs_wrapper
@guardtest.needs_cli
@guardtest.needs_root
class Cache(Faked):
    family = "crun"

    def injected(self, prefix=(), seccomp=ABSENT, annotations=None, **keys):
        b = self.bundle(seccomp=seccomp, annotations=annotations)
        self.assertStatus(self.wrapper("create", "--bundle", b.path, "ID", policy=self.policy(**keys), prefix=prefix), 0)
        return b.seccomp()

    def mark(self, profile):
        name = profile["syscalls"][0]["names"][0]
        self.assertRegex(name, "^seccomp-guard-[0-9a-f]{32}$")
        return name

    def test_no_other_profile_has_the_text_of_an_injected_one(self):
        picker = random.Random(1)
        for flavor in ("moby", "containerd", "containers", "crio"):
            profile = self.injected(flavor=flavor)
            known = json.loads(self.cli("profile", "--flavor", flavor, "--caps", ",".join(
                "CAP_" + cap for cap in ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETPCAP",
                                         "SETUID", "SYS_CHROOT"))).text)
            mark = self.mark(profile)
            # What anybody can know of it, and then prepare.
            unmarked = copy.deepcopy(profile)
            unmarked["syscalls"][0]["names"].remove(mark)
            self.assertEqual(text(unmarked), text(known))
            same = 0
            for _ in range(300):
                other = with_the_same_text(known, picker)
                same += text(other) == text(known) and other != known
                self.assertNotEqual(text(other), text(profile))
                # A mark of another host or of another profile is of no use.
                other["syscalls"][0]["names"].insert(0, "seccomp-guard-%032x" % picker.getrandbits(128))
                self.assertNotEqual(text(other), text(profile))
            self.assertGreater(same, 200, "no such profile would have had the same text anyway")

    def test_the_same_profile_has_the_same_mark(self):
        self.assertEqual(self.injected(), self.injected())
        self.assertEqual(len({r["profile_sha256"] for r in self.decisions()}), 1)

    def test_profiles_that_differ_in_what_is_not_hashed_have_other_marks(self):
        marks = set()
        for errno in (1, 13, 38):
            path = self.file("p%d.json" % errno, json.dumps({**STRICT, "syscalls": [
                *STRICT["syscalls"], {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno}]}))
            marks.add(self.mark(self.injected(profile=path)))
        self.assertEqual(len(marks), 3)

    def test_where_crun_fails_on_names_that_it_does_not_know(self):
        notes = {"run.oci.seccomp_fail_unknown_syscall": "1"}
        first, again = self.injected(annotations=notes), self.injected(annotations=notes)
        names = first["syscalls"][0]["names"]
        self.assertEqual(first, again)
        self.assertEqual(sorted(set(names[:64])), sorted(names[64:66]))
        if private.reason():
            self.skipTest(private.reason())
        prefix = private.prefix(private.directory("/run/seccomp-guard"))
        other = self.injected(annotations=notes, prefix=prefix)["syscalls"][0]["names"]
        self.assertNotEqual(other[:64], names[:64])
        self.assertEqual(other[64:], names[64:])

    def test_nobody_else_can_read_the_secret(self):
        self.injected()
        st = os.lstat(SECRET)
        self.assertTrue(stat.S_ISREG(st.st_mode))
        self.assertEqual((st.st_uid, st.st_mode & 0o777, st.st_size), (0, 0o600, 32))

    def test_another_host_has_other_marks(self):
        if private.reason():
            self.skipTest(private.reason())
        marks = [self.mark(self.injected(prefix=private.prefix(private.directory("/run/seccomp-guard")))) for _ in "123"]
        self.assertEqual(len(set(marks)), 3)

    def test_a_secret_that_others_can_read_is_none(self):
        if private.reason():
            self.skipTest(private.reason())
        prefix = private.prefix(private.directory("/run/seccomp-guard"), "umask 022; printf %032d 0 >" + SECRET)
        self.assertEqual(self.injected(prefix=prefix)["syscalls"][0]["names"][0][:14] == "seccomp-guard-", False)

    def test_a_second_time_changes_nothing(self):
        b = self.bundle(seccomp=ABSENT)
        for _ in "12":
            self.assertStatus(self.create(b, policy=self.policy(mode="complain")), 0)
            before = b.snapshot()
        self.assertUntouched(b, before)
        _, lines = self.check(b.path)
        self.assertEqual(lines[0]["action"], "keep")
        self.assertFalse([n for n in lines[0].get("unknown_syscalls", ()) if n.startswith("seccomp-guard")])


if __name__ == "__main__":
    guardtest.main()
