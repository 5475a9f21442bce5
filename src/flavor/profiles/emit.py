# SPDX-License-Identifier: Apache-2.0
"""From rules to pieces of JSON text, and from those to C."""
from dataclasses import dataclass, replace

import rules
from rules import Condition

ALWAYS = Condition()
SYSCALL_SLOTS = 2048
HEADER = """/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/flavor/profiles/ by generate.py; `make update-generated` writes it, `make check` compares. */
#include "%s"

"""


@dataclass
class Piece:
    text: str
    condition: Condition = ALWAYS


def quoted(names):
    return ",".join('"%s"' % name for name in names)


def merge_two(one, two):
    """The condition that holds when one of the two does, or None when it cannot be written as one."""
    if replace(one, arches=0) == replace(two, arches=0):
        return replace(one, arches=one.arches | two.arches)
    if one.caps_any and two.caps_any and replace(one, caps_any=0) == replace(two, caps_any=0):
        return replace(one, caps_any=one.caps_any | two.caps_any)
    return None


def disjoint(conditions):
    """The same alternatives with none of them needed twice: a name is written once if it can be."""
    if any(condition == ALWAYS for condition in conditions):
        return [ALWAYS]
    result = []
    for condition in conditions:
        for i, other in enumerate(result):
            merged = merge_two(other, condition)
            if merged:
                result[i] = merged
                break
            if other == replace(ALWAYS, kernel_min=other.kernel_min):
                condition = replace(condition, kernel_below=min(condition.kernel_below, other.kernel_min))
        else:
            result.append(condition)
    return result


def name_groups(flavor_rules, ranks):
    """[(condition, names by falling rank)] for rules of one verdict without arguments: first the unconditional ones."""
    alternatives, groups = {}, {}
    for rule in flavor_rules:
        for name in rule.names:
            alternatives.setdefault(name, []).append(rule.condition)
    for name in sorted(alternatives, key=lambda name: (-ranks[name], name)):
        for condition in disjoint(alternatives[name]):
            groups.setdefault(condition, []).append(name)
    return sorted(groups.items(), key=lambda group: group[0] != ALWAYS)


def entry_end(verdict, args=()):
    text = '],"action":"SCMP_ACT_ALLOW"' if verdict == 0 else '],"action":"SCMP_ACT_ERRNO","errnoRet":%d' % verdict
    if args:
        conditions = []
        for index, op, value, value_two in args:
            two = ',"valueTwo":%d' % value_two if value_two else ""
            conditions.append('{"index":%d,"value":%d%s,"op":"SCMP_CMP_%s"}' % (index, value, two, op))
        text += ',"args":[%s]' % ",".join(conditions)
    return text + "}"


def name_block(flavor_rules, verdict, ranks):
    """All names that get one verdict whatever the arguments: one entry if some of them always do."""
    groups = name_groups([r for r in flavor_rules if not r.args and r.verdict == verdict], ranks)
    if groups and groups[0][0] != ALWAYS:
        return [Piece(',{"names":[' + quoted(names) + entry_end(verdict), condition) for condition, names in groups]
    pieces = []
    for i, (condition, names) in enumerate(groups):
        pieces.append(Piece(',{"names":[' if i == 0 else ","))
        pieces[-1].text += quoted(names)
        pieces[-1].condition = condition
    if groups:
        pieces.append(Piece(entry_end(verdict)))
    return pieces


def default_text(flavor, mode):
    if mode == rules.COMPLAIN:
        return '{"defaultAction":"SCMP_ACT_LOG"'
    return '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":%d' % rules.ERRNOS[flavor.head["default"]]


def resolved_pieces(flavor, mode):
    """The pieces of one flavor under enforce or complain, in the order in which they are written."""
    pieces = [Piece(default_text(flavor, mode))]
    for arch, abis in flavor.architectures.items():
        text = ',"architectures":[%s]' % quoted("SCMP_ARCH_" + abi for abi in abis)
        pieces.append(Piece(text, Condition(arches=1 << rules.ARCHES.index(arch))))
    default = rules.ERRNOS[flavor.head["default"]] if mode == rules.ENFORCE else None
    active = [replace(r, condition=replace(r.condition, modes=ALWAYS.modes)) for r in flavor.rules
              if r.condition.modes & mode and r.verdict != default]
    # First what is allowed whatever the arguments, socketcall(2) among it: where x86 and s390 multiplex a call, libseccomp
    # answers a rule on its arguments with one on socketcall, and two of those with different verdicts are an error,
    # unless socketcall is settled already.
    body = name_block(active, 0, flavor.ranks)
    for rule in active:
        if rule.args:
            text = ',{"names":[' + quoted(rule.names) + entry_end(rule.verdict, rule.args)
            body.append(Piece(text, rule.condition))
    for verdict in sorted({r.verdict for r in active} - {0}):
        body += name_block(active, verdict, flavor.ranks)
    if body[0].condition != ALWAYS:
        raise rules.RuleError("%s: the first rule depends on the container" % flavor.name)
    pieces.append(Piece(',"syscalls":['))
    body[0].text = body[0].text[1:]
    return join(pieces + body + [Piece("]}")])


def join(pieces):
    """Neighbours under one condition become one piece."""
    joined = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.condition == piece.condition:
            last.text += piece.text
        else:
            joined.append(replace(piece))
    return joined


def c_string(text, width=96):
    """Lines of C string literals."""
    lines, line = [], ""
    for token in text.replace('"', '\\"').replace(",", ",\0").split("\0"):
        if len(line) + len(token) > width:
            lines.append(line)
            line = ""
        line += token
    return "\n".join('\t"%s"' % part for part in lines + [line])


def c_condition(condition):
    return "0x%x, 0x%x, 0x%05x, 0x%x, 0x%x" % (condition.caps_any, condition.caps_none, condition.arches,
                                                condition.kernel_min, condition.kernel_below)


def all_pieces(flavors):
    """[(flavor, mode, pieces)], and where each text begins in profile_texts."""
    plans, offsets, size = [], {}, 0
    for flavor in flavors:
        for mode in (rules.ENFORCE, rules.COMPLAIN):
            plans.append((flavor, mode, resolved_pieces(flavor, mode)))
            for piece in plans[-1][2]:
                if piece.text not in offsets:
                    offsets[piece.text] = size
                    size += len(piece.text)
    return plans, offsets


def profile_text(flavors):
    _, offsets = all_pieces(flavors)
    return HEADER % "flavor/flavor-internal.h" + "const char profile_texts[] =\n%s;\n" % "\n".join(c_string(t) for t in offsets)


def profile_data(flavors):
    plans, offsets = all_pieces(flavors)
    rows, heads, first = [], [], 0
    for flavor, mode, pieces in plans:
        cells = ["{{%s}, %d, %d}," % (c_condition(p.condition), offsets[p.text], len(p.text)) for p in pieces]
        rows.append("\t/* %s, %s */" % (flavor.name, "complain" if mode == rules.COMPLAIN else "enforce"))
        rows += ["\t" + " ".join(cells[i:i + 2]) for i in range(0, len(cells), 2)]
        if mode == rules.ENFORCE:
            heads.append('\t[PROFILE_%s] = {\n\t\t"%s", "%s", "%s",\n\t\t{{%d, %d}, ' % (
                flavor.name.upper(), flavor.name, flavor.head["source"], flavor.head["date"], first, len(pieces)))
        else:
            holds = {"hold": "true", "none": "false"}[flavor.head["absent-capabilities"]]
            heads[-1] += "{%d, %d}}, %s,\n\t}," % (first, len(pieces), holds)
        first += len(pieces)
    return HEADER % "flavor/flavor-internal.h" + PROFILE_DATA % (
        "\n".join(rows), "\n".join(heads), len(rules.ARCHES), len(flavors))


PROFILE_DATA = """const struct profile_piece profile_pieces[] = {
%s
};

const struct profile_flavor_data profile_flavors[PROFILE_FLAVORS] = {
%s
};

_Static_assert(PROFILE_ARCHES == %d && PROFILE_FLAVORS == %d, "src/flavor/profiles/ knows others");
"""


def slot_of(name, size):
    hashed = 0
    for byte in (name[0], name[len(name) // 4], name[len(name) // 2], name[len(name) * 3 // 4], name[-1], len(name)):
        hashed = hashed * 31 + byte & 0xffffffff
    return (hashed * 2654435769 & 0xffffffff) >> 16 & size - 1


def slots_of(names, size):
    """A hash table of numbers from 1, as syscall_index() looks them up. `size` is a power of two."""
    slots = [0] * size
    for number, name in enumerate(names, 1):
        slot = slot_of(name.encode("ascii"), size)
        while slots[slot]:
            slot = (slot + 1) % size
        slots[slot] = number
    return slots


def syscall_data(names):
    offsets, pool = [], 0
    for name in names:
        offsets.append(pool)
        pool += len(name)
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 96:
            lines.append(line)
            line = ""
        line += name
    text = "\n".join('\t"%s"' % part for part in lines + [line])
    tables = []
    for table in (offsets + [pool], slots_of(names, SYSCALL_SLOTS)):
        numbers = [str(number) + "," for number in table]
        tables.append("\n".join("\t" + " ".join(numbers[i:i + 16]) for i in range(0, len(numbers), 16)))
    return HEADER % "syscall/syscall.h" + """const char syscall_names[] =
%s;

const uint16_t syscall_offsets[SYSCALL_COUNT + 1] = {
%s
};

const uint16_t syscall_slots[SYSCALL_SLOTS] = {
%s
};

_Static_assert(SYSCALL_COUNT == %d, "syscall.h has another number of names");
_Static_assert(SYSCALL_SLOTS == %d, "syscall.h has a hash table of another size");
_Static_assert(SYSCALL_MAX_NAME == %d, "syscall.h has another longest name");
""" % (text, *tables, len(names), SYSCALL_SLOTS, max(len(name) for name in names))


def abi_data(rows):
    """One array for each column; numbers in lines of a readable width."""
    tables = []
    for column, abi in enumerate(rules.NUMBERED):
        lines, line = [], ""
        for _, numbers in rows:
            cell = "%d," % numbers[column]
            if len(line) + len(cell) > 100:
                lines.append("\t\t" + line)
                line = ""
            line += cell
        tables.append("\t[ABI_NUMBERS_%s] = {\n%s\n\t}," % (abi.upper(), "\n".join(lines + ["\t\t" + line])))
    return HEADER % "syscall/abi.h" + """/* clang-format off */
const int32_t abi_numbers[ABI_NUMBERS][SYSCALL_COUNT] = {
%s
};
/* clang-format on */
""" % "\n".join(tables)
