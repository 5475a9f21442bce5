#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make bench-lint: how long seccomp-guard lint takes for a directory of 1,000 manifests, of all kinds of tests/data/lint in turn."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

TOP, BUILD = os.environ.get("top_srcdir", "."), os.environ.get("top_builddir", ".")
CORPUS = os.path.join(TOP, "tests", "data", "lint")
FILES, ROUNDS = 1000, int(sys.argv[1]) if len(sys.argv) > 1 else 20


def fill(directory):
    """FILES manifests in folders of 50; returns their size in bytes."""
    texts = []
    for name in sorted(os.listdir(CORPUS)):
        if name.endswith(".yaml"):
            with open(os.path.join(CORPUS, name), "rb") as f:
                texts.append(f.read())
    for i in range(FILES):
        folder = os.path.join(directory, "%02d" % (i // 50))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "%d.yaml" % i), "wb") as f:
            f.write(texts[i % len(texts)])
    return sum(len(texts[i % len(texts)]) for i in range(FILES))


def main():
    with tempfile.TemporaryDirectory() as directory:
        size = fill(directory)
        for option in ("--json", "--sarif", "--fix"):
            times, out = [], b""
            for _ in range(ROUNDS):
                began = time.perf_counter()
                out = subprocess.run([os.path.join(BUILD, "seccomp-guard"), "lint", option, directory], capture_output=True, check=False).stdout
                times.append(time.perf_counter() - began)
            times.sort()
            print("lint %-7s %d files, %d kB: %.0f ms at p50, %.0f to %.0f" % (
                option, FILES, size // 1000, 1000 * statistics.median(times), 1000 * times[0], 1000 * times[-1]))
            if option == "--json":
                total = json.loads(out.splitlines()[-1])
                print("             %s" % ", ".join("%d %s" % (total[k], k) for k in ("objects", "containers", "errors", "ignored")))


if __name__ == "__main__":
    main()
