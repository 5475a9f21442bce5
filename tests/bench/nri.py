#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the NRI plugin adds to the creation of a container: `make bench-nri`, with NRI_ROUNDS=N.

The time from a CreateContainer request's last byte to the answer's last, less that of a request that is answered at once,
which is the way there and back. Times are for reading, not for tests: the machine's load is in them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import nri  # noqa: E402


def take(link, method, payload):
    start = time.perf_counter()
    link.request(method, payload)
    link.read(nri.TO_PLUGIN)
    return (time.perf_counter() - start) * 1000


def measure(kind, container, way, rounds):
    with tempfile.TemporaryDirectory(prefix="guardtest-") as tmp:
        path = os.path.join(tmp, "policy.json")
        with open(path, "w", encoding="ascii") as f:
            json.dump({"nri": way, "log": {"to": "none"}}, f)
        engine = nri.Engine(os.path.join(tmp, "nri.sock"), kind)
        plugin = subprocess.Popen([guardtest.NRI, "--socket", engine.path, "--policy", path, "--hook", guardtest.HOOK], stderr=subprocess.DEVNULL)
        try:
            link = engine.plugin()
            payload = nri.encode("Create", {"pod": nri.pod(), "container": container})
            pairs = [(take(link, "CreateContainer", payload), take(link, "StateChange", payload)) for _ in range(rounds)]
            with open("/proc/%d/status" % plugin.pid, encoding="ascii") as f:
                peak = next(line.split()[1] for line in f if line.startswith("VmHWM"))
        finally:
            plugin.kill()
            plugin.wait()
            engine.stop()
    asked, echoed = (sorted(times) for times in zip(*pairs))
    p50 = len(pairs) // 2
    print("%-14s %-7s %6.3f %6.3f ms   peak %s kB" % (kind, way, asked[0] - echoed[0], asked[p50] - echoed[p50], peak))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    crio = {"io.kubernetes.cri-o.SeccompProfilePath": "Unconfined"}
    print("%-14s %-7s %6s %6s" % ("engine", "nri", "least", "p50"))
    for kind, container in (("containerd-2.1", nri.container()), ("containerd-2.3", nri.container()), ("cri-o-1.37", nri.container("cri-o", annotations=crio))):
        for way in ("hooks",) if kind == "containerd-2.1" else ("hooks", "policy", "both"):
            measure(kind, container, way, rounds)


if __name__ == "__main__":
    main()
