#include "gui/window.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/explorer.h"
#include "gui/look.h"
#include "gui/opener.h"
#include "gui/process-page.h"
#include "gui/recent.h"
#include "gui/sidebar.h"
#include "gui/story-page.h"
#include "gui/timeline-page.h"
#include "gui/time-range.h"
#include "gui/trail.h"
#include "gui/view-export.h"

enum { MAX_MESSAGES = 4 };

struct _SpoorWindow {
	HdyApplicationWindow parent;
	GSettings *settings;
	struct trail *trail;
	gboolean retracing; /* Back or Forward is moving us */
	GtkWidget *header, *messages, *flap, *sidebar, *stack, *home, *tabs, *recent, *recent_place, *recent_button;
	GtkWidget *menu_button;
};
G_DEFINE_FINAL_TYPE(SpoorWindow, spoor_window, HDY_TYPE_APPLICATION_WINDOW)

static void open_process(SpoorWindow *self, gint64 process, GtkWidget *from);

/* ---- what is shown ---- */

static GtkWidget *current_page(SpoorWindow *self)
{
	HdyTabPage *page = hdy_tab_view_get_selected_page(HDY_TAB_VIEW(self->tabs));

	if (g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(self->stack)), "tabs") != 0 || !page)
		return NULL;
	return hdy_tab_page_get_child(page);
}

static Source *source_of(GtkWidget *page)
{
	if (SPOOR_IS_EXPLORER(page))
		return explorer_get_source(SPOOR_EXPLORER(page));
	if (STORY_IS_PAGE(page))
		return story_page_get_source(STORY_PAGE(page));
	if (TIMELINE_IS_PAGE(page))
		return timeline_page_get_source(TIMELINE_PAGE(page));
	return PROCESS_IS_PAGE(page) ? process_page_get_source(PROCESS_PAGE(page)) : NULL;
}

static char *subtitle_of(Source *source)
{
	const struct reader_info *info = source_get_info(source);
	g_autofree char *n = event_number(info->events), *from = event_time(info->recorded_ms);
	g_autofree char *to = event_time(info->last_ms), *zone = time_range_zone(info->last_ms);
	g_autofree char *name = info->host.n ? g_strdup_printf("%s · ", source_get_name(source)) : g_strdup("");

	if (!info->events)
		return g_strdup_printf("%sno events", name);
	from[19] = to[19] = '\0';
	return g_strdup_printf("%s%s events · %s – %s %s", name, n, from, strncmp(from, to, 11) == 0 ? to + 11 : to, zone);
}

static void set_action(SpoorWindow *self, const char *name, gboolean enabled)
{
	GAction *a = g_action_map_lookup_action(G_ACTION_MAP(self), name);

	g_simple_action_set_enabled(G_SIMPLE_ACTION(a), enabled);
}

static void update(SpoorWindow *self)
{
	GtkWidget *page = current_page(self);
	Source *source = source_of(page);
	g_autofree char *host = source ? event_text(source_get_info(source)->host) : NULL;
	g_autofree char *subtitle = source ? subtitle_of(source) : NULL;

	hdy_header_bar_set_title(HDY_HEADER_BAR(self->header), source ? *host ? host : source_get_name(source) : "Spoor");
	hdy_header_bar_set_subtitle(HDY_HEADER_BAR(self->header), subtitle);
	gtk_window_set_title(GTK_WINDOW(self), source ? source_get_name(source) : "Spoor");
	sidebar_select(SPOOR_SIDEBAR(self->sidebar), page ? NULL : gtk_stack_get_visible_child_name(GTK_STACK(self->stack)),
	               source);
	set_action(self, "back", trail_can_go(self->trail, -1));
	set_action(self, "forward", trail_can_go(self->trail, 1));
	set_action(self, "close-tab", page != NULL);
	set_action(self, "focus-filter", source != NULL);
	set_action(self, "timeline", source != NULL);
	set_action(self, "save-picture", page && !SPOOR_IS_EXPLORER(page));
	set_action(self, "print", page && !SPOOR_IS_EXPLORER(page));
}

/* Where we are now, as the trail keeps it. */
static void leave_mark(SpoorWindow *self)
{
	GtkWidget *page = current_page(self);
	struct trail_mark m = { .area = page ? NULL : gtk_stack_get_visible_child_name(GTK_STACK(self->stack)),
		                .page = page };

	if (self->retracing)
		return;
	if (SPOOR_IS_EXPLORER(page))
		m.state = explorer_get_state(SPOOR_EXPLORER(page));
	trail_add(self->trail, &m);
	explorer_state_clear(&m.state);
	update(self);
}

static void show_area(SpoorWindow *self, const char *area)
{
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), area);
	leave_mark(self);
	update(self);
}

static void show_page(SpoorWindow *self, GtkWidget *page)
{
	HdyTabPage *tab = hdy_tab_view_get_page(HDY_TAB_VIEW(self->tabs), page);

	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "tabs");
	hdy_tab_view_set_selected_page(HDY_TAB_VIEW(self->tabs), tab);
	if (SPOOR_IS_EXPLORER(page))
		explorer_focus_grid(SPOOR_EXPLORER(page));
	else if (STORY_IS_PAGE(page))
		story_page_focus(STORY_PAGE(page));
	else if (TIMELINE_IS_PAGE(page))
		timeline_page_focus(TIMELINE_PAGE(page));
	else
		process_page_focus(PROCESS_PAGE(page));
	leave_mark(self);
	update(self);
}

static void retrace(SpoorWindow *self, int by)
{
	const struct trail_mark *m = trail_go(self->trail, by);

	if (!m)
		return;
	self->retracing = TRUE;
	if (m->page) {
		show_page(self, m->page);
		if (SPOOR_IS_EXPLORER(m->page))
			explorer_set_state(SPOOR_EXPLORER(m->page), &m->state);
	} else {
		show_area(self, m->area);
	}
	self->retracing = FALSE;
	update(self);
}

/* ---- messages ---- */

static void show_message(SpoorWindow *self, const char *text, const char *tooltip)
{
	GtkWidget *bar = gtk_info_bar_new(), *label = gtk_label_new(text);
	g_autoptr(GList) old = gtk_container_get_children(GTK_CONTAINER(self->messages));
	guint bars = 0;

	for (GList *l = old; l; l = l->next)
		bars += GTK_IS_INFO_BAR(l->data);
	for (GList *l = old; l && bars >= MAX_MESSAGES; l = l->next)
		if (GTK_IS_INFO_BAR(l->data)) {
			gtk_widget_destroy(l->data);
			bars--;
		}
	gtk_widget_set_tooltip_text(label, tooltip);
	gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_ERROR);
	gtk_info_bar_set_show_close_button(GTK_INFO_BAR(bar), TRUE);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), label);
	g_signal_connect(bar, "response", G_CALLBACK(gtk_widget_destroy), NULL);
	atk_object_set_role(gtk_widget_get_accessible(bar), ATK_ROLE_ALERT);
	gtk_box_pack_end(GTK_BOX(self->messages), bar, FALSE, FALSE, 0);
	gtk_widget_show_all(bar);
}

/* ---- pages ---- */

static HdyTabPage *add_page(SpoorWindow *self, GtkWidget *page, const char *title)
{
	HdyTabPage *tab = hdy_tab_view_append(HDY_TAB_VIEW(self->tabs), page);

	hdy_tab_page_set_title(tab, title);
	return tab;
}

static GtkWidget *find_page(SpoorWindow *self, Source *source, gint64 process)
{
	gint n = hdy_tab_view_get_n_pages(HDY_TAB_VIEW(self->tabs));

	for (gint i = 0; i < n; i++) {
		GtkWidget *w = hdy_tab_page_get_child(hdy_tab_view_get_nth_page(HDY_TAB_VIEW(self->tabs), i));

		if (source_of(w) == source && (process ? PROCESS_IS_PAGE(w) &&
		                               process_page_get_process(PROCESS_PAGE(w)) == process : SPOOR_IS_EXPLORER(w)))
			return w;
	}
	return NULL;
}

static void on_explorer_open(SpoorWindow *self, gint64 process, GtkWidget *from)
{
	open_process(self, process, from);
}

static void show_explorer(SpoorWindow *self, Source *source)
{
	GtkWidget *page = find_page(self, source, 0);

	if (!page) {
		g_autofree char *host = event_text(source_get_info(source)->host);
		g_autofree char *path = g_markup_escape_text(source_get_path(source), -1);

		page = explorer_new(source, self->settings);
		hdy_tab_page_set_tooltip(add_page(self, page, *host ? host : source_get_name(source)), path);
		g_signal_connect_swapped(page, "open-process", G_CALLBACK(on_explorer_open), self);
		g_signal_connect_swapped(page, "moved", G_CALLBACK(leave_mark), self);
	}
	show_page(self, page);
}

static void on_explore(SpoorWindow *self, const char *expression, GtkWidget *from)
{
	g_autofree char *copy = g_strdup(expression);
	Source *source = source_of(from);

	show_explorer(self, source);
	explorer_ask(SPOOR_EXPLORER(find_page(self, source, 0)), copy);
}

static void on_titled(SpoorWindow *self, const char *title, GtkWidget *page)
{
	hdy_tab_page_set_title(hdy_tab_view_get_page(HDY_TAB_VIEW(self->tabs), page), title);
}

static void open_process(SpoorWindow *self, gint64 process, GtkWidget *from)
{
	Source *source = source_of(from);
	GtkWidget *page = find_page(self, source, process);

	if (!page) {
		page = process_page_new(source, process, self->settings);
		hdy_tab_page_set_icon(add_page(self, page, "Process"), NULL);
		g_signal_connect_swapped(page, "open-process", G_CALLBACK(on_explorer_open), self);
		g_signal_connect_swapped(page, "explore", G_CALLBACK(on_explore), self);
		g_signal_connect_swapped(page, "titled", G_CALLBACK(on_titled), self);
	}
	show_page(self, page);
}

static GtkWidget *add_drawing(SpoorWindow *self, GtkWidget *page, const char *title)
{
	add_page(self, page, title);
	g_signal_connect_swapped(page, "open-process", G_CALLBACK(on_explorer_open), self);
	g_signal_connect_swapped(page, "explore", G_CALLBACK(on_explore), self);
	return page;
}

static GtkWidget *find_story(SpoorWindow *self, Source *source, gint64 process)
{
	for (gint i = 0; i < hdy_tab_view_get_n_pages(HDY_TAB_VIEW(self->tabs)); i++) {
		GtkWidget *w = hdy_tab_page_get_child(hdy_tab_view_get_nth_page(HDY_TAB_VIEW(self->tabs), i));

		if (STORY_IS_PAGE(w) && source_of(w) == source && story_page_get_process(STORY_PAGE(w)) == process)
			return w;
	}
	return NULL;
}

static void action_login_story(GSimpleAction *a, GVariant *process, gpointer window)
{
	SpoorWindow *self = window;
	Source *source = source_of(current_page(self));
	GtkWidget *page = source ? find_story(self, source, g_variant_get_int64(process)) : NULL;

	if (!source)
		return;
	if (!page) {
		page = add_drawing(self, story_page_new(source, g_variant_get_int64(process)), "Login story");
		g_signal_connect_swapped(page, "titled", G_CALLBACK(on_titled), self);
	}
	show_page(self, page);
}

/* Of what the explorer asks for; from another page, of everything. */
static void action_timeline(GSimpleAction *a, GVariant *unused, gpointer window)
{
	SpoorWindow *self = window;
	GtkWidget *from = current_page(self);
	Source *source = source_of(from);
	struct explorer_state state = { 0 };
	g_autofree char *kind = NULL, *expression = NULL;

	if (!source)
		return;
	if (SPOOR_IS_EXPLORER(from))
		state = explorer_get_state(SPOOR_EXPLORER(from));
	if (state.category != EVENT_NONE)
		kind = g_strdup_printf("event.category == %s", event_category_name(state.category));
	expression = event_column_join(state.expression, kind);
	show_page(self, add_drawing(self, timeline_page_new(source, expression), "Timeline"));
	explorer_state_clear(&state);
}

/* The drawing that the user means, and what it is called: "curl 4711 on web-03". */
static GtkWidget *drawing_meant(SpoorWindow *self, char **ret_title)
{
	GtkWidget *page = current_page(self), *view = view_export_find(page, gtk_window_get_focus(GTK_WINDOW(self)));
	HdyTabPage *tab = page ? hdy_tab_view_get_page(HDY_TAB_VIEW(self->tabs), page) : NULL;

	if (view)
		*ret_title = g_strdup_printf("%s · %s", hdy_tab_page_get_title(tab), source_get_name(source_of(page)));
	return view;
}

static void on_saved(const char *error, gpointer window)
{
	if (error)
		show_message(window, error, NULL);
}

static void action_save_picture(GSimpleAction *a, GVariant *unused, gpointer window)
{
	g_autofree char *title = NULL;
	GtkWidget *view = drawing_meant(window, &title);

	if (view)
		view_export_save(view, title, on_saved, window);
}

static void action_print(GSimpleAction *a, GVariant *unused, gpointer window)
{
	g_autofree char *title = NULL, *error = NULL;
	GtkWidget *view = drawing_meant(window, &title);

	if (!view)
		return;
	error = view_export_print(view, title, NULL);
	on_saved(error, window);
}

/* Closing an explorer closes its source: the process pages go too. */
static gboolean on_close_page(SpoorWindow *self, HdyTabPage *tab)
{
	HdyTabView *tabs = HDY_TAB_VIEW(self->tabs);
	GtkWidget *page = hdy_tab_page_get_child(tab);
	Source *source = source_of(page);

	trail_forget(self->trail, page);
	hdy_tab_view_close_page_finish(tabs, tab, TRUE);
	if (SPOOR_IS_EXPLORER(page)) {
		for (gint i = hdy_tab_view_get_n_pages(tabs) - 1; i >= 0; i--) {
			HdyTabPage *other = hdy_tab_view_get_nth_page(tabs, i);

			if (source_of(hdy_tab_page_get_child(other)) == source)
				hdy_tab_view_close_page(tabs, other);
		}
		sidebar_remove_source(SPOOR_SIDEBAR(self->sidebar), source);
	}
	return GDK_EVENT_STOP;
}

static void on_pages_changed(SpoorWindow *self)
{
	if (!hdy_tab_view_get_n_pages(HDY_TAB_VIEW(self->tabs)) &&
	    g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(self->stack)), "tabs") == 0)
		gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "home");
	update(self);
}

static void on_tab_selected(SpoorWindow *self)
{
	if (current_page(self))
		leave_mark(self);
}

/* ---- opening ---- */

static void on_checked(SpoorWindow *self, Source *source)
{
	g_autofree char *line = g_strdup_printf("%s: the file is damaged: what is shown may be wrong or missing",
	                                        source_get_name(source));

	if (source_get_damage(source))
		show_message(self, line, source_get_damage(source));
}

static void on_opened(SpoorWindow *self, Source *source, Opener *opener)
{
	g_signal_connect_object(source, "checked", G_CALLBACK(on_checked), self, G_CONNECT_SWAPPED);
	recent_add(opener_get_path(opener));
	gtk_widget_destroy(GTK_WIDGET(opener));
	sidebar_add_source(SPOOR_SIDEBAR(self->sidebar), source);
	show_explorer(self, source);
}

static void on_open_failed(SpoorWindow *self, const char *message, Opener *opener)
{
	g_autofree char *copy = g_strdup(message), *path = g_strdup(opener_get_path(opener));

	gtk_widget_destroy(GTK_WIDGET(opener));
	show_message(self, copy, path);
}

static void on_open_cancelled(SpoorWindow *self, Opener *opener)
{
	gtk_widget_destroy(GTK_WIDGET(opener));
}

static void open_path(SpoorWindow *self, const char *path)
{
	GtkWidget *opener = opener_new(path);

	gtk_box_pack_start(GTK_BOX(self->messages), opener, FALSE, FALSE, 0);
	g_signal_connect_swapped(opener, "opened", G_CALLBACK(on_opened), self);
	g_signal_connect_swapped(opener, "failed", G_CALLBACK(on_open_failed), self);
	g_signal_connect_swapped(opener, "cancelled", G_CALLBACK(on_open_cancelled), self);
	opener_start(SPOOR_OPENER(opener));
}

void spoor_window_open(SpoorWindow *self, GFile **files, gint n_files)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (gint i = 0; i < n_files; i++) {
		char *path = g_file_get_path(files[i]);

		if (!path) {
			g_autofree char *name = g_file_get_parse_name(files[i]);
			g_autofree char *line = g_strdup_printf("%s: cannot open: it is not on this computer", name);

			show_message(self, line, NULL);
			continue;
		}
		if (g_str_has_suffix(path, ".db-wal") || g_str_has_suffix(path, ".db-shm"))
			path[strlen(path) - 4] = '\0';
		if (g_hash_table_add(seen, path))
			open_path(self, path);
	}
}

static void on_dialog_response(GtkDialog *dialog, gint response, gpointer window)
{
	if (response == GTK_RESPONSE_ACCEPT) {
		g_autoptr(GSList) files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(dialog));

		for (GSList *l = files; l; l = l->next) {
			GFile *file = l->data;

			spoor_window_open(window, &file, 1);
			g_object_unref(file);
		}
	}
	gtk_widget_destroy(GTK_WIDGET(dialog));
}

static void add_filter(GtkWidget *dialog, const char *name, const char *const *patterns)
{
	GtkFileFilter *filter = gtk_file_filter_new();

	gtk_file_filter_set_name(filter, name);
	for (; *patterns; patterns++)
		gtk_file_filter_add_pattern(filter, *patterns);
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), filter);
}

void spoor_window_choose_files(SpoorWindow *self)
{
	static const char *const known[] = { "*.db", "audit*.log*", "*.log", "*.log.*", NULL };
	static const char *const all[] = { "*", NULL };
	GtkWidget *dialog = gtk_file_chooser_dialog_new("Open a snapshot or an audit log", GTK_WINDOW(self),
	                                                GTK_FILE_CHOOSER_ACTION_OPEN, "_Cancel", GTK_RESPONSE_CANCEL,
	                                                "_Open", GTK_RESPONSE_ACCEPT, NULL);

	gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	add_filter(dialog, "Snapshots and audit logs", known);
	add_filter(dialog, "All files", all);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_dialog_response), self, 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

static void on_drop(GtkWidget *widget, GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info,
                    guint time)
{
	g_auto(GStrv) uris = gtk_selection_data_get_uris(data);

	for (guint i = 0; uris && uris[i]; i++) {
		g_autoptr(GFile) file = g_file_new_for_uri(uris[i]);

		/* A .db and its -wal come as one recording. */
		if (!g_str_has_suffix(uris[i], "-wal") || !g_strv_contains((const char *const *)uris, uris[i]) || !uris[1])
			spoor_window_open(SPOOR_WINDOW(widget), &file, 1);
	}
	gtk_drag_finish(context, uris != NULL, FALSE, time);
}

/* ---- recent files ---- */

static void update_recent(SpoorWindow *self)
{
	recent_show(GTK_CONTAINER(self->recent), self->recent_place, GTK_MENU_BUTTON(self->recent_button));
}

static void open_uri(SpoorWindow *self, const char *uri)
{
	g_autoptr(GFile) file = g_file_new_for_uri(uri);

	spoor_window_open(self, &file, 1);
}

static void on_recent_row(SpoorWindow *self, GtkListBoxRow *row)
{
	open_uri(self, g_object_get_data(G_OBJECT(row), "uri"));
}

/* ---- actions ---- */

static void action_open_recent(GSimpleAction *a, GVariant *uri, gpointer window)
{
	open_uri(window, g_variant_get_string(uri, NULL));
}

static void action_back(GSimpleAction *a, GVariant *unused, gpointer window)
{
	retrace(window, -1);
}

static void action_forward(GSimpleAction *a, GVariant *unused, gpointer window)
{
	retrace(window, 1);
}

static void action_close_tab(GSimpleAction *a, GVariant *unused, gpointer window)
{
	SpoorWindow *self = window;
	HdyTabPage *tab = hdy_tab_view_get_selected_page(HDY_TAB_VIEW(self->tabs));

	if (tab)
		hdy_tab_view_close_page(HDY_TAB_VIEW(self->tabs), tab);
}

static void action_focus_filter(GSimpleAction *a, GVariant *unused, gpointer window)
{
	SpoorWindow *self = window;
	Source *source = source_of(current_page(self));

	if (!source)
		return;
	show_explorer(self, source);
	explorer_focus_filter(SPOOR_EXPLORER(find_page(self, source, 0)));
}

static void action_menu(GSimpleAction *a, GVariant *unused, gpointer window)
{
	gtk_button_clicked(GTK_BUTTON(((SpoorWindow *)window)->menu_button));
}

static void action_full_screen(GSimpleAction *a, GVariant *unused, gpointer window)
{
	GdkWindow *w = gtk_widget_get_window(window);

	if (gdk_window_get_state(w) & GDK_WINDOW_STATE_FULLSCREEN)
		gtk_window_unfullscreen(window);
	else
		gtk_window_fullscreen(window);
}

static const GActionEntry actions[] = {
	{ "open-recent", action_open_recent, "s", NULL, NULL, { 0 } },
	{ "back", action_back, NULL, NULL, NULL, { 0 } },
	{ "forward", action_forward, NULL, NULL, NULL, { 0 } },
	{ "close-tab", action_close_tab, NULL, NULL, NULL, { 0 } },
	{ "focus-filter", action_focus_filter, NULL, NULL, NULL, { 0 } },
	{ "login-story", action_login_story, "x", NULL, NULL, { 0 } },
	{ "timeline", action_timeline, NULL, NULL, NULL, { 0 } },
	{ "save-picture", action_save_picture, NULL, NULL, NULL, { 0 } },
	{ "print", action_print, NULL, NULL, NULL, { 0 } },
	{ "menu", action_menu, NULL, NULL, NULL, { 0 } },
	{ "full-screen", action_full_screen, NULL, NULL, NULL, { 0 } },
};

/* Copying belongs to the grid with the focus; elsewhere Ctrl+C is the focused widget's own. */
static gboolean on_key(SpoorWindow *self, GdkEventKey *event)
{
	guint state = event->state & gtk_accelerator_get_default_mod_mask();
	GtkWidget *page = current_page(self);
	gboolean row = state == (GDK_CONTROL_MASK | GDK_SHIFT_MASK);

	if (gdk_keyval_to_lower(event->keyval) != GDK_KEY_c || (!row && state != GDK_CONTROL_MASK))
		return FALSE;
	if (SPOOR_IS_EXPLORER(page))
		return explorer_copy(SPOOR_EXPLORER(page), row);
	return PROCESS_IS_PAGE(page) && process_page_copy(PROCESS_PAGE(page), row);
}

/* ---- the window ---- */

static gboolean on_delete(SpoorWindow *self)
{
	int width, height;

	gtk_window_get_size(GTK_WINDOW(self), &width, &height);
	if (!gtk_window_is_maximized(GTK_WINDOW(self)))
		g_settings_set(self->settings, "window-size", "(ii)", width, height);
	g_settings_set_boolean(self->settings, "window-maximized", gtk_window_is_maximized(GTK_WINDOW(self)));
	return FALSE;
}

static void spoor_window_dispose(GObject *object)
{
	SpoorWindow *self = SPOOR_WINDOW(object);

	g_signal_handlers_disconnect_by_data(gtk_recent_manager_get_default(), self);
	if (self->tabs)
		g_signal_handlers_disconnect_by_data(self->tabs, self);
	self->tabs = NULL;
	G_OBJECT_CLASS(spoor_window_parent_class)->dispose(object);
	g_clear_object(&self->settings);
}

static void spoor_window_finalize(GObject *object)
{
	trail_free(SPOOR_WINDOW(object)->trail);
	G_OBJECT_CLASS(spoor_window_parent_class)->finalize(object);
}

#define BIND(name) gtk_widget_class_bind_template_child(widget, SpoorWindow, name)

static void spoor_window_class_init(SpoorWindowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = spoor_window_dispose;
	G_OBJECT_CLASS(class)->finalize = spoor_window_finalize;
	g_type_ensure(SIDEBAR_TYPE);
	gtk_widget_class_set_template_from_resource(widget, "/org/spoor/Investigator/window.ui");
	BIND(header);
	BIND(messages);
	BIND(flap);
	BIND(sidebar);
	BIND(stack);
	BIND(home);
	BIND(tabs);
	BIND(recent);
	BIND(recent_place);
	BIND(recent_button);
	BIND(menu_button);
}

static void spoor_window_init(SpoorWindow *self)
{
	self->trail = trail_new();
	gtk_widget_init_template(GTK_WIDGET(self));
	g_action_map_add_action_entries(G_ACTION_MAP(self), actions, G_N_ELEMENTS(actions), self);
	for (guint i = 0; sidebar_status_page_at(i); i++)
		gtk_stack_add_named(GTK_STACK(self->stack), sidebar_status_page(sidebar_status_page_at(i)),
		                    sidebar_status_page_at(i));
	look_describe(self->home, hdy_status_page_get_title(HDY_STATUS_PAGE(self->home)),
	              hdy_status_page_get_description(HDY_STATUS_PAGE(self->home)));
	gtk_drag_dest_set(GTK_WIDGET(self), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
	gtk_drag_dest_add_uri_targets(GTK_WIDGET(self));
	g_signal_connect(self, "drag-data-received", G_CALLBACK(on_drop), NULL);
	g_signal_connect(self, "delete-event", G_CALLBACK(on_delete), NULL);
	g_signal_connect(self, "key-press-event", G_CALLBACK(on_key), NULL);
	g_signal_connect_swapped(self->sidebar, "page-chosen", G_CALLBACK(show_area), self);
	g_signal_connect_swapped(self->sidebar, "source-chosen", G_CALLBACK(show_explorer), self);
	g_signal_connect_swapped(self->tabs, "close-page", G_CALLBACK(on_close_page), self);
	g_signal_connect_swapped(self->tabs, "notify::n-pages", G_CALLBACK(on_pages_changed), self);
	g_signal_connect_swapped(self->tabs, "notify::selected-page", G_CALLBACK(on_tab_selected), self);
	g_signal_connect_swapped(self->recent, "row-activated", G_CALLBACK(on_recent_row), self);
	g_signal_connect_swapped(gtk_recent_manager_get_default(), "changed", G_CALLBACK(update_recent), self);
	update_recent(self);
}

GtkWidget *spoor_window_new(GtkApplication *app, GSettings *settings)
{
	SpoorWindow *self = g_object_new(SPOOR_WINDOW_TYPE, "application", app, NULL);
	g_autoptr(GAction) sidebar = g_settings_create_action(settings, "sidebar");
	int width, height;

	self->settings = g_object_ref(settings);
	g_action_map_add_action(G_ACTION_MAP(self), sidebar);
	g_signal_connect_object(settings, "changed::local-time", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_settings_bind(settings, "sidebar", self->flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);
	g_settings_get(settings, "window-size", "(ii)", &width, &height);
	gtk_window_set_default_size(GTK_WINDOW(self), width, height);
	if (g_settings_get_boolean(settings, "window-maximized"))
		gtk_window_maximize(GTK_WINDOW(self));
	leave_mark(self);
	return GTK_WIDGET(self);
}
