/* SPDX-License-Identifier: Apache-2.0 */
#include "node/runtime.h"

#include "node/fileio.h"
#include "oci/config.h"
#include "oci/runargs.h"
#include "policy/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

/*
 * Put before the path that is executed. It leads to the same file, and the runtime sees nothing of
 * it. A wrapper finds it in AT_EXECFN without a system call, and a hook in that of the runtime.
 * crun executes a copy of itself, after which only argv is left: there argv[0] has it too.
 */
#define LOOP_MARK "/."

/* Where engines find a runtime that is configured by its name: systemd's PATH for services. */
static const char *const system_directories[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

bool runtime_is_looping(void)
{
	const char *executed = (const char *)getauxval(AT_EXECFN);

	return executed != NULL && span_has_prefix(span_of(executed), SPAN(LOOP_MARK "/"));
}

static bool is_self(const struct stat *st)
{
	struct stat self;

	return stat("/proc/self/exe", &self) == 0 && self.st_dev == st->st_dev &&
	       self.st_ino == st->st_ino;
}

static bool is_program(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (st->st_mode & 0111) != 0;
}

int runtime_check(const char *path, struct error *err)
{
	struct stat st;

	if (path[0] != '/')
		return error_set(err, "the runtime must be an absolute path, not \"%s\"", path);
	if (stat(path, &st) < 0)
		return error_set(err, "runtime \"%s\": %s", path, error_words(errno));
	if (!is_program(&st))
		return error_set(err, "runtime \"%s\" is not an executable file", path);
	if (is_self(&st))
		return error_set(err, "runtime \"%s\" is seccomp-guard-runtime itself", path);
	return 0;
}

static int find_in_system(const char *name, char ret_path[PATH_MAX], struct error *err)
{
	static char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(system_directories); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", system_directories[i], name);

		if (n < 0 || (size_t)n >= sizeof(path))
			break;
		if (stat(path, &st) < 0 || !is_program(&st) || is_self(&st))
			continue;
		memcpy(ret_path, path, (size_t)n + 1);
		return 0;
	}
	return error_set(err,
			 "there is no runtime \"%.64s\" in /usr/local/{sbin,bin}, /usr/{sbin,bin} "
			 "and /{sbin,bin}, nor a link " RUNTIME_LINKS "/%.64s to one: make it by "
			 "ln -s /path/of/the/runtime " RUNTIME_LINKS "/%.64s",
			 name, name, name);
}

/* The link's target; a relative one is relative to the link, as everywhere. */
static int set_target(const char *link, char *target, ssize_t n, char ret_path[PATH_MAX],
		      struct error *err)
{
	int len = -1;

	if (n < PATH_MAX - 1) {
		target[n] = '\0';
		len = snprintf(ret_path, PATH_MAX, "%s%s",
			       target[0] == '/' ? "" : RUNTIME_LINKS "/", target);
	}
	if (len < 0 || len >= PATH_MAX)
		return error_set(err, "%s points to a path that is too long", link);
	if (runtime_check(ret_path, err) < 0)
		return error_prefix(err,
				    "the link %s is wrong, make it point to the runtime itself: "
				    "ln -sfn /path/of/the/runtime %s",
				    link, link);
	return 0;
}

int runtime_find(const char *program, char ret_path[PATH_MAX], struct error *err)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash != NULL ? slash + 1 : program;
	/* Static, as the rest: whoever starts containers may have left us a small stack. */
	static char link[sizeof(RUNTIME_LINKS) + NAME_MAX + 1], target[PATH_MAX];
	ssize_t n;

	if (name[0] == '\0' || strlen(name) > NAME_MAX)
		return error_set(err, "called by no name that a runtime could have");
	snprintf(link, sizeof(link), RUNTIME_LINKS "/%s", name);
	n = readlink(link, target, sizeof(target));
	if (n >= 0)
		return set_target(link, target, n, ret_path, err);
	if (errno == ENOENT)
		return find_in_system(name, ret_path, err);
	if (errno == EINVAL)
		return error_set(err,
				 "%s must be a symbolic link to the runtime: "
				 "ln -sfn /path/of/the/runtime %s",
				 link, link);
	return error_set(err, "%s: %s", link, error_words(errno));
}

static int open_of(pid_t pid, const char *name)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool has_mark(int fd, off_t at)
{
	char start[sizeof(LOOP_MARK "/") - 1];

	return fd >= 0 && pread(fd, start, sizeof(start), at) == (ssize_t)sizeof(start) &&
	       memcmp(start, LOOP_MARK "/", sizeof(start)) == 0;
}

/* The address of the path that was executed, in that process; 0: not known. */
static unsigned long executed_by(pid_t pid)
{
	struct {
		unsigned long type, value;
	} vector[64];
	CLEANUP_FD int fd = open_of(pid, "auxv");
	ssize_t n = fd >= 0 ? read(fd, vector, sizeof(vector)) : 0;

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(vector[0]); i++)
		if (vector[i].type == AT_EXECFN)
			return vector[i].value;
	return 0;
}

bool runtime_is_wrapped(pid_t pid)
{
	CLEANUP_FD int argv = open_of(pid, "cmdline"), memory = -1;
	unsigned long executed;

	if (has_mark(argv, 0))
		return true;
	executed = executed_by(pid);
	memory = executed != 0 ? open_of(pid, "mem") : -1;
	return has_mark(memory, (off_t)executed);
}

/* As many bytes as a runtime's command line has, and as many words. */
#define MAX_COMMAND_LINE (64U << 10)
#define MAX_WORDS 256

struct command_line {
	int argc;
	char *argv[MAX_WORDS];
};

static int read_command_line(pid_t pid, struct arena *arena, struct command_line *ret,
			     struct error *err)
{
	CLEANUP_FD int fd = open_of(pid, "cmdline");
	struct span text;

	ret->argc = 0;
	if (fd < 0)
		return 0;
	if (file_read_stream(fd, MAX_COMMAND_LINE, arena, &text, err) < 0)
		return -1;
	/* Of what is gone, or a kernel thread, there is none; what does not end is a title. */
	if (text.n == 0 || text.p[text.n - 1] != '\0')
		return 0;
	for (const char *at = text.p; at < text.p + text.n; at += strlen(at) + 1) {
		if (ret->argc == MAX_WORDS)
			return error_set(err, "it has more than %d words", MAX_WORDS);
		ret->argv[ret->argc++] = (char *)(uintptr_t)at;
	}
	return 0;
}

/* What is runc's is crun's too, but for words that decide nothing here. */
static int parse(const struct command_line *line, struct runargs *ret_args, struct error *err)
{
	return runargs_parse(RUNARGS_CRUN, line->argc, line->argv, ret_args, err);
}

/* In some way of argp's: --conf, --config=FILE, -fFILE, -df FILE. */
static bool may_name_configuration(const char *word)
{
	const size_t n = strcspn(word, "=");

	if (word[0] != '-')
		return false;
	if (word[1] != '-')
		return word[1 + strspn(word + 1, "d")] == 'f';
	return n >= strlen("--c") && n <= strlen("--config") && strncmp(word, "--config", n) == 0;
}

int runtime_starts(pid_t pid, struct arena *arena, const char **ret_config, struct error *err)
{
	struct command_line line;
	struct runargs args;
	struct error ignored;
	char shown[SPAN_SHOWN];

	if (read_command_line(pid, arena, &line, err) < 0)
		return error_prefix(err, "the command line of process %d", (int)pid);
	if (parse(&line, &args, &ignored) == 0) {
		*ret_config = args.config;
		return args.kind == RUNARGS_CREATE;
	}
	for (int i = 1; i < line.argc; i++)
		if (may_name_configuration(line.argv[i]))
			return error_set(
				err, "the runtime may have been given another configuration by %s",
				text_printable(span_of(line.argv[i]), shown, sizeof(shown)));
	return 0;
}

static bool is_own_process(pid_t pid)
{
	CLEANUP_FD int fd = open_of(pid, "cmdline");
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid();
}

int runtime_told_bundle(pid_t pid, const char *id, struct arena *keep, const char **ret_bundle,
			struct error *err)
{
	struct command_line line;
	struct runargs args;

	if (!is_own_process(pid))
		return error_set(err, "it is another user's");
	if (read_command_line(pid, keep, &line, err) < 0 || parse(&line, &args, err) < 0)
		return -1;
	if (args.kind != RUNARGS_CREATE)
		return error_set(err, "it starts no container");
	if (id == NULL || args.id == NULL || strcmp(args.id, id) != 0)
		return error_set(err, "it is about another container");
	if (args.config != NULL || args.bundle == NULL || args.bundle[0] != '/')
		return error_set(err, "it names no --bundle by its absolute path");
	*ret_bundle = args.bundle;
	return 0;
}

/* Larger than any runtime: a crun that is linked statically has 3 MiB, runc 12. */
#define MAX_PROGRAM (64L << 20)

/* memmem(3) is five times as slow with a short word as a search for its first byte, where that is
 * rare in programs. */
#define SHORT_WORD 8

static bool has_text(struct span program, struct span word)
{
	const char *end = program.p + program.n;

	if (word.n > SHORT_WORD)
		return memmem(program.p, program.n, word.p, word.n) != NULL;
	for (const char *at = program.p; (at = memchr(at, word.p[0], (size_t)(end - at))) != NULL;
	     at++)
		if (span_has_prefix((struct span){at, (size_t)(end - at)}, word))
			return true;
	return false;
}

/* Which of `texts` are in a program, as bits; -1: it cannot be read. */
static int find_texts(const char *path, const struct span *texts, size_t n)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int found = 0;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > MAX_PROGRAM)
		return -1;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (text == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (has_text((struct span){text, (size_t)st.st_size}, texts[i]))
			found |= 1 << i;
	munmap(text, (size_t)st.st_size);
	return found;
}

int runtime_program_use(const char *path)
{
	/* How it asks for the annotation (src/libcrun/seccomp.c), and what its --version and its
	 * features are made of (crun src/crun.c, print_version()). */
	static const struct span texts[] = {
		{OCI_PROGRAM_ANNOTATION, sizeof(OCI_PROGRAM_ANNOTATION) - 1}, {"+SECCOMP", 8}};
	int found = find_texts(path, texts, ARRAY_SIZE(texts));

	if (found < 0 || (found & 1) == 0)
		return READY_IGNORED;
	return found == 3 ? READY_LOADED : READY_NOTHING_IS;
}

/* Both flags, as its list of those that it knows has them (runc libcontainer/seccomp/config.go),
 * and not the refusal of any (1.1, libcontainer/specconv/spec_linux.go). */
static bool looks_for_flags(const char *path)
{
	static const struct span texts[] = {{"SECCOMP_FILTER_FLAG_LOG", 23},
					    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 30},
					    {"seccomp flags are not yet supported", 35}};

	return find_texts(path, texts, ARRAY_SIZE(texts)) == 3;
}

#define KNOWN_DIR "/run/seccomp-guard"

bool runtime_takes_log(const char *path)
{
	char name[256], known[8];
	struct stat st;
	ssize_t n;
	bool takes;

	if (stat(path, &st) < 0)
		return false;
	snprintf(name, sizeof(name), KNOWN_DIR "/takes-log-%jx-%jx-%jx-%jd.%09ld-%jd.%09ld",
		 (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (uintmax_t)st.st_size,
		 (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		 st.st_ctim.tv_nsec);
	n = readlink(name, known, sizeof(known));
	if (n > 0)
		return known[0] == 'y';
	takes = looks_for_flags(path);
	/* A link is there whole or not at all. Where it cannot be made the next one looks again. */
	if (mkdir(KNOWN_DIR, 0755) == 0 || errno == EEXIST)
		n = symlink(takes ? "yes" : "no", name);
	return takes;
}

int runtime_become(const char *path, char *argv[], bool mark_argv, struct error *err)
{
	static char marked[sizeof(LOOP_MARK) + PATH_MAX];

	snprintf(marked, sizeof(marked), LOOP_MARK "%s", path);
	argv[0] = mark_argv ? marked : (char *)(uintptr_t)path;
	execve(marked, argv, environ);
	return error_set(err, "runtime \"%s\" cannot be executed: %s", path, error_words(errno));
}
