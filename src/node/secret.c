/* SPDX-License-Identifier: Apache-2.0 */
/* What this host knows until it is started again. */
#include "node/host-internal.h"

#include "node/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#define SECRET_DIR "/run/seccomp-guard"
#define SECRET_PATH SECRET_DIR "/secret"
#define SECRET_SIZE 32

/* -1 with errno ENOENT when there is none yet. What others could read is none either. */
static int read_secret(unsigned char *secret)
{
	CLEANUP_FD int fd = open(SECRET_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	errno = EPERM;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & 077) != 0 || st.st_size != SECRET_SIZE)
		return -1;
	return read(fd, secret, SECRET_SIZE) == SECRET_SIZE ? 0 : -1;
}

/* Whole, or not there: whoever is first with it wins. */
static void make_secret(void)
{
	unsigned char secret[SECRET_SIZE];
	CLEANUP_FD int fd = -1;
	char path[32];

	if ((mkdir(SECRET_DIR, 0755) < 0 && errno != EEXIST) ||
	    getrandom(secret, sizeof(secret), GRND_NONBLOCK) != sizeof(secret))
		return;
	fd = open(SECRET_DIR, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, secret, sizeof(secret)) != sizeof(secret))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, SECRET_PATH, AT_SYMLINK_FOLLOW) < 0)
		return;
}

struct span host_secret(struct arena *keep)
{
	unsigned char *secret = arena_alloc(keep, SECRET_SIZE);

	if (secret == NULL)
		return (struct span){0};
	if (read_secret(secret) == 0)
		return (struct span){(const char *)secret, SECRET_SIZE};
	if (errno != ENOENT || geteuid() != 0)
		return (struct span){0};
	make_secret();
	return read_secret(secret) == 0 ? (struct span){(const char *)secret, SECRET_SIZE}
					: (struct span){0};
}
