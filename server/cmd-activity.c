#include "server/cmd.h"

#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"

static const char help[] =
	"Usage: spoor-server activity [--limit N] [--data DIR]\n\n"
	"Who opened, searched, took and changed what, newest first. The log is only ever added to.\n\n"
	"  --limit N   at most so many lines (100)\n"
	CMD_DATA_HELP
	"  --help      this text\n";

/* What it is about came from elsewhere: shown as it may be shown. */
static int print(const struct depot_activity *a, void *data)
{
	AUTO_BUF about = BUF_INIT;
	char at[CLOCK_TEXT], who[32];

	text_visible(&about, span_of(a->about));
	snprintf(who, sizeof(who), "user %lld", (long long)a->user);
	printf("%s  %-10s %-20s %s%s%s\n", clock_format_iso(a->time_ms, at), a->user ? who : "here", a->request,
	       about.failed ? "?" : about.n ? about.p : "", a->outcome[0] ? "  " : "", a->outcome);
	return 0;
}

int cmd_activity(int argc, char **argv)
{
	const char *data = NULL, *limit = NULL;
	const struct options_option options[] = {
		{ "data", 0, NULL, &data }, { "limit", 0, NULL, &limit }, { NULL, 0, NULL, NULL },
	};
	int64_t n = 100;
	int r = cmd_take(help, options, argc, argv, 0, NULL);

	if (r != CMD_GO_ON)
		return r;
	if (limit && (span_to_i64(span_of(limit), &n) < 0 || n < 1))
		return cmd_usage_error("activity", "--limit wants a number from 1 on");
	AUTO_DEPOT *d = cmd_open(data);
	r = d ? depot_activity_each(d, n, print, NULL) : CMD_FAILED;
	return r < 0 ? cmd_fail_errno("activity", r) : r;
}
