#include "agent/cmd.h"

#include <errno.h>
#include <unistd.h>
#include <inttypes.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/import.h"

static const char help[] =
	"Usage: spoor-agent import --db FILE LOG...\n\n"
	"Reads Linux audit logs into the database FILE, which is made when it is not there.\n"
	"A new database appears complete or not at all; an existing one is changed as a whole.\n\n"
	"LOG is a file as auditd writes it (raw or enriched), plain or compressed with gzip or\n"
	"zstd, or - for standard input. Several logs are read in the order of their times.\n\n"
	"  --db FILE  the database\n"
	"  --quiet    no progress on the terminal\n"
	"  --help     this text\n";

static struct cancel import_cancel;

static void on_progress(int64_t done, int64_t total, void *data)
{
	if (total > 0)
		fprintf(stderr, "\r%3d%% of %.1f MB ", (int)(done * 100 / total), (double)total / 1e6);
	else
		fprintf(stderr, "\r%.1f MB ", (double)done / 1e6);
}

static int import(const char *db, const char *const *logs, size_t n_logs, bool quiet)
{
	struct import_result result;
	AUTO_FREE char *error = NULL;
	bool progress = !quiet && isatty(STDERR_FILENO);
	struct import_config c = { .db = db, .logs = logs, .n_logs = n_logs, .cancel = &import_cancel,
	                           .progress = progress ? on_progress : NULL };
	int r;

	cmd_cancel_on_signals(&import_cancel);
	r = import_run(&c, &result, &error);
	if (progress)
		fputs("\r                              \r", stderr);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(db, r);
	printf("%" PRIu64 " records, %" PRIu64 " events, %" PRIu64 " unparsed, %.2f seconds\n", result.records,
	       result.events, result.unparsed, (double)result.ms / 1000);
	return CMD_OK;
}

int cmd_import(int argc, char **argv)
{
	const char *db = NULL;
	bool quiet = false;
	const struct options_option options[] = { { "db", 0, NULL, &db }, { "quiet", 0, &quiet, NULL }, { NULL, 0, NULL, NULL } };
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (!db)
		return cmd_usage_error("import", "which database? --db FILE is missing");
	if (optind >= argc)
		return cmd_usage_error("import", "which log? LOG is missing");
	return import(db, (const char *const *)argv + optind, (size_t)(argc - optind), quiet);
}
