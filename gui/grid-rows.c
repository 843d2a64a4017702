#include "gui/grid-rows.h"

#include "gui/i18n.h"
#include "gui/row-copy.h"

#define CALL "rows-call"

struct task {
	EventGrid *grid; /* weak */
	grid_rows_fn *done;
	enum grid_rows_as as;
	guint column;
	grid_rows_expression_fn *expression_done;
	gpointer data;
	GDestroyNotify free_data;
	struct row_set *chosen; /* whose ends are fetched */
	guint64 n_rows;
};

static struct task *task_new(EventGrid *grid)
{
	struct task *t = g_new0(struct task, 1);

	g_set_weak_pointer(&t->grid, grid);
	return t;
}

static void task_free(gpointer data)
{
	struct task *t = data;

	if (t->free_data)
		t->free_data(t->data);
	g_clear_weak_pointer(&t->grid);
	row_set_free(t->chosen);
	g_free(t);
}

static void tell(EventGrid *grid, const char *words)
{
	g_signal_emit_by_name(grid, "told", words);
}

static GCancellable *renew(EventGrid *grid)
{
	GCancellable *old = g_object_get_data(G_OBJECT(grid), CALL), *call = g_cancellable_new();

	if (old)
		g_cancellable_cancel(old);
	g_object_set_data_full(G_OBJECT(grid), CALL, call, g_object_unref);
	return call;
}

guint64 grid_rows_count(EventGrid *grid)
{
	return row_set_count(event_grid_get_chosen(grid));
}

/* ---- fetching ---- */

static void on_fetched(const struct row_fetched *rows, const char *error, gpointer data)
{
	struct task *t = data;

	if (t->grid && error)
		tell(t->grid, error);
	else if (t->grid)
		t->done(t->grid, rows);
}

static gboolean too_many(EventGrid *grid)
{
	guint64 n = grid_rows_count(grid);
	g_autofree char *count = event_number(n), *most = event_number(GRID_ROWS_MOST), *words = NULL;

	if (n <= GRID_ROWS_MOST)
		return FALSE;
	words = g_strdup_printf(_("%s rows are selected, %s are the most for this"), count, most);
	gtk_widget_error_bell(GTK_WIDGET(grid));
	tell(grid, words);
	return TRUE;
}

void grid_rows_fetch(EventGrid *grid, grid_rows_fn *done)
{
	struct task *t;

	if (!grid_rows_count(grid) || too_many(grid))
		return;
	t = task_new(grid);
	t->done = done;
	row_fetch(event_grid_get_model(grid), event_grid_get_chosen(grid), NULL, 0, renew(grid), on_fetched, t, task_free);
}

/* ---- copying ---- */

static char *value(const struct task *t, const struct row_fetched *rows, gsize i, guint column)
{
	if (column >= EVENT_COLUMN_EXTRA)
		return event_text(row_fetched_cell(rows, i, column - EVENT_COLUMN_EXTRA));
	return event_column_value(rows->rows[i], column);
}

static char *row_text(const struct task *t, const struct row_fetched *rows, gsize i)
{
	GString *out = g_string_new(NULL);
	g_autofree char *usual = event_column_row_text(rows->rows[i]);

	g_string_append(out, usual);
	for (gsize f = 0; f < rows->n_fields; f++) {
		g_autofree char *text = value(t, rows, i, (guint)(EVENT_COLUMN_EXTRA + f));

		g_string_append_printf(out, "\t%s", text);
	}
	return g_string_free(out, FALSE);
}

static char *text_of(const struct task *t, const struct row_fetched *rows)
{
	GString *out;

	if (t->as == GRID_ROWS_TSV)
		return row_copy_tsv(rows->rows, rows->n);
	out = g_string_new(NULL);
	for (gsize i = 0; i < rows->n; i++) {
		g_autofree char *line = t->as == GRID_ROWS_VALUE ? value(t, rows, i, t->column) :
		                        t->as == GRID_ROWS_TEXT ? row_text(t, rows, i) : row_copy_json(rows->rows[i]);

		g_string_append_printf(out, "%s%s", i ? "\n" : "", line);
	}
	return g_string_free(out, FALSE);
}

static void on_copy(const struct row_fetched *rows, const char *error, gpointer data)
{
	struct task *t = data;
	g_autofree char *text = NULL, *count = NULL, *words = NULL;

	if (!t->grid)
		return;
	if (error) {
		tell(t->grid, error);
		return;
	}
	text = text_of(t, rows);
	gtk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(t->grid), GDK_SELECTION_CLIPBOARD), text, -1);
	if (rows->n == 1)
		return;
	count = event_number(rows->n);
	words = g_strdup_printf(_("%s rows copied"), count);
	tell(t->grid, words);
}

gboolean grid_rows_copy(EventGrid *grid, enum grid_rows_as as)
{
	const struct field *fields[READER_MAX_CELL_FIELDS];
	guint n = event_grid_n_columns(grid) - EVENT_COLUMN_EXTRA, column = event_grid_get_column(grid);
	gboolean cells = as == GRID_ROWS_TEXT || (as == GRID_ROWS_VALUE && column >= EVENT_COLUMN_EXTRA);
	struct task *t;

	if (!grid_rows_count(grid))
		return FALSE;
	if (too_many(grid))
		return TRUE;
	for (guint i = 0; i < n; i++)
		fields[i] = event_grid_extra(grid, EVENT_COLUMN_EXTRA + i);
	t = task_new(grid);
	t->as = as;
	t->column = column;
	row_fetch(event_grid_get_model(grid), event_grid_get_chosen(grid), fields, cells ? n : 0, renew(grid), on_copy, t,
	          task_free);
	return TRUE;
}

/* ---- what asks for them ---- */

/* Those ends of ranges that say something: all from the first or to the last row needs no bound there. */
static struct row_set *ends_of(const struct row_set *chosen, guint64 n)
{
	struct row_set *ends = row_set_new();

	for (guint i = 0; i < row_set_n_ranges(chosen); i++) {
		struct row_range r = row_set_range(chosen, i);

		if (r.from > 0)
			row_set_add(ends, r.from, r.from + 1);
		if (r.to < n)
			row_set_add(ends, r.to - 1, r.to);
	}
	return ends;
}

static void add_bound(GString *to, gboolean upper, gint64 id)
{
	g_string_append_printf(to, "%sevent.id %s %" G_GINT64_FORMAT, to->len ? " and " : "", upper ? "<=" : ">=", id);
}

/* "" for all rows. `at`: in the rows that were fetched. */
static char *range_expression(struct row_range r, guint64 n, gboolean newest_first, const struct row_fetched *rows, gsize *at)
{
	GString *out = g_string_new(NULL);

	if (r.to - r.from == 1 && n > 1) {
		g_string_printf(out, "event.id == %" G_GINT64_FORMAT, (gint64)rows->rows[(*at)++]->id);
		return g_string_free(out, FALSE);
	}
	if (r.from > 0)
		add_bound(out, newest_first, rows->rows[(*at)++]->id);
	if (r.to < n)
		add_bound(out, !newest_first, rows->rows[(*at)++]->id);
	return g_string_free(out, FALSE);
}

static void on_ends(const struct row_fetched *rows, const char *error, gpointer data)
{
	struct task *t = data;
	EventModel *model = t->grid ? event_grid_get_model(t->grid) : NULL;
	gboolean newest = model && event_model_get_order(model) == READER_NEWEST_FIRST;
	g_autoptr(GString) ids = g_string_new(NULL);
	g_autofree char *all = NULL;
	gsize at = 0;

	if (!model)
		return;
	if (error) {
		tell(t->grid, error);
		return;
	}
	for (guint i = 0; i < row_set_n_ranges(t->chosen); i++) {
		g_autofree char *one = range_expression(row_set_range(t->chosen, i), t->n_rows, newest, rows, &at);

		if (*one)
			g_string_append_printf(ids, "%s(%s)", ids->len ? " or " : "", one);
	}
	all = event_column_join(event_model_get_expression(model), ids->str);
	if (all)
		t->expression_done(all, t->data);
}

gboolean grid_rows_expression(EventGrid *grid, grid_rows_expression_fn *done, gpointer data, GDestroyNotify free_data)
{
	const struct row_set *chosen = event_grid_get_chosen(grid);
	struct task *t = task_new(grid);
	struct row_set *ends;

	t->data = data;
	t->free_data = free_data;
	if (!row_set_count(chosen) || row_set_n_ranges(chosen) > GRID_ROWS_RANGES_MOST) {
		if (row_set_count(chosen))
			tell(grid, _("Too many separate rows are selected: 500 are the most for this"));
		task_free(t);
		return FALSE;
	}
	t->expression_done = done;
	t->chosen = row_set_copy(chosen);
	t->n_rows = event_model_get_n_rows(event_grid_get_model(grid));
	ends = ends_of(chosen, t->n_rows);
	row_fetch(event_grid_get_model(grid), ends, NULL, 0, renew(grid), on_ends, t, task_free);
	row_set_free(ends);
	return TRUE;
}
