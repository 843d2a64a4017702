#include "agent/cmd.h"

#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/cmd-record.h"
#include "agent/settings.h"

static const char help[] =
	"Usage: spoor-agent plugin [-c FILE] [--db FILE]\n\n"
	"Records what auditd hands over on standard input, as one of its plugins: auditd starts\n"
	"it by the file spoor.conf in its plugins.d (format = string), and ends it. For hosts\n"
	"where everything has to come from auditd; elsewhere `run` is simpler. Rules under our\n"
	"key are added as always, and removed at the end.\n\n"
	"  -c, --config FILE  where to read the database's place; else " SETTINGS_PATH "\n"
	"  --db FILE          the database\n"
	"  --help             this text\n";

int cmd_plugin(int argc, char **argv)
{
	AUTO_FREE char *error = NULL;
	const char *config = NULL, *db = NULL;
	const struct options_option options[] = {
		{ "config", 'c', NULL, &config }, { "db", 0, NULL, &db }, { NULL, 0, NULL, NULL },
	};
	struct settings s;
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind < argc)
		return cmd_usage_error("plugin", "too many arguments");
	if (isatty(STDIN_FILENO))
		return cmd_usage_error("plugin", "standard input is a terminal: auditd starts this");
	r = settings_load(config ? config : SETTINGS_PATH, !config, &s, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("configuration", r);
	return cmd_record_run(&(struct live_config){ .db = db ? db : s.database, .source = SOURCE_PLUGIN,
	                                             .plugin_fd = STDIN_FILENO },
	                      (struct cmd_record_config){ config ? config : SETTINGS_PATH, !config }, CMD_RECORD_FOREVER, true);
}
