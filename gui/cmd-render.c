#include "gui/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/session/confine.h"
#include "timeline/view/render.h"

enum { OK = 0, FAILED = 1, USAGE = 2 };
enum { DEFAULT_WIDTH = 1200, DEFAULT_ROWS = 24, MAX_SIZE = 16384, MAX_CHILDREN = 200, ROW_HEIGHT = 24 };

static const char help[] =
	"Usage: spoor render timeline|tree --process ID|--pid N [OPTION...] -o FILE DB\n"
	"       spoor render explorer [--where EXPRESSION] [OPTION...] -o FILE DB\n"
	"\n"
	"Draws what the app shows into a picture, without a display.\n"
	"\n"
	"  -o, --output FILE     .png, .svg or .pdf\n"
	"      --process ID      the process with that id in the recording (see event's process.entity_id)\n"
	"      --pid N           the last process with that pid\n"
	"      --where EXPR      explorer: only what matches\n"
	"      --from TIME       2026-11-20T08:55:01.204Z, or -1h from now\n"
	"      --to TIME         up to, but not including\n"
	"      --newest          explorer: newest first\n"
	"      --size WxH        in pixels, points in a PDF; by default as large as needed\n"
	"      --scale N         pixels to a point of PNG, 1 to 4\n"
	"      --dark            on a dark ground\n"
	"      --title TEXT      a line above; by default host and file\n"
	"      --help\n";

enum what { TIMELINE, TREE, EXPLORER };

struct request {
	enum what what;
	int64_t process, pid; /* 0: not given */
	const char *where_text, *output, *path, *title;
	struct expr *where;
	struct reader_range range;
	bool newest;
	enum render_format format;
	struct render_options options;
};

/* ---- errors ---- */

static int fail_line(const char *line)
{
	AUTO_BUF shown = BUF_INIT;

	text_visible(&shown, span_of(line));
	log_error("%s", shown.failed || !shown.p ? "out of memory" : shown.p);
	return FAILED;
}

static int fail(const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s", what, why);
	return fail_line(line.failed ? why : line.p);
}

static int usage(const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "render: %s: %s (see spoor render --help)", what, why);
	fail_line(line.failed ? why : line.p);
	return USAGE;
}

static int fail_call(const struct request *q, const struct reader *r, int error)
{
	return fail(q->path, reader_error_text(r, error));
}

/* ---- arguments ---- */

static int parse_size(const char *text, struct render_options *o)
{
	struct span rest = span_of(text), w, h;
	uint64_t width, height;

	if (!span_next(&rest, 'x', &w) || !span_next(&rest, 'x', &h) || rest.p || span_to_u64(w, &width) < 0 ||
	    span_to_u64(h, &height) < 0 || width < 100 || height < 100 || width > MAX_SIZE || height > MAX_SIZE)
		return usage("--size", "WIDTHxHEIGHT, each from 100 to 16384");
	o->width = (int)width;
	o->height = (int)height;
	return OK;
}

static int parse_positive(const char *option, const char *text, int64_t max, int64_t *ret)
{
	int64_t v;

	if (span_to_i64(span_of(text), &v) < 0 || v < 1 || v > max)
		return usage(option, "a positive number is needed");
	*ret = v;
	return OK;
}

static int parse_time(const char *option, const char *text, int64_t *ret)
{
	if (clock_parse(span_of(text), clock_now(), ret) < 0)
		return usage(option, "no time like 2026-11-20T08:55:01.204Z or -1h");
	return OK;
}

enum { OPT_PROCESS = 256, OPT_PID, OPT_WHERE, OPT_FROM, OPT_TO, OPT_NEWEST, OPT_SIZE, OPT_SCALE, OPT_DARK, OPT_TITLE,
       OPT_HELP };

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "process", required_argument, NULL, OPT_PROCESS },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "where", required_argument, NULL, OPT_WHERE },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "newest", no_argument, NULL, OPT_NEWEST },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "scale", required_argument, NULL, OPT_SCALE },
	{ "dark", no_argument, NULL, OPT_DARK },
	{ "title", required_argument, NULL, OPT_TITLE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* OK, USAGE after an error was told, or -1 after --help. */
static int parse_option(int opt, char **argv, struct request *q)
{
	int64_t scale = 0;
	int r = OK;

	switch (opt) {
	case 'o': q->output = optarg; break;
	case OPT_PROCESS: r = parse_positive("--process", optarg, INT64_MAX, &q->process); break;
	case OPT_PID: r = parse_positive("--pid", optarg, INT32_MAX, &q->pid); break;
	case OPT_WHERE: q->where_text = optarg; break;
	case OPT_FROM: r = parse_time("--from", optarg, &q->range.from_ms); break;
	case OPT_TO: r = parse_time("--to", optarg, &q->range.to_ms); break;
	case OPT_NEWEST: q->newest = true; break;
	case OPT_SIZE: r = parse_size(optarg, &q->options); break;
	case OPT_SCALE:
		r = parse_positive("--scale", optarg, 4, &scale);
		if (r == OK)
			q->options.scale = (double)scale;
		break;
	case OPT_DARK: q->options.dark = true; break;
	case OPT_TITLE: q->title = optarg; break;
	case OPT_HELP:
		fputs(help, stdout);
		return -1;
	default: r = usage(argv[optind - 1], opt == ':' ? "an argument is missing" : "unknown option"); break;
	}
	return r;
}

static int parse_where(struct request *q)
{
	AUTO_BUF why = BUF_INIT;
	struct expr_error e = { 0 };
	int r;

	if (!q->where_text)
		return OK;
	if (q->what != EXPLORER)
		return usage("--where", "only the explorer is filtered");
	r = expr_parse(span_of(q->where_text), &q->where, &e);
	if (r == 0)
		return OK;
	if (r == -ENOMEM)
		return fail("--where", strerror(ENOMEM));
	buf_printf(&why, "column %zu: %s", e.column + 1, e.message);
	return usage("--where", why.failed ? "out of memory" : why.p);
}

static int parse_words(int argc, char **argv, struct request *q)
{
	static const char *const whats[] = { "timeline", "tree", "explorer" };
	size_t i = 0;

	if (optind >= argc)
		return usage("missing", "timeline, tree or explorer");
	while (i < ARRAY_LEN(whats) && strcmp(argv[optind], whats[i]) != 0)
		i++;
	if (i == ARRAY_LEN(whats))
		return usage(argv[optind], "neither timeline, tree nor explorer");
	q->what = (enum what)i;
	if (optind + 2 != argc)
		return usage("DB", optind + 1 >= argc ? "a recording is missing" : "one recording, not more");
	q->path = argv[optind + 1];
	if (!q->options.width && q->what != TREE)
		q->options.width = DEFAULT_WIDTH;
	if (!q->output)
		return usage("-o", "a file is missing");
	if (render_format_of(q->output, &q->format) < 0)
		return usage(q->output, "the name must end in .png, .svg or .pdf");
	if (q->what != EXPLORER && !q->process == !q->pid)
		return usage(whats[i], "one of --process and --pid is needed");
	if (q->range.from_ms >= q->range.to_ms)
		return usage("--from", "it is not before --to");
	return parse_where(q);
}

static int parse_arguments(int argc, char **argv, struct request *q)
{
	int opt, r;

	opterr = 0;
	optind = 1;
	while ((opt = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		r = parse_option(opt, argv, q);
		if (r != OK)
			return r;
	}
	return parse_words(argc, argv, q);
}

/* ---- drawing ---- */

static int draw_error(const struct request *q, int error)
{
	return error < 0 ? fail(q->output, strerror(-error)) : OK;
}

/* The process that was asked for, or 0 after an error was told. */
static int64_t find_process(const struct request *q, struct reader *r)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_EXPR *where = NULL;
	struct expr_error e;
	struct reader_page page;
	int64_t process;
	int error;

	if (q->process)
		return q->process;
	buf_printf(&text, "process.pid == %lld", (long long)q->pid);
	error = expr_parse(buf_span(&text), &where, &e);
	if (error == 0)
		error = r->ops->page(r, NULL, where, q->range, (struct reader_place){ READER_NEWEST_FIRST, 0, 0 }, 1, &page);
	if (error < 0)
		return fail_call(q, r, error), 0;
	process = page.n ? page.rows[0].process : 0;
	reader_page_free(&page);
	if (!process) {
		buf_clear(&text);
		buf_printf(&text, "nothing of a process with pid %lld is in it", (long long)q->pid);
		fail(q->path, text.p ? text.p : "");
	}
	return process;
}

/* What was asked for, else the process's life with a little air around it. */
static struct reader_range life_of(const struct reader_process *p, const struct reader_info *info,
                                   struct reader_range asked)
{
	int64_t from = p->start_ms ? p->start_ms : info->first_ms, to = p->end_ms ? p->end_ms : info->last_ms;
	int64_t air;

	if (to <= from)
		to = from + 1;
	air = (to - from) / 40 + 1;
	return (struct reader_range){ asked.from_ms == INT64_MIN ? from - air : asked.from_ms,
	                              asked.to_ms == INT64_MAX ? to + air : asked.to_ms };
}

static int draw_timeline(const struct request *q, struct reader *r, const struct reader_info *info)
{
	int64_t id = find_process(q, r);
	size_t bins = (size_t)(q->options.width < READER_MAX_BINS ? q->options.width : READER_MAX_BINS);
	struct reader_process process;
	struct reader_timeline data;
	struct reader_range range;
	int error;

	if (!id)
		return FAILED;
	error = r->ops->process(r, NULL, id, &process);
	if (error < 0)
		return fail_call(q, r, error);
	range = life_of(&process, info, q->range);
	if (range.from_ms >= range.to_ms) {
		reader_process_free(&process);
		return fail(q->path, "the process did not live in that time");
	}
	error = r->ops->timeline(r, NULL, id, range, bins, MAX_CHILDREN, &data);
	if (error < 0) {
		reader_process_free(&process);
		return fail_call(q, r, error);
	}
	error = render_timeline(&process, range, info->gaps, info->n_gaps, &data, &q->options, q->output, q->format);
	reader_timeline_free(&data);
	reader_process_free(&process);
	return draw_error(q, error);
}

static int draw_tree(const struct request *q, struct reader *r)
{
	const struct reader_tree_limits limits = { 16, 2, 60, 60 };
	int64_t id = find_process(q, r);
	struct reader_tree tree;
	int error;

	if (!id)
		return FAILED;
	error = r->ops->tree(r, NULL, id, limits, &tree);
	if (error < 0)
		return fail_call(q, r, error);
	error = render_tree(&tree, &q->options, q->output, q->format);
	reader_tree_free(&tree);
	return draw_error(q, error);
}

static int draw_explorer(const struct request *q, struct reader *r, const struct reader_info *info)
{
	const struct reader_range shown = {
		q->range.from_ms > info->first_ms ? q->range.from_ms : info->first_ms,
		q->range.to_ms < info->last_ms + 1 ? q->range.to_ms : info->last_ms + 1,
	};
	const struct reader_place at = { q->newest ? READER_NEWEST_FIRST : READER_OLDEST_FIRST, 0, 0 };
	size_t rows = q->options.height ? (size_t)(q->options.height / ROW_HEIGHT) : DEFAULT_ROWS;
	struct reader_count count;
	struct reader_page page;
	struct reader_histogram histogram;
	int error = r->ops->count(r, NULL, q->where, q->range, 0, &count);

	if (error < 0)
		return fail_call(q, r, error);
	error = r->ops->page(r, NULL, q->where, q->range, at, rows, &page);
	if (error < 0) {
		reader_count_free(&count);
		return fail_call(q, r, error);
	}
	error = shown.from_ms < shown.to_ms ? 0 : -ERANGE;
	if (error == 0)
		error = r->ops->histogram(r, NULL, q->where, shown, (size_t)q->options.width / 4, &histogram);
	if (error == -ERANGE) {
		fail(q->path, "nothing was recorded in that time");
	} else if (error < 0) {
		fail_call(q, r, error);
	} else {
		error = render_rows(info, &histogram, &page, &count, q->where_text, &q->options, q->output, q->format);
		draw_error(q, error);
		reader_histogram_free(&histogram);
	}
	reader_page_free(&page);
	reader_count_free(&count);
	return error < 0 ? FAILED : OK;
}

static int draw(struct request *q, struct reader *r)
{
	const char *slash = strrchr(q->path, '/');
	AUTO_BUF title = BUF_INIT;
	struct reader_info info;
	int error = r->ops->info(r, NULL, &info), status;

	if (error < 0)
		return fail_call(q, r, error);
	if (!q->title) {
		text_visible(&title, info.host);
		buf_add_z(&title, title.n ? " · " : "");
		text_visible(&title, span_of(slash ? slash + 1 : q->path));
	}
	q->options.title = q->title ? q->title : title.n ? title.p : NULL;
	switch (q->what) {
	case TIMELINE: status = draw_timeline(q, r, &info); break;
	case TREE: status = draw_tree(q, r); break;
	default: status = draw_explorer(q, r, &info); break;
	}
	reader_info_free(&info);
	return status;
}

int cmd_render(int argc, char **argv)
{
	struct request q = {
		.range = READER_ALL_TIME,
		.options = { .scale = 1 },
	};
	AUTO_READER *r = NULL;
	AUTO_FREE char *why = NULL;
	int status;

	setlocale(LC_CTYPE, "C.UTF-8"); /* pango draws UTF-8 whatever the caller's locale is */
	status = parse_arguments(argc, argv, &q);
	if (status == OK) {
		if (confine_open(q.path, VAULT_CHECK, NULL, NULL, NULL, &r, &why) < 0)
			status = fail_line(why ? why : strerror(ENOMEM));
		else
			status = draw(&q, r);
	}
	expr_free(q.where);
	return status < 0 ? OK : status;
}
