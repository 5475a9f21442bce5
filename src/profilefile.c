/* SPDX-License-Identifier: Apache-2.0 */
#include "profilefile.h"

#include "ocirender.h"
#include "profilefile-priv.h"

/*
 * Without a rule that notifies there is nothing to listen to: runc then ignores the path, crun would still want a
 * socket there, and the kernel refuses the flag.
 */
static void drop_listener(struct seccomp_profile *profile)
{
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (rule->action == SECCOMP_NOTIFY && rule->names != NULL)
			return;
	profile->has_listener = false;
	profile->listener_path = profile->listener_metadata = (struct span){0};
	profile->flags &= ~(1U << SECCOMP_WAIT_KILLABLE_RECV);
}

static int resolve(const struct profilefile_request *request, struct profilefile *ret_file, struct error *err)
{
	struct seccomp_profile profile;
	struct profilefile file;
	size_t n_calls;

	if (profilefile_read(request, &profile, err) < 0 ||
	    profilefile_number_calls(&profile, request->scratch, &n_calls, err) < 0 ||
	    profilefile_check(&profile, n_calls, request->scratch, err) < 0)
		return -1;
	file.finding = judge_profile(&profile);
	if (request->target->complain &&
	    profilefile_complain(&profile, n_calls, request->keep, request->scratch, err) < 0)
		return -1;
	drop_listener(&profile);
	if (ocirender(&profile, request->keep, &file.object, err) < 0)
		return -1;
	*ret_file = file;
	return 0;
}

int profilefile_resolve(const struct profilefile_request *request, struct profilefile *ret_file,
			struct error *err)
{
	size_t used = request->scratch->used;
	int r;

	err->has_pos = false;
	r = resolve(request, ret_file, err);
	request->scratch->used = used;
	return r;
}
