#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of every container start is counted: system calls, memory asked for, shared libraries.

Times are the benchmark's (make bench); counts do not depend on the machine's mood. Each bound is what was measured
when it was written, against an empty static program.
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import private  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import EMPTY, HOOK, STRICT, WRAPPER, command  # noqa: E402

# Calls beyond those of an empty static program, the last one being the execve of the runtime.
# One, poll(2), looks whether standard input, output and error are there. What is judged asks how much stack there is and
# maps its memory then, without huge pages, and there is one for each directory on the way to the policy, here three, and to the bundle, here
# four. One looks whether it is the host's root who names the policy. Four of an injection read the secret of the host, and four look for what killed processes have left in the bundle.
# A ready program adds five: the runtime's own file is opened, measured, mapped, unmapped and closed, to see whether it is a
# crun that was built with seccomp.
# Who follows denials is told of an exec, and of a container whose denials are logged: a socket, and a look at two places.
BOUNDS = {"pass": 3, "exec": 6, "logged": 29, "pass by link": 4, "pass by name": 5, "confined": 26, "inject": 44, "inject ready": 49,
          "filter confined": 15, "filter inject": 19}
MAPS = {"pass": 0, "pass by link": 0, "pass by name": 0, "inject ready": 2}

# Shell after which nobody listens where followers do, and what else is in that directory is there.
UNFOLLOWED = """
mkdir -p /run/seccomp-guard %(own)s
cp -a /run/seccomp-guard/. %(own)s 2>/dev/null || :  # other tests take away what is theirs
rm -f %(own)s/denials.*
mount --bind %(own)s /run/seccomp-guard
"""


def needed(path):
    """The shared libraries that `path` names, and whether it asks for a dynamic loader."""
    text = subprocess.run(["readelf", "-dl", path], stdout=subprocess.PIPE, check=True).stdout.decode()
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text), "INTERP" in text


def is_static(path):
    return not needed(path)[1]


@guardtest.needs_strace
@guardtest.needs_wrapper
@guardtest.not_sanitized
class SystemCalls(Faked):
    def calls(self, argv, stdin=b"", until=None, traced=False):
        """The names of the system calls of `argv`, up to its execve of `until`. `traced`: it calls strace itself."""
        trace = os.path.join(self.tmp, "trace")
        # Who follows denials on this machine would be told of it.
        alone = [] if private.reason() else private.prefix(UNFOLLOWED % {"own": os.path.join(self.tmp, "run")})
        # -s: the path of an execve must not be cut.
        done = command(argv if traced else [*alone, "strace", "-s", "4096", "-o", trace, *argv], stdin=stdin)
        self.assertStatus(done, 0)
        names = []
        with open(trace, encoding="utf-8", errors="replace") as f:
            for line in f:
                if until and len(names) and line.startswith('execve("/.%s"' % until):
                    return names + ["execve"]
                name = re.match(r"([a-z0-9_]+)\(", line)
                if name:
                    names.append(name.group(1))
        self.assertIsNone(until, "the runtime was not reached")
        return names

    def guard(self, *args, keys=None, **kwargs):
        policy = self.policy(**{"log": {"to": "none"}, **(keys or {})})
        return self.calls([WRAPPER, "--guard-policy", policy, "--guard-runtime", self.fake, *args], until=self.fake,
                          **kwargs)

    def assertWithin(self, kind, names):
        empty = self.calls([EMPTY])
        if is_static(WRAPPER):
            beyond = len(names) - len(empty)
            guardtest.diagnose("%s: %d system calls, %d beyond an empty program: %s" %
                               (kind, len(names), beyond, " ".join(names)))
            self.assertLessEqual(beyond, BOUNDS[kind])
            # An empty program's start asks for memory too; deciding asks for it once.
            for ask, more in (("brk", 0), ("mmap", MAPS.get(kind, 1))):
                self.assertLessEqual(names.count(ask), empty.count(ask) + more, "memory was asked for")
        for never in ("fsync", "fdatasync", "sync", "fork", "vfork", "clone", "clone3", "nanosleep",
                      "clock_nanosleep", "select"):
            self.assertNotIn(never, names)
        self.assertEqual(names.count("poll"), 1)

    def test_passed_through(self):
        self.assertWithin("pass", self.guard("--root", "X", "state", "ID"))

    def test_exec(self):
        """It may be over before anybody sees whose it was. Here nobody follows."""
        self.assertWithin("exec", self.guard("--root", "X", "exec", "ID", "true"))

    def test_logged(self):
        b = self.bundle(seccomp=STRICT)
        policy = self.policy(log={"to": "none"}, denials="log")
        self.assertWithin("logged", self.calls([WRAPPER, "--guard-policy", policy, "--guard-runtime", self.fake, "create", "--bundle",
                                                b.path, "ID"], until=self.fake))

    def test_by_name(self):
        """A readlink, and a look at what it names; without a link, at most one look for each of six directories."""
        if private.reason():
            self.skipTest(private.reason())
        links = guardtest.usual_directory() + "/runtimes"
        name = os.path.join(self.tmp, "zrun")
        os.symlink(WRAPPER, name)
        for kind, script, path in (("pass by link", "ln -s %s %s/zrun" % (self.fake, links), self.fake),
                                   ("pass by name", "cp %s /usr/local/bin/zrun" % self.fake, "/usr/local/bin/zrun")):
            run = [*private.prefix(private.directory(links), "mount -t tmpfs tmpfs /usr/local; mkdir /usr/local/bin", script),
                   "strace", "-s", "4096", "-o", os.path.join(self.tmp, "trace"), name, "state", "ID"]
            self.assertWithin(kind, self.calls(run, until=path, traced=True))

    def test_confined(self):
        b = self.bundle(seccomp=STRICT)
        self.assertWithin("confined", self.guard("create", "--bundle", b.path, "ID"))

    def test_warnings_cost_no_call(self):
        """What a record says of a profile is found in what is there anyway."""
        log = {"log": {"to": "file", "path": self.records}}
        bad = dict(STRICT, syscalls=[dict(STRICT["syscalls"][0], names=["read", "Write"])])
        calls = []
        for seccomp in (STRICT, bad):
            b = self.bundle(seccomp=seccomp)
            calls.append(self.guard("create", "--bundle", b.path, "ID", keys=log))
        self.assertIn("no-start", self.decisions()[-1]["warnings"])
        self.assertEqual(calls[0], calls[1])

    def test_injected(self):
        self.assertWithin("inject", self.guard("create", "--bundle", self.bundle().path, "ID"))

    def test_injected_with_its_program(self):
        self.fake = os.path.join(self.tmp, "bin", "crun")
        with open(guardtest.FAKE, "rb") as f, open(self.fake, "wb") as out:
            out.write(f.read() + b"run.oci.seccomp_bpf_data +SECCOMP")
        os.chmod(self.fake, 0o755)
        b = self.bundle()
        self.assertWithin("inject ready", self.guard("create", "--bundle", b.path, "ID", keys={"filter": "ready"}))
        self.assertIn("run.oci.seccomp_bpf_data", b.read().decode())

    def test_size_does_not_matter(self):
        """A large configuration is read and written in no more calls than a small one."""
        small = self.guard("create", "--bundle", self.bundle().path, "ID")
        large = self.bundle(annotations={"k%d" % i: "v" * 100 for i in range(2000)})
        self.assertEqual(self.guard("create", "--bundle", large.path, "ID"), small)

    def test_each_directory_on_the_way_costs_one_call(self):
        """Who could change it is asked once, of the directories of the bundle and of the policy."""
        b = self.bundle(seccomp=STRICT)
        near = self.guard("create", "--bundle", b.path, "ID")
        deep = os.path.join(self.tmp, "a", "b", "c")
        os.makedirs(deep)
        os.rename(b.path, os.path.join(deep, "bundle"))
        far = self.guard("create", "--bundle", os.path.join(deep, "bundle"), "ID")
        self.assertEqual(len(far) - len(near), 3)
        if is_static(WRAPPER):
            # Relative: where is the current one, and do both ways lead to the same?
            os.chdir(deep)
            self.addCleanup(os.chdir, "/")
            self.assertEqual(len(self.guard("create", "--bundle", "bundle", "ID")) - len(far), 2)

    @guardtest.needs_hook
    def test_filter(self):
        for kind, seccomp in (("filter confined", STRICT), ("filter inject", guardtest.ABSENT)):
            raw = bundles.encode(bundles.config(seccomp=seccomp))
            # From a file, as a pipe gives its content in pieces.
            with open(self.file("in", raw), "rb") as f:
                names = self.calls([HOOK, "--policy", self.policy(log={"to": "none"})], stdin=f)
            self.assertWithin(kind, names)


@unittest.skipUnless(shutil.which("readelf"), "readelf is not installed")
class SharedLibraries(unittest.TestCase):
    def check(self, path):
        libraries, dynamic = needed(path)
        for library in libraries:
            self.assertFalse(library.startswith(("libseccomp", "libcap")), "%s needs %s" % (path, library))
        if not dynamic:
            self.assertEqual(libraries, [])
        elif not guardtest.sanitized():
            # Not static: libc, yajl and the loader, and not one more.
            for library in libraries:
                self.assertRegex(library, r"^(libc|libyajl|ld-linux[-a-z0-9_]*)\.so")

    @guardtest.needs_wrapper
    def test_wrapper(self):
        self.check(WRAPPER)

    @guardtest.needs_hook
    def test_hook(self):
        self.check(HOOK)
        self.check(guardtest.NRI)


@unittest.skipUnless(shutil.which("readelf"), "readelf is not installed")
class Hardening(unittest.TestCase):
    """The flags that configure probed have arrived in what is installed."""

    def test_programs(self):
        for path in filter(None, (guardtest.CLI, HOOK, WRAPPER, guardtest.NRI)):
            text = subprocess.run(["readelf", "-hdlW", path], stdout=subprocess.PIPE, check=True).stdout.decode()
            self.assertRegex(text, r"Type:\s+DYN", path + " is not position independent")
            self.assertIn("GNU_RELRO", text, path)
            self.assertRegex(text, r"GNU_STACK.*RW ", path + " has an executable stack")
            self.assertRegex(text, r"BIND_NOW|Flags:.*NOW", path)


if __name__ == "__main__":
    guardtest.main()
