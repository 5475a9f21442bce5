#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Profile files: a container that asks for localhost/x.json runs under it, or does not run."""

import json
import os
import platform
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import STRICT  # noqa: E402
from kernellog import KernelLog  # noqa: E402

ANNOTATION = "seccomp-guard/profile"
NAMES = STRICT["syscalls"][0]["names"]


def allow(*names, **more):
    return dict({"names": list(names), "action": "SCMP_ACT_ALLOW"}, **more)


def strict(*rules, **top):
    """STRICT, which answers EACCES, with more rules."""
    return dict(STRICT, syscalls=STRICT["syscalls"] + list(rules), **top)


def equal(value, index=0):
    return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}


# By what each rule in it asks, a call is let through, and answers with the kernel's own error, or is denied.
DOCKERS_FORM = {
    "defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 13,
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
                {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
                {"architecture": "SCMP_ARCH_S390X", "subArchitectures": None}],
    "syscalls": [
        {"names": NAMES, "action": "SCMP_ACT_ALLOW", "args": [], "comment": "what a program needs", "includes": {},
         "excludes": {}},
        {"name": "unshare", "action": "SCMP_ACT_ALLOW", "args": None, "includes": {"caps": ["CAP_SYS_CHROOT"]}},
        {"names": ["keyctl"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT", "CAP_SYS_ADMIN"]}},
        {"names": ["mkdirat"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["getpgid"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]}},
        {"names": ["setns"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "3.10"}},
        {"names": ["add_key"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "255.0"}},
        {"names": ["sysinfo"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "arm64", "riscv64"]}},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "errno": "ENOSYS"},
    ],
}
EBADF, EACCES, EINVAL, ENOSYS = 9, 13, 22, 38


class Localhost(guardtest.Case):
    """The container asks for a file below localhostRoot."""

    def setUp(self):
        super().setUp()
        self.profiles = os.path.join(self.tmp, "profiles")
        os.mkdir(self.profiles, 0o755)

    def profile(self, name, content):
        return self.file("profiles/" + name, content if isinstance(content, str) else json.dumps(content))

    def policy(self, **keys):
        keys.setdefault("localhostRoot", self.profiles)
        return super().policy(**keys)

    def asking(self, path, **kwargs):
        return self.bundle(annotations={ANNOTATION: "localhost/" + path}, **kwargs)

    def seen(self, content, **keys):
        """What the probe sees in a container that asks for a file of this content."""
        self.profile("x.json", content)
        self.b = self.asking("x.json")
        return self.probed(self.run_guarded(self.b, policy=self.policy(**keys)))

    def assertRefusedFor(self, path, message, **keys):
        """`message` is the whole of what is said about the profile, and nothing has run or changed."""
        b = self.asking(path)
        before = b.snapshot()
        log = os.path.join(self.tmp, "log.json")
        line = self.assertRefused(self.run_guarded(b, policy=self.policy(**keys), log=log, log_format="json"), message)
        self.assertIn(message + "; put a valid profile there", line)
        self.assertUntouched(b, before)
        self.assertNothingLeft()
        record = self.decisions()[-1]
        self.assertEqual((record["action"], record["reason"]), ("refuse", "profile"))
        with open(log, encoding="utf-8") as f:
            self.assertIn(message, json.loads(f.read())["msg"])
        os.unlink(log)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Runs(Localhost):
    def test_under_its_profile(self):
        seen = self.seen(STRICT)
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["clone3"]), (2, EACCES, EACCES))
        record = self.decisions()[-1]
        self.assertEqual(record["action"], "inject")
        self.assertEqual(record["profile"], "localhost/x.json")
        self.assertNothingLeft()

    def test_without_architectures(self):
        """runc before 1.1.15 has its answer to newer calls for the ABIs of the list alone, without which glibc starts no thread."""
        old = [name for name in NAMES if name not in ("close_range", "faccessat2", "openat2")]
        profile = dict(STRICT, syscalls=[dict(STRICT["syscalls"][0], names=old), *STRICT["syscalls"][1:]])
        seen = self.seen(profile)
        self.assertEqual(seen["clone3"], ENOSYS if self.runtime.name == "runc" else EACCES)
        own = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}.get(platform.machine())
        if own:
            self.assertEqual(self.b.seccomp()["architectures"], [own])
        # Nothing is written where there is no such answer, nor over what is written.
        for other, wanted in ((dict(profile, defaultAction="SCMP_ACT_ALLOW", syscalls=[dict(profile["syscalls"][0], names=["bpf"],
                                                                                           action="SCMP_ACT_KILL")]), None),
                              (dict(profile, architectures=[own or "SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]), 2)):
            self.seen(other)
            archs = self.b.seccomp().get("architectures")
            self.assertEqual(archs and len(archs), wanted)

    def test_under_a_profile_in_dockers_form(self):
        seen = self.seen(json.dumps(DOCKERS_FORM, indent="\t"))
        wanted = {"unshare": 0, "keyctl": EACCES, "getpgid": EACCES, "setns": EBADF, "add_key": EACCES, "sysinfo": 0,
                  "vsock": EACCES, "mkdirat": EBADF, "clone3": ENOSYS, "uname": 0, "Seccomp": 2}
        self.assertEqual({name: seen[name] for name in wanted}, wanted)
        self.assertNotIn(b"includes", self.b.read())
        self.assertNotIn(b"\t", self.b.read())

    def test_below_a_directory_and_through_links_that_stay(self):
        os.mkdir(os.path.join(self.profiles, "shop"))
        self.profile("shop/web.json", STRICT)
        os.symlink("shop/web.json", os.path.join(self.profiles, "web"))
        for path in ("shop/web.json", "web", "shop/../web"):
            seen = self.probed(self.run_guarded(self.asking(path), policy=self.policy()))
            self.assertEqual(seen["unshare"], EACCES)

    def test_what_crun_would_refuse_and_runc_ignore(self):
        # A number beside ALLOW, and a listener that nobody needs.
        seen = self.seen(strict(allow("unshare", errnoRet=1), listenerPath="/nowhere/agent.sock"))
        self.assertEqual((seen["unshare"], seen["keyctl"]), (0, EACCES))

    def test_what_crun_would_drop(self):
        # socket(AF_VSOCK) is the seventh condition of one entry; crun reads six.
        conditions = [equal(value) for value in (1, 2, 3, 4, 5, 6, 40)]
        self.assertNotEqual(self.seen(strict(allow("socket", args=conditions)))["vsock"], EACCES)

    def test_what_libseccomp_would_not_come_to_an_end_with(self):
        # Two rules that share an inequality, the second one sorting before the first: libseccomp loops on them, and runc with it.
        seen = self.seen(strict(
            allow("mkdirat", args=[dict(equal(3), op="SCMP_CMP_GT"), dict(equal(2, 2), op="SCMP_CMP_LE")]),
            allow("mkdirat", "unshare", args=[dict(equal(3), op="SCMP_CMP_GT"), equal(8, 2)])))
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["mkdirat"]), (2, EACCES, EBADF))

    def test_as_the_policy_says_where_nothing_is_asked_for(self):
        for profile in ("localhost/x.json", self.profile("x.json", STRICT)):
            seen = self.probed(self.run_guarded(self.bundle(), policy=self.policy(profile=profile)))
            self.assertEqual(seen["unshare"], EACCES)

    def test_not_where_the_policy_does_not_listen(self):
        self.profile("x.json", STRICT)
        done = self.run_guarded(self.asking("x.json"), policy=self.policy(annotations={"honor": False}))
        self.assertConfined(done)

    def test_the_same_bytes_for_the_same_meaning(self):
        self.seen(json.dumps(DOCKERS_FORM, indent=3))
        first = self.b.seccomp()
        self.seen(json.dumps(dict(DOCKERS_FORM, x_comment="y"), separators=(",", ":")))
        self.assertEqual(self.b.seccomp(), first)
        self.assertEqual(len({r["profile_sha256"] for r in self.decisions()}), 1)

    def test_a_second_time_changes_nothing(self):
        self.seen(DOCKERS_FORM)
        before = self.b.snapshot()
        self.probed(self.run_guarded(self.b, policy=self.policy()))
        self.assertUntouched(self.b, before)


def many(n):
    """More rules than the kernel has room for, from about 4090 on: each needs an instruction."""
    return strict(*(allow("mkdirat", args=[equal(7 * i)]) for i in range(n)))


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Refused(Localhost):
    def test_too_long_for_the_kernel(self):
        # Nothing knows before libseccomp has compiled it, which the runtime does. It must not go on without.
        self.profile("x.json", many(4100))
        done = self.run_guarded(self.asking("x.json"), policy=self.policy())
        self.assertNotEqual(done.status, 0)
        self.assertNotIn("Seccomp=", done.text)
        self.assertNothingLeft()
        self.assertEqual(self.decisions()[-1]["action"], "inject")

    def cannot_load(self, path, why):
        return 'cannot load seccomp profile "%s": %s' % (os.path.join(self.profiles, path), why)

    def test_missing(self):
        self.assertRefusedFor("x.json", self.cannot_load("x.json", "does not exist"))

    def test_missing_root(self):
        os.rmdir(self.profiles)
        self.assertRefusedFor("x.json", self.cannot_load("x.json", "localhostRoot: does not exist"))

    def test_outside_of_the_root(self):
        self.file("outside.json", json.dumps(STRICT))
        os.symlink("../outside.json", os.path.join(self.profiles, "link"))
        for path in ("../outside.json", "link", "../profiles/../outside.json"):
            self.assertRefusedFor(path, self.cannot_load(path, "leaves " + self.profiles))
        absolute = os.path.join(self.tmp, "outside.json")
        self.assertRefusedFor(absolute, 'cannot load seccomp profile "%s": must be relative to %s'
                              % (absolute, self.profiles))

    def test_no_file(self):
        os.mkdir(os.path.join(self.profiles, "d"))
        os.mkfifo(os.path.join(self.profiles, "fifo"))
        for path in ("d", "fifo"):
            self.assertRefusedFor(path, self.cannot_load(path, "is not a regular file"))

    def test_in_the_hands_of_others(self):
        os.chmod(self.profile("x.json", STRICT), 0o666)
        self.assertRefusedFor("x.json", self.cannot_load("x.json", "can be written by everybody (mode 0666)"))

    def test_too_large(self):
        self.profile("x.json", json.dumps(STRICT) + " " * (1 << 20))
        self.assertRefusedFor("x.json", self.cannot_load("x.json", "larger than the limit of 1048576 bytes"))

    def test_invalid(self):
        rule = '{"names": ["read"], "action": %s}'
        for content, where in (
                ("", ":1:1: is empty"),
                ("{}", ':1:1: "defaultAction" is missing'),
                ('{"defaultAction": "SCMP_ACT_ERRNO",\n "syscalls": [\n  %s]}' % (rule % '"SCMP_ACT_NO"'),
                 ':3:33: syscalls[0].action: unknown action "SCMP_ACT_NO"'),
                ('{"defaultAction": "SCMP_ACT_ERRNO",\n "syscalls": [\n  %s]}' % (rule % '"SCMP_ACT_NOTIFY"'),
                 ':3:3: syscalls[0]: SCMP_ACT_NOTIFY needs a "listenerPath"'),
                (json.dumps(dict(DOCKERS_FORM, architectures=["SCMP_ARCH_X86"])),
                 ':1:%d: architectures: "architectures" and "archMap" exclude each other'
                 % (len(json.dumps(DOCKERS_FORM)) + len(', "architectures": '))),
        ):
            path = self.profile("x.json", content)
            self.assertRefusedFor("x.json", 'seccomp profile "%s"%s' % (path, where))

    def test_restricting_nothing(self):
        path = self.profile("x.json", {"defaultAction": "SCMP_ACT_ALLOW"})
        self.assertRefusedFor("x.json", 'seccomp profile "%s": restricts nothing' % path)

    def test_in_complain_as_well(self):
        self.assertRefusedFor("x.json", self.cannot_load("x.json", "does not exist"), mode="complain")

    def test_create_leaves_nothing(self):
        b = self.asking("x.json")
        self.assertRefused(self.guarded("create", "--bundle", b.path, self.container_id(), policy=self.policy()),
                           "does not exist")
        self.assertNothingLeft()

    def test_in_audit_it_is_only_recorded(self):
        b = self.asking("x.json")
        before = b.snapshot()
        self.assertUnconfined(self.run_guarded(b, policy=self.policy(mode="audit")))
        self.assertUntouched(b, before)
        record = self.decisions()[-1]
        self.assertEqual((record["action"], record["reason"]), ("would-refuse", "profile"))
        self.assertIn("does not exist", record["msg"])


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Complains(Localhost):
    NUMBERS = {"x86_64": {"unshare": 272, "keyctl": 250, "add_key": 248}, "aarch64": {"unshare": 97, "keyctl": 219,
                                                                                      "add_key": 217}}

    def test_everything_works_but_enosys(self):
        seen = self.seen(DOCKERS_FORM, mode="complain")
        self.assertEqual(seen["Seccomp"], 2)
        self.assertEqual([name for name, errno in seen.items() if errno == EACCES], [])
        self.assertEqual((seen["unshare"], seen["clone3"]), (0, ENOSYS))
        self.assertEqual(self.b.seccomp()["defaultAction"], "SCMP_ACT_LOG")

    def test_killing_is_logged_too(self):
        for action in ("KILL", "KILL_PROCESS", "TRAP", "TRACE"):
            rule = {"names": ["unshare"], "action": "SCMP_ACT_" + action}
            self.assertEqual(self.seen(strict(rule), mode="complain")["unshare"], 0)
            if action != "TRACE":  # which alone restricts nothing
                self.assertEqual(self.seen({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}, mode="complain")
                                 ["unshare"], 0)

    def test_each_would_be_denial_is_in_the_kernels_log(self):
        numbers = self.NUMBERS.get(platform.machine())
        if numbers is None:
            self.skipTest("system call numbers of %s are not known here" % platform.machine())
        self.profile("x.json", strict())
        # A name of its own, to be found among what other containers do.
        name = "probe%d" % os.getpid()
        b = self.asking("x.json", args=["/bin/" + name])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {name: guardtest.PROBE})
        try:
            log = KernelLog()
        except OSError as error:
            self.skipTest("cannot read the kernel's audit log: %s" % error.strerror)
        self.probed(self.run_guarded(b, policy=self.policy(mode="complain")))
        wanted = set(numbers.values())
        self.assertLessEqual(wanted, log.wait_for(r'comm="%s" .*code=0x7ffc0000' % name, wanted))


@guardtest.needs_cli
class Command(Localhost):
    """`seccomp-guard profile FILE`."""

    def test_prints_what_would_be_injected(self):
        path = self.profile("x.json", DOCKERS_FORM)
        done = self.cli("profile", "--caps", "none", "--arch", "aarch64", "--kernel", "4.0", path)
        self.assertStatus(done, 0)
        made = json.loads(done.text)
        self.assertEqual(made["architectures"], ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"])
        names = [name for rule in made["syscalls"] for name in rule["names"]]
        self.assertEqual([name for name in names if name not in NAMES],
                         ["mkdirat", "getpgid", "setns", "sysinfo", "clone3"])
        # It resolves to itself, and standard input is a file as well.
        self.assertEqual(self.cli("profile", "-", stdin=done.out).out, done.out)

    def test_complains(self):
        done = self.cli("profile", "--complain", self.profile("x.json", STRICT))
        self.assertEqual(json.loads(done.text), {"defaultAction": "SCMP_ACT_LOG", "syscalls": STRICT["syscalls"]})

    def test_errors(self):
        bad = self.profile("bad.json", '{"defaultAction": "SCMP_ACT_ERRNO",\n "flags": ["x"]}')
        loose = self.profile("loose.json", {"defaultAction": "SCMP_ACT_LOG"})
        gone = os.path.join(self.tmp, "gone.json")
        long = self.profile("long.json", many(4100))
        for args, message in (
                ([bad], '%s:2:12: flags[0]: unknown flag "x"' % bad),
                ([long], "%s: the filter has more than 4096 instructions" % long),
                ([gone], "%s: does not exist; what is built in is named by --flavor" % gone),
                ([bad, loose], "profile: takes one file; try seccomp-guard profile --help"),
                (["--flavor", "moby", bad], "profile: --flavor and a file exclude each other")):
            done = self.cli("profile", *args)
            self.assertStatus(done, 2)
            self.assertEqual((done.out, done.error), (b"", "seccomp-guard: %s\n" % message))


# Only their copies for each runtime run.
del Localhost

if __name__ == "__main__":
    guardtest.main()
