#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands in the documentation do what it says.

In Markdown, a block that starts with ```sh must be preceded by a line that says what becomes of it:
    <!-- test -->                   it is run and must succeed
    <!-- test: exit 1 -->           it is run and must end with this status
    <!-- test: root runc -->        the same, where there is root and runc works (crun likewise)
    <!-- machine -->                it is run as root, after those before it on the same page, on a machine of its own
                                    with the engine that the page is named for, or two containers of runc's
    <!-- not tested: reason -->     it is not run
In a manual page the comment is .\\" test (and so on) before .Bd -literal or .Dl.

A block in which lines begin with "$ " has commands there, and what they print in the lines between; "..." stands for
anything. Any other block is a script for sh -eu.

A block of JSON behind <!-- policy -->, or of literal text behind .\\" policy, is a policy without mistakes or warnings.

The scratch directory has a bundle without a profile in bundle/ (args: /bin/probe), one with a profile in confined/, its
configuration in config.json, and an empty profiles/. The programs are in PATH, with a policy file that logs nowhere
in $POLICY; TESTROOT is a directory for --root.
"""

import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402
from guardtest import SRCDIR, STRICT, command  # noqa: E402

PAGES = [*[os.path.join(SRCDIR, name) for name in ("README.md", "CONTRIBUTING.md", "tests/README.md")],
         *sorted(glob.glob(os.path.join(SRCDIR, "docs", "*.md"))),
         *sorted(glob.glob(os.path.join(SRCDIR, "docs", "engines", "*.md"))),
         *sorted(glob.glob(os.path.join(SRCDIR, "docs", "*.[1-8]")))]


class Block:
    def __init__(self, page, line, mark, text):
        self.page = page
        self.where = "%s:%d" % (os.path.relpath(page, SRCDIR), line)
        self.mark, self.text = mark, text


def markdown_blocks(page, lines):
    mark, start, language, body = None, 0, None, []
    for number, line in enumerate(lines, 1):
        fence = re.match(r"\s*```(\w*)", line)
        if language is None and fence:
            language, start, body = fence.group(1), number, []
        elif language is not None and fence:
            if language in ("sh", "console", "shell", "bash") or mark == "policy":
                yield Block(page, start, mark, "\n".join(body))
            language, mark = None, None
        elif language is not None:
            body.append(line)
        elif line.strip():
            found = re.fullmatch(r"\s*<!-- *((?:not tested|test|policy|machine).*?) *-->\s*", line)
            mark = found.group(1) if found else None


def manual_blocks(page, lines):
    mark, start, body, inside = None, 0, [], False
    for number, line in enumerate(lines, 1):
        if inside and line.startswith(".Ed"):
            yield Block(page, start, mark, "\n".join(body).replace("\\e", "\\").replace("\\-", "-"))
            inside, mark = False, None
        elif inside:
            body.append(line)
        elif line.startswith(('.\\" test', '.\\" not tested', '.\\" policy')):
            mark = line[4:].strip()
        elif mark and line.startswith(".Bd "):
            inside, start, body = True, number, []
        elif mark and line.startswith(".Dl "):
            yield Block(page, number, mark, line[4:].replace("\\-", "-"))
            mark = None


def blocks():
    for page in PAGES:
        with open(page, encoding="utf-8") as f:
            lines = f.read().splitlines()
        yield from (markdown_blocks if page.endswith(".md") else manual_blocks)(page, lines)


BLOCKS = list(blocks())
TESTED = [b for b in BLOCKS if b.mark and b.mark.startswith("test")]


@guardtest.each([b for b in BLOCKS if b.mark == "policy"], lambda block: block.where)
@guardtest.needs_cli
class Policies(guardtest.Case):
    def check_block(self, block):
        path = self.file("policy.json", block.text)
        done = self.cli("policy", "check", path)
        # Nothing of what it names need be on this machine, and the dates in it are not what it shows.
        self.assertIn(done.status, (0, 1), done)
        missing = re.compile(": problem: .*(does not exist|no such file or directory)|: warning: .*( expire|no socket|no record can be written)", re.I)
        self.assertEqual([line for line in done.text.splitlines()[:-1] if not missing.search(line)], [])


class Marked(guardtest.Case):
    def test_every_block_says_what_becomes_of_it(self):
        self.assertEqual([b.where for b in BLOCKS if not b.mark], [])

    def test_the_readme_has_tested_commands(self):
        if os.path.getsize(PAGES[0]) == 0:
            self.skipTest("there is no README yet")
        self.assertTrue([b for b in TESTED if b.where.startswith("README")])


def run_shown(test, block, status):
    """Run a block by test.sh(), and compare what it prints with what is shown."""
    if not re.search(r"^\$ ", block.text, re.M):
        test.sh(block.text, status)
        return
    for shown in re.split(r"^(?=\$ )", block.text, flags=re.M):
        if not shown.strip():
            continue
        # A command goes on behind a backslash.
        found = re.match(r"\$ ((?:.*\\\n)*.*)\n?((?:.*\n?)*)", shown)
        done = test.sh(found.group(1), status if shown == block.text else 0)
        expected = found.group(2).rstrip("\n")
        if expected:
            pattern = ".*".join(re.escape(part) for part in expected.split("..."))
            test.assertRegex((done.text + done.error).rstrip("\n"), re.compile(r"\A" + pattern + r"\Z", re.S))


@guardtest.each(TESTED, lambda block: block.where)
class Run(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.scratch = os.path.join(self.tmp, "scratch")
        bindir = os.path.join(self.tmp, "bin")
        os.makedirs(self.scratch)
        os.makedirs(os.path.join(self.scratch, "profiles"))
        os.makedirs(bindir)
        for path in filter(None, (guardtest.CLI, guardtest.HOOK, guardtest.WRAPPER)):
            os.symlink(path, os.path.join(bindir, os.path.basename(path)))
        for name, kwargs in (("bundle", {}), ("confined", {"seccomp": STRICT})):
            b = self.bundle(**kwargs)
            os.rename(b.path, os.path.join(self.scratch, name))
        with open(os.path.join(self.scratch, "bundle", "config.json"), "rb") as f:
            self.file(os.path.join(self.scratch, "config.json"), f.read())
        self.env = dict(os.environ, PATH=bindir + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        POLICY=self.policy(log={"to": "none"}), TESTROOT=self.root)

    def sh(self, text, status):
        done = command([*self.prefix, "sh", "-eu", "-c", text], cwd=self.scratch, env=self.env)
        self.assertStatus(done, status)
        return done

    def check_block(self, block):
        words = block.mark.partition(":")[2].split()
        status, self.prefix = 0, []
        if "root" in words and os.geteuid() != 0:
            self.skipTest("needs root")
        for name in ("runc", "crun"):
            if name in words:
                rt = guardtest.RUNTIMES[name]
                if rt.reason(guardtest.PROBE):
                    self.skipTest(rt.reason(guardtest.PROBE))
                self.prefix = rt.prefix
        if "exit" in words:
            status = int(words[words.index("exit") + 1])
        run_shown(self, block, status)


ON_MACHINES = sorted({b.page for b in BLOCKS if b.mark == "machine"})
ENGINES = os.path.join(SRCDIR, "docs", "engines")


@guardtest.each(ON_MACHINES, os.path.basename)
@guardtest.needs_cli
@guardtest.needs_wrapper
class OnAMachine(machine.Machine):
    prefix = ()

    def sh(self, text, status):
        done = self.run_in([*self.prefix, "env", "PATH=%s:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                            % machine.variable("bindir"), "sh", "-eu", "-c", text])
        self.assertStatus(done, status)
        return done

    def start_containers(self):
        """Two, and nothing else is to be found: processes of other tests must not be."""
        alone = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", "--wdns=/", "unshare", "--pid", "--fork", "--mount-proc",
                                  "--kill-child", "sh", "-c", "echo ready; exec sleep 1000000"], stdout=subprocess.PIPE)
        for cleanup in (alone.stdout.close, alone.wait, alone.kill):
            self.addCleanup(cleanup)
        self.assertEqual(alone.stdout.readline(), b"ready\n")
        with open("/proc/%d/task/%d/children" % (alone.pid, alone.pid), encoding="ascii") as f:
            self.prefix = ("nsenter", "-t", f.read().split()[0], "-m", "-p", "--wdns=/")
        for name in ("web", "db"):
            b = self.bundle(args=["/bin/probe", "pause"])
            self.addCleanup(lambda name=name: self.run_in([*self.prefix, "runc", "delete", "--force", name]))
            self.assertStatus(self.run_in([*self.prefix, "runc", "run", "--detach", "--bundle", b.path, name]), 0)

    def check_page(self, page):
        if os.path.dirname(page) != ENGINES:
            if not guardtest.live():
                self.skipTest("built without live injection")
            self.start_containers()
            self.run_blocks(page)
            return
        program = {"docker": "dockerd"}.get(os.path.basename(page)[:-3], os.path.basename(page)[:-3])
        if not self.needs(program):
            self.skipTest(program + " is not installed")
        self.write("/etc/containers/storage.conf", '[storage]\ndriver = "vfs"\ngraphroot = "/var/lib/containers/storage"\n'
                   'runroot = "/run/containers/storage"\n')
        self.run_blocks(page)

    def run_blocks(self, page):
        for block in BLOCKS:
            if block.page == page and block.mark == "machine":
                with self.subTest(block.where):
                    run_shown(self, block, 0)


if __name__ == "__main__":
    guardtest.main()
