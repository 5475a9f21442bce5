/* SPDX-License-Identifier: Apache-2.0 */
/* Profile files and what must come of them. */
#ifndef SECCOMP_GUARD_PROFILEFILE_CASES_H
#define SECCOMP_GUARD_PROFILEFILE_CASES_H

#include "profile/profile-file.h"

/* ---- errors: every one with its line and column ---- */

#define HEAD "{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
#define RULES(rules) HEAD " \"syscalls\": [\n" rules "\n]}"
#define RULE(rest) RULES("  {\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"},\n  {" rest "}")
#define ERRNO_RULE(rest) RULE("\"names\": [\"write\"], \"action\": \"SCMP_ACT_ERRNO\"" rest)
#define ARG(rest) ERRNO_RULE(", \"args\": [{" rest "}]")

static const struct {
	const char *text;
	size_t line, column;
	const char *message;
} errors[] = {
	{"", 1, 1, "is empty"},
	{"[]", 1, 1, "must be an object, not an array"},
	{"null", 1, 1, "must be a JSON object, not null"},
	{"{\n \"defaultAction\": ,}", 2, 20, "not valid JSON"},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\"}\n x", 2, 3, "not valid JSON"},
	{HEAD "}", 2, 2, "not valid JSON"},
	{"{}", 1, 1, "\"defaultAction\" is missing"},
	{"{\"syscalls\": []}", 1, 1, "\"defaultAction\" is missing"},
	{"{\"defaultAction\": \"\"}", 1, 1, "\"defaultAction\" is missing"},
	{"{\n\n \"defaultAction\": \"scmp_act_errno\"}", 3, 19,
	 "defaultAction: unknown action \"scmp_act_errno\""},
	{"{\n \"defaultAction\": 1}", 2, 19,
	 "defaultAction: must be a string, not a number like 1"},
	{"{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", 1, 19,
	 "defaultAction: SCMP_ACT_NOTIFY cannot be the default"},
	{"{\"DefaultActions\": \"SCMP_ACT_ERRNO\"}", 1, 1, "\"defaultAction\" is missing"},
	{"{\"defaultAction\\u0000\": \"SCMP_ACT_ERRNO\"}", 1, 1, "\"defaultAction\" is missing"},
	{HEAD "\"DefaultAction\": \"SCMP_ACT_KILL\"}", 2, 1,
	 "key \"defaultAction\" is written twice"},
	{HEAD "\"defaultAction\": \"SCMP_ACT_KILL\"}", 2, 1,
	 "key \"defaultAction\" is written twice"},

	{HEAD "\"defaultErrnoRet\": 4095}", 2, 20, "defaultErrnoRet: 4095 is no error number"},
	{HEAD "\"defaultErrnoRet\": 69631}", 2, 20, "defaultErrnoRet: 4095 is no error number"},
	{HEAD "\"defaultErrnoRet\": 4294967296}", 2, 20,
	 "defaultErrnoRet: must be a decimal integer"},
	{HEAD "\"defaultErrnoRet\": -1}", 2, 20, "defaultErrnoRet: must be a decimal integer"},
	{HEAD "\"defaultErrno\": \"EWHAT\"}", 2, 17, "defaultErrno: unknown error \"EWHAT\""},
	{HEAD "\"defaultErrno\": \"5000\"}", 2, 17, "defaultErrnoRet: 5000 is no error number"},
	{HEAD "\"defaultErrno\": \"99999\"}", 2, 17, "defaultErrno: unknown error \"99999\""},
	{HEAD "\"defaultErrno\": 1}", 2, 17, "defaultErrno: must be a string"},

	{HEAD "\"architectures\": [\"SCMP_ARCH_X86_64\", \"x86\"]}", 2, 39,
	 "architectures[1]: unknown architecture \"x86\""},
	{HEAD "\"architectures\": [\"SCMP_ARCH_NATIVE\"]}", 2, 19,
	 "architectures[0]: unknown architecture \"SCMP_ARCH_NATIVE\""},
	{HEAD "\"architectures\": [\"SCMP_ARCH_X86\",\n\"SCMP_ARCH_S390X\"]}", 3, 1,
	 "architectures[1]: SCMP_ARCH_S390X has not the byte order of this host, SCMP_ARCH_X86_64"},
	{HEAD "\"architectures\": \"SCMP_ARCH_X86\"}", 2, 18,
	 "architectures: must be an array, not a string"},
	{HEAD "\"architectures\": [null]}", 2, 19, "architectures[0]: null is not a value here"},
	{HEAD "\"archMap\": [{\"architecture\": \"amd64\"}]}", 2, 30,
	 "archMap[0].architecture: unknown architecture \"amd64\""},
	{HEAD "\"archMap\": [{\"subArchitectures\": []}]}", 2, 13,
	 "archMap[0]: required key \"architecture\""},
	{HEAD
	 "\"archMap\": [{\"architecture\": \"SCMP_ARCH_ARM\", \"subArchitectures\": [\"ARM\"]}]}",
	 2, 68, "archMap[0].subArchitectures[0]: unknown architecture \"ARM\""},
	{HEAD "\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
	      "[\"SCMP_ARCH_PPC\"]}]}",
	 2, 13, "archMap[0]: SCMP_ARCH_PPC has not the byte order of this host"},
	{HEAD "\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\"}],\n\"architectures\": "
	      "[\"SCMP_ARCH_X86\"]}",
	 3, 18, "architectures: \"architectures\" and \"archMap\" exclude each other"},
	{HEAD "\"architectures\": [\"SCMP_ARCH_X86\"],\n\"archMap\": [{\"architecture\": "
	      "\"SCMP_ARCH_X86_64\"}]}",
	 3, 12, "archMap: \"architectures\" and \"archMap\" exclude each other"},

	{HEAD "\"flags\": [\"SECCOMP_FILTER_FLAG_LOG\", \"LOG\"]}", 2, 38,
	 "flags[1]: unknown flag \"LOG\""},
	{HEAD "\"listenerPath\": 1}", 2, 17, "listenerPath: must be a string"},

	{HEAD "\"syscalls\": {}}", 2, 13, "syscalls: must be an array, not an object"},
	{HEAD "\"syscalls\": [null]}", 2, 14, "syscalls[0]: null is not a value here"},
	{RULE("\"names\": [\"x\"]"), 4, 3, "syscalls[1]: required key \"action\" is missing"},
	{RULE("\"action\": \"SCMP_ACT_ALLOW\""), 4, 3,
	 "syscalls[1]: required key \"names\" is missing"},
	{RULE("\"names\": null, \"action\": \"SCMP_ACT_ALLOW\""), 4, 3,
	 "required key \"names\" is missing"},
	{RULE("\"name\": \"\", \"action\": \"SCMP_ACT_ALLOW\""), 4, 3,
	 "required key \"names\" is missing"},
	{RULE("\"name\": \"x\", \"names\": [\"y\"], \"action\": \"SCMP_ACT_ALLOW\""), 4, 3,
	 "syscalls[1]: \"name\" and \"names\" exclude each other"},
	{RULE("\"name\": \"x\", \"names\": [\"y\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": "
	      "{\"arches\": [\"no\"]}"),
	 4, 3, "syscalls[1]: \"name\" and \"names\" exclude each other"},
	{RULE("\"names\": [\"\"], \"action\": \"SCMP_ACT_ALLOW\""), 4, 14,
	 "syscalls[1].names[0]: an empty syscall name"},
	{RULE("\"names\": [7], \"action\": \"SCMP_ACT_ALLOW\""), 4, 14,
	 "syscalls[1].names[0]: must be a string"},
	{RULE("\"names\": [\"a\\u0000b\"], \"action\": \"SCMP_ACT_ALLOW\""), 4, 14,
	 "syscalls[1].names[0]: contains \\u0000"},
	{RULE("\"names\": [\"x\"], \"action\": \"SCMP_ACT_NO\""), 4, 30,
	 "syscalls[1].action: unknown action \"SCMP_ACT_NO\""},
	{RULE("\"names\": [\"x\"], \"action\": \"SCMP_ACT_NO\", \"excludes\": {\"arches\": "
	      "[\"amd64\"]}"),
	 4, 30, "syscalls[1].action: unknown action \"SCMP_ACT_NO\""},
	{ERRNO_RULE(", \"errnoRet\": 4095"), 4, 64,
	 "syscalls[1]: errnoRet: 4095 is no error number, which end at 4094"},
	{ERRNO_RULE(", \"errnoRet\": \"EPERM\""), 4, 64,
	 "syscalls[1].errnoRet: must be a decimal integer"},
	{ERRNO_RULE(", \"errno\": \"nonsense\""), 4, 61,
	 "syscalls[1].errno: unknown error \"nonsense\""},
	{ERRNO_RULE(", \"errno\": \"EPERM2\""), 4, 61,
	 "syscalls[1].errno: unknown error \"EPERM2\""},

	{ARG("\"index\": 6, \"op\": \"SCMP_CMP_EQ\""), 4, 71,
	 "syscalls[1].args[0].index: a syscall has arguments 0 to 5"},
	{ARG("\"index\": 0, \"op\": \"SCMP_CMP_XX\""), 4, 80,
	 "syscalls[1].args[0].op: unknown operator \"SCMP_CMP_XX\""},
	{ARG("\"index\": 0"), 4, 61, "syscalls[1].args[0]: required key \"op\" is missing"},
	{ARG("\"index\": 0, \"value\": 1.5, \"op\": \"SCMP_CMP_EQ\""), 4, 83,
	 "syscalls[1].args[0].value: must be a decimal integer"},
	{ARG("\"index\": 0, \"value\": 18446744073709551616, \"op\": \"SCMP_CMP_EQ\""), 4, 83,
	 "syscalls[1].args[0].value: must be a decimal integer"},

	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"4\"}"), 4, 78,
	 "syscalls[1].includes.minKernel: must be a kernel version like \"4.8\", not \"4\""},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"4.8.1\"}"), 4, 78,
	 "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"0.0\"}"), 4, 78, "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"4.256\"}"), 4, 78,
	 "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"256.1\"}"), 4, 78,
	 "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"4.\"}"), 4, 78, "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \".8\"}"), 4, 78, "must be a kernel version"},
	{ERRNO_RULE(", \"includes\": {\"minKernel\": \"4.8-rc1\"}"), 4, 78,
	 "must be a kernel version"},
	{ERRNO_RULE(", \"excludes\": {\"minKernel\": 4.8}"), 4, 78,
	 "syscalls[1].excludes.minKernel: must be a string"},
	{ERRNO_RULE(", \"includes\": {\"caps\": \"CAP_BPF\"}"), 4, 73,
	 "syscalls[1].includes.caps: must be an array"},
	{ERRNO_RULE(", \"includes\": {\"caps\": [1]}"), 4, 74,
	 "syscalls[1].includes.caps[0]: must be a string"},
	{ERRNO_RULE(", \"includes\": []"), 4, 64,
	 "syscalls[1].includes: must be an object, not an array"},
	{ERRNO_RULE(", \"includes\": {}, \"Includes\": {}"), 4, 68,
	 "syscalls[1]: key \"includes\" is written twice"},

	{RULE("\"names\": [\"x\", \"write\"], \"action\": \"SCMP_ACT_NOTIFY\""), 4, 3,
	 "syscalls[1]: SCMP_ACT_NOTIFY cannot be used for write"},
	{RULE("\"names\": [\"x\"], \"action\": \"SCMP_ACT_NOTIFY\""), 4, 3,
	 "syscalls[1]: SCMP_ACT_NOTIFY needs a \"listenerPath\""},
	{RULE("\"names\": [\"x\"], \"action\": \"SCMP_ACT_NOTIFY\", \"excludes\": {\"arches\": "
	      "[\"amd64\"]}"),
	 4, 3, "syscalls[1]: SCMP_ACT_NOTIFY needs a \"listenerPath\""},
	{HEAD "\"listenerPath\": \"agent.sock\",\n\"syscalls\": [{\"names\": [\"x\"], \"action\": "
	      "\"SCMP_ACT_NOTIFY\"}]}",
	 2, 17, "listenerPath: must be absolute"},
	{RULES("  {\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	       "   \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]},\n"
	       "  {\"names\": [\"read\", \"mount\"], \"action\": \"SCMP_ACT_LOG\",\n"
	       "   \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}"),
	 5, 3,
	 "syscalls[1]: says SCMP_ACT_LOG for mount where syscalls[0] says SCMP_ACT_ALLOW on the "
	 "same "
	 "conditions"},
};

/* ---- what comes out ---- */

#define ALLOW(names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"}"
#define ERRNO(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"

/* clang-format does not come to rest on macros within literals. */
/* clang-format off */
static const struct {
	const char *text, *object;
} resolved
	[] =
		{
			{ERRNO(""), ERRNO("")},
			{"\n\t{ \"syscalls\" : null,\r\n \"defaultAction\":\"SCMP_ACT_ERRNO\" } ",
			 ERRNO("")},
			/* What no runtime knows is left out, and so are rules without names. */
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"x\":{\"y\":[1]},\"syscalls\":[{"
			 "\"names\":[\"a\"],"
			 "\"comment\":\"b\","
			 "\"action\":\"SCMP_ACT_ALLOW\",\"args\":null},{\"names\":[],\"action\":"
			 "\"SCMP_ACT_KILL\"}]}",
			 ERRNO(ALLOW("\"a\""))},
			{ERRNO("{\"name\":\"a\",\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}"),
			 ERRNO(ALLOW("\"a\""))},
			{ERRNO("{\"name\":\"\",\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\"}"),
			 ERRNO(ALLOW("\"a\""))},
			/* Escapes are written in one way. */
			{ERRNO(ALLOW("\"\\u0061\\/\\\"\\\\\\n\xc3\xa9\"")),
			 ERRNO(ALLOW("\"a/\\\"\\\\\\u000a\xc3\xa9\""))},

			/* Numbers: the low 16 bits, none beside an action that takes none, names
			   before numbers. */
			{"{\"defaultAction\":\"SCMP_ACT_KILL\",\"defaultErrnoRet\":9999,"
			 "\"defaultErrno\":\"EPERM\"}",
			 "{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[]}"},
			{"{\"defaultErrnoRet\":65536,\"defaultAction\":\"SCMP_ACT_ERRNO\"}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"syscalls\":"
			 "[]}"},
			{"{\"defaultErrnoRet\":1,\"defaultErrno\":\"EINVAL\",\"defaultAction\":"
			 "\"SCMP_ACT_ERRNO\"}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":22,"
			 "\"syscalls\":[]}"},
			{"{\"defaultErrnoRet\":5,\"defaultErrno\":\"\",\"defaultAction\":\"SCMP_"
			 "ACT_TRACE\"}",
			 "{\"defaultAction\":\"SCMP_ACT_TRACE\",\"defaultErrnoRet\":5,\"syscalls\":"
			 "[]}"},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"errnoRet\":4095}"
			       ","
			       "{\"errno\":\"13\",\"names\":[\"b\"],\"action\":\"SCMP_ACT_ERRNO\","
			       "\"errnoRet\":70000},"
			       "{\"names\":[\"c\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":"
			       "131071}"),
			 ERRNO(ALLOW("\"a\"") ",{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ERRNO\","
			"\"errnoRet\":13},"
			"{\"names\":[\"c\"],\"action\":\"SCMP_ACT_TRACE\","
			"\"errnoRet\":65535}")},

			/* Conditions: masks as libseccomp takes them; more than six are written as
			   the rules that they are. */
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"op\":"
			       "\"SCMP_CMP_MASKED_EQ\","
			       "\"value\":6,"
			       "\"valueTwo\":13},{\"valueTwo\":9,\"op\":\"SCMP_CMP_EQ\",\"index\":"
			       "5}]}"),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
			       "\"index\":0,\"value\":6,"
			       "\"valueTwo\":4,"
			       "\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":5,\"value\":0,\"op\":"
			       "\"SCMP_CMP_EQ\"}]}")},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"op\":"
			       "\"SCMP_CMP_MASKED_EQ\","
			       "\"valueTwo\":13}]}"),
			 ERRNO(ALLOW("\"a\""))},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"op\":"
			       "\"SCMP_CMP_EQ\",\"value\":"
			       "1},"
			       "{\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"),
			 ERRNO(ALLOW("\"a\""))},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"op\":"
			       "\"SCMP_CMP_EQ\",\"value\":"
			       "1},"
			       "{\"op\":\"SCMP_CMP_MASKED_EQ\",\"index\":1}]}"),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
			       "\"index\":0,\"value\":1,"
			       "\"op\":\"SCMP_CMP_EQ\"}]}")},
#define EQ(index, value) "{\"index\":" index ",\"value\":" value ",\"op\":\"SCMP_CMP_EQ\"}"
#define ONE(index, value)                                                                          \
	"{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(index, value) "]}"
			{ERRNO("{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":"
			       "[" EQ("0", "0") "," EQ("1", "1") "," EQ("2", "2") "," EQ(
			"3",
			"3") "," EQ("4",
			"4") "," EQ("5",
			"5") "," EQ("5",
			"6") "]}," ALLOW("\"c"
			"\"")),
			 ERRNO(ONE("0", "0") "," ONE("1", "1") "," ONE("2", "2") "," ONE(
			"3",
			"3") "," ONE("4",
			"4") "," ONE("5",
			"5") "," ONE("5",
			"6") "," ALLOW("\"c\""))},

/* Rules that share an inequality, in an order that makes libseccomp run in circles. */
#define BOTH(op, index, value)                                                                     \
	"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":3,"     \
	"\"op\":\"SCMP_CMP_GT\"},{\"index\":" index ",\"value\":" value ",\"op\":\"SCMP_CMP_" op   \
	"\"}]}"
			{ERRNO(BOTH("GE", "1", "9") "," ALLOW("\"b\"") "," BOTH(
			"LE", "1",
			"5") "," BOTH("LE", "1",
			"2") "," BOTH("EQ", "1",
			"7") "," BOTH("EQ", "1",
			"8") "," BOTH("EQ", "2",
			"1")),
			 ERRNO(BOTH("EQ", "2", "1") "," BOTH("EQ", "1", "8") "," BOTH(
			"EQ", "1",
			"7") "," BOTH("LE", "1",
			"2") "," BOTH("LE", "1",
			"5") "," BOTH("GE", "1",
			"9") "," ALLOW("\"b"
			"\""))},
			/* Each name for itself; what comes behind a rule without conditions does
			   not count. */
			{ERRNO("{\"names\":[\"b\",\"a\",\"c\"],\"action\":\"SCMP_ACT_LOG\","
			       "\"args\":[{\"index\":0,\"value\":"
			       "3,"
			       "\"op\":\"SCMP_CMP_GT\"},{\"index\":1,\"value\":1,\"op\":\"SCMP_CMP_"
			       "LT\"}]}," ALLOW("\"c\"") "," BOTH("EQ", "1", "8")),
			 ERRNO("{\"names\":[\"b\",\"c\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{"
			       "\"index\":0,\"value\":3,"
			       "\"op\":\"SCMP_CMP_GT\"},{\"index\":1,\"value\":1,\"op\":\"SCMP_CMP_"
			       "LT\"}]}," BOTH("EQ", "1",
			"8") ",{\"names\":[\"a\"],\"action\":\"SCMP_ACT_"
			"LOG\",\"args\":[{\"index\":"
			"0,\"value\":3,"
			"\"op\":\"SCMP_CMP_GT\"},{\"index\":1,"
			"\"value\":1,\"op\":\"SCMP_CMP_"
			"LT\"}]}," ALLOW("\"c\""))},
			/* In the tree's own order, or without a shared inequality, the file's order
			   stays. */
			{ERRNO(BOTH("EQ", "1", "8") "," BOTH("LE", "1", "2")),
			 ERRNO(BOTH("EQ", "1", "8") "," BOTH("LE", "1", "2"))},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(
			"0", "3") "," EQ("1", "1") "]}," BOTH("EQ", "1", "8")),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(
			"0", "3") "," EQ("1", "1") "]}," BOTH("EQ", "1", "8"))},
			{ERRNO(ALLOW("\"a\"") "," BOTH("LE", "1", "2") "," BOTH("EQ", "1", "8")),
			 ERRNO(ALLOW("\"a\"") "," BOTH("LE", "1", "2") "," BOTH("EQ", "1", "8"))},

			/* Architectures. */
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"architecture\":"
			 "\"SCMP_ARCH_AARCH64\","
			 "\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},{\"subArchitectures\":[\"SCMP_"
			 "ARCH_X32\",\"SCMP_ARCH_"
			 "X86\"],"
			 "\"architecture\":\"SCMP_ARCH_X86_64\"},{\"architecture\":\"SCMP_ARCH_X86_"
			 "64\"}],\"architectures\":["
			 "]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_"
			 "64\",\"SCMP_ARCH_X32\","
			 "\"SCMP_ARCH_X86\"],\"syscalls\":[]}"},
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"architecture\":"
			 "\"SCMP_ARCH_S390X\","
			 "\"subArchitectures\":[\"SCMP_ARCH_S390\"]}]}",
			 ERRNO("")},
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[],\"architectures\":["
			 "\"SCMP_ARCH_AARCH64\"]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_"
			 "AARCH64\"],\"syscalls\":[]}"},

			/* The flag that runtimes set without the key, and old ones refuse. */
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_"
			 "SPEC_ALLOW\"]}",
			 ERRNO("")},

			/* Flags: an empty list turns off what runtimes do without one. */
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":null}", ERRNO("")},
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[],\"syscalls\":[]}"},
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_"
			 "SPEC_ALLOW\","
			 "\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_LOG\"]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_"
			 "LOG\","
			 "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],\"syscalls\":[]}"},

			/* A listener is for rules that notify. */
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerPath\":\"x\","
			 "\"listenerMetadata\":\"y\","
			 "\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[],\"syscalls\":[]}"},
			{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerMetadata\":\"y\\t\","
			 "\"listenerPath\":\"/x\","
			 "\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],"
			 "\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_"
			 "WAIT_KILLABLE_RECV\"],"
			 "\"listenerPath\":\"/x\",\"listenerMetadata\":\"y\\u0009\","
			 "\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"},

			/* Rules that runtimes leave out, or that come too late to count, do not
			   contradict. */
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":"
			       "65537}," ALLOW("\"a\"")),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}"
			       "," ALLOW("\"a\""))},
			{ERRNO(ALLOW("\"a\"") ",{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\","
			"\"args\":[" EQ("0",
			"1") "]},"
			"{\"names\":[\"a\"],\"action\":"
			"\"SCMP_ACT_LOG\",\"args\":[" EQ(
			"0", "1") "]}"),
			 ERRNO(ALLOW("\"a\"") ",{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\","
			"\"args\":[" EQ("0",
			"1") "]},"
			"{\"names\":[\"a\"],\"action\":"
			"\"SCMP_ACT_LOG\",\"args\":[" EQ(
			"0", "1") "]}")},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[{"
			       "\"index\":0,\"value\":3,"
			       "\"valueTwo\":1,"
			       "\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"a\"],\"action\":"
			       "\"SCMP_ACT_LOG\",\"args\":[{"
			       "\"index\":0,"
			       "\"value\":3,\"valueTwo\":2,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[{"
			       "\"index\":0,\"value\":3,"
			       "\"valueTwo\":1,"
			       "\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"a\"],\"action\":"
			       "\"SCMP_ACT_LOG\",\"args\":[{"
			       "\"index\":0,"
			       "\"value\":3,\"valueTwo\":2,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}")},
			{ERRNO(ALLOW("\"a\"") ",{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\"}"),
			 ERRNO(ALLOW("\"a\"") ",{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\"}")},
			{ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[" EQ(
			"0", "1") "]},"
			"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL_THREAD\","
			"\"args\":[" EQ("0", "1") "]}"),
			 ERRNO("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[" EQ(
			"0", "1") "]},"
			"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL_THREAD\","
			"\"args\":[" EQ("0", "1") "]}")},
};
/* clang-format on */

#define SYS_ADMIN (UINT64_C(1) << 21)
#define BPF (UINT64_C(1) << 39)

/* Does a rule with these conditions hold? */
static const struct {
	const char *conditions;
	struct profile_target target;
	bool holds;
} conditions[] = {
	{"\"includes\":{},\"excludes\":{}", {PROFILE_ARCH_UNKNOWN, 0, 0, false, false}, true},
	{"\"includes\":null,\"excludes\":null", {PROFILE_ARCH_UNKNOWN, 0, 0, false, false}, true},
	{"\"includes\":{\"caps\":[],\"arches\":[]},\"excludes\":{\"caps\":null,\"arches\":null}",
	 {PROFILE_ARCH_UNKNOWN, 0, 0, false, false},
	 true},
	{"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", {.caps = SYS_ADMIN | BPF}, true},
	{"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", {.caps = BPF}, false},
	{"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}",
	 {.caps = SYS_ADMIN, .caps_absent = true},
	 false},
	{"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", {.caps = SYS_ADMIN}, false},
	{"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}",
	 {.caps = SYS_ADMIN | BPF},
	 true},
	{"\"includes\":{\"caps\":[\"SYS_ADMIN\"]}", {.caps = SYS_ADMIN}, false},
	{"\"includes\":{\"caps\":[\"cap_sys_admin\"]}", {.caps = SYS_ADMIN}, false},
	{"\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", {.caps = SYS_ADMIN}, false},
	{"\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}",
	 {.caps = ~(SYS_ADMIN | BPF)},
	 true},
	{"\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}",
	 {.caps = SYS_ADMIN, .caps_absent = true},
	 true},
	{"\"excludes\":{\"caps\":[\"CAP_NO_SUCH\"]}", {.caps = ~UINT64_C(0)}, true},
	{"\"includes\":{\"arches\":[\"amd64\",\"arm64\"]}", {.arch = PROFILE_ARCH_AARCH64}, true},
	{"\"includes\":{\"arches\":[\"amd64\",\"x32\",\"x86\"]}",
	 {.arch = PROFILE_ARCH_AARCH64},
	 false},
	{"\"includes\":{\"arches\":[\"x86_64\"]}", {.arch = PROFILE_ARCH_X86_64}, false},
	{"\"includes\":{\"arches\":[\"\"]}", {.arch = PROFILE_ARCH_UNKNOWN}, false},
	{"\"excludes\":{\"arches\":[\"s390\",\"s390x\"]}", {.arch = PROFILE_ARCH_S390X}, false},
	{"\"excludes\":{\"arches\":[\"s390\",\"s390x\"]}", {.arch = PROFILE_ARCH_UNKNOWN}, true},
	{"\"includes\":{\"arches\":[\"loong64\"]}", {.arch = PROFILE_ARCH_LOONGARCH64}, true},
	{"\"includes\":{\"arches\":[\"loongarch64\"]}", {.arch = PROFILE_ARCH_LOONGARCH64}, true},
	{"\"includes\":{\"arches\":[\"mips3l64n32\"]}", {.arch = PROFILE_ARCH_MIPSEL64N32}, true},
	{"\"includes\":{\"minKernel\":\"4.8\"}", {.kernel = PROFILE_KERNEL(4, 8)}, true},
	{"\"includes\":{\"minKernel\":\"4.8\"}", {.kernel = PROFILE_KERNEL(4, 7)}, false},
	{"\"includes\":{\"minKernel\":\"4.8\"}", {.kernel = PROFILE_KERNEL(5, 0)}, true},
	{"\"includes\":{\"minKernel\":\"04.008\"}", {.kernel = PROFILE_KERNEL(4, 8)}, true},
	{"\"includes\":{\"minKernel\":\"\"}", {.kernel = PROFILE_KERNEL(2, 6)}, true},
	{"\"includes\":{\"minKernel\":null}", {.kernel = PROFILE_KERNEL(2, 6)}, true},
	{"\"excludes\":{\"minKernel\":\"4.8\"}", {.kernel = PROFILE_KERNEL(4, 8)}, false},
	{"\"excludes\":{\"minKernel\":\"4.8\"}", {.kernel = PROFILE_KERNEL(3, 10)}, true},
	{"\"excludes\":{\"minKernel\":\"\"}", {.kernel = PROFILE_KERNEL(3, 10)}, false},
	/* Every part must let the rule pass. */
	{"\"includes\":{\"caps\":[\"CAP_BPF\"],\"arches\":[\"arm64\"],\"minKernel\":\"5.8\"}",
	 {PROFILE_ARCH_AARCH64, PROFILE_KERNEL(5, 8), BPF, false, false},
	 true},
	{"\"includes\":{\"caps\":[\"CAP_BPF\"],\"arches\":[\"arm64\"],\"minKernel\":\"5.8\"}",
	 {PROFILE_ARCH_AARCH64, PROFILE_KERNEL(5, 7), BPF, false, false},
	 false},
	{"\"includes\":{\"caps\":[\"CAP_BPF\"]},\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}",
	 {.caps = BPF | SYS_ADMIN},
	 false},
	/* The second of two objects does not inherit from the first. */
	{"\"excludes\":{\"arches\":[\"amd64\"]},\"includes\":{\"minKernel\":\"4.8\"}",
	 {PROFILE_ARCH_AARCH64, PROFILE_KERNEL(4, 8), 0, false, false},
	 true},
};

/* ---- complain ---- */

#define LOG(rules) "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[" rules "]}"
#define DO(action, names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"}"
#define IF(action, name, args)                                                                     \
	"{\"names\":[\"" name "\"],\"action\":\"SCMP_ACT_" action "\",\"args\":[" args "]}"
#define OP(op, index, value) "{\"index\":" index ",\"value\":" value ",\"op\":\"SCMP_CMP_" op "\"}"
#define ENOSYS_RULE "{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}"

static const struct {
	const char *text, *object;
} complaints[] = {
	{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":[]}", LOG("")},
	{"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[" ALLOW("\"a\"") "]}",
	 LOG(ALLOW("\"a\""))},
	{ERRNO(ALLOW("\"a\"") "," DO("KILL", "\"b\"") "," DO("TRAP", "\"c\"") "," DO("LOG",
										     "\"d\"")),
	 LOG(ALLOW("\"a\""))},
	/* Where the default allows, denials are rules that log. */
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_"
	 "ACT_ERRNO\","
	 "\"errnoRet\":13}," DO("TRACE", "\"b\"") "," DO("KILL", "\"c\"") "," DO(
		 "LOG", "\"d\"") "," ENOSYS_RULE "]}",
	 "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" DO("LOG", "\"a\"") "," DO(
		 "LOG", "\"b\"") "," DO("LOG", "\"c\"") "," DO("LOG", "\"d\"") "," ENOSYS_RULE
									       "]}"},
	/* NOTIFY as well: nobody need be there to answer. */
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\",\"syscalls\":[" DO(
		 "NOTIFY", "\"a\"") "]}",
	 "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" DO("LOG", "\"a\"") "]}"},
	/* Explicit ENOSYS stays, be it the default, but not against a rule that allows. */
	{ERRNO(ENOSYS_RULE), LOG(ENOSYS_RULE)},
	{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":[" ENOSYS_RULE
	 "]}",
	 LOG(ENOSYS_RULE)},
	{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":[" ENOSYS_RULE
	 "," ALLOW("\"clone3\"") "]}",
	 LOG(ALLOW("\"clone3\""))},
	/* The first rule counts: what it denied is not let through by the next. */
	{ERRNO(DO("KILL", "\"a\"") "," ALLOW("\"a\",\"b\"")), LOG(ALLOW("\"b\""))},
	{ERRNO(ALLOW("\"a\"") "," DO("KILL", "\"a\"")), LOG(ALLOW("\"a\""))},
	{ERRNO(IF("ALLOW", "a", OP("EQ", "0", "1")) "," DO("KILL", "\"a\"")), LOG("")},
	{ERRNO(IF("KILL", "a", OP("EQ", "0", "1")) "," ALLOW("\"a\"")), LOG(ALLOW("\"a\""))},
	/* but what says the default was never a rule. */
	{ERRNO(DO("ERRNO", "\"a\"") "," ALLOW("\"a\"")), LOG(ALLOW("\"a\""))},
/* What a denial covers is taken out of what overlaps with it. */
#define MASKED(mask, value)                                                                        \
	"{\"index\":0,\"value\":" mask ",\"valueTwo\":" value ",\"op\":\"SCMP_CMP_MASKED_EQ\"}"
	/* clang-format off */
	{ERRNO(IF("ALLOW", "a", OP("NE", "0", "16")) "," IF("KILL", "a", OP("EQ", "0", "40"))),
	 LOG(IF("ALLOW", "a", OP("LE", "0", "15")) "," IF("ALLOW", "a", OP("EQ", "0", "17")) ","
	     IF("ALLOW", "a", MASKED("18446744073709551614", "18")) ","
	     IF("ALLOW", "a", MASKED("18446744073709551612", "20")) ","
	     IF("ALLOW", "a", MASKED("18446744073709551608", "24")) ","
	     IF("ALLOW", "a", MASKED("18446744073709551608", "32")) ","
	     IF("ALLOW", "a", OP("GE", "0", "41")))},
	/* clang-format on */
	{ERRNO(IF("KILL", "a", OP("EQ", "0", "1")) "," IF("ALLOW", "a", OP("EQ", "1", "2"))),
	 LOG(IF("ALLOW", "a", OP("NE", "0", "1") "," OP("EQ", "1", "2")))},
	{ERRNO(IF("KILL", "a", OP("EQ", "0", "1") "," OP("LT", "1", "2")) "," IF(
		 "ALLOW", "a", OP("GT", "2", "3"))),
	 LOG(IF("ALLOW", "a", OP("NE", "0", "1") "," OP("GT", "2", "3")) "," IF(
		 "ALLOW", "a", OP("GE", "1", "2") "," OP("GT", "2", "3")))},
	{ERRNO(IF("ALLOW", "a", OP("EQ", "0", "1")) "," IF("KILL", "a", OP("LE", "0", "1"))),
	 LOG("")},
	/* A rule that does not overlap stays as it is, with its alternatives. */
	{ERRNO("{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(
		 "0", "1") "," EQ("0", "2") "]}," IF("KILL", "a", OP("EQ", "0", "3"))),
	 LOG("{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(
		 "0", "1") "," EQ("0", "2") "]}")},
	{ERRNO("{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ(
		 "0", "1") "," EQ("0", "2") "]}," IF("KILL", "a", OP("GT", "0", "1"))),
	 LOG("{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" EQ("0", "1") "," EQ(
		 "0", "2") "]}," IF("ALLOW", "a", OP("EQ", "0", "1")))},
};

#endif
