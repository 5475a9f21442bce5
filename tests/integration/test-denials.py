#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""denials: logs in, each denied call once for each program out, with what would allow it."""

import json
import os
import pty
import re
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import CLI, command  # noqa: E402

ERRNO, LOG, KILL = 0x50000, 0x7ffc0000, 0x80000000


def record(number, serial=1, code=LOG, exe="/bin/app", arch="c000003e"):
    return "type=SECCOMP msg=audit(%d.250:%d): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=%d comm=\"app\" exe=\"%s\" " \
           "sig=0 arch=%s syscall=%d compat=0 ip=0x43d199 code=%#x\n" % (1700000000 + serial, serial, serial, exe, arch, number, code)


@guardtest.needs_cli
class Denials(guardtest.Case):
    def ask(self, text, *args, status=0):
        done = command([CLI, "denials", "--arch", "x86_64", *args], stdin=text if isinstance(text, bytes) else text.encode())
        self.assertStatus(done, status)
        return done

    def json(self, text, *args, **kwargs):
        return [json.loads(line) for line in self.ask(text, "--json", *args, **kwargs).text.splitlines()]

    def one(self, text, *args, **kwargs):
        [entry] = self.json(text, *args, **kwargs)
        return entry

    def test_counted_once_for_each_program(self):
        text = "".join(record(272, n) for n in (1, 2, 2, 3)) + record(272, 4, exe="/bin/other")
        first, other = self.json(text)
        self.assertEqual((first["count"], first["exe"], first["first"], first["last"], first["syscall"]),
                         (3, "/bin/app", "2023-11-14T22:13:21Z", "2023-11-14T22:13:23Z", "unshare"))
        self.assertEqual((other["count"], other["exe"]), (1, "/bin/other"))
        # Of two files that have the same records, as audit.log and what dmesg printed.
        paths = [self.file("audit.log", text), self.file("dmesg", text.replace("type=SECCOMP msg=", "[ 1.0] audit: type=1326 "))]
        self.assertEqual([x["count"] for x in self.json("", *paths)], [3, 1])
        self.assertEqual([x["count"] for x in self.json(text, *paths, "-")], [3, 1])

    def test_who_wrote_the_line(self):
        """A record is the kernel's by what stands before it: what programs print or are given to print is in logs as well."""
        body = record(272).partition(": ")[2].strip()
        stamp = "audit(1700000001.250:1): "
        kernel = "audit: type=1326 " + stamp + body
        syslog = "Nov 27 16:41:22 casper "

        def journal(transport, message, **fields):
            return json.dumps({"_TRANSPORT": transport, "_PID": "7", "MESSAGE": message, **fields})

        for line in ("type=SECCOMP msg=" + stamp + body, "node=casper type=SECCOMP msg=" + stamp + body,
                     "/var/log/audit/audit.log:type=SECCOMP msg=" + stamp + body, "type=1326 " + stamp + body, kernel,
                     "[ 5399.109688] " + kernel, "[Fri Nov 27 16:41:21 2026] " + kernel, "2026-11-27T16:41:21,109688+00:00 " + kernel,
                     "kern  :notice: [ 5399.1] " + kernel, "[ 5399.1][ T123] " + kernel,
                     "kern  :notice: [ 5399.1] [ T123] " + kernel, "<5>[ 5399.1][    C0] " + kernel,
                     "<5>[ 5399.1] " + kernel, "5,2289276,5399109688,-;" + kernel,
                     syslog + "kernel: " + kernel, syslog + "kernel: [ 5399.109688] " + kernel,
                     "/var/log/kern.log:" + syslog + "kernel: " + kernel, "2026-11-27T16:41:22+0000 casper kernel: " + kernel,
                     "    MESSAGE=" + kernel, syslog + "audit[7]: SECCOMP " + body, "SECCOMP " + body,
                     journal("audit", "SECCOMP " + body), journal("kernel", kernel),
                     json.dumps({"pri": 5, "time": 1.5, "msg": kernel})):
            self.assertEqual(self.one(line + "\n")["exe"], "/bin/app", line)
        user = "type=USER_AUTH msg=audit(1700000001.250:9): pid=7 uid=0 auid=0 ses=1 msg='"
        quiet = []
        for line in (user + "%s'" % kernel, user + "type=SECCOMP msg=%s%s'" % (stamp, body), user + kernel, user + " SECCOMP " + body,
                     "node=casper " + user + kernel, syslog + "root: " + kernel, syslog + "app[7]: " + kernel,
                     syslog + "app[7]: kernel: " + kernel, syslog + "app[7]: kernel: [ 5399.1] " + kernel,
                     syslog + "app[7]: audit[7]: SECCOMP " + body, syslog + "my-audit[7]: SECCOMP " + body,
                     "[ 5399.1] app says " + kernel, "<13>[ 5399.1] " + kernel, "12,9,5399109688,-;" + kernel,
                     "user  :notice: [ 5399.1] " + kernel, syslog + "app[7]: type=SYSCALL msg=" + stamp + "arch=c000003e syscall=0",
                     journal("stdout", kernel), journal("journal", "SECCOMP " + body, CONTAINER_NAME="audit"),
                     journal("syslog", kernel, SYSLOG_IDENTIFIER="kernel"), json.dumps({"pri": 13, "time": 1.5, "msg": kernel})):
            done = command([CLI, "denials", "--json"], stdin=(line + "\n").encode())
            quiet += [line] if done.status != 1 or done.out else []
        self.assertEqual(quiet, [])

    def test_what_would_allow_it(self):
        for number, caps in ((165, ["CAP_SYS_ADMIN"]), (321, ["CAP_SYS_ADMIN", "CAP_BPF"]),
                             (298, ["CAP_SYS_ADMIN", "CAP_PERFMON"]), (239, ["CAP_SYS_NICE"]), (103, ["CAP_SYS_ADMIN", "CAP_SYSLOG"])):
            entry = self.one(record(number))
            self.assertEqual((sorted(entry["capabilities"]), entry["verdict"]), (sorted(caps), "denied"))
            # And so it is.
            for cap in caps:
                self.assertEqual(self.one(record(number), "--caps", cap)["verdict"], "allowed")
        for number in (250, 248, 425, 155, 323):
            entry = self.one(record(number))
            self.assertNotIn("capabilities", entry)
            self.assertIn("only a rule of a profile of its own", entry["allow"])
        self.assertIn("moby allows it: another profile", self.one(record(0, code=KILL))["allow"])
        self.assertIn("no call of that number", self.one(record(4242))["allow"])

    def test_by_another_profile(self):
        self.assertEqual(self.one(record(250), "--profile", "containers")["verdict"], "allowed")
        b = self.bundle(seccomp=guardtest.STRICT)
        self.assertIn("own profile", self.one(record(250), "--profile", b.path)["allow"])

    def test_it_may_depend_on_arguments(self):
        entry = self.one(record(56))
        self.assertEqual(entry["verdict"], "by arguments")
        self.assertIn("only where a0 & 0x7e020000 == 0", entry["allow"])
        call = "type=SYSCALL msg=audit(1700000001.250:9): arch=c000003e syscall=56 success=yes exit=9 a0=%x a1=0 a2=0 a3=0 " \
               "items=0 ppid=1 pid=1 auid=0 uid=0 comm=\"app\" exe=\"/bin/app\" key=(null)\n"
        self.assertEqual(self.one(record(56) + call % 0x10000011)["verdict"], "denied")
        self.assertEqual(self.one(record(56) + call % 17)["verdict"], "allowed")
        strace = "clone(child_stack=NULL, flags=%s|SIGCHLD) = -1 EPERM (Operation not permitted)\n"
        self.assertEqual(self.one(strace % "CLONE_NEWUSER")["verdict"], "denied")
        self.assertEqual(self.one(strace % "CLONE_FS")["verdict"], "allowed")
        self.assertEqual(self.one(strace % "CLONE_FS")["errno"], "EPERM")

    def test_what_every_program_tries_is_left_out(self):
        text = "".join(record(435, n, ERRNO) for n in range(1, 41)) + record(272, 41, ERRNO)
        done = self.ask(text)
        self.assertRegex(done.text, r"\n +40  of clone3 are left out, [^\n]*--all[^\n]*\n\Z")
        self.assertNotRegex(done.text, r"ERRNO +clone3")
        self.assertRegex(self.ask(text, "--all").text, r" 40  ERRNO +clone3 ")
        self.assertEqual([(x["syscall"], x.get("habit", False)) for x in self.json(text)], [("clone3", True), ("unshare", False)])

    def test_what_follows_is_told_as_such(self):
        text = record(56, 1, exe="/usr/bin/bwrap") + "".join(record(165, n, exe="/usr/bin/bwrap") for n in range(2, 44)) + \
            record(155, 44, exe="/usr/bin/bwrap")
        clone, mount, pivot_root = self.json(text)
        self.assertNotIn("follows_from", clone)
        self.assertEqual((mount["follows_from"], mount["count"]), ("clone", 42))
        # What the allowance would lead to: SYS_ADMIN is not enough for bubblewrap.
        self.assertEqual(pivot_root["follows_from"], "clone")
        self.assertNotIn("capabilities", pivot_root)
        self.assertIn("follows from clone", self.ask(text).text)

    def test_consequences_stand_below_their_cause(self):
        text = record(56, 1, exe="/usr/bin/bwrap") + record(272, 2) + record(165, 3, exe="/usr/bin/bwrap") + \
            record(155, 4, exe="/usr/bin/bwrap") + record(165, 5, exe="/usr/bin/mount")
        self.assertEqual(re.findall(r"^ +1  LOG +(\w+) .*/(\w+)$", self.ask(text).text, re.M),
                         [("clone", "bwrap"), ("mount", "bwrap"), ("pivot_root", "bwrap"), ("unshare", "app"), ("mount", "mount")])
        # In the order of the text for programs, which have follows_from.
        self.assertEqual([x["syscall"] for x in self.json(text)], ["clone", "unshare", "mount", "pivot_root", "mount"])

    def test_a_filter_of_the_programs_own(self):
        """vsftpd kills itself for what RuntimeDefault allows, or answers with an error."""
        for number in (37, 165):
            entry = self.one(record(number, code=0))
            self.assertTrue(entry["other_filter"])
            self.assertIn("a filter of the program's own", entry["allow"])
        for code in (ERRNO, LOG):
            self.assertNotIn("other_filter", self.one(record(165, code=code)))

    def test_known_programs(self):
        """As docs/workloads.md has them, with what would allow the call; and as nothing else where the name only resembles."""
        with open(os.path.join(guardtest.SRCDIR, "docs/workloads.md"), encoding="utf-8") as f:
            rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in f if line.startswith("| ")]
        rows = [row for row in rows if row[0] != "program"]
        self.assertGreater(len(rows), 35)
        numbers = {"unshare": 272, "clone": 56, "keyctl": 250, "add_key": 248, "io_uring_setup": 425, "get_mempolicy": 239,
                   "set_mempolicy": 238, "perf_event_open": 298, "personality": 135, "quotactl": 179, "kcmp": 312}
        entries = self.json("".join(record(numbers[row[1]], n, code=ERRNO, exe="/usr/bin/" + row[0]) for n, row in enumerate(rows)))
        for row, entry in zip(rows, entries, strict=True):
            self.assertEqual((entry["exe"], entry["syscall"], entry["known_note"]), ("/usr/bin/" + row[0], row[1], row[2]))
            self.assertEqual(entry["known"], "fails" if len(row) == 4 else "does without")
            if len(row) == 4:
                self.assertEqual(sorted(entry.get("capabilities", [])), re.findall(r"CAP_\w+", row[3]), row)
        with open(os.path.join(guardtest.SRCDIR, "src/semantics/known-programs.c"), encoding="utf-8") as f:
            self.assertEqual(len(re.findall(r"(?:FAILS|WITHOUT),\s+\"", f.read())), len(rows))
        for exe in ("/usr/bin/bwrap2", "/bwrap/x", "bwrapper"):
            self.assertNotIn("known", self.one(record(56, exe=exe)))
        self.assertIn("bwrap is known to fail without it: No perm", self.ask(record(56, exe="/usr/bin/bwrap")).text)
        self.assertIn("mariadbd is known to do without it: libaio", self.ask(record(425, exe="/usr/sbin/mariadbd")).text)

    def on_terminal(self, text, env=None, wait=0):
        """What is seen where standard output and error are a terminal; the text comes in two halves, with a pause between."""
        ours, theirs = pty.openpty()
        env = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **(env or {})}
        with subprocess.Popen([CLI, "denials", "--arch", "x86_64"], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=env) as p:
            os.close(theirs)
            p.stdin.write(text)
            p.stdin.flush()
            time.sleep(wait)
            p.stdin.write(text if wait else b"")
            p.stdin.close()
            seen = b""
            try:
                while more := os.read(ours, 4096):
                    seen += more
            except OSError:  # the end of a terminal
                pass
        os.close(ours)
        return seen

    def test_colors_on_a_terminal_only(self):
        text = (record(272) + record(165, 2, code=ERRNO)).encode()
        seen = self.on_terminal(text)
        self.assertIn(b"\x1b[33mLOG         \x1b[0m", seen)
        self.assertIn(b"\x1b[31mERRNO       \x1b[0m", seen)
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn(b"\x1b", self.on_terminal(text, env))
        self.assertNotIn(b"\x1b", self.ask(text).out)

    def test_progress_on_a_terminal_only(self):
        text = b"nothing of this\n" * 70000 + record(272).encode()
        seen = self.on_terminal(text, {"NO_COLOR": "1"}, wait=2.2)
        self.assertRegex(seen, rb"\r\x1b\[Kstandard input: 131072 lines\r\x1b\[K")
        done = self.ask(text)
        self.assertEqual(done.err, b"")

    def test_what_fails_without_seccomp_too(self):
        self.assertEqual(self.one(record(165))["needs"], "CAP_SYS_ADMIN")
        self.assertNotIn("needs", self.one(record(165), "--caps", "SYS_ADMIN"))
        self.assertIn("fails without seccomp, too", self.ask(record(165)).text)

    def test_since(self):
        text = record(272, 1) + record(272, 3601)
        for since, count in (("@1700000002", 1), ("2023-11-14", 2), ("2023-11-14T23:00", 1), ("2023-11-14 22:13:21Z", 2)):
            self.assertEqual(self.one(text, "--since", since)["count"], count, since)
        self.assertEqual(self.json(text, "--since", "1d"), [])
        self.assertEqual(self.one(text, "--since", "36500d")["count"], 2)
        for bad in ("", "soon", "-1d", "2023-13-01", "2023-11-14T25:00", "5 m", "99999999999s"):
            self.assertIn("a time is", self.ask(text, "--since", bad, status=2).error)

    def test_lines_that_cannot_be_read_do_not_end_the_rest(self):
        text = record(272) + record(1, 2, arch="deadbeef") + record(272, 3)[:-60] + "\n" + record(272, 4)
        done = self.ask(text, status=2)
        self.assertRegex(done.text, r" 2  LOG +unshare ")
        self.assertEqual([line.split(": ")[3] for line in done.error.splitlines()[:-1]], ["line 2", "line 3"])
        # A million of them are not told one by one.
        done = self.ask("type=1326 x\n" * 1000, status=2)
        self.assertEqual(len(done.error.splitlines()), 11)
        self.assertIn("1000 lines could not be read", done.error)

    def test_nothing_that_is_known(self):
        for text, word in ((b"", "no line of"), (b"hello\n" * 9, "ausearch --raw"), (record(272).encode("utf-16"), "UTF-16"),
                           (b"\x1f\x8b\x08\x00\x00\x00" * 50, "zcat")):
            done = self.ask(text, status=1)
            self.assertEqual(done.out, b"")
            self.assertIn(word, done.error)
        self.assertIn("nowhere", self.ask("", self.tmp + "/nowhere", status=2).error)

    def test_what_the_kernel_left_out_is_told(self):
        done = self.ask(record(272) + "[ 1.0] kauditd_printk_skb: 42 callbacks suppressed\n")
        self.assertIn("left 42 audit records out", done.error)

    def metrics(self, text, *args, status=0):
        path = os.path.join(self.tmp, "denials.prom")
        done = self.ask(text, "--metrics", path, *args, status=status)
        with open(path, encoding="utf-8") as f:
            return done, f.read()

    def test_metrics(self):
        text = record(272, 1) + record(272, 2, exe="/bin/other") + record(165, 3)
        for _ in range(2):  # the same log once more is no more denials
            done, found = self.metrics(text)
            for call, count in (("unshare", 2), ("mount", 1)):
                self.assertIn('seccomp_guard_denials_total{namespace="",container="_unknown",syscall="%s",action="LOG"} %d\n' %
                              (call, count), found)
        self.assertIn("COUNT", done.text)

    def test_metrics_have_a_bound(self):
        """Ever new calls: what has no room for a series of its own is counted with the others."""
        _, found = self.metrics("".join(record(n, n) for n in range(1000, 5000)))
        counts = [int(line.rpartition(" ")[2]) for line in found.splitlines() if line.startswith("seccomp_guard_denials_total{")]
        self.assertLessEqual(len(counts), 1024)
        self.assertEqual(sum(counts), 4000)
        self.assertIn('syscall="_other",action="LOG"} %d' % max(counts), found)

    def test_metrics_have_room_for_each_container(self):
        """Whatever one makes of its calls, and however many do."""
        def of(container, number, call=""):
            return json.dumps({"count": 1, "id": container, "namespace": "prod", "container": container, "exe": "/x", "arch": "x86_64",
                               "syscall": call, "number": number, "action": "SCMP_ACT_LOG"}) + "\n"

        noise = "".join(of("noise%d" % c, n) for c in range(20) for n in range(1000, 1400))
        _, found = self.metrics(of("first", 250, "keyctl") + noise + of("first", 165, "mount") + of("last", 250, "keyctl"))
        series = dict(re.findall(r'^seccomp_guard_denials_total{namespace="prod",container="(.*?",syscall=".*?)",action="LOG"} (\d+)$',
                                 found, re.M))
        self.assertEqual(series['first",syscall="keyctl'], "1")
        self.assertEqual(series['first",syscall="_other'], "1")
        self.assertEqual(series['last",syscall="_other'], "1")
        self.assertEqual(series['noise0",syscall="_other'], str(400 - 128))
        self.assertEqual(series['noise19",syscall="_other'], "400")
        self.assertEqual(sum(map(int, series.values())), 20 * 400 + 3)

    def test_no_other_file_becomes_metrics(self):
        path = self.file("precious", "mine\n")
        self.assertIn("is not a file of these counters", self.ask(record(272), "--metrics", path, status=2).error)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "mine\n")
        self.ask(record(272), "--metrics", os.path.join(self.tmp, "nowhere", "x"), status=2)
        pipe, link = os.path.join(self.tmp, "pipe"), os.path.join(self.tmp, "link")
        os.mkfifo(pipe)  # that nobody writes to
        self.assertIn("is not a file of these counters", self.ask(record(272), "--metrics", pipe, status=2).error)
        self.assertTrue(stat.S_ISFIFO(os.lstat(pipe).st_mode))
        os.symlink("precious", link)
        self.assertIn("is a symbolic link", self.ask(record(272), "--metrics", link, status=2).error)

    def test_a_large_log_takes_no_more_memory(self):
        """Ever new programs, and one long line."""
        text = "".join(record(272, n, exe="/bin/%d" % n) for n in range(1, 60001)) + "x" * (1 << 20) + "\n" + record(165, 60001)
        path = self.file("large.log", text)
        done = command(["sh", "-c", 'ulimit -v 400000 && exec "$0" denials --json "$1"', CLI, path]) \
            if not guardtest.sanitized() else command([CLI, "denials", "--json", path])
        self.assertStatus(done, 0)
        entries = [json.loads(line) for line in done.text.splitlines()]
        self.assertGreater(len(entries), 16000)
        lost = 60001 - sum(x["count"] for x in entries)
        self.assertIn("%d records are in none of these counts" % lost, done.error)


if __name__ == "__main__":
    guardtest.main()
