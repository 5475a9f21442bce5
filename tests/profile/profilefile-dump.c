/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: each line of standard input, "ARCH KERNEL CAPS MODE PATH" (CAPS in hexadecimal or
 * "absent", MODE "enforce" or "complain"), is answered by a line: what the profile file resolves
 * to, or "! LINE:COLUMN: message".
 */
#include "oci/seccomp-write.h"
#include "profile/profile-file.h"

#include <stdio.h>
#include <stdlib.h>

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

static void answer(const struct profilefile_request *request)
{
	size_t line = 0, column = 0;
	struct profilefile file;
	struct span object;
	struct error err;

	if (profilefile_resolve(request, &file, &err) == 0 &&
	    seccomp_write(&file.profile, request->keep, &object, &err) == 0) {
		fwrite(object.p, 1, object.n, stdout);
		putchar('\n');
		return;
	}
	if (err.has_pos)
		text_position(request->text, err.pos, &line, &column);
	printf("! %zu:%zu: %s\n", line, column, err.text);
}

static int dump(char *line)
{
	static char keep[24 << 20], scratch[16 << 20];
	struct arena keep_arena = {keep, sizeof(keep), 0},
		     scratch_arena = {scratch, sizeof(scratch), 0};
	char arch_name[32], kernel[32], caps[32], mode[32], path[512];
	struct profile_target target = {.arch = PROFILE_ARCH_UNKNOWN};
	struct profilefile_request request = {
		.target = &target, .keep = &keep_arena, .scratch = &scratch_arena};
	struct error err;

	if (sscanf(line, "%31s %31s %31s %31s %511s", arch_name, kernel, caps, mode, path) != 5)
		return -1;
	if (profile_kernel_from_release(span_of(kernel), &target.kernel, &err) < 0 ||
	    (strcmp(arch_name, "unknown") != 0 &&
	     profile_arch_from_name(span_of(arch_name), &target.arch, &err) < 0) ||
	    read_file(path, &keep_arena, &request.text) < 0)
		return -1;
	target.caps_absent = strcmp(caps, "absent") == 0;
	target.caps = strtoull(caps, NULL, 16);
	target.complain = strcmp(mode, "complain") == 0;
	answer(&request);
	return 0;
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (dump(line) < 0) {
			fprintf(stderr, "profilefile-dump: cannot answer %s", line);
			return 1;
		}
	}
	return 0;
}
