#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guard against models of three readers, over mutated configurations.

Whatever is kept restricts something for every runtime that would start it, and all of them read the same profile;
what is injected is what each of them then reads; and what one of them takes from outside linux.seccomp is refused.
The argument is the number of mutations; with SECONDS_TO_RUN in the environment it goes on for so long, at random.
"""

import collections
import json
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import readers  # noqa: E402

DATA = os.path.join(HERE, "..", "data")
VERDICTS = os.path.join(os.environ.get("top_builddir", "."), "tests", "fuzz", "verdicts")
POLICIES = ['{}', '{"weak":"replace","privileged":"enforce"}', '{"mode":"deny"}', '{"mode":"complain"}']

SECCOMP = ('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["uname","mount"],"action":"SCMP_ACT_ERRNO",'
           '"errnoRet":111},{"names":["getpgid"],"action":"SCMP_ACT_KILL","args":[{"index":0,"value":1,"valueTwo":0,'
           '"op":"SCMP_CMP_EQ"}]}]}')
BASES = [
    '{"ociVersion":"1.0.2","linux":{"namespaces":[{"type":"pid"}],"seccomp":%s},"annotations":{"a":"b"}}' % SECCOMP,
    '{"linux": {"seccomp": null, "maskedPaths": ["/x"]}, "ociVersion": "1.0.2"}',
    '{"ociVersion":"1.0.2","annotations":{"run.oci.x":"y"},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO",'
    '"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}}}',
    '{"ociVersion":"1.0.2","linux":{"seccomp":{"defaultAction":"SCMP_ACT_LOG","syscalls":[]}},'
    '"annotations":{"run.oci.seccomp_bpf_data":"AAAA"}}',
]
WORDS = ['null', 'true', '0', '1', '-0', '1.0', '4294967296', '{}', '[]', '""', '"linux"', '"seccomp"', '"syscalls"',
         '"names"', '"defaultAction"', '"action"', '"args"', '"errnoRet"', '"annotations"', '"SCMP_ACT_ALLOW"',
         '"SCMP_ACT_ERRNO"', '"SCMP_ACT_LOG"', '"SCMP_CMP_LT"', '"SCMP_CMP_MASKED_EQ"', '"index"', '"value"', '"op"',
         '"mount"', '"uname"', '"run.oci.seccomp_bpf_data"', ',', ':', '{', '}', '[', ']', '/*', '*/', '//', '\n',
         "'", '\x0c', '\ufeff', ' ', '"seccomp":null', '"linux":{}', '"syscalls":[]', '"args":[]', SECCOMP]
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+0-9.eE]+|\w+|\s+|.', re.S)


def load_cases():
    with open(os.path.join(DATA, "json-cases.json"), encoding="utf-8") as f:
        data = json.load(f)
    for case in data["cases"]:
        key = "utf16" if "utf16" in case else "text"
        text = case[key].replace("@HEAD@", data["head"]).replace("@LINUX@", data["linux"])
        yield case, b"\xff\xfe" + text.encode("utf-16-le") if key == "utf16" else text.encode("latin-1")


class Guard:
    def __init__(self, policy):
        self.process = subprocess.Popen([VERDICTS, policy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def judge(self, text):
        self.process.stdin.write(b"%d\n" % len(text) + text)
        self.process.stdin.flush()
        action, finding, size = self.process.stdout.readline().decode().split()
        return action, finding, self.process.stdout.read(int(size))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def mutate_string(rng, token):
    at = rng.randrange(1, len(token))
    kind = rng.randrange(6)
    if kind == 0:
        return token[:at] + token[at:].replace("s", "\u017f", 1).replace("k", "\u212a", 1)
    if kind == 1:
        return token[:-1] + "\\u0000" + rng.choice(["", "x"]) + token[-1:]
    if kind == 2:
        return token[:at] + token[at:].swapcase()
    if kind == 3 and token[at] not in '"\\':
        return token[:at] + "\\u%04x" % ord(token[at]) + token[at + 1:]
    if kind == 4:
        return token[:at] + rng.choice(["\x01", "\n", "\\", '"', "\\ud800", "\x7f", "\xff"]) + token[at:]
    return token[:at] + token[at + 1:]


def member_ends(tokens, at):
    """The index behind the value that begins at or after `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += tokens[i] in "{[" and len(tokens[i]) == 1
        depth -= tokens[i] in "}]" and len(tokens[i]) == 1
        if depth < 0 or (depth == 0 and tokens[i] == ","):
            return i
    return len(tokens)


def mutate(rng, text):
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(tokens))
        strings = [i for i, t in enumerate(tokens) if t.startswith('"') and len(t) > 2]
        keys = [i for i in strings if i + 1 < len(tokens) and tokens[i + 1].strip() in ("", ":")]
        kind = rng.randrange(8)
        if kind == 0 and strings:
            at = rng.choice(strings)
            tokens[at] = mutate_string(rng, tokens[at])
        elif kind <= 2 and keys:
            # A member once more, somewhere beside it, perhaps under another spelling or with another value.
            at = rng.choice(keys)
            member = tokens[at:member_ends(tokens, at)]
            if rng.randrange(2):
                member[0] = mutate_string(rng, member[0])
            if rng.randrange(2):
                member[1:] = [":", rng.choice(WORDS)]
            where = rng.choice(keys) if rng.randrange(4) == 0 else rng.choice([at, member_ends(tokens, at)])
            tokens[where:where] = member + [","] if where == at or where in keys else [","] + member
        elif kind == 3 and keys:
            at = rng.choice(keys)
            tokens[at + 1:member_ends(tokens, at)] = [":", rng.choice(WORDS)]
        elif kind == 4:
            tokens[at] = rng.choice(WORDS)
        elif kind == 5:
            tokens.insert(at, rng.choice(WORDS))
        elif kind == 6 and keys:
            at = rng.choice(keys)
            del tokens[at:member_ends(tokens, at) + 1]
        else:
            del tokens[at]
        tokens = tokens or [" "]
    return "".join(tokens)


def complaint(text, action, output):
    """What is wrong with this answer, or None."""
    seen = readers.readings(text if action != "inject" else output)
    started = {name: r for name, r in seen.items() if r is not None}
    if action not in ("keep", "inject"):
        return None
    for name, reading in started.items():
        if reading.foreign:
            return "%s takes a filter from an annotation" % name
        if not readers.restricts(reading.profile) and action == "keep":
            return "%s: %r" % (name, reading.profile)
        if action == "inject" and reading.profile is None:
            return "%s reads no profile after injecting" % name
    if len({repr(r.profile) for r in started.values()}) > 1:
        return "read differently: %r" % {n: r.profile for n, r in started.items()}
    return None


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = False

    def result(self, problems, what):
        self.n += 1
        self.failed |= bool(problems)
        for p in problems[:10]:
            print("# " + p.encode("unicode_escape").decode()[:600])
        print("%s %d - %s" % ("not ok" if problems else "ok", self.n, what), flush=True)


def check_models(tap):
    """The models against what real runtimes were seen to do: they must not refuse what started."""
    wrong = []
    for case, text in load_cases():
        seen = readers.readings(text)
        for name in readers.READERS:
            was = case[name]
            reading = seen[name]
            if was.startswith("reject") or (name == "json-c" and reading is None and "parsed" in was):
                continue  # later stages refuse, too: libseccomp, number ranges, missing namespaces
            if reading is None:
                wrong.append("%s %s: %s, model refuses" % (case["id"], name, was))
            elif (was.startswith("no filter")) != (reading.profile is None):
                wrong.append("%s %s: %s, model %r" % (case["id"], name, was, reading.profile))
            elif was.startswith("filter: uname") and not readers.restricts(reading.profile):
                wrong.append("%s %s: %s, model restricts nothing" % (case["id"], name, was))
    tap.result(wrong, "the models read what the runtimes were seen to read")


def check_controls(tap):
    """Answers that would be wrong are found to be."""
    missed = []
    for text in ('{"ociVersion":"1","linux":{}}', BASES[3], BASES[0].replace('"seccomp":', '"\u017feccomp":'),
                 BASES[0].replace('"seccomp":', '"seccomp":null,"seccomp":'),
                 BASES[2].replace('"seccomp":', '/*"seccomp":').replace('}]}}', '}]}*/}')):
        if complaint(text.encode(), "keep", b"") is None:
            missed.append(text)
    tap.result(missed, "a container that one runtime reads as unconfined is noticed")


def main():
    tap = Tap()
    seconds = int(os.environ.get("SECONDS_TO_RUN", "0"))
    rng = random.Random(None if seconds else 1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    texts = BASES + [t.decode("latin-1") for _, t in load_cases() if len(t) < 6000]
    guards = [Guard(p) for p in POLICIES]
    print("1..3")
    check_models(tap)
    check_controls(tap)
    problems, actions, done, end = [], collections.Counter(), 0, time.monotonic() + seconds
    while (time.monotonic() < end) if seconds else (done < count):
        source = rng.choice(BASES if rng.randrange(3) else texts)
        text = mutate(rng, source) if done >= len(texts) else texts[done]
        raw = text.encode("utf-8" if source in BASES or rng.randrange(2) else "latin-1", "replace")
        for guard, policy in zip(guards, POLICIES):
            action, _, output = guard.judge(raw)
            actions[action] += 1
            wrong = complaint(raw, action, output)
            if wrong:
                problems.append("%s: %s: %s: %s" % (policy, action, wrong, raw.decode("latin-1")))
        done += 1
    for guard in guards:
        guard.close()
    print("# %d configurations: %s" % (done, dict(actions)))
    for action in ("keep", "inject", "refuse"):
        if actions[action] < done // 20:
            problems.append("only %d times %s: the mutations have lost their bite" % (actions[action], action))
    tap.result(problems, "no verdict lets a container start that some runtime reads as unconfined")
    return 1 if tap.failed else 0


sys.exit(main())
