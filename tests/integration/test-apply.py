#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seccomp-guard apply`: the whole new configuration or the whole old one, and nothing else."""

import json
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import CLI, STRICT, WEAK, command  # noqa: E402


class ApplyCase(guardtest.Case):
    def apply(self, *paths, policy=None, **kwargs):
        return self.cli("apply", "--policy", policy or self.policy(), *paths, **kwargs)


@guardtest.needs_cli
class Apply(ApplyCase):
    def test_injects(self):
        b = self.bundle()
        before = b.read()
        self.assertStatus(self.apply(b.path), 0)
        self.assertTrue(guardtest.only_seccomp_differs(before, b.read()))
        self.assertEqual(sorted(os.listdir(b.path)), ["config.json", "rootfs"])
        record = self.decisions()[-1]
        self.assertEqual((record["entry"], record["action"], record["injector"]), ("cli", "inject", "config"))

    def test_second_pass_changes_nothing(self):
        for policy in (self.policy(), self.policy(mode="complain"), self.policy(weak="replace")):
            for seccomp in (guardtest.ABSENT, {}, {"defaultAction": "SCMP_ACT_LOG"}, WEAK, STRICT):
                b = self.bundle(seccomp=seccomp)
                self.assertStatus(self.apply(b.path, policy=policy), 0)
                before = b.snapshot()
                self.assertStatus(self.apply(b.path, policy=policy), 0)
                self.assertUntouched(b, before)

    def test_replaces_rather_than_rewrites(self):
        """A reader that has the old file open goes on reading the old one."""
        b = self.bundle()
        before = b.read()
        with open(b.config, "rb") as f:
            inode = os.fstat(f.fileno()).st_ino
            self.assertStatus(self.apply(b.path), 0)
            self.assertEqual(f.read(), before)
        self.assertNotEqual(os.stat(b.config).st_ino, inode)

    def test_hard_link_keeps_the_old_text(self):
        b = self.bundle()
        other = os.path.join(self.tmp, "other.json")
        os.link(b.config, other)
        before = b.read()
        done = self.apply(b.path)
        with open(other, "rb") as f:
            self.assertEqual(f.read(), before)
        self.assertIn(done.status, (0, 1))

    def test_dry_run(self):
        for seccomp in (guardtest.ABSENT, STRICT, {}):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            done = self.apply("--dry-run", b.path)
            self.assertUntouched(b, before)
            self.assertIn(done.status, (0, 1))
            self.assertIn("inject" if seccomp != STRICT else "keep", done.text)

    def test_mode_is_kept(self):
        for mode in (0o644, 0o600, 0o640, 0o444, 0o400):
            b = self.bundle()
            os.chmod(b.config, mode)
            old = os.umask(0o077)
            try:
                self.assertStatus(self.apply(b.path), 0)
            finally:
                os.umask(old)
            self.assertEqual(os.stat(b.config).st_mode & 0o7777, mode)
            self.assertIsNotNone(b.seccomp())

    @guardtest.needs_root
    def test_group_is_kept(self):
        b = self.bundle()
        os.chown(b.config, 0, 12345)
        self.assertStatus(self.apply(b.path), 0)
        st = os.stat(b.config)
        self.assertEqual((st.st_uid, st.st_gid), (0, 12345))

    def test_extended_attributes_are_kept(self):
        b = self.bundle()
        try:
            os.setxattr(b.config, "user.guardtest", b"kept\0")
        except OSError as e:
            self.skipTest("no extended attributes in %s: %s" % (self.tmp, e))
        self.assertStatus(self.apply(b.path), 0)
        self.assertIsNotNone(b.seccomp())
        self.assertEqual(os.getxattr(b.config, "user.guardtest"), b"kept\0")

    def test_json(self):
        b = self.bundle()
        told = json.loads(self.apply("--json", b.path).out)
        self.assertEqual((told["path"], told["finding"], told["action"]), (b.path, "absent", "inject"))
        self.assertIsNotNone(b.seccomp())

    def test_several_bundles(self):
        made = [self.bundle(), self.bundle(seccomp=STRICT), self.bundle(seccomp={})]
        self.assertStatus(self.apply(*[b.path for b in made]), 0)
        for b in made:
            self.assertEqual(b.seccomp()["defaultAction"], "SCMP_ACT_ERRNO")

    def test_a_bad_one_does_not_stop_the_others(self):
        bad = self.bundle(raw=b"x")
        made = [self.bundle(), bad, self.bundle()]
        before = bad.snapshot()
        done = self.apply(*[b.path for b in made])
        self.assertNotEqual(done.status, 0)
        self.assertIn(bad.config, done.text + done.error)
        self.assertUntouched(bad, before)
        for b in (made[0], made[2]):
            self.assertIsNotNone(b.seccomp())

    def test_refusals_leave_the_bundle(self):
        for raw, policy in ((b"", {}), (bundles.encode(bundles.config())[:-1], {}),
                            (bundles.encode(bundles.config()), {"mode": "deny"})):
            b = self.bundle(raw=raw)
            before = b.snapshot()
            done = self.apply(b.path, policy=self.policy(**policy))
            self.assertIn(done.status, (1, 2))
            self.assertIn(b.path, done.text + done.error)
            self.assertUntouched(b, before)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_temporary_names_in_the_way(self):
        """What another process left or put there is neither written to nor removed."""
        b = self.bundle()
        seen = []
        trace = os.path.join(self.tmp, "trace")
        self.assertStatus(command(["strace", "-o", trace, CLI, "apply", "--policy", self.policy(), b.path]), 0)
        with open(trace, encoding="utf-8", errors="replace") as f:
            for line in f:
                if "O_CREAT" in line and "config" in line:
                    seen.append(line)
                    self.assertIn("O_EXCL", line)
                    self.assertIn("O_NOFOLLOW", line)
        self.assertEqual(len(seen), 1)

    def test_symlink_to_a_bundle_elsewhere(self):
        target = self.bundle(raw=bundles.encode(bundles.config()))
        b = self.bundle()
        os.unlink(b.config)
        os.symlink(target.config, b.config)
        before = target.snapshot()
        self.assertNotEqual(self.apply(b.path).status, 0)
        self.assertUntouched(target, before)
        self.assertTrue(os.path.islink(b.config))

    def test_missing(self):
        path = os.path.join(self.tmp, "nowhere")
        done = self.apply(path)
        self.assertEqual(done.status, 2)
        self.assertIn(path, done.text + done.error)


@guardtest.needs_cli
class Killed(ApplyCase):
    """However it ends, config.json is one whole configuration."""

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_kill_at_any_moment(self):
        """Killed at each of its system calls in turn, by the tracer, so that no moment is left to luck."""
        policy = self.policy(log={"to": "none"})
        b = self.bundle()
        old = b.read()
        trace = os.path.join(self.tmp, "trace")
        self.assertStatus(command(["strace", "-o", trace, CLI, "apply", "--policy", policy, b.path]), 0)
        new = b.read()
        with open(trace, "rb") as f:
            names = [line.split(b"(")[0].decode() for line in f if b"(" in line]
        interesting = {"openat", "openat2", "open", "write", "writev", "pwrite64", "pwritev", "rename", "renameat", "renameat2", "fchmod",
                       "fchown", "close", "ftruncate", "fsetxattr", "unlinkat", "fstat", "newfstatat", "linkat", "read"}
        seen, killed, results = {}, 0, set()
        for name in names:
            seen[name] = seen.get(name, 0) + 1
            if name not in interesting:
                continue
            b.write(old)
            done = command(["strace", "-o", "/dev/null", "-e", "inject=%s:signal=KILL:when=%d" % (name, seen[name]), CLI,
                            "apply", "--policy", policy, b.path])
            text = b.read()
            self.assertIn(text, (old, new), "%s number %d" % (name, seen[name]))
            killed += done.status != 0
            results.add(text == new)
            # What a killed process left must not be in the way of the next.
            self.assertStatus(self.apply(b.path, policy=policy), 0)
            self.assertEqual(b.read(), new)
        self.assertGreater(killed, 5)
        self.assertEqual(results, {True, False})

    def test_kill_at_random(self):
        policy = self.policy(log={"to": "none"})
        b = self.bundle(annotations={"k%d" % i: "v" * 100 for i in range(3000)})
        old = b.read()
        self.assertStatus(self.apply(b.path, policy=policy), 0)
        new = b.read()
        rng = random.Random(1)
        for _ in range(200):
            b.write(old)
            with subprocess.Popen([CLI, "apply", "--policy", policy, b.path], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
                time.sleep(rng.random() * 0.003)
                p.send_signal(signal.SIGKILL)
            self.assertIn(b.read(), (old, new))


@guardtest.needs_cli
class Concurrent(ApplyCase):
    def test_many_at_once(self):
        policy = self.policy(log={"to": "none"})
        b = self.bundle()
        old = b.read()
        self.assertStatus(self.apply(b.path, policy=policy), 0)
        new = b.read()
        for _ in range(20):
            b.write(old)
            running = [subprocess.Popen([CLI, "apply", "--policy", policy, b.path], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(8)]
            while any(p.poll() is None for p in running):
                self.assertIn(b.read(), (old, new))
            for p in running:
                with p:
                    self.assertEqual((p.wait(), p.stderr.read()), (0, b""))
            self.assertEqual(b.read(), new)
            self.assertEqual(sorted(os.listdir(b.path)), ["config.json", "rootfs"])

    def test_records_of_many_do_not_mix(self):
        policy = self.policy()
        made = [self.bundle() for _ in range(16)]
        running = [subprocess.Popen([CLI, "apply", "--policy", policy, b.path], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL) for b in made]
        for p in running:
            self.assertEqual(p.wait(60), 0)
        self.assertEqual(sorted(r["bundle"] for r in self.decisions()), sorted(b.path for b in made))


@guardtest.needs_cli
@guardtest.needs_root
class Disk(ApplyCase):
    def mount(self, *args):
        done = command(["mount", *args])
        if done.status != 0:
            self.skipTest("cannot mount here: " + done.error)
        self.addCleanup(command, ["umount", args[-1]])

    def test_full(self):
        disk = os.path.join(self.tmp, "disk")
        os.mkdir(disk)
        self.mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", disk)
        b = guardtest.Bundle(os.path.join(disk, "b"))
        with open(os.path.join(disk, "fill"), "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        before = b.snapshot()
        done = self.apply(b.path)
        self.assertIn(done.status, (1, 2))
        self.assertIn(os.strerror(28), done.text + done.error)
        self.assertIn(b.config, done.text + done.error)
        self.assertUntouched(b, before, tried=True)

    def test_read_only(self):
        b = self.bundle()
        self.mount("--bind", b.path, b.path)
        command(["mount", "-o", "remount,bind,ro", b.path])
        before = b.snapshot()
        done = self.apply(b.path)
        self.assertIn(done.status, (1, 2))
        self.assertIn(os.strerror(30), done.text + done.error)
        self.assertUntouched(b, before)


@guardtest.needs_cli
class Check(ApplyCase):
    """What check and profile tell is what apply does."""

    def test_check_says_what_would_be_done(self):
        policy = self.policy()
        for seccomp, words, status in ((guardtest.ABSENT, ("absent", "inject"), 1), (STRICT, ("confined", "keep"), 0),
                                       (WEAK, ("weak", "keep"), 0)):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            done = self.cli("check", "--policy", policy, b.path)
            self.assertStatus(done, status)
            self.assertEqual(len(done.text.splitlines()), 1)
            for word in words:
                self.assertIn(word, done.text)
            self.assertUntouched(b, before)

    def test_check_several(self):
        made = [self.bundle(), self.bundle(seccomp=STRICT)]
        done, lines = self.check("--policy", self.policy(), *[b.path for b in made])
        self.assertStatus(done, 1)
        self.assertEqual([x["finding"] for x in lines], ["absent", "confined"])

    def test_check_of_what_is_not_there(self):
        path = os.path.join(self.tmp, "nowhere")
        done = self.cli("check", "--policy", self.policy(), path)
        self.assertEqual(done.status, 2)
        self.assertIn(path, done.text + done.error)

    def test_profile_is_what_is_injected(self):
        b = self.bundle()
        self.assertStatus(self.apply(b.path), 0)
        caps = ",".join(bundles.DEFAULT_CAPS)
        done = self.cli("profile", "--caps", caps)
        self.assertStatus(done, 0)
        self.assertEqual(json.loads(done.out), json.loads(guardtest.without_mark(b.read()))["linux"]["seccomp"])


if __name__ == "__main__":
    guardtest.main()
