#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the rule files of this directory into the const tables of src/.

    generate.py flavor/flavor        FILE  write src/flavor/flavor.gen.c to FILE ("-" is stdout)
    generate.py flavor/flavor-text   FILE  write src/flavor/flavor-text.gen.c
    generate.py flavor/flavor-file   FILE  write src/flavor/flavor-file.gen.c
    generate.py syscall/syscall      FILE  write src/syscall/syscall.gen.c
    generate.py syscall/abi          FILE  write src/syscall/abi.gen.c
    generate.py semantics/reference  FILE  write src/semantics/reference.gen.c
    generate.py semantics/startup    FILE  write src/semantics/startup.gen.c

README.md explains the rule files. What is computed here, so that nothing is left for run time: which names share a
condition, the JSON text of each piece, and that no two rules for one system call contradict each other.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import dockerform  # noqa: E402
import emit  # noqa: E402
import reference  # noqa: E402
import rules  # noqa: E402
import startup  # noqa: E402

FLAVORS = ("moby", "containerd", "containers", "crio")
# What each file is made of: names with their ranks, names with their numbers, the flavors.
KINDS = {
    "flavor/flavor": lambda names, rows, flavors: emit.profile_data(flavors),
    "flavor/flavor-text": lambda names, rows, flavors: emit.profile_text(flavors),
    "flavor/flavor-file": lambda names, rows, flavors: dockerform.c_text(flavors),
    "syscall/syscall": lambda names, rows, flavors: emit.syscall_data(names),
    "syscall/abi": lambda names, rows, flavors: emit.abi_data(rows),
    "semantics/reference": lambda names, rows, flavors: reference.reference_data(flavors, rows),
}


def generate(kind, directory):
    names = rules.read_names(os.path.join(directory, "syscalls.list"))
    rows = rules.read_numbers(os.path.join(directory, "syscalls.list"))
    if kind == "semantics/startup":
        return startup.startup_data(rows, os.path.join(directory, "startup.list"))
    return KINDS[kind](names, rows, [rules.read_flavor(directory, flavor, names) for flavor in FLAVORS])


def main(argv):
    if len(argv) != 3 or argv[1] not in (*KINDS, "semantics/startup"):
        sys.exit(__doc__)
    try:
        text = generate(argv[1], os.path.dirname(os.path.abspath(__file__)))
    except rules.RuleError as error:
        sys.exit("generate.py: %s" % error)
    if argv[2] == "-":
        sys.stdout.write(text)
        return
    with open(argv[2], "w", encoding="ascii") as out:
        out.write(text)


if __name__ == "__main__":
    main(sys.argv)
