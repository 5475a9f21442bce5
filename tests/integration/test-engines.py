#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real engines with the wrapper as their runtime: what they ask for, and what the kernel says of what they get."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import engine  # noqa: E402
import guardtest  # noqa: E402

# What containerd's CRI writes into the configuration of a sandbox.
SANDBOX = {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": "0" * 64,
           "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}


# By which crun takes a program; here one that lets everything through.
PROGRAM = "run.oci.seccomp_bpf_data"


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Containerd(engine.Containerd):
    def test_a_ready_filter(self):
        self.set_policy(filter="ready")
        self.assertConfined(self.ctr(), "containerd")
        self.assertEqual(self.decisions()[-1].get("filter"), "ready" if self.runtime.name == "crun" else None)
        self.assertNotEqual(self.ctr(annotations={PROGRAM: "BgAAAAAA/38="}).status, 0)
        self.assertEqual(self.decisions()[-1]["reason"], "foreign")

    def test_a_sandbox_gets_a_profile_in_deny(self):
        self.set_policy(mode="deny")
        self.assertConfined(self.ctr(annotations=SANDBOX), "containerd")
        self.assertEqual([(r["engine"], r["sandbox"], r["action"], r["flavor"]) for r in self.decisions()],
                         [("containerd", True, "inject", "containerd")])
        done = self.ctr()
        self.assertNotEqual(done.status, 0)
        self.assertEqual(done.out, b"")
        self.assertIn("seccomp-guard", done.error)

    def test_privileged(self):
        self.assertUnconfined(self.ctr(options=["--privileged"]))
        self.assertEqual([(r["action"], r["privileged"]) for r in self.decisions()], [("exempt", True)])


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Podman(engine.Podman):
    def test_names(self):
        """By the engine's own file, in every form in which podman hands a container over."""
        self.set_policy(mode="deny", rules=[{"name": "one", "match": {"container": ["happy"]}, "mode": "enforce"}])
        self.assertConfined(self.podman("run", "--rm", "--name", "happy"), "containers")
        record = self.decisions()[-1]
        self.assertEqual((record["container"], record["rule"], record["action"]), ("happy", "one", "inject"))
        done = self.podman("run", "--rm", "--name", "sad")
        self.assertNotEqual(done.status, 0)
        self.assertIn("seccomp-guard: container sad refused: ", done.error)
        self.assertEqual(self.decisions()[-1]["container"], "sad")

    def test_a_ready_filter(self):
        """Put in behind the engine: it gets through to crun at each start, and a later process has it too. What a user
        passes by the same annotation is not ours."""
        self.set_policy(filter="ready")
        ready = "ready" if self.runtime.name == "crun" else None
        self.assertStatus(self.podman("run", "-d", "--name", "c", command_line=("/bin/probe", "pause")), 0)
        for _ in range(2):
            self.assertConfined(self.podman("exec", "c", "/bin/probe"), "containers")
            self.assertEqual(self.decisions()[-1].get("filter"), ready)
            self.assertStatus(self.podman("restart", "-t", "0", "c"), 0)
        self.assertEqual(len(self.decisions()), 3)
        self.podman("rm", "-f", "-t", "0", "c")
        done = self.podman("run", "--rm", "--annotation", PROGRAM + "=BgAAAAAA/38=")
        self.assertNotEqual(done.status, 0)
        self.assertEqual(self.decisions()[-1]["reason"], "foreign")

    def test_a_build_has_an_engine(self):
        context = os.path.join(self.tmp, "context")
        os.mkdir(context)
        with open(os.path.join(context, "Dockerfile"), "w", encoding="utf-8") as f:
            f.write('FROM scratch\nADD rootfs /\nRUN ["/bin/probe"]\n')
        shutil.copytree(self.rootfs, os.path.join(context, "rootfs"))
        done = self.podman("build", "--network", "none", "--security-opt", "seccomp=unconfined", context)
        self.assertStatus(done, 0)
        self.assertIn("Seccomp=2", done.text)
        self.assertEqual([(r["engine"], r["flavor"], r["action"]) for r in self.decisions()],
                         [("buildah", "containers", "inject")])

    def test_privileged(self):
        for mode in ("enforce", "deny"):
            self.set_policy(mode=mode)
            self.assertUnconfined(self.podman("run", "--rm", "--privileged", security=()))
        self.set_policy(privileged="refuse")
        self.assertNotEqual(self.podman("run", "--rm", "--privileged", security=()).status, 0)
        self.assertEqual([(r["action"], r["reason"]) for r in self.decisions()],
                         [("exempt", "privileged")] * 2 + [("refuse", "privileged")])

    def test_a_refusal_is_not_taken_for_something_else(self):
        """podman says "command not found" with 127, and "permission denied" with 126, by words in the runtime's output."""
        for keys in ({"profile": "localhost/none.json", "localhostRoot": self.tmp}, {"mode": "deny"}, {"profile": "/none"}):
            self.set_policy(**keys)
            done = self.podman("run", "--rm")
            self.assertIn(done.status, (125, 126))
            self.assertNotIn("not found", done.error)
            self.assertNotIn("permission denied", done.error)
            self.assertIn("seccomp-guard: container ", done.error)
            self.assertIn("(policy %s)" % self.guard_policy, done.error)
            self.assertEqual(self.decisions()[-1]["action"], "refuse")


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Docker(engine.Docker):
    def test_names_and_labels(self):
        self.set_policy(mode="deny", rules=[
            {"name": "by label", "match": {"label": {"team": "db*"}}, "mode": "enforce"},
            {"name": "by name", "match": {"container": ["happy"], "image": ["probe*"]}, "profile": "unconfined"}])
        self.assertConfined(self.docker("run", "--rm", "--name", "labelled", "--label", "team=db-1"))
        self.assertUnconfined(self.docker("run", "--rm", "--name", "happy"))
        done = self.docker("run", "--rm", "--name", "sad", "--label", "team=web")
        self.assertNotEqual(done.status, 0)
        self.assertIn("seccomp-guard: container sad refused: ", done.error)
        self.assertEqual([(r["container"], r["image"], r.get("rule"), r["action"]) for r in self.decisions()],
                         [("labelled", "probe", "by label", "inject"), ("happy", "probe", "by name", "exempt"),
                          ("sad", "probe", None, "refuse")])

    def test_a_ready_filter(self):
        self.set_policy(filter="ready")
        self.assertStatus(self.docker("run", "-d", "--name", "busy", command_line=("/bin/probe", "pause")), 0)
        self.assertConfined(self.docker("exec", "busy", "/bin/probe"))
        self.assertEqual(self.decisions()[-1].get("filter"), "ready" if self.runtime.name == "crun" else None)
        self.assertStatus(self.docker("rm", "-f", "busy"), 0)

    def test_unconfined_is_injected_into(self):
        self.assertConfined(self.docker("run", "--rm"))
        self.assertEqual([(r["engine"], r["action"], r["flavor"]) for r in self.decisions()], [("docker", "inject", "moby")])

    def test_a_refusal_is_not_taken_for_something_else(self):
        for keys in ({"profile": "localhost/none.json", "localhostRoot": self.tmp}, {"mode": "deny"}, {"profile": "/none"}):
            self.set_policy(**keys)
            done = self.docker("run", "--rm")
            self.assertStatus(done, 125)
            self.assertIn("seccomp-guard: container ", done.error)
            self.assertIn("(policy %s)" % self.guard_policy, done.error)
            self.assertEqual(self.decisions()[-1]["action"], "refuse")


if __name__ == "__main__":
    guardtest.main()
