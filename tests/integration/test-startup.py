#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With which profiles a container starts: what `policy check` says of one (src/semantics/startup.c), and what the runtimes do."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402

# What the runtimes need by themselves or together, and some calls that they make and do not need.
CALLS = ["capget", "capset", "chdir", "close", "execve", "fstat", "fstatfs", "getcwd", "getdents64", "getppid", "newfstatat", "openat",
         "prctl", "read", "rt_sigaction", "rt_sigprocmask", "setgid", "setgroups", "setresgid", "setresuid", "setuid",
         "epoll_ctl", "fcntl", "futex", "ioctl", "mmap", "sigaltstack", "statx"]


@guardtest.all_runtimes
@guardtest.needs_root
@guardtest.needs_cli
class Startup(guardtest.Case):
    def says(self, profile):
        """What is said to keep this runtime from starting a container: (any, one without noNewPrivileges)."""
        path = self.file("profile.json", json.dumps(profile))
        text = self.cli("policy", "check", self.policy(profile=path)).text
        name = self.runtime.name
        always = "no container starts with it" in text or "%s starts no container with it" % name in text
        return always, always or "%s starts no container without noNewPrivileges with it" % name in text

    def starts(self, profile, no_new_privs):
        b = self.bundle(seccomp=profile)
        config = json.loads(b.read())
        config["process"]["noNewPrivileges"] = no_new_privs
        b.write(json.dumps(config).encode())
        return self.call("run", "--bundle", b.path, self.container_id()).status == 0

    def test_each_call(self):
        differ = []
        for call in CALLS:
            profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [call], "action": "SCMP_ACT_ERRNO"}]}
            said = self.says(profile)
            found = (not self.starts(profile, True), not self.starts(profile, False))
            # Go's scheduler waits with it or gets along without, as it happens.
            if call == "futex" and self.runtime.name == "runc":
                continue
            if found != said:
                differ.append((call, "said", said, "found", found))
        self.assertEqual(differ, [])

    def test_check_says_it_of_a_container(self):
        """With noNewPrivileges less is needed, and a container says whether it has that."""
        for call, no_new_privs, words in (("setgroups", False, "runc starts no container without noNewPrivileges"),
                                          ("setgroups", True, None), ("openat", True, "runc starts no container with it"),
                                          ("execve", True, "no container starts with it"), ("mount", False, None)):
            b = self.bundle(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [call], "action": "SCMP_ACT_ERRNO"}]})
            config = json.loads(b.read())
            config["process"]["noNewPrivileges"] = no_new_privs
            b.write(json.dumps(config).encode())
            told = json.loads(self.cli("check", "--json", "--policy", self.policy(), b.path).text)
            self.assertEqual("startup" in told, words is not None, told)
            text = self.cli("check", "--policy", self.policy(), b.path).text
            self.assertEqual("starts" in text, words is not None, text)
            if words:
                self.assertIn(words, told["startup"])
                self.assertIn("; " + told["startup"], text)

    def test_what_is_allowed_for_some_arguments(self):
        """Only what is denied whatever the arguments is said to be missing."""
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 999, "op": "SCMP_CMP_EQ"}]}]}
        self.assertEqual(self.says(profile), (False, False))
        self.assertTrue(self.starts(profile, False))


if __name__ == "__main__":
    guardtest.main()
