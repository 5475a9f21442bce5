# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: the programs under test, temporary bundles, and the assertions.

A test file ends with guardtest.main(). Run one by hand from the build directory:
    top_srcdir=.. top_builddir=. python3 ../tests/integration/test-hook.py [Class[.method]]
"""

import contextlib
import functools
import glob
import json
import os
import re
import shutil
import sys
import tempfile
import time
import unittest

import bundle as bundles
import runtime as runtimes
from bundle import ABSENT, STRICT, WEAK, Bundle  # noqa: F401 (re-exported)
from runtime import RUNTIMES, command  # noqa: F401
from tap import diagnose, each, main  # noqa: F401

SRCDIR = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
BUILDDIR = os.path.abspath(os.environ.get("top_builddir") or os.path.join(SRCDIR, "build"))
DATA = os.path.join(SRCDIR, "tests", "data")

# Reference material that is not part of the project; tests have a part of it in tests/data and use all if it is here.
SHARED = os.environ.get("SECCOMP_GUARD_SHARED") or os.path.join(SRCDIR, "..", "shared")
if not os.path.isdir(os.path.join(SHARED, "json-cases")):
    SHARED = None


# What each flavor answers to calls of the probe that need no capability; without a filter the answers are 0, 9, 95
# (keyctl), 14 (add_key), and 22 (clone3).
DENIED = {
    "moby": {"unshare": 1, "setns": 1, "keyctl": 1, "add_key": 1, "clone3": 38},
    "containerd": {"unshare": 1, "setns": 1, "keyctl": 1, "add_key": 1, "clone3": 38},
    "containers": {"add_key": 38, "vsock": 1},
    "cri-o": {"unshare": 38, "add_key": 38, "clone3": 38, "vsock": 1},
}


def program(name):
    """Path of a built program, or None."""
    for place in (name, "src/" + name, "src/cli/" + name, "hooks/" + name, "tests/helpers/" + name, "tests/profile/" + name):
        path = os.path.join(BUILDDIR, place)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


CLI = program("seccomp-guard")
HOOK = program("seccomp-guard-hook")
WRAPPER = program("seccomp-guard-runtime")
NRI = program("seccomp-guard-nri")
PROBE = program("probe")
FAKE = program("fake-runtime")
EMPTY = program("empty")


@functools.lru_cache(None)
def sanitized():
    """Whether the programs were built with sanitizers: counts and sizes then mean nothing."""
    if not CLI:
        return False
    with open(CLI, "rb") as f:
        return b"__asan_init" in f.read()


@functools.lru_cache(None)
def live():
    """Whether the hook was built with live injection; without, it says so where it would inject (live-none.c)."""
    if not HOOK:
        return False
    with open(HOOK, "rb") as f:
        return b"this build of seccomp-guard cannot confine a container" not in f.read()


@functools.lru_cache(None)
def usual_directory():
    """Where policy and runtimes are looked for, as configured: what --help says."""
    text = command([CLI, "check", "--help"]).text.replace("[", " ").replace("]", " ")
    return next(word for word in text.split() if word.endswith("/seccomp-guard"))


# Sanitized programs take many times as long, most of all beside others on a busy machine.
if sanitized():
    runtimes.TIMEOUT *= 5


def until(condition):
    """Wait until `condition` holds, as long as a command may take; what it said last."""
    end = time.monotonic() + runtimes.TIMEOUT
    while True:
        said = condition()
        if said or time.monotonic() > end:
            return said
        time.sleep(0.01)


not_sanitized = unittest.skipIf(sanitized(), "sanitizers make calls of their own")
needs_cli = unittest.skipUnless(CLI, "seccomp-guard is not built")
needs_hook = unittest.skipUnless(HOOK, "seccomp-guard-hook is not built")
needs_live = unittest.skipUnless(live(), "the hook was built without live injection")
needs_wrapper = unittest.skipUnless(WRAPPER, "seccomp-guard-runtime is not built")
needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


needs_strace = unittest.skipUnless(shutil.which("strace"), "strace is not installed")


def in_own_run(directory):
    """What goes before a command that shall take `directory` for /run/seccomp-guard; only root can do that."""
    os.makedirs("/run/seccomp-guard", exist_ok=True)
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$1" /run/seccomp-guard && shift && exec "$@"', "sh", directory]


def all_runtimes(cls, names=tuple(RUNTIMES)):
    """Class decorator: a copy of the test class for each runtime, with `runtime` set, in the module of the class."""
    module = sys.modules[cls.__module__]
    for name, rt in ((name, RUNTIMES[name]) for name in names):
        made = type("%s_%s" % (cls.__name__, name), (cls,), {"runtime": rt, "__module__": cls.__module__})
        reason = rt.reason(PROBE)
        setattr(module, made.__name__, unittest.skip(reason)(made) if reason else made)
    # The class itself is only the mould; its name stays free.
    return None


def crun_alone(cls):
    """Class decorator: the same for what only crun has."""
    return all_runtimes(cls, ("crun",))


class Case(unittest.TestCase):
    """A test with a directory of its own that is gone afterwards, with everything that ran in it."""

    runtime = None
    maxDiff = 4000

    def setUp(self):
        self.tmp = tempfile.mkdtemp(prefix="guardtest-")
        self.root = os.path.join(self.tmp, "root")
        self.records = os.path.join(self.tmp, "decisions.log")
        self.count = 0
        self.addCleanup(self._remove)

    def _remove(self):
        # More than once: a ^C ends the runtime that deletes as well.
        for _ in range(3):
            if self.runtime and os.path.isdir(self.root):
                for name in os.listdir(self.root):
                    self.call("delete", "--force", name)
        shutil.rmtree(self.tmp, ignore_errors=True)

    def own_cgroups(self, parents):
        """What engines leave by these names in each cgroup hierarchy goes with the test, if it was not there before."""

        def found():
            return {path for parent in parents for pattern in ("/sys/fs/cgroup/", "/sys/fs/cgroup/*/")
                    for path in glob.glob(pattern + parent)}

        def remove(before):
            for path in found() - before:
                for directory, _, _ in os.walk(path, topdown=False):
                    with contextlib.suppress(OSError):
                        os.rmdir(directory)

        self.addCleanup(remove, found())

    # Making things

    def fresh(self, what):
        self.count += 1
        return os.path.join(self.tmp, "%s%d" % (what, self.count))

    def container_id(self):
        # Not each engine allows an underscore beside a dash.
        own = os.path.basename(self.fresh(os.path.basename(self.tmp)[-8:])).replace("_", "x")
        return "guardtest-%d-%s" % (os.getpid(), own)

    def bundle(self, raw=None, **kwargs):
        b = Bundle(self.fresh("bundle"), raw, **kwargs)
        if PROBE:
            bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"probe": PROBE})
        return b

    def file(self, name, data, mode=0o644):
        path = os.path.join(self.tmp, name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def policy(self, **keys):
        """A policy file whose decision records go to self.records."""
        keys.setdefault("log", {"to": "file", "path": self.records})
        return self.file(os.path.basename(self.fresh("policy")) + ".json", json.dumps(keys))

    def decisions(self):
        """The decision records written so far."""
        if not os.path.exists(self.records):
            return []
        with open(self.records, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    # Calling things

    def call(self, *args, **kwargs):
        """The runtime itself."""
        return command([*self.runtime.prefix, self.runtime.path, "--root", self.root, *args], **kwargs)

    def guarded_argv(self, *args, policy=None, log=None, log_format=None):
        guard = ["--guard-policy", policy or self.policy(), "--guard-runtime", self.runtime.path]
        if log:
            args = ("--log", log) + (("--log-format", log_format) if log_format else ()) + args
        return [*self.runtime.prefix, WRAPPER, *guard, "--root", self.root, *args]

    def guarded(self, *args, stdin=b"", cwd=None, env=None, **kwargs):
        """The runtime behind the wrapper."""
        return command(self.guarded_argv(*args, **kwargs), stdin=stdin, cwd=cwd, env=env)

    def run_guarded(self, b, **kwargs):
        return self.guarded("run", "--bundle", b.path, self.container_id(), **kwargs)

    def cli(self, *args, **kwargs):
        return command([CLI, *args], **kwargs)

    def check(self, *args, **kwargs):
        """`seccomp-guard check --json`: the exit status and the parsed lines."""
        done = self.cli("check", "--json", *args, **kwargs)
        return done, [json.loads(line) for line in done.text.splitlines()]

    # Asserting things

    def assertStatus(self, done, status):
        if done.status != status:
            self.fail("exit status %d instead of %d: %s" % (done.status, status, done))

    def probed(self, done):
        """What the probe printed, as {name: number}; the container must have run."""
        self.assertStatus(done, 0)
        seen = dict(line.split("=", 1) for line in done.text.splitlines() if "=" in line)
        self.assertIn("Seccomp", seen, done)
        return {k: int(v) for k, v in seen.items()}

    def assertConfined(self, done, flavor="moby"):
        """The container ran under the injected RuntimeDefault of `flavor`, as it is for few capabilities."""
        seen = self.probed(done)
        self.assertEqual(seen["Seccomp"], 2, done)
        for name, errno in {**DENIED[flavor], "uname": 0, "sysinfo": 0, "getpgid": 0}.items():
            self.assertEqual(seen[name], errno, "%s: %s" % (name, done))
        return seen

    def assertUnconfined(self, done):
        seen = self.probed(done)
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["uname"]), (0, 0, 0), done)
        return seen

    def assertNothingLeft(self):
        """No container, no state directory and no process of this test's containers."""
        listed = self.call("list", "-q")
        self.assertEqual(listed.text.strip(), "", "a container was left behind")
        left = os.listdir(self.root) if os.path.isdir(self.root) else []
        self.assertEqual([n for n in left if n.startswith("guardtest-")], [])
        mark = os.fsencode(os.path.join(self.tmp, ""))
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    line = f.read()
            except OSError:
                continue
            if int(pid) != os.getpid() and mark in line:
                self.fail("process %s was left behind: %r" % (pid, line))

    def assertUntouched(self, b, before, tried=False):
        """`tried`: a file may have been made and removed again, which leaves its mark on the directory's time."""
        now = b.snapshot()
        if tried:
            now[""][-1] = before[""][-1]
        self.assertEqual(now, before, "the bundle was changed")

    def assertRefused(self, done, *words):
        """Exit status 1, nothing on stdout, one line on stderr that holds each of `words`."""
        self.assertStatus(done, 1)
        self.assertEqual(done.out, b"", done)
        lines = done.error.splitlines()
        self.assertEqual(len(lines), 1, "not one line: %s" % done)
        self.assertTrue(lines[0].startswith("seccomp-guard"), done)
        self.assertTrue(lines[0].isprintable(), done)
        for word in words:
            self.assertIn(word, lines[0])
        return lines[0]


def without_mark(raw):
    """The bytes of a configuration without what marks a profile that was injected, for crun's cache."""
    return re.sub(rb'"seccomp-guard-[0-9a-f]{32}",', b"", raw)


def value_span(raw, *path):
    """Start and end in `raw` of the value at `path` (keys), or None when it is not there."""
    text = raw.decode("latin-1")
    decoder = json.JSONDecoder()
    space = " \t\r\n"

    def skip(at):
        while text[at] in space:
            at += 1
        return at

    at = skip(0)
    for key in path:
        found = None
        at = skip(at + 1)
        while text[at] == '"':
            name, at = decoder.raw_decode(text, at)
            start = skip(skip(at) + 1)
            end = decoder.raw_decode(text, start)[1]
            if name == key:
                found = start
            at = skip(end)
            if text[at] == ",":
                at = skip(at + 1)
        if found is None:
            return None
        at = found
    return at, decoder.raw_decode(text, at)[1]


def without_seccomp(raw):
    """(`raw` with the value of linux.seccomp cut out, that value), or (raw, None)."""
    span = value_span(raw, "linux", "seccomp")
    if span is None:
        return raw, None
    return raw[:span[0]] + raw[span[1]:], raw[span[0]:span[1]]


def only_seccomp_differs(before, after):
    """Whether `after` is `before` but for the bytes of linux.seccomp, its key included where there was none."""
    rest, old = without_seccomp(before)
    if old is not None:
        return without_seccomp(after)[0] == rest
    # The member was put in, with the comma that it then needs on one side.
    span = value_span(after, "linux", "seccomp")
    if span is None:
        return False
    key = after.rindex(b'"seccomp"', 0, span[0])
    head, tail = after[:key], after[span[1]:]
    return before in (head + tail, head + tail.lstrip(b" ,"), head.rstrip(b" ,") + tail)
