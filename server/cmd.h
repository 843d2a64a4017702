/* cmd: the commands of spoor-server, one file each (cmd-NAME.c), and what they share. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "agent/base/cmd.h"
#include "server/depot.h"

cmd_fn cmd_activity;
cmd_fn cmd_endpoint;
cmd_fn cmd_group;
cmd_fn cmd_run;
cmd_fn cmd_setup;
cmd_fn cmd_status;
cmd_fn cmd_token;
cmd_fn cmd_user;

/* What --data tells of the data folder, for help texts. */
#define CMD_DATA_HELP "  --data DIR        the server's data folder, else /var/lib/spoor-server\n"

/* cmd_options, and then exactly n arguments must be left; else the usage error says what is wanted (n 0: nothing). */
int cmd_take(const char *help, const struct options_option *options, int argc, char **argv, int n, const char *wanted);
/* The same for a command whose only option is --data. */
int cmd_take_data(const char *help, const char **ret_data, int argc, char **argv, int n, const char *wanted);
/* Of the value of an option, NULL when it was not given: *ret stays then. CMD_OK, or CMD_USAGE told. */
int cmd_number(const char *text, const char *what, int64_t least, int64_t most, int64_t *ret);
/* Opens the depot of the data folder (NULL: the default), or tells why not: NULL. */
struct depot *cmd_open(const char *data);
static inline void cleanup_depot(struct depot **d) { depot_close(*d); }
#define AUTO_DEPOT __attribute__((cleanup(cleanup_depot))) struct depot
/* Adds to the activity log what was done here, by nobody who is known to the server. CMD_OK, or the failure told. */
int cmd_note(struct depot *d, const char *request, const char *about);
/* A depot call's failure told: -EEXIST, -ENOENT in words. CMD_FAILED. */
int cmd_fail_depot(const char *what, int error);
/* Finds it or tells that there is none. 0, or CMD_FAILED told. ret's texts are malloc'd. */
int cmd_find_user(struct depot *d, const char *name, struct depot_user *ret);
void cmd_free_user(struct depot_user *u);
/* A name for a user or group: not empty, at most DEPOT_NAME_MAX bytes, UTF-8, no control characters or "/". NULL or why. */
const char *cmd_name_fault(const char *name);
/* Reads a new password, malloc'd: twice from the terminal without showing it, or the first line of standard input
 * (from_stdin, or no terminal). NULL: told why not. */
char *cmd_ask_password(const char *user, bool from_stdin);
/* Text that nobody else is to find in memory. */
static inline void cleanup_secret(char **s)
{
	if (*s)
		explicit_bzero(*s, strlen(*s));
	free(*s);
}
#define AUTO_SECRET __attribute__((cleanup(cleanup_secret)))
/* Asks on the terminal; no without one. */
bool cmd_ask_yes(const char *question);
