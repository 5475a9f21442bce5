/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard: the command for people. */
#include "cli/cli.h"

#include "node/fileio.h"

int main(int argc, char **argv)
{
	static const struct cli_command *const commands[] = {
		&cli_check,       &cli_apply,          &cli_profile,  &cli_explain,
		&cli_denials,     &cli_learn,          &cli_diff,     &cli_policy_check,
		&cli_policy_show, &cli_policy_explain, &cli_register, &cli_unregister,
		&cli_doctor,      &cli_status,         &cli_confine,  &cli_lint,
	};

	file_hold_standard();
	return cli_main(commands, ARRAY_SIZE(commands), argc, argv);
}
