#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp-guard register with engines that Debian 12 does not package, by recordings of what their tools print, in a root
directory of their own (--root) that has busybox and a script in the place of the engine."""

import glob
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import machine  # noqa: E402

RECORDED = os.path.join(guardtest.DATA, "engines")

# What it starts containers with goes by its main file, as it did when it was recorded.
CONTAINERD = """
[ "$1 $2" = "config dump" ] || { echo "containerd github.com/containerd/containerd/v2 2.1.9"; exit 0; }
[ ! -e /fails ] || { echo "containerd: invalid plugin config" >&2; exit 1; }
if ! grep -q runtimes.seccomp-guard /etc/containerd/config.toml; then cat /recorded/before
elif grep -q '^default_runtime_name = "seccomp-guard"' /etc/containerd/config.toml; then cat /recorded/after
else sed "s/default_runtime_name = .*/default_runtime_name = 'runc'/" /recorded/after
fi
"""

# The same of 2.3, as far as NRI goes: what its validator requires is in the dump (its keys by containerd's sources).
CONTAINERD_NRI = """
[ "$1 $2" = "config dump" ] || { echo "containerd github.com/containerd/containerd/v2 2.3.4"; exit 0; }
own() { sed -n 's/ *#.*//; s/^ *'$1' = //p' /etc/containerd/config.toml | tail -n 1; }
enable=$(own enable) required=$(own required_plugins) disable=$(own disable)
sed -e "s|@enable@|${enable:-false}|" -e "s|@required@|${required:-@default@}|" -e "s|@disable@|${disable:-false}|" \
	-e "s|@default@|[]|" /recorded/before
"""

VALIDATOR = """    disable_connections = false

    [plugins.'io.containerd.nri.v1.nri'.default_validator]
      enable = @enable@
      reject_oci_hook_adjustment = false
      reject_runtime_default_seccomp_adjustment = false
      reject_unconfined_seccomp_adjustment = false
      reject_custom_seccomp_adjustment = false
      reject_namespace_adjustment = false
      required_plugins = @required@
      tolerate_missing_plugins_annotation = ''
"""

# Its defaults are comments; what a drop-in says is not. Tables may come in any order.
CRIO = """
[ "$1" = config ] || { echo "crio version 1.37.0"; exit 0; }
[ ! -e /fails ] || { echo "invalid configuration" >&2; exit 1; }
own=/etc/crio/crio.conf.d/50-seccomp-guard.conf
[ -e $own ] || { cat /recorded/config; exit 0; }
default=$(sed -n 's/^default_runtime = //p' $own /etc/crio/crio.conf.d/9*.conf 2>/dev/null | tail -n 1)
hooks=$(grep '^hooks_dir' $own || :)
sed -e "s|^# default_runtime = .*|${default:+default_runtime = }${default:-# default_runtime = \"crun\"}|" -e "s|^# conmon = .*|$hooks|" /recorded/config
sed -n '/^\\[crio.runtime.runtimes/,$p' $own
"""

# The validator's table is a comment even where it is set. The last file counts; recorded of the real one.
CRIO_NRI = r"""
[ "$1" = config ] || { echo "crio version 1.37.0"; exit 0; }
set_to() { sed -n 's/^'$1' = //p' /etc/crio/crio.conf.d/*.conf 2>/dev/null | tail -n 1; }
nri=$(set_to enable_nri) enable=$(set_to nri_enable_default_validator) plugins=$(set_to nri_validator_required_plugins | sed 's/[][,]/ /g')
while IFS= read -r line; do
	case $line in
	"# enable_nri = "*) echo "${nri:+enable_nri = }${nri:-$line}" ;;
	"# nri_enable_default_validator = "*) echo "# nri_enable_default_validator = ${enable:-false}" ;;
	"# nri_validator_required_plugins = "*) echo "$line"; [ -z "$plugins" ] || printf '# \t%s,\n' $plugins ;;
	*) echo "$line" ;;
	esac
done </recorded/config
"""

DOCKERD = """
case $1 in
--version) echo "Docker version 28.5.2+dfsg4, build 3ef3c07" ;;
--help) echo "      --validate                              Validate daemon configuration and exit" ;;
--validate)
	[ -s "$3" ] || exit 1
	[ ! -e /fails ] || { echo "unable to configure the Docker daemon with file $3" >&2; exit 1; }
	echo "configuration OK" ;;
*) exit 1 ;;
esac
"""

PODMAN = """
own=/etc/containers/containers.conf.d/50-seccomp-guard.conf
name=crun path=/usr/bin/crun
if [ -e $own ] && grep -q '^runtime = "seccomp-guard"' $own && [ ! -e /fails ]; then
	name=seccomp-guard path=$(sed -n 's/^seccomp-guard = \\["\\(.*\\)"\\]/\\1/p' $own)
fi
case "$1 $3" in
"--version "*) echo "podman version 5.8.6" ;;
"info {{.Host.OCIRuntime.Name}}") echo $name ;;
"info {{.Host.OCIRuntime.Path}}") echo $path ;;
"ps "*) cat /containers 2>/dev/null || : ;;
"inspect "*) echo "seccomp-guard left" ;;
*) exit 1 ;;
esac
"""


@guardtest.needs_cli
class Recorded(machine.Machine):
    """A root directory with what a node has."""

    def setUp(self):
        super().setUp()
        busybox = shutil.which("busybox")
        if busybox is None or b"interpreter" in guardtest.command(["file", "-L", busybox]).out:
            self.skipTest("needs a static busybox")
        self.node = os.path.join(self.tmp, "node")
        prefix = machine.variable("prefix")
        shutil.copytree(self.place(prefix), self.node + prefix, symlinks=True)
        for directory in ("bin", "dev", "usr/bin", "usr/sbin", "recorded"):
            os.makedirs(os.path.join(self.node, directory), exist_ok=True)
        self.put("/dev/null", "")
        shutil.copy(busybox, self.node + "/bin/busybox")
        for name in ("sh", "cat", "grep", "sed", "tail"):
            os.symlink("busybox", self.node + "/bin/" + name)
        if guardtest.command(["chroot", self.node, "/bin/sh", "-c", "echo x | sed s/x/y/ | grep y | tail -n 1"]).status:
            self.skipTest("busybox does not do here")
        self.script("/usr/sbin/runc", 'printf "runc version 1.3.6\\nlibseccomp: 2.6.1\\n"')
        self.script("/usr/bin/crun", 'printf "crun version 1.28\\n+SYSTEMD +SECCOMP\\n"')
        self.outside = self.tree("/etc", "/var/lib")

    def tearDown(self):
        if hasattr(self, "outside"):
            self.assertEqual(self.tree("/etc", "/var/lib"), self.outside)
        super().tearDown()

    def script(self, path, text):
        self.put(path, "#!/bin/sh\n" + text)
        os.chmod(self.node + path, 0o755)

    def put(self, path, text):
        os.makedirs(os.path.dirname(self.node + path), exist_ok=True)
        with open(self.node + path, "w", encoding="utf-8") as f:
            f.write(text)

    def get(self, path):
        with open(self.node + path, encoding="utf-8") as f:
            return f.read()

    def recorded(self, name):
        with open(os.path.join(RECORDED, name), encoding="utf-8") as f:
            return f.read().replace("@libexec@", self.libexec)

    def state(self):
        found = self.tree(self.node[len(self.tmp):] + "/etc", self.node[len(self.tmp):] + "/var")
        return {path: text for path, text in found.items() if not path.endswith("/policy.json")}

    def done(self, *args):
        done = self.guard(*args, "--root", self.node)
        self.assertStatus(done, 0)
        return done.text

    def not_done(self, pattern, *args):
        before = self.state()
        done = self.guard(*args, "--root", self.node)
        self.assertStatus(done, 2)
        self.assertRegex(done.error, pattern)
        self.assertEqual(self.state(), before)

    def doctor(self, engine):
        """The level of the check "default"."""
        done = self.guard("doctor", "--json", "--root", self.node)
        [level] = [f["level"] for f in map(json.loads, done.text.splitlines()) if (f["about"], f["check"]) == (engine, "default")]
        return level

    def back(self, engine, before):
        self.done("unregister", engine)
        self.assertEqual(self.doctor(engine), "problem")  # containers that name it still need it
        self.done("unregister", "--when-unused", engine)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.doctor(engine), "warning")

    def rolled_back(self, engine, pattern):
        """What the engine's own tool does not take is undone."""
        self.assertTrue(glob.glob(self.node + "/usr/*/" + {"docker": "dockerd"}.get(engine, engine)))
        before = self.state()
        fake = self.node + "/fails"

        # The tool begins to fail when it is asked for the second time, about what was written.
        tool = glob.glob(self.node + "/usr/*/" + {"docker": "dockerd"}.get(engine, engine))[0]
        with open(tool, encoding="utf-8") as f:
            text = f.read()
        with open(tool, "w", encoding="utf-8") as f:
            f.write(text.replace("#!/bin/sh\n", "#!/bin/sh\n[ ! -e /var/lib/seccomp-guard/registered ] || echo >/fails\n", 1))
        done = self.guard("register", engine, "--root", self.node)
        self.assertStatus(done, 2)
        self.assertRegex(done.error, pattern)
        self.assertTrue(os.path.exists(fake))
        self.assertEqual(self.state(), before)

    # ---- containerd 2.1.9 ----

    def containerd(self, version):
        name = "containerd-2.1.9-main-%d" % version
        self.script("/usr/bin/containerd", CONTAINERD)
        self.put("/etc/containerd/config.toml", self.recorded(name + ".toml"))
        self.put("/recorded/before", self.recorded(name + ".dump"))
        self.put("/recorded/after", self.recorded(name + ".after.dump"))
        return name

    def test_containerd(self):
        for version in (2, 3):
            with self.subTest(version=version):
                name = self.containerd(version)
                before = self.state()
                self.assertEqual(self.doctor("containerd"), "warning")
                self.done("register", "containerd")
                self.assertEqual(self.get("/etc/containerd/config.toml"), self.recorded(name + ".after.toml"))
                self.assertEqual(os.readlink(self.node + "/etc/seccomp-guard/runtimes/runc"), "/usr/sbin/runc")
                self.put("/etc/seccomp-guard/policy.json", '{"mode": "enforce"}')
                self.assertEqual(self.doctor("containerd"), "ok")
                self.back("containerd", before)

    def test_containerd_that_does_not_take_it(self):
        self.containerd(3)
        self.rolled_back("containerd", "does not take its changed configuration.*invalid plugin config")

    def test_containerd_whose_dump_changes_elsewhere(self):
        self.containerd(2)
        self.put("/recorded/after", self.get("/recorded/after").replace("bin_dirs = ['/usr/lib/cni']", "bin_dirs = []"))
        self.not_done("bin_dirs", "register", "containerd")

    # ---- NRI ----

    NRI = "[plugins.'io.containerd.nri.v1.nri']\n    disable = "

    def containerd_nri(self, disable="@disable@"):
        self.containerd(3)
        self.script("/usr/bin/containerd", CONTAINERD_NRI)
        dump = self.get("/recorded/before")
        self.assertEqual((dump.count("    disable_connections = false\n"), dump.count(self.NRI + "false\n")), (1, 1))
        self.put("/recorded/before", dump.replace("    disable_connections = false\n", VALIDATOR).replace(
            self.NRI + "false\n", self.NRI + disable + "\n"))

    def findings(self, engine):
        done = self.guard("doctor", "--json", "--root", self.node)
        return {f["check"]: f for f in map(json.loads, done.text.splitlines()) if f["about"] == engine}

    def test_containerd_nri(self):
        self.containerd_nri()
        before, main = self.state(), self.get("/etc/containerd/config.toml")
        told = self.done("register", "--nri", "containerd")
        # The plugin first: containerd would start nothing without it.
        self.assertRegex(told, r"(?s)enable --now seccomp-guard-nri\.service\n.*systemctl restart containerd\n")
        self.assertEqual(self.get("/etc/containerd/config.toml"), main.rstrip("\n") + '\n\n' + (
            '[plugins."io.containerd.nri.v1.nri".default_validator]\nrequired_plugins = ["90-seccomp-guard"]\nenable = true\n'))
        self.assertFalse(os.path.exists(self.node + "/etc/seccomp-guard/runtimes/runc"))
        found = self.findings("containerd")
        self.assertEqual(found["default"]["level"], "ok")
        self.assertEqual(found["nri"]["level"], "problem")
        self.assertIn("starts nothing without it", found["nri"]["text"])
        self.assertIn("registered already", self.done("register", "--nri", "containerd"))
        self.not_done("registered with --nri", "register", "containerd")
        self.not_done("registered with --nri", "register", "--hook", "containerd")
        told = self.done("unregister", "containerd")
        self.assertRegex(told, r"(?s)systemctl restart containerd\n.*disable --now seccomp-guard-nri\.service\n")
        self.assertEqual(self.state(), before)

    def test_containerd_nri_beside_others(self):
        self.containerd_nri()
        main = self.get("/etc/containerd/config.toml")
        others = '[plugins."io.containerd.nri.v1.nri"]\n  disable = true\n[plugins."io.containerd.nri.v1.nri".default_validator]\n' \
            '  enable = true # of the administrator\n  required_plugins = ["10-other"]\n'
        self.put("/etc/containerd/config.toml", main + others)
        before = self.state()
        self.done("register", "--nri", "containerd")
        self.assertEqual(self.get("/etc/containerd/config.toml"), main + others.replace("disable = true", "disable = false").replace(
            '["10-other"]', '["10-other", "90-seccomp-guard"]'))
        self.done("unregister", "containerd")
        self.assertEqual(self.state(), before)
        # What somebody has changed meanwhile stays.
        self.done("register", "--nri", "containerd")
        self.put("/etc/containerd/config.toml", self.get("/etc/containerd/config.toml") + "# changed\n")
        self.done("unregister", "containerd")
        self.assertEqual(self.get("/etc/containerd/config.toml"), main + others.replace("disable = true", "disable = false") + "# changed\n")

    def test_containerd_nri_fail_open(self):
        self.containerd_nri()
        before = self.state()
        told = self.done("register", "--nri", "--fail-open", "containerd")
        self.assertIn("enable --now seccomp-guard-nri.service\n", told)
        self.assertNotIn("restart containerd", told)
        self.assertEqual({k: v for k, v in self.state().items() if "/registered/" not in k}, before)
        self.done("unregister", "containerd")
        self.assertEqual(self.state(), before)

    def test_containerd_nri_elsewhere(self):
        self.containerd_nri()
        self.put("/recorded/before", self.get("/recorded/before").replace("'/var/run/nri/nri.sock'", "'/run/k/nri.sock'"))
        self.assertIn("at /run/k/nri.sock: tell the plugin by --socket", self.done("register", "--nri", "--dry-run", "containerd"))

    def test_containerd_without_a_validator(self):
        self.containerd(3)
        self.not_done("cannot require a plugin.*--fail-open", "register", "--nri", "containerd")
        before = self.state()
        self.done("register", "--nri", "--fail-open", "containerd")
        self.done("unregister", "containerd")
        self.assertEqual(self.state(), before)

    def test_nri_that_is_not_there(self):
        self.containerd_nri()
        self.put("/recorded/before", self.get("/recorded/before").replace("io.containerd.nri.v1.nri", "io.containerd.other.v1"))
        self.not_done("has no NRI", "register", "--nri", "containerd")
        self.containerd_nri()
        self.put("/recorded/before", self.get("/recorded/before").replace("disable_connections = false", "disable_connections = true"))
        self.not_done("takes no connections", "register", "--nri", "containerd")
        self.script("/usr/bin/podman", PODMAN)
        self.not_done("Podman has no NRI: leave out --nri", "register", "--nri", "podman")
        os.unlink(self.node + self.libexec + "/seccomp-guard-nri")
        self.not_done("is not installed", "register", "--nri", "containerd")

    def test_nri_options(self):
        for pattern, args in (("exclude each other", ["--nri", "--hook"]), ("goes with --nri", ["--fail-open"]),
                              ("changes no default", ["--nri", "--no-default"])):
            self.not_done(pattern, "register", *args, "containerd")

    # ---- CRI-O 1.37 ----

    def crio(self):
        self.script("/usr/bin/crio", CRIO)
        self.put("/recorded/config", self.recorded("crio-1.37.config"))

    def test_crio(self):
        self.crio()
        before = self.state()
        self.done("register", "crio")
        self.assertEqual(self.get("/etc/crio/crio.conf.d/50-seccomp-guard.conf"), self.recorded("crio-1.37.conf"))
        self.assertEqual(os.readlink(self.node + "/etc/seccomp-guard/runtimes/crun"), "/usr/bin/crun")
        self.put("/etc/seccomp-guard/policy.json", '{"mode": "enforce"}')
        self.assertEqual(self.doctor("crio"), "ok")
        self.back("crio", before)

    def test_crio_with_tables_that_are_set(self):
        self.crio()
        lines = self.get("/recorded/config").splitlines()
        start = lines.index("# [crio.runtime.runtimes.crun]")
        end = lines.index("# privileged_without_host_devices = false")
        lines[start:end + 1] = [line[2:] for line in lines[start:end + 1]]
        self.put("/recorded/config", "\n".join(lines) + "\n")
        self.done("register", "crio")
        self.assertEqual(self.get("/etc/crio/crio.conf.d/50-seccomp-guard.conf"), self.recorded("crio-1.37.conf"))

    def test_crio_hooks(self):
        self.crio()
        before = self.state()
        self.done("register", "--hook", "crio")
        own = self.get("/etc/crio/crio.conf.d/50-seccomp-guard.conf")
        self.assertIn('hooks_dir = ["/usr/share/containers/oci/hooks.d", "/etc/seccomp-guard/hooks.d"]\n', own)
        self.assertNotIn("runtimes", own)
        for name in ("create", "poststart"):
            hook = json.loads(self.get("/etc/seccomp-guard/hooks.d/50-seccomp-guard-%s.json" % name))
            self.assertTrue(os.access(self.node + hook["hook"]["path"], os.X_OK))
            self.assertNotIn("precreate", hook["stages"])
        self.put("/etc/seccomp-guard/policy.json", '{"mode": "enforce"}')
        self.assertEqual(self.doctor("crio"), "note")
        self.done("unregister", "crio")
        self.assertEqual(self.state(), before)

    def crio_config_until(self, line):
        """As an older one has it."""
        config = self.recorded("crio-1.37.config")
        self.assertIn(line, config)
        self.put("/recorded/config", config.split(line)[0])

    def test_crio_nri(self):
        self.crio()
        self.script("/usr/bin/crio", CRIO_NRI)
        before = self.state()
        self.done("register", "--nri", "crio")
        self.assertEqual(self.get("/etc/crio/crio.conf.d/50-seccomp-guard.conf"), (
            '# Made by "seccomp-guard register crio --nri".\n[crio.nri]\nenable_nri = true\n\n[crio.nri.default_validator]\n'
            'nri_enable_default_validator = true\nnri_validator_required_plugins = ["90-seccomp-guard"]\n'))
        self.assertIn("starts nothing without it", self.findings("crio")["nri"]["text"])
        self.done("unregister", "crio")
        self.assertEqual(self.state(), before)
        self.crio_config_until("[crio.nri]\n")
        self.not_done("has no NRI", "register", "--nri", "crio")
        self.crio_config_until("# [crio.nri.default_validator]\n")
        self.not_done("cannot require a plugin.*--fail-open", "register", "--nri", "crio")
        # There is nothing to change: NRI is on.
        self.done("register", "--nri", "--fail-open", "crio")
        self.assertFalse(os.path.exists(self.node + "/etc/crio/crio.conf.d/50-seccomp-guard.conf"))
        self.done("unregister", "crio")
        self.assertEqual(self.state(), before)

    def test_crio_nri_beside_others(self):
        self.crio()
        self.script("/usr/bin/crio", CRIO_NRI)
        self.put("/etc/crio/crio.conf.d/10-own.conf", "[crio.nri]\nenable_nri = false\n[crio.nri.default_validator]\n"
                 'nri_enable_default_validator = true\nnri_validator_required_plugins = ["10-other", "20-other"]\n')
        self.done("register", "--nri", "crio")
        self.assertIn('required_plugins = ["10-other", "20-other", "90-seccomp-guard"]\n', self.get("/etc/crio/crio.conf.d/50-seccomp-guard.conf"))
        self.assertIn("starts nothing without it", self.findings("crio")["nri"]["text"])

    def test_crio_keys_that_it_does_not_print(self):
        """They are in the file, of which the last with the handler's table counts."""
        self.crio()
        own = "/etc/crio/crio.conf.d/%s"
        self.put("/etc/crio/crio.conf", '[crio.runtime.runtimes.crun]\nstream_websockets = true\n')
        self.put(own % "20-b.conf", '[crio.runtime.runtimes.crun]\nseccomp_profile = "/etc/crio/strict.json"\n'
                 'monitor_cgroup = "pod"\n[crio.runtime.runtimes.kata]\nexec_cpu_affinity = "first"\n')
        self.put(own % "10-a.conf", '[crio.runtime.runtimes.crun]\nno_sync_log = true\n')
        self.put(own % "30-c.conf", '[crio.runtime.runtimes.runc]\nseccomp_profile = "/etc/crio/other.json"\n')
        self.done("register", "crio")
        self.assertEqual(self.get(own % "50-seccomp-guard.conf"),
                         self.recorded("crio-1.37.conf") + 'seccomp_profile = "/etc/crio/strict.json"\n')

    def test_crio_pods_that_name_it(self):
        """By their RuntimeClass; CRI-O could not stop them without the handler. It indents what it writes."""
        self.crio()
        self.put("/recorded/config", self.get("/recorded/config").replace('# root = "/var/lib/containers/storage"', 'root = "/srv/pods"'))
        self.done("register", "--no-default", "crio")
        sandbox = "/srv/pods/%s-containers/%s/userdata/config.json"
        key = "io.kubernetes.cri-o.RuntimeHandler"
        for path, annotations in ((sandbox % ("overlay", "a" * 64), {key: ""}), (sandbox % ("overlay", "b" * 64), {key: "runc"}),
                                  (sandbox % ("overlay", "c" * 64), {"note": '"%s": "seccomp-guard"' % key})):
            self.put(path, json.dumps({"annotations": annotations}, indent="\t"))
        self.put(sandbox % ("vfs", "d" * 64), json.dumps({"annotations": {key: "seccomp-guard"}}, indent="\t"))
        self.assertEqual(self.done("unregister", "crio").split("through it:\n")[1].splitlines()[0], "  crio: " + "d" * 12)
        self.not_done("crio has containers that name the runtime", "unregister", "--when-unused", "crio")
        os.unlink(self.node + sandbox % ("vfs", "d" * 64))
        self.done("unregister", "--when-unused", "crio")

    def test_crio_that_still_knows_it(self):
        """A process that is called so and has that system's /etc."""
        self.crio()
        before = self.state()
        self.done("register", "crio")
        program = self.node + "/opt/crio"
        os.makedirs(os.path.dirname(program), exist_ok=True)
        shutil.copy("/bin/busybox", program)
        # pylint: disable=consider-using-with
        daemon = subprocess.Popen([sys.executable, "-c", "import os, sys; os.chroot(sys.argv[1]); "
                                   "os.execv('/opt/crio', ['busybox', 'sleep', '1000'])", self.node])
        self.addCleanup(self.stop, daemon)
        self.assertTrue(self.wait(lambda: os.readlink("/proc/%d/exe" % daemon.pid).endswith("/crio")))
        own = self.node + "/etc/crio/crio.conf.d/50-seccomp-guard.conf"
        past, later = time.time() - 100, time.time() + 100
        os.utime(own, (past, past))
        self.not_done('"seccomp-guard unregister crio" comes first, then: .*systemctl restart crio', "unregister", "--when-unused", "crio")
        self.done("unregister", "crio")
        os.utime(own, (later, later))
        needed = "process %d has not read what %s says now.*first: .*systemctl restart crio" % (daemon.pid, own[len(self.node):])
        self.not_done(needed, "unregister", "--when-unused", "crio")
        # Gone meanwhile, by whatever hand: it still has it in memory.
        os.rename(own, self.node + "/opt/kept")
        os.utime(os.path.dirname(own), (later, later))
        self.not_done(needed, "unregister", "--when-unused", "crio")
        os.rename(self.node + "/opt/kept", own)
        self.stop(daemon)
        self.done("unregister", "--when-unused", "crio")
        self.assertEqual(self.state(), before)

    def test_crio_where_another_file_wins(self):
        self.crio()
        self.put("/etc/crio/crio.conf.d/99-own.conf", '[crio.runtime]\ndefault_runtime = "runc"\n')
        self.not_done('default runtime is "runc".*another file', "register", "crio")

    def test_crio_that_does_not_take_it(self):
        self.crio()
        self.rolled_back("crio", "does not take its changed configuration.*invalid configuration")

    # ---- Docker 28 ----

    def test_docker(self):
        self.script("/usr/sbin/dockerd", DOCKERD)
        self.put("/etc/docker/daemon.json", '{ "log-driver": "json-file" }\n')
        before = self.state()
        self.done("register", "docker")
        self.assertEqual(json.loads(self.get("/etc/docker/daemon.json")),
                         {"log-driver": "json-file", "default-runtime": "seccomp-guard",
                          "runtimes": {"seccomp-guard": {"path": self.libexec + "/runc"}}})
        self.put("/etc/seccomp-guard/policy.json", '{"mode": "enforce"}')
        self.assertEqual(self.doctor("docker"), "ok")
        self.put("/var/lib/docker/containers/abcdef012345/hostconfig.json", '{"Runtime":"seccomp-guard"}')
        self.put("/var/lib/docker/containers/abcdef012345/config.v2.json", '{"Name":"/left"}')
        self.assertIn("docker: abcdef012345 /left", self.done("unregister", "docker"))
        self.not_done("remove them first", "unregister", "--when-unused", "docker")
        shutil.rmtree(self.node + "/var/lib/docker")
        self.done("unregister", "--when-unused", "docker")
        self.assertEqual(self.state(), before)

    def test_docker_that_does_not_take_it(self):
        self.script("/usr/sbin/dockerd", DOCKERD)
        self.rolled_back("docker", "does not take its changed configuration.*unable to configure")

    # ---- Podman 5 ----

    def test_podman(self):
        self.script("/usr/bin/podman", PODMAN)
        before = self.state()
        self.done("register", "podman")
        own = self.get("/etc/containers/containers.conf.d/50-seccomp-guard.conf")
        self.assertIn('runtime_supports_json = ["crun", "runc", "kata", "runsc", "youki", "krun", "seccomp-guard"]\n'
                      'runtime_supports_nocgroup = ["crun", "krun", "seccomp-guard"]\n', own)
        self.assertIn('seccomp-guard = ["%s/crun"]\n' % self.libexec, own)
        self.put("/etc/seccomp-guard/policy.json", '{"mode": "enforce"}')
        self.assertEqual(self.doctor("podman"), "ok")
        self.put("/containers", "abcdef0123456789\n")
        self.assertIn("podman: abcdef012345 left", self.done("unregister", "podman"))
        self.not_done("remove them first", "unregister", "--when-unused", "podman")
        os.unlink(self.node + "/containers")
        self.done("unregister", "--when-unused", "podman")
        self.assertEqual(self.state(), before)

    def test_podman_that_does_not_take_it(self):
        self.script("/usr/bin/podman", PODMAN)
        self.rolled_back("podman", "does not take its changed configuration.*still \"crun\"")

    # ---- the root ----

    def test_all(self):
        self.containerd(2)
        self.script("/usr/bin/podman", PODMAN.replace("/usr/bin/crun", "/usr/sbin/runc").replace("name=crun", "name=runc"))
        before = self.state()
        told = self.done("register", "--all")
        self.assertIn("containerd reads it", told)
        self.assertIn("podman reads it", told)
        # Both wrap the same runtime: its link goes with the last of them.
        self.done("unregister", "podman")
        self.done("unregister", "--when-unused", "podman")
        self.assertTrue(os.path.islink(self.node + "/etc/seccomp-guard/runtimes/runc"))
        self.done("unregister", "--all")
        self.done("unregister", "--all", "--when-unused")
        self.assertEqual(self.state(), before)

    def test_no_engine(self):
        self.not_done("no engine is installed", "register", "--all")
        self.not_done("there is no program crio in .*is it installed", "register", "crio")


if __name__ == "__main__":
    guardtest.main()
