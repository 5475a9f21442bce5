#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a new release of an engine's profile changes, as the message of the commit that takes it over.

    update.py SECCOMP-GUARD FLAVOR FILE

FILE is the engine's own profile in its archMap form (README.md says where each engine has it). It is compared by meaning
with the built-in flavor for each capability on its own, none and all of them, on both sides of the kernel that profiles ask
for, on every architecture. Exit status: 0 they mean the same, 1 they do not, 2 error.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import rules  # noqa: E402

SETS = ["none", "default", "all", *rules.CAPS]
KERNELS = ("4.7", "6.18")


def differences(program, flavor, path, caps, kernel):
    run = subprocess.run([program, "diff", "--arch", "all", "--caps", caps, "--kernel", kernel, flavor, path],
                         stdout=subprocess.PIPE, encoding="utf-8")
    if run.returncode > 1:
        sys.exit(2)
    return run.stdout.splitlines()


def name_of(containers, every):
    """The containers that a group of changes is for, as short as it can be said."""
    if containers == every:
        return "For every container:"
    kernels = sorted({kernel for _, kernel in containers})
    sets = [caps for caps in SETS if {(caps, kernel) for kernel in kernels} <= containers]
    where = "" if len(kernels) == len(KERNELS) else " on Linux %s" % ", ".join(kernels)
    if len(sets) * len(kernels) < len(containers):
        return "For %s:" % ", ".join("%s on Linux %s" % c for c in sorted(containers))
    without = [caps for caps in SETS if caps not in sets]
    if not without:
        return "For every container%s:" % where
    if len(without) < len(sets):
        return "For every container%s, but not with capabilities %s:" % (where, ", ".join(without))
    return "For containers%s with capabilities %s:" % (where, ", ".join(sets))


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__)
    every = {(caps, kernel) for caps in SETS for kernel in KERNELS}
    containers = {}
    for caps, kernel in sorted(every):
        for line in differences(*argv[1:], caps, kernel):
            containers.setdefault(line, set()).add((caps, kernel))
    if not containers:
        print("%s means what %s says, for %d containers on every architecture" % (argv[2], argv[3], len(every)))
        return 0
    groups = {}
    for line in sorted(containers):
        groups.setdefault(frozenset(containers[line]), []).append(line)
    print("profiles: %s as its engine has it now\n" % argv[2])
    print("\n\n".join("\n".join([name_of(set(key), every), *lines])
                      for key, lines in sorted(groups.items(), key=lambda group: -len(group[0]))))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
