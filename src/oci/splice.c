/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/splice.h"

static size_t add(struct iovec *out, size_t n, struct span s)
{
	if (s.n == 0)
		return n;
	out[n] = (struct iovec){(char *)(uintptr_t)s.p, s.n};
	return n + 1;
}

size_t splice_seccomp(const struct ociconfig *config, const struct iovec *profile, size_t n_profile,
		      struct iovec *out)
{
	const char *text = config->text.p, *text_end = config->text.p + config->text.n;
	const char *cut_from, *cut_to;
	struct span opening = {0}, closing = {0};
	size_t n = 0;

	if (config->seccomp.p != NULL) {
		cut_from = config->seccomp.p;
		cut_to = config->seccomp.p + config->seccomp.n;
	} else {
		cut_from = cut_to = config->linux_.p + 1;
		opening = SPAN("\"seccomp\":");
		closing = config->linux_is_empty ? SPAN("") : SPAN(",");
	}
	n = add(out, n, (struct span){text, (size_t)(cut_from - text)});
	n = add(out, n, opening);
	memcpy(out + n, profile, n_profile * sizeof(*profile));
	n += n_profile;
	n = add(out, n, closing);
	return add(out, n, (struct span){cut_to, (size_t)(text_end - cut_to)});
}
