#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The NRI plugin against an engine's side of NRI (tests/lib/nri.py), with the runtimes behind it.

Containers run in a mount namespace in which /run/seccomp-guard is a directory of the test's own, as in test-hook.py.
"""

import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import nri  # noqa: E402
from guardtest import HOOK, STRICT, command  # noqa: E402

NRI = guardtest.NRI
CREATE, VALIDATE = 0x8, 0x2000
SERVING = ("containerd-2.1", "containerd-2.2.0", "containerd-2.2", "containerd-2.3", "cri-o-1.33", "cri-o-1.34", "cri-o-1.37")


class PluginCase(guardtest.Case):
    """A plugin of its own, and engines that it finds at self.socket."""

    kind = "containerd-2.1"

    def setUp(self):
        super().setUp()
        self.state_dir = os.path.join(self.tmp, "run")
        os.mkdir(self.state_dir, 0o755)
        self.socket = os.path.join(self.tmp, "nri.sock")
        self.log = os.path.join(self.tmp, "plugin.log")
        self.guard_policy = self.policy()
        self.processes = []

    def _remove(self):
        for process in self.processes:
            process.kill()
            process.wait()
        super()._remove()

    def argv(self, *args):
        # The hook of this tree, and not one that is installed.
        return [*guardtest.in_own_run(self.state_dir), NRI, "--hook", HOOK, "--policy", self.guard_policy, *args]

    def spawn(self, *args, **kwargs):
        with open(self.log, "ab") as log:
            process = subprocess.Popen(self.argv("--socket", self.socket, *args), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **kwargs)
        self.processes.append(process)
        return process

    def said(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def engine(self, kind=None):
        engine = nri.Engine(self.socket, kind or self.kind)
        self.addCleanup(engine.listener.close)
        return engine

    def connected(self, kind=None, **kwargs):
        """An engine, the plugin, and their link when everything is ready."""
        engine = self.engine(kind)
        self.spawn()
        return engine, engine.plugin(**kwargs)

    def wait_for(self, condition, what):
        if not guardtest.until(condition):
            self.fail("did not happen: %s; the plugin said %s" % (what, self.said()))

    def set_policy(self, **keys):
        os.rename(self.policy(**keys), self.guard_policy)

    def assertHooks(self, adjust):
        """Two hooks, told all they need; nothing else at the stages."""
        hooks = adjust["hooks"]
        self.assertEqual(set(hooks), {"create_runtime", "poststart"})
        for field, stage in (("create_runtime", "createRuntime"), ("poststart", "poststart")):
            self.assertEqual(hooks[field], [{"path": HOOK, "args": ["seccomp-guard-hook", "--stage", stage, "--policy", self.guard_policy],
                                             "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}])


@unittest.skipUnless(NRI, "seccomp-guard-nri is not built")
@guardtest.needs_root
class Registers(PluginCase):
    def test_subscribes_what_the_engine_knows(self):
        for kind in SERVING:
            with self.subTest(engine=kind):
                engine, link = self.connected(kind)
                validates = engine.last >= 14
                self.assertEqual(link.registration, {"plugin_name": "seccomp-guard", "plugin_idx": "90"})
                self.assertEqual(link.events, CREATE | (VALIDATE if validates else 0))
                self.assertIn("registered with %s %s as 90-seccomp-guard" % (engine.name, engine.version), self.said())
                # Where a failing plugin cannot be told from none, that is said.
                self.assertEqual("NRI before 0.10" in self.said(), not validates)
                engine.stop()
                self.processes.pop().kill()
                os.unlink(self.log)

    def test_an_engine_that_turns_the_subscription_away(self):
        """It says to know the event, as a build by somebody else may; then hooks alone are registered, and it is said."""
        engine = self.engine("containerd-2.3")
        engine.last = 12
        self.spawn()
        with self.assertRaises(nri.Closed):
            engine.plugin()
        link = engine.plugin()
        self.assertEqual(link.events, CREATE)
        self.assertIn("NRI before 0.10", self.said())
        # The next engine may be a newer one.
        link.close()
        engine.last = 14
        self.assertEqual(engine.plugin().events, CREATE | VALIDATE)

    def test_names(self):
        engine = self.engine()
        self.spawn("--name", "guard.x_1", "--index", "07")
        self.assertEqual(engine.plugin().registration, {"plugin_name": "guard.x_1", "plugin_idx": "07"})
        for wrong in (["--index", "7"], ["--index", "ab"], ["--name", ""], ["--name", "a/b"], ["--hook", "x"], ["--policy", "x"], ["--nonsense"], ["x"]):
            done = command([NRI, *wrong])
            self.assertEqual((done.status, done.out), (1, b""), done)
            self.assertTrue(done.error.startswith("seccomp-guard-nri: "), done)

    def test_help_and_version(self):
        for option in ("--help", "--version"):
            done = command([NRI, option])
            self.assertEqual((done.status, done.err), (0, b""), done)
            self.assertIn("seccomp-guard-nri", done.text)
            self.assertTrue(all(len(line) <= 80 for line in done.text.splitlines()))

    def test_engine_comes_later_goes_and_comes_back(self):
        self.spawn()
        self.wait_for(lambda: "cannot connect to " + self.socket in self.said(), "saying that there is no engine")
        for _ in range(3):
            engine = self.engine()
            link = engine.plugin()
            code, adjust = link.create(nri.pod(), nri.container())
            self.assertEqual(code, 0, adjust)
            self.assertHooks(adjust)
            engine.stop()
        # Once each time, however often it was tried.
        self.assertLessEqual(self.said().count("cannot connect to"), 4)

    def test_an_engine_that_does_not_answer_is_left(self):
        """A socket of something that takes connections and says nothing, or closes them at once."""
        engine = self.engine()
        self.spawn()
        for _ in range(3):
            engine.accept().close()
        link = engine.plugin()
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_all_that_the_node_has_in_pieces(self):
        engine = self.engine()
        self.spawn()
        link = engine.accept()
        link.register()
        link.configure(engine.name, engine.version)
        many = [nri.container(name="c%d" % i, env=["X=" + "y" * 500]) for i in range(400)]
        for size in (1, 37, 4096, 100000):
            with self.subTest(frame=size):
                part = many if size > 1 else many[:3]
                self.assertEqual(link.synchronize([nri.pod()], part, more=True, size=size), {"more": 1})
        # The largest that ttrpc allows, and one frame.
        whole = nri.encode("Synchronize", {"containers": [nri.container(env=["X=" + "y" * 4190000])]})
        self.assertLess(len(whole), 4 << 20)
        self.assertEqual(link.call("Synchronize", whole, size=5 << 20)[0], 0)
        self.assertEqual(link.synchronize(), {})
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_what_is_not_served(self):
        _, link = self.connected()
        for method in ("StateChange", "PostStartContainer", "createContainer", ""):
            self.assertEqual(link.call(method, b"")[0], 12)
        self.assertEqual(link.call("CreateContainer", b"", service="nri.pkg.api.v1alpha1.Runtime")[0], 12)
        self.assertEqual(link.call("Shutdown", b""), (0, b""))
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_other_connections_and_types_are_passed_over(self):
        _, link = self.connected()
        for connection in (0, 3, 7, 2 ** 32 - 1):
            link.send(connection, b"x" * 9000)
        for kind in (0, 2, 3, 255):
            link.send(nri.TO_PLUGIN, nri.ttrpc(99, kind, b"data"))
        link.send(nri.TO_ENGINE, nri.ttrpc(99, 1, b"data"))
        link.sock.sendall(nri.frame(1, b"") * 5)
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)


@unittest.skipUnless(NRI, "seccomp-guard-nri is not built")
@guardtest.needs_root
class Preinstalled(PluginCase):
    """Started by the engine, with a socket in the environment."""

    def launch(self, **kwargs):
        process, link = nri.preinstalled(self.argv(), **kwargs)
        self.processes.append(process)
        return process, link

    def test_serves_and_ends_with_the_engine(self):
        process, link = self.launch(name="guard", index="42")
        engine = nri.ENGINES["containerd-2.3"]
        self.assertEqual(link.register(), {"plugin_name": "guard", "plugin_idx": "42"})
        self.assertEqual(link.configure(*engine[:3]), CREATE | VALIDATE)
        link.synchronize()
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)
        link.close()
        self.assertEqual(nri.wait_gone(process), 0)
        # Engines give it no standard error: what it has to say is on record.
        notices = [r for r in self.decisions() if r["event"] == "nri"]
        self.assertIn("registered with containerd v2.3.4 as 42-guard", notices[0]["msg"])
        self.assertIn("closed", notices[-1]["msg"])

    def test_an_old_engine_is_not_asked_for_what_it_turns_away(self):
        """It would be killed for it, and not be started again."""
        for kind in ("containerd-2.1", "cri-o-1.33"):
            _, link = self.launch()
            link.register()
            self.assertEqual(link.configure(*nri.ENGINES[kind][:3]), CREATE)
        _, link = self.launch()
        link.register()
        self.assertEqual(link.configure("containerd", "mainline", ""), CREATE)

    def test_no_descriptor(self):
        for wrong in ("", "x", "-1", "77", "99999999999"):
            done = command([NRI], env={"NRI_PLUGIN_SOCKET": wrong})
            self.assertEqual(done.status, 1, done)
            self.assertIn("NRI_PLUGIN_SOCKET", done.error)


@unittest.skipUnless(NRI, "seccomp-guard-nri is not built")
@guardtest.needs_root
class Broken(PluginCase):
    """What is no NRI ends the connection, never the plugin; what is only wrong is refused."""

    def assertServes(self, engine):
        link = engine.plugin()
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_no_nri(self):
        engine, link = self.connected()
        wrong = {
            "a frame that is too long": struct.pack(">II", 1, 5 << 20),
            "a message that is too long": nri.frame(1, struct.pack(">IIBB", (4 << 20) + 1, 1, 1, 0)),
            "text": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 100,
            "a request that is none": nri.frame(1, nri.ttrpc(1, 1, b"\xff\xff\xff")),
            "a response that is none": nri.frame(2, nri.ttrpc(1, 2, b"\x0a\x7f")),
            "a configuration that is none": nri.frame(1, nri.ttrpc(1, 1, nri.encode("Request", {
                "service": nri.PLUGIN, "method": "Configure", "payload": b"\x07"}))),
        }
        for what, data in wrong.items():
            with self.subTest(what):
                link.sock.sendall(data)
                with self.assertRaises((nri.Closed, ConnectionError)):
                    link.read(nri.TO_PLUGIN)
                link = engine.plugin()
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_engine_dies_at_any_byte(self):
        engine = self.engine()
        self.spawn()
        request = nri.encode("Request", {"service": nri.PLUGIN, "method": "CreateContainer", "payload": nri.encode("Create", {
            "pod": nri.pod(), "container": nri.container()})})
        whole = nri.frames(1, nri.ttrpc(1, 1, request))
        for cut in (1, 7, 8, 9, 17, 18, 19, len(whole) // 2, len(whole) - 1, len(whole)):
            link = engine.plugin()
            link.sock.sendall(whole[:cut])
            link.close()
        self.assertServes(engine)

    def test_byte_by_byte(self):
        _, link = self.connected()
        request = nri.encode("Request", {"service": nri.PLUGIN, "method": "CreateContainer", "payload": nri.encode("Create", {
            "pod": nri.pod(), "container": nri.container()})})
        for i in nri.frames(nri.TO_PLUGIN, nri.ttrpc(101, 1, request), size=700):
            link.sock.send(bytes([i]))
        code, payload = link.answer(101)
        self.assertEqual(code, 0)
        self.assertHooks(nri.decode("Created", payload)["adjust"])

    def test_refused_registration_is_said(self):
        engine = self.engine()
        self.spawn()
        link = engine.accept()
        stream, _, _ = link.read(nri.TO_ENGINE)
        link.send(nri.TO_ENGINE, nri.ttrpc(stream, 2, nri.encode("Response", {"status": {"code": 3, "message": "no external \x1bplugins"}})))
        self.wait_for(lambda: "does not register the plugin: no external " in self.said(), "saying so")
        self.assertNotIn("\x1b", self.said())
        self.assertServes(engine)

    def test_requests_that_are_none_are_refused(self):
        _, link = self.connected()
        good = nri.encode("Create", {"pod": nri.pod(), "container": nri.container()})
        for payload in (b"\xff", good[:-1], good + b"\x0a", b"\x12\x05hello",
                        nri.encode("Create", {"container": nri.container(annotations={"a\0b": "c"})})):
            code, text = link.call("CreateContainer", payload)
            self.assertEqual(code, 9, text)
            self.assertTrue(text.startswith("seccomp-guard: "), text)
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_garbage(self):
        engine, link = self.connected()
        seed = random.Random(16)
        for _ in range(30):
            data = bytearray(nri.frames(1, nri.ttrpc(1, 1, nri.encode("Request", {"service": nri.PLUGIN, "method": "CreateContainer", "payload": (
                nri.encode("Create", {"pod": nri.pod(), "container": nri.container()}))}))))
            for _ in range(seed.randrange(1, 8)):
                data[seed.randrange(len(data))] = seed.randrange(256)
            try:
                link.sock.sendall(bytes(data))
                link.sock.shutdown(socket.SHUT_WR)
                while link.sock.recv(65536):
                    pass
            except ConnectionError:
                pass
            link.close()
            link = engine.plugin()
        self.assertIsNone(self.processes[0].poll())


@unittest.skipUnless(NRI, "seccomp-guard-nri is not built")
@guardtest.needs_root
class Refuses(PluginCase):
    """Fail closed, in time, with our text for the user of the engine."""

    def assertRefusedBy(self, got, *words):
        code, text = got
        self.assertEqual(code, 9, text)
        self.assertTrue(text.startswith("seccomp-guard: "), text)
        self.assertTrue(text.isprintable(), text)
        for word in words:
            self.assertIn(word, text)

    def test_broken_policy(self):
        _, link = self.connected()
        self.file(os.path.basename(self.guard_policy), '{"mode": "enforced"}')
        self.assertRefusedBy(link.create(nri.pod(), nri.container()), "container web (shop/web-0)", "policy", self.guard_policy + ":1:", '"enforced"')
        self.set_policy()
        self.assertEqual(link.create(nri.pod(), nri.container())[0], 0)

    def test_hook_is_missing(self):
        engine = self.engine()
        self.spawn("--hook", self.tmp + "/gone")
        link = engine.plugin()
        self.assertRefusedBy(link.create(nri.pod(), nri.container()), self.tmp + "/gone", "--hook")
        self.assertEqual([(r["entry"], r["stage"], r["action"], r["reason"], r["namespace"], r["pod"]) for r in self.decisions()],
                         [("nri", "CreateContainer", "refuse", "hook-missing", "shop", "web-0")])

    def test_kill_switch(self):
        _, link = self.connected()
        self.file(os.path.basename(self.guard_policy), "broken")
        with open(os.path.join(self.state_dir, "disable"), "w", encoding="ascii"):
            pass
        self.assertEqual(link.create(nri.pod(), nri.container()), (0, {}))
        self.assertEqual(link.call("CreateContainer", b"\xff"), (0, b""))

    def test_handlers_that_are_left_alone(self):
        engine = self.engine("containerd-2.3")
        self.spawn("--skip", "kata", "--skip", "gvisor")
        link = engine.plugin()
        for handler, wanted in (("kata", set()), ("gvisor", set()), ("", {"hooks", "profile"}), ("kata2", {"hooks", "profile"})):
            code, adjust = link.create(nri.pod(runtime_handler=handler), nri.container())
            self.assertEqual((code, shape(adjust)), (0, wanted), handler)
        profile = {"linux": {"seccomp_policy": nri.seccomp_message({"defaultAction": "SCMP_ACT_ALLOW"})}}
        self.assertEqual(link.validate(nri.pod(runtime_handler="kata"), nri.container(), profile, "95-other"), {})
        # Whatever else is wrong.
        self.file(os.path.basename(self.guard_policy), "broken")
        self.assertEqual(link.create(nri.pod(runtime_handler="kata"), nri.container()), (0, {}))
        done = command([NRI, *["--skip", "x"] * 17])
        self.assertEqual(done.status, 1)

    def test_hooks_that_are_there_are_not_added_again(self):
        _, link = self.connected()
        there = {"create_runtime": [{"path": HOOK, "args": ["x"]}]}
        self.assertEqual(link.create(nri.pod(), nri.container(hooks=there)), (0, {}))
        other = {"create_runtime": [{"path": HOOK + "x"}]}
        self.assertHooks(link.create(nri.pod(), nri.container(hooks=other))[1])

    def tampered(self, what):
        """A link to a plugin whose judging processes have `what` done to them, by strace, when they look for the hook."""
        _, link = self.connected(timeout=1000)
        # unshare and sh have become the plugin.
        plugin = self.processes[-1].pid
        with open(os.path.join(self.tmp, "strace"), "wb") as log:
            tracer = subprocess.Popen(["strace", "-f", "-o", "/dev/null", "-e", "trace=?access,faccessat", "-e", "inject=?access,faccessat:" + what,
                                       "-p", str(plugin)], stdout=log, stderr=log)
        # The plugin is killed first; then strace ends by itself.
        self.processes.append(tracer)

        def traced():
            with open("/proc/%d/status" % plugin, encoding="ascii") as f:
                return "TracerPid:\t%d\n" % tracer.pid in f.read()
        self.wait_for(traced, "tracing")
        return link

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_a_judge_that_hangs(self):
        """Refused after half of what the engine waits, and the connection is as good as before."""
        link = self.tampered("delay_enter=20000000")
        for _ in range(2):
            start = time.monotonic()
            self.assertRefusedBy(link.create(nri.pod(), nri.container()), "within 500 ms")
            self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(link.synchronize(), {})

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_a_judge_that_dies(self):
        link = self.tampered("signal=SIGSEGV")
        for _ in range(2):
            self.assertRefusedBy(link.create(nri.pod(), nri.container()), "signal 11")
        self.assertEqual(link.synchronize(), {})


class ContainerCase(PluginCase):
    """What the plugin asks for, carried out by a runtime."""

    def call(self, *args, **kwargs):
        return command([*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, self.runtime.path, "--root", self.root, *args], **kwargs)

    def adjusted(self, link, container=None, **kwargs):
        """A bundle as the engine writes it after having asked the plugin."""
        container = container or nri.container()
        config = bundles.config(annotations=container["annotations"], **kwargs)
        code, self.adjust = link.create(nri.pod(), container)
        self.assertEqual(code, 0, self.adjust)
        return self.bundle(raw=bundles.encode(nri.apply(config, self.adjust)))

    def run_one(self, b):
        return self.call("run", "--bundle", b.path, self.container_id())


@unittest.skipUnless(NRI and HOOK, "seccomp-guard-nri is not built")
@guardtest.needs_live
@guardtest.all_runtimes
class Hooks(ContainerCase):
    def test_confined_by_hooks(self):
        for kind, engine in (("containerd-2.1", "containerd"), ("cri-o-1.33", "cri-o")):
            with self.subTest(kind):
                engine_side, link = self.connected(kind)
                self.assertConfined(self.run_one(self.adjusted(link, nri.container(engine))), engine)
                self.assertEqual(self.decisions()[-1]["entry"], "hook")
                engine_side.stop()
                self.processes.pop().kill()

    def test_own_profile_is_kept(self):
        _, link = self.connected()
        seen = self.probed(self.run_one(self.adjusted(link, seccomp=STRICT)))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"]), (2, 1, 13))

    def test_refused_by_the_hook(self):
        _, link = self.connected()
        self.set_policy(mode="deny")
        done = self.run_one(self.adjusted(link))
        self.assertNotEqual(done.status, 0)
        self.assertNotIn(b"Seccomp=", done.out)
        # crun does not tell what a hook has said.
        if self.runtime.name == "runc":
            self.assertIn("seccomp-guard: container web (shop/web-0) refused: the container has no seccomp profile", done.error)
        self.assertEqual([(r["entry"], r["action"]) for r in self.decisions()], [("hook", "refuse")])


def told(engine="containerd", profile=None, policy=None, **kwargs):
    """A container with what the engine tells of its seccomp profile: `profile` as it was asked for, `policy` as it is."""
    linux = {}
    if profile is not None:
        linux["seccomp_profile"] = {"profile_type": {"default": 0, "unconfined": 1, "localhost": 2}[profile]}
    if policy is not None:
        linux["seccomp_policy"] = nri.seccomp_message(policy)
    return nri.container(engine, linux=linux, **kwargs)


def crio(path, **kwargs):
    """CRI-O tells by an annotation alone."""
    return nri.container("cri-o", annotations={"io.kubernetes.cri-o.SeccompProfilePath": path}, **kwargs)


def shape(adjust):
    """What is asked for: {"hooks", "profile"} or less."""
    return {"hooks"} & set(adjust) | ({"profile"} if "seccomp_policy" in adjust.get("linux", {}) else set())


# How each engine tells of containers that have no profile, and of those of which it is not told, or that have one.
BARE = {
    "containerd-2.3": [told(), told(profile="unconfined")],
    "cri-o-1.37": [crio("Unconfined")],
}
# The same, where the engine dies of a rule with an error number.
FRAGILE = {"containerd-2.2": [told(), told(profile="unconfined")], "cri-o-1.34": [crio("Unconfined")]}
LEFT_TO_THE_HOOK = {
    "containerd-2.1": [told(), told(profile="unconfined"), nri.container(privileged=True)],
    "containerd-2.2.0": [told(), nri.container(privileged=True)],
    # Its word for a privileged container that has none is RuntimeDefault.
    "containerd-2.2": [told(profile="default"), told(profile="localhost"), told(profile="default", privileged=True), told(privileged=True),
                       # By another plugin that is asked before.
                       told(policy={"defaultAction": "SCMP_ACT_ALLOW"})],
    "containerd-2.3": [told(profile="default"), told(profile="localhost"), told(profile="default", privileged=True),
                       told(profile="unconfined", privileged=True), told(profile="localhost", policy=STRICT)],
    "cri-o-1.33": [crio("Unconfined")],
    "cri-o-1.34": [crio(""), nri.container("cri-o"), crio("RuntimeDefault"), crio("/var/lib/kubelet/seccomp/x.json"),
                   crio("Unconfined", privileged=True), told("cri-o", policy=STRICT)],
}


@unittest.skipUnless(NRI, "seccomp-guard-nri is not built")
@guardtest.needs_root
class Policy(PluginCase):
    """Where the plugin has the engine set a profile, and where it does not, by engine and by "nri" in the policy."""

    def each(self, table, **kwargs):
        for kind, containers in table.items():
            engine, link = self.connected(kind)
            for i, container in enumerate(containers):
                with self.subTest(kind=kind, container=i, **kwargs):
                    yield link, container
            engine.stop()
            self.processes.pop().kill()

    def create(self, link, container):
        code, adjust = link.create(nri.pod(), container)
        self.assertEqual(code, 0, adjust)
        return adjust

    def test_a_part_and_the_hook(self):
        """The default: what holds for every set of capabilities, and the hook, which records."""
        for way in (None, "auto", "both"):
            self.set_policy(**({"nri": way} if way else {}))
            for link, container in self.each(BARE, way=way):
                adjust = self.create(link, container)
                self.assertHooks(adjust)
                self.assertEqual(shape(adjust), {"hooks", "profile"})
        self.assertEqual([r for r in self.decisions() if r["event"] == "decision"], [])

    def test_an_engine_that_dies_of_error_numbers(self):
        """Before NRI 0.12 a profile is set only if it has none: containerd's RuntimeDefault for all capabilities. The hook does the rest."""
        plain = self.file("plain.json", json.dumps(STRICT))
        without = self.file("without.json", json.dumps({k: v for k, v in STRICT.items() if k != "defaultErrnoRet"}))
        for keys, containerd in (({}, {"hooks", "profile"}), ({"nri": "both"}, {"hooks", "profile"}), ({"nri": "policy"}, {"hooks", "profile"}),
                                 ({"profile": plain}, {"hooks"}), ({"profile": plain, "nri": "policy"}, {"hooks"}),
                                 ({"profile": without}, {"hooks", "profile"}), ({"profile": without, "nri": "policy"}, {"hooks", "profile"}),
                                 ({"mode": "complain", "nri": "policy"}, {"hooks", "profile"})):
            self.set_policy(**keys)
            for link, container in self.each(FRAGILE, **keys):
                crio_too = containerd if keys.get("profile") == without or "mode" in keys else {"hooks"}
                engine = "cri-o" if "io.container.manager" in container["annotations"] else "containerd"
                self.assertEqual(shape(self.create(link, container)), containerd if engine == "containerd" else crio_too, keys)

    def test_hooks(self):
        self.set_policy(nri="hooks")
        for table in (BARE, FRAGILE, LEFT_TO_THE_HOOK):
            for link, container in self.each(table):
                self.assertEqual(shape(self.create(link, container)), {"hooks"})

    def test_policy(self):
        self.set_policy(nri="policy")
        for link, container in self.each(BARE):
            self.assertEqual(shape(self.create(link, container)), {"profile"})
            record = self.decisions()[-1]
            self.assertEqual((record["entry"], record["action"], record["finding"], record["injector"], record["namespace"], record["container"]),
                             ("nri", "inject", "absent", "nri", "shop", "web"))

    def test_what_is_not_told_is_left_to_the_hook(self):
        for way in ("auto", "both", "policy"):
            self.set_policy(nri=way)
            for link, container in self.each(LEFT_TO_THE_HOOK, way=way):
                if way == "policy" and container["linux"].get("seccomp_policy") and link.events & VALIDATE and \
                        container["linux"].get("seccomp_profile"):
                    continue  # test_policy_keeps
                self.assertEqual(shape(self.create(link, container)), {"hooks"})
        self.assertEqual([r for r in self.decisions() if r["event"] == "decision"], [])

    def test_policy_keeps_and_records(self):
        """containerd 2.3 tells all that there is to know of a container with a profile."""
        self.set_policy(nri="policy")
        _, link = self.connected("containerd-2.3")
        self.assertEqual(self.create(link, told(profile="localhost", policy=STRICT)), {})
        self.assertEqual([(r["entry"], r["action"], r["finding"]) for r in self.decisions()], [("nri", "keep", "confined")])

    def test_nothing_is_weak_for_capabilities_that_are_not_told(self):
        """RuntimeDefault of a container with CAP_SYS_ADMIN lets mount through; with "weak": "refuse" that is no reason."""
        text = self.cli("profile", "--flavor", "containerd", "--caps", "CAP_SYS_ADMIN").text
        own = told(profile="default", policy=json.loads(text))
        for way in ("both", "policy"):
            self.set_policy(nri=way, weak="refuse")
            _, link = self.connected("containerd-2.3") if way == "both" else (None, link)
            self.create(link, own)
            code, text = link.create(nri.pod(), told(profile="localhost", policy=guardtest.WEAK))
            self.assertEqual(code, 9)
            self.assertIn('"weak": "refuse"', text)

    def test_profile_files(self):
        """One that says nothing of capabilities is what each container gets; one that does is the hook's matter."""
        plain = self.file("plain.json", json.dumps(STRICT))
        by_caps = self.file("caps.json", json.dumps({**STRICT, "syscalls": [
            *STRICT["syscalls"], {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_CHOWN"]}}]}))
        for path, way, wanted in ((plain, "both", {"hooks", "profile"}), (plain, "policy", {"profile"}),
                                  (by_caps, "both", {"hooks"}), (by_caps, "policy", {"profile"})):
            self.set_policy(nri=way, profile=path)
            for link, container in self.each(BARE, path=path, way=way):
                before = len(self.decisions())
                self.assertEqual(shape(self.create(link, container)), wanted)
                self.assertEqual(len(self.decisions()) - before, 1 if "profile" in wanted else 0)

    def test_refused_with_our_text(self):
        self.set_policy(mode="deny")
        for link, container in self.each(BARE):
            code, text = link.create(nri.pod(), container)
            self.assertEqual(code, 9)
            self.assertTrue(text.startswith("seccomp-guard: container web (shop/web-0) refused: the container has no seccomp profile, and the policy "
                                            'says "mode": "deny"'), text)
            self.assertEqual(self.decisions()[-1]["action"], "refuse")
        # Only the hook can tell whether such a container is privileged, which is exempt.
        for link, container in self.each({"containerd-2.3": [told(profile="unconfined", privileged=True)]}):
            self.assertEqual(shape(self.create(link, container)), {"hooks"})

    def test_audit(self):
        self.set_policy(mode="audit")
        for link, container in self.each(BARE):
            self.assertEqual(shape(self.create(link, container)), {"hooks"})
        self.set_policy(mode="audit", nri="policy")
        for link, container in self.each(BARE):
            self.assertEqual(self.create(link, container), {})
            self.assertEqual(self.decisions()[-1]["action"], "would-inject")

    def test_rules_and_annotations(self):
        self.set_policy(rules=[{"name": "r", "match": {"namespace": ["shop"], "container": ["old"]}, "profile": "unconfined"}])
        _, link = self.connected("containerd-2.3")
        self.assertEqual(shape(self.create(link, told(name="old"))), {"hooks"})
        self.assertEqual(shape(self.create(link, told(name="new"))), {"hooks", "profile"})
        opted = told(annotations={"seccomp-guard/profile": "unconfined"})
        self.assertEqual(shape(self.create(link, opted)), {"hooks"})
        code, text = link.create(nri.pod(), told(annotations={"seccomp-guard/profile": "localhost/../x"}))
        self.assertEqual(code, 9)
        self.assertIn("localhost", text)

    def test_errno_by_default_is_listed(self):
        """Engines drop defaultErrnoRet: what CRI-O's profile answers ENOSYS is in a list."""
        _, link = self.connected("cri-o-1.37")
        seccomp = self.create(link, crio("Unconfined"))["linux"]["seccomp_policy"]
        self.assertNotIn("default_errno", seccomp)
        last = seccomp["syscalls"][-1]
        self.assertEqual((last["action"], last["errno_ret"], "args" in last), ("SCMP_ACT_ERRNO", {"value": 38}, False))
        # More than a frame takes.
        self.assertEqual(link.largest, nri.MAX_FRAME)
        named = [name for rule in seccomp["syscalls"][:-1] for name in rule["names"]]
        self.assertEqual(set(named) & set(last["names"]), set())
        self.assertIn("add_key", last["names"])
        # One that answers EPERM says so without.
        self.processes.pop().kill()
        os.unlink(self.socket)
        _, link = self.connected("containerd-2.3")
        seccomp = self.create(link, told())["linux"]["seccomp_policy"]
        self.assertEqual([r for r in seccomp["syscalls"] if len(r["names"]) > 1 and r.get("errno_ret", {}).get("value") == 38], [])

    def test_recorded(self):
        """What containerd and CRI-O themselves have sent, see tests/data/README.md."""
        told_all = {"unconfined": {"hooks", "profile"}, "unset": {"hooks", "profile"}, "sysadmin": {"hooks", "profile"}}
        # A container that asks for nothing is one whose annotation CRI-O leaves empty; 1.35 dies of error numbers.
        by_annotation = {"unconfined": {"hooks", "profile"}, "sysadmin": {"hooks", "profile"}}
        for kind, wanted in (("containerd-2.1.9", None), ("containerd-2.2.7", told_all), ("containerd-2.3.4", told_all),
                             ("cri-o-1.35.6", {}), ("cri-o-1.37.0", by_annotation)):
            directory = os.path.join(guardtest.DATA, "nri", kind)

            def read(name, directory=directory):
                with open(os.path.join(directory, name), "rb") as f:
                    return f.read()
            engine = self.engine("containerd-2.3")
            self.spawn()
            link = engine.accept()
            link.register()
            code, payload = link.call("Configure", read("configure.bin"))
            self.assertEqual((code, nri.decode("Configured", payload)["events"]), (0, CREATE | (VALIDATE if wanted is not None else 0)))
            self.assertEqual(link.call("Synchronize", read("synchronize.bin")), (0, b""))
            names = [name[len("create-"):-len(".bin")] for name in sorted(os.listdir(directory)) if name.startswith("create-")]
            self.assertEqual(len(names), 7)
            for name in names:
                with self.subTest(kind=kind, container=name):
                    code, payload = link.call("CreateContainer", read("create-%s.bin" % name))
                    self.assertEqual(code, 0, payload)
                    self.assertEqual(shape(nri.decode("Created", payload)["adjust"]), (wanted or {}).get(name, {"hooks"}))
            for name in sorted(os.listdir(directory)):
                if name.startswith("validate-"):
                    self.assertEqual(link.call("ValidateContainerAdjustment", read(name)), (0, b""))
            engine.stop()
            self.processes.pop().kill()

    def test_another_plugin(self):
        """The engine refuses two that set the profile, and names them; what another sets after us is judged at the end."""
        open_profile = nri.seccomp_message({"defaultAction": "SCMP_ACT_ALLOW"})
        strict = nri.seccomp_message(STRICT)
        _, link = self.connected("containerd-2.3")
        for way in ("both", "policy"):
            self.set_policy(nri=way)
            bare = told(profile="localhost", policy=STRICT)
            adjust = self.create(link, bare)

            def validated(profile, owner, adjust=adjust, bare=bare):
                return link.validate(nri.pod(), bare, {**adjust, **({"linux": {"seccomp_policy": profile}} if profile else {})}, owner)
            for profile, owner in ((None, ""), (strict, "95-other"), (open_profile, "90-seccomp-guard")):
                self.assertEqual(validated(profile, owner), {}, (way, owner))
            got = validated(open_profile, "95-other")
            # The hook is there to judge it.
            if way == "both":
                self.assertEqual(got, {})
                continue
            self.assertEqual(got["reject"], 1)
            self.assertTrue(got["reason"].startswith(
                'seccomp-guard: container web (shop/web-0) refused: NRI plugin "95-other" has set its seccomp profile'), got)
            self.set_policy(nri=way, mode="audit")
            self.assertEqual(validated(open_profile, "95-other"), {})

    def test_validating_fails_closed(self):
        _, link = self.connected("containerd-2.3")
        self.file(os.path.basename(self.guard_policy), "broken")
        got = link.validate(nri.pod(), told(), {}, "")
        self.assertEqual(got["reject"], 1)
        self.assertIn("policy", got["reason"])


@unittest.skipUnless(NRI and HOOK, "seccomp-guard-nri is not built")
@guardtest.needs_live
@guardtest.all_runtimes
class Profiles(ContainerCase):
    """A profile that the engine has set, with the hook and without."""

    kind = "containerd-2.3"
    engines = (("containerd-2.3", "containerd", told), ("cri-o-1.37", "cri-o", lambda: crio("Unconfined")))

    def each_engine(self):
        for kind, flavor, container in self.engines:
            with self.subTest(kind):
                engine, link = self.connected(kind)
                yield link, flavor, container()
                engine.stop()
                self.processes.pop().kill()

    def paused(self, b):
        """Started, and what a probe in an exec says."""
        cid, out = self.container_id(), self.file("out", b"")
        argv = [*guardtest.in_own_run(self.state_dir), *self.runtime.prefix, self.runtime.path, "--root", self.root]
        with open(out, "wb") as f:
            status = subprocess.run([*argv, "run", "--detach", "--bundle", b.path, cid], stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                                    timeout=60, check=False).returncode
        with open(out, "rb") as f:
            self.assertEqual(status, 0, f.read())
        done = self.call("exec", cid, "/bin/probe")
        self.assertStatus(self.call("delete", "--force", cid), 0)
        return self.probed(done)

    def test_both(self):
        """The part that the engine sets, and over it RuntimeDefault for the capabilities, by the hook, once on record."""
        for link, flavor, container in self.each_engine():
            seen = self.assertConfined(self.run_one(self.adjusted(link, container)), flavor)
            self.assertEqual(seen["Seccomp_filters"], 2)
            record = self.decisions()[-1]
            self.assertEqual((record["entry"], record["action"], record["injector"], record["finding"], record["exec"]),
                             ("hook", "inject", "live", "absent", "weak"))
        self.assertEqual(len([r for r in self.decisions() if r["event"] == "decision"]), 2)

    def test_exec(self):
        """With the hook alone what is executed later has no filter; now it has the part, and in "policy" all."""
        for way, filters in (("hooks", 0), ("both", 2), ("policy", 2)):
            self.set_policy(nri=way)
            for link, _, container in self.each_engine():
                seen = self.paused(self.adjusted(link, container, args=["/bin/probe", "pause"]))
                self.assertEqual(seen["Seccomp"], filters, way)

    def test_capabilities_that_are_not_told_break_nothing(self):
        """With CAP_SYS_ADMIN RuntimeDefault lets unshare through; without it does not."""
        caps = [*bundles.DEFAULT_CAPS, "CAP_SYS_ADMIN"]
        for link, _, container in self.each_engine():
            seen = self.probed(self.run_one(self.adjusted(link, container, caps=caps)))
            self.assertEqual((seen["Seccomp"], seen["unshare"]), (2, 0))

    def test_policy(self):
        self.set_policy(nri="policy")
        for link, flavor, container in self.each_engine():
            done = self.run_one(self.adjusted(link, container))
            seen = self.probed(done)
            # A rule for a call that has others says EACCES for EPERM, as EPERM is now the default, which runtimes leave out.
            denied = {**guardtest.DENIED[flavor], **({"vsock": 13} if flavor == "cri-o" else {})}
            self.assertEqual({name: seen[name] for name in denied}, denied, done)
            self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["uname"]), (2, 1, 0))
            self.assertEqual(set(self.adjust), {"linux"})
        self.assertEqual([r["entry"] for r in self.decisions() if r["event"] == "decision"], ["nri", "nri"])

    def test_a_profile_file(self):
        """It does not depend on capabilities: the engine sets it, the hook finds it and says nothing more."""
        self.set_policy(profile=self.file("strict.json", json.dumps(
            {**STRICT, "defaultErrnoRet": 38, "syscalls": [*STRICT["syscalls"], {"names": ["pselect6", "setresgid", "setresuid"],
                                                                                 "action": "SCMP_ACT_ALLOW"}]})))
        for link, _, container in self.each_engine():
            seen = self.probed(self.run_one(self.adjusted(link, container)))
            self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"], seen["keyctl"]), (2, 1, 38, 38))
        self.assertEqual([r["entry"] for r in self.decisions() if r["event"] == "decision"], ["nri", "nri"])

    def test_the_wrapper_behind(self):
        """It takes the part for what it is, and puts RuntimeDefault in its place."""
        for link, flavor, container in self.each_engine():
            b = self.adjusted(link, container)
            config = json.loads(b.read())
            del config["hooks"]
            b = self.bundle(raw=bundles.encode(config))
            argv = self.guarded_argv("run", "--bundle", b.path, self.container_id(), policy=self.guard_policy)
            seen = self.assertConfined(command([*guardtest.in_own_run(self.state_dir), *argv]), flavor)
            self.assertEqual(seen["Seccomp_filters"], 1)
            self.assertEqual((self.decisions()[-1]["entry"], self.decisions()[-1]["action"]), ("wrapper", "inject"))

    def test_a_part_of_somebody_else_is_no_part(self):
        """Without this host's mark the same profile is the container's own, and weak."""
        _, link = self.connected()
        b = self.adjusted(link, told())
        config = json.loads(b.read())
        names = config["linux"]["seccomp"]["syscalls"][0]["names"]
        self.assertTrue(names[0].startswith("seccomp-guard-"))
        names[0] = "seccomp-guard-" + "0" * 32
        self.probed(self.run_one(self.bundle(raw=bundles.encode(config))))
        self.assertEqual([(r["finding"], r["action"]) for r in self.decisions() if r["event"] == "decision"], [("weak", "keep")])

    def test_complain(self):
        self.set_policy(mode="complain")
        _, link = self.connected()
        seen = self.probed(self.run_one(self.adjusted(link, told())))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"]), (2, 2, 0))

    def test_verified_at_poststart(self):
        """The part alone is not enough."""
        _, link = self.connected()
        b = self.adjusted(link, told(), args=["/bin/probe", "pause"])
        config = json.loads(b.read())
        del config["hooks"]["createRuntime"]
        done = self.run_one(self.bundle(raw=bundles.encode(config)))
        self.assertNotEqual(done.status, 0)
        self.assertEqual([r["reason"] for r in self.decisions() if r["event"] == "decision"], ["not-confined"])


if __name__ == "__main__":
    guardtest.main()
