/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime's command line; runargs.h tells the principle and runargs-internal.h the sources of
 * the tables. The rules of the parsers are those of Go's flag package, of urfave/cli (v1:
 * command.go, reorderArgs(); v3: command_parse.go) and of glibc's argp with ARGP_IN_ORDER on
 * getopt_long().
 */
#include "oci/runargs.h"
#include "oci/runargs-internal.h"

/* One word that begins with "-", as one parser reads it. No option: that parser fails, or would
 * need more words. */
struct reading {
	const struct runargs_option *option;
	const char *attached; /* the value in the same word; NULL: none */
};

struct scan {
	enum runargs_family family;
	int argc;
	char *const *argv;
	int word, next;                        /* the word that is read, and the one behind it */
	const struct runargs_command *command; /* create, run or restore; NULL before it */
	bool shows;                            /* help or version was asked for */
	bool passes;                           /* nothing is started */
	struct runargs *args;
	struct error *err;
};

/* A release or a handler may be part of the name: "runc.amd64", "crun-wasm". */
enum runargs_family runargs_family_of(const char *runtime_path)
{
	const char *slash = strrchr(runtime_path, '/');
	const char *name = slash ? slash + 1 : runtime_path;

	for (size_t i = 0; i < runargs_n_programs; i++) {
		size_t n = strlen(runargs_programs[i].name);

		if (!strncmp(name, runargs_programs[i].name, n) && strchr("-._", name[n]))
			return runargs_programs[i].family;
	}
	return RUNARGS_OTHER;
}

static enum runargs_level level_of(const struct scan *scan)
{
	return scan->command ? scan->command->level : RUNARGS_GLOBAL;
}

/* Go: one or two dashes mean the same, for long and short names alike; the value is whatever
 * follows "=". */
static struct reading read_as_runc(enum runargs_level level, const char *word)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	struct span key = {name, strcspn(name, "=")};
	const char *attached = name[key.n] == '=' ? name + key.n + 1 : NULL;

	for (size_t i = 0; i < runargs_n_options; i++) {
		const struct runargs_option *option = &runargs_options[i];

		if (!(option->runc & level))
			continue;
		if (span_eq(key, span_of(option->name)) ||
		    (key.n == 1 && name[0] == option->runc_short))
			return (struct reading){option, attached};
	}
	return (struct reading){NULL, NULL};
}

/* getopt_long() also takes unambiguous beginnings; these are refused, so only whole names are known
 * here. */
static struct reading read_long_as_crun(enum runargs_level level, const char *name)
{
	struct span key = {name, strcspn(name, "=")};
	const char *attached = name[key.n] == '=' ? name + key.n + 1 : NULL;

	for (size_t i = 0; i < runargs_n_options; i++) {
		const struct runargs_option *option = &runargs_options[i];

		if ((option->crun & level) && span_eq(key, span_of(option->name)) &&
		    (option->takes_value || !attached))
			return (struct reading){option, attached};
	}
	return (struct reading){NULL, NULL};
}

/*
 * One dash, one letter, and the rest of the word is the value, a "=" included. A letter without a
 * value may have more letters behind it ("-db X"): not understood here. No long name of runc spells
 * such a row of crun's letters, so nothing that runc takes is hidden by this.
 */
static struct reading read_as_crun(enum runargs_level level, const char *word)
{
	if (word[1] == '-')
		return read_long_as_crun(level, word + 2);
	for (size_t i = 0; i < runargs_n_options; i++) {
		const struct runargs_option *option = &runargs_options[i];

		if (!(option->crun & level) || !word[1] || option->crun_short != word[1])
			continue;
		if (word[2] && !option->takes_value)
			break;
		return (struct reading){option, word[2] ? word + 2 : NULL};
	}
	return (struct reading){NULL, NULL};
}

static bool same_reading(struct reading a, struct reading b)
{
	if (a.option != b.option || !a.attached != !b.attached)
		return false;
	return !a.attached || !strcmp(a.attached, b.attached);
}

static struct reading read_as_own(const struct scan *scan, enum runargs_level level,
				  const char *word)
{
	return scan->family == RUNARGS_CRUN ? read_as_crun(level, word) : read_as_runc(level, word);
}

static void unknown_option(const struct scan *scan, const char *word)
{
	struct span shown = span_of(word);

	if (!scan->command)
		error_set(scan->err, "unknown option \"%.*s\" before the subcommand",
			  SPAN_ARG(shown));
	else if (read_as_own(scan, RUNARGS_GLOBAL, word).option)
		/* runc from urfave/cli v3 on takes it here too; every other runtime fails. */
		error_set(scan->err, "option \"%.*s\" must stand before the subcommand %s",
			  SPAN_ARG(shown), scan->command->name);
	else
		error_set(scan->err, "unknown option \"%.*s\" for %s", SPAN_ARG(shown),
			  scan->command->name);
}

/* What `word` means to the runtime behind us; no option: refused, with the error set. */
static struct reading read_option(const struct scan *scan, const char *word)
{
	static const struct reading refused;
	struct reading runc = read_as_runc(level_of(scan), word);
	struct reading crun = read_as_crun(level_of(scan), word);
	struct reading own = read_as_own(scan, level_of(scan), word);

	if (!own.option || (scan->family == RUNARGS_OTHER && !crun.option)) {
		unknown_option(scan, word);
		return refused;
	}
	if (runc.option && crun.option && !same_reading(runc, crun)) {
		error_set(scan->err,
			  "runc and crun read \"%.*s\" differently: write \"--%s VALUE\"",
			  SPAN_ARG(span_of(word)), runc.option->name);
		return refused;
	}
	return own;
}

/* What urfave/cli v3 cuts off the ends of a word (Go's unicode.IsSpace, in UTF-8). */
static const char *const spaces[] = {
	"\t",           "\n",           "\v",
	"\f",           "\r",           " ",
	"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
	"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
	"\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
	"\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
	"\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
	"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
	"\xe3\x80\x80",
};

/* The length of the white space character that `text` begins or ends with; 0: none. */
static size_t space_at(struct span text, bool end)
{
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		size_t n = strlen(spaces[i]);

		if (text.n >= n && !memcmp(text.p + (end ? text.n - n : 0), spaces[i], n))
			return n;
	}
	return 0;
}

static bool ends_in_space(const char *text)
{
	return space_at(span_of(text), true) > 0;
}

/* A subcommand that starts a container, as the most generous parser would read it. */
static bool reads_as_start(const char *text)
{
	struct span word = span_of(text);
	size_t n;

	while ((n = space_at(word, false)) > 0)
		word = span_skip(word, n);
	while ((n = space_at(word, true)) > 0)
		word.n -= n;
	for (size_t i = 0; i < runargs_n_commands; i++)
		if (span_eq(word, span_of(runargs_commands[i].name)))
			return true;
	return false;
}

/*
 * Could the command line start something, when it is not known how the runtime reads scan->word? As
 * an option of unknown name it may or may not take the next word for its value; as white space and
 * a subcommand's name it may be that subcommand. In no way does a container start without one of
 * the words that say so.
 */
static bool may_start(const struct scan *scan)
{
	for (int i = scan->word; i < scan->argc; i++)
		if (reads_as_start(scan->argv[i]))
			return true;
	return false;
}

/*
 * The value of an option, in its own word or in the next. Some urfave/cli v1 sort the words of a
 * subcommand before they parse them, and give what begins with "-" and is none of their options
 * another place.
 */
static int take_value(struct scan *scan, const struct reading *reading, const char **ret_value)
{
	const char *name = reading->option->name;
	struct span shown;

	if (reading->attached) {
		shown = span_of(reading->attached);
		if (ends_in_space(reading->attached))
			return error_set(scan->err,
					 "the value \"%.*s\" of option --%s ends in white space",
					 SPAN_ARG(shown), name);
		*ret_value = reading->attached;
		return 0;
	}
	if (scan->next >= scan->argc)
		return error_set(scan->err, "option --%s needs a value", name);
	shown = span_of(scan->argv[scan->next]);
	if (span_has_prefix(shown, SPAN("-")))
		return error_set(
			scan->err,
			"the value \"%.*s\" of option --%s begins with \"-\": write \"--%s=%.*s\"",
			SPAN_ARG(shown), name, name, SPAN_ARG(shown));
	*ret_value = scan->argv[scan->next++];
	return 0;
}

static int set_meaning(struct scan *scan, enum runargs_meaning meaning, const char *value)
{
	struct runargs *args = scan->args;

	switch (meaning) {
	case RUNARGS_BUNDLE:
		/* runc: the current directory (utils.go, setupSpec()); crun: realpath("") fails. */
		if (!value[0] && scan->family != RUNARGS_RUNC)
			return error_set(scan->err, "the value of option --bundle is empty");
		args->bundle = value[0] ? value : NULL;
		return 0;
	case RUNARGS_CONFIG:
		if (!value[0])
			return error_set(scan->err, "the value of option --config is empty");
		args->config = strcmp(value, "config.json") ? value : NULL;
		return 0;
	case RUNARGS_LOG:
		args->log = value[0] ? value : NULL;
		return 0;
	case RUNARGS_LOG_FORMAT_OPTION:
		args->log_format = strcmp(value, "json") ? RUNARGS_LOG_TEXT : RUNARGS_LOG_JSON;
		return 0;
	case RUNARGS_SHOWS:
	case RUNARGS_ANY:
		return 0;
	}
	return 0;
}

static int take_option(struct scan *scan, const char *word)
{
	struct reading reading = read_option(scan, word);
	const char *value = NULL;

	if (!reading.option)
		return -1;
	if (reading.option->takes_value)
		return take_value(scan, &reading, &value) ||
				       set_meaning(scan, reading.option->meaning, value)
			       ? -1
			       : 0;
	if (reading.option->meaning != RUNARGS_SHOWS)
		return 0;
	/* "--help=false" takes an earlier --help back. */
	if (reading.attached)
		return error_set(scan->err, "option --%s takes no value", reading.option->name);
	scan->shows = true;
	return 0;
}

/* What every parser takes for the first argument, whatever it makes of it then. */
static bool is_plain(const char *word)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

	return word[0] != '\0' && word[0] != '-' && word[strspn(word, allowed)] == '\0';
}

/* Create, run or restore; any other is the runtime's own business. */
static int take_command(struct scan *scan, const char *word)
{
	for (size_t i = 0; i < runargs_n_commands; i++) {
		const struct runargs_command *command = &runargs_commands[i];

		if (strcmp(word, command->name))
			continue;
		scan->args->command = word;
		scan->command = command;
		return 0;
	}
	if (!is_plain(word))
		return error_set(scan->err, "unknown subcommand \"%.*s\"", SPAN_ARG(span_of(word)));
	scan->args->command = word;
	scan->passes = true;
	return 0;
}

/*
 * The characters are those that runc and, from 1.29 on, crun allow. They also keep out words that
 * urfave/cli v3 would cut white space off before it looks whether they are options.
 */
static int take_id(struct scan *scan, const char *word)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
	struct span shown = {word, strlen(word)};

	if (scan->args->id)
		return error_set(scan->err, "too many arguments for %s: \"%.*s\"",
				 scan->command->name, SPAN_ARG(shown));
	if (!word[0] || word[0] == '-' || word[strspn(word, allowed)])
		return error_set(scan->err, "\"%.*s\" is no container id", SPAN_ARG(shown));
	scan->args->id = word;
	return 0;
}

/* The words before the subcommand, and it. */
static int scan_global(struct scan *scan)
{
	bool options_ended = false;

	while (!scan->command && !scan->passes && scan->next < scan->argc) {
		const char *word = scan->argv[scan->next];

		scan->word = scan->next++;
		if (!options_ended && !strcmp(word, "--"))
			options_ended = true;
		else if (options_ended || word[0] != '-' ? take_command(scan, word)
							 : take_option(scan, word))
			return -1;
	}
	if (!scan->shows)
		return 0;
	/* The runtime prints and ends, whatever follows; of another one who knows what -v means. */
	if (scan->command && scan->family == RUNARGS_OTHER)
		return error_set(scan->err, "help or version is asked for before %s",
				 scan->command->name);
	scan->passes = true;
	return 0;
}

/* The words after create, run or restore. */
static int scan_local(struct scan *scan)
{
	bool options_ended = false;

	while (scan->next < scan->argc) {
		const char *word = scan->argv[scan->next++];
		int r;

		if (options_ended || word[0] != '-') {
			r = take_id(scan, word);
			/*
			 * argp stops at the first argument, and crun counts what is left as
			 * arguments. Its restore lets one such word pass unread, where runc would
			 * find an option.
			 */
			if (scan->family != RUNARGS_RUNC ||
			    scan->command->level == RUNARGS_AT_RESTORE)
				options_ended = true;
		} else if (!strcmp(word, "--") && !scan->args->id) {
			options_ended = true;
			r = 0;
		} else {
			r = take_option(scan, word);
		}
		if (r)
			return -1;
	}
	if (!scan->args->id && !scan->shows)
		return error_set(scan->err, "%s needs a container id", scan->command->name);
	return 0;
}

int runargs_parse(enum runargs_family family, int argc, char *const argv[],
		  struct runargs *ret_args, struct error *err)
{
	struct scan scan = {.family = family,
			    .argc = argc,
			    .argv = argv,
			    .next = 1,
			    .args = ret_args,
			    .err = err};

	*ret_args = (struct runargs){.kind = RUNARGS_PASS, .log_format = RUNARGS_LOG_TEXT};
	if (scan_global(&scan))
		return may_start(&scan) ? -1 : 0;
	if (scan.passes || !scan.command)
		return 0;
	if (scan_local(&scan))
		return -1;
	if (scan.shows)
		ret_args->id = ret_args->bundle = ret_args->config = NULL;
	else
		ret_args->kind = RUNARGS_CREATE;
	return 0;
}
