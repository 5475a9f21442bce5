#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Live injection confines containers of real runtimes, whatever their configuration is."""

import json
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import livetest  # noqa: E402
from livetest import guardtest  # noqa: E402

# Loads a filter that lets everything through, with no flag, and shows what has become of the process.
WITHOUT_FLAGS = """import ctypes, struct
libc = ctypes.CDLL(None)
insn = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))
program = ctypes.create_string_buffer(struct.pack("@HP", 1, ctypes.addressof(insn)))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0
print(open("/proc/self/status", errors="replace").read())"""


def set_nnp(value):
    def change(c):
        c["process"]["noNewPrivileges"] = value
    return change


@guardtest.all_runtimes
class Live(livetest.LiveCase):
    def test_run(self):
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                seen = self.assertLive(self.start(self.live(set_nnp(nnp))))
                self.assertEqual(seen["NoNewPrivs"], int(nnp))
        self.assertEqual([r[0] for r in self.reports(2)], ["confined", "confined"])
        self.assertNothingLeft()
        self.assertNoInjectorLeft()

    def test_prestart(self):
        self.assertLive(self.start(self.live(stage="prestart")))

    def test_create_and_start(self):
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                b = self.live(set_nnp(nnp))
                cid = self.container_id()
                output = os.path.join(self.tmp, "output%d" % nnp)
                with open(output, "wb") as f:
                    done = subprocess.run([*self.runtime.prefix, self.runtime.path, "--root", self.root, "create",
                                           "--bundle", b.path, cid], stdin=subprocess.DEVNULL, stdout=f,
                                          stderr=subprocess.STDOUT, timeout=60, check=False)
                self.assertEqual(done.returncode, 0)
                # The injector does not wait for the start.
                self.reports(1 + nnp)
                self.assertNoInjectorLeft()
                state = json.loads(self.call("state", cid).out)
                with open("/proc/%d/status" % state["pid"], encoding="ascii") as f:
                    self.assertIn("Seccomp:\t2\n", f.read())
                self.assertStatus(self.call("start", cid), 0)
                done = guardtest.runtimes.Done([], 0, wait_for(output, b"mkdirat="), b"")
                self.assertLive(done)
                self.call("delete", "--force", cid)

    def test_user_namespace(self):
        def change(c):
            c["linux"]["namespaces"].append({"type": "user"})
            c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [
                {"containerID": 0, "hostID": 100000, "size": 65536}]
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                b = self.live(lambda c: (change(c), set_nnp(nnp)(c)))
                # The user of the container must reach its root.
                for path in (self.tmp, b.path):
                    os.chmod(path, 0o755)
                self.assertLive(self.start(b))

    def test_user(self):
        def change(c):
            c["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                self.assertLive(self.start(self.live(lambda c: (change(c), set_nnp(nnp)(c)))))

    def test_capabilities(self):
        for name, caps in (("none", []), ("all", guardtest.bundles.own_caps())):
            for nnp in (False, True):
                with self.subTest(caps=name, noNewPrivileges=nnp):
                    self.assertLive(self.start(self.live(set_nnp(nnp), caps=caps)))
        with self.subTest(caps="absent"):
            def change(c):
                del c["process"]["capabilities"]
            self.assertLive(self.start(self.live(change)))

    def test_all_capabilities_in_all_sets(self):
        """As CRI-O writes them for privileged containers."""
        def change(c):
            caps = guardtest.bundles.own_caps()
            c["process"]["capabilities"] = {k: caps for k in ("bounding", "effective", "permitted", "inheritable",
                                                              "ambient")}
            set_nnp(False)(c)
        self.assertLive(self.start(self.live(change)))

    def test_no_pivot(self):
        done = self.start(self.live(), "--no-pivot")
        if b"MS_MOVE" in done.err or b"invalid argument" in done.err.lower():
            self.skipTest("--no-pivot does not work here: " + done.error.strip()[-200:])
        self.assertLive(done)

    def test_without_namespaces_of_pid_and_ipc(self):
        def change(c):
            c["linux"]["namespaces"] = [{"type": "mount"}]
            c.pop("hostname")
        self.assertLive(self.start(self.live(change)))

    def test_joined_pid_namespace(self):
        """crun forks once more then, and init is not the runtime's own child at first."""
        pause = self.bundle(args=["/bin/probe", "pause"])
        first = self.container_id()
        self.assertStatus(self.call("create", "--bundle", pause.path, first), 0)
        pid = json.loads(self.call("state", first).out)["pid"]

        def change(c):
            c["linux"]["namespaces"] = [{"type": "pid", "path": "/proc/%d/ns/pid" % pid}, {"type": "mount"},
                                        {"type": "ipc", "path": "/proc/%d/ns/ipc" % pid}]
            c.pop("hostname")
        self.assertLive(self.start(self.live(change)))
        b, cid = self.live(change), self.container_id()
        self.assertStatus(self.call("create", "--bundle", b.path, cid), 0)
        self.assertEqual([r[0] for r in self.reports(2)], ["confined", "confined"])

    def test_terminal(self):
        def change(c):
            c["process"]["terminal"] = True
            c["mounts"].append({"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                                "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]})
        b, cid = self.live(change), self.container_id()
        path = os.path.join(self.tmp, "console")
        seen = {}
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen(1)
            thread = threading.Thread(target=receive_console, args=(server, seen))
            thread.start()
            self.assertStatus(self.call("create", "--bundle", b.path, "--console-socket", path, cid), 0)
            self.assertStatus(self.call("start", cid), 0)
            thread.join(30)
        text = seen["text"].replace(b"\r\n", b"\n")
        self.assertLive(guardtest.runtimes.Done([], 0, text, b""))

    def test_hooks_inside_the_container_are_confined(self):
        """startContainer hooks run from the container's file system, after the filter."""
        def change(c):
            c["hooks"]["startContainer"] = [{"path": "/bin/witness", "args": ["witness", "/tmp/seen"]}]
            c["root"]["readonly"] = False
        b = self.live(change)
        self.assertLive(self.start(b))
        with open(os.path.join(b.path, "rootfs", "tmp", "seen"), "rb") as f:
            self.assertWitness(f.read())

    def test_hooks_before_the_pivot_are_not(self):
        """createContainer hooks belong to the host and may need what the filter forbids."""
        marker = os.path.join(self.tmp, "marker")

        def change(c):
            c["hooks"]["createContainer"] = [{"path": "/bin/sh", "args": [
                "sh", "-c", "cat >/dev/null; grep Seccomp: /proc/self/status >%s; unshare -u true >>%s 2>&1 && echo done >>%s" %
                (marker, marker, marker)], "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]
        self.assertLive(self.start(self.live(change)))
        with open(marker, encoding="ascii") as f:
            self.assertEqual(f.read().split(), ["Seccomp:", "0", "done"])

    def test_a_filter_of_its_own_stays(self):
        """The kernel stacks filters, and the stricter verdict wins."""
        for nnp in (False, True):
            with self.subTest(noNewPrivileges=nnp):
                seen = self.assertLive(self.start(self.live(set_nnp(nnp), seccomp=guardtest.WEAK)), filters=2)
                self.assertEqual(seen["mkdirat"], 95)

    def test_a_filter_of_its_own_that_forbids_filters(self):
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["seccomp", "mmap", "munmap"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
        self.assertLive(self.start(self.live(set_nnp(False), seccomp=profile)), filters=2)

    def test_a_filter_that_forbids_the_last_calls_of_the_injector(self):
        """Nothing but the thread's own calls is made under the filter: its answer may be death."""
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["seccomp"], "action": "SCMP_ACT_KILL_PROCESS"},
                                {"names": ["unshare", "keyctl", "sysinfo"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75}]}
        self.assertLive(self.start(self.live(profile=self.file("strict.json", json.dumps(profile)))))

    def test_complain(self):
        """Every denial is a line in the kernel's log, and the call runs."""
        profile = json.loads(json.dumps(livetest.PROFILE).replace('"SCMP_ACT_ERRNO", "errnoRet": 75',
                                                                  '"SCMP_ACT_LOG"'))
        seen = self.probed(self.start(self.live(profile=self.file("complain.json", json.dumps(profile)))))
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["sysinfo"]), (2, 0, 0))

    def test_speculation_stays_allowed(self):
        """The runtimes' default flag is SPEC_ALLOW; without it some kernels turn on costly mitigations, on x86 alone."""
        with open("/proc/self/status", encoding="ascii") as f:
            outside = [line for line in f.read().splitlines() if line.startswith("Speculation")]
        if not any(line.split(":")[1].strip().startswith("thread") for line in outside):
            self.skipTest("this processor has no mitigation that a thread can turn off")

        def change(c):
            c["process"]["args"] = ["/bin/witness", "-"]
        done = guardtest.command([sys.executable, "-c", WITHOUT_FLAGS])
        without = [line for line in done.text.splitlines() if line.startswith("Speculation")]
        self.assertEqual(len(without), len(outside), done)
        for flags, expected in ((None, outside), ([], without)):
            with self.subTest(flags=flags):
                profile = dict(livetest.PROFILE)
                if flags is not None:
                    profile["flags"] = flags
                path = self.file("flags%s.json" % (flags is None), json.dumps(profile))
                done = self.start(self.live(change, profile=path))
                self.assertWitness(done.out)
                inside = [line for line in done.text.splitlines() if line.startswith("Speculation")]
                self.assertEqual(inside, expected)

    def test_several_at_once(self):
        cids = [self.container_id() for _ in range(8)]
        bundles = [self.live() for _ in cids]
        results = [None] * len(cids)

        def run(i):
            results[i] = self.call("run", "--bundle", bundles[i].path, cids[i])
        threads = [threading.Thread(target=run, args=(i,)) for i in range(len(cids))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for done in results:
            self.assertLive(done)
        self.assertEqual({r[0] for r in self.reports(len(cids))}, {"confined"})
        self.assertNothingLeft()
        self.assertNoInjectorLeft()

    def test_the_stops_are_few(self):
        """Two for each call that init makes until it drops privileges, a handful for the rest."""
        self.assertLive(self.start(self.live()))
        stops = self.reports()[0][1]
        guardtest.diagnose("%s: %d stops" % (self.runtime, stops))
        self.assertLess(stops, 600)


@guardtest.all_runtimes
class Rootless(livetest.LiveCase):
    """Without privilege on the machine: in a user namespace of its own, as podman does it for users."""

    def rootless(self, uid, namespace):
        def change(c):
            c["linux"].pop("resources")
            if not namespace:
                c["linux"]["namespaces"].append({"type": "user"})
                c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": uid, "size": 1}]
        b = self.live(change)
        for directory, names, files in os.walk(self.tmp):
            for name in [directory] + [os.path.join(directory, n) for n in names + files]:
                os.chown(name, uid, uid)
        argv = [*self.runtime.prefix]
        if uid:
            argv += ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
        if namespace:
            argv += ["unshare", "-Urm"]
        argv += [self.runtime.path, "--root", self.root]
        if self.runtime.name == "crun":
            argv += ["--cgroup-manager=disabled"]
        return guardtest.command([*argv, "run", "--bundle", b.path, self.container_id()])

    def test_in_a_user_namespace(self):
        for uid in (0, 1000):
            with self.subTest(uid=uid):
                self.assertLive(self.rootless(uid, True))

    def test_as_a_user(self):
        """A plain user makes the namespace in the runtime. crun's init is then out of its hook's reach: refused."""
        done = self.rootless(1000, False)
        if self.runtime.name == "runc":
            self.assertLive(done)
        else:
            self.assertNotEqual(done.status, 0)
            self.assertNotIn(b"Seccomp=", done.out)


def receive_console(server, seen):
    connection, _ = server.accept()
    with connection:
        _, fds, _, _ = socket.recv_fds(connection, 4096, 1)
        text = b""
        while b"mkdirat=" not in text:
            try:
                got = os.read(fds[0], 4096)
            except OSError:
                break
            if not got:
                break
            text += got
        os.close(fds[0])
    seen["text"] = text


def wait_for(path, mark):
    """The content of `path` once `mark` is in it."""
    def read():
        with open(path, "rb") as f:
            return f.read()

    guardtest.until(lambda: mark in read())
    return read()


if __name__ == "__main__":
    guardtest.main()
