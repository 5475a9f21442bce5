#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""explain and diff: profiles by meaning, by whatever name a profile and a call are given.

That the model under them is right is for tests/profile/test_model.py.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import ABSENT, CLI, STRICT, command  # noqa: E402

KERNEL = 'audit: type=1326 audit(1764000000.123:456): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=7 comm="x" ' \
         'exe="/bin/x" sig=31 arch=%s syscall=%s compat=0 ip=0x7f0000000000 code=0x80000000'
LOG = 'type=SECCOMP msg=audit(1764000000.123:456): auid=1000 uid=0 gid=0 ses=2 subj=unconfined pid=7 comm="x" ' \
      'exe="/bin/x" sig=0 arch=%s syscall=%s compat=0 ip=0x7f0000000000 code=0x50000\x1dARCH=x86_64 SYSCALL=read'
MOBY_FORM = {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}],
             "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}}]}


class Meaning(guardtest.Case):
    def ask(self, *args, status=0, stdin=None):
        done = command([CLI, *args], stdin=stdin)
        self.assertStatus(done, status)
        return done

    def json(self, *args, status=0):
        return [json.loads(line) for line in self.ask(args[0], "--json", *args[1:], status=status).text.splitlines()]

    def one(self, *args):
        lines = self.json("explain", "--arch", "x86_64", *args)
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def profile(self, value):
        return self.file(os.path.basename(self.fresh("profile")) + ".json", json.dumps(value))


@guardtest.needs_cli
class Explain(Meaning):
    def test_the_default_and_a_rule(self):
        denied, allowed = self.one("moby", "mount"), self.one("moby", "read")
        self.assertEqual((denied["action"], denied["errnoRet"], denied["by"]), ("SCMP_ACT_ERRNO", 1, "default"))
        self.assertEqual((allowed["action"], allowed["by"], allowed["rule"]), ("SCMP_ACT_ALLOW", "rule", 0))
        self.assertEqual(self.one("moby", "165"), denied)

    def test_arguments_choose_the_rule(self):
        cases = self.json("explain", "--arch", "x86_64", "moby", "socket")
        self.assertEqual([case["when"] for case in cases], ["a0 <= 37", "a0 == 39", "a0 >= 41", "a0 >= 38, a0 <= 40, a0 != 39"])
        for family, action in ((2, "ALLOW"), (38, "ERRNO"), (39, "ALLOW"), (40, "ERRNO"), (41, "ALLOW"),
                               (0x100000028, "ALLOW")):
            self.assertEqual(self.one("moby", "socket", str(family))["action"], "SCMP_ACT_" + action)
        self.assertEqual(len(self.json("explain", "--arch", "x86_64", "moby", "socket", "?", "1")), 4)
        self.assertEqual(len(self.json("explain", "--arch", "x86_64", "moby", "socket", "-", "1")), 4)

    def test_arguments_have_names(self):
        for call, argument, action in (("socket", "AF_ALG", "ERRNO"), ("socket", "AF_INET", "ALLOW"),
                                       ("clone", "CLONE_NEWUSER|SIGCHLD", "ERRNO"), ("clone", "SIGCHLD", "ALLOW")):
            self.assertEqual(self.one("moby", call, argument)["action"], "SCMP_ACT_" + action)

    def test_arguments_from_the_log(self):
        line = 'type=SYSCALL msg=audit(1764000000.123:456): arch=c000003e syscall=56 success=yes exit=9 a0=%s a1=0 a2=0 a3=0 ' \
               'items=0 ppid=1 pid=7 auid=0 uid=0 comm="x" exe="/x" key=(null)'
        self.assertEqual(self.one("moby", line % "10000011")["action"], "SCMP_ACT_ERRNO")
        self.assertEqual(self.one("moby", line % "11")["action"], "SCMP_ACT_ALLOW")
        self.assertEqual(self.one("moby", "socket(AF_ALG, SOCK_SEQPACKET, 0) = -1 EPERM (Operation not permitted)")["errnoRet"], 1)

    def test_capabilities(self):
        self.assertEqual(self.one("--caps", "SYS_ADMIN", "moby", "mount")["action"], "SCMP_ACT_ALLOW")

    def test_what_the_runtimes_make_of_it(self):
        lines = self.json("explain", "--arch", "x86_64", "moby", "5000")
        self.assertEqual([(x["runtime"], x["errnoRet"], x["by"]) for x in lines], [("runc", 38, "runc"), ("crun", 1, "default")])
        lines = self.json("explain", "--arch", "x86_64", "crio", "clone", "0x02000000")
        self.assertEqual([(x["runtime"], x["errnoRet"]) for x in lines], [("runc", 1), ("crun", 38)])

    def test_lines_of_the_log(self):
        for line, call in ((KERNEL % ("c000003e", "165"), "x86_64 mount"), (LOG % ("40000003", "21"), "x86 mount"),
                           (KERNEL % ("c000003e", 0x40000000 + 165), "x32 mount"), (LOG % ("c00000b7", "40"), "aarch64 mount"),
                           (LOG % ("80000016", "21"), "s390x mount"), (LOG % ("riscv64", "mount"), "riscv64 mount")):
            done = self.ask("explain", "moby", line)
            did = "KILL_PROCESS" if line.startswith("audit") else "ERRNO"
            self.assertRegex(done.text, r"\Athe kernel did %s: /bin/x \(7\): %s \(\d+\): ERRNO\(EPERM\), by the default" % (did, call))

    def test_a_log_on_standard_input(self):
        text = "\n".join(["type=USER_AUTH msg=x", LOG % ("c000003e", "165"), KERNEL % ("c000003e", "0"), ""])
        done = self.ask("explain", "moby", "-", stdin=text.encode())
        self.assertRegex(done.text, r"\A[^\n]* mount [^\n]*ERRNO[^\n]*\n[^\n]* read [^\n]*ALLOW[^\n]*\n\Z")

    def test_a_line_that_cannot_be_explained_does_not_end_the_rest(self):
        bad = ["audit: type=1326 audit(1.0:1): arch=c000003e sysc", LOG % ("c000003e", "nosuch"), LOG % ("77", "1")]
        text = "\n".join([bad[0], LOG % ("c000003e", "165"), *bad[1:], LOG % ("c000003e", "0"), ""])
        done = self.ask("explain", "moby", "-", stdin=text.encode(), status=2)
        self.assertRegex(done.text, r"\A[^\n]* mount [^\n]*ERRNO[^\n]*\n[^\n]* read [^\n]*ALLOW[^\n]*\n\Z")
        lines = done.error.splitlines()
        self.assertEqual([x.split(": ")[2] for x in lines[:-1]], ["line 1", "line 3", "line 4"])
        self.assertIn("3 lines of the log could not be explained", lines[-1])
        told = [json.loads(x) for x in self.ask("explain", "--json", "moby", "-", stdin=text.encode(), status=2).error.splitlines()]
        self.assertEqual(len(told), 4)

    def test_nothing_that_is_known_is_said(self):
        done = self.ask("explain", "moby", "-", stdin=b"hello\n", status=1)
        self.assertEqual(done.out, b"")
        self.assertIn("ausearch --raw", done.error)

    def test_what_would_allow_it(self):
        for call, caps in (("mount", ["CAP_SYS_ADMIN"]), ("bpf", ["CAP_BPF", "CAP_SYS_ADMIN"]), ("keyctl", None), ("read", None)):
            entry = self.one("moby", call)
            self.assertEqual(entry.get("capabilities") and sorted(entry["capabilities"]), caps)
        self.assertIn("; ALLOW with CAP_SYS_ADMIN\n", self.ask("explain", "moby", "mount").text)
        self.assertIn("\n  ALLOW with CAP_SYS_ADMIN\n", self.ask("explain", "--arch", "x86_64", "moby", "clone").text)
        self.assertNotIn("ALLOW with", self.ask("explain", self.bundle(seccomp=STRICT).path, "mount").text)

    def test_rules_are_those_of_the_file(self):
        """By number and line, whichever hold for this container."""
        rules = [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO", "includes": {"arches": ["s390"]}},
                 {"names": ["acct"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_CHOWN"]}},
                 {"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]
        path = self.file("three.json", json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}, indent=1))
        entry = self.one("--arch", "x86_64", path, "mount")
        with open(path, encoding="utf-8") as f:
            self.assertIn('"mount"', f.read().split("\n", entry["line"] - 1)[-1].split("}")[0])
        self.assertEqual(entry["rule"], 2)
        self.assertNotIn("pid", entry)
        self.assertIn("by syscalls[2] of %s, line %d\n" % (path, entry["line"]), self.ask("explain", "--arch", "x86_64", path, "mount").text)
        # What is on one line, or no file, has none to tell.
        flat = self.file("flat.json", json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}))
        self.assertNotIn(", line", self.ask("explain", "--arch", "x86_64", flat, "mount").text)
        self.assertNotIn("line", self.one("moby", "read"))

    def test_who_it_was_is_kept(self):
        entry = self.one("moby", KERNEL % ("c000003e", "0"))
        self.assertEqual((entry["kernel"], entry["pid"], entry["comm"], entry["exe"], entry["time_ms"]),
                         ("SCMP_ACT_KILL_PROCESS", 7, "x", "/bin/x", 1764000000123))
        self.assertIn("the kernel denied it all the same", self.ask("explain", "moby", KERNEL % ("c000003e", "0")).text)
        # RuntimeDefault denies it with an error.
        self.assertIn("the kernel did something else: by another profile", self.ask("explain", "moby", KERNEL % ("c000003e", "165")).text)
        self.assertIs(self.one("moby", KERNEL % ("c000003e", "165"))["other_filter"], True)
        self.assertIn("the kernel logged it all the same", 
                      self.ask("explain", "moby", (LOG % ("c000003e", "0")).replace("0x50000", "0x7ffc0000")).text)
        for line in (LOG % ("c000003e", "165"), LOG % ("c000003e", "56")):
            self.assertNotIn("another profile", self.ask("explain", "moby", line).text)
            self.assertNotIn("other_filter", self.json("explain", "moby", line)[0])

    def test_names_that_libseccomp_does_not_know(self):
        """A call of the future that the engines' profile allows, and the library has not heard of."""
        known = command(["python3", "-c", "import ctypes; print(ctypes.CDLL('libseccomp.so.2')"
                                          ".seccomp_syscall_resolve_name(b'mseal'))"]).text.strip()
        if known != "-1":
            self.skipTest("libseccomp knows mseal here")
        self.assertIs(self.one("moby", "mseal")["unknown_to_libseccomp"], True)
        self.assertNotIn("unknown_to_libseccomp", self.one("moby", "read"))
        self.assertIn("runtimes leave rules on it out", self.ask("explain", "moby", "mseal").text)

    def test_names_as_people_have_them(self):
        for name in ("SYS_clone3", "__NR_clone3", "syscall_0x1b3", "0x1b3", "435"):
            self.assertEqual(self.one("moby", name)["syscall"], "clone3", name)
        for caps in ("sys_admin", "cap_sys_admin", "CAP_SYS_ADMIN", "Sys_Admin"):
            self.assertEqual(self.one("--caps", caps, "moby", "mount")["action"], "SCMP_ACT_ALLOW")
        self.assertEqual([x["arch"] for x in self.json("explain", "--arch", "armhf", "moby", "read")], ["arm"])

    def test_numbers_as_the_kernel_prints_them(self):
        """As an int: a call of -1 is the x32 call 4294967295, whoever makes it."""
        for number in ("-1", "4294967295"):
            done = self.ask("explain", "moby", LOG % ("c000003e", number))
            self.assertIn("x32 4294967295: ERRNO", done.text)
        self.ask("explain", "moby", LOG % ("c000003e", "4294967296"), status=2)

    def test_lines_as_journald_shows_them(self):
        text = "".join("Jun 08 18:21:48 node1 audit[4242]: SECCOMP auid=4294967295 uid=1001 subj=? pid=4242 comm=\"app\" "
                       "sig=%d arch=c000003e syscall=%d compat=0 ip=0x7f1663d7a207 code=%s\n" % x
                       for x in ((0, 165, "0x7ffc0000"), (31, 101, "0x80000000")))
        done = self.ask("explain", "moby", "-", stdin=("Jun 08 18:21:47 node1 app[1]: SECCOMP is on\n" + text).encode())
        self.assertRegex(done.text, r"\Athe kernel did LOG: x86_64 mount \(165\): ERRNO\(EPERM\), by the default[^\n]*\n"
                                    r"the kernel did KILL_PROCESS: x86_64 ptrace \(101\): ALLOW[^\n]*\n\Z")
        self.assertEqual(done.err, b"")
        self.assertIn("mount", self.ask("explain", "moby", text.splitlines()[0]).text)

    def test_files_configurations_and_bundles(self):
        strict = self.bundle(seccomp=STRICT)
        for path in (strict.path, os.path.join(strict.path, "config.json"), self.profile(STRICT)):
            self.assertEqual(self.one(path, "keyctl"), self.one(strict.path, "keyctl"))
        done = self.ask("explain", "--arch", "x86_64", self.bundle(seccomp=ABSENT).path, "mount")
        self.assertRegex(done.text, r"\Ax86_64 mount \(165\): ALLOW, as there is no profile in ")
        path = self.profile(MOBY_FORM)
        self.assertEqual(self.one(path, "mount")["action"], "SCMP_ACT_ERRNO")
        self.assertEqual(self.one("--caps", "SYS_ADMIN", path, "mount")["action"], "SCMP_ACT_ALLOW")

    def test_an_architecture_that_is_not_listed(self):
        path = self.profile({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"]})
        lines = self.json("explain", "--arch", "x86", path, "read")
        self.assertEqual([(x["action"], x["by"]) for x in lines], [("SCMP_ACT_KILL_THREAD", "architecture")])

    def test_errors_say_what_is_known(self):
        for args, message in ((("moby", "mout"), "unknown system call \"mout\"; did you mean \"mount\"?"),
                              (("--arch", "aarch64", "moby", "fork"), "there is no fork on aarch64"),
                              (("--arch", "vax", "moby", "read"), "unknown architecture \"vax\": known are x86_64"),
                              (("--caps", "FOO", "moby", "read"), "unknown capability \"FOO\""),
                              (("--kernel", "six", "moby", "read"), "six"),
                              (("nosuch", "read"), "neither a flavor"),
                              (("moby", "read", "x"), "argument 0 is neither a number nor a name that is known, such as AF_ALG and \"CLONE_NEWUSER|SIGCHLD\": \"x\""),
                              (("moby", "read", *"1234567"), "six arguments"),
                              (("moby", LOG % ("12", "1")), "unknown architecture arch=12"),
                              (("moby", LOG % ("c000003e", "nosuch")), "no system call nosuch"),
                              (("moby", "type=1326 hello"), "without arch= and syscall="),
                              (("moby",), "takes a profile and a system call")):
            done = self.ask("explain", *args, status=2)
            self.assertIn(message, done.error)
            self.assertEqual(done.text, "")


@guardtest.needs_cli
class Doubt(Meaning):
    """Rules that overlap, of which libseccomp makes something else than they say: nothing is claimed without doubt."""

    def clone(self, *rules, default="SCMP_ACT_ERRNO"):
        made = [{"names": ["clone"], "action": "SCMP_ACT_" + action,
                 "args": [{"index": i, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": 0} for i, op, value in args]}
                for action, *args in rules]
        return self.profile({"defaultAction": default, "architectures": ["SCMP_ARCH_X86_64"],
                             "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}, *made]})

    def doubtful(self):
        return self.clone(("KILL", (0, "NE", 0x7e020000), (1, "MASKED_EQ", 255)), ("ALLOW", (0, "EQ", 0x11)))

    def test_explain_says_so_in_every_case(self):
        path = self.doubtful()
        lines = self.json("explain", "--arch", "x86_64", path, "clone")
        self.assertGreater(len(lines), 2)
        self.assertTrue(all(line["doubtful"] for line in lines), lines)
        self.assertTrue(self.one(path, "clone", "0x7e020011", "0", "0")["doubtful"])
        self.assertIn("(in doubt: ", self.ask("explain", "--arch", "x86_64", path, "clone", "17").text)
        self.assertNotIn("doubtful", self.one(path, "read"))

    def test_the_engines_profiles_are_in_no_doubt(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            for call in ("clone", "socket", "personality"):
                lines = self.json("explain", "--arch", "x86_64", flavor, call)
                self.assertFalse([line for line in lines if line.get("doubtful")], (flavor, call))

    def test_diff_counts_it_as_a_difference(self):
        one, other = self.doubtful(), self.clone(("ALLOW", (0, "EQ", 0x11)))
        lines = [line for line in self.json("diff", "--arch", "x86_64", one, other, status=1) if line["syscall"] == "clone"]
        self.assertTrue(lines and all(line["fromDoubtful"] for line in lines), lines)
        self.assertFalse([line for line in lines if line.get("toDoubtful")])
        self.assertIn("(in doubt) -> ", self.ask("diff", "--arch", "x86_64", one, other, status=1).text)

    def test_the_same_rules_are_the_same_whatever_is_made_of_them(self):
        self.assertEqual(self.json("diff", "--arch", "x86_64", self.doubtful(), self.doubtful()), [])


class Diff(Meaning):
    def test_a_profile_is_itself(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            for runtime in ((), ("--runtime", "runc"), ("--runtime", "crun")):
                self.assertEqual(self.ask("diff", "--arch", "all", *runtime, flavor, flavor).text, "")
            printed = self.ask("profile", "--flavor", flavor, "--arch", "x86_64").text
            self.assertEqual(self.ask("diff", "--arch", "x86_64", flavor, self.file("printed.json", printed)).text, "")

    def test_the_two_that_differ_in_three_calls(self):
        done = self.ask("diff", "--arch", "all", "moby", "containerd", status=1)
        told = [line.split(" ")[0] for line in done.text.splitlines()]
        # Docker knows ABIs that containerd does not: "every call".
        self.assertEqual(told[:3], ["lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr"])
        self.assertEqual(set(told[3:]) - {"riscv_hwprobe", "every"}, set())
        self.assertEqual(self.ask("diff", "--caps", "all", "--arch", "x86_64", "moby", "containerd").text, "")

    def test_arguments(self):
        one = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
            {"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]}]}
        two = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
            {"index": 0, "value": 0xffffffff, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}]}
        lines = self.json("diff", "--arch", "aarch64", self.profile(one), self.profile(two), status=1)
        self.assertEqual([(x["arch"], x["syscall"], x["from"], x["to"]) for x in lines],
                         [("aarch64", "socket", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO")])
        self.assertEqual(lines[0]["when"], "a0 & 0xffffffff != 2, a0 != 40")

    def test_the_same_said_otherwise(self):
        ranges = [{"index": 0, "value": 9, "op": "SCMP_CMP_LE"}, {"index": 0, "value": 10, "op": "SCMP_CMP_EQ"}]
        rule = {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW"}
        one = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [dict(rule, args=ranges)]}
        two = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [
            dict(rule, args=[{"index": 0, "value": 11, "op": "SCMP_CMP_LT"}])]}
        self.assertEqual(self.ask("diff", self.profile(one), self.profile(two)).text, "")

    def test_architectures_and_defaults(self):
        one = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"]}
        two = {"defaultAction": "SCMP_ACT_LOG", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]}
        done = self.ask("diff", "--arch", "x86_64", self.profile(one), self.profile(two), status=1)
        self.assertEqual(done.text, "every other call (x86_64): ALLOW -> LOG\n"
                         "every call (x86): KILL_THREAD -> what the profile says\n")

    def test_a_configuration_is_compared_for_its_capabilities(self):
        b = self.bundle(seccomp=STRICT)
        config = json.loads(open(os.path.join(b.path, "config.json"), encoding="utf-8").read())
        config["process"]["capabilities"] = {"bounding": ["CAP_SYS_ADMIN"]}
        path = self.file("config.json", json.dumps(config))
        self.assertIn("setns (", self.ask("diff", "--arch", "x86_64", "moby", path, status=1).text.replace("every", ""))
        self.assertNotIn("\nsetns", self.ask("diff", "--arch", "x86_64", "--caps", "none", "moby", path, status=1).text)

    def test_the_runtime(self):
        read = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["write"], "action": "SCMP_ACT_ALLOW"}]}
        more = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["write"], "action": "SCMP_ACT_ALLOW"},
                                                                {"names": ["mseal"], "action": "SCMP_ACT_ERRNO"}]}
        names = ["--arch", "x86_64", self.profile(read), self.profile(more)]
        self.assertEqual(self.ask("diff", *names).text, "")
        self.assertIn("open (x86_64): ERRNO(ENOSYS) -> ERRNO(EPERM)", self.ask("diff", "--runtime", "runc", *names, status=1).text)

    def test_what_runtimes_refuse(self):
        rule = {"names": ["ioctl"], "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}
        bundle = self.bundle(seccomp={"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
            dict(rule, action="SCMP_ACT_ALLOW"), dict(rule, action="SCMP_ACT_LOG")]})
        done = self.ask("diff", "moby", bundle.path, status=2)
        self.assertIn("syscalls[0] and syscalls[1] say two things of ioctl", done.error)

    def test_many_conditions(self):
        def listed(first):
            return self.profile({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": i, "op": "SCMP_CMP_EQ"}]}
                for i in range(first, first + 500)]})

        def crossed(step):
            return self.profile({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                {"names": ["ioctl"], "action": ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")[i % 2], "args": [
                    {"index": j, "value": i * step * (j + 1) % 100003 + 5, "op": "SCMP_CMP_" + ("LT", "GT")[(i + j) % 2]}
                    for j in range(6)]} for i in range(40)]})

        self.assertEqual(self.ask("diff", "--arch", "aarch64", listed(1), listed(2), status=1).text,
                         "ioctl (aarch64): a1 == 1: ALLOW -> ERRNO(EPERM)\n"
                         "ioctl (aarch64): a1 == 501: ERRNO(EPERM) -> ALLOW\n")
        done = self.ask("diff", "--arch", "aarch64", crossed(7919), crossed(6007), status=2)
        self.assertRegex(done.error, "too many (conditions to look at|differences to keep)")

    def test_errors(self):
        for args, message in ((("moby",), "takes two profiles"), (("moby", "nosuch"), "nosuch: neither a flavor"),
                              (("--arch", "vax", "moby", "crio"), "unknown architecture"),
                              (("--runtime", "youki", "moby", "crio"), "unknown runtime \"youki\": known are runc and crun"),
                              (("moby", self.file("bad.json", "{")), "bad.json")):
            self.assertIn(message, self.ask("diff", *args, status=2).error)


# Not part of the project.
OWN_FILES = (("moby", "moby-default.json"), ("containerd", "containerd-default.json"),
             ("containers", "containers-common-seccomp.json"))


@guardtest.needs_cli
class Update(Meaning):
    def update(self, flavor, path):
        return command([sys.executable, "-B", os.path.join(guardtest.SRCDIR, "src", "flavor", "profiles", "update.py"), CLI, flavor, path])

    def test_the_change_is_told_with_its_containers(self):
        allowed = {"action": "SCMP_ACT_ALLOW"}
        path = self.profile({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
            dict(allowed, names=["userfaultfd"]), dict(allowed, names=["keyctl"], includes={"caps": ["CAP_BPF"]}),
            dict(allowed, names=["add_key"], excludes={"caps": ["CAP_BPF"]}),
            dict(allowed, names=["uselib"], includes={"minKernel": "5.0"})]})
        done = self.update("moby", path)
        self.assertStatus(done, 1)
        groups = {group.split("\n")[0]: group for group in done.text.split("\n\n")}
        for title, call in (("For every container:", "userfaultfd"),
                            ("For containers with capabilities all, BPF:", "keyctl"),
                            ("For every container, but not with capabilities all, BPF:", "add_key"),
                            ("For every container on Linux 6.18:", "uselib")):
            self.assertRegex(groups[title], r"(?m)^%s \([^:]*\): ERRNO\(EPERM\) -> ALLOW$" % call)

    def test_a_file_that_cannot_be_read(self):
        self.assertStatus(self.update("moby", self.profile({"defaultAction": "?"})), 2)

    if guardtest.SHARED:
        def test_the_flavors_mean_what_the_engines_files_say(self):
            for flavor, name in OWN_FILES:
                done = self.update(flavor, os.path.join(guardtest.SHARED, "reference", "profiles", name))
                self.assertStatus(done, 0)
                self.assertIn("%s means what" % flavor, done.text)


if __name__ == "__main__":
    guardtest.main()
