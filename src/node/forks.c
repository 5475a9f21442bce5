/* SPDX-License-Identifier: Apache-2.0 */
#include "node/forks.h"

#include "base/number.h"
#include "node/auditlog.h"
#include "oci/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* PID_MAX_LIMIT of the kernel on 64 bits; fewer where pid_max says so. */
#define PID_LIMIT (4U << 20)

/* How far up is looked: shells in shells end somewhere. */
#define MOST_PARENTS 64

/* Events that are read in one go, so that a storm of forks does not keep us from the records. */
#define MOST_EVENTS (1U << 20)

/* A process that was found in no container is not asked about again for so many calls of
 * forks_read(): runtimes make theirs outside and move them in. */
#define ASK_AGAIN 25

struct fork_process {
	uint32_t parent;
	uint32_t asked;     /* when, by forks.now; 0: never */
	uint16_t container; /* its place plus one; 0: not known */
};

_Static_assert(FORKS_CONTAINERS < UINT16_MAX, "a place is a number of 16 bits");

/* ---- /proc ---- */

static ssize_t read_proc(uint32_t pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? read(fd, buffer, size) : -1;
}

/* The place of a container plus one; 0: there is no more room. */
static uint16_t place_of(struct forks *forks, struct span id)
{
	for (uint32_t i = forks->n_containers; i-- > 0;)
		if (span_eq(id, span_of(forks->container[i])))
			return (uint16_t)(i + 1);
	if (forks->n_containers == FORKS_CONTAINERS || id.n >= FORKS_ID_SIZE)
		return 0;
	memcpy(forks->container[forks->n_containers], id.p, id.n);
	forks->container[forks->n_containers][id.n] = '\0';
	return (uint16_t)++forks->n_containers;
}

void forks_tell_group(struct forks *forks, struct span group, struct span id)
{
	struct forks_group *g = &forks->group[forks->n_groups];

	if (group.n == 0 || group.n >= sizeof(g->text) || cgroup_container(group).p != NULL)
		return;
	for (uint32_t i = 0; i < forks->n_groups; i++)
		if (span_eq(span_of(forks->group[i].text), group))
			g = &forks->group[i];
	if (forks->n_groups == FORKS_GROUPS && g == &forks->group[FORKS_GROUPS])
		return;
	memcpy(g->text, group.p, group.n);
	g->text[group.n] = '\0';
	g->container = place_of(forks, id);
	forks->n_groups += g == &forks->group[forks->n_groups];
}

static uint16_t container_by_group(const struct forks *forks, const char *text)
{
	for (uint32_t i = 0; i < forks->n_groups; i++) {
		const char *found = strstr(text, forks->group[i].text);
		size_t n = strlen(forks->group[i].text);

		if (found != NULL && (found[n] == '/' || found[n] == '\n'))
			return forks->group[i].container;
	}
	return 0;
}

static uint16_t container_by_cgroup(struct forks *forks, uint32_t pid)
{
	char text[8192] = "\n";
	ssize_t n = read_proc(pid, "cgroup", text + 1, sizeof(text) - 2);
	struct span id;

	if (n <= 0)
		return 0;
	text[n + 1] = '\0';
	id = cgroup_container((struct span){text + 1, (size_t)n});
	return id.p != NULL ? place_of(forks, id) : container_by_group(forks, text);
}

/* Field 4 of /proc/PID/stat, behind the name, in which anything may stand. */
static uint32_t parent_by_proc(uint32_t pid)
{
	char text[1024];
	ssize_t n = read_proc(pid, "stat", text, sizeof(text) - 1);
	char *behind;
	struct span rest;
	uint64_t parent;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	behind = strrchr(text, ')');
	if (behind == NULL || strlen(behind) < 5)
		return 0;
	rest = span_of(behind + 4);
	return number_take(&rest, 10, UINT32_MAX, &parent) ? (uint32_t)parent : 0;
}

static void look_at_all(struct forks *forks)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		uint64_t pid;
		struct fork_process *p;

		if (!number_parse(span_of(entry->d_name), 10, forks->size - 1, &pid))
			continue;
		p = &forks->process[pid];
		p->parent = parent_by_proc((uint32_t)pid);
		p->container = container_by_cgroup(forks, (uint32_t)pid);
	}
	if (dir != NULL)
		closedir(dir);
}

/* All that is known, and look again. */
static void forget(struct forks *forks)
{
	madvise(forks->process, forks->size * sizeof(*forks->process), MADV_DONTNEED);
	forks->n_containers = forks->n_groups = 0;
	forks->forgot = true;
	look_at_all(forks);
}

/* ---- events ---- */

/* A message of the connector, as it is sent and received. */
struct message {
	struct nlmsghdr netlink;
	struct cn_msg connector;
};

/* A fork event of a new process, not of a thread: by its place in the message, in which
 * cn_msg.data begins behind the two headers. */
static int only_processes(int fd)
{
	const uint32_t data = sizeof(struct message);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, data + offsetof(struct proc_event, what)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap32(PROC_EVENT_FORK), 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 data + offsetof(struct proc_event, event_data.fork.child_tgid)),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 data + offsetof(struct proc_event, event_data.fork.child_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_SIZE(code), code};

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		code[1].k = PROC_EVENT_FORK;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int tell_kernel(int fd, enum proc_cn_mcast_op op)
{
	struct {
		struct message head;
		uint32_t op;
	} message = {
		.head.netlink = {.nlmsg_len = sizeof(message), .nlmsg_type = NLMSG_DONE},
		.head.connector = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(uint32_t)},
		.op = (uint32_t)op,
	};

	return send(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message) ? 0 : -1;
}

static int open_connector(struct error *err)
{
	CLEANUP_FD int fd =
		socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};

	if (fd < 0 && errno == EPROTONOSUPPORT)
		return error_set(err, "this kernel has no proc connector");
	if (fd < 0 || only_processes(fd) < 0)
		return error_system(err, errno);
	auditlog_enlarge(fd);
	if (bind(fd, (const struct sockaddr *)&group, sizeof(group)) < 0)
		return errno == EPERM ? error_set(err, "the kernel's process events need "
						       "CAP_NET_ADMIN")
				      : error_system(err, errno);
	if (tell_kernel(fd, PROC_CN_MCAST_LISTEN) < 0)
		return error_system(err, errno);
	return take_fd(&fd);
}

void forks_tell(struct forks *forks, int64_t pid, struct span id)
{
	uint16_t place = pid > 1 && pid < forks->size ? place_of(forks, id) : 0;

	if (place == 0)
		return;
	if (forks->process[pid].container == 0)
		forks->process[pid].container = place;
	if (forks->n_told == FORKS_TOLD)
		return;
	forks->told[forks->n_told].pid = (uint32_t)pid;
	forks->told[forks->n_told++].container = place;
}

/* The event that a process was made may come after what was told of it. */
static uint16_t told_of(const struct forks *forks, uint32_t pid)
{
	for (uint32_t i = forks->n_told; i-- > 0;)
		if (forks->told[i].pid == pid)
			return forks->told[i].container;
	return 0;
}

static void take_event(struct forks *forks, const struct proc_event *event)
{
	uint16_t container;
	uint32_t child = (uint32_t)event->event_data.fork.child_tgid;
	uint32_t parent = (uint32_t)event->event_data.fork.parent_tgid;

	if (event->what != PROC_EVENT_FORK || child >= forks->size || parent >= forks->size)
		return;
	/* What the parent is in, it is in as well, whatever becomes of the parent's number. */
	container = forks->process[parent].container;
	forks->process[child] = (struct fork_process){
		.parent = parent, .container = container != 0 ? container : told_of(forks, child)};
}

uint64_t forks_read(struct forks *forks)
{
	/* The event lies behind the headers, where it is not aligned. */
	char message[sizeof(struct message) + sizeof(struct proc_event)];
	const size_t least = sizeof(struct message) + offsetof(struct proc_event, event_data) +
			     sizeof(((struct proc_event *)NULL)->event_data.fork);
	struct proc_event event;
	uint64_t lost;

	forks->now++;
	forks->forgot = false;
	for (uint32_t i = 0; forks->fd >= 0 && i < MOST_EVENTS; i++) {
		ssize_t n = recv(forks->fd, message, sizeof(message), MSG_DONTWAIT);

		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			break;
		if (n < (ssize_t)least)
			continue;
		memset(&event, 0, sizeof(event));
		memcpy(&event, message + sizeof(struct message),
		       (size_t)n - sizeof(struct message));
		take_event(forks, &event);
	}
	forks->n_told = 0;
	lost = forks->fd >= 0 ? auditlog_lost(forks->fd) - forks->lost : 0;
	if (lost > 0) {
		forks->lost += lost;
		forget(forks);
	} else if (forks->n_containers > FORKS_CONTAINERS / 8 * 7) {
		forget(forks);
	}
	return lost;
}

/* Without events a number may be another process at any time: nothing is kept. */
static uint16_t ask_proc(struct forks *forks, uint32_t pid)
{
	uint16_t found = 0;

	for (int i = 0; i < MOST_PARENTS && pid > 1 && found == 0; i++) {
		found = container_by_cgroup(forks, pid);
		pid = parent_by_proc(pid);
	}
	return found;
}

static uint16_t ask_tree(struct forks *forks, int64_t pid)
{
	uint32_t path[MOST_PARENTS], n = 0, at = (uint32_t)pid;
	uint16_t found = 0;

	while (at > 1 && at < forks->size && n < MOST_PARENTS && found == 0) {
		struct fork_process *p = &forks->process[at];

		path[n++] = at;
		found = p->container;
		if (found == 0 && (p->asked == 0 || forks->now - p->asked > ASK_AGAIN)) {
			found = container_by_cgroup(forks, at);
			p->asked = forks->now + (forks->now == 0);
		}
		if (p->parent == 0)
			p->parent = parent_by_proc(at);
		at = p->parent;
	}
	for (uint32_t i = 0; i < n && found != 0; i++)
		forks->process[path[i]].container = found;
	return found;
}

struct span forks_container(struct forks *forks, int64_t pid)
{
	uint16_t found = 0;

	if (pid > 0 && pid < forks->size)
		found = forks->fd >= 0 ? ask_tree(forks, pid) : ask_proc(forks, (uint32_t)pid);
	return found != 0 ? span_of(forks->container[found - 1]) : (struct span){0};
}

/* ---- beginning and end ---- */

static uint32_t pid_max(void)
{
	char text[32];
	CLEANUP_FD int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : 0;
	struct span rest = {text, n > 0 ? (size_t)n : 0};
	uint64_t value;

	return number_take(&rest, 10, PID_LIMIT, &value) && value > 1 ? (uint32_t)value + 1
								      : PID_LIMIT;
}

/* Pages that are not touched cost nothing. */
static void *memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

int forks_begin(struct forks *forks, struct error *ret_why, struct error *err)
{
	*forks = (struct forks){.fd = -1, .size = pid_max()};
	forks->process = memory(forks->size * sizeof(*forks->process));
	forks->container = memory(FORKS_CONTAINERS * sizeof(*forks->container));
	forks->group = memory((FORKS_GROUPS + 1) * sizeof(*forks->group));
	if (forks->process == NULL || forks->container == NULL || forks->group == NULL)
		return error_set(err, "out of memory");
	/* In this order, so that no process is missed between. */
	if (ret_why != NULL)
		forks->fd = open_connector(ret_why);
	if (forks->fd >= 0)
		look_at_all(forks);
	return 0;
}

void forks_end(struct forks *forks)
{
	if (forks->fd < 0)
		return;
	tell_kernel(forks->fd, PROC_CN_MCAST_IGNORE);
	close(forks->fd);
	forks->fd = -1;
}
