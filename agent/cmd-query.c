#include "agent/cmd.h"

#include <errno.h>
#include <unistd.h>
#include <inttypes.h>
#include <signal.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/query-values.h"
#include "recorder/query/complete.h"
#include "recorder/query/walk.h"
#include "recorder/store/vault.h"

static const char help[] =
	"Prints the events in the database DB that match EXPRESSION, all without one. For example:\n"
	"  process.executable == \"/usr/bin/curl\" and event.category == network\n"
	"  file.path startswith \"/etc/\" and not user.name == \"root\"\n\n"
	"  --format F   table (default), csv, json: one object a line; timesketch, timesketch-csv\n"
	"  --limit N    at most N rows\n"
	"  --count      only how many there are; a row of many alike events (×N) counts as N\n"
	"  --group F    instead of rows the values of field F, with how many events have each; the most frequent first\n"
	"  --rare       with --group: the rarest first\n"
	"  --top N      with --group: N values, 20 without\n"
	"  --oldest     oldest first (default)\n"
	"  --newest     newest first\n"
	"  --from T     from this time on: 2026-11-20T08:55:01Z, 2026-11-20, -1h\n"
	"  --to T       before this time\n"
	"  --live       a recorder of this machine is writing DB: read it where it is, without a copy\n"
	"  --check      check the whole database for damage before reading it\n"
	"  --quiet      do not say on standard error whether this time was fully recorded\n"
	"  --fields     print what can be asked: the language and all its fields, Markdown\n"
	"  --help       this text\n";

struct query {
	const char *path, *text;
	const struct row_format *format;
	struct reader_values_wish group; /* field NULL: rows */
	struct reader_range range;
	enum reader_order order;
	uint64_t limit;
	unsigned flags;
	bool count, quiet;
};

static struct cancel query_cancel;

static void on_signal(int signo)
{
	(void)signo;
	atomic_store(&query_cancel.requested, true);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* How many columns of a terminal the text takes, a code point each. */
static size_t columns(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static int wrong_expression(const char *text, const struct expr_error *e)
{
	AUTO_BUF line = BUF_INIT, before = BUF_INIT, fault = BUF_INIT;
	struct span all = span_of(text);
	size_t from = e->column < all.n ? e->column : all.n, n = e->length < all.n - from ? e->length : all.n - from;

	buf_printf(&line, "query: column %zu: %s", columns((struct span){ all.p, from }) + 1, e->message);
	cmd_fail_line(line.failed ? e->message : line.p);
	text_visible(&before, (struct span){ all.p, from });
	text_visible(&fault, (struct span){ all.p + from, n });
	buf_clear(&line);
	text_visible(&line, all);
	if (line.failed || before.failed || fault.failed)
		return CMD_USAGE;
	fprintf(stderr, "  %s\n  %*s^", line.p ? line.p : "", (int)columns(buf_span(&before)), "");
	for (size_t i = 1; i < columns(buf_span(&fault)); i++)
		fputc('~', stderr);
	fputc('\n', stderr);
	return CMD_USAGE;
}

static int failed(const struct query *q, const struct reader *r, int error)
{
	return error == -ECANCELED ? cmd_fail("query", "interrupted") : cmd_fail(q->path, reader_error_text(r, error));
}

/* ---- rows ---- */

struct printing {
	const struct row_format *format;
	struct row_format_columns columns;
	struct buf out;
};

static int print_row(const struct row_format_line *line, void *data)
{
	struct printing *p = data;

	p->format->row(&p->out, &p->columns, line);
	if (p->out.failed)
		return -ENOMEM;
	if (fwrite(p->out.p, 1, p->out.n, stdout) != p->out.n)
		return -EPIPE;
	buf_clear(&p->out);
	return 0;
}

static int print_all(const struct query *q, struct reader *r, const struct expr *where)
{
	struct printing p = { q->format, row_format_all(), BUF_INIT };
	const struct walk w = { r, &query_cancel, where, q->range, q->order, q->limit, q->format->takes_args };
	int error;

	p.format->head(&p.out, &p.columns);
	if (p.out.n)
		fwrite(p.out.p, 1, p.out.n, stdout);
	buf_clear(&p.out);
	error = walk_rows(&w, print_row, &p);
	buf_free(&p.out);
	if (error == -EPIPE || fflush(stdout) != 0)
		return cmd_fail_errno("standard output", errno ? errno : EPIPE);
	return error < 0 ? failed(q, r, error) : CMD_OK;
}

static int print_count(const struct query *q, struct reader *r, const struct expr *where)
{
	struct reader_count count;
	int error = r->ops->count(r, &query_cancel, where, q->range, 0, &count);

	if (error < 0)
		return failed(q, r, error);
	printf("%" PRIu64 "\n", count.events);
	reader_count_free(&count);
	return fflush(stdout) == 0 ? CMD_OK : cmd_fail_errno("standard output", errno);
}

static int print_values(const struct query *q, struct reader *r, const struct expr *where)
{
	struct reader_values v;
	AUTO_BUF out = BUF_INIT, summary = BUF_INIT;
	int error = r->ops->values(r, &query_cancel, where, q->range, &q->group, &v);

	if (error < 0)
		return failed(q, r, error);
	error = query_values_print(&out, q->format->name, q->group.field, &v);
	query_values_summary(&summary, q->group.field, &v);
	reader_values_free(&v);
	if (error < 0 || summary.failed)
		return cmd_fail_errno("query", ENOMEM);
	fwrite(out.p ? out.p : "", 1, out.n, stdout);
	if (!q->quiet)
		fprintf(stderr, "%s: %s\n", log_name(), summary.p);
	return fflush(stdout) == 0 ? CMD_OK : cmd_fail_errno("standard output", errno);
}

/* ---- whether that is all ---- */

/* On standard error, after the rows: what is not there may have happened all the same. */
static int print_completeness(const struct query *q, struct reader *r, const struct expr *where)
{
	struct reader_range range = q->range;
	struct reader_completeness c;
	AUTO_BUF line = BUF_INIT;
	unsigned kinds = 0;
	int error;

	complete_extent(where, clock_now(), &range, &kinds);
	if (range.from_ms >= range.to_ms)
		return CMD_OK; /* a contradiction asks for no time */
	error = r->ops->completeness(r, &query_cancel, range, kinds, &c);
	if (error < 0)
		return failed(q, r, error);
	complete_words(&c, &line);
	reader_completeness_free(&c);
	if (!line.failed)
		fprintf(stderr, "%s: %s\n", log_name(), line.p);
	return CMD_OK;
}

/* ---- the command ---- */

static int run(const struct query *q)
{
	AUTO_EXPR *where = NULL;
	AUTO_FREE char *error = NULL;
	AUTO_READER *r = NULL;
	struct expr_error fault;
	struct sqlite3 *db = NULL;
	int e = expr_parse(span_of(q->text), &where, &fault);

	if (e == -ENOMEM)
		return cmd_fail_errno("query", e);
	if (e < 0)
		return wrong_expression(q->text, &fault);
	catch_signals();
	e = vault_open(q->path, q->flags, &query_cancel, NULL, NULL, &db, &error);
	if (e < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(q->path, e);
	r = reader_open_db(db);
	if (!r)
		return cmd_fail_errno(q->path, ENOMEM);
	e = q->count ? print_count(q, r, where) : q->group.field ? print_values(q, r, where) : print_all(q, r, where);
	return e == CMD_OK && !q->quiet ? print_completeness(q, r, where) : e;
}

static int print_fields(void)
{
	AUTO_BUF out = BUF_INIT;

	field_reference(&out);
	if (out.failed)
		return cmd_fail_errno("query", ENOMEM);
	fputs(out.p, stdout);
	return fflush(stdout) == 0 ? CMD_OK : cmd_fail_errno("standard output", errno);
}

static int set_time(const char *option, const char *value, int64_t *to)
{
	AUTO_BUF why = BUF_INIT;

	if (!value || clock_parse(span_of(value), clock_now(), to) == 0)
		return 0;
	buf_printf(&why, "%s: \"%s\" is not a time: write 2026-11-20T08:55:01Z, 2026-11-20 or -1h", option, value);
	return cmd_usage_error("query", why.failed ? option : why.p);
}

static int take_group(struct query *q, const char *field, const char *top)
{
	uint64_t max = 20;

	if (!field && (top || q->group.order == READER_RARE_FIRST))
		return cmd_usage_error("query", "--rare and --top are of values: --group FIELD");
	if (!field)
		return CMD_OK;
	q->group.field = field_find(span_of(field));
	if (!q->group.field)
		return cmd_usage_error("query", "--group takes a field: --fields names them");
	if (top && (span_to_u64(span_of(top), &max) < 0 || max > READER_MAX_VALUES))
		return cmd_usage_error("query", "--top takes a number up to 1000");
	if (strncmp(q->format->name, "timesketch", 10) == 0)
		return cmd_usage_error("query", "--format is table, csv or json with --group");
	q->group.max = (size_t)max;
	return CMD_OK;
}

static int take_options(struct query *q, bool *ret_fields, int argc, char **argv)
{
	AUTO_BUF whole = BUF_INIT;
	const char *format = "table", *limit = NULL, *from = NULL, *to = NULL, *group = NULL, *top = NULL;
	bool rare = false, oldest = false, newest = false, check = false, live = false;
	const struct options_option options[] = {
		{ "format", 0, NULL, &format }, { "limit", 0, NULL, &limit }, { "count", 0, &q->count, NULL },
		{ "oldest", 0, &oldest, NULL }, { "newest", 0, &newest, NULL }, { "from", 0, NULL, &from },
		{ "to", 0, NULL, &to }, { "check", 0, &check, NULL }, { "live", 0, &live, NULL },
		{ "group", 0, NULL, &group }, { "rare", 0, &rare, NULL }, { "top", 0, NULL, &top },
		{ "quiet", 0, &q->quiet, NULL }, { "fields", 0, ret_fields, NULL }, { NULL, 0, NULL, NULL },
	};
	int r;

	buf_printf(&whole, "Usage: %s query [OPTION...] DB [EXPRESSION]\n       %s query --fields\n\n%s", log_name(), log_name(),
	           help);
	r = cmd_options(whole.failed ? help : whole.p, options, argc, argv);
	if (r != CMD_GO_ON)
		return r;
	q->format = row_format_find(format);
	if (!q->format)
		return cmd_usage_error("query", "--format is table, csv, json, timesketch or timesketch-csv");
	if (limit && span_to_u64(span_of(limit), &q->limit) < 0)
		return cmd_usage_error("query", "--limit takes a number");
	if (oldest && newest)
		return cmd_usage_error("query", "the oldest first, or the newest?");
	if (oldest || newest)
		q->order = oldest ? READER_OLDEST_FIRST : READER_NEWEST_FIRST;
	q->flags |= (check ? VAULT_CHECK : 0u) | (live ? VAULT_LIVE : 0u);
	q->group.order = rare ? READER_RARE_FIRST : READER_COMMON_FIRST;
	if (group && (q->count || limit || oldest || newest))
		return cmd_usage_error("query", "--count, --limit, --oldest and --newest are of events, not of values (--group)");
	r = take_group(q, group, top);
	if (r != CMD_OK)
		return r;
	r = set_time("--from", from, &q->range.from_ms);
	if (r == CMD_OK)
		r = set_time("--to", to, &q->range.to_ms);
	return r == CMD_OK ? CMD_GO_ON : r;
}

int cmd_query(int argc, char **argv)
{
	struct query q = { .range = READER_ALL_TIME, .limit = UINT64_MAX, .text = "" };
	bool fields = false;
	int r = take_options(&q, &fields, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (fields)
		return print_fields();
	if (optind >= argc)
		return cmd_usage_error("query", "which database? DB is missing");
	if (argc - optind > 2)
		return cmd_usage_error("query", "more than one expression: put it in quotes");
	q.path = argv[optind];
	if (argc - optind == 2)
		q.text = argv[optind + 1];
	return run(&q);
}
