#include "gui/captures-box.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/captures.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"

struct _CapturesBox {
	GtkBox parent;
	GtkWidget *list, *error;
};
G_DEFINE_FINAL_TYPE(CapturesBox, captures_box, GTK_TYPE_BOX)

static void update(CapturesBox *self)
{
	gboolean any = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0) != NULL;
	const char *error = gtk_label_get_text(GTK_LABEL(self->error));

	gtk_widget_set_visible(self->list, any);
	gtk_widget_set_visible(self->error, *error != '\0');
	gtk_widget_set_visible(GTK_WIDGET(self), any || *error);
}

static void tell(CapturesBox *self, const char *error)
{
	gtk_label_set_text(GTK_LABEL(self->error), error ? error : "");
	update(self);
}

/* ---- a row ---- */

static void set_about(gpointer of, struct capture *c)
{
	g_object_set_data_full(of, "capture", capture_ref(c), capture_unref);
}

/* of: a row, or what was asked about one. */
static void call_about(gpointer of, enum control_type type)
{
	captures_call(captures_get(), g_object_get_data(of, "capture"), type);
}

static void on_clicked(GtkWidget *button, enum control_type type)
{
	call_about(gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW), type);
}

static void on_pause(GtkWidget *button)
{
	on_clicked(button, CONTROL_CAPTURE_PAUSE);
}

static void on_resume(GtkWidget *button)
{
	on_clicked(button, CONTROL_CAPTURE_RESUME);
}

static void on_response(GtkWidget *dialog, int response, CapturesBox *self)
{
	if (response == GTK_RESPONSE_ACCEPT)
		call_about(dialog, CONTROL_CAPTURE_DELETE);
	gtk_widget_destroy(dialog);
}

static void on_delete(GtkWidget *button)
{
	GtkWidget *row = gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW);
	GtkWidget *dialog = gtk_message_dialog_new(GTK_WINDOW(gtk_widget_get_toplevel(button)),
	                                           GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
	                                           GTK_BUTTONS_NONE, _("Delete this capture of %s?"),
	                                           hdy_preferences_row_get_title(HDY_PREFERENCES_ROW(row)));
	GtkWidget *delete;

	gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), _("It is deleted from the server, for everybody."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	delete = gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Delete"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(delete), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
	set_about(dialog, g_object_get_data(G_OBJECT(row), "capture"));
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_response),
	                        gtk_widget_get_ancestor(button, CAPTURES_BOX_TYPE), 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

static char *progress(const char *words, const struct capture *s)
{
	g_autofree char *done = g_format_size(s->done), *bytes = g_format_size(s->bytes);

	return s->bytes ? g_strdup_printf(_("%s: %s of %s"), words, done, bytes) : g_strdup(words);
}

static char *state_words(const struct capture *s)
{
	switch (s->state) {
	case CONTROL_CAPTURE_RUNNING: return progress(_("is being captured"), s);
	case CONTROL_CAPTURE_PAUSED: return progress(_("paused"), s);
	case CONTROL_CAPTURE_WAITING: return progress(_("waits for its computer"), s);
	case CONTROL_CAPTURE_FAILED: return progress(_("failed"), s);
	default: return g_format_size(s->bytes);
	}
}

static void add_button(GtkWidget *row, const char *label, GCallback callback)
{
	GtkWidget *button = gtk_button_new_with_label(label);

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	gtk_container_add(GTK_CONTAINER(row), button);
	g_signal_connect(button, "clicked", callback, NULL);
}

static GtkWidget *make_row(struct capture *s)
{
	GtkWidget *row = hdy_action_row_new();
	g_autofree char *words = state_words(s), *taken = event_time(s->taken);
	g_autofree char *text = NULL;

	taken[19] = '\0';
	text = g_strdup_printf("%s · %s · %s · %s", words, taken, s->by, server_link_get_name(s->server));
	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), s->host);
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), text);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
	atk_object_set_name(gtk_widget_get_accessible(row), s->host);
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	set_about(row, s);
	if (s->state == CONTROL_CAPTURE_RUNNING || s->state == CONTROL_CAPTURE_WAITING)
		add_button(row, _("Pause"), G_CALLBACK(on_pause));
	if (s->state == CONTROL_CAPTURE_PAUSED || s->state == CONTROL_CAPTURE_FAILED)
		add_button(row, _("Resume"), G_CALLBACK(on_resume));
	add_button(row, s->state == CONTROL_CAPTURE_DONE ? _("Delete…") : _("Cancel…"), G_CALLBACK(on_delete));
	gtk_widget_show_all(row);
	return row;
}

static void fill(CapturesBox *self)
{
	const GPtrArray *all = captures_all(captures_get());
	GtkListBoxRow *row;

	while ((row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0)))
		gtk_widget_destroy(GTK_WIDGET(row));
	for (guint i = 0; i < all->len; i++)
		gtk_container_add(GTK_CONTAINER(self->list), make_row(all->pdata[i]));
	update(self);
}

/* ---- the box ---- */

static void captures_box_class_init(CapturesBoxClass *class)
{
}

static void captures_box_init(CapturesBox *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 8);
	gtk_widget_set_margin_top(GTK_WIDGET(self), 18);
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
	look_line(GTK_BOX(self), _("Captures"), "heading");
	self->error = look_line(GTK_BOX(self), "", "error");
	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->list), "content");
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Captures"));
	gtk_box_pack_start(GTK_BOX(self), self->list, FALSE, FALSE, 0);
	g_signal_connect_object(captures_get(), "changed", G_CALLBACK(fill), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(captures_get(), "told", G_CALLBACK(tell), self, G_CONNECT_SWAPPED);
	fill(self);
}

GtkWidget *captures_box_new(void)
{
	return g_object_new(CAPTURES_BOX_TYPE, NULL);
}
