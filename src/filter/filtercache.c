/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filtercache.h"

#include "base/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define CACHE_NAME "cache"

/* An entry has some 10 kB; nobody has that many profiles, and /run is memory. */
#define MAX_ENTRIES 512

struct entry_name {
	char text[2 * SHA256_SIZE + 1];
};

static struct entry_name name_of(const unsigned char key[SHA256_SIZE])
{
	struct entry_name name;

	number_hex(key, SHA256_SIZE, name.text);
	return name;
}

static void hash_part(struct sha256 *hash, const void *bytes, size_t n)
{
	sha256_update(hash, (struct span){bytes, n});
}

/* Is the libseccomp that made the program the one that would make it now? */
static bool library_unchanged(const struct filter_blob *blob)
{
	struct filter_blob now = *blob;

	return filter_blob_identify(&now) == 0 && memcmp(&now, blob, sizeof(now)) == 0;
}

static void entry_digest(const struct filter_entry *entry, unsigned char ret_digest[SHA256_SIZE])
{
	struct sha256 hash;

	sha256_init(&hash);
	hash_part(&hash, entry->key, sizeof(entry->key));
	hash_part(&hash, &entry->blob, sizeof(entry->blob));
	hash_part(&hash, entry->insns, entry->blob.n_insns * sizeof(entry->insns[0]));
	sha256_final(&hash, ret_digest);
}

/* Nobody but the effective user may have been able to change what has this status. */
static bool ours(const struct stat *st, mode_t forbidden)
{
	return st->st_uid == geteuid() && (st->st_mode & forbidden) == 0;
}

/* The directory, or -1. With `make`, missing ones are made. */
static int open_cache(const char *state_dir, bool make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	CLEANUP_FD int state = -1;
	CLEANUP_FD int cache = -1;
	struct stat st;

	if (make && mkdir(state_dir, 0755) < 0 && errno != EEXIST)
		return -1;
	state = open(state_dir, flags);
	if (state < 0 || fstat(state, &st) < 0 || !ours(&st, 022))
		return -1;
	if (make && mkdirat(state, CACHE_NAME, 0700) < 0 && errno != EEXIST)
		return -1;
	cache = openat(state, CACHE_NAME, flags);
	if (cache < 0 || fstat(cache, &st) < 0 || !ours(&st, 077))
		return -1;
	return take_fd(&cache);
}

bool filter_cache_load(const char *state_dir, const unsigned char key[SHA256_SIZE],
		       struct filter_entry *ret_entry)
{
	CLEANUP_FD int dir = open_cache(state_dir, false);
	const size_t head = offsetof(struct filter_entry, blob);
	struct entry_name name = name_of(key);
	unsigned char digest[SHA256_SIZE];
	CLEANUP_FD int fd = -1;
	struct stat st;
	ssize_t n;

	if (dir < 0)
		return false;
	fd = openat(dir, name.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !ours(&st, 077))
		return false;
	n = read(fd, ret_entry, sizeof(*ret_entry));
	if (n < (ssize_t)head || n != st.st_size ||
	    !filter_blob_valid(&ret_entry->blob, (size_t)n - head))
		return false;
	entry_digest(ret_entry, digest);
	return memcmp(digest, ret_entry->digest, sizeof(digest)) == 0 &&
	       memcmp(key, ret_entry->key, SHA256_SIZE) == 0 && library_unchanged(&ret_entry->blob);
}

static bool has_room(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	unsigned int n = 0;

	if (list == NULL) {
		cleanup_fd(&copy);
		return false;
	}
	while (n < MAX_ENTRIES && readdir(list) != NULL)
		n++;
	closedir(list);
	return n < MAX_ENTRIES;
}

void filter_cache_store(const char *state_dir, struct filter_entry *entry)
{
	size_t size = offsetof(struct filter_entry, insns) +
		      entry->blob.n_insns * sizeof(entry->insns[0]);
	struct entry_name name = name_of(entry->key);
	CLEANUP_FD int dir = -1;
	CLEANUP_FD int fd = -1;
	char temporary[sizeof(name) + 32];

	if (entry->blob.library[0] == '\0')
		return;
	dir = open_cache(state_dir, true);
	if (dir < 0 || !has_room(dir))
		return;
	entry_digest(entry, entry->digest);
	snprintf(temporary, sizeof(temporary), "%s.%d", name.text, (int)getpid());
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, entry, size) != (ssize_t)size || renameat(dir, temporary, dir, name.text) < 0)
		(void)unlinkat(dir, temporary, 0);
}
