#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard register and unregister, with the engines that Debian packages and with recordings of others."""

import fcntl
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402

ENFORCE = {"mode": "enforce", "log": {"to": "none"}}

CONTAINERS_CONF = """# a comment of the administrator
[containers]
default_ulimits = []
pids_limit = 0
netns = "none"
log_driver = "k8s-file"
[engine]
events_logger = "file"
lock_type = "file"
cgroup_manager = "cgroupfs"
"""

STORAGE_CONF = '[storage]\ndriver = "vfs"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n'

OLD = 'plugins."io.containerd.grpc.v1.cri".containerd'


class Registering(machine.Machine):
    """What is the same for all engines."""

    # What an engine reads, and what is kept for the way back.
    WATCHED = ("/etc/rancher", "/var/lib/rancher", "/etc/containerd", "/etc/docker", "/etc/containers", "/etc/crio", "/var/lib/seccomp-guard")

    def assertDone(self, *args):
        done = self.guard(*args)
        self.assertStatus(done, 0)
        return done.text

    def assertProbed(self, pattern, *args, status=0):
        """Registered, perhaps again, and the last line is about the container that shows what comes of it."""
        done = self.guard("register", *args)
        self.assertStatus(done, status)
        self.assertRegex(done.text.splitlines()[-1], "^%s: .*%s" % (args[-1], pattern))
        self.assertEqual([name for name in os.listdir(self.place("/var/lib/seccomp-guard")) if name != "registered"], [])

    def killed_in_its_probe(self, engine, tool):
        """A register that is killed when the engine has the container, and the engine's tool, too. What is left, as it is called."""
        fake = "/usr/local/sbin/" + tool
        # What the tool would start is made, and stays.
        self.write(fake, '#!/bin/sh\nfor a do shift; case $a in\n--rm) ;;\nrun) run=1; [ %(tool)s = ctr ] && set -- "$@" run --detach || set -- "$@" create ;;\n'
                   '*) set -- "$@" "$a" ;; esac; done\n/usr/bin/%(tool)s "$@" || exit\n[ "$run" ] || exit 0\n: >/run/made\nexec sleep 1000\n' % {"tool": tool})
        os.chmod(self.place(fake), 0o755)
        command = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", "--wdns=/",  # pylint: disable=consider-using-with
                                    "/usr/local/bin/seccomp-guard", "register", engine], stdout=subprocess.DEVNULL, start_new_session=True)
        self.assertTrue(self.wait(lambda: self.exists("/run/made")))
        os.killpg(command.pid, signal.SIGKILL)
        self.assertEqual(command.wait(60), -signal.SIGKILL)
        os.unlink(self.place(fake))
        os.unlink(self.place("/run/made"))
        done = self.guard("doctor")
        self.assertRegex(done.text, engine + ": warning: probe: .*killed")
        return re.search("seccomp-guard-probe-[0-9a-f]{12}", done.text)[0]

    def assertNothingLeft(self, name, engine, left):
        """Another command, of whatever engine, removes it and says so; `left` (a command) lists what is there."""
        self.assertIn(name, self.run_in(left).text)
        done = self.guard("unregister", "podman")
        self.assertStatus(done, 0)
        self.assertIn("removed what a killed probe had left in %s, called %s\n" % (engine, name), done.text)
        self.assertNotIn(name, self.run_in(left).text)
        self.assertEqual(glob.glob(self.place("/var/lib/seccomp-guard/probe.*")), [])
        self.assertNotIn(": probe: ", self.guard("doctor").text)

    def dated(self, path, seconds):
        """The file became what it is that long ago, or will; the clocks of files and of processes differ by ticks."""
        then = time.time() + seconds
        os.utime(self.place(path), (then, then))

    def assertNotDone(self, pattern, *args):
        before = self.tree(*self.WATCHED, "/etc/seccomp-guard")
        done = self.guard(*args)
        self.assertStatus(done, 2)
        self.assertRegex(done.error, pattern)
        self.assertEqual(self.tree(*self.WATCHED, "/etc/seccomp-guard"), before)


@guardtest.needs_cli
class Containerd(Registering):
    """By what containerd makes of its configuration: there is no CRI client among Debian 12's packages."""

    MAIN = "/etc/containerd/config.toml"

    def setUp(self):
        super().setUp()
        if not self.needs("containerd"):
            self.skipTest("containerd is not installed")

    def dump(self):
        done = self.run_in(["containerd", "config", "dump"])
        self.assertStatus(done, 0)
        return done.text

    def value(self, key):
        """The values of `key` in the dump, by the tables that they are in."""
        found, table = {}, ""
        for line in self.dump().splitlines():
            header = re.match(r"\s*\[(.*)\]$", line)
            table = header[1] if header else table
            value = re.match(r"\s*%s = (.*)$" % re.escape(key), line)
            if value:
                found[table] = value[1]
        return found

    def check_both_ways(self, text, runtime="runc", handler="runc", options=()):
        self.write(self.MAIN, text)
        before, tree = self.dump(), self.tree(*self.WATCHED)
        shown = self.assertDone("register", "--dry-run", "containerd")
        self.assertIn("+++ " + self.MAIN, shown)
        self.assertEqual(self.tree(*self.WATCHED), tree)
        self.assertDone("register", "containerd")
        self.assertEqual(self.value("default_runtime_name")[OLD], '"seccomp-guard"')
        names = self.value("BinaryName")
        self.assertEqual(names[OLD + ".runtimes.seccomp-guard.options"], '"%s/%s"' % (self.libexec, runtime))
        self.assertIn("[%s.runtimes.%s]" % (OLD, handler), self.dump())
        for key, value in options:
            self.assertEqual(self.value(key)[OLD + ".runtimes.seccomp-guard.options"], value)
        self.assertIn('"seccomp-guard/*"', self.value("pod_annotations")[OLD + ".runtimes.seccomp-guard"])
        self.assertEqual(os.readlink(self.place("/etc/seccomp-guard/runtimes/" + runtime)),
                         shutil.which(runtime, path="/usr/sbin:/usr/bin:/sbin:/bin"))
        # All that is not ours is as it was.
        ours = [line for line in self.dump().splitlines() if "seccomp-guard" in line]
        self.assertTrue(ours)
        after = self.tree(*self.WATCHED)
        self.assertRegex(self.assertDone("register", "containerd"),
                         r"^containerd is registered already\ncontainerd: no probe container: no containerd runs with "
                         r"/etc/containerd/config\.toml; try: kubectl run .*\n$")
        self.assertNotDone("as its runtime.*unregister --when-unused containerd", "register", "--hook", "containerd")
        self.assertEqual(self.tree(*self.WATCHED), after)
        self.assertDone("unregister", "containerd")
        self.assertEqual(self.value("default_runtime_name")[OLD], '"%s"' % handler)
        shown = self.assertDone("register", "--dry-run", "containerd")
        self.assertRegex(shown, r'\+ *default_runtime_name = "seccomp-guard"')
        self.assertEqual(self.value("default_runtime_name")[OLD], '"%s"' % handler)
        self.assertDone("register", "containerd")
        self.assertEqual(self.tree(*self.WATCHED), after)
        self.assertDone("register", "--no-default", "containerd")
        self.assertEqual(self.value("default_runtime_name")[OLD], '"%s"' % handler)
        self.assertIn(OLD + ".runtimes.seccomp-guard.options", self.value("BinaryName"))
        self.assertDone("unregister", "containerd")
        self.assertDone("unregister", "--when-unused", "containerd")
        self.assertEqual(self.tree(*self.WATCHED), tree)
        self.assertEqual(self.dump(), before)
        self.assertFalse(self.exists("/etc/seccomp-guard/runtimes/" + runtime))
        self.assertIn("not registered", self.assertDone("unregister", "containerd"))

    def test_a_file_that_says_little(self):
        self.check_both_ways("version = 2\n# nothing else\n")

    def test_the_default_file(self):
        os.makedirs(self.place("/etc/containerd"), exist_ok=True)
        self.write(self.MAIN, "version = 2\n")
        done = self.run_in(["containerd", "config", "default"])
        self.assertStatus(done, 0)
        self.check_both_ways(done.text.replace("SystemdCgroup = false", "SystemdCgroup = true"),
                             options=[("SystemdCgroup", "true")])

    def test_the_runtime_that_it_has(self):
        self.check_both_ways('version = 2\n[%s]\ndefault_runtime_name = "own" # ours\n[%s.runtimes.own]\n'
                             'runtime_type = "io.containerd.runc.v2"\n  [%s.runtimes.own.options]\n  BinaryName = "crun"\n'
                             "  SystemdCgroup = true" % (OLD, OLD, OLD), "crun", "own", [("SystemdCgroup", "true")])

    def test_the_probe(self):
        """With a daemon, which ctr has start it; pods are in test-engines-live.py."""
        if not self.needs("ctr"):
            self.skipTest("ctr is not installed")
        self.write(self.MAIN, "version = 2\n")
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        daemon = self.start_daemon(["containerd"], ["ctr", "version"])
        # The clocks of files and processes differ by ticks.
        time.sleep(0.2)
        self.assertProbed("no probe container: containerd has not read .*; try: kubectl run", "containerd")
        self.stop(daemon)
        self.start_daemon(["containerd"], ["ctr", "version"])
        self.assertProbed("Seccomp: 2", "containerd")
        self.write("/etc/seccomp-guard/policy.json", '{"mode": "deny", "log": {"to": "none"}}')
        self.assertProbed("is refused, as the policy says: .*seccomp-guard: container ", "containerd")
        if machine.variable("prefix") == "/usr/local":
            self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
            name = self.killed_in_its_probe("containerd", "ctr")
            self.assertNothingLeft(name, "containerd", ["ctr", "--namespace", "seccomp-guard", "tasks", "ls"])
        self.assertEqual(self.run_in(["ctr", "namespaces", "ls", "-q"]).text, "")
        self.assertFalse([path for pattern in ("/sys/fs/cgroup/", "/sys/fs/cgroup/*/")
                          for path in glob.glob(pattern + "seccomp-guard-probe-*")])

    def test_a_daemon_that_still_knows_it(self):
        """What the daemon that runs has in memory stays, until it has read that it is no more."""
        if not self.needs("ctr"):
            self.skipTest("ctr is not installed")
        for flags in ((), ("--config", self.MAIN)):
            self.write(self.MAIN, "version = 2\n")
            tree = self.tree(*self.WATCHED)
            self.assertDone("register", "containerd")
            self.dated(self.MAIN, -100)
            daemon = self.start_daemon(["containerd", *flags], ["ctr", "version"])
            self.assertNotDone('its default: "seccomp-guard unregister containerd" comes first, then: .*systemctl restart containerd',
                               "unregister", "--when-unused", "containerd")
            self.assertDone("unregister", "containerd")
            self.dated(self.MAIN, 100)
            for options in ((), ("--root", "/"), ("--dry-run",)):
                self.assertNotDone(r"process %d has not read what /etc/containerd/config\.toml says now, .*"
                                   r"first: .*systemctl restart containerd" % daemon.pid,
                                   "unregister", "--when-unused", *options, "containerd")
            self.stop(daemon)
            if flags:
                # With another configuration, as dockerd's own.
                self.write("/etc/other.toml", "version = 2\n")
                daemon = self.start_daemon(["containerd", "--config", "/etc/other.toml"], ["ctr", "version"])
            else:
                self.dated(self.MAIN, -100)
                daemon = self.start_daemon(["containerd"], ["ctr", "version"])
            self.assertDone("unregister", "--when-unused", "containerd")
            self.assertEqual(self.tree(*self.WATCHED), tree)
            self.assertFalse(self.exists("/etc/seccomp-guard/runtimes/runc"))
            self.stop(daemon)

    def test_no_default(self):
        self.write(self.MAIN, "version = 2\n")
        self.assertDone("register", "--no-default", "containerd")
        self.assertEqual(self.value("default_runtime_name")[OLD], '"runc"')
        self.assertIn(OLD + ".runtimes.seccomp-guard.options", self.value("BinaryName"))

    def test_hook(self):
        self.write(self.MAIN, "version = 2\n")
        tree = self.tree(*self.WATCHED)
        self.assertDone("register", "--hook", "containerd")
        self.assertEqual(self.value("default_runtime_name")[OLD], '"runc"')
        path = json.loads(self.value("base_runtime_spec")[OLD + ".runtimes.runc"])
        spec = json.loads(self.read(path))
        self.assertEqual(set(spec["hooks"]), {"createRuntime", "poststart"})
        self.assertNotIn("rlimits", spec["process"])
        self.assertTrue(os.access(self.place(spec["hooks"]["createRuntime"][0]["path"]), os.X_OK))
        after = self.tree(*self.WATCHED)
        self.assertIn("registered already", self.assertDone("register", "--hook", "containerd"))
        self.assertNotDone("with --hook.*unregister containerd", "register", "containerd")
        self.assertEqual(self.tree(*self.WATCHED), after)
        self.assertDone("unregister", "containerd")
        self.assertEqual(self.tree(*self.WATCHED), tree)
        self.assertFalse(self.exists(path))

    def test_what_others_changed_meanwhile_stays(self):
        self.write(self.MAIN, "version = 2\n")
        self.assertDone("register", "containerd")
        self.write(self.MAIN, self.read(self.MAIN).replace("version = 2", "version = 2\noom_score = -7"))
        self.assertDone("unregister", "containerd")
        self.assertDone("unregister", "--when-unused", "containerd")
        self.assertIn("oom_score = -7", self.read(self.MAIN))
        self.assertNotIn("seccomp-guard", self.read(self.MAIN))
        self.assertNotIn("seccomp-guard", self.dump())
        self.assertIn("[%s.runtimes.runc]" % OLD, self.dump())

    def test_a_killed_register_can_be_undone_or_completed(self):
        self.write(self.MAIN, "version = 2\n")
        tree = self.tree("/etc/containerd")
        program = os.path.join(machine.variable("bindir"), "seccomp-guard")
        for call in ("rename", "symlink", "fsync", "mkdir"):
            for n in range(1, 9):
                if not shutil.which("strace"):
                    self.skipTest("strace is not installed")
                self.run_in(["strace", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                             "inject=%s:signal=KILL:when=%d" % (call, n), program, "register", "containerd"])
                self.dump()
                if n % 2 == 0:
                    self.assertDone("register", "containerd")
                    self.assertEqual(self.value("default_runtime_name")[OLD], '"seccomp-guard"')
                self.assertDone("unregister", "containerd")
                self.assertDone("unregister", "--when-unused", "containerd")
                self.assertEqual({p: t for p, t in self.tree("/etc/containerd").items()
                                  if not p.endswith(".seccomp-guard-new")}, tree)

    def test_refusals(self):
        for text, pattern in (
                ("oom_score = 1\n", "version 1"),
                ("version = \n", "config dump.*fails"),
                ('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[%s]\ndefault_runtime_name = ""\n' % OLD,
                 "."),
                ('version = 2\n[%s]\ndefault_runtime_name = "k"\n[%s.runtimes.k]\nruntime_type = "io.containerd.kata.v2"\n'
                 % (OLD, OLD), "kata.*no runc or crun"),
                ('version = 2\n[%s]\ndefault_runtime_name = "k"\n[%s.runtimes.k]\nruntime_type = "io.containerd.runc.v2"\n'
                 '[%s.runtimes.k.options]\nBinaryName = "/opt/none"\n' % (OLD, OLD, OLD), "/opt/none.*not there"),
                ('version = 2\n[%s]\ndefault_runtime_name = "seccomp-guard"\n[%s.runtimes.seccomp-guard]\n'
                 'runtime_type = "io.containerd.runc.v2"\n' % (OLD, OLD), "already")):
            with self.subTest(text):
                self.write(self.MAIN, text)
                self.assertNotDone(pattern, "register", "containerd")

    def test_nothing_and_nobody(self):
        self.assertEqual(self.assertDone("unregister", "--all"), "no engine is registered\n")
        self.assertNotDone('did you mean "containerd"', "register", "containrd")

    def test_a_runtime_without_seccomp(self):
        path = self.file("crun", '#!/bin/sh\necho "crun version 1.8.1"\necho "+SYSTEMD +CAP +YAJL"\n', 0o755)
        self.write(self.MAIN, 'version = 2\n[%s]\ndefault_runtime_name = "own"\n[%s.runtimes.own]\n'
                   'runtime_type = "io.containerd.runc.v2"\n[%s.runtimes.own.options]\nBinaryName = "%s"\n'
                   % (OLD, OLD, OLD, path))
        self.assertNotDone("crun version 1.8.1. was built without seccomp", "register", "containerd")

    def test_a_broken_policy_is_no_ground_to_register_on(self):
        self.write(self.MAIN, "version = 2\n")
        self.write("/etc/seccomp-guard/policy.json", '{"mode": "enforced"}')
        self.assertNotDone("policy.json:1:10.*enforced", "register", "containerd")
        self.write("/etc/seccomp-guard/policy.json", "{}")
        self.write("/etc/seccomp-guard/policy.d/10.json", '{"mode": "enforced"}')
        self.assertNotDone("policy.d/10.json:1:10.*enforced", "register", "containerd")

    def test_a_policy_is_made_for_the_first_engine_only(self):
        self.write(self.MAIN, "version = 2\n")
        self.write("/etc/seccomp-guard/policy.d/10.json", '{"rules": []}')
        self.assertDone("register", "containerd")
        self.assertFalse(self.exists("/etc/seccomp-guard/policy.json"))
        os.unlink(self.place("/etc/seccomp-guard/policy.d/10.json"))
        # The defaults hold now, which confine: a second engine does not change that.
        if not self.needs("dockerd"):
            self.skipTest("docker is not installed")
        self.assertNotIn("policy", self.assertDone("register", "docker"))
        self.assertFalse(self.exists("/etc/seccomp-guard/policy.json"))

    def test_a_full_disk_leaves_nothing(self):
        self.write(self.MAIN, "version = 2\n")
        self.assertStatus(self.run_in(["sh", "-ec", "mkdir -p /var/lib/seccomp-guard; mount -t tmpfs -o size=4k full "
                                       "/var/lib/seccomp-guard; ! cat /dev/zero >/var/lib/seccomp-guard/fill"]), 0)
        self.assertNotDone("No space left", "register", "containerd")

    def test_a_read_only_etc_and_no_permission(self):
        self.write(self.MAIN, "version = 2\n")
        before = self.tree(*self.WATCHED, "/etc/seccomp-guard")
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        # The directories above belong to the test.
        self.assertStatus(self.run_in(["chmod", "755", self.tmp]), 0)
        for prefix, pattern in (([], "containerd: /etc/.*Read-only file system"), (user, "register: needs root")):
            if not prefix:
                self.assertStatus(self.run_in(["mount", "-o", "remount,bind,ro", "/etc"]), 0)
            done = self.run_in([*prefix, os.path.join(machine.variable("bindir"), "seccomp-guard"), "register", "containerd"])
            self.assertStatus(done, 2)
            self.assertRegex(done.error, "(?m)^seccomp-guard: " + pattern)
            self.assertEqual(self.tree(*self.WATCHED, "/etc/seccomp-guard"), before)
            self.assertStatus(self.run_in(["mount", "-o", "remount,bind,rw", "/etc"]), 0)
        self.assertDone("register", "containerd")

    def test_the_same_runtime_by_another_path(self):
        if not self.needs("dockerd"):
            self.skipTest("docker is not installed")
        self.write(self.MAIN, "version = 2\n")
        os.makedirs(self.place("/run/other"))
        path = shutil.which("runc", path="/usr/sbin:/usr/bin:/sbin:/bin")
        os.symlink(path, self.place("/run/other/runc"))
        self.assertDone("register", "containerd")
        self.write("/etc/docker/daemon.json",
                   '{"runtimes": {"own": {"path": "/run/other/runc"}}, "default-runtime": "own"}')
        self.assertDone("register", "docker")
        self.assertEqual(os.readlink(self.place("/etc/seccomp-guard/runtimes/runc")), path)


    def test_two_runtimes_of_one_name(self):
        """Such as k3s' own runc beside the system's: each engine keeps the one that it has."""
        if not self.needs("dockerd"):
            self.skipTest("docker is not installed")
        self.write(self.MAIN, "version = 2\n")
        self.assertDone("register", "containerd")
        tree = self.tree("/etc/seccomp-guard", self.libexec, "/etc/docker")
        os.makedirs(self.place("/run/other"))
        shutil.copy(self.file("runc", '#!/bin/sh\n[ "$1" = --version ] && echo "runc version other, libseccomp: 2.5.4"\n', 0o755),
                    self.place("/run/other/runc"))
        text = '{"runtimes": {"own": {"path": "/run/other/runc"}}, "default-runtime": "own"}'
        self.write("/etc/docker/daemon.json", text)
        shown = self.assertDone("register", "--dry-run", "docker")
        self.assertIn("/etc/seccomp-guard/runtimes/docker-runc -> /run/other/runc\n%s/docker-runc -> runc\n" % self.libexec, shown)
        self.assertFalse(self.exists(self.libexec + "/docker-runc"))
        self.assertDone("register", "docker")
        path = json.loads(self.read("/etc/docker/daemon.json"))["runtimes"]["seccomp-guard"]["path"]
        self.assertEqual(path, self.libexec + "/docker-runc")
        self.assertIn("version other", self.run_in([path, "--version"]).text)
        self.assertNotIn("version other", self.run_in([self.libexec + "/runc", "--version"]).text)
        self.assertIn("registered already", self.assertDone("register", "docker"))
        self.assertDone("unregister", "docker")
        self.assertIn("version other", self.run_in([path, "--version"]).text)
        self.assertDone("unregister", "--when-unused", "docker")
        self.assertEqual(self.read("/etc/docker/daemon.json"), text)
        os.unlink(self.place("/etc/docker/daemon.json"))
        self.assertEqual(self.tree("/etc/seccomp-guard", self.libexec, "/etc/docker"), tree)


RANCHER_BASE = {
    2: """version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
%s
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
""",
    3: """version = 3
[plugins.'io.containerd.cri.v1.runtime'.containerd]
%s
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true
"""}


@guardtest.each(["k3s", "rke2"], str)
@guardtest.needs_cli
class Rancher(Registering):
    """k3s and RKE2, neither of them packaged: what they make of their template and of config.yaml when they start is done
    here, and read by the real containerd."""

    def setUp(self):
        super().setUp()
        if not self.needs("runc"):
            self.skipTest("runc is not installed")

    def place_in(self, name, version, data=None):
        self.name, self.version = name, version
        self.config = "/etc/rancher/%s/config.yaml" % name
        self.data = data or "/var/lib/rancher/" + name
        self.directory = self.data + "/agent/etc/containerd/"
        self.template = self.directory + ("config-v3.toml.tmpl" if version == 3 else "config.toml.tmpl")

    def start(self):
        """What k3s does before it starts its containerd."""
        base = '{{ template "base" . }}'
        template = self.read(self.template) if self.exists(self.template) else base
        found = re.search(r"^default-runtime: (.*)$", self.read(self.config) if self.exists(self.config) else "", re.M)
        default = '  default_runtime_name = "%s"' % found[1] if found else ""
        self.write(self.directory + "config.toml", template.replace(base, RANCHER_BASE[self.version] % default))

    def check_both_ways(self, name):
        for version, template, config in ((2, None, None), (3, None, "write-kubeconfig-mode: 644"),
                                          (3, '# mine\n{{ template "base" . }}\n# and the rest', "default-runtime: runc\n# end\n"),
                                          (2, '{{ template "base" . }}\n', "data-dir: /var/lib/rancher/data\n")):
            with self.subTest(version=version, template=template, config=config):
                self.place_in(name, version, "/var/lib/rancher/data" if config and "data-dir" in config else None)
                shutil.rmtree(self.place("/var/lib/rancher"), ignore_errors=True)
                shutil.rmtree(self.place("/etc/rancher"), ignore_errors=True)
                for path, text in ((self.template, template), (self.config, config)):
                    if text is not None:
                        self.write(path, text)
                self.start()
                tree = self.tree(*self.WATCHED)
                self.assertIn("+++ " + self.template, self.assertDone("register", "--dry-run", name))
                self.assertEqual(self.tree(*self.WATCHED), tree)
                self.assertIn("systemctl restart", self.assertDone("register", name))
                self.start()
                self.assertGenerated("seccomp-guard")
                self.assertTrue(self.read(self.template).startswith((template or '{{ template "base" . }}').strip()))
                self.assertDone("unregister", name)
                self.start()
                self.assertGenerated("")
                self.assertDone("register", name)
                self.start()
                self.assertGenerated("seccomp-guard")
                self.assertIn("registered already", self.assertDone("register", name))
                self.assertDone("unregister", name)
                self.start()
                self.assertGenerated("")
                self.assertDone("unregister", "--when-unused", name)
                self.start()
                self.assertEqual(self.tree(*self.WATCHED), tree)

    def assertGenerated(self, default):
        text = self.read(self.directory + "config.toml")
        found = re.search(r'default_runtime_name = "(.*)"', text)
        self.assertEqual(found[1] if found and found[1] != "runc" else "", default)
        if self.version == 2 and self.needs("containerd"):
            done = self.run_in(["containerd", "--config", self.directory + "config.toml", "config", "dump"])
            self.assertStatus(done, 0)
            text = done.text
        cri = "io.containerd.cri.v1.runtime" if self.version == 3 else "io.containerd.grpc.v1.cri"
        [options] = re.findall(r'\[plugins\."%s"\.containerd\.runtimes\.seccomp-guard\.options\]\n((?: .*\n)*)' % re.escape(cri),
                               text)
        self.assertIn("SystemdCgroup = true", options)
        self.assertIn('BinaryName = "%s/runc"' % self.libexec, options)

    def check_bundled_runtime(self, name):
        self.place_in(name, 3)
        path = self.data + ("/data/current/bin/runc" if name == "k3s" else "/bin/runc")
        self.write(path, "")
        self.start()
        self.assertDone("register", name)
        self.assertEqual(os.readlink(self.place("/etc/seccomp-guard/runtimes/runc")), path)

    def check_what_others_changed_meanwhile(self, name):
        self.place_in(name, 3)
        self.start()
        self.assertDone("register", name)
        self.write(self.template, self.read(self.template) + "# another\n")
        self.write(self.config, "token: x\n" + self.read(self.config))
        self.assertDone("unregister", name)
        self.assertDone("unregister", "--when-unused", name)
        self.assertEqual(self.read(self.template), '{{ template "base" . }}\n# another\n')
        self.assertEqual(self.read(self.config), "token: x\n")

    def check_users(self, name):
        self.place_in(name, 3)
        self.start()
        self.assertDone("register", name)
        options = "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/abc/options.json"
        self.write(options, json.dumps({"binary_name": self.libexec + "/runc"}))
        shutil.copytree(os.path.dirname(self.place(options)), self.place(os.path.dirname(options).replace("k8s.io", "moby")))
        shown = self.assertDone("unregister", name)
        self.assertIn("%s: k8s.io/abc" % name, shown)
        self.assertNotIn("moby", shown)  # Docker's
        self.assertNotDone("remove them first", "unregister", "--when-unused", name)

    def check_a_daemon_that_still_knows_it(self, name):
        """Its containerd is a program of its own, and its configuration made when it starts."""
        self.place_in(name, 3)
        program = self.place(self.data + "/data/current/bin/containerd")
        os.makedirs(os.path.dirname(program))
        shutil.copy("/bin/sleep", program)

        def run(seen):
            # pylint: disable=consider-using-with
            daemon = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", seen, "1000"])
            self.addCleanup(self.stop, daemon)
            self.assertTrue(self.wait(lambda: os.readlink("/proc/%d/exe" % daemon.pid).endswith("/containerd")))
            return daemon

        own = self.data + "/data/current/bin/containerd"
        self.start()
        self.assertDone("register", name)
        self.start()
        self.dated(self.template, -100)
        self.dated(self.config, -100)
        daemon = run(own)
        self.assertNotDone('its default: "seccomp-guard unregister %s" comes first, then: .*systemctl restart ' % name,
                           "unregister", "--when-unused", name)
        # The file with the default alone is another one then, or gone.
        self.assertDone("unregister", name)
        later = time.time() + 100
        os.utime(os.path.dirname(self.place(self.config)), (later, later))
        self.assertNotDone("process %d has not read what %s says now, .*first: .*systemctl restart " % (daemon.pid, self.config),
                           "unregister", "--when-unused", name)
        # The system's containerd is none of its business.
        self.stop(daemon)
        shutil.copy("/bin/sleep", self.place("/etc/containerd-of-its-own"))
        os.makedirs(self.place("/etc/programs"))
        os.rename(self.place("/etc/containerd-of-its-own"), self.place("/etc/programs/containerd"))
        run("/etc/programs/containerd")
        self.assertDone("unregister", "--when-unused", name)

    def check_refusals(self, name):
        self.place_in(name, 3)
        self.assertNotDone("start %s once first" % name, "register", name)
        self.start()
        self.assertNotDone("leave out --hook", "register", "--hook", name)
        extra = self.config + ".d/10.yaml"
        self.write(extra, "default-runtime: nvidia\n")
        self.assertNotDone("10.yaml", "register", name)
        self.assertDone("register", "--no-default", name)
        self.assertFalse(self.exists(self.config))
        self.assertNotDone("10.yaml", "register", name)
        self.assertDone("unregister", name)
        self.assertDone("unregister", "--when-unused", name)
        os.unlink(self.place(extra))
        self.write(self.template, '{{ template "base" . }}\n[x]\ndefault_runtime_name = "nvidia"\n')
        self.assertNotDone("config-v3.toml.tmpl", "register", name)
        self.write(self.directory + "config.toml", "version = 9\n")
        self.assertNotDone("version 9 is not known", "register", name)

    def check_doctor(self, name):
        program = os.path.join(machine.variable("prefix"), "bin", name)
        if os.path.dirname(program) != "/usr/local/bin":
            self.skipTest("the prefix is not where programs are looked for")
        self.write(program, "#!/bin/sh\necho %s version v1.33\n" % name)
        os.chmod(self.place(program), 0o755)
        self.place_in(name, 3)
        self.start()
        self.assertDone("register", name)
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        self.assertRegex(self.guard("doctor").text, name + ": problem: default: .*\n    mend: .*restarted: systemctl restart")
        self.start()
        self.assertIn(name + ": ok: default: ", self.guard("doctor").text)


@guardtest.needs_cli
@guardtest.needs_wrapper
class Podman(Registering):
    """Podman, from registering it to containers that are left when it is taken back."""

    def setUp(self):
        super().setUp()
        if not self.needs("podman"):
            self.skipTest("podman is not installed")
        self.write("/etc/containers/containers.conf", CONTAINERS_CONF)
        self.write("/etc/containers/storage.conf", STORAGE_CONF)
        self.rootfs = os.path.join(self.bundle().path, "rootfs")
        done = self.podman("run", "--rm")
        if done.status:
            self.skipTest("podman does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)

    def podman(self, *args, command_line=("/bin/probe",)):
        argv = ["podman", *args]
        if args[0] in ("run", "create"):
            argv += ["--network", "none", "--security-opt=seccomp=unconfined", "--rootfs", self.rootfs, *command_line]
        return self.run_in(argv)

    def test_from_registering_to_going_back(self):
        tree = self.tree(*self.WATCHED)
        self.assertProbed('"audit" only records', "podman")
        self.assertUnconfined(self.podman("run", "--rm"))  # the policy that was made only records
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        self.assertConfined(self.podman("run", "--rm"), "containers")
        self.assertStatus(self.podman("run", "-d", "--name", "left", command_line=("/bin/probe", "pause")), 0)
        # The program gone: the runtime in its place stops what runs (docs/rollout.md).
        program = os.path.normpath(os.path.join(self.libexec, os.readlink(self.place(self.libexec + "/crun"))))
        target = os.readlink(self.place("/etc/seccomp-guard/runtimes/crun"))
        self.assertStatus(self.run_in(["mv", program, "/run/kept"]), 0)
        self.assertNotEqual(self.podman("run", "--rm").status, 0)
        self.assertStatus(self.run_in(["ln", "-sfn", target, self.libexec + "/crun"]), 0)
        self.assertStatus(self.podman("stop", "-t", "1", "left"), 0)
        self.assertStatus(self.run_in(["mv", "/run/kept", program]), 0)
        self.assertStatus(self.run_in(["ln", "-sfn", program, self.libexec + "/crun"]), 0)
        self.assertStatus(self.podman("start", "left"), 0)
        # A policy that cannot be read starts nothing, and what runs can be stopped.
        self.write("/etc/seccomp-guard/policy.json", "{")
        self.assertNotEqual(self.podman("run", "--rm").status, 0)
        self.assertStatus(self.podman("stop", "-t", "1", "left"), 0)
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        self.assertStatus(self.podman("start", "left"), 0)
        self.assertRegex(self.assertDone("unregister", "podman"), "podman: [0-9a-f]{12} left")
        self.assertUnconfined(self.podman("run", "--rm"))
        self.assertNotDone("containers that name the runtime", "unregister", "--when-unused", "podman")
        # With containers that are left, forward again as well.
        self.assertDone("register", "podman")
        self.assertConfined(self.podman("run", "--rm"), "containers")
        self.assertDone("unregister", "podman")
        self.assertUnconfined(self.podman("run", "--rm"))
        self.assertStatus(self.podman("rm", "-f", "-t", "1", "left"), 0)
        self.assertDone("unregister", "--when-unused", "podman")
        self.assertEqual(self.tree(*self.WATCHED), tree)
        self.assertUnconfined(self.podman("run", "--rm"))

    def test_the_probe(self):
        """Each thing that a policy can do to it is told apart, and nothing is left."""
        for policy, pattern, status in (
                ({"mode": "enforce"}, "has one: the kernel says Seccomp: 2", 0),
                ({"mode": "complain"}, "has one: the kernel says Seccomp: 2", 0),
                ({"mode": "audit"}, r"Seccomp: 0\), as the policy says: .*audit", 0),
                ({"mode": "deny"}, "is refused, as the policy says: .*seccomp-guard: container [0-9a-f]{12} refused: .*mode.*deny", 0),
                ({"rules": [{"name": "x", "match": {"engine": ["podman"]}, "profile": "unconfined"}]},
                 r"Seccomp: 0\), as the policy says: one of its rules", 0),
                ({"profile": "/etc/seccomp-guard/none.json"}, "is refused: .*none.json", 1)):
            with self.subTest(policy):
                self.write("/etc/seccomp-guard/policy.json", json.dumps({**policy, "log": {"to": "none"}}))
                self.assertProbed(pattern, "podman", status=status)
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        self.write("/run/seccomp-guard/disable", "")
        self.assertProbed("as the policy says: the kill switch", "podman")
        os.unlink(self.place("/run/seccomp-guard/disable"))
        # The default is not ours: it names the runtime.
        self.assertProbed("Seccomp: 2", "--no-default", "podman")
        self.assertUnconfined(self.podman("run", "--rm"))
        done = self.guard("register", "--json", "podman")
        self.assertStatus(done, 0)
        self.assertEqual(json.loads(done.text)["probe"], "confined")
        # What comes in between, and what is missing.
        self.write("/etc/containers/containers.conf.d/60-own.conf", '[engine]\nruntime = "seccomp-guard"\n[engine.runtimes]\n'
                   'seccomp-guard = ["/usr/sbin/crun", "/usr/bin/crun", "/usr/sbin/runc", "/usr/bin/runc"]\n')
        self.assertProbed("has none, though the policy wants one", "podman", status=1)
        os.unlink(self.place("/etc/containers/containers.conf.d/60-own.conf"))
        os.unlink(self.place(self.libexec + "/seccomp-guard-probe"))
        self.assertProbed("no probe container: .*seccomp-guard-probe is not installed.*; try: podman run ", "podman")
        self.assertEqual(self.podman("ps", "-aq").text, "")

    def test_a_probe_that_is_interrupted(self):
        """By ^C nothing of it is left, and what is registered stays so."""
        if machine.variable("prefix") != "/usr/local":
            self.skipTest("the prefix is not where programs are looked for")
        self.write("/usr/local/sbin/podman", '#!/bin/sh\n[ "$1" = run ] && exec sleep 1000\nexec /usr/bin/podman "$@"\n')
        os.chmod(self.place("/usr/local/sbin/podman"), 0o755)
        command = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", "--wdns=/",  # pylint: disable=consider-using-with
                                    "/usr/local/bin/seccomp-guard", "register", "podman"], stdout=subprocess.DEVNULL, start_new_session=True)
        self.assertTrue(self.wait(lambda: glob.glob(self.place("/var/lib/seccomp-guard/probe.*/seccomp-guard-probe"))))
        with open("/proc/%d/task/%d/children" % (command.pid, command.pid), encoding="ascii") as f:
            children = f
            self.assertTrue(self.wait(lambda: children.seek(0) == 0 and children.read().strip()))
        os.killpg(command.pid, signal.SIGINT)
        self.assertEqual(command.wait(60), -signal.SIGINT)
        os.unlink(self.place("/usr/local/sbin/podman"))
        self.assertEqual(os.listdir(self.place("/var/lib/seccomp-guard")), ["registered"])
        self.assertIn("registered", self.assertDone("register", "podman"))

    def test_a_probe_that_is_killed(self):
        """What it leaves goes with the next command, but for what another one is at."""
        if machine.variable("prefix") != "/usr/local":
            self.skipTest("the prefix is not where programs are looked for")
        name = self.killed_in_its_probe("podman", "podman")
        others = self.place("/var/lib/seccomp-guard/probe.podman.others")
        os.mkdir(others)
        held = os.open(others, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        self.assertIn("called " + name, self.assertDone("register", "podman"))
        self.assertTrue(os.path.exists(others))
        self.assertNotIn(": probe: ", self.guard("doctor").text)
        os.close(held)
        self.assertIn("called seccomp-guard-probe-" + b"others".hex(), self.assertDone("register", "podman"))
        self.assertNothingLeft(self.killed_in_its_probe("podman", "podman"), "podman", ["podman", "ps", "--all"])

    def test_an_engine_that_starts_nothing(self):
        self.write("/etc/containers/containers.conf", CONTAINERS_CONF.replace('netns = "none"', 'pidns = "container:none"'))
        self.assertProbed("no probe container, it does not start: .*; try: podman run ", "podman")

    def test_hooks(self):
        tree = self.tree(*self.WATCHED)
        self.assertDone("register", "--hook", "podman")
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        if guardtest.live():
            self.assertProbed("Seccomp: 2", "--hook", "podman")
        if guardtest.live():
            self.assertConfined(self.podman("run", "--rm"), "containers")
        self.assertDone("unregister", "podman")
        self.assertEqual(self.tree(*self.WATCHED), tree)
        self.assertUnconfined(self.podman("run", "--rm"))

    def test_lists_of_the_administrator_stay(self):
        self.write("/etc/containers/containers.conf",
                   CONTAINERS_CONF + 'runtime_supports_json = [ "crun", "runc", "kata", ]\n')
        self.assertDone("register", "podman")
        self.assertIn('runtime_supports_json = ["crun", "runc", "kata", "seccomp-guard"]'.replace("[", "[ ", 1),
                      self.read("/etc/containers/containers.conf.d/50-seccomp-guard.conf"))

    def test_another_file_that_wins(self):
        self.write("/etc/containers/containers.conf.d/99-own.conf", '[engine]\nruntime = "runc"\n')
        self.assertNotDone("still \"runc\"", "register", "podman")
        os.unlink(self.place("/etc/containers/containers.conf.d/99-own.conf"))
        tree = self.tree(*self.WATCHED)
        self.assertDone("register", "podman")
        self.write("/etc/containers/containers.conf.d/99-own.conf", '[engine]\nruntime = "runc"\n')
        self.assertNotDone("still \"runc\"", "register", "podman")
        self.assertDone("unregister", "podman")
        os.unlink(self.place("/etc/containers/containers.conf.d/99-own.conf"))
        self.assertDone("unregister", "--when-unused", "podman")
        self.assertEqual(self.tree(*self.WATCHED), tree)


@guardtest.needs_cli
@guardtest.needs_wrapper
class Docker(Registering):
    """dockerd without a network. daemon.json has what the administrator wrote, and keeps it."""

    MAIN = "/etc/docker/daemon.json"
    TEXT = '{\n\t"log-driver" : "json-file", "storage-driver": "vfs",\n\t"bridge": "none", "iptables": false\n}\n'

    def setUp(self):
        super().setUp()
        if not self.needs("dockerd") or not self.needs("docker"):
            self.skipTest("docker is not installed")

    def test_no_daemon(self):
        self.assertDone("register", "docker")
        self.assertProbed("no probe container: .*Cannot connect to the Docker daemon.*; try: docker run ", "docker")

    def test_a_restart_that_fails(self):
        """The files are changed all the same, and what the engine's tool says of it is told."""
        if machine.variable("prefix") != "/usr/local":
            self.skipTest("the prefix is not where programs are looked for")
        self.write("/usr/local/bin/systemctl", "#!/bin/sh\necho no bus >&2\nexit 4\n")
        os.chmod(self.place("/usr/local/bin/systemctl"), 0o755)
        for step, default in (("register", "seccomp-guard"), ("unregister", "runc")):
            done = self.guard(step, "--restart", "docker")
            self.assertStatus(done, 1)
            self.assertRegex(done.error, "docker: its files are changed, and it has yet to read them: .*systemctl reload docker.* no bus")
            self.assertEqual(json.loads(self.read(self.MAIN))["default-runtime"], default)
        # What is left of it may be meant, or not.
        self.assertRegex(self.guard("doctor").text, "docker: problem: default: .*\n    mend: seccomp-guard unregister --when-unused docker; "
                         "then, unless it was to go, seccomp-guard register docker\n")

    def test_a_container_that_does_not_start(self):
        """docker's own word, by whatever status: 127 is also what a shell says of a program that is not there."""
        if machine.variable("prefix") != "/usr/local":
            self.skipTest("needs the prefix /usr/local")
        for status in (1, 125, 126, 127):
            self.write("/usr/local/bin/docker", """#!/bin/sh
                case $1 in
                info) echo '"seccomp-guard"' ;;
                run) echo "error: no parser in this place" >&2; exit %d ;;
                esac\n""" % status)
            os.chmod(self.place("/usr/local/bin/docker"), 0o755)
            self.assertDone("register", "docker")
            self.assertProbed("no probe container, it does not start: error: no parser in this place; try: ", "docker")
            self.assertDone("unregister", "--when-unused", "docker")

    def test_daemon_json(self):
        for text in (None, "", "{}", self.TEXT, '{"runtimes": {"x": {"path": "/usr/bin/crun", "runtimeArgs": ["--debug"]}}, '
                     '"default-runtime": "x"}\n'):
            with self.subTest(text):
                if text is not None:
                    self.write(self.MAIN, text)
                tree = self.tree(*self.WATCHED)
                self.assertDone("register", "docker")
                got = json.loads(self.read(self.MAIN))
                self.assertEqual(got["default-runtime"], "seccomp-guard")
                runtime = "crun" if text and "crun" in text else "runc"
                self.assertEqual(got["runtimes"]["seccomp-guard"]["path"], self.libexec + "/" + runtime)
                self.assertEqual(got["runtimes"]["seccomp-guard"].get("runtimeArgs"),
                                 ["--debug"] if runtime == "crun" else None)
                old = json.loads(text) if text else {}
                self.assertEqual({k: v for k, v in got.items() if k not in ("runtimes", "default-runtime")},
                                 {k: v for k, v in old.items() if k not in ("runtimes", "default-runtime")})
                self.assertDone("unregister", "docker")
                self.assertEqual(json.loads(self.read(self.MAIN))["default-runtime"], old.get("default-runtime", "runc"))
                self.assertIn("seccomp-guard", json.loads(self.read(self.MAIN))["runtimes"])
                self.assertDone("register", "docker")
                self.assertEqual(json.loads(self.read(self.MAIN)), got)
                self.assertDone("unregister", "--when-unused", "docker")
                self.assertEqual(self.tree(*self.WATCHED), tree)

    def test_refusals(self):
        for text, pattern in (('{"runtimes": []', "daemon.json"), ('{"default-runtime": 1}', "not a name"),
                              ('{"runtimes": {"k": {"runtimeType": "io.containerd.kata.v2"}}, "default-runtime": "k"}',
                               "no runc or crun")):
            with self.subTest(text):
                self.write(self.MAIN, text)
                self.assertNotDone(pattern, "register", "docker")
        self.write(self.MAIN, "{}")
        self.write("/etc/systemd/system/docker.service.d/x.conf", "ExecStart=/usr/sbin/dockerd --default-runtime=runc\n")
        self.assertNotDone("--default-runtime in /etc/systemd", "register", "docker")
        os.unlink(self.place("/etc/systemd/system/docker.service.d/x.conf"))
        self.assertNotDone("no way to add hooks", "register", "--hook", "docker")

    def test_flags_of_the_unit(self):
        """As systemd reads it: rank of directories, masks, comments, continued lines, and what takes back what was said."""
        with_flag = "[Service]\nExecStart=/usr/sbin/dockerd \\\n  --default-runtime=own\n"
        unit, drop_in = "systemd/system/docker.service", "systemd/system/docker.service.d/"
        for files, found in (
                ({"/etc/" + unit: with_flag}, "/etc/" + unit),
                ({"/run/" + unit: with_flag}, "/run/" + unit),
                ({"/etc/" + unit: "[Service]\nExecStart=/usr/sbin/dockerd\n", "/run/" + unit: with_flag}, None),
                ({"/etc/" + unit: with_flag.replace("  --", "# --")}, None),
                ({"/etc/" + unit: with_flag, "/etc/" + drop_in + "a.conf": "ExecStart =\nExecStart=/usr/sbin/dockerd\n"}, None),
                ({"/etc/" + unit: with_flag, "/run/" + drop_in + "b.conf": "ExecStart=\n" + with_flag},
                 "/run/" + drop_in + "b.conf"),
                ({"/etc/" + drop_in + "a.conf": "ExecStart=\n", "/run/" + drop_in + "b.conf": with_flag},
                 "/run/" + drop_in + "b.conf"),
                ({"/run/" + drop_in + "a.conf": with_flag, "/etc/" + drop_in + "b.conf": "ExecStart=\n"}, None),
                ({"/etc/" + drop_in + "a.conf": "", "/run/" + drop_in + "a.conf": with_flag}, None),
                ({"/etc/default/docker": "DOCKER_OPTS=--default-runtime=own\n"}, "/etc/default/docker")):
            with self.subTest(files):
                for path, text in files.items():
                    self.write(path, text)
                if found:
                    self.assertNotDone("--default-runtime in %s: " % re.escape(found), "register", "docker")
                else:
                    self.assertDone("register", "docker")
                    self.assertDone("unregister", "--when-unused", "docker")
                for path in files:
                    os.unlink(self.place(path))

    def test_flags_of_the_daemon(self):
        """Its unit may take them from anywhere."""
        self.write(self.MAIN, self.TEXT)
        self.start_daemon(["dockerd", "--add-runtime", "own=/usr/bin/runc"], ["docker", "version"])
        self.assertNotDone("runs with --add-runtime", "register", "docker")

    def test_default_of_the_command_line(self):
        """A reload does not change it."""
        self.write(self.MAIN, self.TEXT)
        self.start_daemon(["dockerd", "--add-runtime", "own=/usr/bin/runc", "--default-runtime=own"], ["docker", "version"])
        self.assertRegex(self.guard("doctor").text, 'docker: warning: daemon: dockerd\'s default is "own", and its configuration says "runc"\n'
                         "    mend: take --default-runtime out of dockerd's command line, and: systemctl restart docker\n")

    def reload(self, daemon):
        """By the command itself, where a systemctl can be placed that does what systemd would."""
        if machine.variable("prefix") == "/usr/local":
            self.write("/usr/local/bin/systemctl", '#!/bin/sh\n[ "$*" = "reload docker" ] && kill -HUP %d\n' % daemon.pid)
            os.chmod(self.place("/usr/local/bin/systemctl"), 0o755)
            self.assertProbed("Seccomp: 2", "--restart", "docker")
            os.unlink(self.place("/usr/local/bin/systemctl"))
        else:
            daemon.send_signal(1)
        self.assertTrue(self.wait(lambda: "Default Runtime: seccomp-guard" in self.run_in(["docker", "info"]).text))

    def test_dockerd(self):
        self.write(self.MAIN, self.TEXT)
        daemon = self.start_daemon(["dockerd"], ["docker", "info"])
        # Status 1: a file changed meanwhile, such as by another test that makes a link to it.
        made = subprocess.run(["tar", "-C", os.path.join(self.bundle().path, "rootfs"), "-c", "."], check=False,
                              stdout=subprocess.PIPE)
        self.assertIn(made.returncode, (0, 1))
        tar = made.stdout
        self.assertStatus(self.run_in(["docker", "import", "-", "probe"], stdin=tar), 0)

        def docker(*args, command_line=("/bin/probe",)):
            return self.run_in(["docker", *args, "--network", "none", "--security-opt", "seccomp=unconfined", "probe",
                                *command_line])

        done = docker("run", "--rm")
        if done.status:
            self.skipTest("dockerd does not start containers here: " + done.error.strip()[-200:])
        self.assertUnconfined(done)
        self.assertDone("register", "docker")
        self.write("/etc/seccomp-guard/policy.json", json.dumps(ENFORCE))
        daemon.send_signal(1)
        self.assertTrue(self.wait(lambda: "Default Runtime: seccomp-guard" in self.run_in(["docker", "info"]).text))
        self.assertConfined(docker("run", "--rm"), "moby")
        self.assertProbed("Seccomp: 2", "docker")
        self.assertProbed("Seccomp: 2", "--no-default", "docker")
        daemon.send_signal(1)
        self.assertTrue(self.wait(lambda: "Default Runtime: runc" in self.run_in(["docker", "info"]).text))
        self.assertDone("register", "docker")
        self.assertProbed("no probe container: dockerd has not read .*; try: docker run ", "docker")
        self.reload(daemon)
        if machine.variable("prefix") == "/usr/local":
            name = self.killed_in_its_probe("docker", "docker")
            self.assertIn(name, self.run_in(["docker", "images"]).text)
            self.assertNothingLeft(name, "docker", ["docker", "ps", "--all", "--no-trunc"])
        self.assertEqual(self.run_in(["docker", "images", "-q", "--filter", "reference=seccomp-guard-probe*"]).text, "")
        self.assertEqual(self.run_in(["docker", "ps", "-aq"]).text, "")
        self.assertNotDone('"seccomp-guard unregister docker" comes first, then: systemctl reload docker',
                           "unregister", "--when-unused", "docker")
        self.assertDone("unregister", "docker")
        self.assertNotDone("may still start and stop containers .*first: systemctl reload docker", "unregister", "--when-unused", "docker")
        self.assertDone("register", "docker")
        self.assertStatus(docker("run", "-d", "--name", "left", command_line=("/bin/probe", "pause")), 0)
        self.assertRegex(self.assertDone("unregister", "docker"), "docker: [0-9a-f]{12} /?left")
        daemon.send_signal(1)
        self.assertTrue(self.wait(lambda: "Default Runtime: runc" in self.run_in(["docker", "info"]).text))
        self.assertUnconfined(docker("run", "--rm"))
        self.assertNotDone("containers that name the runtime", "unregister", "--when-unused", "docker")
        self.assertStatus(self.run_in(["docker", "rm", "-f", "left"]), 0)
        self.assertDone("unregister", "--when-unused", "docker")
        self.assertEqual(self.read(self.MAIN), self.TEXT)


if __name__ == "__main__":
    guardtest.main()
