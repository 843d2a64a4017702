#include "agent/cmd.h"

#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "recorder/store/vault.h"

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

static struct cancel *canceled;

static void on_signal(int signo)
{
	atomic_store(&canceled->requested, true);
}

void cmd_cancel_on_signals(struct cancel *c)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	canceled = c;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

/* What getopt_long just complained about; `opt` is what it returned: '?' or ':'. */
static int usage_option(int opt, char **argv)
{
	AUTO_BUF why = BUF_INIT;
	const char *option = optind > 0 && argv[optind - 1] ? argv[optind - 1] : "?";

	if (optopt > ' ' && optopt < 127 && (option[0] != '-' || option[1] != '-'))
		buf_printf(&why, "%s -%c", opt == ':' ? "missing argument to" : "unknown option", optopt);
	else
		buf_printf(&why, "%s %s", opt == ':' ? "missing argument to" : "unknown option", option);
	return cmd_usage_error(argv[0], why.failed ? "unknown option" : why.p);
}

/* getopt_long answers 256 + the index, whether a name or a letter was used. */
static int read_options(const char *help, const struct cmd_option *options, const struct option *longs,
                        const char *letters, int argc, char **argv)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		const struct cmd_option *o = opt >= 256 ? &options[opt - 256] : NULL;

		if (opt == 'h') {
			fputs(help, stdout);
			return CMD_OK;
		}
		for (const struct cmd_option *by = options; !o && by->name; by++)
			if (by->letter == opt)
				o = by;
		if (!o)
			return usage_option(opt, argv);
		if (o->value)
			*o->value = optarg;
		else
			*o->flag = true;
	}
	return CMD_GO_ON;
}

int cmd_options(const char *help, const struct cmd_option *options, int argc, char **argv)
{
	struct option longs[CMD_OPTIONS_MAX + 2] = { { NULL, 0, NULL, 0 } };
	char letters[2 * CMD_OPTIONS_MAX + 3] = ":h", *end = letters + 2;
	int n = 0;

	for (; options[n].name && n < CMD_OPTIONS_MAX; n++) {
		longs[n] = (struct option){ options[n].name, options[n].value ? required_argument : no_argument, NULL, 256 + n };
		if (!options[n].letter)
			continue;
		*end++ = options[n].letter;
		if (options[n].value)
			*end++ = ':';
	}
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	return read_options(help, options, longs, letters, argc, argv);
}
