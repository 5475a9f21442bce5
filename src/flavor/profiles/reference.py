# SPDX-License-Identifier: Apache-2.0
"""From rules to what RuntimeDefault lets through, as sets of system calls: what a profile is `weak` in comparison with (src/semantics/reference.h)."""
from dataclasses import replace

import emit
import rules
from emit import ALWAYS


def newer_calls(flavor, rows):
    """Calls with a number above all that the flavor names. Since Linux 5.1 a new call has the same number everywhere, so one
    column stands for all; x86_64's, where every new call exists."""
    column = rules.NUMBERED.index("x86_64")
    numbers = {name: numbers[column] for name, numbers in rows}
    highest = max(numbers[name] for rule in flavor.rules for name in rule.names)
    return [name for name in numbers if numbers[name] > highest]


def let_through(flavor, rows):
    """[(condition, names)]: what passes whatever the arguments, a group for each condition."""
    groups = {ALWAYS: set(newer_calls(flavor, rows))}
    for rule in flavor.rules + flavor.tolerated:
        if rule.verdict == 0 and not rule.args and rule.condition.modes & rules.ENFORCE:
            groups.setdefault(replace(rule.condition, modes=ALWAYS.modes), set()).update(rule.names)
    return sorted(groups.items())


def by_arguments(flavor, always):
    """[(condition, name, does it permit, conditions on arguments)] in the order in which they are asked."""
    found = []
    for rule in flavor.tolerated + flavor.rules:
        if not rule.args or not rule.condition.modes & rules.ENFORCE:
            continue
        alternatives = [rule.args]
        if len({arg[0] for arg in rule.args}) < len(rule.args):
            alternatives = [(arg,) for arg in rule.args]
        found += [(replace(rule.condition, modes=ALWAYS.modes), name, rule.verdict == 0, args)
                  for name in rule.names if name not in always for args in alternatives]
    return found


def c_set(indexes):
    words = ["0x%x" % sum(1 << index % 64 for index in indexes if index // 64 == word)
             for word in range(max(indexes, default=0) // 64 + 1)]
    return "{{%s}}" % ", ".join(words)


def c_rule(condition, index, permits, args):
    conditions = ", ".join("{%d, OCI_CMP_%s, 0x%x, 0x%x}" % (arg[0], *arg[1:]) for arg in args)
    return "{{%s}, %d, %s, %d, {%s}}," % (emit.c_condition(condition), index, "true" if permits else "false", len(args),
                                          conditions)


def reference_data(flavors, rows):
    index = {name: i for i, (name, _) in enumerate(rows)}
    sets, found, heads, most = [], [], [], 0
    for flavor in flavors:
        groups = let_through(flavor, rows)
        rest = by_arguments(flavor, dict(groups)[ALWAYS])
        heads.append("\t[PROFILE_%s] = {%d, %d, %d, %d, %s}," % (flavor.name.upper(), len(sets), len(groups), len(found),
                                                               len(rest), c_set([index[name] for name in flavor.sandbox])))
        for condition, names in groups:
            told = "%d names" % len(names) if condition == ALWAYS else " ".join(sorted(names))
            sets.append("\t/* %s: %s */\n\t{{%s},\n\t %s}," % (flavor.name, told, emit.c_condition(condition),
                                                           c_set([index[name] for name in names])))
        found += ["\t" + c_rule(condition, index[name], permits, args) + " /* %s: %s */" % (flavor.name, name)
                  for condition, name, permits, args in rest]
        most = max([most] + [len(args) for _, _, _, args in rest])
    return emit.HEADER % "semantics/reference-internal.h" + REFERENCE_DATA % ("\n".join(sets), "\n".join(found), "\n".join(heads), most)


REFERENCE_DATA = """/* clang-format off */
const struct reference_group reference_groups[] = {
%s
};

const struct reference_rule reference_rules[] = {
%s
};
/* clang-format on */

const struct reference_flavor reference_flavors[PROFILE_FLAVORS] = {
%s
};

_Static_assert(%d <= REFERENCE_CONDITIONS, "a rule has more conditions than there is room for");
"""
