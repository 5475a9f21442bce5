# SPDX-License-Identifier: Apache-2.0
"""A flavor in the form of Docker's own profile: one file for all architectures, capabilities and kernels."""
import json

import emit
import rules

# What includes.arches and excludes.arches call an architecture (Docker's words; profile-target.c knows Podman's, too).
TOKENS = {"x86_64": "amd64", "aarch64": "arm64", "mipsel64n32": "mips3l64n32"}


def token(arch):
    return TOKENS.get(arch, arch)


def conditions(condition):
    """[(includes, excludes)] for one condition of a rule file: either of several capabilities makes several rules."""
    inc, out = {}, {}
    if condition.arches != rules.ALL_ARCHES:
        # Which hosts there may be that have no name here is known of the complement only.
        where, mask = (out, ~condition.arches) if condition.arches & 1 else (inc, condition.arches)
        where["arches"] = [token(name) for bit, name in enumerate(rules.ARCHES) if mask >> bit & 1 and bit]
    if condition.kernel_min:
        inc["minKernel"] = "%d.%d" % (condition.kernel_min >> 16, condition.kernel_min & 0xffff)
    if condition.kernel_below != 0xffffffff:
        out["minKernel"] = "%d.%d" % (condition.kernel_below >> 16, condition.kernel_below & 0xffff)
    if condition.caps_none:
        out["caps"] = ["CAP_" + name for bit, name in enumerate(rules.CAPS) if condition.caps_none >> bit & 1]
    either = [["CAP_" + name] for bit, name in enumerate(rules.CAPS) if condition.caps_any >> bit & 1]
    return [(dict(inc, caps=caps), out) for caps in either] or [(inc, out)]


def entries(names, verdict, condition, args=()):
    made = []
    for inc, out in conditions(condition):
        entry = {"names": names, "action": "SCMP_ACT_ERRNO" if verdict else "SCMP_ACT_ALLOW"}
        if verdict:
            entry["errnoRet"] = verdict
        if args:
            entry["args"] = [dict({"index": index, "value": value}, **({"valueTwo": two} if two else {}), op="SCMP_CMP_" + op)
                             for index, op, value, two in args]
        if inc:
            entry["includes"] = inc
        if out:
            entry["excludes"] = out
        made.append(entry)
    return made


def profile(flavor):
    """In the order of the resolved profile, emit.resolved_pieces()."""
    active = [rule for rule in flavor.rules if rule.condition.modes & rules.ENFORCE]
    made = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": rules.ERRNOS[flavor.head["default"]], "archMap": [],
            "syscalls": []}
    for arches in flavor.architectures.values():
        first, *others = ["SCMP_ARCH_" + arch for arch in arches]
        made["archMap"].append({"architecture": first, "subArchitectures": others})

    def add_plain(verdict):
        plain = [rules.replace(r, condition=rules.replace(r.condition, modes=emit.ALWAYS.modes))
                 for r in active if not r.args and r.verdict == verdict]
        for condition, names in emit.name_groups(plain, flavor.ranks):
            made["syscalls"].extend(entries(names, verdict, condition))

    add_plain(0)
    for rule in active:
        if rule.args:
            made["syscalls"].extend(entries(rule.names, rule.verdict, rule.condition, rule.args))
    # What the default says, too: "complain" keeps a denial with ENOSYS where it is a rule (clone3 of crio).
    for verdict in sorted({r.verdict for r in active} - {0}):
        add_plain(verdict)
    return made


def text(made):
    """A line for each entry: what people change is found by diff(1)."""
    head = json.dumps({key: made[key] for key in ("defaultAction", "defaultErrnoRet")}, indent="\t")[:-2]
    parts = []
    for key in ("archMap", "syscalls"):
        lines = ",\n".join("\t\t" + json.dumps(entry) for entry in made[key])
        parts.append('\t"%s": [\n%s\n\t]' % (key, lines))
    return head + ",\n" + ",\n".join(parts) + "\n}\n"


def c_text(flavors):
    """One string for each flavor, as enum profile_flavor counts them."""
    cells = []
    for flavor in flavors:
        lines = text(profile(flavor)).splitlines()
        cells.append("\t[PROFILE_%s] =\n%s,\n" % (flavor.name.upper(), "\n".join(c_lines(line) for line in lines)))
    return emit.HEADER % "flavor/flavor-internal.h" + \
        "const char *const profile_files[PROFILE_FLAVORS] = {\n%s};\n" % "".join(cells)


def c_lines(line, width=90):
    """One line of text as C strings of a readable width."""
    literal, made = json.dumps(line + "\n")[1:-1], []
    while len(literal) > width:
        end = literal.rfind(" ", 0, width) + 1
        made.append(literal[:end])
        literal = literal[end:]
    return "\n".join('\t\t"%s"' % part for part in made + [literal])
