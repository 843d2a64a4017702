#include "agent/query-format.h"

#include <inttypes.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/query/row.h"

/* ---- table ---- */

enum { DESCRIPTION_MAX = 300 }; /* columns of a line's last cell: command lines may have megabytes */

static void table_head(struct buf *out)
{
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

static void table_row(struct buf *out, const struct reader_row *row, const struct span *args, size_t n_args)
{
	char time[CLOCK_TEXT], number[24];
	const char *action = event_action_name(row->action);
	size_t from;

	(void)args;
	(void)n_args;
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

static void csv_head(struct buf *out)
{
	for (int c = 0; c < ROW_COLUMNS; c++)
		buf_printf(out, "%s%s", c ? "," : "", row_column_name((enum row_column)c));
	buf_add_z(out, "\r\n");
}

/* Spreadsheets take wide forms for the same. */
static bool begins_formula(struct span s)
{
	static const struct span starts[] = { SPAN("="), SPAN("+"), SPAN("-"), SPAN("@"), SPAN("＝"), SPAN("＋"), SPAN("－"),
		SPAN("＠") };

	while (s.n && *s.p == ' ') { /* some strip them first */
		s.p++;
		s.n--;
	}
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (span_starts(s, starts[i]))
			return true;
	return false;
}

/* A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
static void csv_text(struct buf *out, struct span text)
{
	AUTO_BUF visible = BUF_INIT;
	struct span s;

	text_visible(&visible, text);
	s = buf_span(&visible);
	buf_add_char(out, '"');
	if (begins_formula(s))
		buf_add_char(out, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_char(out, '"');
		buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, '"');
	out->failed = out->failed || visible.failed;
}

static void csv_row(struct buf *out, const struct reader_row *from, const struct span *args, size_t n_args)
{
	struct row row;

	(void)args;
	(void)n_args;
	row_fill(&row, from);
	for (int c = 0; c < ROW_COLUMNS; c++) {
		const struct row_value *v = &row.values[c];

		buf_add_z(out, c ? "," : "");
		if (v->type == ROW_NUMBER)
			buf_printf(out, "%" PRId64, v->number);
		else if (v->type == ROW_TEXT)
			csv_text(out, v->text);
	}
	buf_add_z(out, "\r\n");
}

/* ---- JSON, RFC 8259, one object a line ---- */

static bool is_exact(struct span s)
{
	return text_is_utf8(s);
}

/* JSON is often looked at on a terminal: controls are exact there too when escaped. */
static void json_escape(struct buf *out, uint32_t c)
{
	if (c > 0xffff)
		buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
	else
		buf_printf(out, "\\u%04x", c);
}

static void json_string(struct buf *out, struct span text)
{
	AUTO_BUF visible = BUF_INIT;

	if (!is_exact(text)) {
		text_visible(&visible, text);
		text = buf_span(&visible);
	}
	buf_add_char(out, '"');
	while (text.n) {
		uint32_t c;
		size_t hidden = text_hidden(text, &c), taken = hidden ? hidden : 1;

		if (hidden)
			json_escape(out, c);
		else if (*text.p == '"' || *text.p == '\\')
			buf_printf(out, "\\%c", *text.p);
		else
			buf_add_char(out, *text.p);
		text.p += taken;
		text.n -= taken;
	}
	buf_add_char(out, '"');
	out->failed = out->failed || visible.failed;
}

static void json_hex(struct buf *out, struct span bytes)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < bytes.n; i++)
		buf_printf(out, "%02x", (unsigned)(unsigned char)bytes.p[i]);
	buf_add_char(out, '"');
}

static void json_value(struct buf *out, const char *name, const struct row_value *v, enum row_column c)
{
	/* Row ids are larger than what many readers of JSON keep exactly. */
	if (v->type == ROW_NUMBER) {
		buf_printf(out, c == ROW_ID ? "\"%s\":\"%" PRId64 "\"" : "\"%s\":%" PRId64, name, v->number);
		return;
	}
	buf_printf(out, "\"%s\":", name);
	json_string(out, v->text);
	if (is_exact(v->text))
		return;
	buf_printf(out, ",\"%s_hex\":", name);
	json_hex(out, v->text);
}

/* A lost argument is null. Where one is not UTF-8, process.args_hex has the bytes of all. */
static void json_args(struct buf *out, const struct span *args, size_t n)
{
	bool exact = true;

	buf_add_z(out, ",\"process.args\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_z(out, i ? "," : "");
		if (args[i].p)
			json_string(out, args[i]);
		else
			buf_add_z(out, "null");
		exact = exact && is_exact(args[i]);
	}
	buf_add_char(out, ']');
	if (exact)
		return;
	buf_add_z(out, ",\"process.args_hex\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_z(out, i ? "," : "");
		if (args[i].p)
			json_hex(out, args[i]);
		else
			buf_add_z(out, "null");
	}
	buf_add_char(out, ']');
}

static void json_head(struct buf *out)
{
	(void)out;
}

static void json_row(struct buf *out, const struct reader_row *from, const struct span *args, size_t n_args)
{
	struct row row;

	row_fill(&row, from);
	buf_add_char(out, '{');
	for (int c = 0; c < ROW_COLUMNS; c++) {
		if (row.values[c].type == ROW_ABSENT)
			continue;
		buf_add_z(out, c ? "," : "");
		json_value(out, row_column_name((enum row_column)c), &row.values[c], (enum row_column)c);
	}
	if (args)
		json_args(out, args, n_args);
	buf_add_z(out, "}\n");
}

static const struct query_format formats[] = {
	{ "table", table_head, table_row, false },
	{ "csv", csv_head, csv_row, false },
	{ "json", json_head, json_row, true },
};

const struct query_format *query_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}
