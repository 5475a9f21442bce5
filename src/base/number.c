/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

static const char hex_digits[] = "0123456789abcdef";

bool number_take(struct span *rest, unsigned int base, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < rest->n; n++) {
		char c = rest->p[n];
		const char *digit =
			memchr(hex_digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c, base);
		uint64_t add = digit != NULL ? (uint64_t)(digit - hex_digits) : 0;

		if (digit == NULL)
			break;
		if (add > max || value > (max - add) / base)
			return false;
		value = value * base + add;
	}
	if (n == 0)
		return false;
	*rest = span_skip(*rest, n);
	*ret_value = value;
	return true;
}

bool number_parse(struct span text, unsigned int base, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;

	if (!number_take(&text, base, max, &value) || text.n > 0)
		return false;
	*ret_value = value;
	return true;
}

void number_hex(const void *bytes, size_t n, char *out)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[p[i] >> 4];
		*out++ = hex_digits[p[i] & 15];
	}
	*out = '\0';
}

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}
