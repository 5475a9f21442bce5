#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How seccomp-guard lint tells what it has found."""

import json
import os
import pty
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI, DATA  # noqa: E402
from lintcase import Lint  # noqa: E402

CORPUS = os.path.join(DATA, "lint")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: app\n"

# SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json), as far as lint uses it: for each object what must be there and what else may, and
# of what kind. A word is another object, a list one of such things.
LEVEL = ("none", "note", "warning", "error")
SHAPES = {
    "log": ({"version": ("2.1.0",), "runs": ["run"]}, {"$schema": str}),
    "run": ({"tool": "tool"}, {"results": ["result"], "invocations": ["invocation"], "columnKind": ("utf16CodeUnits", "unicodeCodePoints")}),
    "tool": ({"driver": "driver"}, {}),
    "driver": ({"name": str}, {"version": str, "rules": ["rule"]}),
    "rule": ({"id": str}, {"shortDescription": "text", "help": "text", "defaultConfiguration": "configuration"}),
    "text": ({"text": str}, {}),
    "configuration": ({}, {"level": LEVEL}),
    "result": ({"message": "text"}, {"ruleId": str, "ruleIndex": 0, "level": LEVEL, "locations": ["location"], "suppressions": ["suppression"]}),
    "location": ({}, {"physicalLocation": "physical"}),
    "physical": ({"artifactLocation": "artifact"}, {"region": "region"}),
    "artifact": ({"uri": str}, {}),
    "region": ({"startLine": 1}, {"startColumn": 1}),
    "suppression": ({"kind": ("inSource", "external")}, {"justification": str}),
    "invocation": ({"executionSuccessful": bool}, {"exitCode": 0, "toolExecutionNotifications": ["notification"]}),
    "notification": ({"message": "text"}, {"level": LEVEL, "locations": ["location"]}),
}


@guardtest.needs_cli
class Sarif(Lint):
    def holds(self, value, shape, where):
        if isinstance(shape, list):
            self.assertIsInstance(value, list, where)
            for i, element in enumerate(value):
                self.holds(element, shape[0], "%s[%d]" % (where, i))
        elif isinstance(shape, tuple):
            self.assertIn(value, shape, where)
        elif isinstance(shape, int):
            self.assertIsInstance(value, int, where)
            self.assertGreaterEqual(value, shape, where)
        elif isinstance(shape, type):
            self.assertIsInstance(value, shape, where)
        else:
            needed, more = SHAPES[shape]
            self.assertIsInstance(value, dict, where)
            self.assertEqual(set(needed) - set(value), set(), where)
            self.assertEqual(set(value) - set(needed) - set(more), set(), where)
            for key, x in value.items():
                self.holds(x, {**needed, **more}[key], where + "." + key)

    def sarif(self, *args, status, stdin=b""):
        done = self.cli("lint", "--sarif", *args, stdin=stdin)
        self.assertStatus(done, status)
        log = json.loads(done.text)
        self.holds(log, "log", "log")
        [run] = log["runs"]
        for result in run["results"]:
            self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], result["ruleId"])
        return run, done

    def test_the_same_findings(self):
        names = [os.path.join(CORPUS, name) for name in sorted(os.listdir(CORPUS))]
        found, _, _ = self.lint(*names, status=1)
        run, done = self.sarif(*names, status=1)
        told = [r for r in run["results"] if "suppressions" not in r]
        self.assertEqual([(f["rule"], f["line"], f["column"], f["severity"], f["text"]) for f in found],
                         [(r["ruleId"], *(r["locations"][0]["physicalLocation"]["region"][x] for x in ("startLine", "startColumn")),
                           r["level"], r["message"]["text"]) for r in told])
        self.assertEqual(done.error, "")
        self.assertEqual(run["invocations"], [{"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}])

    def test_suppressed_ones_are_there(self):
        run, _ = self.sarif(os.path.join(CORPUS, "suppressed.yaml"), status=1)
        suppressed = [r for r in run["results"] if "suppressions" in r]
        self.assertEqual(len(suppressed), 3)
        self.assertTrue(all(r["suppressions"][0]["justification"] for r in suppressed))

    def test_nothing_found(self):
        run, _ = self.sarif("-", stdin=b"a: b\n", status=0)
        self.assertEqual(run["results"], [])

    def test_what_cannot_be_read(self):
        bad = self.file("bad.yaml", "a: [b\n")
        nowhere = os.path.join(self.tmp, "nowhere")
        run, done = self.sarif(bad, nowhere, "-", stdin=POD.encode(), status=2)
        [invocation] = run["invocations"]
        self.assertFalse(invocation["executionSuccessful"])
        notes = invocation["toolExecutionNotifications"]
        self.assertEqual(notes[0]["locations"][0]["physicalLocation"]["region"], {"startLine": 2, "startColumn": 1})
        self.assertEqual(notes[1]["message"]["text"], "does not exist")
        self.assertEqual(len(done.error.splitlines()), 2)
        self.assertEqual([r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]], ["stdin"])

    def test_places_are_uris(self):
        odd = self.file("\u00e4 b#c%41?.yaml", POD)
        for path, want in ((odd, "file://" + urllib.parse.quote(odd)),):
            run, _ = self.sarif(path, status=1)
            self.assertEqual(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], want)

    def test_nasty_names(self):
        nasty = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "\\e[31m\\x9b\\"\\\\ \\u2028"}\nspec:\n  containers:\n  - name: "\\x07"\n'
        run, done = self.sarif("-", stdin=nasty.encode(), status=1)
        self.assertIn('\x1b[31m\x9b"\\ \u2028', run["results"][0]["message"]["text"])
        self.assertNotRegex(done.out.decode(), "[\x00-\x08\x0b-\x1f\x7f-\x9f]")

    def test_one_format(self):
        self.assertIn("exclude each other", self.cli("lint", "--json", "--sarif", "-").error)


@guardtest.needs_cli
class Progress(Lint):
    def on_terminal(self, *args):
        """What lint prints where its standard error is a terminal, and its standard input lets it wait for a while."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([CLI, "lint", *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs) as p:
            os.close(theirs)
            time.sleep(0.5)
            out = p.communicate(b"")[0]
        seen = b""
        try:
            while more := os.read(ours, 4096):
                seen += more
        except OSError:  # the end of a terminal
            pass
        os.close(ours)
        return out, seen

    def test_on_a_terminal_only(self):
        path = self.file("a.yaml", POD)
        out, seen = self.on_terminal(path, "-", path)
        self.assertEqual(seen, b"\r\x1b[K2 files read\r\x1b[K")
        self.assertEqual((out.count(b"[no-profile]"), b"files read" in out), (2, False))
        for more in (["--json"], ["--sarif"]):
            self.assertEqual(self.on_terminal(*more, path, "-")[1], b"")


if __name__ == "__main__":
    guardtest.main()
