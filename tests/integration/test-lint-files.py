#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard lint of what is neither a manifest nor a profile: policies and configurations."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
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
            f.write("a: [")
        for path in (b.path, self.tmp):
            found, total, errors = self.lint(path, status=1)
            self.assertEqual([(os.path.relpath(f["path"], b.path), f["rule"]) for f in found], [("config.json", "config-unconfined")])
            self.assertEqual(errors, [])
        self.assertEqual(total["files"], 3)  # and two that setUp() makes
        os.rename(os.path.join(b.path, "config.json"), os.path.join(b.path, "other.json"))
        self.assertEqual(len(self.lint(b.path, status=2)[2]), 1)


if __name__ == "__main__":
    guardtest.main()
