# SPDX-License-Identifier: Apache-2.0
"""The kernel's audit records about seccomp."""

import ctypes
import platform
import re
import socket
import struct
import subprocess
import time

# The number of unshare(2), which tests/helpers/many-denied calls.
UNSHARE = {"x86_64": 272, "i686": 310, "aarch64": 97, "riscv64": 97, "armv7l": 337, "ppc64le": 282, "s390x": 303}


def log_unshare():
    """This process, and what it executes, has a filter from now on under which unshare(2) is logged."""
    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    load, jump_if, answer = 0x20, 0x15, 0x06
    code = b"".join(struct.pack("=HBBI", *line) for line in (
        (load, 0, 0, 0), (jump_if, 0, 1, UNSHARE[platform.machine()]), (answer, 0, 0, 0x7ffc0000), (answer, 0, 0, 0x7fff0000)))
    libc, program = ctypes.CDLL(None, use_errno=True), Program(len(code) // 8, code)
    no_new_privs, set_seccomp, by_filter = 38, 22, 2
    if libc.prctl(no_new_privs, 1, 0, 0, 0) < 0 or libc.prctl(set_seccomp, by_filter, ctypes.byref(program), 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl")


def make_record(many_denied):
    """One record more in the kernel's log, of this program: a copy of tests/helpers/many-denied."""
    subprocess.run([many_denied, "1", "end"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=log_unshare, check=True)


class KernelLog:
    """The records of the kernel's audit log from now on. What dmesg shows of them is limited to ten in five seconds;
    the audit system's multicast group (audit_netlink(7), AUDIT_NLGRP_READLOG) is not."""

    NETLINK_AUDIT, READLOG, AUDIT_SECCOMP = 9, 1, 1326

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, self.NETLINK_AUDIT)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((0, self.READLOG))
        self.lines = []  # those that matched, as auditd writes them

    def wait_for(self, pattern, wanted, seconds=10):
        """The numbers of the calls in records that match: all that are wanted, or what came in time."""
        found, end = set(), time.monotonic() + seconds
        with self.socket:
            while not wanted <= found and time.monotonic() < end:
                self.socket.settimeout(max(0.01, end - time.monotonic()))
                try:
                    message = self.socket.recv(16384)
                except socket.timeout:
                    break
                text = message[16:].decode("utf-8", "replace")
                if struct.unpack_from("=H", message, 4)[0] == self.AUDIT_SECCOMP and re.search(pattern, text):
                    self.lines.append("type=SECCOMP msg=" + text.rstrip("\0\n") + "\n")
                    found.add(int(re.search(r"syscall=(\d+)", text).group(1)))
        return found
