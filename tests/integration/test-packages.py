#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What packages carry: the sample policy, completion, versions. .ci/package builds and installs them."""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import SRCDIR, command  # noqa: E402


def read(path):
    with open(os.path.join(SRCDIR, path), encoding="utf-8") as f:
        return f.read()


@guardtest.needs_cli
class Packages(guardtest.Case):
    def test_the_sample_is_a_policy(self):
        path = self.file("policy.json", read("contrib/policy.json.sample"))
        done = self.cli("policy", "check", path)
        self.assertStatus(done, 0)
        warnings = [line for line in (done.text + done.error).splitlines() if "warning" in line]
        # A machine need not have a system log.
        self.assertEqual([line for line in warnings if "/dev/log" not in line], [])

    def test_one_version(self):
        version = re.search(r"AC_INIT\(\[seccomp-guard\], \[(.*?)\]", read("configure.ac"))[1]
        self.assertEqual(re.match(r"seccomp-guard \((.*?)\)", read("debian/changelog"))[1], version)
        self.assertEqual(re.search(r"^Version: *(.*)$", read("contrib/rpm/seccomp-guard.spec"), re.M)[1], version)

    def complete(self, *words):
        """What bash offers for the last of `words`."""
        path = ":".join([os.path.dirname(os.path.abspath(guardtest.CLI)), "/usr/bin:/bin"])
        script = ('. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _seccomp_guard 2>/dev/null; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = command(["bash", "-c", script, "bash", os.path.join(SRCDIR, "contrib/completion/seccomp-guard.bash"),
                        "seccomp-guard", *words], env=dict(os.environ, PATH=path))
        self.assertStatus(done, 0)
        return set(done.text.split())

    def test_completion(self):
        if not shutil.which("bash"):
            self.skipTest("bash is not installed")
        self.assertLessEqual({"check", "apply", "profile", "policy", "register", "unregister"}, self.complete(""))
        self.assertEqual(self.complete("unreg"), {"unregister"})
        self.assertLessEqual({"check", "explain", "show"}, self.complete("policy", ""))
        self.assertEqual(self.complete("register", "--dry"), {"--dry-run"})
        self.assertEqual(self.complete("register", "pod"), {"podman"})
        self.assertEqual(self.complete("profile", "--flavor", "mo"), {"moby"})
        self.assertEqual(self.complete("explain", "moby", "unlinka"), {"unlinkat"})


if __name__ == "__main__":
    guardtest.main()
