#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Between engine and runtime the wrapper must not be noticed: what the runtime gets through it is what it would get
without it. A fake runtime prints what it was given."""

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import STRICT, WRAPPER  # noqa: E402

# As seen from the engines: name, arguments. B stands for the bundle. None of these starts a container.
PASSED = {
    "version": ["--version"],
    "version_v": ["-v"],
    "help": ["--help"],
    "features": ["features"],
    "start": ["--root", "/run/r", "--log", "/nowhere/log.json", "--log-format", "json", "start", "ID"],
    "kill": ["--root=/run/r", "kill", "ID", "15"],
    "kill_all": ["--root", "/run/r", "kill", "--all", "ID", "9"],
    "delete": ["delete", "--force", "ID"],
    "state": ["--root", "X", "state", "ID"],
    "exec": ["--root", "X", "exec", "--process", "/tmp/p", "--detach", "--pid-file", "F", "ID"],
    "exec_with_words_of_its_own": ["exec", "ID", "create", "--bundle", "/nowhere"],
    "update_reads_stdin": ["update", "--resources", "-", "ID"],
    "pause": ["pause", "ID"],
    "resume": ["resume", "ID"],
    "ps": ["ps", "--format", "json", "ID"],
    "list": ["list", "-q"],
    "spec": ["spec", "--bundle", "/nowhere"],
    "checkpoint": ["checkpoint", "--image-path", "/nowhere", "ID"],
    "empty_words": ["state", "", "\x01\xff\n"],
}


class FakeRuntime(Faked):
    """Calls of the wrapper in front of the fake runtime, and the same without the wrapper."""

    def both(self, args, before=None, **kwargs):
        """What the fake runtime saw when called directly and through the wrapper."""
        guard = [WRAPPER, "--guard-policy", self.policy(), "--guard-runtime", self.fake]
        seen = []
        for head in ([self.fake], guard):
            with open(os.path.join(self.tmp, "in"), "wb+") as stdin:
                stdin.write(b"0123456789")
                stdin.seek(4)
                done = subprocess.run(head + args, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      timeout=60, preexec_fn=before, check=False, **kwargs)
            self.assertEqual((done.returncode, done.stderr), (0, b""), head + args)
            seen.append(json.loads(done.stdout))
        for s in seen:
            # These are of the process, not of how it was called; pipes have a number each.
            s["ppid"] = s["ppid"] == os.getpid()
            s["sid"] = s["sid"] == os.getsid(0)
            s["pgid"] = s["pgid"] == os.getpgrp()
            del s["pid"]
            for fd in s["fds"].values():
                fd[3] = fd[3].split(":")[0]
        return seen

    def assertSame(self, args, **kwargs):
        direct, wrapped = self.both(args, **kwargs)
        self.assertEqual(direct, wrapped)
        return wrapped


@guardtest.needs_wrapper
@guardtest.each(sorted(PASSED), str)
class Subcommands(FakeRuntime):
    def check_untouched(self, name):
        seen = self.assertSame(PASSED[name], env={"PATH": "/nowhere", "_OCI_SYNCPIPE": "3", "ODD": "a\x01\xffb=c"})
        self.assertEqual(seen["argv"][0], self.fake)
        self.assertEqual(len(seen["argv"]), 1 + len(PASSED[name]))
        self.assertEqual(self.decisions(), [])


@guardtest.needs_wrapper
class Surroundings(FakeRuntime):
    """What a process inherits, for a call that is passed through and for one whose bundle is judged."""

    def calls(self):
        return (["kill", "ID", "9"], ["create", "--bundle", self.bundle(seccomp=STRICT).path, "ID"],
                ["run", "--bundle", self.bundle().path, "ID"])

    def same(self, **kwargs):
        for args in self.calls():
            with self.subTest(args[0]):
                # The bundle without a profile is injected by now, which the fake runtime does not see.
                yield self.assertSame(args, **kwargs)

    def test_empty_environment(self):
        for seen in self.same(env={}):
            self.assertEqual(seen["env"], [])

    def test_odd_environment(self):
        env = {b"LD_LIBRARY_PATH": b"/nowhere", b"_OCI_STARTPIPE": b"4", b"EMPTY": b"", b"LANG": b"de_DE.UTF-8",
               b"MALLOC_PERTURB_": b"7"}
        for seen in self.same(env=env):
            self.assertEqual(len(seen["env"]), len(env))

    def test_descriptors(self):
        def before():
            for fd in (3, 7, 100):
                os.dup2(0, fd, inheritable=True)
        for seen in self.same(before=before, close_fds=False):
            # Inherited descriptors are there, at their place in the file, and no other.
            self.assertEqual({"0", "1", "2", "3", "7", "100"} - set(seen["fds"]), set())
            self.assertEqual(seen["fds"]["100"][2], 4)

    def test_no_descriptor_leaks(self):
        for seen in self.same():
            self.assertEqual(sorted(seen["fds"]), ["0", "1", "2"])

    def test_closed_standard_descriptors(self):
        # A program whose descriptor 0 is closed gets it with the first open; the configuration must not stay there.
        for args in self.calls():
            with self.subTest(args[0]):
                for head in ([self.fake], [WRAPPER, "--guard-policy", self.policy(), "--guard-runtime", self.fake]):
                    done = subprocess.run(head + args, stdout=subprocess.PIPE, timeout=60, check=False,
                                          preexec_fn=lambda: (os.close(0), os.close(2)))
                    self.assertEqual(list(json.loads(done.stdout)["fds"]), ["1"], head)

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_no_file_becomes_a_standard_descriptor(self):
        """Whichever of them are closed: what is written to standard error must not land in a file, say the new config.json."""
        b = self.bundle()
        state = os.path.join(self.tmp, "trace")
        programs = [[WRAPPER, "--guard-policy", self.policy(), "--guard-runtime", self.fake, "create", "--bundle", b.path, "I"]]
        if guardtest.HOOK:
            programs.append([guardtest.HOOK, "--policy", self.policy()])
        if guardtest.CLI:
            programs.append([guardtest.CLI, "apply", "--policy", self.policy(), b.path])
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"):
            for argv in programs:
                with self.subTest(closed=closed, program=os.path.basename(argv[0])):
                    guardtest.command(["strace", "-o", state, "-e", "trace=openat,openat2,socket,memfd_create,pipe2,dup,poll",
                                       "sh", "-c", 'exec "$@" ' + closed, "sh", *argv])
                    with open(state, encoding="utf-8") as f:
                        # Before it comes the dynamic loader.
                        calls = f.read().partition("poll(")[2].splitlines()[1:]
                    low = [line for line in calls if line.endswith(("= 0", "= 1", "= 2"))]
                    self.assertTrue(calls)
                    self.assertEqual([line for line in low if "O_PATH" not in line], [])
                    self.assertEqual(len(low), closed.count("&-"), low)

    def test_directory(self):
        for seen in self.same(cwd="/usr"):
            self.assertEqual(seen["cwd"], "/usr")

    def test_umask(self):
        for mask in (0o000, 0o027, 0o777):
            for seen in self.same(before=lambda: os.umask(mask)):
                self.assertEqual(seen["umask"], mask)

    def test_signals(self):
        def before():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGTERM, 40])
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for seen in self.same(before=before, restore_signals=False):
            self.assertLessEqual({signal.SIGCHLD, signal.SIGTERM, 40}, set(seen["blocked"]))
            self.assertLessEqual({signal.SIGPIPE, signal.SIGHUP}, set(seen["ignored"]))

    def test_parent_death_signal(self):
        # containerd's shim asks for one; it must survive the exec.
        libc = ctypes.CDLL(None)
        for seen in self.same(before=lambda: libc.prctl(1, signal.SIGKILL)):
            self.assertEqual(seen["pdeathsig"], signal.SIGKILL)

    def test_no_process_between(self):
        for seen in self.same():
            self.assertTrue(seen["ppid"], "the runtime's parent is not the caller")

    def test_limits(self):
        def before():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for _ in self.same(before=before):
            pass

    def test_exit_status_is_the_runtimes(self):
        for args in self.calls():
            for status in (1, 3, 125, 255):
                done = guardtest.command([WRAPPER, "--guard-policy", self.policy(), "--guard-runtime", self.fake, *args],
                                         env={"FAKE_RUNTIME_EXIT": str(status)})
                self.assertStatus(done, status)
                self.assertEqual(done.err, b"")

    def test_death_by_signal_is_the_runtimes(self):
        script = self.file("dying", "#!/bin/sh\nkill -TERM $$\n", 0o755)
        done = guardtest.command([WRAPPER, "--guard-policy", self.policy(), "--guard-runtime", script, "state", "X"])
        self.assertEqual(done.status, -signal.SIGTERM)


@guardtest.needs_wrapper
class Options(FakeRuntime):
    """The wrapper's own options end where the runtime's begin."""

    def guard(self, *args, **kwargs):
        return guardtest.command([WRAPPER, *args], **kwargs)

    def test_both_forms(self):
        policy = self.policy()
        for args in (["--guard-policy", policy, "--guard-runtime", self.fake],
                     ["--guard-policy=" + policy, "--guard-runtime=" + self.fake],
                     ["--guard-runtime", self.fake, "--guard-policy=" + policy]):
            done = self.guard(*args, "state", "ID")
            self.assertStatus(done, 0)
            self.assertEqual(json.loads(done.out)["argv"], [self.fake, "state", "ID"])

    def test_a_broken_policy_stops_what_starts_and_nothing_else(self):
        broken = self.file("broken.json", b'{"mode": "enforce"')
        b = self.bundle()
        before = b.snapshot()
        for args in (["kill", "ID", "9"], ["delete", "--force", "ID"], ["--version"], ["features"], ["foo", "-h"], []):
            done = self.guard("--guard-policy", broken, "--guard-runtime", self.fake, *args)
            self.assertStatus(done, 0)
            self.assertEqual(json.loads(done.out)["argv"], [self.fake, *args])
        for args in (["create", "--bundle", b.path, "ID"], ["--foo", "run", "--bundle", b.path, "ID"], ["run\t", "ID"]):
            self.assertRefused(self.guard("--guard-policy", broken, "--guard-runtime", self.fake, *args), broken)
        self.assertUntouched(b, before)

    def test_what_is_unknown_is_no_container(self):
        """The exit status is the runtime's, and nothing is on record."""
        for args in (["foo"], ["foo", "--bundle", "x"], ["--foo", "state", "ID"], ["--foo"]):
            done = self.guard("--guard-policy", self.policy(), "--guard-runtime", self.fake, *args,
                              env={"FAKE_RUNTIME_EXIT": "7"})
            self.assertStatus(done, 7)
            self.assertEqual(done.err, b"")
        self.assertEqual(self.decisions(), [])

    def test_later_guard_words_belong_to_the_runtime(self):
        done = self.guard("--guard-policy", self.policy(), "--guard-runtime", self.fake, "state", "--guard-policy")
        self.assertEqual(json.loads(done.out)["argv"], [self.fake, "state", "--guard-policy"])

    def test_option_without_value(self):
        for args in (["--guard-policy"], ["--guard-runtime"], ["--guard-nonsense", "x", "state", "ID"]):
            self.assertRefused(self.guard(*args), args[0])

    def test_relative_runtime(self):
        for path in ("relative/runc", "runc", "./runc"):
            self.assertRefused(self.guard("--guard-runtime", path, "state", "ID"), path)

    def test_no_search_in_path(self):
        env = {"PATH": os.path.dirname(self.fake)}
        done = self.guard("--guard-policy", self.policy(), "--guard-runtime", "runc", "state", "ID", env=env)
        self.assertStatus(done, 1)

    def test_missing_runtime(self):
        path = os.path.join(self.tmp, "nowhere", "runc")
        b = self.bundle()
        before = b.snapshot()
        for args in (["state", "ID"], ["create", "--bundle", b.path, "ID"]):
            done = self.guard("--guard-policy", self.policy(), "--guard-runtime", path, *args)
            self.assertRefused(done, path, "does not exist")
        self.assertUntouched(b, before)

    def test_runtime_that_is_not_executable(self):
        b = self.bundle()
        before = b.snapshot()
        for path in (self.file("runc", b"", 0o644), self.tmp):
            done = self.guard("--guard-policy", self.policy(), "--guard-runtime", path, "create", "--bundle", b.path, "I")
            self.assertRefused(done, path)
        self.assertUntouched(b, before)

    def test_runtime_that_is_no_program(self):
        path = self.file("runc", b"\x00\x01garbage", 0o755)
        self.assertRefused(self.guard("--guard-policy", self.policy(), "--guard-runtime", path, "state", "ID"), path)

    def test_loop_guard(self):
        """The wrapper as its own runtime would exec itself for ever."""
        link, hard = (os.path.join(self.tmp, n) for n in ("link", "hard"))
        os.symlink(WRAPPER, link)
        paths = [WRAPPER, link]
        try:
            os.link(WRAPPER, hard)
            paths.append(hard)
        except OSError:
            pass
        b = self.bundle()
        before = b.snapshot()
        for path in paths:
            for args in (["state", "ID"], ["--version"], ["create", "--bundle", b.path, "ID"]):
                self.assertRefused(self.guard("--guard-runtime", path, *args), path)
        self.assertUntouched(b, before)

    def test_loop_over_a_copy(self):
        """A second copy of the wrapper is another file: that must end too."""
        copy = os.path.join(self.tmp, "copy")
        shutil.copy2(WRAPPER, copy)
        done = self.guard("--guard-runtime", copy, "state", "ID")
        self.assertRefused(done, copy)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class RealRuntime(guardtest.Case):
    """Engines read this output; not one byte of it may be the wrapper's."""

    def test_version_and_features(self):
        # A directory of its own: other tests' containers come and go in the usual one.
        own = ["--root", self.root]
        for args in (["--version"], ["features"], ["--help"], [*own, "list"], [*own, "state", "nosuch"], ["nosuchcommand"]):
            with self.subTest(args[-1]):
                direct = guardtest.command([*self.runtime.prefix, self.runtime.path, *args])
                wrapped = guardtest.command([*self.runtime.prefix, WRAPPER, "--guard-policy", self.policy(),
                                             "--guard-runtime", self.runtime.path, *args])
                self.assertEqual((direct.status, direct.out), (wrapped.status, wrapped.out))
                # runc stamps its messages with the time.
                self.assertEqual(len(direct.err.splitlines()), len(wrapped.err.splitlines()), wrapped)


@guardtest.needs_wrapper
class Crun(Subcommands):
    """The same with crun's table of options."""

    family = "crun"


@guardtest.needs_wrapper
class OtherRuntime(Subcommands):
    """A runtime of another name gets what runc and crun agree on."""

    family = "youki"


if __name__ == "__main__":
    guardtest.main()
