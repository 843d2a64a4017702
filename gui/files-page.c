#include "gui/files-page.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>
#include <string.h>

#include "agent/wire/wire.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/servers.h"

enum { MOST = 1000 /* rows of a server */ };

struct _FilesPage {
	GtkStack parent;
	GtkWidget *list, *error;
	GSList *asked;
};
G_DEFINE_FINAL_TYPE(FilesPage, files_page, GTK_TYPE_STACK)

/* A call: of a page of a list, or of a deletion. */
struct asked {
	FilesPage *page;
	ServerLink *server;
	guint id, rows; /* rows: of the pages before */
	gboolean list, again; /* again: there was news meanwhile */
};

static void asked_free(struct asked *a)
{
	a->page->asked = g_slist_remove(a->page->asked, a);
	g_object_unref(a->server);
	g_free(a);
}

static struct asked *ask(FilesPage *self, ServerLink *server, struct control *c, server_link_answer *answer)
{
	struct asked *a = g_new0(struct asked, 1);

	*a = (struct asked){ .page = self, .server = g_object_ref(server), .list = c->type == CONTROL_FILE_LIST };
	self->asked = g_slist_prepend(self->asked, a);
	a->id = server_link_call(server, c, answer, a);
	return a;
}

static void update(FilesPage *self)
{
	gboolean any = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0) != NULL;
	gboolean error = *gtk_label_get_text(GTK_LABEL(self->error)) != '\0';

	gtk_widget_set_visible(self->list, any);
	gtk_widget_set_visible(self->error, error);
	if (gtk_stack_get_child_by_name(GTK_STACK(self), "empty"))
		gtk_stack_set_visible_child_name(GTK_STACK(self), any || error ? "list" : "empty");
}

static void tell(FilesPage *self, const char *error)
{
	gtk_label_set_text(GTK_LABEL(self->error), error ? error : "");
	update(self);
}

static void refresh(FilesPage *self, ServerLink *server);

/* ---- deleting ---- */

static void on_deleted(const struct control *c, const char *error, gpointer data)
{
	struct asked *a = data;
	FilesPage *self = a->page;
	g_autoptr(ServerLink) server = g_object_ref(a->server);

	asked_free(a);
	tell(self, error);
	refresh(self, server);
}

static void on_response(GtkWidget *dialog, int response, FilesPage *self)
{
	struct control c = { .type = CONTROL_FILE_DELETE };

	if (response == GTK_RESPONSE_ACCEPT) {
		c.fetch.capture = span_of(g_object_get_data(G_OBJECT(dialog), "file"));
		ask(self, g_object_get_data(G_OBJECT(dialog), "server"), &c, on_deleted);
	}
	gtk_widget_destroy(dialog);
}

static void set_about(GtkWidget *of, ServerLink *server, const char *file)
{
	g_object_set_data_full(G_OBJECT(of), "server", g_object_ref(server), g_object_unref);
	g_object_set_data_full(G_OBJECT(of), "file", g_strdup(file), g_free);
}

static void on_delete(GtkWidget *button)
{
	GtkWidget *dialog = gtk_message_dialog_new(GTK_WINDOW(gtk_widget_get_toplevel(button)),
	                                           GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
	                                           GTK_BUTTONS_NONE, "%s", _("Delete this file?"));
	GtkWidget *delete;

	gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), _("It is deleted from the server, for everybody."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	delete = gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Delete"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(delete), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
	set_about(dialog, g_object_get_data(G_OBJECT(button), "server"), g_object_get_data(G_OBJECT(button), "file"));
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), gtk_widget_get_ancestor(button, FILES_PAGE_TYPE),
	                        0);
	gtk_window_present(GTK_WINDOW(dialog));
}

/* ---- a row, and what it opens to ---- */

static void on_copy(GtkWidget *button)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(button, GDK_SELECTION_CLIPBOARD),
	                       g_object_get_data(G_OBJECT(button), "value"), -1);
}

/* copied: what is copied, where that is not as it is shown. */
static void add_value(GtkWidget *row, const char *name, const char *value, const char *copied)
{
	GtkWidget *line = hdy_action_row_new(), *copy = gtk_button_new_from_icon_name("edit-copy-symbolic", GTK_ICON_SIZE_MENU);
	g_autofree char *what = g_strdup_printf(_("Copy %s"), name);

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(line), name);
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(line), value);
	hdy_action_row_set_subtitle_lines(HDY_ACTION_ROW(line), 4);
	atk_object_set_name(gtk_widget_get_accessible(line), name);
	atk_object_set_description(gtk_widget_get_accessible(line), value);
	gtk_widget_set_valign(copy, GTK_ALIGN_CENTER);
	gtk_button_set_relief(GTK_BUTTON(copy), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(copy, what);
	atk_object_set_name(gtk_widget_get_accessible(copy), what);
	g_object_set_data_full(G_OBJECT(copy), "value", g_strdup(copied ? copied : value), g_free);
	g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), NULL);
	gtk_container_add(GTK_CONTAINER(line), copy);
	gtk_container_add(GTK_CONTAINER(row), line);
}

static void add_delete(GtkWidget *row, ServerLink *server, const char *file)
{
	GtkWidget *line = hdy_action_row_new(), *button = gtk_button_new_with_label(_("Delete…"));

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	set_about(button, server, file);
	g_signal_connect(button, "clicked", G_CALLBACK(on_delete), NULL);
	gtk_container_add(GTK_CONTAINER(line), button);
	gtk_container_add(GTK_CONTAINER(row), line);
}

static void add_values(GtkWidget *row, const struct control_file *f, const char *path, const char *host, const char *by)
{
	g_autofree char *sha = event_text(f->sha256), *modified = event_time(f->modified), *saved = event_time(f->saved);
	g_autofree char *owner = g_strdup_printf(_("user %u, group %u"), (guint)f->uid, (guint)f->gid);
	g_autofree char *mode = g_strdup_printf("%04o", (guint)f->mode & 07777);
	g_autofree char *bytes = event_number(f->bytes), *key = event_text(f->endpoint);
	g_autofree char *plain = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)f->bytes);

	add_value(row, _("Path"), path, NULL);
	add_value(row, "SHA-256", sha, NULL);
	add_value(row, _("Bytes"), bytes, plain);
	add_value(row, _("Owner"), owner, NULL);
	add_value(row, _("Mode"), mode, NULL);
	add_value(row, _("Modified"), modified, NULL);
	add_value(row, _("Host"), host, NULL);
	add_value(row, _("Endpoint"), key, NULL);
	add_value(row, _("Saved"), saved, NULL);
	add_value(row, _("Saved by"), by, NULL);
}

static GtkWidget *make_row(ServerLink *server, const struct control_file *f)
{
	GtkWidget *row = hdy_expander_row_new();
	g_autofree char *path = event_text(f->path), *host = event_text(f->host), *by = event_text(f->by);
	g_autofree char *size = g_format_size(f->bytes), *saved = event_time(f->saved), *text = NULL;

	saved[19] = '\0';
	text = g_strdup_printf("%s · %s · %s · %s · %s", host, size, saved, by, server_link_get_name(server));
	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), path);
	hdy_expander_row_set_subtitle(HDY_EXPANDER_ROW(row), text);
	atk_object_set_name(gtk_widget_get_accessible(row), path);
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	g_object_set_data_full(G_OBJECT(row), "server", g_object_ref(server), g_object_unref);
	add_values(row, f, path, host, by);
	if (strcmp(server_link_get_role(server), "viewer") != 0)
		add_delete(row, server, f->file.p);
	gtk_widget_show_all(row);
	return row;
}

/* ---- the lists of the servers ---- */

static void clear(FilesPage *self, ServerLink *server)
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

static void ask_page(FilesPage *self, ServerLink *server, struct span after, guint rows);

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct asked *a = data;
	FilesPage *self = a->page;
	g_autoptr(ServerLink) server = g_object_ref(a->server);
	gboolean again = a->again;
	guint before = a->rows;

	asked_free(a);
	if (c && c->type == CONTROL_FILES && !again) {
		const struct control_file *rows = c->rows.rows.rows;
		size_t n = c->rows.rows.n;

		if (before == 0)
			clear(self, server);
		for (size_t i = 0; i < n; i++)
			gtk_container_add(GTK_CONTAINER(self->list), make_row(server, &rows[i]));
		if (c->rows.more && n > 0 && before + n < MOST)
			ask_page(self, server, rows[n - 1].file, before + (guint)n);
		update(self);
	}
	if (error)
		tell(self, error);
	if (again)
		refresh(self, server);
}

static void ask_page(FilesPage *self, ServerLink *server, struct span after, guint rows)
{
	struct control c = { .type = CONTROL_FILE_LIST };

	c.list.after = after;
	c.list.n = WIRE_MAX_FILES;
	ask(self, server, &c, on_list)->rows = rows;
}

/* One at a time of a server. */
static void refresh(FilesPage *self, ServerLink *server)
{
	if (server_link_get_state(server) != SERVER_ONLINE)
		return;
	for (GSList *l = self->asked; l; l = l->next) {
		struct asked *a = l->data;

		if (a->list && a->server == server) {
			a->again = TRUE;
			return;
		}
	}
	ask_page(self, server, SPAN_NONE, 0);
}

static void on_news(ServerLink *server, const char *file, guint state, guint64 done, guint64 bytes, const char *text,
                    FilesPage *self)
{
	if (state == CONTROL_CAPTURE_DONE)
		refresh(self, server);
}

static void on_server(ServerLink *server, FilesPage *self)
{
	if (server_link_get_state(server) == SERVER_ONLINE) {
		refresh(self, server);
	} else {
		clear(self, server);
		tell(self, NULL);
	}
}

static void on_servers(GListModel *servers, guint at, guint removed, guint added, FilesPage *self)
{
	for (guint i = 0; i < added; i++) {
		g_autoptr(ServerLink) server = g_list_model_get_item(servers, at + i);

		g_signal_connect_object(server, "changed", G_CALLBACK(on_server), self, 0);
		g_signal_connect_object(server, "file", G_CALLBACK(on_news), self, 0);
		refresh(self, server);
	}
}

/* Others save, too. */
static void on_map(FilesPage *self)
{
	GListModel *servers = servers_list();

	for (guint i = 0; i < g_list_model_get_n_items(servers); i++) {
		g_autoptr(ServerLink) server = g_list_model_get_item(servers, i);

		refresh(self, server);
	}
}

/* ---- the page ---- */

static void files_page_dispose(GObject *object)
{
	FilesPage *self = FILES_PAGE(object);

	while (self->asked) {
		struct asked *a = self->asked->data;

		server_link_drop(a->server, a->id);
		asked_free(a);
	}
	G_OBJECT_CLASS(files_page_parent_class)->dispose(object);
}

static void files_page_class_init(FilesPageClass *class)
{
	G_OBJECT_CLASS(class)->dispose = files_page_dispose;
}

static void files_page_init(FilesPage *self)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *clamp = hdy_clamp_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);

	self->error = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->error), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->error), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->error), "error");
	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->list), "content");
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Saved files"));
	gtk_widget_set_valign(self->list, GTK_ALIGN_START);
	gtk_container_add(GTK_CONTAINER(box), self->error);
	gtk_container_add(GTK_CONTAINER(box), self->list);
	g_object_set(clamp, "margin", 24, "maximum-size", 800, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(clamp), box);
	gtk_container_add(GTK_CONTAINER(scrolled), clamp);
	gtk_widget_show_all(scrolled);
	gtk_stack_add_named(GTK_STACK(self), scrolled, "list");
	g_signal_connect_object(servers_list(), "items-changed", G_CALLBACK(on_servers), self, 0);
	on_servers(servers_list(), 0, 0, g_list_model_get_n_items(servers_list()), self);
	g_signal_connect(self, "map", G_CALLBACK(on_map), NULL);
}

GtkWidget *files_page_new(GtkWidget *empty)
{
	FilesPage *self = g_object_new(FILES_PAGE_TYPE, "visible", TRUE, NULL);

	gtk_stack_add_named(GTK_STACK(self), empty, "empty");
	update(self);
	return GTK_WIDGET(self);
}
