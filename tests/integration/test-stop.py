#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What runs can be stopped, whatever is wrong with the policy: only what starts something reads it."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import engine  # noqa: E402
import guardtest  # noqa: E402
import private  # noqa: E402
from guardtest import WRAPPER, command  # noqa: E402

# What can be wrong: shell that is run in the policy's directory, which holds a good policy.json.
BROKEN = {
    "truncated": "printf '{\"mode\":\"enforce\"' >policy.json",
    "empty": ": >policy.json",
    "syntax": "printf '{\"mode\":\"enforce\",}' >policy.json",
    "meaning": "printf '{\"mode\":\"enforced\"}' >policy.json",
    "unknown_key": "printf '{\"mod\":\"enforce\"}' >policy.json",
    "key_that_left": "printf '{\"runtime\":\"/nowhere/runc\"}' >policy.json",
    "too_large": "head -c 300000 /dev/zero | tr '\\0' ' ' >policy.json",
    "group_writes": "chmod 664 policy.json",
    "everybody_writes": "chmod 666 policy.json",
    "another_owner": "chown 1234 policy.json",
    "directory_of_another": "chown 1234 .",
    "directory_everybody_writes": "chmod 777 .",
    "a_link": "mv policy.json other && ln -s other policy.json",
    "a_directory": "rm policy.json && mkdir policy.json",
    "a_fifo": "rm policy.json && mkfifo policy.json",
    "bad_file_in_policy_d": "mkdir policy.d && printf '{' >policy.d/10-x.json",
    "policy_d_of_another": "mkdir policy.d && chown 1234 policy.d",
    "policy_d_is_a_file": ": >policy.d",
    "localhost_root_missing": "printf '{\"profile\":\"localhost/x.json\",\"localhostRoot\":\"/nowhere\",\"log\":{\"to\":\"none\"}}' >policy.json",
}

# What engines ask before there is a container; the answers must be the runtime's, whatever the policy.
QUERIES = (["--version"], ["features"], ["--help"], ["list"], ["list", "-q"], ["state", "nosuch"], ["nosuchcommand"],
           ["nosuchcommand", "-h"], ["nosuchcommand", "create"], ["--nosuchoption"], ["--nosuchoption", "state", "x"],
           ["--nosuchoption=x", "kill", "x"], ["-"])


def etc(path):
    """Shell that makes a private /etc whose policy directory is empty, and goes there."""
    return private.directory(path) + "; cd %s && printf '{\"log\":{\"to\":\"none\"}}' >policy.json" % path


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Stopped(guardtest.Case):
    """Every subcommand but those that start something, in front of a real runtime, for each kind of broken policy."""

    def setUp(self):
        super().setUp()
        if private.reason():
            self.skipTest(private.reason())
        # As an engine calls it: by the name of what it wraps, and by nothing else.
        self.link = os.path.join(self.tmp, self.runtime.name)
        os.symlink(WRAPPER, self.link)

    def under(self, broken, *args):
        """The wrapper where the usual policy is broken, called through the link."""
        policy_dir = guardtest.usual_directory()
        return command([*self.runtime.prefix, *private.prefix(etc(policy_dir), BROKEN[broken], "cd /"), self.link,
                        "--root", self.root, *args])

    def start(self):
        b, cid = self.bundle(args=["/bin/probe", "pause"]), self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        self.assertStatus(self.call("start", cid), 0)
        return b, cid

    def assertAsAlone(self, broken, *args):
        alone, seen = self.call(*args), self.under(broken, *args)
        self.assertEqual((alone.status, alone.out), (seen.status, seen.out), seen)
        self.assertNotIn("seccomp-guard", seen.error)
        # runc stamps its messages with the time.
        self.assertEqual(len(alone.err.splitlines()), len(seen.err.splitlines()), seen)
        return seen

    def test_each_broken_policy(self):
        b, cid = self.start()
        before = b.snapshot()
        for broken in sorted(BROKEN):
            with self.subTest(broken):
                seen = self.assertAsAlone(broken, "state", cid)
                self.assertEqual(json.loads(seen.text)["status"], "running")
                self.assertAsAlone(broken, "list", "-q")
                done = self.under(broken, "exec", cid, "/bin/probe")
                self.assertIn("Seccomp", self.probed(done))
                for how in ("create", "run", "restore"):
                    done = self.under(broken, how, "--bundle", b.path, self.container_id())
                    self.assertRefused(done, "policy" if "localhost" not in broken else
                                       "profile" if how != "restore" else "checkpoint")
        self.assertUntouched(b, before)

    def test_queries(self):
        for args in QUERIES:
            with self.subTest(" ".join(args)):
                self.assertAsAlone("syntax", *args)

    def test_stopped_and_deleted(self):
        for broken in sorted(BROKEN):
            with self.subTest(broken):
                _, cid = self.start()
                done = self.under(broken, "kill", cid, "KILL")
                self.assertStatus(done, 0)
                done = self.under(broken, "delete", "--force", cid)
                self.assertStatus(done, 0)
                self.assertNothingLeft()

    def test_where_the_key_went(self):
        b = self.bundle()
        line = self.assertRefused(self.under("key_that_left", "create", "--bundle", b.path, self.container_id()),
                                  "policy.json:1:", "runtime", "remove it", guardtest.usual_directory() + "/runtimes")
        self.assertIn("seccomp-guard-runtime(8)", line)
        done = self.cli("policy", "check", self.file("old.json", '{"mode": "audit",\n "runtime": "/usr/sbin/runc"}'))
        self.assertStatus(done, 2)
        self.assertIn("old.json:2:", done.error + done.text)
        self.assertIn("is no longer policy", done.error + done.text)


BREAK = '{"mode": "enforce"'


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Podman(engine.Podman):
    """The engine stops and removes what runs, and starts nothing, while the policy is broken."""

    def test_stop(self):
        name = "guardtest-%d" % os.getpid()
        self.assertStatus(self.podman("run", "-d", "--name", name, command_line=("/bin/probe", "pause")), 0)
        with open(self.guard_policy, "w", encoding="utf-8") as f:
            f.write(BREAK)
        self.assertConfined(self.podman("exec", name, "/bin/probe"), "containers")
        done = self.podman("run", "--rm")
        self.assertNotEqual(done.status, 0)
        self.assertIn(self.guard_policy, done.error)
        self.assertStatus(self.podman("stop", "-t", "0", name), 0)
        self.assertStatus(self.podman("rm", name), 0)
        self.assertEqual(self.podman("ps", "-aq").text, "")


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Docker(engine.Docker):
    def test_stop(self):
        self.assertStatus(self.docker("run", "-d", "--name", "stopped", command_line=("/bin/probe", "pause")), 0)
        with open(self.guard_policy, "w", encoding="utf-8") as f:
            f.write(BREAK)
        self.assertConfined(self.docker("exec", "stopped", "/bin/probe"), "moby")
        done = self.docker("run", "--rm")
        self.assertNotEqual(done.status, 0)
        self.assertIn(self.guard_policy, done.error)
        for args in (("pause", "stopped"), ("unpause", "stopped"), ("stop", "-t", "0", "stopped"),
                     ("rm", "stopped")):
            alone = ("docker",) + args
            self.assertStatus(command(alone, env=self.env), 0)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Containerd(engine.Containerd):
    def test_stop(self):
        name = self.container_id()
        ctr = ["ctr", "-a", self.tmp + "/containerd/sock"]
        self.assertStatus(command([*ctr, "run", "-d", "--runc-binary", self.wrapper, "--cgroup", "/guardtest/stop",
                                   "--rootfs", self.rootfs, name, "/bin/probe", "pause"], env=self.env), 0)
        with open(self.guard_policy, "w", encoding="utf-8") as f:
            f.write(BREAK)
        self.assertConfined(self.logged("task exec", ("--exec-id", "e", name, "/bin/probe")), "moby")
        done = self.ctr()
        self.assertNotEqual(done.status, 0)
        self.assertIn(self.guard_policy, done.error)
        self.assertStatus(command([*ctr, "task", "kill", "-s", "KILL", name], env=self.env), 0)
        self.assertStatus(command([*ctr, "task", "delete", "-f", name], env=self.env), 0)
        self.assertStatus(command([*ctr, "container", "delete", name], env=self.env), 0)


if __name__ == "__main__":
    guardtest.main()
