/* SPDX-License-Identifier: Apache-2.0 */
#include "node/bundle.h"

#include "node/fileio.h"
#include "node/safe-path.h"
#include "oci/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

/* Room for every name and value that a file system can keep (XATTR_LIST_MAX, XATTR_SIZE_MAX). */
#define XATTR_BUFFER 65536

/* How many temporary names are tried. */
#define TEMPORARY_TRIES 100

/* How often a copy is written again that somebody has taken for left behind. */
#define RENAME_TRIES 3

/* How often somebody else may come in between. */
#define EDIT_TRIES 20

static int failed(const char *path, struct error *err)
{
	return error_prefix(err, "%s", path);
}

static int set_path(struct bundle *b, const char *dir, const char *file, struct error *err)
{
	const char *name = file != NULL ? file : "config.json";
	bool alone = file != NULL || dir == NULL;
	int n = snprintf(b->path, sizeof(b->path), "%s%s%s", alone ? "" : dir, alone ? "" : "/",
			 name);

	if (dir != NULL && dir[0] == '\0')
		return error_set(err, "the path of the bundle is empty");
	if (n < 0 || (size_t)n >= sizeof(b->path))
		return error_set(err, "the path of the configuration is longer than %d bytes",
				 PATH_MAX);
	b->name = strrchr(b->path, '/') != NULL ? strrchr(b->path, '/') + 1 : b->path;
	return 0;
}

/*
 * Open the directory that holds the file. Nobody else may be able to replace the file, or a
 * directory above it.
 *
 * A relative path is checked as the absolute path that it should stand for. The runtime will start
 * from the working directory itself, so both must lead to the same directory: they do not if
 * something was mounted over it.
 */
static int open_directory(struct bundle *b, struct error *err)
{
	char dir[PATH_MAX] = ".";
	size_t n = (size_t)(b->name - b->path);
	struct stat st, opened;

	if (n > 0) {
		memcpy(dir, b->path, n);
		dir[n > 1 ? n - 1 : n] = '\0';
	}
	if (safe_directory(dir, &st, err) < 0)
		return -1;
	b->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (b->dirfd < 0)
		error_system(err, errno);
	else if (dir[0] == '/')
		return 0;
	else if (fstat(b->dirfd, &opened) < 0)
		error_system(err, errno);
	else if (opened.st_dev == st.st_dev && opened.st_ino == st.st_ino)
		return 0;
	else
		error_set(err, "is not where its path leads");
	return failed(dir, err);
}

int bundle_open(const char *dir, const char *file, struct arena *keep, struct bundle *ret_bundle,
		struct error *err)
{
	struct bundle *b = ret_bundle;

	b->dirfd = b->fd = -1;
	if (set_path(b, dir, file, err) < 0 || open_directory(b, err) < 0)
		return -1;
	b->fd = file_open_regular(b->dirfd, b->name, &b->st, err);
	if (b->fd < 0 || safe_status(&b->st, err) < 0 ||
	    file_read_regular((struct file_open){b->fd, &b->st}, OCICONFIG_MAX_SIZE, keep, &b->text,
			      err) < 0)
		return failed(b->path, err);
	return 0;
}

void bundle_close(struct bundle *bundle)
{
	cleanup_fd(&bundle->fd);
	cleanup_fd(&bundle->dirfd);
	bundle->fd = bundle->dirfd = -1;
}

/* What attributes are read into. */
struct attributes {
	char names[XATTR_BUFFER], old_value[XATTR_BUFFER], new_value[XATTR_BUFFER];
};

/*
 * Copy one attribute, above all the security label. The new file often has the right value already,
 * from its directory.
 */
static int copy_attribute(int from, int to, const char *name, struct attributes *a)
{
	ssize_t n = fgetxattr(from, name, a->old_value, sizeof(a->old_value));

	if (n < 0)
		return errno == ENODATA ? 0 : -1;
	if (fgetxattr(to, name, a->new_value, sizeof(a->new_value)) == n &&
	    memcmp(a->old_value, a->new_value, (size_t)n) == 0)
		return 0;
	return fsetxattr(to, name, a->old_value, (size_t)n, 0);
}

static int copy_each_attribute(int from, int to, struct attributes *a)
{
	ssize_t n = flistxattr(from, a->names, sizeof(a->names));

	if (n < 0)
		return -1;
	for (const char *name = a->names; name < a->names + n; name += strlen(name) + 1)
		if (copy_attribute(from, to, name, a) < 0)
			return -1;
	return 0;
}

static int copy_attributes(int from, int to)
{
	ssize_t n = flistxattr(from, NULL, 0);
	struct attributes *a;
	int r;

	if (n <= 0)
		return n == 0 || errno == ENOTSUP ? 0 : -1;
	a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a == MAP_FAILED)
		return -1;
	r = copy_each_attribute(from, to, a);
	munmap(a, sizeof(*a));
	return r;
}

/* The owner comes first, because changing it clears the set-id bits of the mode. */
static int fill_copy(const struct bundle *b, int fd, struct span text)
{
	bool own = b->st.st_uid == geteuid() && b->st.st_gid == getegid();

	if (!own && fchown(fd, b->st.st_uid, b->st.st_gid) < 0)
		return -1;
	if (fchmod(fd, b->st.st_mode & 07777) < 0 || copy_attributes(b->fd, fd) < 0)
		return -1;
	return file_check_limit(fd, text.n) < 0 ? -1 : file_write_all(fd, text);
}

/* ".config.json.seccomp-guard.PID.N" */
#define TEMPORARY_INFIX ".seccomp-guard."

/*
 * The unfinished copy of a process that is no more. A process that another PID namespace hides from
 * us only seems so: it begins again when its copy is gone, see bundle_replace().
 */
static bool is_left_behind(const char *name)
{
	const char *infix = name[0] == '.' ? strstr(name, TEMPORARY_INFIX) : NULL;
	const char *digit;
	long pid = 0;

	if (infix == NULL)
		return false;
	digit = infix + sizeof(TEMPORARY_INFIX) - 1;
	for (; *digit >= '0' && *digit <= '9' && pid <= INT_MAX / 10; digit++)
		pid = pid * 10 + (*digit - '0');
	return *digit == '.' && pid > 0 &&
	       (pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH));
}

/* What stays is only untidy, so no failure counts here. */
static void remove_left_behind(const struct bundle *b)
{
	static char memory[4096];
	struct arena arena = {memory, sizeof(memory), 0};
	CLEANUP_FD int fd = openat(b->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct file_name *list = NULL;
	struct error ignored;

	if (fd < 0 || file_list(fd, is_left_behind, &arena, &list, &ignored) < 0)
		return;
	for (; list != NULL; list = list->next)
		(void)unlinkat(fd, list->name, 0);
}

/* Create a file under a name that no other process of ours uses. */
static int create_beside(const struct bundle *b, char *ret_name, size_t size)
{
	int fd = -1;

	for (unsigned int i = 0; i < TEMPORARY_TRIES; i++) {
		int n = snprintf(ret_name, size, ".%s" TEMPORARY_INFIX "%ld.%u", b->name,
				 (long)getpid(), i);

		if (n < 0 || (size_t)n >= size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = openat(b->dirfd, ret_name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

static int write_beside(const struct bundle *b, struct span text, char *ret_name, size_t size,
			struct error *err)
{
	CLEANUP_FD int fd = create_beside(b, ret_name, size);

	if (fd < 0)
		return error_set(err, "cannot write a new version beside it: %s",
				 error_words(errno));
	/* Network file systems and quotas may say only at close that the data was not written. */
	if (fill_copy(b, fd, text) == 0 && close(take_fd(&fd)) == 0)
		return 0;
	error_set(err, "cannot be replaced: %s", error_words(errno));
	unlinkat(b->dirfd, ret_name, 0);
	return -1;
}

int bundle_replace(struct bundle *bundle, struct span text, const struct bundle_step *before,
		   struct error *err)
{
	char name[NAME_MAX + 1];
	bool again;

	remove_left_behind(bundle);
	for (int tries = 0;; tries++) {
		if (write_beside(bundle, text, name, sizeof(name), err) < 0)
			return failed(bundle->path, err);
		if (tries == 0 && before != NULL)
			before->run(before->ctx);
		if (renameat(bundle->dirfd, name, bundle->dirfd, bundle->name) == 0)
			return 0;
		again = errno == ENOENT && tries < RENAME_TRIES;
		error_set(err, "cannot be replaced: %s", error_words(errno));
		unlinkat(bundle->dirfd, name, 0);
		if (!again)
			return failed(bundle->path, err);
	}
}

/* ---- what others replace, too ---- */

/* A file beside the bundle's own. It is held open so that no other one gets its inode. */
struct beside {
	char name[NAME_MAX + 1]; /* "": none */
	int fd;
	struct stat st;
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int write_edited(const struct bundle *b, struct span text, struct beside *ret_ours,
			struct error *err)
{
	if (write_beside(b, text, ret_ours->name, sizeof(ret_ours->name), err) < 0)
		return -1;
	cleanup_fd(&ret_ours->fd);
	ret_ours->fd = file_open_regular(b->dirfd, ret_ours->name, &ret_ours->st, err);
	return ret_ours->fd < 0 ? -1 : 0;
}

/* Let the file and the bundle's own change places. Returns 1 where only the one could be put into
 * the place of the other. */
static int exchange(const struct bundle *b, const struct beside *ours, struct error *err)
{
	if (syscall(SYS_renameat2, b->dirfd, ours->name, b->dirfd, b->name, RENAME_EXCHANGE) == 0)
		return 0;
	if ((errno == EINVAL || errno == ENOSYS) &&
	    renameat(b->dirfd, ours->name, b->dirfd, b->name) == 0)
		return 1;
	return error_set(err, "cannot be replaced: %s", error_words(errno));
}

/* What was taken away and is somebody else's: what the next text is made of. */
static int take_theirs(struct bundle *b, const char *name, struct arena *keep, struct error *err)
{
	cleanup_fd(&b->fd);
	b->fd = file_open_regular(b->dirfd, name, &b->st, err);
	if (b->fd < 0)
		return -1;
	return file_read_regular((struct file_open){b->fd, &b->st}, OCICONFIG_MAX_SIZE, keep,
				 &b->text, err);
}

/*
 * One round. `expected` is what should be in place, `theirs` what the text is made of, when that
 * was taken away in the round before. Returns 1 when it is done.
 */
static int edit_once(struct bundle *b, struct span text, struct beside *expected,
		     struct beside *theirs, struct error *err)
{
	struct beside ours = {.fd = -1};
	struct stat out;
	int rc = write_edited(b, text, &ours, err);

	if (rc == 0)
		rc = exchange(b, &ours, err);
	if (rc < 0 && ours.name[0] != '\0')
		unlinkat(b->dirfd, ours.name, 0);
	if (rc != 0) {
		cleanup_fd(&ours.fd);
		return rc;
	}
	if (theirs->name[0] != '\0')
		unlinkat(b->dirfd, theirs->name, 0);
	theirs->name[0] = '\0';
	/* The name is now that of what was in place. */
	if (fstatat(b->dirfd, ours.name, &out, AT_SYMLINK_NOFOLLOW) < 0 ||
	    is_same_file(&out, &expected->st)) {
		unlinkat(b->dirfd, ours.name, 0);
		cleanup_fd(&ours.fd);
		return 1;
	}
	memcpy(theirs->name, ours.name, sizeof(theirs->name));
	cleanup_fd(&expected->fd);
	*expected = ours;
	return 0;
}

int bundle_edit(struct bundle *bundle, const struct bundle_edit *edit, struct arena *keep,
		struct error *err)
{
	struct beside expected = {.fd = -1, .st = bundle->st}, theirs = {.fd = -1};
	struct span text;
	int rc = 0;

	remove_left_behind(bundle);
	for (int i = 0; rc == 0 && i < EDIT_TRIES; i++) {
		if ((i > 0 && take_theirs(bundle, theirs.name, keep, err) < 0) ||
		    edit->make(edit->ctx, bundle->text, &text, err) < 0)
			rc = -1;
		else if (i == 0 && span_eq(text, bundle->text))
			rc = 1;
		else
			rc = edit_once(bundle, text, &expected, &theirs, err);
	}
	cleanup_fd(&expected.fd);
	if (rc == 1)
		return 0;
	if (theirs.name[0] != '\0')
		(void)renameat(bundle->dirfd, theirs.name, bundle->dirfd, bundle->name);
	if (rc == 0)
		error_set(err, "others replace it all the time; try again");
	return failed(bundle->path, err);
}

int bundle_write_beside(const struct bundle *bundle, const char *name, struct span text,
			struct error *err)
{
	struct bundle beside = *bundle;
	size_t before = (size_t)(bundle->name - bundle->path);

	if (strlen(name) >= sizeof(beside.path) - before)
		return error_set(err, "the path of the file is longer than %d bytes", PATH_MAX);
	beside.name = strcpy(beside.path + before, name);
	return bundle_replace(&beside, text, NULL, err);
}
