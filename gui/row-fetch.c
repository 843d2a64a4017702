#include "gui/row-fetch.h"

#include <string.h>

#include "gui/i18n.h"

enum { PIECE = 1000 };

struct fetch {
	EventModel *model;
	Source *source;
	struct row_set *which;
	guint question;     /* of the model */
	guint range;        /* the one that is being fetched */
	guint64 got;        /* rows of it */
	gsize range_begin;  /* in `rows` */
	GPtrArray *rows;    /* const struct reader_row *: of pages, or of the model */
	GArray *pages;      /* struct reader_page */
	const struct field *fields[READER_MAX_CELL_FIELDS];
	gsize n_fields;
	gint64 ids[READER_MAX_CELL_ROWS];
	GArray *cells;      /* struct reader_cells */
	GCancellable *cancellable;
	row_fetch_done_fn *done;
	gpointer data;
	GDestroyNotify free_data;
};

static void clear_page(gpointer page)
{
	reader_page_free(page);
}

static void clear_cells(gpointer cells)
{
	reader_cells_free(cells);
}

static void fetch_free(struct fetch *f)
{
	if (f->free_data)
		f->free_data(f->data);
	g_ptr_array_unref(f->rows);
	g_array_unref(f->pages);
	g_array_unref(f->cells);
	row_set_free(f->which);
	g_clear_object(&f->cancellable);
	g_object_unref(f->source);
	g_object_unref(f->model);
	g_free(f);
}

static void end(struct fetch *f, const char *error)
{
	struct row_fetched fetched = { (const struct reader_row *const *)f->rows->pdata, f->rows->len, f->fields, f->n_fields,
		                       (const struct reader_cells *)(gpointer)f->cells->data };

	if (!g_cancellable_is_cancelled(f->cancellable))
		f->done(error ? NULL : &fetched, error, f->data);
	fetch_free(f);
}

struct span row_fetched_cell(const struct row_fetched *f, gsize row, gsize field)
{
	const struct reader_cells *c = &f->cells[row / READER_MAX_CELL_ROWS];

	return c->texts[row % READER_MAX_CELL_ROWS * c->n_fields + field];
}

/* ---- cells: once all rows are there ---- */

static void next_cells(struct fetch *f);

static void on_cells(GObject *object, GAsyncResult *result, gpointer data)
{
	struct fetch *f = data;
	g_autoptr(GError) error = NULL;
	struct reader_cells cells;

	if (!source_cells_finish(SPOOR_SOURCE(object), result, &cells, &error)) {
		end(f, error->message);
		return;
	}
	g_array_append_val(f->cells, cells);
	next_cells(f);
}

static void next_cells(struct fetch *f)
{
	gsize from = (gsize)f->cells->len * READER_MAX_CELL_ROWS;
	struct reader_cells_wish wish = { .ids = f->ids, .fields = f->fields, .n_fields = f->n_fields };

	if (!f->n_fields || from >= f->rows->len) {
		end(f, NULL);
		return;
	}
	for (; wish.n_ids < READER_MAX_CELL_ROWS && from + wish.n_ids < f->rows->len; wish.n_ids++)
		f->ids[wish.n_ids] = ((const struct reader_row *)f->rows->pdata[from + wish.n_ids])->id;
	source_cells_async(f->source, &wish, f->cancellable, on_cells, f);
}

/* ---- rows ---- */

static void next_page(struct fetch *f);

/* A range is fetched from the oldest on. */
static void turn_range(struct fetch *f)
{
	gpointer *p = f->rows->pdata;

	if (event_model_get_order(f->model) == READER_OLDEST_FIRST)
		return;
	for (gsize a = f->range_begin, b = f->rows->len; a + 1 < b; a++, b--) {
		gpointer swap = p[a];

		p[a] = p[b - 1];
		p[b - 1] = swap;
	}
}

static void take(struct fetch *f, struct reader_page page)
{
	g_array_append_val(f->pages, page);
	for (size_t i = 0; i < page.n; i++)
		g_ptr_array_add(f->rows, &page.rows[i]);
	f->got += page.n;
}

static void on_page(GObject *object, GAsyncResult *result, gpointer data)
{
	struct fetch *f = data;
	g_autoptr(GError) error = NULL;
	struct reader_page page;

	if (!source_page_finish(SPOOR_SOURCE(object), result, &page, &error)) {
		end(f, error->message);
		return;
	}
	take(f, page);
	if (page.n)
		next_page(f);
	else
		end(f, _("The rows have changed meanwhile"));
}

static void next_page(struct fetch *f)
{
	struct source_query q = { event_model_get_expression(f->model), event_model_get_range(f->model) };
	struct reader_place at;
	struct row_range r;

	if (f->range < row_set_n_ranges(f->which) && f->got == row_set_range(f->which, f->range).to -
	                                                       row_set_range(f->which, f->range).from) {
		turn_range(f);
		f->range++;
		f->got = 0;
		f->range_begin = f->rows->len;
	}
	if (f->range == row_set_n_ranges(f->which)) {
		next_cells(f);
		return;
	}
	r = row_set_range(f->which, f->range);
	if (!event_model_get_count(f->model)) {
		end(f, _("The rows are still being counted"));
		return;
	}
	if (f->question != event_model_get_generation(f->model) ||
	    !event_model_get_place(f->model, r.from, r.to, f->got, &at)) {
		end(f, _("The rows have changed meanwhile"));
		return;
	}
	source_page_async(f->source, &q, at, MIN(r.to - r.from - f->got, PIECE), f->cancellable, on_page, f);
}

/* Without asking, where all of them are. */
static gboolean take_from_memory(struct fetch *f)
{
	guint64 n = row_set_count(f->which);

	for (guint64 i = 0; i < n; i++) {
		const struct reader_row *row = event_model_get_row(f->model, row_set_nth(f->which, i));

		if (!row) {
			g_ptr_array_set_size(f->rows, 0);
			return FALSE;
		}
		g_ptr_array_add(f->rows, (gpointer)row);
	}
	return TRUE;
}

void row_fetch(EventModel *model, const struct row_set *which, const struct field *const *fields, gsize n_fields,
               GCancellable *cancellable, row_fetch_done_fn *done, gpointer data, GDestroyNotify free_data)
{
	struct fetch *f = g_new0(struct fetch, 1);

	f->model = g_object_ref(model);
	f->source = g_object_ref(event_model_get_source(model));
	f->which = row_set_copy(which);
	f->question = event_model_get_generation(model);
	f->rows = g_ptr_array_new();
	f->pages = g_array_new(FALSE, FALSE, sizeof(struct reader_page));
	g_array_set_clear_func(f->pages, clear_page);
	f->cells = g_array_new(FALSE, FALSE, sizeof(struct reader_cells));
	g_array_set_clear_func(f->cells, clear_cells);
	f->n_fields = MIN(n_fields, READER_MAX_CELL_FIELDS);
	for (gsize i = 0; i < f->n_fields; i++)
		f->fields[i] = fields[i];
	f->cancellable = cancellable ? g_object_ref(cancellable) : NULL;
	f->done = done;
	f->data = data;
	f->free_data = free_data;
	if (!n_fields && row_set_count(which) <= EVENT_MODEL_PAGE && take_from_memory(f))
		end(f, NULL);
	else
		next_page(f);
}
