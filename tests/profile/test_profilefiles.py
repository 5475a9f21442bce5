# SPDX-License-Identifier: Apache-2.0
"""Profile files in Docker's form resolve to what the engines make of them, and complain for each of them."""
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

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
OVERLOGGED = set()


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
    for case, text, (_, other) in zip(cases, asked(cases, path, "complain"), builtin):
        if (text, other) not in seen:
            seen[text, other] = other_verdicts(meanings[text], meanings[other])
        problems += ["%s %s %s: %s" % (case.flavor, case.arch, case.label, problem) for problem in seen[text, other]]
    return problems


def other_verdicts(one, two):
    """Calls that two meanings judge differently, whatever rules say so."""
    problems = []
    for name in set(one["calls"]) | set(two["calls"]):
        mine, other = one["calls"].get(name, []), two["calls"].get(name, [])
        for args in meaning.interesting_arguments(mine + other) if mine != other else ():
            verdicts = meaning.judge(mine, one["default"], args), meaning.judge(other, two["default"], args)
            if verdicts[0] != verdicts[1]:
                problems.append("%s%s: %s, built in %s" % ((name, args[:3]) + verdicts))
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
    """Problems; what is logged though it is allowed is none where masks make it too long to say otherwise."""
    mine, complaint = meaning.meaning(json.loads(text)), Complaint(resolved)
    if len(mine["calls"]) != len(meaning.rules_by_call(json.loads(text), None)):
        return ["a rule says what the default says: %s" % text]
    theirs = {}
    for rule in resolved["syscalls"]:
        for name in rule["names"]:
            theirs.setdefault(name, []).extend((conjunction, None) for conjunction in meaning.alternatives(rule))
    problems = []
    for name in set(theirs) | set(mine["calls"]):
        masked = any(op == "MASKED_EQ" for conjunction, _ in theirs.get(name, []) for _, op, _, _ in conjunction)
        for args in vectors(theirs.get(name, []) + mine["calls"].get(name, []), name):
            wanted = complaint.about(name, args)
            got = meaning.judge(mine["calls"].get(name, []), mine["default"], args)
            if (wanted, got) == (ALLOW, LOG) and masked:
                OVERLOGGED.add(text)
            elif wanted not in (None, got):
                problems.append("%s%s: %s instead of %s: %s" % (name, args[:2], got, wanted, text))
                break
    return problems


def any_problem(profile, target, enforced, complaining):
    arch, kernel, caps = target
    wanted = mobyform.resolve(profile, arch, cap_names(caps), kernel)
    if json.dumps(wanted) != enforced.replace(",", ", ").replace(":", ": ") and not enforced.startswith("!"):
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


def any_profile(directory):
    problems, questions, made = [], [], []
    for seed in range(SEEDS):
        path = os.path.join(directory, "%d.json" % seed)
        profile, target = mobyform.some_profile(seed), targets()[seed % len(targets())]
        with open(path, "w", encoding="ascii") as out:
            json.dump(profile, out, indent=seed % 3 or None)
        made.append((seed, profile, target))
        questions += [target + ("enforce", path), target + ("complain", path)]
    texts = answers(questions)
    refused = sum(text.startswith("!") for text in texts[::2])
    for (seed, profile, target), enforced, complaining in zip(made, texts[::2], texts[1::2]):
        problems += ["seed %d: %s" % (seed, problem)
                     for problem in any_problem(profile, target, enforced, complaining)]
    print("# %d profiles, %d refused, %d log what they allow" % (SEEDS, refused, len(OVERLOGGED)))
    if not SEEDS / 50 < refused < SEEDS / 2 or len(OVERLOGGED) > SEEDS / 50:
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
