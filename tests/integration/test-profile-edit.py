#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profile --allow and --deny, and Docker's form: what is changed is all that is changed."""

import json
import os
import random
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [os.path.join(TOP, "lib"), os.path.join(TOP, "profile")]
import guardtest  # noqa: E402
import mobyform  # noqa: E402
from guardtest import CLI, command  # noqa: E402

FLAVORS = ("moby", "containerd", "containers", "crio")
DENIALS = ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO")
KNOWN = [call for call in mobyform.CALLS if call != "a_call_of_the_future"]


def denies(action):
    return action in ["SCMP_ACT_" + word for word in DENIALS]


def edited(profile, allow, deny):
    """The same once more, on what json reads."""
    made, rules = dict(profile), []
    closed = denies(profile["defaultAction"])
    for rule in profile["syscalls"]:
        names = [rule["name"]] if "name" in rule else rule["names"]
        left = [n for n in names if n not in allow and (n not in deny or (denies(rule["action"]) and closed))]
        if left == names:
            rules.append(rule)
        elif left:
            rules.append(dict(rule, names=left))
    for name in allow if profile["defaultAction"] != "SCMP_ACT_ALLOW" else ():
        rules.append({"names": [name], "action": "SCMP_ACT_ALLOW"})
    for name in deny if not closed else ():
        rules.append({"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": 1})
    made["syscalls"] = rules
    return made


@guardtest.needs_cli
class Edit(guardtest.Case):
    def profile(self, *args, status=0):
        done = command([CLI, "profile", *args])
        self.assertStatus(done, status)
        return done

    def verdicts(self, profile, call, *args):
        done = command([CLI, "explain", "--json", "--arch", "x86_64", *args, profile, call])
        self.assertStatus(done, 0)
        return {json.loads(line)["action"] for line in done.text.splitlines()}

    def test_any_profile(self):
        tried = 0
        for seed in range(300):
            profile, rnd = mobyform.some_profile(seed, False), random.Random(seed)
            picked = rnd.sample(KNOWN, rnd.randrange(1, 4))
            allow = picked[:rnd.randrange(len(picked) + 1)]
            deny = picked[len(allow):]
            path = self.file("%d.json" % seed, json.dumps(profile, indent=rnd.choice((None, 1, 4, "\t"))))
            args = (["--allow", ",".join(allow)] if allow else []) + (["--deny", ",".join(deny)] if deny else [])
            done = command([CLI, "profile", "--format", "moby", *args, path])
            if done.status != 0:
                # Refused as it is: rules that contradict each other, mostly.
                self.assertIn("%d.json" % seed, done.error)
                continue
            self.assertEqual(json.loads(done.text), edited(profile, allow, deny), (seed, args))
            tried += 1
        self.assertGreater(tried, 150)

    def test_only_that_call(self):
        """For each flavor, each call that it knows: the tables before and after differ in its rows alone."""
        calls = ("bpf", "clone", "clone3", "keyctl", "mount", "personality", "ptrace", "read", "socket")
        for flavor in FLAVORS:
            before = self.profile("--flavor", flavor, "--format", "table").text.splitlines()
            for call in calls:
                for option, rows in (("--allow", [call + "\tALLOW"]), ("--deny", None)):
                    after = self.profile("--flavor", flavor, option, call, "--format", "table").text.splitlines()
                    mine = [row for row in after if row.split("\t")[0] == call]
                    self.assertEqual([row for row in after if row not in mine],
                                     [row for row in before if row.split("\t")[0] != call], (flavor, option, call))
                    if rows is None:
                        self.assertFalse([row for row in mine if row.split("\t")[1] == "ALLOW"])
                    else:
                        self.assertEqual(mine, rows)

    def test_docker_s_form_of_a_flavor(self):
        for flavor in FLAVORS:
            path = self.file("x.json", self.profile("--flavor", flavor, "--format", "moby").text)
            for caps in ("none", "default", "all", "BPF"):
                for kernel in ("4.4", "6.1"):
                    for arch in ("x86_64", "s390x", "aarch64", "riscv64"):
                        target = ["--caps", caps, "--kernel", kernel, "--arch", arch, "--format", "table"]
                        self.assertEqual(sorted(self.profile(*target, path).text.splitlines()),
                                         sorted(self.profile("--flavor", flavor, *target).text.splitlines()))
            # Edited, it holds for a container with any capabilities.
            path = self.file("y.json", self.profile("--flavor", flavor, "--format", "moby", "--allow", "keyctl", "--deny", "clone3").text)
            for caps in ("none", "all"):
                self.assertEqual(self.verdicts(path, "keyctl", "--caps", caps), {"SCMP_ACT_ALLOW"})
                self.assertEqual(self.verdicts(path, "clone3", "--caps", caps), {"SCMP_ACT_ERRNO"})

    def test_names(self):
        plain = self.profile("--allow", "keyctl,clone3").out
        self.assertEqual(self.profile("--allow", "SYS_keyctl,__NR_clone3").out, plain)
        self.assertEqual(self.profile("--allow", "keyctl,syscall_0x1b3,keyctl", "--arch", "x86_64").out,
                         self.profile("--allow", "keyctl,435", "--arch", "x86_64").out)
        for args, words in ((["--allow", "keyctI"], 'unknown system call "keyctI"; did you mean "keyctl"?'),
                            (["--allow", "bpf", "--deny", "bpf"], "bpf cannot be allowed and denied"),
                            (["--deny", "syscall_5000"], "5000"), (["--allow", ""], None)):
            if words:
                self.assertIn(words, self.profile(*args, status=2).error)
        for option in (["--complain"], ["--tighten", "userns"]):
            self.assertIn("--format moby", self.profile("--format", "moby", *option, status=2).error)

    def test_with_what_else_there_is(self):
        """Restrictions come after what is allowed; complain logs what is denied."""
        path = self.file("x.json", self.profile("--allow", "keyctl", "--tighten", "keyctl").text)
        self.assertNotIn("SCMP_ACT_ALLOW", self.verdicts(path, "keyctl"))
        path = self.file("y.json", self.profile("--allow", "keyctl", "--deny", "read", "--complain").text)
        self.assertEqual(self.verdicts(path, "keyctl"), {"SCMP_ACT_ALLOW"})
        self.assertEqual(self.verdicts(path, "read"), {"SCMP_ACT_LOG"})

    def test_warnings(self):
        self.assertIn("no container starts with it: it denies execve", self.profile("--deny", "execve").error)
        self.assertEqual(self.profile("--allow", "keyctl").error, "")
        own = self.file("open.json", '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["bpf","read"],"action":"SCMP_ACT_ERRNO"}]}')
        self.assertIn("open.json", self.profile("--allow", "read", own).error)


SLIPS = """{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    { "names": ["rmdir"], "action": "SCMP_ACT_ERRNO", "includes": { "arches": ["x86_64"] } },
    { "names": ["bpf"], "action": "SCMP_ACT_ERRNO", "includes": { "caps": ["SYS_ADMIN"] } },
    { "names": ["clone"], "action": "SCMP_ACT_ERRNO", "arg": [ { "index": 0, "value": 1, "op": "SCMP_CMP_EQ" } ] },
    { "names": ["mount"], "action": "SCMP_ACT_ERRNO" }
  ]
}
"""


@guardtest.needs_cli
class Slips(guardtest.Case):
    """What is valid and holds for nobody is told, where the profile is printed and where a policy names it."""

    WANTED = (':4:80: no host is called "x86_64" here; did you mean "amd64"?',
              ':5:76: no container has a capability "SYS_ADMIN"; did you mean "CAP_SYS_ADMIN"?',
              ':6:55: no engine and no runtime reads a key "arg"; did you mean "args"?')

    def test_profile(self):
        path = self.file("slips.json", SLIPS)
        done = command([CLI, "profile", path])
        self.assertStatus(done, 0)
        for words in self.WANTED:
            self.assertIn("slips.json" + words, done.error)
        sound = self.file("sound.json", command([CLI, "profile", "--format", "moby"]).text)
        self.assertNotIn("did you mean", command([CLI, "profile", sound]).error)

    def test_policy_check(self):
        path = self.file("slips.json", SLIPS)
        done = self.cli("policy", "check", self.policy(profile=path))
        for words in self.WANTED:
            self.assertIn('slips.json": ' + words[1:], done.text)


if __name__ == "__main__":
    guardtest.main()
