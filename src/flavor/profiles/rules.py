# SPDX-License-Identifier: Apache-2.0
"""Read rule files: syntax, and what can be said about conditions without knowing the container."""
import os
import re
from dataclasses import dataclass, field, replace

# In the order of enum profile_arch (flavor.h); 0 is the unknown architecture.
ARCHES = ("unknown", "x86", "x86_64", "arm", "aarch64", "mips", "mipsel", "mips64", "mipsel64", "mips64n32",
          "mipsel64n32", "ppc", "ppc64", "ppc64le", "s390", "s390x", "riscv64", "loongarch64")
# By capability number, without CAP_ (capabilities(7)).
CAPS = ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
        "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT "
        "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE "
        "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ "
        "PERFMON BPF CHECKPOINT_RESTORE").split()
# The columns of syscalls.list (enum abi_numbers in abi.h).
NUMBERED = ("x86 x86_64 x32 arm aarch64 mips mips64 mips64n32 ppc ppc64 riscv64 s390 s390x loongarch64").split()
ERRNOS = {"EPERM": 1, "EINVAL": 22, "ENOSYS": 38}
OPS = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
# What x86 and s390 also do by socketcall(2) and ipc(2).
MULTIPLEXED = frozenset(
    "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmsg send sendmmsg "
    "sendmsg sendto setsockopt shutdown socket socketpair msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
    "shmat shmctl shmdt shmget".split())
MULTIPLEXED_RANK = 1 << 16
ALL_ARCHES = (1 << len(ARCHES)) - 1
ENFORCE, COMPLAIN = 1, 2


class RuleError(Exception):
    pass


@dataclass(frozen=True, order=True)
class Condition:
    """When a rule holds: every part must. Bit masks over ENFORCE/COMPLAIN, ARCHES and CAPS."""
    modes: int = ENFORCE | COMPLAIN
    arches: int = ALL_ARCHES
    kernel_min: int = 0
    kernel_below: int = 0xffffffff
    caps_any: int = 0
    caps_none: int = 0

    def always(self):
        return replace(self, modes=ENFORCE | COMPLAIN) == Condition()

    def meets(self, other):
        """Can both hold for one container? Capability masks: no when what one needs is all refused by the other."""
        for one, two in ((self, other), (other, self)):
            if one.caps_any and not one.caps_any & ~two.caps_none:
                return False
        return bool(self.modes & other.modes and self.arches & other.arches
                    and max(self.kernel_min, other.kernel_min) < min(self.kernel_below, other.kernel_below))


@dataclass
class Rule:
    """verdict: 0 allows, else the errno. args: tuple of (index, op, value, value_two); empty is unconditional."""
    where: str
    verdict: int
    condition: Condition
    args: tuple = ()
    names: list = field(default_factory=list)


@dataclass
class Flavor:
    name: str
    ranks: dict
    head: dict = field(default_factory=dict)
    architectures: dict = field(default_factory=dict)
    rules: list = field(default_factory=list)
    tolerated: list = field(default_factory=list)
    sandbox: list = field(default_factory=list)  # names tolerated of a pod's sandbox
    last: Rule = None  # the one that names belong to


def read_names(path):
    """{name: rank}, in byte order. By falling rank is how libseccomp takes names in fastest (docs/profiles.md, Shape): by
    falling number, and behind all of those the calls that x86 and s390 multiplex. x86 stands for most architectures."""
    names = {}
    with open(path, encoding="ascii") as text:
        for line in text:
            if not line.startswith("#"):
                name, x86, x86_64 = line.split()[:3]
                number = x86 if x86 != "-" else x86_64
                rank = -1 if number == "-" else int(number)
                names[name] = rank - MULTIPLEXED_RANK if name in MULTIPLEXED else rank
    if list(names) != sorted(names):
        raise RuleError("%s: not in order" % path)
    return names


def read_numbers(path):
    """[(name, numbers in the order of NUMBERED)]; -1: there is no such call."""
    with open(path, encoding="ascii") as text:
        rows = [line.split() for line in text if not line.startswith("#")]
    if any(len(row) != 1 + len(NUMBERED) for row in rows):
        raise RuleError("%s: a line needs a name and %d numbers" % (path, len(NUMBERED)))
    return [(row[0], [-1 if word == "-" else int(word) for word in row[1:]]) for row in rows]


def logical_lines(path):
    """(line number, text) without comments; four spaces continue a line, a tab begins a list of names."""
    lines = []
    with open(path, encoding="ascii") as text:
        for number, line in enumerate(text, 1):
            line = line.rstrip("\n")
            if line.startswith("    "):
                lines[-1] = (lines[-1][0], lines[-1][1] + " " + line.strip())
            elif line and not line.startswith("#"):
                lines.append((number, line))
    return lines


def number_of(table, word):
    if word not in table:
        raise RuleError("unknown word %r" % word)
    return table.index(word)


def mask_of(table, words):
    if not words:
        raise RuleError("nothing named")
    return sum({1 << number_of(table, word) for word in words})


def parse_part(condition, keyword, words):
    """One `if ...` or `unless ...`."""
    subject = words[0] if words else ""
    if subject == "arch":
        mask = mask_of(ARCHES, words[1:])
        return replace(condition, arches=condition.arches & (mask if keyword == "if" else ~mask))
    if subject == "cap":
        mask = mask_of(CAPS, words[1:])
        if keyword == "unless":
            return replace(condition, caps_none=condition.caps_none | mask)
        if condition.caps_any:
            raise RuleError("two `if cap` in one rule")
        return replace(condition, caps_any=mask)
    if subject == "kernel" and keyword == "if" and len(words) == 3 and words[1] == ">=":
        major, minor = words[2].split(".")
        return replace(condition, kernel_min=int(major) << 16 | int(minor))
    if keyword == "if" and words in (["enforce"], ["complain"]):
        return replace(condition, modes=ENFORCE if words == ["enforce"] else COMPLAIN)
    raise RuleError("cannot read `%s %s`" % (keyword, " ".join(words)))


def parse_args(text):
    """`a0 == 16, a2 != 9` (all must hold) or `any a0 & 1 == 1, a0 & 2 == 2` (one must)."""
    either = text.startswith("any ")
    args = []
    for part in text[4 if either else 0:].split(","):
        match = re.fullmatch(r"\s*a([0-5]) (?:& (\w+) )?(==|!=|<=?|>=?) (\w+)\s*", part)
        if not match or (match[2] and match[3] != "=="):
            raise RuleError("cannot read `%s`" % part.strip())
        value = int(match[4], 0)
        if match[2]:
            args.append((int(match[1]), "MASKED_EQ", int(match[2], 0), value))
        else:
            args.append((int(match[1]), OPS[match[3]], value, 0))
    # A runtime takes conditions of one entry on the same argument for alternatives, on different ones for a sum.
    if len({a[0] for a in args}) != (1 if either else len(args)):
        raise RuleError("`any` is for one argument, a list without it for different ones")
    return tuple(args)


def parse_rule(where, line):
    line, _, args = line.partition(" where ")
    words = line.split()
    verdict = 0
    if words.pop(0) == "errno":  # else `allow` or `tolerate`
        if not words or words[0] not in ERRNOS:
            raise RuleError("unknown errno")
        verdict = ERRNOS[words.pop(0)]
    condition = Condition()
    while words:
        keyword = words.pop(0)
        part = []
        while words and words[0] not in ("if", "unless"):
            part.append(words.pop(0))
        if keyword not in ("if", "unless"):
            raise RuleError("unknown word %r" % keyword)
        condition = parse_part(condition, keyword, part)
    # A refusal is the default under complain; but libc falls back when it reads ENOSYS, so that stays.
    if verdict not in (0, ERRNOS["ENOSYS"]):
        condition = replace(condition, modes=condition.modes & ENFORCE)
    return Rule(where, verdict, condition, parse_args(args) if args else ())


def add_line(flavor, where, line, directory):
    words = line.split()
    if line.startswith("\t"):
        unknown = set(words) - set(flavor.ranks)
        if unknown or not flavor.last:
            raise RuleError("unknown system call %s" % " ".join(sorted(unknown)))
        flavor.last.names += words
    elif line == "tolerate-sandbox":
        flavor.last = Rule(where, 0, Condition(), (), flavor.sandbox)
    elif words[0] in ("allow", "errno", "tolerate"):
        flavor.last = parse_rule(where, line)
        (flavor.tolerated if words[0] == "tolerate" else flavor.rules).append(flavor.last)
    elif words[0] == "architecture":
        number_of(ARCHES, words[1])
        flavor.architectures[words[1]] = words[2:]
    elif words[0] == "use":
        read_file(flavor, os.path.join(directory, words[1] + ".rules"))
    elif words[0] in ("flavor", "source", "date", "default", "absent-capabilities"):
        flavor.head[words[0]] = line.partition(" ")[2]
    else:
        raise RuleError("unknown word %r" % words[0])


def read_file(flavor, path):
    for number, line in logical_lines(path):
        where = "%s:%d" % (os.path.basename(path), number)
        try:
            add_line(flavor, where, line, os.path.dirname(path))
        except (RuleError, ValueError, IndexError) as error:
            raise RuleError("%s: %s" % (where, error)) from error


def check(flavor):
    """No system call has two unconditional rules that can both hold and disagree, or one beside a rule on arguments:
    libseccomp would keep the first, so the order of the rules would carry meaning."""
    missing = {"flavor", "source", "date", "default", "absent-capabilities"} - set(flavor.head)
    if missing or flavor.head["flavor"] != flavor.name:
        raise RuleError("%s.rules: head incomplete" % flavor.name)
    by_name = {}
    for rule in flavor.rules:
        for name in rule.names:
            for other in by_name.setdefault(name, []):
                plain = not rule.args and not other.args
                if rule.condition.meets(other.condition) and (bool(rule.args) != bool(other.args)
                                                              or (plain and rule.verdict != other.verdict)):
                    raise RuleError("%s: %s contradicts %s" % (rule.where, name, other.where))
            by_name[name].append(rule)


def read_flavor(directory, name, names):
    flavor = Flavor(name, names)
    read_file(flavor, os.path.join(directory, name + ".rules"))
    check(flavor)
    return flavor
