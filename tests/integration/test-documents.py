#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people give to check, explain, diff and profile: what it is is recognized, and what it is not is said."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import STRICT  # noqa: E402

ID = "0123456789abcdef" * 4
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}

# name: (text, what it is, what to give instead)
OTHERS = {
    "podman inspect": ([{"Id": ID, "OCIConfigPath": "/var/lib/x/config.json", "HostConfig": {"Privileged": False}}],
                       "is what podman inspect prints", "OCIConfigPath: /var/lib/x/config.json"),
    "podman inspect of two": ([{"Id": ID, "OCIConfigPath": "/a"}, {"Id": ID, "OCIConfigPath": "/b"}],
                              "is what podman inspect prints", "OCIConfigPath: "),
    "docker inspect": ([{"Id": ID, "State": {}, "HostConfig": {"SecurityOpt": None}}], "is what docker inspect prints",
                       "give the bundle: /run/containerd/io.containerd.runtime.v2.task/moby/" + ID),
    "state": ({"ociVersion": "1.0.2", "id": "x", "pid": 7, "status": "running", "bundle": "/run/b"},
              "is the state of a container", "give its bundle: /run/b"),
    "manifest": ({"apiVersion": "v1", "kind": "Pod", "spec": {}}, "is a Kubernetes manifest", "see seccomp-guard lint, or give what crictl inspect"),
    "manifest in YAML": ("# a pod\napiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n", "is a Kubernetes manifest", "see seccomp-guard lint, or give what crictl inspect"),
    "image": ({"schemaVersion": 2, "config": {}, "layers": []}, "is the manifest of an image", "bundle"),
    "policy": ({"mode": "audit", "rules": []}, "is a policy", "seccomp-guard policy check"),
    "policy with comments": ("// mine\n{ /* x */ \"mode\": \"audit\" }", "is a policy", "seccomp-guard policy check"),
}


class DocumentCase(guardtest.Case):
    def write(self, content):
        return self.file("document", content if isinstance(content, str) else json.dumps(content))

    def assertInputError(self, done, *texts):
        self.assertEqual((done.status, done.out), (2, b""), done)
        self.assertEqual(len(done.error.splitlines()), 1)
        for text in texts:
            self.assertIn(text, done.error)


@guardtest.needs_cli
class Others(DocumentCase):
    def test_what_is_no_configuration(self):
        for name, (content, what, instead) in OTHERS.items():
            with self.subTest(name):
                path = self.write(content)
                for args in (["check", path], ["policy", "explain", path], ["explain", path, "read"], ["diff", path, "moby"]):
                    self.assertInputError(self.cli(*args), path + ": " + what + " and no configuration; ", instead)
                with open(path, "rb") as f:
                    self.assertInputError(self.cli("check", "-", stdin=f.read()), "-: " + what)
                self.assertInputError(self.cli("profile", path), path + ": " + what + " and no profile")
                told = json.loads(self.cli("check", "--json", path).err)
                self.assertEqual((told["command"], told["error"].startswith(path + ": " + what)), ("check", True))

    def test_a_profile_for_a_configuration(self):
        path = self.write(PROFILE)
        for args in (["check", path], ["policy", "explain", path]):
            self.assertInputError(self.cli(*args), "is a seccomp profile and no configuration; see seccomp-guard profile, explain")
        self.assertStatus(self.cli("explain", path, "mount"), 0)
        self.assertStatus(self.cli("profile", path), 0)

    def test_a_configuration_for_a_profile(self):
        self.assertInputError(self.cli("profile", os.path.join(self.bundle(seccomp=STRICT).path, "config.json")),
                              "is a configuration and no profile; see seccomp-guard explain and diff")

    def test_in_a_bundle_it_is_what_the_runtime_finds(self):
        for content, _, _ in OTHERS.values():
            b = self.bundle(raw=(content if isinstance(content, str) else json.dumps(content)).encode())
            done = self.cli("check", "--policy", self.policy(), b.path)
            self.assertStatus(done, 1)
            self.assertIn(": invalid, refuse (invalid)", done.text)

    def test_the_place_is_escaped(self):
        path = self.write([{"Id": ID, "OCIConfigPath": "/\x1b[1m\u009b\n"}])
        self.assertNotRegex(self.cli("check", path).err.decode()[:-1], "[\x00-\x1f\x7f-\x9f]")


@guardtest.needs_cli
class Podman(DocumentCase):
    """The configuration that podman inspect names is judged, if it can be trusted as one in a bundle."""

    def inspect(self, *paths, **kwargs):
        text = json.dumps([{"Id": ID, "OCIConfigPath": path, "HostConfig": {}} for path in paths])
        return self.cli("check", "--json", "--policy", self.policy(), "-", stdin=text.encode(), **kwargs)

    def assertNotFollowed(self, path, *texts):
        done = self.inspect(path)
        self.assertInputError(done, "is what podman inspect prints and no configuration", *texts)

    def test_followed(self):
        for seccomp, finding in ((STRICT, "confined"), (guardtest.ABSENT, "absent")):
            done = self.inspect(os.path.join(self.bundle(seccomp=seccomp).path, "config.json"))
            self.assertEqual(json.loads(done.text)["finding"], finding, done)
            self.assertEqual(done.status, 0 if finding == "confined" else 1)
        self.assertInputError(self.inspect("/a/config.json", "/b/config.json"), "is what podman inspect prints")

    def test_not_followed(self):
        b = self.bundle(seccomp=STRICT)
        path = os.path.join(b.path, "config.json")
        os.chmod(path, 0o666)
        self.assertNotFollowed(path, "is not followed", path)
        os.chmod(path, 0o644)
        os.chmod(b.path, 0o777)
        self.assertNotFollowed(path, "is not followed", path)
        os.chmod(b.path, 0o755)
        os.rename(path, path + ".real")
        os.symlink(path + ".real", path)
        self.assertNotFollowed(path, "is not followed")
        os.unlink(path)
        os.mkfifo(path)
        self.assertNotFollowed(path, "is not followed")
        # Nothing that is no configuration is opened at all.
        for path in ("config.json", "/etc/passwd", b.path + "/../x/config.json.real", "/a\n/config.json", "/" + "x" * 300 + "/config.json", ""):
            done = self.inspect(path)
            self.assertInputError(done, "is what podman inspect prints")
            self.assertNotIn("is not followed", done.error)


@guardtest.needs_cli
class Configurations(DocumentCase):
    """What is near one of the others and a configuration all the same, or a broken one."""

    def finding(self, content):
        done, lines = self.cli("check", "--json", "--policy", self.policy(), self.write(content)), []
        lines = [json.loads(x) for x in done.text.splitlines()]
        self.assertEqual((len(lines), done.err), (1, b""), done)
        return lines[0]["finding"]

    def test_keys_of_others_in_a_configuration(self):
        for more in ({"bundle": "/b"}, {"defaultAction": "x"}, {"apiVersion": "v1", "kind": "Pod"}, {"mode": 1},
                     {"Id": ID, "HostConfig": {}}, {"info": {"runtimeSpec": {}}}, {"schemaVersion": 2}):
            self.assertEqual(self.finding({**bundles.config(seccomp=STRICT), **more}), "confined", more)

    def test_what_crictl_inspect_prints(self):
        config = bundles.config(seccomp=STRICT)
        self.assertEqual(self.finding({"status": {"id": ID}, "info": {"pid": 1, "runtimeSpec": config}}), "confined")

    def test_broken_ones_stay_broken(self):
        for content in ("", "{", "[]", "[1]", "{}", "null", '{"ociVersion": null, "info": {"runtimeSpec": {}}}', '{"linux": {}}',
                        '{"ociVersion": "1", "ociVersion": "1"}', "apiVersion"):
            self.assertEqual(self.finding(content), "invalid", content)


@guardtest.needs_cli
class Warnings(DocumentCase):
    """What `profile` says of a file beside printing it."""

    def warned(self, content, *more):
        done = self.cli("profile", *more, self.write(content))
        self.assertStatus(done, 0)
        self.assertTrue(done.out)
        # What lint says of nearly every profile that tests are short with.
        return [x for x in done.error.splitlines() if "[allows-by-default]" not in x and "[no-architectures]" not in x]

    def test_each(self):
        self.assertEqual(self.warned(PROFILE), [])
        for content, text in (({"defaultAction": "SCMP_ACT_LOG"}, "every call runs under this profile: seccomp-guard takes a container with it for unconfined"),
                              ({**PROFILE, "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_KILL"}]},
                               "no container starts with it: it denies execve"),
                              ({**PROFILE, "syscalls": [{"names": ["mountt", "mount"], "action": "SCMP_ACT_ERRNO"}]},
                               "does not know: mountt")):
            lines = self.warned(content)
            self.assertTrue(all(x.startswith("seccomp-guard: warning: %s/document:" % self.tmp) for x in lines))
            self.assertEqual(len([x for x in lines if text in x]), 1, lines)
            told = [json.loads(x) for x in self.warned(content, "--json")]
            self.assertTrue(all(set(x) == {"warning", "command"} for x in told))
            self.assertEqual(len([x for x in told if text in x["warning"]]), 1)

    def test_what_lint_says(self):
        """The same, at the same places, but for notes; not of what was meant to be changed in a flavor."""
        content = json.dumps({**PROFILE, "arg": [], "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
            {"names": ["bpf", "clone3"], "action": "SCMP_ACT_ERRNO"}, {"names": ["bpf"], "action": "SCMP_ACT_KILL"}]}, indent=1)
        path = self.write(content)
        linted = [json.loads(x) for x in self.cli("lint", "--json", "--arch", "x86_64", path).text.splitlines()[:-1]]
        self.assertIn("never-counts", [x["rule"] for x in linted])
        want = ["seccomp-guard: warning: %s:%d:%d: %s [%s]" % (path, x["line"], x["column"], x["text"], x["rule"])
                for x in linted if x["severity"] != "note"]
        self.assertEqual(self.cli("profile", "--arch", "x86_64", path).error.splitlines(), want)
        self.assertEqual(self.cli("profile", "--allow", "bpf").error, "")


if __name__ == "__main__":
    guardtest.main()
