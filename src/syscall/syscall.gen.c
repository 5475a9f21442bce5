/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/flavor/profiles/ by generate.py; `make update-generated` writes it, `make check` compares. */
#include "syscall/syscall.h"

const char syscall_names[] =
	"_llseek_newselect_sysctlacceptaccept4accessacctadd_keyadjtimexafs_syscallalarmarch_prctl"
	"arm_fadvise64_64arm_sync_file_rangeatomic_barrieratomic_cmpxchg_32bdflushbindbpfbreakbreakpoint"
	"brkcachectlcacheflushcachestatcapgetcapsetchdirchmodchownchown32chrootclock_adjtime"
	"clock_adjtime64clock_getresclock_getres_time64clock_gettimeclock_gettime64clock_nanosleep"
	"clock_nanosleep_time64clock_settimeclock_settime64cloneclone3closeclose_rangeconnect"
	"copy_file_rangecreatcreate_moduledelete_moduledupdup2dup3epoll_createepoll_create1epoll_ctl"
	"epoll_ctl_oldepoll_pwaitepoll_pwait2epoll_waitepoll_wait_oldeventfdeventfd2execveexecveatexit"
	"exit_groupfaccessatfaccessat2fadvise64fadvise64_64fallocatefanotify_initfanotify_markfchdir"
	"fchmodfchmodatfchmodat2fchownfchown32fchownatfcntlfcntl64fdatasyncfgetxattrfile_getattr"
	"file_setattrfinit_moduleflistxattrflockforkfremovexattrfsconfigfsetxattrfsmountfsopenfspickfstat"
	"fstat64fstatat64fstatfsfstatfs64fsyncftimeftruncateftruncate64futexfutex_requeuefutex_time64"
	"futex_waitfutex_waitvfutex_wakefutimesatget_kernel_symsget_mempolicyget_robust_list"
	"get_thread_areaget_tlsgetcpugetcwdgetdentsgetdents64getegidgetegid32geteuidgeteuid32getgid"
	"getgid32getgroupsgetgroups32getitimergetpagesizegetpeernamegetpgidgetpgrpgetpidgetpmsggetppid"
	"getprioritygetrandomgetresgidgetresgid32getresuidgetresuid32getrlimitgetrusagegetsidgetsockname"
	"getsockoptgettidgettimeofdaygetuidgetuid32getxattrgetxattratgttyidleinit_moduleinotify_add_watch"
	"inotify_initinotify_init1inotify_rm_watchio_cancelio_destroyio_geteventsio_pgetevents"
	"io_pgetevents_time64io_setupio_submitio_uring_enterio_uring_registerio_uring_setupioctlioperm"
	"ioplioprio_getioprio_setipckcmpkexec_file_loadkexec_loadkeyctlkilllandlock_add_rule"
	"landlock_create_rulesetlandlock_restrict_selflchownlchown32lgetxattrlinklinkatlistenlistmount"
	"listnslistxattrlistxattratllistxattrlocklookup_dcookielremovexattrlseeklsetxattr"
	"lsm_get_self_attrlsm_list_moduleslsm_set_self_attrlstatlstat64madvisemap_shadow_stackmbind"
	"membarriermemfd_creatememfd_secretmigrate_pagesmincoremkdirmkdiratmknodmknodatmlockmlock2"
	"mlockallmmapmmap2modify_ldtmountmount_setattrmove_mountmove_pagesmprotectmpxmq_getsetattr"
	"mq_notifymq_openmq_timedreceivemq_timedreceive_time64mq_timedsendmq_timedsend_time64mq_unlink"
	"mremapmsealmsgctlmsggetmsgrcvmsgsndmsyncmultiplexermunlockmunlockallmunmapname_to_handle_at"
	"nanosleepnewfstatatnfsservctlniceoldfstatoldlstatoldoldunameoldstatoldunameopenopen_by_handle_at"
	"open_treeopen_tree_attropenatopenat2pausepciconfig_iobasepciconfig_readpciconfig_write"
	"perf_event_openpersonalitypidfd_getfdpidfd_openpidfd_send_signalpipepipe2pivot_rootpkey_alloc"
	"pkey_freepkey_mprotectpollppollppoll_time64prctlpread64preadvpreadv2prlimit64process_madvise"
	"process_mreleaseprocess_vm_readvprocess_vm_writevprofprofilpselect6pselect6_time64ptraceputpmsg"
	"pwrite64pwritevpwritev2query_modulequotactlquotactl_fdreadreadaheadreaddirreadlinkreadlinkat"
	"readvrebootrecvrecvfromrecvmmsgrecvmmsg_time64recvmsgremap_file_pagesremovexattrremovexattrat"
	"renamerenameatrenameat2request_keyrestart_syscallriscv_flush_icacheriscv_hwprobermdirrseq"
	"rseq_slice_yieldrt_sigactionrt_sigpendingrt_sigprocmaskrt_sigqueueinfort_sigreturnrt_sigsuspend"
	"rt_sigtimedwaitrt_sigtimedwait_time64rt_tgsigqueueinfortass390_guarded_storages390_pci_mmio_read"
	"s390_pci_mmio_writes390_runtime_instrs390_sthyisched_get_priority_maxsched_get_priority_min"
	"sched_getaffinitysched_getattrsched_getparamsched_getschedulersched_rr_get_interval"
	"sched_rr_get_interval_time64sched_setaffinitysched_setattrsched_setparamsched_setscheduler"
	"sched_yieldseccompsecurityselectsemctlsemgetsemopsemtimedopsemtimedop_time64sendsendfile"
	"sendfile64sendmmsgsendmsgsendtoset_mempolicyset_mempolicy_home_nodeset_robust_list"
	"set_thread_areaset_tid_addressset_tlssetdomainnamesetfsgidsetfsgid32setfsuidsetfsuid32setgid"
	"setgid32setgroupssetgroups32sethostnamesetitimersetnssetpgidsetprioritysetregidsetregid32"
	"setresgidsetresgid32setresuidsetresuid32setreuidsetreuid32setrlimitsetsidsetsockoptsettimeofday"
	"setuidsetuid32setxattrsetxattratsgetmaskshmatshmctlshmdtshmgetshutdownsigactionsigaltstacksignal"
	"signalfdsignalfd4sigpendingsigprocmasksigreturnsigsuspendsocketsocketcallsocketpairsplice"
	"spu_createspu_runssetmaskstatstat64statfsstatfs64statmountstatxstimesttysubpage_protswapcontext"
	"swapoffswaponswitch_endiansymlinksymlinkatsyncsync_file_rangesync_file_range2syncfs"
	"sys_debug_setcontextsyscallsysfssysinfosyslogsysmipsteetgkilltimetimer_createtimer_delete"
	"timer_getoverruntimer_gettimetimer_gettime64timer_settimetimer_settime64timerfdtimerfd_create"
	"timerfd_gettimetimerfd_gettime64timerfd_settimetimerfd_settime64timestkilltruncatetruncate64"
	"tuxcallugetrlimitulimitumaskumountumount2unameunlinkunlinkatunshareuprobeuretprobeuselib"
	"userfaultfdusr26usr32ustatutimeutimensatutimensat_time64utimesvforkvhangupvm86vm86oldvmsplice"
	"vserverwait4waitidwaitpidwritewritev";

const uint16_t syscall_offsets[SYSCALL_COUNT + 1] = {
	0, 7, 17, 24, 30, 37, 43, 47, 54, 62, 73, 78, 88, 104, 123, 137,
	154, 161, 165, 168, 173, 183, 186, 194, 204, 213, 219, 225, 230, 235, 240, 247,
	253, 266, 281, 293, 312, 325, 340, 355, 377, 390, 405, 410, 416, 421, 432, 439,
	454, 459, 472, 485, 488, 492, 496, 508, 521, 530, 543, 554, 566, 576, 590, 597,
	605, 611, 619, 623, 633, 642, 652, 661, 673, 682, 695, 708, 714, 720, 728, 737,
	743, 751, 759, 764, 771, 780, 789, 801, 813, 825, 835, 840, 844, 856, 864, 873,
	880, 886, 892, 897, 904, 913, 920, 929, 934, 939, 948, 959, 964, 977, 989, 999,
	1010, 1020, 1029, 1044, 1057, 1072, 1087, 1094, 1100, 1106, 1114, 1124, 1131, 1140, 1147, 1156,
	1162, 1170, 1179, 1190, 1199, 1210, 1221, 1228, 1235, 1241, 1248, 1255, 1266, 1275, 1284, 1295,
	1304, 1315, 1324, 1333, 1339, 1350, 1360, 1366, 1378, 1384, 1392, 1400, 1410, 1414, 1418, 1429,
	1446, 1458, 1471, 1487, 1496, 1506, 1518, 1531, 1551, 1559, 1568, 1582, 1599, 1613, 1618, 1624,
	1628, 1638, 1648, 1651, 1655, 1670, 1680, 1686, 1690, 1707, 1730, 1752, 1758, 1766, 1775, 1779,
	1785, 1791, 1800, 1806, 1815, 1826, 1836, 1840, 1854, 1866, 1871, 1880, 1897, 1913, 1930, 1935,
	1942, 1949, 1965, 1970, 1980, 1992, 2004, 2017, 2024, 2029, 2036, 2041, 2048, 2053, 2059, 2067,
	2071, 2076, 2086, 2091, 2104, 2114, 2124, 2132, 2135, 2148, 2157, 2164, 2179, 2201, 2213, 2232,
	2241, 2247, 2252, 2258, 2264, 2270, 2276, 2281, 2292, 2299, 2309, 2315, 2332, 2341, 2351, 2361,
	2365, 2373, 2381, 2392, 2399, 2407, 2411, 2428, 2437, 2451, 2457, 2464, 2469, 2485, 2499, 2514,
	2529, 2540, 2551, 2561, 2578, 2582, 2587, 2597, 2607, 2616, 2629, 2633, 2638, 2650, 2655, 2662,
	2668, 2675, 2684, 2699, 2715, 2731, 2748, 2752, 2758, 2766, 2781, 2787, 2794, 2802, 2809, 2817,
	2829, 2837, 2848, 2852, 2861, 2868, 2876, 2886, 2891, 2897, 2901, 2909, 2917, 2932, 2939, 2955,
	2966, 2979, 2985, 2993, 3002, 3013, 3028, 3046, 3059, 3064, 3068, 3084, 3096, 3109, 3123, 3138,
	3150, 3163, 3178, 3200, 3217, 3221, 3241, 3259, 3278, 3296, 3306, 3328, 3350, 3367, 3380, 3394,
	3412, 3433, 3461, 3478, 3491, 3505, 3523, 3534, 3541, 3549, 3555, 3561, 3567, 3572, 3582, 3599,
	3603, 3611, 3621, 3629, 3636, 3642, 3655, 3678, 3693, 3708, 3723, 3730, 3743, 3751, 3761, 3769,
	3779, 3785, 3793, 3802, 3813, 3824, 3833, 3838, 3845, 3856, 3864, 3874, 3883, 3894, 3903, 3914,
	3922, 3932, 3941, 3947, 3957, 3969, 3975, 3983, 3991, 4001, 4009, 4014, 4020, 4025, 4031, 4039,
	4048, 4059, 4065, 4073, 4082, 4092, 4103, 4112, 4122, 4128, 4138, 4148, 4154, 4164, 4171, 4179,
	4183, 4189, 4195, 4203, 4212, 4217, 4222, 4226, 4238, 4249, 4256, 4262, 4275, 4282, 4291, 4295,
	4310, 4326, 4332, 4352, 4359, 4364, 4371, 4377, 4384, 4387, 4393, 4397, 4409, 4421, 4437, 4450,
	4465, 4478, 4493, 4500, 4514, 4529, 4546, 4561, 4578, 4583, 4588, 4596, 4606, 4613, 4623, 4629,
	4634, 4640, 4647, 4652, 4658, 4666, 4673, 4679, 4688, 4694, 4705, 4710, 4715, 4720, 4725, 4734,
	4750, 4756, 4761, 4768, 4772, 4779, 4787, 4794, 4799, 4805, 4812, 4817, 4823,
};

const uint16_t syscall_slots[SYSCALL_SLOTS] = {
	0, 0, 0, 0, 0, 426, 0, 92, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 460, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 456, 0, 0,
	0, 0, 0, 0, 263, 0, 83, 0, 0, 0, 480, 59, 0, 439, 190, 203,
	361, 0, 373, 0, 0, 0, 0, 344, 0, 0, 0, 0, 0, 0, 4, 0,
	0, 441, 0, 0, 0, 319, 0, 0, 0, 0, 0, 0, 230, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 505, 0, 433, 295, 0, 0, 25, 71,
	0, 0, 0, 0, 0, 158, 0, 444, 307, 440, 0, 0, 79, 167, 262, 0,
	481, 0, 0, 0, 0, 0, 117, 0, 68, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 122, 0, 0, 0, 411, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 303, 496, 0, 0,
	382, 395, 489, 0, 0, 0, 0, 81, 0, 0, 124, 126, 452, 0, 367, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 300, 0, 29, 418,
	328, 333, 0, 0, 0, 0, 0, 385, 0, 459, 0, 0, 0, 0, 0, 194,
	0, 0, 0, 155, 69, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0,
	0, 0, 0, 0, 224, 0, 0, 143, 145, 465, 0, 0, 0, 0, 0, 492,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 353, 0, 320,
	172, 90, 0, 0, 384, 401, 0, 0, 0, 0, 0, 0, 473, 0, 0, 0,
	338, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 57, 0, 0, 0, 123, 0, 205, 406, 0, 315, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 272, 0, 0, 0, 0, 0, 0, 0, 0,
	179, 356, 504, 0, 0, 443, 0, 0, 35, 269, 289, 368, 455, 0, 314, 0,
	0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 64, 101, 0, 485, 0, 0, 0, 0,
	0, 0, 0, 0, 182, 47, 56, 0, 0, 0, 254, 500, 0, 0, 0, 212,
	442, 242, 0, 66, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 434,
	58, 424, 428, 78, 309, 0, 0, 0, 0, 0, 192, 108, 0, 0, 0, 0,
	0, 0, 0, 360, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 116, 0,
	140, 152, 331, 0, 0, 175, 0, 188, 99, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 378, 0, 0, 0, 0, 0, 0, 0, 201, 0, 0, 0, 0, 147,
	195, 0, 0, 0, 39, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	186, 438, 0, 0, 0, 0, 228, 0, 0, 0, 275, 0, 0, 0, 249, 0,
	256, 0, 244, 37, 61, 274, 0, 0, 0, 204, 0, 450, 0, 0, 0, 306,
	0, 0, 0, 0, 0, 0, 0, 291, 0, 0, 0, 162, 245, 0, 0, 301,
	316, 206, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 46, 0, 0,
	0, 0, 0, 0, 118, 0, 144, 0, 176, 0, 111, 0, 0, 0, 34, 487,
	435, 166, 215, 0, 0, 0, 6, 0, 177, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 134, 0,
	0, 100, 276, 0, 0, 508, 259, 183, 292, 0, 0, 372, 0, 0, 0, 191,
	0, 0, 0, 0, 271, 0, 94, 0, 0, 0, 447, 13, 0, 498, 469, 471,
	0, 0, 0, 280, 273, 0, 231, 241, 388, 0, 0, 0, 0, 0, 0, 36,
	507, 0, 0, 0, 0, 0, 218, 0, 129, 154, 0, 0, 225, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 72, 0, 0, 0, 0, 0, 142, 0, 0, 0, 0, 402, 0, 287, 0,
	0, 0, 86, 22, 95, 0, 0, 449, 0, 0, 0, 0, 0, 0, 0, 461,
	98, 0, 0, 0, 0, 253, 0, 148, 311, 0, 0, 0, 0, 0, 49, 0,
	477, 219, 335, 67, 209, 354, 0, 0, 0, 283, 326, 169, 0, 150, 0, 0,
	0, 0, 0, 359, 0, 0, 0, 0, 0, 0, 0, 0, 243, 0, 0, 0,
	0, 458, 0, 0, 0, 0, 0, 467, 341, 0, 0, 0, 470, 0, 0, 0,
	0, 0, 0, 0, 484, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	365, 0, 0, 0, 0, 0, 501, 0, 103, 0, 0, 317, 0, 0, 240, 168,
	410, 431, 0, 0, 0, 0, 375, 0, 0, 391, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 364, 0, 0, 413, 362, 493, 229, 18, 156, 343, 0, 376, 0,
	478, 52, 199, 223, 0, 0, 0, 0, 0, 0, 0, 84, 0, 0, 0, 0,
	0, 0, 288, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 268, 0, 0,
	0, 0, 0, 0, 165, 0, 0, 0, 0, 0, 0, 0, 0, 351, 357, 0,
	0, 0, 0, 0, 270, 290, 0, 0, 0, 0, 0, 312, 0, 0, 346, 0,
	0, 0, 0, 0, 0, 102, 497, 0, 0, 216, 0, 0, 0, 0, 246, 0,
	130, 0, 0, 0, 0, 0, 0, 429, 0, 0, 0, 408, 0, 0, 184, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 119, 0, 0, 0, 397,
	187, 399, 0, 0, 0, 0, 0, 0, 0, 174, 0, 0, 0, 380, 226, 0,
	0, 0, 9, 302, 135, 139, 324, 185, 394, 400, 0, 0, 0, 0, 0, 0,
	112, 173, 0, 0, 15, 0, 0, 2, 0, 0, 161, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 502, 248, 0, 0, 0, 321, 38, 42, 0, 463,
	0, 50, 421, 0, 0, 0, 419, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 279, 0, 0, 0,
	0, 0, 445, 0, 0, 448, 0, 0, 0, 0, 296, 261, 0, 0, 0, 0,
	0, 0, 110, 265, 339, 0, 0, 0, 0, 0, 0, 381, 383, 432, 0, 486,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 196, 80, 62, 363, 0, 87,
	88, 0, 0, 0, 427, 436, 0, 227, 27, 350, 0, 0, 0, 284, 93, 483,
	0, 0, 0, 0, 0, 132, 0, 0, 23, 0, 0, 0, 0, 0, 0, 0,
	0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 138, 0, 0, 0, 0,
	76, 0, 0, 0, 0, 48, 374, 0, 393, 405, 0, 0, 232, 251, 0, 0,
	0, 0, 0, 0, 0, 151, 0, 0, 0, 0, 0, 60, 0, 0, 285, 0,
	0, 0, 0, 0, 163, 0, 257, 258, 14, 221, 0, 0, 332, 0, 0, 0,
	0, 136, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 482, 0, 0, 105, 0, 0, 0, 0,
	0, 0, 474, 0, 0, 0, 0, 422, 0, 305, 0, 0, 0, 345, 0, 0,
	349, 355, 0, 0, 0, 114, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 299, 0, 0, 0, 0, 0, 0, 0, 323, 0, 0, 0, 91,
	0, 369, 0, 0, 0, 0, 0, 0, 74, 17, 220, 0, 377, 0, 73, 398,
	277, 181, 0, 352, 358, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	267, 0, 0, 0, 0, 329, 0, 0, 0, 0, 0, 0, 0, 1, 16, 180,
	298, 479, 0, 0, 0, 0, 0, 178, 0, 12, 336, 414, 0, 0, 0, 0,
	0, 430, 0, 437, 0, 157, 0, 210, 0, 0, 0, 462, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0,
	386, 407, 0, 0, 0, 0, 313, 0, 286, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 264, 0, 0, 0, 366, 0, 0, 0, 0, 0, 0, 417, 491, 171,
	396, 0, 334, 0, 0, 0, 197, 0, 0, 0, 389, 0, 0, 28, 137, 0,
	0, 0, 0, 0, 0, 0, 282, 0, 0, 97, 0, 0, 0, 0, 0, 403,
	0, 0, 237, 0, 0, 308, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	294, 3, 0, 0, 0, 0, 404, 0, 235, 0, 0, 0, 488, 0, 322, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 211, 0, 0, 0, 0, 0, 304,
	0, 0, 170, 0, 0, 0, 0, 0, 252, 0, 0, 0, 0, 32, 0, 54,
	128, 0, 0, 0, 0, 0, 24, 0, 0, 45, 193, 255, 0, 0, 0, 0,
	0, 0, 217, 0, 0, 0, 0, 464, 466, 503, 0, 0, 0, 0, 0, 330,
	0, 475, 0, 0, 189, 0, 0, 109, 0, 0, 476, 0, 0, 0, 0, 0,
	0, 0, 423, 0, 409, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 325, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 239, 51, 0, 0, 0, 238, 293, 0, 0, 0, 0, 425,
	0, 0, 412, 153, 0, 0, 0, 0, 0, 0, 494, 0, 0, 0, 0, 0,
	0, 0, 371, 0, 0, 0, 0, 0, 0, 0, 213, 0, 0, 0, 198, 495,
	0, 0, 0, 0, 0, 0, 107, 121, 347, 387, 0, 0, 0, 0, 260, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 468, 0, 0, 0, 0, 0, 0, 342,
	506, 0, 379, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0,
	0, 490, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 278, 392, 0,
	96, 0, 0, 0, 0, 0, 0, 457, 0, 0, 43, 0, 160, 0, 0, 297,
	0, 0, 0, 0, 0, 0, 0, 21, 415, 0, 0, 0, 0, 164, 10, 0,
	0, 0, 337, 0, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 0,
	0, 0, 149, 0, 0, 0, 0, 0, 0, 0, 120, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 446, 0, 0, 53, 234, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 222, 0,
	0, 44, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 247, 85, 207, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 390, 0, 0,
	63, 0, 340, 0, 0, 0, 0, 0, 0, 0, 348, 0, 115, 214, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 106, 0, 0, 0,
	0, 0, 0, 0, 0, 327, 0, 0, 0, 0, 40, 0, 0, 0, 0, 0,
	26, 0, 0, 451, 0, 141, 113, 0, 0, 0, 104, 0, 0, 0, 0, 33,
	0, 0, 0, 82, 0, 0, 0, 0, 0, 499, 318, 0, 0, 202, 0, 0,
	125, 0, 70, 75, 0, 0, 0, 0, 266, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 77, 453, 0, 0, 0, 416, 0, 0, 0, 0, 0, 0, 131, 0,
	159, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 281,
	370, 0, 0, 0, 0, 0, 0, 454, 0, 0, 420, 0, 0, 208, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 233, 133, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 200, 146, 0, 0, 0, 0, 0, 236, 0, 0, 310, 0, 0,
	0, 0, 0, 0, 127, 472, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

_Static_assert(SYSCALL_COUNT == 508, "syscall.h has another number of names");
_Static_assert(SYSCALL_SLOTS == 2048, "syscall.h has a hash table of another size");
_Static_assert(SYSCALL_MAX_NAME == 28, "syscall.h has another longest name");
