/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard doctor: is this node well, and what mends it where it is not? */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "register/doctor.h"

#include <stdio.h>

static void print_json(const struct doctor_finding *finding)
{
	char line[8192];
	struct jsonout out;

	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "about", span_of(finding->about));
	jsonout_string(&out, "check", span_of(finding->check));
	jsonout_string(&out, "level", span_of(doctor_level_name(finding->level)));
	jsonout_string(&out, "text", span_of(finding->text));
	if (finding->mend[0] != '\0')
		jsonout_string(&out, "mend", span_of(finding->mend));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void tell(void *ctx, const struct doctor_finding *finding)
{
	const struct cli_args *args = ctx;
	char shown[4096];

	if (args->json) {
		print_json(finding);
		return;
	}
	printf("%s: %s: %s: %s\n", finding->about, doctor_level_name(finding->level),
	       finding->check, text_printable(span_of(finding->text), shown, sizeof(shown)));
	if (finding->mend[0] != '\0')
		printf("    mend: %s\n",
		       text_printable(span_of(finding->mend), shown, sizeof(shown)));
}

static int run(const struct cli_args *args)
{
	const char *root = args->value[CLI_ROOT] != NULL ? args->value[CLI_ROOT] : "";

	if (strcmp(root, "/") == 0)
		root = "";
	return doctor(root, tell, (void *)(uintptr_t)args) == DOCTOR_PROBLEM ? CLI_NO : CLI_OK;
}

static const struct cli_use uses[] = {{CLI_ROOT, NULL}};

const struct cli_command cli_doctor = {
	.name = "doctor",
	.run = run,
	.summary = "tell what is wrong with this node, and what mends it",
	.arguments = "",
	.min_arguments = 0,
	.max_arguments = 0,
	.takes = "takes no arguments",
	.about = "Look at each engine that is installed (what it starts containers with, and\n"
		 "whether that goes through seccomp-guard), the policy, where records go, the\n"
		 "runtimes, the kernel, and the containers that run. A line for each finding,\n"
		 "and below it what mends it. Nothing is changed.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one object for each finding",
	.exit_status = "0 well, 1 a registered engine would start containers\n"
		       "unconfined against the policy, or none at all, 2 error.",
};
