/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: none is lost between many writers, and the file can be read as it is at every moment.
 */
#include "node/metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char dir[] = "/tmp/test-metrics-XXXXXX", path[sizeof(dir) + 16];

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/guard.prom", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int count(const char *action, const char *name_space, struct error *err)
{
	const struct metrics_labels labels = {action, "absent", "enforce", span_of(name_space)};

	return metrics_count(path, &labels, err);
}

static void expect_count(const char *action, const char *name_space)
{
	struct error err;

	if (count(action, name_space, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- reading, as Prometheus' text format has it ---- */

#define MAX_SERIES 600

static struct series {
	char labels[224];
	double value;
} series[MAX_SERIES];

static size_t n_series;

static void read_line(char *line)
{
	static const char name[] = "seccomp_guard_decisions_total{";
	char *end, *brace;

	if (line[0] == '#' || line[0] == '\0')
		return;
	if (strncmp(line, name, strlen(name)) != 0)
		fail_msg("not a series: %s", line);
	brace = strchr(line, '}');
	assert_non_null(brace);
	*brace = '\0';
	assert_true(n_series < MAX_SERIES &&
		    strlen(line) < sizeof(series[0].labels) + strlen(name));
	for (size_t i = 0; i < n_series; i++)
		if (strcmp(series[i].labels, line + strlen(name)) == 0)
			fail_msg("twice: %s", line);
	strcpy(series[n_series].labels, line + strlen(name));
	/* Spaces in front of a value are skipped, anything behind it is not. */
	assert_true(brace[1] == ' ');
	series[n_series].value = strtod(brace + 1, &end);
	if (*end != '\0' || end[-1] == ' ')
		fail_msg("no value: %s", brace + 1);
	n_series++;
}

static void read_all(void)
{
	static char text[1U << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	char *line = text, *end;

	assert_true(fd >= 0 && n > 0);
	close(fd);
	text[n] = '\0';
	assert_int_equal(strlen(text), n);
	assert_int_equal(text[n - 1], '\n');
	assert_memory_equal(text, "# HELP seccomp_guard_decisions_total ", 37);
	assert_non_null(strstr(text, "\n# TYPE seccomp_guard_decisions_total counter\n"));
	n_series = 0;
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		read_line(line);
	}
}

static double value_of(const char *labels)
{
	for (size_t i = 0; i < n_series; i++)
		if (strcmp(series[i].labels, labels) == 0)
			return series[i].value;
	return -1;
}

static double total(void)
{
	double sum = 0;

	for (size_t i = 0; i < n_series; i++)
		sum += series[i].value;
	return sum;
}

/* ---- one writer ---- */

static void the_first_count_makes_the_file(void **state)
{
	struct stat st;
	struct dirent *d;
	DIR *listing;

	(void)state;
	umask(077);
	expect_count("inject", "prod");
	umask(022);
	read_all();
	assert_int_equal(n_series, 1);
	assert_true(value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace="
			     "\"prod\"") == 1);
	/* The collector is another user. */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	listing = opendir(dir);
	while ((d = readdir(listing)) != NULL)
		if (d->d_name[0] != '.' && strcmp(d->d_name, "guard.prom") != 0)
			fail_msg("%s was left behind", d->d_name);
	closedir(listing);
}

static void each_label_is_a_series(void **state)
{
	(void)state;
	expect_count("inject", "prod");
	expect_count("refuse", "prod");
	expect_count("inject", "prod-2");
	expect_count("inject", "");
	read_all();
	assert_int_equal(n_series, 4);
	assert_true(value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace="
			     "\"prod\"") == 2);
	assert_true(value_of("action=\"refuse\",finding=\"absent\",mode=\"enforce\",namespace="
			     "\"prod\"") == 1);
	assert_true(value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace="
			     "\"prod-2\"") == 1);
	assert_true(
		value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace=\"\"") ==
		1);
}

static void no_namespace_breaks_the_format(void **state)
{
	char longest[300];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	expect_count("would-inject", "a\"} 7\nb\\");
	expect_count("would-inject", longest);
	expect_count("would-inject", "\xff\xfe\x01");
	read_all();
	assert_true(value_of("action=\"would-inject\",finding=\"absent\",mode=\"enforce\","
			     "namespace=\"a___7_"
			     "b_\"") == 1);
	assert_true(value_of("action=\"would-inject\",finding=\"absent\",mode=\"enforce\","
			     "namespace=\"___\"") == 1);
	assert_true(total() == 8);
}

/* What stands in the digits of the first series. */
static void put_digits(const char *digits)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, digits, 16, 256 + 240), 16);
	close(fd);
}

static void digits_are_carried(void **state)
{
	static const struct {
		const char *before;
		double after;
	} rows[] = {
		{"               8", 9},           {"               9", 10},
		{"              99", 100},         {"        99999998", 99999999},
		{"        99999999", 100000000},   {"       100000000", 100000001},
		{"       199999999", 200000000},   {"       900000009", 900000010},
		{"      9999999999", 10000000000}, {"9999999999999998", 9999999999999999},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put_digits(rows[i].before);
		expect_count("inject", "prod");
		read_all();
		if (series[0].value != rows[i].after)
			fail_msg("%s: %f", rows[i].before, series[0].value);
	}
}

static void what_is_no_file_of_counters_is_left_alone(void **state)
{
	static const char *const texts[] = {"", "# HELP other x\n"};
	struct error err;
	struct stat st;
	int fd;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		unlink(path);
		fd = open(path, O_WRONLY | O_CREAT, 0644);
		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		assert_int_equal(count("inject", "a", &err), -1);
		assert_non_null(strstr(err.text, "guard.prom: is not a file of these counters"));
		/* Of the right size, but with something else in it. */
		assert_int_equal(ftruncate(fd, 256 * 513 + 1), 0);
		assert_int_equal(count("inject", "a", &err), -1);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_size, 256 * 513 + 1);
		close(fd);
	}
	unlink(path);
	assert_int_equal(symlink("/tmp/elsewhere", path), 0);
	assert_int_equal(count("inject", "a", &err), -1);
	unlink(path);
	expect_count("inject", "a");
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(count("inject", "a", &err), -1);
	assert_non_null(strstr(err.text, "can be written by everybody"));
	unlink(path);
}

static void too_many_series_are_counted_together(void **state)
{
	char name[16], labels[128];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 500; i++) {
			snprintf(name, sizeof(name), "ns-%d", i);
			expect_count("inject", name);
		}
	}
	read_all();
	assert_int_equal(n_series, 449);
	assert_true(total() == 1000);
	assert_true(value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace=\"_"
			     "other\"") == 104);
	for (int i = 0; i < 448; i++) {
		snprintf(
			labels, sizeof(labels),
			"action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace=\"ns-%d\"",
			i);
		assert_true(value_of(labels) == 2);
	}
	unlink(path);
}

/* ---- many writers ---- */

#define WRITERS 8
#define ROUNDS 6000
#define NAMESPACES 50

/* They make the file together, make each series together and count the same ones; somebody reads
 * meanwhile. */
static void nothing_is_lost_between_writers(void **state)
{
	pid_t writers[WRITERS];
	int status, running = WRITERS;
	char labels[128];

	(void)state;
	for (int w = 0; w < WRITERS; w++) {
		writers[w] = fork();
		if (writers[w] != 0)
			continue;
		for (int i = 0; i < ROUNDS; i++) {
			struct error err;
			char name[16];

			snprintf(name, sizeof(name), "ns-%d", i * NAMESPACES / ROUNDS);
			if (count("inject", name, &err) < 0) {
				fprintf(stderr, "%s\n", err.text);
				_exit(1);
			}
		}
		_exit(0);
	}
	while (running > 0) {
		double before;

		if (access(path, F_OK) == 0) {
			read_all();
			before = total();
			read_all();
			assert_true(total() >= before);
		}
		for (int w = 0; w < WRITERS; w++) {
			if (writers[w] == 0 || waitpid(writers[w], &status, WNOHANG) == 0)
				continue;
			assert_int_equal(status, 0);
			writers[w] = 0;
			running--;
		}
	}
	read_all();
	assert_int_equal(n_series, NAMESPACES);
	assert_true(total() == WRITERS * ROUNDS);
	for (int i = 0; i < NAMESPACES; i++) {
		snprintf(
			labels, sizeof(labels),
			"action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace=\"ns-%d\"",
			i);
		assert_true(value_of(labels) == WRITERS * ROUNDS / NAMESPACES);
	}
}

/* Who was killed behind taking a slot has left a comment; the others take the next one. */
static void an_unfinished_slot_is_passed_over(void **state)
{
	char first[8];
	int fd;

	(void)state;
	unlink(path);
	expect_count("inject", "a");
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "\n#AAAAAA", 8, 256), 8);
	expect_count("inject", "b");
	assert_int_equal(pread(fd, first, sizeof(first), 256), sizeof(first));
	assert_memory_equal(first, "\n#AAAAAA", 8);
	close(fd);
	read_all();
	assert_int_equal(n_series, 1);
	assert_true(
		value_of("action=\"inject\",finding=\"absent\",mode=\"enforce\",namespace=\"b\"") ==
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_count_makes_the_file),
		cmocka_unit_test(each_label_is_a_series),
		cmocka_unit_test(no_namespace_breaks_the_format),
		cmocka_unit_test(digits_are_carried),
		cmocka_unit_test(what_is_no_file_of_counters_is_left_alone),
		cmocka_unit_test(too_many_series_are_counted_together),
		cmocka_unit_test(nothing_is_lost_between_writers),
		cmocka_unit_test(an_unfinished_slot_is_passed_over),
	};

	return cmocka_run_group_tests_name("metrics", tests, make_dir, remove_dir);
}
