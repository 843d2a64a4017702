#include "agent/cmd.h"

#include <getopt.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/config.h"
#include "agent/settings.h"

static const char help[] =
	"Usage: spoor-agent config check [FILE]\n\n"
	"Reads a configuration file (" SETTINGS_PATH " when none is named) as record -c\n"
	"does, and says in which line what is wrong.\n\n"
	"  --help  this text\n";

static int check(const char *path)
{
	AUTO_FREE char *error = NULL;
	struct settings s;
	struct config c;
	int r = settings_load(path, false, &s, &error);

	if (r == 0)
		r = config_load(path, &c, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(path, r);
	config_free(&c);
	printf("%s: all right\n", path);
	return CMD_OK;
}

int cmd_config(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", options, NULL)) >= 0) {
		if (opt != 'h')
			return cmd_usage_option(opt, argv);
		fputs(help, stdout);
		return CMD_OK;
	}
	if (optind >= argc || strcmp(argv[optind], "check") != 0)
		return cmd_usage_error("config", "what to do? \"check\" is all there is");
	if (optind + 2 < argc)
		return cmd_usage_error("config", "too many arguments");
	return check(optind + 1 < argc ? argv[optind + 1] : SETTINGS_PATH);
}
