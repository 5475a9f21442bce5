#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who could change what lies between judging and starting: every directory above the bundle, and above what the policy
names. And where engines keep their bundles, that must be no obstacle."""

import os
import shlex
import shutil
import stat
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import STRICT  # noqa: E402

needs_private = unittest.skipIf(private.reason(), private.reason())
STRANGER, USER = 12345, 1000


@guardtest.needs_wrapper
@guardtest.needs_root
@needs_private
class Places(Faked):
    """Bundles where engines have them, under directories with the modes that they have there."""

    def command(self, bundle, lines, user=()):
        """The wrapper for `bundle`, a path in a mount namespace in which `lines` made its directories; and its text after."""
        source = self.bundle()
        programs = os.path.join(self.tmp, "programs")
        os.makedirs(programs, exist_ok=True)
        wrapper = shutil.copy2(guardtest.WRAPPER, programs)
        os.chmod(self.tmp, 0o755)
        run = private.prefix(*lines, "cp %s %s/config.json" % (source.config, bundle),
                             *(["chown -R %d:%d %s" % (USER, USER, bundle)] if user else []))
        after = ["sh", "-c", '"$@" >/dev/null && cat %s/config.json' % bundle, "sh"]
        return guardtest.command([*run, *user, *after, wrapper, "--guard-policy", self.policy(log={"to": "none"}),
                                  "--guard-runtime", self.fake, "create", "--bundle", bundle, "ID"])

    @staticmethod
    def made(path, *modes):
        """Shell that makes the directories of `path` with `modes`, the last for all that are left."""
        at, lines = "", [private.directory("/" + path.split("/")[1])]
        for i, name in enumerate(path.strip("/").split("/")):
            at += "/" + name
            lines.append("mkdir -p %s; chmod %o %s" % (at, modes[min(i, len(modes) - 1)], at))
        return lines

    def assertInjected(self, done):
        self.assertStatus(done, 0)
        self.assertIn(b'"defaultAction"', done.out, done)

    def test_engines(self):
        for path, modes in (
                ("/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s" % ("f" * 64), (0o755, 0o711, 0o711, 0o711, 0o700)),
                ("/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/%s" % ("f" * 64), (0o755, 0o711, 0o711)),
                ("/run/containers/storage/overlay-containers/%s/userdata" % ("f" * 64), (0o755, 0o700)),
                ("/var/lib/containers/storage/overlay-containers/%s/userdata" % ("f" * 64), (0o755, 0o755, 0o755, 0o700))):
            with self.subTest(path):
                self.assertInjected(self.command(path, self.made(path, *modes)))

    def test_docker_goes_through_a_link(self):
        path = "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/%s" % ("f" * 64)
        lines = [*self.made(path, 0o755, 0o755, 0o711), private.directory("/var"), "ln -s /run /var/run"]
        self.assertInjected(self.command("/var" + path, lines))

    def test_rootless(self):
        """In a user namespace the host's root shows as nobody. The user's directories are his and, with a group of his
        own and umask 002, that group's."""
        for place, modes in (("/home/user/.local/share/containers/storage/overlay-containers/f/userdata",
                              (0o755, 0o750, 0o700, 0o755, 0o700)),
                             ("/home/user/.local/share/containers/storage/overlay-containers/f/userdata", (0o755, 0o775)),
                             ("/run/user/%d/containers/overlay-containers/f/userdata" % USER, (0o755, 0o755, 0o700))):
            first = "/".join(place.split("/")[:4 if place.startswith("/run") else 3])
            lines = [*self.made(place, *modes), "chown -R %d:%d %s" % (USER, USER, first)]
            user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"]
            for how in (user, [*user, "unshare", "-Ur"]):
                with self.subTest(place, how=how[-1]):
                    self.assertInjected(self.command(place, lines, user=how))

    def test_rootless_in_a_strangers_directory(self):
        place = "/home/stranger/bundle"
        lines = [*self.made(place, 0o755), "chown %d /home/stranger" % STRANGER]
        user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"]
        done = self.command(place, lines, user=user)
        self.assertStatus(done, 1)
        self.assertIn("/home/stranger: belongs to user %d" % STRANGER, done.error)


@guardtest.needs_wrapper
@guardtest.needs_root
class Above(Faked):
    """A directory far above that others can change is as good as the file itself."""

    def deep(self, what):
        """A bundle below TMP/above/a/b, with `what` done to TMP/above; the message."""
        above = self.fresh("above")
        os.makedirs(os.path.join(above, "a", "b"))
        b = self.bundle(seccomp=STRICT)
        os.rename(b.path, os.path.join(above, "a", "b", "bundle"))
        b.path = os.path.join(above, "a", "b", "bundle")
        b.config = os.path.join(b.path, "config.json")
        return b, above, what(above)

    def unsafe(self):
        def mode(bits):
            def do(above):
                os.chmod(above, bits)
                return "can be written by " + ("everybody" if bits & 2 else "group")
            return do

        def owner(above):
            os.chown(above, STRANGER, 0)
            return "belongs to user %d" % STRANGER
        return [mode(0o777), mode(0o757), mode(0o775), owner]

    def test_bundle(self):
        for what in self.unsafe():
            b, above, message = self.deep(what)
            self.assertAllRefuse(b, above + ": " + message)
            os.chown(above, 0, 0)
            os.chmod(above, 0o755)
            self.assertStatus(self.create(b), 0)

    def test_link(self):
        """A safe way to a link, and from there one that is not."""
        b, above, message = self.deep(self.unsafe()[0])
        link = os.path.join(self.tmp, "link")
        os.symlink(os.path.join(above, "a"), link)
        done = self.wrapper("create", "--bundle", os.path.join(link, "b", "bundle"), "ID")
        self.assertRefused(done, above + ": " + message)
        self.assertStatus(self.wrapper("create", "--bundle", b.path, "ID"), 1)
        os.chmod(above, 0o755)
        self.assertStatus(self.wrapper("create", "--bundle", os.path.join(link, "b", "bundle"), "ID"), 0)
        # Where others can make links, theirs are not followed.
        os.chmod(self.tmp, 0o1777)
        os.lchown(link, STRANGER, STRANGER)
        self.assertRefused(self.wrapper("create", "--bundle", os.path.join(link, "b", "bundle"), "ID"),
                           link + ": a symbolic link: belongs to user %d" % STRANGER)

    def test_relative(self):
        b, above, message = self.deep(self.unsafe()[0])
        for args in (("--bundle", "."), ("--bundle", "../bundle"), ()):
            self.assertRefused(self.wrapper("create", *args, "ID", cwd=b.path), above + ": " + message)
        os.chmod(above, 0o755)
        for args in (("--bundle", "."), ("--bundle", "../bundle"), ()):
            self.assertStatus(self.wrapper("create", *args, "ID", cwd=b.path), 0)

    @needs_private
    def test_a_working_directory_that_its_path_does_not_lead_to(self):
        """Something is mounted over it: the runtime would read another file than the one that was judged."""
        b = self.bundle(seccomp=STRICT)
        over = private.prefix('cd "%s"' % b.path, "mount -t tmpfs -o mode=755 tmpfs %s" % b.path,
                              "echo {} >%s/config.json" % shlex.quote(b.path))
        self.assertRefused(self.wrapper("create", "ID", prefix=over), "is not where its path leads")

    def test_policy(self):
        b = self.bundle(seccomp=STRICT)
        for what in self.unsafe():
            _, above, message = self.deep(what)
            path = os.path.join(above, "a", "policy.json")
            shutil.copy(self.policy(), path)
            for given in (path, os.path.dirname(path)):
                self.assertRefused(self.create(b, policy=given), above + ": " + message)

    def test_profile(self):
        for what in self.unsafe():
            _, above, message = self.deep(what)
            path = os.path.join(above, "a", "b", "x.json")
            with open(path, "w", encoding="ascii") as f:
                f.write('{"defaultAction":"SCMP_ACT_ERRNO"}')
            b = self.bundle()
            for keys in ({"profile": path}, {"profile": "localhost/b/x.json", "localhostRoot": os.path.join(above, "a")},
                         {"profile": "localhost/a/b/x.json", "localhostRoot": above}):
                done = self.create(b, policy=self.policy(**keys))
                self.assertRefused(done, above + ": " + message)
            self.assertIsNone(b.seccomp())


@guardtest.all_runtimes
@guardtest.needs_wrapper
class NothingStarts(guardtest.Case):
    def test_below_everybodys_directory(self):
        b = self.bundle()
        before = b.snapshot()
        os.chmod(self.tmp, 0o777)
        policy = os.path.join("/run", os.path.basename(self.tmp) + ".json")
        shutil.copy(self.policy(log={"to": "none"}), policy)
        self.addCleanup(os.unlink, policy)
        for how in ("create", "run"):
            done = self.guarded(how, "--bundle", b.path, self.container_id(), policy=policy)
            self.assertRefused(done, self.tmp + ": can be written by everybody")
            self.assertUntouched(b, before)
            self.assertNothingLeft()
        os.chmod(self.tmp, stat.S_IRWXU)
        self.assertConfined(self.run_guarded(b, policy=policy))


if __name__ == "__main__":
    guardtest.main()
