/* cmd: what the commands of a program share: finding one by name, its options, its one line when it fails.
 *
 * A command gets its own name as argv[0] and returns the exit status: 0, CMD_FAILED after one line "PROGRAM: what: why" on
 * standard error, or CMD_USAGE. Every command answers --help on standard output. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "agent/base/options.h"

enum { CMD_OK = 0, CMD_FAILED = 1, CMD_USAGE = 2 };

typedef int cmd_fn(int argc, char **argv);

struct cmd {
	const char *name;
	cmd_fn *run;
	const char *help; /* one line */
};

/* The whole of main: runs the command that argv names, or answers --help and --version. The table ends with a NULL name, is
 * in the order shown to people; `about` is one sentence. */
int cmd_main(const char *program, const char *about, const struct cmd *commands, int argc, char **argv);
/* The same for commands of a command ("user add"), which get the outer one's name as argv[0]; `help` is its --help. */
int cmd_second(const char *help, const struct cmd *commands, int argc, char **argv);

/* One line "PROGRAM: what: why"; control characters in either are made visible. Return CMD_FAILED. */
int cmd_fail(const char *what, const char *why);
int cmd_fail_errno(const char *what, int error); /* error: negative or positive errno */
/* A line already of the form "what: why" (as libraries make them). */
int cmd_fail_line(const char *line);
/* "PROGRAM: NAME: why (see PROGRAM NAME --help)", PROGRAM as log_setup was told. Returns CMD_USAGE. */
int cmd_usage_error(const char *name, const char *why);
enum { CMD_GO_ON = -1 };
/* options_read for a command: CMD_GO_ON, else the exit status, with the help or a fault told. */
int cmd_options(const char *help, const struct options_option *options, int argc, char **argv);

struct cancel;
/* From now on SIGINT, SIGTERM and SIGHUP ask for c to be cancelled; a second one ends the program. */
void cmd_cancel_on_signals(struct cancel *c);
