/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/splice.h"

static char *put(char *at, struct span s)
{
	if (s.n > 0)
		memcpy(at, s.p, s.n);
	return at + s.n;
}

int splice_seccomp(const struct ociconfig *config, struct span profile, struct arena *arena,
		   struct span *ret_text)
{
	const struct span text = config->text, old = config->seccomp;
	const char *from = old.p != NULL ? old.p : config->linux_.p + 1;
	const struct span opening = old.p != NULL ? SPAN("") : SPAN("\"seccomp\":");
	const struct span closing = old.p != NULL || config->linux_is_empty ? SPAN("") : SPAN(",");
	const size_t before = (size_t)(from - text.p),
		     size = text.n - old.n + opening.n + profile.n + closing.n;
	char *out = arena_alloc(arena, size), *at;

	if (out == NULL)
		return -1;
	at = put(out, (struct span){text.p, before});
	at = put(at, opening);
	at = put(at, profile);
	at = put(at, closing);
	put(at, span_skip(text, before + old.n));
	*ret_text = (struct span){out, size};
	return 0;
}
