/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file: a slot with the head, SLOTS slots, a newline. A slot begins with the newline that ends
 * the line before, so that the digits at its end are aligned:
 *
 *   0    "\nseccomp" a series; "\n#      " free; "\n#" and six characters: claimed for the series
 * with this hash 8    the rest of the name, the labels, spaces 240  the count, two words of eight
 * digits, right-aligned
 *
 * A free or claimed slot is a comment to Prometheus. Slots are taken in order, so each writer of a
 * series comes to the same one first. Who finds it claimed for his series does not wait for the one
 * who claimed it, but writes the same bytes himself.
 */
#include "node/metrics.h"

#include "base/number.h"
#include "node/fileio.h"
#include "node/safe-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#define SLOT 256
#define SLOTS 512
#define SLOTS_FOR_OTHER                                                                            \
	64         /* reserved for namespace "_other": room for all combinations that occur */
#define DIGITS 240 /* offset of the count in a slot */
#define FILE_SIZE ((size_t)SLOT * (1 + SLOTS) + 1)

/* Linux 5.14. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static const char head[] = "# HELP seccomp_guard_decisions_total Containers judged, by what was "
			   "found and what was done.\n"
			   "# TYPE seccomp_guard_decisions_total counter\n"
			   "# This file is counted up in place; to start from zero, remove it.";
_Static_assert(sizeof(head) <= SLOT, "the head has a slot");
static const char series_word[] = "\nseccomp", free_word[] = "\n#      ";

static uint64_t word_of(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

/* ---- one series ---- */

/* A Kubernetes namespace has at most 63 of these characters. Anything else is no namespace. */
#define NAMESPACE_MAX 63

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* Format a slot up to its digits. */
static void format_series(const struct metrics_labels *labels, struct span name_space,
			  char line[SLOT])
{
	char plain[NAMESPACE_MAX + 1];
	size_t n = name_space.n < NAMESPACE_MAX ? name_space.n : NAMESPACE_MAX;
	int used;

	for (size_t i = 0; i < n; i++)
		plain[i] = is_plain(name_space.p[i]) ? name_space.p[i] : '_';
	plain[n] = '\0';
	used = snprintf(line, DIGITS,
			"%s_guard_decisions_total{action=\"%s\",finding=\"%s\",mode=\"%s\","
			"namespace=\"%s\"}",
			series_word, labels->action, labels->finding, labels->mode, plain);
	memset(line + used, ' ', SLOT - (size_t)used);
}

/* 36 bits of a hash, as characters that a comment may have. */
static uint64_t claim_word(const char *line)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
	uint64_t hash = hash_bytes(HASH_START, line, DIGITS);
	char word[9] = "\n#";

	for (size_t i = 2; i < 8; i++, hash >>= 6)
		word[i] = digits[hash & 63];
	return word_of(word);
}

/*
 * Make the page ready for writing. Where a file system has no room for it (copy on write on a full
 * disk), that is an error here instead of a signal later. Older kernels cannot do this.
 */
static int prepare_page(char *slot, struct error *err)
{
	uintptr_t size = getauxval(AT_PAGESZ), start = (uintptr_t)slot & ~(size - 1);

	if (madvise((void *)start, size, MADV_POPULATE_WRITE) == 0 || errno == EINVAL)
		return 0;
	return error_set(err, "cannot be written: %s",
			 error_words(errno == EFAULT ? ENOSPC : errno));
}

enum found { FOUND, FOUND_NOT, FOUND_ERROR };

/*
 * Write the series into a slot that is claimed for it. It gets a value before it becomes visible.
 */
static void fill_slot(char *slot, const char *line)
{
	uint64_t none = word_of("        ");

	memcpy(slot + sizeof(none), line + sizeof(none), DIGITS - sizeof(none));
	__atomic_compare_exchange_n((uint64_t *)(void *)(slot + DIGITS + 8), &none,
				    word_of("       0"), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	__atomic_store_n((uint64_t *)(void *)slot, word_of(series_word), __ATOMIC_RELEASE);
}

/* Find the slot of a series among the first `n`, or take one for it. */
static enum found find_slot(char *map, size_t n, const char *line, char **ret_slot,
			    struct error *err)
{
	const uint64_t live = word_of(series_word), unused = word_of(free_word),
		       claim = claim_word(line);

	for (size_t i = 1; i <= n; i++) {
		char *slot = map + i * SLOT;
		uint64_t *first = (uint64_t *)(void *)slot;
		uint64_t word = __atomic_load_n(first, __ATOMIC_ACQUIRE);

		if (word == unused && prepare_page(slot, err) < 0)
			return FOUND_ERROR;
		/* On failure `word` is what another process has just put there. */
		if (word == unused &&
		    __atomic_compare_exchange_n(first, &word, claim, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			word = claim;
		if (word == claim) {
			fill_slot(slot, line);
			word = live;
		}
		if (word != live || memcmp(slot, line, DIGITS) != 0)
			continue;
		*ret_slot = slot;
		return FOUND;
	}
	return FOUND_NOT;
}

/* ---- counting ---- */

/*
 * Add one to eight digits, padded with spaces or zeros. Returns true when they wrap around to zero;
 * from then on they are padded with zeros, because digits stand before them.
 */
static bool count_up(uint64_t *digits)
{
	uint64_t old = __atomic_load_n(digits, __ATOMIC_RELAXED), new;
	char text[8];
	int i;

	do {
		memcpy(text, &old, sizeof(text));
		for (i = 7; i >= 0 && text[i] == '9'; i--)
			text[i] = '0';
		if (i >= 0)
			text[i] = (char)(text[i] == ' ' ? '1' : text[i] + 1);
		memcpy(&new, text, sizeof(new));
	} while (!__atomic_compare_exchange_n(digits, &old, new, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return i < 0;
}

static int count_in(char *map, const struct metrics_labels *labels, struct error *err)
{
	char line[SLOT], *slot = NULL;
	enum found found;
	uint64_t *digits;

	format_series(labels, labels->name_space, line);
	found = find_slot(map, SLOTS - SLOTS_FOR_OTHER, line, &slot, err);
	if (found == FOUND_NOT) {
		format_series(labels, SPAN("_other"), line);
		found = find_slot(map, SLOTS, line, &slot, err);
	}
	if (found == FOUND_NOT)
		return error_set(err, "has no room for another series");
	if (found == FOUND_ERROR || prepare_page(slot, err) < 0)
		return -1;
	digits = (uint64_t *)(void *)(slot + DIGITS);
	if (count_up(digits + 1))
		count_up(digits);
	return 0;
}

/* ---- the file ---- */

static int write_empty(int fd)
{
	char slot[SLOT];

	if (file_check_limit(fd, FILE_SIZE) < 0)
		return -1;
	memset(slot, ' ', sizeof(slot));
	memcpy(slot, head, sizeof(head) - 1);
	if (file_write_all(fd, (struct span){slot, sizeof(slot)}) < 0)
		return -1;
	memset(slot, ' ', sizeof(slot));
	memcpy(slot, free_word, sizeof(free_word) - 1);
	for (size_t i = 0; i < SLOTS; i++)
		if (file_write_all(fd, (struct span){slot, sizeof(slot)}) < 0)
			return -1;
	return file_write_all(fd, SPAN("\n"));
}

/*
 * Create the file. If another process was faster, use its file. The collector does not read the
 * temporary name.
 */
static int create(const char *path, struct error *err)
{
	char name[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int dir = (int)(slash - path), n;
	CLEANUP_FD int fd = -1;
	int r;

	n = snprintf(name, sizeof(name), "%.*s/.%s.%ld", dir, path, slash + 1, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(name))
		return error_system(err, ENAMETOOLONG);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_system(err, errno);
	r = write_empty(fd) < 0 || fchmod(fd, 0644) < 0 || (link(name, path) < 0 && errno != EEXIST)
		    ? errno
		    : 0;
	unlink(name);
	return r != 0 ? error_system(err, r) : 0;
}

/* Code ENOENT: it is not there. */
static int open_existing(const char *path, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_system(err, errno);
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size != FILE_SIZE)
		return error_set(err, "is not a file of these counters");
	return safe_status(&st, err) < 0 ? -1 : take_fd(&fd);
}

static int open_file(const char *path, struct error *err)
{
	int fd = open_existing(path, err);

	if (fd >= 0 || err->code != ENOENT)
		return fd;
	return create(path, err) < 0 ? -1 : open_existing(path, err);
}

static int count(const char *path, const struct metrics_labels *labels, struct error *err)
{
	CLEANUP_FD int fd = open_file(path, err);
	char *map;
	int r;

	if (fd < 0)
		return -1;
	map = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return error_system(err, errno);
	if (memcmp(map, head, sizeof(head) - 1) == 0)
		r = count_in(map, labels, err);
	else
		r = error_set(err, "is not a file of these counters");
	munmap(map, FILE_SIZE);
	return r;
}

int metrics_count(const char *path, const struct metrics_labels *labels, struct error *err)
{
	return count(path, labels, err) < 0 ? error_prefix(err, "%s", path) : 0;
}

int metrics_check(const char *path, struct error *err)
{
	CLEANUP_FD int fd = open_existing(path, err);
	char head_there[sizeof(head) - 1];

	if (fd < 0 && err->code == ENOENT && file_can_be_made(path, err) == 0)
		return 0;
	if (fd < 0)
		return error_prefix(err, "%s", path);
	if (pread(fd, head_there, sizeof(head_there), 0) == (ssize_t)sizeof(head_there) &&
	    memcmp(head_there, head, sizeof(head_there)) == 0)
		return 0;
	return error_set(err, "%s: is not a file of these counters", path);
}
