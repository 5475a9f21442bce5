#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seccomp-guard policy check` and `policy show`: what is wrong with a policy, and where each of its values comes from."""

import json
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import private  # noqa: E402

ALLOW = {"defaultAction": "SCMP_ACT_ALLOW"}
GOOD = {**ALLOW, "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}


def denying(*names, **more):
    return {**ALLOW, "syscalls": [{"names": list(names), "action": "SCMP_ACT_ERRNO"}], **more}


class PolicyCase(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.tmp, "etc")
        os.makedirs(os.path.join(self.dir, "policy.d"), 0o755)
        self.log = {"to": "file", "path": self.records}

    def profile(self, name, content):
        return self.file(name, json.dumps(content))

    def write(self, name, content):
        return self.file(os.path.join(self.dir, name), content if isinstance(content, str) else json.dumps(content))

    def told(self, *args, status=0):
        """What policy check tells as JSON: (what, rule, text) for each line but the last, and that."""
        done = self.cli("policy", "check", "--json", *args)
        self.assertEqual((done.status, done.err), (status, b""), done)
        *lines, last = [json.loads(line) for line in done.text.splitlines()]
        for line in lines:
            self.assertEqual(len({"problem", "warning"} & set(line)), 1)
        told = [("problem" if "problem" in x else "warning", x.get("rule"), x.get("problem") or x.get("warning")) for x in lines]
        # What lint says of nearly every profile that tests are short with.
        return [x for x in told if not x[2].endswith(("[allows-by-default]", "[no-architectures]"))], last

    def check(self, status=0, **keys):
        return self.told(self.policy(**keys), status=status)[0]


@guardtest.needs_cli
class Check(PolicyCase):
    def test_nothing_to_say(self):
        path = self.policy(mode="audit", rules=[{"name": "a", "match": {"namespace": ["x"]}, "mode": "deny"}])
        lines, last = self.told(path)
        self.assertEqual(lines, [])
        self.assertEqual(last, {"path": path, "mode": "audit", "rules": 1, "policy_files": [path]})
        self.assertEqual(self.cli("policy", "check", path).text, "%s: mode audit, 1 rule; read: %s\n" % (path, path))
        self.assertEqual(self.cli("policy", "check", "--policy", path).out, self.cli("policy", "check", path).out)

    def test_rules(self):
        lines = self.check(rules=[
            {"name": "ended", "match": {"namespace": ["*"]}, "until": "2020-02-02"},
            {"name": "free", "match": {"namespace": ["a*", "sys-?"]}, "profile": "unconfined"},
            {"name": "inside", "match": {"namespace": ["ab", "sys-1"], "pod": ["x"]}},
            {"name": "beside", "match": {"namespace": ["ab", "sys-12"]}},
            {"name": "impossible", "match": {"sandbox": True, "container": ["c"]}},
            {"name": "Namespace", "match": {"namespace": ["Prod", "k8s_*"]}},
            {"name": "all", "match": {}},
            {"name": "late", "match": {"pod": ["x"]}}])
        self.assertEqual({kind for kind, _, _ in lines}, {"warning"})
        texts = [(rule, text) for _, rule, text in lines]
        for rule, text in (("ended", "expired on 2020-02-02"), ("free", "exempts for ever: it has no \"until\""),
                           ("free", "exempts and does not say why (\"reason\")"),
                           ("free", "exempts and does not say for whom (\"owner\")"),
                           ("inside", "is never reached: rule \"free\" before it matches all that it matches"),
                           ("impossible", "can never match: a sandbox has no container name and no image"),
                           ("late", "is never reached: rule \"all\" before it matches all that it matches")):
            self.assertIn((rule, text), texts)
        self.assertIn("can never match: no namespace is named like \"k8s_*\"", dict(texts)["Namespace"])
        self.assertNotIn("beside", dict(texts))
        self.assertNotIn("all", dict(texts))

    def test_profiles(self):
        good = self.profile("good.json", GOOD)
        for name, content, kind, text in (
                ("missing", None, "problem", "cannot load seccomp profile"),
                ("broken", "{", "problem", "broken.json:1:2: not valid JSON"),
                ("action", {"defaultAction": "SCMP_ACT_NO"}, "problem", "unknown action"),
                ("nothing", ALLOW, "problem", "restricts nothing: containers are refused"),
                ("noexec", denying("execve"), "problem", "no container starts with it: it denies execve"),
                ("nocaps", denying("capset", "mount"), "warning", "runc 1.1.5 to 1.3.6 starts no container without noNewPrivileges with it: it denies capset"),
                ("key", {**denying("mount"), "syscall": []}, "warning", "1:101: no engine and no runtime reads a key"),
                ("overruled", {**ALLOW, "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}, {
                    "names": ["mount"], "action": "SCMP_ACT_KILL"}]}, "warning", "syscalls[1] never counts for mount"),
                ("slip", denying("mountt", "mount"), "warning", "does not know: mountt"),
                ("agent", {**ALLOW, "listenerPath": "/run/x.sock", "syscalls": [
                    {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]}, "problem", "\"listeners\" does not name")):
            path = os.path.join(self.tmp, name + ".json") if content is None else self.file(
                os.path.join(self.tmp, name + ".json"), content if isinstance(content, str) else json.dumps(content))
            status = 1 if kind == "problem" else 0
            for keys, rule in (({"profile": path}, None),
                               ({"profile": good, "rules": [{"name": "r", "match": {"pod": ["x"]}, "profile": path}]}, "r")):
                lines = self.check(status=status, **keys)
                self.assertEqual({(k, r) for k, r, _ in lines}, {(kind, rule)}, lines)
                self.assertTrue(any(text in t for _, _, t in lines), lines)
                self.assertTrue(all(name + ".json" in t for _, _, t in lines), lines)
        self.assertEqual(self.check(profile=good), [])
        # A rule that names no profile of its own says nothing of the policy's a second time.
        path = os.path.join(self.tmp, "missing.json")
        self.assertEqual(len(self.check(status=1, profile=path, rules=[{"name": "r", "match": {"pod": ["x"]}, "mode": "audit"}])), 1)
        lines = self.check(status=1, profile="localhost/missing.json", localhostRoot=self.tmp)
        self.assertIn(os.path.join(self.tmp, "missing.json"), lines[0][2])

    def test_an_agent_that_the_policy_knows(self):
        path = os.path.join(self.tmp, "agent.sock")
        profile = self.profile("agent.json", {**ALLOW, "listenerPath": path, "syscalls": [
            {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]})
        self.assertEqual(self.check(profile=profile, listeners=[path]),
                         [("warning", None, "listeners: there is no socket %s now" % path)])
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            self.assertEqual(self.check(profile=profile, listeners=[path]), [])

    def test_places(self):
        nowhere = os.path.join(self.tmp, "nowhere", "x")
        self.assertEqual([(k, r) for k, r, _ in self.check(status=1, log={"to": "file", "path": nowhere})], [("problem", None)])
        lines = self.check(status=1, metrics=nowhere + ".prom")
        self.assertEqual([(k, r) for k, r, _ in lines], [("problem", None)])
        self.assertIn("metrics: nothing can be counted: %s.prom: " % nowhere, lines[0][2])
        metrics = os.path.join(self.tmp, "m.prom")
        self.assertEqual(self.check(metrics=metrics), [])
        self.assertFalse(os.path.exists(metrics))
        self.assertFalse(os.path.exists(self.records))
        self.assertStatus(self.cli("apply", "--policy", self.policy(metrics=metrics), self.bundle().path), 0)
        self.assertEqual(self.check(metrics=metrics), [])
        self.file(metrics, "something else")
        self.assertIn("is not a file of these counters", self.check(status=1, metrics=metrics)[0][2])

    def test_files_that_nobody_reads(self):
        self.write("policy.json", {"log": self.log, "rules": [
            {"name": "r", "match": {"pod": ["x"]}, "profile": os.path.join(self.dir, "mine.json")}]})
        self.write("mine.json", GOOD)
        os.makedirs(os.path.join(self.dir, "profiles"))
        for name in ("policy.d/10-good.json", "policy.d/.gitkeep", "profiles/x.json", ".policy.json.swp"):
            self.write(name, {} if name.endswith("good.json") else "x")
        lines, last = self.told(self.dir)
        self.assertEqual(lines, [])
        self.assertEqual(last["policy_files"], [os.path.join(self.dir, x) for x in ("policy.json", "policy.d/10-good.json")])
        wrong = {"policy.jsn": "only policy.json", "policy.d/10.conf": "does not end in .json",
                 "policy.d/20.json.bak": "does not end in .json", "policy.d/.30.json": "begins with a dot",
                 "policy.yaml": "only policy.json"}
        for name in wrong:
            self.write(name, "x")
        os.symlink("policy.json", os.path.join(self.dir, "policy.old"))
        wrong["policy.old"] = "only policy.json"
        lines = self.told(self.dir)[0]
        self.assertEqual({kind for kind, _, _ in lines}, {"warning"})
        texts = {re.match(re.escape(self.dir) + r"/(\S+) is not read: ", text)[1]: text for _, _, text in lines}
        self.assertEqual(set(texts), set(wrong))
        for name, why in wrong.items():
            self.assertIn(why, texts[name])

    def test_policy_d_beside_it(self):
        path = self.write("policy.json", {"log": self.log, "mode": "audit"})
        self.write("policy.d/10.json", {"mode": "deny"})
        self.assertEqual(self.told(path)[1]["mode"], "deny")
        self.write("policy.d/20.json", {"mod": "deny"})
        done = self.cli("policy", "check", path)
        self.assertEqual((done.status, done.out), (2, b""))
        self.assertIn('20.json:1:2: unknown key "mod"; did you mean "mode"?', done.error)
        # By another name it stands for itself, as it does for --policy.
        other = self.write("other.json", {"log": self.log, "mode": "audit"})
        self.assertEqual(self.told(other)[1]["policy_files"], [other])

    def test_messages_are_about_a_policy(self):
        for text, message in (('{"mode": "audit", "mode": "deny"}', 'key "mode" is written twice\n'),
                              ('{"Mode": "audit"}', 'unknown key "Mode"; did you mean "mode"?\n'),
                              ('{"profile": "/a\\u0000b"}', "profile: contains \\\\u0000\n")):
            done = self.cli("policy", "check", self.write("policy.json", text))
            self.assertStatus(done, 2)
            self.assertTrue(done.error.endswith(message), done.error)
            self.assertNotIn("runtime", done.error)

    def test_the_installed_one(self):
        usual = next(w for w in self.cli("check", "--help").text.replace("[", " ").replace("]", " ").split()
                     if w.endswith("/seccomp-guard"))
        if private.reason():
            self.skipTest(private.reason())
        self.write("policy.json", {"log": self.log, "mode": "deny"})
        place = private.prefix(private.directory(usual), "cp -R %s/. %s" % (self.dir, usual))
        done = guardtest.command([*place, guardtest.CLI, "policy", "check"])
        self.assertEqual((done.status, done.text), (0, "%s: mode deny, 0 rules; read: %s/policy.json\n" % (usual, usual)))
        done = guardtest.command([*place, guardtest.CLI, "policy", "show"])
        self.assertIn("  \"mode\": \"deny\", // %s/policy.json:1\n" % usual, done.text)
        # None is no mistake.
        bare = private.prefix("mount -t tmpfs tmpfs /%s" % usual.split("/")[1])
        done = guardtest.command([*bare, guardtest.CLI, "policy", "check"])
        self.assertEqual((done.status, done.text.splitlines()[-1]), (0, "%s: mode enforce, 0 rules; no file, so the defaults hold" % usual))
        done = guardtest.command([*bare, guardtest.CLI, "policy", "show"])
        self.assertTrue(done.text.startswith("// no file: all are defaults\n"))


@guardtest.needs_cli
class Show(PolicyCase):
    def setUp(self):
        super().setUp()
        self.write("policy.json", """{
  // a comment, "with": quotes
  "mode": /* and another */ "audit",
  "log": { "to": "file",
           "path": "%s" },
  "tighten": ["af-alg", // one
              {"names": ["socket"], "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}]}],
  "rules": [
    {"name": "a \\"b\\" // c \u009b", "match": {"namespace": ["x", "y"]},
     "mode": "deny"}
  ]
}""" % self.records)
        self.write("policy.d/1 0.json", {"mode": "complain", "weak": "replace", "rules": [{"name": "z", "match": {}}]})

    def lines(self, *args):
        done = self.cli("policy", "show", "--json", *args)
        self.assertEqual((done.status, done.err), (0, b""), done)
        return [json.loads(line) for line in done.text.splitlines()]

    def test_where_each_value_is_from(self):
        first, *lines = self.lines(self.dir)
        base, more = os.path.join(self.dir, "policy.json"), os.path.join(self.dir, "policy.d/1 0.json")
        self.assertEqual(first, {"policy_files": [base, more.replace(" ", "\\x20")]})
        told = {(x.get("rule"), x["key"]): (x["value"], x.get("file"), x.get("line")) for x in lines}
        self.assertEqual(len(told), len(lines))
        name = 'a "b" // c \u009b'
        for key, value in {(None, "mode"): ("complain", more, 1), (None, "weak"): ("replace", more, 1),
                           (None, "log"): ({"to": "file", "path": self.records}, base, 4),
                           (None, "tighten"): (["af-alg", {"names": ["socket"], "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}]}],
                                               base, 6),
                           (None, "hook"): ("live", None, None), (None, "profile"): ("runtime/default", None, None),
                           (name, "name"): (name, base, 9), (name, "match"): ({"namespace": ["x", "y"]}, base, 9),
                           (name, "mode"): ("deny", base, 10), ("z", "name"): ("z", more, 1)}.items():
            self.assertEqual(told[key], value)

    def test_it_is_a_policy_that_says_the_same(self):
        done = self.cli("policy", "show", self.dir)
        self.assertStatus(done, 0)
        again = self.file(os.path.join(self.tmp, "again.json"), done.text)
        self.assertStatus(self.cli("policy", "check", again), 0)

        def values(lines):
            return [(x.get("rule"), x["key"], x["value"]) for x in lines[1:]]
        self.assertEqual(values(self.lines(again)), values(self.lines(self.dir)))
        b = self.bundle(annotations=bundles.kubernetes("x") if hasattr(bundles, "kubernetes") else {})
        self.assertEqual(self.cli("check", "--policy", again, b.path).out, self.cli("check", "--policy", self.dir, b.path).out)
        self.assertNotRegex(done.text, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertIn('\n  "mode": "complain", // %s/policy.d/1 0.json:1\n' % self.dir, done.text)
        self.assertIn('\n  "hook": "live", // default\n', done.text)

    @guardtest.needs_root
    def test_the_kill_switch(self):
        run = os.path.join(self.tmp, "run")
        os.makedirs(run, 0o755)
        self.file(os.path.join(run, "disable"), "")
        text = "everything passes, as /run/seccomp-guard/disable exists"
        for args, words in ((["show"], "\n// %s\n" % text), (["show", "--json"], '"disabled":"%s"' % text),
                            (["check"], ": warning: %s\n" % text)):
            self.assertNotIn("everything passes", self.cli("policy", *args, self.dir).text)
            done = guardtest.command([*guardtest.in_own_run(run), guardtest.CLI, "policy", *args, self.dir])
            self.assertStatus(done, 0)
            self.assertIn(words, done.text)

    def test_records_name_the_files(self):
        self.assertStatus(self.cli("apply", "--policy", self.dir, self.bundle().path), 0)
        self.assertEqual(self.decisions()[-1]["policy_files"],
                         [os.path.join(self.dir, "policy.json"), os.path.join(self.dir, "policy.d/1\\x200.json")])

    def test_a_broken_one(self):
        self.write("policy.d/20.json", "{")
        for args in ((self.dir,), ("--policy", self.dir)):
            done = self.cli("policy", "show", *args)
            self.assertEqual((done.status, done.out), (2, b""))
            self.assertIn("20.json:1:2: ", done.error)


if __name__ == "__main__":
    guardtest.main()
