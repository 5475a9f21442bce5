#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever command line we accept, the runtime opens the very configuration that we would have judged, or fails.

Each configuration here is not JSON, so that a runtime opens it and fails: nothing is ever created. The kernel says
which one it opened. Every word of the vocabulary, and every end of it, is also the name of a bundle, so that a
misreading opens something too.

RUNARGS_CASES=N tries N generated command lines on each runtime (default 300); RUNARGS_SEED=N picks others;
RUNARGS_RUNTIMES="runc=/path crun=/path ..." tries these programs instead of the installed ones.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import opens  # noqa: E402

HELPER = guardtest.program("print-runargs")
CASES = int(os.environ.get("RUNARGS_CASES", "300"))
SEED = int(os.environ.get("RUNARGS_SEED", "1"))
ID = "guardtest-runargs-%d" % os.getpid()
FILES = ("config.json", "other.json")
FAMILIES = ("runc", "crun", "other")

# What engines say (with A for the bundle): every runtime must take it, and so must we.
ENGINES = [
    "--root R --log /dev/null --log-format json create --bundle A --pid-file P ID",
    "--root R --log /dev/null --log-format json --systemd-cgroup create --bundle A --pid-file P --console-socket S"
    " --no-pivot --no-new-keyring --preserve-fds 0 ID",
    "--root=R create --bundle A --pid-file P ID",
    "--log-format=json --log /dev/null create --bundle A --pid-file P ID",
    "create --bundle A --pid-file P ID",
    "--debug --root R create --bundle A --pid-file P ID",
    "--log /dev/null --log-format json run --bundle A ID",
    "run --bundle A ID",
    "run -b A -d ID",
    "run ID",
]

# One option with its value, or one word; what is generated is a row of these.
LOCAL = [
    ["--bundle", "A"], ["--bundle", "B"], ["--bundle=A"], ["--bundle=A=B"], ["--bundle=--no-pivot"],
    ["--bundle="], ["--bundle", ""], ["--bundle", "-"], ["--bundle", "--"], ["--bundle", "-x"],
    ["--bundle", "--no-pivot"], ["--bundle=A "], ["--bundle=A\u00a0"], ["--bundle ", "A"], [" --bundle", "A"],
    [" --bundle=A"], ["--bundle"], ["-b", "A"], ["-b", "=A"], ["-b=A"], ["-bA"], ["-bundle", "A"],
    ["-bundle=A"], ["-bundled"], ["--b", "A"], ["---bundle", "A"], ["--bund", "A"], ["--bund=A"],
    ["--BUNDLE", "A"], ["-B", "A"], ["--config", "A/other.json"], ["--config=other.json"],
    ["--conf", "other.json"], ["-f", "A/other.json"], ["-fother.json"], ["-f=other.json"],
    ["-f", "config.json"], ["-f", "./config.json"], ["-f", ""], ["-f", "A"], ["--no-pivot"],
    ["--no-pivot=true"], ["--no-pivot=false"], ["--no-pivot="], ["-no-pivot"], ["--no-pi"],
    ["--no-new-keyring"], ["--no-subreaper"], ["--detach"], ["-d"], ["-d=false"], ["-detach"], ["-db", "A"],
    ["-dbA"], ["--keep"], ["--pid-file", "P"], ["--pid-file=P"], ["-pid-file", "P"],
    ["--pid-file", "--bundle=B"], ["--pid-file", ""], ["--preserve-fds", "0"], ["--preserve-fds=0"],
    ["--root", "R"], ["--log=/dev/null"], ["--debug"], ["--help"], ["-h"], ["-?"], ["--usage"],
    ["--help=false"], ["-h=false"], ["--version"], ["-v"], ["--"], ["-"], [""], [" "], ["A"], ["ID"], ["ID"],
    ["ID"], ["ID"], ["help"], ["--image-path", "P"], ["--lsm-profile", "P"],
]
GLOBAL = [
    ["--root", "R"], ["--root=R"], ["-root", "R"], ["--root", "-"], ["--roo", "R"], ["--log", "/dev/null"],
    ["--log=/dev/null"], ["--log=file:/dev/null"], ["--log-format", "json"], ["--log-format=text"], ["--debug"],
    ["-debug"], ["--debug=false"], ["--systemd-cgroup"], ["--rootless", "auto"], ["--rootless=false"],
    ["--rootless", "run"], ["--cgroup-manager", "disabled"], ["--criu", "P"], ["--log-level=debug"],
    ["--version"], ["-v"], ["-V"], ["-version"], ["--version=false"], ["--help"], ["-h"], ["-?"], ["--usage"],
    ["--help=false"], ["--"], ["-"], [""], ["--bundle", "A"], ["-b", "A"], ["create"], ["A"],
    ["--foo"], ["--foo=x"], ["-x"], ["-xyz"], ["--program-name"], ["--program-name", "kill"], [" --debug"], [" --root"],
    ["\u00a0--root"], ["foo"], ["kill"], ["-5"], [" --"],
]
COMMANDS = [["create"], ["create"], ["create"], ["run"], ["run"], ["restore"], ["state"], ["features"], ["Create"],
            [" create"], ["create\u00a0"], ["creat"], ["c"], []]

# For which our refusal rests on what the runtimes were seen to do: what runc and crun open.
DISPUTES = [
    ("create -b=A ID", "A/config.json", "=A/config.json"),
    ("create -bundle=A ID", "A/config.json", "undle=A/config.json"),
    ("create -bundle A", None, "undle/config.json"),
    ("create --bund A ID", None, "A/config.json"),
    ("create -bA ID", None, "A/config.json"),
    ("create ID --bundle A", "A/config.json", None),
    ("create --bundle= ID", "config.json", None),
    ("create --no-pivot=false --bundle A ID", "A/config.json", None),
    ("create --help --help=false ID", "config.json", None),
    ("run -db A ID", None, "A/config.json"),
    ("create -f A/other.json -b B ID", None, "A/other.json"),
    ("create -f other.json -b B ID", None, "other.json"),
    ("create -f ./config.json -b B ID", None, "config.json"),
    ("create -f config.json -b B ID", None, "B/config.json"),
]


def words_of(text):
    return [ID if w == "ID" else w for w in text.split()]


def runtimes():
    given = os.environ.get("RUNARGS_RUNTIMES")
    if given:
        return [tuple(pair.split("=", 1)) for pair in given.split()]
    return [(name, rt.path) for name, rt in guardtest.RUNTIMES.items() if rt.path]


def ask(family, cases):
    """What runargs says of each command line."""
    lines = "".join("\x1f".join([family, *words]) + "\n" for words in cases)
    done = subprocess.run([HELPER], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def judged(answer):
    """The path, from the current directory, of the configuration that would be judged; None for none."""
    if answer["kind"] != "create":
        return None
    return os.path.normpath(answer.get("config") or os.path.join(answer.get("bundle", "."), "config.json"))


def generate(rng):
    """Rows of atoms, systematic first: two around an id; two before a subcommand; then anything."""
    for a, b in itertools.product(LOCAL, repeat=2):
        for row in ((a, b, ["ID"]), (a, ["ID"], b), (["ID"], a, b)):
            yield [rng.choice(("create", "run", "restore"))] + sum(row, [])
    for a, b, c in itertools.product(GLOBAL, GLOBAL, COMMANDS):
        yield a + b + c + ["--bundle", "A", "ID"]
    for _ in range(60000):
        row = rng.choices(GLOBAL, k=rng.choice((0, 0, 1, 2))) + [rng.choice(COMMANDS)]
        yield sum(row + rng.choices(LOCAL, k=rng.randint(1, 5)), [])


def choose(accepted, rng, count):
    """`count` of the accepted, first those with a pair of neighbouring words that none before had."""
    rng.shuffle(accepted)
    pairs, first, rest = set(), [], []
    for words, answer in accepted:
        own = set(zip(words, words[1:] + [None]))
        (rest if own <= pairs else first).append((words, answer))
        pairs |= own
    return (first + rest)[:count]


class Lab:
    """A directory that is a bundle and is full of bundles."""

    def __init__(self, words):
        self.top = tempfile.mkdtemp(prefix="guardtest-")
        self.opens = opens.Opens()
        names = {w[i:] for w in words for i in range(len(w))}
        names |= {n.strip() for n in names} - {""}
        for name in [""] + sorted(n for n in names if "/" not in n and n not in (".", "..", *FILES)):
            where = os.path.join(self.top, name)
            os.makedirs(where, exist_ok=True)
            for f in FILES:
                with open(os.path.join(where, f), "w", encoding="ascii") as out:
                    out.write("@")
            self.opens.add(where)

    def run(self, path, words):
        """The configurations that the runtime opens for this command line, and what it says."""
        self.opens.seen()
        done = subprocess.run([path, *words], cwd=self.top, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        seen = {os.path.relpath(p, self.top) for p in self.opens.seen() if os.path.basename(p) in FILES}
        return seen, done.stdout.decode("utf-8", "replace")[-300:]

    def close(self):
        self.opens.close()
        shutil.rmtree(self.top)


@unittest.skipUnless(HELPER, "tests/helpers/print-runargs is not built")
@guardtest.each(runtimes(), lambda runtime: runtime[0] if not os.environ.get("RUNARGS_RUNTIMES") else "".join(runtime))
class Runargs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        texts = ENGINES + [form for form, _, _ in DISPUTES]
        words = set(itertools.chain(*map(words_of, texts), *LOCAL, *GLOBAL, *COMMANDS))
        cls.lab = Lab(words - {"ID"})

    @classmethod
    def tearDownClass(cls):
        cls.lab.close()

    def compare(self, path, words, answer, known=None):
        """Whether the runtime opened the configuration that we would have judged; it may also fail before. `known`: what
        became of command lines that have been run, and where this one's goes."""
        known = {} if known is None else known
        if tuple(words) not in known:
            known[tuple(words)] = self.lab.run(path, words)
        seen, said = known[tuple(words)]
        expected = {judged(answer)} - {None}
        if not seen <= expected:
            self.fail("%r: we judge %s, the runtime opened %s\n%s\n%s" % (words, expected, seen, answer, said))
        return bool(seen)

    def test_a_runtime_is_here(self):
        if not runtimes():
            self.skipTest("neither runc nor crun is installed")

    def check_engines(self, runtime):
        name, path = runtime
        for family in (name, "other"):
            cases = [words_of(text) for text in ENGINES]
            for words, answer in zip(cases, ask(family, cases)):
                self.assertEqual(answer["kind"], "create", (words, answer))
                self.assertTrue(self.compare(path, words, answer), words)

    def check_disputes(self, runtime):
        name, path = runtime
        for form, runc, crun in DISPUTES:
            with self.subTest(form):
                words = words_of(form)
                seen, said = self.lab.run(path, words)
                self.assertEqual(seen, {runc if name == "runc" else crun} - {None}, said)
                for answer in [ask(family, [words])[0] for family in FAMILIES]:
                    if answer["kind"] != "refused":
                        self.assertLessEqual(seen, {judged(answer)}, answer)

    def check_generated(self, runtime):
        """Also what another family accepts: the name of a program does not prove which runtime it is."""
        name, path = runtime
        rng = random.Random(SEED)
        cases = [[ID if w == "ID" else w for w in words] for words in generate(rng)]
        known, judgments = {}, {}
        for family in (name, *(f for f in FAMILIES if f != name)):
            answers = list(zip(cases, ask(family, cases)))
            # Each family's answer is held against all runs. New ones are of command lines of which it says something new.
            news = [case for case in answers if judged(case[1]) not in judgments.setdefault(tuple(case[0]), set())]
            creates = [case for case in news if case[1]["kind"] == "create"]
            passes = [case for case in news if case[1]["kind"] == "pass"]
            for words, answer in news:
                if answer["kind"] != "refused":
                    judgments[tuple(words)].add(judged(answer))
            creating = choose(creates, rng, CASES * 3 // 5)
            again = [case for case in answers if tuple(case[0]) in known and case[1]["kind"] in ("create", "pass")]
            chosen = creating + choose(passes, rng, CASES * 2 // 5) + again
            opened = sum(self.compare(path, words, answer, known) for words, answer in chosen)
            creating += [case for case in again if case[1]["kind"] == "create"]
            guardtest.diagnose("%s as %s: of %d command lines %d start something and %d do not, as no family before; "
                               "compared %d, %d opened; %d run so far"
                               % (path, family, len(cases), len(creates), len(passes), len(chosen), opened, len(known)))
            # Else the comparison would be about nothing.
            if family in (name, "other"):
                self.assertGreater(opened, len(creating) // 3)
        self.assertFalse(any(os.path.exists("/run/%s/%s" % (name, ID)) for name in ("runc", "crun")))


if __name__ == "__main__":
    guardtest.main()
