# SPDX-License-Identifier: Apache-2.0
"""An engine's side of NRI: what containerd and CRI-O send to a plugin, byte for byte as their libraries would
(nri pkg/net/multiplex, ttrpc, pkg/api/api.proto), and what they make of its answers.

Messages are dictionaries, {"name": value}; the tables below say what number and type each field has.
"""

import os
import socket
import struct
import subprocess
import time

# ---- Protocol Buffers ----

# type: "n" number, "s" string, "m:Message", each with "*" behind it when it may be repeated; "map" of strings
MESSAGES = {
    "Request": {"service": (1, "s"), "method": (2, "s"), "payload": (3, "b"), "timeout_nano": (4, "n")},
    "Response": {"status": (1, "m:Status"), "payload": (2, "b")},
    "Status": {"code": (1, "n"), "message": (2, "s")},
    "Register": {"plugin_name": (1, "s"), "plugin_idx": (2, "s"), "NRI_version": (3, "s")},
    "Configure": {"config": (1, "s"), "runtime_name": (2, "s"), "runtime_version": (3, "s"), "registration_timeout": (4, "n"),
                  "request_timeout": (5, "n"), "NRI_version": (6, "s")},
    "Configured": {"events": (2, "n")},
    "Synchronize": {"pods": (1, "m:Pod*"), "containers": (2, "m:Container*"), "more": (3, "n")},
    "Synchronized": {"update": (1, "b*"), "more": (2, "n")},
    "Create": {"pod": (1, "m:Pod"), "container": (2, "m:Container")},
    "Created": {"adjust": (1, "m:Adjustment"), "update": (2, "b*"), "evict": (3, "b*")},
    "Validate": {"pod": (1, "m:Pod"), "container": (2, "m:Container"), "adjust": (3, "m:Adjustment"), "owners": (5, "m:Owners"),
                 "plugins": (6, "m:Instance*")},
    "Validated": {"reject": (1, "n"), "reason": (2, "s")},
    "Instance": {"name": (1, "s"), "index": (2, "s")},
    "Owners": {"owners": (1, "m:OwnersEntry*")},
    "OwnersEntry": {"key": (1, "s"), "value": (2, "m:FieldOwners")},
    "FieldOwners": {"simple": (1, "m:SimpleEntry*")},
    "SimpleEntry": {"key": (1, "n"), "value": (2, "s")},
    "Pod": {"id": (1, "s"), "name": (2, "s"), "uid": (3, "s"), "namespace": (4, "s"), "labels": (5, "map"), "annotations": (6, "map"),
            "runtime_handler": (7, "s"), "linux": (8, "b"), "pid": (9, "n")},
    "Container": {"id": (1, "s"), "pod_sandbox_id": (2, "s"), "name": (3, "s"), "state": (4, "n"), "labels": (5, "map"),
                  "annotations": (6, "map"), "args": (7, "s*"), "env": (8, "s*"), "mounts": (9, "m:Mount*"), "hooks": (10, "m:Hooks"),
                  "linux": (11, "m:Linux"), "rlimits": (13, "b*"), "user": (21, "b"), "image": (22, "b")},
    "Mount": {"destination": (1, "s"), "type": (2, "s"), "source": (3, "s"), "options": (4, "s*")},
    "Hooks": {"prestart": (1, "m:Hook*"), "create_runtime": (2, "m:Hook*"), "create_container": (3, "m:Hook*"),
              "start_container": (4, "m:Hook*"), "poststart": (5, "m:Hook*"), "poststop": (6, "m:Hook*")},
    "Hook": {"path": (1, "s"), "args": (2, "s*"), "env": (3, "s*"), "timeout": (4, "m:Optional")},
    "Optional": {"value": (1, "n")},
    "Linux": {"namespaces": (1, "b*"), "devices": (2, "b*"), "resources": (3, "m:Resources"), "oom_score_adj": (4, "b"),
              "cgroups_path": (5, "s"), "seccomp_profile": (7, "m:Profile"), "seccomp_policy": (8, "m:Seccomp")},
    "Resources": {"memory": (1, "b"), "cpu": (2, "b"), "devices": (7, "m:DeviceRule*"), "pids": (8, "b")},
    "DeviceRule": {"allow": (1, "n"), "type": (2, "s"), "major": (3, "m:Optional"), "minor": (4, "m:Optional"), "access": (5, "s")},
    "Profile": {"profile_type": (1, "n"), "localhost_ref": (2, "s")},
    "Adjustment": {"annotations": (2, "map"), "mounts": (3, "m:Mount*"), "env": (4, "b*"), "hooks": (5, "m:Hooks"), "linux": (6, "m:LinuxAdjustment")},
    "LinuxAdjustment": {"devices": (1, "b*"), "resources": (2, "b"), "seccomp_policy": (6, "m:Seccomp")},
    "Seccomp": {"default_action": (1, "s"), "default_errno": (2, "m:Optional"), "architectures": (3, "s*"), "flags": (4, "s*"),
                "listener_path": (5, "s"), "listener_metadata": (6, "s"), "syscalls": (7, "m:Syscall*")},
    "Syscall": {"names": (1, "s*"), "action": (2, "s"), "errno_ret": (3, "m:Optional"), "args": (4, "m:Arg*")},
    "Arg": {"index": (1, "n"), "value": (2, "n"), "value_two": (3, "n"), "op": (4, "s")},
    "Entry": {"key": (1, "s"), "value": (2, "s")},
}


def varint(value):
    value &= 2 ** 64 - 1
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def take_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def _field(number, kind, value):
    """One field; what is empty or 0 is left out, as proto3 has it, but for messages within."""
    if kind == "n":
        return varint(number << 3) + varint(int(value)) if value else b""
    if kind.startswith("m:"):
        data = encode(kind[2:], value)
    elif kind == "map":
        return b"".join(_field(number, "m:Entry", {"key": k, "value": v}) for k, v in value.items())
    else:
        data = value if isinstance(value, bytes) else value.encode()
        if not data:
            return b""
    return varint(number << 3 | 2) + varint(len(data)) + data


def encode(message, fields):
    out = b""
    for name, value in fields.items():
        number, kind = MESSAGES[message][name]
        if kind.endswith("*"):
            # An element of a list is written even when it is empty.
            for one in value:
                data = encode(kind[2:-1], one) if kind.startswith("m:") else one if isinstance(one, bytes) else one.encode()
                out += varint(number << 3 | 2) + varint(len(data)) + data
        else:
            out += _field(number, kind, value)
    return out


def decode(message, data):
    names = {number: (name, kind) for name, (number, kind) in MESSAGES[message].items()}
    out, at = {}, 0
    while at < len(data):
        key, at = take_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = take_varint(data, at)
        elif wire == 2:
            n, at = take_varint(data, at)
            value, at = data[at:at + n], at + n
            if len(value) != n:
                raise ValueError("%s: field %d is cut off" % (message, number))
        else:
            raise ValueError("%s: wire type %d" % (message, wire))
        if number not in names:
            raise ValueError("%s has no field %d" % (message, number))
        name, kind = names[number]
        if (wire == 0) != (kind == "n"):
            raise ValueError("%s.%s has wire type %d" % (message, name, wire))
        if kind == "map":
            entry = decode("Entry", value)
            out.setdefault(name, {})[entry.get("key", "")] = entry.get("value", "")
            continue
        if kind.startswith("m:"):
            value = decode(kind[2:].rstrip("*"), value)
        elif kind.startswith("s"):
            value = value.decode()
        if kind.endswith("*"):
            out.setdefault(name, []).append(value)
        else:
            out[name] = value
    return out


# ---- frames, ttrpc ----

MAX_FRAME = 4096
PLUGIN = "nri.pkg.api.v1alpha1.Plugin"
TO_PLUGIN, TO_ENGINE = 1, 2


def frame(connection, data):
    return struct.pack(">II", connection, len(data)) + data


def ttrpc(stream, kind, data):
    return struct.pack(">IIBB", len(data), stream, kind, 0) + data


def frames(connection, data, size=MAX_FRAME):
    return b"".join(frame(connection, data[i:i + size]) for i in range(0, len(data), size))


class Closed(Exception):
    pass


class Crash(AssertionError):
    """The engine itself would be gone."""


class Link:
    """One plugin's connection, as the engine has it. `problem`: what an engine would close it for."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(60)
        self.data = {TO_PLUGIN: b"", TO_ENGINE: b""}
        self.stream = 1
        self.largest = 0
        self.fragile = False

    def close(self):
        self.sock.close()

    def _exactly(self, n):
        out = b""
        while len(out) < n:
            more = self.sock.recv(n - len(out))
            if not more:
                raise Closed()
            out += more
        return out

    def read_frame(self):
        connection, length = struct.unpack(">II", self._exactly(8))
        self.largest = max(self.largest, length)
        if length > MAX_FRAME:
            raise ValueError("a frame of %d bytes: an engine closes the connection" % length)
        self.data[connection] += self._exactly(length)

    def read(self, connection):
        """The next message of a connection: stream, type, data."""
        while True:
            data = self.data[connection]
            if len(data) >= 10:
                n, stream, kind, _ = struct.unpack(">IIBB", data[:10])
                if len(data) >= 10 + n:
                    self.data[connection] = data[10 + n:]
                    return stream, kind, data[10:10 + n]
            self.read_frame()

    def send(self, connection, data, size=MAX_FRAME):
        self.sock.sendall(frames(connection, data, size))

    def request(self, method, payload, size=MAX_FRAME, service=PLUGIN):
        """Send a request; returns its stream."""
        stream = self.stream
        self.stream += 2
        data = encode("Request", {"service": service, "method": method, "payload": payload, "timeout_nano": 2000000000})
        self.send(TO_PLUGIN, ttrpc(stream, 1, data), size)
        return stream

    def answer(self, stream):
        """(code, payload or text) of the answer to a request."""
        got, kind, data = self.read(TO_PLUGIN)
        assert (got, kind) == (stream, 2), (got, kind)
        response = decode("Response", data)
        status = response.get("status", {})
        if status.get("code"):
            return status["code"], status.get("message", "")
        return 0, response.get("payload", b"")

    def call(self, method, payload, **kwargs):
        return self.answer(self.request(method, payload, **kwargs))

    # What an engine does, in its order

    def register(self):
        stream, kind, data = self.read(TO_ENGINE)
        assert kind == 1
        request = decode("Request", data)
        assert (request["service"], request["method"]) == ("nri.pkg.api.v1alpha1.Runtime", "RegisterPlugin"), request
        self.send(TO_ENGINE, ttrpc(stream, 2, b""))
        return decode("Register", request.get("payload", b""))

    def configure(self, name, version, nri="", timeout=2000):
        code, payload = self.call("Configure", encode("Configure", {
            "runtime_name": name, "runtime_version": version, "registration_timeout": 5000, "request_timeout": timeout, "NRI_version": nri}))
        assert code == 0, payload
        return decode("Configured", payload).get("events", 0)

    def synchronize(self, pods=(), containers=(), more=False, **kwargs):
        code, payload = self.call("Synchronize", encode("Synchronize", {"pods": pods, "containers": containers, "more": more}), **kwargs)
        assert code == 0, payload
        return decode("Synchronized", payload)

    def create(self, pod, container, **kwargs):
        """(code, adjustment or text)"""
        code, payload = self.call("CreateContainer", encode("Create", {"pod": pod, "container": container}), **kwargs)
        if code:
            return code, payload
        adjust = decode("Created", payload).get("adjust", {})
        # Before NRI 0.12: ToOCILinuxSyscalls() in pkg/api/seccomp.go writes the number through a nil pointer.
        rules = adjust.get("linux", {}).get("seccomp_policy", {}).get("syscalls", [])
        if self.fragile and any("errno_ret" in rule for rule in rules):
            raise Crash("a rule with an error number")
        return 0, adjust

    def validate(self, pod, container, adjust, owner="", **kwargs):
        """What the validator says: {} accepts."""
        owners = {"owners": [{"key": container["id"], "value": {"simple": [{"key": 32, "value": owner}]}}]} if owner else {}
        code, payload = self.call("ValidateContainerAdjustment", encode("Validate", {
            "pod": pod, "container": container, "adjust": adjust, "owners": owners}), **kwargs)
        return decode("Validated", payload) if code == 0 else {"reject": 1, "reason": payload}


# Engines by what they tell of themselves: name, version, version of NRI where they tell it, and the last event they know.
ENGINES = {
    "containerd-2.1": ("containerd", "v2.1.9", "", 12),
    "containerd-2.2.0": ("containerd", "v2.2.0", "", 14),
    "containerd-2.2": ("containerd", "v2.2.4", "", 14),
    "containerd-2.3": ("containerd", "v2.3.4", "v0.12.0", 14),
    "cri-o-1.33": ("cri-o", "1.33.2", "", 12),
    "cri-o-1.34": ("cri-o", "1.34.1", "", 14),
    "cri-o-1.37": ("cri-o", "1.37.0", "v0.12.0", 14),
}


class Engine:
    """An engine with a socket that plugins connect to."""

    def __init__(self, path, kind="containerd-2.3"):
        self.path = path
        self.name, self.version, self.nri, self.last = ENGINES[kind]
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.listener.settimeout(60)
        self.links = []

    def stop(self):
        for link in self.links:
            link.close()
        self.listener.close()
        os.unlink(self.path)

    def accept(self):
        sock, _ = self.listener.accept()
        self.links.append(Link(sock))
        return self.links[-1]

    def start(self, link, **kwargs):
        """Register, configure, synchronize; an engine that does not know an event closes the connection."""
        link.registration = link.register()
        link.events = link.configure(self.name, self.version, self.nri, **kwargs)
        link.fragile = not self.nri
        if link.events >> self.last:
            link.close()
            raise Closed()
        link.synchronize()
        return link

    def plugin(self, **kwargs):
        """The next plugin that connects, ready for events."""
        return self.start(self.accept(), **kwargs)


def preinstalled(argv, env=None, name="seccomp-guard", index="90"):
    """Start a plugin as engines do those in their plugin directory: the process, and its link."""
    here, there = socket.socketpair()
    os.set_inheritable(there.fileno(), True)

    def child():
        if there.fileno() != 3:
            os.dup2(there.fileno(), 3)
        os.set_inheritable(3, True)

    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=True,
                               pass_fds=sorted({3, there.fileno()}), preexec_fn=child,
                               env={"NRI_PLUGIN_NAME": name, "NRI_PLUGIN_IDX": index, "NRI_PLUGIN_SOCKET": "3", **(env or {})})
    there.close()
    return process, Link(here)


# ---- containers, as engines tell of them ----

def pod(name="web-0", namespace="shop", **more):
    return {"id": "5" * 64, "name": name, "uid": "u-1", "namespace": namespace, "labels": {"app": "web"}, "annotations": {}, **more}


def container(engine="containerd", name="web", privileged=False, annotations=None, linux=None, **more):
    """A container of shop/web-0 by what containerd or CRI-O would tell of it."""
    sys_mount = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "rw" if privileged else "ro"]}
    devices = [{"allow": 1, "access": "rwm"}] if privileged else [{"access": "rwm"}]
    if engine == "containerd":
        own = {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": name,
               "io.kubernetes.cri.sandbox-id": "5" * 64, "io.kubernetes.cri.sandbox-name": "web-0",
               "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.image-name": "registry.example/web:1"}
    else:
        own = {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_web-0_shop_u-1_0",
               "io.kubernetes.cri-o.Name": "k8s_%s_web-0_shop_u-1_0" % name, "io.kubernetes.container.name": name,
               "io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop",
               "io.kubernetes.cri-o.ImageName": "registry.example/web:1"}
    return {"id": "c" * 64, "pod_sandbox_id": "5" * 64, "name": name, "state": 1, "annotations": {**own, **(annotations or {})},
            "args": ["/probe"], "env": ["PATH=/"], "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]}, sys_mount],
            "hooks": {}, "linux": {"cgroups_path": "/kubepods/pod1/" + "c" * 64, "resources": {"devices": devices}, **(linux or {})}, **more}


def apply(config, adjust):
    """What an engine makes of an adjustment: the configuration that the runtime then reads (nri pkg/runtime-tools/generate)."""
    hooks = adjust.get("hooks", {})
    for ours, theirs in (("create_runtime", "createRuntime"), ("poststart", "poststart")):
        for hook in hooks.get(ours, []):
            config.setdefault("hooks", {}).setdefault(theirs, []).append({k: hook[k] for k in ("path", "args", "env") if k in hook})
    policy = adjust.get("linux", {}).get("seccomp_policy")
    if policy is not None:
        # generate.go AdjustSeccompPolicy: the whole object is replaced, and default_errno is dropped.
        seccomp = {"defaultAction": policy["default_action"]}
        for ours, theirs in (("architectures", "architectures"), ("flags", "flags"), ("listener_path", "listenerPath"),
                             ("listener_metadata", "listenerMetadata")):
            if policy.get(ours):
                seccomp[theirs] = policy[ours]
        seccomp["syscalls"] = [_rule(rule) for rule in policy.get("syscalls", [])]
        config["linux"]["seccomp"] = seccomp
    return config


def _rule(rule):
    out = {"names": rule.get("names", []), "action": rule["action"]}
    if "errno_ret" in rule:
        out["errnoRet"] = rule["errno_ret"].get("value", 0)
    if rule.get("args"):
        out["args"] = [{"index": a.get("index", 0), "value": a.get("value", 0), "valueTwo": a.get("value_two", 0), "op": a["op"]} for a in rule["args"]]
    return out


def seccomp_message(profile):
    """A linux.seccomp object as LinuxSeccomp."""
    out = {"default_action": profile["defaultAction"]}
    if "defaultErrnoRet" in profile:
        out["default_errno"] = {"value": profile["defaultErrnoRet"]}
    for ours, theirs in (("architectures", "architectures"), ("flags", "flags"), ("listenerPath", "listener_path")):
        if profile.get(ours):
            out[theirs] = profile[ours]
    out["syscalls"] = [{
        "names": r["names"], "action": r["action"],
        **({"errno_ret": {"value": r["errnoRet"]}} if "errnoRet" in r else {}),
        "args": [{"index": a["index"], "value": a["value"], "value_two": a.get("valueTwo", 0), "op": a["op"]} for a in r.get("args") or []],
    } for r in profile.get("syscalls", [])]
    return out


def wait_gone(process, seconds=60):
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    return process.returncode
