#include "gui/file-save.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/live-endpoint.h"

#define MOST (G_GUINT64_CONSTANT(1) << 53) /* the server has its own limit */

struct save {
	GtkWidget *dialog, *progress, *text, *more;
	LiveEndpoint *endpoint;
	ServerLink *server;
	char *path, *file; /* file: its name at the server; NULL before that answered */
	gint64 process;
	guint call;
	gboolean cancelled, over;
};

static gboolean may_save(LiveEndpoint *e)
{
	return e && !live_endpoint_is_snapshot(e) && live_endpoint_get_session(e) &&
	       server_link_get_state(live_endpoint_get_server(e)) == SERVER_ONLINE &&
	       strcmp(server_link_get_role(live_endpoint_get_server(e)), "viewer") != 0;
}

gboolean file_save_is_possible(Source *source)
{
	return may_save(live_endpoint_find(source_get_path(source)));
}

static void save_free(struct save *s)
{
	g_signal_handlers_disconnect_by_data(s->server, s);
	if (s->call)
		server_link_drop(s->server, s->call);
	g_object_unref(s->server);
	g_object_unref(s->endpoint);
	g_free(s->path);
	g_free(s->file);
	g_free(s);
}

/* ---- what it says ---- */

static void end(struct save *s, const char *text, gboolean failed)
{
	GtkStyleContext *style = gtk_widget_get_style_context(s->text);

	s->over = TRUE;
	gtk_widget_hide(s->progress);
	gtk_widget_hide(s->more);
	gtk_widget_show(s->text);
	gtk_label_set_text(GTK_LABEL(s->text), text);
	if (failed)
		gtk_style_context_add_class(style, "error");
	gtk_widget_hide(gtk_dialog_get_widget_for_response(GTK_DIALOG(s->dialog), GTK_RESPONSE_CANCEL));
	gtk_widget_show(gtk_dialog_get_widget_for_response(GTK_DIALOG(s->dialog), GTK_RESPONSE_CLOSE));
	gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(GTK_DIALOG(s->dialog), GTK_RESPONSE_CLOSE));
}

static void show_progress(struct save *s, guint64 done, guint64 bytes)
{
	g_autofree char *has = g_format_size(done), *all = g_format_size(bytes);
	g_autofree char *words = bytes ? g_strdup_printf(_("%s of %s"), has, all) : g_strdup(_("is asked for…"));

	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(s->progress), bytes ? MIN((double)done / (double)bytes, 1) : 0);
	gtk_progress_bar_set_text(GTK_PROGRESS_BAR(s->progress), words);
}

/* ---- what the server says ---- */

static void on_news(ServerLink *server, const char *file, guint state, guint64 done, guint64 bytes, const char *text,
                    struct save *s)
{
	g_autofree char *size = NULL, *words = NULL;

	if (s->over || g_strcmp0(file, s->file) != 0)
		return;
	if (state == CONTROL_CAPTURE_DONE) {
		size = g_format_size(bytes);
		words = g_strdup_printf(_("Saved: %s. It is listed under Saved evidence, Files."), size);
		end(s, words, FALSE);
	} else if (state == CONTROL_CAPTURE_FAILED) {
		end(s, *text ? text : _("the server failed"), TRUE);
	} else {
		show_progress(s, done, bytes);
	}
}

static void on_server(ServerLink *server, struct save *s)
{
	if (!s->over && s->file && server_link_get_state(server) != SERVER_ONLINE)
		end(s, _("The connection to the server was lost: the file is not kept."), TRUE);
}

static void on_nothing(const struct control *c, const char *error, gpointer data)
{
}

static void cancel(struct save *s)
{
	struct control c = { .type = CONTROL_FILE_DELETE };

	c.fetch.capture = span_of(s->file);
	if (server_link_get_state(s->server) == SERVER_ONLINE)
		server_link_call(s->server, &c, on_nothing, NULL);
}

static void on_answer(const struct control *c, const char *error, gpointer data)
{
	struct save *s = data;

	s->call = 0;
	if (c && c->type == CONTROL_FILE)
		s->file = g_strndup(c->capture.capture.p, c->capture.capture.n);
	if (s->cancelled) {
		if (s->file)
			cancel(s);
		gtk_widget_destroy(s->dialog);
	} else if (!s->file) {
		end(s, error ? error : _("the server answers nonsense"), TRUE);
	}
}

/* ---- the dialog ---- */

static void begin(struct save *s)
{
	struct control c = { .type = CONTROL_FILE_SAVE };

	gtk_widget_hide(gtk_dialog_get_widget_for_response(GTK_DIALOG(s->dialog), GTK_RESPONSE_ACCEPT));
	if (!may_save(s->endpoint)) {
		end(s, _("The endpoint is not connected."), TRUE);
		return;
	}
	gtk_widget_show(s->progress);
	show_progress(s, 0, 0);
	gtk_widget_hide(s->text);
	gtk_widget_hide(s->more);
	c.file.session = live_endpoint_get_session(s->endpoint);
	c.file.path = span_of(s->path);
	c.file.process = (guint64)s->process;
	c.file.max_bytes = MOST;
	s->call = server_link_call(s->server, &c, on_answer, s);
}

static void on_response(GtkWidget *dialog, int response, struct save *s)
{
	if (response == GTK_RESPONSE_ACCEPT) {
		begin(s);
		return;
	}
	if (s->call) { /* it must be known before it can be cancelled */
		s->cancelled = TRUE;
		gtk_widget_hide(dialog);
		return;
	}
	if (s->file && !s->over)
		cancel(s);
	gtk_widget_destroy(dialog);
}

static GtkWidget *add_label(GtkWidget *box, const char *text)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_lines(GTK_LABEL(label), 6);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_label_set_width_chars(GTK_LABEL(label), 40);
	gtk_container_add(GTK_CONTAINER(box), label);
	gtk_widget_show(label);
	return label;
}

static void fill(struct save *s)
{
	GtkWidget *box = gtk_message_dialog_get_message_area(GTK_MESSAGE_DIALOG(s->dialog)), *button;
	g_autofree char *path = event_text(span_of(s->path));

	atk_object_set_name(gtk_widget_get_accessible(add_label(box, path)), path);
	s->progress = gtk_progress_bar_new();
	gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(s->progress), TRUE);
	gtk_container_add(GTK_CONTAINER(box), s->progress);
	s->text = add_label(box, _("The server keeps a copy, for everybody who may see this computer."));
	s->more = add_label(box, _("A program that was deleted and still runs is taken from its process."));
	gtk_widget_set_visible(s->more, s->process != 0);
	gtk_dialog_add_button(GTK_DIALOG(s->dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	button = gtk_dialog_add_button(GTK_DIALOG(s->dialog), _("_Save"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(button), GTK_STYLE_CLASS_SUGGESTED_ACTION);
	gtk_dialog_set_default_response(GTK_DIALOG(s->dialog), GTK_RESPONSE_ACCEPT);
	gtk_widget_hide(gtk_dialog_add_button(GTK_DIALOG(s->dialog), _("C_lose"), GTK_RESPONSE_CLOSE));
}

void file_save_ask(GtkWidget *of, Source *source, const char *path, gint64 process)
{
	LiveEndpoint *e = live_endpoint_find(source_get_path(source));
	struct save *s;

	if (!e)
		return;
	s = g_new0(struct save, 1);
	s->endpoint = g_object_ref(e);
	s->server = g_object_ref(live_endpoint_get_server(e));
	s->path = g_strdup(path);
	s->process = process;
	s->dialog = gtk_message_dialog_new(GTK_WINDOW(gtk_widget_get_toplevel(of)),
	                                   GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
	                                   GTK_BUTTONS_NONE, _("Save this file of %s?"), live_endpoint_get_host(e));
	fill(s);
	g_signal_connect(s->server, "file", G_CALLBACK(on_news), s);
	g_signal_connect(s->server, "changed", G_CALLBACK(on_server), s);
	g_signal_connect(s->dialog, "response", G_CALLBACK(on_response), s);
	g_signal_connect_swapped(s->dialog, "destroy", G_CALLBACK(save_free), s);
	gtk_window_present(GTK_WINDOW(s->dialog));
}
