#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main promise: a container without a seccomp filter, started through the wrapper, runs under one."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
from guardtest import ABSENT, STRICT, WEAK  # noqa: E402

# What no runtime turns into a filter, or into one under which every call runs. crun refuses an object without
# defaultAction, so that {} must have been replaced before it gets there.
UNCONFINED = {
    "absent": (ABSENT, "absent"),
    "null": (None, "absent"),
    "empty object": ({}, "absent"),
    "allow": ({"defaultAction": "SCMP_ACT_ALLOW"}, "unconfined"),
    "allow, no rules": ({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": []},
                        "unconfined"),
    "log": ({"defaultAction": "SCMP_ACT_LOG"}, "unconfined"),
    "allow with allow and log rules": (
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir"], "action": "SCMP_ACT_LOG"}, {"names": ["chmod"], "action": "SCMP_ACT_ALLOW"}]},
        "unconfined"),
    "log with an allow rule": (
        {"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}, "unconfined"),
}


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.each(sorted(UNCONFINED), str)
class Forms(guardtest.Case):
    """Each spelling of "unconfined", by run and by create, start and delete."""

    def check_run(self, form):
        seccomp, finding = UNCONFINED[form]
        b = self.bundle(seccomp=seccomp)
        before = b.read()
        self.assertConfined(self.run_guarded(b))
        self.assertTrue(guardtest.only_seccomp_differs(before, b.read()), b.read())
        record = self.decisions()[-1]
        self.assertEqual((record["finding"], record["action"], record["mode"]), (finding, "inject", "enforce"))
        self.assertEqual((record["event"], record["entry"], record["injector"]), ("decision", "wrapper", "config"))
        self.assertEqual(record["bundle"], b.path)
        self.assertNothingLeft()


@guardtest.all_runtimes
@guardtest.needs_wrapper
class LifeCycle(guardtest.Case):
    """The calls that engines make, in their order, each through the wrapper."""

    def wait_for(self, path, text):
        def read():
            with open(path, "rb") as f:
                return f.read()

        self.assertTrue(guardtest.until(lambda: text in read()), "%r did not appear" % text)

    def life(self, before_create, bundle_args, cwd=None):
        b = self.bundle(args=["/bin/probe", "pause"])
        out = self.file("out", b"")
        name = self.container_id()
        pid_file = os.path.join(self.tmp, "pid")
        with open(out, "wb") as f:
            # Engines give the container its output by the runtime's descriptors.
            create = self.guarded_argv(*before_create, "create", *bundle_args(b), "--pid-file", pid_file, name)
            status = subprocess.run(create, stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT, timeout=60,
                                    cwd=cwd and cwd(b), check=False).returncode
        with open(out, "rb") as f:
            self.assertEqual(status, 0, f.read())
        self.assertStatus(self.guarded("start", name), 0)
        self.wait_for(out, b"mkdirat=")
        with open(pid_file, encoding="ascii") as f:
            pid = int(f.read())
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            self.assertIn("Seccomp:\t2\n", f.read())
        state = self.guarded("state", name)
        self.assertEqual(json.loads(state.out)["status"], "running")
        # A process added later gets the filter too, as the runtime saved the injected profile.
        later = self.guarded("exec", name, "/bin/probe")
        self.assertConfined(later)
        self.assertStatus(self.guarded("kill", name, "KILL"), 0)
        self.assertStatus(self.guarded("delete", "--force", name), 0)
        self.assertNothingLeft()
        self.assertEqual([r["action"] for r in self.decisions()], ["inject"])
        return b

    def test_as_containerd_calls_it(self):
        log = os.path.join(self.tmp, "log.json")
        self.life(["--log", log, "--log-format", "json"], lambda b: ["--bundle", b.path])
        # The engine reads that file: nothing of ours may be in it.
        if os.path.exists(log):
            with open(log, "rb") as f:
                self.assertNotIn(b"seccomp-guard", f.read())

    def test_as_conmon_calls_it(self):
        # conmon writes --root=X; the second wins over the one that the harness gives.
        self.life(["--root=" + self.root], lambda b: ["--bundle", b.path])

    def test_bundle_with_equals_sign(self):
        self.life([], lambda b: ["--bundle=" + b.path])

    def test_short_option(self):
        self.life([], lambda b: ["-b", b.path])

    def test_no_bundle_is_the_current_directory(self):
        self.life([], lambda b: [], cwd=lambda b: b.path)

    def test_relative_bundle(self):
        self.life([], lambda b: ["--bundle", os.path.basename(b.path)], cwd=lambda b: self.tmp)

    def test_last_bundle_wins(self):
        other = self.bundle(seccomp=STRICT)
        before = other.snapshot()
        self.life([], lambda b: ["--bundle", other.path, "--bundle", b.path])
        self.assertUntouched(other, before)

    def test_bundle_with_a_slash_at_the_end(self):
        self.life([], lambda b: ["--bundle", b.path + "/"])

    def test_bundle_behind_a_symlink(self):
        # The directory may be a link (docker's data root often is); config.json itself may not.
        link = os.path.join(self.tmp, "link")

        def linked(b):
            os.symlink(b.path, link)
            return ["--bundle", link]
        b = self.life([], linked)
        self.assertIsNotNone(b.seccomp())

    def test_restart_in_the_same_bundle_changes_nothing(self):
        b = self.bundle()
        self.assertConfined(self.run_guarded(b))
        before = b.snapshot()
        self.assertConfined(self.run_guarded(b))
        self.assertUntouched(b, before)
        self.assertEqual([r["action"] for r in self.decisions()], ["inject", "keep"])


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Confined(guardtest.Case):
    """What has a filter keeps it, to the byte and the inode."""

    def test_strict_profile_is_kept(self):
        b = self.bundle(seccomp=STRICT)
        before = b.snapshot()
        seen = self.probed(self.run_guarded(b))
        self.assertEqual((seen["Seccomp"], seen["Seccomp_filters"], seen["unshare"]), (2, 1, 13))
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions()[-1]["finding"], "confined")
        self.assertEqual(self.decisions()[-1]["action"], "keep")

    def test_weak_profile_is_kept_and_recorded(self):
        b = self.bundle(seccomp=WEAK)
        before = b.snapshot()
        seen = self.probed(self.run_guarded(b))
        self.assertEqual((seen["Seccomp"], seen["mkdirat"], seen["unshare"]), (2, 95, 0))
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["finding"], self.decisions()[-1]["action"]), ("weak", "keep"))

    def test_weak_profile_is_replaced_by_policy(self):
        b = self.bundle(seccomp=WEAK)
        self.assertConfined(self.run_guarded(b, policy=self.policy(weak="replace")))

    def test_weak_profile_is_refused_by_policy(self):
        b = self.bundle(seccomp=WEAK)
        before = b.snapshot()
        self.assertRefused(self.run_guarded(b, policy=self.policy(weak="refuse")))
        self.assertUntouched(b, before)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Modes(guardtest.Case):
    def test_audit_keeps_and_records(self):
        b = self.bundle()
        before = b.snapshot()
        self.assertUnconfined(self.run_guarded(b, policy=self.policy(mode="audit")))
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["mode"]), ("would-inject", "audit"))

    def test_complain_denies_nothing(self):
        b = self.bundle()
        seen = self.probed(self.run_guarded(b, policy=self.policy(mode="complain")))
        self.assertEqual((seen["Seccomp"], seen["unshare"], seen["keyctl"]), (2, 0, 95))
        self.assertEqual(b.seccomp()["defaultAction"], "SCMP_ACT_LOG")
        # What answers ENOSYS is not denied: libc goes another way, and would not if the call were let through.
        for rule in b.seccomp()["syscalls"]:
            if rule["action"] not in ("SCMP_ACT_LOG", "SCMP_ACT_ALLOW"):
                self.assertEqual((rule["names"], rule["errnoRet"]), (["clone3"], 38))
        self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["mode"]), ("inject", "complain"))

    def test_complain_has_settled(self):
        # What complain injected is unconfined by meaning; a second pass must still change nothing.
        b = self.bundle()
        policy = self.policy(mode="complain")
        self.assertEqual(self.probed(self.run_guarded(b, policy=policy))["Seccomp"], 2)
        before = b.snapshot()
        self.assertEqual(self.probed(self.run_guarded(b, policy=policy))["Seccomp"], 2)
        self.assertUntouched(b, before)

    def test_enforce_is_the_default(self):
        self.assertConfined(self.run_guarded(self.bundle(), policy=self.policy(mode="enforce")))
        self.assertConfined(self.run_guarded(self.bundle(), policy=self.policy()))

    def test_deny_refuses(self):
        for seccomp in (ABSENT, None, {}, {"defaultAction": "SCMP_ACT_ALLOW"}, WEAK):
            b = self.bundle(seccomp=seccomp)
            before = b.snapshot()
            self.assertRefused(self.run_guarded(b, policy=self.policy(mode="deny")), '"mode": "deny"')
            self.assertUntouched(b, before)
            self.assertNothingLeft()
            self.assertEqual((self.decisions()[-1]["action"], self.decisions()[-1]["mode"]), ("refuse", "deny"))

    def test_deny_keeps_what_is_confined(self):
        seen = self.probed(self.run_guarded(self.bundle(seccomp=STRICT), policy=self.policy(mode="deny")))
        self.assertEqual(seen["unshare"], 13)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Privileged(guardtest.Case):
    """The shape that `--privileged` gives. A runtime that is itself short of capabilities cannot give all 41, so
    what is judged has what this process has."""

    def setUp(self):
        super().setUp()
        self.caps = bundles.own_caps()
        if len(self.caps) < 37:
            self.skipTest("this root has only %d capabilities" % len(self.caps))

    def privileged(self, **kwargs):
        return self.bundle(raw=bundles.encode(bundles.privileged(caps=self.caps, **kwargs)))

    def test_exempt_by_default(self):
        b = self.privileged()
        before = b.snapshot()
        self.assertUnconfined(self.run_guarded(b))
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions()[-1]["action"], "exempt")

    def test_enforce(self):
        b = self.privileged()
        seen = self.probed(self.run_guarded(b, policy=self.policy(privileged="enforce")))
        self.assertEqual(seen["Seccomp"], 2)
        # CAP_SYS_ADMIN gives unshare and setns, in every engine's RuntimeDefault; keyctl stays denied.
        self.assertEqual((seen["unshare"], seen["keyctl"]), (0, 1))

    def test_refuse(self):
        b = self.privileged()
        before = b.snapshot()
        self.assertRefused(self.run_guarded(b, policy=self.policy(privileged="refuse")), "is privileged", '"privileged": "refuse"')
        self.assertUntouched(b, before)

    def test_every_form_that_engines_give_it(self):
        """Docker 28 writes nine rules of which the last counts; rootless podman none; containerd with
        privileged_without_host_devices denies all but a few. Each of them is exempt, refused and enforced alike."""
        sysfs = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "rw"]}
        null = {"allow": True, "type": "c", "major": 1, "minor": 3, "access": "rwm"}
        fuse = {"allow": False, "type": "c", "major": 10, "minor": 229, "access": "rwm"}
        every = {"allow": True, "access": "rwm"}
        none = {"allow": False, "access": "rwm"}
        for devices, mounts in (([none, null, fuse, every], []), ([every, null], []), ([], [sysfs]), ([none, null], [sysfs])):
            c = bundles.privileged(caps=self.caps)
            c["linux"]["resources"]["devices"] = devices
            c["mounts"] += mounts
            b = self.bundle(raw=bundles.encode(c))
            before = b.snapshot()
            self.assertUnconfined(self.run_guarded(b, policy=self.policy(mode="deny")))
            self.assertRefused(self.run_guarded(b, policy=self.policy(privileged="refuse")), "privileged")
            self.assertUntouched(b, before)
            self.assertEqual([(r["action"], r["reason"]) for r in self.decisions()[-2:]],
                             [("exempt", "privileged"), ("refuse", "privileged")])

    def test_one_sign_missing_is_not_privileged(self):
        for spoil in (lambda c: c["linux"].update(maskedPaths=["/proc/kcore"]),
                      lambda c: c["linux"]["resources"].update(devices=[{"allow": False, "access": "rwm"}]),
                      lambda c: c["linux"]["resources"]["devices"].append(
                          {"allow": False, "type": "c", "major": 10, "minor": 229, "access": "rwm"}),
                      lambda c: c["process"]["capabilities"]["bounding"].remove("CAP_SYS_MODULE"),
                      lambda c: c["process"]["capabilities"]["bounding"].remove("CAP_SYS_ADMIN")):
            c = bundles.privileged(caps=self.caps)
            spoil(c)
            bounding = c["process"]["capabilities"]["bounding"]
            for kind in ("effective", "permitted"):
                c["process"]["capabilities"][kind] = bounding
            b = self.bundle(raw=bundles.encode(c))
            self.assertEqual(self.probed(self.run_guarded(b))["Seccomp"], 2)


@guardtest.all_runtimes
@guardtest.needs_wrapper
class Annotations(guardtest.Case):
    # How containerd names the parts of a pod.
    KUBERNETES = {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": "web",
                  "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-name": "web-0",
                  "io.kubernetes.cri.sandbox-id": "0" * 64}

    def test_opt_out(self):
        b = self.bundle(annotations={"seccomp-guard/profile": "unconfined"})
        before = b.snapshot()
        self.assertUnconfined(self.run_guarded(b))
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions()[-1]["action"], "exempt")

    def test_opt_out_for_one_container(self):
        marks = {"seccomp-guard/profile.web": "unconfined"}
        self.assertUnconfined(self.run_guarded(self.bundle(annotations={**self.KUBERNETES, **marks})))
        marks = {"seccomp-guard/profile.db": "unconfined"}
        self.assertConfined(self.run_guarded(self.bundle(annotations={**self.KUBERNETES, **marks})))

    def test_the_containers_own_word_is_stronger(self):
        marks = {"seccomp-guard/profile": "unconfined", "seccomp-guard/profile.web": "runtime/default"}
        self.assertConfined(self.run_guarded(self.bundle(annotations={**self.KUBERNETES, **marks})))

    def test_policy_need_not_honour_it(self):
        b = self.bundle(annotations={"seccomp-guard/profile": "unconfined"})
        self.assertConfined(self.run_guarded(b, policy=self.policy(annotations={"honor": False})))

    def test_kubernetes_legacy_unconfined_is_no_opt_out(self):
        for name in ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/web"):
            b = self.bundle(annotations={**self.KUBERNETES, name: "unconfined"})
            self.assertConfined(self.run_guarded(b))

    def test_other_engines_opt_outs_are_none(self):
        b = self.bundle(annotations={"io.podman.annotations.seccomp": "unconfined",
                                     "io.kubernetes.cri-o.SeccompProfilePath": "Unconfined"})
        self.assertConfined(self.run_guarded(b))

    def test_unknown_value_is_refused(self):
        for value in ("Unconfined", "", "none", "runtime/Default"):
            b = self.bundle(annotations={"seccomp-guard/profile": value})
            before = b.snapshot()
            self.assertRefused(self.run_guarded(b), "seccomp-guard/profile")
            self.assertUntouched(b, before)

    def test_foreign_filter_is_refused(self):
        for name in ("run.oci.seccomp_bpf_data", "run.oci.seccomp.plugins"):
            for seccomp in (ABSENT, STRICT):
                b = self.bundle(annotations={name: "BgAAAAAA/38="}, seccomp=seccomp)
                before = b.snapshot()
                for mode in ("enforce", "complain", "deny"):
                    self.assertRefused(self.run_guarded(b, policy=self.policy(mode=mode)), name)
                    self.assertEqual((self.decisions()[-1]["finding"], self.decisions()[-1]["action"]),
                                     ("foreign", "refuse"))
                    self.assertUntouched(b, before)
                    self.assertNothingLeft()

    FAILS_ON_UNKNOWN = {"run.oci.seccomp_fail_unknown_syscall": "1"}

    def test_names_that_an_old_libseccomp_does_not_know(self):
        """crun fails on them if it is asked to: then they stay out of what is injected."""
        plain, b = self.bundle(), self.bundle(annotations=self.FAILS_ON_UNKNOWN)
        self.assertConfined(self.run_guarded(b))
        self.assertStatus(self.cli("apply", "--policy", self.policy(), plain.path), 0)
        young = {name for rule in plain.seccomp()["syscalls"] for name in rule["names"]} - \
            {name for rule in b.seccomp()["syscalls"] for name in rule["names"]}
        self.assertLessEqual({"cachestat", "mseal", "uretprobe", "riscv_hwprobe"}, young)
        self.assertFalse(young & {"futex_waitv", "set_mempolicy_home_node", "clone3", "openat2"})
        # What the runtime itself says of the profile that is injected without the annotation.
        config = json.loads(plain.read())
        config["annotations"] = self.FAILS_ON_UNKNOWN
        done = self.call("run", "--bundle", self.bundle(raw=bundles.encode(config)).path, self.container_id())
        if done.status:
            self.assertIn("invalid seccomp syscall", done.error)
        # A second time changes nothing, and it is no weak profile.
        before = b.snapshot()
        self.assertConfined(self.run_guarded(b))
        self.assertUntouched(b, before)
        self.assertEqual((self.decisions()[-1]["finding"], self.decisions()[-1]["action"]), ("confined", "keep"))

    def test_in_each_flavor_and_mode(self):
        for flavor in ("moby", "containerd", "containers", "crio"):
            for mode in ("enforce", "complain"):
                b = self.bundle(annotations=self.FAILS_ON_UNKNOWN)
                self.probed(self.run_guarded(b, policy=self.policy(flavor=flavor, mode=mode)))
        # Not asked for.
        b = self.bundle(annotations={"run.oci.seccomp_fail_unknown_syscall": "0"})
        self.assertConfined(self.run_guarded(b))
        self.assertIn("mseal", b.read().decode())

    def test_foreign_filter_in_audit_is_recorded(self):
        b = self.bundle(annotations={"run.oci.seccomp.plugins": "x"})
        before = b.snapshot()
        self.run_guarded(b, policy=self.policy(mode="audit"))
        self.assertUntouched(b, before)
        self.assertEqual(self.decisions()[-1]["action"], "would-refuse")


@guardtest.all_runtimes
@guardtest.needs_wrapper
class OtherConfig(guardtest.Case):
    """crun's --config: the file that is judged must be the file that is read."""

    def setUp(self):
        super().setUp()
        # Three files of that name could be meant: crun takes a relative path from where it was called.
        self.elsewhere = os.path.join(self.tmp, "elsewhere")
        os.mkdir(self.elsewhere, 0o700)
        self.b = self.bundle(seccomp=STRICT)

    def put(self, place, **kwargs):
        path = os.path.join(place, "other.json")
        with open(path, "wb") as f:
            f.write(bundles.encode(bundles.config(**kwargs)))
        os.chmod(path, 0o644)
        return path

    def run_with(self, *option):
        return self.guarded("run", "--bundle", self.b.path, *option, self.container_id(), cwd=self.elsewhere)

    def assertNeverUnconfined(self, done):
        self.assertNothingLeft()
        if self.runtime.name != "crun":
            # runc knows no such option: nothing may start.
            self.assertNotEqual(done.status, 0)
        elif done.status == 0:
            self.assertConfined(done)

    def test_the_named_file_is_judged(self):
        before = self.b.read()
        for how in ("--config", "-f", "--config="):
            path = self.put(self.elsewhere)
            option = [how + path] if how.endswith("=") else [how, path]
            done = self.run_with(*option)
            self.assertNeverUnconfined(done)
            if self.runtime.name == "crun":
                self.assertConfined(done)
                with open(path, "rb") as f:
                    self.assertIn(b'"seccomp"', f.read())
            self.assertEqual(self.b.read(), before)

    def test_relative_path_is_from_the_callers_directory(self):
        self.put(self.elsewhere)
        self.assertNeverUnconfined(self.run_with("--config", "other.json"))

    def test_relative_path_with_a_confined_file_in_the_bundle(self):
        """Were the bundle's file judged, the other would be started as it is."""
        self.put(self.b.path, seccomp=STRICT)
        self.put(self.elsewhere)
        done = self.run_with("--config", "other.json")
        self.assertNeverUnconfined(done)

    def test_relative_path_with_dots(self):
        self.put(self.elsewhere)
        os.mkdir(os.path.join(self.elsewhere, "sub"))
        self.assertNeverUnconfined(self.run_with("--config", "sub/../other.json"))

    def test_the_default_name_is_the_bundles(self):
        """`--config config.json` is the default to crun, and in the bundle."""
        path = os.path.join(self.elsewhere, "config.json")
        with open(path, "wb") as f:
            f.write(bundles.encode(bundles.config()))
        done = self.run_with("--config", "config.json")
        if self.runtime.name == "crun":
            self.assertEqual(self.probed(done)["unshare"], 13)
        else:
            self.assertNotEqual(done.status, 0)
        self.b.write(bundles.encode(bundles.config()))
        self.assertNeverUnconfined(self.run_with("--config", "config.json"))


if __name__ == "__main__":
    guardtest.main()
