#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every command is given to read may be of any kind, and reading it ends: pipes that nobody writes to, devices without an end."""

import concurrent.futures
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI  # noqa: E402

# Each place where a command takes a file; "@" is that file.
PLACES = (
    ["check", "@"], ["diff", "moby", "@"], ["diff", "@", "moby"], ["explain", "@", "read"], ["lint", "@"], ["profile", "@"],
    ["denials", "@"], ["learn", "@"], ["policy", "check", "@"], ["policy", "show", "@"], ["check", "--policy", "@", "."],
    ["policy", "explain", "--policy", "@", "."], ["policy", "explain", "@"], ["apply", "--policy", "@", "."],
)
# Each that takes a bundle, a directory.
BUNDLES = (["apply", "--policy", "%", "@"], ["check", "@"], ["diff", "moby", "@"], ["explain", "@", "read"], ["policy", "explain", "@"], ["lint", "@"])
LINES = (["denials"], ["denials", "-"], ["explain", "moby", "-"], ["learn"])


@guardtest.needs_cli
class Inputs(guardtest.Case):
    def each(self, places, path, stdin=subprocess.DEVNULL):
        """(words, what became of it) of all places at once; none may take longer than a test may."""
        policy = self.policy()

        def run(place):
            words = [{"@": path, "%": policy}.get(word, word) for word in place]
            return words, subprocess.run([CLI, *words], stdin=stdin, capture_output=True, timeout=50, check=False)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(pool.map(run, places))

    def assertRefuses(self, done, *words):
        for argv, one in done:
            text = (one.stdout + one.stderr).decode()
            self.assertIn(one.returncode, (1, 2), argv)
            self.assertTrue(any(word in text for word in words), (argv, text))

    def test_a_pipe_without_a_writer(self):
        path = os.path.join(self.tmp, "pipe")
        os.mkfifo(path)
        self.assertRefuses(self.each(PLACES, path), "is a pipe that nobody writes to", "is not a regular file", "no such")

    def test_in_a_bundle(self):
        for make in (os.mkfifo, lambda p: os.symlink("/dev/zero", p), os.mkdir):
            b = self.fresh("bundle")
            os.mkdir(b)
            make(os.path.join(b, "config.json"))
            for argv, one in self.each(BUNDLES, b):
                if argv[0] == "lint":
                    continue
                self.assertNotEqual(one.returncode, 0, argv)
                self.assertRegex((one.stdout + one.stderr).decode(), "regular file|symbolic link|Is a directory")

    def test_no_end(self):
        self.assertRefuses(self.each(PLACES, "/dev/zero"), "larger than", "is not a regular file", "this is no log")

    def test_lines_without_an_end(self):
        for words in LINES:
            with open("/dev/zero", "rb") as zero:
                self.assertRefuses(self.each([words], "", stdin=zero), "this is no log")

    def test_a_pipe_with_a_writer_takes_its_time(self):
        profile = json.dumps({"defaultAction": "SCMP_ACT_LOG"})
        slow = "sleep 4; echo '%s'" % profile
        done = subprocess.run(["bash", "-c", '"$0" profile <(%s)' % slow, CLI], capture_output=True, timeout=50, check=False)
        self.assertEqual(json.loads(done.stdout)["defaultAction"], "SCMP_ACT_LOG", done)
        # A FIFO whose writer comes a little later.
        path = os.path.join(self.tmp, "late")
        os.mkfifo(path)
        with subprocess.Popen(["bash", "-c", "sleep 1; echo '%s' >\"$0\"" % profile, path]):
            self.assertEqual(json.loads(self.cli("profile", path).text)["defaultAction"], "SCMP_ACT_LOG")


if __name__ == "__main__":
    guardtest.main()
