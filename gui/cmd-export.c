#include "gui/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/base/cmd.h"
#include "agent/session/confine.h"
#include "gui/export.h"
#include "server/evidence/casefile.h"

static const char help[] =
	"Usage: spoor export [OPTION...] -o FILE DB [EXPRESSION]\n"
	"\n"
	"Writes the events of the recording DB that match EXPRESSION, all without one, into a file for other programs. With\n"
	"them goes what must be known to trust them: the expression, the SHA-256 of DB, whether that is all that happened.\n"
	"XLSX has that on its sheet \"About\", the others in FILE.meta.json.\n"
	"\n"
	"  -o, --output FILE   it appears when it is whole; one that is there is replaced\n"
	"      --format F      xlsx, csv, jsonl, timesketch, timesketch-csv; else by the name's ending: .xlsx, .csv, .jsonl,\n"
	"                      .timesketch.jsonl, .timesketch.csv\n"
	"      --case FILE     the marks, tags and comments in it go with the rows; without it those of DB.case, where that is\n"
	"      --fields A,B    only these, in this order: spoor query --fields tells them, \"message\" is the event in words;\n"
	"                      all without it\n"
	"      --from T        from this time on: 2026-11-20T08:55:01Z, 2026-11-20, -1h\n"
	"      --to T          before this time\n"
	"      --newest        newest first\n"
	"      --quiet         say nothing when all goes well\n"
	"      --help          this text\n"
	"\n"
	"No cell is a formula: in CSV, what would be one has an apostrophe in front. What cannot be shown is written as \\n,\n"
	"\\xNN or \\u{NNNN}; JSON is exact, and has the bytes of what is not UTF-8 in NAME_hex.\n";

static struct cancel export_cancel;

struct export_options {
	const char *path, *output, *text, *format, *fields, *from, *to, *case_file;
	bool newest, quiet;
	struct export_request request;
};

/* ---- arguments ---- */

static int wrong(const char *what, struct span value, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: \"%.*s\" %s", what, SPAN_FMT(value), why);
	return cmd_usage_error("export", line.failed ? what : line.p);
}

static int take_format(struct export_options *o)
{
	struct export_request *q = &o->request;

	q->format = o->format ? export_format_find(o->format) : export_format_of_path(o->output);
	if (o->format && strcmp(o->format, "json") == 0) /* as `query` calls it */
		q->format = EXPORT_JSON;
	if (q->format != EXPORT_FORMATS)
		return CMD_OK;
	if (o->format)
		return cmd_usage_error("export", "--format is xlsx, csv, jsonl, timesketch or timesketch-csv");
	return wrong("-o", span_of(o->output), "tells no format: --format does");
}

static int take_fields(struct export_options *o)
{
	struct span bad;

	o->request.columns = row_format_all();
	if (!o->fields || row_format_columns_parse(span_of(o->fields), &o->request.columns, &bad) == 0)
		return CMD_OK;
	return wrong("--fields", bad, row_format_column_find(bad) < ROW_FORMAT_COLUMNS ? "is there twice" :
	                                                                                 "is none of a row's fields");
}

static int take_time(const char *option, const char *value, int64_t *to)
{
	if (!value || clock_parse(span_of(value), clock_now(), to) == 0)
		return CMD_OK;
	return wrong(option, span_of(value), "is not a time: write 2026-11-20T08:55:01Z, 2026-11-20 or -1h");
}

static int take_expression(const char *text)
{
	AUTO_EXPR *where = NULL;
	AUTO_BUF line = BUF_INIT;
	struct expr_error fault;
	int r = expr_parse(span_of(text), &where, &fault);

	if (r == 0)
		return CMD_OK;
	if (r == -ENOMEM)
		return cmd_fail_errno("export", r);
	buf_printf(&line, "column %zu: %s", fault.column + 1, fault.message);
	return cmd_usage_error("export", line.failed ? fault.message : line.p);
}

static int take_words(struct export_options *o, int argc, char **argv, int first)
{
	const char *slash;
	int r;

	if (first >= argc)
		return cmd_usage_error("export", "which recording? DB is missing");
	if (argc - first > 2)
		return cmd_usage_error("export", "more than one expression: put it in quotes");
	if (!o->output)
		return cmd_usage_error("export", "where to? -o FILE is missing");
	o->path = argv[first];
	o->text = argc - first == 2 ? argv[first + 1] : "";
	slash = strrchr(o->path, '/');
	o->request.source = o->path;
	o->request.source_name = slash ? slash + 1 : o->path;
	o->request.expression = o->text;
	o->request.path = o->output;
	o->request.order = o->newest ? READER_NEWEST_FIRST : READER_OLDEST_FIRST;
	r = take_format(o);
	if (r == CMD_OK)
		r = take_fields(o);
	if (r == CMD_OK)
		r = take_time("--from", o->from, &o->request.range.from_ms);
	if (r == CMD_OK)
		r = take_time("--to", o->to, &o->request.range.to_ms);
	if (r == CMD_OK && o->request.range.from_ms >= o->request.range.to_ms)
		r = cmd_usage_error("export", "--from is not before --to");
	return r == CMD_OK ? take_expression(o->text) : r;
}

/* ---- progress: on a terminal only ---- */

static void add_count(struct buf *out, uint64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < length; i++) {
		buf_add_z(out, i && (length - i) % 3 == 0 ? "," : "");
		buf_add_char(out, digits[i]);
	}
}

static void show(uint64_t rows, uint64_t total, void *data)
{
	AUTO_BUF line = BUF_INIT;

	(void)data;
	if (total)
		add_count(&line, rows);
	buf_add_z(&line, total ? " of " : "counting");
	if (total)
		add_count(&line, total);
	if (total)
		buf_printf(&line, rows < total ? " rows, %d %%" : " rows, finishing", (int)(100 * rows / total));
	if (!line.failed)
		fprintf(stderr, "\r\x1b[K%s", line.p);
	fflush(stderr);
}

static void clear(bool shown)
{
	if (shown)
		fputs("\r\x1b[K", stderr);
}

/* ---- what people say of the rows ---- */

struct notes {
	struct casefile_notes found;
	struct export_note *list;
	char *path; /* of the case file; malloc'd */
};

static void notes_clear(struct notes *n)
{
	casefile_notes_free(&n->found);
	free(n->list);
	free(n->path);
}

/* -ENOENT: nothing is said of it there. */
static int read_notes(const char *path, uint64_t recording, struct notes *ret, char **ret_error)
{
	AUTO_CASEFILE *c = NULL;
	char identity[CASEFILE_IDENTITY];
	int64_t source = 0;
	int r = casefile_open(path, false, &c, ret_error);

	if (r == 0 && recording)
		r = casefile_find_source(c, casefile_identity(recording, identity), &source);
	if (r == 0 && source)
		r = casefile_get_notes(c, source, &ret->found);
	return r == 0 && !ret->found.n ? -ENOENT : r;
}

static bool wants_notes(const struct export_request *q)
{
	for (size_t i = 0; i < q->columns.n; i++)
		if (q->columns.columns[i] >= ROW_FORMAT_MARKED)
			return true;
	return false;
}

static void use_notes(struct export_options *o, const struct notes *n)
{
	const char *slash = strrchr(n->path, '/');

	for (size_t i = 0; i < n->found.n; i++) {
		const struct casefile_note *from = &n->found.notes[i];

		n->list[i] = (struct export_note){ from->event, { from->state.marked, from->state.tags, from->state.comment } };
	}
	o->request.notes = n->list;
	o->request.n_notes = n->found.n;
	o->request.notes_file = slash ? slash + 1 : n->path;
	if (!o->fields)
		row_format_add_notes(&o->request.columns);
}

static int take_notes(struct export_options *o, struct notes *n, char **ret_error)
{
	struct reader_info info;
	int r;

	if (o->fields && !wants_notes(&o->request))
		return 0;
	if (asprintf(&n->path, "%s%s", o->case_file ? o->case_file : o->path, o->case_file ? "" : ".case") < 0) {
		n->path = NULL;
		return -ENOMEM;
	}
	r = o->request.reader->ops->info(o->request.reader, &export_cancel, &info);
	if (r < 0)
		return r;
	r = read_notes(n->path, info.recording, n, ret_error);
	reader_info_free(&info);
	if (r == -ENOENT && (!o->case_file || !*ret_error)) { /* that file, but nothing of this recording: all is said */
		free(STEAL(*ret_error));
		return 0;
	}
	if (r == 0 && !(n->list = calloc(n->found.n, sizeof(*n->list))))
		r = -ENOMEM;
	if (r == 0)
		use_notes(o, n);
	return r;
}

/* ---- the command ---- */

static void tell(const struct export_options *o, const struct export_result *result)
{
	AUTO_BUF line = BUF_INIT;

	text_visible(&line, span_of(o->output));
	buf_add_z(&line, ": ");
	add_count(&line, result->rows);
	buf_add_z(&line, result->rows == 1 ? " row" : " rows");
	if (result->events != result->rows) {
		buf_add_z(&line, ", ");
		add_count(&line, result->events);
		buf_add_z(&line, " events");
	}
	if (result->noted) {
		buf_add_z(&line, ", ");
		add_count(&line, result->noted);
		buf_add_z(&line, " with notes");
	}
	if (result->cut) {
		buf_add_z(&line, ", ");
		add_count(&line, result->cut);
		buf_add_z(&line, " cells cut");
	}
	if (!line.failed)
		fprintf(stderr, "%s: %s\n", log_name(), line.p);
}

static int run(struct export_options *o)
{
	bool shown = isatty(STDERR_FILENO) && !o->quiet;
	AUTO_FREE char *error = NULL;
	AUTO_READER *reader = NULL;
	struct export_result result;
	struct notes notes = { 0 };
	int r;

	cmd_cancel_on_signals(&export_cancel);
	r = confine_open(o->path, VAULT_CHECK, &export_cancel, NULL, NULL, &reader, &error);
	if (r == 0) {
		o->request.reader = reader;
		r = take_notes(o, &notes, &error);
	}
	if (r == 0) {
		r = export_run(&o->request, &export_cancel, shown ? show : NULL, NULL, &result, &error);
		clear(shown);
	}
	notes_clear(&notes);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(o->path, r);
	if (!o->quiet)
		tell(o, &result);
	return CMD_OK;
}

int cmd_export(int argc, char **argv)
{
	struct export_options o = { .request = { .range = READER_ALL_TIME } };
	const struct options_option options[] = {
		{ "output", 'o', NULL, &o.output }, { "format", 0, NULL, &o.format }, { "fields", 0, NULL, &o.fields },
		{ "case", 0, NULL, &o.case_file },
		{ "from", 0, NULL, &o.from }, { "to", 0, NULL, &o.to }, { "newest", 0, &o.newest, NULL },
		{ "quiet", 0, &o.quiet, NULL }, { NULL, 0, NULL, NULL },
	};
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	r = take_words(&o, argc, argv, optind);
	return r == CMD_OK ? run(&o) : r;
}
