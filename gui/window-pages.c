#include "gui/window-private.h"

#include "gui/distribution-page.h"
#include "gui/event-column.h"
#include "gui/page-restore.h"
#include "gui/process-page.h"
#include "gui/sidebar.h"
#include "gui/snapshots-page.h"
#include "gui/story-page.h"
#include "gui/tab-label.h"
#include "gui/timeline-page.h"

/* ---- finding ---- */

static GtkNotebook *book_of(SpoorWindow *self)
{
	return GTK_NOTEBOOK(self->tabs);
}

int window_pages_count(SpoorWindow *self)
{
	return gtk_notebook_get_n_pages(book_of(self));
}

Page *window_pages_nth(SpoorWindow *self, int i)
{
	GtkWidget *page = gtk_notebook_get_nth_page(book_of(self), i);

	return page ? SPOOR_PAGE(page) : NULL;
}

static int place_of(SpoorWindow *self, Page *page)
{
	return page ? gtk_notebook_page_num(book_of(self), GTK_WIDGET(page)) : -1;
}

static TabLabel *label_of(SpoorWindow *self, Page *page)
{
	return TAB_LABEL(gtk_notebook_get_tab_label(book_of(self), GTK_WIDGET(page)));
}

const char *window_pages_title(SpoorWindow *self, Page *page)
{
	return tab_label_get_title(label_of(self, page));
}

Page *window_pages_current(SpoorWindow *self)
{
	if (g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(self->stack)), "tabs") != 0)
		return NULL;
	return window_pages_nth(self, gtk_notebook_get_current_page(book_of(self)));
}

Source *window_pages_source(SpoorWindow *self)
{
	Page *page = window_pages_current(self);

	return page ? page_get_source(page) : NULL;
}

Page *window_pages_numbered(SpoorWindow *self, guint number)
{
	for (int i = 0; number && i < window_pages_count(self); i++)
		if (window_trail_number(window_pages_nth(self, i)) == number)
			return window_pages_nth(self, i);
	return NULL;
}

Page *window_pages_meant(SpoorWindow *self)
{
	return self->menu_page ? self->menu_page : window_pages_current(self);
}

/* The first page of this type that shows the source, and the process (0: whatever it shows). */
static Page *find_page(SpoorWindow *self, GType type, Source *source, gint64 process)
{
	for (int i = 0; i < window_pages_count(self); i++) {
		Page *page = window_pages_nth(self, i);

		if (G_OBJECT_TYPE(page) != type || page_get_source(page) != source)
			continue;
		if (!process || (PROCESS_IS_PAGE(page) && process_page_get_process(PROCESS_PAGE(page)) == process) ||
		    (STORY_IS_PAGE(page) && story_page_get_process(STORY_PAGE(page)) == process))
			return page;
	}
	return NULL;
}

static gboolean has_pages(SpoorWindow *self, Source *source)
{
	for (int i = 0; i < window_pages_count(self); i++)
		if (page_get_source(window_pages_nth(self, i)) == source)
			return TRUE;
	return FALSE;
}

/* ---- showing ---- */

void window_pages_show(SpoorWindow *self, Page *page)
{
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "tabs");
	gtk_notebook_set_current_page(book_of(self), place_of(self, page));
	page_focus(page);
	window_update(self);
}

void window_pages_turn(SpoorWindow *self, int by)
{
	int n = window_pages_count(self), at = window_pages_current(self) ? gtk_notebook_get_current_page(book_of(self)) : 0;

	if (n)
		window_pages_show(self, window_pages_nth(self, ((at + by) % n + n) % n));
}

void window_pages_shift(SpoorWindow *self, int by)
{
	Page *page = window_pages_current(self);
	int to = CLAMP(place_of(self, page) + by, 0, window_pages_count(self) - 1);

	if (page)
		gtk_notebook_reorder_child(book_of(self), GTK_WIDGET(page), to);
}

/* Ctrl with Enter or a click, or the middle button: in the background, as in a browser. */
static gboolean wanted_behind(void)
{
	g_autoptr(GdkEvent) event = gtk_get_current_event();
	GdkModifierType state = 0;
	guint button = 0, key = 0;

	if (!event || !gdk_event_get_state(event, &state))
		return FALSE;
	if (gdk_event_get_button(event, &button))
		return button == GDK_BUTTON_MIDDLE || (state & GDK_CONTROL_MASK);
	return gdk_event_get_keyval(event, &key) && (state & GDK_CONTROL_MASK) &&
	       (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_ISO_Enter);
}

/* Signals of a tab find their window through the page: it may have moved. */
static void on_tab_close(TabLabel *label, Page *page)
{
	window_pages_close(SPOOR_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(page))), page);
}

static void on_menu_done(SpoorWindow *self, GtkWidget *menu)
{
	self->menu_page = NULL;
}

static gboolean destroy_menu(gpointer menu)
{
	gtk_widget_destroy(menu);
	return G_SOURCE_REMOVE;
}

/* Its item's action comes after it: it is destroyed later. */
static void on_menu_hidden(GtkWidget *menu)
{
	g_idle_add(destroy_menu, menu);
}

static void popup_menu(SpoorWindow *self, Page *page, const GdkEvent *event)
{
	GtkWidget *menu = gtk_menu_new_from_model(G_MENU_MODEL(self->tab_menu));

	self->menu_page = page;
	window_actions_update(self, window_pages_current(self));
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_connect_object(menu, "destroy", G_CALLBACK(on_menu_done), self, G_CONNECT_SWAPPED);
	g_signal_connect(menu, "hide", G_CALLBACK(on_menu_hidden), NULL);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(GTK_MENU(menu), GTK_WIDGET(label_of(self, page)), GDK_GRAVITY_SOUTH_WEST,
		                         GDK_GRAVITY_NORTH_WEST, NULL);
}

static void on_tab_menu(TabLabel *label, GdkEvent *event, Page *page)
{
	popup_menu(SPOOR_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(page))), page, event);
}

static void insert_tab(SpoorWindow *self, Page *page, GtkWidget *label, int at)
{
	GtkWidget *w = GTK_WIDGET(page);

	gtk_widget_show(w);
	gtk_notebook_insert_page(book_of(self), w, label, at);
	gtk_notebook_set_tab_reorderable(book_of(self), w, TRUE);
	gtk_notebook_set_tab_detachable(book_of(self), w, TRUE);
}

static void put_tab(SpoorWindow *self, Page *page, Page *from, int at)
{
	Source *source = page_get_source(page);
	g_autofree char *host = event_text(source_get_info(source)->host);
	const char *title = !SPOOR_IS_EXPLORER(page) ? page_get_title(page) : *host ? host : source_get_name(source);
	GtkWidget *label = tab_label_new(title, window_open_origin(source));

	window_trail_begin(page, from);
	g_signal_connect_object(label, "close", G_CALLBACK(on_tab_close), page, 0);
	g_signal_connect_object(label, "menu", G_CALLBACK(on_tab_menu), page, 0);
	insert_tab(self, page, label, at);
}

void window_pages_insert(SpoorWindow *self, Page *page, int at)
{
	put_tab(self, page, NULL, at);
}

void window_pages_add(SpoorWindow *self, Page *page, Page *from)
{
	gboolean behind = from && wanted_behind();

	put_tab(self, page, from, from ? place_of(self, from) + 1 : -1);
	if (behind)
		window_update(self);
	else
		window_pages_show(self, page);
}

/* ---- the kinds of pages ---- */

Page *window_pages_explorer(SpoorWindow *self, Source *source)
{
	Page *page = find_page(self, EXPLORER_TYPE, source, 0);

	if (!page) {
		page = SPOOR_PAGE(explorer_new(source, self->settings));
		put_tab(self, page, NULL, -1);
	}
	return page;
}

void window_pages_show_explorer(SpoorWindow *self, Source *source)
{
	window_pages_show(self, window_pages_explorer(self, source));
}

void window_pages_open_process(SpoorWindow *self, gint64 process, Page *from)
{
	Source *source = page_get_source(from);
	Page *page = find_page(self, PROCESS_PAGE_TYPE, source, process);

	if (!page)
		window_pages_add(self, SPOOR_PAGE(process_page_new(source, process, self->settings)), from);
	else if (!wanted_behind())
		window_pages_show(self, page);
}

void window_pages_open_story(SpoorWindow *self, gint64 process)
{
	Source *source = window_pages_source(self);
	Page *page = source ? find_page(self, STORY_TYPE_PAGE, source, process) : NULL;

	if (page)
		window_pages_show(self, page);
	else if (source)
		window_pages_add(self, SPOOR_PAGE(story_page_new(source, process)), window_pages_current(self));
}

/* Of what the explorer asks for; from another page, of everything. */
void window_pages_open_timeline(SpoorWindow *self)
{
	Page *from = window_pages_current(self);
	g_autofree char *expression = NULL;

	if (!from)
		return;
	if (SPOOR_IS_EXPLORER(from))
		expression = explorer_expression(SPOOR_EXPLORER(from));
	window_pages_add(self, SPOOR_PAGE(timeline_page_new(page_get_source(from), expression)), from);
}

void window_pages_open_timeline_of(SpoorWindow *self, const char *expression, const char *lanes)
{
	Page *from = window_pages_current(self);
	GtkWidget *page = from ? timeline_page_new(page_get_source(from), expression) : NULL;

	if (!page)
		return;
	timeline_page_set_lanes(TIMELINE_PAGE(page), lanes);
	window_pages_add(self, SPOOR_PAGE(page), from);
}

static void ask_in(SpoorWindow *self, Source *source, const char *expression, gboolean beside, Page *from)
{
	g_autofree char *copy = g_strdup(expression);
	Page *page = window_pages_explorer(self, source);

	self->retracing = TRUE; /* one mark for all of this, with where it came from */
	if (beside)
		explorer_ask_beside(SPOOR_EXPLORER(page), copy);
	else
		explorer_ask(SPOOR_EXPLORER(page), copy);
	self->retracing = FALSE;
	window_trail_add(self, page, from);
	window_pages_show(self, page);
}

void window_pages_ask(SpoorWindow *self, const char *expression, gboolean beside)
{
	Page *from = window_pages_current(self);

	if (from)
		ask_in(self, page_get_source(from), expression, beside, from);
}

void window_pages_open_distribution(SpoorWindow *self)
{
	Page *from = window_pages_current(self);

	if (from)
		window_pages_add(self, SPOOR_PAGE(distribution_page_new(page_get_source(from))), from);
}

/* ---- what pages ask for ---- */

static void on_open_process(SpoorWindow *self, gint64 process, Page *from)
{
	window_pages_open_process(self, process, from);
}

static void on_explore_in(SpoorWindow *self, Source *source, const char *expression, Page *from)
{
	ask_in(self, source, expression, FALSE, from);
}

/* In the explorer that led to the page, where there is one. */
static void on_explore(SpoorWindow *self, const char *expression, Page *from)
{
	on_explore_in(self, page_get_source(from), expression, from);
}

static void on_titled(SpoorWindow *self, const char *title, Page *page)
{
	tab_label_set_title(label_of(self, page), title);
}

static void on_moved(SpoorWindow *self, Page *page)
{
	window_trail_add(self, page, NULL);
}

static const struct {
	const char *name;
	GCallback callback;
} page_signals[] = {
	{ "open-process", G_CALLBACK(on_open_process) },
	{ "explore", G_CALLBACK(on_explore) },
	{ "explore-in", G_CALLBACK(on_explore_in) },
	{ "titled", G_CALLBACK(on_titled) },
	{ "moved", G_CALLBACK(on_moved) },
};

/* ---- coming and going, also to and from other windows ---- */

static void on_added(SpoorWindow *self, GtkWidget *page)
{
	for (guint i = 0; i < G_N_ELEMENTS(page_signals); i++)
		if (g_signal_lookup(page_signals[i].name, G_OBJECT_TYPE(page)))
			g_signal_connect_swapped(page, page_signals[i].name, page_signals[i].callback, self);
	window_open_watch(self, page_get_source(SPOOR_PAGE(page)));
	sidebar_add_source(SPOOR_SIDEBAR(self->sidebar), page_get_source(SPOOR_PAGE(page)));
	if (!source_grows(page_get_source(SPOOR_PAGE(page))))
		snapshots_page_add(SNAPSHOTS_PAGE(self->snapshots), page_get_source(SPOOR_PAGE(page)));
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "tabs");
	window_update(self);
}

static void on_removed(SpoorWindow *self, GtkWidget *page)
{
	Source *source = page_get_source(SPOOR_PAGE(page));

	g_signal_handlers_disconnect_by_data(page, self);
	if (self->menu_page == SPOOR_PAGE(page))
		self->menu_page = NULL;
	if (source && !has_pages(self, source)) {
		sidebar_remove_source(SPOOR_SIDEBAR(self->sidebar), source);
		window_open_unwatch(self, source);
		snapshots_page_remove(SNAPSHOTS_PAGE(self->snapshots), source);
		window_live_left(source);
	}
	if (!window_pages_count(self) && g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(self->stack)), "tabs") == 0)
		gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "home");
	window_update(self);
}

static gboolean on_popup_menu(SpoorWindow *self)
{
	if (!window_pages_current(self))
		return FALSE;
	popup_menu(self, window_pages_current(self), NULL);
	return TRUE;
}

static SpoorWindow *new_window(SpoorWindow *self)
{
	GtkWidget *window = spoor_window_new(gtk_window_get_application(GTK_WINDOW(self)), self->settings);

	gtk_window_present(GTK_WINDOW(window));
	return SPOOR_WINDOW(window);
}

/* A tab was dropped on no window. */
static GtkNotebook *on_create_window(SpoorWindow *self, GtkWidget *page, gint x, gint y)
{
	return book_of(new_window(self));
}

void window_pages_to_new_window(SpoorWindow *self)
{
	Page *page = window_pages_meant(self);
	g_autoptr(GtkWidget) kept = NULL, label = NULL;
	SpoorWindow *other;

	if (!page)
		return;
	kept = GTK_WIDGET(g_object_ref(page));
	label = GTK_WIDGET(g_object_ref(label_of(self, page)));
	other = new_window(self);
	gtk_notebook_detach_tab(book_of(self), kept);
	insert_tab(other, page, label, -1);
	window_pages_show(other, page);
}

void window_pages_duplicate(SpoorWindow *self)
{
	Page *page = window_pages_meant(self);
	GVariant *saved = page ? page_save(page) : NULL;
	GtkWidget *twin;

	if (!saved)
		return;
	g_variant_ref_sink(saved);
	twin = page_restore(saved, page_get_source(page), self->settings);
	g_variant_unref(saved);
	put_tab(self, SPOOR_PAGE(twin), page, place_of(self, page) + 1);
	tab_label_set_title(label_of(self, SPOOR_PAGE(twin)), window_pages_title(self, page));
	window_pages_show(self, SPOOR_PAGE(twin));
}

/* Next is the page that led to it, where that is still there. */
void window_pages_close(SpoorWindow *self, Page *page)
{
	g_autoptr(GtkWidget) kept = GTK_WIDGET(g_object_ref(page)); /* whole while it is removed */
	Page *from = window_trail_origin(self, page);

	if (from && page == window_pages_current(self))
		gtk_notebook_set_current_page(book_of(self), place_of(self, from));
	gtk_notebook_remove_page(book_of(self), place_of(self, page));
	gtk_widget_destroy(kept);
	if (window_pages_current(self))
		page_focus(window_pages_current(self));
}

void window_pages_close_others(SpoorWindow *self, Page *page)
{
	for (int i = window_pages_count(self) - 1; i >= 0; i--)
		if (window_pages_nth(self, i) != page)
			window_pages_close(self, window_pages_nth(self, i));
}

void window_pages_close_source(SpoorWindow *self, Source *source)
{
	for (int i = window_pages_count(self) - 1; i >= 0; i--)
		if (page_get_source(window_pages_nth(self, i)) == source)
			window_pages_close(self, window_pages_nth(self, i));
}

void window_pages_init(SpoorWindow *self)
{
	g_signal_connect_swapped(self->tabs, "page-added", G_CALLBACK(on_added), self);
	g_signal_connect_swapped(self->tabs, "page-removed", G_CALLBACK(on_removed), self);
	g_signal_connect_swapped(self->tabs, "create-window", G_CALLBACK(on_create_window), self);
	g_signal_connect_swapped(self->tabs, "popup-menu", G_CALLBACK(on_popup_menu), self);
	g_signal_connect_swapped(self->tabs, "notify::page", G_CALLBACK(window_update), self);
}
