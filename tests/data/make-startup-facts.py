#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Find what has to be allowed for a container to start, and print it as src/semantics/startup.list is written.

    make-startup-facts.py runtime NAME VERSION PATH     of runc or crun, as root
    make-startup-facts.py program NAME VERSION FILE     of a program, by what its C library does before and after main()

A runtime of another release than the machine's needs its own libraries; a copy of it finds them after

    patchelf --set-interpreter DIR/ld-linux-x86-64.so.2 --set-rpath DIR COPY

For a C library, FILE is `int main(void) { return 42; }`, linked with it in the way that NAME says.

What is tried: a container whose program does nothing but end, and a second program by exec in one that waits, both with
noNewPrivileges and without. strace tells which calls are made once the filter holds. Each of them is denied alone, with
EPERM and with ENOSYS, in a profile that allows all others. What starts nothing is needed; a failure counts when it happens
each of some times, as what Go's threads do is not always the same. Then all calls that there are are denied but those that were
found: where that starts nothing, one of several calls has to be there, and lines with "either" say which. What kills
(SCMP_ACT_KILL and the like, TRAP) is not tried: each call that every trace has would end the process.
"""
import concurrent.futures
import ctypes
import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import runtime as runtimes  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
ERRNO = {"EPERM": 1, "ENOSYS": 38}
STATUS = 42
TRACES = 4
ATTEMPTS = 4  # before a set of calls counts as not enough
WORKERS = 3
TIMEOUT = 30

# They make no call but those: /bin/end ends with STATUS, /bin/wait waits.
END = "void _start(void){long r;__asm__ volatile(\"syscall\":\"=a\"(r):\"a\"(231),\"D\"(%d):\"rcx\",\"r11\");__builtin_trap();}" % STATUS
WAIT = "void _start(void){for(;;){long r;__asm__ volatile(\"syscall\":\"=a\"(r):\"a\"(34):\"rcx\",\"r11\",\"memory\");}}"

SCMP_ALLOW, SCMP_ERRNO = 0x7fff0000, 0x00050000


def library():
    lib = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = [ctypes.c_uint32]
    for name in ("seccomp_load", "seccomp_release"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    lib.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    lib.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return lib


def all_calls(lib):
    """The calls of x86_64 that this libseccomp knows."""
    with open(os.path.join(SOURCE, "flavor", "profiles", "syscalls.list"), encoding="ascii") as f:
        words = (line.split() for line in f if not line.startswith("#"))
        names = {w[0] for w in words if w and re.fullmatch(r"[a-z0-9_]+", w[0])}
    return sorted(name for name in names if lib.seccomp_syscall_resolve_name(name.encode()) >= 0)


def filter_of(lib, denied, errno):
    context = lib.seccomp_init(SCMP_ALLOW)
    for name in denied:
        assert lib.seccomp_rule_add(context, SCMP_ERRNO | errno, lib.seccomp_syscall_resolve_name(name.encode()), 0) == 0, name
    return context


def profile_of(denied, errno):
    # An object that restricts nothing is none for some runtimes.
    return {"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": sorted(denied) or ["reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno}]}


def whole_lines(path):
    """(pid, call) of a trace, in the order in which the calls began. One that is reported in two parts is put together."""
    lines, open_at = [], {}
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            pid, rest = line.rstrip("\n").split(None, 1)
            resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
            if resumed and pid in open_at:
                lines[open_at.pop(pid)][1] += resumed[1]
            elif rest.endswith("<unfinished ...>"):
                open_at[pid] = len(lines)
                lines.append([pid, rest[:-len("<unfinished ...>")]])
            else:
                lines.append([pid, rest])
    return lines


def made_after_load(path, until_execve):
    """The calls that the process which loaded a filter made after that, its threads' included. `until_execve`: up to the
    one that makes it the program, and that too."""
    group, loaded, seen = {}, None, set()
    for pid, call in whole_lines(path):
        thread = re.match(r"clone3?\(.*CLONE_THREAD.*= (\d+)", call)
        if thread:
            group[thread[1]] = group.get(pid, pid)
        name = re.match(r"(\w+)\(", call)
        if loaded is None:
            if re.match(r"(seccomp\(SECCOMP_SET_MODE_FILTER|prctl\(PR_SET_SECCOMP).*= 0$", call):
                loaded = group.get(pid, pid)
        elif name and group.get(pid, pid) == loaded:
            seen.add(name[1])
            if until_execve and re.match(r"execve\(.*= 0$", call):
                break
    assert loaded is not None, "no filter was loaded in " + path
    return seen


class Runtime:
    """Containers of one runtime. Each has a root directory of its own, as crun's cache of filters is in it."""

    def __init__(self, lib, tmp, name, path):
        self.lib, self.tmp, self.name, self.path = lib, tmp, name, path
        self.prefix = runtimes.WITHOUT_UNIFIED if name == "crun" else []
        self.count, self.lock = 0, threading.Lock()
        for program, source in (("end", END), ("wait", WAIT)):
            subprocess.run(["gcc", "-O1", "-nostdlib", "-static", "-x", "c", "-", "-o", os.path.join(tmp, program)],
                           input=source.encode(), check=True)

    def fresh(self):
        with self.lock:
            self.count += 1
            return "facts-%d-%d" % (os.getpid(), self.count)

    def call(self, name, *args, trace=None):
        strace = ["strace", "-f", "-qq", "-o", trace] if trace else []
        argv = [*self.prefix, *strace, self.path, "--root", os.path.join(self.tmp, name, "root"), *args]
        try:
            return runtimes.command(argv, timeout=TIMEOUT).status
        except subprocess.TimeoutExpired:
            return -1

    def bundle(self, name, program, profile, no_new_privs):
        b = bundles.Bundle(os.path.join(self.tmp, name), seccomp=profile, args=["/bin/" + program])
        config = json.loads(b.read())
        config["process"]["noNewPrivileges"] = no_new_privs
        b.write(bundles.encode(config))
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {p: os.path.join(self.tmp, p) for p in ("end", "wait")})
        return b, config["process"]

    def run(self, denied, errno, no_new_privs, trace=None):
        name = self.fresh()
        b, _ = self.bundle(name, "end", profile_of(denied, errno), no_new_privs)
        status = self.call(name, "run", "--bundle", b.path, name, trace=trace)
        self.remove(name)
        return status == STATUS

    def start(self, b, name):
        for _ in range(ATTEMPTS):
            if self.call(name, "run", "--detach", "--bundle", b.path, name) == 0:
                return
            self.call(name, "delete", "--force", name)
        raise RuntimeError("the container to exec in does not start")

    def exec(self, denied, errno, no_new_privs, trace=None):
        """The profile that exec goes by is where the runtime keeps it: its init runs under another."""
        name = self.fresh()
        b, process = self.bundle(name, "wait", profile_of((), errno), no_new_privs)
        with open(os.path.join(b.path, "process.json"), "w", encoding="ascii") as f:
            json.dump({**process, "args": ["/bin/end"]}, f)
        self.start(b, name)
        state = os.path.join(b.path, "root", name)
        if self.name == "runc":
            with open(os.path.join(state, "state.json"), "r+", encoding="utf-8") as f:
                kept = json.load(f)
                kept["config"]["seccomp"]["syscalls"] = [{"name": d, "action": 2, "errnoRet": errno, "args": []} for d in denied]
                f.seek(0)
                f.truncate()
                json.dump(kept, f)
        else:
            context = filter_of(self.lib, denied, errno)
            with open(os.path.join(state, "seccomp.bpf"), "wb") as f:
                assert self.lib.seccomp_export_bpf(context, f.fileno()) == 0
            self.lib.seccomp_release(context)
        status = self.call(name, "exec", "--process", os.path.join(b.path, "process.json"), name, trace=trace)
        self.remove(name)
        return status == STATUS

    def remove(self, name):
        self.call(name, "delete", "--force", name)
        shutil.rmtree(os.path.join(self.tmp, name), ignore_errors=True)


class Program:
    def __init__(self, lib, path):
        self.lib, self.path = lib, path

    def run(self, denied, errno, trace=None):
        # In a process of its own, as this one has threads.
        strace = ["strace", "-f", "-qq", "-o", trace] if trace else []
        argv = [*strace, sys.executable, os.path.abspath(__file__), "execute", self.path, str(errno), *sorted(denied)]
        try:
            return subprocess.run(argv, timeout=TIMEOUT, check=False, capture_output=True).returncode == STATUS
        except subprocess.TimeoutExpired:
            return False


def execute(lib, path, errno, denied):
    """Become the program at `path` under a filter."""
    context = filter_of(lib, denied, errno)
    arguments = (ctypes.c_char_p * 2)(path.encode(), None)
    environment = (ctypes.c_char_p * 1)(None)
    assert lib.seccomp_load(context) == 0
    ctypes.CDLL(None).execve(path.encode(), arguments, environment)
    os._exit(1)


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(function, items))


def fewest(starts, base, names):
    """Of `names`, with all of which it starts, those that are not missed left out."""
    kept, size = sorted(names), len(names) // 2
    while size > 0:
        at = 0
        while at < len(kept):
            without = kept[:at] + kept[at + size:]
            if starts(base | set(without)):
                kept = without
            else:
                at += size
        size //= 2
    return kept


def alternatives(starts, needed, made, every):
    """With all but `needed` denied nothing started: add what else is made, and take away again what is not missed. Returns
    [(call, [calls, each of which does in its place])], or the calls that do so together."""
    kept = sorted(made - needed)
    for name in list(kept):
        if starts(needed | set(kept) - {name}):
            kept.remove(name)
    base, found = needed | set(kept), []
    for name in kept:
        rest = base - {name}
        others = sorted(o for o in made - base if starts(rest | {o}))
        pool = every - base if not others else set()
        while starts(rest | pool):
            way = fewest(starts, rest, pool)
            others.append("+".join(way))
            pool -= set(way)
        found.append((name, others))
    return found


def find(label, attempt, every, until_execve, tmp):
    """Print the lines of one situation; attempt(denied, errno, trace=None) says whether it came to the program's end."""
    assert attempt((), 1), label + ": does not start under a profile that denies nothing"
    traces = []
    for i in range(TRACES):
        path = os.path.join(tmp, "trace%d" % i)
        assert attempt((), 1, trace=path), label + ": does not start under strace"
        traces.append(made_after_load(path, until_execve) & every)
    made = set.union(*traces)
    print("%s | made: %s" % (label, " ".join(sorted(set.intersection(*traces)))), flush=True)
    for word, errno in ERRNO.items():
        def starts_without(denied, errno=errno):
            return any(attempt(denied, errno) for _ in range(ATTEMPTS))

        def starts(allowed, without=starts_without):
            return without(every - allowed)

        alone = in_parallel(lambda name, without=starts_without: without({name}), sorted(made))
        needed = {name for name, ok in zip(sorted(made), alone) if not ok}
        print("%s | %s: %s" % (label, word, " ".join(sorted(needed))), flush=True)
        if starts(needed | {"exit_group"}):
            continue
        for name, others in alternatives(starts, needed | {"exit_group"}, made, every):
            print("%s | %s either: %s" % (label, word, " ".join([name, *others])), flush=True)


def main(argv):
    lib = library()
    if len(argv) > 3 and argv[1] == "execute":
        execute(lib, argv[2], int(argv[3]), argv[4:])
    if len(argv) != 5 or argv[1] not in ("runtime", "program"):
        sys.exit(__doc__)
    _, kind, name, version, path = argv
    every = set(all_calls(lib))
    with tempfile.TemporaryDirectory(prefix="startup-facts-") as tmp:
        if kind == "program":
            program = Program(lib, os.path.abspath(path))
            find("program %s %s" % (name, version), program.run, every, False, tmp)
            return
        runtime = Runtime(lib, tmp, name, path)
        for what in ("run", "exec"):
            for no_new_privs in (False, True):
                label = "%s %s %s%s" % (name, version, what, " no-new-privs" if no_new_privs else "")
                find(label, lambda denied, errno, trace=None, w=what, n=no_new_privs: getattr(runtime, w)(denied, errno, n, trace),
                     every, True, tmp)


if __name__ == "__main__":
    main(sys.argv)
