/* SPDX-License-Identifier: Apache-2.0 */
#include "node/record-sinks.h"

#include "node/fileio.h"
#include "base/jsonout.h"
#include "node/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>

#define STATE_DIR "/run/seccomp-guard"
#define LOST_PATH STATE_DIR "/records-lost"
#define TOLD_PATH STATE_DIR "/records-lost-told"
#define SYSLOG_PATH "/dev/log"
#define JOURNAL_PATH "/run/systemd/journal/socket"

#define IDENTIFIER "seccomp-guard"

/* The same for all decisions: journalctl MESSAGE_ID=... finds them. */
#define MESSAGE_ID "5ffd89b11a604822868e0417cf4ec346"

/* ---- as a line of JSON ---- */

struct span record_json(const struct record_fields *f, char *buffer, size_t size)
{
	struct jsonout out;

	jsonout_begin(&out, buffer, size);
	for (size_t i = 0; i < f->n; i++) {
		const struct record_field *field = &f->field[i];

		if (field->kind == FIELD_STRING)
			jsonout_string(&out, field->key, field->text);
		else if (field->kind == FIELD_WORDS)
			jsonout_words(&out, field->key, field->text);
		else if (field->kind == FIELD_UINT)
			jsonout_uint(&out, field->key, field->number);
		else
			jsonout_bool(&out, field->key, field->number != 0);
	}
	jsonout_end(&out);
	return (struct span){out.p, out.used};
}

/* The line with its newline, for a single write: O_APPEND then keeps writers apart. */
static struct span format_line(const struct record_fields *f, char *buffer, size_t size)
{
	struct span line = record_json(f, buffer, size);

	buffer[line.n] = '\n';
	return (struct span){buffer, line.n + 1};
}

/* ---- as fields of the journal (systemd, "Native Journal Protocol") ---- */

#define JOURNAL_SIZE (2 * RECORD_MAX_SIZE)

static const char journal_truncated[] = "SECCOMP_GUARD_TRUNCATED=true\n";

struct journal {
	char text[JOURNAL_SIZE];
	size_t n;
	bool truncated; /* something was cut or left out */
};

/*
 * Returns `value`, or whole characters from its beginning if it is longer than a text in JSON may
 * be.
 */
static struct span cut(struct journal *j, struct span value)
{
	size_t n = JSONOUT_MAX_STRING;

	if (value.n <= n)
		return value;
	j->truncated = true;
	while (n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
		n--;
	return (struct span){value.p, n};
}

/*
 * Leave out a field that does not fit. A value that contains a newline is preceded by its length.
 */
static void put_field(struct journal *j, const char *key, struct span text)
{
	struct span value = cut(j, text);
	bool plain = memchr(value.p, '\n', value.n) == NULL;
	size_t key_n = strlen(key);
	uint64_t length = htole64(value.n);
	char *p = j->text + j->n;

	if (sizeof(j->text) - sizeof(journal_truncated) - j->n <
	    key_n + value.n + 2 + sizeof(length)) {
		j->truncated = true;
		return;
	}
	p = mempcpy(p, key, key_n);
	*p++ = plain ? '=' : '\n';
	if (!plain)
		p = mempcpy(p, &length, sizeof(length));
	p = mempcpy(p, value.p, value.n);
	*p++ = '\n';
	j->n = (size_t)(p - j->text);
}

/* Names under which docker and conmon log the same things, and people look for them. */
static const struct {
	const char *key;
	const char *name;
	size_t cut; /* 0: whole */
} journal_names[] = {
	{"msg", "MESSAGE", 0},          {"id", "CONTAINER_ID", 12},
	{"id", "CONTAINER_ID_FULL", 0}, {"container", "CONTAINER_NAME", 0},
	{"image", "IMAGE_NAME", 0},
};

static void put_common_names(struct journal *j, const struct record_field *field)
{
	for (size_t i = 0; i < ARRAY_SIZE(journal_names); i++) {
		struct span value = field->text;

		if (strcmp(journal_names[i].key, field->key) != 0)
			continue;
		if (journal_names[i].cut > 0 && value.n > journal_names[i].cut)
			value.n = journal_names[i].cut;
		put_field(j, journal_names[i].name, value);
	}
}

/* The journal has a time, a priority and a message of its own. */
static bool is_own_field(const char *key)
{
	return strcmp(key, "time") != 0 && strcmp(key, "level") != 0 && strcmp(key, "msg") != 0;
}

static void put_own_name(struct journal *j, const struct record_field *field)
{
	char name[64] = "SECCOMP_GUARD_", number[24];
	size_t n = strlen(name);
	struct span value = field->text;

	for (const char *k = field->key; *k != '\0' && n < sizeof(name) - 1; k++)
		name[n++] = (char)(*k >= 'a' && *k <= 'z' ? *k - 'a' + 'A' : *k);
	name[n] = '\0';
	if (field->kind == FIELD_UINT) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)field->number);
		value = span_of(number);
	}
	if (field->kind == FIELD_BOOL)
		value = field->number != 0 ? SPAN("true") : SPAN("false");
	put_field(j, name, value);
}

static struct span format_journal(const struct record_fields *f, struct journal *j)
{
	const char priority[] = {(char)('0' + f->priority), '\0'};

	j->n = 0;
	j->truncated = false;
	put_field(j, "SYSLOG_IDENTIFIER", SPAN(IDENTIFIER));
	put_field(j, "MESSAGE_ID", SPAN(MESSAGE_ID));
	put_field(j, "PRIORITY", span_of(priority));
	for (size_t i = 0; i < f->n; i++) {
		put_common_names(j, &f->field[i]);
		if (is_own_field(f->field[i].key))
			put_own_name(j, &f->field[i]);
	}
	if (j->truncated) {
		memcpy(j->text + j->n, journal_truncated, strlen(journal_truncated));
		j->n += strlen(journal_truncated);
	}
	return (struct span){j->text, j->n};
}

/* ---- the sinks: each returns 0, or -1 with errno ---- */

static int send_datagram(const char *path, struct span text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0)
		return -1;
	return sendto(fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
		      sizeof(address)) < 0
		       ? -1
		       : 0;
}

static int to_journal(const struct record_fields *f, const char *path)
{
	struct journal journal;

	return send_datagram(path, format_journal(f, &journal));
}

static int to_syslog(const struct record_fields *f, const char *path)
{
	/* Receivers cut a message at 8 KiB, which would leave half an object. */
	char line[RECORD_MAX_SIZE - 64], text[RECORD_MAX_SIZE];
	struct span json = record_json(f, line, sizeof(line));
	/* RFC 3164 without the time: receivers add it, and the record has it. */
	int n = snprintf(text, sizeof(text), "<%d>" IDENTIFIER "[%ld]: %.*s",
			 LOG_DAEMON | f->priority, (long)getpid(), (int)json.n, json.p);

	if (send_datagram(path, (struct span){text, (size_t)n}) == 0)
		return 0;
	/* Where only systemd listens, /dev/log can be missing. */
	return errno == ENOENT ? to_journal(f, JOURNAL_PATH) : -1;
}

static int to_stderr(const struct record_fields *f, const char *path)
{
	/* As much as file_write_now() can write in one piece. */
	char line[PIPE_BUF];

	(void)path;
	return file_write_now(STDERR_FILENO, format_line(f, line, sizeof(line)));
}

/* Open it for each record: after a rotation the next record goes to the new file. */
static int to_file(const struct record_fields *f, const char *path)
{
	CLEANUP_FD int fd =
		open(path,
		     O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
		     0640);
	char buffer[RECORD_MAX_SIZE];
	struct span line;
	ssize_t n;

	if (fd < 0)
		return -1;
	line = format_line(f, buffer, sizeof(buffer));
	if (file_check_limit(fd, line.n) < 0)
		return -1;
	n = write(fd, line.p, line.n);
	if (n >= 0 && (size_t)n != line.n)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == line.n ? 0 : -1;
}

static const struct {
	int (*write)(const struct record_fields *f, const char *path);
	const char *path;
} sinks[] = {
	[LOG_TO_SYSLOG] = {to_syslog, SYSLOG_PATH},
	[LOG_TO_JOURNALD] = {to_journal, JOURNAL_PATH},
	[LOG_TO_STDERR] = {to_stderr, "standard error"},
	[LOG_TO_FILE] = {to_file, NULL},
};

/* ---- records that were lost ---- */

/*
 * Two files that only grow, so that decisions at the same time lose nothing: one has a byte for
 * each lost record, the other a byte for each that a written record has told of.
 */
struct lost {
	int fd; /* of the first file, locked; -1: nothing is to be told, or another process tells it
		 */
	int told_fd;
	off_t all;
	size_t n; /* how many are to be told */
};

static void release(struct lost *lost)
{
	cleanup_fd(&lost->told_fd);
	cleanup_fd(&lost->fd);
}
#define CLEANUP_LOST __attribute__((cleanup(release)))

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : st.st_size;
}

/*
 * How many of `all` were told. If it is more than all, somebody has removed the other file, and
 * counting began again.
 */
static off_t told_of(off_t all, off_t told)
{
	return told <= all ? told : 0;
}

/* Find out how many are to be told. If another process has the lock, do not wait: it tells. */
static void look_for_lost(struct lost *lost)
{
	lost->fd = open(LOST_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (lost->fd < 0 || flock(lost->fd, LOCK_EX | LOCK_NB) < 0)
		return;
	lost->told_fd =
		open(TOLD_PATH, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (lost->told_fd < 0)
		return;
	lost->all = size_of(lost->fd);
	lost->n = (size_t)(lost->all - told_of(lost->all, size_of(lost->told_fd)));
}

/* Called when the record that tells of them was written. */
static void set_told(const struct lost *lost)
{
	if (lost->n > 0 && file_check_limit(lost->told_fd, lost->n) == 0)
		(void)!ftruncate(lost->told_fd, lost->all);
}

/* Count a lost record. Returns true when it is the first one that no record has told of yet. */
static bool count_lost(void)
{
	CLEANUP_FD int fd = -1;
	struct stat told;
	off_t mine;

	mkdir(STATE_DIR, 0755);
	fd = open(LOST_PATH, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		  0600);
	if (fd < 0 || file_check_limit(fd, 1) < 0 || write(fd, "", 1) != 1)
		return true;
	if (stat(TOLD_PATH, &told) < 0)
		told.st_size = 0;
	/* The offset is that after our byte, also if others have appended since. */
	mine = lseek(fd, 0, SEEK_CUR);
	return mine == told_of(mine, told.st_size) + 1;
}

/* Insert it after the fields that always fit. */
static void insert_lost(struct record_fields *fields, size_t n)
{
	struct record_field *at = &fields->field[fields->n_first];

	memmove(at + 1, at, (fields->n - fields->n_first) * sizeof(*at));
	*at = (struct record_field){.key = "lost", .number = n, .kind = FIELD_UINT};
	fields->n++;
}

int record_send(struct record_fields *fields, const struct policy *policy, struct error *err)
{
	const char *path = policy->log == LOG_TO_FILE ? policy->log_path : sinks[policy->log].path;
	CLEANUP_LOST struct lost lost = {.fd = -1, .told_fd = -1};
	int saved;

	look_for_lost(&lost);
	if (lost.n > 0)
		insert_lost(fields, lost.n);
	if (sinks[policy->log].write(fields, path) == 0) {
		set_told(&lost);
		return 0;
	}
	saved = errno;
	if (!count_lost())
		return 0;
	return error_set(err,
			 "decision record lost: %s: %s; further ones are counted in " LOST_PATH,
			 path, error_words(saved));
}

int record_check(const struct policy *policy, struct error *err)
{
	const char *path = policy->log == LOG_TO_FILE ? policy->log_path : sinks[policy->log].path;
	CLEANUP_FD int fd = -1;

	if (policy->log == LOG_TO_NONE || policy->log == LOG_TO_STDERR)
		return 0;
	if (policy->log == LOG_TO_SYSLOG && access(path, W_OK) < 0)
		path = JOURNAL_PATH;
	if (policy->log != LOG_TO_FILE && access(path, W_OK) == 0)
		return 0;
	if (policy->log != LOG_TO_FILE) {
		error_system(err, errno);
		return error_prefix(err, "%s", sinks[policy->log].path);
	}
	fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return 0;
	error_system(err, errno);
	if (err->code == ENOENT && file_can_be_made(path, err) == 0)
		return 0;
	return error_prefix(err, "%s", path);
}
