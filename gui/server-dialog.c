#include "gui/server-dialog.h"

#include "gui/i18n.h"
#include "gui/servers.h"

enum { CONNECT = 1, TRUST = 2, SPACING = 8, WIDTH = 460 };

/* Goes with the dialog. */
struct asking {
	GtkWidget *dialog, *stack, *server, *user, *password, *state, *spinner, *form, *about, *key;
	ServerLink *link; /* NULL: nothing is attempted */
	gulong changed;
};

/* ---- what is seen ---- */

static void let_go(struct asking *a)
{
	if (a->link)
		g_clear_signal_handler(&a->changed, a->link);
	g_clear_object(&a->link);
}

static void say(struct asking *a, const char *text, gboolean busy)
{
	gtk_label_set_text(GTK_LABEL(a->state), text ? text : "");
	gtk_widget_set_visible(a->state, text != NULL);
	gtk_widget_set_visible(a->spinner, busy);
	g_object_set(a->spinner, "active", busy, NULL);
	gtk_widget_set_sensitive(a->form, !busy);
}

static gboolean is_filled(struct asking *a)
{
	return gtk_entry_get_text_length(GTK_ENTRY(a->server)) && gtk_entry_get_text_length(GTK_ENTRY(a->user)) &&
	       gtk_entry_get_text_length(GTK_ENTRY(a->password));
}

static void show_page(struct asking *a, const char *page)
{
	gboolean form = g_str_equal(page, "form"), ask = g_str_equal(page, "ask");

	gtk_stack_set_visible_child_name(GTK_STACK(a->stack), form ? "form" : "key");
	gtk_widget_set_visible(gtk_dialog_get_widget_for_response(GTK_DIALOG(a->dialog), CONNECT), form);
	gtk_widget_set_visible(gtk_dialog_get_widget_for_response(GTK_DIALOG(a->dialog), TRUST), ask);
	gtk_dialog_set_response_sensitive(GTK_DIALOG(a->dialog), CONNECT, is_filled(a));
	if (form)
		gtk_dialog_set_default_response(GTK_DIALOG(a->dialog), CONNECT);
	if (!form) /* never by a key that was meant for something else */
		gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(GTK_DIALOG(a->dialog), GTK_RESPONSE_CANCEL));
}

static void ask_about_key(struct asking *a)
{
	g_autofree char *words = server_link_key_words(server_link_get_shown_key(a->link));
	g_autofree char *text = g_strdup_printf(
		_("%s shows its key for the first time. Compare the fingerprint (SHA-256) with the one that “spoor-server "
		  "setup” printed. If it is another, somebody stands between you and the server: cancel."),
		server_link_get_name(a->link));

	gtk_label_set_text(GTK_LABEL(a->about), text);
	gtk_label_set_text(GTK_LABEL(a->key), words);
	show_page(a, "ask");
}

static void refuse_key(struct asking *a)
{
	g_autofree char *known = server_link_key_words(server_link_get_key(a->link));
	g_autofree char *shown = server_link_key_words(server_link_get_shown_key(a->link));
	g_autofree char *both = g_strdup_printf(_("Known:\n%s\n\nShown now:\n%s"), known, shown);
	g_autofree char *text = g_strdup_printf(
		_("%s is not the server that it was: its key has changed. Nothing was sent to it. Either the server was set up "
		  "anew, or somebody stands between you and it.\n\nAsk who runs the server. If the new key is right, forget the "
		  "server on the page “Live endpoints”, and connect as for the first time."),
		server_link_get_name(a->link));

	gtk_label_set_text(GTK_LABEL(a->about), text);
	gtk_label_set_text(GTK_LABEL(a->key), both);
	show_page(a, "stranger");
}

static void on_changed(struct asking *a)
{
	const char *reason = server_link_get_reason(a->link);

	switch (server_link_get_state(a->link)) {
	case SERVER_CONNECTING: say(a, _("Connecting…"), TRUE); break;
	case SERVER_ASKING: ask_about_key(a); break;
	case SERVER_STRANGER: refuse_key(a); break;
	case SERVER_ONLINE:
		servers_remember(a->link);
		gtk_widget_destroy(a->dialog);
		break;
	case SERVER_OFF:
		if (!reason)
			break;
		say(a, reason, FALSE);
		show_page(a, "form");
		let_go(a);
		gtk_widget_grab_focus(a->password);
		break;
	}
}

/* ---- the user's hand ---- */

static void on_typed(struct asking *a)
{
	gtk_dialog_set_response_sensitive(GTK_DIALOG(a->dialog), CONNECT, is_filled(a));
}

static void attempt(struct asking *a)
{
	g_autofree char *host = NULL;
	guint port;

	if (!servers_parse(gtk_entry_get_text(GTK_ENTRY(a->server)), &host, &port)) {
		say(a, _("The server is written NAME, or NAME:PORT"), FALSE);
		gtk_widget_grab_focus(a->server);
		return;
	}
	let_go(a);
	a->link = g_object_ref(servers_get(host, port, gtk_entry_get_text(GTK_ENTRY(a->user)), NULL));
	a->changed = g_signal_connect_swapped(a->link, "changed", G_CALLBACK(on_changed), a);
	server_link_login(a->link, gtk_entry_get_text(GTK_ENTRY(a->user)), gtk_entry_get_text(GTK_ENTRY(a->password)));
}

/* One that was never met leaves nothing. */
static void give_up(struct asking *a)
{
	g_autoptr(ServerLink) link = a->link ? g_object_ref(a->link) : NULL;

	let_go(a);
	if (!link)
		return;
	server_link_disconnect(link);
	if (!*server_link_get_key(link))
		servers_forget(link);
}

static void on_response(struct asking *a, gint response)
{
	switch (response) {
	case CONNECT: attempt(a); break;
	case TRUST: server_link_trust(a->link); break;
	default:
		give_up(a);
		gtk_widget_destroy(a->dialog);
		break;
	}
}

static void on_destroy(struct asking *a)
{
	let_go(a);
	g_free(a);
}

/* ---- building ---- */

static GtkWidget *add_entry(GtkWidget *grid, int row, const char *title, const char *hint)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(title), *entry = gtk_entry_new();

	gtk_label_set_xalign(GTK_LABEL(label), 1);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), entry);
	gtk_entry_set_placeholder_text(GTK_ENTRY(entry), hint);
	gtk_entry_set_width_chars(GTK_ENTRY(entry), 32);
	gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
	gtk_widget_set_hexpand(entry, TRUE);
	atk_object_set_name(gtk_widget_get_accessible(entry), gtk_label_get_text(GTK_LABEL(label)));
	gtk_grid_attach(GTK_GRID(grid), label, 0, row, 1, 1);
	gtk_grid_attach(GTK_GRID(grid), entry, 1, row, 1, 1);
	return entry;
}

/* Those that are known. */
static void add_known(GtkWidget *entry)
{
	g_autoptr(GtkListStore) store = gtk_list_store_new(1, G_TYPE_STRING);
	g_autoptr(GtkEntryCompletion) completion = gtk_entry_completion_new();
	guint n = g_list_model_get_n_items(servers_list());

	for (guint i = 0; i < n; i++) {
		g_autoptr(ServerLink) s = g_list_model_get_item(servers_list(), i);

		gtk_list_store_insert_with_values(store, NULL, -1, 0, server_link_get_name(s), -1);
	}
	gtk_entry_completion_set_model(completion, GTK_TREE_MODEL(store));
	gtk_entry_completion_set_text_column(completion, 0);
	gtk_entry_set_completion(GTK_ENTRY(entry), completion);
}

static GtkWidget *make_form(struct asking *a)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, SPACING), *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);

	a->form = gtk_grid_new();
	gtk_grid_set_row_spacing(GTK_GRID(a->form), SPACING);
	gtk_grid_set_column_spacing(GTK_GRID(a->form), 12);
	a->server = add_entry(a->form, 0, _("_Server"), _("Name or address, :port where it is not 17443"));
	a->user = add_entry(a->form, 1, _("_User"), NULL);
	a->password = add_entry(a->form, 2, _("_Password"), NULL);
	gtk_entry_set_visibility(GTK_ENTRY(a->password), FALSE);
	gtk_entry_set_input_purpose(GTK_ENTRY(a->password), GTK_INPUT_PURPOSE_PASSWORD);
	add_known(a->server);
	a->spinner = gtk_spinner_new();
	a->state = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(a->state), 0);
	gtk_label_set_line_wrap(GTK_LABEL(a->state), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(a->state), 44);
	gtk_box_pack_start(GTK_BOX(line), a->spinner, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(line), a->state, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), a->form, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), line, FALSE, FALSE, 0);
	g_signal_connect_swapped(a->server, "changed", G_CALLBACK(on_typed), a);
	g_signal_connect_swapped(a->user, "changed", G_CALLBACK(on_typed), a);
	g_signal_connect_swapped(a->password, "changed", G_CALLBACK(on_typed), a);
	return box;
}

static GtkWidget *make_key(struct asking *a)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 16);

	a->about = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(a->about), 0);
	gtk_label_set_line_wrap(GTK_LABEL(a->about), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(a->about), 52);
	a->key = gtk_label_new(NULL);
	gtk_label_set_selectable(GTK_LABEL(a->key), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(a->key), "detail-value");
	gtk_label_set_xalign(GTK_LABEL(a->key), 0);
	atk_object_set_description(gtk_widget_get_accessible(a->key), _("Fingerprint"));
	gtk_box_pack_start(GTK_BOX(box), a->about, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), a->key, FALSE, FALSE, 0);
	return box;
}

static void add_buttons(struct asking *a)
{
	GtkWidget *connect;

	gtk_dialog_add_button(GTK_DIALOG(a->dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	gtk_dialog_add_button(GTK_DIALOG(a->dialog), _("_Trust this key"), TRUST);
	connect = gtk_dialog_add_button(GTK_DIALOG(a->dialog), _("C_onnect"), CONNECT);
	gtk_style_context_add_class(gtk_widget_get_style_context(connect), "suggested-action");
}

static void fill(struct asking *a, ServerLink *server)
{
	g_autoptr(ServerLink) first = g_list_model_get_item(servers_list(), 0);
	ServerLink *from = server ? server : first;

	if (from)
		gtk_entry_set_text(GTK_ENTRY(a->server), server_link_get_name(from));
	gtk_entry_set_text(GTK_ENTRY(a->user), from ? server_link_get_user(from) : g_get_user_name());
	gtk_widget_grab_focus(from ? a->password : a->server);
}

void server_dialog_show(GtkWindow *parent, ServerLink *server)
{
	struct asking *a = g_new0(struct asking, 1);

	a->dialog = gtk_dialog_new_with_buttons(_("Connect to a server"), parent,
	                                        GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR,
	                                        NULL, NULL);
	a->stack = gtk_stack_new();
	gtk_stack_set_vhomogeneous(GTK_STACK(a->stack), FALSE);
	gtk_stack_add_named(GTK_STACK(a->stack), make_form(a), "form");
	gtk_stack_add_named(GTK_STACK(a->stack), make_key(a), "key");
	g_object_set(a->stack, "margin", 18, "width-request", WIDTH, NULL);
	gtk_container_add(GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(a->dialog))), a->stack);
	gtk_widget_show_all(a->stack);
	add_buttons(a);
	say(a, NULL, FALSE);
	show_page(a, "form");
	fill(a, server);
	g_signal_connect_swapped(a->dialog, "response", G_CALLBACK(on_response), a);
	g_signal_connect_swapped(a->dialog, "destroy", G_CALLBACK(on_destroy), a);
	gtk_window_present(GTK_WINDOW(a->dialog));
	if (server && server_link_get_state(server) == SERVER_STRANGER) {
		a->link = g_object_ref(server);
		refuse_key(a);
	}
}
