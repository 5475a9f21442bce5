/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system call names, by hash. Pure. */
#include "syscall/syscall.h"

#include "base/suggest.h"

struct span syscall_name(int index)
{
	return (struct span){syscall_names + syscall_offsets[index],
			     (size_t)(syscall_offsets[index + 1] - syscall_offsets[index])};
}

/* Five of the bytes and the length tell nearly all names apart. As generate.py has it. */
static uint32_t slot_of(struct span name)
{
	const unsigned char *p = (const unsigned char *)name.p;
	uint32_t hash = p[0];

	hash = hash * 31 + p[name.n / 4];
	hash = hash * 31 + p[name.n / 2];
	hash = hash * 31 + p[name.n * 3 / 4];
	hash = hash * 31 + p[name.n - 1];
	hash = hash * 31 + (uint32_t)name.n;
	return (hash * 2654435769U >> 16) % SYSCALL_SLOTS;
}

/* Most names of a profile are looked up once for each container that starts, so this is not a
 * search. */
int syscall_index(struct span name)
{
	uint32_t slot;

	if (name.n == 0 || name.n > SYSCALL_MAX_NAME)
		return -1;
	for (slot = slot_of(name); syscall_slots[slot] != 0; slot = (slot + 1) % SYSCALL_SLOTS)
		if (span_eq(name, syscall_name(syscall_slots[slot] - 1)))
			return syscall_slots[slot] - 1;
	return -1;
}

struct span syscall_bare(struct span text)
{
	static const struct span prefixes[] = {{"SYS_", 4}, {"__NR_", 5}, {"syscall_", 8}};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (span_has_prefix(text, prefixes[i]))
			text = span_skip(text, prefixes[i].n);
	return text;
}

int syscall_unknown(struct span name, struct error *err)
{
	struct suggestion near = suggest(name);
	char shown[SPAN_SHOWN];

	for (int i = 0; i < SYSCALL_COUNT; i++)
		suggest_try(&near, syscall_name(i));
	error_set(err, "unknown system call \"%s\"", text_printable(name, shown, sizeof(shown)));
	return error_suggest(err, &near);
}

int syscall_set_next(const struct syscall_set *set, int from)
{
	for (int word = from / 64; word < SYSCALL_WORDS; word++) {
		uint64_t rest = set->word[word];

		if (word == from / 64)
			rest &= ~UINT64_C(0) << from % 64;
		if (rest != 0)
			return word * 64 + __builtin_ctzll(rest);
	}
	return -1;
}

size_t syscall_set_names(const struct syscall_set *set, size_t most, const char *separator,
			 char *out, size_t size)
{
	size_t left = syscall_set_count(set), used = 0;

	out[0] = '\0';
	for (int i = syscall_set_next(set, 0); i >= 0 && most > 0;
	     i = syscall_set_next(set, i + 1)) {
		struct span name = syscall_name(i), before = span_of(used > 0 ? separator : "");

		if (before.n + name.n >= size - used)
			break;
		memcpy(out + used, before.p, before.n);
		memcpy(out + used + before.n, name.p, name.n);
		used += before.n + name.n;
		out[used] = '\0';
		most--;
		left--;
	}
	return left;
}
