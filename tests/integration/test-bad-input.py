#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever cannot be understood is refused with its name and place, and left exactly as it was."""

import json
import os
import shutil
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import STRICT, WRAPPER, command  # noqa: E402

PLAIN = bundles.encode(bundles.config())
DEEP = b'"x":' + b"[" * 40 + b"]" * 40


# What is no configuration: text, and whether the message can name a place in it.
BAD_TEXT = {
    "empty": b"",
    "white_space": b" \n\t",
    "not_json": b"hello\n",
    "yaml": b"ociVersion: 1.0.2\nlinux: {}\n",
    "an_array": b"[]",
    "null": b"null",
    "a_string": b'"config"',
    "truncated": PLAIN[:-1],
    "truncated_in_the_middle": PLAIN[:len(PLAIN) // 2],
    "something_behind": PLAIN + b" {}",
    "nul_behind": PLAIN + b"\0",
    "byte_order_mark": b"\xef\xbb\xbf" + PLAIN,
    "utf16": PLAIN.decode().encode("utf-16"),
    "comment": b"/* c */" + PLAIN,
    "trailing_comma": PLAIN[:-1] + b",}",
    "too_deep": PLAIN[:-1] + b"," + DEEP + b"}",
    "not_utf8": PLAIN[:-1] + b',"x":"\xff"}',
    "overlong_utf8": PLAIN[:-1] + b',"x":"\xc0\x80"}',
    "surrogate_in_utf8": PLAIN[:-1] + b',"x":"\xed\xa0\x80"}',
    "control_character": PLAIN[:-1] + b',"x":"\x01"}',
    "form_feed": b"\f" + PLAIN,
    "duplicate_linux": PLAIN[:-1] + b',"linux":{}}',
    "duplicate_seccomp": PLAIN.replace(b'"linux":{', b'"linux":{"seccomp":null,"seccomp":null,'),
    "folded_key": PLAIN.replace(b'"linux":{', b'"linux":{"Seccomp":null,'),
    "long_s": PLAIN.replace(b'"linux":{', b'"linux":{"\xc5\xbfeccomp":null,'),
    "escaped_nul_in_key": PLAIN.replace(b'"linux":{', b'"linux":{"seccomp\\u0000x":{},'),
    "duplicate_annotations": PLAIN[:-1] + b',"annotations":{},"annotations":{}}',
    "duplicate_annotation": PLAIN[:-1] + b',"annotations":{"seccomp-guard/profile":"runtime/default",'
                            b'"seccomp-guard/profile":"unconfined"}}',
    "duplicate_annotation_of_others": PLAIN[:-1] + b',"annotations":{"a":"1","a":"2"}}',
    "linux_is_null": b'{"ociVersion":"1.0.2","linux":null}',
    "folded_annotation": PLAIN[:-1] + b',"annotations":{"run.oci.seccomp_bpf_data":"","run.oci.seccomp_bpf_data\\u0000":"x"}}',
    "duplicate_capabilities": PLAIN.replace(b'"process":{', b'"process":{"capabilities":{},'),
    "linux_is_an_array": b'{"ociVersion":"1.0.2","linux":[]}',
    "seccomp_is_a_string": PLAIN.replace(b'"linux":{', b'"linux":{"seccomp":"x",'),
    "seccomp_is_a_list": PLAIN.replace(b'"linux":{', b'"linux":{"seccomp":[],'),
    "unknown_action": PLAIN.replace(b'"linux":{', b'"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALOW"},'),
    "annotations_are_a_list": PLAIN[:-1] + b',"annotations":[]}',
    "annotation_is_a_number": PLAIN[:-1] + b',"annotations":{"seccomp-guard/profile":1}}',
}


@guardtest.needs_wrapper
@guardtest.each(sorted(BAD_TEXT), str)
class BadText(Faked):
    def check_refused(self, name):
        b = self.bundle(raw=BAD_TEXT[name])
        line = self.assertAllRefuse(b, b.config)
        self.assertRegex(line, r":\d+:\d+|line \d+", "no place in the text is named")
        self.assertEqual(self.decisions()[-1]["finding"], "invalid")

    def check_audit_keeps(self, name):
        b = self.bundle(raw=BAD_TEXT[name])
        before = b.snapshot()
        done = self.create(b, policy=self.policy(mode="audit"))
        self.assertStatus(done, 0)
        self.assertEqual(json.loads(done.out)["argv"][1], "create")
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["finding"], self.decisions()[-1]["action"]), ("invalid", "would-refuse"))


class BadTextCrun(BadText):
    family = "crun"


@guardtest.needs_wrapper
class BadFile(Faked):
    """config.json, or what is in its place."""

    def without(self):
        b = self.bundle()
        os.unlink(b.config)
        return b

    def test_missing(self):
        b = self.without()
        self.assertAllRefuse(b, b.config, "does not exist")

    def test_missing_bundle(self):
        path = os.path.join(self.tmp, "nowhere")
        self.assertRefused(self.create(path), path, "does not exist")

    def test_bundle_is_a_file(self):
        path = self.file("file", b"")
        self.assertRefused(self.create(path), path)

    def test_directory(self):
        b = self.without()
        os.mkdir(b.config)
        self.assertAllRefuse(b, b.config)

    def test_fifo(self):
        b = self.without()
        os.mkfifo(b.config)
        self.assertAllRefuse(b, b.config)

    def test_socket(self):
        b = self.without()
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(b.config)
            self.assertAllRefuse(b, b.config)

    @guardtest.needs_root
    def test_device(self):
        b = self.without()
        try:
            os.mknod(b.config, 0o20666, os.makedev(1, 5))
        except OSError as e:
            self.skipTest("cannot make a device node: %s" % e)
        self.assertAllRefuse(b, b.config)

    def test_symlink(self):
        b = self.without()
        for target in (self.file("elsewhere.json", PLAIN), "dangling", "config.json"):
            if os.path.lexists(b.config):
                os.unlink(b.config)
            os.symlink(target, b.config)
            self.assertAllRefuse(b, b.config)

    @guardtest.needs_root
    def test_unreadable(self):
        b = self.bundle()
        os.chmod(self.tmp, 0o755)
        os.chmod(b.path, 0o755)
        os.chmod(b.config, 0o600)
        for place in (WRAPPER, os.path.dirname(WRAPPER)):
            if os.stat(place).st_mode & 0o005 != 0o005:
                self.skipTest("the build directory is closed to others")
        # A copy where every user gets at it, whatever the way to the build directory is like.
        wrapper = os.path.join(self.tmp, "bin", "wrapper")
        shutil.copy2(WRAPPER, wrapper)
        before = b.snapshot()
        policy = self.policy(log={"to": "none"})
        for mode in ("enforce", "deny"):
            done = command(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", wrapper,
                            "--guard-policy", policy, "--guard-runtime", self.fake, "create", "--bundle", b.path, "ID"])
            self.assertRefused(done, b.config, "is not accessible")
        self.assertUntouched(b, before)

    def test_too_large(self):
        limit = 4 << 20
        for size in (limit + 1, limit + 4096, 3 * limit):
            b = self.bundle(raw=PLAIN + b" " * (size - len(PLAIN)))
            self.assertAllRefuse(b, b.config)

    def test_exactly_the_limit_is_taken(self):
        b = self.bundle(raw=PLAIN + b" " * ((4 << 20) - len(PLAIN)))
        before = b.snapshot()
        done = self.create(b)
        if done.status == 0:
            # What was injected may not have pushed the file over what the guard itself reads when it is restarted.
            self.assertIsNotNone(b.seccomp())
            self.assertStatus(self.create(b), 0)
        else:
            self.assertRefused(done, b.config)
            self.assertUntouched(b, before)
        b = self.bundle(raw=bundles.encode(bundles.config(seccomp=STRICT)).ljust(4 << 20))
        self.assertStatus(self.create(b), 0)

    def test_depth_limit_is_exact(self):
        # 31 arrays inside the object are 32 levels: crun's own limit.
        for levels, status in ((31, 0), (32, 1)):
            b = self.bundle(raw=PLAIN[:-1] + b',"x":' + b"[" * levels + b"]" * levels + b"}")
            self.assertStatus(self.create(b), status)

    def test_others_can_write(self):
        for path in ("", "config.json"):
            for bits in (0o002, 0o022):
                b = self.bundle()
                target = os.path.join(b.path, path)
                os.chmod(target, (os.stat(target).st_mode | bits) & 0o7777)
                self.assertAllRefuse(b, target.rstrip("/"))

    @guardtest.needs_root
    def test_owned_by_somebody_else(self):
        for path in ("", "config.json"):
            b = self.bundle()
            os.chown(os.path.join(b.path, path), 65534, 65534)
            self.assertAllRefuse(b, os.path.join(b.path, path).rstrip("/"))

    def test_odd_names_are_escaped(self):
        path = os.path.join(self.tmp, "bund\x1b[31mle\n\xe4")
        b = guardtest.Bundle(path, raw=b"x")
        done = self.create(b)
        self.assertRefused(done, "config.json")
        self.assertNotIn(b"\x1b", done.err)


@guardtest.needs_wrapper
@guardtest.needs_root
class BadDisk(Faked):
    """File systems that cannot take the new configuration."""

    def mount(self, *args):
        done = command(["mount", *args])
        if done.status != 0:
            self.skipTest("cannot mount here: " + done.error)
        self.addCleanup(command, ["umount", args[-1]])

    def test_full_disk(self):
        disk = os.path.join(self.tmp, "disk")
        os.mkdir(disk)
        self.mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", disk)
        b = guardtest.Bundle(os.path.join(disk, "b"))
        with open(os.path.join(disk, "fill"), "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        self.assertAllRefuse(b, modes=("enforce",), tried=True)
        self.assertRefused(self.create(b), b.config, os.strerror(28))
        # With room again it works.
        os.unlink(os.path.join(disk, "fill"))
        self.assertStatus(self.create(b), 0)
        self.assertIsNotNone(b.seccomp())

    def test_no_room_for_another_file(self):
        disk = os.path.join(self.tmp, "disk")
        os.mkdir(disk)
        self.mount("-t", "tmpfs", "-o", "nr_inodes=3,mode=700", "none", disk)
        b = guardtest.Bundle(os.path.join(disk, "b"))
        self.assertAllRefuse(b, modes=("enforce",))

    def test_read_only(self):
        b = self.bundle()
        self.mount("--bind", b.path, b.path)
        command(["mount", "-o", "remount,bind,ro", b.path])
        self.assertAllRefuse(b, modes=("enforce",))
        self.assertRefused(self.create(b), b.config, os.strerror(30))

    def test_read_only_but_confined_needs_no_writing(self):
        b = self.bundle(seccomp=STRICT)
        self.mount("--bind", b.path, b.path)
        command(["mount", "-o", "remount,bind,ro", b.path])
        self.assertStatus(self.create(b), 0)

    def test_file_size_limit(self):
        # The kernel's answer to a file that grows too large is a signal; the guard must outlive it and clean up.
        b = self.bundle()
        before = b.read()
        done = self.create(b, policy=self.policy(log={"to": "none"}), prefix=["prlimit", "--fsize=3000", "--"])
        self.assertStatus(done, 1)
        self.assertIn(b.config, done.err.decode() if isinstance(done.err, bytes) else done.err)
        self.assertEqual((b.read(), done.out), (before, b""))
        self.assertEqual([n for n in os.listdir(b.path) if "seccomp-guard" in n], [])

    def test_file_size_limit_for_records(self):
        """Where the record finds no room the container starts all the same."""
        b = self.bundle(seccomp=STRICT)
        with open(self.records, "wb") as f:
            f.truncate(65536)
        for policy in (self.policy(), self.policy(metrics=os.path.join(self.tmp, "metrics.prom"))):
            done = self.create(b, policy=policy, prefix=["prlimit", "--fsize=65536", "--"])
            self.assertStatus(done, 0)
        self.assertEqual(os.path.getsize(self.records), 65536)


BAD_POLICY = {
    "empty": "",
    "not_json": "mode: enforce",
    "an_array": "[]",
    "truncated": '{"mode":"audit"',
    "unknown_key": '{"mode":"audit","mod":"enforce"}',
    "unknown_mode": '{"mode":"Audit"}',
    "wrong_type": '{"mode":1}',
    "null_mode": '{"mode":null}',
    "duplicate_key": '{"mode":"enforce","mode":"audit"}',
    "folded_key": '{"Mode":"audit"}',
    "unknown_weak": '{"mode":"audit","weak":"replaced"}',
    "unknown_privileged": '{"mode":"audit","privileged":"allow"}',
    "unknown_sink": '{"mode":"audit","log":{"to":"kafka"}}',
    "log_file_without_path": '{"mode":"audit","log":{"to":"file"}}',
    "runtime": '{"mode":"audit","runtime":"/usr/sbin/runc"}',
    "too_large": '{"mode":"audit"}' + " " * (256 << 10),
    "something_behind": '{"mode":"audit"}{}',
}


@guardtest.needs_wrapper
@guardtest.each(sorted(BAD_POLICY), str)
class BadPolicy(Faked):
    """A policy that is not understood is never a silent pass, not even where it says audit."""

    def check_refused(self, name):
        policy = self.file("bad.json", BAD_POLICY[name])
        for seccomp in (guardtest.ABSENT, STRICT):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            for command_name in ("create", "run", "restore"):
                done = self.wrapper(command_name, "--bundle", b.path, "ID", policy=policy)
                self.assertRefused(done, policy)
                self.assertUntouched(b, before)

    def check_what_runs_can_still_be_stopped(self, name):
        policy = self.file("bad.json", BAD_POLICY[name])
        for args in (["kill", "ID", "9"], ["delete", "--force", "ID"], ["state", "ID"]):
            self.assertStatus(self.wrapper(*args, policy=policy), 0)


@guardtest.needs_wrapper
class BadPolicyFile(Faked):
    def refused(self, path, *words):
        b = self.bundle()
        before = b.snapshot()
        self.assertRefused(self.create(b, policy=path), path, *words)
        self.assertUntouched(b, before)

    def test_directory(self):
        self.refused(self.tmp)

    def test_fifo(self):
        path = os.path.join(self.tmp, "fifo")
        os.mkfifo(path)
        self.refused(path)

    def test_others_can_write(self):
        for mode in (0o666, 0o646, 0o664):
            self.refused(self.file("p%o" % mode, '{"mode":"audit"}', mode))

    @guardtest.needs_root
    def test_another_group_can_write(self):
        path = self.file("p", '{"mode":"audit"}', 0o664)
        os.chown(path, 0, 65534)
        self.refused(path)

    @guardtest.needs_root
    def test_owned_by_somebody_else(self):
        path = self.file("owned", '{"mode":"audit"}')
        os.chown(path, 65534, 65534)
        self.refused(path)

    def test_symlink_loop(self):
        path = os.path.join(self.tmp, "loop")
        os.symlink(path, path)
        self.refused(path)

    def test_place_is_named(self):
        path = self.file("placed", '{\n  "mode": "audit",\n  "wek": "keep"\n}\n')
        self.refused(path, ":3:")


# Words that runtimes would read differently, or that no runtime knows.
BAD_WORDS = {
    "subcommand_with_white_space": ["create\t", "--bundle", "B", "ID"],
    "unknown_option": ["create", "--bundel", "B", "ID"],
    "unknown_global_option": ["--rot", "/run", "create", "--bundle", "B", "ID"],
    "abbreviated_option": ["create", "--bund", "B", "ID"],
    "short_with_equals_sign": ["create", "-b=B", "ID"],
    "single_dash": ["create", "-bundle", "B", "ID"],
    "single_dash_equals_sign": ["create", "-bundle=B", "ID"],
    "global_after_subcommand": ["create", "--root", "/run", "--bundle", "B", "ID"],
    "missing_value": ["create", "--bundle"],
    "two_ids": ["create", "--bundle", "B", "ID", "ID2"],
}


@guardtest.needs_wrapper
@guardtest.each(sorted(BAD_WORDS), str)
class BadWords(Faked):
    def check_refused(self, name):
        b = self.bundle()
        before = b.snapshot()
        args = [w.replace("B", b.path) if w in ("B", "-b=B", "-bundle=B") else w for w in BAD_WORDS[name]]
        for mode in ("enforce", "deny"):
            self.assertRefused(self.wrapper(*args, policy=self.policy(mode=mode), cwd=b.path))
            self.assertUntouched(b, before)


class BadWordsCrun(BadWords):
    family = "crun"


class BadWordsOther(BadWords):
    family = "youki"


@guardtest.needs_wrapper
class EmptyBundle(Faked):
    """runc takes an empty --bundle for none, crun for an error: judged where runc looks, or refused."""

    def test_empty_bundle(self):
        b = self.bundle()
        done = self.wrapper("create", "--bundle", "", "ID", cwd=b.path)
        if done.status == 0:
            self.assertIsNotNone(b.seccomp())
        else:
            self.assertRefused(done)


if __name__ == "__main__":
    guardtest.main()
