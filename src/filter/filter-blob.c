/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter-blob.h"

#include <linux/filter.h>
#include <sys/stat.h>

bool filter_blob_valid(const struct filter_blob *blob, size_t n)
{
	return n >= sizeof(*blob) &&
	       memcmp(blob->magic, FILTER_BLOB_MAGIC, sizeof(blob->magic)) == 0 &&
	       blob->size == sizeof(*blob) && blob->n_insns > 0 && blob->n_insns <= BPF_MAXINSNS &&
	       n == sizeof(*blob) + blob->n_insns * sizeof(struct sock_filter) &&
	       memchr(blob->library, '\0', sizeof(blob->library)) != NULL;
}

int filter_blob_identify(struct filter_blob *blob)
{
	struct stat st;

	if (blob->library[0] != '/' || stat(blob->library, &st) < 0)
		return -1;
	blob->library_dev = st.st_dev;
	blob->library_ino = st.st_ino;
	blob->library_size = (uint64_t)st.st_size;
	blob->library_mtime_ns =
		(uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
	return 0;
}
