/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: each line of standard input, a text in hexadecimal, is answered by a line for each
 * value, "PATH VALUE" in hexadecimal with dots between the keys of a path and "-" for what is no
 * string, and then by "ok" or "! LINE:COLUMN: message".
 */
#include "base/toml.h"

#include <stdio.h>
#include <stdlib.h>

static void print_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		printf("%02x", (unsigned char)s.p[i]);
}

static int show(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	(void)ctx;
	(void)err;
	for (size_t i = 0; i < n; i++) {
		printf("%s", i > 0 ? "." : "");
		print_hex(path[i]);
	}
	printf(" ");
	if (value->is_string)
		print_hex(value->str);
	else
		printf("-");
	printf("\n");
	return 0;
}

static size_t from_hex(const char *line, char *out)
{
	size_t n = 0;
	unsigned int byte;

	for (; sscanf(line, "%2x", &byte) == 1; line += 2)
		out[n++] = (char)byte;
	return n;
}

int main(void)
{
	static char line[1 << 20], memory[4 << 20];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		/* Exactly as large as the text, for a sanitizer to see reading beyond it. */
		char *text = malloc(strlen(line) / 2 + 1);
		size_t n = text != NULL ? from_hex(line, text) : 0;
		char *exact = malloc(n > 0 ? n : 1);
		struct arena arena = {memory, sizeof(memory), 0};
		struct error err = {.pos = 0};
		size_t at_line, column;

		if (text == NULL || exact == NULL)
			return 1;
		memcpy(exact, text, n);
		if (toml_scan((struct span){exact, n}, &arena, show, NULL, &err) == 0) {
			printf("ok\n");
		} else {
			text_position((struct span){exact, n}, err.pos, &at_line, &column);
			printf("! %zu:%zu: %s\n", at_line, column, err.text);
		}
		free(text);
		free(exact);
	}
	return 0;
}
