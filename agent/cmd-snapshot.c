#include "agent/cmd.h"

#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/snapshot.h"

static const char help[] =
	"Usage: spoor-agent snapshot --db FILE DIR\n\n"
	"Copies the database FILE, which a recorder may be writing, into the folder DIR as one file\n"
	"HOST_YYYY_MM_DDTHH.MM.SS.mmmZ.db (UTC) and prints its path. The copy holds everything up to\n"
	"one moment; it appears complete or not at all.\n\n"
	"  --db FILE  the database\n"
	"  --quiet    no progress on the terminal\n"
	"  --help     this text\n";

static struct cancel snapshot_cancel;

static void on_progress(double fraction, void *data)
{
	int *shown = data, percent = (int)(fraction * 100);

	if (percent != *shown)
		fprintf(stderr, "\r%3d%% ", percent);
	*shown = percent;
}

static int snapshot(const char *db, const char *dir, bool quiet)
{
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *error = NULL;
	bool progress = !quiet && isatty(STDERR_FILENO);
	int shown = -1;
	int r;

	cmd_cancel_on_signals(&snapshot_cancel);
	r = snapshot_take(db, dir, &snapshot_cancel, progress ? on_progress : NULL, &shown, &path, &error);
	if (progress)
		fputs("\r      \r", stderr);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(db, r);
	printf("%s\n", path);
	return CMD_OK;
}

int cmd_snapshot(int argc, char **argv)
{
	const char *db = NULL;
	bool quiet = false;
	const struct options_option options[] = { { "db", 0, NULL, &db }, { "quiet", 0, &quiet, NULL }, { NULL, 0, NULL, NULL } };
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (!db)
		return cmd_usage_error("snapshot", "which database? --db FILE is missing");
	if (argc - optind != 1)
		return cmd_usage_error("snapshot", "one folder for the copy is wanted");
	return snapshot(db, argv[optind], quiet);
}
