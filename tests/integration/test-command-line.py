#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every command of seccomp-guard owes its user: help, errors, suggestions, JSON. The commands and their options are taken
from the help itself, so that a new one is tested without a word here."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI  # noqa: E402

MANUAL = os.path.join(guardtest.SRCDIR, "docs", "seccomp-guard.1")

# What makes a command line complete, so that only the mistake that is added is wrong.
ARGUMENTS = {"check": ["-"], "apply": ["nowhere"], "profile": [], "explain": ["moby", "read"], "denials": ["nowhere"], "diff": ["moby", "crio"],
             "register": ["docker"], "unregister": ["docker"], "doctor": [], "learn": ["nowhere"], "lint": ["nowhere"], "status": [], "confine": ["nobody"], "policy check": ["nowhere"], "policy show": [], "policy explain": ["-"]}


def commands(text):
    """The commands in a list of them, as words."""
    return [m[1].split() for m in re.finditer(r"^  (\w+(?: \w+)?)  +\S", text, re.M)]


def options(text):
    """(name, takes a value) for each option in the help of a command."""
    return re.findall(r"^  (?:-h, )?--([\w-]+)( [A-Z]+)?  ", text, re.M)


class CommandLineCase(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.commands = commands(self.cli("--help").text)
        self.assertGreaterEqual(len(self.commands), 7)

    def each(self):
        """Each command, its options, and arguments that it takes."""
        for words in self.commands:
            help_text = self.cli(*words, "--help").text
            with self.subTest(command=" ".join(words)):
                yield words, options(help_text), ARGUMENTS[" ".join(words)]

    def assertMistake(self, done, *texts):
        self.assertEqual((done.status, done.out), (2, b""), done)
        self.assertRegex(done.error, r"\Aseccomp-guard: [^\n]+\n\Z")
        for text in texts:
            self.assertIn(text, done.error)


@guardtest.needs_cli
class Help(CommandLineCase):
    def assertIsHelp(self, done):
        self.assertEqual((done.status, done.err), (0, b""), done)
        lines = done.text.splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual([x for x in lines if x != x.rstrip() or "\t" in x], [])
        self.assertTrue(lines[0].startswith("Usage: seccomp-guard"), lines[0])

    def test_each_command_in_each_way(self):
        for words, found, _ in self.each():
            done = self.cli(*words, "--help")
            self.assertIsHelp(done)
            self.assertTrue(done.text.startswith("Usage: seccomp-guard %s [OPTION...]" % " ".join(words)))
            self.assertIn("\nExit status: 0 ", done.text)
            for args in ([*words, "-h"], [*words, "help"], ["help", *words], [*words, "--json", "--help"],
                         [*words, *ARGUMENTS[" ".join(words)], "--help"]):
                self.assertEqual(self.cli(*args).out, done.out, args)
            names = [name for name, _ in found]
            self.assertEqual(len(names), len(set(names)))
            self.assertLessEqual({"json", "help", "version"}, set(names))

    def test_the_lists_of_commands(self):
        done = self.cli("--help")
        self.assertIsHelp(done)
        self.assertEqual([self.cli(*args).out for args in (["-h"], ["help"])], [done.out] * 2)
        bare = self.cli()
        self.assertEqual((bare.status, bare.out, bare.err), (2, b"", done.out))
        groups = {words[0] for words in self.commands if len(words) == 2}
        self.assertEqual(groups, {"policy"})
        for group in groups:
            of_group = self.cli(group, "--help")
            self.assertIsHelp(of_group)
            self.assertEqual([[group, *words] for words in commands(of_group.text)],
                             [words for words in self.commands if words[0] == group])
            for args in ([group, "-h"], [group, "help"], ["help", group]):
                self.assertEqual(self.cli(*args).out, of_group.out, args)
            bare = self.cli(group)
            self.assertEqual((bare.status, bare.out, bare.err), (2, b"", of_group.out))

    def test_the_version(self):
        done = self.cli("--version")
        self.assertEqual((done.status, done.err), (0, b""))
        self.assertRegex(done.text, r"\Aseccomp-guard \d+\.\d+\S*\n\Z")
        for words, _, args in self.each():
            self.assertEqual(self.cli(*words, *args, "--version").out, done.out)
        self.assertEqual(self.cli("policy", "--version").out, done.out)

    def test_the_manual_has_the_same_options(self):
        with open(MANUAL, encoding="utf-8") as f:
            synopsis = f.read().split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
        told = {}
        for part in re.split(r"^\.Nm\n", synopsis, flags=re.M):
            name = re.match(r"\.Cm (.*)", part)
            if name and name[1] != "help":
                told[name[1]] = set(re.findall(r"Fl -([\w-]+)", part))
        self.assertEqual(set(told), {" ".join(words) for words in self.commands})
        for words, found, _ in self.each():
            self.assertEqual(told[" ".join(words)], {name for name, _ in found} - {"help", "version"})

    def test_output_that_cannot_be_written(self):
        for args in (["check", self.bundle().path], ["profile"], ["--help"], ["profile", "--help"], ["--version"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([CLI, *args], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, args)
            self.assertTrue(done.stderr.startswith(b"seccomp-guard: "), done.stderr)


@guardtest.needs_cli
class Mistakes(CommandLineCase):
    def test_options(self):
        for words, found, args in self.each():
            name = " ".join(words)
            for wrong in ("--nonsense", "--nonsense=1", "-x", "-xj"):
                self.assertMistake(self.cli(*words, *args, wrong), "seccomp-guard: %s: unknown option \"%s\"" % (name, wrong),
                                   "try seccomp-guard %s --help" % name)
            for option, value in found:
                slip = option[:-2] + option[-1] + option[-2]
                slip = slip if slip != option else option[:-1] + "x"
                self.assertMistake(self.cli(*words, *args, "--" + slip), "%s: unknown option \"--%s\"" % (name, slip),
                                   "did you mean \"--%s\"?" % option)
                if value:
                    self.assertMistake(self.cli(*words, *args, "--" + option), "option \"--%s\" needs a value" % option)
                else:
                    self.assertMistake(self.cli(*words, *args, "--%s=1" % option),
                                       "option \"--%s\" takes no value" % option)

    def test_numbers_of_arguments(self):
        for words, _, args in self.each():
            usage = self.cli(*words, "--help").text.splitlines()[0].split("[OPTION...]")[1]
            if usage and "[" not in usage.split()[0]:
                self.assertMistake(self.cli(*words), "takes" if usage.split()[0] != "ENGINE..." else "name engines", " ".join(words))
            if "..." not in usage:
                self.assertMistake(self.cli(*words, *args, "a", "b"), "takes")

    def test_a_root_that_is_no_directory(self):
        """Nothing is below it, and all would be well there."""
        tried = 0
        for words, found, args in self.each():
            for root in (os.path.join(self.tmp, "nowhere"), self.file("file", ""), "") if ("root", " DIR") in found else ():
                self.assertMistake(self.cli(*words, "--root", root, *args), "%s: --root %s: there is no such directory" % (" ".join(words), root))
                tried += 1
        self.assertGreaterEqual(tried, 3 * 6)

    def test_what_may_have_been_meant(self):
        """A container where a file is taken, a flavor, a name that is no number."""
        for args, hint in ((["check", "web"], "web: does not exist; containers that run are told of by status"),
                           (["policy", "explain", "web"], "web: does not exist; containers that run are told of by status"),
                           (["profile", "moby"], "moby: does not exist; what is built in is named by --flavor"),
                           (["explain", "web", "read"], "web: neither a flavor, which are moby"),
                           (["explain", "moby", "clone", "CLONE_NEWUSR"], "argument 0 is neither a number nor a name that is known, such as")):
            self.assertMistake(self.cli(*args), hint)

    @guardtest.needs_root
    def test_without_root(self):
        """What would fail in the middle says it at once."""
        for args in (["register", "docker"], ["register", "--all"], ["unregister", "podman"], ["confine", "web", "--tighten", "af-alg"]):
            done = guardtest.command(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", CLI, *args])
            self.assertMistake(done, "%s: needs root" % args[0])

    def test_commands(self):
        for words in self.commands:
            name = " ".join(words)
            slip = [*words[:-1], words[-1][1] + words[-1][0] + words[-1][2:]]
            self.assertMistake(self.cli(*slip), "unknown command \"%s\"; did you mean \"%s\"?" % (" ".join(slip), name))
            self.assertMistake(self.cli("help", *slip), "did you mean \"%s\"?" % name)
        self.assertMistake(self.cli("polcy", "check", "x"), "unknown command \"polcy\"; did you mean \"policy check\"?")
        for args in (["nonsense"], ["nonsense", "check"], [""], ["policy", "nonsense"], ["help", "nonsense"],
                     ["help", "policy", "nonsense"], ["--nonsense"], ["-x"]):
            self.assertMistake(self.cli(*args), "unknown ", "try seccomp-guard --help")
        for args in (["--policy", "x", "check", "-"], ["policy", "--caps"]):
            self.assertMistake(self.cli(*args), "say the command first")

    def test_values(self):
        for args, near in ((["profile", "--flavor", "mobby"], "moby"), (["profile", "--flavor", "containerds"], "containerd"),
                           (["profile", "--arch", "x86-64"], "x86_64"), (["explain", "--arch", "arch64", "moby", "read"], "aarch64"),
                           (["profile", "--caps", "NET_ADMN"], "CAP_NET_ADMIN"), (["profile", "--format", "tabel"], "table"),
                           (["profile", "--tighten", "bpf,io_uring"], "io-uring"), (["explain", "moby", "mout"], "mount"),
                           (["diff", "--runtime", "rnuc", "moby", "crio"], "runc")):
            self.assertMistake(self.cli(*args), "did you mean \"%s\"?" % near)
        for args in (["profile", "--flavor", "x"], ["profile", "--arch", "x"], ["profile", "--caps", "CAP_NONSENSE"],
                     ["profile", "--kernel", "x"], ["diff", "--runtime", "youki", "moby", "crio"]):
            self.assertMistake(self.cli(*args))
            self.assertNotIn("did you mean", self.cli(*args).error)


# What "-" is where a command reads or writes a file: each option whose value is one, and each command's arguments.
DASH_OPTIONS = {"policy": "refused", "base": "input", "root": "refused", "profile": "input", "metrics": "refused", "html": "output",
                "denials": "input"}
WORDS = {"FLAVOR", "ARCH", "CAPS", "VERSION", "NAME", "LIST", "FORMAT", "CALLS", "TIME"}
DASH_ARGUMENTS = {"check": "input", "apply": "refused", "profile": "input", "explain": "input", "denials": "input", "diff": "input",
                  "register": "word", "unregister": "word", "learn": "input", "lint": "input", "status": "word", "confine": "word",
                  "policy check": "refused", "policy show": "refused", "policy explain": "input"}


@guardtest.needs_cli
class Dashes(CommandLineCase):
    def setUp(self):
        super().setUp()
        # Where a file that is called so would be made.
        before = os.getcwd()
        os.chdir(self.tmp)
        self.addCleanup(os.chdir, before)

    def assertRefused(self, done, *texts):
        self.assertMistake(done, "./-", *texts)
        self.assertFalse(os.path.exists("-"))

    def test_as_the_value_of_an_option(self):
        for words, found, args in self.each():
            for name, value in found:
                if not value or value.strip() in WORDS:
                    continue
                with self.subTest(option=name):
                    self.assertIn(name, DASH_OPTIONS)
                    # What is loaded into several containers is read for each of them.
                    if DASH_OPTIONS[name] == "refused" or (words, name) == (["confine"], "profile"):
                        self.assertRefused(self.cli(*words, "--" + name, "-", *args), '--%s cannot be "-"' % name)
                    elif DASH_OPTIONS[name] == "input" and DASH_ARGUMENTS.get(" ".join(words)) == "input":
                        self.assertMistake(self.cli(*words, "--" + name, "-", "-"), '"-", can be read once')

    def test_as_an_argument(self):
        for words, _, args in self.each():
            name = " ".join(words)
            usage = self.cli(*words, "--help").text.splitlines()[0]
            self.assertEqual(usage.endswith("[OPTION...]"), name not in DASH_ARGUMENTS, usage)
            if DASH_ARGUMENTS.get(name) == "refused":
                self.assertRefused(self.cli(*words, "-"), '"-" is not read')
            elif DASH_ARGUMENTS.get(name) == "input" and name != "profile":
                self.assertMistake(self.cli(*words, "-", "-"), '"-", can be read once')
            elif DASH_ARGUMENTS.get(name) == "word":
                self.assertIn("-", self.cli(*words, "-").error)

    def test_input_is_read_and_output_written(self):
        profile = json.dumps(guardtest.STRICT).encode()
        config = self.bundle(seccomp=guardtest.STRICT).read()
        denial = (b"type=SECCOMP msg=audit(1700000000.1:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm=\"x\" exe=\"/x\" sig=0 "
                  b"arch=c000003e syscall=165 compat=0 ip=0x1 code=0x50000\n")
        log = self.file("log", denial)
        for args, stdin, words in ((["check", "-"], config, "confined"), (["policy", "explain", "-"], config, "confined"),
                                   (["profile", "-"], profile, "SCMP_ACT_ERRNO"), (["explain", "-", "read"], profile, "ALLOW"),
                                   (["diff", "-", "moby"], profile, "ALLOW"), (["diff", "moby", "-"], profile, "ALLOW"),
                                   (["lint", "-"], profile, "1 profile"), (["denials", "-"], denial, "mount"),
                                   (["learn", "--allow", "mount", "-"], denial, "SCMP_ACT_ALLOW"),
                                   (["learn", "--base", "-", "--allow", "mount", log], profile, "SCMP_ACT_ALLOW"),
                                   (["denials", "--profile", "-", log], profile, "mount")):
            with self.subTest(args=args):
                self.assertIn(words, self.cli(*args, stdin=stdin).text)
        self.assertFalse(os.path.exists("-"))

    @guardtest.needs_root
    def test_a_page(self):
        done = self.cli("status", "--html", "-")
        self.assertTrue(done.text.startswith("<!DOCTYPE html>"), done)
        self.assertFalse(os.path.exists("-"))


@guardtest.needs_cli
class Json(CommandLineCase):
    def error(self, *args):
        """The error that a command line ends in, as an object."""
        done = self.cli(*args)
        self.assertEqual((done.status, done.out, len(done.error.splitlines())), (2, b"", 1), done)
        return json.loads(done.err)

    def test_each_command_tells_errors_as_objects(self):
        for words, _, args in self.each():
            name = " ".join(words)
            for where in (["--json", "--nonsense"], ["--nonsense", "--json"]):
                told = self.error(*words, *args, *where)
                self.assertEqual(told, {"command": name, "error": "%s: unknown option \"--nonsense\"; try seccomp-guard %s --help"
                                                                  % (name, name)})
            self.assertNotEqual(self.cli(*words, *args, "--nonsense", "--", "--json").error[0], "{")

    def test_errors_in_what_is_read(self):
        nowhere = os.path.join(self.tmp, "nowhere")
        policy = self.policy()
        broken = os.path.join(self.tmp, "broken.json")
        with open(broken, "w", encoding="utf-8") as f:
            f.write("{\n \"mod\": 1}")
        for args, command, text in ((["check", "--policy", policy, nowhere], "check", nowhere + ": "),
                                    (["check", "--policy", broken, nowhere], "check", broken + ":2:2: unknown key \"mod\"; did you mean"),
                                    (["apply", "--policy", nowhere, nowhere], "apply", nowhere + ": "),
                                    (["explain", nowhere, "read"], "explain", nowhere),
                                    (["diff", "moby", broken], "diff", broken),
                                    (["profile", broken], "profile", broken),
                                    (["policy", "check", broken], "policy check", broken + ":2:2: "),
                                    (["policy", "explain", "--policy", broken, "-"], "policy explain", broken + ":2:2: ")):
            told = self.error(*args, "--json")
            self.assertEqual(set(told), {"error", "command"})
            self.assertEqual(told["command"], command)
            self.assertIn(text, told["error"])
        self.assertNotIn("command", self.error("nonsense", "--json"))

    def test_results_and_errors_come_apart(self):
        """One path of two cannot be read: its error is no line of the results."""
        good = self.bundle()
        done = self.cli("check", "--json", "--policy", self.policy(), os.path.join(self.tmp, "nowhere"), good.path)
        self.assertStatus(done, 2)
        self.assertEqual([json.loads(x)["path"] for x in done.text.splitlines()], [good.path])
        self.assertEqual(json.loads(done.err)["command"], "check")

    def test_profiles_as_objects(self):
        names = self.cli("profile", "--format", "names").text.split()
        self.assertEqual([json.loads(x) for x in self.cli("profile", "--format", "names", "--json").text.splitlines()],
                         [{"syscall": name} for name in names])
        table = [x.split("\t") for x in self.cli("profile", "--format", "table").text.splitlines()]
        rows = [json.loads(x) for x in self.cli("profile", "--format", "table", "--json").text.splitlines()]
        self.assertEqual(len(rows), len(table))
        for row, line in zip(rows, table):
            if "architecture" in row:
                self.assertEqual(line, ["# " + row["architecture"]])
                continue
            action = row["action"].replace("SCMP_ACT_", "") + (" %d" % row["errnoRet"] if "errnoRet" in row else "")
            self.assertEqual(line, [row["syscall"], action, *([row["when"]] if "when" in row else [])])
        flavors = [x.split("\t") for x in self.cli("profile", "--list").text.splitlines()]
        self.assertEqual([json.loads(x) for x in self.cli("profile", "--list", "--json").text.splitlines()],
                         [dict(zip(("flavor", "date", "source"), x)) for x in flavors])
        self.assertEqual(self.cli("profile", "--json").out, self.cli("profile").out)


@guardtest.needs_cli
class ControlCharacters(CommandLineCase):
    """U+009B begins a control sequence as ESC [ does, and U+0085 ends a line."""

    NASTY = "a\x1b[31m\x07\x7f\u0085\u009b31mb"

    def assertHarmless(self, data):
        self.assertNotRegex(data.decode(), "[\x00-\x08\x0b-\x1f\x7f-\x9f]")

    def test_everywhere(self):
        path = os.path.join(self.tmp, self.NASTY)
        profile = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [self.NASTY, "read"], "action": "SCMP_ACT_ALLOW"}]}
        with open(path, "w", encoding="utf-8") as f:
            json.dump(profile, f, ensure_ascii=False)
        bundle = self.bundle(seccomp=profile)
        policy = self.policy(rules=[{"name": self.NASTY, "match": {"namespace": ["x"]}, "until": "2020-01-01"}])
        for args in (["check", "--policy", policy, bundle.path], ["check", "--policy", policy, path + "/nowhere"],
                     ["policy", "check", policy], ["policy", "explain", "--policy", policy, bundle.path],
                     ["profile", "--format", "table", path], ["profile", "--format", "names", path], ["profile", path],
                     ["explain", path, "read"], ["explain", path, self.NASTY], ["explain", bundle.path, "read"],
                     ["explain", path, "type=1326 arch=c000003e syscall=0 " + self.NASTY],
                     ["diff", path, "moby"], ["diff", self.NASTY, "moby"], ["check", "--" + self.NASTY, "-"], [self.NASTY],
                     ["profile", "--flavor", self.NASTY], ["profile", "--arch", self.NASTY], ["profile", "--caps", self.NASTY],
                     ["profile", "--tighten", self.NASTY], ["profile", "--kernel", self.NASTY]):
            for more in ([], ["--json"]):
                done = self.cli(*args, *more)
                self.assertTrue(done.out or done.err)
                self.assertHarmless(done.out)
                self.assertHarmless(done.err)


if __name__ == "__main__":
    guardtest.main()
