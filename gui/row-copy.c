#include "gui/row-copy.h"

#include <string.h>

#include "agent/base/clock.h"
#include "gui/event-column.h"
#include "recorder/query/row.h"

#define EXACT (INT64_C(1) << 53)

static char *value_text(const struct row_value *v)
{
	return v->type == ROW_NUMBER ? g_strdup_printf("%" G_GINT64_FORMAT, (gint64)v->number) : event_text(v->text);
}

/* What is safe to show has no control characters any more. */
static void add_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

char *row_copy_json(const struct reader_row *from)
{
	GString *out = g_string_new("{");
	struct row row;

	row_fill(&row, from);
	for (int c = 0; c < ROW_COLUMNS; c++) {
		const struct row_value *v = &row.values[c];
		g_autofree char *text = value_text(v);

		if (v->type == ROW_ABSENT)
			continue;
		g_string_append(out, out->len > 1 ? "," : "");
		add_quoted(out, row_column_name(c));
		g_string_append_c(out, ':');
		if (v->type == ROW_NUMBER && v->number >= -EXACT && v->number <= EXACT)
			g_string_append(out, text);
		else
			add_quoted(out, text);
	}
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}

char *row_copy_tsv(const struct reader_row *from)
{
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(GString) values = g_string_new(NULL);
	struct row row;

	row_fill(&row, from);
	for (int c = 0; c < ROW_COLUMNS; c++) {
		g_autofree char *text = value_text(&row.values[c]);
		/* A spreadsheet takes pasted text for a formula. */
		gboolean formula = row.values[c].type == ROW_TEXT && *text && strchr("=+-@", *text);

		if (row.values[c].type == ROW_ABSENT)
			continue;
		g_string_append_printf(names, "%s%s", names->len ? "\t" : "", row_column_name(c));
		g_string_append_printf(values, "%s%s%s", values->len ? "\t" : "", formula ? "'" : "", text);
	}
	return g_strdup_printf("%s\n%s\n", names->str, values->str);
}

char *row_copy_ausearch(const struct reader_row *row)
{
	char time[CLOCK_TEXT];

	if (!row->serial)
		return NULL;
	return g_strdup_printf("ausearch -i --event %" G_GUINT64_FORMAT "  # %s", (guint64)row->serial,
	                       clock_format(row->time_ms, time));
}
