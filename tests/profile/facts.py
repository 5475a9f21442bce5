# SPDX-License-Identifier: Apache-2.0
"""Read tests/data/profile-facts.txt."""
from dataclasses import dataclass

ALL_CAPS = (1 << 41) - 1


@dataclass(frozen=True)
class Case:
    flavor: str
    arch: str
    kernel: str
    caps: str  # as profile-dump takes it
    profile: int
    label: str


def pick(numbers, items):
    """Items by numbers and ranges of numbers: "0-2,4"."""
    picked = []
    for part in numbers.split(","):
        first, _, last = part.partition("-")
        picked += items[int(first):int(last or first) + 1]
    return picked


def read_rule(words):
    rule = {"action": words[0], "names": words[3:]}
    if words[1] != "-":
        rule["errnoRet"] = int(words[1])
    if words[2] != "-":
        rule["args"] = []
        for part in words[2].split("+"):
            index, op, value, two = part[1:].split(",")
            rule["args"].append({"index": int(index), "op": op, "value": int(value), "valueTwo": int(two)})
    return rule


def read_profile(words, rules):
    profile = {"defaultAction": words[0], "syscalls": []}
    if words[1] != "-":
        profile["defaultErrnoRet"] = int(words[1])
    if words[2] != "-":
        profile["architectures"] = words[2].split(",")
    profile["syscalls"] = pick(",".join(words[4:]), rules)
    return profile


def read(path, cap_number):
    """(profiles as linux.seccomp objects, cases)."""
    kernels, sets, rules, profiles, cases = [], [], [], [], []
    with open(path, encoding="ascii") as text:
        for line in text:
            kind, *words = line.split()
            if kind == "kernels":
                kernels = words
            elif kind == "caps":
                mask = sum(1 << cap_number[cap] for cap in words[1:])
                sets.append((words[0], "absent" if words[0] == "nil-capabilities" else "%x" % mask))
            elif kind == "rule":
                rules.append(read_rule(words))
            elif kind == "profile":
                profiles.append(read_profile(words, rules))
            elif kind == "case":
                for word in words[3:]:
                    number, _, some = word.partition(":")
                    label, caps = sets[int(number)]
                    for kernel in pick(some, kernels) if some else kernels:
                        cases.append(Case(words[1], words[2], kernel, caps, int(words[0]), label))
    return profiles, cases
