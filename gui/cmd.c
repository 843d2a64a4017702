#include "gui/cmd.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/cmd.h"
#include "agent/base/log.h"

static const struct cmd commands[] = {
	{ "compare", cmd_compare, "tell what is new in a recording since an older one" },
	{ "query", cmd_query, "print the events of a recording that match an expression" },
	{ "export", cmd_export, "write them into a file: XLSX, CSV, JSON lines, Timesketch" },
	{ "render", cmd_render, "draw a timeline, a tree or the explorer into a picture" },
};

static void print_overview(void)
{
	fputs("Usage: spoor [FILE...]\n"
	      "       spoor COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "Opens snapshots (.db) and audit logs of Linux endpoints. Without a display:\n\n", stdout);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\nspoor COMMAND --help tells more; spoor --version prints the version, spoor --help-all what GTK takes.\n"
	      "A file that is called like a command is opened as ./NAME.\n", stdout);
}

bool cmd_dispatch(int argc, char **argv, int *ret_status)
{
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_overview();
		*ret_status = 0;
		return true;
	}
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			log_setup("spoor", LOG_LEVEL_INFO);
			*ret_status = commands[i].run(argc - 1, argv + 1);
			return true;
		}
	return false;
}
