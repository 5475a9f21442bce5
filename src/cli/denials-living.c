/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-living.h"

#include "base/number.h"
#include "node/auditlog.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

/* A record's time is that of the last tick, and so is a start. */
#define TICKS_MS 20

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool may_note(struct living *l, const struct cli_args *args)
{
	struct error why;

	if (!l->noting && workloads_begin(&l->workloads, args, &why) == 0)
		l->noting = true;
	return l->noting;
}

void living_note(struct living *l, const struct cli_args *args, struct span text)
{
	if (may_note(l, args))
		workloads_note(&l->workloads, text);
}

static void begin(struct living *l, const struct cli_args *args)
{
	struct error why;

	l->begun = true;
	l->failed = geteuid() != 0 || auditlog_check_namespaces(&why) < 0 ||
		    forks_begin(&l->forks, NULL, &why) < 0 || !may_note(l, args);
	if (!l->failed)
		workloads_look(&l->workloads, &l->forks);
}

/* Field 22 of /proc/PID/stat, behind the name, in which anything may stand. -1: it is gone. */
static int64_t start_of(const struct living *l, int64_t pid)
{
	char path[64], text[1024];
	CLEANUP_FD int fd = -1;
	struct span rest;
	uint64_t ticks;
	ssize_t n;
	char *at;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	if (n <= 0)
		return -1;
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; field < 22 && at != NULL; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		return -1;
	rest = span_of(at + 1);
	if (!number_take(&rest, 10, UINT64_MAX / 1000, &ticks))
		return -1;
	return l->booted_ms + (int64_t)(ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

static uint64_t program_of(int64_t pid)
{
	char path[64], exe[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%lld/exe", (long long)pid);
	n = readlink(path, exe, sizeof(exe));
	return n > 0 ? hash_bytes(HASH_START, exe, (size_t)n) : 0;
}

static const struct living_process *look_at(struct living *l, int64_t pid)
{
	struct living_process *p = &l->kept[pid % LIVING_KEPT];

	if (p->pid == pid)
		return p;
	*p = (struct living_process){
		.pid = pid, .start_ms = start_of(l, pid), .exe = program_of(pid)};
	if (p->start_ms >= 0)
		p->container = forks_container(&l->forks, pid);
	return p;
}

struct span living_container(struct living *l, const struct cli_args *args,
			     const struct auditline *line)
{
	const struct span none = {0};
	const struct living_process *p;
	char exe[PATH_MAX];

	if (line->form != AUDITLINE_SECCOMP || line->pid <= 0 || line->exe.n == 0 || line->ms == 0)
		return none;
	if (l->booted_ms == 0)
		l->booted_ms = clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME);
	if ((int64_t)line->ms < l->booted_ms || l->failed)
		return none;
	if (!l->begun)
		begin(l, args);
	if (l->failed)
		return none;
	p = look_at(l, line->pid);
	if (p->start_ms < 0 || p->start_ms > (int64_t)line->ms + TICKS_MS || p->exe == 0)
		return none;
	auditline_name(line, line->exe, exe, sizeof(exe));
	return hash_bytes(HASH_START, exe, strlen(exe)) == p->exe ? p->container : none;
}
