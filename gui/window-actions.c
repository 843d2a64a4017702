#include "gui/window-private.h"

#include "gui/compare-page.h"
#include "gui/view-export.h"

/* The drawing that the user means, and what it is called: "curl 4711 on web-03". */
static GtkWidget *drawing_meant(SpoorWindow *self, char **ret_title)
{
	GtkWidget *page = GTK_WIDGET(window_pages_current(self));
	GtkWidget *view = page ? view_export_find(page, gtk_window_get_focus(GTK_WINDOW(self))) : NULL;

	if (view)
		*ret_title = g_strdup_printf("%s · %s", window_pages_title(self, SPOOR_PAGE(page)),
		                             source_get_name(window_pages_source(self)));
	return view;
}

static void on_saved(const char *error, gpointer window)
{
	if (error)
		window_messages_tell(window, error, NULL);
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

static void action_open_recent(GSimpleAction *a, GVariant *uri, gpointer window)
{
	window_open_uri(window, g_variant_get_string(uri, NULL));
}

static void action_back(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_trail_go(window, -1);
}

static void action_forward(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_trail_go(window, 1);
}

static void action_close_tab(GSimpleAction *a, GVariant *unused, gpointer window)
{
	Page *page = window_pages_meant(window);

	if (page)
		window_pages_close(window, page);
}

static void action_close_others(GSimpleAction *a, GVariant *unused, gpointer window)
{
	Page *page = window_pages_meant(window);

	if (page)
		window_pages_close_others(window, page);
}

static void action_close_recording(GSimpleAction *a, GVariant *unused, gpointer window)
{
	Page *page = window_pages_meant(window);

	if (page)
		window_pages_close_source(window, page_get_source(page));
}

static void action_duplicate_tab(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_pages_duplicate(window);
}

static void action_move_tab(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_pages_to_new_window(window);
}

static void action_turn_tab(GSimpleAction *a, GVariant *by, gpointer window)
{
	window_pages_turn(window, g_variant_get_int32(by));
}

static void action_shift_tab(GSimpleAction *a, GVariant *by, gpointer window)
{
	window_pages_shift(window, g_variant_get_int32(by));
}

static void action_login_story(GSimpleAction *a, GVariant *process, gpointer window)
{
	window_pages_open_story(window, g_variant_get_int64(process));
}

static void action_timeline(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_pages_open_timeline(window);
}

static void action_filter_by(GSimpleAction *a, GVariant *expression, gpointer window)
{
	window_pages_ask(window, g_variant_get_string(expression, NULL), TRUE);
}

static void action_ask_for(GSimpleAction *a, GVariant *expression, gpointer window)
{
	window_pages_ask(window, g_variant_get_string(expression, NULL), FALSE);
}

static void action_value_over_time(GSimpleAction *a, GVariant *expression, gpointer window)
{
	window_pages_open_timeline_of(window, g_variant_get_string(expression, NULL), "kind");
}

static void action_value_processes(GSimpleAction *a, GVariant *expression, gpointer window)
{
	window_pages_open_timeline_of(window, g_variant_get_string(expression, NULL), "process");
}

static void action_compare(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_compare_choose(window);
}

static void action_distribution(GSimpleAction *a, GVariant *unused, gpointer window)
{
	window_pages_open_distribution(window);
}

static void action_focus_filter(GSimpleAction *a, GVariant *unused, gpointer window)
{
	Page *page = window_pages_current(window);
	Source *source = window_pages_source(window);

	if (!page)
		return;
	if (!SPOOR_IS_EXPLORER(page)) {
		page = window_pages_explorer(window, source);
		window_pages_show_explorer(window, source);
	}
	explorer_focus_filter(SPOOR_EXPLORER(page));
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
	{ "close-others", action_close_others, NULL, NULL, NULL, { 0 } },
	{ "close-recording", action_close_recording, NULL, NULL, NULL, { 0 } },
	{ "duplicate-tab", action_duplicate_tab, NULL, NULL, NULL, { 0 } },
	{ "move-tab", action_move_tab, NULL, NULL, NULL, { 0 } },
	{ "turn-tab", action_turn_tab, "i", NULL, NULL, { 0 } },
	{ "shift-tab", action_shift_tab, "i", NULL, NULL, { 0 } },
	{ "focus-filter", action_focus_filter, NULL, NULL, NULL, { 0 } },
	{ "login-story", action_login_story, "x", NULL, NULL, { 0 } },
	{ "timeline", action_timeline, NULL, NULL, NULL, { 0 } },
	{ "filter-by", action_filter_by, "s", NULL, NULL, { 0 } },
	{ "ask-for", action_ask_for, "s", NULL, NULL, { 0 } },
	{ "value-over-time", action_value_over_time, "s", NULL, NULL, { 0 } },
	{ "value-processes", action_value_processes, "s", NULL, NULL, { 0 } },
	{ "compare", action_compare, NULL, NULL, NULL, { 0 } },
	{ "distribution", action_distribution, NULL, NULL, NULL, { 0 } },
	{ "save-picture", action_save_picture, NULL, NULL, NULL, { 0 } },
	{ "print", action_print, NULL, NULL, NULL, { 0 } },
	{ "menu", action_menu, NULL, NULL, NULL, { 0 } },
	{ "full-screen", action_full_screen, NULL, NULL, NULL, { 0 } },
};

/* Copying belongs to the grid with the focus; elsewhere Ctrl+C is the focused widget's own. */
static gboolean on_key(SpoorWindow *self, GdkEventKey *event)
{
	guint state = event->state & gtk_accelerator_get_default_mod_mask();
	Page *page = window_pages_current(self);
	gboolean row = state == (GDK_CONTROL_MASK | GDK_SHIFT_MASK);

	if (!page || gdk_keyval_to_lower(event->keyval) != GDK_KEY_c || (!row && state != GDK_CONTROL_MASK))
		return FALSE;
	return page_copy(page, row);
}

static void set_action(SpoorWindow *self, const char *name, gboolean enabled)
{
	GAction *a = g_action_map_lookup_action(G_ACTION_MAP(self), name);

	g_simple_action_set_enabled(G_SIMPLE_ACTION(a), enabled);
}

void window_actions_update(SpoorWindow *self, Page *page)
{
	static const char *const of_page[] = { "focus-filter", "timeline", "distribution", "compare", "shift-tab" };
	static const char *const of_tab[] = { "close-tab", "close-others", "close-recording", "duplicate-tab", "move-tab" };
	gboolean is_drawn = page && !SPOOR_IS_EXPLORER(page) && !COMPARE_IS_PAGE(page);

	for (guint i = 0; i < G_N_ELEMENTS(of_page); i++)
		set_action(self, of_page[i], page != NULL);
	for (guint i = 0; i < G_N_ELEMENTS(of_tab); i++)
		set_action(self, of_tab[i], window_pages_meant(self) != NULL);
	set_action(self, "back", window_trail_can_go(self, -1));
	set_action(self, "forward", window_trail_can_go(self, 1));
	set_action(self, "save-picture", is_drawn);
	set_action(self, "print", is_drawn);
}

void window_actions_add(SpoorWindow *self)
{
	g_action_map_add_action_entries(G_ACTION_MAP(self), actions, G_N_ELEMENTS(actions), self);
	g_signal_connect(self, "key-press-event", G_CALLBACK(on_key), NULL);
}
