# SPDX-License-Identifier: Apache-2.0
"""What the tests of seccomp-guard lint share."""

import json
import os

import guardtest


class Lint(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.profiles = os.path.join(self.tmp, "profiles")
        os.makedirs(os.path.join(self.profiles, "deep"))
        for name in ("there.json", "deep/er.json", "deep/..er.json"):
            self.file("profiles/" + name, "{}")

    def lint(self, *args, stdin=b"", status=None):
        done = self.cli("lint", "--json", *args, stdin=stdin if isinstance(stdin, bytes) else stdin.encode())
        if status is not None:
            self.assertStatus(done, status)
        lines = [json.loads(x) for x in done.text.splitlines()]
        told = [json.loads(x) for x in done.error.splitlines()]
        self.warnings = [x["warning"] for x in told if "warning" in x]
        return lines[:-1], lines[-1], [x["error"] for x in told if "error" in x]

    def rules(self, text, *args):
        """(line, rule) of each finding in a text."""
        found, _, errors = self.lint(*args, "-", stdin=text)
        self.assertEqual(errors, [])
        return [(f["line"], f["rule"]) for f in found]

    def error(self, text):
        """Of a text that cannot be read."""
        _, _, errors = self.lint("-", stdin=text, status=2)
        self.assertEqual(len(errors), 1)
        return errors[0]
