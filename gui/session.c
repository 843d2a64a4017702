#include "gui/session.h"

#include "gui/i18n.h"
#include "gui/session-store.h"
#include "gui/window-private.h"

enum { SAVE_AFTER_MS = 700, TRUST_AFTER_S = 10 };

static struct {
	GtkApplication *app; /* NULL: not begun, or over */
	GSettings *settings;
	char *path;
	GVariant *last;    /* what the run before left, until it was used */
	GHashTable *fresh; /* path → when it was opened, g_get_monotonic_time(); 0: being opened */
	guint timer;
} session;

/* ---- keeping ---- */

static GVariant *windows_now(void)
{
	GVariantBuilder all;

	g_variant_builder_init(&all, G_VARIANT_TYPE("aa{sv}"));
	for (GList *l = gtk_application_get_windows(session.app); l; l = l->next)
		if (SPOOR_IS_WINDOW(l->data))
			g_variant_builder_add_value(&all, window_session_save(l->data));
	return g_variant_builder_end(&all);
}

static void save(gboolean clean)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GError) error = NULL;
	GVariantBuilder fresh;
	GHashTableIter iter;
	gpointer path;

	g_variant_builder_init(&fresh, G_VARIANT_TYPE_BYTESTRING_ARRAY);
	g_hash_table_iter_init(&iter, session.fresh);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_variant_builder_add(&fresh, "^ay", path);
	g_variant_dict_insert(&dict, "clean", "b", clean);
	g_variant_dict_insert_value(&dict, "windows", windows_now());
	g_variant_dict_insert_value(&dict, "fresh", g_variant_builder_end(&fresh));
	if (!session_store_save(session.path, g_variant_dict_end(&dict), &error))
		g_debug("session: %s", error->message); /* a full disk is no reason to disturb */
}

/* Those that have been open long enough are no suspects any more; TRUE when some still may become so. */
static gboolean trust(void)
{
	gint64 now = g_get_monotonic_time();
	gboolean waiting = FALSE;
	GHashTableIter iter;
	gpointer since;

	g_hash_table_iter_init(&iter, session.fresh);
	while (g_hash_table_iter_next(&iter, NULL, &since)) {
		gint64 opened = *(gint64 *)since;

		if (opened && now - opened > TRUST_AFTER_S * G_USEC_PER_SEC)
			g_hash_table_iter_remove(&iter);
		else
			waiting |= opened != 0;
	}
	return waiting;
}

static gboolean on_trust(gpointer unused)
{
	if (session.app && !trust()) {
		save(FALSE);
		return G_SOURCE_REMOVE;
	}
	return session.app ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean on_timer(gpointer unused)
{
	session.timer = 0;
	trust();
	save(FALSE);
	return G_SOURCE_REMOVE;
}

void session_touch(void)
{
	if (session.app && !session.timer)
		session.timer = g_timeout_add(SAVE_AFTER_MS, on_timer, NULL);
}

void session_opening(const char *path)
{
	if (!session.app)
		return;
	g_hash_table_insert(session.fresh, g_strdup(path), g_new0(gint64, 1));
	save(FALSE);
}

void session_opened(const char *path)
{
	gint64 *since = session.app ? g_hash_table_lookup(session.fresh, path) : NULL;

	if (!since)
		return;
	*since = g_get_monotonic_time();
	g_timeout_add_seconds(TRUST_AFTER_S + 1, on_trust, NULL);
	session_touch();
}

void session_closed(const char *path)
{
	if (session.app && g_hash_table_remove(session.fresh, path))
		session_touch();
}

void session_begin(GtkApplication *app, GSettings *settings)
{
	session.app = app;
	session.settings = settings;
	session.path = session_store_path();
	session.fresh = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	session.last = session_store_load(session.path);
}

void session_end(void)
{
	if (!session.app)
		return;
	g_hash_table_remove_all(session.fresh);
	save(TRUE);
	g_clear_handle_id(&session.timer, g_source_remove);
	g_clear_pointer(&session.last, g_variant_unref);
	g_clear_pointer(&session.fresh, g_hash_table_unref);
	g_clear_pointer(&session.path, g_free);
	session.app = NULL;
}

/* ---- opening again ---- */

static void on_open_anyway(GtkWidget *window, gpointer paths)
{
	for (char **p = paths; *p; p++) {
		g_autoptr(GFile) file = g_file_new_for_path(*p);

		spoor_window_open(SPOOR_WINDOW(window), &file, 1);
	}
}

/* What may have ended the app is named, and left to the user. */
static void tell_suspects(SpoorWindow *window, GHashTable *suspects)
{
	g_autofree char **paths = (char **)g_hash_table_get_keys_as_array(suspects, NULL);
	g_auto(GStrv) shown = g_new0(char *, g_hash_table_size(suspects) + 1);
	g_autofree char *names = NULL, *text = NULL;

	if (!*paths) {
		window_messages_tell(window, _("Spoor ended unexpectedly. What was open is open again."), NULL);
		return;
	}
	for (guint i = 0; paths[i]; i++)
		shown[i] = g_filename_display_name(paths[i]);
	names = g_strjoinv("\n", shown);
	text = g_strdup_printf(ngettext("Spoor ended unexpectedly while this was being opened, so it was left out:\n%s",
	                                "Spoor ended unexpectedly while these were being opened, so they were left out:\n%s",
	                                g_hash_table_size(suspects)), names);
	window_messages_ask(window, text, _("Open anyway"), on_open_anyway, g_strdupv(paths), (GDestroyNotify)g_strfreev);
}

static gboolean restore(GVariant *last, gboolean crashed)
{
	g_autoptr(GVariant) windows = session_store_windows(last);
	g_autoptr(GHashTable) suspects = session_store_suspects(last);
	SpoorWindow *first = NULL;

	for (gsize i = 0; windows && i < g_variant_n_children(windows); i++) {
		g_autoptr(GVariant) saved = g_variant_get_child_value(windows, i);
		GtkWidget *window = spoor_window_new(session.app, session.settings);

		first = SPOOR_WINDOW(window);
		window_session_restore(SPOOR_WINDOW(window), saved, suspects);
		gtk_window_present(GTK_WINDOW(window));
	}
	if (crashed && first)
		tell_suspects(first, suspects);
	return first != NULL;
}

static gboolean worth_it(GVariant *last)
{
	g_autoptr(GVariant) windows = session_store_windows(last);
	g_autoptr(GHashTable) suspects = session_store_suspects(last);

	if (g_hash_table_size(suspects))
		return TRUE;
	for (gsize i = 0; windows && i < g_variant_n_children(windows); i++) {
		g_autoptr(GVariant) saved = g_variant_get_child_value(windows, i);

		if (window_session_has_tabs(saved))
			return TRUE;
	}
	return FALSE;
}

gboolean session_restore(void)
{
	g_autoptr(GVariant) last = g_steal_pointer(&session.last);
	gboolean crashed = last && !session_store_clean(last);

	if (!last || !worth_it(last) || (!crashed && !g_settings_get_boolean(session.settings, "restore-session")))
		return FALSE;
	return restore(last, crashed);
}

static void on_restore(GtkWidget *window, gpointer last)
{
	if (session.app)
		restore(last, FALSE);
}

void session_offer(GtkWindow *window)
{
	g_autoptr(GVariant) last = g_steal_pointer(&session.last);

	if (last && worth_it(last) && !session_store_clean(last))
		window_messages_ask(SPOOR_WINDOW(window), _("Spoor ended unexpectedly."), _("Open what was open"), on_restore,
		                    g_steal_pointer(&last), (GDestroyNotify)g_variant_unref);
}
