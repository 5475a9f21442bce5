# SPDX-License-Identifier: Apache-2.0
"""The model of a profile (src/semantics/model.h) says what libseccomp's programs do."""
import json
import os
import random
import subprocess
import sys

import compiled
import meaning
import test_profiles
from test_profiles import BUILD, FLAVORS, TOP

ABIS = ("x86_64 x86 x32 aarch64 arm mips mipsel mips64 mipsel64 mips64n32 mipsel64n32 ppc ppc64 ppc64le riscv64 s390 "
        "s390x").split()  # loongarch64 is younger than libseccomp 2.5.4
# Little-endian ones: for another byte order than its own, libseccomp 2.5.4 leaves some return values in the wrong one.
HOSTS = {"x86_64": ("x86_64", "x86", "x32"), "aarch64": ("aarch64", "arm"), "riscv64": ("riscv64",),
         "ppc64le": ("ppc64le",), "mipsel64": ("mipsel64", "mipsel", "mipsel64n32")}
NARROW = ("x86", "x32", "arm", "mipsel", "mipsel64n32")
MULTIPLEXERS = ("socketcall", "ipc")
ACTIONS = {"SCMP_ACT_ALLOW": 0x7fff0000, "SCMP_ACT_LOG": 0x7ffc0000, "SCMP_ACT_ERRNO": 0x50000, "SCMP_ACT_TRAP": 0x30000,
           "SCMP_ACT_TRACE": 0x7ff00000, "SCMP_ACT_KILL": 0, "SCMP_ACT_KILL_PROCESS": 0x80000000}
POINTS = (0, 1, 2, 5, 16, 38, 39, 40, 41, 0x20000, 0x7e020000, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 40,
          1 << 63, meaning.MASK)
SMALL = POINTS[:12]
compiled.ACTIONS.update(ACTIONS)


def all_names():
    with open(os.path.join(TOP, "src/flavor/profiles/syscalls.list"), encoding="ascii") as text:
        return [line.split()[0] for line in text if not line.startswith("#")]


NAMES = all_names()


def run(program, lines):
    done = subprocess.run([os.path.join(BUILD, "tests/profile", program)], check=True, stdout=subprocess.PIPE,
                          input="\n".join(lines) + "\n", encoding="ascii")
    return done.stdout.splitlines()


def vectors(profile, name, picker):
    """Arguments at the borders of what the rules ask for; at random where that would be too many."""
    values = [{0} for _ in range(6)]
    for rule in profile["syscalls"]:
        if name in rule["names"] or name in MULTIPLEXERS:
            for arg in rule.get("args") or []:
                for base in (arg["value"], arg.get("valueTwo", 0)):
                    values[arg["index"]] |= {base, (base - 1) & meaning.MASK, (base + 1) & meaning.MASK,
                                             base ^ 1 << 32, base ^ meaning.MASK}
    if name in MULTIPLEXERS:
        values[0] |= set(range(26))
    if all(len(v) == 1 for v in values):
        return [(0,) * 6]
    lists = [sorted(v) for v in values]
    return [tuple(picker.choice(v) for v in lists) for _ in range(40)] + [
        tuple(v if i == index else 0 for i in range(6)) for index, vs in enumerate(lists) for v in vs]


def questions(profile, host, names, picker):
    return ["call %s %s %s" % (abi, name, " ".join("%d" % a for a in args))
            for name in names for args in vectors(profile, name, picker) for abi in HOSTS[host]]


def differences(cases, alter=lambda profile: profile):
    """cases: [(label, profile, host, calls)]. (what model and program say differently, calls, contested calls)"""
    problems, asked, filters, tried, contested, told = [], [], [], 0, 0, set()
    for _, profile, host, calls in cases:
        asked += ["profile %s profile %s" % (host, json.dumps(alter(profile)))] + calls
        architectures = profile.get("architectures") or [host]
        filters.append(compiled.request(profile, architectures)[:-len("end\n")] + "\n".join(calls) + "\nend\n")
    mine = iter(run("model-dump", asked))
    theirs = iter(compiled.answers(BUILD, filters))
    for label, profile, _, calls in cases:
        rows = [(call, next(mine), next(theirs)) for call in calls]
        end = next(theirs)
        failed = end.startswith("error rule")
        if failed != any(row[1].startswith("error") for row in rows):
            problems.append("%s: model %s, libseccomp %s: %s" % (
                label, next((row[1] for row in rows if row[1].startswith("error")), "takes it"), end, json.dumps(profile)))
            continue
        for call, one, other in rows:
            if failed or other == "-":
                continue
            tried += 1
            contested += one.endswith("?")
            if one != other and not one.endswith("?"):
                problems.append("%s: %s is %s, model %s" % (label, call, other, one))
                if label.startswith("random") and label not in told:
                    told.add(label)
                    problems.append(json.dumps(profile))
    return problems, tried, contested


def numbers():
    """As libseccomp has them; what is younger than the one at hand it does not know."""
    lines = ["number %s %s" % (abi, name) for abi in ABIS for name in NAMES]
    problems, known = [], 0
    for line, mine, theirs in zip(lines, run("model-dump", lines), run("filter-compile", ["default 0"] + lines)):
        if int(theirs) >= 0:
            known += 1
            if mine != theirs:
                problems.append("%s is %s, not %s" % (line, theirs, mine))
    if known < 5000:
        problems.append("only %d numbers" % known)
    print("# %d numbers" % known)
    return problems


def flavors():
    picker, cases = random.Random(1), []
    for flavor in FLAVORS:
        for host in HOSTS:
            for caps, mode in (("0", "enforce"), ("1ffffffffff", "enforce"), ("a80425fb", "complain")):
                profile = json.loads(test_profiles.resolve([(flavor, host, "6.18", caps, mode)])[0])
                cases.append(("%s %s %s" % (flavor, host, caps), profile, host, questions(profile, host, NAMES, picker)))
    problems, tried, contested = differences(cases)
    print("# %d calls, %d of them contested" % (tried, contested))
    return problems + (["%d calls" % tried] if tried < 60000 or contested > tried / 100 else [])


def condition(picker, index, points=POINTS):
    op = picker.choice(sorted(compiled.OPS))
    arg = {"index": index, "op": "SCMP_CMP_" + op, "value": picker.choice(points)}
    if op == "MASKED_EQ":
        arg["valueTwo"] = picker.choice(points)
    return arg


def random_conditions(picker):
    """Conditions for each of a call's entries. Of entries that overlap in part libseccomp 2.5.4 loses some, if they look at
    several arguments or at their high halves (GHSA-4q85-33p6-j5g6)."""
    one = [condition(picker, picker.choice((0, 1, 5)))]
    kind = picker.randrange(5)
    if kind == 0:
        return [[condition(picker, index) for index in sorted(picker.sample(range(6), picker.randint(1, 3)))]]
    if kind == 1:
        return [[condition(picker, 0, SMALL) for _ in range(picker.randint(2, 8))]]
    if kind == 2:
        return [[condition(picker, 2, SMALL)], [condition(picker, 2, SMALL)]]
    return [one, []] if kind == 3 else [[], one]


def random_profile(picker, host):
    verdicts = (("SCMP_ACT_ALLOW", None), ("SCMP_ACT_ERRNO", 1), ("SCMP_ACT_ERRNO", 38), ("SCMP_ACT_ERRNO", None),
                ("SCMP_ACT_TRAP", None), ("SCMP_ACT_LOG", None), ("SCMP_ACT_KILL", None), ("SCMP_ACT_KILL_PROCESS", None))
    names = picker.sample(("socket", "accept4", "socketcall", "sendmsg", "recv", "semop", "shmctl", "ipc", "clone", "read",
                           "personality", "ioctl", "mseal", "no_such_call"), 5)
    profile = {"defaultAction": picker.choice(("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "SCMP_ACT_KILL")),
               "architectures": ["SCMP_ARCH_" + abi.upper() for abi in HOSTS[host]]}
    if picker.random() < 0.3:
        profile["architectures"].pop()
    if not profile["architectures"]:
        del profile["architectures"]
    # With conditions in every rule libseccomp 2.5.4 writes programs that never load the number of the call.
    plain = "SCMP_ACT_ERRNO" if profile["defaultAction"] == "SCMP_ACT_ALLOW" else "SCMP_ACT_ALLOW"
    profile["syscalls"] = [{"names": ["getpid", "exit"], "action": plain}]
    for name in names:
        for args in random_conditions(picker):
            action, errno = picker.choice(verdicts)
            rule = {"names": [name, "write"] if args == [] else [name], "action": action, "args": args}
            if errno is not None:
                rule["errnoRet"] = errno
            profile["syscalls"].append(rule)
    return profile, names + ["socketcall", "ipc", "mount", "write"]


def random_profiles():
    picker, cases = random.Random(5), []
    for i in range(400):
        host = picker.choice(sorted(HOSTS))
        profile, names = random_profile(picker, host)
        cases.append(("random %d" % i, profile, host, questions(profile, host, sorted(set(names)), picker)))
    problems, tried, contested = differences(cases)
    print("# %d calls, %d of them contested" % (tried, contested))
    return problems + (["%d calls" % tried] if tried < 50000 or contested > tried / 4 else [])


def controls():
    """A model of something else is noticed."""
    def fewer_names(profile):
        return dict(profile, syscalls=[dict(r, names=r["names"][1:]) for r in profile["syscalls"]])

    def other_default(profile):
        return dict(profile, defaultErrnoRet=13)

    def one_abi(profile):
        return dict(profile, architectures=profile["architectures"][:1])

    def wider(profile):
        return json.loads(json.dumps(profile).replace('"value": 40, "op": "SCMP_CMP_GT"', '"value": 40, "op": "SCMP_CMP_GE"'))

    profile = json.loads(test_profiles.resolve([("moby", "x86_64", "6.18", "0", "enforce")])[0])
    case = ("control", profile, "x86_64", questions(profile, "x86_64", NAMES, random.Random(3)))
    return ["%s went unnoticed" % alter.__name__ for alter in (fewer_names, other_default, one_abi, wider)
            if not differences([case], alter)[0]]


def main():
    tap = test_profiles.Tap()
    tap.check("numbers are libseccomp's", numbers())
    tap.check("the built-in profiles' programs do what the model says", flavors())
    tap.check("random profiles' programs do what the model says", random_profiles())
    tap.check("another model is noticed", controls())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
