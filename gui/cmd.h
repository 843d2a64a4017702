/* cmd: the desktop program's commands that need no display: `spoor render …`, `spoor query …`, `spoor export …`,
 * `spoor compare …`; and `spoor --help`.
 *
 * main() calls cmd_dispatch before anything of GTK is initialised (after confine_child_main). The commands print one
 * line "spoor: what: why" on standard error when they fail. */
#pragma once

#include <stdbool.h>

/* True when argv[1] names a command: it has run, and *ret_status is the exit status (0, 1 failed, 2 usage). False: the
 * arguments are files and options for the app. A file that is called like a command is opened as ./NAME. */
bool cmd_dispatch(int argc, char **argv, int *ret_status);

/* Each gets its own name as argv[0]. */
int cmd_compare(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_render(int argc, char **argv);
int cmd_query(int argc, char **argv); /* spoor-agent's, linked in */
