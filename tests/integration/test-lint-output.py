#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How seccomp-guard lint tells what it has found."""

import json
import os
import re
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
        names = [os.path.join(CORPUS, name) for name in sorted(os.listdir(CORPUS)) if name.endswith(".yaml")]
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


HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"

# What comes of a manifest: (before, after); of HEAD and these lines. None: nothing is certain, so nothing is changed.
MENDED = (
    ("spec:\n  containers:\n  - name: app\n",
     "spec:\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n  containers:\n  - name: app\n"),
    # Comments stay with what they stand above, and blank lines where they are.
    ("spec: # mine\n\n    # the app\n    containers: # one\n    - name: app\n",
     "spec: # mine\n    securityContext:\n      seccompProfile:\n        type: RuntimeDefault\n\n    # the app\n    containers: # one\n    - name: app\n"),
    # Indentation is that of the neighbors.
    ("spec:\n    nodeSelector:\n        a: b\n    containers:\n    - name: app\n",
     "spec:\n    securityContext:\n        seccompProfile:\n            type: RuntimeDefault\n    nodeSelector:\n        a: b\n    containers:\n    - name: app\n"),
    ("spec:\n  containers:\n  - name: app\n  securityContext:\n    runAsUser: 1 # me\n",
     "spec:\n  containers:\n  - name: app\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n    runAsUser: 1 # me\n"),
    ("spec:\n  containers: [{name: app}]\n  securityContext: {runAsUser: 1}\n",
     "spec:\n  containers: [{name: app}]\n  securityContext: {seccompProfile: {type: RuntimeDefault}, runAsUser: 1}\n"),
    ("spec:\n  containers: [{name: app}]\n  securityContext: { }\n",
     "spec:\n  containers: [{name: app}]\n  securityContext: {seccompProfile: {type: RuntimeDefault} }\n"),
    ("spec:\n  containers: [{name: app}]\n  securityContext:\n", "spec:\n  containers: [{name: app}]\n  securityContext: {seccompProfile: {type: RuntimeDefault}}\n"),
    ("spec:\n  containers: [{name: app}]\n  securityContext: ~ # none\n",
     "spec:\n  containers: [{name: app}]\n  securityContext: {seccompProfile: {type: RuntimeDefault}} # none\n"),
    ("spec:\n  securityContext:\n    seccompProfile: null\n  containers: [{name: app}]\n",
     "spec:\n  securityContext:\n    seccompProfile: {type: RuntimeDefault}\n  containers: [{name: app}]\n"),
    ("spec: {containers: [{name: app}]}\n", "spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: app}]}\n"),
    ("spec: {\n  containers: [{name: app}]}\n", "spec: {\n  securityContext: {seccompProfile: {type: RuntimeDefault}},\n  containers: [{name: app}]}\n"),
    # The type, in all its spellings.
    ("spec:\n  containers:\n  - name: app\n    securityContext: {seccompProfile: {type: Unconfined}}\n",
     "spec:\n  containers:\n  - name: app\n    securityContext: {seccompProfile: {type: RuntimeDefault}}\n"),
    ("spec:\n  containers:\n  - name: app\n    securityContext: {seccompProfile: {type: 'Unconfined' }}\n",
     "spec:\n  containers:\n  - name: app\n    securityContext: {seccompProfile: {type: 'RuntimeDefault' }}\n"),
    ("spec:\n  securityContext: {seccompProfile: {type: \"runtimedefault\"}}\n  containers: [{name: a}, {name: b}]\n",
     "spec:\n  securityContext: {seccompProfile: {type: \"RuntimeDefault\"}}\n  containers: [{name: a}, {name: b}]\n"),
    # Of a pod in which a container is meant as it is, the others alone.
    ("spec:\n  containers:\n  - name: old # seccomp-guard: ignore no-profile it is old\n  - name: new # the new one\n  - image: x\n    name: newer\n",
     "spec:\n  containers:\n  - name: old # seccomp-guard: ignore no-profile it is old\n  - name: new # the new one\n    securityContext:\n"
     "      seccompProfile:\n        type: RuntimeDefault\n  - image: x\n    securityContext:\n      seccompProfile:\n        type: RuntimeDefault\n    name: newer\n"),
    ("spec:\n  securityContext: {seccompProfile: {type: Unconfined}}\n  containers:\n  - name: a\n  - name: b # seccomp-guard: ignore unconfined it is old\n", None),
    # What is shared or merged may be meant for others, too.
    ("spec:\n  initContainers: [{name: a, securityContext: &c {runAsUser: 1}}]\n  securityContext: *c\n  containers: [{name: app}]\n", None),
    ("x: &x {securityContext: {runAsUser: 1}}\nspec:\n  <<: *x\n  containers: [{name: app}]\n", None),
    ("x: &x {runAsUser: 1}\nspec:\n  securityContext: {<<: *x}\n  containers: [{name: app}]\n",
     "x: &x {runAsUser: 1}\nspec:\n  securityContext: {seccompProfile: {type: RuntimeDefault}, <<: *x}\n  containers: [{name: app}]\n"),
    ("spec:\n  securityContext: {runAsUser: 1}\n  securityContext: {runAsUser: 2}\n  containers: [{name: app}]\n", None),
    ("spec:\n  ? containers\n  : [{name: app}]\n", None),
    ("spec:\n  securityContext: &c\n    runAsUser: 1\n  containers: [{name: app}]\n",
     "spec:\n  securityContext: &c\n    seccompProfile:\n      type: RuntimeDefault\n    runAsUser: 1\n  containers: [{name: app}]\n"),
    ("spec:\n  securityContext: !!map {}\n  containers: [{name: app}]\n", None),
    ("spec:\n  securityContext: {seccompProfile: {type: !!str Unconfined}}\n  containers: [{name: app}]\n", None),
    ("spec:\n  securityContext: {seccompProfile: {type: \"Un\\x63onfined\"}}\n  containers: [{name: app}]\n", None),
    # What is not mended: what it is meant to be is not known.
    ("spec:\n  containers: [{name: app, securityContext: {privileged: true}}]\n", None),
    ("spec:\n  securityContext: {seccompProfile: {type: Localhost}}\n  containers: [{name: app}]\n", None),
)


# The same of a service of a compose file.
SERVICES = (
    ("    security_opt:\n      - seccomp:unconfined\n", ""),
    ("    security_opt: # mine\n    - 'seccomp=unconfined'\n    - seccomp=unconfined\n    ports: []\n", "    ports: []\n"),
    ("    security_opt:\n      - no-new-privileges:true\n      - \"seccomp=unconfined\" # for gdb\n    # below\n    ports: []\n",
     "    security_opt:\n      - no-new-privileges:true\n    # below\n    ports: []\n"),
    ("    security_opt: [ seccomp=unconfined ] # x\n", "    security_opt: [  ] # x\n"),
    ("    security_opt: [a=b, 'seccomp=unconfined']\n", "    security_opt: [a=b]\n"),
    ("    security_opt: [\n      \"seccomp=unconfined\",\n      a=b]\n", "    security_opt: [\n      a=b]\n"),
    # A comment may be meant for what is left; a profile beside it may be meant, too; a variable is not known.
    ("    security_opt:\n      # debugging\n      - seccomp=unconfined\n", None),
    ("    security_opt: [a=b, # x\n      seccomp=unconfined]\n", None),
    ("    security_opt:\n      - seccomp=builtin\n      - seccomp=unconfined\n", None),
    ("    security_opt: ['seccomp=${X:-unconfined}']\n", None),
    ("    security_opt: [seccomp=unconfined, seccomp=unconfined, a=b]\n", None),
    ("    security_opt: &o [seccomp=unconfined]\n    x: *o\n", None),
    ("    <<: {security_opt: [seccomp=unconfined]}\n", None),
    ("    security_opt:\n      - seccomp=unconfined\n    privileged: true\n", None),
    ("    security_opt: [!!str seccomp=unconfined]\n", "    security_opt: []\n"),
)

# And of a quadlet.
UNITS = (
    ("SeccompProfile=unconfined\nPull=never\n", "Pull=never\n"),
    ("SeccompProfile = unconfined \nSeccompProfile=unconfined\n", ""),
    ("PodmanArgs=--security-opt=seccomp=unconfined\nPodmanArgs=--security-opt seccomp:unconfined\n", ""),
    ("PodmanArgs=--a --security-opt seccomp=unconfined --b\n", "PodmanArgs=--a --b\n"),
    ("PodmanArgs=--a  --security-opt=seccomp=unconfined\n", "PodmanArgs=--a\n"),
    ("PodmanArgs= --security-opt=seccomp=unconfined  --b\n", "PodmanArgs= --b\n"),
    ("SeccompProfile=unconfined\nPodmanArgs=--security-opt seccomp=unconfined\n", ""),
    ("SeccompProfile=/a.json\nPodmanArgs=--security-opt seccomp=unconfined\n", None),
    ("SeccompProfile=\\\nunconfined\n", None),
    ("PodmanArgs=\"--security-opt=seccomp=unconfined\"\n", None),
    ("PodmanArgs=--a \\\n --security-opt=seccomp=unconfined\n", None),
    ("PodmanArgs=--security-opt=seccomp=unconfined --security-opt=seccomp=unconfined\n", None),
    ("SeccompProfile=unconfined\nPodmanArgs=--privileged\n", None),
    ("SeccompProfile=unconfined\n" * 9, None),
)


@guardtest.needs_cli
class Fix(Lint):
    def test_engines(self):
        compose, unit = "services:\n  s:\n    image: x\n%s", "[Container]\nImage=x\n%s[Service]\nSeccompProfile=unconfined\n"
        for name, head, rows in (("compose.yaml", compose, SERVICES), ("a.container", unit, UNITS)):
            for before, want in rows:
                for newline in ("\n", "\r\n"):
                    with self.subTest(before=before, newline=newline):
                        text, after = (((head % x) if x is not None else None) for x in (before, want))
                        got, done = self.fix(text.replace("\n", newline).encode(), name)
                        self.assertEqual(got, (text if after is None else after).replace("\n", newline).encode())
                        found = re.findall(r"\[(engine-\w+)\]\n    (by hand: )?", done.stderr.decode())
                        self.assertEqual((done.returncode, [h for _, h in found]),
                                         (1, [] if after is not None else ["by hand: "]), done)

    def test_a_compose_file_in_json(self):
        before = json.dumps({"services": {"a": {"image": "x", "security_opt": ["seccomp=unconfined", "a=b"]},
                                          "b": {"image": "x", "security_opt": ["seccomp=unconfined"]}}}, indent=2)
        got, _ = self.fix(before, "compose.json")
        self.assertEqual([s["security_opt"] for s in json.loads(got)["services"].values()], [["a=b"], []])

    def test_what_a_comment_suppresses_stays(self):
        before = "services:\n  s:\n    image: x\n    security_opt:\n      - seccomp=unconfined # seccomp-guard: ignore engine-unconfined mine\n"
        got, done = self.fix(before, "compose.yaml")
        self.assertEqual((got, done.returncode), (before.encode(), 0))

    def fix(self, before, name="a.yaml"):
        """(the text that patch(1) makes of it, what lint --fix printed)."""
        path = self.file(name, before)
        done = subprocess.run([CLI, "lint", "--fix", name], cwd=self.tmp, capture_output=True, check=False)
        if not done.stdout:
            return before if isinstance(before, bytes) else before.encode(), done
        patched = subprocess.run(["patch", "-p0", "--posix"], cwd=self.tmp, input=done.stdout, capture_output=True, check=False)
        self.assertEqual(patched.returncode, 0, (patched, done.stdout))
        with open(path, "rb") as f:
            return f.read(), done

    def test_names_that_patch_does_not_take(self):
        """patch(1) leaves them alone, and whoever pipes the difference into it learns that before."""
        os.mkdir(os.path.join(self.tmp, "sub"))
        self.file("sub/a.yaml", HEAD + MENDED[0][0])
        os.symlink("sub/a.yaml", os.path.join(self.tmp, "link.yaml"))
        for name, word in (("sub/a.yaml", None), ("./sub//a.yaml", None), ("../%s/sub/a.yaml" % os.path.basename(self.tmp), '".."'),
                           (os.path.join(self.tmp, "sub", "a.yaml"), "absolute"), ("link.yaml", "symbolic link")):
            with self.subTest(name=name):
                done = subprocess.run([CLI, "lint", "--fix", name], cwd=self.tmp, capture_output=True, check=False)
                self.assertEqual(done.returncode, 1)
                patched = subprocess.run(["patch", "-p0", "--dry-run", "--force"], cwd=self.tmp, input=done.stdout, capture_output=True,
                                         check=False)
                self.assertEqual(patched.returncode != 0, word is not None, patched)
                self.assertEqual("patch -p0 changes no file" in done.stderr.decode(), word is not None)
                self.assertIn(word or "", done.stderr.decode())

    def test_each(self):
        for i, change in enumerate((str, lambda x: x.replace("\n", "\r\n"), lambda x: "\ufeff" + x, lambda x: "# \u00e9\U0001f600\n" + x,
                                    lambda x: x + "---\n" + x, lambda x: x.rstrip("\n"), lambda x: "---\na: |\n  x\n" + x)):
            texts = {os.path.join(str(i), "%d.yaml" % n): (change(HEAD + before), change(HEAD + (after or before)), after is None)
                     for n, (before, after) in enumerate(MENDED)}
            os.makedirs(os.path.join(self.tmp, str(i)))
            for name, (before, _, _) in texts.items():
                self.file(name, before)
            done = subprocess.run([CLI, "lint", "--fix", str(i)], cwd=self.tmp, capture_output=True, check=False)
            self.assertEqual(done.returncode, 1)
            subprocess.run(["patch", "-p0", "--posix"], cwd=self.tmp, input=done.stdout, capture_output=True, check=True)
            left = [os.path.relpath(f["path"], self.tmp) for f in self.lint(os.path.join(self.tmp, str(i)), status=1)[0]]
            # What is left is told beside the difference.
            self.assertEqual(sum(b": error: " in line for line in done.stderr.splitlines()), len(left))
            for name, (before, after, nothing) in texts.items():
                with self.subTest(text=before):
                    with open(os.path.join(self.tmp, name), "rb") as f:
                        self.assertEqual(f.read().decode(), after)
                    self.assertEqual(b"+++ %s\n" % name.encode() in done.stdout, not nothing)
                    self.assertEqual(name in left, nothing)

    def test_json(self):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\u00e9/\U0001f600"}, "spec": {"containers": [{"name": "app"}]}}
        want = {**pod, "spec": {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "app"}]}}
        empty = {**pod, "spec": {**pod["spec"], "securityContext": {}}}
        null = {**pod, "spec": {**pod["spec"], "securityContext": {"seccompProfile": None}}}
        for manifest in (pod, empty, null):
            for how in ({"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {}, {"ensure_ascii": False}):
                got, _ = self.fix(json.dumps(manifest, **how), "a.json")
                self.assertEqual(json.loads(got), want)

    def test_the_corpus(self):
        """Nothing that can be mended is left, and all that is not mended is as it was, byte by byte."""
        left = set()
        for name in sorted(os.listdir(CORPUS)):
            if not name.endswith(".yaml"):
                continue
            with open(os.path.join(CORPUS, name), "rb") as f:
                before = f.read()
            after, done = self.fix(before)
            with self.subTest(file=name):
                self.assertEqual(self.fix(after)[1].stdout, b"")
                found = [f["rule"] for f in self.lint("-", stdin=after)[0]]
                self.assertEqual([rule for rule in found if rule in ("no-profile", "unconfined")], [])
                left |= set(found)
                removed = [line[1:] for line in done.stdout.splitlines()[2:] if line.startswith(b"-")]
                self.assertTrue(all(b"Unconfined" in line or b"securityContext: {" in line or b"seccomp" in line or b"untimeDefault" in line.replace(b"d", b"D")
                                    for line in removed), removed)
                kept = after
                for added in (b"securityContext: {seccompProfile: {type: RuntimeDefault}, ", ):
                    kept = kept.replace(added, b"securityContext: {")
                lines = [line for line in kept.splitlines() if line not in removed]
                self.assertGreaterEqual(len(lines), len(before.splitlines()) - len(removed))
        self.assertIn("privileged", left)

    def test_many_in_one_file(self):
        pod = HEAD + "spec:\n  containers:\n  - name: app\n---\n"
        got, done = self.fix(pod * 2000)
        self.assertEqual(got.decode(), (HEAD + MENDED[0][1] + "---\n") * 2000)
        self.assertEqual(done.stdout.count(b"\n-"), 0)

    def test_several_files_and_odd_names(self):
        for name in ("a b.yaml", "\u00e4.yaml", "sub"):
            os.makedirs(os.path.join(self.tmp, "in"), exist_ok=True)
            self.file(os.path.join("in", name + ".yaml"), POD)
        done = subprocess.run([CLI, "lint", "--fix", "in"], cwd=self.tmp, capture_output=True, check=False)
        self.assertEqual(done.stdout.count(b"+++ "), 3)
        subprocess.run(["patch", "-p0"], cwd=self.tmp, input=done.stdout, check=True, capture_output=True)
        self.assertEqual(self.lint(os.path.join(self.tmp, "in"), status=0)[0], [])
        self.assertEqual(done.returncode, 1)
        again = subprocess.run([CLI, "lint", "--fix", "in"], cwd=self.tmp, capture_output=True, check=False)
        self.assertEqual((again.returncode, again.stdout), (0, b""))

    def test_what_cannot_be_read(self):
        got, done = self.fix("a: [b\n")
        self.assertEqual((got, done.stdout, done.returncode, done.stderr.count(b"no YAML")), (b"a: [b\n", b"", 2, 1))
        _, done = self.fix(POD.encode("utf-16"))
        self.assertEqual((done.stdout, done.returncode), (b"", 1))

    def test_not_with_others(self):
        for more in ("--json", "--sarif", "--kics"):
            self.assertIn("exclude each other", self.cli("lint", "--fix", more, "-").error)


if __name__ == "__main__":
    guardtest.main()
