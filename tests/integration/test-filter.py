#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The filter form of the hook, as podman's precreate stage calls it: configuration in, configuration out."""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import HOOK, STRICT, WEAK, command  # noqa: E402


class FilterCase(guardtest.Case):
    def filter(self, raw, policy=None, **kwargs):
        return command([HOOK, "--policy", policy or self.policy()], stdin=raw, **kwargs)

    def assertKept(self, raw, **kwargs):
        done = self.filter(raw, **kwargs)
        self.assertStatus(done, 0)
        self.assertEqual(done.out, raw)
        self.assertEqual(done.err, b"")

    def assertInjected(self, raw, **kwargs):
        done = self.filter(raw, **kwargs)
        self.assertStatus(done, 0)
        self.assertTrue(guardtest.only_seccomp_differs(raw, done.out), done.out)
        return json.loads(done.out)["linux"]["seccomp"]


@guardtest.needs_hook
class Filter(FilterCase):
    def test_injects(self):
        for seccomp in (guardtest.ABSENT, None, {}, {"defaultAction": "SCMP_ACT_ALLOW"}):
            raw = bundles.encode(bundles.config(seccomp=seccomp))
            self.assertEqual(self.assertInjected(raw)["defaultAction"], "SCMP_ACT_ERRNO")
            record = self.decisions()[-1]
            self.assertEqual((record["entry"], record["action"]), ("filter", "inject"))

    def test_keeps_every_byte(self):
        """White space, number forms, key order, unknown keys and escapes are somebody's, and stay."""
        odd = (b' {\r\n\t"ociVersion" : "1.0.2" , "x":{"\\u0041":1.50e+3,"big":12345678901234567890123,"a/b":"\\/\\ud83d\\ude00"},'
               b'\n"linux":{ "z":[ ] ,"seccomp" : %s , "a":-0.0}, "process":{"args":[ "sh" ]}\n}\n\n')
        self.assertKept(odd % bundles.encode(STRICT))
        self.assertKept(odd % bundles.encode(WEAK))
        for value in (b"null", b"{}", b'{"defaultAction":"SCMP_ACT_ALLOW"}', b'{ "defaultAction" : "SCMP_ACT_LOG" }'):
            raw = odd % value
            done = self.filter(raw)
            self.assertStatus(done, 0)
            head, tail = raw.split(value)
            self.assertTrue(done.out.startswith(head))
            self.assertTrue(done.out.endswith(tail))

    def test_where_there_is_no_linux(self):
        """A container of Linux without the object has no namespaces either; no filter may be lost over it."""
        for raw in (b'{"ociVersion":"1.0.2"}', b'{"ociVersion":"1.0.2","linux":{}}',
                    b'{\n  "ociVersion": "1.0.2",\n  "linux": {\n  }\n}\n'):
            done = self.filter(raw)
            if done.status == 0:
                self.assertEqual(json.loads(done.out)["linux"]["seccomp"]["defaultAction"], "SCMP_ACT_ERRNO")
            else:
                self.assertRefused(done)

    def test_twice_is_once(self):
        raw = bundles.encode(bundles.config())
        once = self.filter(raw)
        self.assertStatus(once, 0)
        self.assertKept(once.out)

    def test_twice_is_once_in_complain(self):
        policy = self.policy(mode="complain")
        once = self.filter(bundles.encode(bundles.config()), policy=policy)
        self.assertStatus(once, 0)
        self.assertKept(once.out, policy=policy)

    def test_audit_keeps(self):
        self.assertKept(bundles.encode(bundles.config()), policy=self.policy(mode="audit"))
        self.assertEqual(self.decisions()[-1]["action"], "would-inject")

    def test_capabilities_select_the_rules(self):
        plain = self.assertInjected(bundles.encode(bundles.config(caps=[])))
        admin = self.assertInjected(bundles.encode(bundles.config(caps=["CAP_SYS_ADMIN"])))

        def allowed(profile):
            return {n for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
                    for n in rule["names"]}
        self.assertNotIn("mount", allowed(plain))
        self.assertIn("mount", allowed(admin))
        self.assertIn("openat", allowed(plain))

    def test_refuses_with_nothing_on_stdout(self):
        good = bundles.encode(bundles.config())
        for raw, policy in ((b"", {}), (b"x", {}), (good[:-1], {}), (b"[]", {}), (b"{}", {}), (good, {"mode": "deny"}),
                            (good + b"{}", {}), (good.replace(b'"linux":{', b'"linux":{"seccomp":1,'), {}),
                            (b'{"ociVersion":"1.0.2","annotations":{"run.oci.seccomp_bpf_data":"x"},"linux":{}}', {})):
            done = self.filter(raw, policy=self.policy(**policy))
            self.assertRefused(done)

    def test_audit_passes_what_it_cannot_read(self):
        # The engine will say what is wrong with it.
        for raw in (b"{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":1}}",):
            self.assertKept(raw, policy=self.policy(mode="audit"))
            self.assertEqual(self.decisions()[-1]["action"], "would-refuse")

    def test_limit(self):
        good = bundles.encode(bundles.config(seccomp=STRICT))
        self.assertKept(good.ljust(4 << 20))
        self.assertRefused(self.filter(good.ljust((4 << 20) + 1)))
        self.assertRefused(self.filter(good.ljust(9 << 20)))

    def test_bad_policy(self):
        policy = self.file("bad.json", '{"mod":"audit"}')
        self.assertRefused(self.filter(bundles.encode(bundles.config()), policy=policy), policy)

    def test_empty_environment_and_odd_directory(self):
        gone = os.path.join(self.tmp, "gone")
        os.mkdir(gone)
        done = command(["sh", "-c", 'cd "$1" && rmdir "$1" && shift && exec env -i "$@"', "sh", gone, HOOK, "--policy",
                        self.policy()], stdin=bundles.encode(bundles.config()))
        self.assertStatus(done, 0)
        self.assertIn(b'"seccomp"', done.out)

    def test_input_in_pieces(self):
        """A pipe gives what it has; the configuration ends with the end of the stream."""
        raw = bundles.encode(bundles.config())
        with subprocess.Popen([HOOK, "--policy", self.policy()], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            for at in range(0, len(raw), 300):
                p.stdin.write(raw[at:at + 300])
                p.stdin.flush()
                time.sleep(0.005)
            p.stdin.close()
            out = p.stdout.read()
            self.assertEqual(p.wait(60), 0)
        self.assertTrue(guardtest.only_seccomp_differs(raw, out))

    def test_large_output_to_a_slow_reader(self):
        """More than a pipe holds, read in pieces."""
        raw = bundles.encode(bundles.config(annotations={"k%d" % i: "v" * 1000 for i in range(500)}))
        with subprocess.Popen([HOOK, "--policy", self.policy()], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            p.stdin.write(raw)
            p.stdin.close()
            time.sleep(0.1)
            out = p.stdout.read()
            self.assertEqual(p.wait(60), 0)
        self.assertTrue(guardtest.only_seccomp_differs(raw, out))

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([HOOK, "--policy", self.policy()], input=bundles.encode(bundles.config()), stdout=full,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_wrapper_and_filter_give_the_same_bytes(self):
        b = self.bundle()
        filtered = self.filter(b.read())
        if not guardtest.CLI:
            self.skipTest("seccomp-guard is not built")
        self.assertStatus(self.cli("apply", "--policy", self.policy(), b.path), 0)
        self.assertEqual(filtered.out, b.read())


@guardtest.all_runtimes
@guardtest.needs_hook
class Started(FilterCase):
    def test_the_output_starts(self):
        done = self.filter(self.bundle().read())
        self.assertStatus(done, 0)
        b = self.bundle(raw=done.out)
        self.assertConfined(self.call("run", "--bundle", b.path, self.container_id()))


if __name__ == "__main__":
    guardtest.main()
