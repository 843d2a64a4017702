/* cmd: the commands of spoor-agent, one file each (cmd-NAME.c), and what they share.
 *
 * A command gets its own name as argv[0] and returns the exit status: 0, CMD_FAILED after one line
 * "spoor-agent: what: why" on standard error, or CMD_USAGE. Every command answers --help on standard output. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum { CMD_OK = 0, CMD_FAILED = 1, CMD_USAGE = 2 };

typedef int cmd_fn(int argc, char **argv);

cmd_fn cmd_config;
cmd_fn cmd_import;
cmd_fn cmd_install;
cmd_fn cmd_plugin;
cmd_fn cmd_query;
cmd_fn cmd_record;
cmd_fn cmd_run;
cmd_fn cmd_snapshot;
cmd_fn cmd_status;
cmd_fn cmd_uninstall;

struct cmd {
	const char *name;
	cmd_fn *run;
	const char *help; /* one line */
};

/* Every command in the order shown to people: NULL past the end. */
const struct cmd *cmd_at(size_t i);
/* NULL when there is none of that name. */
const struct cmd *cmd_find(const char *name);
/* What `spoor-agent --help` prints. */
void cmd_print_overview(FILE *out);

/* One line "spoor-agent: what: why"; control characters in either are made visible. Return CMD_FAILED. */
int cmd_fail(const char *what, const char *why);
int cmd_fail_errno(const char *what, int error); /* error: negative or positive errno */
/* A line already of the form "what: why" (as libraries make them). */
int cmd_fail_line(const char *line);
/* "PROGRAM: NAME: why (see PROGRAM NAME --help)", PROGRAM as log_setup was told. Returns CMD_USAGE. */
int cmd_usage_error(const char *name, const char *why);
/* An option: --NAME, and -LETTER where there is one. The list ends with a NULL name. */
struct cmd_option {
	const char *name;
	char letter;
	bool *flag;         /* it takes no argument: set to true */
	const char **value; /* it takes one: set to that; of several the last counts */
};
enum { CMD_GO_ON = -1, CMD_OPTIONS_MAX = 16 };
/* Takes the options, wherever they stand among the arguments; --help (and -h) is always one. CMD_GO_ON: argv[optind] is the
 * first argument that is none; else the exit status, with the help or a fault told. */
int cmd_options(const char *help, const struct cmd_option *options, int argc, char **argv);

struct cancel;
/* From now on SIGINT, SIGTERM and SIGHUP ask for c to be cancelled; a second one ends the program. */
void cmd_cancel_on_signals(struct cancel *c);
