#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What confining containers that run costs: for how long each process is stopped, and how long it takes in all.

usage: confine.py [CONTAINERS [ROUNDS]]   (from the build directory, as root)
CONTAINERS of runc with 4 processes each that wait, 50 if nothing is said; the RuntimeDefault that the policy puts in. A
round is one `confine --all` over new containers. Then `confine --all` again, which finds nothing to do, and `status`.
The goal is what a prototype took: 0.38 ms at p50 and 1.0 ms at p99.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from runtime import command  # noqa: E402

PROCESSES = 4


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


class Node:
    """Containers in a system of their own."""

    def __init__(self, n):
        self.tmp = tempfile.mkdtemp(prefix="guardbench-")
        self.node = os.path.join(self.tmp, "node")
        self.root = os.path.join(self.node, "run", "runc")
        os.makedirs(self.root)
        os.makedirs(os.path.dirname(self.node + self.tmp))
        os.symlink(self.tmp, self.node + self.tmp)
        self.policy = os.path.join(self.tmp, "policy.json")
        with open(self.policy, "w", encoding="ascii") as f:
            f.write('{"log": {"to": "none"}}')
        self.names = ["bench-%d-%d" % (os.getpid(), i) for i in range(n)]
        for name in self.names:
            b = guardtest.Bundle(os.path.join(self.tmp, name), args=["/bin/probe", "pause"])
            bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"probe": guardtest.PROBE})
            self.runc("run", "--detach", "--bundle", b.path, name)
            for _ in range(PROCESSES - 1):
                # With no_new_privs, as init has it.
                process = dict(bundles.TEMPLATE["process"], args=["/bin/probe", "pause"])
                path = os.path.join(b.path, "process.json")
                with open(path, "w", encoding="ascii") as f:
                    json.dump(process, f)
                self.runc("exec", "--detach", "--process", path, name)

    def runc(self, *args):
        done = command(["runc", "--root", self.root, *args])
        if done.status != 0:
            sys.exit(str(done))

    def guard(self, *args):
        start = time.monotonic()
        done = command([guardtest.CLI, *args, "--root", self.node, "--policy", self.policy, "--json"])
        took = (time.monotonic() - start) * 1e3
        if done.status not in (0, 1):
            sys.exit(done.error)
        lines = [json.loads(line) for line in done.text.splitlines()]
        return took, [x for x in lines if x.get("id") in self.names]

    def end(self):
        for name in self.names:
            subprocess.run(["runc", "--root", self.root, "delete", "--force", name], check=False)
        shutil.rmtree(self.tmp)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for _ in range(rounds):
        node = Node(n)
        try:
            took, seen = node.guard("confine", "--all", "--yes")
            stops = [p["stopped_us"] for x in seen for p in x["processes"]]
            assert len(stops) == n * PROCESSES and all(x["complete"] for x in seen)
            print("%d containers, %d processes: %.0f ms; a process was stopped for %d us (p50), %d us (p99)" %
                  (n, len(stops), took, quantile(stops, 0.5), quantile(stops, 0.99)))
            took, seen = node.guard("confine", "--all", "--yes")
            stops = [p["stopped_us"] for x in seen for p in x["processes"]]
            print("  again: %.0f ms; %d us (p50), %d us (p99)" % (took, quantile(stops, 0.5), quantile(stops, 0.99)))
            print("  status: %.0f ms" % node.guard("status")[0])
        finally:
            node.end()


if __name__ == "__main__":
    main()
