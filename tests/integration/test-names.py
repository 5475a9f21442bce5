#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wrapper is called by the name of what it wraps: which runtime that is, and what is said where there is none."""

import glob
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import WRAPPER, command  # noqa: E402


class Named(Faked):
    """Calls through a link, where /etc and /usr/local hold what the test wants and nothing else."""

    def setUp(self):
        super().setUp()
        if private.reason():
            self.skipTest(private.reason())
        self.links = guardtest.usual_directory() + "/runtimes"

    def link(self, name):
        """A link to the wrapper, as installed in libexec."""
        place = os.path.join(self.tmp, "libexec")
        os.makedirs(place, exist_ok=True)
        path = os.path.join(place, name)
        if not os.path.lexists(path):
            os.symlink(WRAPPER, path)
        return path

    def named(self, name, *args, script=(), **kwargs):
        """Call the wrapper as `name`, after the lines of shell in `script`."""
        prefix = private.prefix(private.directory(self.links), "mount -t tmpfs -o mode=755 tmpfs /usr/local",
                                "mkdir /usr/local/bin /usr/local/sbin", "cd %s" % self.links, *script, "cd /")
        return command([*prefix, self.link(name), *args], **kwargs)

    def reached(self, done):
        """The path of the fake runtime that was executed, and what it was given."""
        self.assertStatus(done, 0)
        seen = json.loads(done.text)
        return seen["exe"], seen["argv"]

    def assertNothing(self, done, *words):
        """Refused, for what starts something and for what does not."""
        return self.assertRefused(done, *words)


@guardtest.needs_wrapper
class Lookup(Named):
    def test_the_link_says(self):
        for name in ("runc", "crun", "of-our-own", "runc.v2"):
            done = self.named(name, "kill", "ID", "9", script=["ln -s %s %s" % (self.fake, name)])
            self.assertEqual(self.reached(done), (self.fake, [self.fake, "kill", "ID", "9"]))

    def test_a_relative_link(self):
        done = self.named("runc", "state", "ID", script=["cp %s ../runc" % self.fake, "ln -s ../runc runc"])
        path = self.links + "/../runc"
        self.assertEqual(self.reached(done), (os.path.normpath(path), [path, "state", "ID"]))

    def test_the_link_is_stronger_than_the_system(self):
        script = ["cp %s /usr/local/sbin/runc" % self.fake, "ln -s %s runc" % self.fake]
        self.assertEqual(self.reached(self.named("runc", "list", script=script))[0], self.fake)

    def test_the_systems(self):
        script = ["cp %s /usr/local/bin/zrun" % self.fake]
        self.assertEqual(self.reached(self.named("zrun", "list", script=script))[0], "/usr/local/bin/zrun")
        # The order is that of systemd's PATH.
        script += ["cp %s /usr/local/sbin/zrun" % self.fake]
        self.assertEqual(self.reached(self.named("zrun", "list", script=script))[0], "/usr/local/sbin/zrun")
        # What is no program there is passed over.
        script += ["chmod 644 /usr/local/sbin/zrun"]
        self.assertEqual(self.reached(self.named("zrun", "list", script=script))[0], "/usr/local/bin/zrun")

    def test_the_environment_has_no_say(self):
        done = self.named("of-our-own", "list", env={"PATH": os.path.dirname(self.fake) + ":/usr/bin:/bin"})
        self.assertNothing(done, '"of-our-own"')

    def test_ourselves_in_the_system(self):
        """Installed as /usr/local/sbin/runc it finds the next one."""
        script = ["ln -s %s /usr/local/sbin/zrun" % WRAPPER, "cp %s /usr/local/bin/zrun" % self.fake]
        self.assertEqual(self.reached(self.named("zrun", "list", script=script))[0], "/usr/local/bin/zrun")

    def test_by_hand(self):
        """--guard-runtime is stronger than the name."""
        done = self.named("runc", "--guard-runtime", self.fake, "list", script=["ln -s /nowhere runc"])
        self.assertEqual(self.reached(done)[0], self.fake)

    def test_the_family_is_the_targets(self):
        """Not that of the name we are called by: crun reads -f, runc does not."""
        crun = os.path.join(self.tmp, "bin", "crun")
        nvidia = os.path.join(self.tmp, "bin", "nvidia-container-runtime")
        for path in (crun, nvidia):
            shutil.copy2(self.fake, path)
        b = self.bundle()
        os.rename(b.config, b.path + "/other.json")
        args = ["--guard-policy", self.policy(), "run", "-f", b.path + "/other.json", "--bundle", b.path, "ID"]
        self.reached(self.named("runc", *args, script=["ln -s %s runc" % crun]))
        self.assertRefused(self.named("crun", *args, script=["ln -s %s crun" % nvidia]), "unknown option \"-f\"")
        b = self.bundle()
        args = ["--guard-policy", self.policy(), "run", "--no-pivot=false", "--bundle", b.path, "ID"]
        self.reached(self.named("anything", *args, script=["ln -s %s anything" % nvidia]))


@guardtest.needs_wrapper
class Wrong(Named):
    """What cannot be executed: nothing is started, nothing is changed, and the message says what to do."""

    def setUp(self):
        super().setUp()
        self.b = self.bundle()
        self.before = self.b.snapshot()

    def assertSaid(self, name, script, *words):
        log = os.path.join(self.tmp, "log.json")
        for args in (["kill", "ID", "9"], ["create", "--bundle", self.b.path, "ID"], ["--version"],
                     ["--log", log, "--log-format", "json", "create", "--bundle", self.b.path, "ID"]):
            line = self.assertNothing(self.named(name, *args, script=script), *words)
            self.assertNotIn("does not exist; ln", line)
        self.assertUntouched(self.b, self.before)
        with open(log, encoding="utf-8") as f:
            [entry] = f.read().splitlines()
        for word in words:
            self.assertIn(word, json.loads(entry)["msg"])
        os.unlink(log)

    def test_nothing_of_that_name(self):
        link = self.links + "/zrun"
        self.assertSaid("zrun", [], '"zrun"', "/usr/local", "ln -s ", link)
        self.assertSaid("zrun", ["rmdir %s" % self.links], '"zrun"', "ln -s ", link)
        # Registered as itself, as it was before it had names.
        self.assertSaid("seccomp-guard-runtime", [], '"seccomp-guard-runtime"', "ln -s ",
                        self.links + "/seccomp-guard-runtime")

    def test_a_missing_target(self):
        link = self.links + "/runc"
        self.assertSaid("runc", ["ln -s /nowhere/runc runc"], link, "/nowhere/runc", "does not exist", "ln -sfn ")

    def test_a_target_that_is_no_program(self):
        for script in (["ln -s %s runc" % self.tmp], [": >/usr/local/bin/x", "ln -s /usr/local/bin/x runc"]):
            self.assertSaid("runc", script, self.links + "/runc", "not an executable file", "ln -sfn ")

    def test_no_link(self):
        for script in (["cp %s runc" % self.fake], ["mkdir runc"]):
            self.assertSaid("runc", script, self.links + "/runc", "must be a symbolic link", "ln -sfn ")

    def test_a_target_that_is_us(self):
        for script in (["ln -s %s runc" % WRAPPER], ["ln -s %s runc" % self.link("runc")]):
            self.assertSaid("runc", script, self.links + "/runc", "is seccomp-guard-runtime itself", "ln -sfn ")

    def test_a_circle_of_links(self):
        self.assertSaid("runc", ["ln -s %s/runc runc" % self.links], self.links + "/runc", os.strerror(40), "ln -sfn ")

    def test_a_circle_of_copies(self):
        """Two copies of the wrapper that name each other: other files, so only what they do can tell."""
        copies = ["cp %s /usr/local/bin/%s" % (WRAPPER, n) for n in ("a", "b")]
        for script in (copies + ["ln -s /usr/local/bin/a b", "ln -s /usr/local/bin/b a", "ln -s /usr/local/bin/a zrun"],
                       ["cp %s /usr/local/bin/zrun" % WRAPPER, "cp %s /usr/local/sbin/zrun" % WRAPPER]):
            for args in (["kill", "ID"], ["--version"],
                         ["--guard-policy", self.policy(), "create", "--bundle", self.b.path, "ID"]):
                self.assertRefused(self.named("zrun", *args, script=script),
                                   "another copy of seccomp-guard-runtime", self.links)

    def test_a_long_name(self):
        done = command([WRAPPER, "state", "ID"], executable=WRAPPER)
        self.assertNotEqual(done.status, 0)
        for name in ("x" * 5000, "", "/", "x/"):
            done = command([name, "state", "ID"], executable=WRAPPER)
            self.assertNothing(done, "called by no name")


@guardtest.all_runtimes
@guardtest.needs_wrapper
class RealRuntime(guardtest.Case):
    """A change of the policy changes no runtime; two engines have two runtimes."""

    def test_called_by_name(self):
        link = os.path.join(self.tmp, self.runtime.name)
        os.symlink(WRAPPER, link)
        b = self.bundle()
        done = command([*self.runtime.prefix, link, "--guard-policy", self.policy(), "--root", self.root, "run", "--bundle",
                        b.path, self.container_id()])
        self.assertConfined(done)
        alone = command([*self.runtime.prefix, self.runtime.path, "--version"])
        self.assertEqual(command([*self.runtime.prefix, link, "--version"]).out, alone.out)


@guardtest.needs_wrapper
class Installed(guardtest.Case):
    def test_links(self):
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR")}
        make = ["make", "-C", guardtest.BUILDDIR, "DESTDIR=" + self.tmp]
        self.assertStatus(command([*make, "install"], env=env, timeout=300), 0)
        [program] = glob.glob(self.tmp + "/**/bin/seccomp-guard-runtime", recursive=True)
        for name in ("runc", "crun"):
            [link] = glob.glob(self.tmp + "/**/libexec/seccomp-guard/" + name, recursive=True)
            self.assertTrue(os.path.islink(link))
            self.assertEqual(os.path.realpath(link), os.path.realpath(program))
        # A second time, over what is there.
        self.assertStatus(command([*make, "install"], env=env, timeout=300), 0)
        self.assertStatus(command([*make, "uninstall"], env=env, timeout=300), 0)
        self.assertEqual([f for f in glob.glob(self.tmp + "/**", recursive=True) if not os.path.isdir(f)], [])


if __name__ == "__main__":
    guardtest.main()
