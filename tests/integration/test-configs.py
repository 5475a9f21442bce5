#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configurations that real engines made get the finding that their name says, and what is injected into them works.

A part of them is in tests/data/configs; where all of them are at hand, all are used.
"""

import csv
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402

PLACES = [os.path.join(guardtest.DATA, "configs")]
if guardtest.SHARED:
    PLACES.append(os.path.join(guardtest.SHARED, "configs"))


def load():
    """{name: (raw, finding, action)} of every configuration whose finding is known."""
    found = {}
    for place in PLACES:
        with open(os.path.join(place, "expected.csv"), encoding="ascii", newline="") as f:
            for row in csv.DictReader(f):
                with open(os.path.join(place, row["name"] + ".json"), "rb") as g:
                    found[row["name"]] = (g.read(), *row["finding/action"].split("/"))
    return found


CONFIGS = load()
INJECTED = sorted(name for name, (_, _, action) in CONFIGS.items() if action == "inject")


@guardtest.needs_cli
@guardtest.each(sorted(CONFIGS), str)
class Findings(guardtest.Case):
    def check_finding(self, name):
        raw, finding, action = CONFIGS[name]
        path = self.file("config.json", raw)
        done, lines = self.check("--policy", self.policy(), path)
        self.assertEqual([(x["finding"], x["action"]) for x in lines], [(finding, action)], done)
        self.assertStatus(done, 1 if action == "inject" else 0)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), raw)

    def check_bundle_and_stdin_give_the_same(self, name):
        raw, _, action = CONFIGS[name]
        b = self.bundle(raw=raw)
        policy = self.policy()
        for how in ([b.path], ["-"]):
            done, lines = self.check("--policy", policy, *how, stdin=raw)
            self.assertEqual([x["action"] for x in lines], [action], done)


@guardtest.needs_cli
@guardtest.each(sorted(CONFIGS), str)
class Applied(guardtest.Case):
    def check_apply(self, name):
        raw, _, action = CONFIGS[name]
        b = self.bundle(raw=raw)
        before = b.snapshot()
        self.assertStatus(self.cli("apply", "--policy", self.policy(), b.path), 0)
        if action != "inject":
            self.assertUntouched(b, before)
            return
        after = b.read()
        self.assertTrue(guardtest.only_seccomp_differs(raw, after))
        # Python reads it, and everything else still means what it meant.
        old, new = json.loads(raw), json.loads(after)
        self.assertEqual(new["linux"].pop("seccomp")["defaultAction"], "SCMP_ACT_ERRNO")
        old["linux"].pop("seccomp", None)
        self.assertEqual(old, new)
        self.assertEqual(list(old), list(new))
        # And the guard itself sees it as done.
        settled = b.snapshot()
        self.assertStatus(self.cli("apply", "--policy", self.policy(), b.path), 0)
        self.assertUntouched(b, settled)
        _, lines = self.check("--policy", self.policy(), b.path)
        self.assertEqual([(x["finding"], x["action"]) for x in lines], [("confined", "keep")])

    @guardtest.needs_hook
    def check_filter_gives_the_same_bytes(self, name):
        raw, _, action = CONFIGS[name]
        b = self.bundle(raw=raw)
        policy = self.policy()
        self.assertStatus(self.cli("apply", "--policy", policy, b.path), 0)
        done = guardtest.command([guardtest.HOOK, "--policy", policy], stdin=raw)
        self.assertStatus(done, 0)
        self.assertEqual(done.out == raw, action != "inject")
        self.assertEqual(done.out, b.read())


def startable(config):
    """`config` so that it starts on this machine.

    Kept is everything that the runtimes read of the process and its confinement: annotations, user,
    capabilities (of those that this root has), noNewPrivileges, masked and read-only paths, sysctls' absence, the
    namespaces' kinds, and linux.seccomp to the byte. Replaced is what refers to the machine it came from: root,
    mounts, hooks, namespaces to join, cgroup path and limits, devices, security labels, the program to run; and what
    a nested root may not set: raised limits and a lowered oom score. The version is one that older runtimes take.
    """
    process, linux = config["process"], config["linux"]
    config["ociVersion"] = "1.0.2"
    process.update(args=["/bin/probe"], env=["PATH=/bin"], cwd="/", terminal=False)
    for key in ("rlimits", "oomScoreAdj", "apparmorProfile", "selinuxLabel", "consoleSize"):
        process.pop(key, None)
    own = set(bundles.own_caps())
    for kind, names in process.get("capabilities", {}).items():
        process["capabilities"][kind] = [n for n in names if n in own]
    config["root"] = {"path": "rootfs", "readonly": True}
    config["mounts"] = bundles.TEMPLATE["mounts"]
    config.pop("hooks", None)
    linux["namespaces"] = [{"type": t} for t in ("pid", "ipc", "uts", "mount")]
    for key in ("cgroupsPath", "resources", "devices", "mountLabel", "sysctl", "intelRdt", "rootfsPropagation",
                "uidMappings", "gidMappings"):
        linux.pop(key, None)
    return config


@guardtest.all_runtimes
@guardtest.needs_cli
@guardtest.needs_wrapper
@guardtest.each(INJECTED, str)
class Started(guardtest.Case):
    @staticmethod
    def flavor(name):
        return {"contai": "containerd", "ctr-he": "containerd", "crio-h": "cri-o", "podman": "containers",
                "docker": "moby"}[name[:6]]

    def check_what_was_injected_is_accepted(self, name):
        """The bytes that apply put into the original, in a configuration that starts here, by the bare runtime."""
        original = self.bundle(raw=CONFIGS[name][0])
        self.assertStatus(self.cli("apply", "--policy", self.policy(), original.path), 0)
        value = guardtest.without_seccomp(original.read())[1]
        config = startable(json.loads(original.read()))
        config["linux"]["seccomp"] = "@"
        b = self.bundle(raw=bundles.encode(config).replace(b'"@"', value))
        done = self.call("run", "--bundle", b.path, self.container_id())
        self.assertConfined(done, self.flavor(name))
        self.assertNotIn(b"warning", done.err.lower())

    def check_started_through_the_wrapper(self, name):
        b = self.bundle(raw=bundles.encode(startable(json.loads(CONFIGS[name][0]))))
        self.assertConfined(self.run_guarded(b), self.flavor(name))
        self.assertNothingLeft()


@guardtest.needs_cli
class CrictlInspect(guardtest.Case):
    """What `crictl inspect` prints carries the configuration in .info.runtimeSpec."""

    def test_inspect(self):
        seen = 0
        for place in PLACES:
            for name in sorted(os.listdir(place)):
                if not name.endswith(".crictl-inspect.json"):
                    continue
                done, lines = self.check("--policy", self.policy(), os.path.join(place, name))
                expected = CONFIGS[name[:-len(".crictl-inspect.json")]][1:]
                self.assertEqual([(x["finding"], x["action"]) for x in lines], [expected], name)
                seen += 1
        self.assertGreater(seen, 0)


if __name__ == "__main__":
    guardtest.main()
