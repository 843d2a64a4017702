#include "gui/process-page.h"

#include "gui/details.h"
#include "gui/details-panel.h"
#include "gui/history-pane.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/notes-view.h"
#include "gui/page.h"
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
	GCancellable *life; /* cancelled with the page */
	gboolean following; /* selection passes from one part to another */

	GtkWidget *caret, *caret_icon, *name, *summary, *explore, *story, *export;
	GtkWidget *show_details, *show_timeline, *show_tree, *show_history;
	GtkWidget *details_place, *details_line, *details, *upper, *timeline_place, *lower, *tree_place, *history_place;
	GtkWidget *timeline_pane, *timeline, *tree_pane, *tree, *history_pane, *history; /* the views are in the panes */
};
static void page_init(PageInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(ProcessPage, process_page, GTK_TYPE_BOX, G_IMPLEMENT_INTERFACE(PAGE_TYPE, page_init))

enum { SIGNAL_OPEN_PROCESS, SIGNAL_EXPLORE, SIGNAL_TITLED, N_SIGNALS };
static guint signals[N_SIGNALS];

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

static void on_story(ProcessPage *self);

static void follow(gpointer self, gint64 process)
{
	if (!process)
		on_story(self);
	open_process(self, process);
}

static void show_details(ProcessPage *self)
{
	g_autoptr(GArray) lines = details_of(&self->data, self->logon, self->no_logon);
	g_autofree char *notes = notes_view_of_process(notes_of(self->source), self->process);
	int height;

	if (notes)
		details_add_notes(lines, notes);
	details_panel_fill(GTK_GRID(self->details), lines, follow, self);
	/* Seen whole, unless that leaves too little for the rest. */
	gtk_widget_get_preferred_height(self->details, &height, NULL);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(self->details_place), MIN(height, DETAILS_MOST));
}

static void on_notes_changed(ProcessPage *self)
{
	if (self->source && self->have_data)
		show_details(self);
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

/* What one part shows is shown in the other, without telling it back. */
static void on_row_selected(ProcessPage *self, gint64 from, gint64 to, guint category)
{
	self->following = TRUE;
	timeline_view_select(TIMELINE_VIEW(self->timeline), from, to, (enum event_category)category);
	self->following = FALSE;
}

static void on_listed(ProcessPage *self, gint64 from, gint64 to)
{
	self->following = TRUE;
	timeline_view_set_listed(TIMELINE_VIEW(self->timeline), from, to);
	self->following = FALSE;
}

static void on_range(ProcessPage *self, gint64 from, gint64 to)
{
	if (!self->following)
		history_pane_show_range(HISTORY_PANE(self->history_pane), (struct reader_range){ from, to });
}

static void on_timeline_selected(ProcessPage *self, gint64 from, gint64 to, guint category)
{
	if (from <= to)
		history_pane_select_time(HISTORY_PANE(self->history_pane), from);
}

static void on_mark(ProcessPage *self, gint64 process, gint64 from, gint64 to, guint category)
{
	if (process && process != self->process)
		open_process(self, process);
	else
		history_pane_select_time(HISTORY_PANE(self->history_pane), from);
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

static void explore(ProcessPage *self, const char *expression)
{
	g_signal_emit(self, signals[SIGNAL_EXPLORE], 0, expression);
}

gint64 process_page_get_process(ProcessPage *self)
{
	return self->process;
}

static void process_page_focus(ProcessPage *self)
{
	look_focus(gtk_widget_get_visible(self->history_place) ? self->history : self->timeline);
}

static gboolean process_page_copy(ProcessPage *self, gboolean whole_row)
{
	return history_pane_copy(HISTORY_PANE(self->history_pane), whole_row);
}

static Source *get_source(Page *page)
{
	return PROCESS_PAGE(page)->source;
}

static void focus(Page *page)
{
	process_page_focus(PROCESS_PAGE(page));
}

static gboolean copy(Page *page, gboolean whole_row)
{
	return process_page_copy(PROCESS_PAGE(page), whole_row);
}

static void save(Page *page, GVariantDict *into)
{
	g_variant_dict_insert(into, "process", "x", PROCESS_PAGE(page)->process);
}

static void page_init(PageInterface *iface)
{
	iface->title = N_("Process");
	iface->help = "process";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->copy = copy;
	iface->kind = "process";
	iface->save = save;
}

static void process_page_dispose(GObject *object)
{
	ProcessPage *self = PROCESS_PAGE(object);

	g_cancellable_cancel(self->life);
	g_clear_object(&self->life);
	if (self->timeline_pane)
		timeline_pane_stop(TIMELINE_PANE(self->timeline_pane));
	if (self->tree_pane)
		tree_pane_stop(TREE_PANE(self->tree_pane));
	if (self->history_pane)
		history_pane_stop(HISTORY_PANE(self->history_pane));
	self->timeline_pane = self->tree_pane = self->history_pane = NULL;
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
	gtk_widget_class_set_template_from_resource(widget, "/org/spoor/Investigator/process-page.ui");
	BIND(caret);
	BIND(caret_icon);
	BIND(name);
	BIND(summary);
	BIND(explore);
	BIND(story);
	BIND(export);
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
	g_signal_connect_swapped(self->timeline, "range-changed", G_CALLBACK(on_range), self);
	g_signal_connect_swapped(self->history_pane, "open-process", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(self->history_pane, "explore", G_CALLBACK(explore), self);
	g_signal_connect_swapped(self->history_pane, "row-selected", G_CALLBACK(on_row_selected), self);
	g_signal_connect_swapped(self->history_pane, "listed", G_CALLBACK(on_listed), self);
	g_signal_connect_swapped(self->tree, "process-activated", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(self->tree, "recentre", G_CALLBACK(tree_pane_show_process), self->tree_pane);
}

static void on_shown(gpointer page, struct export_shown *ret)
{
	ProcessPage *self = page;

	if (self->history_pane)
		history_pane_get_shown(HISTORY_PANE(self->history_pane), ret);
}

static void process_page_init(ProcessPage *self)
{
	self->life = g_cancellable_new();
	gtk_widget_init_template(GTK_WIDGET(self));
	export_page_add(GTK_WIDGET(self), GTK_MENU_BUTTON(self->export), on_shown);
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

	self->source = g_object_ref(source);
	self->settings = g_object_ref(settings);
	self->process = process;
	self->timeline_pane = timeline_pane_new(source);
	self->timeline = GTK_WIDGET(timeline_pane_get_view(TIMELINE_PANE(self->timeline_pane)));
	gtk_box_pack_start(GTK_BOX(self->timeline_place), self->timeline_pane, TRUE, TRUE, 0);
	self->tree_pane = tree_pane_new(source);
	self->tree = GTK_WIDGET(tree_pane_get_view(TREE_PANE(self->tree_pane)));
	gtk_box_pack_start(GTK_BOX(self->tree_place), self->tree_pane, TRUE, TRUE, 0);
	self->history_pane = history_pane_new(source, process, settings);
	self->history = history_pane_get_grid(HISTORY_PANE(self->history_pane));
	gtk_box_pack_start(GTK_BOX(self->history_place), self->history_pane, TRUE, TRUE, 0);
	connect_parts(self);
	bind_settings(self);
	g_signal_connect_object(notes_of(source), "changed", G_CALLBACK(on_notes_changed), self, G_CONNECT_SWAPPED);
	self->no_logon = g_strdup(_("reading…"));
	source_process_async(source, process, self->life, on_process, g_object_ref(self));
	source_story_async(source, process, 1, self->life, on_logon, g_object_ref(self));
	tree_pane_show_process(TREE_PANE(self->tree_pane), process);
	return GTK_WIDGET(self);
}
