/* SPDX-License-Identifier: Apache-2.0 */
/* By asking the profile, resolved once more with each capability. */
#include "cli/allows.h"

#include "filter/filter.h"
#include "oci/capability.h"
#include "oci/seccomp-rule.h"

#include <stdio.h>

struct allows_models {
	struct model now;
	struct model *with[CAPABILITY_COUNT]; /* NULL: it is there already, or changes nothing */
};

struct tally {
	bool permits, denies, logs;
	struct model_verdict denied;
	const struct allows_call *call;
	char cases[ALLOWS_CASES_SIZE];
};

/* One more region in which the call is let through; what is given need not be said. */
static void add_case(struct tally *t, const struct model_leaf *leaf)
{
	const struct argspace all = argspace_all(abi_infos[t->call->abi].narrow);
	struct argspace open[OCI_MAX_ARGS];
	struct cli_region region;
	char text[ALLOWS_CASES_SIZE] = "";
	size_t used = 0, n = strlen(t->cases);

	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		open[i] = (t->call->has_args >> i & 1) != 0 ? all : leaf->space[i];
	cli_region_text(open, t->call->abi, &region);
	for (size_t i = 0; i < region.n && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 i > 0 ? " and " : "", region.part[i]);
	if (n + used + 8 < sizeof(t->cases))
		snprintf(t->cases + n, sizeof(t->cases) - n, "%s%s", n > 0 ? " or " : "", text);
	else if (n < 3 || strcmp(t->cases + n - 3, "...") != 0)
		snprintf(t->cases + n, sizeof(t->cases) - n, "...");
}

static bool visit(void *ctx, const struct model_leaf *leaf)
{
	struct tally *t = ctx;
	struct model_verdict verdict = leaf->answer[0].verdict;

	if (oci_action_permits(verdict.action)) {
		t->permits = true;
		add_case(t, leaf);
		t->logs = t->logs || verdict.action == OCI_ACT_LOG;
	} else if (!t->denies) {
		t->denies = true;
		t->denied = verdict;
	}
	return true;
}

static int walk(const struct model *model, const struct allows_call *call, struct tally *ret_tally,
		struct error *err)
{
	struct argspace space[OCI_MAX_ARGS];
	struct model_walk walk = {
		.models = {model}, .number = call->number, .space = space, .visit = visit};
	struct tally tally = {.call = call};

	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		space[i] = argspace_all(abi_infos[call->abi].narrow);
		if ((call->has_args >> i & 1) == 0)
			continue;
		space[i].low = space[i].high =
			abi_infos[call->abi].narrow ? (uint32_t)call->args[i] : call->args[i];
	}
	walk.ctx = &tally;
	if (model_walk(&walk, err) < 0)
		return -1;
	*ret_tally = tally;
	return 0;
}

static int model_for(struct allows_finder *f, enum abi abi, uint64_t caps, struct model *ret_model,
		     struct error *err)
{
	struct profile_target target = *f->target;
	struct cli_abi request = {.abi = abi, .native = abi, .runtime = MODEL_PROFILE};

	abi_of_arch(abi_infos[abi].native, &request.native);
	target.arch = abi_infos[abi].native;
	target.caps |= caps;
	if (cli_source_resolve(f->source, &target, f->memory, err) < 0)
		return -1;
	return cli_source_model(f->source, &request, &f->memory->keep, ret_model, err);
}

/* The models for an ABI: with what the container has, and with each capability more. A
 * configuration has its profile already, which capabilities no longer change. */
static int models_for(struct allows_finder *f, enum abi abi, struct error *err)
{
	struct allows_models *models = arena_alloc(&f->memory->keep, sizeof(*models));

	if (models == NULL)
		return error_set(err, "out of memory");
	*models = (struct allows_models){.with = {NULL}};
	for (int i = 0; i < CAPABILITY_COUNT && !f->source->is_config; i++) {
		struct model *with = arena_alloc(&f->memory->keep, sizeof(*with));

		if (with == NULL)
			return error_set(err, "out of memory");
		if ((f->target->caps >> i & 1) != 0)
			continue;
		if (model_for(f, abi, UINT64_C(1) << i, with, err) < 0)
			return -1;
		models->with[i] = with;
	}
	if (model_for(f, abi, 0, &models->now, err) < 0)
		return -1;
	f->models[abi] = models;
	return 0;
}

static int decided_by(const struct model *model, int index)
{
	const struct model_rule *first = index >= 0 && model->covered ? model->calls[index] : NULL;

	for (const struct model_rule *r = first; r != NULL; r = r->next)
		if (!oci_action_permits(r->verdict.action) || r->n_conditions != 1 ||
		    r->conditions[0].index != first->conditions[0].index)
			return -1;
	return first != NULL && !model_permits(model->profile, model->default_verdict.action)
		       ? (int)first->conditions[0].index
		       : -1;
}

int allows_find(struct allows_finder *finder, const struct allows_call *call,
		struct allows *ret_allows, struct error *err)
{
	int index = abi_call(call->abi, call->number);
	struct allows found = {.unknown_here =
				       index >= 0 && !filter_knows_syscall(syscall_name(index))};
	const struct allows_models *models;
	struct tally tally;

	if (finder->models[call->abi] == NULL && models_for(finder, call->abi, err) < 0)
		return -1;
	models = finder->models[call->abi];
	if (walk(&models->now, call, &tally, err) < 0)
		return -1;
	found.verdict = !tally.denies ? ALLOWS_ALL : tally.permits ? ALLOWS_SOME : ALLOWS_NONE;
	found.denied = tally.denied;
	if (found.verdict == ALLOWS_SOME)
		snprintf(found.cases, sizeof(found.cases), "%s", tally.cases);
	found.decided_by = decided_by(&models->now, index);
	found.complains = tally.logs;
	for (int i = 0; i < CAPABILITY_COUNT && found.verdict != ALLOWS_ALL; i++) {
		/* Most capabilities change nothing about most calls. */
		if (models->with[i] == NULL ||
		    (index >= 0 && model_same_rules(&models->now, models->with[i], index)))
			continue;
		if (walk(models->with[i], call, &tally, err) < 0)
			return -1;
		if (!tally.denies)
			found.caps |= UINT64_C(1) << i;
	}
	*ret_allows = found;
	return 0;
}

bool allows_by_another(const struct allows *allows, const struct auditline *line)
{
	enum oci_action did = auditline_action(line->code);

	if (allows->verdict == ALLOWS_ALL)
		return true;
	return line->has_code && !oci_action_permits(did) &&
	       oci_action_effective(did) != oci_action_effective(allows->denied.action);
}

const char *allows_caps_text(uint64_t caps, const char *separator, char out[ALLOWS_CAPS_SIZE])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		if ((caps >> i & 1) != 0)
			used += (size_t)snprintf(out + used, ALLOWS_CAPS_SIZE - used, "%s%s",
						 used > 0 ? separator : "", capability_name(i));
	return out;
}
