# SPDX-License-Identifier: Apache-2.0
"""Restrictions by meaning. Each profile is compiled by libseccomp as it is and with restrictions laid over it, and both
programs are asked about the same calls: what is restricted must be denied, whatever the bits above an int, and
everything else must be answered as before."""
import itertools
import json
import os
import subprocess
import sys
import tempfile

import compiled
import meaning
from test_profiles import BUILD, FLAVORS, Tap

NAMES = ("af-alg", "af-vsock", "userns", "io-uring", "keyctl", "bpf", "ptrace")
NEW_USER = 0x10000000
HIGH = (0, 1 << 32, 0xffffffff << 32)
NARROW = ("x86", "x32", "arm", "s390", "mipsn32")  # ABIs of whose arguments libseccomp looks at 32 bits
# libseccomp 2.5.4 compiles for these, and each has the ABIs that the engines list for it.
HOSTS = {"x86_64": ("x86_64", "x86", "x32"), "aarch64": ("aarch64", "arm"), "riscv64": ("riscv64",),
         "ppc64le": ("ppc64le",), "s390x": ("s390x", "s390"), "mips64": ("mips64", "mips", "mips64n32")}
ALLOWED, LOGGED, EPERM, ENOSYS = 0x7fff0000, 0x7ffc0000, 0x50001, 0x50026
FAMILIES = {"af-alg": 38, "af-vsock": 40}
WHOLE = {"af-alg": ("io_uring_setup",), "af-vsock": ("io_uring_setup",), "userns": ("clone3",),
         "io-uring": ("io_uring_setup", "io_uring_enter", "io_uring_register"),
         "keyctl": ("keyctl", "add_key", "request_key"), "bpf": ("bpf",),
         "ptrace": ("ptrace", "process_vm_readv", "process_vm_writev")}
UNKNOWN_CALLS = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
MULTIPLEXERS = {"socketcall": ("af-alg", "af-vsock")}
# 46 families there are, and room for what is to come.
SETS = [(name,) for name in NAMES] + [("af-alg", "af-vsock"), ("userns", "keyctl"), NAMES]
EVERY_RESTRICTED = {call for calls in WHOLE.values() for call in calls}
CAPS = ("0", "a80425fb", "1ffffffffff")
EVERY_CALL = ("read", "write", "openat", "mount", "setns", "futex", "recvmsg", "connect", "sendto", "accept4", "bind",
              "getsockopt", "shmget", "semop", "fork", "vfork", "execve", "personality", "userfaultfd",
              "perf_event_open")


def laid(questions):
    run = subprocess.run([os.path.join(BUILD, "tests/profile/tighten-dump")], check=True, stdout=subprocess.PIPE,
                         input="".join(" ".join(q) + "\n" for q in questions), encoding="ascii")
    lines = run.stdout.splitlines()
    assert len(lines) == len(questions)
    return lines


def restricted(names, abi, call, args):
    """Whether the kernel would do what is restricted, or None where it may be denied or not: values that no kernel
    takes for anything."""
    if any(call in WHOLE[name] for name in names):
        return True
    low = args[0] & 0xffffffff
    families = [FAMILIES[name] for name in names if name in FAMILIES]
    if families and call in ("socket", "socketpair"):
        return True if low in families else None if args[0] > 63 else False
    if "userns" in names and call in ("clone", "unshare"):
        flags = args[1 if abi in ("s390", "s390x") and call == "clone" else 0]
        return bool(flags & NEW_USER) or (None if flags >> 32 else False)
    if families and call == "socketcall":
        return True
    return False


def arguments(call):
    """Argument vectors around everything that rules on this call ask about."""
    if call in ("socket", "socketpair"):
        return [(family | high, 1, 0) for family in (*range(66), 255, 0xffffffff) for high in HIGH] + [(16, 3, 9)]
    if call in ("clone", "unshare"):
        bits = [0, 0x11, 0x7e020000, 0x3d0f00, 0xffffffff, 1 << 33, 1 << 63] + [1 << bit for bit in range(7, 33)]
        flags = bits + [bit | NEW_USER for bit in bits]
        return [(one, 0, 0) for one in flags] + [(0, one, 0) for one in flags]
    if call == "socketcall":
        return [(number | high, 0, 0) for number in range(22) for high in HIGH[:2]]
    if call == "personality":
        return [(value, 0, 0) for value in (0, 1, 8, 0x20000, 0x20008, 0xffffffff, 1 << 32)]
    return [(meaning.MASK, meaning.MASK, meaning.MASK)] if call in EVERY_RESTRICTED else [(0, 0, 0)]


def calls_to_try(profile, host, every):
    """`every`: each call that the profile names; else those that restrictions are about, and a few others."""
    names = {name for rule in profile["syscalls"] for name in rule["names"]} if every else set()
    names.update(EVERY_CALL, MULTIPLEXERS, ("socket", "socketpair", "clone", "unshare", "ipc"), *WHOLE.values())
    calls = []
    for abi in HOSTS[host]:
        for name in sorted(names):
            for args in arguments(name):
                if abi in NARROW or abi in ("mips", "mips64n32"):
                    args = tuple(arg & 0xffffffff for arg in args)
                calls.append((abi, name, args))
    return list(dict.fromkeys(calls))


def action(answer):
    """For another byte order than its own, libseccomp 2.5.4 leaves some return values in the wrong one."""
    value = int(answer, 16)
    known = (ALLOWED, LOGGED, 0x50000, 0x80000000, 0x7fc00000, 0x7ff00000, 0x30000)
    if value == 0 or value & 0xffff0000 in known:
        return value
    return int.from_bytes(value.to_bytes(4, "big"), "little")


def permits(value):
    return value & 0xffff0000 in (ALLOWED, LOGGED, 0x7fc00000, 0x7ff00000)


def expected_errno(call, default):
    if call in MULTIPLEXERS:
        return EPERM if default == ENOSYS else ENOSYS
    return ENOSYS if call in UNKNOWN_CALLS else EPERM


def denied_as_a_whole(profile, name):
    """Whether libseccomp may make something else of the rules on the call, so that all of it is taken away."""
    return any(name in rule["names"] and len({arg["index"] for arg in rule.get("args", [])}) > 1
               for rule in profile["syscalls"])


def problem(names, call, before, after, default, whole=False):
    """What is wrong with the answer `after` for this call, or None."""
    wanted = restricted(names, *call)
    if whole and wanted is False and not permits(after):
        return None
    if wanted is False and before != after or not permits(before) and after != before and call[1] not in MULTIPLEXERS:
        return "was %x, is %x" % (before, after)
    if wanted and permits(after):
        return "is let through (%x)" % after
    if wanted is None and after == default:
        return None
    if permits(before) and not permits(after) and after != expected_errno(call[1], default):
        return "denied with %x" % after
    return None


def compare(cases):
    """cases: (label, names, host, profile before, profile after). Problems, and how many calls were looked at."""
    requests, asked = [], []
    for label, names, host, before, after in cases:
        calls = calls_to_try(before, host, names == NAMES)
        asked.append(calls)
        for profile in (before, after):
            requests.append(compiled.request(profile, profile.get("architectures") or [host], calls))
    answers = iter(compiled.answers(BUILD, requests))
    problems, tried, changed = [], 0, 0
    for (label, names, host, before, after), calls in zip(cases, asked):
        default = action("%x" % compiled.action_number(before["defaultAction"], before.get("defaultErrnoRet")))
        one = [next(answers) for _ in calls], next(answers)
        two = [next(answers) for _ in calls], next(answers)
        for end in (one[1], two[1]):
            if end.startswith("error"):
                problems.append("%s: %s" % (label, end))
        for call, was, now in zip(calls, one[0], two[0]):
            if was == "-" or now == "-":
                continue
            tried += 1
            changed += was != now
            whole = label.startswith("two arguments") and denied_as_a_whole(before, call[1])
            what = problem(names, call, action(was), action(now), default, whole)
            if what:
                problems.append("%s: %s %s%s %s" % (label, *call[:2], tuple(map(hex, call[2])), what))
    print("# %d calls, %d changed" % (tried, changed))
    return problems, tried, changed


def builtin():
    """Every flavor on every host, for few, some and all capabilities."""
    questions = [(host, caps, "enforce", ",".join(names), "-", "flavor", flavor)
                 for flavor, host, caps in itertools.product(FLAVORS, HOSTS, CAPS)
                 for names in [()] + (SETS if (host, caps) == ("x86_64", CAPS[0]) else [NAMES])]
    questions = [q[:3] + (q[3] or "-",) + q[4:] for q in questions]
    texts = laid(questions)
    cases, base = [], None
    for question, text in zip(questions, texts):
        profile = json.loads(text)
        if question[3] == "-":
            base = profile
        else:
            cases.append((" ".join(question), tuple(question[3].split(",")), question[0], base, profile))
    problems, tried, changed = compare(cases)
    if tried < 100000 or changed < tried / 100:
        problems.append("that is too little")
    return problems


def rule(names, act="ALLOW", errno=None, *args):
    made = {"names": names.split(), "action": "SCMP_ACT_" + act}
    if errno is not None:
        made["errnoRet"] = errno
    if args:
        made["args"] = [{"index": index, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": two}
                        for index, op, value, two in args]
    return made


CALLS = "socket socketpair clone clone3 unshare keyctl bpf ptrace io_uring_setup read write"
FULL = (0, "MASKED_EQ", 0xffffffff, 38)
# Without these no container starts; and where a filter is about a call or two, libseccomp 2.5.4 loses some for x32.
BASE = [rule("execve exit_group openat close fstat mmap munmap")]
# Profiles as people and tools write them, and worse: (what is odd about it, default, errno, rules).
ODD = [
    ("plain list", "ERRNO", 1, [rule(CALLS)]),
    ("list with socketcall", "ERRNO", 1, [rule(CALLS + " socketcall ipc connect")]),
    ("another errno", "ERRNO", 13, [rule(CALLS)]),
    ("kills", "KILL_PROCESS", None, [rule(CALLS)]),
    ("traps", "TRAP", None, [rule(CALLS), rule("connect", "ERRNO", 22)]),
    ("lets all through", "ALLOW", None, [rule("mkdir", "ERRNO", 1)]),
    ("logs all", "LOG", None, [rule(CALLS)]),
    ("lets through, denies some", "ALLOW", None, [rule("socket", "ERRNO", 97, (0, "EQ", 38, 0)),
                                                  rule("keyctl", "ERRNO", 5)]),
    ("a denial that is lost", "ERRNO", 1, [rule(CALLS + " socketcall"), rule("socket", "ERRNO", 97, (0, "EQ", 38, 0))]),
    ("dead rules that would come alive", "ERRNO", 1, [rule(CALLS), rule("keyctl", "TRAP"), rule("bpf", "LOG"),
                                                      rule("unshare", "KILL_PROCESS", None, (0, "EQ", 0, 0))]),
    ("alternatives", "ERRNO", 38, [rule("socket", "ALLOW", None, (0, "EQ", 1, 0), (0, "EQ", 2, 0), (0, "GT", 30, 0))]),
    ("two arguments", "ERRNO", 1, [rule("socket", "ALLOW", None, (0, "GE", 10, 0), (1, "NE", 3, 0)),
                                   rule("clone", "ALLOW", None, (0, "MASKED_EQ", 0x20000, 0), (1, "EQ", 0, 0))]),
    ("not equal", "ERRNO", 1, [rule("socket", "ALLOW", None, (0, "NE", 38, 0)),
                               rule("unshare", "ALLOW", None, (0, "NE", 0, 0))]),
    ("logs what it lets through", "ERRNO", 1, [rule(CALLS, "LOG")]),
    ("a tracer decides", "ERRNO", 1, [rule(CALLS, "TRACE", 7)]),
    ("errno of its own for families", "ERRNO", 38, [rule("socketcall"), rule("socket", "ERRNO", 1, (0, "EQ", 40, 0)),
                                                    rule("socket", "ALLOW", None, (0, "NE", 40, 0))]),
    ("no socket at all", "ERRNO", 1, [rule("read write clone")]),
]


def odd_profile(odd, host):
    archs = {"x86_64": ["X86_64", "X86", "X32"], "aarch64": ["AARCH64", "ARM"], "riscv64": ["RISCV64"]}[host]
    profile = {"defaultAction": "SCMP_ACT_" + odd[1], "architectures": ["SCMP_ARCH_" + arch for arch in archs],
               "syscalls": odd[3] + BASE}
    if odd[2] is not None:
        profile["defaultErrnoRet"] = odd[2]
    return profile


def overlays(directory):
    """Over profiles as configurations have them: also that a second time there is nothing left to do."""
    cases, problems = [], []
    path, again = os.path.join(directory, "one.json"), os.path.join(directory, "two.json")
    for odd, host, names in itertools.product(ODD, ("x86_64", "riscv64"), (NAMES, ("af-alg",), ("userns",))):
        before = odd_profile(odd, host)
        with open(path, "w", encoding="ascii") as out:
            json.dump(before, out)
        question = (host, "0", "enforce", ",".join(names), "-", "overlay")
        text = laid([question + (path,)])[0]
        label = "%s %s %s" % (odd[0], host, " ".join(names))
        if text.startswith("!"):
            problems.append("%s: %s" % (label, text))
            continue
        after = before if text == "=" else json.loads(text)
        with open(again, "w", encoding="ascii") as out:
            json.dump(after, out)
        if laid([question + (again,)]) != ["="]:
            problems.append("%s: not settled" % label)
        cases.append((label, names, host, before, after))
    found, tried, changed = compare(cases)
    return problems + found + ([] if changed > 1000 else ["too little"])


def foreign_abi(directory):
    """The host's own ABI is left in the list, nothing else changes, and a second time there is nothing to do."""
    problems, path = [], os.path.join(directory, "abi.json")

    def check(label, before, host, mode, expected):
        with open(path, "w", encoding="ascii") as out:
            json.dump(before, out)
        answer = laid([(host, "0", mode, "foreign-abi", "-", "overlay", path)])[0]
        if answer != "=":
            answer = json.loads(answer)
            if [answer.get("architectures"), dict(answer, architectures=0)] != [expected, dict(before, architectures=0)]:
                problems.append("%s: %s" % (label, answer.get("architectures")))
            elif expected != before.get("architectures"):
                check(label + " again", answer, host, mode, None)
        elif expected is not None:
            problems.append("%s: not changed" % label)

    for host, own in (("x86_64", "X86_64"), ("aarch64", "AARCH64"), ("s390x", "S390X"), ("mips64", "MIPS64")):
        own = ["SCMP_ARCH_" + own]
        base = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
        for text in laid([(host, "0", "enforce", "-", "-", "flavor", flavor) for flavor in FLAVORS]):
            before = json.loads(text)
            check("%s flavor" % host, before, host, "enforce", own)
            check("%s complains" % host, before, host, "complain", None)
        check("%s alone" % host, dict(base, architectures=own), host, "enforce", None)
        check("%s no list" % host, base, host, "enforce", None)
        check("%s only others" % host, dict(base, architectures=["SCMP_ARCH_PPC64LE", "SCMP_ARCH_ARM"]), host, "enforce", own)
    return problems


def mistakes():
    """Restrictions laid wrongly are noticed."""
    question = ("x86_64", "0", "enforce", "-", "-", "flavor", "containers")
    before, good = [json.loads(text) for text in laid([question, question[:3] + (",".join(NAMES),) + question[4:]])]
    problems = []
    for mistake in ("socketcall", "beside", "high", "flag", "name", "open"):
        wrong = json.loads(json.dumps(good))
        if mistake == "socketcall":
            wrong["syscalls"].pop(0)
        elif mistake == "beside":
            wrong = json.loads(json.dumps(before))
            wrong["syscalls"].append(rule("socketpair", "ERRNO", 1, FULL))
        elif mistake == "name":
            wrong["syscalls"][1]["names"].append("keyctl")
        for one in wrong["syscalls"]:
            for arg in one.get("args", ()):
                if mistake == "high" and arg["value"] == 39:
                    arg.update(value=0xffffffff, valueTwo=38, op="SCMP_CMP_MASKED_EQ")
                elif mistake == "flag" and arg["value"] == NEW_USER:
                    arg["value"] = arg["valueTwo"] = NEW_USER << 1
                elif mistake == "open" and arg["op"] == "SCMP_CMP_LE":
                    arg["value"] = 36
        if not compare([("", NAMES, "x86_64", before, wrong)])[0]:
            problems.append("%s went unnoticed" % mistake)
    return problems


def objects():
    """`policy check` refuses what would only be held by denying the whole call, and says of which."""
    problems = []
    with tempfile.TemporaryDirectory(prefix="tighten-") as directory:
        path = os.path.join(directory, "policy.json")
        for names, args, taken in (("socket", [(0, "LT", 17, 0), (1, "GT", 2, 0)], False),
                                   ("socket", [(1, "GT", 40, 0), (0, "GE", 10, 0)], False),
                                   ("socket", [FULL], True), ("socket socketpair", [(0, "EQ", 16, 0)], True),
                                   ("clone", [(0, "MASKED_EQ", 0x20000, 0x20000)], True), ("kcmp", [], True),
                                   ("ioctl", [(1, "MASKED_EQ", 0xffffffff, 0x5412)], True),
                                   ("ioctl", [(0, "EQ", 1, 0), (1, "EQ", 0x5412, 0)], True)):
            restriction = {key: value for key, value in rule(names, "ERRNO", None, *args).items() if key in ("names", "args")}
            with open(path, "w", encoding="ascii") as out:
                json.dump({"log": {"to": "none"}, "tighten": [restriction]}, out)
            done = subprocess.run([os.path.join(BUILD, "seccomp-guard"), "policy", "check", path], check=False,
                                  stdout=subprocess.PIPE, encoding="ascii")
            if (done.returncode == 0) != taken or ("all of socket would be denied" in done.stdout) == taken:
                problems.append("%s %s: %d %s" % (names, args, done.returncode, done.stdout))
    return problems


def main():
    tap = Tap()
    tap.check("policy check refuses objects that do not hold", objects())
    with tempfile.TemporaryDirectory(prefix="tighten-") as directory:
        tap.check("restrictions hold over any profile of a configuration, and have settled", overlays(directory))
        tap.check("foreign-abi leaves the host's own ABI, and everything else as it was", foreign_abi(directory))
    tap.check("wrong restrictions are noticed", mistakes())
    tap.check("restrictions hold over the built-in profiles, and nothing else changes", builtin())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
