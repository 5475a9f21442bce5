# SPDX-License-Identifier: Apache-2.0
"""What src/semantics/judge.h calls weak is what goes beyond RuntimeDefault as the engines resolve it (profile-facts.txt), today's or
an earlier one (history-facts.txt), on every architecture, for every capability set and kernel there."""
import functools
import itertools
import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import compiled
import facts
import meaning
from test_profiles import ALLOW, BUILD, CAP_NUMBER, FLAVORS, LOG, TOP, Tap

COLUMNS = ("x86 x86_64 x32 arm aarch64 mips mips64 mips64n32 ppc ppc64 riscv64 s390 s390x loongarch64").split()
NARROW = ("x86", "x32", "arm", "mips", "mips64n32", "ppc", "s390")
LOW = (1 << 32) - 1
# A process in the container can take the part of the tracer, and of the listener where there is none.
PERMITS = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY")
ACTIONS = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY")
SMALL = (0, 1, 2, 3, 5, 7, 16, LOW, 1 << 32, (1 << 32) + 1, 1 << 63)
OPS = ("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ")
POINTS = (0, 8, 16, 38, 39, 40, 41, 0x20000, 0x20008, 0x7e020000, 1 << 28, LOW, 1 << 32, (1 << 32) + 40, meaning.MASK)


def column_of(abi):
    """Byte orders share their numbers."""
    return abi.replace("ppc64le", "ppc64").replace("mipsel", "mips")


def read_numbers():
    """{name: {column: number}}"""
    numbers = {}
    with open(os.path.join(TOP, "src/flavor/profiles/syscalls.list"), encoding="ascii") as text:
        for line in text:
            if not line.startswith("#"):
                name, *cells = line.split()
                numbers[name] = {c: int(cell) for c, cell in zip(COLUMNS, cells) if cell != "-"}
    return numbers


def read_history():
    """{flavor: [(name, conjunction)]}"""
    history = {flavor: [] for flavor in list(FLAVORS) + ["crio-sandbox"]}
    with open(os.path.join(TOP, "tests/data/history-facts.txt"), encoding="ascii") as text:
        for line in text:
            if not line.startswith("#"):
                flavor, _, _, name, args = line.split()
                rule = facts.read_rule(["SCMP_ACT_ALLOW", "-", args, name])
                history[flavor].append((name, meaning.alternatives(rule)[0]))
    return history


NUMBERS = read_numbers()
HISTORY = read_history()
PROFILES, CASES = facts.read(os.path.join(TOP, "tests/data/profile-facts.txt"), CAP_NUMBER)
CASES = [case for case in CASES if case.caps != "absent"]


def spelled_out(profile):
    """Operators as a configuration has them; the facts leave the prefix out."""
    rules = [dict(r, args=[dict(a, op="SCMP_CMP_" + a["op"].replace("SCMP_CMP_", "")) for a in r.get("args") or []])
             for r in profile["syscalls"]]
    return json.dumps(dict(profile, syscalls=rules))


def judge(questions):
    """[(finding, [name])] for [(case, profile)]."""
    lines = ["%s %s %s %s %s\n" % (c.flavor, c.arch, c.kernel, c.caps, spelled_out(p)) for c, p in questions]
    run = subprocess.run([os.path.join(BUILD, "tests/profile/judge-dump")], check=True, stdout=subprocess.PIPE,
                         input="".join(lines), encoding="ascii")
    answers = [line.split() for line in run.stdout.splitlines()]
    assert len(answers) == len(questions)
    return [(words[0], words[1:]) for words in answers]


def columns(arch, profile):
    listed = [abi.replace("SCMP_ARCH_", "").lower() for abi in profile.get("architectures") or []]
    return {column_of(abi) for abi in listed + [arch]}


def newer_names(flavor):
    """Above every number that the flavor names for some container."""
    named = {name for c in CASES if c.flavor == flavor for r in PROFILES[c.profile]["syscalls"] for name in r["names"]}
    highest = max(NUMBERS[name].get("x86_64", 0) for name in named if name in NUMBERS)
    return {name for name in NUMBERS if NUMBERS[name].get("x86_64", 0) > highest}


NEWER = {flavor: newer_names(flavor) for flavor in FLAVORS}


def narrowed(rules):
    """The same rules as a 32-bit ABI compares them."""
    return [(tuple((i, op, value & LOW, datum & LOW) for i, op, value, datum in conjunction), what)
            for conjunction, what in rules]


def holds(conjunction, args):
    """libseccomp drops bits of a masked datum that the mask lacks."""
    return all(meaning.condition_holds((i, op, value, datum & value if op == "MASKED_EQ" else datum), args)
               for i, op, value, datum in conjunction)


def verdict(rules, default, args):
    return next((what for conjunction, what in rules if holds(conjunction, args)), default)


def vectors(rules, width):
    """Arguments at the borders of the conditions, and with other bits set as far as that does not become too many."""
    values = [{0} for _ in range(6)]
    many = len({index for conjunction, _ in rules for index, *_ in conjunction}) > 2
    for conjunction, _ in rules:
        for index, _, value, datum in conjunction:
            for base in (value, datum, value & datum):
                values[index] |= {v & width for v in (base, base - 1, base + 1, base ^ 1 << 32, base ^ meaning.MASK)}
                values[index] |= {(base | 1 << bit) & width for bit in range(0, 64, 7) if not many}
    return itertools.product(*values)


def exceeds(case, name, mine, default, reference):
    """Is there an argument vector, on some ABI, for which `mine` lets the call through and RuntimeDefault never did?"""
    if name in NEWER[case.flavor]:
        return False
    narrow = {column in NARROW for column in case_columns(case.profile, case.arch) if column in NUMBERS[name]}
    theirs = reference["calls"].get(name, [])
    return any(exceeds_in(LOW if low else meaning.MASK, history_of(case.flavor, name), tuple(mine), default, tuple(theirs),
                          reference["default"]) for low in narrow)


# Thousands of cases ask few different questions.
@functools.lru_cache(None)
def exceeds_in(width, history, mine, default, theirs, their_default):
    one, other = mine, history + theirs
    if width == LOW:
        one, other = narrowed(one), narrowed(other)
    return any(verdict(one, default, args)[0] in PERMITS and verdict(other, their_default, args)[0] not in PERMITS
               for args in vectors(one + other, width))


@functools.lru_cache(None)
def history_of(flavor, name):
    return tuple((conjunction, ALLOW) for known, conjunction in HISTORY[flavor] if known == name)


@functools.lru_cache(None)
def case_columns(profile, arch):
    return columns(arch, PROFILES[profile])


def engines_own():
    problems = ["%s %s %s %s: %s %s" % (c.flavor, c.arch, c.label, c.kernel, finding, names)
                for c, (finding, names) in zip(CASES, judge([(c, PROFILES[c.profile]) for c in CASES]))
                if finding != "confined"]
    print("# %d profiles" % len(CASES))
    return problems + ([] if len(CASES) > 4000 else ["only %d cases" % len(CASES)])


def every_name(cases=tuple(CASES), alter=lambda names: names):
    """With a rule before all others that lets every call through, the list is what RuntimeDefault denies; the finding would
    be unconfined without the one call that nobody needs."""
    problems, seen, cache = [], 0, {}
    asked = []
    for case in cases:
        rule = {"names": alter([n for n in NUMBERS if n != "nfsservctl"]), "action": "SCMP_ACT_LOG"}
        asked.append((case, dict(PROFILES[case.profile], syscalls=[rule])))
    for case, (finding, names) in zip(cases, judge(asked)):
        key = (case.flavor, case.profile, case.arch)
        if key not in cache:
            reference = meaning.meaning(PROFILES[case.profile])
            cache[key] = [name for name in NUMBERS if name != "nfsservctl"
                          and exceeds(case, name, [((), LOG)], reference["default"], reference)]
        seen += len(names)
        if finding != "weak" or names != cache[key]:
            problems.append("%s %s %s %s: %s, %s" % (case.flavor, case.arch, case.label, case.kernel, finding,
                                                     sorted(set(names) ^ set(cache[key]))))
    print("# %d calls in %d lists" % (seen, len(cases)))
    return problems


def each_tolerance():
    """What an earlier release let through is confined, alone and all together, and one value more is not."""
    problems, asked, labels = [], [], []
    for case in [c for c in CASES if c.label in ("default", "none", "all") and c.kernel == "6.18"]:
        rules = [{"names": [name], "action": "SCMP_ACT_ALLOW", "args": [
            {"index": i, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": datum}
            for i, op, value, datum in conjunction]} for name, conjunction in HISTORY[case.flavor]]
        if case.flavor == "crio":
            sandbox = [{"names": [name], "action": "SCMP_ACT_ALLOW"} for name, _ in HISTORY["crio-sandbox"]]
            asked.append((replace(case, flavor="crio-sandbox"), dict(PROFILES[case.profile], syscalls=sandbox + rules)))
            labels.append("crio-sandbox %s" % case.arch)
            own = [name for name, _ in HISTORY["crio-sandbox"] if exceeds(case, name, [((), ALLOW)], ("SCMP_ACT_ERRNO", 1),
                                                                          meaning.meaning(PROFILES[case.profile]))]
            found = judge([(case, dict(PROFILES[case.profile], syscalls=sandbox + rules))])[0][1]
            problems += ["crio %s %s, no sandbox: %s" % (case.arch, case.label, found)] if found != own else []
        for some in [[rule] for rule in rules] + [rules]:
            asked.append((case, dict(PROFILES[case.profile], syscalls=some)))
            labels.append("%s %s %s" % (case.flavor, case.arch, some[0]["names"]))
    for label, (finding, names) in zip(labels, judge(asked)):
        if finding != "confined":
            problems.append("%s: %s %s" % (label, finding, names))
    print("# %d profiles" % len(asked))
    return problems + ([] if len(asked) > 500 else ["only %d" % len(asked)])


def random_rule(picker, name):
    rule = {"names": [name, "read"], "action": picker.choice(ACTIONS), "args": []}
    for index in sorted(picker.sample(range(3), picker.choice((0, 1, 1, 2)))):
        rule["args"].append({"index": index, "op": "SCMP_CMP_" + picker.choice(OPS), "value": picker.choice(POINTS),
                             "valueTwo": picker.choice(POINTS)})
    return rule


def random_profiles():
    """One rule with conditions for each of some calls; two on the same call are test_model.py's matter."""
    picker, problems, asked, wanted = random.Random(11), [], [], []
    for _ in range(1500):
        case = picker.choice(CASES)
        names = picker.sample(("clone", "clone3", "personality", "socket", "keyctl", "mount", "ptrace", "unshare", "chroot",
                               "vmsplice", "bpf", "io_uring_setup", "lsm_get_self_attr", "mseal", "timerfd"), 4)
        profile = dict(PROFILES[case.profile], defaultAction=picker.choice(("SCMP_ACT_ERRNO", "SCMP_ACT_KILL")),
                       syscalls=[random_rule(picker, name) for name in names])
        profile.pop("defaultErrnoRet", None)
        asked.append((case, profile))
        mine = meaning.meaning(profile)
        reference = meaning.meaning(PROFILES[case.profile])
        wanted.append(sorted(name for name in names
                             if exceeds(case, name, mine["calls"].get(name, []), mine["default"], reference)))
    for (case, profile), names, (finding, found) in zip(asked, wanted, judge(asked)):
        if found != names or finding != ("weak" if names else "confined"):
            problems.append("%s %s %s: %s %s, not %s: %s" % (case.flavor, case.arch, case.label, finding, found, names,
                                                             json.dumps(profile["syscalls"])))
    weak = sum(bool(names) for names in wanted)
    print("# %d profiles, %d of them weak" % (len(asked), weak))
    return problems + ([] if 300 < weak < 1200 else ["%d weak" % weak])


def overlapping_rule(picker, names):
    rule = {"names": picker.sample(names, picker.choice((1, 2))), "args": [],
            "action": picker.choice(("SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_LOG", "SCMP_ACT_TRAP"))}
    count = picker.choice((0, 1, 1, 2, 2, 2, 3))
    some = [picker.randrange(3) for _ in range(count)] if picker.random() < 0.2 else picker.sample(range(3), count)
    for index in some:
        rule["args"].append({"index": index, "op": "SCMP_CMP_" + picker.choice(OPS), "value": picker.choice(SMALL),
                             "valueTwo": picker.choice(SMALL)})
    return rule


def filters_let_nothing_more_through():
    """Rules that overlap in any way: whatever a program of the libseccomp at hand lets through is on the list. That is the
    side on which src/semantics/judge-doubt.c errs; libseccomp's tree, and what 2.5.4 loses, do not follow the order of rules."""
    picker, names, problems, tried, seen = random.Random(13), ["keyctl", "mount", "unshare"], [], 0, 0
    case = next(c for c in CASES if (c.flavor, c.arch, c.label, c.kernel) == ("moby", "x86_64", "none", "6.18"))
    for _ in range(60):
        profiles = [{"defaultAction": picker.choice(("SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW")),
                     "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls":
                     [overlapping_rule(picker, names) for _ in range(picker.choice((2, 2, 3)))]} for _ in range(10)]
        calls = [(abi, name, tuple(picker.choice(SMALL) ^ picker.choice((0, 0, 1)) for _ in range(3)))
                 for abi in ("x86_64", "x86") for name in names for _ in range(20)]
        try:
            values = iter(compiled.answers(BUILD, [compiled.request(p, p["architectures"], calls) for p in profiles], 10))
        except subprocess.TimeoutExpired:
            continue  # libseccomp up to 2.6.1 does not come to an end with some inequalities
        for profile, (finding, listed) in zip(profiles, judge([(case, profile) for profile in profiles])):
            rows = [(call, next(values)) for call in calls]
            if next(values).startswith("error"):
                continue
            tried += 1
            let_through = {call[1]: call for call, value in rows
                           if value != "-" and int(value, 16) & 0xffff0000 in (0x7fff0000, 0x7ffc0000)}
            seen += len(let_through)
            problems += ["%s is let through, and not listed: %s" % (let_through[name], json.dumps(profile["syscalls"]))
                         for name in let_through if finding != "unconfined" and name not in listed]
    print("# %d profiles, %d calls let through" % (tried, seen))
    return problems + ([] if tried > 200 and seen > 200 else ["only %d" % tried])


def main():
    tap = Tap()
    tap.check("what the engines resolve today is confined", engines_own())
    tap.check("all that RuntimeDefault denies is listed", every_name())
    tap.check("what earlier releases let through is confined", each_tolerance())
    tap.check("conditions on arguments are compared by meaning", random_profiles())
    tap.check("what programs let through is listed", filters_let_nothing_more_through())
    tap.check("a call that is not let through is not listed",
              [] if every_name(CASES[::50], lambda names: [n for n in names if n != "keyctl"]) else ["went unnoticed"])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
