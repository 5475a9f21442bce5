# SPDX-License-Identifier: Apache-2.0
"""What the tests of live injection share: a hook that only injects, in front of real runtimes.

The containers start without a profile of their own; whatever confines them came from the hook.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402

INJECT = guardtest.program("live-inject")
WITNESS = guardtest.program("witness")

# Denies what the probe tries, with an errno that no kernel would answer with.
PROFILE = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": ["unshare", "keyctl", "sysinfo"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75}],
}


class LiveCase(guardtest.Case):
    """A test whose containers are confined by INJECT, with a report of their own."""

    def setUp(self):
        super().setUp()
        self.report = os.path.join(self.tmp, "report")
        self.profile = self.file("profile.json", json.dumps(PROFILE))

    def hook(self, stage="createRuntime", profile=None, program=None):
        return {stage: [{"path": program or INJECT,
                         "args": ["live-inject", profile or self.profile, self.report]}]}

    def live(self, config=None, stage="createRuntime", profile=None, program=None, **kwargs):
        """A bundle whose hook injects; `config` may change the configuration before it is written."""
        kwargs.setdefault("hooks", self.hook(stage, profile, program))
        b = self.bundle(**kwargs)
        os.link(WITNESS, os.path.join(b.path, "rootfs", "bin", "witness"))
        if config:
            c = json.loads(b.read())
            config(c)
            b.write(guardtest.bundles.encode(c))
        return b

    def start(self, b, *options, **kwargs):
        """`run` to its end."""
        return self.call("run", "--bundle", b.path, *options, self.container_id(), **kwargs)

    def reports(self, n=1):
        """The first `n` reports, as (outcome, stops, microseconds, reason); waits for them."""
        def read():
            if not os.path.exists(self.report):
                return []
            with open(self.report, encoding="utf-8") as f:
                return f.read().splitlines()

        guardtest.until(lambda: len(read()) >= n)
        lines = read()
        self.assertEqual(len(lines), n, lines)
        split = [line.split(" ", 3) for line in lines]
        return [(s[0], int(s[1]), int(s[2]), s[3]) for s in split]

    def assertLive(self, done, filters=1):
        """The container ran under PROFILE, from its first instruction."""
        seen = self.probed(done)
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"]), (2, filters), done)
        self.assertEqual((seen["unshare"], seen["keyctl"], seen["sysinfo"], seen["uname"]), (75, 75, 75, 0), done)
        return seen

    def assertWitness(self, text):
        """`text` is what a witness says that was confined by PROFILE."""
        self.assertIn(b"Seccomp:\t2\n", text)
        self.assertTrue(text.endswith(b"keyctl=75\n"), text)

    def assertNeverUnconfined(self, done):
        """Confined, or not a word from the container's program."""
        if b"=" in done.out:
            self.assertLive(done)
        else:
            self.assertNotEqual(done.status, 0, done)

    def assertNoInjectorLeft(self):
        mark = os.fsencode(self.report)
        def left():
            return [pid for pid in filter(str.isdigit, os.listdir("/proc")) if mark in cmdline(pid)]

        self.assertTrue(guardtest.until(lambda: not left()), "left behind: %s" % [cmdline(pid) for pid in left()])


def cmdline(pid):
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as f:
            return f.read()
    except OSError:
        return b""


def injectors(report):
    """The pids of the processes that inject for `report`."""
    mark = os.fsencode(report)
    return [int(pid) for pid in filter(str.isdigit, os.listdir("/proc"))
            if cmdline(pid).startswith(b"live-inject\0") and mark in cmdline(pid)]
