# SPDX-License-Identifier: Apache-2.0
"""Restrictions by meaning. Each profile is compiled by libseccomp as it is and with restrictions laid over it, and both
programs are asked about the same calls: what is restricted must be denied, whatever the bits above an int, and everything
else must be answered as before."""
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
              "getsockopt", "shmget", "semop", "fork", "vfork", "execve", "personality", "userfaultfd", "perf_event_open")


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
        return bool(flags & NEW_USER)
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


def problem(names, call, before, after, default):
    """What is wrong with the answer `after` for this call, or None."""
    wanted = restricted(names, *call)
    if wanted is False and before != after or not permits(before) and after != before and call[1] not in MULTIPLEXERS:
        return "was %x, is %x" % (before, after)
    if wanted and permits(after):
        return "is let through (%x)" % after
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
            what = problem(names, call, action(was), action(now), default)
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


def main():
    tap = Tap()
    tap.check("restrictions hold over the built-in profiles, and nothing else changes", builtin())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
