#include "agent/cmd.h"

#include <getopt.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/base/text.h"

static const struct cmd commands[] = {
	{ "run", cmd_run, "the daemon: keeps the recorder running" },
	{ "record", cmd_record, "this machine into a database, until told to stop" },
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

const struct cmd *cmd_at(size_t i)
{
	return i < ARRAY_LEN(commands) && commands[i].name ? &commands[i] : NULL;
}

const struct cmd *cmd_find(const char *name)
{
	const struct cmd *c;

	for (size_t i = 0; (c = cmd_at(i)); i++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

void cmd_print_overview(FILE *out)
{
	const struct cmd *c;

	fputs("Usage: spoor-agent COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "Records what happens on this machine into a local database, and reads it.\n\n", out);
	for (size_t i = 0; (c = cmd_at(i)); i++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
	fputs("\nspoor-agent COMMAND --help tells more; spoor-agent --version prints the version.\n", out);
}

int cmd_fail_line(const char *line)
{
	AUTO_BUF shown = BUF_INIT;

	text_visible(&shown, span_of(line));
	log_error("%s", shown.failed || !shown.p ? "out of memory" : shown.p);
	return CMD_FAILED;
}

int cmd_fail(const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s", what, why);
	return cmd_fail_line(line.failed ? why : line.p);
}

int cmd_fail_errno(const char *what, int error)
{
	return cmd_fail(what, strerror(error < 0 ? -error : error));
}

int cmd_usage_error(const char *name, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s (see %s %s --help)", name, why, log_name(), name);
	cmd_fail_line(line.failed ? why : line.p);
	return CMD_USAGE;
}

int cmd_usage_option(int opt, char **argv)
{
	AUTO_BUF why = BUF_INIT;
	const char *option = optind > 0 && argv[optind - 1] ? argv[optind - 1] : "?";

	if (optopt > ' ' && optopt < 127 && (option[0] != '-' || option[1] != '-'))
		buf_printf(&why, "%s -%c", opt == ':' ? "missing argument to" : "unknown option", optopt);
	else
		buf_printf(&why, "%s %s", opt == ':' ? "missing argument to" : "unknown option", option);
	return cmd_usage_error(argv[0], why.failed ? "unknown option" : why.p);
}
