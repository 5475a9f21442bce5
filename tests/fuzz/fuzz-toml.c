/* SPDX-License-Identifier: Apache-2.0 */
/* An engine's configuration in TOML: read to its end or refused at a place in it, and values are
 * whole. */
#include "base/toml.h"

#include "fuzz.h"

struct seen {
	struct span text;
	size_t values;
};

static int see(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
	       struct error *err)
{
	struct seen *seen = ctx;
	size_t bytes = 0;

	HOLDS(n > 0 && n <= TOML_MAX_DEPTH && value->pos < seen->text.n);
	HOLDS(value->is_string || value->str.n == 0);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < path[i].n; k++)
			bytes += path[i].p[k] != '\0';
	for (size_t i = 0; i < value->str.n;) {
		size_t width = utf8_sequence(value->str.p + i, value->str.n - i);

		HOLDS(width > 0);
		i += width;
	}
	HOLDS(value->str.n <= seen->text.n && bytes <= n * seen->text.n);
	if (++seen->values % 64 == 0)
		return error_set(err, "enough");
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct seen seen = {.text = {(const char *)data, size}};
	struct error err = {.has_pos = false};

	if (toml_scan(seen.text, &memory.keep, see, &seen, &err) < 0)
		HOLDS(err.text[0] != '\0' && err.has_pos && err.pos <= size);
	return 0;
}
