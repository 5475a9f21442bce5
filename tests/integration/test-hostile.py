#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts that would let a container run with less than its record says: who listens, what is restored, what is chosen."""

import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import ABSENT, STRICT, WEAK  # noqa: E402

AGENT = "/run/agent.sock"


def notifying(path=AGENT, **top):
    """STRICT, with calls that RuntimeDefault denies left to an agent of the author's choice."""
    rule = {"names": ["keyctl", "bpf", "mount", "unshare", "setns"], "action": "SCMP_ACT_NOTIFY"}
    return {**STRICT, "listenerPath": path, "syscalls": [*STRICT["syscalls"], rule], **top}


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Listener(guardtest.Case):
    """An agent that answers CONTINUE lets everything run: it counts as confined only when the policy names it."""

    def test_one_that_the_policy_does_not_name_is_refused(self):
        for keys in ({}, {"listeners": []}, {"listeners": ["/run/agent", "/run/agent.sock2", "/run/*"]},
                     {"mode": "complain"}, {"mode": "deny"}):
            b = self.bundle(seccomp=notifying())
            before = b.snapshot()
            self.assertRefused(self.run_guarded(b, policy=self.policy(**keys)), "SCMP_ACT_NOTIFY", AGENT, "listeners")
            self.assertUntouched(b, before)
            self.assertNothingLeft()
            record = self.decisions()[-1]
            self.assertEqual((record["finding"], record["action"], record["reason"]), ("foreign", "refuse", "foreign"))

    def test_in_audit_it_is_recorded(self):
        b = self.bundle(seccomp=notifying(os.path.join(self.tmp, "nobody")))
        self.run_guarded(b, policy=self.policy(mode="audit"))
        self.assertEqual(self.decisions()[-1]["action"], "would-refuse")

    def test_one_that_the_policy_names_is_the_runtimes_business(self):
        b = self.bundle(seccomp=notifying(os.path.join(self.tmp, "nobody")))
        self.run_guarded(b, policy=self.policy(listeners=[os.path.join(self.tmp, "nobody")]))
        record = self.decisions()[-1]
        self.assertEqual((record["finding"], record["action"]), ("confined", "keep"))

    def test_nobody_is_named(self):
        """What runc refuses, and crun does where it does not run unconfined, stays refused: nothing is put in its place."""
        rule = {"names": ["mkdirat"], "action": "SCMP_ACT_NOTIFY"}
        for seccomp in ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}, {"defaultAction": "SCMP_ACT_NOTIFY"},
                        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule], "listenerPath": ""},
                        {"defaultAction": "SCMP_ACT_LOG", "syscalls": [rule], "listenerMetadata": "x"}):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            self.assertRefused(self.run_guarded(b), "SCMP_ACT_NOTIFY needs a \"listenerPath\"")
            self.assertUntouched(b, before)
            self.assertNothingLeft()
            record = self.decisions()[-1]
            self.assertEqual((record["finding"], record["action"], record["reason"]), ("foreign", "refuse", "foreign"))
            alone = self.call("run", "--bundle", b.path, self.container_id())
            if self.runtime.name == "runc" or seccomp.get("listenerPath") == "":
                self.assertNotEqual(alone.status, 0)

    def test_a_path_that_nothing_is_left_to_is_no_listener(self):
        b = self.bundle(seccomp={**STRICT, "listenerPath": AGENT})
        self.run_guarded(b)
        self.assertEqual(self.decisions()[-1]["finding"], "confined")


@guardtest.needs_wrapper
class Restore(Faked):
    """CRIU restores the filters of its image and ignores config.json, so that this decides nothing."""

    def restore(self, b, **keys):
        return self.wrapper("restore", "--bundle", b.path, "ID", policy=self.policy(**keys))

    def test_refused_whatever_the_configuration_says(self):
        for seccomp in (ABSENT, STRICT, WEAK):
            for mode in ("enforce", "deny"):
                b = self.bundle(seccomp=seccomp)
                before = b.snapshot()
                self.assertRefused(self.restore(b, mode=mode), "checkpoint", '"restore": "allow"')
                self.assertUntouched(b, before)
                record = self.decisions()[-1]
                self.assertEqual((record["finding"], record["action"], record["reason"], record["stage"]),
                                 ("foreign", "refuse", "restore", "restore"))

    def test_recorded_where_nothing_is_refused(self):
        for mode in ("audit", "complain"):
            b = self.bundle(seccomp=ABSENT)
            before = b.snapshot()
            self.assertStatus(self.restore(b, mode=mode), 0)
            self.assertUntouched(b, before)
            self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["reason"]), ("would-refuse", "restore"))

    def test_a_rule_may_let_it_pass(self):
        rule = {"name": "moved", "match": {"engine": ["podman"]}, "restore": "allow"}
        for annotations, status in (({"io.container.manager": "libpod"}, 0), ({}, 1)):
            b = self.bundle(seccomp=ABSENT, annotations=annotations)
            before = b.snapshot()
            self.assertStatus(self.restore(b, rules=[rule]), status)
            self.assertUntouched(b, before)
        first = self.decisions()[0]
        self.assertEqual((first["action"], first["reason"], first["rule"], first["level"]),
                         ("exempt", "restore", "moved", "warning"))

    def test_a_broken_configuration_is_refused_all_the_same(self):
        b = self.bundle(raw=b"broken")
        self.assertRefused(self.restore(b, restore="allow"), "config.json")


@guardtest.needs_cli
class Bounded(guardtest.Case):
    """Commands come to an end where libseccomp does not."""

    def test_overlapping_conditions(self):
        some = random.Random(7)
        rules = [{"names": ["socket", "socketpair", "clone", "unshare"], "action": ("SCMP_ACT_KILL", "SCMP_ACT_ALLOW")[k % 2],
                  "args": [{"index": 0, "value": some.getrandbits(60), "op": "SCMP_CMP_LE"},
                           {"index": 2, "value": some.getrandbits(63), "op": "SCMP_CMP_GT"}]} for k in range(127)]
        path = self.file("profile.json", json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules}))
        done = self.cli("profile", path, timeout=600)  # what is bounded is processor time
        if done.status != 0:  # a libseccomp that is faster may answer
            self.assertIn("libseccomp makes no program of it within", done.error)
            self.assertEqual(done.out, b"")


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Chosen(guardtest.Case):
    """The profile that an annotation chooses is held to what holds for a container's own."""

    KEYS = ("seccomp-guard/profile", "seccomp.security.alpha.kubernetes.io/pod")

    def choose(self, key, **keys):
        root = os.path.join(self.tmp, "profiles")
        os.makedirs(root, exist_ok=True)
        with open(os.path.join(root, "weak.json"), "w", encoding="utf-8") as f:
            json.dump({**STRICT, "syscalls": [*STRICT["syscalls"],
                                              {"names": ["keyctl", "add_key"], "action": "SCMP_ACT_ALLOW"}]}, f)
        b = self.bundle(annotations={key: "localhost/weak.json"})
        return b, b.snapshot(), self.run_guarded(b, policy=self.policy(localhostRoot=root, **keys))

    def test_kept_with_its_names_on_record(self):
        for key in self.KEYS:
            _, _, done = self.choose(key)
            seen = self.probed(done)
            self.assertEqual((seen["Seccomp"], seen["keyctl"], seen["uname"]), (2, 95, 0))
            record = self.decisions()[-1]
            self.assertEqual((record["finding"], record["action"], record["profile"], record["weak_syscalls"],
                              record["weak_syscalls_total"]),
                             ("absent", "inject", "localhost/weak.json", ["add_key", "keyctl"], 2))

    def test_replaced(self):
        for key in self.KEYS:
            _, _, done = self.choose(key, weak="replace")
            self.assertConfined(done)
            record = self.decisions()[-1]
            self.assertEqual((record["action"], record["reason"], record["profile"], record["flavor"],
                              record["weak_syscalls"]),
                             ("inject", "weak", "runtime/default", "moby", ["add_key", "keyctl"]))
            self.assertIn('annotation "%s" names lets through add_key, keyctl' % key, record["msg"])

    def test_refused(self):
        for key in self.KEYS:
            b, before, done = self.choose(key, weak="refuse")
            self.assertRefused(done, key, "add_key, keyctl", '"weak": "refuse"')
            self.assertUntouched(b, before)
            self.assertNothingLeft()
            record = self.decisions()[-1]
            self.assertEqual((record["action"], record["reason"], record["weak_syscalls"]),
                             ("refuse", "weak", ["add_key", "keyctl"]))
            self.assertNotIn("profile", record)


@guardtest.needs_wrapper
@guardtest.needs_root
class Flags(Faked):
    """podman --runtime-flag guard-policy=FILE, from whoever runs podman."""

    def start(self, prefix):
        b = self.bundle(seccomp=ABSENT)
        self.assertStatus(self.wrapper("create", "--bundle", b.path, "ID", policy=self.policy(mode="audit"), prefix=prefix), 0)
        return b.seccomp()

    def test_a_policy_of_the_callers_choice_counts_for_root_alone(self):
        self.assertIsNone(self.start([]))
        self.assertIsNotNone(self.start(["unshare", "-U", "-r"]))

    def test_and_only_if_it_is_roots_file(self):
        b = self.bundle(seccomp=ABSENT)
        before = b.snapshot()
        path = self.policy(mode="audit")
        os.chown(path, 65534, 65534)
        self.assertRefused(self.create(b, policy=path), path, "belongs to user 65534")
        self.assertUntouched(b, before)


@guardtest.needs_cli
class Listener(guardtest.Case):
    def test_one_that_is_replaced_is_on_record(self):
        """Without a rule that asks it runc starts the container, and an agent may wait for it."""
        for seccomp in ({"defaultAction": "SCMP_ACT_ALLOW"}, {"defaultAction": "SCMP_ACT_LOG"}):
            for mode, action in (("enforce", "inject"), ("audit", "would-inject")):
                b = self.bundle(seccomp={**seccomp, "listenerPath": "/run/agent.sock"})
                self.assertStatus(self.cli("apply", "--policy", self.policy(mode=mode), b.path), 0)
                record = self.decisions()[-1]
                self.assertEqual((record["action"], record["listener"], record["level"]),
                                 (action, "/run/agent.sock", "warning"))
                self.assertIn('names a listener, "/run/agent.sock"', record["msg"])


if __name__ == "__main__":
    guardtest.main()
