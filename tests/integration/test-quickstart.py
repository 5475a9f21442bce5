#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/quickstart on machines that lack something. .ci/run has it come to its end, on this one and in a chroot."""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from guardtest import SRCDIR, command  # noqa: E402

TOOLS = ("sh", "id", "dirname", "mktemp", "chmod", "rm", "mkdir", "cp", "chroot", "true")


@guardtest.needs_root
class Quickstart(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.tmp, "bin")
        self.temporary = os.path.join(self.tmp, "tmp")
        os.mkdir(self.path)
        os.mkdir(self.temporary)
        self.have(*TOOLS)

    def have(self, *programs):
        for name in programs:
            path = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            if path is None:
                self.skipTest(name + " is not installed")
            os.symlink(path, os.path.join(self.path, name))

    def begin(self, prefix=(), temporary=None):
        return command([*prefix, os.path.join(SRCDIR, "contrib", "quickstart")],
                       env={"PATH": self.path, "TMPDIR": temporary or self.temporary, "HOME": self.temporary})

    def missing(self, done):
        self.assertStatus(done, 1)
        self.assertEqual(done.text.split(), ["1.", "Build"])
        self.assertEqual(os.listdir(self.temporary), [])
        return [line.strip() for line in re.search(r"this is missing here:\n(.*?)\nInstall it", done.error, re.S)[1].splitlines()]

    def test_without_apt_and_anything(self):
        missing = self.missing(self.begin())
        self.assertEqual(missing, ["autoconf", "automake", "make", "pkg-config", "tar", "unshare", "a C compiler", *(
            name + ", as pkg-config calls it, with its header files" for name in ("libcap", "libseccomp", "yajl", "yaml-0.1")),
                                   "runc or crun", "busybox, linked statically"])

    def test_without_apt_and_one_thing(self):
        self.have("autoconf", "make", "pkg-config", "tar", "unshare", "gcc", "runc", "busybox")
        self.assertEqual(self.missing(self.begin()), ["automake"])

    def test_a_busybox_that_needs_libraries(self):
        """bash stands for it."""
        self.have("autoconf", "automake", "make", "pkg-config", "tar", "unshare", "gcc", "runc")
        os.symlink("/bin/bash", os.path.join(self.path, "busybox"))
        self.assertEqual(self.missing(self.begin()), ["busybox, linked statically"])

    def test_nowhere_to_execute(self):
        """Each place that it tries is mounted noexec."""
        if private.reason():
            self.skipTest(private.reason())
        script = ["mount -t tmpfs -o noexec tmpfs " + place for place in ("/var/tmp", "/run", self.temporary)]
        done = self.begin([shutil.which("env"), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *private.prefix(*script, "PATH=%s" % self.path)])
        self.assertStatus(done, 1)
        self.assertIn("programs can be executed in none of", done.error)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_a_noexec_directory_is_passed_over(self):
        if private.reason():
            self.skipTest(private.reason())
        place = os.path.join(self.tmp, "noexec")
        os.mkdir(place)
        done = self.begin([shutil.which("env"), "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                           *private.prefix("mount -t tmpfs -o noexec tmpfs " + place, "PATH=%s" % self.path)], temporary=place)
        self.assertIn("automake", self.missing(done))


if __name__ == "__main__":
    guardtest.main()
