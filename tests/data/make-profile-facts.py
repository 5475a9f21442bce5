#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write profile-facts.txt from what the engines' own code resolved.

    make-profile-facts.py REFERENCE >profile-facts.txt

REFERENCE holds resolved/index.json with one file per resolved profile (bytes as Go marshals them), and the profiles
they came from: moby-default.json, containerd-default.json, containers-common-seccomp.json, crio-default.json. CRI-O
and the architectures that are not in resolved/ are resolved here, by a resolver that first has to reproduce each of
the engines' own results.
"""
import json
import os
import sys

EXTRA = ("x86", "arm", "s390", "mips64", "mipsel64", "ppc64")
# Architecture -> the engines' name for it; containerd compares with Go's.
TOKENS = {"x86_64": "amd64", "aarch64": "arm64"}
SCMP = {"x86_64": "X86_64", "aarch64": "AARCH64", "mips64": "MIPS64", "mipsel64": "MIPSEL64", "s390x": "S390X",
        "riscv64": "RISCV64", "loongarch64": "LOONGARCH64"}
# Architectures whose archMap entry an engine cannot find, see profiles.md: Docker asks for another name.
UNMAPPED = {"moby": ("loongarch64",)}
FILES = {"moby": "moby-default.json", "containerd": "containerd-default.json",
         "containers": "containers-common-seccomp.json", "crio": "crio-default.json"}
ERRNOS = {"EPERM": 1, "EINVAL": 22, "ENOSYS": 38}


def version(text):
    major, minor = text.split(".")
    return int(major), int(minor)


def applies(rule, flavor, arch, caps, kernel):
    token = TOKENS.get(arch, arch)
    for part, wanted in (("excludes", False), ("includes", True)):
        what = rule.get(part) or {}
        if what.get("arches") and (token in what["arches"]) != wanted:
            return False
        if what.get("caps") and caps is not None:
            held = [cap in caps for cap in what["caps"]]
            if not wanted and any(held) or wanted and not all(held):
                return False
        if what.get("minKernel") and flavor in ("moby", "containerd"):
            if (version(kernel) >= version(what["minKernel"])) != wanted:
                return False
    return True


def resolve(profile, flavor, arch, caps, kernel):
    out = {"defaultAction": profile["defaultAction"], "syscalls": []}
    errno = ERRNOS.get(profile.get("defaultErrno"), profile.get("defaultErrnoRet"))
    if errno is not None:
        out["defaultErrnoRet"] = errno
    for entry in profile["archMap"]:
        if arch not in UNMAPPED.get(flavor, ()) and entry["architecture"] == "SCMP_ARCH_%s" % SCMP.get(arch):
            out["architectures"] = [entry["architecture"]] + (entry["subArchitectures"] or [])
    for rule in profile["syscalls"]:
        if not applies(rule, flavor, arch, caps, kernel):
            continue
        made = {"names": rule.get("names") or [rule["name"]], "action": rule["action"]}
        errno = ERRNOS.get(rule.get("errno"), rule.get("errnoRet"))
        if errno is not None:
            made["errnoRet"] = errno
        if rule.get("args"):
            shift = 1 if flavor == "crio" and arch in ("s390", "s390x") and made["names"] == ["clone"] else 0
            made["args"] = [dict(arg, index=arg["index"] + shift) for arg in rule["args"]]
        out["syscalls"].append(made)
    return out


def arg_text(arg):
    return "a%d,%s,%d,%d" % (arg["index"], arg["op"][len("SCMP_CMP_"):], arg["value"], arg.get("valueTwo", 0))


def rule_text(rule):
    args = "+".join(arg_text(arg) for arg in rule.get("args") or []) or "-"
    return " ".join([rule["action"], str(rule.get("errnoRet", "-")), args] + rule["names"])


def profile_lines(profile):
    """(head, rules) as text, from a resolved profile."""
    extra = set(profile) - {"defaultAction", "defaultErrnoRet", "architectures", "syscalls"}
    if extra:
        raise SystemExit("unexpected key %s" % extra)
    arches = ",".join(profile.get("architectures") or []) or "-"
    head = " ".join([profile["defaultAction"], str(profile.get("defaultErrnoRet", "-")), arches])
    return head, [rule_text(rule) for rule in profile["syscalls"]]


def ranges(numbers):
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(str(a) if a == b else "%d-%d" % (a, b) for a, b in parts)


class Facts:
    def __init__(self):
        self.rules, self.profiles, self.cases = {}, {}, {}

    def add(self, key, head, rules):
        numbers = [self.rules.setdefault(rule, len(self.rules)) for rule in rules]
        profile = self.profiles.setdefault((head, tuple(numbers)), len(self.profiles))
        flavor, arch, capset, kernel = key
        self.cases.setdefault((profile, flavor, arch), {}).setdefault(capset, []).append(kernel)

    def write(self, index):
        print("# SPDX-License-Identifier: Apache-2.0")
        print("# What the engines make of their profiles; from make-profile-facts.py.")
        for name, source in sorted(index["sources"].items()):
            print("# %s %s" % (name, source))
        print("# caps SET CAP...            a bounding set, numbered from 0; `nil-capabilities` is none at all")
        print("# rule ACTION ERRNO ARGS NAME...        numbered from 0")
        print("# profile ACTION ERRNO ARCHES | RULE... numbered from 0, rules in order")
        print("# case PROFILE FLAVOR ARCH SET[:KERNEL,...]...   by number; no kernel: all of them")
        print("kernels", " ".join(index["kernels"]))
        for name, caps in index["capsets"].items():
            print(" ".join(["caps", name] + (caps or [])))
        for rule in self.rules:
            print("rule", rule)
        for head, numbers in self.profiles:
            print("profile", head, "|", ranges(numbers))
        for (profile, flavor, arch), capsets in self.cases.items():
            text = []
            for capset, kernels in capsets.items():
                which = ranges(index["kernels"].index(kernel) for kernel in kernels)
                number = list(index["capsets"]).index(capset)
                all_kernels = len(kernels) == len(index["kernels"])
                text.append(str(number) if all_kernels else "%d:%s" % (number, which.replace(" ", ",")))
            print("case", profile, flavor, arch, " ".join(text))


def same(flavor, mine, head, rules):
    """containerd's list of architectures and its rules stand in another order than in containerd-default.json."""
    if flavor == "containerd":
        mine = (sorted(mine[0].replace(",", " ").split()), sorted(mine[1]))
        return mine == (sorted(head.replace(",", " ").split()), sorted(rules))
    return mine == (head, rules)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)

    def load(*path):
        with open(os.path.join(sys.argv[1], *path), encoding="utf-8") as text:
            return json.load(text)

    index = load("resolved", "index.json")
    index["capsets"].setdefault("nil-capabilities", None)
    sources = {flavor: load(name) for flavor, name in FILES.items()}
    facts, bad = Facts(), 0
    for key, name in index["cases"].items():
        flavor, arch, capset, kernel = key.replace("containers-common", "containers").split("/")
        head, rules = profile_lines(load("resolved", name))
        mine = resolve(sources[flavor], flavor, arch, index["capsets"][capset], kernel)
        bad += not same(flavor, profile_lines(mine), head, rules)
        facts.add((flavor, arch, capset, kernel), head, rules)
    if bad:
        sys.exit("the resolver differs from the engines in %d of %d cases" % (bad, len(index["cases"])))
    for flavor, source in sources.items():
        for arch in list(index["arch_to_goarch"]) * (flavor == "crio") + list(EXTRA):
            for capset, caps in index["capsets"].items():
                if capset == "nil-capabilities" and flavor != "containers":
                    continue
                for kernel in index["kernels"]:
                    made = profile_lines(resolve(source, flavor, arch, caps, kernel))
                    facts.add((flavor, arch, capset, kernel), *made)
    facts.write(index)


if __name__ == "__main__":
    main()
