#include "gui/grid-notes.h"

#include "gui/grid-rows.h"
#include "gui/note-editor.h"
#include "gui/notes-view.h"

/* On the way to a mark: which row it is, then where that is. */
struct search {
	EventGrid *grid; /* weak: NULL once it is gone */
	gint64 event;
};

static const struct reader_row *selected(EventGrid *grid)
{
	guint64 i = event_grid_get_selected(grid);

	return i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(event_grid_get_model(grid), i);
}

static struct casefile_change change_of(Notes *notes, const struct reader_row *row)
{
	const struct casefile_note *note = notes_get(notes, row->id);
	struct casefile_change c = { .event = row->id, .process = row->process, .time_ms = row->time_ms };

	if (note)
		c.before = note->state;
	c.after = c.before;
	return c;
}

/* All are marked, or, where all are, none: one change. */
static void mark(EventGrid *grid, const struct row_fetched *rows)
{
	Notes *notes = event_grid_get_notes(grid);
	g_autofree struct casefile_change *changes = g_new(struct casefile_change, rows->n);
	gboolean all = TRUE;

	if (!notes)
		return;
	for (gsize i = 0; i < rows->n; i++) {
		changes[i] = change_of(notes, rows->rows[i]);
		all = all && changes[i].before.marked;
	}
	for (gsize i = 0; i < rows->n; i++)
		changes[i].after.marked = !all;
	notes_change(notes, changes, rows->n, NULL, NULL);
}

void grid_notes_mark(EventGrid *grid)
{
	grid_rows_fetch(grid, mark);
}

static void edit(EventGrid *grid, const struct row_fetched *rows)
{
	if (event_grid_get_notes(grid))
		note_editor_open(GTK_WIDGET(grid), event_grid_get_notes(grid), rows->rows, rows->n);
}

void grid_notes_edit(EventGrid *grid)
{
	grid_rows_fetch(grid, edit);
}

/* ---- next and previous mark ---- */

static struct search *search_new(EventGrid *grid, gint64 event)
{
	struct search *s = g_new0(struct search, 1);

	s->event = event;
	g_set_weak_pointer(&s->grid, grid);
	return s;
}

static void search_free(struct search *s)
{
	g_clear_weak_pointer(&s->grid);
	g_free(s);
}

static GCancellable *renew(EventGrid *grid)
{
	GCancellable *old = g_object_get_data(G_OBJECT(grid), "mark-call"), *call = g_cancellable_new();

	if (old)
		g_cancellable_cancel(old);
	g_object_set_data_full(G_OBJECT(grid), "mark-call", call, g_object_unref);
	return call;
}

/* How many rows come before it is where it stands. */
static void on_count(GObject *object, GAsyncResult *result, gpointer data)
{
	struct search *s = data;
	EventModel *model = s->grid ? event_grid_get_model(s->grid) : NULL;
	struct reader_count before;

	if (source_count_finish(SPOOR_SOURCE(object), result, &before, NULL)) {
		guint64 row = model ? event_model_row_after(model, before.total) : EVENT_GRID_NO_ROW;

		if (row != EVENT_GRID_NO_ROW)
			event_grid_select(s->grid, row);
		reader_count_free(&before);
	}
	search_free(s);
}

static void count_before(EventGrid *grid, Source *source, gint64 event)
{
	EventModel *model = event_grid_get_model(grid);
	g_autofree char *before = g_strdup_printf("event.id < %" G_GINT64_FORMAT, event);
	g_autofree char *both = event_column_join(event_model_get_expression(model), before);
	struct source_query q = { both, event_model_get_range(model) };

	source_count_async(source, &q, 0, renew(grid), on_count, search_new(grid, event));
}

static void on_page(GObject *object, GAsyncResult *result, gpointer data)
{
	struct search *s = data;
	struct reader_page page;

	if (source_page_finish(SPOOR_SOURCE(object), result, &page, NULL)) {
		if (s->grid && page.n)
			count_before(s->grid, SPOOR_SOURCE(object), page.rows[0].id);
		else if (s->grid)
			gtk_widget_error_bell(GTK_WIDGET(s->grid));
		reader_page_free(&page);
	}
	search_free(s);
}

/* The marked rows beyond the selected one, in that direction of time. */
static char *marks_beyond(Notes *notes, gint64 event, gboolean later)
{
	g_autofree char *marks = notes_view_expression(notes, "marked");
	g_autofree char *beyond = event ? g_strdup_printf("event.id %c %" G_GINT64_FORMAT, later ? '>' : '<', event) : NULL;

	return event_column_join(marks, beyond);
}

/* down: in the order shown. */
static void go(EventGrid *grid, gboolean down)
{
	EventModel *model = event_grid_get_model(grid);
	const struct reader_row *row = selected(grid);
	gboolean later = down == (event_model_get_order(model) == READER_OLDEST_FIRST);
	g_autofree char *marks = marks_beyond(event_grid_get_notes(grid), row ? row->id : 0, later);
	g_autofree char *both = event_column_join(event_model_get_expression(model), marks);
	struct source_query q = { both, event_model_get_range(model) };
	struct reader_place at = { later ? READER_OLDEST_FIRST : READER_NEWEST_FIRST, 0, 0 };

	source_page_async(event_model_get_source(model), &q, at, 1, renew(grid), on_page, search_new(grid, 0));
}

/* ---- actions ---- */

static void action_mark(GSimpleAction *a, GVariant *unused, gpointer grid)
{
	grid_notes_mark(grid);
}

static void action_edit(GSimpleAction *a, GVariant *unused, gpointer grid)
{
	grid_notes_edit(grid);
}

static void action_next(GSimpleAction *a, GVariant *unused, gpointer grid)
{
	go(grid, TRUE);
}

static void action_previous(GSimpleAction *a, GVariant *unused, gpointer grid)
{
	go(grid, FALSE);
}

static const GActionEntry actions[] = {
	{ "mark", action_mark, NULL, NULL, NULL, { 0 } },
	{ "edit", action_edit, NULL, NULL, NULL, { 0 } },
	{ "next", action_next, NULL, NULL, NULL, { 0 } },
	{ "previous", action_previous, NULL, NULL, NULL, { 0 } },
};

void grid_notes_add(GtkWidget *owner, EventGrid *grid, Notes *notes)
{
	g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();

	event_grid_set_notes(grid, notes);
	g_action_map_add_action_entries(G_ACTION_MAP(group), actions, G_N_ELEMENTS(actions), grid);
	gtk_widget_insert_action_group(owner, "notes", G_ACTION_GROUP(group));
}

static void action_undo(GSimpleAction *a, GVariant *unused, gpointer notes)
{
	notes_undo(notes);
}

static void action_redo(GSimpleAction *a, GVariant *unused, gpointer notes)
{
	notes_redo(notes);
}

static const GActionEntry undo_actions[] = {
	{ "undo", action_undo, NULL, NULL, NULL, { 0 } },
	{ "redo", action_redo, NULL, NULL, NULL, { 0 } },
};

void grid_notes_add_undo(GtkWidget *owner, Notes *notes)
{
	g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();

	g_action_map_add_action_entries(G_ACTION_MAP(group), undo_actions, G_N_ELEMENTS(undo_actions), notes);
	g_object_set_data_full(G_OBJECT(group), "notes", g_object_ref(notes), g_object_unref);
	gtk_widget_insert_action_group(owner, "history", G_ACTION_GROUP(group));
}
