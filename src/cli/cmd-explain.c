/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard explain: what a profile says to one system call, and the rule that says it. */
#include "cli/allows.h"

#include "semantics/auditline.h"
#include "base/jsonout.h"
#include "filter/filter.h"
#include "oci/seccomp-rule.h"
#include "semantics/argname.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct explain {
	const struct cli_args *args;
	enum abi own; /* --arch, or the host's */
	enum abi abi; /* of the call */
	struct profile_target target;
	struct enforce_memory memory;
	struct cli_source source;
	/* Of the call that is being explained. */
	struct argspace space[OCI_MAX_ARGS];
	int64_t number;
	const char *call; /* its name, or "" */
	size_t n_leaves;  /* counted first */
	size_t leaf;      /* which one is told, from 1 */
	bool counting;
	struct allows_finder finder;
	struct allows allows;  /* what would let it through */
	bool nothing;          /* no line of the log was about system calls */
	struct auditline line; /* that it comes from; form AUDITLINE_NONE: from none */
};

/* ---- printing ---- */

/* Of a rule in a profile file, from 1; 0: it is of something else. */
static size_t line_of(const struct explain *e, const struct model_answer *answer)
{
	size_t line, column;

	if (answer->source != MODEL_BY_RULE || e->source.is_flavor || e->source.is_config ||
	    answer->rule->written->pos >= e->source.text.n)
		return 0;
	text_position(e->source.text, answer->rule->written->pos, &line, &column);
	return line;
}

static void print_source(const struct explain *e, const struct model_answer *answer)
{
	size_t line = line_of(e, answer);
	char name[256];

	text_printable(span_of(e->source.name), name, sizeof(name));
	switch (answer->source) {
	case MODEL_BY_RULE:
		printf("by syscalls[%zu] of %s", answer->rule->written->index, name);
		/* What a program wrote is one line, and that says nothing. */
		if (line > 1)
			printf(", line %zu", line);
		break;
	case MODEL_BY_STUB:
		printf("by runc itself: the call is newer than any that %s names", name);
		break;
	case MODEL_BY_ABI:
		printf("by the kernel's filter: %s does not list this architecture", name);
		break;
	default:
		printf(e->source.profile.empty ? "as there is no profile in %s"
					       : "by the default action of %s",
		       name);
	}
	if (answer->doubtful)
		printf(" (in doubt: of these rules together libseccomp may make something else)");
	else if (answer->contested)
		printf(" (another rule holds too and says otherwise: libseccomp decides)");
}

/* A line of the log says what the profile would not do. */
static bool is_anothers(const struct explain *e)
{
	enum oci_action did = auditline_action(e->line.code);

	return e->line.has_code && did != OCI_ACT_ALLOW && !e->allows.unknown_here &&
	       !(did == OCI_ACT_LOG && e->allows.complains) &&
	       allows_by_another(&e->allows, &e->line);
}

/* What is to be said of the call as a whole, each behind `before`. */
static void print_remarks(const struct explain *e, const char *before)
{
	char caps[ALLOWS_CAPS_SIZE], version[FILTER_VERSION_SIZE];
	enum oci_action did = auditline_action(e->line.code);

	if (e->allows.unknown_here)
		printf("%slibseccomp %s does not know the name, so runtimes leave rules on it out: "
		       "ENOSYS under runc, the default action under crun",
		       before, filter_library_version(version));
	else if (is_anothers(e))
		printf("%s%s: by another profile, or by a filter of the program's own", before,
		       e->allows.verdict != ALLOWS_ALL ? "the kernel did something else"
		       : did == OCI_ACT_LOG            ? "the kernel logged it all the same"
						       : "the kernel denied it all the same");
	if (e->allows.caps != 0)
		printf("%sALLOW with %s", before, allows_caps_text(e->allows.caps, " or ", caps));
}

static void print_text(const struct explain *e, const struct model_leaf *leaf,
		       const struct cli_region *region)
{
	char text[CLI_VERDICT_SIZE];
	bool same = model_verdict_eq(leaf->answer[0].verdict, leaf->answer[1].verdict);

	bool last = e->n_leaves > 1 && e->leaf == e->n_leaves;

	for (size_t i = 0; i < region->n && !last; i++)
		printf("%s%s", i == 0 ? "  " : ", ", region->part[i]);
	printf(last ? "  otherwise: " : region->n > 0 ? ": " : " ");
	for (int i = 0; i < (same ? 1 : 2); i++) {
		printf("%s%s%s, ", i > 0 ? "; " : "",
		       cli_verdict_text(leaf->answer[i].verdict, text),
		       same     ? ""
		       : i == 0 ? " under runc"
				: " under crun");
		print_source(e, &leaf->answer[i]);
	}
	if (e->n_leaves == 1)
		print_remarks(e, "; ");
	printf("\n");
}

/* Who made the call, as far as a line of the log says it. */
static void json_line(const struct explain *e, struct jsonout *out)
{
	const struct auditline *line = &e->line;
	char name[256];

	if (line->form == AUDITLINE_NONE)
		return;
	if (line->has_code)
		jsonout_string(out, "kernel",
			       span_of(oci_action_name(auditline_action(line->code))));
	if (line->pid >= 0)
		jsonout_uint(out, "pid", (uint64_t)line->pid);
	if (line->comm.n > 0)
		jsonout_string(out, "comm",
			       span_of(auditline_name(line, line->comm, name, sizeof(name))));
	if (line->exe.n > 0)
		jsonout_string(out, "exe",
			       span_of(auditline_name(line, line->exe, name, sizeof(name))));
	if (line->ms > 0)
		jsonout_uint(out, "time_ms", line->ms);
}

static void print_json(const struct explain *e, const struct model_leaf *leaf, int which,
		       const char *runtime, const struct cli_region *region)
{
	static const char *const by[] = {"rule", "default", "runc", "architecture"};
	const struct model_answer *answer = &leaf->answer[which];
	char buffer[8192], when[CLI_REGION_MAX * 68] = "", caps[ALLOWS_CAPS_SIZE];
	struct jsonout out;
	size_t used = 0;

	for (size_t i = 0; i < region->n; i++)
		used += (size_t)snprintf(when + used, sizeof(when) - used, "%s%s",
					 i > 0 ? ", " : "", region->part[i]);
	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "arch", span_of(abi_infos[e->abi].name));
	jsonout_string(&out, "syscall", span_of(e->call));
	jsonout_uint(&out, "number", (uint64_t)e->number);
	jsonout_string(&out, "when", span_of(when));
	if (runtime != NULL)
		jsonout_string(&out, "runtime", span_of(runtime));
	jsonout_string(&out, "action", span_of(oci_action_name(answer->verdict.action)));
	if (oci_action_takes_errno(answer->verdict.action))
		jsonout_uint(&out, "errnoRet", answer->verdict.number);
	jsonout_string(&out, "by", span_of(by[answer->source]));
	if (answer->rule != NULL)
		jsonout_uint(&out, "rule", answer->rule->written->index);
	if (line_of(e, answer) > 0)
		jsonout_uint(&out, "line", line_of(e, answer));
	if (answer->contested)
		jsonout_bool(&out, "contested", true);
	if (answer->doubtful)
		jsonout_bool(&out, "doubtful", true);
	if (e->allows.caps != 0 && !oci_action_permits(answer->verdict.action))
		jsonout_words(&out, "capabilities",
			      span_of(allows_caps_text(e->allows.caps, " ", caps)));
	if (e->allows.unknown_here)
		jsonout_bool(&out, "unknown_to_libseccomp", true);
	if (is_anothers(e))
		jsonout_bool(&out, "other_filter", true);
	json_line(e, &out);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static bool visit(void *ctx, const struct model_leaf *leaf)
{
	struct explain *e = ctx;
	bool same = model_verdict_eq(leaf->answer[0].verdict, leaf->answer[1].verdict);
	struct argspace open[OCI_MAX_ARGS];
	struct cli_region region;

	if (e->counting) {
		e->n_leaves++;
		return true;
	}
	e->leaf++;
	/* What was given on the command line need not be said again. */
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		open[i] = e->space[i].low == e->space[i].high
				  ? argspace_all(abi_infos[e->abi].narrow)
				  : leaf->space[i];
	cli_region_text(open, e->abi, &region);
	if (!e->args->json)
		print_text(e, leaf, &region);
	else if (same)
		print_json(e, leaf, 0, NULL, &region);
	for (int i = 0; i < 2 && e->args->json && !same; i++)
		print_json(e, leaf, i, i == 0 ? "runc" : "crun", &region);
	return true;
}

/* ---- one call ---- */

/* The host that makes this ABI's calls; the one asked for, if it lists the ABI. */
static enum abi native_of(enum abi abi)
{
	enum abi native = abi;

	abi_of_arch(abi_infos[abi].native, &native);
	return native;
}

static int explain(struct explain *e, struct error *err)
{
	struct allows_call whole = {.abi = e->abi, .number = e->number};
	struct enforce_memory at_start;
	struct model *models;
	struct cli_abi abi = {.abi = e->abi, .native = native_of(e->abi)};
	struct model_walk walk = {.number = e->number, .space = e->space, .visit = visit, .ctx = e};
	int call = abi_call(e->abi, e->number), r = -1;
	struct span name = call < 0 ? (struct span){0} : syscall_name(call);
	char shown[64];

	for (unsigned int i = 0; i < OCI_MAX_ARGS; i++) {
		whole.args[i] = e->space[i].low;
		whole.has_args |= (e->space[i].low == e->space[i].high) << i;
	}
	/* What it remembers stays in the memory. */
	if (allows_find(&e->finder, &whole, &e->allows, err) < 0)
		return -1;
	at_start = e->memory;
	models = arena_alloc(&e->memory.keep, 2 * sizeof(*models));
	e->target.arch = abi_infos[e->abi].native;
	snprintf(shown, sizeof(shown), "%.*s", SPAN_ARG(name));
	e->call = shown;
	for (int i = 0; i < 2 && models != NULL; i++) {
		abi.runtime = i == 0 ? MODEL_RUNC : MODEL_CRUN;
		if (i == 0 && cli_source_resolve(&e->source, &e->target, &e->memory, err) < 0)
			return -1;
		if (cli_source_model(&e->source, &abi, &e->memory.keep, &models[i], err) < 0)
			return -1;
		walk.models[i] = &models[i];
	}
	if (models == NULL)
		return error_set(err, "out of memory");
	e->n_leaves = e->leaf = 0;
	e->counting = true;
	if (model_walk(&walk, err) == 0) {
		e->counting = false;
		if (!e->args->json)
			printf("%s %s%s%" PRId64 "%s:%s", abi_infos[e->abi].name, shown,
			       name.n > 0 ? " (" : "", e->number, name.n > 0 ? ")" : "",
			       e->n_leaves > 1 ? "\n" : "");
		r = model_walk(&walk, err);
		if (!e->args->json && e->n_leaves > 1) {
			print_remarks(e, "  ");
			if (e->allows.unknown_here || e->allows.caps != 0 || is_anothers(e))
				printf("\n");
		}
	}
	e->memory = at_start;
	return r;
}

/* ---- what the command line says ---- */

static int read_number(const char *text, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(text, &end, 0);
	return *text == '\0' || *end != '\0' || errno != 0 ? -1 : 0;
}

static int set_call(struct explain *e, const char *text, struct error *err)
{
	uint64_t number;
	int call;

	text = syscall_bare(span_of(text)).p;
	if (read_number(text, &number) == 0) {
		if (number > UINT32_MAX)
			return error_set(err, "system call numbers have 32 bits: %s", text);
		e->number = (int64_t)number;
		if (e->abi == ABI_X86_64 && (number & 0x40000000) != 0)
			e->abi = ABI_X32;
		return 0;
	}
	call = syscall_index(span_of(text));
	if (call < 0)
		return syscall_unknown(span_of(text), err);
	e->number = abi_number(e->abi, call);
	if (e->number < 0)
		return error_set(err, "there is no %s on %s", text, abi_infos[e->abi].name);
	return 0;
}

static void set_argument(struct explain *e, size_t i, uint64_t value)
{
	if (abi_infos[e->abi].narrow)
		value &= UINT32_MAX;
	e->space[i].low = e->space[i].high = value;
}

static int set_arguments(struct explain *e, char **args, int n, struct error *err)
{
	if (n > OCI_MAX_ARGS)
		return error_set(err, "a system call has six arguments");
	for (int i = 0; i < n; i++) {
		uint64_t value;

		/* A shell may take "?" for a file of one letter. */
		if (strcmp(args[i], "?") == 0 || strcmp(args[i], "-") == 0)
			continue;
		if (read_number(args[i], &value) < 0 && !argname_value(span_of(args[i]), &value))
			return error_set(
				err,
				"argument %d is neither a number nor a name that is known, "
				"such as AF_ALG and \"CLONE_NEWUSER|SIGCHLD\": \"%.60s\"",
				i, args[i]);
		set_argument(e, (size_t)i, value);
	}
	return 0;
}

static void open_arguments(struct explain *e)
{
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		e->space[i] = argspace_all(abi_infos[e->abi].narrow);
}

/* What the line says, in front of what the profile says. */
static void print_who(const struct auditline *line)
{
	char name[256];

	if (line->has_code)
		printf("the kernel did %s: ",
		       oci_action_name(auditline_action(line->code)) + strlen("SCMP_ACT_"));
	if (line->pid >= 0 && line->exe.n > 0)
		printf("%s (%" PRId64 "): ", auditline_name(line, line->exe, name, sizeof(name)),
		       line->pid);
}

static int explain_line(struct explain *e, struct span text, struct error *err)
{
	struct auditline line;

	if (auditline_read(text, e->own, &line, err) < 0)
		return -1;
	e->line = line;
	e->abi = line.abi;
	e->number = line.number;
	open_arguments(e);
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		if ((line.has_args >> i & 1) != 0)
			set_argument(e, i, line.args[i]);
	if (!e->args->json)
		print_who(&line);
	return explain(e, err);
}

/* Each line of the log that is about seccomp; others pass unread. One that cannot be explained (the
 * kernel cuts long ones) is told, and does not end the rest. */
static int explain_log(struct explain *e, struct error *err)
{
	const struct enforce_memory at_start = e->memory;
	static char buffer[CLI_LINE_SIZE];
	const struct cli_lines lines = {stdin, buffer, sizeof(buffer)};
	size_t failed = 0, number = 0, known = 0;
	struct span text;
	int status;

	while ((status = cli_next_line(&lines, &text, err)) > 0) {
		number++;
		if (auditline_form(text) == AUDITLINE_NONE)
			continue;
		known++;
		if (explain_line(e, text, err) == 0)
			continue;
		cli_error(e->args, "explain: line %zu: %s", number, err->text);
		e->memory = at_start;
		memset(e->finder.models, 0, sizeof(e->finder.models));
		failed++;
	}
	if (status < 0)
		return error_prefix(err, "standard input");
	e->nothing = known == 0;
	return failed == 0 ? 0
			   : error_set(err, "%zu line%s of the log could not be explained", failed,
				       failed == 1 ? "" : "s");
}

static int explain_words(struct explain *e, char **words, int n, struct error *err)
{
	if (strcmp(words[0], "-") == 0 && strcmp(e->source.name, "-") != 0)
		return explain_log(e, err);
	if (auditline_form(span_of(words[0])) != AUDITLINE_NONE)
		return explain_line(e, span_of(words[0]), err);
	if (set_call(e, words[0], err) < 0)
		return -1;
	open_arguments(e);
	if (set_arguments(e, words + 1, n - 1, err) < 0)
		return -1;
	return explain(e, err);
}

static int begin(struct explain *e, struct error *err)
{
	const char *arch = e->args->value[CLI_ARCH];
	struct enforce_host host;

	host_memory(&e->memory);
	if (cli_target(e->args, &host, &e->target, err) < 0)
		return -1;
	if (abi_of_arch(host.arch, &e->abi) < 0)
		e->abi = ABI_X86_64;
	if (arch != NULL && abi_from_name(span_of(arch), &e->abi, err) < 0)
		return -1;
	e->own = e->abi;
	e->finder.source = &e->source;
	e->finder.target = &e->target;
	e->finder.memory = &e->memory;
	return 0;
}

static int run(const struct cli_args *args)
{
	static struct explain e;
	struct error err;

	e.args = args;
	if (begin(&e, &err) < 0 ||
	    cli_source_open(args->argument[0], &e.memory, &e.source, &err) < 0 ||
	    explain_words(&e, args->argument + 1, (int)args->n - 1, &err) < 0)
		return cli_error(args, "explain: %s", err.text);
	if (e.nothing) {
		cli_error(args, "explain: no line is a record of seccomp, of those that \"ausearch "
				"--raw -m SECCOMP\", journalctl, dmesg and strace print");
		return CLI_NO;
	}
	return CLI_OK;
}

static const struct cli_use uses[] = {
	{CLI_ARCH, "whose call it is: x86_64, x86, x32, aarch64, arm, ...\n"
		   "[this machine's]"},
	{CLI_CAPS, "for a flavor or a profile file: default, none, all or a\n"
		   "list [default]"},
	{CLI_KERNEL, "likewise, such as 6.1 [this machine's]"},
};

const struct cli_command cli_explain = {
	.name = "explain",
	.run = run,
	.summary = "tell what a profile says to a system call, and why",
	.arguments = "PROFILE SYSCALL [ARG...]",
	.min_arguments = 2,
	.max_arguments = SIZE_MAX,
	.files = 2,
	.takes = "takes a profile and a system call",
	.about =
		"Tell what PROFILE says to a system call, and the rule that says it. PROFILE is a\n"
		"flavor (moby, containerd, containers, crio), a profile file, a config.json, what\n"
		"\"crictl inspect\" printed, or a bundle. SYSCALL is a name, a number, a whole "
		"line\n"
		"of the audit log or the kernel's log (type=1326 ...), or - for such lines on\n"
		"standard input. Arguments that are left out, or -, are open: then each case is\n"
		"told. They are numbers, or names: AF_ALG, \"CLONE_NEWUSER|SIGCHLD\".\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each case; errors, too",
	.exit_status = "0 it is explained, 1 the log has nothing about seccomp, 2 error.",
};
