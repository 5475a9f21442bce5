#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The engines that Debian packages, each registered by the command on a machine of its own: whatever can be asked of them,
before and after, and what becomes of what runs. Containerd is asked as the kubelet asks it."""

import concurrent.futures
import hashlib
import io
import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402
from guardtest import SRCDIR  # noqa: E402
from runtime import Done  # noqa: E402

# A profile of a user's own. Weak, and so kept: sysinfo tells that it is in force.
CUSTOM = {"defaultAction": "SCMP_ACT_ALLOW",
          "syscalls": [{"names": ["sysinfo"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7}]}

CONTAINERS_CONF = """[containers]
default_capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID",
  "SYS_CHROOT"]
default_ulimits = []
pids_limit = 0
netns = "none"
log_driver = "k8s-file"
[engine]
runtime = "%s"
events_logger = "file"
lock_type = "file"
cgroup_manager = "cgroupfs"
"""

STORAGE_CONF = '[storage]\ndriver = "vfs"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n'

CRI = 'plugins."io.containerd.grpc.v1.cri"'
CONTAINERD_CONFIG = """version = 2
[%(cri)s]
  sandbox_image = "localhost/probe:latest"
  restrict_oom_score_adj = true
[%(cri)s.containerd]
  snapshotter = "native"
[%(cri)s.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[%(cri)s.containerd.runtimes.runc.options]
  BinaryName = "%(path)s"
"""


def image(probe):
    """A `docker save` of one file: /bin/probe, which stays until it is killed unless told otherwise."""

    def archive(files):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, data, mode in files:
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(data), mode
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    with open(probe, "rb") as f:
        layer = archive([("bin/probe", f.read(), 0o755)])
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/bin/probe"], "Cmd": ["pause"]},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": name, "RepoTags": ["localhost/probe:latest"], "Layers": ["layer.tar"]}]
    return archive([(name, config, 0o644), ("layer.tar", layer, 0o644), ("manifest.json", json.dumps(manifest).encode(), 0o644)])


class Live:
    """The scenarios, for a machine.Machine, which has these: `engine`, `flavor`, begin() (installed, running, with the image), read_again() (its
    configuration), ask() (run a container to its end), start(), inside(), again() (restart) and away()."""

    annotations = True
    has_init = True

    def setUp(self):
        super().setUp()
        self.cgroup_parent = "/" + self.container_id()
        self.own_cgroups(("libpod_parent", "docker", self.cgroup_parent[1:]))
        self.custom = self.file("custom.json", json.dumps(CUSTOM))
        self.archive = self.file("probe.tar", image(guardtest.PROBE))
        self.begin()
        done = self.ask("unconfined")
        if done.status:
            self.skipTest("%s does not start containers here: %s" % (self.engine, done.error.strip()[-200:]))
        self.assertUnconfined(done)

    def needs_all(self, *programs):
        for program in programs:
            if not self.needs(program):
                self.skipTest(program + " is not installed")

    def set_policy(self, **keys):
        self.write("/etc/seccomp-guard/policy.json", json.dumps({"log": {"to": "file", "path": self.records}, **keys}))

    def register(self):
        done = self.guard("register", self.engine)
        self.assertStatus(done, 0)
        self.read_again()

    def last(self):
        record = self.decisions()[-1]
        return record["action"], record["finding"]

    def test_what_is_asked_for(self):
        privileged = self.ask("unconfined", privileged=True)
        self.assertEqual(self.probed(self.ask("default"))["Seccomp"], 2)
        self.register()
        self.set_policy(mode="audit")
        self.assertUnconfined(self.ask("unconfined"))
        self.set_policy(mode="enforce")
        self.assertConfined(self.ask("unconfined"), self.flavor)
        self.assertEqual(self.last(), ("inject", "absent"))
        self.assertEqual(self.probed(self.ask("default"))["Seccomp"], 2)
        self.assertEqual(self.last(), ("keep", "confined"))
        seen = self.probed(self.ask(self.custom))
        self.assertEqual((seen["Seccomp"], seen["sysinfo"], seen["unshare"]), (2, 7, 0))
        self.assertEqual(self.last(), ("keep", "weak"))
        if privileged.status == 0:
            self.assertUnconfined(privileged)
            self.assertUnconfined(self.ask("unconfined", privileged=True))
            self.assertEqual((self.last()[0], self.decisions()[-1]["reason"]), ("exempt", "privileged"))
        if self.annotations:
            self.assertUnconfined(self.ask("unconfined", annotations={"seccomp-guard/profile": "unconfined"}))
            self.assertEqual((self.last()[0], self.decisions()[-1]["reason"]), ("exempt", "annotation"))
        if self.has_init:
            self.assertConfined(self.ask("unconfined", init=True), self.flavor)
        self.start("one", "unconfined")
        self.assertConfined(self.inside("one"), self.flavor)
        self.again("one")
        self.assertConfined(self.inside("one"), self.flavor)
        self.away("one")

    def test_twenty_at_once_and_refusals(self):
        self.register()
        self.set_policy(mode="enforce")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            every = list(pool.map(lambda _: self.ask("unconfined"), range(20)))
        for done in every:
            self.assertConfined(done, self.flavor)
        actions = [r["action"] for r in self.decisions() if not r.get("sandbox")]
        self.assertGreaterEqual(len(actions), 20)
        self.assertEqual(set(actions), {"inject"})
        for keys, words in (({"mode": "deny"}, 'the policy says "mode": "deny"'),
                            ({"profile": "/etc/seccomp-guard/none.json"}, "/etc/seccomp-guard/none.json"),
                            ({"mode": "enforced"}, "enforced")):
            self.set_policy(**keys)
            done = self.ask("unconfined")
            self.assertNotEqual(done.status, 0)
            self.assertNotIn("Seccomp=", done.text)
            # What the user sees says who refuses, and why.
            self.assertRegex(done.error, "seccomp-guard: (container|the pod's sandbox).* refused: ")
            self.assertIn(words, done.error.replace("\\", ""))

    def test_what_runs_can_be_stopped(self):
        self.start("before", "unconfined")
        self.register()
        self.set_policy(mode="enforce")
        for name in ("one", "two", "three"):
            self.start(name, "unconfined")
        self.write("/etc/seccomp-guard/policy.json", '{"mode": ')
        self.assertNotEqual(self.ask("unconfined").status, 0)
        self.assertConfined(self.inside("one"), self.flavor)
        self.assertUnconfined(self.inside("before"))
        self.away("one")
        self.set_policy(mode="enforce")
        self.unregister()
        self.assertUnconfined(self.ask("unconfined"))
        # What is left goes on, can be entered and stopped.
        self.assertConfined(self.inside("two"), self.flavor)
        refused = self.guard("unregister", "--when-unused", self.engine)
        self.assertStatus(refused, 2)
        self.assertIn("containers that name the runtime", refused.error)
        for name in ("two", "three", "before"):
            self.away(name)
        self.assertStatus(self.guard("unregister", "--when-unused", self.engine), 0)
        self.read_again()
        self.assertUnconfined(self.ask("unconfined"))

    def unregister(self):
        done = self.guard("unregister", self.engine)
        self.assertStatus(done, 0)
        self.assertIn("Containers that still go through it:", done.text)
        self.read_again()


class CommandLine(Live):
    """What podman and docker have in common: their command lines."""

    more = ()

    def security(self, profile):
        return [] if profile == "default" else ["--security-opt", "seccomp=" + profile]

    def call(self, *argv):
        return self.run_in([self.engine, *argv])

    def run_argv(self, profile, privileged=False, annotations=None, init=False):
        marks = [word for key, value in (annotations or {}).items() for word in ("--annotation", "%s=%s" % (key, value))]
        return ["run", "--network", "none", *self.more, *([] if privileged else self.security(profile)),
                *(["--privileged"] if privileged else []), *(["--init"] if init else []), *marks]

    def ask(self, profile, **kwargs):
        # Docker 28 loses the output of a container that ends at once, now and then.
        for _ in range(3):
            done = self.call(*self.run_argv(profile, **kwargs), "--rm", "localhost/probe", "done")
            if done.status or done.out:
                break
        return done

    def start(self, name, profile):
        self.assertStatus(self.call(*self.run_argv(profile), "-d", "--name", name, "localhost/probe"), 0)

    def inside(self, name):
        return self.call("exec", name, "/bin/probe")

    def again(self, name):
        self.assertStatus(self.call("restart", "-t", "0", name), 0)

    def away(self, name):
        self.assertStatus(self.call("stop", "-t", "0", name), 0)
        self.assertStatus(self.call("rm", name), 0)


@guardtest.all_runtimes
@guardtest.needs_cli
@guardtest.needs_wrapper
class Podman(CommandLine, machine.Machine):
    engine, flavor = "podman", "containers"

    def begin(self):
        self.needs_all("podman", "catatonit")
        self.write("/etc/containers/containers.conf", CONTAINERS_CONF % self.runtime.name)
        self.write("/etc/containers/storage.conf", STORAGE_CONF)
        self.assertStatus(self.call("load", "-i", self.archive), 0)

    def read_again(self):
        pass

    def test_builds_and_kubernetes_files(self):
        self.register()
        self.set_policy(mode="enforce")
        context = os.path.join(self.tmp, "context")
        os.mkdir(context)
        with open(os.path.join(context, "Dockerfile"), "w", encoding="utf-8") as f:
            f.write('FROM localhost/probe\nRUN ["/bin/probe"]\n')
        # Podman 5 raises what is not said to its maximum, which takes CAP_SYS_RESOURCE.
        limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
        done = self.call("build", *limits, "--network", "none", "--security-opt", "seccomp=unconfined", context)
        self.assertStatus(done, 0)
        self.assertIn("Seccomp=2", done.text)
        self.assertEqual([(r["engine"], r["action"]) for r in self.decisions()], [("buildah", "inject")])
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {
            "hostNetwork": True,
            "containers": [{"name": "asks", "image": "localhost/probe:latest",
                            "securityContext": {"seccompProfile": {"type": "Unconfined"}}},
                           {"name": "says-nothing", "image": "localhost/probe:latest"}]}}
        self.assertStatus(self.call("play", "kube", self.file("pod.yaml", json.dumps(pod))), 0)
        for name in ("web-asks", "web-says-nothing"):
            self.assertEqual(self.probed(self.inside(name))["Seccomp"], 2)
        self.assertStatus(self.call("play", "kube", "--down", os.path.join(self.tmp, "pod.yaml")), 0)


@guardtest.all_runtimes
@guardtest.needs_cli
@guardtest.needs_wrapper
class Docker(CommandLine, machine.Machine):
    engine, flavor = "docker", "moby"
    annotations = False  # of Docker 20.10, which Debian 12 has

    def begin(self):
        self.needs_all("dockerd", "docker", "docker-init")
        self.write("/etc/docker/daemon.json", json.dumps({
            "runtimes": {"tested": {"path": self.runtime.path}}, "default-runtime": "tested", "storage-driver": "vfs",
            "iptables": False, "ip6tables": False, "ip-forward": False, "bridge": "none"}))
        self.daemon = self.start_daemon(["dockerd"], ["docker", "info"])
        self.assertStatus(self.call("load", "-i", self.archive), 0)

    def read_again(self):
        expected = json.loads(self.read("/etc/docker/daemon.json"))["default-runtime"]
        self.daemon.send_signal(1)
        self.assertTrue(self.wait(lambda: self.call("info", "-f", "{{.DefaultRuntime}}").text.strip() == expected))


@guardtest.all_runtimes
@guardtest.needs_cli
@guardtest.needs_wrapper
class Containerd(Live, machine.Machine):
    """Each container in a pod of its own."""

    engine, flavor = "containerd", "containerd"
    has_init = False

    def begin(self):
        self.needs_all("containerd", "ctr")
        if self.run_in(["/usr/bin/python3", "-c", "import grpc"]).status:
            self.skipTest("python3-grpcio is not installed")
        self.write("/etc/containerd/config.toml", CONTAINERD_CONFIG % {"cri": CRI, "path": self.runtime.path})
        self.pods = {}
        self.start_containerd()
        self.assertStatus(self.run_in(["ctr", "-n", "k8s.io", "images", "import", self.archive]), 0)
        # The CRI plugin hears of it a little later.
        self.assertTrue(self.wait(lambda: self.cri("ImageService/ImageStatus", {1: {1: "localhost/probe:latest"}})))
        self.addCleanup(self.all_away)

    def start_containerd(self):
        self.daemon = self.start_daemon(["containerd"], ["ctr", "version"])

    def read_again(self):
        self.stop(self.daemon)
        self.start_containerd()
        self.assertTrue(self.wait(lambda: self.call("RuntimeService/Version", {}).status == 0))

    def call(self, method, request):
        client = os.path.join(SRCDIR, "tests", "lib", "cri-client.py")
        return self.run_in(["/usr/bin/python3", client, "/run/containerd/containerd.sock", method],
                           stdin=json.dumps(request).encode())

    def cri(self, method, request):
        done = self.call(method, request)
        self.assertStatus(done, 0)
        return json.loads(done.text)

    def profile(self, name):
        return {"default": {1: 0}, "unconfined": {1: 1}}.get(name) or {1: 2, 2: name}

    def pod(self, name, profile, privileged, annotations):
        """The sandbox's configuration: on the node's network, with the profile for the whole pod."""
        return {1: {1: name, 2: name, 3: "default"}, 3: self.tmp, 7: [{1: k, 2: v} for k, v in annotations.items()],
                8: {1: self.cgroup_parent, 2: {1: {1: 2}, 6: int(privileged), 9: self.profile(profile)}}}

    def container(self, name, profile, privileged, command, annotations):
        return {1: {1: name}, 2: {1: "localhost/probe:latest"}, 4: list(command),
                10: [{1: k, 2: v} for k, v in annotations.items()], 11: name + ".log",
                15: {2: {2: int(privileged), 3: {1: 2}, 15: self.profile(profile)}}}

    def begin_pod(self, name, profile, privileged=False, annotations=None, command=("pause",)):
        """The done call that failed, or the ids of the sandbox and of the container in it, which runs."""
        annotations = annotations or {}
        sandbox = self.pod(name, profile, privileged, annotations)
        done = self.call("RuntimeService/RunPodSandbox", {1: sandbox})
        if done.status:
            return done
        self.pods[name] = [json.loads(done.text)["1"], None, sandbox, profile]
        done = self.call("RuntimeService/CreateContainer", {1: self.pods[name][0], 3: sandbox, 2: self.container(
            name, profile, privileged, command, annotations)})
        if done.status == 0:
            self.pods[name][1] = json.loads(done.text)["1"]
            done = self.call("RuntimeService/StartContainer", {1: self.pods[name][1]})
        return done

    def ask(self, profile, **kwargs):
        name = self.container_id()
        done = self.begin_pod(name, profile, **kwargs)
        if done.status == 0:
            path = os.path.join(self.tmp, name + ".log")
            self.assertTrue(self.wait(lambda: "mkdirat" in self.logged(path)))
            done = Done(done.argv, 0, self.logged(path).encode(), b"")
        if name in self.pods:
            self.away(name)
        return done

    @staticmethod
    def logged(path):
        """Without time and stream before each line."""
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as f:
            return "".join(line.split(" ", 3)[3] for line in f)

    def start(self, name, profile):
        self.assertStatus(self.begin_pod(name, profile), 0)

    def inside(self, name):
        result = self.cri("RuntimeService/ExecSync", {1: self.pods[name][1], 2: ["/bin/probe"], 3: 30})
        return Done(["exec"], result.get("3", 0), result.get("1", "").encode(), result.get("2", "").encode())

    def again(self, name):
        """As the kubelet restarts a container: another one in the same pod."""
        sandbox, old, config, profile = self.pods[name]
        self.cri("RuntimeService/StopContainer", {1: old})
        container = self.container(name, profile, False, ("pause",), {})
        container[1][2] = 1
        self.pods[name][1] = self.cri("RuntimeService/CreateContainer", {1: sandbox, 2: container, 3: config})["1"]
        self.cri("RuntimeService/StartContainer", {1: self.pods[name][1]})
        self.cri("RuntimeService/RemoveContainer", {1: old})

    def away(self, name):
        sandbox = self.pods.pop(name)[0]
        self.cri("RuntimeService/StopPodSandbox", {1: sandbox})
        self.cri("RuntimeService/RemovePodSandbox", {1: sandbox})

    def all_away(self):
        for name in list(self.pods):
            self.call("RuntimeService/RemovePodSandbox", {1: self.pods[name][0]})


if __name__ == "__main__":
    guardtest.main()
