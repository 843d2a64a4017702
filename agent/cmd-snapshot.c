#include "agent/cmd.h"

#include <getopt.h>
#include <signal.h>

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

static void on_signal(int signo)
{
	atomic_store(&snapshot_cancel.requested, true);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

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

	catch_signals();
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
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' }, { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	const char *db = NULL;
	bool quiet = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", options, NULL)) >= 0) {
		switch (opt) {
		case 'd': db = optarg; break;
		case 'q': quiet = true; break;
		case 'h': fputs(help, stdout); return CMD_OK;
		default: return cmd_usage_option(opt, argv);
		}
	}
	if (!db)
		return cmd_usage_error("snapshot", "which database? --db FILE is missing");
	if (argc - optind != 1)
		return cmd_usage_error("snapshot", "one folder for the copy is wanted");
	return snapshot(db, argv[optind], quiet);
}
