/* options: reads a command's options, wherever they stand among its arguments. */
#pragma once

#include <stdbool.h>

#include "agent/base/buf.h"

/* --NAME, and -LETTER where there is one. A list ends with a NULL name. */
struct options_option {
	const char *name;
	char letter;
	bool *flag;         /* it takes no argument: set to true */
	const char **value; /* it takes one: set to that; of several the last counts */
};
enum { OPTIONS_MAX = 16 };
enum options_result { OPTIONS_READ, OPTIONS_HELP, OPTIONS_WRONG };
/* OPTIONS_READ: argv[optind] is the first argument that is no option. OPTIONS_HELP: --help or -h, which every command
 * has, was met. OPTIONS_WRONG: `why` holds "unknown option --x" or the like. */
enum options_result options_read(const struct options_option *options, int argc, char **argv, struct buf *why);
