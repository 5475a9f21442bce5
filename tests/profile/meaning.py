# SPDX-License-Identifier: Apache-2.0
"""What a linux.seccomp object means to runc, crun and libseccomp, call by call.

A verdict is an action with its errno. The rules, as observed on libseccomp 2.5.4 to 2.6.1:
 - a rule that says what the default says is left out by both runtimes;
 - of several rules for one call, the first without conditions wins over later ones and over earlier ones with
   conditions; a rule with conditions behind it is ignored;
 - conditions of one entry must all hold, but on the same argument they are alternatives;
 - the same conditions with two verdicts are an error.
"""
import functools

MASK = (1 << 64) - 1
EPERM = 1


class Conflict(Exception):
    pass


def verdict(action, errno):
    """ERRNO without a number is EPERM; a number beside an action that takes none is an error in crun."""
    if action in ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"):
        return (action, EPERM if errno is None else errno)
    if errno is not None:
        raise Conflict("errno beside %s" % action)
    return (action, None)


def default_of(profile):
    return verdict(profile["defaultAction"], profile.get("defaultErrnoRet"))


def alternatives(rule):
    """The entry's conditions as a list of conjunctions, each a sorted tuple of (argument, operator, value, datum)."""
    args = [(a["index"], a["op"].replace("SCMP_CMP_", ""), a["value"], a.get("valueTwo", 0))
            for a in rule.get("args") or []]
    if len({a[0] for a in args}) < len(args):
        return [(a,) for a in args]
    return [tuple(sorted(args))]


def add(table, name, conjunction, what):
    known = table.setdefault(name, [])
    if known and known[0][0] == ():
        return
    if conjunction == ():
        known[:] = [((), what)]
        return
    for other, its_verdict in known:
        if other == conjunction:
            if its_verdict != what:
                raise Conflict("%s: two verdicts for %s" % (name, conjunction))
            return
    known.append((conjunction, what))


def rules_by_call(profile, default):
    """{name: [(conjunction, verdict), ...] in order} for every name that does not simply get the default."""
    table = {}
    for rule in profile["syscalls"]:
        what = verdict(rule["action"], rule.get("errnoRet"))
        if what == default:
            continue
        conjunctions = alternatives(rule)
        for name in rule["names"]:
            for conjunction in conjunctions:
                add(table, name, conjunction, what)
    return table


def meaning(profile):
    default = default_of(profile)
    return {"default": default, "architectures": frozenset(profile.get("architectures") or []),
            "calls": rules_by_call(profile, default)}


COMPARE = {
    "EQ": lambda have, value, datum: have == value,
    "NE": lambda have, value, datum: have != value,
    "LT": lambda have, value, datum: have < value,
    "LE": lambda have, value, datum: have <= value,
    "GT": lambda have, value, datum: have > value,
    "GE": lambda have, value, datum: have >= value,
    "MASKED_EQ": lambda have, value, datum: have & value == datum,
}


def condition_holds(condition, args):
    index, op, value, datum = condition
    return COMPARE[op](args[index], value, datum)


def judge(call_rules, default, args):
    """The verdict for one call with these arguments: the first rule that holds. Where rules of the engines overlap
    with different verdicts, that is also what libseccomp's tree decides."""
    for conjunction, what in call_rules:
        if all(condition_holds(condition, args) for condition in conjunction):
            return what
    return default


def interesting_arguments(call_rules):
    """Argument vectors in each region that the conditions cut out: their borders, and the same with high bits."""
    return _arguments(tuple(call_rules))


# The same few rules come again for thousands of targets.
@functools.lru_cache(None)
def _arguments(call_rules):
    if all(conjunction == () for conjunction, _ in call_rules):
        return [(0,) * 6]
    values = {0: {0, 1, MASK}, 2: {0}}
    for conjunction, _ in call_rules:
        for index, op, value, datum in conjunction:
            points = values.setdefault(index, {0})
            for base in (value, datum):
                points |= {base & MASK, (base - 1) & MASK, (base + 1) & MASK, base | 1 << 32, ~base & MASK}
            if op == "MASKED_EQ":
                points |= {1 << bit for bit in range(64)} | {datum | 1 << bit for bit in range(64)}
    vectors = []
    for first in sorted(values[0]):
        for second in sorted(values.get(1, {0})):
            for third in sorted(values[2]):
                vectors.append((first, second, third, 0, 0, 0))
    return vectors


@functools.lru_cache(None)
def disagreements(one, its_default, two, other_default):
    """[(arguments, verdict, verdict)] where the rules `one` and `two`, both tuples, judge a call differently."""
    return [(args, *both) for args in interesting_arguments(one + two)
            for both in [(judge(one, its_default, args), judge(two, other_default, args))] if both[0] != both[1]]


def differences(one, two):
    """What two meanings disagree on, as texts; empty when they are equal."""
    found = []
    for key in ("default", "architectures"):
        if one[key] != two[key]:
            found.append("%s: %s, %s" % (key, one[key], two[key]))
    for name in sorted(set(one["calls"]) | set(two["calls"])):
        mine, other = one["calls"].get(name), two["calls"].get(name)
        if mine != other:
            found.append("%s: %s, %s" % (name, mine, other))
    return found
