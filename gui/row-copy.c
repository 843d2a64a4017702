#include "gui/row-copy.h"

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/query/cell.h"
#include "recorder/query/row-format.h"

char *row_copy_json(const struct reader_row *from)
{
	const struct row_format_columns all = row_format_all();
	const struct row_format_line line = { from, NULL, 0 };
	AUTO_BUF out = BUF_INIT;

	row_format_find("json")->row(&out, &all, &line);
	return g_strndup(out.p ? out.p : "", out.n ? out.n - 1 : 0); /* without its newline */
}

char *row_copy_tsv(const struct reader_row *from)
{
	AUTO_BUF names = BUF_INIT, values = BUF_INIT;
	struct row row;

	row_fill(&row, from);
	for (int c = 0; c < ROW_COLUMNS; c++) {
		const struct row_value *v = &row.values[c];

		if (v->type == ROW_ABSENT)
			continue;
		buf_printf(&names, "%s%s", names.n ? "\t" : "", row_column_name(c));
		buf_add_z(&values, values.n ? "\t" : "");
		if (v->type == ROW_NUMBER)
			buf_printf(&values, "%" G_GINT64_FORMAT, (gint64)v->number);
		else
			cell_inert(&values, v->text); /* a spreadsheet takes pasted text for a formula */
	}
	return g_strdup_printf("%s\n%s\n", names.p ? names.p : "", values.p ? values.p : "");
}

char *row_copy_ausearch(const struct reader_row *row)
{
	char time[CLOCK_TEXT];

	if (!row->serial)
		return NULL;
	return g_strdup_printf("ausearch -i --event %" G_GUINT64_FORMAT "  # %s", (guint64)row->serial,
	                       clock_format(row->time_ms, time));
}
