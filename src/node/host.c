/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host-internal.h"

#include "node/bundle.h"
#include "node/fileio.h"
#include "node/runtime.h"
#include "node/safe-path.h"
#include "profile/profile-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

/*
 * Room for the largest configuration, its new version and their annotations, and for yajl's buffer
 * of one long string: 24 MiB to keep, 16 MiB of scratch.
 */
#define MEMORY_SIZE (40U << 20)
#define KEEP_SHARE 3 / 5

/* Enough for the configurations that engines write and a policy of a page. */
#define MEMORY_MIN (160U << 10)

int host_error_in(const char *path, struct span text, struct error *err)
{
	size_t line, column;

	if (!err->has_pos)
		return error_prefix(err, "%s", path);
	text_position(text, err->pos, &line, &column);
	return error_prefix(err, "%s:%zu:%zu", path, line, column);
}

void host_locate(const char *path, struct span text, struct verdict *verdict)
{
	const enum reason reason = verdict->decision.reason;

	/* Everything else that can be wrong is not a matter of what the file looks like. */
	if (verdict->why.text[0] != '\0' && (reason == REASON_INVALID || reason == REASON_WRITE))
		host_error_in(path, text, &verdict->why);
}

/*
 * The system's words, but in lower case as in the messages of the engines, for which people search.
 */
static int system_error(struct error *err)
{
	error_system(err, errno);
	if (err->text[0] >= 'A' && err->text[0] <= 'Z')
		err->text[0] += 'a' - 'A';
	return -1;
}

/*
 * RESOLVE_BENEATH is the kernel's way to stay below a directory, symbolic links included (Linux
 * 5.6). On older kernels the open fails: walking with O_NOFOLLOW would only serve kernels that
 * nobody maintains.
 */
static int open_beneath(int rootfd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
}

static int open_below_root(const char *root, const char *path, struct error *err)
{
	CLEANUP_FD int rootfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (rootfd < 0) {
		system_error(err);
		return error_prefix(err, "localhostRoot");
	}
	fd = open_beneath(rootfd, path);
	if (fd < 0 && errno == EXDEV)
		return error_set(err, "leaves %s", root);
	return fd < 0 ? system_error(err) : fd;
}

static int open_profile(const struct enforce_file *file, struct error *err)
{
	int fd;

	if (file->path[0] != '/')
		return open_below_root(file->root, file->path, err);
	if (file->confine)
		return error_set(err, "must be relative to %s", file->root);
	fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? system_error(err) : fd;
}

/* Check every directory on the way to the file, those above `root` too. */
static int check_way(const struct enforce_file *file, struct error *err)
{
	char below[PATH_MAX];
	int n;

	if (file->path[0] == '/')
		return safe_path(file->path, err);
	n = snprintf(below, sizeof(below), "%s/%s", file->root, file->path);
	if (n < 0 || (size_t)n >= sizeof(below))
		return error_system(err, ENAMETOOLONG);
	return safe_path(below, err);
}

static int read_profile(const struct enforce_file *file, struct arena *keep, struct span *ret_text,
			struct error *err)
{
	CLEANUP_FD int fd = open_profile(file, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return system_error(err);
	if (!S_ISREG(st.st_mode))
		return error_set(err, "is not a regular file");
	if (safe_status(&st, err) < 0 || check_way(file, err) < 0)
		return -1;
	return file_read_regular((struct file_open){fd, &st}, PROFILEFILE_MAX_SIZE, keep, ret_text,
				 err);
}

static int load_profile(const struct enforce_file *file, struct arena *keep, struct span *ret_text,
			struct error *err)
{
	char shown[ENFORCE_PATH_SIZE];

	if (read_profile(file, keep, ret_text, err) == 0)
		return 0;
	return error_prefix(err, "cannot load seccomp profile \"%s\"",
			    enforce_profile_path(file->root, file->path, shown));
}

int host_init(struct enforce_host *ret_host, struct error *err)
{
	struct utsname u;
	struct enforce_host host = {.load_profile = load_profile,
				    .engine_profile = host_engine_profile,
				    .secret = host_secret,
				    .engine_names = host_engine_names,
				    .now = time(NULL)};
	struct error ignored;

	if (uname(&u) < 0) {
		error_system(err, errno);
		return error_prefix(err, "uname");
	}
	/*
	 * An architecture without rules is no error: its profile then has the native architecture
	 * alone.
	 */
	if (profile_arch_from_name(span_of(u.machine), &host.arch, &ignored) < 0)
		host.arch = PROFILE_ARCH_UNKNOWN;
	if (profile_kernel_from_release(span_of(u.release), &host.kernel, err) < 0)
		return -1;
	*ret_host = host;
	return 0;
}

void host_memory(struct enforce_memory *ret_memory)
{
	static char *memory;
	static size_t size;

	/* Under a limit (RLIMIT_DATA, RLIMIT_AS, strict overcommit), what there is. */
	for (size_t n = MEMORY_SIZE; memory == NULL && n >= MEMORY_MIN; n /= 2) {
		void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p != MAP_FAILED) {
			/* Where huge pages are given to everybody, two of them would be cleared for
			 * some 50 small ones. It fails where there are none. */
			madvise(p, n, MADV_NOHUGEPAGE);
			memory = p;
			size = n;
		}
	}
	*ret_memory = (struct enforce_memory){
		{memory, size * KEEP_SHARE, 0},
		{memory + size * KEEP_SHARE, size - size * KEEP_SHARE, 0},
	};
}

static void identify(const struct host_case *job, struct span text, struct identity *ret_identity)
{
	CLEANUP_BUNDLE struct bundle bundle = BUNDLE_NONE;
	struct enforce_memory *memory = job->memory;
	struct ociconfig config;
	struct error ignored;

	if (text.p == NULL) {
		if (bundle_open(job->dir, job->file, &memory->keep, &bundle, &ignored) < 0)
			return;
		text = bundle.text;
	}
	if (ociconfig_read(text, &memory->keep, &memory->scratch, &config, &ignored) < 0)
		return;
	identity_of(&config, ret_identity);
	host_engine_names(&config, memory, ret_identity);
}

void host_identify(const struct host_case *job, struct span text, struct identity *ret_identity)
{
	*ret_identity = (struct identity){0};
	identify(job, text, ret_identity);
	if (job->id != NULL)
		ret_identity->id = span_of(job->id);
}

/* What is on the way from a verdict to the changed file. */
struct change {
	const struct host_case *job;
	const struct verdict *verdict;
};

static void record_change(void *ctx)
{
	const struct change *change = ctx;

	change->job->record(change->job->ctx, change->verdict);
}

static void judge(const struct host_case *job, const struct bundle *bundle, struct verdict *v)
{
	struct enforce_host host;

	if (host_init(&host, &v->why) < 0) {
		decide_invalid(job->policy, &v->decision);
		return;
	}
	host.restores = job->restores;
	host.order = job->order;
	host.logs = job->logs;
	host.runtime = job->runtime;
	host.live = job->live;
	host.program_use = job->is_crun ? runtime_program_use : NULL;
	host.takes_log = job->runtime != NULL && !job->is_crun ? runtime_takes_log : NULL;
	enforce(bundle->text, job->policy, &host, job->memory, v);
	host_locate(bundle->path, bundle->text, v);
}

void host_judge(const struct host_case *job, struct verdict *ret_verdict)
{
	CLEANUP_BUNDLE struct bundle bundle = BUNDLE_NONE;
	struct verdict *v = ret_verdict;
	struct change change = {job, v};
	const struct bundle_step step = {record_change, &change};
	struct error err;

	*v = (struct verdict){0};
	if (bundle_open(job->dir, job->file, &job->memory->keep, &bundle, &v->why) < 0)
		decide_invalid(job->policy, &v->decision);
	else
		judge(job, &bundle, v);
	if (job->id != NULL)
		v->identity.id = span_of(job->id);
	if (v->decision.action == ACTION_INJECT && job->change &&
	    bundle_replace(&bundle, v->output, job->record != NULL ? &step : NULL, &err) < 0) {
		decide_failed(&v->decision, REASON_WRITE);
		v->why = err;
	}
}
