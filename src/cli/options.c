/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/jsonout.h"
#include "base/suggest.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

/* What "-" is as a value. */
enum dash {
	DASH_WORD,    /* a word like any other */
	DASH_INPUT,   /* standard input, which can be named once */
	DASH_OUTPUT,  /* standard output */
	DASH_REFUSED, /* neither, as `why` says */
};

static const struct {
	const char *name;
	const char *value; /* what stands for its value in the help; NULL: it takes none */
	const char *help;  /* NULL: each command has its own */
	enum dash dash;
	const char *why;
} table[CLI_OPTIONS] = {
	[CLI_POLICY] = {"policy", "FILE",
			"the policy, or a directory with policy.json and policy.d\n"
			"[" SYSCONFDIR "/seccomp-guard]",
			DASH_REFUSED, CLI_POLICY_NO_DASH},
	[CLI_DRY_RUN] = {"dry-run", NULL, "only tell what would be done"},
	[CLI_FLAVOR] = {"flavor", "FLAVOR",
			"whose RuntimeDefault: moby (Docker), containerd,\n"
			"containers (Podman), crio [moby]"},
	[CLI_ARCH] = {"arch", "ARCH", "as uname -m prints it [this machine's]"},
	[CLI_CAPS] = {"caps", "CAPS",
		      "default, none, all or a list: SYS_ADMIN,NET_ADMIN\n"
		      "[default]"},
	[CLI_KERNEL] = {"kernel", "VERSION", "such as 6.1 [this machine's]"},
	[CLI_RUNTIME] = {"runtime", "NAME", "with what runc or crun add and leave out"},
	[CLI_COMPLAIN] = {"complain", NULL,
			  "every denial is logged instead, but ENOSYS by a rule\n(clone3)"},
	[CLI_TIGHTEN] = {"tighten", "LIST",
			 "lay restrictions over it: af-alg,af-vsock,userns,io-uring,\n"
			 "keyctl,bpf,ptrace,foreign-abi"},
	[CLI_FORMAT] = {"format", "FORMAT",
			"oci; moby: Docker's, with conditions on the container;\n"
			"names: the calls that are let through, for some\n"
			"arguments at least; table: a line for each call of each\n"
			"rule [oci]"},
	[CLI_ALLOW] = {"allow", "CALLS",
		       "let these calls through, whatever their arguments:\n"
		       "get_mempolicy,set_mempolicy"},
	[CLI_DENY] = {"deny", "CALLS", "let these calls through no more"},
	[CLI_BASE] = {"base", "PROFILE",
		      "what to begin with: runtime/default, a profile file, or a\n"
		      "bundle with one [runtime/default]",
		      DASH_INPUT, NULL},
	[CLI_CONTAINER] = {"container", "NAME",
			   "only what was denied to this one: its name,\n"
			   "namespace/pod/name, pod, namespace/pod, or identifier"},
	[CLI_LIST] = {"list", NULL, "print the flavors, their dates and sources"},
	[CLI_ALL] = {"all", NULL, NULL},
	[CLI_HOOK] = {"hook", NULL,
		      "OCI hooks, rather than the runtime (not for docker, k3s,\n"
		      "rke2)"},
	[CLI_NRI] = {"nri", NULL, "our plugin, rather than the runtime (containerd, crio)"},
	[CLI_FAIL_OPEN] = {"fail-open", NULL,
			   "with --nri: the engine goes on while the plugin is away,\n"
			   "and what starts then is not confined"},
	[CLI_NO_DEFAULT] = {"no-default", NULL, "only what names the runtime goes through it"},
	[CLI_RESTART] = {"restart", NULL, "then make the engine read its configuration"},
	[CLI_ROOT] = {"root", "DIR", "the system below this directory, with its own tools",
		      DASH_REFUSED, "it is a directory"},
	[CLI_WHEN_UNUSED] = {"when-unused", NULL,
			     "take away the rest, if no container names the runtime"},
	[CLI_PROFILE] = {"profile", "PROFILE", NULL, DASH_INPUT, NULL},
	[CLI_SINCE] = {"since", "TIME", NULL},
	[CLI_UNCONFINED] = {"unconfined", NULL, "only those in which something has no filter"},
	[CLI_FOLLOW] = {"follow", NULL, NULL},
	[CLI_METRICS] = {"metrics", "FILE", NULL, DASH_REFUSED,
			 "it is a file that is replaced, and standard output has the denials"},
	[CLI_KICS] = {"kics", NULL, NULL},
	[CLI_FIX] = {"fix", NULL, "print what mends files, as a unified diff"},
	[CLI_SARIF] = {"sarif", NULL, "print one document of SARIF 2.1.0"},
	[CLI_DEEP] = {"deep", NULL, NULL},
	[CLI_HTML] = {"html", "FILE", "write a page for a browser instead; - is standard output",
		      DASH_OUTPUT, NULL},
	[CLI_NAMESPACE] = {"namespace", "NAME", "every container of this namespace"},
	[CLI_NO_NEW_PRIVS] = {"no-new-privs", NULL,
			      "set no_new_privs where a process could load no filter\n"
			      "else: setuid programs that it starts gain nothing then"},
	[CLI_OR_KILL] = {"or-kill", NULL, "kill processes that cannot be confined"},
	[CLI_FREEZE] = {"freeze", NULL,
			"freeze each container for a moment at once; else only\n"
			"where processes are born too fast"},
	[CLI_PERSIST] = {"persist", NULL,
			 "with --tighten: write it into the policy, for their next\n"
			 "start"},
	[CLI_YES] = {"yes", NULL, "do not ask"},
	[CLI_DENIALS] = {"denials", "LOG",
			 "with --html: what \"seccomp-guard denials\" tells of this log",
			 DASH_INPUT, NULL},
	[CLI_JSON] = {"json", NULL, NULL},
	[CLI_HELP] = {"help", NULL, "show this text"},
	[CLI_VERSION] = {"version", NULL, "show the version"},
};

/* What getopt_long() calls an option is not a character. */
#define FIRST_VALUE 256

/* ---- errors ---- */

/* `kind`: "error" or "warning". */
static void tell(const struct cli_args *args, const char *kind, const char *format, va_list list)
{
	char message[JSONOUT_MAX_STRING], shown[4 * JSONOUT_MAX_STRING];
	struct jsonout out;

	vsnprintf(message, sizeof(message), format, list);
	/* In the order in which things happen, where both go to one place. */
	fflush(stdout);
	if (!args->json) {
		fprintf(stderr, "seccomp-guard: %s%s\n",
			strcmp(kind, "error") == 0 ? "" : "warning: ",
			text_printable(span_of(message), shown, sizeof(shown)));
		return;
	}
	jsonout_begin(&out, shown, sizeof(shown));
	jsonout_string(&out, kind, span_of(message));
	if (args->command != NULL)
		jsonout_string(&out, "command", span_of(args->command->name));
	jsonout_end(&out);
	fprintf(stderr, "%s\n", out.p);
}

int cli_error(const struct cli_args *args, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	tell(args, "error", format, list);
	va_end(list);
	return CLI_ERROR;
}

void cli_warn(const struct cli_args *args, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	tell(args, "warning", format, list);
	va_end(list);
}

/* A mistake in the command line: whose, and where to read more, unless the message asks "did you
 * mean". */
static int usage_error(const struct cli_args *args, const struct error *err)
{
	const char *name = args->command != NULL ? args->command->name : "";
	const char *colon = name[0] != '\0' ? ": " : "", *space = name[0] != '\0' ? " " : "";

	if (err->text[strlen(err->text) - 1] == '?')
		return cli_error(args, "%s%s%s", name, colon, err->text);
	return cli_error(args, "%s%s%s; try seccomp-guard %s%s--help", name, colon, err->text, name,
			 space);
}

/* ---- help ---- */

/* Lines of text, the first where the cursor is and the others indented to the same column. */
static void print_lines(const char *text, int column)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		printf("%.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
		if (*text != '\0')
			printf("%*s", column, "");
	}
}

/* "--policy FILE" */
static const char *option_words(enum cli_option option, char out[40])
{
	snprintf(out, 40, "%s--%s%s%s", option == CLI_HELP ? "-h, " : "", table[option].name,
		 table[option].value != NULL ? " " : "",
		 table[option].value != NULL ? table[option].value : "");
	return out;
}

static void print_option(enum cli_option option, const char *help, int width)
{
	char words[40];

	printf("  %-*s  ", width, option_words(option, words));
	print_lines(help != NULL ? help : table[option].help, width + 4);
}

static void print_help(const struct cli_command *command)
{
	char words[40];
	int width = (int)strlen(option_words(CLI_HELP, words));

	for (size_t i = 0; i < command->n_uses; i++) {
		int n = (int)strlen(option_words(command->uses[i].option, words));

		width = n > width ? n : width;
	}
	printf("Usage: seccomp-guard %s [OPTION...]%s%s\n\n%s\nOptions:\n", command->name,
	       command->arguments[0] != '\0' ? " " : "", command->arguments, command->about);
	for (size_t i = 0; i < command->n_uses; i++)
		print_option(command->uses[i].option, command->uses[i].help, width);
	print_option(CLI_JSON, command->json, width);
	print_option(CLI_HELP, NULL, width);
	print_option(CLI_VERSION, NULL, width);
	printf("\nExit status: ");
	print_lines(command->exit_status, 2);
}

struct commands {
	const struct cli_command *const *command;
	size_t n;
};

/* All commands, or those whose names begin with the word `group`. */
static void print_list(FILE *to, const struct commands *commands, const char *group)
{
	size_t n = strlen(group);

	fprintf(to, "Usage: seccomp-guard %s%sCOMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
		group, n > 0 ? " " : "");
	for (size_t i = 0; i < commands->n; i++) {
		const struct cli_command *c = commands->command[i];

		if (strncmp(c->name, group, n) == 0)
			fprintf(to, "  %-*s  %s\n", n > 0 ? 7 : 14, c->name + n + (n > 0),
				c->summary);
	}
	fprintf(to,
		"\nEvery command takes --help, --version, and --json for output and errors in\n"
		"JSON. \"seccomp-guard help %s%sCOMMAND\" tells more about a command.\n",
		n > 0 ? group : "", n > 0 ? " " : "");
}

static int print_version(void)
{
	printf("seccomp-guard %s\n", PACKAGE_VERSION);
	return CLI_OK;
}

/* ---- options ---- */

static struct option long_option(enum cli_option option)
{
	return (struct option){table[option].name,
			       table[option].value != NULL ? required_argument : no_argument, NULL,
			       FIRST_VALUE + (int)option};
}

/* The argument that getopt_long() has just complained about. */
static const char *culprit(int argc, char **argv)
{
	bool in_cluster = optind < argc && optopt > 0 && optopt < FIRST_VALUE &&
			  argv[optind][0] == '-' && argv[optind][1] == optopt;

	return in_cluster ? argv[optind] : argv[optind - 1];
}

static int option_error(const struct cli_args *args, int c, const char *word,
			const struct option *options)
{
	size_t dashes = strspn(word, "-");
	struct suggestion near = suggest((struct span){word + dashes, strcspn(word + dashes, "=")});
	char shown[40];
	struct error err;

	if (c == ':') {
		error_set(&err, "option \"%s\" needs a value", word);
		return usage_error(args, &err);
	}
	if (optopt >= FIRST_VALUE) {
		error_set(&err, "option \"--%s\" takes no value", table[optopt - FIRST_VALUE].name);
		return usage_error(args, &err);
	}
	for (; options->name != NULL; options++)
		suggest_try(&near, span_of(options->name));
	error_set(&err, "unknown option \"%.100s\"", word);
	if (near.name.p != NULL) {
		snprintf(shown, sizeof(shown), "--%.*s", SPAN_ARG(near.name));
		near.name = span_of(shown);
		error_suggest(&err, &near);
	}
	return usage_error(args, &err);
}

/* ---- standard input and output ---- */

static bool is_dash(const char *word)
{
	return word != NULL && strcmp(word, "-") == 0;
}

/* "-" has one meaning for all commands, or none. Returns -1 to go on, else the exit status. */
static int check_dashes(const struct cli_args *args)
{
	const struct cli_command *c = args->command;
	size_t inputs = 0;
	struct error err;

	for (enum cli_option o = 0; o < CLI_OPTIONS; o++) {
		if (!is_dash(args->value[o]))
			continue;
		if (table[o].dash == DASH_REFUSED) {
			error_set(&err, "--%s cannot be \"-\": %s (what is called so is ./-)",
				  table[o].name, table[o].why);
			return usage_error(args, &err);
		}
		inputs += table[o].dash == DASH_INPUT;
	}
	for (size_t i = 0; i < args->n; i++) {
		if (is_dash(args->argument[i]) && c->no_dash != NULL) {
			error_set(&err, "\"-\" is not read: %s (what is called so is ./-)",
				  c->no_dash);
			return usage_error(args, &err);
		}
		inputs += is_dash(args->argument[i]) && i < c->files;
	}
	if (inputs < 2)
		return -1;
	error_set(&err, "standard input, \"-\", can be read once");
	return usage_error(args, &err);
}

/* What is looked for below a directory that is not there is not there either: no engine, no
 * container, all well. */
static int check_root(const struct cli_args *args)
{
	const char *root = args->value[CLI_ROOT];
	struct stat st;

	if (root == NULL || (stat(root, &st) == 0 && S_ISDIR(st.st_mode)))
		return -1;
	return cli_error(args, "%s: --root %s: there is no such directory", args->command->name,
			 root);
}

/* ---- a command line ---- */

/* Read what is behind the command's name, argv[0]. Returns -1 to go on, else the exit status. */
static int read_options(struct cli_args *args, int argc, char **argv)
{
	const struct cli_command *command = args->command;
	struct option options[CLI_OPTIONS + 1] = {{NULL, 0, NULL, 0}};
	size_t n = 0;
	int c;

	for (size_t i = 0; i < command->n_uses; i++)
		options[n++] = long_option(command->uses[i].option);
	for (enum cli_option o = CLI_JSON; o < CLI_OPTIONS; o++)
		options[n++] = long_option(o);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return option_error(args, c, culprit(argc, argv), options);
		if (c == FIRST_VALUE + CLI_VERSION)
			return print_version();
		if (c == 'h' || c == FIRST_VALUE + CLI_HELP) {
			print_help(command);
			return CLI_OK;
		}
		args->value[c - FIRST_VALUE] = optarg != NULL ? optarg : "";
	}
	args->n = (size_t)(argc - optind);
	args->argument = argv + optind;
	c = check_dashes(args);
	return c >= 0 ? c : check_root(args);
}

/* ---- commands ---- */

/* With how many of its words the command line names this command; 0: it does not. */
static int names(const struct cli_command *command, int argc, char **argv)
{
	const char *name = command->name;
	int i = 0;

	while (i < argc) {
		size_t n = strcspn(name, " ");

		if (strlen(argv[i]) != n || strncmp(argv[i], name, n) != 0)
			return 0;
		i++;
		if (name[n] == '\0')
			return i;
		name += n + 1;
	}
	return 0;
}

static const struct cli_command *find(const struct commands *commands, int argc, char **argv,
				      int *ret_words)
{
	for (size_t i = 0; i < commands->n; i++) {
		*ret_words = names(commands->command[i], argc, argv);
		if (*ret_words > 0)
			return commands->command[i];
	}
	return NULL;
}

static bool is_group(const struct commands *commands, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < commands->n; i++)
		if (strncmp(commands->command[i]->name, word, n) == 0 &&
		    commands->command[i]->name[n] == ' ')
			return true;
	return false;
}

static bool is_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* No command: what the first word, or the first two, may have been meant for. */
static int unknown_command(const struct cli_args *args, const struct commands *commands, int argc,
			   char **argv)
{
	char words[128];
	bool two = argc > 1 && argv[1][0] != '-';
	struct suggestion near;
	struct error err;

	snprintf(words, sizeof(words), "%s%s%s", argv[0], two ? " " : "", two ? argv[1] : "");
	near = suggest(span_of(words));
	for (size_t i = 0; i < commands->n; i++)
		suggest_try(&near, span_of(commands->command[i]->name));
	/* The second word is the argument of a command whose name has one. */
	if (near.name.p == NULL && !is_group(commands, argv[0])) {
		near = suggest(span_of(argv[0]));
		for (size_t i = 0; i < commands->n; i++) {
			const char *name = commands->command[i]->name;

			suggest_try(&near, (struct span){name, strcspn(name, " ")});
		}
	}
	error_set(&err, "unknown command \"%.100s\"",
		  is_group(commands, argv[0]) ? words : argv[0]);
	error_suggest(&err, &near);
	return usage_error(args, &err);
}

/* An option where a command is expected. */
static int early_option(const struct cli_args *args, const char *word)
{
	size_t dashes = strspn(word, "-"), n = strcspn(word + dashes, "=");
	struct error err;

	for (size_t i = 0; i < CLI_OPTIONS; i++) {
		if (!span_eq((struct span){word + dashes, n}, span_of(table[i].name)))
			continue;
		error_set(&err, "say the command first, and \"%.100s\" behind it", word);
		return usage_error(args, &err);
	}
	error_set(&err, "unknown option \"%.100s\"", word);
	return usage_error(args, &err);
}

/* `words` name no command by themselves: a group, a question for help or the version, or a
 * mistake. */
static int without_command(const struct cli_args *args, const struct commands *commands, int argc,
			   char **argv)
{
	const struct cli_command *command;
	int words;

	if (argc == 0) {
		print_list(stderr, commands, "");
		return CLI_ERROR;
	}
	if (strcmp(argv[0], "--version") == 0)
		return print_version();
	if (is_help(argv[0]) && argc > 1) {
		command = find(commands, argc - 1, argv + 1, &words);
		if (command != NULL) {
			print_help(command);
			return CLI_OK;
		}
		if (argv[1][0] != '-' && (!is_group(commands, argv[1]) || argc > 2))
			return unknown_command(args, commands, argc - 1, argv + 1);
	}
	if (is_help(argv[0])) {
		print_list(stdout, commands, argc > 1 && argv[1][0] != '-' ? argv[1] : "");
		return CLI_OK;
	}
	if (argv[0][0] == '-')
		return early_option(args, argv[0]);
	if (!is_group(commands, argv[0]) || (argc > 1 && argv[1][0] != '-' && !is_help(argv[1])))
		return unknown_command(args, commands, argc, argv);
	if (argc == 1) {
		print_list(stderr, commands, argv[0]);
		return CLI_ERROR;
	}
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	if (!is_help(argv[1]))
		return early_option(args, argv[1]);
	print_list(stdout, commands, argv[0]);
	return CLI_OK;
}

/* Errors in the options are told as --json wants it, too, wherever it stands. */
static bool has_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static int run(struct cli_args *args, int argc, char **argv)
{
	const struct cli_command *command = args->command;
	int status = read_options(args, argc, argv);
	struct error err;

	if (status >= 0)
		return status;
	args->json = args->value[CLI_JSON] != NULL;
	/* A file of that name is ./help. */
	if (args->n == 1 && strcmp(args->argument[0], "help") == 0) {
		print_help(command);
		return CLI_OK;
	}
	if (args->n >= command->min_arguments && args->n <= command->max_arguments)
		return command->run(args);
	error_set(&err, "%s", command->takes);
	return usage_error(args, &err);
}

int cli_main(const struct cli_command *const *list, size_t n, int argc, char **argv)
{
	const struct commands commands = {list, n};
	struct cli_args args = {.json = has_json(argc, argv)};
	int words = 0, status;

	args.command = argc > 1 ? find(&commands, argc - 1, argv + 1, &words) : NULL;
	status = args.command != NULL
			 ? run(&args, argc - words, argv + words)
			 : without_command(&args, &commands, argc > 1 ? argc - 1 : 0, argv + 1);
	if (fflush(stdout) == EOF || ferror(stdout))
		return cli_error(&args, "cannot write to standard output");
	return status;
}

int cli_each_argument(const struct cli_args *args, int (*one)(void *ctx, const char *argument),
		      void *ctx)
{
	int worst = CLI_OK;

	for (size_t i = 0; i < args->n; i++) {
		int status = one(ctx, args->argument[i]);

		worst = status > worst ? status : worst;
	}
	return worst;
}
