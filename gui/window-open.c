#include "gui/window-private.h"

#include <string.h>

#include "gui/i18n.h"
#include "gui/opener.h"
#include "gui/recent.h"
#include "gui/session.h"

/* ---- opening ---- */

const char *window_open_origin(Source *source)
{
	const char *origin = g_object_get_data(G_OBJECT(source), "origin");

	return origin ? origin : source_get_path(source);
}

static void on_checked(SpoorWindow *self, Source *source)
{
	g_autofree char *line = g_strdup_printf(_("%s: the file is damaged: what is shown may be wrong or missing"),
	                                        source_get_name(source));

	if (source_get_damage(source))
		window_messages_tell(self, line, source_get_damage(source));
}

static void open_again(GtkWidget *window, gpointer source)
{
	window_session_reopen(SPOOR_WINDOW(window), source);
}

static void on_lost(SpoorWindow *self, Source *source)
{
	g_autofree char *line = g_strdup_printf(_("%s cannot be read any more: %s"), source_get_name(source),
	                                        source_get_lost(source));

	window_messages_ask(self, line, _("_Open again"), open_again, g_object_ref(source), g_object_unref);
}

void window_open_watch(SpoorWindow *self, Source *source)
{
	if (g_signal_handler_find(source, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, self))
		return;
	g_signal_connect_object(source, "checked", G_CALLBACK(on_checked), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(source, "lost", G_CALLBACK(on_lost), self, G_CONNECT_SWAPPED);
}

void window_open_unwatch(SpoorWindow *self, Source *source)
{
	g_signal_handlers_disconnect_by_data(source, self);
}

static void on_opened(SpoorWindow *self, Source *source, Opener *opener)
{
	g_autofree char *path = g_strdup(opener_get_path(opener));

	recent_add(path);
	session_opened(path);
	g_object_set_data_full(G_OBJECT(source), "origin", g_strdup(path), g_free);
	gtk_widget_destroy(GTK_WIDGET(opener));
	if (!window_session_opened(self, path, source))
		window_pages_show_explorer(self, source);
}

static void gave_up(SpoorWindow *self, const char *path)
{
	session_closed(path);
	window_session_gave_up(self, path);
}

static void on_open_failed(SpoorWindow *self, const char *message, Opener *opener)
{
	g_autofree char *copy = g_strdup(message), *path = g_strdup(opener_get_path(opener));

	gave_up(self, path);
	gtk_widget_destroy(GTK_WIDGET(opener));
	window_messages_tell(self, copy, path);
}

static void on_open_cancelled(SpoorWindow *self, Opener *opener)
{
	gave_up(self, opener_get_path(opener));
	gtk_widget_destroy(GTK_WIDGET(opener));
}

void window_open_path(SpoorWindow *self, const char *path)
{
	GtkWidget *opener = opener_new(path);

	gtk_box_pack_start(GTK_BOX(self->messages), opener, FALSE, FALSE, 0);
	g_signal_connect_swapped(opener, "opened", G_CALLBACK(on_opened), self);
	g_signal_connect_swapped(opener, "failed", G_CALLBACK(on_open_failed), self);
	g_signal_connect_swapped(opener, "cancelled", G_CALLBACK(on_open_cancelled), self);
	session_opening(path);
	opener_start(SPOOR_OPENER(opener));
}

void spoor_window_open(SpoorWindow *self, GFile **files, gint n_files)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (gint i = 0; i < n_files; i++) {
		char *path = g_file_get_path(files[i]);

		if (!path) {
			g_autofree char *name = g_file_get_parse_name(files[i]);
			g_autofree char *line = g_strdup_printf(_("%s: cannot open: it is not on this computer"), name);

			window_messages_tell(self, line, NULL);
			continue;
		}
		if (g_str_has_suffix(path, ".db-wal") || g_str_has_suffix(path, ".db-shm"))
			path[strlen(path) - 4] = '\0';
		if (g_hash_table_add(seen, path))
			window_open_path(self, path);
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
	GtkWidget *dialog = gtk_file_chooser_dialog_new(_("Open a snapshot or an audit log"), GTK_WINDOW(self),
	                                                GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"),
	                                                GTK_RESPONSE_CANCEL, _("_Open"), GTK_RESPONSE_ACCEPT, NULL);

	gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	add_filter(dialog, _("Snapshots and audit logs"), known);
	add_filter(dialog, _("All files"), all);
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

void window_open_uri(SpoorWindow *self, const char *uri)
{
	g_autoptr(GFile) file = g_file_new_for_uri(uri);

	spoor_window_open(self, &file, 1);
}

static void on_recent_row(SpoorWindow *self, GtkListBoxRow *row)
{
	window_open_uri(self, g_object_get_data(G_OBJECT(row), "uri"));
}

void window_open_init(SpoorWindow *self)
{
	gtk_drag_dest_set(GTK_WIDGET(self), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
	gtk_drag_dest_add_uri_targets(GTK_WIDGET(self));
	g_signal_connect(self, "drag-data-received", G_CALLBACK(on_drop), NULL);
	g_signal_connect_swapped(self->recent, "row-activated", G_CALLBACK(on_recent_row), self);
	g_signal_connect_object(gtk_recent_manager_get_default(), "changed", G_CALLBACK(update_recent), self,
	                        G_CONNECT_SWAPPED);
	update_recent(self);
}
