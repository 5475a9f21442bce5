/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/reference.h"

#include "semantics/reference-internal.h"

void reference_calls(const struct reference *reference, struct syscall_set *ret_calls)
{
	const struct reference_flavor *f = &reference_flavors[reference->flavor];
	const struct reference_group *group = reference_groups + f->first_group;

	*ret_calls = (struct syscall_set){0};
	for (size_t i = 0; i < f->n_groups; i++)
		if (profile_condition_holds(reference->flavor, &group[i].condition,
					    reference->target))
			syscall_set_add_all(ret_calls, &group[i].calls);
	if (reference->sandbox)
		syscall_set_add_all(ret_calls, &f->sandbox);
}

static struct model_rule model_rule_of(const struct reference_rule *rule, enum abi abi)
{
	struct model_rule copy = {
		.verdict = {rule->permits ? OCI_ACT_ALLOW : OCI_ACT_ERRNO, 0},
		.n_conditions = rule->n_args,
	};

	for (size_t i = 0; i < rule->n_args; i++) {
		const struct seccomp_arg arg = {
			.index = rule->args[i].index,
			.op = (enum oci_cmp)rule->args[i].op,
			.value = rule->args[i].value,
			.value_two = rule->args[i].value_two,
		};

		copy.conditions[i] = argspace_condition(&arg, abi_infos[abi].narrow);
	}
	return copy;
}

int reference_model(const struct reference_request *request, struct arena *arena,
		    struct model *ret_model)
{
	const struct reference *reference = request->reference;
	const struct reference_flavor *f = &reference_flavors[reference->flavor];
	const struct reference_rule *rule = reference_rules + f->first_rule;
	struct model model = {
		.abi = request->abi, .covered = true, .default_verdict = {OCI_ACT_ERRNO, 0}};

	for (size_t i = f->n_rules; i-- > 0;) {
		struct model_rule *copy;

		if (!syscall_set_has(request->open, rule[i].call) ||
		    !profile_condition_holds(reference->flavor, &rule[i].condition,
					     reference->target))
			continue;
		copy = arena_alloc(arena, sizeof(*copy));
		if (copy == NULL)
			return -1;
		*copy = model_rule_of(&rule[i], request->abi);
		copy->next = model.calls[rule[i].call];
		model.calls[rule[i].call] = copy;
	}
	*ret_model = model;
	return 0;
}
