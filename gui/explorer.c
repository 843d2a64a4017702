#include "gui/explorer-private.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "gui/event-grid.h"
#include "gui/filter-bar.h"
#include "gui/filters.h"
#include "gui/histogram.h"
#include "gui/i18n.h"
#include "gui/kind-bar.h"
#include "gui/pivot-menu.h"
#include "gui/look.h"
#include "gui/recording.h"
#include "gui/row-drag.h"
#include "gui/search-panel.h"
#include "gui/time-range.h"

G_DEFINE_FINAL_TYPE_WITH_CODE(Explorer, explorer, GTK_TYPE_BOX, G_IMPLEMENT_INTERFACE(PAGE_TYPE, explorer_page_init))

enum { SIGNAL_OPEN_PROCESS, SIGNAL_MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

void explorer_state_clear(struct explorer_state *s)
{
	g_clear_pointer(&s->expression, g_free);
}

/* ---- words ---- */

/* A row may stand for many events: where some do, both are said. */
static char *counted(const struct reader_count *count)
{
	g_autofree char *rows = event_number(count->total), *events = event_number(count->events);

	if (count->events != count->total)
		return g_strdup_printf(ngettext("%s events in %s row", "%s events in %s rows", count->total), events, rows);
	return g_strdup_printf(ngettext("%s event", "%s events", count->total), rows);
}

static void show_results(Explorer *self)
{
	const struct reader_count *count = event_model_get_count(self->model);
	gboolean busy = !event_model_is_complete(self->model);
	guint64 n = event_model_get_n_rows(self->model);
	g_autofree char *number = event_number(n), *text = NULL;

	if (count)
		text = counted(count);
	else
		text = n ? g_strdup_printf(busy ? _("%s+ events, counting…") : _("%s+ events"), number) :
		       g_strdup(busy ? _("Searching…") : "");
	gtk_label_set_text(GTK_LABEL(self->results), text);
	gtk_widget_set_visible(self->stop, busy);
	gtk_widget_set_visible(self->spinner, busy);
	g_object_set(self->spinner, "active", busy, NULL);
}

void explorer_show_empty(Explorer *self)
{
	gboolean empty = event_model_is_complete(self->model) && !event_model_get_n_rows(self->model);
	gboolean all = !*self->state.expression && time_range_is_all(self->state.range) && !self->state.category &&
	               !*self->state.view;
	const char *error = event_model_get_error(self->model);
	const char *title = error ? _("No answer") : _("No events");
	const char *why = error ? error : all ? _("This recording has no events.") : explorer_complete_nothing(self);

	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), empty ? "empty" : "grid");
	hdy_status_page_set_title(HDY_STATUS_PAGE(self->empty), title);
	hdy_status_page_set_description(HDY_STATUS_PAGE(self->empty), why);
	look_describe(self->empty, title, why);
	gtk_widget_set_visible(self->empty_clear, !all && !error);
}

/* ---- asking ---- */

char *explorer_expression(Explorer *self)
{
	g_autofree char *kind = NULL, *asked = explorer_notes_join(self, self->state.expression);

	if (!self->state.category)
		return g_steal_pointer(&asked);
	kind = g_strdup_printf("event.category == %s", event_category_name(self->state.category));
	return event_column_join(kind, asked);
}

static void show_counts(Explorer *self, const guint64 *by_category)
{
	kind_bar_set_counts(KIND_BAR(self->kinds), by_category, source_get_info(self->source)->by_category);
}

static void on_counts(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Explorer) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count count;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error))
		return;
	if (self->source)
		show_counts(self, count.by_category);
	reader_count_free(&count);
}

static GCancellable *renew(GCancellable **call)
{
	g_cancellable_cancel(*call);
	g_clear_object(call);
	*call = g_cancellable_new();
	return *call;
}

/* With a kind chosen the model's count says nothing of the others: ask for them beside. */
static void ask_counts(Explorer *self)
{
	g_autofree char *asked = explorer_notes_join(self, self->state.expression);
	struct source_query q = { asked, self->state.range };

	renew(&self->counts_call);
	if (self->state.category)
		source_count_async(self->source, &q, 0, self->counts_call, on_counts, g_object_ref(self));
}

static void on_histogram(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Explorer) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_histogram h;

	if (!source_histogram_finish(SPOOR_SOURCE(object), result, &h, &error))
		return;
	if (self->source)
		histogram_set_data(SPOOR_HISTOGRAM(self->histogram), &h);
	else
		reader_histogram_free(&h);
}

static void ask_histogram(Explorer *self)
{
	g_autofree char *expression = explorer_expression(self);
	struct source_query q = { expression, self->bounds };

	if (self->bounds.from_ms < self->bounds.to_ms && gtk_widget_get_realized(self->histogram))
		source_histogram_async(self->source, &q, histogram_get_n_bins(SPOOR_HISTOGRAM(self->histogram)),
		                       renew(&self->histogram_call), on_histogram, g_object_ref(self));
}

void explorer_ask_counts(Explorer *self)
{
	const struct reader_count *count = event_model_get_count(self->model);

	ask_histogram(self);
	ask_counts(self);
	if (count && !self->state.category)
		show_counts(self, count->by_category);
}

void explorer_ask_again(Explorer *self)
{
	g_autofree char *expression = explorer_expression(self);

	event_model_set_query(self->model, expression, self->state.range);
	event_grid_select(EVENT_GRID(self->grid), EVENT_GRID_NO_ROW);
	ask_histogram(self);
	ask_counts(self);
	explorer_range_show(self);
	grid_pane_set_query(GRID_PANE(self->pane), &(struct source_query){ expression, self->state.range });
	explorer_complete_ask(self, &(struct source_query){ expression, self->state.range });
}

void explorer_moved(Explorer *self)
{
	explorer_ask_again(self);
	g_signal_emit(self, signals[SIGNAL_MOVED], 0);
}

/* ---- state ---- */

struct explorer_state explorer_get_state(Explorer *self)
{
	struct explorer_state s = self->state;

	s.expression = g_strdup(s.expression);
	return s;
}

static void show_state(Explorer *self)
{
	filter_bar_set_text(FILTER_BAR(self->filter), self->state.expression);
	search_panel_set_text(SEARCH_PANEL(self->search), self->state.expression);
	search_panel_set_kind(SEARCH_PANEL(self->search), self->state.category);
	kind_bar_set_chosen(KIND_BAR(self->kinds), self->state.category);
	histogram_set_range(SPOOR_HISTOGRAM(self->histogram), self->state.range);
	explorer_notes_show(self);
}

void explorer_set_state(Explorer *self, const struct explorer_state *s)
{
	char *expression = g_strdup(s->expression);

	g_free(self->state.expression);
	self->state = *s;
	self->state.expression = expression;
	show_state(self);
	explorer_ask_again(self);
}

static void set_expression(Explorer *self, const char *expression)
{
	char *copy = g_strdup(expression);

	g_free(self->state.expression);
	self->state.expression = copy;
	self->searched = g_get_monotonic_time();
	filters_remember(expression);
	show_state(self);
	explorer_moved(self);
}

void explorer_ask(Explorer *self, const char *expression)
{
	self->state.category = EVENT_NONE;
	self->state.range = READER_ALL_TIME;
	self->state.view[0] = '\0';
	set_expression(self, expression);
}

void explorer_ask_beside(Explorer *self, const char *expression)
{
	g_autofree char *both = event_column_join(self->state.expression, expression);

	if (both)
		set_expression(self, both);
}

void explorer_focus_filter(Explorer *self)
{
	filter_bar_focus(FILTER_BAR(self->filter));
}

void explorer_focus_grid(Explorer *self)
{
	look_focus(self->grid);
}

gboolean explorer_copy(Explorer *self, gboolean whole_row)
{
	return gtk_widget_has_focus(self->grid) && pivot_menu_copy(EVENT_GRID(self->grid), whole_row);
}

/* ---- the user's hand ---- */

static void on_applied(Explorer *self, const char *expression)
{
	set_expression(self, expression);
	look_focus(self->grid);
}

static void on_kind(Explorer *self, int category)
{
	self->state.category = category;
	search_panel_set_kind(SEARCH_PANEL(self->search), self->state.category);
	explorer_moved(self);
}

static void on_show_all(Explorer *self)
{
	explorer_ask(self, "");
}

static void on_activated(Explorer *self, guint64 i)
{
	const struct reader_row *row = event_model_get_row(self->model, i);

	if (row && row->process)
		g_signal_emit(self, signals[SIGNAL_OPEN_PROCESS], 0, (gint64)row->process);
}

static void on_menu(Explorer *self, guint64 row, guint column)
{
	pivot_menu_popup(EVENT_GRID(self->grid), row, column, &self->actions);
}

static void on_sort(Explorer *self)
{
	gboolean newest = event_model_get_order(self->model) == READER_OLDEST_FIRST;
	guint64 selected = event_grid_get_selected(EVENT_GRID(self->grid));
	const struct reader_row *row = selected == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, selected);
	gint64 id = row ? row->id : 0;
	guint64 place;

	g_settings_set_boolean(self->settings, "newest-first", newest);
	event_model_set_order(self->model, newest ? READER_NEWEST_FIRST : READER_OLDEST_FIRST);
	place = id ? event_model_find(self->model, id) : EVENT_GRID_NO_ROW;
	event_grid_select(EVENT_GRID(self->grid), place);
}

static void on_columns(Explorer *self)
{
	g_autofree char *widths = event_grid_get_widths(EVENT_GRID(self->grid));

	g_settings_set_string(self->settings, "explorer-columns", widths);
}

static void on_model_changed(Explorer *self)
{
	const struct reader_count *count = event_model_get_count(self->model);

	show_results(self);
	explorer_show_empty(self);
	if (count && !self->state.category)
		show_counts(self, count->by_category);
}

static void on_failed(Explorer *self, const char *message)
{
	explorer_show_empty(self);
	gtk_label_set_text(GTK_LABEL(self->results), message);
}

static void pivot_filter(const char *expression, gpointer data)
{
	explorer_ask_beside(data, expression);
}

static void pivot_only(const char *expression, gpointer data)
{
	set_expression(data, expression);
}

static void pivot_open(gint64 process, gpointer data)
{
	g_signal_emit(data, signals[SIGNAL_OPEN_PROCESS], 0, process);
}

/* ---- building ---- */

static void explorer_dispose(GObject *object)
{
	Explorer *self = SPOOR_EXPLORER(object);

	explorer_follow_stop(self);
	explorer_complete_clear(self);
	explorer_notes_clear(self);
	g_cancellable_cancel(self->histogram_call);
	g_cancellable_cancel(self->counts_call);
	g_cancellable_cancel(self->goto_call);
	g_clear_object(&self->histogram_call);
	g_clear_object(&self->counts_call);
	g_clear_object(&self->goto_call);
	if (self->model) {
		g_signal_handlers_disconnect_by_data(self->model, self);
		event_model_stop(self->model);
	}
	g_clear_object(&self->model);
	g_clear_object(&self->source);
	g_clear_object(&self->settings);
	G_OBJECT_CLASS(explorer_parent_class)->dispose(object);
}

static void explorer_finalize(GObject *object)
{
	explorer_state_clear(&SPOOR_EXPLORER(object)->state);
	reader_completeness_free(&SPOOR_EXPLORER(object)->completeness);
	G_OBJECT_CLASS(explorer_parent_class)->finalize(object);
}

#define BIND(name) gtk_widget_class_bind_template_child(widget, Explorer, name)

static void explorer_class_init(ExplorerClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = explorer_dispose;
	G_OBJECT_CLASS(class)->finalize = explorer_finalize;
	g_type_ensure(FILTER_BAR_TYPE);
	g_type_ensure(HISTOGRAM_TYPE);
	g_type_ensure(KIND_BAR_TYPE);
	g_type_ensure(SEARCH_PANEL_TYPE);
	g_type_ensure(GRID_PANE_TYPE);
	gtk_widget_class_set_template_from_resource(widget, "/org/spoor/Investigator/explorer.ui");
	BIND(kinds);
	BIND(filter);
	BIND(search);
	BIND(histogram);
	BIND(complete);
	BIND(complete_icon);
	BIND(recording);
	BIND(export);
	BIND(results);
	BIND(stop);
	BIND(spinner);
	BIND(stack);
	BIND(pane);
	BIND(tools);
	BIND(empty);
	BIND(empty_clear);
	signals[SIGNAL_OPEN_PROCESS] = g_signal_new("open-process", EXPLORER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                            G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SIGNAL_MOVED] = g_signal_new("moved", EXPLORER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                     0);
}

static void explorer_init(Explorer *self)
{
	self->state.expression = g_strdup("");
	self->state.range = READER_ALL_TIME;
	self->actions = (struct pivot_menu_actions){ pivot_filter, pivot_only, pivot_open, self };
	gtk_widget_init_template(GTK_WIDGET(self));
	self->grid = grid_pane_get_grid(GRID_PANE(self->pane));
	gtk_container_add(GTK_CONTAINER(self->tools), grid_pane_get_tools(GRID_PANE(self->pane)));
	grid_pane_add_actions(GTK_WIDGET(self), GRID_PANE(self->pane));
	atk_object_set_name(gtk_widget_get_accessible(self->grid), _("Events"));
	row_drag_add(EVENT_GRID(self->grid));
	g_signal_connect_swapped(self->kinds, "chosen", G_CALLBACK(on_kind), self);
	g_signal_connect_swapped(self->filter, "applied", G_CALLBACK(on_applied), self);
	g_signal_connect_swapped(self->search, "applied", G_CALLBACK(set_expression), self);
	g_signal_connect_swapped(self->search, "edit-text", G_CALLBACK(explorer_focus_filter), self);
	explorer_range_add(self);
	explorer_actions_add(self);
	explorer_export_add(self);
	g_signal_connect_swapped(self->histogram, "need-data", G_CALLBACK(ask_histogram), self);
	g_signal_connect_swapped(self->empty_clear, "clicked", G_CALLBACK(on_show_all), self);
	g_signal_connect_swapped(self->pane, "filter", G_CALLBACK(explorer_ask_beside), self);
	g_signal_connect_swapped(self->grid, "row-activated", G_CALLBACK(on_activated), self);
	g_signal_connect_swapped(self->grid, "menu-requested", G_CALLBACK(on_menu), self);
	g_signal_connect_swapped(self->grid, "sort-requested", G_CALLBACK(on_sort), self);
	g_signal_connect_swapped(self->grid, "columns-changed", G_CALLBACK(on_columns), self);
}

static void on_stop(Explorer *self)
{
	event_model_stop(self->model);
}

GtkWidget *explorer_new(Source *source, GSettings *settings)
{
	Explorer *self = g_object_new(EXPLORER_TYPE, NULL);
	const struct reader_info *info = source_get_info(source);
	g_autofree char *widths = g_settings_get_string(settings, "explorer-columns");

	self->source = g_object_ref(source);
	self->settings = g_object_ref(settings);
	self->model = event_model_new(source);
	if (!g_settings_get_boolean(settings, "newest-first"))
		event_model_set_order(self->model, READER_OLDEST_FIRST);
	g_signal_connect_swapped(self->model, "changed", G_CALLBACK(on_model_changed), self);
	g_signal_connect_swapped(self->model, "failed", G_CALLBACK(on_failed), self);
	g_signal_connect_swapped(self->stop, "clicked", G_CALLBACK(on_stop), self);
	g_signal_connect_object(source, "checked", G_CALLBACK(explorer_complete_show), self, G_CONNECT_SWAPPED);
	if (info->events)
		self->bounds = (struct reader_range){ info->recorded_ms, info->last_ms + 1 };
	explorer_range_begin(self);
	filter_bar_set_source(FILTER_BAR(self->filter), source);
	search_panel_set_source(SEARCH_PANEL(self->search), source);
	histogram_set_subject(SPOOR_HISTOGRAM(self->histogram), self->bounds, info->gaps, info->n_gaps);
	recording_fill(GTK_POPOVER(self->recording), info, NULL);
	event_grid_set_widths(EVENT_GRID(self->grid), widths);
	grid_pane_set_settings(GRID_PANE(self->pane), settings);
	grid_pane_set_model(GRID_PANE(self->pane), self->model);
	explorer_notes_add(self);
	show_counts(self, info->by_category);
	explorer_ask_again(self);
	explorer_follow_add(self);
	return GTK_WIDGET(self);
}
