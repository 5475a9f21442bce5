/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/edits.h"

#include "base/number.h"

const struct profile_edit *cli_edits_find(const struct cli_edits *edits, struct span call)
{
	for (size_t i = 0; i < edits->n; i++)
		if (span_eq(edits->edit[i].call.name, call))
			return &edits->edit[i];
	return NULL;
}

int cli_edits_add(struct cli_edits *edits, const struct profile_edit *edit, struct error *err)
{
	const struct profile_edit *there = cli_edits_find(edits, edit->call.name);
	struct profile_edit *new = &edits->edit[edits->n];

	if (there != NULL)
		return there->allow == edit->allow
			       ? 0
			       : error_set(err, "%.*s cannot be allowed and denied",
					   SPAN_ARG(edit->call.name));
	*new = *edit;
	new->next = NULL;
	new->call.next = NULL;
	if (edits->n > 0) {
		new[-1].next = new;
		new[-1].call.next = &new->call;
	}
	edits->n++;
	return 0;
}

static int call_name(struct span text, enum abi own, struct span *ret_name, struct error *err)
{
	struct span bare = syscall_bare(text);
	bool hex = span_has_prefix(bare, SPAN("0x"));
	uint64_t number;
	int call = syscall_index(bare);

	if (call < 0 &&
	    number_parse(span_skip(bare, hex ? 2 : 0), hex ? 16 : 10, UINT32_MAX, &number)) {
		call = abi_call(own, (int64_t)number);
		if (call < 0)
			return error_set(err, "no call of %s with the number %.*s is known",
					 abi_infos[own].name, SPAN_ARG(bare));
	}
	if (call < 0)
		return syscall_unknown(bare, err);
	*ret_name = syscall_name(call);
	return 0;
}

int cli_edits_read(struct cli_edits *edits, const char *list, bool allow, enum abi own,
		   struct error *err)
{
	struct profile_edit edit = {.allow = allow};

	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ",");

		if (call_name((struct span){list, n}, own, &edit.call.name, err) < 0)
			return error_prefix(err, allow ? "--allow" : "--deny");
		if (cli_edits_add(edits, &edit, err) < 0)
			return -1;
		list += list[n] == ',' ? n + 1 : n;
	}
	return 0;
}
