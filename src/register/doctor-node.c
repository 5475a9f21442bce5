/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the kernel and of what runs. */
#include "register/doctor-internal.h"

#include "node/auditlog.h"
#include "node/container.h"
#include "register/daemon.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How many containers are named. */
#define MAX_NAMED 5

/* ---- kernel ---- */

static bool has_word(const char *list, const char *word)
{
	const size_t n = strlen(word);

	for (const char *p = strstr(list, word); p != NULL; p = strstr(p + 1, word)) {
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\n' || p[n] == '\0'))
			return true;
	}
	return false;
}

void doctor_check_actions(struct doctor *d)
{
	static const char *const needed[] = {"errno", "log", "kill_process"};
	static const char *const logged[] = {"log", "errno", "kill_process"};
	char avail[512], now[512];

	daemon_proc("/proc/sys/kernel/seccomp/actions_avail", avail, sizeof(avail));
	daemon_proc("/proc/sys/kernel/seccomp/actions_logged", now, sizeof(now));
	if (avail[0] == '\0') {
		doctor_say(d, DOCTOR_PROBLEM, "",
			   "the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER), or /proc "
			   "is not there");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (!has_word(avail, needed[i]))
			doctor_say(d, DOCTOR_WARNING, "",
				   "the kernel does not know the action \"%s\"", needed[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(logged); i++) {
		if (!has_word(now, logged[i]))
			doctor_say(d, DOCTOR_WARNING,
				   "sysctl -w kernel.seccomp.actions_logged=\"kill_process "
				   "kill_thread trap errno user_notif trace log\"",
				   "the kernel logs nothing of the action \"%s\"", logged[i]);
	}
	doctor_say(d, DOCTOR_OK, "", "actions: %.*s", (int)strcspn(avail, "\n"), avail);
}

void doctor_check_ptrace(struct doctor *d)
{
	char scope[16];

	daemon_proc("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope));
	if (scope[0] == '3')
		doctor_say(
			d, DOCTOR_WARNING, "boot with kernel.yama.ptrace_scope=1",
			"kernel.yama.ptrace_scope is 3: the hook cannot confine a container, and "
			"refuses it; the wrapper does not need it");
}

/*
 * The bytes of /proc/vmallocinfo that are compiled filters: areas of their own, or from Linux 5.18
 * on shares of larger ones, of which it is not told how full they are.
 */
static unsigned long long jit_bytes(const char *areas)
{
	static const char *const makers[] = {" bpf_jit", " bpf_prog_pack_alloc"};
	unsigned long long used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		for (const char *p = areas; (p = strstr(p, makers[i])) != NULL; p++) {
			const char *size = p;

			while (size > areas && size[-1] >= '0' && size[-1] <= '9')
				size--;
			used += strtoull(size, NULL, 10);
		}
	}
	return used;
}

/* Each filter is translated to machine code in memory of one size for the whole node. */
void doctor_check_jit(struct doctor *d)
{
	static char areas[4U << 20];
	char text[32];
	unsigned long long limit, used;

	limit = strtoull(daemon_proc("/proc/sys/net/core/bpf_jit_limit", text, sizeof(text)), NULL,
			 10);
	used = jit_bytes(daemon_proc("/proc/vmallocinfo", areas, sizeof(areas)));
	if (limit == 0 || areas[0] == '\0')
		return;
	if (used > limit / 10 * 8)
		doctor_say(d, DOCTOR_WARNING, "sysctl -w net.core.bpf_jit_limit=...",
			   "up to %llu of net.core.bpf_jit_limit's %llu bytes are used: at the "
			   "limit filters are interpreted, or refused (errno 524)",
			   used, limit);
	else
		doctor_say(d, DOCTOR_OK, "",
			   "compiled filters: up to %llu of net.core.bpf_jit_limit's %llu bytes",
			   used, limit);
}

/* Where denials that are logged can be read; without it mode complain tells nothing. */
void doctor_check_audit(struct doctor *d)
{
	const bool needed = d->has_policy &&
			    (d->policy.mode == MODE_COMPLAIN || d->policy.denials == DENIALS_LOG);
	struct error err;
	CLEANUP_FD int fd = auditlog_open(&err);

	if (fd < 0)
		doctor_say(d, needed ? DOCTOR_WARNING : DOCTOR_NOTE,
			   "boot without audit=0, and run this as root on the node itself",
			   "the kernel's records of denials cannot be read here%s: %s",
			   needed ? ", which the policy has made" : "", err.text);
	else
		doctor_say(d, DOCTOR_OK, "", "the kernel keeps records of denials that are logged");
}

/* ---- containers ---- */

struct census {
	unsigned running, unconfined, old;
	time_t registered; /* the first registration; 0: none */
	struct strbuf names;
};

static void count(struct census *c, const struct container *container)
{
	const struct process *init = container->init;

	c->running++;
	c->old += c->registered != 0 && process_started_ms(init) / 1000 < c->registered;
	if (init->seccomp == 0 && ++c->unconfined <= MAX_NAMED)
		strbuf_printf(&c->names, "%s%.12s", c->names.n > 0 ? ", " : "", container->id);
}

static void tell_unread(void *ctx, const char *message)
{
	doctor_say(ctx, DOCTOR_NOTE, geteuid() != 0 ? "run this as root" : "",
		   "not all containers are counted: %s", message);
}

/* When the first of the engines was registered: its record is written once. */
static time_t first_registration(struct doctor *d)
{
	time_t first = 0;

	for (size_t i = 0; register_engines[i] != NULL; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (register_record(register_engines[i], d->root, path) == 0 &&
		    stat(path, &st) == 0 && (first == 0 || st.st_mtime < first))
			first = st.st_mtime;
	}
	return first;
}

void doctor_check_containers(struct doctor *d)
{
	struct census c = {.registered = first_registration(d), .names.arena = d->r.keep};
	const struct container_search search = {.root = d->root,
						.keep = &d->memory.keep,
						.scratch = &d->memory.scratch,
						.tell = tell_unread,
						.ctx = d};
	struct container *list;
	struct error err;
	struct span names;

	if (container_list(&search, &list, &err) < 0) {
		doctor_say(d, DOCTOR_WARNING, "", "containers cannot be counted: %s", err.text);
		return;
	}
	for (; list != NULL; list = list->next)
		count(&c, list);
	if (strbuf_end(&c.names, &names, &err) < 0)
		names = SPAN("");
	if (c.unconfined > 0)
		doctor_say(d, DOCTOR_WARNING,
			   "make them anew: delete the pod, or remove and run the container",
			   "%u of %u running containers have no filter: %s%s", c.unconfined,
			   c.running, names.p, c.unconfined > MAX_NAMED ? ", ..." : "");
	else
		doctor_say(d, DOCTOR_OK, "", "%u running, all with a filter", c.running);
	if (c.old > 0)
		doctor_say(d, DOCTOR_NOTE,
			   "make them anew: delete the pod, or remove and run the container",
			   "%u of %u running containers were started before seccomp-guard was "
			   "registered, and keep the runtime of that time",
			   c.old, c.running);
}

/* ---- the engine's daemon ---- */

static void check_file(struct doctor *d, const char *path)
{
	const struct daemon_state found = daemon_look(d->root, d->r.engine->daemon, path);

	if (found.pid == 0)
		return;
	if (found.stale)
		doctor_say(d, d->recorded ? DOCTOR_PROBLEM : DOCTOR_WARNING, d->r.engine->applies,
			   "process %d began before %s became what it is, and may not have read "
			   "it",
			   found.pid, path);
	else
		doctor_say(d, DOCTOR_OK, "", "process %d has read %s", found.pid, path);
}

/* Of dockerd, which reads its file again at a signal, its own word is taken. */
static void check_docker(struct doctor *d)
{
	struct error ignored;
	const char *mend;
	struct span out;

	if (d->r.engine->in_force(&d->r, &out, &mend, &ignored) == 0 &&
	    !span_eq(out, span_of(d->state.handler)))
		doctor_say(d, d->recorded ? DOCTOR_PROBLEM : DOCTOR_WARNING, mend,
			   "dockerd's default is \"%.*s\", and its configuration says \"%s\"",
			   SPAN_ARG(out), d->state.handler);
}

void doctor_check_daemon(struct doctor *d)
{
	if (d->r.engine->daemon == NULL || d->state.handler == NULL)
		return;
	if (d->r.engine->in_force != NULL)
		check_docker(d);
	else
		check_file(d, d->r.engine->reads);
}
