/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: each line of standard input,
 *
 *     ARCH CAPS MODE NAMES CUSTOM FORM WHAT
 *
 * (CAPS in hexadecimal; MODE "enforce" or "complain"; NAMES of restrictions, with commas, or "-";
 * CUSTOM "-" or "CALL,...[/INDEX,OP,VALUE,VALUETWO]...", OP as a number; FORM "flavor", "file" or
 * "overlay"; WHAT a flavor or a path) is answered by a line: the profile with the restrictions laid
 * over it, "=" when there was nothing to do, or "! message".
 */
#include "oci/seccomp-write.h"
#include "profile/profile-file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct question {
	char arch[32], caps[32], mode[16], names[128], custom[512], form[16], what[512];
};

static int read_file(const char *path, struct arena *arena, struct span *ret_text)
{
	FILE *f = fopen(path, "rb");
	char *p = arena_alloc(arena, PROFILEFILE_MAX_SIZE);
	size_t n;

	if (f == NULL || p == NULL)
		return -1;
	n = fread(p, 1, PROFILEFILE_MAX_SIZE, f);
	fclose(f);
	*ret_text = (struct span){p, n};
	return 0;
}

static void *zalloc(struct arena *arena, size_t size)
{
	void *p = arena_alloc(arena, size);

	if (p == NULL)
		abort();
	return memset(p, 0, size);
}

static void parse_custom(char *text, struct arena *keep, struct tighten *tighten)
{
	struct tighten_custom *custom = zalloc(keep, sizeof(*custom));
	char *save = NULL, *save_name = NULL, *calls = strtok_r(text, "/", &save);
	const struct seccomp_name **name_tail = &custom->names;
	const struct seccomp_arg **arg_tail = &custom->args;

	for (char *word; (word = strtok_r(calls, ",", &save_name)) != NULL; calls = NULL) {
		struct seccomp_name *name = zalloc(keep, sizeof(*name));

		name->name = span_of(word);
		*name_tail = name;
		name_tail = (const struct seccomp_name **)&name->next;
	}
	for (char *word; (word = strtok_r(NULL, "/", &save)) != NULL;) {
		struct seccomp_arg *arg = zalloc(keep, sizeof(*arg));
		unsigned int op = 0;

		sscanf(word, "%" SCNu32 ",%u,%" SCNu64 ",%" SCNu64, &arg->index, &op, &arg->value,
		       &arg->value_two);
		arg->op = (enum oci_cmp)op;
		*arg_tail = arg;
		arg_tail = (const struct seccomp_arg **)&arg->next;
	}
	tighten->custom = custom;
	tighten->n_custom = 1;
}

/* *ret_object stays empty when there was nothing to do. */
static int resolve(const struct question *q, struct profilefile_request *request,
		   struct span *ret_object, struct error *err)
{
	enum profile_flavor flavor;
	struct profilefile file;
	bool changed = true;
	int r;

	*ret_object = (struct span){0};
	if (strcmp(q->form, "flavor") == 0) {
		if (profile_flavor_from_name(span_of(q->what), &flavor, err) < 0)
			return -1;
		r = profilefile_builtin(flavor, request, &file, err);
	} else if (read_file(q->what, request->keep, &request->text) < 0) {
		return error_set(err, "cannot read %s", q->what);
	} else if (strcmp(q->form, "overlay") == 0) {
		r = ociseccomp_read(request->text, request->keep, request->scratch, &file.profile,
				    err);
		if (r == 0)
			r = profilefile_overlay(&file.profile, request, &changed, err);
	} else {
		r = profilefile_resolve(request, &file, err);
	}
	if (r < 0 || !changed)
		return r;
	return seccomp_write(&file.profile, request->keep, ret_object, err);
}

static int dump(const char *line)
{
	static char keep[24 << 20], scratch[16 << 20];
	struct arena keep_arena = {keep, sizeof(keep), 0},
		     scratch_arena = {scratch, sizeof(scratch), 0};
	struct question q;
	struct profile_target target = {.arch = PROFILE_ARCH_UNKNOWN,
					.kernel = PROFILE_KERNEL(6, 18)};
	struct profilefile_request request = {
		.target = &target, .keep = &keep_arena, .scratch = &scratch_arena};
	struct span object;
	struct error err;
	char *save = NULL, *names = q.names;

	if (sscanf(line, "%31s %31s %15s %127s %511s %15s %511s", q.arch, q.caps, q.mode, q.names,
		   q.custom, q.form, q.what) != 7)
		return -1;
	if (strcmp(q.arch, "unknown") != 0 &&
	    profile_arch_from_name(span_of(q.arch), &target.arch, &err) < 0)
		return -1;
	target.caps = strtoull(q.caps, NULL, 16);
	target.complain = strcmp(q.mode, "complain") == 0;
	for (char *word; strcmp(q.names, "-") != 0 && (word = strtok_r(names, ",", &save)) != NULL;
	     names = NULL) {
		enum tighten_name name;

		if (tighten_from_name(span_of(word), &name, &err) < 0)
			return -1;
		request.tighten.named |= 1U << name;
	}
	if (strcmp(q.custom, "-") != 0)
		parse_custom(q.custom, &keep_arena, &request.tighten);
	if (resolve(&q, &request, &object, &err) < 0)
		printf("! %s\n", err.text);
	else if (object.p == NULL)
		puts("=");
	else
		printf("%.*s\n", (int)object.n, object.p);
	return 0;
}

int main(void)
{
	char line[2048];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (dump(line) < 0) {
			fprintf(stderr, "tighten-dump: cannot answer %s", line);
			return 1;
		}
	}
	return 0;
}
