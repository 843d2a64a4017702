#include "gui/live-page.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/captures.h"
#include "gui/captures-box.h"
#include "gui/i18n.h"
#include "gui/server-dialog.h"
#include "gui/servers.h"

enum { WIDEST = 720 };

struct _LivePage {
	GtkStack parent;
	GtkWidget *servers, *endpoints, *capture, *close, *remove, *hint;
};
G_DEFINE_FINAL_TYPE(LivePage, live_page, GTK_TYPE_STACK)

enum { SIGNAL_ENDPOINT, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- servers ---- */

static char *state_words(ServerLink *s)
{
	const char *reason = server_link_get_reason(s);

	switch (server_link_get_state(s)) {
	case SERVER_ONLINE: return g_strdup_printf(_("connected, %s"), server_link_get_role(s));
	case SERVER_CONNECTING: return reason ? g_strdup_printf(_("connecting again: %s"), reason) : g_strdup(_("connecting…"));
	case SERVER_ASKING: return g_strdup(_("shows its key for the first time"));
	case SERVER_STRANGER: return g_strdup(_("refused: its key has changed"));
	case SERVER_OFF: break;
	}
	return reason ? g_strdup_printf(_("not connected: %s"), reason) : g_strdup(_("not connected"));
}

static GtkWindow *window_of(GtkWidget *widget)
{
	return GTK_WINDOW(gtk_widget_get_toplevel(widget));
}

static void on_connect(GtkWidget *button, ServerLink *s)
{
	if (server_link_can_resume(s))
		server_link_resume(s);
	else
		server_dialog_show(window_of(button), s);
}

static void on_disconnect(GtkWidget *button, ServerLink *s)
{
	server_link_disconnect(s);
}

static void on_sign_out(GtkWidget *button, ServerLink *s)
{
	server_link_sign_out(s);
}

static void on_forget(GtkWidget *button, ServerLink *s)
{
	servers_forget(s);
}

static void add_button(GtkWidget *row, const char *key, const char *label, GCallback callback, ServerLink *s)
{
	GtkWidget *button = gtk_button_new_with_label(label);

	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	gtk_widget_set_no_show_all(button, TRUE);
	gtk_container_add(GTK_CONTAINER(row), button);
	g_signal_connect_object(button, "clicked", callback, s, 0);
	g_object_set_data(G_OBJECT(row), key, button);
}

static void show_button(GtkWidget *row, const char *key, gboolean show)
{
	gtk_widget_set_visible(g_object_get_data(G_OBJECT(row), key), show);
}

static void show_server(GtkWidget *row, ServerLink *s)
{
	gboolean on = server_link_get_state(s) == SERVER_ONLINE, trying = server_link_get_state(s) == SERVER_CONNECTING;
	g_autofree char *words = state_words(s);
	g_autofree char *title = g_strdup_printf("%s@%s", server_link_get_user(s), server_link_get_name(s));

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), title);
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), words);
	show_button(row, "connect", !on && !trying);
	show_button(row, "disconnect", on || trying);
	show_button(row, "sign-out", on);
	show_button(row, "forget", !on && !trying);
	atk_object_set_name(gtk_widget_get_accessible(row), title);
	atk_object_set_description(gtk_widget_get_accessible(row), words);
}

static GtkWidget *make_server(gpointer item, gpointer unused)
{
	GtkWidget *row = hdy_action_row_new();

	gtk_list_box_row_set_selectable(GTK_LIST_BOX_ROW(row), FALSE);
	add_button(row, "connect", _("Connect"), G_CALLBACK(on_connect), item);
	add_button(row, "disconnect", _("Disconnect"), G_CALLBACK(on_disconnect), item);
	add_button(row, "sign-out", _("Sign out"), G_CALLBACK(on_sign_out), item);
	add_button(row, "forget", _("Forget"), G_CALLBACK(on_forget), item);
	gtk_widget_show_all(row);
	g_signal_connect_object(item, "changed", G_CALLBACK(show_server), row, G_CONNECT_SWAPPED);
	show_server(row, item);
	return row;
}

/* ---- endpoints ---- */

static LiveEndpoint *endpoint_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "endpoint");
}

static void on_selected(LivePage *self)
{
	g_autoptr(GList) rows = gtk_list_box_get_selected_rows(GTK_LIST_BOX(self->endpoints));
	gboolean any = FALSE;

	for (GList *l = rows; l; l = l->next)
		any |= live_endpoint_get_state(endpoint_of(l->data)) == LIVE_CONNECTED ||
		       live_endpoint_get_state(endpoint_of(l->data)) == LIVE_ATTEMPTED;
	gtk_widget_set_sensitive(self->close, any);
	gtk_widget_set_sensitive(self->remove, rows != NULL);
	gtk_widget_set_sensitive(self->capture, rows != NULL);
}

static void show_endpoint(GtkWidget *row, LiveEndpoint *e)
{
	g_autofree char *words = live_endpoint_get_words(e);
	g_autofree char *text = g_strdup_printf("%s · %s · %s", words, live_endpoint_get_address(e),
	                                        server_link_get_name(live_endpoint_get_server(e)));
	GtkWidget *page = gtk_widget_get_ancestor(row, LIVE_PAGE_TYPE);

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), live_endpoint_get_host(e));
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), text);
	atk_object_set_name(gtk_widget_get_accessible(row), live_endpoint_get_host(e));
	atk_object_set_description(gtk_widget_get_accessible(row), text);
	if (page)
		on_selected(LIVE_PAGE(page));
}

static GtkWidget *make_endpoint(gpointer item, gpointer unused)
{
	GtkWidget *row = hdy_action_row_new();

	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
	gtk_list_box_row_set_selectable(GTK_LIST_BOX_ROW(row), TRUE);
	g_object_set_data_full(G_OBJECT(row), "endpoint", g_object_ref(item), g_object_unref);
	gtk_widget_show_all(row);
	g_signal_connect_object(item, "changed", G_CALLBACK(show_endpoint), row, G_CONNECT_SWAPPED);
	show_endpoint(row, item);
	return row;
}

static void on_activated(LivePage *self, GtkListBoxRow *row)
{
	g_signal_emit(self, signals[SIGNAL_ENDPOINT], 0, endpoint_of(row));
}

/* What is done may take rows away. */
static void for_selected(LivePage *self, void (*what)(LivePage *self, LiveEndpoint *e))
{
	g_autoptr(GList) rows = gtk_list_box_get_selected_rows(GTK_LIST_BOX(self->endpoints));
	g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(g_object_unref);

	for (GList *l = rows; l; l = l->next)
		g_ptr_array_add(chosen, g_object_ref(endpoint_of(l->data)));
	for (guint i = 0; i < chosen->len; i++)
		what(self, chosen->pdata[i]);
	on_selected(self);
}

static void close_one(LivePage *self, LiveEndpoint *e)
{
	live_endpoint_close(e);
}

static void on_close(LivePage *self)
{
	for_selected(self, close_one);
}

static void remove_one(LivePage *self, LiveEndpoint *e)
{
	servers_remove_endpoint(e);
}

static void on_remove(LivePage *self)
{
	for_selected(self, remove_one);
}

static void capture_one(LivePage *self, LiveEndpoint *e)
{
	captures_start(captures_get(), e);
}

static void on_capture(LivePage *self)
{
	for_selected(self, capture_one);
}

/* ---- the page ---- */

static void update(LivePage *self)
{
	gboolean any = g_list_model_get_n_items(servers_list()) != 0;

	gtk_widget_set_visible(self->hint, g_list_model_get_n_items(servers_endpoints()) == 0);
	gtk_widget_set_visible(self->endpoints, g_list_model_get_n_items(servers_endpoints()) != 0);
	gtk_stack_set_visible_child_name(GTK_STACK(self), any ? "list" : "empty");
	on_selected(self);
}

static void live_page_class_init(LivePageClass *class)
{
	signals[SIGNAL_ENDPOINT] = g_signal_new("endpoint-chosen", LIVE_PAGE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                        G_TYPE_NONE, 1, LIVE_ENDPOINT_TYPE);
}

static GtkWidget *add_heading(GtkWidget *box, const char *text)
{
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "heading");
	gtk_box_pack_start(GTK_BOX(line), label, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), line, FALSE, FALSE, 0);
	return line;
}

static GtkWidget *add_tool(GtkWidget *line, const char *label, const char *action)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(label);

	if (action)
		gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
	gtk_box_pack_start(GTK_BOX(line), button, FALSE, FALSE, 0);
	return button;
}

static GtkWidget *add_list(GtkWidget *box, const char *name, GtkSelectionMode mode)
{
	GtkWidget *list = gtk_list_box_new();

	gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), mode);
	gtk_style_context_add_class(gtk_widget_get_style_context(list), "content");
	gtk_widget_set_valign(list, GTK_ALIGN_START);
	atk_object_set_name(gtk_widget_get_accessible(list), name);
	gtk_box_pack_start(GTK_BOX(box), list, FALSE, FALSE, 0);
	return list;
}

static void fill(LivePage *self, GtkWidget *box)
{
	GtkWidget *line = add_heading(box, _("Endpoints"));

	self->capture = add_tool(line, _("Ca_pture"), NULL);
	self->close = add_tool(line, _("_Close connection"), NULL);
	self->remove = add_tool(line, _("_Remove from the list"), NULL);
	add_tool(line, _("_Add live endpoint…"), "win.add-endpoint");
	self->hint = gtk_label_new(_("Add an endpoint by its computer name or address to read it while it runs."));
	gtk_label_set_xalign(GTK_LABEL(self->hint), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->hint), "dim-label");
	gtk_box_pack_start(GTK_BOX(box), self->hint, FALSE, FALSE, 0);
	self->endpoints = add_list(box, _("Live endpoints"), GTK_SELECTION_MULTIPLE);
	gtk_list_box_set_activate_on_single_click(GTK_LIST_BOX(self->endpoints), FALSE);
	gtk_box_pack_start(GTK_BOX(box), captures_box_new(), FALSE, FALSE, 0);
	line = add_heading(box, _("Servers"));
	gtk_widget_set_margin_top(line, 18);
	add_tool(line, _("C_onnect to a server…"), "win.connect-server");
	self->servers = add_list(box, _("Servers"), GTK_SELECTION_NONE);
	gtk_list_box_bind_model(GTK_LIST_BOX(self->endpoints), servers_endpoints(), make_endpoint, NULL, NULL);
	gtk_list_box_bind_model(GTK_LIST_BOX(self->servers), servers_list(), make_server, NULL, NULL);
}

static void live_page_init(LivePage *self)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *clamp = hdy_clamp_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);

	fill(self, box);
	hdy_clamp_set_maximum_size(HDY_CLAMP(clamp), WIDEST);
	g_object_set(clamp, "margin", 24, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(clamp), box);
	gtk_container_add(GTK_CONTAINER(scrolled), clamp);
	gtk_widget_show_all(scrolled);
	gtk_stack_add_named(GTK_STACK(self), scrolled, "list");
	g_signal_connect_swapped(self->endpoints, "row-activated", G_CALLBACK(on_activated), self);
	g_signal_connect_swapped(self->endpoints, "selected-rows-changed", G_CALLBACK(on_selected), self);
	g_signal_connect_swapped(self->capture, "clicked", G_CALLBACK(on_capture), self);
	g_signal_connect_swapped(self->close, "clicked", G_CALLBACK(on_close), self);
	g_signal_connect_swapped(self->remove, "clicked", G_CALLBACK(on_remove), self);
	g_signal_connect_object(servers_list(), "items-changed", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(servers_endpoints(), "items-changed", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
}

GtkWidget *live_page_new(GtkWidget *empty)
{
	LivePage *self = g_object_new(LIVE_PAGE_TYPE, "visible", TRUE, NULL);

	gtk_stack_add_named(GTK_STACK(self), empty, "empty");
	update(self);
	return GTK_WIDGET(self);
}
