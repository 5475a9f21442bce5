# SPDX-License-Identifier: Apache-2.0
"""Docker's form of a profile: its rules of resolution once more, and profiles written in it to try them on."""
import os
import random
import sys

# Tokens in includes and excludes, names in archMap.
TOKENS = {"x86": "x86", "x86_64": "amd64", "arm": "arm", "aarch64": "arm64", "ppc": "ppc", "ppc64": "ppc64",
          "ppc64le": "ppc64le", "s390": "s390", "s390x": "s390x", "riscv64": "riscv64", "loongarch64": "loongarch64",
          "mips": "mips", "mipsel": "mipsel", "mips64": "mips64", "mipsel64": "mipsel64", "mips64n32": "mips64n32",
          "mipsel64n32": "mips3l64n32"}
ERRNO = {"EPERM": 1, "EINVAL": 22, "ENOSYS": 38}
WITH_ERRNO = ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE")


def version(text):
    return tuple(int(part) for part in text.split("."))


def holds(rule, arch, caps, kernel):
    out, inc = rule.get("excludes") or {}, rule.get("includes") or {}
    token = TOKENS.get(arch, "")
    if token in (out.get("arches") or []) or set(out.get("caps") or []) & caps:
        return False
    if out.get("minKernel") and version(kernel) >= version(out["minKernel"]):
        return False
    if inc.get("arches") and token not in inc["arches"]:
        return False
    if not set(inc.get("caps") or []) <= caps:
        return False
    return not inc.get("minKernel") or version(kernel) >= version(inc["minKernel"])


def number(named, plain):
    return ERRNO[named] if named else plain


def resolved_args(rule):
    made = []
    for arg in rule.get("args") or []:
        made.append({"index": arg["index"], "value": arg["value"]})
        if arg["op"] == "SCMP_CMP_MASKED_EQ" and arg.get("valueTwo"):
            made[-1]["valueTwo"] = arg["valueTwo"]
        made[-1]["op"] = arg["op"]
    return made


def resolved_rule(rule):
    made = {"names": rule.get("names") or [rule["name"]], "action": rule["action"]}
    errno = number(rule.get("errno"), rule.get("errnoRet"))
    if errno is not None and rule["action"] in WITH_ERRNO:
        made["errnoRet"] = errno
    if rule.get("args"):
        made["args"] = resolved_args(rule)
    return made


def resolve(profile, arch, caps, kernel):
    """The linux.seccomp object for a host of `arch` and `kernel` and a container with the bounding set `caps`."""
    out = {"defaultAction": profile["defaultAction"]}
    errno = number(profile.get("defaultErrno"), profile.get("defaultErrnoRet"))
    if errno is not None and profile["defaultAction"] in WITH_ERRNO:
        out["defaultErrnoRet"] = errno
    arches = list(profile.get("architectures") or [])
    for entry in profile.get("archMap") or []:
        if not arches and entry["architecture"] == "SCMP_ARCH_" + arch.upper():
            arches = [entry["architecture"]] + (entry["subArchitectures"] or [])
    if arches:
        out["architectures"] = arches
    out["syscalls"] = []
    for rule in profile["syscalls"]:
        if not holds(rule, arch, caps, kernel):
            continue
        made = resolved_rule(rule)
        if len(made.get("args", ())) > 6:
            out["syscalls"] += [dict(made, args=[arg]) for arg in made["args"]]
        else:
            out["syscalls"].append(made)
    return out


# ---- the built-in flavors, written in this form ----

def from_flavor(top, name):
    """The flavor's rule file as a profile in Docker's form."""
    directory = os.path.join(top, "src/flavor/profiles")
    sys.path.insert(0, directory)
    import dockerform
    import rules
    flavor = rules.read_flavor(directory, name, rules.read_names(os.path.join(directory, "syscalls.list")))
    return dockerform.profile(flavor)


# ---- any profile ----

CALLS = ("mount", "read", "clone3", "socket", "personality", "keyctl", "a_call_of_the_future")
ACTIONS = ("ALLOW ALLOW ALLOW ERRNO ERRNO ERRNO LOG KILL KILL_PROCESS KILL_THREAD TRAP TRACE").split()
CAPS = ("CAP_SYS_ADMIN", "CAP_BPF", "CAP_NO_SUCH")


def some_arg(rnd, high):
    op = rnd.choice("NE LT LE EQ EQ GE GT MASKED_EQ".split())
    value = rnd.choice((1, 2, 3, 5, 16, 40, 0xff) + ((1 << 32, (1 << 64) - 1) if high else ()))
    arg = {"index": rnd.randrange(2), "value": value, "op": "SCMP_CMP_" + op}
    if op == "MASKED_EQ" or rnd.random() < .1:
        arg["valueTwo"] = rnd.choice((0, 1, 2, 3)) & value
    return arg


def some_conditions(rnd):
    made = {}
    if rnd.random() < .4:
        made["caps"] = rnd.sample(CAPS, rnd.randrange(3))
    if rnd.random() < .3:
        made["arches"] = rnd.sample(("amd64", "arm64", "s390x", "no_such"), rnd.randrange(4))
    if rnd.random() < .2:
        made["minKernel"] = rnd.choice(("4.8", "5.15", "255.0", "0.1"))
    return rnd.choice((None, made, made))


def some_rule(rnd, high):
    rule = {"names": rnd.choices(CALLS, k=rnd.randrange(1, 4)), "action": "SCMP_ACT_" + rnd.choice(ACTIONS)}
    if rnd.random() < .1:
        rule["name"] = rule.pop("names")[0]
    if rule["action"] == "SCMP_ACT_ERRNO" or (rule["action"] != "SCMP_ACT_TRACE" and rnd.random() < .1):
        rule["errnoRet"] = rnd.choice((1, 1, 38, 13))
    if rule["action"] == "SCMP_ACT_ERRNO" and rnd.random() < .2:
        rule["errno"] = rnd.choice(list(ERRNO))
    if rnd.random() < .6:
        rule["args"] = [some_arg(rnd, high) for _ in range(rnd.choice((0, 1, 1, 1, 2, 2, 3, 7)))]
    if rnd.random() < .1:
        # What libseccomp cannot take in any order: rules that begin with the same inequality.
        rule["args"] = [{"index": 0, "value": 3, "op": "SCMP_CMP_GT"}, dict(some_arg(rnd, high), index=1)]
    if rnd.random() < .3:
        rule["includes"] = some_conditions(rnd)
    if rnd.random() < .2:
        rule["excludes"] = some_conditions(rnd)
    keys = list(rule)
    rnd.shuffle(keys)
    return {key: rule[key] for key in keys}


def some_profile(seed, high):
    """`high`: with conditions on more than 32 bits."""
    rnd = random.Random(seed)
    profile = {"defaultAction": "SCMP_ACT_" + rnd.choice("ERRNO ERRNO ERRNO KILL TRAP ALLOW LOG".split()),
               "syscalls": [some_rule(rnd, high) for _ in range(rnd.randrange(1, 9))]}
    if rnd.random() < .7:
        profile["defaultErrnoRet"] = rnd.choice((1, 38))
    which = rnd.randrange(3)
    if which == 0:
        profile["architectures"] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"][:rnd.randrange(3)]
    elif which == 1:
        profile["archMap"] = [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                              {"architecture": "SCMP_ARCH_S390X", "subArchitectures": None}]
    return profile
