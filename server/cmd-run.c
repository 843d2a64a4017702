#include "server/cmd.h"

#include "server/conf.h"
#include "server/run.h"

static const char help[] =
	"Usage: spoor-server run [-c FILE] [--data DIR]\n\n"
	"Serves apps (port 17443) and agents (port 17444) until SIGTERM. SIGHUP reads the configuration, certificates and\n"
	"revocations again, and opens the log file anew.\n\n"
	"  -c, --config FILE  else " CONF_DEFAULT ", if it is there\n"
	"  --data DIR         the server's data folder, else /var/lib/spoor-server\n"
	"  --help             this text\n";

int cmd_run(int argc, char **argv)
{
	const char *config = NULL, *data = NULL;
	const struct options_option options[] = {
		{ "config", 'c', NULL, &config }, { "data", 0, NULL, &data }, { NULL, 0, NULL, NULL },
	};
	int r = cmd_take(help, options, argc, argv, 0, NULL);

	return r == CMD_GO_ON ? run(config, data) : r;
}
