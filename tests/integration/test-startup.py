#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With which profiles a container starts: src/flavor/profiles/startup.list, what is said by it, and what the runtimes do."""

import importlib.util
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import DATA, SRCDIR  # noqa: E402

PROFILES = os.path.join(SRCDIR, "src", "flavor", "profiles")
ERRNO = {"EPERM": 1, "ENOSYS": 38}
SITUATIONS = ("run", "run no-new-privs", "exec", "exec no-new-privs")
# Go's scheduler waits with them or gets along without, as it happens.
SCHEDULER = {"futex", "tgkill", "getpid", "rt_sigreturn", "epoll_ctl", "epoll_pwait", "nanosleep"}


def load(path, name):
    """A module from a file that is no module's by its name."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_list():
    """{(name, version): {(situation, answer, either): names or [ways]}}, with "" for a program's situation."""
    found = {}
    with open(os.path.join(PROFILES, "startup.list"), encoding="ascii") as f:
        for line in f:
            m = re.fullmatch(r"(?:program )?(\S+) (\S+) ?([^|]*) \| (\w+)( either)?: ?(.*)", line.strip())
            if not m:
                assert line.startswith("#"), line
                continue
            rows = found.setdefault((m[1], m[2]), {})
            if m[5]:
                rows.setdefault((m[3], m[4], "either"), []).append([w.split("+") for w in m[6].split()])
            else:
                rows[m[3], m[4], ""] = m[6].split()
    return found


LIST = read_list()


def denying(names, errno=1):
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
            "syscalls": [{"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": errno}]}


def spoken(subject):
    """How what is said calls a subject."""
    name, _, linked = subject[0].partition("-")
    return ("%s " % {"static": "static", "dynamic": "dynamically linked"}[linked] if linked else "") + name


def concerns(text, subject):
    """{sentence: names} of what is said of one release."""
    found = {}
    versions = [v for n, v in LIST if n == subject[0]]
    for part in text.split("; "):
        m = re.fullmatch(r"(.*?) (\d[\d.]*)(?: to (\d[\d.]*))? (starts no|executes nothing|programs do)(.*): it denies (.*)", part)
        if not m or m[1] != spoken(subject):
            continue
        span = versions[versions.index(m[2]):versions.index(m[3] or m[2]) + 1]
        if subject[1] in span:
            found[m[4] + m[5]] = m[6].replace("and where noNewPrivileges is not set also ", "").split(", ")
    return found


@guardtest.needs_cli
class Said(guardtest.Case):
    """What lint makes of the list, against a second reading of it."""

    def lint(self, profiles):
        """{name: what the rules no-start, hard-start and c-library say}."""
        os.makedirs(os.path.join(self.tmp, "p"))
        for name, profile in profiles.items():
            self.file("p/%s.json" % name, json.dumps(profile))
        done = self.cli("lint", "--json", "--arch", "x86_64", os.path.join(self.tmp, "p"))
        said = {name: [] for name in profiles}
        for f in map(json.loads, done.text.splitlines()[:-1]):
            if f["rule"] in ("no-start", "hard-start", "c-library"):
                said[os.path.basename(f["path"])[:-len(".json")]].append(f["text"])
        return {name: "; ".join(texts) for name, texts in said.items()}

    def wanted(self, subject, call, answer):
        """{sentence} for one call denied alone."""
        rows = LIST[subject]
        needs = {s: call in rows[s, answer, ""] for s in SITUATIONS if (s, answer, "") in rows}
        if not needs:
            return {"programs do not start with it"} if call in rows["", answer, ""] else set()
        found = set()
        if needs["run no-new-privs"]:
            found.add("starts no container with it")
        elif needs["run"]:
            found.add("starts no container without noNewPrivileges with it")
        elif needs["exec no-new-privs"]:
            found.add("executes nothing in a container with it")
        elif needs["exec"]:
            found.add("executes nothing in a container without noNewPrivileges with it")
        return found

    def test_each_call_alone(self):
        calls = {c for rows in LIST.values() for (_, _, either), names in rows.items() if not either for c in names} - {"execve"}
        profiles = {"%s-%s" % (c, a): denying([c], e) for c in calls for a, e in ERRNO.items()}
        profiles.update({c + "-made": {**denying([c]), "syscalls": [{"names": [c], "action": "SCMP_ACT_KILL_PROCESS"}]} for c in calls})
        for name, text in self.lint(profiles).items():
            call, answer = name.split("-")
            for subject in LIST:
                got = concerns(text, subject)
                self.assertEqual(set(got), self.wanted(subject, call, answer), (name, subject, text))
                self.assertTrue(all(names == [call] for names in got.values()), (name, text))

    def test_one_of_several(self):
        """Only when each way is closed."""
        for subject, rows in LIST.items():
            for (_, answer, either), choices in rows.items():
                for ways in choices if either else ():
                    for closed in (ways, ways[:-1], ways[1:]):
                        denied = {"all": denying([c for way in closed for c in way], ERRNO[answer])}
                        said = {c for names in concerns(self.lint(denied)["all"], subject).values() for c in names}
                        self.assertEqual(ways[0][0] in said, closed == ways, (subject, ways, closed))
                        self.doCleanups()
                        self.setUp()

    def test_execve(self):
        self.assertEqual(self.lint({"x": denying(["execve", "read"])}), {"x": "no container starts with it: it denies execve"})

    def test_what_nobody_needs(self):
        said = self.lint({"none": denying(["reboot", "mount", "ptrace", "unshare"]),
                          "some": {**denying([]), "syscalls": [{"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "args": [
                              {"index": 0, "value": 999, "op": "SCMP_CMP_EQ"}]}]},
                          "listener": {**denying([]), "listenerPath": "/run/agent.sock",
                                       "syscalls": [{"names": ["openat"], "action": "SCMP_ACT_NOTIFY"}]}})
        self.assertEqual(set(said.values()), {""})

    def test_a_newer_call_that_runc_answers(self):
        """runc answers ENOSYS to what is newer than all that a profile names, crun goes by the default."""
        old = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
               "syscalls": [{"names": ["execve", "umask"], "action": "SCMP_ACT_ALLOW"}]}
        text = self.lint({"old": old})["old"]
        for subject in LIST:
            if subject[0] == "runc":
                [names] = [n for s, n in concerns(text, subject).items() if s == "starts no container with it"]
                self.assertIn("openat", names)


@guardtest.all_runtimes
@guardtest.needs_root
@guardtest.needs_cli
class Startup(guardtest.Case):
    def setUp(self):
        super().setUp()
        version = re.search(r"version (\d[\d.]*)", self.call("--version").text)[1]
        self.rows = LIST.get((self.runtime.name, version))
        if self.rows is None:
            self.skipTest("startup.list has no %s %s" % (self.runtime.name, version))
        self.facts = load(os.path.join(DATA, "make-startup-facts.py"), "facts")
        self.facts_runtime = self.facts.Runtime(self.facts.library(), self.tmp, self.runtime.name, self.runtime.path)
        self.facts_runtime.prefix = self.runtime.prefix

    def starts(self, situation, denied, answer="EPERM"):
        """With a second try where it does not: there are other tests on this machine."""
        what, _, no_new_privs = situation.partition(" ")
        return any(getattr(self.facts_runtime, what)(denied, ERRNO[answer], bool(no_new_privs)) for _ in range(2))

    def test_each_call(self):
        wrong = []
        for situation in SITUATIONS:
            needed = set(self.rows[situation, "EPERM", ""])
            tried = set(self.rows[situation, "made", ""]) | needed
            for call in sorted(tried - (SCHEDULER if self.runtime.name == "runc" else set())):
                if self.starts(situation, [call]) != (call not in needed):
                    wrong.append((situation, call))
        self.assertEqual(wrong, [])

    def test_one_of_several(self):
        for (situation, answer, either), choices in self.rows.items():
            for ways in choices if either else ():
                with self.subTest(situation=situation, answer=answer, ways=ways):
                    self.assertFalse(self.starts(situation, {c for way in ways for c in way}, answer))
                    self.assertTrue(self.starts(situation, {c for way in ways[:-1] for c in way}, answer))


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Recorded(guardtest.Case):
    """What the record of a start says of the profile, and what becomes of the container."""

    def started(self, seccomp, no_new_privs=False, **keys):
        """(Does the container start? the warnings in its record)"""
        b = self.bundle(seccomp=seccomp)
        config = json.loads(b.read())
        config["process"]["noNewPrivileges"] = no_new_privs
        b.write(json.dumps(config).encode())
        done = self.run_guarded(b, policy=self.policy(**keys))
        return done.status == 0, self.decisions()[-1].get("warnings")

    def test_its_own(self):
        for call, no_new_privs, starts, warnings in (("execve", False, False, ["no-start"]), ("capset", False, False, ["hard-start"]),
                                                     ("capset", True, True, None), ("clone3", False, True, ["clone3"]),
                                                     ("mount", False, True, None)):
            with self.subTest(call=call, no_new_privs=no_new_privs):
                self.assertEqual(self.started(denying([call]), no_new_privs), (starts, warnings))

    def test_a_file_that_is_injected(self):
        profile = self.file("own.json", json.dumps(denying(["clone3"])))
        self.assertEqual(self.started(guardtest.ABSENT, profile=profile), (True, ["clone3"]))
        self.assertEqual(self.started(guardtest.ABSENT), (True, None))

    def test_in_audit_its_own_counts(self):
        self.assertEqual(self.started(denying(["clone3"]), mode="audit", weak="replace"), (True, ["clone3"]))


@guardtest.needs_cli
class Once(guardtest.Case):
    """What is found at once, as at a start, is what lint finds."""

    def test_each_call_alone(self):
        calls = {c for rows in LIST.values() for (_, _, either), names in rows.items() if not either for c in names}
        profiles = {"%s-%d" % (c, e): denying([c], e) for c in calls | {"clone3", "openat2", "statx"} for e in ERRNO.values()}
        ours = {"no-start", "hard-start", "c-library", "clone3", "no-architectures", "flags", "unknown-call"}
        linted, once = {}, {}
        for name, profile in profiles.items():
            self.file(name + ".json", json.dumps(profile))
            config = bundles.config(seccomp=profile)
            config["process"]["noNewPrivileges"] = False
            self.file("config-%s.json" % name, bundles.encode(config))
        for f in map(json.loads, self.cli("lint", "--json", "--arch", "x86_64", *sorted(
                os.path.join(self.tmp, name + ".json") for name in profiles)).text.splitlines()[:-1]):
            if f["rule"] in ours:
                linted.setdefault(os.path.basename(f["path"])[:-len(".json")], set()).add(f["rule"])
        for name in profiles:
            line = json.loads(self.cli("check", "--json", os.path.join(self.tmp, "config-%s.json" % name)).text)
            if "warnings" in line:
                once[name] = set(line["warnings"])
        self.assertEqual(once, linted)


@guardtest.needs_cli
class Check(guardtest.Case):
    def test_it_says_it_of_a_container(self):
        """With noNewPrivileges less is needed, and a container says whether it has that."""
        for call, no_new_privs, words in (("setgroups", False, "starts no container without noNewPrivileges"),
                                          ("setgroups", True, None), ("openat", True, "starts no container with it"),
                                          ("execve", True, "no container starts with it"), ("mount", False, None)):
            b = self.bundle(seccomp=denying([call]))
            config = json.loads(b.read())
            config["process"]["noNewPrivileges"] = no_new_privs
            b.write(json.dumps(config).encode())
            told = json.loads(self.cli("check", "--json", "--policy", self.policy(), b.path).text)
            self.assertEqual("startup" in told, words is not None, told)
            text = self.cli("check", "--policy", self.policy(), b.path).text
            self.assertEqual(": it denies" in text, words is not None, text)
            if words:
                self.assertIn(words, told["startup"])
                self.assertIn("; " + told["startup"], text)


if __name__ == "__main__":
    guardtest.main()
