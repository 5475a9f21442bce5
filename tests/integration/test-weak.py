#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Profiles that are weak by meaning: what they let through beyond RuntimeDefault, on real containers."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import ABSENT, STRICT, WEAK  # noqa: E402

LIFT = guardtest.program("lift-probe")
KEYCTL = {"names": ["keyctl"], "action": "SCMP_ACT_ALLOW"}
# keyctl(9999, ...), which the probe calls, and no other.
KEYCTL_9999 = dict(KEYCTL, args=[{"index": 0, "value": 9999, "op": "SCMP_CMP_EQ"}])


def engines(name):
    """linux.seccomp of a configuration that a real engine made."""
    with open(os.path.join(guardtest.DATA, "configs", name + ".json"), encoding="utf-8") as f:
        return json.load(f)["linux"]["seccomp"]


class WeakCase(guardtest.Case):
    def default(self, *rules, caps="none"):
        """Docker's RuntimeDefault with `rules` behind it."""
        done = self.cli("profile", "--flavor", "moby", "--caps", caps)
        profile = json.loads(done.text)
        profile["syscalls"] += rules
        return profile

    def start(self, seccomp, caps=None, **keys):
        """Run it; returns (the bundle, what was there before, the outcome)."""
        b = self.bundle(seccomp=seccomp, caps=caps)
        before = b.snapshot()
        return b, before, self.run_guarded(b, policy=self.policy(**keys))

    def assertWeak(self, names, action="keep"):
        record = self.decisions()[-1]
        self.assertEqual((record["finding"], record["action"], record["weak_syscalls"], record["weak_syscalls_total"]),
                         ("weak", action, names, len(names)))
        self.assertNotIn("flavor" if action == "keep" else "why", record)
        return record


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.needs_cli
class Live(WeakCase):
    """What the list says is what a process in the container can do."""

    def test_kept_and_listed(self):
        b, before, done = self.start(self.default(KEYCTL))
        seen = self.probed(done)
        self.assertEqual((seen["Seccomp"], seen["keyctl"], seen["add_key"], seen["unshare"]), (2, 95, 1, 1))
        self.assertUntouched(b, before)
        record = self.assertWeak(["keyctl"])
        self.assertIn("lets through keyctl, which RuntimeDefault of moby denies", record["msg"])
        self.assertEqual(record["level"], "info")

    def lift_bundle(self, seccomp):
        b = self.bundle(seccomp=seccomp, args=["/bin/lift"])
        bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"lift": LIFT})
        return b

    def lifted(self, seccomp, **keys):
        """keyctl(2) under this profile: alone, traced by the parent, under a filter with a listener of the process itself."""
        done = self.run_guarded(self.lift_bundle(seccomp), policy=self.policy(**keys))
        self.assertStatus(done, 0)
        return dict(line.split("=") for line in done.text.splitlines())

    @unittest.skipUnless(LIFT, "lift-probe is not built")
    def test_what_a_process_can_have_run_by_itself(self):
        # ENOSYS, and EOPNOTSUPP when it runs. No one traces, and no one listens.
        seen = self.lifted(self.default(dict(KEYCTL, action="SCMP_ACT_TRACE")))
        self.assertEqual((seen["alone"], seen["traced"]), ("38", "95"))
        self.assertWeak(["keyctl"])
        if self.runtime.name == "runc":
            return  # It refuses NOTIFY without a listener.
        seen = self.lifted(self.default(dict(KEYCTL, action="SCMP_ACT_NOTIFY")))
        self.assertEqual((seen["alone"], seen["listened"]), ("38", "95"))
        self.assertWeak(["keyctl"])

    @unittest.skipUnless(LIFT, "lift-probe is not built")
    def test_and_what_is_done_about_it(self):
        nothing = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [dict(KEYCTL, action="SCMP_ACT_TRACE")]}
        for action in ("TRACE", "NOTIFY"):
            seccomp = self.default(dict(KEYCTL, action="SCMP_ACT_" + action))
            # ptrace(2) and seccomp(2) are still allowed, and of no use.
            self.assertEqual(self.lifted(seccomp, weak="replace"), dict.fromkeys(("alone", "traced", "listened"), "1"))
            b = self.lift_bundle(seccomp)
            before = b.snapshot()
            self.assertRefused(self.run_guarded(b, policy=self.policy(weak="refuse")), "lets through keyctl")
            self.assertUntouched(b, before)
            self.assertNothingLeft()
        self.assertEqual(self.lifted(nothing), dict.fromkeys(("alone", "traced", "listened"), "1"))
        self.assertEqual(self.decisions()[-1]["finding"], "unconfined")

    def test_for_some_arguments(self):
        seen = self.probed(self.start(self.default(KEYCTL_9999))[2])
        self.assertEqual(seen["keyctl"], 95)
        self.assertWeak(["keyctl"])

    def test_conditions_that_cannot_hold(self):
        never = dict(KEYCTL, args=[{"index": 0, "value": 0, "op": "SCMP_CMP_LT"}])
        self.assertEqual(self.probed(self.start(self.default(never))[2])["keyctl"], 1)
        self.assertEqual(self.decisions()[-1]["finding"], "confined")

    def test_the_rule_that_counts(self):
        # Both runtimes leave the second of two rules to libseccomp, which ignores it.
        denied = {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}
        seen = self.probed(self.start(self.default(denied, KEYCTL))[2])
        self.assertEqual(seen["keyctl"], 13)
        self.assertEqual(self.decisions()[-1]["finding"], "confined")
        seen = self.probed(self.start(self.default(KEYCTL, denied))[2])
        self.assertEqual(seen["keyctl"], 95)
        self.assertWeak(["keyctl"])

    def test_replaced(self):
        for rule in (KEYCTL, KEYCTL_9999):
            b, _, done = self.start(self.default(rule), weak="replace")
            self.assertConfined(done)
            record = self.decisions()[-1]
            self.assertEqual((record["finding"], record["action"], record["weak_syscalls"]), ("weak", "inject", ["keyctl"]))
            self.assertFalse([r for r in b.seccomp()["syscalls"] if "keyctl" in r["names"]])

    def test_refused(self):
        b, before, done = self.start(self.default(KEYCTL), weak="refuse")
        self.assertRefused(done, "weak seccomp profile", "lets through keyctl, which RuntimeDefault of moby denies")
        self.assertUntouched(b, before)
        self.assertNothingLeft()
        self.assertWeak(["keyctl"], "refuse")

    def test_refused_by_deny(self):
        b, before, done = self.start(self.default(KEYCTL), mode="deny")
        self.assertRefused(done, "keyctl", '"mode": "deny"')
        self.assertUntouched(b, before)
        self.assertNothingLeft()

    def test_a_capability_makes_the_difference(self):
        unshare = {"names": ["unshare"], "action": "SCMP_ACT_ALLOW"}
        self.assertEqual(self.probed(self.start(self.default(unshare), caps=["CAP_SYS_ADMIN"], weak="refuse")[2])["unshare"],
                         0)
        self.assertEqual(self.decisions()[-1]["finding"], "confined")
        self.assertRefused(self.start(self.default(unshare), caps=["CAP_CHOWN"], weak="refuse")[2], "unshare")

    def test_what_denies_more_is_confined(self):
        for seccomp in (STRICT, self.default()):
            _, _, done = self.start(seccomp, weak="refuse")
            self.assertEqual(self.probed(done)["Seccomp"], 2)
            self.assertEqual(self.decisions()[-1]["finding"], "confined")
            self.assertNotIn("weak_syscalls", self.decisions()[-1])

    def test_earlier_releases_are_no_weaker(self):
        # Docker 20.10 lets io_uring and every family of sockets through. It is what RuntimeDefault is there.
        _, _, done = self.start(engines("docker20-default"), weak="refuse")
        seen = self.probed(done)
        self.assertEqual((seen["Seccomp"], seen["keyctl"]), (2, 1))
        self.assertNotEqual(seen["vsock"], 1)

    def test_a_long_list_is_cut(self):
        self.probed(self.start(WEAK)[2])
        record = self.decisions()[-1]
        self.assertEqual(len(record["weak_syscalls"]), 16)
        self.assertGreater(record["weak_syscalls_total"], 50)
        self.assertEqual(record["weak_syscalls"], sorted(record["weak_syscalls"]))
        self.assertRegex(record["msg"], r"lets through (\w+, ){5}\w+ and \d+ more, which")

    def test_the_profile_of_the_policy_is_not_refused(self):
        # What the wrapper put in, a second pass and the hook find again.
        profile = self.file("open.json", json.dumps(self.default(KEYCTL)))
        policy = self.policy(profile=profile, weak="refuse")
        b = self.bundle(seccomp=ABSENT)
        self.assertEqual(self.probed(self.run_guarded(b, policy=policy))["keyctl"], 95)
        before = b.snapshot()
        self.assertEqual(self.probed(self.run_guarded(b, policy=policy))["keyctl"], 95)
        self.assertUntouched(b, before)
        self.assertEqual([(r["finding"], r["action"]) for r in self.decisions()], [("absent", "inject"), ("confined", "keep")])
        other = self.bundle(seccomp=self.default(dict(KEYCTL, names=["keyctl", "bpf"])))
        self.assertRefused(self.run_guarded(other, policy=policy), "lets through bpf, which")


@guardtest.needs_cli
class Check(WeakCase):
    """`check` names all of it; engines are told apart."""

    def test_text(self):
        b = self.bundle(seccomp=self.default(KEYCTL, {"names": ["bpf"], "action": "SCMP_ACT_LOG"}))
        done = self.cli("check", "--policy", self.policy(), b.path)
        self.assertStatus(done, 0)
        self.assertEqual(done.text, "%s: weak, keep (weak); lets through what RuntimeDefault of moby denies: bpf keyctl\n"
                         % b.path)

    def test_refused_and_told_once(self):
        b = self.bundle(seccomp=self.default(KEYCTL))
        done = self.cli("check", "--policy", self.policy(weak="refuse"), b.path)
        self.assertEqual(done.text.count("keyctl"), 1)
        b = self.bundle(seccomp=self.default(KEYCTL), annotations={"seccomp-guard/profile": "unconfined"})
        done = self.cli("check", "--policy", self.policy(weak="refuse", annotations={"honor": False}), b.path)
        self.assertEqual(done.text.count("keyctl"), 1)
        done = self.cli("check", "--policy", self.policy(weak="refuse"), self.bundle(seccomp=WEAK).path)
        self.assertRegex(done.text, r"; lets through what RuntimeDefault of moby denies: (\w+ ){50}")

    def test_all_names(self):
        done, lines = self.check("--policy", self.policy(), self.bundle(seccomp=WEAK).path)
        self.assertStatus(done, 0)
        self.assertEqual(len(lines[0]["weak_syscalls"]), lines[0]["weak_syscalls_total"])
        self.assertGreater(lines[0]["weak_syscalls_total"], 50)
        for name in ("keyctl", "mount", "unshare", "init_module"):
            self.assertIn(name, lines[0]["weak_syscalls"])
        self.assertNotIn("read", lines[0]["weak_syscalls"])

    def test_each_engine_has_its_own_measure(self):
        # keyctl is in podman's default and not in Docker's; cachestat the other way round.
        podman = {"io.container.manager": "libpod"}
        for name, annotations, keys, finding in (
                ("keyctl", podman, {}, "confined"), ("keyctl", podman, {"flavor": "moby"}, "weak"),
                ("keyctl", {}, {}, "weak"), ("keyctl", {}, {"flavor": "containers"}, "confined"),
                ("cachestat", podman, {}, "weak"), ("cachestat", {}, {}, "confined")):
            b = self.bundle(seccomp=dict(STRICT, syscalls=[dict(KEYCTL, names=[name])]), annotations=annotations)
            _, lines = self.check("--policy", self.policy(**keys), b.path)
            self.assertEqual((lines[0]["finding"], lines[0].get("weak_syscalls")),
                             (finding, [name] if finding == "weak" else None))

    def test_a_sandbox_has_another_profile(self):
        # CRI-O gives it one that is older than that of the pod's containers.
        pod = {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_pod_ns_uid_0",
               "io.kubernetes.pod.namespace": "ns", "io.kubernetes.pod.name": "pod"}
        profile = dict(STRICT, syscalls=[dict(KEYCTL, names=["vmsplice", "chroot"])])
        for name, finding in (("POD", "confined"), ("app", "weak")):
            b = self.bundle(seccomp=profile, annotations={**pod, "io.kubernetes.container.name": name})
            self.assertEqual(self.found(b)[0], finding, name)

    def test_the_policys_profile_is_a_measure_too(self):
        b = self.bundle(seccomp=WEAK)
        same = self.file("same.json", json.dumps(WEAK))
        wider = self.file("wider.json", json.dumps(dict(WEAK, syscalls=[{"names": ["mkdir"], "action": "SCMP_ACT_KILL"}])))
        other = self.file("other.json", json.dumps(self.default(KEYCTL)))
        broken = self.file("broken.json", "{")
        for keys, finding, action in (
                ({"profile": same}, "confined", "keep"), ({"profile": wider}, "confined", "keep"),
                ({"profile": same, "mode": "deny"}, "confined", "keep"),
                ({"profile": same, "mode": "complain"}, "confined", "keep"), ({"mode": "complain"}, "weak", "keep"),
                ({"profile": other, "mode": "complain"}, "weak", "keep"),
                ({"profile": other}, "weak", "refuse"), ({"profile": broken}, "weak", "refuse"), ({}, "weak", "refuse")):
            _, lines = self.check("--policy", self.policy(weak="refuse", **keys), b.path)
            self.assertEqual((lines[0]["finding"], lines[0]["action"]), (finding, action), keys)

    def found(self, b, **keys):
        _, lines = self.check("--policy", self.policy(**keys), b.path)
        return lines[0]["finding"], lines[0]["action"], lines[0]["reason"], lines[0].get("weak_syscalls")

    def test_the_measure_is_the_same_in_every_mode(self):
        bpf = dict(KEYCTL, names=["bpf"])
        root = os.path.dirname(self.file("open.json", json.dumps(self.default(KEYCTL))))
        modes = ({"mode": "audit"}, {"mode": "complain"}, {}, {"weak": "replace"}, {"weak": "refuse"}, {"mode": "deny"})
        policys = {"profile": os.path.join(root, "open.json")}
        honored = {"annotations": {"honor": True}, "localhostRoot": root}
        own = {"seccomp-guard/profile": "localhost/open.json"}
        legacy = {"seccomp.security.alpha.kubernetes.io/pod": "localhost/open.json"}
        default = {"seccomp-guard/profile": "runtime/default"}
        for annotations, keys, rules, weak in (
                ({}, policys, [KEYCTL], None), ({}, policys, [KEYCTL, bpf], ["bpf"]),
                # Annotations choose what is injected. They excuse nobody, and take nothing from what the policy lets through.
                (own, honored, [KEYCTL], ["keyctl"]), (legacy, honored, [KEYCTL], ["keyctl"]),
                (default, {**honored, **policys}, [KEYCTL], None), (default, {**honored, **policys}, [bpf], ["bpf"])):
            b = self.bundle(seccomp=self.default(*rules), annotations=annotations)
            for mode in modes:
                with self.subTest((annotations, keys, mode)):
                    finding, action, _, names = self.found(b, **keys, **mode)
                    self.assertEqual((finding, names), ("weak", weak) if weak else ("confined", None))
                    if mode.get("weak") == "refuse" or mode.get("mode") == "deny":
                        self.assertEqual(action, "refuse" if weak else "keep")

    def test_the_policys_profile_is_measured_as_it_would_be_injected(self):
        profile = self.file("open.json", json.dumps(self.default(KEYCTL)))
        b = self.bundle(seccomp=self.default(KEYCTL))
        self.assertEqual(self.found(b, profile=profile, tighten=["keyctl"]), ("weak", "inject", "tighten", ["keyctl"]))
        self.assertEqual(self.found(b, profile=profile, tighten=["bpf"])[0], "confined")

    def test_names_that_libseccomp_does_not_know(self):
        # What such a name was to deny is not denied: the runtimes leave it out.
        slips = {"names": ["mount", "mountt", "a b", "mountt", "\u001b[1m"], "action": "SCMP_ACT_ERRNO"}
        b = self.bundle(seccomp=dict(WEAK, syscalls=[slips]))
        done, lines = self.check("--policy", self.policy(), b.path)
        self.assertStatus(done, 0)
        self.assertEqual(lines[0]["unknown_syscalls"], ["mountt", "a?b", "\\x1b[1m"])
        done = self.cli("check", "--policy", self.policy(), b.path)
        self.assertRegex(done.text, r"; libseccomp [\d.]+ does not know: mountt a\?b \\x1b\[1m\n$")
        many = dict(slips, names=["slip_%d" % i for i in range(9)] + ["mseal"])
        b = self.bundle(seccomp=dict(WEAK, syscalls=[many]))
        done = self.cli("check", "--policy", self.policy(), b.path)
        self.assertRegex(done.text, r" does not know: slip_0 slip_1 slip_2 slip_3 slip_4 slip_5 and [34] more\n$")
        # More than there is room for.
        many["names"] = ["mount"] + ["slip_of_the_pen_%d" % i for i in range(300)]
        b = self.bundle(seccomp=dict(WEAK, syscalls=[many]))
        done = self.cli("check", "--policy", self.policy(), b.path)
        self.assertRegex(done.text, r" and at least \d+ more\n$")
        _, lines = self.check("--policy", self.policy(), b.path)
        self.assertIs(lines[0]["unknown_syscalls_more"], True)
        # What is newer than libseccomp and was to be allowed has the default: only --json tells.
        allowed = {"names": ["read", "mseal", "mountt"], "action": "SCMP_ACT_ALLOW"}
        b = self.bundle(seccomp={"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [allowed]})
        done = self.cli("check", "--policy", self.policy(), b.path)
        self.assertRegex(done.text, r" does not know: mountt; ")
        _, lines = self.check("--policy", self.policy(), b.path)
        self.assertIn(lines[0]["unknown_syscalls"], (["mountt", "mseal"], ["mountt"]))
        # A profile that is injected; of the built-in ones, which are ahead of every libseccomp as the engines' own are, only
        # --json tells.
        profile = self.file("slips.json", json.dumps(dict(WEAK, syscalls=[slips])))
        _, lines = self.check("--policy", self.policy(profile=profile), self.bundle(seccomp=ABSENT).path)
        self.assertEqual((lines[0]["action"], lines[0].get("unknown_syscalls")), ("inject", ["mountt", "a?b", "\\x1b[1m"]))
        bare = self.bundle(seccomp=ABSENT).path
        _, lines = self.check("--policy", self.policy(), bare)
        done = self.cli("explain", "moby", "mseal")
        self.assertEqual("does not know" in done.text, "mseal" in lines[0].get("unknown_syscalls", ()))
        self.assertNotIn("read", lines[0].get("unknown_syscalls", ()))
        self.assertNotIn("does not know", self.cli("check", "--policy", self.policy(), bare).text)

    def test_unconfined_is_told_by_meaning(self):
        # Two conditions that are true together, under a default that denies, for a call that all others join.
        with open(os.path.join(guardtest.SRCDIR, "src/flavor/profiles/syscalls.list"), encoding="ascii") as f:
            names = [line.split()[0] for line in f if not line.startswith("#")]
        seccomp = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
            {"names": [n for n in names if n != "mount"], "action": "SCMP_ACT_ALLOW"},
            {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 3, "value": 5, "op": "SCMP_CMP_LE"}]},
            {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 3, "value": 5, "op": "SCMP_CMP_GT"}]}]}
        _, lines = self.check("--policy", self.policy(), self.bundle(seccomp=seccomp).path)
        self.assertEqual((lines[0]["finding"], lines[0]["action"]), ("unconfined", "inject"))
        seccomp["syscalls"].pop()
        _, lines = self.check("--policy", self.policy(), self.bundle(seccomp=seccomp).path)
        self.assertEqual(lines[0]["finding"], "weak")
        self.assertIn("mount", lines[0]["weak_syscalls"])


if __name__ == "__main__":
    guardtest.main()
