/* spoor-agent: records an endpoint's history and reads it. */
#include "agent/cmd.h"
#include "agent/session/confine.h"

static const struct cmd commands[] = {
	{ "run", cmd_run, "the daemon: keeps the recorder running" },
	{ "record", cmd_record, "this machine into a database, until told to stop" },
	{ "enroll", cmd_enroll, "make this machine known to a server" },
	{ "import", cmd_import, "audit logs into a database" },
	{ "query", cmd_query, "print the events of a database that match an expression" },
	{ "config", cmd_config, "check a configuration file" },
	{ "snapshot", cmd_snapshot, "a consistent copy of a database in one file" },
	{ "status", cmd_status, "what records, what is lost, what is missing" },
	{ "plugin", cmd_plugin, "record what auditd hands over, as one of its plugins" },
	{ "install", cmd_install, "the daemon on this host, without a package" },
	{ "uninstall", cmd_uninstall, "what install did" },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	confine_child_main(argc, argv);
	return cmd_main("spoor-agent", "Records what happens on this machine into a local database, and reads it.", commands, argc,
	                argv);
}
