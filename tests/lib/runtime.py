# SPDX-License-Identifier: Apache-2.0
"""The OCI runtimes of this machine: whether they work here, and how to call them."""

import os
import shutil
import subprocess
import tempfile

import bundle as bundles

TIMEOUT = 60

# crun refuses a hybrid cgroup hierarchy. Without the unified mount it sees a plain version 1; a mount namespace of
# its own keeps the machine as it is.
WITHOUT_UNIFIED = ["unshare", "-m", "sh", "-c", 'umount /sys/fs/cgroup/unified && exec "$@"', "sh"]


class Done:
    """What became of a command."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def error(self):
        return self.err.decode("utf-8", "replace")

    def __str__(self):
        return "%s\nexit status %d\nstdout: %r\nstderr: %r" % (" ".join(self.argv), self.status, self.out, self.err)


def command(argv, stdin=b"", **kwargs):
    """Run `argv` to its end. Standard output and error go to files: a container that lives on may keep them open."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if stdin is not None and not hasattr(stdin, "fileno"):
            kwargs["input"] = stdin
        else:
            kwargs["stdin"] = stdin
        done = subprocess.run(argv, stdout=out, stderr=err, timeout=kwargs.pop("timeout", TIMEOUT), check=False,
                              **kwargs)
        out.seek(0)
        err.seek(0)
        return Done(argv, done.returncode, out.read(), err.read())


class Runtime:
    """One OCI runtime. `reason` is None when it starts containers here, otherwise why it does not."""

    def __init__(self, name):
        self.name = name
        self.path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin")
        self.prefix = []
        self._reason = ""

    def __repr__(self):
        return self.name

    def reason(self, probe):
        """Why containers cannot be started, or None. Asked once, with `probe`, a static program."""
        if self._reason == "":
            self._reason = self._find_out(probe)
        return self._reason

    def _find_out(self, probe):
        if os.geteuid() != 0:
            return "containers need root"
        if not self.path:
            return self.name + " is not installed"
        if not probe or not os.path.exists(probe):
            return "tests/helpers/probe was not built"
        with tempfile.TemporaryDirectory(prefix="guardtest-") as tmp:
            b = bundles.Bundle(os.path.join(tmp, "b"))
            bundles.make_rootfs(os.path.join(b.path, "rootfs"), {"probe": probe})
            for prefix in ([], WITHOUT_UNIFIED):
                done = command([*prefix, self.path, "--root", os.path.join(tmp, "root"), "run", "--bundle", b.path,
                                "guardtest-%d-check" % os.getpid()])
                if done.status == 0 and b"Seccomp=" in done.out:
                    self.prefix = prefix
                    return None
        return "%s does not start containers here: %s" % (self.name, done.error.strip().splitlines()[-1:])


RUNTIMES = {name: Runtime(name) for name in ("runc", "crun")}
