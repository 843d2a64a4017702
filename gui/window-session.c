/* A window's part of a session: an a{sv} with "width", "height", "maximized", "selected" (the tab) and "tabs", a(aya{sv}):
 * the file of each tab, and what page_save() says of it. */
#include "gui/window-private.h"

#include <string.h>

#include "gui/live-endpoint.h"
#include "gui/page-restore.h"
#include "gui/session-store.h"

enum { MAX_TABS = 200, LEAST_SIZE = 200, MOST_SIZE = 16384 };

struct waiting { /* a tab whose file is still being opened */
	char *path;
	GVariant *page;
	int at;
};

static void waiting_free(gpointer p)
{
	struct waiting *w = p;

	g_free(w->path);
	g_variant_unref(w->page);
	g_free(w);
}

/* ---- saving ---- */

static void add_tabs(SpoorWindow *self, GVariantBuilder *tabs)
{
	for (int i = 0; i < window_pages_count(self); i++) {
		Page *page = window_pages_nth(self, i);
		Source *source = page_get_source(page);
		GVariant *saved = source ? page_save(page) : NULL;

		if (saved)
			g_variant_builder_add(tabs, "(^ay@a{sv})", window_open_origin(source), saved);
	}
	for (guint i = 0; self->waiting && i < self->waiting->len; i++) {
		struct waiting *w = self->waiting->pdata[i];

		g_variant_builder_add(tabs, "(^ay@a{sv})", w->path, w->page);
	}
}

GVariant *window_session_save(SpoorWindow *self)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	GVariantBuilder tabs;
	int width, height;

	gtk_window_get_size(GTK_WINDOW(self), &width, &height);
	g_variant_builder_init(&tabs, G_VARIANT_TYPE("a(aya{sv})"));
	add_tabs(self, &tabs);
	g_variant_dict_insert(&dict, "width", "i", width);
	g_variant_dict_insert(&dict, "height", "i", height);
	g_variant_dict_insert(&dict, "maximized", "b", gtk_window_is_maximized(GTK_WINDOW(self)));
	g_variant_dict_insert(&dict, "selected", "i", gtk_notebook_get_current_page(GTK_NOTEBOOK(self->tabs)));
	g_variant_dict_insert_value(&dict, "tabs", g_variant_builder_end(&tabs));
	return g_variant_dict_end(&dict);
}

/* Once paths were texts. */
static GVariant *tabs_of(GVariant *saved)
{
	GVariant *tabs = g_variant_lookup_value(saved, "tabs", G_VARIANT_TYPE("a(aya{sv})"));

	return tabs ? tabs : g_variant_lookup_value(saved, "tabs", G_VARIANT_TYPE("a(sa{sv})"));
}

gboolean window_session_has_tabs(GVariant *saved)
{
	g_autoptr(GVariant) tabs = tabs_of(saved);

	return tabs && g_variant_n_children(tabs) > 0;
}

/* ---- restoring ---- */

static void restore_size(SpoorWindow *self, GVariant *saved)
{
	int width = 0, height = 0;
	gboolean maximized = FALSE;

	g_variant_lookup(saved, "width", "i", &width);
	g_variant_lookup(saved, "height", "i", &height);
	g_variant_lookup(saved, "maximized", "b", &maximized);
	if (width > LEAST_SIZE && height > LEAST_SIZE && width < MOST_SIZE && height < MOST_SIZE)
		gtk_window_set_default_size(GTK_WINDOW(self), width, height);
	if (maximized)
		gtk_window_maximize(GTK_WINDOW(self));
}

/* Each file once. One that fails at once takes its tabs out of `waiting`. */
static void open_waiting(SpoorWindow *self)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) live = g_ptr_array_new_with_free_func(g_free); /* asked about, never connected to by itself */

	for (guint i = 0; i < self->waiting->len; i++) {
		const char *path = ((struct waiting *)self->waiting->pdata[i])->path;

		if (g_hash_table_contains(seen, path))
			continue;
		g_ptr_array_add(paths, g_strdup(path));
		g_hash_table_add(seen, paths->pdata[paths->len - 1]);
	}
	for (guint i = 0; i < paths->len; i++)
		if (live_endpoint_is_path(paths->pdata[i]))
			g_ptr_array_add(live, g_strdup(paths->pdata[i]));
		else
			window_open_path(self, paths->pdata[i]);
	g_ptr_array_add(live, NULL);
	if (live->len > 1)
		window_live_offer(self, (char **)live->pdata);
}

void window_session_restore(SpoorWindow *self, GVariant *saved, GHashTable *suspects)
{
	g_autoptr(GVariant) tabs = tabs_of(saved);

	restore_size(self, saved);
	self->waiting = g_ptr_array_new_with_free_func(waiting_free);
	self->waiting_for = -1;
	g_variant_lookup(saved, "selected", "i", &self->waiting_for);
	for (gsize i = 0; tabs && i < MIN(g_variant_n_children(tabs), MAX_TABS); i++) {
		g_autoptr(GVariant) path = NULL;
		struct waiting *w = g_new0(struct waiting, 1);

		g_variant_get_child(tabs, i, "(@*@a{sv})", &path, &w->page);
		w->path = session_store_file(path);
		w->at = (int)i;
		if (g_hash_table_contains(suspects, w->path))
			waiting_free(w);
		else
			g_ptr_array_add(self->waiting, w);
	}
	open_waiting(self);
}

/* After those tabs that stood before it. */
static int place_for(SpoorWindow *self, int at)
{
	int place = 0;

	for (int i = 0; i < window_pages_count(self); i++) {
		int other = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(window_pages_nth(self, i)), "restored")) - 1;

		if (other >= 0 && other < at)
			place = i + 1;
	}
	return place;
}

static void restore_tab(SpoorWindow *self, const struct waiting *w, Source *source)
{
	GtkWidget *page = page_restore(w->page, source, self->settings);

	if (!page)
		return;
	g_object_set_data(G_OBJECT(page), "restored", GINT_TO_POINTER(w->at + 1));
	window_pages_insert(self, SPOOR_PAGE(page), place_for(self, w->at));
	if (w->at == self->waiting_for)
		window_pages_show(self, SPOOR_PAGE(page));
}

gboolean window_session_opened(SpoorWindow *self, const char *path, Source *source)
{
	gboolean any = FALSE;

	for (guint i = 0; self->waiting && i < self->waiting->len;) {
		struct waiting *w = self->waiting->pdata[i];

		if (strcmp(w->path, path) == 0) {
			restore_tab(self, w, source);
			g_ptr_array_remove_index(self->waiting, i);
			any = TRUE;
		} else {
			i++;
		}
	}
	return any && window_pages_count(self);
}

void window_session_gave_up(SpoorWindow *self, const char *path)
{
	for (guint i = 0; self->waiting && i < self->waiting->len;)
		if (strcmp(((struct waiting *)self->waiting->pdata[i])->path, path) == 0)
			g_ptr_array_remove_index(self->waiting, i);
		else
			i++;
}

void window_session_reopen(SpoorWindow *self, Source *source)
{
	g_autofree char *path = g_strdup(window_open_origin(source));

	if (!self->waiting)
		self->waiting = g_ptr_array_new_with_free_func(waiting_free);
	self->waiting_for = -1;
	for (int i = 0; i < window_pages_count(self); i++) {
		Page *page = window_pages_nth(self, i);
		GVariant *saved = page_get_source(page) == source ? page_save(page) : NULL;
		struct waiting *w;

		if (!saved)
			continue;
		w = g_new(struct waiting, 1);
		*w = (struct waiting){ g_strdup(path), g_variant_ref_sink(saved), i };
		g_ptr_array_add(self->waiting, w);
		if (page == window_pages_current(self))
			self->waiting_for = i;
	}
	window_pages_close_source(self, source);
	window_open_path(self, path);
}
