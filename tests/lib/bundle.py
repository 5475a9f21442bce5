# SPDX-License-Identifier: Apache-2.0
"""Bundles that runc and crun start on an ordinary machine: no raised limits, few capabilities, a static rootfs."""

import copy
import json
import os
import shutil
import stat

# What dockerd gives by default, without CAP_NET_RAW and the file capabilities that a nested root may lack.
DEFAULT_CAPS = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID",
                "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"]

TEMPLATE = {
    "ociVersion": "1.0.2",
    "process": {
        "terminal": False,
        "user": {"uid": 0, "gid": 0},
        "args": ["/bin/probe"],
        "env": ["PATH=/bin"],
        "cwd": "/",
        "capabilities": {"bounding": DEFAULT_CAPS, "effective": DEFAULT_CAPS, "permitted": DEFAULT_CAPS},
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs", "readonly": True},
    "hostname": "guardtest",
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    ],
    "linux": {
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],
        "maskedPaths": ["/proc/kcore", "/proc/keys"],
        "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"],
    },
}

ABSENT = object()

# A profile that restricts: everything is denied but what a static program needs. EACCES, so that a test can tell
# it from an injected profile.
STRICT = {
    "defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 13,
    "syscalls": [{"names": [
        "access", "arch_prctl", "brk", "capget", "capset", "chdir", "clock_gettime", "close", "close_range",
        "dup3", "epoll_ctl", "epoll_pwait", "execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2",
        "fchdir", "fchown", "fcntl", "fork", "fstat", "fstatfs", "futex", "getcwd", "getdents64", "geteuid", "getegid",
        "getgid", "getpid", "getppid", "getpgrp", "getrandom", "gettid", "getuid", "ioctl", "lseek", "lstat", "madvise", "mmap", "mprotect",
        "munmap", "nanosleep", "newfstatat", "open", "openat", "openat2", "pause", "pipe2", "poll", "ppoll", "prctl", "pread64",
        "prlimit64", "read", "readlink", "readlinkat", "readv", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity",
        "sched_yield", "set_robust_list", "set_tid_address", "setgid", "setgroups", "setuid", "sigaltstack", "stat",
        "statx", "tgkill", "umask", "uname", "wait4", "write", "writev"], "action": "SCMP_ACT_ALLOW"},
        # Without any new namespace: with them it would let through what RuntimeDefault denies.
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 0x7e020000, "op": "SCMP_CMP_MASKED_EQ"}]}],
}

# A profile that lets everything through but mkdir, as a user writes it who wants to see a profile work.
WEAK = {"defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}


def config(seccomp=ABSENT, annotations=None, args=None, caps=None, **top):
    """A configuration as a dictionary. `top` replaces top-level keys."""
    c = copy.deepcopy(TEMPLATE)
    if seccomp is not ABSENT:
        c["linux"]["seccomp"] = copy.deepcopy(seccomp)
    if annotations is not None:
        c["annotations"] = dict(annotations)
    if args is not None:
        c["process"]["args"] = list(args)
    if caps is not None:
        c["process"]["capabilities"] = {k: list(caps) for k in ("bounding", "effective", "permitted")}
    c.update(top)
    return c


def privileged(seccomp=ABSENT, caps=None):
    """What `--privileged` makes of a configuration: nothing masked, all devices, every capability."""
    c = config(seccomp=seccomp, caps=ALL_CAPS if caps is None else caps)
    del c["linux"]["maskedPaths"], c["linux"]["readonlyPaths"]
    c["linux"]["resources"]["devices"] = [{"allow": True, "access": "rwm"}]
    return c


def _all_caps():
    names = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
        NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
        SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE
        AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF
        CHECKPOINT_RESTORE""".split()
    return ["CAP_" + n for n in names]


ALL_CAPS = _all_caps()


def own_caps():
    """The capabilities that this process may give away, which is what an engine in the same place would give."""
    with open("/proc/self/status", encoding="ascii") as f:
        mask = int(next(line for line in f if line.startswith("CapBnd:")).split()[1], 16)
    return [name for bit, name in enumerate(ALL_CAPS) if mask >> bit & 1]


def encode(c):
    """As the engines write it: compact, one line, no newline at the end."""
    return json.dumps(c, separators=(",", ":")).encode()


def make_rootfs(path, programs):
    """A root file system with `programs` ({name: host path}) in /bin and the mount points."""
    for d in ("bin", "proc", "dev", "sys", "tmp"):
        os.makedirs(os.path.join(path, d), exist_ok=True)
    for name, source in programs.items():
        target = os.path.join(path, "bin", name)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)


class Bundle:
    """A bundle directory. `raw` is the text of config.json; everything else comes from the template."""

    def __init__(self, path, raw=None, **kwargs):
        self.path = path
        os.makedirs(path, mode=0o700)
        self.config = os.path.join(path, "config.json")
        self.write(encode(config(**kwargs)) if raw is None else raw)

    def write(self, raw):
        with open(self.config, "wb") as f:
            f.write(raw)
        os.chmod(self.config, 0o644)

    def read(self):
        with open(self.config, "rb") as f:
            return f.read()

    def seccomp(self):
        """linux.seccomp as it is now, or None."""
        return json.loads(self.read())["linux"].get("seccomp")

    def snapshot(self):
        return snapshot(self.path)


def _content(path, st):
    if stat.S_ISLNK(st.st_mode):
        return os.readlink(path)
    if stat.S_ISREG(st.st_mode):
        with open(path, "rb") as f:
            return f.read()
    return None


def snapshot(path):
    """Everything about the files in `path` (not the rootfs) that a careless writer would change."""
    seen = {}
    for name in [""] + sorted(os.listdir(path)):
        full = os.path.join(path, name) if name else path
        st = os.lstat(full)
        entry = [st.st_ino, st.st_mode, st.st_uid, st.st_gid, st.st_nlink]
        if name not in ("", "rootfs"):
            entry += [st.st_size, st.st_mtime_ns, st.st_ctime_ns, _content(full, st)]
        elif not name:
            entry += [st.st_mtime_ns]
        seen[name] = entry
    return seen
