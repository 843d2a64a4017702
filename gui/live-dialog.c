#include "gui/live-dialog.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/servers.h"

enum { OPEN = 1, MATCHES = 20, MAX_CHOSEN = 100, ASK_AFTER_MS = 120, TEXT_LENGTH = 19 };

/* A row of either list: what is known of one endpoint. */
struct known {
	ServerLink *server;
	char *id, *host, *address, *about;
};

struct adding;
struct question {
	struct adding *adding;
	ServerLink *server;
	guint call;
};

/* Goes with the dialog. */
struct adding {
	GtkWidget *dialog, *entry, *matches, *chosen, *say, *clear, *chosen_place;
	GSList *asked; /* struct question */
	guint timer;
	gboolean pick; /* Enter was pressed before the answer was there */
};

static void known_free(gpointer data)
{
	struct known *k = data;

	g_object_unref(k->server);
	g_free(k->id);
	g_free(k->host);
	g_free(k->address);
	g_free(k->about);
	g_free(k);
}

static struct known *known_of(gpointer row)
{
	return g_object_get_data(row, "known");
}

static char *text_of(struct span s)
{
	g_autofree char *raw = event_text(s); /* with what would disturb made visible */

	return g_utf8_make_valid(raw, -1);
}

static struct known *known_new(ServerLink *server, const struct control_endpoint *e)
{
	struct known *k = g_new0(struct known, 1);
	g_autofree char *when = event_time(e->last_contact), *group = text_of(e->group);

	if (strlen(when) > TEXT_LENGTH)
		when[TEXT_LENGTH] = '\0';
	k->server = g_object_ref(server);
	k->id = g_strndup(e->endpoint.p, e->endpoint.n);
	k->host = text_of(e->host);
	k->address = text_of(e->address);
	if (e->state == CONTROL_HERE)
		k->about = g_strdup_printf(_("%s · online · %s"), k->address, group);
	else if (e->state == CONTROL_REVOKED)
		k->about = g_strdup_printf(_("%s · revoked · %s"), k->address, group);
	else
		k->about = g_strdup_printf(_("%s · away since %s · %s"), k->address, when, group);
	return k;
}

/* ---- lists ---- */

static GtkWidget *make_row(const char *host, const char *about, const char *server)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *name = gtk_label_new(host), *l;
	g_autofree char *text = g_strdup_printf("%s · %s", about, server);

	l = gtk_label_new(text);
	gtk_label_set_xalign(GTK_LABEL(name), 0);
	gtk_label_set_xalign(GTK_LABEL(l), 0);
	gtk_label_set_ellipsize(GTK_LABEL(l), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(l), "sidebar-state");
	gtk_box_pack_start(GTK_BOX(words), name, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(words), l, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), words, TRUE, TRUE, 0);
	g_object_set(box, "margin", 6, NULL);
	gtk_container_add(GTK_CONTAINER(row), box);
	g_object_set_data(G_OBJECT(row), "box", box);
	atk_object_set_name(gtk_widget_get_accessible(row), host);
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	return row;
}

static guint count_rows(GtkWidget *list)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(list));

	return g_list_length(rows);
}

static void empty(GtkWidget *list)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(list));

	g_list_free_full(g_steal_pointer(&rows), (GDestroyNotify)gtk_widget_destroy);
}

static void show_chosen(struct adding *a)
{
	guint n = count_rows(a->chosen);

	gtk_widget_set_visible(a->chosen_place, n > 0);
	gtk_widget_set_sensitive(a->clear, n > 0);
	gtk_dialog_set_response_sensitive(GTK_DIALOG(a->dialog), OPEN, n > 0);
}

static void on_remove(GtkWidget *button, struct adding *a)
{
	gtk_widget_destroy(gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW));
	show_chosen(a);
	gtk_widget_grab_focus(a->entry);
}

static gboolean is_chosen(struct adding *a, const struct known *k)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(a->chosen));

	for (GList *l = rows; l; l = l->next)
		if (known_of(l->data)->server == k->server && strcmp(known_of(l->data)->id, k->id) == 0)
			return TRUE;
	return FALSE;
}

static void choose(struct adding *a, const struct known *from)
{
	struct known *k;
	GtkWidget *row, *button;
	g_autofree char *name = NULL;

	gtk_label_set_text(GTK_LABEL(a->say), "");
	if (!is_chosen(a, from) && count_rows(a->chosen) < MAX_CHOSEN) {
		k = g_new(struct known, 1);
		*k = (struct known){ g_object_ref(from->server), g_strdup(from->id), g_strdup(from->host),
			             g_strdup(from->address), g_strdup(from->about) };
		row = make_row(k->host, k->about, server_link_get_name(k->server));
		button = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);
		gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
		name = g_strdup_printf(_("Remove %s"), k->host);
		gtk_widget_set_tooltip_text(button, name);
		atk_object_set_name(gtk_widget_get_accessible(button), name);
		gtk_box_pack_end(GTK_BOX(g_object_get_data(G_OBJECT(row), "box")), button, FALSE, FALSE, 0);
		g_signal_connect(button, "clicked", G_CALLBACK(on_remove), a);
		g_object_set_data_full(G_OBJECT(row), "known", k, known_free);
		gtk_widget_show_all(row);
		gtk_container_add(GTK_CONTAINER(a->chosen), row);
	}
	gtk_entry_set_text(GTK_ENTRY(a->entry), "");
	gtk_widget_grab_focus(a->entry);
	show_chosen(a);
}

static void on_match(struct adding *a, GtkListBoxRow *row)
{
	choose(a, known_of(row));
}

static void on_clear(struct adding *a)
{
	empty(a->chosen);
	show_chosen(a);
	gtk_widget_grab_focus(a->entry);
}

/* ---- what the servers know ---- */

/* The one that Enter means: the only match, or the only one of exactly that name or address. */
static void pick(struct adding *a)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(a->matches));
	const char *text = gtk_entry_get_text(GTK_ENTRY(a->entry));
	const struct known *only = NULL;
	guint exact = 0;

	a->pick = FALSE;
	for (GList *l = rows; l; l = l->next) {
		const struct known *k = known_of(l->data);

		if (g_ascii_strcasecmp(k->host, text) == 0 || strcmp(k->address, text) == 0) {
			only = k;
			exact++;
		}
	}
	if (!exact && rows && !rows->next)
		only = known_of(rows->data);
	if (only && exact < 2)
		choose(a, only);
	else if (!rows)
		gtk_label_set_text(GTK_LABEL(a->say), _("No server knows an endpoint of this name or address."));
	else
		gtk_label_set_text(GTK_LABEL(a->say), exact > 1 ? _("Several machines have this name: choose one of them above.") :
		                                                  _("Several endpoints match: choose one above."));
}

static void question_free(struct question *q)
{
	q->adding->asked = g_slist_remove(q->adding->asked, q);
	g_object_unref(q->server);
	g_free(q);
}

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct question *q = data;
	struct adding *a = q->adding;
	const struct control_endpoint *rows = c && c->type == CONTROL_ENDPOINTS ? c->rows.rows.rows : NULL;

	for (size_t i = 0; rows && i < c->rows.rows.n; i++) {
		struct known *k = known_new(q->server, &rows[i]);
		GtkWidget *row = make_row(k->host, k->about, server_link_get_name(k->server));

		g_object_set_data_full(G_OBJECT(row), "known", k, known_free);
		gtk_widget_show_all(row);
		gtk_container_add(GTK_CONTAINER(a->matches), row);
	}
	if (error)
		gtk_label_set_text(GTK_LABEL(a->say), error);
	question_free(q);
	if (!a->asked && a->pick)
		pick(a);
}

static void forget_questions(struct adding *a)
{
	while (a->asked) {
		struct question *q = a->asked->data;

		server_link_drop(q->server, q->call);
		question_free(q);
	}
}

static gboolean ask(gpointer data)
{
	struct adding *a = data;
	guint n = g_list_model_get_n_items(servers_list());
	struct control c = { .type = CONTROL_ENDPOINT_LIST };

	a->timer = 0;
	forget_questions(a);
	empty(a->matches);
	c.list.match = span_of(gtk_entry_get_text(GTK_ENTRY(a->entry)));
	c.list.n = MATCHES;
	for (guint i = 0; i < n; i++) {
		g_autoptr(ServerLink) s = g_list_model_get_item(servers_list(), i);
		struct question *q;

		if (server_link_get_state(s) != SERVER_ONLINE)
			continue;
		q = g_new(struct question, 1);
		*q = (struct question){ a, g_object_ref(s), 0 };
		a->asked = g_slist_prepend(a->asked, q);
		q->call = server_link_call(s, &c, on_list, q);
	}
	return G_SOURCE_REMOVE;
}

static void on_typed(struct adding *a)
{
	a->pick = FALSE;
	gtk_label_set_text(GTK_LABEL(a->say), "");
	g_clear_handle_id(&a->timer, g_source_remove);
	a->timer = g_timeout_add(ASK_AFTER_MS, ask, a);
}

/* Enter adds what is typed; with nothing typed it opens what was chosen. */
static void on_enter(struct adding *a)
{
	if (!gtk_entry_get_text_length(GTK_ENTRY(a->entry))) {
		if (count_rows(a->chosen))
			gtk_dialog_response(GTK_DIALOG(a->dialog), OPEN);
		return;
	}
	if (a->timer) {
		g_clear_handle_id(&a->timer, g_source_remove);
		ask(a);
	}
	a->pick = TRUE;
	if (!a->asked)
		pick(a);
}

/* ---- the dialog ---- */

static void on_response(struct adding *a, gint response)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(a->chosen));

	for (GList *l = rows; l && response == OPEN; l = l->next) {
		const struct known *k = known_of(l->data);

		LiveEndpoint *e = servers_add_endpoint(k->server, k->id, k->host, k->address);

		g_object_set_data(G_OBJECT(e), "window", gtk_window_get_transient_for(GTK_WINDOW(a->dialog)));
		live_endpoint_open(e);
	}
	gtk_widget_destroy(a->dialog);
}

static void on_destroy(struct adding *a)
{
	g_clear_handle_id(&a->timer, g_source_remove);
	forget_questions(a);
	g_free(a);
}

static GtkWidget *add_list(GtkWidget *box, const char *name, int height)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *list = gtk_list_box_new();

	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), height);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
	atk_object_set_name(gtk_widget_get_accessible(list), name);
	gtk_container_add(GTK_CONTAINER(scrolled), list);
	gtk_box_pack_start(GTK_BOX(box), scrolled, TRUE, TRUE, 0);
	return list;
}

static GtkWidget *make_chosen(struct adding *a)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *label = gtk_label_new(_("To be opened"));

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "heading");
	a->clear = gtk_button_new_with_mnemonic(_("C_lear all"));
	gtk_box_pack_start(GTK_BOX(line), label, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(line), a->clear, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), line, FALSE, FALSE, 0);
	a->chosen = add_list(box, _("To be opened"), 110);
	g_signal_connect_swapped(a->clear, "clicked", G_CALLBACK(on_clear), a);
	return box;
}

static void fill(struct adding *a, GtkWidget *box)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(_("Computer _name or IP address"));

	a->entry = gtk_search_entry_new();
	a->say = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_xalign(GTK_LABEL(a->say), 0);
	gtk_label_set_line_wrap(GTK_LABEL(a->say), TRUE);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), a->entry);
	atk_object_set_name(gtk_widget_get_accessible(a->entry), gtk_label_get_text(GTK_LABEL(label)));
	gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), a->entry, FALSE, FALSE, 0);
	a->matches = add_list(box, _("Known endpoints"), 170);
	gtk_box_pack_start(GTK_BOX(box), a->say, FALSE, FALSE, 0);
	a->chosen_place = make_chosen(a);
	gtk_box_pack_start(GTK_BOX(box), a->chosen_place, FALSE, FALSE, 0);
	g_signal_connect_swapped(a->entry, "changed", G_CALLBACK(on_typed), a);
	g_signal_connect_swapped(a->entry, "activate", G_CALLBACK(on_enter), a);
	g_signal_connect_swapped(a->matches, "row-activated", G_CALLBACK(on_match), a);
}

void live_dialog_show(GtkWindow *parent)
{
	struct adding *a = g_new0(struct adding, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *open;

	a->dialog = gtk_dialog_new_with_buttons(_("Add live endpoints"), parent,
	                                        GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR,
	                                        NULL, NULL);
	gtk_dialog_add_button(GTK_DIALOG(a->dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	open = gtk_dialog_add_button(GTK_DIALOG(a->dialog), _("_Open"), OPEN);
	gtk_style_context_add_class(gtk_widget_get_style_context(open), "suggested-action");
	fill(a, box);
	g_object_set(box, "margin", 18, NULL);
	gtk_container_add(GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(a->dialog))), box);
	gtk_widget_show_all(box);
	gtk_window_set_default_size(GTK_WINDOW(a->dialog), 520, 460);
	show_chosen(a);
	g_signal_connect_swapped(a->dialog, "response", G_CALLBACK(on_response), a);
	g_signal_connect_swapped(a->dialog, "destroy", G_CALLBACK(on_destroy), a);
	gtk_widget_grab_focus(a->entry);
	ask(a);
	gtk_window_present(GTK_WINDOW(a->dialog));
}
