# SPDX-License-Identifier: Apache-2.0
"""What libseccomp, as it is installed here, makes of a linux.seccomp object."""
import os
import subprocess

import meaning

ACTIONS = {"SCMP_ACT_ALLOW": 0x7fff0000, "SCMP_ACT_LOG": 0x7ffc0000, "SCMP_ACT_ERRNO": 0x00050000,
           "SCMP_ACT_TRACE": 0x7ff00000, "SCMP_ACT_TRAP": 0x00030000, "SCMP_ACT_KILL_PROCESS": 0x80000000}
OPS = {"NE": 1, "LT": 2, "LE": 3, "EQ": 4, "GE": 5, "GT": 6, "MASKED_EQ": 7}


def number_of(what):
    return ACTIONS[what[0]] | (what[1] or 0)


def action_number(action, errno):
    return number_of(meaning.verdict(action, errno))


def request(profile, architectures, calls=()):
    """calls: (ABI, name, arguments)."""
    lines = ["default %d" % action_number(profile["defaultAction"], profile.get("defaultErrnoRet"))]
    lines += ["arch %s" % arch.replace("SCMP_ARCH_", "").lower() for arch in architectures]
    for rule in profile["syscalls"]:
        action = action_number(rule["action"], rule.get("errnoRet"))
        for conjunction in meaning.alternatives(rule):
            args = "".join(" %d %d %d %d" % (index, OPS[op], value, two) for index, op, value, two in conjunction)
            lines += ["rule %d %s%s" % (action, name, args) for name in rule["names"]]
    lines += ["call %s %s %d %d %d" % (abi, name, *args[:3]) for abi, name, args in calls]
    return "\n".join(lines + ["end", ""])


def answers(build, requests, timeout=300):
    """filter-compile's lines: for each call the program's value, for each request "INSTRUCTIONS SHA256" or "error WHAT"."""
    run = subprocess.run([os.path.join(build, "tests/profile/filter-compile")], check=True, stdout=subprocess.PIPE,
                         input="".join(requests), encoding="ascii", timeout=timeout)
    return run.stdout.splitlines()
