#include "gui/captures-box.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "agent/wire/control.h"
#include "agent/wire/wire.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/servers.h"

struct _CapturesBox {
	GtkBox parent;
	GtkWidget *list, *error;
	GSList *asked; /* struct asked: lists that are on their way */
};
G_DEFINE_FINAL_TYPE(CapturesBox, captures_box, GTK_TYPE_BOX)

/* A call: of a list, or of something that is to be done. */
struct asked {
	CapturesBox *box; /* NULL: it is gone */
	ServerLink *server;
	guint id;
	gboolean list, again; /* again: there was news meanwhile */
};

static void asked_free(struct asked *a)
{
	if (a->box)
		a->box->asked = g_slist_remove(a->box->asked, a);
	g_object_unref(a->server);
	g_free(a);
}

static struct asked *ask(CapturesBox *self, ServerLink *server, struct control *c, server_link_answer *answer)
{
	struct asked *a = g_new0(struct asked, 1);

	*a = (struct asked){ .box = self, .server = g_object_ref(server), .list = c->type == CONTROL_CAPTURE_LIST };
	self->asked = g_slist_prepend(self->asked, a);
	a->id = server_link_call(server, c, answer, a);
	return a;
}

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

static void on_done(const struct control *c, const char *error, gpointer data)
{
	struct asked *a = data;

	tell(a->box, error);
	asked_free(a);
}

/* ---- a row ---- */

/* of: a row, or what was asked about one: it knows the server and the capture. */
static void call_about(CapturesBox *self, gpointer of, enum control_type type)
{
	struct control c = { .type = type };

	c.fetch.capture = span_of(g_object_get_data(of, "capture"));
	ask(self, g_object_get_data(of, "server"), &c, on_done);
}

static void set_about(gpointer of, ServerLink *server, const char *capture)
{
	g_object_set_data_full(of, "server", g_object_ref(server), g_object_unref);
	g_object_set_data_full(of, "capture", g_strdup(capture), g_free);
}

static void on_clicked(GtkWidget *button, enum control_type type)
{
	call_about(CAPTURES_BOX(gtk_widget_get_ancestor(button, CAPTURES_BOX_TYPE)),
	           gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW), type);
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
		call_about(self, dialog, CONTROL_CAPTURE_DELETE);
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
	set_about(dialog, g_object_get_data(G_OBJECT(row), "server"), g_object_get_data(G_OBJECT(row), "capture"));
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_response),
	                        gtk_widget_get_ancestor(button, CAPTURES_BOX_TYPE), 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

static char *progress(const char *words, const struct control_snapshot *s)
{
	g_autofree char *done = g_format_size(s->done), *bytes = g_format_size(s->bytes);

	return s->bytes ? g_strdup_printf(_("%s: %s of %s"), words, done, bytes) : g_strdup(words);
}

static char *state_words(const struct control_snapshot *s)
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

static GtkWidget *make_row(ServerLink *server, const struct control_snapshot *s)
{
	GtkWidget *row = hdy_action_row_new();
	g_autofree char *host = event_text(s->host), *by = event_text(s->by), *words = state_words(s);
	g_autofree char *taken = event_time(s->taken);
	g_autofree char *text = NULL;

	taken[19] = '\0';
	text = g_strdup_printf("%s · %s · %s · %s", words, taken, by, server_link_get_name(server));
	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), host);
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), text);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
	atk_object_set_name(gtk_widget_get_accessible(row), host);
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	set_about(row, server, s->capture.p);
	if (s->state == CONTROL_CAPTURE_RUNNING || s->state == CONTROL_CAPTURE_WAITING)
		add_button(row, _("Pause"), G_CALLBACK(on_pause));
	if (s->state == CONTROL_CAPTURE_PAUSED || s->state == CONTROL_CAPTURE_FAILED)
		add_button(row, _("Resume"), G_CALLBACK(on_resume));
	add_button(row, s->state == CONTROL_CAPTURE_DONE ? _("Delete…") : _("Cancel…"), G_CALLBACK(on_delete));
	gtk_widget_show_all(row);
	return row;
}

/* ---- the lists of the servers ---- */

static void clear(CapturesBox *self, ServerLink *server)
{
	GtkListBoxRow *row;
	int i = 0;

	while ((row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), i))) {
		if (g_object_get_data(G_OBJECT(row), "server") == server)
			gtk_widget_destroy(GTK_WIDGET(row));
		else
			i++;
	}
}

static void refresh(CapturesBox *self, ServerLink *server);

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct asked *a = data;
	CapturesBox *self = a->box;
	g_autoptr(ServerLink) server = g_object_ref(a->server);
	gboolean again = a->again;

	asked_free(a);
	if (c && c->type == CONTROL_CAPTURES) {
		const struct control_snapshot *rows = c->rows.rows.rows;

		clear(self, server);
		for (size_t i = 0; i < c->rows.rows.n; i++)
			gtk_container_add(GTK_CONTAINER(self->list), make_row(server, &rows[i]));
		update(self);
	}
	if (error)
		tell(self, error);
	if (again)
		refresh(self, server);
}

/* One at a time of a server: news may come often. */
static void refresh(CapturesBox *self, ServerLink *server)
{
	struct control c = { .type = CONTROL_CAPTURE_LIST };

	for (GSList *l = self->asked; l; l = l->next) {
		struct asked *a = l->data;

		if (a->list && a->server == server) {
			a->again = TRUE;
			return;
		}
	}
	c.list.n = WIRE_MAX_ROWS;
	ask(self, server, &c, on_list);
}

static void on_news(ServerLink *server, CapturesBox *self)
{
	refresh(self, server);
}

static void on_server(ServerLink *server, CapturesBox *self)
{
	gboolean was = g_object_get_data(G_OBJECT(server), "captures-online") != NULL;
	gboolean is = server_link_get_state(server) == SERVER_ONLINE;

	g_object_set_data(G_OBJECT(server), "captures-online", GINT_TO_POINTER(is));
	if (is && !was)
		refresh(self, server);
	if (!is && was) {
		clear(self, server);
		update(self);
	}
}

static void on_servers(GListModel *servers, guint at, guint removed, guint added, CapturesBox *self)
{
	for (guint i = 0; i < added; i++) {
		g_autoptr(ServerLink) server = g_list_model_get_item(servers, at + i);

		g_signal_connect_object(server, "changed", G_CALLBACK(on_server), self, 0);
		g_signal_connect_object(server, "capture", G_CALLBACK(on_news), self, 0);
		on_server(server, self);
	}
}

void captures_box_start(CapturesBox *self, LiveEndpoint *e)
{
	struct control c = { .type = CONTROL_CAPTURE_START };

	c.endpoint.endpoint = span_of(live_endpoint_get_id(e));
	ask(self, live_endpoint_get_server(e), &c, on_done);
}

/* ---- the box ---- */

static void captures_box_dispose(GObject *object)
{
	CapturesBox *self = CAPTURES_BOX(object);

	while (self->asked) {
		struct asked *a = self->asked->data;

		server_link_drop(a->server, a->id);
		asked_free(a);
	}
	G_OBJECT_CLASS(captures_box_parent_class)->dispose(object);
}

static void captures_box_class_init(CapturesBoxClass *class)
{
	G_OBJECT_CLASS(class)->dispose = captures_box_dispose;
}

static GtkWidget *add_label(CapturesBox *self, const char *text, const char *class)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
	gtk_box_pack_start(GTK_BOX(self), label, FALSE, FALSE, 0);
	gtk_widget_show(label);
	return label;
}

static void captures_box_init(CapturesBox *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 8);
	gtk_widget_set_margin_top(GTK_WIDGET(self), 18);
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
	add_label(self, _("Captures"), "heading");
	self->error = add_label(self, "", "error");
	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->list), "content");
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Captures"));
	gtk_box_pack_start(GTK_BOX(self), self->list, FALSE, FALSE, 0);
	g_signal_connect_object(servers_list(), "items-changed", G_CALLBACK(on_servers), self, 0);
	on_servers(servers_list(), 0, 0, g_list_model_get_n_items(servers_list()), self);
	update(self);
}

GtkWidget *captures_box_new(void)
{
	return g_object_new(CAPTURES_BOX_TYPE, NULL);
}
