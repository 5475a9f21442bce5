/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/calls.h"

#include "base/base.h"

/* clang-format off: tables, a row for each call. */

/*
 * Sources: the commit that made the library call it, and the first release that has this commit;
 * bminor/glibc up to 2.43, bminor/musl up to 1.2.6. What they do about an error is in the same
 * files. glibc, sysdeps/unix/sysv/linux unless said otherwise:
 *   openat            b41152d716 open64.c
 *   newfstatat        30f1c74394, 6073bae64c fstat64.c, fstatat64.c
 *   faccessat2        3d3ab573a5 faccessat.c; musl 55fb9a17
 *   fchmodat2         65341f7bbe fchmodat.c; musl d0ed307e
 *   execveat          43ffc53a35 fexecve.c; musl e36f80cb
 *   statx             NEWS of 2.28, statx.c; musl b817541f
 *   getrandom         6f4e0fcfa2 stdlib/arc4random.c
 *   close_range       607449506f closefrom.c, 882d6e17bc spawni.c
 *   rseq              95e114a091 sysdeps/nptl/dl-tls_init_tp.c
 *   clock_gettime64   ec138c67cb; musl 72f50245
 *   clock_nanosleep_time64  2e44b10b42; musl 1334e366
 *   ppoll_time64      258c242128; musl 07af0181
 *   futex_time64      323592fdc9 nptl/futex-internal.c; musl 1492bdf5
 *   openat2, mseal    NEWS of 2.43; epoll_pwait2 of 2.35; pidfd_open of 2.36; renameat2 of 2.28
 * clone3 (d8ea0d0168, glibc 2.34) has a rule of its own.
 */
const struct newer_call newer_calls[] = {
	{"openat", "2.6.16", "open", "glibc 2.26", "open()", NEWER_NO_OTHER},
	{"newfstatat", "2.6.16", "stat lstat fstat", "glibc 2.33", "stat() and lstat()",
	 NEWER_NO_OTHER},
	{"faccessat2", "5.8", "faccessat access", "glibc 2.33 and musl 1.2.2",
	 "faccessat() with flags", NEWER_ENOSYS},
	{"fchmodat2", "6.6", "fchmodat", "glibc 2.39 and musl 1.2.5", "fchmodat() with flags",
	 NEWER_ENOSYS},
	{"execveat", "3.19", "execve", "glibc 2.27 and musl 1.1.21", "fexecve()", NEWER_ENOSYS},
	{"statx", "4.11", "newfstatat stat", "glibc 2.28 and musl 1.2.5",
	 "statx(), which coreutils use", NEWER_ENOSYS},
	{"getrandom", "3.17", "openat", "glibc 2.36",
	 "arc4random(), which ends the program otherwise", NEWER_ENOSYS},
	{"clock_gettime64", "5.1", "clock_gettime", "glibc 2.31 and musl 1.1.24",
	 "clock_gettime() of 32 bits", NEWER_ENOSYS},
	{"clock_nanosleep_time64", "5.1", "clock_nanosleep nanosleep", "glibc 2.31 and musl 1.1.24",
	 "nanosleep() of 32 bits", NEWER_ENOSYS},
	{"ppoll_time64", "5.1", "ppoll poll", "glibc 2.31 and musl 1.2.5", "ppoll() of 32 bits",
	 NEWER_ENOSYS},
	{"futex_time64", "5.1", "futex", "glibc 2.33 and musl 1.1.24",
	 "waiting for a lock of 32 bits", NEWER_ENOSYS},
	{"close_range", "5.9", "close", "glibc 2.34", "closefrom()", NEWER_ANY},
	{"rseq", "4.18", "set_robust_list", "glibc 2.35", "the start of a thread", NEWER_ANY},
	{"openat2", "5.6", "openat", "glibc 2.43", "openat2()", NEWER_WRAPPER},
	{"mseal", "6.10", "mprotect", "glibc 2.43", "mseal()", NEWER_WRAPPER},
	{"epoll_pwait2", "5.11", "epoll_pwait epoll_wait", "glibc 2.35", "epoll_pwait2()",
	 NEWER_WRAPPER},
	{"pidfd_open", "5.3", "kill", "glibc 2.36", "pidfd_open()", NEWER_WRAPPER},
	{"renameat2", "3.15", "rename renameat", "glibc 2.28", "renameat2()", NEWER_WRAPPER},
	{"futex_waitv", "5.16", "futex", NULL, "programs, by its number", NEWER_WRAPPER},
};

const size_t n_newer_calls = ARRAY_SIZE(newer_calls);
/* clang-format on */
