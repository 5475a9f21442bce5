/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/splice.h"

/* Some bytes of the text, perhaps none, and what comes in their place. */
struct edit {
	struct span old;
	struct span pieces[4];
};

static char *put(char *at, struct span s)
{
	if (s.n > 0)
		memcpy(at, s.p, s.n);
	return at + s.n;
}

static struct span before(const char *at)
{
	return (struct span){at, 0};
}

static struct edit edit_profile(const struct ociconfig *config, struct span profile)
{
	if (config->seccomp.p != NULL)
		return (struct edit){config->seccomp, {profile}};
	return (struct edit){
		before(config->linux_.p + 1),
		{SPAN("\"seccomp\":"), profile, config->linux_is_empty ? SPAN("") : SPAN(",")}};
}

static struct edit edit_program(const struct ociconfig *config, struct span program)
{
	const struct span all = config->annotations_text,
			  key = SPAN("\"" OCI_PROGRAM_ANNOTATION "\":\"");
	const char *brace = memchr(config->text.p, '{', config->text.n);

	if (all.p == NULL)
		return (struct edit){before(brace + 1),
				     {SPAN("\"annotations\":{\"" OCI_PROGRAM_ANNOTATION "\":\""),
				      program, SPAN("\"},")}};
	if (all.p[0] != '{')
		return (struct edit){all, {SPAN("{"), key, program, SPAN("\"}")}};
	return (struct edit){
		before(all.p + 1),
		{key, program, config->annotations_are_empty ? SPAN("\"") : SPAN("\",")}};
}

static size_t size_of(const struct edit *edit)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(edit->pieces); i++)
		n += edit->pieces[i].n;
	return n;
}

int splice_seccomp(const struct ociconfig *config, const struct splice *new, struct arena *arena,
		   struct span *ret_text)
{
	struct edit edits[2] = {edit_profile(config, new->profile)}, swapped;
	const size_t n = new->program.p != NULL ? 2 : 1;
	size_t size = config->text.n;
	struct span rest = config->text;
	char *out, *at;

	if (n == 2) {
		edits[1] = edit_program(config, new->program);
		swapped = edits[0];
		if (edits[1].old.p < edits[0].old.p) {
			edits[0] = edits[1];
			edits[1] = swapped;
		}
	}
	for (size_t i = 0; i < n; i++)
		size += size_of(&edits[i]) - edits[i].old.n;
	out = at = arena_alloc(arena, size);
	if (out == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		at = put(at, (struct span){rest.p, (size_t)(edits[i].old.p - rest.p)});
		for (size_t k = 0; k < ARRAY_SIZE(edits[i].pieces); k++)
			at = put(at, edits[i].pieces[k]);
		rest = span_skip(rest, (size_t)(edits[i].old.p - rest.p) + edits[i].old.n);
	}
	put(at, rest);
	*ret_text = (struct span){out, size};
	return 0;
}
