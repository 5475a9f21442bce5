# SPDX-License-Identifier: Apache-2.0
"""The engines that Debian packages, each with a configuration and storage of its own in the test's directory, and with
the wrapper registered as "guarded" in front of the runtime under test."""

import json
import os
import shutil
import subprocess
import time

import guardtest
from guardtest import command

START_SECONDS = 60

CONTAINERS_CONF = """
[containers]
default_capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID",
  "SYS_CHROOT"]
default_ulimits = []
pids_limit = 0
netns = "none"
log_driver = "k8s-file"
[engine]
events_logger = "file"
lock_type = "file"
cgroup_manager = "cgroupfs"
runtime_supports_json = ["crun", "runc", "guarded"]
[engine.runtimes]
tested = ["%s"]
guarded = ["%s"]
"""

STORAGE_CONF = """
[storage]
driver = "vfs"
graphroot = "%s/graph"
runroot = "%s/runroot"
"""

CONTAINERD_CONFIG = """
version = 2
root = "%(dir)s/root"
state = "%(dir)s/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "%(dir)s/sock"
"""


class Engine(guardtest.Case):
    """What the engines share. A subclass has `program` and finds out in start() whether containers start here."""

    program = None
    # Directories that the engine leaves in each cgroup hierarchy.
    cgroup_parents = ()

    def setUp(self):
        super().setUp()
        self.path = shutil.which(self.program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if not self.path:
            self.skipTest(self.program + " is not installed")
        self.own_cgroups(self.cgroup_parents)
        self.state_dir = os.path.join(self.tmp, "run")
        os.mkdir(self.state_dir, 0o755)
        self.guard_policy = self.policy()
        self.wrapper = self.file("seccomp-guard-runtime", '#!/bin/sh\nexec %s --guard-policy %s --guard-runtime %s "$@"\n' % (
            guardtest.WRAPPER, self.guard_policy, self.runtime.path), 0o755)
        self.rootfs = os.path.join(self.bundle().path, "rootfs")
        self.start()

    def set_policy(self, **keys):
        """Another policy for what is started from now on."""
        keys.setdefault("log", {"to": "file", "path": self.records})
        with open(self.guard_policy, "w", encoding="utf-8") as f:
            json.dump(keys, f)

    def daemon(self, argv, ready):
        """Start a daemon that ends with the test; wait until `ready` (a command) succeeds."""
        with open(os.path.join(self.tmp, "daemon.log"), "wb") as log:
            # pylint: disable=consider-using-with
            process = subprocess.Popen([*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, *argv],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.end, process)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if command(ready, env=self.env).status == 0:
                return
            time.sleep(0.1)
        with open(os.path.join(self.tmp, "daemon.log"), encoding="utf-8", errors="replace") as f:
            self.skipTest("%s does not start here: %s" % (self.program, f.read()[-300:]))

    @staticmethod
    def end(process):
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def start(self):
        raise NotImplementedError


class Podman(Engine):
    program = "podman"
    cgroup_parents = ("libpod_parent",)

    def start(self):
        self.env = dict(os.environ, CONTAINERS_CONF=self.file("containers.conf", CONTAINERS_CONF % (
            self.runtime.path, self.wrapper)),
                        CONTAINERS_STORAGE_CONF=self.file("storage.conf", STORAGE_CONF % (self.tmp, self.tmp)))
        done = self.podman("run", "--rm", runtime="tested")
        if done.status:
            self.skipTest("podman does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)

    def podman(self, *args, runtime="guarded", options=(), security=("seccomp=unconfined",), command_line=("/bin/probe",)):
        argv = [*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, self.path, "--tmpdir", self.tmp + "/tmp",
                "--runtime", runtime, *options, *args]
        if args[0] in ("run", "create"):
            argv += ["--network", "none", *["--security-opt=" + s for s in security], "--rootfs", self.rootfs,
                     *command_line]
        return command(argv, env=self.env)


class Docker(Engine):
    """dockerd without a network, and the image "probe" in it."""

    program = "dockerd"
    cgroup_parents = ("docker",)

    def start(self):
        if not shutil.which("docker"):
            self.skipTest("docker is not installed")
        at = os.path.join(self.tmp, "docker")
        os.mkdir(at)
        config = self.file("daemon.json", json.dumps({
            "runtimes": {"tested": {"path": self.runtime.path}, "guarded": {"path": self.wrapper}},
            "data-root": at + "/data", "exec-root": at + "/exec", "pidfile": at + "/pid", "hosts": ["unix://%s/sock" % at],
            "storage-driver": "vfs", "iptables": False, "ip6tables": False, "ip-forward": False, "bridge": "none"}))
        self.data = at + "/data"
        self.env = dict(os.environ, DOCKER_HOST="unix://%s/sock" % at, DOCKER_CONFIG=at)
        self.daemon([self.path, "--config-file", config], ["docker", "version"])
        image = self.file("probe.tar", command(["tar", "-C", self.rootfs, "-c", "."]).out)
        self.assertStatus(command(["docker", "import", image, "probe"], env=self.env), 0)
        done = self.docker("run", "--rm", runtime="tested")
        if done.status:
            self.skipTest("docker does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)

    def docker(self, *args, runtime="guarded", security=("seccomp=unconfined",), options=(), command_line=("/bin/probe",)):
        argv = ["docker", *args]
        if args[0] in ("run", "create"):
            argv += ["--runtime", runtime, "--network", "none", *["--security-opt=" + s for s in security], *options,
                     "probe", *command_line]
        return command(argv, env=self.env)


class Containerd(Engine):
    """containerd without CRI, and ctr."""

    program = "containerd"
    cgroup_parents = ("guardtest",)

    def start(self):
        if not shutil.which("ctr"):
            self.skipTest("ctr is not installed")
        self.env = dict(os.environ)
        config = self.file("containerd.toml", CONTAINERD_CONFIG % {"dir": self.tmp + "/containerd"})
        self.daemon([self.path, "--config", config], ["ctr", "-a", self.tmp + "/containerd/sock", "version"])
        done = self.ctr(runtime=self.runtime.path)
        if done.status:
            self.skipTest("ctr does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)

    def ctr(self, runtime=None, options=(), annotations=None, command_line=("/bin/probe",)):
        """Run a container to its end."""
        marks = [word for key, value in (annotations or {}).items() for word in ("--annotation", "%s=%s" % (key, value))]
        return self.logged("run", ("--rm", "--runc-binary", runtime or self.wrapper, "--cgroup",
                                   "/guardtest/" + os.path.basename(self.fresh("c")), *marks, *options, "--rootfs",
                                   self.rootfs, self.container_id().replace("_", "x"), *command_line))

    def logged(self, subcommand, args):
        """ctr with a container's or a process's output in a file that the shim writes: by the pipes of ctr, the output of
        a short-lived one is lost on a busy machine (ctr gives up pipes that it has not opened when the process has ended)."""
        log = self.fresh("output")
        done = command(["ctr", "-a", self.tmp + "/containerd/sock", *subcommand.split(), "--log-uri", "file://" + log,
                        *args], env=self.env)
        if os.path.exists(log):
            with open(log, "rb") as f:
                done.out += f.read()
        return done
