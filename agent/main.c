/* spoor-agent: records an endpoint's history and reads it. */
#include <stdio.h>
#include <string.h>

#include "agent/base/log.h"
#include "agent/cmd.h"

int main(int argc, char **argv)
{
	const struct cmd *c;

	log_setup("spoor-agent", LOG_LEVEL_INFO);
	if (argc < 2) {
		cmd_print_overview(stderr);
		return CMD_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		cmd_print_overview(stdout);
		return CMD_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("spoor-agent " SPOOR_VERSION);
		return CMD_OK;
	}
	c = cmd_find(argv[1]);
	if (!c) {
		cmd_fail(argv[1], "no such command (see spoor-agent --help)");
		return CMD_USAGE;
	}
	return c->run(argc - 1, argv + 1);
}
