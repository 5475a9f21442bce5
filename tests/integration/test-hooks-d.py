#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The definitions that engines read (oci-hooks(5) 1.0.0), as they are installed, and with podman."""

import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import engine  # noqa: E402
import guardtest  # noqa: E402
from guardtest import BUILDDIR, SRCDIR, command  # noqa: E402

HOOK = guardtest.HOOK

# File: its stage. These three and no other; each stage has a file, so that each hook is told its stage.
ENABLED = {"50-seccomp-guard-create.json": "createRuntime", "50-seccomp-guard-poststart.json": "poststart"}
PRECREATE = {"50-seccomp-guard-precreate.json": "precreate"}


def make(*args):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR")}
    return command(["make", "-C", BUILDDIR, *args], env=env, timeout=300)


@guardtest.needs_hook
class Installed(guardtest.Case):
    def setUp(self):
        super().setUp()
        self.dest = os.path.join(self.tmp, "dest")
        self.assertStatus(make("install", "DESTDIR=" + self.dest), 0)
        [program] = glob.glob(self.dest + "/**/oci/hooks.d/seccomp-guard-hook", recursive=True)
        self.program = program[len(self.dest):]

    def read(self, directory):
        found = {}
        for path in glob.glob(os.path.join(self.dest, "**", "share", directory, "*.json"), recursive=True):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
            with open(path, encoding="utf-8") as f:
                found[os.path.basename(path)] = json.load(f)
        return found

    def assertHook(self, hook, stage):
        self.assertEqual(hook["path"], self.program)
        self.assertTrue(os.access(self.dest + hook["path"], os.X_OK))
        self.assertEqual(hook["args"], ["seccomp-guard-hook", "--stage", stage])
        # Without it the hook would inherit the runtime's, and with it LD_LIBRARY_PATH under containerd.
        self.assertEqual(hook["env"], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        # crun takes a timeout for expired when a container ends together with its hook.
        self.assertEqual(set(hook), {"path", "args", "env"})

    def test_definitions(self):
        for directory, files in (("seccomp-guard/hooks.d", ENABLED), ("seccomp-guard/hooks.d-precreate", PRECREATE)):
            found = self.read(directory)
            self.assertEqual(set(found), set(files))
            for name, stage in files.items():
                self.assertEqual(set(found[name]), {"version", "hook", "when", "stages"})
                self.assertEqual((found[name]["version"], found[name]["when"], found[name]["stages"]),
                                 ("1.0.0", {"always": True}, [stage]))
                self.assertHook(found[name]["hook"], stage)

    def test_base_specification(self):
        found = self.read("seccomp-guard")
        self.assertEqual(set(found), {"base-runtime-hooks.json"})
        hooks = found["base-runtime-hooks.json"]["hooks"]
        self.assertEqual(set(hooks), {"createRuntime", "poststart"})
        for stage, entries in hooks.items():
            self.assertEqual(len(entries), 1)
            self.assertHook(entries[0], stage)

    def test_no_engine_reads_what_is_installed(self):
        """Installing does not switch on: there is nothing where engines look by themselves."""
        places = ("bin/", "libexec/oci/hooks.d/seccomp-guard-hook", "libexec/seccomp-guard/", "share/seccomp-guard/",
                  "share/man/", "share/doc/")
        for directory, _, files in os.walk(self.dest):
            for name in files:
                path = os.path.join(directory, name)
                if path.endswith("/etc/seccomp-guard/policy.json.sample"):
                    continue  # a name that nothing reads
                self.assertRegex(path, "/(%s)" % "|".join(places))
                for engine_place in ("/containers/", "/etc/", "/cni/", "/nri/", "conf.d"):
                    self.assertNotIn(engine_place, path[len(self.dest):])

    def test_uninstall(self):
        self.assertStatus(make("uninstall", "DESTDIR=" + self.dest), 0)
        self.assertEqual([files for _, _, files in os.walk(self.dest) if files], [])


@guardtest.all_runtimes
class Podman(engine.Podman):
    """Containers that ask for no confinement."""

    def hooks_dir(self, directory, *names, path=HOOK):
        """The project's definitions, with the programs and the policy of this test."""
        made = self.fresh("hooks")
        os.makedirs(made)
        for name in names:
            with open(os.path.join(SRCDIR, "contrib", directory, name + ".in"), encoding="utf-8") as f:
                hook = json.load(f)
            hook["hook"]["path"] = path
            hook["hook"]["args"] += ["--policy", self.guard_policy]
            with open(os.path.join(made, name), "w", encoding="utf-8") as f:
                json.dump(hook, f)
        return ["--hooks-dir", made]

    @guardtest.needs_live
    def test_hooks_d(self):
        done = self.podman("run", "--rm", runtime="tested", options=self.hooks_dir("hooks.d", *ENABLED))
        self.assertConfined(done, "containers")
        self.assertEqual([(r["entry"], r["stage"], r["injector"]) for r in self.decisions()],
                         [("hook", "createRuntime", "live")])

    def test_precreate(self):
        cid = os.path.join(self.tmp, "cid")
        done = self.podman("run", "--rm", "--cidfile", cid, runtime="tested",
                           options=self.hooks_dir("hooks.d-precreate", *PRECREATE))
        self.assertConfined(done, "containers")
        with open(cid, encoding="ascii") as f:
            self.assertEqual([r["id"] for r in self.decisions()], [f.read().strip()])
        self.assertEqual([(r["entry"], r["stage"], r["injector"]) for r in self.decisions()],
                         [("filter", "precreate", "config")])

    def test_all_of_them(self):
        """precreate, the wrapper and the hooks: one decision, recorded by the first, in complain too."""
        for mode in ("enforce", "complain"):
            self.set_policy(mode=mode)
            options = self.hooks_dir("hooks.d-precreate", *PRECREATE) + self.hooks_dir("hooks.d", *ENABLED)
            done = self.podman("run", "--rm", options=options)
            self.assertEqual(self.probed(done)["Seccomp"], 2)
            self.assertEqual([(r["entry"], r["action"]) for r in self.decisions()], [("filter", "inject")])
            os.unlink(self.records)

    def test_runtime(self):
        self.assertConfined(self.podman("run", "--rm", runtime="guarded"), "containers")
        self.assertEqual([(r["entry"], r["stage"]) for r in self.decisions()], [("wrapper", "create")])

    def test_podmans_own_is_confined(self):
        self.set_policy(weak="refuse")
        seen = self.probed(self.podman("run", "--rm", runtime="guarded", security=()))
        self.assertEqual((seen["Seccomp"], seen["add_key"]), (2, 38))
        self.assertEqual([(r["engine"], r["finding"], r["action"]) for r in self.decisions()],
                         [("podman", "confined", "keep")])

    def test_a_profile_that_is_weak(self):
        usual = "/usr/share/containers/seccomp.json"
        if not os.path.exists(usual):
            self.skipTest("no " + usual)
        with open(usual, encoding="utf-8") as f:
            profile = json.load(f)
        profile["syscalls"].insert(0, {"names": ["add_key"], "action": "SCMP_ACT_ALLOW"})
        security = ["seccomp=" + self.file("open.json", json.dumps(profile))]
        seen = self.probed(self.podman("run", "--rm", runtime="guarded", security=security))
        self.assertEqual((seen["Seccomp"], seen["add_key"]), (2, 14))
        record = self.decisions()[-1]
        self.assertEqual((record["finding"], record["action"], record["weak_syscalls"]), ("weak", "keep", ["add_key"]))
        self.set_policy(weak="refuse")
        done = self.podman("run", "--rm", runtime="guarded", security=security)
        self.assertNotEqual(done.status, 0)
        self.assertEqual(done.out, b"")
        self.assertIn("it lets through add_key, which RuntimeDefault of containers denies", done.error)

    def test_poststart_alone_ends_it(self):
        done = self.podman("run", "--rm", runtime="tested", options=self.hooks_dir("hooks.d", "50-seccomp-guard-poststart.json"),
                           command_line=("/bin/probe", "pause"))
        self.assertEqual(self.decisions()[-1]["reason"], "not-confined")
        self.assertNotEqual(done.status, 0)

    def test_a_missing_program_is_left_out(self):
        """Documented: engines pass over a definition whose program is missing, and say nothing."""
        self.assertUnconfined(self.podman("run", "--rm", runtime="tested", options=self.hooks_dir(
            "hooks.d", *ENABLED, path=os.path.join(self.tmp, "gone"))))


if __name__ == "__main__":
    guardtest.main()
