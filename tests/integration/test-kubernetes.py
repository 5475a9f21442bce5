#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/kubernetes: the manifests say what they refer to, and the installer works on a node's root."""

import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402
from guardtest import BUILDDIR, SRCDIR, command  # noqa: E402

HERE = os.path.join(SRCDIR, "contrib/kubernetes")
METRIC = re.compile(r"seccomp_guard_\w+")


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


class Manifests(guardtest.Case):
    def test_kustomize(self):
        if not shutil.which("kubectl"):
            self.skipTest("kubectl is not installed")
        done = command(["kubectl", "kustomize", HERE])
        self.assertStatus(done, 0)
        kinds = re.findall(r"^kind: (\w+)$", done.text, re.M)
        self.assertEqual(sorted(kinds), ["ConfigMap", "ConfigMap", "DaemonSet", "Namespace", "RuntimeClass"])
        # Every ConfigMap that is mounted is made, and every volume that is mounted is there.
        for name in re.findall(r"configMap:\n *name: (\S+)", done.text):
            self.assertRegex(done.text, r"kind: ConfigMap\nmetadata:\n(?:  .*\n)*  name: %s\n" % re.escape(name))
        volumes = set(re.findall(r"^        name: (\S+)$", done.text, re.M))
        for name in re.findall(r"^          name: (\S+)$", done.text, re.M):
            self.assertIn(name, volumes | {"seccomp-guard-policy", "seccomp-guard-profiles"})

    def test_what_the_daemonset_says_is_what_the_installer_reads(self):
        names = re.findall(r"- name: ([A-Z_]+)$", read("daemonset.yaml"), re.M)
        self.assertEqual(sorted(names), sorted(set(re.findall(r"^([A-Z_]+)=\$\{\1:-", read("installer"), re.M)) -
                                               {"HOST", "SOURCE", "CONFIG", "INTERVAL"}))
        for verb in re.findall(r'"/installer", "(\w+)"', read("daemonset.yaml")):
            self.assertRegex(read("installer"), r"(?m)^%s\) " % verb)

    def test_policy_and_profile_are_valid(self):
        self.assertStatus(self.cli("policy", "check", os.path.join(HERE, "policy.json")), 0)
        self.assertStatus(self.cli("profile", os.path.join(HERE, "profiles/example.json")), 0)

    def test_lint_finds_nothing(self):
        self.assertStatus(self.cli("lint", HERE), 0)

    def test_metrics_are_those_that_there_are(self):
        known = set()
        for name in ("src/node/metrics.c", "src/cli/denials-metrics.c"):
            with open(os.path.join(SRCDIR, name), encoding="utf-8") as f:
                known |= set(METRIC.findall(f.read()))
        used = METRIC.findall(read("prometheus-rules.yaml")) + METRIC.findall(read("grafana-dashboard.json"))
        self.assertTrue(used)
        self.assertLessEqual(set(used), known)
        ids = [p["id"] for p in json.loads(read("grafana-dashboard.json"))["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


@guardtest.needs_cli
@guardtest.not_sanitized
class Installer(guardtest.Case):
    """On a root with busybox, the C library, and a containerd of a few lines."""

    CONTAINERD = r"""#!/bin/sh
[ "$*" = "config dump" ] || exit 1
if grep -q runtimes.seccomp-guard /etc/containerd/config.toml; then
	sed 's/^BinaryName = ""$/&/' /etc/containerd/config.toml
else
	cat /etc/containerd/config.toml
fi
"""
    CONFIG = """version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = true
"""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not shutil.which("busybox"):
            self.skipTest("needs root")
        prefix = machine.variable("prefix")
        self.host, self.config = os.path.join(self.tmp, "host"), os.path.join(self.tmp, "config")
        for d in ("bin", "usr/bin", "proc", "dev", "etc/containerd", "tmp", "run", "var/lib"):
            os.makedirs(os.path.join(self.host, d))
        shutil.copy(shutil.which("busybox"), self.host + "/bin/busybox")
        for applet in ("sh", "cat", "grep", "sed"):
            os.symlink("busybox", self.host + "/bin/" + applet)
        os.mknod(self.host + "/dev/null", 0o666 | 0o020000, os.makedev(1, 3))
        self.put(self.host + "/usr/bin/containerd", self.CONTAINERD, 0o755)
        self.put(self.host + "/usr/bin/runc", "#!/bin/sh\n", 0o755)
        self.put(self.host + "/etc/containerd/config.toml", self.CONFIG)
        self.put(self.config + "/policy/policy.json", '{"mode": "complain"}')
        self.put(self.config + "/profiles/a.json", read("profiles/example.json"))
        # The programs of this build, and the libraries that they want, as the image has them static.
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        self.assertStatus(command(["make", "-C", BUILDDIR, "install", "DESTDIR=" + self.tmp + "/dest"], env=env,
                                  timeout=300), 0)
        self.source = os.path.join(self.tmp, "dest") + prefix
        self.prefix = prefix
        for line in command(["ldd", guardtest.CLI]).text.split():
            if line.startswith("/"):
                os.makedirs(self.host + os.path.dirname(line), exist_ok=True)
                shutil.copy(line, self.host + line)

    def put(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def installer(self, *args, **env):
        script = self.file("installer", read("installer").replace("/opt/seccomp-guard", self.prefix), 0o755)
        return command(["sh", script, *args], env=dict(os.environ, HOST=self.host, CONFIG=self.config, SOURCE=self.source,
                                                       ONCE="1", **env))

    def on_node(self, path):
        with open(self.host + path, encoding="utf-8") as f:
            return f.read()

    def test_there_and_back(self):
        self.assertStatus(self.installer("run"), 0)
        self.assertEqual(self.on_node("/etc/seccomp-guard/policy.json"), '{"mode": "complain"}')
        self.assertEqual(self.on_node("/var/lib/kubelet/seccomp/seccomp-guard/a.json"), read("profiles/example.json"))
        self.assertIn('default_runtime_name = "seccomp-guard"', self.on_node("/etc/containerd/config.toml"))
        self.assertEqual(os.readlink(self.host + "/etc/seccomp-guard/runtimes/runc"), "/usr/bin/runc")
        program = re.search(r'BinaryName = "(.*)"', self.on_node("/etc/containerd/config.toml"))[1]
        self.assertTrue(os.access(os.path.realpath(self.host + program), os.X_OK))
        before = os.stat(self.host + "/etc/containerd/config.toml").st_ino
        self.assertStatus(self.installer("run"), 0)
        self.assertEqual(os.stat(self.host + "/etc/containerd/config.toml").st_ino, before)
        # A policy that is not valid stays out.
        self.put(self.config + "/policy/policy.json", '{"mode": "x"}')
        self.assertIn("not valid", self.installer("run").error)
        self.assertEqual(self.on_node("/etc/seccomp-guard/policy.json"), '{"mode": "complain"}')
        self.assertStatus(self.installer("stop"), 0)
        self.assertEqual(self.on_node("/etc/containerd/config.toml"), self.CONFIG)
        self.assertFalse(os.path.exists(self.host + self.prefix + "/bin/seccomp-guard"))

    def test_programs_stay_while_they_are_needed(self):
        self.assertStatus(self.installer("run"), 0)
        program = re.search(r'BinaryName = "(.*)"', self.on_node("/etc/containerd/config.toml"))[1]
        self.put(self.host + "/run/containerd/io.containerd.runtime.v2.task/k8s.io/abc/options.json",
                 json.dumps({"binary_name": program}))
        self.assertStatus(self.installer("stop"), 0)
        self.assertIn('default_runtime_name = "runc"', self.on_node("/etc/containerd/config.toml"))
        self.assertTrue(os.path.exists(self.host + self.prefix + "/bin/seccomp-guard"))

    def test_a_node_without_an_engine(self):
        os.remove(self.host + "/usr/bin/containerd")
        done = self.installer("run")
        self.assertStatus(done, 1)
        self.assertIn("set ENGINE", done.error)


if __name__ == "__main__":
    guardtest.main()
