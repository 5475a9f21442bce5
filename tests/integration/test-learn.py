#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""learn: a log in, a profile out that allows what the workload needs, and that runtimes and engines load."""

import json
import os
import platform
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import engine  # noqa: E402
import guardtest  # noqa: E402
from guardtest import CLI, command  # noqa: E402
from kernellog import KernelLog  # noqa: E402

WORKLOAD = guardtest.program("workload")
ERRNO, LOG, KILL = 0x50000, 0x7ffc0000, 0
EPERM, KEYCTL_RAN = 1, 95
# By number on x86_64.
CALLS = {"read": 0, "clone": 56, "personality": 135, "mount": 165, "set_mempolicy": 238, "get_mempolicy": 239, "keyctl": 250,
         "unshare": 272, "io_uring_setup": 425, "clone3": 435, "mseal": 462}


def record(call, serial=1, exe="/bin/app", code=LOG):
    return "type=SECCOMP msg=audit(%d.250:%d): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=%d comm=\"app\" exe=\"%s\" sig=0 " \
           "arch=c000003e syscall=%d compat=0 ip=0x43d199 code=%#x\n" % (1700000000 + serial, serial, serial, exe,
                                                                         CALLS.get(call, call), code)


def additions(text):
    """{call: comment} of the rules that have one."""
    return {rule["names"][0]: rule["comment"] for rule in json.loads(text)["syscalls"] if "comment" in rule}


@guardtest.needs_cli
class Learn(guardtest.Case):
    def learn(self, text, *args, status=0):
        done = command([CLI, "learn", "--arch", "x86_64", *args], stdin=text.encode())
        self.assertStatus(done, status)
        return done

    def denials(self, text, *args):
        done = command([CLI, "denials", "--arch", "x86_64", "--json", *args], stdin=text.encode())
        self.assertStatus(done, 0)
        return done.text

    def test_what_was_seen_is_allowed_and_says_why(self):
        text = "".join(record("get_mempolicy", n) for n in range(1, 4)) + record("get_mempolicy", 4, "/bin/other") + \
            record("personality", 5, code=ERRNO)
        for form in ("oci", "moby"):
            out = self.learn(text, "--format", form).text
            self.assertEqual(additions(out), {"get_mempolicy": "learned: 3 of /bin/app, 1 of /bin/other",
                                              "personality": "learned: 1 of /bin/app"})
            path = self.file("x.json", out)
            # That, and no more.
            done = command([CLI, "diff", "moby", path])
            self.assertEqual({line.split()[0] for line in done.text.splitlines() if not line.startswith(" ")},
                             {"get_mempolicy", "personality"})
        many = "".join(record("get_mempolicy", n, "/bin/%d" % n) for n in range(1, 9))
        self.assertEqual(additions(self.learn(many).text)["get_mempolicy"],
                         "learned: 1 of /bin/1, 1 of /bin/2, 1 of /bin/3, and 5 more")

    def test_only_the_arguments_that_were_seen(self):
        """Where one argument decides in the base, and the log has it: those values and no others."""
        clone = "clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = -1 EPERM (Operation not permitted)\n"
        other = "personality(%s) = -1 EPERM (Operation not permitted)\n"
        for form in ("oci", "moby"):
            out = self.learn(clone + other % "ADDR_NO_RANDOMIZE", "--allow", "clone", "--format", form).text
            self.assertEqual(additions(out), {"clone": "learned: 1 of a program; only where a0 is 0x10000011",
                                              "personality": "learned: 1 of a program; only where a0 is 0x40000"})
            added = [rule["args"] for rule in json.loads(out)["syscalls"] if "comment" in rule]
            self.assertEqual(added, [[{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}] for value in (0x10000011, 0x40000)])
            done = command([CLI, "diff", "--json", "moby", self.file("x.json", out)])
            self.assertEqual({x["syscall"] for x in map(json.loads, done.text.splitlines())}, {"clone", "personality"})
            for call, value, action in (("clone", "0x10000011", "ALLOW"), ("clone", "0x10000012", "ERRNO"), ("clone", "0x11", "ALLOW"),
                                        ("personality", "0x40000", "ALLOW"), ("personality", "0x40001", "ERRNO"), ("personality", "8", "ALLOW")):
                told = command([CLI, "explain", "--arch", "x86_64", self.file("x.json", out), call, value]).text
                self.assertIn("): %s" % action, told, (call, value))
        # Of several programs, and onto what was learned before.
        call = "type=SYSCALL msg=audit(1700000001.250:9): arch=c000003e syscall=135 success=yes exit=0 a0=%x a1=0 a2=0 a3=0 items=0 " \
               "ppid=1 pid=%d auid=0 uid=0 comm=\"app\" exe=\"%s\"\n"
        text = "".join(record("personality", n, exe) + call % (value, n, exe)
                       for n, exe, value in ((1, "/bin/a", 0x40000), (2, "/bin/b", 0x80000)))
        out = self.learn(text).text
        self.assertEqual(json.loads(out)["syscalls"][-1]["comment"],
                         "learned: 1 of /bin/a, 1 of /bin/b; only where a0 is 0x40000 or 0x80000")
        base = self.file("base.json", self.learn(clone, "--allow", "clone", "--format", "moby").text)
        again = json.loads(self.learn(clone.replace("NEWUSER", "NEWNET"), "--allow", "clone", "--base", base, "--format", "moby").text)
        self.assertEqual([rule["args"][0]["value"] for rule in again["syscalls"] if "comment" in rule and "clone" in rule["names"]
                          and rule["args"][0]["op"] == "SCMP_CMP_EQ"], [0x10000011, 0x40000011])
        # All of it where some record does not say, where values differ in one program, or where there are too many.
        for text in (text + record("personality", 5, "/bin/c"), other % "0x40000" + other % "0x80000",
                     "".join(record("personality", n, "/bin/%d" % n) + call % (0x40000 + n, n, "/bin/%d" % n) for n in range(1, 18))):
            rules = [rule for rule in json.loads(self.learn(text).text)["syscalls"] if "personality" in rule["names"]]
            self.assertEqual([("args" in rule, "only" in rule["comment"]) for rule in rules], [(False, False)], text)

    def test_nothing_to_learn_is_the_base(self):
        done = self.learn(record("clone3", code=ERRNO))
        self.assertEqual(command([CLI, "diff", "moby", self.file("x.json", done.text)]).status, 0)

    def test_of_several_runs_and_nodes(self):
        first, second = record("get_mempolicy", 1) * 2, record("get_mempolicy", 2) + record("personality", 3)
        paths = [self.file("one.log", first), self.file("two.log", second)]
        wanted = {"get_mempolicy": "learned: 2 of /bin/app", "personality": "learned: 1 of /bin/app"}
        self.assertEqual(additions(self.learn("", *paths).text), wanted)
        # So are the objects of denials, and both together; of one that is told again the greater count counts.
        objects = [self.file("%d.json" % n, self.denials(text)) for n, text in enumerate((first, second))]
        self.assertEqual(additions(self.learn("", *objects).text), wanted)
        self.assertEqual(additions(self.learn("", objects[0], paths[1]).text), wanted)
        told = json.loads(self.denials(first))
        text = "".join(json.dumps(dict(told, count=count)) + "\n" for count in (1, 2, 4, 7))
        self.assertEqual(additions(self.learn(text).text)["get_mempolicy"], "learned: 7 of /bin/app")
        text += json.dumps(dict(told, count=5, first="2023-11-15T00:00:00Z")) + "\n"
        self.assertEqual(additions(self.learn(text).text)["get_mempolicy"], "learned: 12 of /bin/app")
        # And onto what was learned before.
        base = self.file("base.json", self.learn("", paths[1], "--format", "moby").text)
        out = self.learn(record("get_mempolicy", 9), "--base", base, "--format", "moby").text
        self.assertEqual(set(additions(out)), {"get_mempolicy", "personality"})

    def test_of_one_container(self):
        whose = [{"container": "web", "namespace": "shop", "pod": "web-0", "id": "0123456789abcdef" * 4},
                 {"container": "db", "namespace": "shop", "pod": "db-0", "id": "f" * 64}, {}]
        calls = ("get_mempolicy", "personality", "set_mempolicy")
        text = "".join(json.dumps(dict(json.loads(self.denials(record(call))), **who)) + "\n" for call, who in zip(calls, whose))
        self.assertEqual(set(additions(self.learn(text).text)), set(calls))
        for name in ("web", "shop/web-0/web", "web-0", "shop/web-0", "0123456789ab", "0123456789abcdef" * 4):
            self.assertEqual(set(additions(self.learn(text, "--container", name).text)), {"get_mempolicy"}, name)
        for name in ("we", "shop", "shop/web-0/db", "0123456789", "/web", "web/", ""):
            done = self.learn(text, "--container", name, status=1)
            self.assertEqual(done.out, b"")
            self.assertIn("no line says", done.error)

    def test_what_is_dangerous_has_to_be_named(self):
        text = record("get_mempolicy", 1) + record("keyctl", 2) + record("keyctl", 3, "/bin/b") + record("unshare", 4)
        done = self.learn(text, status=1)
        self.assertEqual(done.out, b"")
        self.assertEqual([line.split()[3] for line in done.error.splitlines()], ["keyctl", "unshare"])
        self.assertIn("say --allow keyctl or --deny keyctl", done.error)
        out = self.learn(text, "--allow", "keyctl", "--deny", "unshare").text
        self.assertEqual(additions(out), {"keyctl": "learned: 1 of /bin/app, 1 of /bin/b", "get_mempolicy": "learned: 1 of /bin/app"})
        # What is named need not be in the log.
        out = self.learn(record("get_mempolicy"), "--allow", "keyctl,SYS_bpf", "--deny", "ptrace").text
        names = [rule["names"] for rule in json.loads(out)["syscalls"]]
        self.assertIn(["keyctl"], names)
        self.assertIn(["bpf"], names)
        self.assertNotIn("ptrace", sum(names, []))

    def test_what_is_left_out_is_told(self):
        for text, words in ((record("clone3", code=ERRNO), "clone3 is left out: glibc"), (record(4242), "call 4242 of x86_64"),
                            (record("mount"), "asks for CAP_SYS_ADMIN"), (record("read", code=KILL), "the program's own"),
                            # RuntimeDefault answers with an error and kills nobody.
                            (record("personality", code=0x80000000) + record("unshare", 2, code=KILL), "the program's own")):
            done = self.learn(text)
            self.assertIn(words, done.error)
            self.assertEqual(additions(done.text), {})
        # But what follows from a new user namespace succeeds.
        done = self.learn(record("clone", 1) + record("mount", 2), status=1)
        self.assertIn("with mount a process can change what is mounted", done.error)

    def test_the_base(self):
        text = record("keyctl") + record("get_mempolicy", 2)
        self.assertEqual(additions(self.learn(text, "--base", "containers").text), {})
        self.assertEqual(additions(self.learn(text, "--base", "runtime/default", "--flavor", "crio").text), {})
        self.assertEqual(additions(self.learn(record("get_mempolicy"), "--caps", "SYS_NICE").text), {})
        own = self.file("own.json", '{\n  "defaultAction": "SCMP_ACT_KILL",\n  "syscalls": [\n    {"names": ["read"], '
                        '"action": "SCMP_ACT_ALLOW", "comment": "mine"}\n  ]\n}\n')
        out = self.learn(record("get_mempolicy", code=KILL), "--base", own, "--format", "moby").text
        self.assertEqual(additions(out), {"read": "mine", "get_mempolicy": "learned: 1 of /bin/app"})
        self.assertIn('\n    {"names": ["read"], "action": "SCMP_ACT_ALLOW", "comment": "mine"},\n    {', out)
        # The profile that a container has.
        b = self.bundle(seccomp=guardtest.STRICT)
        out = json.loads(self.learn(record("keyctl", code=ERRNO), "--base", b.path, "--allow", "keyctl").text)
        self.assertEqual(out["syscalls"][:-1], guardtest.STRICT["syscalls"])
        for args, words in ((["--base", self.bundle().path], "has no profile"), (["--base", own, "--flavor", "crio"], "--flavor"),
                            (["--base", self.tmp + "/none"], "neither a flavor"), (["--format", "x"], "unknown format")):
            self.assertIn(words, self.learn(text, *args, status=2).error)

    def test_a_log_that_cannot_be_read(self):
        self.assertIn("no line of", self.learn("hello\n", status=1).error)
        done = self.learn(record("get_mempolicy") + record("personality", 2)[:-60] + "\n", status=2)
        self.assertEqual(done.out, b"")
        self.assertIn("nothing is learned", done.error)
        for bad in ('{"count":1,"number":', '{"count":1,"number":5}', '{"count":1,"number":5,"arch":"vax"}',
                    '{"count":-1,"number":5,"arch":"x86_64"}', '{"count":1,"number":5,"arch":"x86_64","first":"now"}'):
            self.assertIn("line 1: ", self.learn(bad + "\n", status=2).error, bad)
        done = self.learn(record("get_mempolicy") + "[ 1.0] kauditd_printk_skb: 42 callbacks suppressed\n")
        self.assertIn("42 records are missing", done.error)

    def test_names_that_programs_choose(self):
        """They are in a comment, and stay there."""
        name = '","action":"SCMP_ACT_ALLOW"},{"names":["bpf'
        text = record("get_mempolicy", exe="@").replace('exe="@"', "exe=" + name.encode().hex().upper())
        self.assertEqual(additions(self.learn(text).text), {"get_mempolicy": "learned: 1 of " + name})
        self.assertEqual(additions(self.learn(self.denials(text)).text), {"get_mempolicy": "learned: 1 of " + name})
        text = text.replace(name.encode().hex().upper(), b"\x1b[2J\n\xff".hex().upper())
        self.assertEqual(additions(self.learn(text).text), {"get_mempolicy": "learned: 1 of \\x1b[2J\\x0a\\xff"})


@guardtest.all_runtimes
@guardtest.needs_wrapper
class EndToEnd(guardtest.Case):
    """A workload that RuntimeDefault breaks: complain, learn, enforce."""

    def steps(self, **policy):
        b = self.bundle(args=["/bin/" + self.name])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {self.name: WORKLOAD})
        done = self.run_guarded(b, policy=self.policy(**policy))
        self.assertStatus(done, 0)
        return {k: int(v) for k, v in (line.split("=") for line in done.text.splitlines())}

    def setUp(self):
        super().setUp()
        if not WORKLOAD:
            self.skipTest("tests/helpers/workload was not built")
        if platform.machine() != "x86_64":
            self.skipTest("records of %s are not read here" % platform.machine())
        self.name = "learn-%d-%d" % (os.getpid(), time.monotonic_ns() % 1000)
        if self.steps(mode="audit")["mount"]:
            self.skipTest("no mounts in user namespaces here")

    def complained(self):
        try:
            log = KernelLog()
        except OSError as error:
            self.skipTest("cannot read the kernel's audit log: %s" % error.strerror)
        self.assertEqual(set(self.steps(mode="complain").values()), {0})
        log.wait_for(r'comm="%s" .*code=%#x' % (self.name[:15], LOG), {135, 165, 166, 248, 250, 272})
        return "".join(log.lines)

    def test_one_value_and_no_other(self):
        """The program calls personality(0x40000)."""
        for value, wanted in (("0x40000", 0), ("0x80000", EPERM)):
            line = "personality(%s) = -1 EPERM (Operation not permitted)\n" % value
            for form in ("oci", "moby"):
                done = command([CLI, "learn", "--format", form], stdin=line.encode())
                self.assertStatus(done, 0)
                seen = self.steps(profile=self.file("learned.json", done.text))
                self.assertEqual((seen["personality"], seen["keyctl"]), (wanted, EPERM), (value, form))

    def test_complain_learn_enforce(self):
        self.assertEqual(set(self.steps().values()), {EPERM})
        log = self.complained()
        refused = command([CLI, "learn"], stdin=log.encode())
        self.assertStatus(refused, 1)
        named = re.findall(r"say --allow (\w+)", refused.error)
        self.assertEqual(sorted(named), ["add_key", "keyctl", "mount", "umount2", "unshare"])
        for form in ("oci", "moby"):
            done = command([CLI, "learn", "--format", form, "--allow", ",".join(named)], stdin=log.encode())
            self.assertStatus(done, 0)
            self.assertEqual(set(additions(done.text)), {*named, "personality"})
            path = self.file("learned.json", done.text)
            self.assertEqual(set(self.steps(profile=path).values()), {0}, form)
        # The runtime itself takes the comments.
        oci = command([CLI, "learn", "--allow", ",".join(named)], stdin=log.encode())
        b = self.bundle(args=["/bin/" + self.name], seccomp=json.loads(oci.text))
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {self.name: WORKLOAD})
        done = self.call("run", "--bundle", b.path, self.container_id())
        self.assertStatus(done, 0)
        self.assertEqual(set(re.findall(r"=(\d+)", done.text)), {"0"})
        # What was left out is denied, and nothing else.
        done = command([CLI, "learn", "--allow", ",".join(named[1:]), "--deny", named[0]], stdin=log.encode())
        seen = self.steps(profile=self.file("less.json", done.text))
        self.assertEqual({k: v for k, v in seen.items() if v}, dict.fromkeys([k for k in seen if seen[k]], EPERM))
        self.assertIn({"umount2": "umount"}.get(named[0], named[0]), [k for k in seen if seen[k]])


def assert_learned(case, done):
    seen = case.probed(done)
    case.assertEqual((seen["Seccomp"], seen["keyctl"], seen["add_key"], seen["clone3"]), (2, KEYCTL_RAN, EPERM, 38), done)


def learned(case, form):
    """With a rule on one value beside those that the base has on the call."""
    text = record("keyctl") + "personality(ADDR_NO_RANDOMIZE) = -1 EPERM (Operation not permitted)\n"
    done = command([CLI, "learn", "--format", form, "--allow", "keyctl"], stdin=text.encode())
    case.assertStatus(done, 0)
    case.assertIn("learned: 1 of /bin/app", done.text)
    return case.file("learned-%s.json" % form, done.text)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Podman(engine.Podman):
    def test_it_loads(self):
        for form in ("oci", "moby"):
            done = self.podman("run", "--rm", runtime="tested", security=("seccomp=" + learned(self, form),))
            assert_learned(self, done)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Docker(engine.Docker):
    def test_it_loads(self):
        for form in ("oci", "moby"):
            done = self.docker("run", "--rm", runtime="tested", security=("seccomp=" + learned(self, form),))
            assert_learned(self, done)


if __name__ == "__main__":
    guardtest.main()
