# SPDX-License-Identifier: Apache-2.0
"""Filter programs of our own (src/program/) mean what libseccomp's mean, for all data.

Each pair is compared by going through every way of both (program-prove). Where libseccomp is not right, a difference is
what we want; CLASSES lists how it can be wrong, each with an example. PROGRAM_PROOF=N tries N times as many random
profiles.
"""
import json
import os
import random
import subprocess
import sys

import facts
import mobyform
import test_model
import test_profiles
from test_profiles import BUILD, TOP

TIMES = int(os.environ.get("PROGRAM_PROOF", "1"))
UNKNOWN = "refused theirs architecture"  # to the libseccomp at hand
RUNTIMES = ("profile", "runc", "crun")

PLAIN = {"names": ["getpid"], "action": "SCMP_ACT_TRAP"}


def arg(index, op, value, two=0):
    return {"index": index, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": two}


def rule(action, *args):
    return {"names": ["socket"], "action": "SCMP_ACT_" + action, "args": list(args)}


# What libseccomp 2.5.4 to 2.6.1, or some of them, do with a profile that we take at its word.
CLASSES = (
    ("of rules that hold and disagree, it takes another than the first", "differs", "SCMP_ACT_ERRNO",
     [PLAIN, rule("KILL", arg(1, "NE", 5)), rule("ALLOW", arg(2, "GT", 5))]),
    ("it forgets a rule, or a condition, beside another on the same call", "differs", "SCMP_ACT_ERRNO",
     [PLAIN, rule("KILL_PROCESS", arg(0, "LE", 1 << 32), arg(2, "EQ", 1 << 32)), rule("TRAP", arg(0, "GE", 2))]),
    ("where every rule has conditions, it does not look at the number", "differs 1 0 0", "SCMP_ACT_ALLOW",
     [{"names": ["semop"], "action": "SCMP_ACT_KILL_PROCESS"}]),  # on x86 by ipc(2)
    ("it refuses an errno that the kernel would take", "refused theirs", "SCMP_ACT_ALLOW",
     [{"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4095}]),
    ("it refuses two rules with one beginning that disagree further on", "refused theirs", "SCMP_ACT_LOG",
     [PLAIN, rule("KILL", arg(0, "LT", 2), arg(2, "EQ", 1 << 32)), rule("KILL_PROCESS", arg(0, "LE", 2))]),
    ("it does not come to an end", "stuck", "SCMP_ACT_ALLOW",
     [PLAIN, rule("ERRNO", arg(0, "LE", 16), arg(2, "LT", 1 << 32)),
      rule("LOG", arg(0, "LE", 16), arg(2, "MASKED_EQ", 1 << 32, 0))]),
)


def prove(cases, *options):
    """program-prove's answers to [(native ABI, runtime, profile or its text)]."""
    lines = ["%s %s %s" % (host, runtime, text if isinstance(text, str) else json.dumps(text))
             for host, runtime, text in cases]
    answers = []
    while len(answers) < len(lines):
        run = subprocess.run([os.path.join(BUILD, "tests/profile/program-prove"), *options], check=True,
                             input="\n".join(lines[len(answers):]) + "\n", stdout=subprocess.PIPE, encoding="ascii")
        new = run.stdout.splitlines()
        assert new
        answers += new
    return answers


def kinds(answer):
    """Of "differs", how many ways: where one rule decides, where others are on the same call, where several hold."""
    return [int(word) for word in answer.split()[1:4]]


def summary(answers):
    same = [answer.split() for answer in answers if answer.startswith("same")]
    print("# %d the same: of at most %s instructions, libseccomp's of %s; %d ways" % (
        len(same), max(int(words[1]) for words in same), max(int(words[2]) for words in same),
        sum(int(words[3]) for words in same)))
    return len(same)


def all_the_same(cases, labels, least, may_differ=lambda label: False):
    answers, problems, unknown = prove(cases), [], 0
    for answer, label in zip(answers, labels):
        unknown += answer.startswith(UNKNOWN)
        if answer.startswith(("same", UNKNOWN)):
            continue
        if not (answer.startswith("differs 0 ") and may_differ(label)):
            problems.append("%s: %s" % (answer, " ".join(label)))
    if summary(answers) < least:
        problems.append("less than %d" % least)
    print("# %d for architectures that libseccomp does not know" % unknown)
    return problems


def flavors():
    """Each flavor, architecture, capability by itself, none, all, and both modes. Without process.capabilities rules of
    podman's and CRI-O's profiles contradict each other; see docs/profiles.md."""
    seen = {}
    targets = [t for t in test_profiles.every_target() if t[1] != "unknown"]
    for target, text in zip(targets, test_profiles.resolve(targets)):
        seen.setdefault((target[1], text), target)
    cases = [(arch, "runc", text) for arch, text in seen]
    labels = list(seen.values())
    crun = [i for i, label in enumerate(labels) if label[1] in ("x86_64", "aarch64", "s390x") and i % 4 == 0]
    cases += [(cases[i][0], "crun", cases[i][2]) for i in crun]
    labels += [labels[i] for i in crun]
    return all_the_same(cases, labels, 2500, lambda label: label[3] == "absent" and label[0] in ("containers", "crio"))


def spelled_out(profile):
    """profile-facts.txt leaves SCMP_CMP_ out."""
    return json.loads(json.dumps(profile).replace('"op": "', '"op": "SCMP_CMP_'))


def engines():
    """What the engines themselves resolve, in each case of profile-facts.txt."""
    profiles, cases = facts.read(os.path.join(TOP, "tests/data/profile-facts.txt"), test_profiles.CAP_NUMBER)
    seen = {}
    for case in cases:
        if case.arch != "unknown":
            seen.setdefault((case.arch, case.profile), case)
    return all_the_same([(arch, "runc", spelled_out(profiles[number])) for arch, number in seen],
                        [(c.flavor, c.arch, c.label, c.kernel) for c in seen.values()], 900,
                        lambda label: label[2] == "nil-capabilities")


def seccomp_of(path):
    with open(path, encoding="utf-8") as text:
        config = json.load(text)
    config = (config.get("info") or {}).get("runtimeSpec") or config
    return (config.get("linux") or {}).get("seccomp")


def files():
    folder = os.path.join(TOP, "tests/data/configs")
    cases = [(name, seccomp_of(os.path.join(folder, name))) for name in sorted(os.listdir(folder)) if name.endswith(".json")]
    cases = [(name, profile) for name, profile in cases if profile and profile.get("syscalls")]
    return all_the_same([("x86_64", runtime, profile) for _, profile in cases for runtime in RUNTIMES],
                        [(name, runtime) for name, _ in cases for runtime in RUNTIMES], 20)


def random_case(picker, one_rule_a_call):
    """A profile in which some rule has no conditions. `one_rule_a_call`: nor are there two about one call."""
    host = picker.choice(sorted(test_model.HOSTS))
    profile, _ = test_model.random_profile(picker, host)
    default = picker.choice(("ERRNO", "ALLOW", "KILL", "LOG", "TRACE", "TRAP", "KILL_PROCESS"))
    profile["defaultAction"] = "SCMP_ACT_" + default
    plain = {"names": ["getpid", "exit"], "action": "SCMP_ACT_TRAP" if default != "TRAP" else "SCMP_ACT_ALLOW"}
    calls = ["clone", "prctl", "ioctl", "fcntl", "personality", "keyctl"] if one_rule_a_call else ["clone", "socket", "semop"]
    picker.shuffle(calls)
    rules, count = [], picker.randint(1, 4) if not one_rule_a_call else len(calls)
    for changed in profile["syscalls"][1:1 + count]:
        name = calls.pop() if one_rule_a_call and calls else picker.choice(calls or [None])
        if name is None:
            break
        indexes = sorted(picker.sample(range(6), picker.randint(1, 3)))
        args = [test_model.condition(picker, index) for index in indexes]
        if picker.random() < 0.2:
            args = [test_model.condition(picker, 0) for _ in range(picker.randint(2, 7))]
            args = args[:1] if one_rule_a_call else args
        rules.append(dict(changed, names=[name], args=args))
    if rules and rules[0]["action"] in ("SCMP_ACT_ERRNO",) and picker.random() < 0.5:
        rules[0]["errnoRet"] = picker.choice((0, 1, 38, 4094))
    profile["syscalls"] = [plain] + rules
    return host, picker.choice(RUNTIMES), profile


def moby_form_case(seed):
    """A profile file of Docker's form, resolved."""
    arch = ("x86_64", "aarch64", "s390x")[seed % 3]
    profile = mobyform.resolve(mobyform.some_profile(seed, high=False), arch, {"CAP_BPF"} if seed % 2 else set(), "6.1")
    return arch, RUNTIMES[seed % 3], profile


def random_profiles():
    picker = random.Random(11)
    cases = [random_case(picker, True) for _ in range(1500 * TIMES)]
    return all_the_same(cases, [("random", str(i), json.dumps(case)) for i, case in enumerate(cases)], 1000 * TIMES)


def overlapping_profiles():
    """Where several rules are about one call libseccomp may be wrong; where one is, it is not."""
    picker, problems = random.Random(12), []
    cases = [random_case(picker, False) for _ in range(400 * TIMES)]
    answers = prove(cases)
    for case, answer in zip(cases, answers):
        if answer.startswith("differs") and kinds(answer)[0] or answer.startswith("refused ours"):
            problems.append("%s: %s" % (answer, json.dumps(case)))
    for word in ("differs", "refused both", "refused theirs", "stuck"):
        print("# %d times %s" % (sum(answer.startswith(word) for answer in answers), word))
    if summary(answers) < 80:
        problems.append("less than 80")
    return problems


def profile_files():
    cases = [moby_form_case(seed) for seed in range(300 * TIMES)]
    cases = [case for case in cases if case[2]["syscalls"]]
    problems, answers = [], prove(cases)
    for case, answer in zip(cases, answers):
        # Every rule may have conditions there; then the number is not looked at.
        every = all(r.get("args") or r["action"] == case[2]["defaultAction"] for r in case[2]["syscalls"])
        if answer.startswith("differs") and kinds(answer)[0] and not every or answer.startswith("refused ours"):
            problems.append("%s: %s" % (answer, json.dumps(case)))
    return problems + (["less than 80"] if summary(answers) < 80 else [])


def classes():
    """A libseccomp in which something is mended makes the same program as we do."""
    problems = []
    for title, expected, default, rules in CLASSES:
        profile = {"defaultAction": default, "syscalls": rules}
        answer = prove([("x86" if rules[0]["names"] == ["semop"] else "x86_64", "crun", profile)])[0]
        print("# %s: %s" % (title, answer))
        if not answer.startswith((expected, "same")):
            problems.append("%s: %s" % (title, answer))
    return problems


def controls():
    """A program that is wrong in any one instruction is noticed."""
    cases = [(arch, runtime, test_profiles.resolve([(flavor, arch, "6.18", "0", "enforce")])[0])
             for flavor in test_profiles.FLAVORS for arch in ("x86_64", "aarch64", "s390x") for runtime in ("runc", "crun")]
    return ["%s %s: %s" % (case[0], case[1], answer) for case, answer in zip(cases, prove(cases, "--broken"))
            if not answer.startswith("noticed")]


def main():
    tap = test_profiles.Tap()
    tap.check("programs of the built-in profiles mean the same as libseccomp's", flavors())
    tap.check("programs of the engines' own profiles do", engines())
    tap.check("programs of the profiles in configurations do", files())
    tap.check("programs of random profiles do", random_profiles())
    tap.check("programs of profiles with overlapping rules do, where libseccomp is right", overlapping_profiles())
    tap.check("programs of profile files do, where libseccomp is right", profile_files())
    tap.check("where libseccomp is not right, it is as listed", classes())
    tap.check("a program that is wrong in one instruction is noticed", controls())
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
