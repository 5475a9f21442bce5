#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What live injection adds to `run /bin/true`, beside what the runtime adds when it loads the same profile.

usage: live.py [ROUNDS]   (from the build directory, as root)
The cases take turns in each round, so that whatever else the machine does hits all of them. "cold" is live injection
with an empty cache: the filter is compiled. Times are medians, in milliseconds; in brackets the difference to the
unconfined container, as the median of the differences within a round.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

HOOK = livetest.INJECT


def make_bundles(tmp, profile, report):
    path = os.path.join(tmp, "profile.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(profile, f)

    def hooks(state):
        return {"createRuntime": [{"path": HOOK, "args": ["live-inject", path, report, livetest.COMPILE,
                                                          os.path.join(tmp, state)]}]}
    cases = {
        "unconfined": {},
        "runtime": {"seccomp": profile},
        "live": {"hooks": hooks("warm")},
        "live, cold": {"hooks": hooks("cold")},
    }
    made = {}
    for n, (name, kwargs) in enumerate(cases.items()):
        b = guardtest.Bundle(os.path.join(tmp, "b%d" % n), args=["/bin/true"], **kwargs)
        guardtest.bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"true": guardtest.EMPTY})
        made[name] = b
    return made


def measure(runtime, made, tmp, rounds):
    times = {name: [] for name in made}
    argv = [*runtime.prefix, runtime.path, "--root", os.path.join(tmp, "root"), "run", "--bundle"]
    for n in range(rounds + 1):
        for name, b in made.items():
            shutil.rmtree(os.path.join(tmp, "cold"), ignore_errors=True)
            start = time.perf_counter()
            done = guardtest.command([*argv, b.path, "bench-%d-%d" % (os.getpid(), n)])
            taken = time.perf_counter() - start
            if done.status != 0:
                sys.exit("%s: %s" % (name, done))
            if n > 0:
                times[name].append(taken * 1000)
    return times


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    profile = json.loads(guardtest.command([guardtest.CLI, "profile", "--flavor", "moby"]).out)
    for runtime in guardtest.RUNTIMES.values():
        reason = runtime.reason(guardtest.PROBE)
        if reason:
            print("%s: skipped: %s" % (runtime, reason))
            continue
        with tempfile.TemporaryDirectory(prefix="guardbench-") as tmp:
            report = os.path.join(tmp, "report")
            times = measure(runtime, make_bundles(tmp, profile, report), tmp, rounds)
            with open(report, encoding="utf-8") as f:
                stops = statistics.median(int(line.split()[1]) for line in f)
        for name, all_times in times.items():
            added = statistics.median(t - base for t, base in zip(all_times, times["unconfined"]))
            print("%-5s %-12s %7.2f  (%+.2f)" % (runtime, name, statistics.median(all_times), added))
        print("%-5s %d ptrace stops" % (runtime, stops))


if __name__ == "__main__":
    main()
