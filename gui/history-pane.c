#include "gui/history-pane.h"

#include "gui/event-grid.h"
#include "gui/grid-notes.h"
#include "gui/i18n.h"
#include "gui/note-bar.h"
#include "gui/notes-button.h"
#include "gui/notes-view.h"
#include "gui/grid-pane.h"
#include "gui/pivot-menu.h"
#include "gui/row-drag.h"

enum { SHOW_AFTER_MS = 120 };

#define COLUMNS "time=196,event=148,-process=136,-pid=76" /* they are all of one process */

struct _HistoryPane {
	GtkBox parent;
	Source *source; /* NULL once stopped */
	GSettings *settings;
	gint64 process;
	EventModel *model;
	Notes *notes;
	char *view;     /* rows by what is said of them: notes-view.h */
	char *filter;   /* what is asked beyond the process; NULL nothing */
	struct pivot_menu_actions actions;
	GtkWidget *filter_row, *filter_label, *filter_clear, *notes_button, *pane, *grid;
	GCancellable *select_call, *show_call;
	struct reader_range show; /* to be scrolled to */
	guint show_source;
	gboolean following;       /* moved by somebody else: nothing is told */
};
G_DEFINE_FINAL_TYPE(HistoryPane, history_pane, GTK_TYPE_BOX)

enum { OPEN_PROCESS, EXPLORE, ROW_SELECTED, LISTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GCancellable *renew(GCancellable **call)
{
	g_cancellable_cancel(*call);
	g_clear_object(call);
	*call = g_cancellable_new();
	return *call;
}

static char *expression_of(HistoryPane *self)
{
	g_autofree char *own = g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, self->process);
	g_autofree char *view = self->notes ? notes_view_expression(self->notes, self->view) : NULL;
	g_autofree char *both = event_column_join(own, view);

	return event_column_join(both, self->filter);
}

/* Is anything said of what this process did? */
static gboolean has_notes(HistoryPane *self)
{
	gsize n;
	const struct casefile_note *all = notes_all(self->notes, &n);

	for (gsize i = 0; i < n; i++)
		if (all[i].process == self->process)
			return TRUE;
	return FALSE;
}

static void show_filter_row(HistoryPane *self)
{
	gtk_widget_set_visible(self->filter_clear, self->filter != NULL);
	gtk_widget_set_visible(self->notes_button, *self->view || has_notes(self));
}

/* ---- filter ---- */

static void ask(HistoryPane *self)
{
	g_autofree char *expression = expression_of(self);

	gtk_label_set_text(GTK_LABEL(self->filter_label), self->filter ? self->filter : "");
	gtk_widget_set_tooltip_text(self->filter_label, self->filter);
	show_filter_row(self);
	event_grid_select(EVENT_GRID(self->grid), EVENT_GRID_NO_ROW);
	event_model_set_query(self->model, expression, READER_ALL_TIME);
	grid_pane_set_query(GRID_PANE(self->pane), &(struct source_query){ expression, READER_ALL_TIME });
}

static void on_clear(HistoryPane *self)
{
	g_clear_pointer(&self->filter, g_free);
	ask(self);
	gtk_widget_grab_focus(self->grid);
}

static void on_view(HistoryPane *self, const char *view)
{
	g_free(self->view);
	self->view = g_strdup(view);
	ask(self);
}

static void on_notes_changed(HistoryPane *self)
{
	g_autofree char *now = expression_of(self);

	if (*self->view && g_strcmp0(now, event_model_get_expression(self->model)) != 0)
		ask(self);
	else
		show_filter_row(self);
}

static void pivot_filter(const char *expression, gpointer data)
{
	HistoryPane *self = data;
	char *joined = event_column_join(self->filter, expression);

	if (!joined)
		return;
	g_free(self->filter);
	self->filter = joined;
	ask(self);
}

static void on_pane_filter(GridPane *pane, const char *expression, gpointer self)
{
	pivot_filter(expression, self);
}

static void pivot_only(const char *expression, gpointer data)
{
	g_signal_emit(data, signals[EXPLORE], 0, expression);
}

/* ---- where times are ---- */

static void count_before(HistoryPane *self, gint64 ms, GCancellable *call, GAsyncReadyCallback done)
{
	g_autofree char *expression = expression_of(self);
	struct source_query q = { expression, { INT64_MIN, ms } };

	if (self->source && event_model_get_n_rows(self->model))
		source_count_async(self->source, &q, 0, call, done, g_object_ref(self));
}

static void on_select(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(HistoryPane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count count;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error))
		return;
	if (self->source && event_model_get_n_rows(self->model)) {
		self->following = TRUE;
		event_grid_select(EVENT_GRID(self->grid), event_model_row_after(self->model, count.total));
		self->following = FALSE;
	}
	reader_count_free(&count);
}

void history_pane_select_time(HistoryPane *self, gint64 ms)
{
	count_before(self, ms, renew(&self->select_call), on_select);
}

static void scroll_to(HistoryPane *self, guint64 row)
{
	GtkAdjustment *a = grid_pane_get_vadjustment(GRID_PANE(self->pane));
	GdkRectangle first, wanted;

	event_grid_get_area(EVENT_GRID(self->grid), 0, EVENT_COLUMN_COUNT, &first);
	event_grid_get_area(EVENT_GRID(self->grid), row, EVENT_COLUMN_COUNT, &wanted);
	self->following = TRUE;
	gtk_adjustment_set_value(a, wanted.y - first.y);
	self->following = FALSE;
}

static void on_show(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(HistoryPane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count count;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error))
		return;
	if (self->source && event_model_get_n_rows(self->model)) {
		gboolean newest = event_model_get_order(self->model) == READER_NEWEST_FIRST;

		scroll_to(self, event_model_row_after(self->model, newest && count.total ? count.total - 1 : count.total));
	}
	reader_count_free(&count);
}

/* The newest row of the range stands above the others where the newest come first. */
static gboolean show_now(gpointer data)
{
	HistoryPane *self = data;
	gboolean newest = event_model_get_order(self->model) == READER_NEWEST_FIRST;

	self->show_source = 0;
	count_before(self, newest ? self->show.to_ms : self->show.from_ms, renew(&self->show_call), on_show);
	return G_SOURCE_REMOVE;
}

void history_pane_show_range(HistoryPane *self, struct reader_range range)
{
	self->show = range;
	if (!self->show_source && self->source)
		self->show_source = g_timeout_add(SHOW_AFTER_MS, show_now, self);
}

/* ---- what happens in the grid ---- */

/* Those of the first and the last whole row in sight; rows that are not there yet are told when they are. */
static void tell_listed(HistoryPane *self)
{
	GtkAdjustment *a = grid_pane_get_vadjustment(GRID_PANE(self->pane));
	const struct reader_row *first, *last;
	gint64 from, to;
	guint64 at;
	guint n;

	event_grid_get_visible(EVENT_GRID(self->grid), &at, &n);
	if (self->following || !n || gtk_adjustment_get_upper(a) <= gtk_adjustment_get_page_size(a))
		return;
	first = event_model_get_row(self->model, at);
	from = first ? first->time_ms : 0;
	last = event_model_get_row(self->model, at + n - MIN(n, 3));
	if (!first || !last)
		return;
	to = last->time_ms + last->span_ms;
	g_signal_emit(self, signals[LISTED], 0, MIN(from, last->time_ms), MAX(from, to));
}

static void on_selected(HistoryPane *self)
{
	guint64 i = event_grid_get_selected(EVENT_GRID(self->grid));
	const struct reader_row *row = i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, i);

	if (row && !self->following)
		g_signal_emit(self, signals[ROW_SELECTED], 0, row->time_ms, row->time_ms + row->span_ms, (guint)row->category);
}

static void on_activated(HistoryPane *self, guint64 i)
{
	const struct reader_row *row = event_model_get_row(self->model, i);

	if (row)
		g_signal_emit(self, signals[OPEN_PROCESS], 0, (gint64)row->process);
}

static void on_menu(HistoryPane *self, guint64 row, guint column)
{
	pivot_menu_popup(EVENT_GRID(self->grid), row, column, &self->actions);
}

static void on_sort(HistoryPane *self)
{
	gboolean oldest = event_model_get_order(self->model) == READER_OLDEST_FIRST;

	event_grid_select(EVENT_GRID(self->grid), EVENT_GRID_NO_ROW);
	event_model_set_order(self->model, oldest ? READER_NEWEST_FIRST : READER_OLDEST_FIRST);
}

static void on_columns(HistoryPane *self)
{
	g_autofree char *widths = event_grid_get_widths(EVENT_GRID(self->grid));

	g_settings_set_string(self->settings, "history-columns", widths);
}

/* ---- the pane ---- */

void history_pane_get_shown(HistoryPane *self, struct export_shown *ret)
{
	ret->source = self->source;
	ret->expression = expression_of(self);
	ret->order = event_model_get_order(self->model);
	ret->fields = event_grid_get_fields(EVENT_GRID(self->grid));
	ret->grid = EVENT_GRID(self->grid);
}

GtkWidget *history_pane_get_grid(HistoryPane *self)
{
	return self->grid;
}

gboolean history_pane_copy(HistoryPane *self, gboolean whole_row)
{
	return gtk_widget_has_focus(self->grid) && pivot_menu_copy(EVENT_GRID(self->grid), whole_row);
}

void history_pane_stop(HistoryPane *self)
{
	g_cancellable_cancel(self->select_call);
	g_cancellable_cancel(self->show_call);
	g_clear_object(&self->select_call);
	g_clear_object(&self->show_call);
	g_clear_handle_id(&self->show_source, g_source_remove);
	if (self->pane)
		grid_pane_stop(GRID_PANE(self->pane));
	if (self->model)
		event_model_stop(self->model);
	g_clear_object(&self->source);
}

static void history_pane_dispose(GObject *object)
{
	HistoryPane *self = HISTORY_PANE(object);

	history_pane_stop(self);
	self->pane = NULL; /* goes with the other widgets */
	g_clear_object(&self->model);
	if (self->notes)
		g_signal_handlers_disconnect_by_data(self->notes, self);
	g_clear_object(&self->notes);
	g_clear_object(&self->settings);
	G_OBJECT_CLASS(history_pane_parent_class)->dispose(object);
}

static void history_pane_finalize(GObject *object)
{
	g_free(HISTORY_PANE(object)->filter);
	g_free(HISTORY_PANE(object)->view);
	G_OBJECT_CLASS(history_pane_parent_class)->finalize(object);
}

static void history_pane_class_init(HistoryPaneClass *class)
{
	GType type = HISTORY_TYPE_PANE;

	G_OBJECT_CLASS(class)->dispose = history_pane_dispose;
	G_OBJECT_CLASS(class)->finalize = history_pane_finalize;
	signals[OPEN_PROCESS] = g_signal_new("open-process", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                     G_TYPE_INT64);
	signals[EXPLORE] = g_signal_new("explore", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                G_TYPE_STRING);
	signals[ROW_SELECTED] = g_signal_new("row-selected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
	                                     G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[LISTED] = g_signal_new("listed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
	                               G_TYPE_INT64, G_TYPE_INT64);
}

static void build_filter(HistoryPane *self)
{
	GtkWidget *clear = gtk_button_new_from_icon_name("edit-clear-symbolic", GTK_ICON_SIZE_BUTTON);

	self->filter_row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	self->filter_label = gtk_label_new("");
	gtk_label_set_ellipsize(GTK_LABEL(self->filter_label), PANGO_ELLIPSIZE_END);
	gtk_label_set_xalign(GTK_LABEL(self->filter_label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->filter_label), "detail-value");
	gtk_button_set_relief(GTK_BUTTON(clear), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(clear, _("Show the whole history"));
	atk_object_set_name(gtk_widget_get_accessible(clear), _("Show the whole history"));
	g_object_set(self->filter_row, "margin-start", 12, "margin-end", 8, NULL);
	gtk_box_pack_start(GTK_BOX(self->filter_row), self->filter_label, TRUE, TRUE, 0);
	self->filter_clear = clear;
	gtk_box_pack_end(GTK_BOX(self->filter_row), grid_pane_get_tools(GRID_PANE(self->pane)), FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(self->filter_row), clear, FALSE, FALSE, 0);
	g_signal_connect_swapped(clear, "clicked", G_CALLBACK(on_clear), self);
	gtk_widget_show_all(self->filter_row);
	gtk_widget_hide(clear);
}

static void history_pane_init(HistoryPane *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->actions = (struct pivot_menu_actions){ .filter = pivot_filter, .only = pivot_only, .data = self };
	self->pane = grid_pane_new();
	self->grid = grid_pane_get_grid(GRID_PANE(self->pane));
	grid_pane_add_actions(GTK_WIDGET(self), GRID_PANE(self->pane));
	build_filter(self);
	gtk_box_pack_start(GTK_BOX(self), self->filter_row, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->pane, TRUE, TRUE, 0);
	atk_object_set_name(gtk_widget_get_accessible(self->grid), _("History"));
	row_drag_add(EVENT_GRID(self->grid));
	gtk_widget_show(GTK_WIDGET(self));
}

static void add_notes(HistoryPane *self)
{
	self->view = g_strdup("");
	self->notes = g_object_ref(notes_of(self->source));
	self->notes_button = notes_button_new(self->notes);
	gtk_box_pack_end(GTK_BOX(self->filter_row), self->notes_button, FALSE, FALSE, 0);
	grid_notes_add(GTK_WIDGET(self), EVENT_GRID(self->grid), self->notes);
	gtk_box_pack_end(GTK_BOX(self), note_bar_new(EVENT_GRID(self->grid)), FALSE, FALSE, 0);
	grid_notes_add_undo(GTK_WIDGET(self), self->notes);
	g_signal_connect_swapped(self->notes_button, "chosen", G_CALLBACK(on_view), self);
	g_signal_connect_swapped(self->notes, "changed", G_CALLBACK(on_notes_changed), self);
}

static void connect_parts(HistoryPane *self)
{
	GtkAdjustment *a = grid_pane_get_vadjustment(GRID_PANE(self->pane));

	g_signal_connect(self->pane, "filter", G_CALLBACK(on_pane_filter), self);
	g_signal_connect_swapped(self->grid, "selection-changed", G_CALLBACK(on_selected), self);
	g_signal_connect_swapped(self->grid, "row-activated", G_CALLBACK(on_activated), self);
	g_signal_connect_swapped(self->grid, "menu-requested", G_CALLBACK(on_menu), self);
	g_signal_connect_swapped(self->grid, "sort-requested", G_CALLBACK(on_sort), self);
	g_signal_connect_swapped(self->grid, "columns-changed", G_CALLBACK(on_columns), self);
	g_signal_connect_object(a, "value-changed", G_CALLBACK(tell_listed), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

GtkWidget *history_pane_new(Source *source, gint64 process, GSettings *settings)
{
	HistoryPane *self = g_object_new(HISTORY_TYPE_PANE, NULL);
	g_autofree char *widths = g_settings_get_string(settings, "history-columns");

	self->source = g_object_ref(source);
	self->settings = g_object_ref(settings);
	self->process = process;
	self->model = event_model_new(source);
	event_model_set_order(self->model, READER_OLDEST_FIRST);
	event_grid_set_default(EVENT_GRID(self->grid), COLUMNS);
	event_grid_set_widths(EVENT_GRID(self->grid), widths);
	grid_pane_set_settings(GRID_PANE(self->pane), settings);
	grid_pane_set_model(GRID_PANE(self->pane), self->model);
	add_notes(self);
	connect_parts(self);
	ask(self);
	return GTK_WIDGET(self);
}
