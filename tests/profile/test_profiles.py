# SPDX-License-Identifier: Apache-2.0
"""The built-in profiles mean what the engines' own profiles mean, for each container in profile-facts.txt."""
import copy
import functools
import itertools
import json
import os
import subprocess
import sys

import compiled
import facts
import meaning

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.environ.get("top_builddir", ".")
FLAVORS = ("moby", "containerd", "containers", "crio")
ARCHES = ("unknown x86 x86_64 arm aarch64 mips mipsel mips64 mipsel64 mips64n32 mipsel64n32 ppc ppc64 ppc64le s390 "
          "s390x riscv64 loongarch64").split()
ENOSYS = ("SCMP_ACT_ERRNO", 38)
LOG = ("SCMP_ACT_LOG", None)
ALLOW = ("SCMP_ACT_ALLOW", None)
# From capabilities(7): those that some engine's profile asks for, and what the capability sets consist of.
CAP_NUMBER = {"CAP_" + name: number for number, name in enumerate(
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
    "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT "
    "SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "
    "SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
    "CHECKPOINT_RESTORE".split())}


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def check(self, name, problems):
        self.number += 1
        self.failed += bool(problems)
        print("%sok %d - %s" % ("not " if problems else "", self.number, name))
        for problem in problems[:20]:
            print("# %s" % problem)
        if len(problems) > 20:
            print("# and %d more" % (len(problems) - 20))

    def done(self):
        print("1..%d" % self.number)
        return 1 if self.failed else 0


def resolve(questions):
    """profile-dump's answers."""
    run = subprocess.run([os.path.join(BUILD, "tests/profile/profile-dump")], check=True, stdout=subprocess.PIPE,
                         input="".join(" ".join(q) + "\n" for q in questions), encoding="ascii")
    answers = run.stdout.splitlines()
    assert len(answers) == len(questions)
    return answers


def equality(flavor, cases, wanted):
    """Cases of one flavor: the same verdict for every call and argument, the same architectures."""
    problems, cache = [], {}
    mine = resolve([(c.flavor, c.arch, c.kernel, c.caps, "enforce") for c in cases])
    for case, text in zip(cases, mine):
        if text not in cache:
            cache[text] = meaning.meaning(json.loads(text))
        for problem in meaning.differences(cache[text], wanted[case.profile]):
            problems.append("%s %s %s %s: %s" % (flavor, case.arch, case.label, case.kernel, problem))
    return problems


def expected_under_complain(rules, args):
    what = meaning.judge(rules, None, args)
    return what if what in (ALLOW, ENOSYS) else LOG


@functools.lru_cache(None)
def unlike(ours, theirs):
    """[(arguments, verdict, what it should be)] for the complaining rules `ours` of a call whose rules are `theirs`."""
    return [(args, got, expected) for args in meaning.interesting_arguments(theirs + ours)
            for got, expected in [(meaning.judge(ours, LOG, args), expected_under_complain(theirs, args))] if got != expected]


def complain_problems(original, text, absent=False):
    """Under complain: allowed stays allowed, a rule that says ENOSYS stays, every other denial is logged."""
    mine = meaning.meaning(json.loads(text))
    if mine["default"] != LOG or mine["architectures"] != frozenset(original.get("architectures") or []):
        return ["head is %s" % text[:100]]
    # The engine's rules with those that repeat the default: clone3 under CRI-O.
    wanted = meaning.rules_by_call(original, None)
    problems = []
    for name in set(wanted) | set(mine["calls"]):
        for args, got, expected in unlike(tuple(mine["calls"].get(name, [])), tuple(wanted.get(name, []))):
            if absent and name == "socket" and args[0] == 16 and args[2] == 9:
                continue  # two rules hold; libseccomp takes the one that allows, see naive_reading_problems()
            problems.append("%s%s: %s, expected %s" % (name, args[:3], got, expected))
    return problems


def complain(cases, profiles):
    problems, seen = [], set()
    mine = resolve([(c.flavor, c.arch, c.kernel, c.caps, "complain") for c in cases])
    for case, text in zip(cases, mine):
        if (case.profile, text) not in seen:
            seen.add((case.profile, text))
            for problem in complain_problems(profiles[case.profile], text, case.caps == "absent"):
                problems.append("%s %s %s: %s" % (case.flavor, case.arch, case.label, problem))
    return problems


def names_kept(cases, profiles):
    """runc answers ENOSYS above the highest call that a profile names, even in a rule that changes nothing: so each
    name of the engine's profile is there. CRI-O's clone3 with the default's errno is left out; it is not the highest."""
    problems = []
    for case, text in zip(cases, resolve([(c.flavor, c.arch, c.kernel, c.caps, "enforce") for c in cases])):
        theirs = {name for rule in profiles[case.profile]["syscalls"] for name in rule["names"]}
        ours = {name for rule in json.loads(text)["syscalls"] for name in rule["names"]}
        if ours != theirs and (case.flavor != "crio" or theirs - ours != {"clone3"} or ours - theirs):
            problems.append("%s %s %s: %s" % (case.flavor, case.arch, case.label, sorted(ours ^ theirs)))
    return problems


def every_target():
    """Every architecture, each single capability beside none and all, before and after the one kernel that matters."""
    caps = ["0", "absent", "%x" % facts.ALL_CAPS] + ["%x" % (1 << bit) for bit in range(41)]
    return list(itertools.product(FLAVORS, ARCHES, ("4.7", "4.8"), caps, ("enforce", "complain")))


def text_problem(text):
    """Of one resolved profile as bytes: lean JSON of the keys that are meant to be there, no name twice in a block."""
    profile = json.loads(text)
    if json.dumps(profile, separators=(",", ":")) != text:
        return "not compact"
    if list(profile) != [k for k in ("defaultAction", "defaultErrnoRet", "architectures", "syscalls") if k in profile]:
        return "keys %s" % list(profile)
    plain = [name for rule in profile["syscalls"] if "args" not in rule for name in rule["names"]]
    if len(plain) != len(set(plain)):
        return "twice: %s" % sorted(name for name in set(plain) if plain.count(name) > 1)
    meaning.meaning(profile)
    return None


def well_formed():
    problems, seen, targets = [], {}, every_target()
    answers = resolve(targets)
    for target, text in zip(targets, answers):
        if text not in seen:
            try:
                seen[text] = text_problem(text)
            except (ValueError, KeyError, meaning.Conflict) as error:
                seen[text] = str(error)
        # Without process.capabilities both halves of a condition hold: ALLOW comes first, the other is ignored.
        if seen[text] and not (target[3] == "absent" and seen[text].startswith("twice")):
            problems.append("%s: %s" % (" ".join(target), seen[text]))
    print("# %d targets, %d different texts, at most %d bytes" % (
        len(targets), len(seen), max(map(len, answers))))
    if resolve(targets[::-7]) != answers[::-7]:
        problems.append("not the same bytes the second time")
    return problems


UNLISTED = ("userfaultfd", "io_uring_setup", "add_key", "mount", "bpf")  # by some flavors, for some capabilities
# What libseccomp 2.5.4 knows; an architecture that no list names is compiled alone.
COMPILED = {"x86_64": "x86_64", "aarch64": "aarch64", "s390x": "s390x", "riscv64": "riscv64", "mips64": "mips64",
            "ppc64le": "ppc64le", "x86": "x86", "arm": "arm"}


def compiled_problems(cases, profiles):
    """libseccomp makes the same program of both, byte for byte, so that even its quirks are the same; and no rule is
    refused, under complain neither."""
    cases = [c for c in cases if c.kernel == "6.18" and c.arch in COMPILED and
             c.label in ("none", "default", "all", "default+CAP_SYS_ADMIN", "nil-capabilities")]
    requests, problems = [], []
    for mode in ("enforce", "complain"):
        for case, text in zip(cases, resolve([(c.flavor, c.arch, c.kernel, c.caps, mode) for c in cases])):
            mine = json.loads(text)
            architectures = mine.get("architectures") or [COMPILED[case.arch]]
            requests.append(compiled.request(mine, architectures))
            if mode == "enforce":
                requests.append(compiled.request(profiles[case.profile], architectures))
    answers = compiled.answers(BUILD, requests)
    enforced = 2 * len(cases)
    for case, mine, theirs in zip(cases, answers[0:enforced:2], answers[1:enforced:2]):
        if mine != theirs or mine.startswith("error"):
            problems.append("%s %s %s: %s, %s" % (case.flavor, case.arch, case.label, mine, theirs))
    for case, mine in zip(cases, answers[enforced:]):
        if mine.startswith("error"):
            problems.append("%s %s %s complain: %s" % (case.flavor, case.arch, case.label, mine))
    print("# %d pairs compared" % len(cases))
    return problems


NARROW = ("x86", "x32", "arm")  # ABIs of whose arguments libseccomp looks at 32 bits
# Not s390x: for another byte order than its own, libseccomp 2.5.4 leaves some return values in the wrong one.
HOSTS = {"x86_64": ("x86_64", "x86", "x32"), "aarch64": ("aarch64", "arm"), "riscv64": ("riscv64",),
         "ppc64le": ("ppc64le",)}


def calls_to_try(profile, host):
    """[(ABI, name, arguments, what the naive reading says)] for every name, and every region of its arguments."""
    mine, calls = meaning.meaning(profile), []
    names = sorted({name for rule in profile["syscalls"] for name in rule["names"]} | set(UNLISTED))
    for abi in HOSTS[host]:
        for name in names:
            rules = mine["calls"].get(name, [])
            for args in meaning.interesting_arguments(rules):
                if abi in NARROW:
                    args = tuple(arg & 0xffffffff for arg in args)
                calls.append((abi, name, args, compiled.number_of(meaning.judge(rules, mine["default"], args))))
    return calls


def naive_reading_problems():
    """What judge() says of a call is what the compiled program returns, where rules overlap too: the first that holds
    is taken. So the comparison above, and the complain variant's, are about what the kernel will do. Not so without
    process.capabilities, where libseccomp lets socket(AF_NETLINK, ..., NETLINK_AUDIT) through against the order."""
    problems, requests, expected = [], [], []
    for flavor, host, caps, mode in itertools.product(FLAVORS, HOSTS, ("0", "20000000"), ("enforce", "complain")):
        profile = json.loads(resolve([(flavor, host, "6.18", caps, mode)])[0])
        calls = calls_to_try(profile, host)
        architectures = profile.get("architectures") or [host]
        requests.append(compiled.request(profile, architectures, [call[:3] for call in calls]))
        expected += [("%s %s %s %s" % (flavor, host, caps, mode),) + call for call in calls] + [None]
    answers = compiled.answers(BUILD, requests)
    tried = 0
    for call, answer in zip(expected, answers):
        if call and answer != "-":
            tried += 1
            if int(answer, 16) != call[4]:
                problems.append("%s: %s %s%s is %s, expected %x" % (*call[:3], call[3][:3], answer, call[4]))
    print("# %d calls" % tried)
    if len(expected) != len(answers) or tried < 50000:
        problems.append("%d answers to %d questions" % (len(answers), len(expected)))
    return problems


def mutations(profile):
    """Profiles that are each wrong in one thing."""
    for change in ("default", "architecture", "verdict", "name", "errno", "value", "operator", "order"):
        wrong = copy.deepcopy(profile)
        rules = wrong["syscalls"]
        conditional = [rule for rule in rules if "args" in rule]
        if change == "default":
            wrong["defaultErrnoRet"] = 13
        elif change == "architecture":
            wrong["architectures"].pop()
        elif change == "verdict":
            rules[0]["action"] = "SCMP_ACT_LOG"
        elif change == "name":
            rules[0]["names"].pop()
        elif change == "errno":
            [rule for rule in rules if "errnoRet" in rule][0]["errnoRet"] = 13
        elif change == "value":
            conditional[0]["args"][0]["value"] += 1
        elif change == "operator":
            conditional[-1]["args"][0]["op"] = "SCMP_CMP_GE"
        elif change == "order":
            rules.append({"names": ["clone3"], "action": "SCMP_ACT_ALLOW"})
            rules.append({"names": ["socket"], "action": "SCMP_ACT_ALLOW"})
        yield change, wrong


def negative_controls(cases, wanted):
    """The comparison notices each kind of mistake, in each flavor."""
    problems = []
    for flavor in FLAVORS:
        case = next(c for c in cases if (c.flavor, c.arch, c.label, c.kernel) == (flavor, "x86_64", "default", "6.18"))
        text = resolve([(case.flavor, case.arch, case.kernel, case.caps, "enforce")])[0]
        for change, wrong in mutations(json.loads(text)):
            if not meaning.differences(meaning.meaning(wrong), wanted[case.profile]):
                problems.append("%s: %s went unnoticed" % (flavor, change))
    # socketcall(2) has to be settled before rules on socket(2) disagree about it.
    profile = json.loads(text)
    profile["syscalls"].sort(key=lambda rule: "args" not in rule)
    if not compiled.answers(BUILD, [compiled.request(profile, profile["architectures"])])[0].startswith("error"):
        problems.append("the order of entries went unnoticed")
    return problems


def complain_controls(cases, profiles):
    """A complain profile that still denies, or does not log, is noticed."""
    problems = []
    for flavor in FLAVORS:
        case = next(c for c in cases if (c.flavor, c.arch, c.label, c.kernel) == (flavor, "x86_64", "none", "6.18"))
        answers = resolve([(case.flavor, case.arch, case.kernel, case.caps, mode) for mode in ("enforce", "complain")])
        good = answers[1]
        for wrong in (answers[0], good.replace('"SCMP_CMP_GT"', '"SCMP_CMP_GE"'), good.replace('"mseal"', '"bpf"'),
                      good.replace('"read",', "")):
            if wrong != good and not complain_problems(profiles[case.profile], wrong):
                problems.append("%s: a wrong complain profile went unnoticed" % flavor)
    return problems


def main():
    tap = Tap()
    profiles, cases = facts.read(os.path.join(TOP, "tests/data/profile-facts.txt"), CAP_NUMBER)
    wanted = [meaning.meaning(profile) for profile in profiles]
    for flavor in FLAVORS:
        mine = [case for case in cases if case.flavor == flavor]
        problems = equality(flavor, mine, wanted) if mine else ["no facts"]
        tap.check("%s means what its engine resolves, in %d cases" % (flavor, len(mine)), problems)
    tap.check("the profiles name every call that the engines name", names_kept(cases, profiles))
    tap.check("under complain only denials change, and become LOG", complain(cases, profiles))
    tap.check("every resolved profile is lean and sound", well_formed())
    tap.check("libseccomp makes the same programs of them", compiled_problems(cases, profiles))
    tap.check("the programs do what the rules say", naive_reading_problems())
    tap.check("a wrong profile is noticed", negative_controls(cases, wanted))
    tap.check("a wrong complain profile is noticed", complain_controls(cases, profiles))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
