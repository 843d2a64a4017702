/* spoor-server: what many investigators share about many endpoints. */
#include <sys/stat.h>

#include "agent/session/confine.h"
#include "server/cmd.h"

static const struct cmd commands[] = {
	{ "setup", cmd_setup, "the data folder, certificates and the first administrator" },
	{ "run", cmd_run, "serves apps and agents" },
	{ "status", cmd_status, "how the server that runs here is" },
	{ "user", cmd_user, "who may log in, and what they may do" },
	{ "group", cmd_group, "groups of users, and the computers that they see" },
	{ "token", cmd_token, "what a computer needs to enrol" },
	{ "endpoint", cmd_endpoint, "the computers that have enrolled" },
	{ "activity", cmd_activity, "who did what" },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	confine_child_main(argc, argv);
	umask(077); /* passwords' hashes, keys, evidence: nobody else's */
	return cmd_main("spoor-server", "Keeps what investigators share: who may see which computers, and what they found.",
	                commands, argc, argv);
}
