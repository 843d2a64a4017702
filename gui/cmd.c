#include "gui/cmd.h"

#include <stddef.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/log.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "compare", cmd_compare },
	{ "query", cmd_query },
	{ "render", cmd_render },
};

bool cmd_dispatch(int argc, char **argv, int *ret_status)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			log_setup("spoor", LOG_LEVEL_INFO);
			*ret_status = commands[i].run(argc - 1, argv + 1);
			return true;
		}
	return false;
}
