#include "gui/row-copy.h"

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/query/cell.h"
#include "recorder/query/row-format.h"

char *row_copy_json(const struct reader_row *from)
{
	const struct row_format_columns all = row_format_all();
	const struct row_format_line line = { .row = from };
	AUTO_BUF out = BUF_INIT;

	row_format_find("json")->row(&out, &all, &line);
	return g_strndup(out.p ? out.p : "", out.n ? out.n - 1 : 0); /* without its newline */
}

static void add_value(struct buf *to, const struct row_value *v)
{
	if (v->type == ROW_NUMBER)
		buf_printf(to, "%" G_GINT64_FORMAT, (gint64)v->number);
	else if (v->type != ROW_ABSENT)
		cell_inert(to, v->text); /* a spreadsheet takes pasted text for a formula */
}

static void find_used(const struct reader_row *const *rows, gsize n, gboolean used[ROW_COLUMNS])
{
	struct row row;

	for (gsize i = 0; i < n; i++) {
		row_fill(&row, rows[i]);
		for (int c = 0; c < ROW_COLUMNS; c++)
			used[c] |= row.values[c].type != ROW_ABSENT;
	}
}

char *row_copy_tsv(const struct reader_row *const *rows, gsize n)
{
	AUTO_BUF out = BUF_INIT;
	gboolean used[ROW_COLUMNS] = { FALSE }, first = TRUE;
	struct row row;

	find_used(rows, n, used);
	for (int c = 0; c < ROW_COLUMNS; c++)
		if (used[c]) {
			buf_printf(&out, "%s%s", first ? "" : "\t", row_column_name(c));
			first = FALSE;
		}
	buf_add_z(&out, "\n");
	for (gsize i = 0; i < n; i++) {
		row_fill(&row, rows[i]);
		first = TRUE;
		for (int c = 0; c < ROW_COLUMNS; c++) {
			if (!used[c])
				continue;
			buf_add_z(&out, first ? "" : "\t");
			add_value(&out, &row.values[c]);
			first = FALSE;
		}
		buf_add_z(&out, "\n");
	}
	return g_strndup(out.p ? out.p : "", out.n);
}

char *row_copy_ausearch(const struct reader_row *row)
{
	char time[CLOCK_TEXT];

	if (!row->serial)
		return NULL;
	return g_strdup_printf("ausearch -i --event %" G_GUINT64_FORMAT "  # %s", (guint64)row->serial,
	                       clock_format(row->time_ms, time));
}
