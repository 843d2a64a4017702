#include "gui/process-page.h"

#include "gui/details.h"
#include "gui/details-panel.h"
#include "gui/event-grid.h"
#include "gui/look.h"
#include "gui/pivot-menu.h"
#include "gui/timeline-pane.h"
#include "gui/tree-pane.h"

enum { DETAILS_MOST = 250 };

struct _ProcessPage {
	GtkBox parent;
	Source *source;
	GSettings *settings;
	gint64 process;
	struct reader_process data;
	gboolean have_data;
	char *logon, *no_logon; /* what is known of the logon it came from, or why nothing is */
	EventModel *model;
	struct pivot_menu_actions actions;
	GCancellable *life; /* cancelled with the page */
	GCancellable *find_call;
	gboolean following; /* selection passes from one part to another */

	GtkWidget *caret, *caret_icon, *name, *summary, *explore, *story, *show_details, *show_timeline, *show_tree, *show_history;
	GtkWidget *details_place, *details_line, *details, *upper, *timeline_place, *lower, *tree_place, *history_place, *history;
	GtkWidget *timeline_pane, *timeline, *tree_pane, *tree; /* the views are in the panes */
};
G_DEFINE_FINAL_TYPE(ProcessPage, process_page, GTK_TYPE_BOX)

enum { SIGNAL_OPEN_PROCESS, SIGNAL_EXPLORE, SIGNAL_TITLED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GCancellable *renew(GCancellable **call)
{
	g_cancellable_cancel(*call);
	g_clear_object(call);
	*call = g_cancellable_new();
	return *call;
}

static char *expression_of(ProcessPage *self)
{
	return g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, self->process);
}

static void open_process(ProcessPage *self, gint64 process)
{
	if (process && process != self->process)
		g_signal_emit(self, signals[SIGNAL_OPEN_PROCESS], 0, process);
}

/* ---- details ---- */

static void follow(gpointer self, gint64 process)
{
	open_process(self, process);
}

static void show_details(ProcessPage *self)
{
	g_autoptr(GArray) lines = details_of(&self->data, self->logon, self->no_logon);
	int height;

	details_panel_fill(GTK_GRID(self->details), lines, follow, self);
	/* Seen whole, unless that leaves too little for the rest. */
	gtk_widget_get_preferred_height(self->details, &height, NULL);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(self->details_place), MIN(height, DETAILS_MOST));
}

/* Whose logon it came from: the details say so as soon as it is known. */
static void on_logon(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ProcessPage) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_story s;

	if (!source_story_finish(SPOOR_SOURCE(object), result, &s, &error)) {
		g_free(self->no_logon);
		self->no_logon = g_strdup(error->message);
	} else {
		g_clear_pointer(&self->no_logon, g_free);
		self->logon = details_logon(&s);
		reader_story_free(&s);
	}
	if (self->source && self->have_data)
		show_details(self);
}

/* ---- history ---- */

/* How many events come before a time is the row of the first one at it. */
static void on_found(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ProcessPage) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count count;
	guint64 row, n;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error))
		return;
	if (self->source) {
		n = event_model_get_n_rows(self->model);
		row = count.total;
		if (event_model_get_order(self->model) == READER_NEWEST_FIRST)
			row = n - 1 - MIN(row, n - 1);
		self->following = TRUE;
		event_grid_select(EVENT_GRID(self->history), row);
		self->following = FALSE;
	}
	reader_count_free(&count);
}

static void find_time(ProcessPage *self, gint64 ms)
{
	g_autofree char *expression = expression_of(self);
	struct source_query q = { expression, { INT64_MIN, ms } };

	if (event_model_get_n_rows(self->model))
		source_count_async(self->source, &q, 0, renew(&self->find_call), on_found, g_object_ref(self));
}

static void on_history_selected(ProcessPage *self)
{
	guint64 i = event_grid_get_selected(EVENT_GRID(self->history));
	const struct reader_row *row = i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, i);

	if (row && !self->following)
		timeline_view_select(TIMELINE_VIEW(self->timeline), row->time_ms, row->time_ms + row->span_ms, row->category);
}

static void on_history_activated(ProcessPage *self, guint64 i)
{
	const struct reader_row *row = event_model_get_row(self->model, i);

	if (row)
		open_process(self, row->process);
}

static void on_history_menu(ProcessPage *self, guint64 row, guint column)
{
	pivot_menu_popup(EVENT_GRID(self->history), row, column, &self->actions);
}

static void on_history_sort(ProcessPage *self)
{
	gboolean oldest = event_model_get_order(self->model) == READER_OLDEST_FIRST;

	event_grid_select(EVENT_GRID(self->history), EVENT_GRID_NO_ROW);
	event_model_set_order(self->model, oldest ? READER_NEWEST_FIRST : READER_OLDEST_FIRST);
}

static void on_columns(ProcessPage *self)
{
	g_autofree char *widths = event_grid_get_widths(EVENT_GRID(self->history));

	g_settings_set_string(self->settings, "history-columns", widths);
}

static void on_timeline_selected(ProcessPage *self, gint64 from, gint64 to, guint category)
{
	if (from <= to)
		find_time(self, from);
}

static void on_mark(ProcessPage *self, gint64 process, gint64 from, gint64 to, guint category)
{
	if (process && process != self->process)
		open_process(self, process);
	else
		find_time(self, from);
}

/* ---- the page ---- */

static void on_process(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ProcessPage) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_process p;
	g_autofree char *name = NULL, *summary = NULL, *title = NULL;

	if (!source_process_finish(SPOOR_SOURCE(object), result, &p, &error)) {
		if (self->source)
			gtk_label_set_text(GTK_LABEL(self->summary), error->message);
		return;
	}
	if (!self->source) {
		reader_process_free(&p);
		return;
	}
	self->data = p;
	self->have_data = TRUE;
	name = details_name(&self->data);
	summary = details_summary(&self->data);
	gtk_label_set_text(GTK_LABEL(self->name), name);
	gtk_label_set_text(GTK_LABEL(self->summary), summary);
	show_details(self);
	timeline_pane_set_process(TIMELINE_PANE(self->timeline_pane), &self->data);
	title = g_strdup_printf("%s %" G_GINT64_FORMAT, name, (gint64)self->data.pid);
	g_signal_emit(self, signals[SIGNAL_TITLED], 0, self->data.n_images ? title : name);
}

static void on_explore(ProcessPage *self)
{
	g_autofree char *expression = expression_of(self);

	g_signal_emit(self, signals[SIGNAL_EXPLORE], 0, expression);
}

static void on_story(ProcessPage *self)
{
	GtkWidget *window = gtk_widget_get_toplevel(GTK_WIDGET(self));

	g_action_group_activate_action(G_ACTION_GROUP(window), "login-story", g_variant_new_int64(self->process));
}

static void pivot_only(const char *expression, gpointer data)
{
	g_signal_emit(data, signals[SIGNAL_EXPLORE], 0, expression);
}

Source *process_page_get_source(ProcessPage *self)
{
	return self->source;
}

gint64 process_page_get_process(ProcessPage *self)
{
	return self->process;
}

void process_page_focus(ProcessPage *self)
{
	look_focus(gtk_widget_get_visible(self->history_place) ? self->history : self->timeline);
}

gboolean process_page_copy(ProcessPage *self, gboolean whole_row)
{
	return gtk_widget_has_focus(self->history) && pivot_menu_copy(EVENT_GRID(self->history), whole_row);
}

static void process_page_dispose(GObject *object)
{
	ProcessPage *self = PROCESS_PAGE(object);
	GCancellable **calls[] = { &self->life, &self->find_call };

	for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
		g_cancellable_cancel(*calls[i]);
		g_clear_object(calls[i]);
	}
	if (self->model)
		event_model_stop(self->model);
	if (self->timeline_pane)
		timeline_pane_stop(TIMELINE_PANE(self->timeline_pane));
	if (self->tree_pane)
		tree_pane_stop(TREE_PANE(self->tree_pane));
	self->timeline_pane = self->tree_pane = NULL;
	g_clear_object(&self->model);
	g_clear_object(&self->source);
	g_clear_object(&self->settings);
	G_OBJECT_CLASS(process_page_parent_class)->dispose(object);
}

static void process_page_finalize(GObject *object)
{
	ProcessPage *self = PROCESS_PAGE(object);

	if (self->have_data)
		reader_process_free(&self->data);
	g_free(self->logon);
	g_free(self->no_logon);
	G_OBJECT_CLASS(process_page_parent_class)->finalize(object);
}

#define BIND(name) gtk_widget_class_bind_template_child(widget, ProcessPage, name)

static void process_page_class_init(ProcessPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	GType type = PROCESS_PAGE_TYPE;

	G_OBJECT_CLASS(class)->dispose = process_page_dispose;
	G_OBJECT_CLASS(class)->finalize = process_page_finalize;
	g_type_ensure(EVENT_GRID_TYPE);
	gtk_widget_class_set_template_from_resource(widget, "/org/spoor/Investigator/process-page.ui");
	BIND(caret);
	BIND(caret_icon);
	BIND(name);
	BIND(summary);
	BIND(explore);
	BIND(story);
	BIND(show_details);
	BIND(show_timeline);
	BIND(show_tree);
	BIND(show_history);
	BIND(details_place);
	BIND(details_line);
	BIND(details);
	BIND(upper);
	BIND(timeline_place);
	BIND(lower);
	BIND(tree_place);
	BIND(history_place);
	BIND(history);
	signals[SIGNAL_OPEN_PROCESS] = g_signal_new("open-process", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                            G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SIGNAL_EXPLORE] = g_signal_new("explore", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                       G_TYPE_STRING);
	signals[SIGNAL_TITLED] = g_signal_new("titled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                      G_TYPE_STRING);
}

static void connect_parts(ProcessPage *self)
{
	g_signal_connect_swapped(self->explore, "clicked", G_CALLBACK(on_explore), self);
	g_signal_connect_swapped(self->story, "clicked", G_CALLBACK(on_story), self);
	g_signal_connect_swapped(self->timeline, "mark-activated", G_CALLBACK(on_mark), self);
	g_signal_connect_swapped(self->timeline, "process-activated", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(self->timeline, "selection-changed", G_CALLBACK(on_timeline_selected), self);
	g_signal_connect_swapped(self->tree, "process-activated", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(self->tree, "recentre", G_CALLBACK(tree_pane_show_process), self->tree_pane);
	g_signal_connect_swapped(self->history, "selection-changed", G_CALLBACK(on_history_selected), self);
	g_signal_connect_swapped(self->history, "row-activated", G_CALLBACK(on_history_activated), self);
	g_signal_connect_swapped(self->history, "menu-requested", G_CALLBACK(on_history_menu), self);
	g_signal_connect_swapped(self->history, "sort-requested", G_CALLBACK(on_history_sort), self);
	g_signal_connect_swapped(self->history, "columns-changed", G_CALLBACK(on_columns), self);
}

static void process_page_init(ProcessPage *self)
{
	self->actions = (struct pivot_menu_actions){ .only = pivot_only, .data = self };
	self->life = g_cancellable_new();
	gtk_widget_init_template(GTK_WIDGET(self));
	atk_object_set_name(gtk_widget_get_accessible(self->history), "History");
}

/* A paned whose both sides are hidden is hidden itself, so that it leaves no empty space. */
static void update_panes(ProcessPage *self)
{
	gboolean tree = gtk_widget_get_visible(self->tree_place), history = gtk_widget_get_visible(self->history_place);

	gtk_widget_set_visible(self->lower, tree || history);
	gtk_widget_set_visible(self->upper, tree || history || gtk_widget_get_visible(self->timeline_place));
}

static void turn_caret(ProcessPage *self)
{
	gboolean open = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->caret));

	gtk_image_set_from_icon_name(GTK_IMAGE(self->caret_icon), open ? "pan-down-symbolic" : "pan-end-symbolic",
	                             GTK_ICON_SIZE_BUTTON);
}

static void bind_settings(ProcessPage *self)
{
	const struct {
		const char *key;
		GtkWidget *button, *part;
	} parts[] = {
		{ "process-details", self->show_details, self->details_place },
		{ "process-timeline", self->show_timeline, self->timeline_place },
		{ "process-tree", self->show_tree, self->tree_place },
		{ "process-history", self->show_history, self->history_place },
	};

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_signal_connect_swapped(parts[i].part, "notify::visible", G_CALLBACK(update_panes), self);
		g_settings_bind(self->settings, parts[i].key, parts[i].button, "active", G_SETTINGS_BIND_DEFAULT);
		g_object_bind_property(parts[i].button, "active", parts[i].part, "visible", G_BINDING_SYNC_CREATE);
	}
	g_object_bind_property(self->show_details, "active", self->details_line, "visible", G_BINDING_SYNC_CREATE);
	g_object_bind_property(self->show_details, "active", self->caret, "active",
	                       G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
	g_signal_connect_object(self->caret, "toggled", G_CALLBACK(turn_caret), self, G_CONNECT_SWAPPED);
	turn_caret(self);
	g_settings_bind(self->settings, "process-upper", self->upper, "position", G_SETTINGS_BIND_DEFAULT);
	g_settings_bind(self->settings, "process-lower", self->lower, "position", G_SETTINGS_BIND_DEFAULT);
}

GtkWidget *process_page_new(Source *source, gint64 process, GSettings *settings)
{
	ProcessPage *self = g_object_new(PROCESS_PAGE_TYPE, NULL);
	g_autofree char *expression = NULL, *widths = g_settings_get_string(settings, "history-columns");

	self->source = g_object_ref(source);
	self->settings = g_object_ref(settings);
	self->process = process;
	self->timeline_pane = timeline_pane_new(source);
	self->timeline = GTK_WIDGET(timeline_pane_get_view(TIMELINE_PANE(self->timeline_pane)));
	gtk_box_pack_start(GTK_BOX(self->timeline_place), self->timeline_pane, TRUE, TRUE, 0);
	self->tree_pane = tree_pane_new(source);
	self->tree = GTK_WIDGET(tree_pane_get_view(TREE_PANE(self->tree_pane)));
	gtk_box_pack_start(GTK_BOX(self->tree_place), self->tree_pane, TRUE, TRUE, 0);
	connect_parts(self);
	bind_settings(self);
	expression = expression_of(self);
	self->model = event_model_new(source);
	event_model_set_order(self->model, READER_OLDEST_FIRST);
	event_model_set_query(self->model, expression, READER_ALL_TIME);
	event_grid_set_widths(EVENT_GRID(self->history), widths);
	event_grid_hide_column(EVENT_GRID(self->history), EVENT_COLUMN_PROCESS);
	event_grid_hide_column(EVENT_GRID(self->history), EVENT_COLUMN_PID);
	event_grid_set_model(EVENT_GRID(self->history), self->model);
	self->no_logon = g_strdup("reading…");
	source_process_async(source, process, self->life, on_process, g_object_ref(self));
	source_story_async(source, process, 1, self->life, on_logon, g_object_ref(self));
	tree_pane_show_process(TREE_PANE(self->tree_pane), process);
	return GTK_WIDGET(self);
}
