#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/ci: what is there for pipelines is YAML, and its commands do what they are there for."""

import json
import os
import re
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI, SRCDIR, command  # noqa: E402

HERE = os.path.join(SRCDIR, "contrib", "ci")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  securityContext: {seccompProfile: {type: %s}}\n  containers:\n  - name: app\n"


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def listed(text, key):
    """The elements of the list `key`, each a line."""
    block = re.search(r"^( *)%s:\n((?:\1  - .*\n)+)" % key, text, re.M)
    return [line.strip()[2:] for line in block[2].splitlines()]


def blocks(text, key):
    """The values of `key` that are written as blocks: |."""
    return [textwrap.dedent(m[2]) for m in re.finditer(r"^( *)%s: \|\n((?:\1  .*\n)+)" % key, text, re.M)]


@guardtest.needs_cli
class Ci(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.tmp, "bin")
        os.mkdir(self.bin)
        os.symlink(CLI, os.path.join(self.bin, "seccomp-guard"))
        self.env = {**os.environ, "PATH": self.bin + ":" + os.environ["PATH"], "GITHUB_ACTION_PATH": HERE}
        self.work = os.path.join(self.tmp, "work dir")
        os.mkdir(self.work)

    def manifest(self, name, kind):
        return self.file(os.path.join("work dir", name), POD % kind)

    def run_script(self, script, **env):
        return command(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=self.work, env={**self.env, **env})

    def check_lint(self, script, **env):
        """The script says what lint says, and leaves SARIF."""
        for kinds, status in ((["RuntimeDefault"], 0), (["RuntimeDefault", "Unconfined"], 1), (["RuntimeDefault", "Unconfined", "{{"], 2)):
            for i, kind in enumerate(kinds):
                self.manifest("%d.yaml" % i, kind)
            done = self.run_script(script, **env)
            self.assertStatus(done, status)
            with open(os.path.join(self.work, "seccomp-guard.sarif"), encoding="utf-8") as f:
                [run] = json.load(f)["runs"]
            self.assertEqual(run["invocations"][0]["exitCode"], status)
            self.assertEqual(done.text.count("[unconfined]"), len(run["results"]))

    def test_all_are_yaml(self):
        for name in ("action.yml", "gitlab-ci.yml", "pre-commit-hooks.yaml"):
            done = self.cli("lint", os.path.join(HERE, name))
            self.assertStatus(done, 0)
            self.assertIn("ignored: 1 other document", done.text)

    def test_the_action(self):
        text = read("action.yml")
        install, lint = blocks(text, "run")
        self.assertStatus(self.run_script(install), 0)
        env = dict(re.findall(r"^        (\w+): \$\{\{ inputs\.(\w+) \}\}$", text, re.M))
        self.assertEqual(env, {"PATHS": "paths", "SARIF": "sarif"})
        self.check_lint(lint, PATHS=re.search(r"default: (\.)$", text, re.M)[1], SARIF=re.search(r"default: (\S+\.sarif)", text)[1])
        self.manifest("3.yaml", "Unconfined")
        self.assertStatus(self.run_script(lint, PATHS="0.yaml 3.yaml", SARIF="x.sarif"), 1)
        self.assertStatus(self.run_script(lint, PATHS="0.yaml", SARIF="x.sarif"), 0)

    def test_names_are_no_commands(self):
        """What a pull request brings is printed where the runner takes no commands."""
        self.manifest("::error::x.yaml", "Unconfined")
        self.manifest("2.yaml", "{{")
        done = self.run_script(blocks(read("action.yml"), "run")[1], PATHS="::error::x.yaml 2.yaml", SARIF="x.sarif")
        self.assertStatus(done, 2)
        first, *lines, last = done.text.splitlines()
        token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", first)[1]
        self.assertEqual((last, done.error), ("::%s::" % token, ""))
        self.assertTrue(any(line.startswith("::error::x.yaml:") for line in lines), lines)

    def test_the_job(self):
        text = read("gitlab-ci.yml")
        self.assertEqual(listed(text, "before_script")[-1], "/tmp/seccomp-guard/contrib/ci/install")
        self.check_lint("\n".join(listed(text, "script")), SECCOMP_GUARD_PATHS=".")

    def test_the_hook(self):
        text = read("pre-commit-hooks.yaml")
        self.assertEqual(os.path.realpath(os.path.join(SRCDIR, ".pre-commit-hooks.yaml")), os.path.join(os.path.realpath(HERE), "pre-commit-hooks.yaml"))
        words = re.search(r"^  entry: (.*)$", text, re.M)[1]
        bad = self.manifest("a.yaml", "Unconfined")
        self.assertStatus(self.run_script(words + ' "%s"' % bad), 1)
        self.assertStatus(self.run_script(words + ' "%s"' % self.manifest("b.yml", "RuntimeDefault")), 0)
        files, exclude = (re.compile(re.search(r"^  %s: '(.*)'" % key, text, re.M)[1]) for key in ("files", "exclude"))
        for name, taken in (("a.yaml", True), ("b/c.yml", True), ("d.json", True), ("e.container", True),
                            ("e.pod", True), ("e.build", True), ("yaml", False), ("f.yaml.txt", False),
                            ("chart/templates/x.yaml", False), ("templates/x.yaml", False), ("mytemplates/x.yaml", True)):
            self.assertEqual(bool(files.search(name)) and not exclude.search(name), taken, name)

    def test_installing(self):
        """What it installs is what building needs, and where the command is there already, nothing."""
        script = read("install")
        own = set(re.search(r'^packages="(.*)"$', script, re.M)[1].split())
        with open(os.path.join(SRCDIR, "contrib", "kubernetes", "Dockerfile"), encoding="utf-8") as f:
            image = re.search(r"--no-install-recommends (.*?)\nCOPY", f.read(), re.S)[1].replace("\\\n", " ").split()
        self.assertEqual(own, set(image))
        done = command([os.path.join(HERE, "install"), self.work], env={**self.env})
        self.assertEqual((done.status, done.out, os.listdir(self.work)), (0, b"", []))


if __name__ == "__main__":
    guardtest.main()
