/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of profilefile_resolve(), one file each. */
#ifndef SECCOMP_GUARD_PROFILE_PROFILE_INTERNAL_H
#define SECCOMP_GUARD_PROFILE_PROFILE_INTERNAL_H

#include "profile/region.h"
#include "profile/profile-file.h"

/* Read the text and leave out the rules that do not hold for the target. Finds what is wrong with
 * an entry by itself. */
int profilefile_read(const struct profilefile_request *request, struct profilefile *ret_file,
		     struct error *err);

/*
 * Give each system call of `profile` a number of its own, from 0, in its names' `id`; names that
 * this program does not know are as good as others, a newer libseccomp may know them. *ret_n: how
 * many there are.
 */
int profilefile_number_calls(struct seccomp_profile *profile, struct arena *scratch, size_t *ret_n,
			     struct error *err);

/* Find rules that contradict each other. The calls must be numbered. */
int profilefile_check(const struct seccomp_profile *profile, size_t n_calls, struct arena *scratch,
		      struct error *err);

/* Turn denials into SCMP_ACT_LOG, as profile-file.h says. New rules live in `keep`. The calls must
 * be numbered. */
int profilefile_complain(struct seccomp_profile *profile, size_t n_calls, struct arena *keep,
			 struct arena *scratch, struct error *err);

/* Change the order of rules where libseccomp would not come to an end with it. Numbers the calls
 * anew. */
int profilefile_order(struct seccomp_profile *profile, struct arena *keep, struct arena *scratch,
		      struct error *err);

static inline int profilefile_too_large(struct error *err)
{
	return error_set(err, "the profile is too large");
}

/* ---- what the two halves of the reader share: its state, and parts of its schema ---- */

/* A filter of moby/profiles, one of includes and excludes: what is written there, and how much of
 * it holds for the target. */
struct target_filter {
	bool has_caps, some_cap, every_cap;
	bool has_arches, arch_listed;
	bool has_kernel, kernel_reached;
};

/* An error number that may be written in two ways; the name wins, as for Podman. */
struct errno_field {
	bool has_name;
	uint32_t by_name;
	size_t pos; /* of whichever was written last */
};

struct file_reader {
	struct seccomp_reader oci; /* first: the callbacks of oci/seccomp.c know only this one */
	const struct profile_target *target;
	struct target_filter filter; /* being read */
	/* of the rule being read */
	struct target_filter includes, excludes;
	bool has_name, has_names;
	struct errno_field rule_errno;
	/* of the archMap entry being read */
	const char *map_arch;
	struct seccomp_arch *map_archs, **map_tail;
	/* of the file */
	bool has_archs, has_map, mapped;
	struct errno_field default_errno;
	size_t listener_pos;
	const struct seccomp_rule *notify; /* the first that says SCMP_ACT_NOTIFY */
	bool by_caps;                      /* a rule has a condition on capabilities */
};

static inline size_t profilefile_pos(const struct file_reader *r, const struct json_value *value)
{
	return (size_t)(value->raw.p - r->oci.text.p);
}

/* The context of the callbacks is a struct file_reader. */
extern const struct json_schema profilefile_archs_schema, profilefile_map_schema,
	profilefile_filter_schema;
int profilefile_end_archs(void *ctx, const struct json_value *value, struct error *err);
int profilefile_end_map(void *ctx, const struct json_value *value, struct error *err);
int profilefile_set_includes(void *ctx, const struct json_value *value, struct error *err);
int profilefile_set_excludes(void *ctx, const struct json_value *value, struct error *err);

/* Does the rule that has been read hold for the target? */
bool profilefile_rule_holds(const struct file_reader *r);

#endif
