#include "recorder/query/row-format.h"

#include <errno.h>
#include <inttypes.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/query/cell.h"

/* ---- columns ---- */

const char *row_format_column_name(int column)
{
	static const char *const names[] = { "message", "process.args", "note.marked", "note.tags", "note.comment" };

	if (column >= ROW_COLUMNS && column < ROW_FORMAT_COLUMNS)
		return names[column - ROW_COLUMNS];
	return row_column_name((enum row_column)column);
}

int row_format_column_find(struct span name)
{
	for (int c = 0; c < ROW_FORMAT_COLUMNS; c++)
		if (span_eq(name, span_of(row_format_column_name(c))))
			return c;
	return ROW_FORMAT_COLUMNS;
}

static bool has(const struct row_format_columns *columns, int column)
{
	for (size_t i = 0; i < columns->n; i++)
		if (columns->columns[i] == column)
			return true;
	return false;
}

struct row_format_columns row_format_all(void)
{
	struct row_format_columns all = { { 0 }, 0 };

	for (int c = 0; c < ROW_COLUMNS; c++)
		all.columns[all.n++] = c;
	all.columns[all.n++] = ROW_FORMAT_ARGS;
	return all;
}

void row_format_add_notes(struct row_format_columns *columns)
{
	for (int c = ROW_FORMAT_MARKED; c <= ROW_FORMAT_COMMENT; c++)
		if (!has(columns, c))
			columns->columns[columns->n++] = c;
}

int row_format_columns_parse(struct span list, struct row_format_columns *ret, struct span *ret_wrong)
{
	struct row_format_columns found = { { 0 }, 0 };
	struct span name;

	while (span_next(&list, ',', &name)) {
		int c;

		while (name.n && *name.p == ' ')
			name = (struct span){ name.p + 1, name.n - 1 };
		while (name.n && name.p[name.n - 1] == ' ')
			name.n--;
		c = row_format_column_find(name);
		if (c == ROW_FORMAT_COLUMNS || has(&found, c)) {
			*ret_wrong = name;
			return -EINVAL;
		}
		found.columns[found.n++] = c;
	}
	*ret = found;
	return 0;
}

void row_format_message(struct buf *out, const struct reader_row *row)
{
	const char *action = event_action_name(row->action);
	size_t from;

	if (action)
		buf_add_z(out, action);
	else
		buf_printf(out, "Action %d", row->action);
	from = out->n;
	buf_add_z(out, ": ");
	row_describe(out, row);
	if (!out->failed && out->n == from + 2)
		out->n = from; /* nothing to say */
	if (row->count > 1) {
		buf_add_z(out, "  ");
		row_count_words(out, row);
	}
}

/* ---- notes ---- */

static bool is_note(int column)
{
	return column >= ROW_FORMAT_MARKED && column <= ROW_FORMAT_COMMENT;
}

static bool has_note(int column, const struct row_format_note *note)
{
	return note && (column == ROW_FORMAT_MARKED ? note->marked : column == ROW_FORMAT_TAGS ? note->tags.n > 0 :
	                                                                                       note->comment.n > 0);
}

static void add_tags(struct buf *out, struct span tags, const char *between)
{
	struct span tag;

	for (bool first = true; span_next(&tags, '\n', &tag); first = false) {
		buf_add_z(out, first ? "" : between);
		buf_add_span(out, tag);
	}
}

void row_format_note_cell(struct buf *out, int column, const struct row_format_note *note)
{
	if (!has_note(column, note))
		return;
	if (column == ROW_FORMAT_MARKED)
		buf_add_char(out, '1');
	else if (column == ROW_FORMAT_TAGS)
		add_tags(out, note->tags, ", ");
	else
		buf_add_span(out, note->comment);
}

/* ---- table ---- */

enum { DESCRIPTION_MAX = 300 }; /* columns of a line's last cell: command lines may have megabytes */

static void table_head(struct buf *out, const struct row_format_columns *columns)
{
	(void)columns;
	buf_printf(out, "%-29s  %-14s  %7s  %-15s  %-8s  %s\n", "Time (UTC)", "Event", "PID", "Process", "User", "What");
}

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

/* Pads to `width` columns, counting code points. */
static void add_column(struct buf *out, struct span text, size_t width)
{
	size_t from = out->n, columns = 0;

	text_visible(out, text);
	for (size_t i = from; i < out->n && !out->failed; i++)
		columns += ((unsigned char)out->p[i] & 0xc0) != 0x80;
	for (; columns < width; columns++)
		buf_add_char(out, ' ');
	buf_add_z(out, "  ");
}

/* Cuts what was appended from `from` on at DESCRIPTION_MAX code points. */
static void cut(struct buf *out, size_t from)
{
	size_t columns = 0;

	for (size_t i = from; i < out->n && !out->failed; i++) {
		columns += ((unsigned char)out->p[i] & 0xc0) != 0x80;
		if (columns <= DESCRIPTION_MAX)
			continue;
		out->n = i;
		buf_add_z(out, "…");
		return;
	}
}

static void table_row(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line)
{
	const struct reader_row *row = line->row;
	char time[CLOCK_TEXT], number[24];
	const char *action = event_action_name(row->action);
	size_t from;

	(void)columns;
	add_column(out, span_of(clock_format(row->time_ms, time)), 29);
	snprintf(number, sizeof(number), "%d", row->action);
	add_column(out, span_of(action ? action : number), 14);
	snprintf(number, sizeof(number), "%7" PRId64, row->pid);
	add_column(out, row->pid ? span_of(number) : SPAN(""), 7);
	add_column(out, row->executable.n ? last_name(row->executable) : row->comm, 15);
	snprintf(number, sizeof(number), "%" PRId64, row->euid);
	add_column(out, row->user.p ? row->user : row->euid >= 0 ? span_of(number) : SPAN(""), 8);
	from = out->n;
	row_describe(out, row);
	cut(out, from);
	if (row->count > 1) {
		buf_add_z(out, "  ");
		row_count_words(out, row);
	}
	buf_add_char(out, '\n');
}

/* ---- CSV, RFC 4180 ---- */

/* The columns that a line of text has: arguments are a list, which only JSON has. */
static bool is_csv_column(int column)
{
	return column != ROW_FORMAT_ARGS;
}

static void csv_names(struct buf *out, const struct row_format_columns *columns, const char *separator)
{
	for (size_t i = 0; i < columns->n; i++) {
		if (!is_csv_column(columns->columns[i]))
			continue;
		buf_printf(out, "%s%s", separator, row_format_column_name(columns->columns[i]));
		separator = ",";
	}
	buf_add_z(out, "\r\n");
}

static void csv_head(struct buf *out, const struct row_format_columns *columns)
{
	csv_names(out, columns, "");
}

static void csv_message(struct buf *out, const struct reader_row *row)
{
	AUTO_BUF message = BUF_INIT;

	row_format_message(&message, row);
	cell_csv(out, buf_span(&message));
	out->failed = out->failed || message.failed;
}

static void csv_value(struct buf *out, const struct row_value *v)
{
	if (v->type == ROW_NUMBER)
		buf_printf(out, "%" PRId64, v->number);
	else if (v->type == ROW_TEXT)
		cell_csv(out, v->text);
}

static void csv_note(struct buf *out, int column, const struct row_format_note *note)
{
	AUTO_BUF text = BUF_INIT;

	row_format_note_cell(&text, column, note);
	if (text.n && column == ROW_FORMAT_MARKED)
		buf_add_span(out, buf_span(&text));
	else if (text.n)
		cell_csv(out, buf_span(&text));
	out->failed = out->failed || text.failed;
}

static void csv_values(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line,
                       const char *separator)
{
	struct row row;

	row_fill(&row, line->row);
	for (size_t i = 0; i < columns->n; i++) {
		int c = columns->columns[i];

		if (!is_csv_column(c))
			continue;
		buf_add_z(out, separator);
		separator = ",";
		if (c == ROW_FORMAT_MESSAGE)
			csv_message(out, line->row);
		else if (is_note(c))
			csv_note(out, c, line->note);
		else
			csv_value(out, &row.values[c]);
	}
	buf_add_z(out, "\r\n");
}

static void csv_row(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line)
{
	csv_values(out, columns, line, "");
}

/* ---- JSON, RFC 8259, one object a line ---- */

static void json_text(struct buf *out, const char *name, struct span text)
{
	buf_printf(out, "\"%s\":", name);
	cell_json(out, text);
	if (cell_is_exact(text))
		return;
	buf_printf(out, ",\"%s_hex\":", name);
	cell_json_hex(out, text);
}

static void json_value(struct buf *out, int c, const struct row_value *v)
{
	/* Row ids are larger than what many readers of JSON keep exactly. */
	if (v->type == ROW_NUMBER)
		buf_printf(out, c == ROW_ID ? "\"%s\":\"%" PRId64 "\"" : "\"%s\":%" PRId64, row_format_column_name(c), v->number);
	else
		json_text(out, row_format_column_name(c), v->text);
}

static void json_message(struct buf *out, const struct reader_row *row)
{
	AUTO_BUF message = BUF_INIT;

	row_format_message(&message, row);
	json_text(out, "message", buf_span(&message));
	out->failed = out->failed || message.failed;
}

/* A lost argument is null. Where one is not UTF-8, process.args_hex has the bytes of all. */
static void json_args(struct buf *out, const struct span *args, size_t n)
{
	bool exact = true;

	buf_add_z(out, "\"process.args\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_z(out, i ? "," : "");
		if (args[i].p)
			cell_json(out, args[i]);
		else
			buf_add_z(out, "null");
		exact = exact && cell_is_exact(args[i]);
	}
	buf_add_char(out, ']');
	if (exact)
		return;
	buf_add_z(out, ",\"process.args_hex\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_z(out, i ? "," : "");
		if (args[i].p)
			cell_json_hex(out, args[i]);
		else
			buf_add_z(out, "null");
	}
	buf_add_char(out, ']');
}

static void json_tags(struct buf *out, const char *name, struct span tags)
{
	struct span tag;

	buf_printf(out, "\"%s\":[", name);
	for (bool first = true; span_next(&tags, '\n', &tag); first = false) {
		buf_add_z(out, first ? "" : ",");
		cell_json(out, tag);
	}
	buf_add_char(out, ']');
}

static void json_note(struct buf *out, int column, const struct row_format_note *note)
{
	if (column == ROW_FORMAT_MARKED)
		buf_add_z(out, "\"note.marked\":true");
	else if (column == ROW_FORMAT_TAGS)
		json_tags(out, "note.tags", note->tags);
	else
		json_text(out, "note.comment", note->comment);
}

static void no_head(struct buf *out, const struct row_format_columns *columns)
{
	(void)out;
	(void)columns;
}

static bool json_has(const struct row *row, const struct row_format_line *line, int c)
{
	if (c == ROW_FORMAT_MESSAGE)
		return true;
	if (is_note(c))
		return has_note(c, line->note);
	return c == ROW_FORMAT_ARGS ? line->args != NULL : row->values[c].type != ROW_ABSENT;
}

static void json_fields(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line,
                        const char *separator)
{
	struct row row;

	row_fill(&row, line->row);
	for (size_t i = 0; i < columns->n; i++) {
		int c = columns->columns[i];

		if (!json_has(&row, line, c))
			continue;
		buf_add_z(out, separator);
		separator = ",";
		if (c == ROW_FORMAT_MESSAGE)
			json_message(out, line->row);
		else if (c == ROW_FORMAT_ARGS)
			json_args(out, line->args, line->n_args);
		else if (is_note(c))
			json_note(out, c, line->note);
		else
			json_value(out, c, &row.values[c]);
	}
	buf_add_z(out, "}\n");
}

static void json_row(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line)
{
	buf_add_char(out, '{');
	json_fields(out, columns, line, "");
}

/* ---- Timesketch ----
 * Its three mandatory fields (message, datetime as ISO 8601 with a zone, timestamp_desc: what the time is the time of),
 * then those asked for: docs/guides/user/import-from-json-csv.md of Timesketch. What it calls tags of an event is a field
 * of its own, "tag": a list, in CSV with commas between. */

static void sketch_time(const struct reader_row *row, char ret[CLOCK_TEXT + 8])
{
	char *zone;

	clock_format_iso(row->time_ms, ret);
	zone = strchr(ret, 'Z');
	if (zone)
		memcpy(zone, "+00:00", sizeof("+00:00"));
}

static const char *sketch_meaning(const struct reader_row *row)
{
	return row->count > 1 ? "First Event Time" : "Event Time";
}

static struct row_format_columns sketch_rest(const struct row_format_columns *columns)
{
	struct row_format_columns rest = { { 0 }, 0 };

	for (size_t i = 0; i < columns->n; i++)
		if (columns->columns[i] != ROW_FORMAT_MESSAGE && columns->columns[i] != ROW_FORMAT_TAGS)
			rest.columns[rest.n++] = columns->columns[i];
	return rest;
}

static void sketch_row(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line)
{
	const struct row_format_columns rest = sketch_rest(columns);
	char time[CLOCK_TEXT + 8];

	buf_add_char(out, '{');
	json_message(out, line->row);
	sketch_time(line->row, time);
	buf_printf(out, ",\"datetime\":\"%s\",\"timestamp_desc\":\"%s\"", time, sketch_meaning(line->row));
	if (has(columns, ROW_FORMAT_TAGS) && has_note(ROW_FORMAT_TAGS, line->note)) {
		buf_add_char(out, ',');
		json_tags(out, "tag", line->note->tags);
	}
	json_fields(out, &rest, line, ",");
}

static void sketch_csv_head(struct buf *out, const struct row_format_columns *columns)
{
	const struct row_format_columns rest = sketch_rest(columns);

	buf_add_z(out, "message,datetime,timestamp_desc");
	buf_add_z(out, has(columns, ROW_FORMAT_TAGS) ? ",tag" : "");
	csv_names(out, &rest, ",");
}

static void sketch_csv_tags(struct buf *out, const struct row_format_note *note)
{
	AUTO_BUF text = BUF_INIT;

	if (has_note(ROW_FORMAT_TAGS, note))
		add_tags(&text, note->tags, ",");
	buf_add_char(out, ',');
	if (text.n)
		cell_csv(out, buf_span(&text));
	out->failed = out->failed || text.failed;
}

static void sketch_csv_row(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line)
{
	const struct row_format_columns rest = sketch_rest(columns);
	char time[CLOCK_TEXT + 8];

	csv_message(out, line->row);
	sketch_time(line->row, time);
	buf_printf(out, ",%s,%s", time, sketch_meaning(line->row));
	if (has(columns, ROW_FORMAT_TAGS))
		sketch_csv_tags(out, line->note);
	csv_values(out, &rest, line, ",");
}

static const struct row_format formats[] = {
	{ "table", table_head, table_row, false },
	{ "csv", csv_head, csv_row, false },
	{ "json", no_head, json_row, true },
	{ "timesketch", no_head, sketch_row, true },
	{ "timesketch-csv", sketch_csv_head, sketch_csv_row, false },
};

const struct row_format *row_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}
