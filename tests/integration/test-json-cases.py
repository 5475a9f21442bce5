#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One configuration, two readings: whatever the spelling, no container ends up running unconfined.

Each case is started by the real runtimes behind the wrapper in enforce mode: either nothing starts and nothing is
left, or the process inside has a filter that denies something.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402


def load():
    """The cases, with their text as bytes in `raw`."""
    with open(os.path.join(guardtest.DATA, "json-cases.json"), encoding="utf-8") as f:
        data = json.load(f)

    def full(text):
        return text.replace("@HEAD@", data["head"]).replace("@LINUX@", data["linux"])
    for case in data["cases"]:
        if "utf16" in case:
            case["raw"] = b"\xff\xfe" + full(case["utf16"]).encode("utf-16-le")
        else:
            case["raw"] = full(case["text"]).encode("latin-1")
    return data["cases"]


CASES = load()

# Profiles that restrict something which the probe does not do, or that name no system call: they are what their
# author wrote, and `weak`.
UNSEEN = {
    "131": "getpgid is denied for an argument that the probe does not give",
}


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.each(CASES, lambda case: case["id"])
class Enforced(guardtest.Case):
    def check_case(self, case):
        b = self.bundle(raw=case["raw"])
        os.rename(os.path.join(b.path, "rootfs", "bin", "probe"), os.path.join(b.path, "rootfs", "bin", "pr"))
        before = b.snapshot()
        done = self.run_guarded(b)
        self.assertNothingLeft()
        if done.status != 0:
            # Refused by the guard or by the runtime; in the first case nothing was touched.
            if done.error.startswith("seccomp-guard"):
                self.assertRefused(done, b.config)
                self.assertUntouched(b, before)
            self.assertNotIn(b"Seccomp=", done.out)
            return
        seen = self.probed(done)
        self.assertEqual(seen["Seccomp"], 2, case["input"])
        # The filter is the injected one, or the profile of the case, which denies what it is known to deny.
        own = [m.groups() for m in re.finditer(r"(uname|sysinfo|getpgid)=E(\d+)", case[self.runtime.name])]
        if seen["unshare"] == 1:
            return
        if case["id"] in UNSEEN:
            return
        self.assertTrue(own, "runs under a filter that denies nothing: %s" % case["input"])
        for name, errno in own:
            self.assertEqual(seen[name], int(errno), case["input"])


@guardtest.all_runtimes
class Control(guardtest.Case):
    """Without the wrapper some of these do run unconfined: the test above can fail."""

    def test_some_run_unconfined(self):
        count = 0
        for case in CASES:
            if case[self.runtime.name] != "no filter":
                continue
            b = self.bundle(raw=case["raw"])
            os.rename(os.path.join(b.path, "rootfs", "bin", "probe"), os.path.join(b.path, "rootfs", "bin", "pr"))
            done = self.call("run", "--bundle", b.path, self.container_id())
            if done.status == 0 and self.probed(done)["Seccomp"] == 0:
                count += 1
        self.assertGreaterEqual(count, 5)


@guardtest.needs_cli
@guardtest.each(CASES, lambda case: case["id"])
class Judged(guardtest.Case):
    """`check` against what was seen of each reader, crun from 1.28 on (by its model) included."""

    READERS = ("runc", "crun", "json-c")

    @staticmethod
    def confines(seen):
        """What a reader made of the text: True, False, or None when it refused."""
        if seen.startswith("reject"):
            return None
        if seen.startswith("parsed"):
            # A call that no kernel has is not restricted: names are in lower case.
            return bool(re.search(r"names [a-z_0-9 ]+ SCMP_ACT_(ERRNO|KILL|TRAP)", seen))
        return seen.startswith("filter: ")

    def check_case(self, case):
        path = self.file("config.json", case["raw"])
        policy = self.policy()
        done, lines = self.check("--policy", policy, path)
        self.assertEqual(len(lines), 1, done)
        finding, action = lines[0]["finding"], lines[0]["action"]
        self.assertStatus(done, 0 if action == "keep" else 1)
        if finding == "invalid":
            self.assertEqual(action, "refuse")
            return
        readings = {name: self.confines(case[name]) for name in self.READERS}
        if finding in ("confined", "weak"):
            # Kept as it is: then no reader may start it without a restriction.
            for name, reading in readings.items():
                if not case["id"] in UNSEEN:
                    self.assertNotEqual(reading, False, "%s reads this as unconfined: %s" % (name, case["input"]))
        else:
            self.assertIn(finding, ("absent", "unconfined"))
            self.assertEqual(action, "inject")
            # Replaced or put in: then no reader may have seen a restriction that is now lost.
            for name, reading in readings.items():
                self.assertNotEqual(reading, True, "%s reads this as confined: %s" % (name, case["input"]))

    def check_injected_text_is_in_the_common_subset(self, case):
        b = self.bundle(raw=case["raw"])
        done = self.cli("apply", "--policy", self.policy(), b.path)
        if done.status == 0:
            text = b.read().decode("utf-8")

            def pairs(items):
                keys = [k for k, _ in items]
                self.assertEqual(len(keys), len({k.casefold() for k in keys}), keys)
                return dict(items)
            config = json.loads(text, object_pairs_hook=pairs)
            self.assertIn("seccomp", config["linux"])
            self.assertEqual(bundles.encode(config["linux"]["seccomp"])[:1], b"{")
        else:
            self.assertEqual(b.read(), case["raw"])


if __name__ == "__main__":
    guardtest.main()
