/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/runargs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define B "/run/containerd/io.containerd.runtime.v2.task/k8s.io/4f/bundle"
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const enum runargs_family all[] = {RUNARGS_RUNC, RUNARGS_CRUN, RUNARGS_OTHER};

/* Words are separated by one space each; two spaces in a row make an empty word. */
static int parse(enum runargs_family family, const char *line, struct runargs *ret_args,
		 struct error *err)
{
	static char buffer[2048];
	char *argv[32], *rest = buffer;
	int argc = 1;

	assert_true(strlen(line) < sizeof(buffer));
	strcpy(buffer, line);
	argv[0] = (char *)"seccomp-guard-runtime";
	while (rest && *line)
		argv[argc++] = strsep(&rest, " ");
	return runargs_parse(family, argc, argv, ret_args, err);
}

static void expect_create(enum runargs_family family, const char *line, const char *bundle,
			  const char *config)
{
	struct runargs args;
	struct error err;

	if (parse(family, line, &args, &err))
		fail_msg("family %d, %s: %s", family, line, err.text);
	assert_int_equal(args.kind, RUNARGS_CREATE);
	assert_non_null(args.id);
	if (!args.bundle != !bundle || (bundle && strcmp(args.bundle, bundle)))
		fail_msg("family %d, %s: bundle %s", family, line,
			 args.bundle ? args.bundle : "none");
	if (!args.config != !config || (config && strcmp(args.config, config)))
		fail_msg("family %d, %s: config %s", family, line,
			 args.config ? args.config : "none");
}

static void expect_pass(enum runargs_family family, const char *line, const char *command)
{
	struct runargs args;
	struct error err;

	if (parse(family, line, &args, &err))
		fail_msg("family %d, %s: %s", family, line, err.text);
	if (args.kind != RUNARGS_PASS || args.id)
		fail_msg("family %d, %s: taken for a start", family, line);
	if (!args.command != !command || (command && strcmp(args.command, command)))
		fail_msg("family %d, %s: command %s", family, line,
			 args.command ? args.command : "none");
}

static void expect_error(enum runargs_family family, const char *line, const char *text)
{
	struct runargs args;
	struct error err = {0};

	if (!parse(family, line, &args, &err))
		fail_msg("family %d: \"%s\" was accepted", family, line);
	if (strcmp(err.text, text))
		fail_msg("family %d, %s: %s", family, line, err.text);
}

static void engines_start_containers(void **state)
{
	static const char *const lines[] = {
		/* containerd, ctr, dockerd */
		"--root /run/containerd/runc/k8s.io --log " B
		"/log.json --log-format json create --bundle " B " --pid-file " B "/init.pid " ID,
		"--root /run/containerd/runc/default --log " B
		"/log.json --log-format json --systemd-cgroup create "
		"--bundle " B " --pid-file " B
		"/init.pid --console-socket /tmp/pty1/pty.sock --no-pivot "
		"--no-new-keyring --preserve-fds 3 " ID,
		"--debug --root /var/run/docker/runtime-runc/moby --log " B
		"/log.json --log-format json create "
		"--bundle " B " --pid-file " B "/init.pid " ID,
		/* conmon under CRI-O and podman */
		"--root=/run/runc create --bundle " B " --pid-file " B "/pidfile " ID,
		"create --bundle " B " --pid-file " B "/pidfile " ID,
		"--log-format=json --log " B "/oci-log create --bundle " B " --pid-file " B
		"/pidfile " ID,
		"--systemd-cgroup --log-format=json --log=" B "/oci-log restore --bundle " B
		" --pid-file " B "/pidfile --detach --image-path " B "/checkpoint --work-path " B
		" " ID,
		/* BuildKit */
		"--log " B "/log.json --log-format json run --bundle " B " --keep " ID,
		"--log " B "/log.json --log-format json run --bundle " B " " ID,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		for (size_t f = 0; f < ARRAY_SIZE(all); f++)
			expect_create(all[f], lines[i], B, NULL);
	}
	/* Only one of the two runtimes has these. */
	expect_create(RUNARGS_RUNC, "create --pidfd-socket /tmp/s --bundle " B " " ID, B, NULL);
	expect_create(RUNARGS_CRUN, "--cgroup-manager disabled create --bundle " B " " ID, B, NULL);
	expect_create(RUNARGS_CRUN, "create --no-subreaper --bundle " B " " ID, B, NULL);
	expect_create(RUNARGS_CRUN, "restore --network-lock skip --bundle " B " " ID, B, NULL);
	expect_create(RUNARGS_RUNC, "restore --empty-ns network --lazy-pages --bundle " B " " ID, B,
		      NULL);
}

static void engines_do_other_things(void **state)
{
	static const struct {
		const char *line, *command;
	} cases[] = {
		{"features", "features"},
		{"--debug features", "features"},
		{"--version", NULL},
		{"--root /run/r --log " B "/log.json --log-format json start " ID, "start"},
		{"--root /run/r exec --process /tmp/p --detach --pid-file " B "/e.pid " ID, "exec"},
		{"--root=/run/r exec --pid-file /f --process /f --detach " ID, "exec"},
		{"--root /run/r kill --all " ID " 9", "kill"},
		{"--root /run/r kill " ID " KILL", "kill"},
		{"--root /run/r delete --force " ID, "delete"},
		{"--root /run/r state " ID, "state"},
		{"update --resources=- " ID, "update"},
		{"update --resources - " ID, "update"},
		{"pause " ID, "pause"},
		{"resume " ID, "resume"},
		{"ps --format json " ID, "ps"},
		{"checkpoint --image-path /i --work-path /w " ID, "checkpoint"},
		{"list --quiet", "list"},
		{"spec --bundle /b", "spec"},
		{"--help", NULL},
		{"-v", NULL},
		{"", NULL},
		{"--debug", NULL},
		{"--root /run/r state --no-such-option", "state"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t f = 0; f < ARRAY_SIZE(all); f++)
			expect_pass(all[f], cases[i].line, cases[i].command);
	}
	expect_pass(RUNARGS_RUNC, "events --stats " ID, "events");
	expect_pass(RUNARGS_RUNC, "init", "init");
	expect_pass(RUNARGS_RUNC, "help create", "help");
	expect_pass(RUNARGS_CRUN, "mounts add x /m", "mounts");
}

/* Subcommands and options that are not in the tables, where nothing can start: the runtime's
 * business. */
static void what_is_unknown_is_handed_on(void **state)
{
	static const struct {
		const char *line, *command;
	} cases[] = {
		{"foo", "foo"},
		{"foo -h", "foo"},
		{"foo --help", "foo"},
		{"foo create --bundle /b id", "foo"},
		{"creat id", "creat"},
		{"creates id", "creates"},
		{"c id", "c"},
		{"checkpointt id", "checkpointt"},
		{"info", "info"},
		{"completion -s bash", "completion"},
		{"do -- ls", "do"},
		{"trace create id", "trace"},
		{"export-metrics id", "export-metrics"},
		{"--foo", NULL},
		{"--foo state id", NULL},
		{"--foo=bar kill id 9", NULL},
		{"--platform systrap delete --force id", NULL},
		{"--platform=systrap --debug kill id", NULL},
		{"-x", NULL},
		{"-xyz kill id", NULL},
		{"--root", NULL},
		{"--root - kill id", NULL},
		{"--log=/l\t kill id", NULL},
		{"--version=false kill id", NULL},
		{"-", NULL},
		{"- kill id", NULL},
		{" ", NULL},
		{" kill id", NULL},
		{"Create id", NULL},
		{"-- -- kill id", NULL},
		{"-- foo create", "foo"},
		{"kill run 9", "kill"},
		{"delete --force create", "delete"},
		{"state restore", "state"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t f = 0; f < ARRAY_SIZE(all); f++)
			expect_pass(all[f], cases[i].line, cases[i].command);
	}
	expect_pass(RUNARGS_RUNC, "mounts add x /m", "mounts");
	expect_pass(RUNARGS_CRUN, "init", "init");
}

/*
 * Each of these starts a container under one parser at least, when its words are read as they may
 * be: an unknown option with or without a value, white space cut off, what an abbreviation stands
 * for.
 */
static void no_start_is_handed_on(void **state)
{
	static const char *const before[] = {
		"@ id",
		"-- @ id",
		"--foo @ id",
		"--foo kill @ id",
		"--foo=bar @ id",
		"--foo=bar --fie @ id",
		"-x @ id",
		"-x kill @ id",
		"-xyz kill @ id",
		"--roo /r @ id",
		"--program-name kill @ id",
		"--log-level debug --foo @ id",
		"--foo --root @ kill",
		"--foo -- @ id",
		" --debug @ id",
		"\t--root kill @ id",
		"\xe2\x80\x83--root kill @ id",
		" -- @ id",
		"  @ id",
		" @ id",
		"@  id",
		"@\t id",
		"\xc2\xa0@\n id",
		"\xe3\x80\x80@ id",
		"- @ id",
		"-5 @ id",
		"-- -- @ id",
		"--root - kill @",
		"--root -x @ id",
		"--root=/r\t @ id",
		"--version=false @ id",
		"--version --version=false @ id",
		"--help --help=0 @ id",
		"-v=false @ id",
		"-h=f @ id",
	};
	static const char *const commands[] = {"create", "run", "restore"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		for (size_t c = 0; c < ARRAY_SIZE(commands); c++) {
			for (size_t f = 0; f < ARRAY_SIZE(all); f++) {
				struct runargs args;
				struct error err = {0};
				char line[128];

				snprintf(line, sizeof(line), "%.*s%s%s",
					 (int)strcspn(before[i], "@"), before[i], commands[c],
					 strchr(before[i], '@') + 1);
				if (parse(all[f], line, &args, &err) == 0 &&
				    args.kind == RUNARGS_PASS)
					fail_msg("family %zu: \"%s\" is handed on", f, line);
			}
		}
	}
}

static void help_and_version_start_nothing(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(all); f++) {
		expect_pass(all[f], "create --help", "create");
		expect_pass(all[f], "run --bundle /b --help id", "run");
		/* Go's flags could take it back. */
		assert_int_equal(parse(all[f], "--version --version=false create id",
				       &(struct runargs){0}, &(struct error){0}),
				 -1);
		assert_int_equal(parse(all[f], "create --help --help=false id",
				       &(struct runargs){0}, &(struct error){0}),
				 -1);
	}
	for (size_t f = 0; f < 2; f++) {
		expect_pass(all[f], "--version create --bundle /b id", "create");
		expect_pass(all[f], "--help create --bundle /b id", "create");
	}
	expect_error(RUNARGS_OTHER, "-v create --bundle /b id",
		     "help or version is asked for before create");
	expect_error(RUNARGS_RUNC, "create --help --help=false id", "option --help takes no value");
	expect_pass(RUNARGS_RUNC, "create -h", "create");
	expect_pass(RUNARGS_RUNC, "create id --help", "create");
	expect_error(RUNARGS_CRUN, "create -h", "unknown option \"-h\" for create");
	expect_pass(RUNARGS_CRUN, "-? create id", "create");
	expect_error(RUNARGS_CRUN, "create -?",
		     "option \"-?\" must stand before the subcommand create");
	expect_pass(RUNARGS_CRUN, "create --usage", "create");
	expect_pass(RUNARGS_CRUN, "-V create id", "create");
	/* The name of a file after another option, not a wish for help. */
	expect_create(RUNARGS_RUNC, "create --pid-file=--help id", NULL, NULL);
}

static const struct {
	const char *line, *runc, *crun, *other;
} disputed[] = {
	{"create --bundle X id", "X", "X", "X"},
	{"create --bundle=X id", "X", "X", "X"},
	{"create -b X id", "X", "X", "X"},
	{"create -b =X id", "=X", "=X", "=X"},
	{"create --bundle==X id", "=X", "=X", "=X"},
	{"create --bundle=-x id", "-x", "-x", "-x"},
	{"create id", "", "", ""},
	{"create -- id", "", "", ""},
	{"create --bundle X -- id", "X", "X", "X"},
	{"-- create --bundle X id", "X", "X", "X"},
	{"create --bundle X --bundle Y id", "Y", "Y", "Y"},
	{"create -b X --bundle Y id", "Y", "Y", "Y"},
	{"create -b=X id", NULL, NULL, NULL},
	{"create -bundle X id", NULL, NULL, NULL},
	{"create -bundle=X id", NULL, NULL, NULL},
	{"create -bX id", NULL, "X", NULL},
	{"create -bund=X id", NULL, "und=X", NULL},
	{"create --b X id", "X", NULL, NULL},
	{"create --bund X id", NULL, NULL, NULL},
	{"create --bund=X id", NULL, NULL, NULL},
	{"create --Bundle X id", NULL, NULL, NULL},
	{"create ---bundle X id", NULL, NULL, NULL},
	{"create id --bundle X", "X", NULL, NULL},
	{"run id --bundle X", "X", NULL, NULL},
	{"restore id --bundle=X", NULL, NULL, NULL},
	{"restore id --bundle X", NULL, NULL, NULL},
	{"create id --", NULL, NULL, NULL},
	{"create id -- --bundle=X", NULL, NULL, NULL},
	{"create --bundle= id", "", NULL, NULL},
	{"create --bundle  id", "", NULL, NULL},
	{"create --bundle X --bundle= id", "", NULL, NULL},
	{"create --bundle - id", NULL, NULL, NULL},
	{"create --bundle -x id", NULL, NULL, NULL},
	{"create --bundle -- id", NULL, NULL, NULL},
	{"create --pid-file --bundle=X id", NULL, NULL, NULL},
	{"create --bundle=X\t id", NULL, NULL, NULL},
	{"create --bundle=X\n id", NULL, NULL, NULL},
	{"create --bundle=X\xc2\xa0 id", NULL, NULL, NULL},
	{"create --bundle=X\xe3\x80\x80 id", NULL, NULL, NULL},
	{"create --bundle=X\xc3\xa0 id", "X\xc3\xa0", "X\xc3\xa0", "X\xc3\xa0"},
	{"create --pid-file=P\t id", NULL, NULL, NULL},
	{"create \t--bundle=X id", NULL, NULL, NULL},
	{"create --no-pivot=false --bundle X id", "X", NULL, NULL},
	{"create -no-pivot -b X id", "X", NULL, NULL},
	{"-debug -log-format json create -b X id", "X", NULL, NULL},
	{"run -d -b X id", "X", "X", "X"},
	{"run -db X id", NULL, NULL, NULL},
	{"run -dbX id", NULL, NULL, NULL},
	{"run -detach -b X id", "X", NULL, NULL},
	{"run -d=true -b X id", "X", NULL, NULL},
	{"create --root R -b X id", NULL, NULL, NULL},
	{"--bundle X create id", NULL, NULL, NULL},
	{"create -", NULL, NULL, NULL},
	{"- create id", NULL, NULL, NULL},
	{"create -- -id", NULL, NULL, NULL},
	{"create a/b", NULL, NULL, NULL},
	{"create ", NULL, NULL, NULL},
	{"create a b", NULL, NULL, NULL},
	{"create", NULL, NULL, NULL},
	{" create id", NULL, NULL, NULL},
	{"--rootless run create -b X id", "X", "X", "X"},
};

/* Accepted as the runtime of the family reads it, because the others fail; NULL: refused. "": no
 * bundle. */
static void disputed_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(disputed); i++) {
		const char *const bundles[] = {disputed[i].runc, disputed[i].crun,
					       disputed[i].other};

		for (size_t f = 0; f < ARRAY_SIZE(all); f++) {
			struct runargs args;
			struct error err = {0};

			if (bundles[f])
				expect_create(all[f], disputed[i].line,
					      bundles[f][0] ? bundles[f] : NULL, NULL);
			else if (!parse(all[f], disputed[i].line, &args, &err) || !err.text[0])
				fail_msg("family %zu: \"%s\" was accepted", f, disputed[i].line);
		}
	}
}

static void crun_reads_another_file(void **state)
{
	(void)state;
	expect_create(RUNARGS_CRUN, "create --config /c/x.json --bundle /b id", "/b", "/c/x.json");
	expect_create(RUNARGS_CRUN, "run -f x.json id", NULL, "x.json");
	expect_create(RUNARGS_CRUN, "run -fx.json id", NULL, "x.json");
	/* Only this very text stands for the file in the bundle. */
	expect_create(RUNARGS_CRUN, "run -f config.json -b /b id", "/b", NULL);
	expect_create(RUNARGS_CRUN, "run -f ./config.json -b /b id", "/b", "./config.json");
	expect_create(RUNARGS_CRUN, "run -f x.json -f config.json id", NULL, NULL);
	expect_error(RUNARGS_CRUN, "run --config= id", "the value of option --config is empty");
	expect_error(RUNARGS_CRUN, "restore -f x.json id", "unknown option \"-f\" for restore");
	expect_error(RUNARGS_RUNC, "create -f x.json id", "unknown option \"-f\" for create");
	expect_error(RUNARGS_OTHER, "create --config x.json id",
		     "unknown option \"--config\" for create");
}

static void errors_name_the_word(void **state)
{
	(void)state;
	expect_error(RUNARGS_RUNC, "create --foo id", "unknown option \"--foo\" for create");
	expect_error(RUNARGS_RUNC, "--foo create id",
		     "unknown option \"--foo\" before the subcommand");
	expect_error(RUNARGS_RUNC, "create\t id", "unknown subcommand \"create\t\"");
	expect_error(RUNARGS_RUNC, "create --root /r id",
		     "option \"--root\" must stand before the subcommand create");
	expect_error(RUNARGS_RUNC, "create --pid-file", "option --pid-file needs a value");
	expect_error(RUNARGS_RUNC, "create id --bundle", "option --bundle needs a value");
	expect_error(
		RUNARGS_CRUN, "create -b -- id",
		"the value \"--\" of option --bundle begins with \"-\": write \"--bundle=--\"");
	expect_error(RUNARGS_RUNC, "restore --bundle /b", "restore needs a container id");
	expect_error(RUNARGS_CRUN, "run a b", "too many arguments for run: \"b\"");
	expect_error(RUNARGS_CRUN, "run a/b", "\"a/b\" is no container id");
	expect_error(RUNARGS_OTHER, "run -b=/b a",
		     "runc and crun read \"-b=/b\" differently: write \"--bundle VALUE\"");
	expect_error(RUNARGS_OTHER, "run --bundle= a", "the value of option --bundle is empty");
	expect_error(RUNARGS_CRUN, "run --pid-file=a\t a",
		     "the value \"a\t\" of option --pid-file ends in white space");
}

static void the_log_is_known_also_on_refusal(void **state)
{
	struct runargs args;
	struct error err;

	(void)state;
	assert_int_equal(parse(RUNARGS_RUNC, "--log /b/log.json --log-format json create --foo id",
			       &args, &err),
			 -1);
	assert_string_equal(args.log, "/b/log.json");
	assert_int_equal(args.log_format, RUNARGS_LOG_JSON);
	assert_string_equal(args.command, "create");
	assert_int_equal(args.kind, RUNARGS_PASS);

	assert_int_equal(parse(RUNARGS_CRUN,
			       "--log=syslog:x --log-format json --log-format=text state id", &args,
			       &err),
			 0);
	assert_string_equal(args.log, "syslog:x");
	assert_int_equal(args.log_format, RUNARGS_LOG_TEXT);

	assert_int_equal(parse(RUNARGS_RUNC, "--log /l --log= state id", &args, &err), 0);
	assert_null(args.log);
	assert_int_equal(parse(RUNARGS_RUNC, "--log-format xml state id", &args, &err), 0);
	assert_int_equal(args.log_format, RUNARGS_LOG_TEXT);
}

/* A word of the length of a page must not get past the end of anything. */
static void long_words(void **state)
{
	static char word[8192];
	char *argv[] = {(char *)"", (char *)"create", word, (char *)"id"};
	struct runargs args;
	struct error err;

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(all); f++) {
		for (size_t start = 0; start < 4; start++) {
			static const char *const starts[] = {"--bundle=", "--", "-b", ""};

			memset(word, '\x01', sizeof(word) - 1);
			memcpy(word, starts[start], strlen(starts[start]));
			if (runargs_parse(all[f], 4, argv, &args, &err))
				assert_true(strlen(err.text) < sizeof(err.text));
		}
	}
}

static void no_words_at_all(void **state)
{
	struct runargs args;
	struct error err;

	(void)state;
	assert_int_equal(runargs_parse(RUNARGS_RUNC, 0, NULL, &args, &err), 0);
	assert_int_equal(args.kind, RUNARGS_PASS);
	assert_null(args.command);
}

static void families(void **state)
{
	(void)state;
	assert_int_equal(runargs_family_of("/usr/sbin/runc"), RUNARGS_RUNC);
	assert_int_equal(runargs_family_of("runc"), RUNARGS_RUNC);
	assert_int_equal(runargs_family_of("/usr/bin/crun"), RUNARGS_CRUN);
	assert_int_equal(runargs_family_of("/usr/bin/crun-wasm"), RUNARGS_CRUN);
	assert_int_equal(runargs_family_of("/usr/bin/krun"), RUNARGS_CRUN);
	assert_int_equal(runargs_family_of("/usr/bin/nvidia-container-runtime"), RUNARGS_RUNC);
	assert_int_equal(runargs_family_of("/usr/bin/nvidia-container-runtime.cdi"), RUNARGS_RUNC);
	assert_int_equal(runargs_family_of("/opt/runc.amd64"), RUNARGS_RUNC);
	assert_int_equal(runargs_family_of("/opt/crun-1.28-linux-amd64"), RUNARGS_CRUN);
	assert_int_equal(runargs_family_of("/usr/bin/youki"), RUNARGS_OTHER);
	assert_int_equal(runargs_family_of("/usr/bin/runcx"), RUNARGS_OTHER);
	assert_int_equal(runargs_family_of("/opt/runc/"), RUNARGS_OTHER);
	assert_int_equal(runargs_family_of(""), RUNARGS_OTHER);
}

static void the_container_of_an_exec(void **state)
{
	static const struct {
		const char *line, *id;
	} cases[] = {
		/* containerd, conmon, by hand. */
		{"--root /run/containerd/runc/k8s.io --log /l --log-format json exec --process /p "
		 "--console-socket /s --detach --pid-file /pid " ID,
		 ID},
		{"exec --pid-file /p --process /x --detach " ID, ID},
		{"--root exec exec -e A=B -t -u 0 --cwd=/ web true", "web"},
		{"exec -- web -e", "web"},
		{"exec --cap CAP_KILL --preserve-fds 1 -d web sh -c", "web"},
		{"exec", NULL},
		{"exec -e", NULL},
		{"exec --", NULL},
		{"state exec web", NULL},
		{"create --bundle exec web", NULL},
		{"--version", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases) * ARRAY_SIZE(all); i++) {
		const char *line = cases[i / ARRAY_SIZE(all)].line, *id;
		char buffer[512], *argv[32], *rest = buffer;
		const char *wanted = cases[i / ARRAY_SIZE(all)].id;
		struct runargs args;
		struct error err;
		int argc = 1;

		strcpy(buffer, line);
		argv[0] = (char *)"seccomp-guard-runtime";
		while (rest)
			argv[argc++] = strsep(&rest, " ");
		if (runargs_parse(all[i % ARRAY_SIZE(all)], argc, argv, &args, &err) < 0 &&
		    wanted != NULL)
			fail_msg("%s: %s", line, err.text);
		id = runargs_exec_id(&args, argc, argv);
		if (!id != !wanted || (id && strcmp(id, wanted) != 0))
			fail_msg("%s: %s", line, id ? id : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_start_containers),
		cmocka_unit_test(engines_do_other_things),
		cmocka_unit_test(what_is_unknown_is_handed_on),
		cmocka_unit_test(no_start_is_handed_on),
		cmocka_unit_test(help_and_version_start_nothing),
		cmocka_unit_test(disputed_forms),
		cmocka_unit_test(crun_reads_another_file),
		cmocka_unit_test(errors_name_the_word),
		cmocka_unit_test(the_log_is_known_also_on_refusal),
		cmocka_unit_test(long_words),
		cmocka_unit_test(no_words_at_all),
		cmocka_unit_test(families),
		cmocka_unit_test(the_container_of_an_exec),
	};

	return cmocka_run_group_tests_name("runargs", tests, NULL, NULL);
}
