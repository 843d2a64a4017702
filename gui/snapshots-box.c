#include "gui/snapshots-box.h"

#include <string.h>

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/captures.h"
#include "gui/download.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/servers.h"

struct _SnapshotsBox {
	GtkBox parent;
	GtkWidget *groups, *error;
	GPtrArray *shown; /* struct capture, by host, the newest first */
};
G_DEFINE_FINAL_TYPE(SnapshotsBox, snapshots_box, GTK_TYPE_BOX)

enum { SIGNAL_ENDPOINT, SIGNAL_DOWNLOADED, SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- which, and in what order ---- */

static int compare_groups(const struct capture *a, const struct capture *b)
{
	int r = g_utf8_collate(a->host, b->host);

	r = r ? r : strcmp(server_link_get_name(a->server), server_link_get_name(b->server));
	return r ? r : strcmp(a->endpoint, b->endpoint);
}

static int compare(gconstpointer a, gconstpointer b)
{
	const struct capture *one = *(struct capture *const *)a, *other = *(struct capture *const *)b;
	int r = compare_groups(one, other);

	return r ? r : (one->taken < other->taken) - (one->taken > other->taken);
}

static GPtrArray *whole(void)
{
	const GPtrArray *all = captures_all(captures_get());
	GPtrArray *found = g_ptr_array_new_with_free_func(capture_unref);

	for (guint i = 0; i < all->len; i++)
		if (((struct capture *)all->pdata[i])->state == CONTROL_CAPTURE_DONE)
			g_ptr_array_add(found, capture_ref(all->pdata[i]));
	g_ptr_array_sort(found, compare);
	return found;
}

static gboolean are_same(const GPtrArray *a, const GPtrArray *b)
{
	if (a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++) {
		const struct capture *one = a->pdata[i], *other = b->pdata[i];

		if (one->server != other->server || strcmp(one->id, other->id) != 0)
			return FALSE;
	}
	return TRUE;
}

/* ---- deleting ---- */

static void on_response(GtkWidget *dialog, int response, SnapshotsBox *self)
{
	GPtrArray *doomed = g_object_get_data(G_OBJECT(dialog), "captures");

	for (guint i = 0; response == GTK_RESPONSE_ACCEPT && i < doomed->len; i++)
		captures_call(captures_get(), doomed->pdata[i], CONTROL_CAPTURE_DELETE);
	gtk_widget_destroy(dialog);
}

static char *what_is_lost(const GPtrArray *doomed)
{
	const struct capture *newest = doomed->pdata[0], *oldest = doomed->pdata[doomed->len - 1];
	g_autofree char *from = event_time(oldest->taken), *to = event_time(newest->taken), *size = NULL;
	guint64 bytes = 0;

	for (guint i = 0; i < doomed->len; i++)
		bytes += ((struct capture *)doomed->pdata[i])->bytes;
	size = g_format_size(bytes);
	from[19] = to[19] = '\0';
	if (doomed->len == 1)
		return g_strdup_printf(_("Taken %s by %s, %s. It is deleted from %s, for everybody, and cannot be brought back."),
		                       to, newest->by, size, server_link_get_name(newest->server));
	return g_strdup_printf(_("Taken %s to %s, %s in all. They are deleted from %s, for everybody, and cannot be brought "
	                         "back."), from, to, size, server_link_get_name(newest->server));
}

/* Takes the array. */
static void ask_to_delete(SnapshotsBox *self, GPtrArray *doomed)
{
	const struct capture *first = doomed->pdata[0];
	g_autofree char *loss = what_is_lost(doomed);
	g_autofree char *question = doomed->len == 1 ? g_strdup_printf(_("Delete the snapshot %s?"), first->name) :
		g_strdup_printf(ngettext("Delete %u snapshot of %s?", "Delete all %u snapshots of %s?", doomed->len), doomed->len,
		                first->host);
	GtkWidget *dialog = gtk_message_dialog_new(GTK_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(self))),
	                                           GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
	                                           GTK_BUTTONS_NONE, "%s", question);
	GtkWidget *delete;

	gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", loss);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	delete = gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Delete"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(delete), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_CANCEL);
	g_object_set_data_full(G_OBJECT(dialog), "captures", doomed, (GDestroyNotify)g_ptr_array_unref);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self, 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

static SnapshotsBox *box_of(GtkWidget *widget)
{
	return SNAPSHOTS_BOX(gtk_widget_get_ancestor(widget, SNAPSHOTS_BOX_TYPE));
}

static struct capture *capture_of(gpointer of)
{
	return g_object_get_data(of, "capture");
}

static void on_delete(GtkWidget *button)
{
	GPtrArray *doomed = g_ptr_array_new_with_free_func(capture_unref);

	g_ptr_array_add(doomed, capture_ref(capture_of(button)));
	ask_to_delete(box_of(button), doomed);
}

static void on_delete_all(GtkWidget *button)
{
	SnapshotsBox *self = box_of(button);
	GPtrArray *doomed = g_ptr_array_new_with_free_func(capture_unref);

	for (guint i = 0; i < self->shown->len; i++)
		if (compare_groups(self->shown->pdata[i], capture_of(button)) == 0)
			g_ptr_array_add(doomed, capture_ref(self->shown->pdata[i]));
	ask_to_delete(self, doomed);
}

/* ---- downloading ---- */

static void tell(SnapshotsBox *self, const char *error);
static void show_row(GtkWidget *row);

static void on_download(SnapshotsBox *self, Download *d)
{
	g_autofree char *name = g_filename_display_basename(download_get_path(d)), *error = NULL;

	if (download_get_state(d) == DOWNLOAD_DONE)
		g_signal_emit(self, signals[SIGNAL_DOWNLOADED], 0, download_get_path(d));
	if (download_get_state(d) != DOWNLOAD_FAILED)
		return;
	error = g_strdup_printf(_("%s was not downloaded: %s"), name, download_get_reason(d));
	tell(self, error);
}

static void watch(GtkWidget *row, Download *d)
{
	g_signal_connect_object(d, "changed", G_CALLBACK(show_row), row, G_CONNECT_SWAPPED);
	show_row(row);
}

static GtkWidget *find_row(GtkWidget *widget, const struct capture *c)
{
	g_autoptr(GList) children = GTK_IS_CONTAINER(widget) ? gtk_container_get_children(GTK_CONTAINER(widget)) : NULL;
	GtkWidget *found = NULL;

	if (GTK_IS_LIST_BOX_ROW(widget))
		return capture_of(widget)->server == c->server && strcmp(capture_of(widget)->id, c->id) == 0 ? widget : NULL;
	for (GList *l = children; l && !found; l = l->next)
		found = find_row(l->data, c);
	return found;
}

static void on_file_chosen(GtkWidget *dialog, int response, SnapshotsBox *self)
{
	g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
	struct capture *c = capture_of(dialog);

	if (response == GTK_RESPONSE_ACCEPT && path && !download_find(c)) {
		g_autoptr(Download) d = download_new(c, path);
		GtkWidget *row = find_row(self->groups, c);

		tell(self, NULL);
		g_signal_connect_object(d, "changed", G_CALLBACK(on_download), self, G_CONNECT_SWAPPED);
		if (row)
			watch(row, d);
	}
	gtk_widget_destroy(dialog);
}

static void on_save(GtkWidget *button)
{
	struct capture *c = capture_of(button);
	Download *running = download_find(c);
	g_autofree char *name = g_strdelimit(g_strdup(c->name), "/", '_');
	GtkWidget *dialog;

	if (running) {
		download_cancel(running);
		return;
	}
	dialog = gtk_file_chooser_dialog_new(_("Download a snapshot"), GTK_WINDOW(gtk_widget_get_toplevel(button)),
	                                     GTK_FILE_CHOOSER_ACTION_SAVE, _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Save"),
	                                     GTK_RESPONSE_ACCEPT, NULL);
	gtk_window_set_modal(GTK_WINDOW(dialog), TRUE);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
	g_object_set_data_full(G_OBJECT(dialog), "capture", capture_ref(c), capture_unref);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_file_chosen), box_of(button), 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

/* ---- rows ---- */

static void on_activated(GtkWidget *list, GtkListBoxRow *row, SnapshotsBox *self)
{
	const struct capture *c = capture_of(row);

	g_signal_emit(self, signals[SIGNAL_ENDPOINT], 0, servers_add_snapshot(c->server, c->id, c->name));
}

static GtkWidget *make_button(struct capture *c, const char *label, const char *name, GCallback callback)
{
	GtkWidget *button = gtk_button_new_with_label(label);

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	atk_object_set_name(gtk_widget_get_accessible(button), name);
	g_object_set_data_full(G_OBJECT(button), "capture", capture_ref(c), capture_unref);
	g_signal_connect(button, "clicked", callback, NULL);
	return button;
}

static char *size_words(const struct capture *c, Download *d)
{
	g_autofree char *done = d ? g_format_size(download_get_done(d)) : NULL, *bytes = g_format_size(c->bytes);

	if (!d)
		return g_steal_pointer(&bytes);
	return download_get_reason(d) ? g_strdup_printf(_("%s of %s, going on again: %s"), done, bytes, download_get_reason(d)) :
	                                g_strdup_printf(_("downloading, %s of %s"), done, bytes);
}

static void show_row(GtkWidget *row)
{
	const struct capture *c = capture_of(row);
	Download *d = download_find(c);
	GtkWidget *button = g_object_get_data(G_OBJECT(row), "save");
	g_autofree char *taken = event_time(c->taken), *size = size_words(c, d), *text = NULL;
	g_autofree char *name = g_strdup_printf(d ? _("Cancel the download of %s") : _("Download %s"), c->name);

	taken[19] = '\0';
	text = g_strdup_printf("%s · %s · %s · %s", taken, size, c->by, server_link_get_name(c->server));
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), text);
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	gtk_button_set_label(GTK_BUTTON(button), d ? _("Cancel") : _("Download…"));
	atk_object_set_name(gtk_widget_get_accessible(button), name);
}

static GtkWidget *make_row(struct capture *c)
{
	g_autofree char *delete = g_strdup_printf(_("Delete %s"), c->name);
	GtkWidget *row = hdy_action_row_new(), *save = make_button(c, _("Download…"), "", G_CALLBACK(on_save));

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), c->name);
	hdy_action_row_set_title_lines(HDY_ACTION_ROW(row), 1);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
	gtk_widget_set_tooltip_text(row, _("Explore it at the server"));
	atk_object_set_name(gtk_widget_get_accessible(row), c->name);
	g_object_set_data_full(G_OBJECT(row), "capture", capture_ref(c), capture_unref);
	g_object_set_data(G_OBJECT(row), "save", save);
	gtk_container_add(GTK_CONTAINER(row), save);
	gtk_container_add(GTK_CONTAINER(row), make_button(c, _("Delete…"), delete, G_CALLBACK(on_delete)));
	if (download_find(c))
		watch(row, download_find(c));
	else
		show_row(row);
	return row;
}

/* Of the n at `from`, which are of one host. */
static void add_group(SnapshotsBox *self, guint from, guint n)
{
	struct capture *first = self->shown->pdata[from];
	g_autofree char *title = g_strdup_printf("%s (%u)", first->host, n);
	g_autofree char *all = g_strdup_printf(_("Delete all snapshots of %s"), first->host);
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *label = gtk_label_new(title);
	GtkWidget *list = gtk_list_box_new();

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "host-name");
	gtk_box_pack_start(GTK_BOX(line), label, TRUE, TRUE, 0);
	if (n > 1)
		gtk_container_add(GTK_CONTAINER(line), make_button(first, _("Delete all…"), all, G_CALLBACK(on_delete_all)));
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(list), "content");
	atk_object_set_name(gtk_widget_get_accessible(list), title);
	for (guint i = 0; i < n; i++)
		gtk_container_add(GTK_CONTAINER(list), make_row(self->shown->pdata[from + i]));
	g_signal_connect_object(list, "row-activated", G_CALLBACK(on_activated), self, 0);
	gtk_box_pack_start(GTK_BOX(self->groups), line, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self->groups), list, FALSE, FALSE, 0);
}

/* ---- the box ---- */

static void update(SnapshotsBox *self)
{
	const char *error = gtk_label_get_text(GTK_LABEL(self->error));

	gtk_widget_set_visible(self->error, *error != '\0');
	gtk_widget_set_visible(GTK_WIDGET(self), self->shown->len || *error);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void tell(SnapshotsBox *self, const char *error)
{
	gtk_label_set_text(GTK_LABEL(self->error), error ? error : "");
	update(self);
}

static void destroy(GtkWidget *widget, gpointer unused)
{
	gtk_widget_destroy(widget);
}

static void fill(SnapshotsBox *self)
{
	g_autoptr(GPtrArray) now = whole();
	gboolean had_focus = gtk_container_get_focus_child(GTK_CONTAINER(self)) != NULL;
	guint n;

	if (are_same(now, self->shown))
		return;
	g_ptr_array_unref(self->shown);
	self->shown = g_steal_pointer(&now);
	gtk_container_foreach(GTK_CONTAINER(self->groups), destroy, NULL);
	for (guint i = 0; i < self->shown->len; i += n) {
		for (n = 1; i + n < self->shown->len; n++)
			if (compare_groups(self->shown->pdata[i], self->shown->pdata[i + n]) != 0)
				break;
		add_group(self, i, n);
	}
	gtk_widget_show_all(self->groups);
	update(self);
	if (had_focus)
		gtk_widget_child_focus(self->groups, GTK_DIR_TAB_FORWARD);
}

static void snapshots_box_finalize(GObject *object)
{
	g_ptr_array_unref(SNAPSHOTS_BOX(object)->shown);
	G_OBJECT_CLASS(snapshots_box_parent_class)->finalize(object);
}

static void snapshots_box_class_init(SnapshotsBoxClass *class)
{
	G_OBJECT_CLASS(class)->finalize = snapshots_box_finalize;
	signals[SIGNAL_ENDPOINT] = g_signal_new("endpoint-chosen", SNAPSHOTS_BOX_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                        G_TYPE_NONE, 1, LIVE_ENDPOINT_TYPE);
	signals[SIGNAL_DOWNLOADED] = g_signal_new("downloaded", SNAPSHOTS_BOX_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[SIGNAL_CHANGED] = g_signal_new("changed", SNAPSHOTS_BOX_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
}

static void snapshots_box_init(SnapshotsBox *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 8);
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
	look_line(GTK_BOX(self), _("At servers"), "heading");
	self->error = look_line(GTK_BOX(self), "", "error");
	self->groups = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
	gtk_box_pack_start(GTK_BOX(self), self->groups, FALSE, FALSE, 0);
	self->shown = g_ptr_array_new_with_free_func(capture_unref);
	g_signal_connect_object(captures_get(), "changed", G_CALLBACK(fill), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(captures_get(), "told", G_CALLBACK(tell), self, G_CONNECT_SWAPPED);
	fill(self);
	update(self);
}

gboolean snapshots_box_any(SnapshotsBox *self)
{
	return self->shown->len != 0;
}

GtkWidget *snapshots_box_new(void)
{
	return g_object_new(SNAPSHOTS_BOX_TYPE, NULL);
}
