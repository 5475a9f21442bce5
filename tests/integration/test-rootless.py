#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rootless podman behind the wrapper: a user's containers under the node's policy, and where their records go."""

import json
import os
import shutil
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from guardtest import WRAPPER, command  # noqa: E402

USER = 54321

CONTAINERS_CONF = """
[containers]
default_ulimits = []
pids_limit = 0
netns = "none"
log_driver = "k8s-file"
%s
[engine]
events_logger = "file"
lock_type = "file"
cgroup_manager = "cgroupfs"
runtime_supports_nocgroup = ["tested", "seccomp-guard"]
runtime_supports_json = ["tested", "seccomp-guard"]
[engine.runtimes]
tested = ["%s"]
seccomp-guard = ["%s"]
"""


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Rootless(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.podman_path = shutil.which("podman")
        if not self.podman_path or private.reason():
            self.skipTest(private.reason() or "podman is not installed")
        self.home, self.state, self.policy_dir = (os.path.join(self.tmp, n) for n in ("home", "run", "etc/seccomp-guard"))
        os.makedirs(os.path.join(self.home, ".config", "containers"))
        os.makedirs(self.state, mode=0o700)
        os.chmod(self.tmp, 0o755)
        # The user's own view of the node: /etc with a policy in it, and a journal.
        shutil.copytree("/etc", os.path.join(self.tmp, "etc"), symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        os.makedirs(self.policy_dir, exist_ok=True)
        os.makedirs(os.path.join(self.tmp, "libexec"))
        # A copy, as the build tree may be closed to others.
        self.link = os.path.join(self.tmp, "libexec", self.runtime.name)
        shutil.copy2(WRAPPER, self.link)
        for name, text in (("containers.conf", CONTAINERS_CONF % (
            'cgroups = "disabled"' if self.runtime.name == "crun" else "", self.runtime.path, self.link)),
                           ("storage.conf", '[storage]\ndriver = "vfs"\n')):
            self.file(os.path.join(self.home, ".config", "containers", name), text)
        self.rootfs = os.path.join(self.bundle().path, "rootfs")
        os.chmod(os.path.dirname(self.rootfs), 0o755)
        for top in (self.home, self.state, os.path.dirname(self.rootfs)):
            command(["chown", "-R", "%d:%d" % (USER, USER), top])
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.server.close)
        os.mkdir(os.path.join(self.tmp, "journal"), 0o755)
        self.server.bind(os.path.join(self.tmp, "journal", "socket"))
        os.chmod(os.path.join(self.tmp, "journal", "socket"), 0o666)
        self.server.settimeout(60)
        self.addCleanup(self.end_user)
        self.write_policy()
        done = self.podman("run", "--rm", runtime="tested")
        if done.status:
            self.skipTest("rootless podman does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)

    def end_user(self):
        """podman leaves a process that holds the user's namespaces."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % pid, "rb") as f:
                    ours = ("XDG_RUNTIME_DIR=" + self.state).encode() in f.read().split(b"\0")
                if ours and os.stat("/proc/" + pid).st_uid == USER:
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                continue

    def write_policy(self, mode=0o644, **keys):
        keys.setdefault("log", {"to": "journald"})
        path = os.path.join(self.policy_dir, "policy.json")
        with open(path + "~", "w", encoding="utf-8") as f:
            json.dump(keys, f)
        os.chmod(path + "~", mode)
        os.rename(path + "~", path)
        return path

    def podman(self, *args, **kwargs):
        """podman 4.3 now and then loses what a container says that ends at once: then once more, and without the first one's
        record."""
        for _ in range(3):
            done = self.podman_once(*args, **kwargs)
            if args[0] != "run" or done.status or done.out or "-d" in args:
                break
            self.server.setblocking(False)
            try:
                self.server.recv(1 << 16)
            except BlockingIOError:
                pass
            self.server.settimeout(60)
        return done

    def podman_once(self, *args, runtime="seccomp-guard", command_line=("/bin/probe",)):
        argv = [self.podman_path, "--runtime", runtime, *args]
        if args[0] == "run":
            argv += ["--network", "none", "--security-opt=seccomp=unconfined", "--rootfs", self.rootfs, *command_line]
        # Not over the policy's directory as it is, but over /etc, where it may not be.
        place = private.prefix("mount --bind %s/etc /etc" % self.tmp, "mount -t tmpfs -o mode=755 tmpfs /run",
                               "mkdir -p /run/systemd/journal",
                               "mount --bind %s/journal /run/systemd/journal" % self.tmp)
        return command([*self.runtime.prefix, *place, "setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups",
                        "--inh-caps=-all", "env", "-i", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOME=" + self.home, "XDG_RUNTIME_DIR=" + self.state, *argv], cwd="/")

    def record(self):
        fields = dict(line.split("=", 1) for line in self.server.recv(1 << 16).decode().splitlines() if "=" in line)
        return {k[len("SECCOMP_GUARD_"):].lower(): v for k, v in fields.items() if k.startswith("SECCOMP_GUARD_")}

    def test_the_documented_defaults(self):
        """Policy for everybody to read, records to the journal, which keeps them with the user's own."""
        name = self.container_id()
        self.assertConfined(self.podman("run", "--rm"), "containers")
        record = self.record()
        self.assertEqual((record["action"], record["engine"]), ("inject", "podman"))
        self.assertStatus(self.podman("run", "-d", "--name", name, command_line=("/bin/probe", "pause")), 0)
        self.assertConfined(self.podman("exec", name, "/bin/probe"), "containers")
        # Closed to the user: nothing starts, and what runs can be stopped.
        path = self.write_policy(0o600)
        done = self.podman("run", "--rm")
        self.assertNotEqual(done.status, 0)
        self.assertNotIn(b"Seccomp", done.out)
        self.assertIn("seccomp-guard", done.error)
        self.assertIn(path[len(self.tmp):], done.error)
        self.assertConfined(self.podman("exec", name, "/bin/probe"), "containers")
        self.assertStatus(self.podman("stop", "-t", "0", name), 0)
        self.assertStatus(self.podman("rm", name), 0)

    def test_sinks_that_only_root_can_write(self):
        """They hold up no container."""
        closed = os.path.join(self.tmp, "closed")
        os.mkdir(closed, 0o700)
        self.write_policy(log={"to": "file", "path": closed + "/log"}, metrics=closed + "/x.prom")
        self.assertConfined(self.podman("run", "--rm"), "containers")
        self.assertEqual(os.listdir(closed), [])


if __name__ == "__main__":
    guardtest.main()
