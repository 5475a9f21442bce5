#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard doctor: each kind of setup that is broken is found, named, and told how to mend; a node that is well is well."""

import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402

CONTAINERD = "/etc/containerd/config.toml"
DOCKER = "/etc/docker/daemon.json"
POLICY = "/etc/seccomp-guard/policy.json"
ENFORCE = '{"mode": "enforce", "log": {"to": "none"}}'


@guardtest.needs_cli
class Doctor(machine.Machine):
    def setUp(self):
        super().setUp()
        if not self.needs("containerd") or not self.needs("dockerd"):
            self.skipTest("containerd and docker are not installed")
        self.write(CONTAINERD, "version = 2\n")
        self.write(DOCKER, "{}\n")
        self.write(POLICY, ENFORCE)

    def doctor(self, *args, status=0):
        done = self.guard("doctor", "--json", *args)
        self.assertStatus(done, status)
        return [json.loads(line) for line in done.text.splitlines()]

    def found(self, about, check, level, text, mend="", status=1):
        """This finding is among those of doctor, which ends with `status`."""
        every = self.doctor(status=status)
        self.assertTrue([f for f in every if (f["about"], f["check"], f["level"]) == (about, check, level)
                         and text in f["text"] and mend in f.get("mend", "")], every)

    def levels(self, about, check, **kwargs):
        return [f["level"] for f in self.doctor(**kwargs) if (f["about"], f["check"]) == (about, check)]

    def register(self, *args):
        self.assertStatus(self.guard("register", *args), 0)

    def test_nothing_is_registered(self):
        self.found("containerd", "default", "warning", "do not go through", "seccomp-guard register containerd", status=0)
        self.found("docker", "default", "warning", "do not go through", "seccomp-guard register docker", status=0)

    def test_well(self):
        self.register("containerd", "docker")
        self.found("containerd", "default", "ok", self.libexec + "/runc", status=0)
        self.found("docker", "default", "ok", self.libexec + "/runc", status=0)
        self.found("docker", "version", "ok", "ersion", status=0)
        self.found("docker", "ways-round", "note", "--runtime runc", status=0)
        self.found("node", "runtime", "ok", "with seccomp", status=0)
        self.found("node", "policy", "ok", "mode enforce", status=0)
        self.found("node", "sinks", "ok", "can be written", status=0)
        self.assertEqual(self.levels("containerd", "annotations"), [])
        text = self.guard("doctor")
        self.assertStatus(text, 0)
        self.assertIn("docker: ok: default: ", text.text)

    def test_policy(self):
        self.register("docker")
        self.write(POLICY, '{"mode": "audit", "log": {"to": "none"}}')
        self.found("node", "policy", "warning", "starts unconfined", "enforce", status=0)
        self.write(POLICY, '{"mode": "complain", "log": {"to": "none"}}')
        self.found("node", "policy", "warning", "denies nothing", "enforce", status=0)
        self.write(POLICY, '{"mode": "enforced"}')
        self.found("node", "policy", "problem", "policy.json:1:10", "seccomp-guard policy check")
        self.write(POLICY, ENFORCE)
        os.chmod(self.place(POLICY), 0o666)
        self.found("node", "policy", "problem", "policy.json", "seccomp-guard policy check")
        os.chmod(self.place(POLICY), 0o644)
        self.write("/run/seccomp-guard/disable", "")
        self.found("node", "kill-switch", "problem", "everything passes", "rm /run/seccomp-guard/disable")

    def test_sinks(self):
        self.write(POLICY, '{"mode": "enforce", "log": {"to": "file", "path": "/nowhere/log"}, "metrics": "/nowhere/m.prom"}')
        self.found("node", "sinks", "warning", "/nowhere/log", 'another place by "log"', status=0)
        self.found("node", "sinks", "warning", "/nowhere/m.prom", 'another file by "metrics"', status=0)

    def test_a_default_that_somebody_took_back(self):
        self.register("containerd", "docker")
        self.write(DOCKER, self.read(DOCKER).replace('"default-runtime": "seccomp-guard"', '"default-runtime": "runc"'))
        self.found("docker", "default", "problem", "do not go through", "seccomp-guard register docker")
        for text in ("version = 2\n", "version = 2\noom_score = -7\n"):
            self.write(CONTAINERD, text)
            self.found("containerd", "default", "problem", "do not go through", "seccomp-guard register containerd")
            self.register("docker", "containerd")
            for engine in ("docker", "containerd"):
                self.found(engine, "default", "ok", "seccomp-guard", status=0)
        self.write(CONTAINERD, "version = \n")
        self.assertStatus(self.guard("register", "containerd"), 2)
        self.write(CONTAINERD, "version = 2\n")
        self.register("containerd")

    def test_a_wrapper_that_is_gone(self):
        self.register("docker")
        os.unlink(self.place(self.libexec + "/runc"))
        self.found("docker", "default", "problem", "starts no container", "unregister")

    def test_configuration(self):
        self.register("docker")
        self.write(DOCKER, "{")
        self.found("docker", "configuration", "problem", "daemon.json")
        self.write(CONTAINERD, "version = \n")
        self.found("containerd", "configuration", "warning", "config dump")

    def test_annotations(self):
        self.register("containerd")
        self.write(CONTAINERD, self.read(CONTAINERD).replace('"seccomp-guard/*"', '"other/*"'))
        self.found("containerd", "annotations", "warning", "do not get through", "pod_annotations", status=0)

    def test_hooks(self):
        self.register("--hook", "containerd")
        self.found("containerd", "default", "note", "exec is not confined", status=0)
        spec = self.place("/etc/seccomp-guard/containerd/base-spec.json")
        with open(spec, encoding="utf-8") as f:
            hook = json.load(f)["hooks"]["createRuntime"][0]["path"]
        os.unlink(self.place(hook))
        self.found("containerd", "hooks", "problem", "without a word", "install")

    def test_hook_and_wrapper(self):
        if not self.needs("podman"):
            self.skipTest("podman is not installed")
        self.register("podman")
        self.assertEqual(self.levels("podman", "hooks"), [])
        self.write("/etc/containers/containers.conf.d/60-hooks.conf",
                   '[engine]\nhooks_dir = ["%s/hooks.d"]\n' % os.path.join(machine.variable("datadir"), "seccomp-guard"))
        self.found("podman", "hooks", "warning", "twice", "hooks", status=0)

    def test_runtimes(self):
        self.register("docker")
        link = self.place("/etc/seccomp-guard/runtimes/runc")
        os.unlink(link)
        os.symlink("/opt/none", link)
        self.found("node", "runtime", "problem", "/opt/none is not there", "ln -sfn")
        for said, level in (("crun version 1.8\n+SYSTEMD +CAP", "problem"), ("crun version 1.8\n+CAP +SECCOMP", "ok"),
                            ("runc version 1.1", "warning")):
            os.unlink(link)
            program = self.file("crun", "#!/bin/sh\n[ \"$1\" = --version ] || exit 1\nprintf '%s\\n' '" + said + "'\n", 0o755)
            os.symlink(program, link)
            self.assertEqual(self.levels("node", "runtime", status=int(level == "problem")), [level])

    def test_features(self):
        """runc 1.1 has it; a runtime without; and a wrapper that does not get as far as the runtime."""
        self.register("docker")
        link = self.place("/etc/seccomp-guard/runtimes/runc")
        program = self.file("runc", '#!/bin/sh\n[ "$1" = features ] && echo "{}"\n', 0o755)
        os.unlink(link)
        os.symlink(program, link)
        self.found("docker", "features", "ok", "answers", status=0)
        self.assertEqual(self.levels("podman", "features", status=0), [])
        self.file("runc", "#!/bin/sh\nexit 1\n", 0o755)
        self.found("docker", "features", "note", program + " does not answer", "crun 1.8.6", status=0)
        self.file("runc", '#!/bin/sh\n[ -e "$1" ] || echo "{}"\n', 0o755)
        wrapper = os.path.realpath(self.place(self.libexec + "/runc"))
        os.unlink(wrapper)
        with open(wrapper, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexit 1\n")
        os.chmod(wrapper, 0o755)
        self.found("docker", "features", "warning", "and %s/runc does not" % self.libexec, "systemctl reload docker", status=0)

    def test_audit(self):
        """The kernel sends its records to the first network namespace alone."""
        if self.levels("node", "audit") != ["ok"]:
            self.skipTest("cannot read the kernel's audit log")
        for policy, level in ((ENFORCE, "note"), (ENFORCE.replace("enforce", "complain"), "warning")):
            self.write(POLICY, policy)
            done = self.run_in(["unshare", "-n", os.path.join(machine.variable("bindir"), "seccomp-guard"), "doctor"])
            self.assertStatus(done, 0)
            self.assertIn("node: %s: audit: " % level, done.text)

    def test_containers_from_before(self):
        b = self.bundle()
        name = self.container_id()
        runc = shutil.which("runc", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if runc is None:
            self.skipTest("runc is not installed")
        with open(os.path.join(b.path, "config.json"), encoding="utf-8") as f:
            config = json.load(f)
        config["process"]["args"] = ["/bin/probe", "pause"]
        config["process"]["terminal"] = False
        with open(os.path.join(b.path, "config.json"), "w", encoding="utf-8") as f:
            json.dump(config, f)
        started = self.run_in([runc, "run", "-d", "--bundle", b.path, name])
        if started.status:
            self.skipTest("runc does not start containers here")
        self.addCleanup(self.run_in, [runc, "delete", "-f", name])
        self.found("node", "containers", "warning", "running containers have no filter: " + name[:12], "anew", status=0)
        time.sleep(1.1)
        self.register("docker")
        self.found("node", "containers", "note", "started before", "anew", status=0)

    def test_a_daemon_that_has_not_read_it(self):
        program = os.path.join(self.tmp, "containerd")
        shutil.copy("/bin/sleep", program)
        self.register("containerd")
        # pylint: disable=consider-using-with
        daemon = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", program, "1000"])
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        deadline = time.monotonic() + 60
        while self.levels("containerd", "daemon") != ["ok"] and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.levels("containerd", "daemon"), ["ok"])
        later = time.time() + 100
        os.utime(self.place(CONTAINERD), (later, later))
        self.found("containerd", "daemon", "problem", "may not have read it", "systemctl restart containerd")

    def test_compiled_filters(self):
        """How full the store is that all filters share."""
        if not os.path.exists("/proc/sys/net/core/bpf_jit_limit"):
            self.skipTest("the kernel does not compile filters")
        [finding] = [f for f in self.doctor() if f["check"] == "bpf-jit"]
        with open("/proc/sys/net/core/bpf_jit_limit", encoding="ascii") as f:
            self.assertRegex(finding["text"], r"up to [1-9][0-9]* of net\.core\.bpf_jit_limit's %s bytes" % f.read().strip())

    def test_root(self):
        root = os.path.join(self.tmp, "empty")
        os.makedirs(root)
        every = self.doctor("--root", root)
        self.assertTrue([f for f in every if f["check"] == "engines" and "no engine" in f["text"]], every)
        self.assertFalse([f for f in every if f["level"] == "problem"], every)


if __name__ == "__main__":
    guardtest.main()
