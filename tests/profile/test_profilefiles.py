# SPDX-License-Identifier: Apache-2.0
"""Profile files in Docker's form resolve to what the engines make of them, and complain for each of them."""
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import compiled
import facts
import meaning
import mobyform
import test_profiles
from test_profiles import BUILD, CAP_NUMBER, TOP, Tap

# The engines' own files are not part of the project; they are used if they are here.
SHARED = os.environ.get("SECCOMP_GUARD_SHARED") or os.path.join(TOP, "..", "shared")
REFERENCE = os.path.join(SHARED, "reference")
FILES = {"moby": "moby-default.json", "containerd": "containerd-default.json",
         "containers": "containers-common-seccomp.json", "crio": "crio-default.json"}
ALLOW, LOG, ENOSYS = ("SCMP_ACT_ALLOW", None), ("SCMP_ACT_LOG", None), ("SCMP_ACT_ERRNO", 38)
SEEDS = 600
VECTORS = 150
OVERLOGGED, REORDERED = set(), set()


def answers(questions):
    """profilefile-dump's answers to (arch, kernel, caps, mode, path), as texts."""
    run = subprocess.run([os.path.join(BUILD, "tests/profile/profilefile-dump")], check=True, stdout=subprocess.PIPE,
                         input="".join(" ".join(q) + "\n" for q in questions), encoding="utf-8")
    lines = run.stdout.splitlines()
    assert len(lines) == len(questions)
    return lines


def asked(cases, path, mode="enforce"):
    return answers([(c.arch, c.kernel, c.caps, mode, path) for c in cases])


class Meanings(dict):
    """Text -> meaning, each worked out once."""

    def __missing__(self, text):
        self[text] = meaning.meaning(json.loads(text))
        return self[text]


def equality(path, cases, wanted):
    problems, meanings = [], Meanings()
    for case, text in zip(cases, asked(cases, path)):
        if text.startswith("!"):
            problems.append("%s: %s" % (path, text))
            continue
        for problem in meaning.differences(meanings[text], wanted[case.profile]):
            problems.append("%s %s %s: %s" % (case.arch, case.label, case.kernel, problem))
    return problems


def complain(path, cases):
    """The complaining variant means what the built-in flavor's own one means, which is tested elsewhere."""
    problems, seen, meanings = [], {}, Meanings()
    builtin = test_profiles.resolve([(c.flavor, c.arch, c.kernel, c.caps, "complain") for c in cases])
    for case, text, other in zip(cases, asked(cases, path, "complain"), builtin):
        if (text, other) not in seen:
            seen[text, other] = other_verdicts(meanings[text], meanings[other])
        problems += ["%s %s %s: %s" % (case.flavor, case.arch, case.label, problem) for problem in seen[text, other]]
    return problems


def other_verdicts(one, two):
    """Calls that two meanings judge differently, whatever rules say so."""
    problems = []
    for name in set(one["calls"]) | set(two["calls"]):
        mine, other = tuple(one["calls"].get(name, [])), tuple(two["calls"].get(name, []))
        for args, *verdicts in meaning.disagreements(mine, one["default"], other, two["default"]) if mine != other else ():
            problems.append("%s%s: %s, built in %s" % (name, args[:3], *verdicts))
    return problems


def with_capabilities(cases, flavor):
    """Without process.capabilities Podman lets every condition hold; a file is resolved as for an empty set."""
    return [case for case in cases if case.flavor == flavor and case.caps != "absent"]


def flavors(tap, directory, cases, wanted):
    for flavor in test_profiles.FLAVORS:
        mine = with_capabilities(cases, flavor)
        path = os.path.join(directory, flavor + ".json")
        with open(path, "w", encoding="ascii") as out:
            json.dump(mobyform.from_flavor(TOP, flavor), out, indent=2)
        tap.check("%s in Docker's form means what the engine resolves, in %d cases" % (flavor, len(mine)),
                  equality(path, mine, wanted))
        tap.check("%s in Docker's form complains as the built-in does" % flavor, complain(path, mine))


def engine_files(tap, cases, wanted):
    for flavor, name in FILES.items():
        path = os.path.join(REFERENCE, "profiles", name)
        # CRI-O's own code changes clone on s390. Docker asks for loongarch64 under a name that is not in its table.
        mine = [case for case in with_capabilities(cases, flavor)
                if (flavor, case.arch) not in (("crio", "s390"), ("crio", "s390x"), ("moby", "loongarch64"))]
        tap.check("%s means what the engine resolves, in %d cases" % (name, len(mine)), equality(path, mine, wanted))
        tap.check("%s complains as the built-in flavor does" % name, complain(path, mine))


def targets():
    caps = ("0", "%x" % facts.ALL_CAPS, "%x" % (1 << CAP_NUMBER["CAP_SYS_ADMIN"]), "%x" % (1 << CAP_NUMBER["CAP_BPF"]))
    return list(itertools.product(("x86_64", "aarch64", "s390x", "riscv64"), ("4.7", "6.1"), caps))


def cap_names(caps):
    return {name for name, number in CAP_NUMBER.items() if int(caps, 16) >> number & 1}


def gardener():
    """A profile that people use, by Docker's rules."""
    path = os.path.join(REFERENCE, "gardener-profile.json")
    with open(path, encoding="ascii") as text:
        profile = json.load(text)
    problems = []
    for target, text in zip(targets(), answers([target + ("enforce", path) for target in targets()])):
        arch, kernel, caps = target
        wanted = mobyform.resolve(profile, arch, cap_names(caps), kernel)
        if text.startswith("!") or json.loads(text) != wanted:
            problems.append("%s: %s" % (" ".join(target), text[:200]))
    return problems


# ---- any profile ----

def logged(what):
    return what if what in (ALLOW, ENOSYS) else LOG


class Complaint:
    """What the complaining variant of a resolved profile must say."""

    def __init__(self, profile):
        self.profile = profile
        self.default = meaning.default_of(profile)
        self.new_default = ALLOW if self.default == ALLOW else LOG
        self.calls = meaning.rules_by_call(profile, self.default)

    def about(self, name, args):
        """A verdict, or None where it may be one or another: libseccomp's tree decides on overlaps."""
        if name not in self.calls and self.default == ENOSYS:
            explicit = [rule for rule in self.profile["syscalls"] if name in rule["names"]]
            return ENOSYS if any(matches(rule, args) for rule in explicit) else self.new_default
        said = {logged(what) for conjunction, what in self.calls.get(name, [])
                if all(meaning.condition_holds(condition, args) for condition in conjunction)}
        if LOG in said and ENOSYS not in said and self.new_default == LOG:
            return LOG
        return said.pop() if len(said) == 1 else None if said else self.new_default


def matches(rule, args):
    return any(all(meaning.condition_holds(condition, args) for condition in conjunction)
               for conjunction in meaning.alternatives(rule))


def vectors(rules, seed):
    every = meaning.interesting_arguments(rules)
    return every if len(every) <= VECTORS else random.Random(seed).sample(every, VECTORS)


def any_complaint(resolved, text):
    """Problems; what is logged though it is allowed is none where it would be too long to say otherwise."""
    mine, complaint = meaning.meaning(json.loads(text)), Complaint(resolved)
    if len(mine["calls"]) != len(meaning.rules_by_call(json.loads(text), None)):
        return ["a rule says what the default says: %s" % text]
    theirs = {}
    for rule in resolved["syscalls"]:
        for name in rule["names"]:
            theirs.setdefault(name, []).extend((conjunction, None) for conjunction in meaning.alternatives(rule))
    problems = []
    for name in set(theirs) | set(mine["calls"]):
        for args in vectors(theirs.get(name, []) + mine["calls"].get(name, []), name):
            wanted = complaint.about(name, args)
            got = meaning.judge(mine["calls"].get(name, []), mine["default"], args)
            if (wanted, got) == (ALLOW, LOG):
                OVERLOGGED.add(text)
            elif wanted not in (None, got):
                problems.append("%s%s: %s instead of %s: %s" % (name, args[:2], got, wanted, text))
                break
    return problems


def resolves_to(text, wanted):
    """The same text, or the same rules in an order of their own for calls that libseccomp could not take otherwise."""
    if text == json.dumps(wanted, separators=(",", ":")):
        return True
    one, two = json.loads(text), wanted
    REORDERED.add(text)
    return all(one.get(key) == two.get(key) for key in (set(one) | set(two)) - {"syscalls"}) and flat(one) == flat(two)


def flat(profile):
    """Each call's rules with conditions, in any order, and without, in theirs."""
    calls = {}
    for rule in profile["syscalls"]:
        for name in rule["names"]:
            for conjunction in meaning.alternatives(rule):
                calls.setdefault((name, conjunction != ()), []).append(
                    (rule["action"], rule.get("errnoRet", -1), conjunction))
    return {key: sorted(rules) if key[1] else rules for key, rules in calls.items()}


def any_problem(profile, target, enforced, complaining):
    arch, kernel, caps = target
    wanted = mobyform.resolve(profile, arch, cap_names(caps), kernel)
    if not enforced.startswith("!") and not resolves_to(enforced, wanted):
        return ["resolved to %s instead of %s" % (enforced, json.dumps(wanted))]
    # Two names of one action.
    wanted = json.loads(json.dumps(wanted).replace('"SCMP_ACT_KILL"', '"SCMP_ACT_KILL_THREAD"'))
    try:
        meaning.meaning(wanted)
    except meaning.Conflict as error:
        return [] if enforced.startswith("!") else ["not refused for %s: %s" % (error, enforced)]
    if enforced.startswith("!"):
        foreign = arch == "s390x" and wanted.get("architectures", [""])[0] != "SCMP_ARCH_S390X"
        return [] if "byte order" in enforced and foreign else ["refused: %s" % enforced]
    return any_complaint(wanted, complaining)


# Denials that tests/profile/compiled.py has no number for, as errnos that nobody uses.
DENIALS = {"SCMP_ACT_" + name: 900 + number for number, name in
           enumerate(("KILL_THREAD", "KILL_PROCESS", "TRAP", "TRACE"))}


def with_numbers(profile):
    """`profile` with ERRNO for every denial."""
    text = json.dumps(profile).replace('"SCMP_ACT_KILL"', '"SCMP_ACT_KILL_THREAD"')
    made = json.loads(text)
    if made["defaultAction"] in DENIALS:
        made.update(defaultErrnoRet=DENIALS[made["defaultAction"]], defaultAction="SCMP_ACT_ERRNO")
    for rule in made["syscalls"]:
        if rule["action"] in DENIALS:
            rule.update(errnoRet=DENIALS[rule["action"]], action="SCMP_ACT_ERRNO")
    return made


def compiled_calls(profile, complaining, abi):
    """The calls that rules are about, each with argument vectors from all regions."""
    rules = {}
    for rule in profile["syscalls"] + complaining["syscalls"]:
        for name in rule["names"]:
            rules.setdefault(name, []).extend((conjunction, None) for conjunction in meaning.alternatives(rule))
    return [(abi, name, args) for name in sorted(rules) for args in vectors(rules[name], name)]


def compiled_problem(old, new, explicit):
    """May libseccomp's verdict `old` have become `new`? `explicit`: some rule for the call says ENOSYS."""
    allow, log, enosys = (compiled.number_of(what) for what in (ALLOW, LOG, ENOSYS))
    if new == enosys:
        return not explicit
    if old in (allow, log) or (old == enosys and explicit):
        return new not in (allow, log)
    return new != log


def compared(old, new, calls, lines):
    """From filter-compile's answers about a profile and its complaining variant: what is wrong with the second. Where
    libseccomp reads rules otherwise than they are meant (2.5 mixes up inequalities that share the upper half of a
    number) only what is denied is wrong."""
    verdicts, ends = [], []
    for _ in range(2):
        verdicts.append([next(lines) for _ in calls])
        ends.append(next(lines))
    if ends[0].startswith("error"):
        return []  # libseccomp sees contradictions where inequalities share the upper half of a number
    if ends[1].startswith("error"):
        return [ends[1]]
    explicit = {name for rule in old["syscalls"] for name in rule["names"]
                if (rule["action"], rule.get("errnoRet")) == ENOSYS}
    problems, means, complaint = [], meaning.meaning(new), Complaint(old)
    for call, one, two in zip(calls, *verdicts):
        if "-" in (one, two) or not compiled_problem(int(one, 16), int(two, 16), call[1] in explicit):
            continue
        said = meaning.judge(means["calls"].get(call[1], []), means["default"], call[2])
        if int(two, 16) != compiled.number_of(ALLOW) or said == ALLOW != complaint.about(*call[1:]):
            problems.append("%s %s became %s" % (call, one, two))
    return problems


def compiled_complaints(made):
    """For (seed, profile, text of its complaining variant): what libseccomp makes of both."""
    problems, requests, asked_calls = [], [], []
    for seed, profile, text in made:
        old, new = with_numbers(profile), json.loads(text)
        calls = compiled_calls(old, new, "x86_64")
        # The first as it would be injected: in the order of the file libseccomp may never come to an end.
        requests.append(compiled.request(old, ["SCMP_ARCH_X86_64"], calls))
        requests.append(compiled.request(new, ["SCMP_ARCH_X86_64"], calls))
        asked_calls.append((seed, old, new, calls))
    lines = iter(compiled.answers(BUILD, requests))
    for seed, old, new, calls in asked_calls:
        problems += ["seed %d: %s" % (seed, problem) for problem in compared(old, new, calls, lines)[:1]]
    return problems


def any_profile(directory):
    problems, questions, made = [], [], []
    for seed in range(SEEDS):
        path = os.path.join(directory, "%d.json" % seed)
        profile, target = mobyform.some_profile(seed, seed % 2), targets()[seed % len(targets())]
        with open(path, "w", encoding="ascii") as out:
            json.dump(profile, out, indent=seed % 3 or None)
        made.append((seed, profile, target))
        questions += [target + ("enforce", path), target + ("complain", path)]
    texts = answers(questions)
    refused = sum(text.startswith("!") for text in texts[::2])
    for (seed, profile, target), enforced, complaining in zip(made, texts[::2], texts[1::2]):
        problems += ["seed %d: %s" % (seed, problem)
                     for problem in any_problem(profile, target, enforced, complaining)]
    print("# %d profiles, %d refused, %d reordered, %d log what they allow"
          % (SEEDS, refused, len(REORDERED), len(OVERLOGGED)))
    # libseccomp 2.5 itself misreads inequalities that differ in the upper half (GHSA-4q85-33p6-j5g6).
    for_libseccomp = [(seed, json.loads(enforced), complaining)
                      for (seed, _, _), enforced, complaining in zip(made, texts[::2], texts[1::2])
                      if not complaining.startswith("!") and not seed % 2]
    problems += compiled_complaints(for_libseccomp)
    if not SEEDS / 50 < refused < SEEDS / 2 or len(OVERLOGGED) > SEEDS / 50 or len(REORDERED) < SEEDS / 200:
        problems.append("the profiles try too little")
    return problems


def main():
    tap = Tap()
    profiles, cases = facts.read(os.path.join(TOP, "tests/data/profile-facts.txt"), CAP_NUMBER)
    wanted = [meaning.meaning(profile) for profile in profiles]
    with tempfile.TemporaryDirectory(prefix="profilefiles-") as directory:
        flavors(tap, directory, cases, wanted)
        tap.check("any profile resolves by Docker's rules and complains where it denied", any_profile(directory))
    if os.path.isdir(os.path.join(REFERENCE, "profiles")):
        engine_files(tap, cases, wanted)
        tap.check("gardener-profile.json resolves by Docker's rules", gardener())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
