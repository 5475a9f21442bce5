#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What confinement adds to a container's start, by the runtime and by live injection, beside an empty hook.

usage: live.py [ROUNDS]   (from the build directory, as root)
A start lasts from just before the runtime is executed until the container's program, which prints the time, begins: the
end of `run` would come in steps of a timer. Processor time is that of all processes that the start made, the injector
among them. The cases take turns in each round, in an order of chance, so that whatever else the machine does hits all of
them. Milliseconds; what is added is the median of the differences within a round. "live, first" is the first start
after a boot: nothing of seccomp-guard is in /run. "wrapper" injects into the configuration, and the runtime makes the
filter; with "ready" crun is given it.
"""
import ctypes
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

RUN = "/run/seccomp-guard"
LIMITS = {"runc": 2.0, "crun": 1.5}  # of live injection over an empty hook, processor time
READY_LIMIT = 0.7  # of the wrapper with a ready program, over no profile
PR_SET_CHILD_SUBREAPER = 36


def make_bundles(tmp, profile, policy):
    def hook(path, *args):
        return {"hooks": {"createRuntime": [{"path": path, "args": [os.path.basename(path), *args], "env": []}]}}
    live = hook(guardtest.HOOK, "--policy", policy, "--stage", "createRuntime")
    cases = {
        "no profile": {},
        "empty hook": hook(guardtest.program("first"), "hook"),
        "runtime, native ABI": {"seccomp": dict(profile, architectures=profile["architectures"][:1])},
        "runtime": {"seccomp": profile},
        "live": live,
        "live, first": live,
        "wrapper": {},
        "wrapper, ready": {},
    }
    made = {}
    for n, (name, kwargs) in enumerate(cases.items()):
        b = guardtest.Bundle(os.path.join(tmp, "b%d" % n), args=["/bin/first"], **kwargs)
        guardtest.bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"first": guardtest.program("first")})
        made[name] = b
    return made


def start(argv):
    """(milliseconds to the program's first instruction, milliseconds of processor time)"""
    r, w = os.pipe()
    begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    pid = os.posix_spawn(argv[0], argv, {}, file_actions=[(os.POSIX_SPAWN_DUP2, w, 1)])
    os.close(w)
    cpu, status = 0, None
    while True:
        try:
            # Orphans come to us, so the injector is counted too.
            child, code, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += usage.ru_utime + usage.ru_stime
        status = code if child == pid else status
    with os.fdopen(r, "rb") as f:
        text = f.read()
    if status != 0 or not text:
        sys.exit("%s: status %s" % (" ".join(argv), status))
    return (int(text) - begin) / 1e6, cpu * 1e3


def measure(runtime, made, tmp, rounds, policies):
    times = {name: [] for name in made}
    argv = ["--root", os.path.join(tmp, "root"), "run", "--bundle"]
    before = {name: [guardtest.WRAPPER, "--guard-policy", policy, "--guard-runtime"] for name, policy in policies.items()}
    fresh = {name: made[name].read() for name in before}
    for n in range(rounds + 1):
        for name in random.sample(sorted(made), len(made)):
            if name == "live, first":
                for entry in os.listdir(RUN):
                    shutil.rmtree(os.path.join(RUN, entry), ignore_errors=True)
            if name in before:
                made[name].write(fresh[name])
            taken = start([*before.get(name, ()), runtime.path, *argv, made[name].path, "bench-%d-%d" % (os.getpid(), n)])
            if n > 0:
                times[name].append(taken)
    return times


def added(times, name, base, what):
    return statistics.median(t[what] - b[what] for t, b in zip(times[name], times[base]))


def least_cpu(times, name):
    return min(t[1] for t in times[name])


def report(runtime, times):
    print("%-4s %-20s %8s %8s %8s %8s %9s" % (runtime, "ms", "min", "median", "added", "cpu min", "cpu added"))
    for name, taken in times.items():
        walls, cpus = [t[0] for t in taken], [t[1] for t in taken]
        print("%-4s %-20s %8.2f %8.2f %+8.2f %8.2f %+9.2f" % (
            runtime, name, min(walls), statistics.median(walls), added(times, name, "no profile", 0), min(cpus),
            added(times, name, "no profile", 1)))
    ours = added(times, "live", "empty hook", 1)
    least = least_cpu(times, "live") - least_cpu(times, "empty hook")
    theirs = added(times, "runtime", "no profile", 1)
    print("%-4s live over an empty hook %+.2f ms of cpu (between the least of each %+.2f), to be at most %.1f; the runtime's own "
          "loading %+.2f" % (runtime, ours, least, LIMITS[runtime.name], theirs))
    if "wrapper, ready" in times:
        print("%-4s the wrapper with a ready program %+.2f ms of cpu over no profile (least %+.2f), to be at most %.1f" % (
            runtime, added(times, "wrapper, ready", "no profile", 1),
            least_cpu(times, "wrapper, ready") - least_cpu(times, "no profile"), READY_LIMIT))


def inside(runtime, rounds):
    """In a mount namespace of its own, with an empty /run/seccomp-guard."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory(prefix="guardbench-") as tmp:
        profile = json.loads(guardtest.command([guardtest.CLI, "profile", "--flavor", "moby"]).out)
        policies = {name: os.path.join(tmp, "policy-%s.json" % text) for name, text in
                    (("wrapper", "runtime"), ("wrapper, ready", "ready"))}
        for name, path in policies.items():
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"log": {"to": "none"}, "filter": "ready" if "ready" in name else "runtime"}, f)
        made = make_bundles(tmp, profile, policies["wrapper"])
        if runtime.name != "crun":
            del made["wrapper, ready"], policies["wrapper, ready"]
        report(runtime, measure(runtime, made, tmp, rounds, policies))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    if len(sys.argv) > 2:
        return inside(guardtest.RUNTIMES[sys.argv[2]], rounds)
    profile = guardtest.command([guardtest.CLI, "profile", "--flavor", "moby"]).out
    print(guardtest.command([guardtest.program("../bench/program"), str(rounds)], stdin=profile).text, end="")
    for runtime in guardtest.RUNTIMES.values():
        reason = runtime.reason(guardtest.PROBE)
        if reason:
            print("%s: skipped: %s" % (runtime, reason))
            continue
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="guardbench-") as run:
            subprocess.run([*runtime.prefix, *guardtest.in_own_run(run), sys.executable, os.path.abspath(__file__), str(rounds),
                            runtime.name], check=True)
    return None


if __name__ == "__main__":
    main()
