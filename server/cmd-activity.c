#include "server/cmd.h"

#include <errno.h>
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

struct name {
	int64_t user;
	char *name;
};

struct names {
	struct name *all;
	size_t n;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->all[i].name);
	free(names->all);
}

static int keep_name(const struct depot_user *u, void *data)
{
	struct names *names = data;
	struct name *more = reallocarray(names->all, names->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	names->all = more;
	more[names->n] = (struct name){ u->id, strdup(u->name) };
	return more[names->n++].name ? 0 : -ENOMEM;
}

static const char *name_of(const struct names *names, int64_t user)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->all[i].user == user)
			return names->all[i].name;
	return "-";
}

/* What it is about came from elsewhere: shown as it may be shown. */
static int print(const struct depot_activity *a, void *data)
{
	AUTO_BUF about = BUF_INIT;
	char at[CLOCK_TEXT];

	text_visible(&about, span_of(a->about));
	printf("%s  %-12s %-15s %-16s %s%s%s\n", clock_format_iso(a->time_ms, at), name_of(data, a->user),
	       a->address[0] ? a->address : "here", a->request, about.failed ? "?" : about.n ? about.p : "",
	       a->outcome[0] ? "  " : "", a->outcome);
	return 0;
}

int cmd_activity(int argc, char **argv)
{
	CLEANUP(free_names) struct names names = { NULL, 0 };
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
	if (!d)
		return CMD_FAILED;
	r = depot_user_each(d, NULL, keep_name, &names);
	if (r == 0)
		r = depot_activity_each(d, n, print, &names);
	return r < 0 ? cmd_fail_errno("activity", r) : r;
}
