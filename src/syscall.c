/* SPDX-License-Identifier: Apache-2.0 */
/* Binary search in the table of system call names. Pure. */
#include "syscall.h"

struct span syscall_name(int index)
{
	return (struct span){syscall_names + syscall_offsets[index],
			     (size_t)(syscall_offsets[index + 1] - syscall_offsets[index])};
}

static int compare(struct span a, struct span b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

int syscall_index(struct span name)
{
	int low = 0, high = SYSCALL_COUNT;

	if (name.n == 0)
		return -1;
	while (low < high) {
		int middle = (low + high) / 2;
		int order = compare(name, syscall_name(middle));

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}
