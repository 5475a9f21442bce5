#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/engines says to do by hand: configuration files as they are printed, but for paths, the way back, and commands."""

import glob
import json
import os
import re
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import engine  # noqa: E402
import guardtest  # noqa: E402
from guardtest import SRCDIR, command  # noqa: E402

try:
    import tomllib
except ImportError:
    tomllib = None

WRAPPED = re.compile(r"/usr/libexec/seccomp-guard/(runc|crun)")
CRI = "io.containerd.grpc.v1.cri"


def pages():
    text = ""
    for path in sorted(glob.glob(os.path.join(SRCDIR, "docs", "engines", "*.md"))):
        with open(path, encoding="utf-8") as f:
            text += f.read()
    return text


def block(name):
    """The block behind <!-- name -->."""
    [found] = re.findall(r"^<!-- %s -->\n```\w+\n(.*?)^```$" % name, pages(), re.M | re.S)
    return found


def tables(config, *path):
    for key in path:
        config = config.get(key, {})
    return config


@unittest.skipUnless(tomllib, "this Python has no tomllib")
class Text(unittest.TestCase):
    def test_all_configurations_are_toml_or_json(self):
        for language, text in re.findall(r"^```(toml|json)\n(.*?)^```$", pages(), re.M | re.S):
            parsed = (tomllib if language == "toml" else json).loads(text)
            for path in re.findall(r'"(/usr/[^"]*seccomp-guard[^"]*)"', text):
                self.assertRegex(path, r"^/usr/(libexec/seccomp-guard/(runc|crun)|share/seccomp-guard/hooks\.d)$", parsed)

    def test_both_containerds_say_the_same(self):
        old = tomllib.loads(block("containerd 1"))
        new = tomllib.loads(block("containerd 2").replace("io.containerd.cri.v1.runtime", CRI).replace("version = 3", "version = 2"))
        del old["plugins"][CRI]["containerd"]["runtimes"]["runc"]
        self.assertEqual(old, new)


@guardtest.needs_wrapper
class ContainerdConfiguration(guardtest.Case):
    """What containerd makes of a configuration, before and after: only our keys may differ."""

    def setUp(self):
        super().setUp()
        self.containerd = shutil.which("containerd")
        if not self.containerd or not tomllib:
            self.skipTest("containerd is not installed" if tomllib else "this Python has no tomllib")
        found = re.search(r" v?(\d+)\.", command([self.containerd, "--version"]).text)
        self.version = int(found.group(1))

    def dump(self, text):
        done = command([self.containerd, "--config", self.file("config.toml", text), "config", "dump"])
        self.assertStatus(done, 0)
        self.assertNotIn("Ignoring unknown key", done.error)
        return tomllib.loads(done.text)

    def check_version_2(self):
        """A file of its own, beside a main file of the same version with a runtime in it."""
        drop_in, cri = self.file("50.toml", block("containerd 2")), "io.containerd.cri.v1.runtime"
        main = "version = 3\n%s[plugins.\"" + cri + "\".containerd.runtimes.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n"
        before, after = self.dump(main % ""), self.dump(main % ("imports = [\"%s\"]\n" % drop_in))
        own = tomllib.loads(block("containerd 2"))["plugins"][cri]["containerd"]["runtimes"]["seccomp-guard"]
        found = after["plugins"][cri]["containerd"]["runtimes"].pop("seccomp-guard")
        self.assertEqual((found["pod_annotations"], found["options"]), (own["pod_annotations"], own["options"]))
        self.assertEqual(after["plugins"][cri]["containerd"].pop("default_runtime_name"), "seccomp-guard")
        del before["plugins"][cri]["containerd"]["default_runtime_name"], before["imports"], after["imports"]
        self.assertEqual(before, after)

    def test_only_what_is_said_changes(self):
        if self.version == 2:
            self.check_version_2()
            return
        own = tomllib.loads(block("containerd 1"))["plugins"][CRI]["containerd"]["runtimes"]["seccomp-guard"]
        # As Debian ships it, and with settings of an operator's.
        for main in ("version = 2\n[plugins]\n  [plugins.\"%s\"]\n    [plugins.\"%s\".cni]\n"
                     "      bin_dir = \"/usr/lib/cni\"\n" % (CRI, CRI),
                     "version = 2\n[plugins.\"%s\"]\n  sandbox_image = \"registry/pause:1\"\n" % CRI):
            before = self.dump(main)
            after = self.dump(main + block("containerd 1").replace("version = 2\n", ""))
            runtimes = tables(after, "plugins", CRI, "containerd", "runtimes")
            self.assertEqual(set(runtimes), {"runc", "seccomp-guard"})
            self.assertEqual({k: runtimes["seccomp-guard"][k] for k in own if k != "options"},
                             {k: v for k, v in own.items() if k != "options"})
            self.assertEqual(runtimes["seccomp-guard"]["options"]["BinaryName"], own["options"]["BinaryName"])
            self.assertEqual(tables(after, "plugins", CRI, "containerd")["default_runtime_name"], "seccomp-guard")
            # And back to what it was, but for these and for the options of runc that are no longer written out.
            for config in (before, after):
                container = config["plugins"][CRI]["containerd"]
                del container["default_runtime_name"], container["runtimes"]
            self.assertEqual(before, after)

    def test_an_imported_file_replaces_all(self):
        """The reason why 1.x gets none; the day this fails the page can be shorter."""
        if self.version != 1:
            self.skipTest("containerd %d.x" % self.version)
        drop_in = self.file("50.toml", block("containerd 1"))
        main = "version = 2\nimports = [\"%s\"]\n[plugins.\"%s\"]\n  sandbox_image = \"registry/pause:1\"\n" % (drop_in, CRI)
        self.assertNotEqual(self.dump(main)["plugins"][CRI]["sandbox_image"], "registry/pause:1")

    def test_the_base_specification(self):
        if not shutil.which("jq") or not shutil.which("ctr"):
            self.skipTest("jq or ctr is not installed")
        [text] = re.findall(r"^ctr oci spec .*?^```$", pages(), re.M | re.S)
        hooks = self.file("hooks.json", '{"hooks":{"createRuntime":[{"path":"/x"}]}}')
        spec = os.path.join(self.tmp, "spec.json")
        text = text[:-3].replace("/usr/share/seccomp-guard/base-runtime-hooks.json", hooks)
        done = command(["sh", "-euc", text.replace("/etc/containerd/seccomp-guard-spec.json", spec)])
        self.assertStatus(done, 0)
        with open(spec, encoding="utf-8") as f:
            spec = json.load(f)
        self.assertEqual(spec["hooks"], {"createRuntime": [{"path": "/x"}]})
        self.assertNotIn("rlimits", spec["process"])
        self.assertIn("namespaces", spec["linux"])


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Docker(engine.Docker):
    """There and back: the default is changed by a reload, and what was started with it can be stopped all the time."""

    def reload(self, **keys):
        path = os.path.join(self.tmp, "daemon.json")
        with open(path, encoding="utf-8") as f:
            config = json.load(f)
        config["runtimes"] = {**config["runtimes"], **keys.pop("runtimes", {})}
        config.update(keys)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(config, f)
        with open(os.path.join(self.tmp, "docker", "pid"), encoding="ascii") as f:
            os.kill(int(f.read()), signal.SIGHUP)
        self.await_default(config["default-runtime"])

    def await_default(self, name):
        def default():
            return command(["docker", "info", "-f", "{{.DefaultRuntime}}"], env=self.env).text.strip()

        self.assertTrue(guardtest.until(lambda: default() == name), "the default stays %s" % default())

    def plain(self, *args, command_line=("/bin/probe",)):
        """Without a word on the runtime, as users do it."""
        return command(["docker", *args, "--network", "none", "--security-opt=seccomp=unconfined", "probe", *command_line],
                       env=self.env)

    def runtime_of(self, name):
        return command(["docker", "inspect", "-f", "{{.HostConfig.Runtime}}", name], env=self.env).text.strip()

    def test_there_and_back(self):
        self.reload(**json.loads(WRAPPED.sub(self.wrapper, block("docker"))))
        self.assertConfined(self.plain("run", "--rm"))
        self.assertStatus(self.plain("run", "-d", "--name", "old", command_line=("/bin/probe", "pause")), 0)
        # Only the default goes back. (The system's runc may not start containers here.)
        self.reload(**{"default-runtime": "tested"})
        self.assertUnconfined(self.plain("run", "--rm"))
        self.assertEqual(self.runtime_of("old"), "seccomp-guard")
        self.assertConfined(command(["docker", "exec", "old", "/bin/probe"], env=self.env))
        for args in (("restart", "-t", "0", "old"), ("stop", "-t", "0", "old"), ("rm", "old")):
            self.assertStatus(command(["docker", *args], env=self.env), 0)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Podman(engine.Podman):
    def configure(self, text):
        with open(self.env["CONTAINERS_CONF"], "w", encoding="utf-8") as f:
            f.write(text)

    def plain(self, *args, command_line=()):
        argv = [*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, self.path, "--tmpdir", self.tmp + "/tmp", *args]
        if args[0] == "run":
            argv += ["--network", "none", "--security-opt=seccomp=unconfined", "--rootfs", self.rootfs, *command_line]
        return command(argv, env=self.env)

    def test_there_and_back(self):
        with open(self.env["CONTAINERS_CONF"], encoding="utf-8") as f:
            base = f.read()
        # Into the file of the test, whose own list of names goes.
        base = re.sub(r"^runtime_supports_json.*\n", "", base, flags=re.M)
        ours = WRAPPED.sub(self.wrapper, block("podman"))
        head, runtimes = ours.split("[engine.runtimes]\n")
        there = base.replace("[engine]\n", head).replace("[engine.runtimes]\n", "[engine.runtimes]\n" + runtimes)
        self.configure(there)
        info = self.plain("info", "-f", "{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}")
        self.assertEqual(info.text.split(), ["seccomp-guard", self.wrapper])
        name = self.container_id()
        self.assertConfined(self.plain("run", "--rm", command_line=["/bin/probe"]), "containers")
        self.assertStatus(self.plain("run", "-d", "--name", name, command_line=["/bin/probe", "pause"]), 0)
        # By its registered name it gets --log, so that a refusal is shown as the runtime's error.
        self.set_policy(mode="deny")
        done = self.plain("run", "--rm", command_line=["/bin/probe"])
        self.assertNotEqual(done.status, 0)
        self.assertIn("OCI runtime error", done.error)
        self.assertIn('"mode": "deny"', done.error)
        # The default alone goes back.
        self.configure(re.sub(r"^runtime = .*$", 'runtime = "tested"', there, flags=re.M))
        self.assertUnconfined(self.plain("run", "--rm", command_line=["/bin/probe"]))
        shown = self.plain("inspect", "-f", "{{.OCIRuntime}}", name)
        self.assertEqual(shown.text.strip(), "seccomp-guard")
        self.assertConfined(self.plain("exec", name, "/bin/probe"), "containers")
        for args in (("stop", "-t", "0", name), ("rm", name)):
            self.assertStatus(self.plain(*args), 0)


if __name__ == "__main__":
    guardtest.main()
