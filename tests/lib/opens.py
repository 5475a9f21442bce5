# SPDX-License-Identifier: Apache-2.0
"""Which files a command opens, as the kernel tells it (inotify): no tracer, so also right for threads and re-execs."""

import ctypes
import os
import struct

IN_OPEN = 0x20
IN_ISDIR = 0x40000000
IN_Q_OVERFLOW = 0x4000
_HEADER = struct.Struct("iIII")

_libc = ctypes.CDLL(None, use_errno=True)


class Opens:
    """Opens of files directly in the directories added. Not for files below them."""

    def __init__(self):
        self.fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.paths = {}

    def add(self, directory):
        wd = _libc.inotify_add_watch(self.fd, os.fsencode(directory), IN_OPEN)
        if wd < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", directory)
        self.paths[wd] = directory

    def seen(self):
        """The paths of the regular files opened since the last call, without repetition."""
        found = set()
        while True:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return found
            at = 0
            while at < len(data):
                wd, mask, _, length = _HEADER.unpack_from(data, at)
                name = os.fsdecode(data[at + _HEADER.size:at + _HEADER.size + length].rstrip(b"\0"))
                at += _HEADER.size + length
                if mask & IN_Q_OVERFLOW:
                    raise RuntimeError("inotify lost events")
                if name and not mask & IN_ISDIR:
                    found.add(os.path.join(self.paths[wd], name))

    def close(self):
        os.close(self.fd)
