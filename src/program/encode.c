/* SPDX-License-Identifier: Apache-2.0 */
/* A program as text. Pure. */
#include "program/program.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int program_encode(const struct program *program, struct arena *arena, struct span *ret_text)
{
	const unsigned char *bytes = (const unsigned char *)program->insns;
	const size_t n = program->n_insns * sizeof(program->insns[0]);
	char *out = arena_alloc(arena, (n + 2) / 3 * 4), *at = out;

	if (out == NULL)
		return -1;
	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < have ? bytes[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			*at++ = k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=';
	}
	*ret_text = (struct span){out, (size_t)(at - out)};
	return 0;
}
