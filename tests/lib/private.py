# SPDX-License-Identifier: Apache-2.0
"""Commands in a mount namespace of their own, for what programs look for under fixed names."""

import functools
import shlex

from runtime import command


def prefix(*script):
    """To put before a command: the lines of shell run in the new namespace first."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-euc", "\n".join(script) + '\nexec "$@"', "sh"]


def directory(path):
    """Shell that makes `path` an empty directory of this namespace. Its parent may be a read-only file system."""
    parts = path.strip("/").split("/")
    return "mount -t tmpfs -o mode=755 tmpfs /%s; mkdir -p %s" % (parts[0], shlex.quote(path))


def own_dev(kept):
    """Shell that makes /dev a directory of this namespace with the devices that runtimes need, and no socket. `kept`
    is an empty directory for what was there."""
    return "\n".join(["mount --rbind /dev " + shlex.quote(kept), "mount -t tmpfs -o mode=755 tmpfs /dev",
                      'for n in null zero full random urandom tty; do touch "/dev/$n"; mount --bind %s/"$n" "/dev/$n"; done'
                      % shlex.quote(kept), "ln -s /proc/self/fd /dev/fd"])


def link(target, path):
    return "ln -s %s %s" % (shlex.quote(target), shlex.quote(path))


@functools.lru_cache(None)
def reason():
    """Why there are no such namespaces here, or None."""
    try:
        done = command(prefix(directory("/run/guardtest"), "test -d /run/guardtest") + ["true"])
    except OSError as e:
        return str(e)
    return None if done.status == 0 else "no private mount namespaces: " + done.error.strip()
