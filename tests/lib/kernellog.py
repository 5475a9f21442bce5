# SPDX-License-Identifier: Apache-2.0
"""The kernel's audit records about seccomp."""

import re
import socket
import struct
import time


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
