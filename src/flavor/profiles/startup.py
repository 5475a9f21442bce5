# SPDX-License-Identifier: Apache-2.0
"""From startup.list to the table of what has to be allowed for a container to start (src/semantics/startup.h)."""
import re

import emit
from reference import c_set

SITUATIONS = ("run", "run no-new-privs", "exec", "exec no-new-privs")
PROGRAM = {"static": "static", "dynamic": "dynamically linked"}
ANSWERS = {"EPERM": "DENIED_EPERM", "ENOSYS": "DENIED_ENOSYS", "made": "DENIED_KILL"}
LINE = re.compile(r"(?:program )?(?P<name>\S+) (?P<version>\S+) ?(?P<situation>[^|]*) \| (?P<answer>\w+)(?P<either> either)?:(?P<names>.*)")


def read_list(path):
    """[(subject, situation, answer, [sets of names that each do])]; a line without "either" is one for each name."""
    found = []
    with open(path, encoding="ascii") as f:
        for line in f:
            if line.startswith("#"):
                continue
            m = LINE.fullmatch(line.strip())
            situation = SITUATIONS.index(m["situation"]) if m["situation"] else 0
            names = [frozenset(word.split("+")) for word in m["names"].split()]
            found.append(((m["name"], m["version"]), situation, m["answer"], names, bool(m["either"])))
    return found


def startup_data(rows, path):
    index = {name: i for i, (name, _) in enumerate(rows)}
    lines = read_list(path)
    subjects = sorted({subject for subject, *_ in lines}, key=[subject for subject, *_ in lines].index)
    heads, needs, choices = [], [], []
    for name, version in subjects:
        library, _, linked = name.partition("-")
        heads.append('\t{"%s", "%s", %s},' % (library, version, '"%s"' % PROGRAM[linked] if linked else "NULL"))
    for subject, situation, answer, names, either in lines:
        head = "%d, %d, %s" % (subjects.index(subject), situation, ANSWERS[answer])
        if either:
            sets = [c_set([index[n] for n in one]) for one in names]
            choices.append("\t{%s, %d, {%s}}, /* %s */" % (head, len(sets), ", ".join(sets), " ".join("+".join(sorted(n)) for n in names)))
        else:
            needs.append("\t{%s, %s}, /* %s */" % (head, c_set([index[n] for one in names for n in one]), " ".join(subject)))
    return emit.HEADER % "semantics/startup-internal.h" + STARTUP_DATA % (len(subjects), "\n".join(heads), "\n".join(needs), "\n".join(choices))


STARTUP_DATA = """_Static_assert(STARTUP_SUBJECTS == %d, "startup.list has another number of them");

/* clang-format off */
const struct startup_subject startup_subjects[STARTUP_SUBJECTS] = {
%s
};

const struct startup_need startup_needs[] = {
%s
};
const size_t startup_n_needs = ARRAY_SIZE(startup_needs);

const struct startup_choice startup_choices[] = {
%s
};
const size_t startup_n_choices = ARRAY_SIZE(startup_choices);
/* clang-format on */
"""
