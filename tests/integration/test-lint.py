#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard lint. The manifests in tests/data/lint say in comments what is to be found in each of their lines: "finds: RULE",
and "kics" where KICS' query f377b83e-bd07-4f48-a591-60c82b14a78b has a result."""

import json
import os
import re
import subprocess
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI, DATA, SRCDIR  # noqa: E402
from lintcase import Lint  # noqa: E402

CORPUS = os.path.join(DATA, "lint")
KICS_ID = "f377b83e-bd07-4f48-a591-60c82b14a78b"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: app\n"

ALL = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]


def denying(*names, **more):
    """A profile that lets through all but these, with which containers start."""
    rule = {"names": list(names) or ["reboot"], "action": "SCMP_ACT_ERRNO", **more.pop("rule", {})}
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ALL, "syscalls": [rule], **more}


def allowing(*names, **more):
    return {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ALL,
            "syscalls": [{"names": list(names), "action": "SCMP_ACT_ALLOW"}], **more}


# Profiles, and the rules that find something in them.
CLONE = {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
# Of each release of runc, of crun's run and exec; of each C library whose releases differ.
NOTHING_STARTS = ["c-library"] * 6 + ["hard-start"] * 5
PROFILES = (
    (denying(), []),
    ({**denying(), "architectures": [], "archMap": [{"architecture": ALL[0], "subArchitectures": ALL[1:]}]}, []),
    ({**denying(), "x-author": "somebody", "syscalls": [{**CLONE, "comment": "a word"}]}, []),
    (denying(rule={"includes": {"caps": ["CAP_BPF"], "arches": ["amd64", "x32", "x86"], "minKernel": "4.8"}}), ["restricts-nothing"]),
    (denying(rule={"errno": "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}), []),
    ({**denying(), "architectures": []}, ["no-architectures"]),
    (denying(flags=["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]), ["flags"]),
    (denying(flags=[]), []),
    (denying("execve"), ["no-start"]),
    (denying("getcwd"), ["hard-start"]),
    ({"defaultAction": "SCMP_ACT_LOG", "architectures": ALL}, ["restricts-nothing"]),
    (denying("clone3"), ["clone3"]),
    (denying("clone3", rule={"errnoRet": 38}), []),
    (denying("clone3", rule={"errnoRet": 1}), ["clone3"]),
    (allowing("execve"), sorted(["clone3", *NOTHING_STARTS])),
    (allowing("execve", defaultErrnoRet=38), NOTHING_STARTS),
    (allowing("execve", "clone3"), NOTHING_STARTS),
    (denying("arch_prctl"), ["c-library"] * 4),
    (denying("reboot", "Mkdir", "ptrace "), ["unknown-call", "unknown-call"]),
    (denying(rule={"names": [], "name": "mkdri"}), ["restricts-nothing", "unknown-call"]),
    (denying(rule={"includes": {"arches": ["x86_64"]}}), ["restricts-nothing", "unknown-word"]),
    (denying(rule={"excludes": {"caps": ["SYS_ADMIN"]}}), ["unknown-word"]),
    (denying(rule={"arg": []}), ["unknown-key"]),
    ({**denying(), "syscalls": [{**CLONE, "args": [{**CLONE["args"][0], "valuetwo": 1}]}]}, ["unknown-key"]),
    ({**denying(), "architectures": [], "archMap": [{"architecture": ALL[0], "subarchitectures": ALL[1:]}]}, []),
    ({**denying(rule={"Excludes": {"caps": ["CAP_SYS_ADMIN"]}}), "DefaultErrnoRet": 1}, ["unknown-key", "unknown-key"]),
    ({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ALL, "syscall": []}, ["restricts-nothing", "unknown-key"]),
    ({**denying(), "defaultAction": "SCMP_ACT_ALOW"}, ["invalid-profile"]),
)


# What is found by what a profile means, of which there is more in each of these: test_by_meaning().
NOTES = {"redundant-rule", "newer-call-tried", "beyond-default"}
BY_MEANING = {"never-counts", "redundant-rule", "newer-call", "newer-call-tried", "dangerous-call", "beyond-default",
              "allows-by-default"}


def corpus(name):
    with open(os.path.join(CORPUS, name), encoding="utf-8") as f:
        return f.read()


def marked(text):
    """{line: (rules, has KICS a result)} of the comments."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        m = re.search(r" # (finds: (?P<rules>[\w-]+))?( ?(?P<kics>kics))?$", line)
        if m and (m["rules"] or m["kics"]):
            found[number] = (m["rules"], bool(m["kics"]))
    return found


@guardtest.needs_cli
class Corpus(Lint):
    def test_what_the_comments_say(self):
        seen = set()
        for name in ("annotations", "deployments", "kinds", "levels", "merged", "namespaces", "types"):
            with self.subTest(file=name):
                text = corpus(name + ".yaml")
                want = sorted((line, rules) for line, (rules, _) in marked(text).items() if rules)
                self.assertGreater(len(want), 2)
                self.assertEqual(sorted(self.rules(text, "--root", self.profiles)), want)
                seen |= {rule for _, rule in want}
        with open(os.path.join(SRCDIR, "docs", "seccomp-guard-lint.1"), encoding="utf-8") as f:
            told = set(re.findall(r"^\.It Cm ([\w-]+) Pq", f.read(), re.M))
        seen |= {rule for _, rules in PROFILES for rule in rules} | BY_MEANING | {"bad-suppression", "unused-suppression"}
        # Those of other inputs are looked for there.
        with open(os.path.join(SRCDIR, "tests", "integration", "test-lint-files.py"), encoding="utf-8") as f:
            seen |= set(re.findall(r'"((?:config|policy|engine|invalid)-\w+)"', f.read()))
        self.assertEqual(told, seen)

    def test_kics(self):
        for name in ("annotations", "deployments", "kinds", "namespaces", "types"):
            with self.subTest(file=name):
                text = corpus(name + ".yaml")
                want = sorted((line, KICS_ID) for line, (_, kics) in marked(text).items() if kics)
                self.assertEqual(sorted(self.rules(text, "--kics")), want)

    def test_the_count(self):
        _, total, _ = self.lint(os.path.join(CORPUS, "kinds.yaml"), status=1)
        self.assertEqual(total, {"files": 1, "objects": 13, "containers": 19, "profiles": 0, "policies": 0, "errors": 13, "warnings": 0, "notes": 0,
                                 "suppressed": 0, "windows": 0, "ignored": 3, "skipped": 0})
        _, total, _ = self.lint(os.path.join(CORPUS, "types.yaml"))
        self.assertEqual(total["windows"], 2)

    def test_without_root_files_are_not_looked_for(self):
        self.assertNotIn("localhost-missing", [rule for _, rule in self.rules(corpus("types.yaml"))])
        self.assertIn("no such directory", self.cli("lint", "--root", self.tmp + "/nowhere", "-").error)

    def test_suppressing(self):
        text = corpus("suppressed.yaml")
        found, total, _ = self.lint("-", stdin=text, status=1)
        line = {name: text[:text.index("name: " + name)].count("\n") + 1
                for name in ("no-reason", "slip", "other-rule", "below", "nothing")}
        self.assertEqual(sorted((f["line"], f["rule"]) for f in found), sorted([
            (line["no-reason"], "bad-suppression"), (line["slip"], "bad-suppression"), (line["nothing"] - 1, "bad-suppression"),
            (line["other-rule"], "unused-suppression"), *((n, "no-profile") for n in line.values())]))
        self.assertEqual(total["suppressed"], 3)
        self.assertTrue(any("did you mean \"no-profile\"?" in f["text"] for f in found))
        # What KICS reports is what KICS reports.
        self.assertEqual(len(self.rules(text, "--kics")), 8)

    def test_suppressing_in_json(self):
        """Which is YAML as soon as it has comments."""
        text = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "app"}]}}, indent=1)
        self.assertEqual(self.rules(text), [(9, "no-profile")])
        self.assertEqual(self.rules(text.replace('"containers": [\n', '"containers": [\n# seccomp-guard: ignore no-profile it is old\n')), [])

    def test_text(self):
        done = self.cli("lint", "-", stdin=POD.encode())
        self.assertStatus(done, 1)
        self.assertRegex(done.text, r"\A-:6:5: error: Pod \"x\", container \"app\": no seccomp profile, .* \[no-profile\]\n"
                                    r"    set securityContext\.seccompProfile\.type to RuntimeDefault, .*\n"
                                    r"1 file, 1 object, 1 container, 0 profiles, 0 policies: 1 error, 0 warnings, 0 notes; 0 suppressed; ignored: 0 ")

    def test_notes_alone_are_well(self):
        found, _, _ = self.lint("-", stdin="apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", status=0)
        self.assertEqual([f["severity"] for f in found], ["note"])


@guardtest.needs_cli
class Profiles(Lint):
    def test_each(self):
        for profile, want in PROFILES:
            with self.subTest(profile=profile):
                found = self.rules(json.dumps(profile), "--arch", "x86_64")
                self.assertEqual(sorted(rule for _, rule in found if rule not in BY_MEANING), want)

    def test_by_meaning(self):
        """The profiles in tests/data/lint/profiles say what is to be found in them: the rule, and words of the finding."""
        seen = set()
        for name in sorted(os.listdir(os.path.join(CORPUS, "profiles"))):
            path = os.path.join(CORPUS, "profiles", name)
            with open(path, encoding="utf-8") as f:
                want = sorted(tuple(w.split(": ", 1)) for w in json.load(f)["x-finds"])
            with self.subTest(file=name):
                found, _, errors = self.lint("--arch", "x86_64", path)
                self.assertEqual((sorted(f["rule"] for f in found), errors), ([rule for rule, _ in want], []), found)
                for rule, words in want:
                    self.assertTrue(any(f["rule"] == rule and words in f["text"] for f in found), (rule, words, found))
                seen |= {rule for rule, _ in want}
        self.assertEqual(BY_MEANING - seen, set())

    def test_where_a_name_is(self):
        text = corpus("profiles/dangerous.json")
        found, _, _ = self.lint("--arch", "x86_64", "-", stdin=text)
        lines = text.splitlines()
        for f in found:
            self.assertRegex(lines[f["line"] - 1][f["column"] - 1:], '^"(bpf|mount|fsopen|io_uring_setup)"')

    def test_another_default(self):
        """What Podman's RuntimeDefault lets through is not beyond it."""
        text = json.dumps(allowing("keyctl"))
        self.assertIn("dangerous-call", [rule for _, rule in self.rules(text, "--arch", "x86_64")])
        self.assertNotIn("dangerous-call", [rule for _, rule in self.rules(text, "--arch", "x86_64", "--flavor", "containers")])
        self.assertIn("flavor", self.cli("lint", "--flavor", "docker", "-").error)

    def test_what_is_hostile_ends(self):
        """Thousands of rules on one call, which overlap."""
        rules = [{"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": i % 6, "value": i, "op": "SCMP_CMP_GE"}]} for i in range(5000)]
        plain = [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}] * 5000
        for more in (rules, plain):
            found = self.rules(json.dumps({**allowing("execve"), "syscalls": more}), "--arch", "x86_64")
            self.assertGreater(len(found), 1)

    def test_where_and_what_instead(self):
        text = json.dumps({**denying("Mkdir", rule={"includes": {"arches": ["aarch64"], "caps": ["NET_ADMN"]}, "arg": []})}, indent=1)
        found, total, _ = self.lint("--arch", "aarch64", "-", stdin=text, status=1)
        lines = text.splitlines()
        for word, meant in (("Mkdir", "mkdir"), ("aarch64", "arm64"), ("NET_ADMN", "CAP_NET_ADMIN"), ("arg", "args")):
            [line] = [n for n, x in enumerate(lines, 1) if '"%s"' % word in x]
            [f] = [f for f in found if f["line"] == line]
            self.assertIn("did you mean \"%s\"?" % meant, f["text"])
            self.assertEqual(f["column"], lines[line - 1].index('"') + 1)
        self.assertEqual((total["profiles"], total["objects"]), (1, 0))

    def test_another_architecture(self):
        text = json.dumps({**denying(), "architectures": ["SCMP_ARCH_S390X"]})
        self.assertEqual(self.rules(text, "--arch", "s390x"), [(1, "allows-by-default")])
        self.assertEqual(self.rules(text, "--arch", "x86_64"), [(1, "invalid-profile")])

    def test_the_engines_own(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            text = self.cli("profile", "--flavor", flavor, "--arch", "x86_64").text
            self.assertEqual([r for _, r in self.rules(text, "--arch", "x86_64", "--flavor", flavor) if r not in NOTES], [], flavor)

    def test_not_for_kics(self):
        self.assertEqual(self.rules(json.dumps(denying("execve")), "--kics"), [])

    def test_other_json_is_ignored(self):
        for text in (json.dumps({"mode": "development", "rules": {"semi": 2}}), '// settings\n{"mode": "dark" /* now */}',
                     json.dumps({"schemaVersion": 2}), json.dumps([{"Id": "x", "HostConfig": {}}]), json.dumps({"rules": [{"no-var": 1}]})):
            _, total, errors = self.lint("-", stdin=text, status=0)
            self.assertEqual((total["ignored"], errors), (1, []))


@guardtest.needs_cli
class Texts(Lint):
    def test_json(self):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\U0001f600/\u00e9\\u"},
               "spec": {"containers": [{"name": "app", "securityContext": {"privileged": True}}, {"name": "b" * 3000}]}}
        for dumped in (json.dumps(pod), json.dumps(pod, indent="\t"), json.dumps(pod, ensure_ascii=False, separators=(",", ":")),
                       json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]}, indent=1).replace("/", "\\/")):
            self.assertEqual([rule for _, rule in self.rules(dumped)], ["privileged", "no-profile"])

    def test_line_ends_and_marks(self):
        want = [(6, "no-profile")]
        for text in (POD, POD.replace("\n", "\r\n"), "\ufeff" + POD, "%YAML 1.1\n---\n" + POD):
            shift = 2 if text.startswith("%") else 0
            self.assertEqual(self.rules(text), [(line + shift, rule) for line, rule in want])
        self.assertEqual(self.rules(""), [])
        self.assertEqual(self.rules("---\n---\n# nothing\n"), [])

    def test_utf16(self):
        found, _, _ = self.lint("-", stdin=POD.encode("utf-16"), status=1)
        self.assertEqual([f["rule"] for f in found], ["no-profile"])

    def test_broken(self):
        for text, place in (("a: b\n  c: d\n", "-:2:4: no YAML: "), ("a: [b\n", "-:2:1: no YAML: "), ("a:\n\t- b\n", "-:2:1: no YAML: "),
                            ("a: *b\n", "-:1:4: alias \"b\" has no anchor"), ("a: &a [*a]\n", "-:1:8: alias \"a\" stands inside"),
                            ("a: \x01\n", "-:1:4: no YAML: "), ("? [a]\n: b\n", "-:1:3: a mapping or a list is a key")):
            with self.subTest(text=text):
                self.assertTrue(self.error(text).startswith(place), self.error(text))
        self.assertTrue(self.lint("-", stdin=b"a: b\nc: \xff\n", status=2)[2][0].startswith("-:2:4: no YAML: "))

    def test_documents_before_a_mistake_are_linted(self):
        found, _, errors = self.lint("-", stdin=POD + "---\na: [\n", status=2)
        self.assertEqual(([f["rule"] for f in found], len(errors)), (["no-profile"], 1))

    def test_templates(self):
        for text in ("{{- if .Values.on }}\n" + POD + "{{- end }}\n", POD.replace("app", "{{ .Values.name }}")):
            self.assertIn("looks like a template of Helm: render it first", self.error(text))
        self.assertEqual(self.rules(POD.replace("app", '"{{ .Values.name }}"')), [(6, "no-profile")])

    def test_limits(self):
        laugh = ["a0: &a0 [x]"] + ["a%d: &a%d [%s]" % (i, i, ", ".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 50)]
        self.assertEqual(self.rules("\n".join(laugh)), [])
        merge = ["a0: &a0 {x: 1}"] + ["a%d: &a%d {<<: [%s]}" % (i, i, ", ".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 25)]
        self.assertIn("too much is repeated", self.error("\n".join(merge + ["<<: *a24", POD])))
        chain = ["a0: &a0 {x: 1}"] + ["a%d: &a%d {<<: *a%d}" % (i, i, i - 1) for i in range(1, 5000)]
        self.assertIn("too much is repeated", self.error("\n".join(chain + ["<<: *a4999", POD])))
        self.assertIn("lie in each other", self.error("[" * 100000))
        self.assertIn("lie in each other", self.error("\n".join(" " * i + "a:" for i in range(1000))))
        self.assertEqual(self.rules(POD.replace("app", "x" * 10000000)), [(6, "no-profile")])
        self.assertIn("larger than", self.error("#" * (17 << 20)))
        many = "\n".join("a%d: &a%d x" % (i, i) for i in range(10000)) + "\n" + "\n".join("b%d: *a0" % i for i in range(10000))
        self.assertIn("too many anchors", self.error(many))
        tags = "".join("%%TAG !a%d! tag:x\n" % i for i in range(500000)) + "---\n" + POD
        self.assertIn("directives %TAG", self.error(tags))
        self.assertEqual(self.rules("".join("%%TAG !a%d! tag:x\n" % i for i in range(200)) + "---\n" + POD), [(207, "no-profile")])

    def test_nasty_names(self):
        nasty = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "\\e[31m\\x9b"}\nspec:\n  containers:\n  - name: "\\x07"\n'
        for more in ([], ["--json"]):
            self.assertNotRegex(self.cli("lint", *more, "-", stdin=nasty.encode()).out.decode(), "[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@guardtest.needs_cli
class Namespaces(Lint):
    def level(self, name, level="restricted"):
        return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": name, "labels": {"pod-security.kubernetes.io/enforce": level}}})

    def refused(self, *files):
        paths = [self.file("%d.yaml" % i, text) for i, text in enumerate(files)]
        found, _, _ = self.lint(*paths)
        return [(os.path.basename(f["path"]), f["line"]) for f in found if f["rule"] == "refused-by-level"]

    def test_in_whatever_file_each_is(self):
        pod = POD.replace("{name: x}", "{name: x, namespace: a}")
        for files, want in (((pod, self.level("a")), [("0.yaml", 1)]), ((self.level("a"), pod, pod), [("1.yaml", 1), ("2.yaml", 1)]),
                            ((pod, self.level("b")), []), ((POD, self.level("x")), []), ((pod, self.level("a", "nonsense")), []),
                            # An overlay may have another level, and which is used is not known.
                            ((pod, self.level("a"), self.level("a", "privileged")), []),
                            ((pod, self.level("a"), self.level("a", "baseline")), []),
                            ((pod.replace("app", "app\n    securityContext: {privileged: true}"), self.level("a"), self.level("a", "baseline")), [("0.yaml", 1)])):
            with self.subTest(files=files):
                self.assertEqual(self.refused(*files), want)

    def test_text(self):
        path = self.file("ns.yaml", "# x\n" + self.level("a"))
        found, total, _ = self.lint(path, "-", stdin=POD.replace("{name: x}", "{name: x, namespace: a}"), status=1)
        self.assertEqual(found[-1]["text"], 'Pod "x": a container asks for no profile, so that the level restricted of namespace "a" (%s:2) refuses the pod' % path)
        self.assertEqual((found[-1]["path"], total["errors"]), ("-", 2))
        self.assertEqual(self.cli("lint", "--kics", "--json", path, "-", stdin=b"").text.count("refused"), 0)

    def test_many(self):
        pods = "".join(POD.replace("{name: x}", "{name: x, namespace: n%d}" % i) + "---\n" for i in range(20000))
        spaces = "---\n".join(self.level("n%d" % i) + "\n" for i in range(20000))
        self.assertEqual(len(self.refused(pods, spaces)), 20000)


@guardtest.needs_cli
class Directories(Lint):
    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.tmp, "dir")
        for name in ("sub/deep", ".git", "linked"):
            os.makedirs(os.path.join(self.dir, name))

    def put(self, name, text=POD):
        return self.file("dir/" + name, text)

    def test_what_is_read(self):
        for name in ("b.yaml", "a.yml", "sub/c.json", "sub/deep/d.yaml", "no.txt", "yaml", ".hidden.yaml", ".git/e.yaml"):
            self.put(name)
        os.mkfifo(os.path.join(self.dir, "pipe.yaml"))
        os.symlink("../b.yaml", os.path.join(self.dir, "sub/link.yaml"))
        os.symlink(".", os.path.join(self.dir, "linked/loop"))
        found, total, errors = self.lint(self.dir, status=1)
        self.assertEqual([os.path.relpath(f["path"], self.dir) for f in found],
                         ["a.yml", "b.yaml", "sub/c.json", "sub/deep/d.yaml", "sub/link.yaml"])
        self.assertEqual((total["files"], total["skipped"], errors), (5, 2, []))
        self.assertEqual([os.path.relpath(w, self.dir) for w in (w[len("lint: "):] for w in self.warnings)],
                         ["linked/loop: skipped: a link to a directory, which is not followed", "pipe.yaml: skipped: a FIFO"])

    def test_what_is_skipped(self):
        """With the reason, in each form, and nothing waits for it."""
        os.mkfifo(os.path.join(self.dir, "fifo.json"))
        os.mkfifo(os.path.join(self.dir, "other"))
        os.mkfifo(os.path.join(self.dir, ".hidden.yaml"))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.join(self.dir, "socket.yml"))
        os.symlink("/dev/null", os.path.join(self.dir, "null.container"))
        os.symlink("..", os.path.join(self.dir, "up"))
        want = [("fifo.json", "a FIFO"), ("null.container", "a device"), ("socket.yml", "a socket"),
                ("up", "a link to a directory, which is not followed")]
        found, total, errors = self.lint(self.dir, status=0)
        self.assertEqual((found, total["files"], total["skipped"], errors), ([], 0, 4, []))
        self.assertEqual(self.warnings, ["lint: %s/%s: skipped: %s" % (self.dir, *x) for x in want])
        done = self.cli("lint", self.dir)
        self.assertIn("skipped: 4; ", done.text)
        self.assertEqual(done.error.splitlines(), ["seccomp-guard: warning: " + w for w in self.warnings])
        [run] = json.loads(self.cli("lint", "--sarif", self.dir).text)["runs"]
        self.assertEqual([(os.path.basename(n["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]), n["level"],
                           n["message"]["text"]) for n in run["invocations"][0]["toolExecutionNotifications"]],
                         [(name, "note", "skipped: " + reason) for name, reason in want])

    def test_what_is_given_by_itself_is_no_file(self):
        fifo = os.path.join(self.dir, "fifo.yaml")
        os.mkfifo(fifo)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.join(self.dir, "socket.yml"))
        for path, words in ((fifo, "is a pipe that nobody writes to"), (os.path.join(self.dir, "socket.yml"), "socket.yml: ")):
            _, _, [error] = self.lint(path, status=2)
            self.assertIn(words, error)

    @guardtest.needs_root
    def test_files_of_the_kernel_are_not_opened(self):
        """A link in a repository may lead to one that waits for what comes, and takes it."""
        os.symlink("/proc/kmsg", os.path.join(self.dir, "a.yaml"))
        self.put("b.yaml")
        self.put("empty.yaml", "")
        found, total, errors = self.lint(self.dir, status=1)
        self.assertEqual((len(found), total["files"], errors), (1, 3, []))

    def test_what_cannot_be_read_does_not_keep_the_rest(self):
        self.put("a.yaml", "containers: [")
        self.put("c.yaml")
        os.symlink("nowhere", os.path.join(self.dir, "b.yaml"))
        found, _, errors = self.lint(self.dir, os.path.join(self.tmp, "nowhere"), status=2)
        self.assertEqual([f["rule"] for f in found], ["no-profile"])
        self.assertEqual([os.path.relpath(e.split(":")[0], self.tmp) for e in errors], ["dir/a.yaml", "dir/b.yaml", "nowhere"])

    def test_too_deep(self):
        path = self.dir
        for _ in range(40):
            path = os.path.join(path, "d")
            os.mkdir(path)
        _, _, errors = self.lint(self.dir, status=2)
        self.assertIn("directories in each other", errors[0])

    @guardtest.not_sanitized
    def test_many_files_are_many_times_one(self):
        """Memory is given back: what one file needs is enough for a thousand."""
        for i in range(1000):
            self.put("%d.yaml" % i, corpus("kinds.yaml"))
        limited = subprocess.run(["prlimit", "--as=600000000", CLI, "lint", "--json", self.dir], capture_output=True, check=False)
        total = json.loads(limited.stdout.splitlines()[-1])
        self.assertEqual((limited.returncode, total["files"], total["errors"]), (1, 1000, 13000), limited.stderr)


if __name__ == "__main__":
    guardtest.main()
