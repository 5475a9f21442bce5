/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/profile-internal.h"

#include "syscall/abi.h"

/*
 * Without a rule that notifies there is nothing to listen to: runc then ignores the path, crun
 * would still want a socket there, and the kernel refuses the flag.
 */
static void drop_listener(struct seccomp_profile *profile)
{
	if (seccomp_notifies(profile))
		return;
	profile->has_listener = false;
	profile->listener_path = profile->listener_metadata = (struct span){0};
	profile->flags &= ~(1U << OCI_FLAG_WAIT_KILLABLE_RECV);
}

/* runc before 1.2 refuses a profile with flags, and without them runtimes set just this one. */
static void drop_default_flags(struct seccomp_profile *profile)
{
	if (profile->flags != 1U << OCI_FLAG_SPEC_ALLOW)
		return;
	profile->has_flags = false;
	profile->flags = 0;
}

/*
 * Is `name` younger than libseccomp 2.5.4, which knows the calls of Linux 5.17? Since Linux 5.1 a
 * new call has the same number on each ABI, 450 being the last of 5.17; the others are by name.
 */
static bool is_young(struct span name)
{
	static const char *const others[] = {"riscv_hwprobe", "uprobe", "uretprobe"};
	int call = syscall_index(name);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (span_eq(name, span_of(others[i])))
			return true;
	return call < 0 || abi_number(ABI_AARCH64, call) > 450;
}

static void drop_young_calls(struct seccomp_profile *profile)
{
	for (struct seccomp_rule **rule = &profile->rules; *rule != NULL;) {
		for (struct seccomp_name **name = &(*rule)->names; *name != NULL;) {
			if (is_young((*name)->name))
				*name = (*name)->next;
			else
				name = &(*name)->next;
		}
		if ((*rule)->names == NULL)
			*rule = (*rule)->next;
		else
			rule = &(*rule)->next;
	}
}

static int tighten(struct seccomp_profile *profile, const struct profilefile_request *request,
		   bool *ret_changed, struct error *err)
{
	const struct tighten_request restrictions = {
		.tighten = request->tighten,
		.arch = request->target->arch,
		.complain = request->target->complain,
		.keep = request->keep,
		.scratch = request->scratch,
		.ret_whole = request->ret_whole,
	};

	return tighten_apply(profile, &restrictions, ret_changed, err);
}

static int resolve(const struct profilefile_request *request, struct profilefile *ret_file,
		   struct error *err)
{
	struct profilefile file;
	struct seccomp_profile *profile = &file.profile;
	size_t n_calls;
	bool changed;

	if (profilefile_read(request, &file, err) < 0 ||
	    profilefile_number_calls(profile, request->scratch, &n_calls, err) < 0 ||
	    profilefile_check(profile, n_calls, request->scratch, err) < 0)
		return -1;
	file.restricts = judge_restricts(profile, request->target->arch, request->scratch);
	if (request->target->complain &&
	    profilefile_complain(profile, n_calls, request->keep, request->scratch, err) < 0)
		return -1;
	if (!tighten_is_empty(&request->tighten) && tighten(profile, request, &changed, err) < 0)
		return -1;
	drop_listener(profile);
	drop_default_flags(profile);
	if (request->old_calls)
		drop_young_calls(profile);
	if (profilefile_order(profile, request->keep, request->scratch, err) < 0)
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

int profilefile_builtin(enum profile_flavor flavor, const struct profilefile_request *request,
			struct profilefile *ret_file, struct error *err)
{
	struct profilefile_request with_text = *request;
	struct profile_target target = *request->target;

	/* What complains is made of what denies. */
	target.complain = false;
	if (profile_resolve(flavor, &target, request->keep, &with_text.text) < 0)
		return profilefile_too_large(err);
	return profilefile_resolve(&with_text, ret_file, err);
}

int profilefile_overlay(struct seccomp_profile *profile, const struct profilefile_request *request,
			bool *ret_changed, struct error *err)
{
	bool listens = seccomp_notifies(profile);

	if (tighten(profile, request, ret_changed, err) < 0)
		return -1;
	if (!*ret_changed)
		return 0;
	if (listens)
		drop_listener(profile);
	return profilefile_order(profile, request->keep, request->scratch, err);
}

int profilefile_name_abi(struct seccomp_profile *profile, enum profile_arch host,
			 struct arena *keep, struct error *err)
{
	struct seccomp_arch *arch;
	enum abi abi;

	if (profile->archs != NULL || !seccomp_has_runc_stub(profile) ||
	    abi_of_arch(host, &abi) < 0 || abi == ABI_RISCV64 || abi == ABI_LOONGARCH64)
		return 0;
	arch = arena_alloc(keep, sizeof(*arch));
	if (arch == NULL)
		return profilefile_too_large(err);
	*arch = (struct seccomp_arch){.name = span_of(abi_infos[abi].oci)};
	profile->archs = arch;
	return 0;
}
