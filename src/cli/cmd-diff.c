/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard diff: which system calls two profiles treat differently, for which arguments, and
 * how. */
#include "cli/source.h"

#include "base/jsonout.h"
#include "base/suggest.h"

#include <stdio.h>

/* Indexes behind those of names. */
enum { OTHER_CALLS = SYSCALL_COUNT, EVERY_CALL, ENTRIES };

struct change {
	struct change *next;
	uint32_t abis; /* on which the same changes, as bits */
	struct model_verdict from, to;
	unsigned int doubt;        /* bits: of which side it is not certain */
	struct cli_region *region; /* NULL: whatever the arguments */
};

struct diff {
	const struct cli_args *args;
	bool has_caps;
	uint64_t hosts; /* architectures to compare on, as bits of enum profile_arch */
	enum model_runtime runtime;
	struct profile_target target;
	struct enforce_memory memory;
	struct cli_source source[2];
	struct change *changes[ENTRIES];
	bool differs;
	bool exhausted;
	/* The call that is being compared. */
	enum abi abi;
	bool same_rules; /* libseccomp makes the same of both, whatever that is */
	struct change *leaves;
	struct change **tail;
};

/* ---- collecting ---- */

static void *take(struct diff *d, size_t size)
{
	void *p = arena_alloc(&d->memory.keep, size);

	d->exhausted |= p == NULL;
	return p;
}

static bool same_region(const struct cli_region *a, const struct cli_region *b)
{
	if (a == NULL || b == NULL || a->n != b->n)
		return a == b;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->part[i], b->part[i]) != 0)
			return false;
	return true;
}

static void add_change(struct diff *d, int entry, const struct change *change)
{
	struct change **at = &d->changes[entry];
	struct change *new;

	d->differs = true;
	for (; *at != NULL; at = &(*at)->next) {
		if (model_verdict_eq((*at)->from, change->from) &&
		    model_verdict_eq((*at)->to, change->to) && (*at)->doubt == change->doubt &&
		    same_region((*at)->region, change->region)) {
			(*at)->abis |= UINT32_C(1) << d->abi;
			return;
		}
	}
	new = take(d, sizeof(*new));
	if (new == NULL)
		return;
	*new = *change;
	new->next = NULL;
	new->abis = UINT32_C(1) << d->abi;
	*at = new;
}

static unsigned int doubt_of(const struct diff *d, const struct model_leaf *leaf)
{
	unsigned int doubt = 0;

	for (unsigned int i = 0; i < 2 && !d->same_rules; i++)
		if (leaf->answer[i].contested || leaf->answer[i].doubtful)
			doubt |= 1U << i;
	return doubt;
}

static bool visit(void *ctx, const struct model_leaf *leaf)
{
	struct diff *d = ctx;
	struct change *change = take(d, sizeof(*change));
	struct cli_region region;

	if (change == NULL)
		return false;
	*change = (struct change){.from = leaf->answer[0].verdict,
				  .to = leaf->answer[1].verdict,
				  .doubt = doubt_of(d, leaf)};
	cli_region_text(leaf->space, d->abi, &region);
	change->region =
		take(d, offsetof(struct cli_region, part) + region.n * sizeof(region.part[0]));
	if (change->region == NULL)
		return false;
	memcpy(change->region, &region,
	       offsetof(struct cli_region, part) + region.n * sizeof(region.part[0]));
	*d->tail = change;
	d->tail = &change->next;
	return true;
}

/* Do all regions go from one verdict to one other? */
static bool one_change(const struct change *leaves)
{
	for (const struct change *c = leaves; c != NULL; c = c->next)
		if (!model_verdict_eq(c->from, leaves->from) || c->doubt != leaves->doubt ||
		    !model_verdict_eq(c->to, leaves->to))
			return false;
	return true;
}

static int compare_call(struct diff *d, const struct model *models, int call, struct error *err)
{
	struct model_walk walk = {
		.models = {&models[0], &models[1]},
		.number = abi_number(d->abi, call),
		.visit = visit,
		.ctx = d,
	};
	bool listed = models[0].calls[call] != NULL || models[1].calls[call] != NULL;

	if (walk.number < 0 || (!listed && !models[0].stub && !models[1].stub))
		return 0;
	d->same_rules = model_same_rules(&models[0], &models[1], call);
	d->leaves = NULL;
	d->tail = &d->leaves;
	if (model_walk(&walk, err) < 0)
		return -1;
	if (d->leaves != NULL && one_change(d->leaves)) {
		d->leaves->next = NULL;
		d->leaves->region = NULL;
	}
	for (const struct change *c = d->leaves; c != NULL; c = c->next)
		if (!model_verdict_eq(c->from, c->to) || c->doubt != 0)
			add_change(d, call, c);
	return 0;
}

static int compare_abi(struct diff *d, enum abi native, struct error *err)
{
	struct model *models = take(d, 2 * sizeof(*models));
	struct cli_abi abi = {d->abi, native, d->runtime};
	struct change whole = {.from = {.action = OCI_ACT_KILL_THREAD},
			       .to = {.action = OCI_ACT_KILL_THREAD}};

	for (int i = 0; i < 2 && models != NULL; i++)
		if (cli_source_model(&d->source[i], &abi, &d->memory.keep, &models[i], err) < 0)
			return -1;
	if (models == NULL)
		return error_set(err, "out of memory");
	if (models[0].covered != models[1].covered) {
		*(models[0].covered ? &whole.from : &whole.to) =
			models[models[1].covered].default_verdict;
		add_change(d, EVERY_CALL, &whole);
		return 0;
	}
	if (!models[0].covered)
		return 0;
	for (int call = 0; call < SYSCALL_COUNT; call++)
		if (compare_call(d, models, call, err) < 0)
			return -1;
	whole.from = models[0].default_verdict;
	whole.to = models[1].default_verdict;
	if (!model_verdict_eq(whole.from, whole.to))
		add_change(d, OTHER_CALLS, &whole);
	return d->exhausted ? error_set(err, "too many differences to keep") : 0;
}

static int compare_host(struct diff *d, enum profile_arch arch, struct error *err)
{
	enum abi native;

	d->target.arch = arch;
	for (int i = 0; i < 2; i++)
		if (cli_source_resolve(&d->source[i], &d->target, &d->memory, err) < 0)
			return -1;
	if (abi_of_arch(arch, &native) < 0)
		return 0;
	for (int i = 0; i < ABIS; i++) {
		d->abi = (enum abi)i;
		if ((i == (int)native || abi_infos[i].native == arch) &&
		    compare_abi(d, native, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- printing ---- */

static void entry_name(int entry, char out[64])
{
	if (entry < SYSCALL_COUNT)
		snprintf(out, 64, "%.*s", SPAN_ARG(syscall_name(entry)));
	else
		snprintf(out, 64, "%s", entry == EVERY_CALL ? "every call" : "every other call");
}

static void region_text(const struct cli_region *region, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; region != NULL && i < region->n; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "",
					 region->part[i]);
}

/* Where only one of the two covers the architecture there is no single verdict on its side. */
static const char *side(int entry, struct model_verdict verdict, char *text)
{
	if (entry == EVERY_CALL && verdict.action != OCI_ACT_KILL_THREAD)
		return "what the profile says";
	return cli_verdict_text(verdict, text);
}

static void print_text(int entry, const struct change *c)
{
	char name[64], from[CLI_VERDICT_SIZE], to[CLI_VERDICT_SIZE], when[CLI_REGION_MAX * 68];
	const char *separator = "";

	entry_name(entry, name);
	printf("%s (", name);
	for (int i = 0; i < ABIS; i++) {
		if ((c->abis >> i & 1) != 0) {
			printf("%s%s", separator, abi_infos[i].name);
			separator = ", ";
		}
	}
	region_text(c->region, when, sizeof(when));
	printf("): %s%s%s%s -> %s%s\n", when, when[0] != '\0' ? ": " : "",
	       side(entry, c->from, from), c->doubt & 1 ? " (in doubt)" : "",
	       side(entry, c->to, to), c->doubt & 2 ? " (in doubt)" : "");
}

static void print_json(int entry, const struct change *c)
{
	char name[64], buffer[8192], when[CLI_REGION_MAX * 68];
	struct jsonout out;

	entry_name(entry, name);
	region_text(c->region, when, sizeof(when));
	for (int i = 0; i < ABIS; i++) {
		if ((c->abis >> i & 1) == 0)
			continue;
		jsonout_begin(&out, buffer, sizeof(buffer));
		jsonout_string(&out, "arch", span_of(abi_infos[i].name));
		jsonout_string(&out, "syscall", span_of(name));
		jsonout_string(&out, "when", span_of(when));
		jsonout_string(&out, "from", span_of(oci_action_name(c->from.action)));
		if (oci_action_takes_errno(c->from.action))
			jsonout_uint(&out, "fromErrnoRet", c->from.number);
		jsonout_string(&out, "to", span_of(oci_action_name(c->to.action)));
		if (oci_action_takes_errno(c->to.action))
			jsonout_uint(&out, "toErrnoRet", c->to.number);
		if (c->doubt & 1)
			jsonout_bool(&out, "fromDoubtful", true);
		if (c->doubt & 2)
			jsonout_bool(&out, "toDoubtful", true);
		jsonout_end(&out);
		printf("%s\n", out.p);
	}
}

/* ---- the command line ---- */

static int set_runtime(struct diff *d, const char *value, struct error *err)
{
	struct suggestion near = suggest(span_of(value));

	if (strcmp(value, "runc") == 0) {
		d->runtime = MODEL_RUNC;
		return 0;
	}
	if (strcmp(value, "crun") == 0) {
		d->runtime = MODEL_CRUN;
		return 0;
	}
	suggest_try(&near, SPAN("runc"));
	suggest_try(&near, SPAN("crun"));
	error_set(err, "unknown runtime \"%.60s\": known are runc and crun", value);
	return error_suggest(err, &near);
}

static int set_arch(struct diff *d, const char *value, struct error *err)
{
	enum profile_arch arch;

	if (strcmp(value, "all") == 0) {
		d->hosts = ~UINT64_C(0);
		return 0;
	}
	if (profile_arch_from_name(span_of(value), &arch, err) < 0)
		return -1;
	d->hosts = UINT64_C(1) << arch;
	return 0;
}

static int begin(struct diff *d, struct error *err)
{
	const char *arch = d->args->value[CLI_ARCH], *runtime = d->args->value[CLI_RUNTIME];
	struct enforce_host host;

	host_memory(&d->memory);
	d->has_caps = d->args->value[CLI_CAPS] != NULL;
	if (cli_target(d->args, &host, &d->target, err) < 0)
		return -1;
	d->hosts = UINT64_C(1) << host.arch;
	if (arch != NULL && set_arch(d, arch, err) < 0)
		return -1;
	return runtime != NULL ? set_runtime(d, runtime, err) : 0;
}

static int compare(struct diff *d, char **names, struct error *err)
{
	for (int i = 0; i < 2; i++) {
		if (cli_source_open(names[i], &d->memory, &d->source[i], err) < 0)
			return -1;
		/* The other side is what that container would get. */
		if (d->source[i].has_caps && !d->has_caps) {
			d->target.caps = d->source[i].caps;
			d->has_caps = true;
		}
	}
	for (int arch = PROFILE_ARCH_UNKNOWN + 1; arch < PROFILE_ARCHES; arch++) {
		/* With "all", hosts that are 32-bit or n32 by themselves are left to their 64-bit
		 * siblings. */
		enum abi abi;
		bool own = abi_of_arch((enum profile_arch)arch, &abi) == 0 &&
			   abi_infos[abi].native == (enum profile_arch)arch;

		if ((d->hosts >> arch & 1) != 0 && (own || d->hosts != ~UINT64_C(0)) &&
		    compare_host(d, (enum profile_arch)arch, err) < 0)
			return -1;
	}
	return 0;
}

static int run(const struct cli_args *args)
{
	static struct diff d;
	struct error err;

	d.args = args;
	if (begin(&d, &err) < 0 || compare(&d, args->argument, &err) < 0)
		return cli_error(args, "diff: %s", err.text);
	for (int i = 0; i < ENTRIES; i++)
		for (const struct change *c = d.changes[i]; c != NULL; c = c->next)
			args->json ? print_json(i, c) : print_text(i, c);
	return d.differs ? CLI_NO : CLI_OK;
}

static const struct cli_use uses[] = {
	{CLI_ARCH, "the host's architecture, with all that it can run; or all\n"
		   "[this machine's]"},
	{CLI_CAPS, "for flavors and profile files: default, none, all or a\n"
		   "list [those of a configuration on the other side, else\n"
		   "default]"},
	{CLI_KERNEL, "likewise, such as 6.1 [this machine's]"},
	{CLI_RUNTIME, NULL},
};

const struct cli_command cli_diff = {
	.name = "diff",
	.run = run,
	.summary = "tell what two profiles do differently",
	.arguments = "A B",
	.min_arguments = 2,
	.max_arguments = 2,
	.files = 2,
	.takes = "takes two profiles",
	.about = "Tell which system calls A and B treat differently, under which conditions on\n"
		 "their arguments, and how. Each is a profile as seccomp-guard explain takes "
		 "them.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each difference; errors, too",
	.exit_status = "0 they mean the same, 1 they differ, 2 error.",
};
