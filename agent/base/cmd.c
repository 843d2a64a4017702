#include "agent/base/cmd.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "agent/base/cancel.h"
#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/base/text.h"

static const struct cmd *find(const struct cmd *commands, const char *name)
{
	for (; commands->name; commands++)
		if (strcmp(commands->name, name) == 0)
			return commands;
	return NULL;
}

static void print_overview(FILE *out, const char *program, const char *about, const struct cmd *commands)
{
	fprintf(out, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\n%s\n\n", program, about);
	for (; commands->name; commands++)
		fprintf(out, "  %-10s %s\n", commands->name, commands->help);
	fprintf(out, "\n%s COMMAND --help tells more; %s --version prints the version.\n", program, program);
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int cmd_main(const char *program, const char *about, const struct cmd *commands, int argc, char **argv)
{
	const struct cmd *c;

	log_setup(program, LOG_LEVEL_INFO);
	if (argc < 2) {
		print_overview(stderr, program, about, commands);
		return CMD_USAGE;
	}
	if (is_help(argv[1])) {
		print_overview(stdout, program, about, commands);
		return CMD_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", program, SPOOR_VERSION);
		return CMD_OK;
	}
	c = find(commands, argv[1]);
	if (c)
		return c->run(argc - 1, argv + 1);
	cmd_fail(argv[1], "no such command (see --help)");
	return CMD_USAGE;
}

int cmd_second(const char *help, const struct cmd *commands, int argc, char **argv)
{
	const struct cmd *c;

	if (argc < 2)
		return cmd_usage_error(argv[0], "what to do is missing");
	if (is_help(argv[1])) {
		fputs(help, stdout);
		return CMD_OK;
	}
	c = find(commands, argv[1]);
	if (!c)
		return cmd_usage_error(argv[0], "no such thing to do");
	argv[1] = argv[0];
	return c->run(argc - 1, argv + 1);
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

int cmd_options(const char *help, const struct options_option *options, int argc, char **argv)
{
	AUTO_BUF why = BUF_INIT;

	switch (options_read(options, argc, argv, &why)) {
	case OPTIONS_READ:
		return CMD_GO_ON;
	case OPTIONS_HELP:
		fputs(help, stdout);
		return CMD_OK;
	default:
		return cmd_usage_error(argv[0], why.failed ? "unknown option" : why.p);
	}
}
