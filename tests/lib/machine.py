# SPDX-License-Identifier: Apache-2.0
"""A machine of a test's own: a mount namespace with another /etc, /var/lib, /run and prefix, in which the built programs are
installed, and engines can be registered under the names that they have on a node."""

import os
import re
import shutil
import subprocess
import time

import guardtest
from guardtest import BUILDDIR, command

START_SECONDS = 60

# What has to be another directory there. The rest is this machine's own.
SCRIPT = r"""
umount /sys/fs/cgroup/unified 2>/dev/null || :
mkdir -p "$1/etc" && cp -a /etc/. "$1/etc" && rm -rf "$1/etc/seccomp-guard" "$1/etc/docker"
# Engines that this machine has registered are not registered there.
for d in containers containerd crio; do
    grep -rlsF seccomp-guard "$1/etc/$d" | while read -r f; do rm "$f"; done
done
mount --bind "$1/etc" /etc
for d in /var/lib /run $2; do mkdir -p "$1$d" && mount --bind "$1$d" "$d"; done
mkdir -p /run/lock /run/user /var/lib/containers
echo ready
exec sleep 1000000
"""


def variable(name):
    """The value of a make variable of the build."""
    with open(os.path.join(BUILDDIR, "Makefile"), encoding="utf-8") as makefile:
        values = dict(re.findall(r"^(\w+) = (.*)$", makefile.read(), re.M))
    value = values[name]
    while "${" in value:
        value = re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], value)
    return value


class Machine(guardtest.Case):
    """Tests that change what a node's administrator would."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        prefix = variable("prefix")
        if prefix == "/usr" or not os.path.isdir(prefix):
            self.skipTest("needs a prefix of its own")
        # Engines' storage lies on what is mounted, and overlay on overlay does not work everywhere.
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", "-m", "--propagation", "private", "sh", "-euc", SCRIPT, "sh", self.tmp, prefix],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(self.end)
        if self.process.stdout.readline() != b"ready\n":
            self.skipTest("no private mount namespaces: see above")
        self.libexec = os.path.join(variable("libexecdir"), "seccomp-guard")
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR")}
        self.assertStatus(self.run_in(["make", "-C", BUILDDIR, "install"], env=env, timeout=300), 0)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def run_in(self, argv, **kwargs):
        """Run a command on that machine."""
        return command(["nsenter", "-t", str(self.process.pid), "-m", "--wdns=/", *argv], **kwargs)

    def wait(self, what):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if what():
                return True
            time.sleep(0.1)
        return False

    def start_daemon(self, argv, ready):
        """Start a daemon on that machine, which ends with the test; wait until `ready` (a command) succeeds."""
        path = self.fresh("daemon") + ".log"
        with open(path, "wb") as log:
            # pylint: disable=consider-using-with
            daemon = subprocess.Popen(["nsenter", "-t", str(self.process.pid), "-m", "--wdns=/", *argv],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.stop, daemon)
        if not self.wait(lambda: daemon.poll() is not None or self.run_in(ready).status == 0) or daemon.poll() is not None:
            with open(path, encoding="utf-8", errors="replace") as log:
                self.skipTest("%s does not start here: %s" % (argv[0], log.read()[-300:]))
        return daemon

    @staticmethod
    def stop(daemon):
        daemon.terminate()
        try:
            daemon.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def guard(self, *args, **kwargs):
        return self.run_in([os.path.join(variable("bindir"), "seccomp-guard"), *args], **kwargs)

    def place(self, path):
        """Where this test finds what has `path` there."""
        return os.path.join(self.tmp, path.lstrip("/"))

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.place(path)), exist_ok=True)
        with open(self.place(path), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, path):
        with open(self.place(path), encoding="utf-8") as f:
            return f.read()

    def exists(self, path):
        return os.path.lexists(self.place(path))

    def tree(self, *paths):
        """Every file below `paths`, with what is in it: to compare before and after."""
        found = {}
        for top in paths:
            for directory, _, names in os.walk(self.place(top)):
                for name in names:
                    path = os.path.join(directory, name)
                    if os.path.islink(path):
                        found[path] = os.readlink(path)
                    elif os.path.isfile(path):
                        with open(path, "rb") as f:
                            found[path] = f.read()
        return found

    @staticmethod
    def needs(program):
        path = shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        return path is not None
