#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard lint of what is neither a manifest nor a profile: policies and configurations."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import ABSENT, DATA, STRICT, WEAK, Bundle  # noqa: E402
from lintcase import Lint  # noqa: E402

RULE = {"name": "a", "match": {"namespace": ["a"]}, "mode": "audit"}


@guardtest.needs_cli
class Policies(Lint):
    def test_each(self):
        """(the policy, what is found)"""
        for text, want in (
                ('{"mode": "enforce"}', []),
                (json.dumps({"rules": [RULE]}), []),
                (json.dumps({"rules": [RULE, {**RULE, "name": "b"}]}), ["policy-doubt"]),
                (json.dumps({"mode": "enforce", "rules": [{**RULE, "profile": "unconfined"}]}), ["policy-doubt"] * 3),
                (json.dumps({"mode": "enforce", "profile": "/no/such/file.json"}), []),
                (json.dumps({"mode": "enforc"}), ["invalid-policy"]),
                (json.dumps({"mode": "audit", "mod": 1}), ["invalid-policy"]),
                (json.dumps({"mode": "audit", "tighten": ["af-alg"]}), []),
                (json.dumps({"mode": "audit", "tighten": [{"names": ["socket"], "args": [
                    {"index": i, "value": 1, "op": "SCMP_CMP_NE"} for i in (0, 1)]}]}), ["policy-tighten"]),
        ):
            with self.subTest(policy=text):
                self.assertEqual([rule for _, rule in self.rules(text)], want)
                self.assertEqual(self.rules(text, "--kics"), [])

    def test_as_policy_check(self):
        """What policy check says of the text is what lint says."""
        text = json.dumps({"mode": "enforce", "rules": [{**RULE, "profile": "unconfined"}, {**RULE, "name": "b"}]})
        checked = self.cli("policy", "check", "--json", self.file("policy.json", text))
        lines = [json.loads(line) for line in checked.text.splitlines()]
        told = ['rule "%s" %s' % (x["rule"], x["warning"]) for x in lines if "rule" in x]
        found, total, _ = self.lint("-", stdin=text, status=1)
        self.assertEqual([f["text"] for f in found], told)
        self.assertEqual(len(told), 4)
        self.assertEqual((total["policies"], total["profiles"]), (1, 0))

    def test_places_and_comments(self):
        rules = ",\n".join(json.dumps({**RULE, "name": name}) + "%s" for name in "abcd")
        text = "// ours\n{\"rules\": [\n" + rules % ("", "", " // seccomp-guard: ignore policy-doubt for a while", "") + "\n]}\n"
        # A comment at the end of a line comes behind the comma.
        text = text.replace("while,", "while").replace('"audit"} //', '"audit"}, //')
        self.assertEqual(self.rules(text), [(4, "policy-doubt"), (6, "policy-doubt")])
        self.assertEqual(self.rules(text.replace("for a while", "")), [(5, "bad-suppression"), *((n, "policy-doubt") for n in (4, 5, 6))])
        self.assertEqual(self.rules('{"mode": "audit",\n /* \u00e9 */ "mod": 1}'), [(2, "invalid-policy")])

    def test_columns_are_characters(self):
        [f], _, _ = self.lint("-", stdin='{"mode": "audit", /* \u00e9\u00e9 */ "mod": 1}', status=1)
        self.assertEqual(f["column"], 28)


@guardtest.needs_cli
class Configurations(Lint):
    def config(self, **kwargs):
        with open(os.path.join(Bundle(self.fresh("bundle"), **kwargs).path, "config.json"), encoding="utf-8") as f:
            return f.read()

    def test_each(self):
        for seccomp, want in ((ABSENT, ["config-unconfined"]), (STRICT, None), (WEAK, ["config-weak"]),
                              ({"defaultAction": "SCMP_ACT_ALLOW"}, ["config-unconfined"]), ({"defaultAction": "NOTHING"}, ["invalid-config"])):
            with self.subTest(seccomp=seccomp):
                found = [rule for _, rule in self.rules(self.config(seccomp=seccomp)) if rule.split("-")[0] in ("config", "invalid")]
                self.assertEqual(found, want or [])

    def test_as_check(self):
        """What check says of the configurations that engines wrote, lint says, too."""
        said = {"absent": ["config-unconfined"], "unconfined": ["config-unconfined"], "weak": ["config-weak"], "confined": []}
        seen = set()
        for name in sorted(os.listdir(os.path.join(DATA, "configs"))):
            if not name.endswith(".json"):
                continue
            path = os.path.join(DATA, "configs", name)
            _, [verdict] = self.check("--policy", self.policy(), path)
            found, total, errors = self.lint(path)
            self.assertEqual([f["rule"] for f in found if f["rule"].startswith("config-")], said[verdict["finding"]], name)
            self.assertEqual((total["containers"], total["ignored"], errors), (1, 0, []))
            seen.add(verdict["finding"])
        self.assertGreater(len(seen), 1)

    def test_the_profile_in_it(self):
        profile = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
            {"names": ["execve", "Mkdir"], "action": "SCMP_ACT_ALLOW"}]}
        text = json.dumps(json.loads(self.config(seccomp=profile)), indent=1)
        found = dict((rule, line) for line, rule in self.rules(text, "--arch", "x86_64"))
        self.assertEqual(text.splitlines()[found["unknown-call"] - 1].strip(), '"Mkdir"')
        self.assertIn("hard-start", found)

    def test_places(self):
        [f] = self.lint("-", stdin=json.dumps(json.loads(self.config(seccomp={"defaultAction": "SCMP_ACT_ALLOW"})), indent=1))[0][:1]
        self.assertGreater(f["line"], 1)
        inner = json.loads(self.config(seccomp=ABSENT))
        inspected = json.dumps({"status": {}, "info": {"runtimeSpec": inner}}, indent=1)
        self.assertEqual([(f["rule"], inspected.splitlines()[f["line"] - 1].strip()) for f in self.lint("-", stdin=inspected)[0]],
                         [("config-unconfined", '"runtimeSpec": {')])
        inner["linux"]["seccomp"] = {"defaultAction": "NOTHING"}
        inspected = json.dumps({"info": {"runtimeSpec": inner}}, indent=1)
        [f] = self.lint("-", stdin=inspected)[0]
        self.assertIn("NOTHING", inspected.splitlines()[f["line"] - 1])

    def test_what_it_leaves_to_others(self):
        raw = json.loads(self.config(seccomp=STRICT))
        raw["annotations"] = {"run.oci.seccomp_bpf_data": "AAAA"}
        self.assertIn("config-foreign", [rule for _, rule in self.rules(json.dumps(raw))])

    def test_bundles(self):
        """Of a bundle its configuration, and nothing else that is in it."""
        b = self.bundle(seccomp=ABSENT)
        os.makedirs(os.path.join(b.path, "rootfs", "etc"), exist_ok=True)
        with open(os.path.join(b.path, "rootfs", "etc", "broken.yaml"), "w", encoding="utf-8") as f:
            f.write("containers: [")
        for path in (b.path, self.tmp):
            found, total, errors = self.lint(path, status=1)
            self.assertEqual([(os.path.relpath(f["path"], b.path), f["rule"]) for f in found], [("config.json", "config-unconfined")])
            self.assertEqual(errors, [])
        self.assertEqual(total["files"], 3)  # and two that setUp() makes
        os.rename(os.path.join(b.path, "config.json"), os.path.join(b.path, "other.json"))
        self.assertEqual(len(self.lint(b.path, status=2)[2]), 1)


def marked(text, sign="#"):
    """{line: rule} of the comments "# finds: RULE", which are about the line above."""
    return sorted((number - 1, m[1]) for number, line in enumerate(text.splitlines(), 1)
                  for m in re.finditer(sign + r" finds: ([\w-]+)", line))


@guardtest.needs_cli
class Compose(Lint):
    def test_the_corpus(self):
        path = os.path.join(DATA, "lint", "compose.yaml")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        found, total, errors = self.lint(path, status=1)
        self.assertEqual(sorted((f["line"], f["rule"]) for f in found), marked(text))
        self.assertEqual((total["windows"], total["suppressed"], total["ignored"], errors), (2, 2, 0, []))
        self.assertEqual(self.rules(text, "--kics"), [])
        # Where the file is is not known of standard input.
        self.assertEqual(sorted(self.rules(text)), [(line, rule) for line, rule in marked(text) if rule != "engine-profile"])

    def test_json(self):
        text = json.dumps({"services": {"a": {"image": "x", "privileged": True}, "b": {"build": ".", "security_opt": ["seccomp=unconfined"]}}})
        self.assertEqual([rule for _, rule in self.rules(text)], ["engine-privileged", "engine-unconfined"])

    def test_what_is_none(self):
        for text in ("services: [a]\n", "services:\n  a: {port: 80}\n", "services: {}\n", "services: {a: {image: x}}\nkind: X\napiVersion: y\n",
                     "swagger: x\nservices:\n  a: text\n"):
            _, total, _ = self.lint("-", stdin=text, status=0)
            self.assertEqual((total["ignored"], total["containers"]), (1, 0), text)


@guardtest.needs_cli
class Quadlets(Lint):
    def test_the_corpus(self):
        directory = os.path.join(DATA, "lint", "quadlets")
        found, total, errors = self.lint(directory, status=1)
        seen = set()
        for name in sorted(os.listdir(directory)):
            path = os.path.join(directory, name)
            if os.path.isdir(path):
                continue
            with open(path, encoding="utf-8") as f:
                want = marked(f.read())
            self.assertEqual(sorted((f["line"], f["rule"]) for f in found if f["path"] == path), want, name)
            seen |= {rule for _, rule in want}
        self.assertEqual([(os.path.relpath(f["path"], directory), f["line"]) for f in found if ".d/" in f["path"]],
                         [("over.container.d/10-more.conf", 2)])
        self.assertEqual((seen, errors, total["suppressed"]), ({"engine-unconfined", "engine-privileged"}, [], 1))

    def test_each(self):
        """(the lines of the section, what is found and in which of them)."""
        for lines, want in (
                ("SeccompProfile=unconfined", [(2, "engine-unconfined")]),
                ("SeccompProfile = unconfined ", [(2, "engine-unconfined")]),
                ("SeccompProfile=/a.json\nSeccompProfile=unconfined", [(3, "engine-unconfined")]),
                ("SeccompProfile=unconfined\nSeccompProfile=", []),
                ("SeccompProfile=unconfined # no comment", []),
                ("#SeccompProfile=unconfined\n;SeccompProfile=unconfined", []),
                ("seccompprofile=unconfined", []),
                ("SeccompProfile=unconfined\nPodmanArgs=--security-opt seccomp=/a.json", []),
                ("SeccompProfile=/a.json\nPodmanArgs=--security-opt=seccomp:unconfined", [(3, "engine-unconfined")]),
                ("PodmanArgs=--security-opt seccomp=unconfined --security-opt label=disable", [(2, "engine-unconfined")]),
                ("PodmanArgs=-x\nPodmanArgs=a \"--security-opt=seccomp=unconfined\"", [(3, "engine-unconfined")]),
                ("PodmanArgs=--security-opt 'seccomp=un'confined", [(2, "engine-unconfined")]),
                ("PodmanArgs=--security-opt 'seccomp=unconfined more'", []),
                ("PodmanArgs=--security-opt\\x3dseccomp=unconfined", [(2, "engine-unconfined")]),
                ("PodmanArgs=--security-opt \\\n# --privileged\n  seccomp=unconfined", [(4, "engine-unconfined")]),
                ("PodmanArgs=a \\\n b \\\n --privileged\nImage=x", [(4, "engine-privileged")]),
                ("Exec=x \\\nPodmanArgs=--privileged", []),
                ("Exec=x \\\n\nPodmanArgs=--privileged", [(4, "engine-privileged")]),
                ("PodmanArgs=--privileged\nPodmanArgs=", []),
                ("PodmanArgs=--privileged --privileged=false", []),
                ("PodmanArgs=--privileged=false --privileged=1", [(2, "engine-privileged")]),
                ("PodmanArgs=--privileged --security-opt seccomp=unconfined", [(2, "engine-privileged")]),
                ("PodmanArgs=--label='--privileged'", []),
                ("Image=x\n[Service]\nPodmanArgs=--privileged", []),
                ("Image=x\n[Service]\n[Container]\nPodmanArgs=--privileged", [(5, "engine-privileged")]),
                ("Image=x\n[Pod]\nPodmanArgs=--security-opt=seccomp=unconfined", [(4, "engine-unconfined")]),
                ("# seccomp-guard: ignore engine-privileged it is old\nPodmanArgs=--privileged", []),
                ("; seccomp-guard: ignore engine-privileged\nPodmanArgs=--privileged", [(2, "bad-suppression"), (3, "engine-privileged")]),
                ("PodmanArgs=" + "x " * 300000 + "--privileged", [(2, "engine-privileged")]),
                ("PodmanArgs=" + "--privileged " * 100000, [(2, "engine-privileged")]),
                ("PodmanArgs=--security-opt=seccomp=" + "x" * 100000 + "\nSeccompProfile=\\", []),
                ("PodmanArgs='--privileged \\", [])):
            for change in (str, lambda x: x.replace("\n", "\r\n"), lambda x: "\ufeff" + x):
                with self.subTest(lines=lines[:200]):
                    self.assertEqual(self.rules(change("[Container]\n" + lines)), want)

    def test_columns(self):
        [f], _, _ = self.lint("-", stdin="[Container]\nPodmanArgs=\u00e9 --privileged\n", status=1)
        self.assertEqual((f["line"], f["column"]), (2, 14))

    def test_what_is_none(self):
        _, total, _ = self.lint("-", stdin="[Unit]\nDescription=x\n\n[Service]\nExecStart=podman run --privileged x\n", status=0)
        self.assertEqual((total["ignored"], total["objects"]), (1, 0))
        # YAML with a list at the front is none.
        for text in ("[a]\n", "[a, b]\n", "[\"a\"]\n", "[{a: b}]\n"):
            self.lint("-", stdin=text, status=0)

    def test_names_in_directories(self):
        for name in ("a.container", "b.pod", "c.build", "d.container.d/x.conf", "d.container.d/x.txt", "e.d/x.conf", "f.kube"):
            os.makedirs(os.path.dirname(os.path.join(self.tmp, "units", name)), exist_ok=True)
            self.file("units/" + name, "[Container]\nPodmanArgs=--privileged\n")
        self.file("units/perl.pod", "=head1 x\n\n: [\n")
        found, total, errors = self.lint(os.path.join(self.tmp, "units"), status=1)
        self.assertEqual(sorted(os.path.basename(f["path"]) for f in found), ["a.container", "b.pod", "c.build", "x.conf"])
        self.assertEqual((total["files"], errors), (4, []))


@guardtest.needs_cli
class Hostile(Lint):
    """What is made to take time or memory ends with a word about it, and the rest is linted."""

    def test_what_cannot_be_read(self):
        bad = self.file("bad.container", "[Container]\nPodmanArgs=--privileged\n")
        for path, words in (("/dev/zero", "larger than"), ("/proc/self/mem", "/proc/self/mem: "), (os.path.join(self.tmp, "no"), "does not exist")):
            found, total, errors = self.lint(path, bad, status=2)
            self.assertEqual(([f["rule"] for f in found], total["files"], len(errors)), (["engine-privileged"], 1, 1))
            self.assertIn(words, errors[0])

    def test_what_is_no_file_in_directories(self):
        os.makedirs(os.path.join(self.tmp, "dir"))
        for name in ("a.container", "b.yaml", "c.json", "config.json"):
            os.mkfifo(os.path.join(self.tmp, "dir", name))
        os.symlink("/dev/zero", os.path.join(self.tmp, "dir", "d.yaml"))
        self.file("dir/e.container", "[Container]\nPodmanArgs=--privileged\n")
        found, total, errors = self.lint(os.path.join(self.tmp, "dir"), status=1)
        self.assertEqual((len(found), total["files"], total["skipped"], errors), (1, 1, 5, []))

    def test_texts(self):
        options = "x: &l [%s]\n" % ", ".join(["seccomp=a"] * 200000)
        services = "".join("  s%d: {image: x, security_opt: *l}\n" % i for i in range(100000))
        self.assertIn("too much is repeated", self.error(options + "services:\n" + services))
        containers = "x: &l [%s]\n" % ", ".join(["{name: a}"] * 100000)
        head = "apiVersion: v1\nkind: List\n" + containers
        pods = ["  - {apiVersion: v1, kind: Pod, spec: {containers: *l, securityContext: {seccompProfile: {type: RuntimeDefault}}}}\n"] * 50000
        self.assertIn("too much is repeated", self.error(head + "items:\n" + "".join(pods)))
        keys = "x: &l {%s}\n" % ", ".join("k%d: v" % i for i in range(100000))
        pods = ["  - {apiVersion: v1, kind: Pod, metadata: {annotations: *l}, spec: {containers: []}}\n"] * 50000
        self.assertIn("too much is repeated", self.error("apiVersion: v1\nkind: List\n" + keys + "items:\n" + "".join(pods)))

    def test_files_of_others(self):
        """What is in a repository beside ours is ignored, whatever form it has; named, or of ours, it is an error."""
        for name, text in (("tsconfig.json", '{// c\n"compilerOptions": {"strict": true,},}'), ("log.json", '{"a": 1}\n{"b": 2}\n'),
                           ("play.yml", "- hosts: all\n  {% if y %}\n  a: {{ b }}\n  {% endif %}\n"), ("old.yaml", b"a: \xe4\n"),
                           ("tabs.yaml", "a:\n\tb: c\n")):
            path = self.file(name, text)
            self.assertEqual(len(self.lint(path, status=2)[2]), 1)
        found, total, errors = self.lint(self.tmp, status=0)
        self.assertEqual((found, errors), ([], []))
        self.assertGreaterEqual(total["ignored"], 5)
        for name, text in (("a.yaml", "{{ x }}\nkind: Pod\nspec:\n  containers: []\n"), ("b.json", '{"defaultAction": "SCMP_ACT_ALLOW"'),
                           ("c.json", '{"mode": "audit"'), ("d.yaml", "services:\n\ta: b\n"), ("e.yaml", "a: [\n".encode("utf-16"))):
            self.file(name, text)
        _, _, errors = self.lint(self.tmp, status=2)
        self.assertEqual([os.path.basename(e.split(":")[0]) for e in errors], ["a.yaml", "b.json", "c.json", "d.yaml", "e.yaml"])

    def test_json_that_yaml_alone_takes(self):
        profile, config = json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}), json.dumps(bundles.config(seccomp=ABSENT))
        for text, rule in ((profile, "invalid-profile"), (config, "invalid-config")):
            found, total, errors = self.lint("-", stdin=text[:-1] + ",}", status=1)
            self.assertIn(rule, [f["rule"] for f in found])
            self.assertEqual((total["ignored"], errors), (0, []))

    def test_no_comment(self):
        """What stands in a text suppresses nothing, however it is written."""
        mark = "# seccomp-guard: ignore no-profile smuggled"
        pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n"
        for containers in ('  - name: "y %s"\n' % mark, "  - name: 'y %s'\n" % mark, "  - {name: y, command: ['%s']}\n" % mark,
                           "  - args:\n    - |\n      %s\n  - name: y\n" % mark, "  - args:\n    - >-\n      %s\n  - name: y\n" % mark,
                           '  - args: ["a\n      %s\n      b"]\n' % mark, '  - "? %s": a\n    name: y\n' % mark):
            with self.subTest(containers=containers):
                found, total, errors = self.lint("-", stdin=pod + containers)
                self.assertEqual(({f["rule"] for f in found}, total["suppressed"], errors), ({"no-profile"}, 0, []))
        for comment in ("  - name: y %s\n" % mark, "  %s\n  - name: y\n" % mark, "  - args:\n    - |\n      text\n  %s\n  - name: y # seccomp-guard: ignore no-profile x\n" % mark):
            with self.subTest(comment=comment):
                self.assertGreaterEqual(self.lint("-", stdin=pod + comment)[1]["suppressed"], 1)
        rules = [RULE, {**RULE, "name": "b // seccomp-guard: ignore policy-doubt smuggled"}]
        policy = json.dumps({"rules": rules})
        self.assertEqual(self.rules(policy), [(1, "policy-doubt")])
        self.assertEqual(self.rules(policy + " // seccomp-guard: ignore policy-doubt meant"), [])

    def test_many_comments(self):
        pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n"
        text = pod + "  - {name: a} # seccomp-guard: ignore no-profile x\n" * 150000
        _, total, _ = self.lint("-", stdin=text, status=0)
        self.assertEqual(total["suppressed"], 150000)
        text = pod + "  # seccomp-guard: ignore no-profile x\n" * 150000 + "  - {name: a}\n"
        _, total, _ = self.lint("-", stdin=text, status=0)
        self.assertEqual((total["suppressed"], total["notes"]), (1, 0))
        # On one line.
        for text in (json.dumps({"rules": [RULE], "x": "// seccomp-guard: ignore " * 600000}), "# x seccomp-guard: ignore" * 600000):
            _, total, _ = self.lint("-", stdin=text)
            self.assertEqual(total["suppressed"], 0)

    def test_units(self):
        for text, want in (("[Container]\n" + "PodmanArgs=--privileged\n" * 300000, 1), ("[Container]\nPodmanArgs=--privileged\n" * 200000, 1),
                           ("[Container]\nPodmanArgs=" + "a \\\n" * 500000 + "--privileged", 1), ("[Container]\nImage=x \\\n" + "\\\n" * 3000000, 0),
                           ("[Container]\nPodmanArgs=" + "'" * 5000001 + "--privileged", 1), ("[Container]\nX=" + "\0" * 1000 + "\nPodmanArgs=--privileged", 1)):
            self.assertEqual(len(self.rules(text)), want, text[:60])


if __name__ == "__main__":
    guardtest.main()
