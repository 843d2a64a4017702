/* Endpoints that are read live, in a window: the page with the list, their tabs, and a bar as long as one is lost. */
#include "gui/window-private.h"

#include <string.h>

#include "gui/i18n.h"
#include "gui/live-dialog.h"
#include "gui/live-page.h"
#include "gui/server-dialog.h"
#include "gui/servers.h"
#include "gui/sidebar.h"

/* ---- the bar of a lost one ---- */

static void on_response(GtkWidget *bar, gint response, LiveEndpoint *e)
{
	ServerLink *server = live_endpoint_get_server(e);

	if (response != GTK_RESPONSE_ACCEPT) {
		gtk_widget_destroy(bar);
		return;
	}
	if (server_link_get_state(server) != SERVER_ONLINE && !server_link_can_resume(server))
		server_dialog_show(GTK_WINDOW(gtk_widget_get_toplevel(bar)), server);
	else
		server_link_resume(server);
	live_endpoint_open(e);
}

static void show_bar(GtkWidget *bar, LiveEndpoint *e)
{
	GtkWidget *label = g_object_get_data(G_OBJECT(bar), "label");
	g_autofree char *words = live_endpoint_get_words(e);
	g_autofree char *text = g_strdup_printf(_("%s: %s. What is shown stays."), live_endpoint_get_host(e), words);

	if (live_endpoint_get_state(e) == LIVE_CONNECTED)
		gtk_widget_destroy(bar);
	else
		gtk_label_set_text(GTK_LABEL(label), text);
}

static GtkWidget *find_bar(SpoorWindow *self, LiveEndpoint *e)
{
	g_autoptr(GList) bars = gtk_container_get_children(GTK_CONTAINER(self->messages));

	for (GList *l = bars; l; l = l->next)
		if (g_object_get_data(l->data, "endpoint") == e)
			return l->data;
	return NULL;
}

static void add_bar(SpoorWindow *self, LiveEndpoint *e)
{
	GtkWidget *bar = gtk_info_bar_new(), *label = gtk_label_new(NULL);

	gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_WARNING);
	gtk_info_bar_set_show_close_button(GTK_INFO_BAR(bar), TRUE);
	gtk_info_bar_add_button(GTK_INFO_BAR(bar), _("_Connect now"), GTK_RESPONSE_ACCEPT);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), label);
	atk_object_set_role(gtk_widget_get_accessible(bar), ATK_ROLE_ALERT);
	g_object_set_data(G_OBJECT(bar), "label", label);
	g_object_set_data_full(G_OBJECT(bar), "endpoint", g_object_ref(e), g_object_unref);
	g_signal_connect_object(bar, "response", G_CALLBACK(on_response), e, 0);
	g_signal_connect_object(e, "changed", G_CALLBACK(show_bar), bar, G_CONNECT_SWAPPED);
	gtk_box_pack_end(GTK_BOX(self->messages), bar, FALSE, FALSE, 0);
	gtk_widget_show_all(bar);
	show_bar(bar, e);
}

/* The window where it was asked for. */
static gboolean is_asked_for_in(SpoorWindow *self, LiveEndpoint *e)
{
	return g_object_get_data(G_OBJECT(e), "window") == self;
}

static gboolean shows(SpoorWindow *self, Source *source)
{
	for (int i = 0; i < window_pages_count(self); i++)
		if (page_get_source(window_pages_nth(self, i)) == source)
			return TRUE;
	return FALSE;
}

/* An endpoint says so in the list of them. */
static void give_up(SpoorWindow *self, LiveEndpoint *e)
{
	g_autofree char *text = g_strdup_printf(_("%s cannot be opened: %s"), live_endpoint_get_host(e),
	                                        live_endpoint_get_reason(e));

	if (!is_asked_for_in(self, e))
		return;
	window_session_gave_up(self, live_endpoint_get_path(e));
	window_messages_tell(self, text, NULL);
}

static void on_changed(SpoorWindow *self, LiveEndpoint *e)
{
	Source *source = live_endpoint_get_source(e);

	if (live_endpoint_is_snapshot(e) && live_endpoint_get_state(e) == LIVE_FAILED)
		give_up(self, e);
	else if (source && live_endpoint_get_state(e) != LIVE_CONNECTED && !find_bar(self, e) && shows(self, source))
		add_bar(self, e);
}

/* ---- leaving ---- */

/* Not at once: its page may be on its way to another window. */
static gboolean close_where_unseen(gpointer data)
{
	Source *source = data;
	LiveEndpoint *e = servers_find_endpoint(source_get_path(source));
	GList *windows = gtk_application_get_windows(GTK_APPLICATION(g_application_get_default()));

	for (GList *l = windows; l; l = l->next)
		if (SPOOR_IS_WINDOW(l->data) && shows(l->data, source))
			return G_SOURCE_REMOVE;
	if (e && live_endpoint_get_source(e) == source)
		servers_remove_endpoint(e);
	return G_SOURCE_REMOVE;
}

void window_live_left(Source *source)
{
	if (source_is_live(source) && !source_grows(source))
		g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, close_where_unseen, g_object_ref(source), g_object_unref);
}

/* ---- opening ---- */

static void show_source(SpoorWindow *self, LiveEndpoint *e)
{
	Source *source = live_endpoint_get_source(e);
	const char *path = live_endpoint_get_path(e);

	if (!window_session_opened(self, path, source))
		window_pages_show_explorer(self, source);
}

/* In the window that it was asked for in. */
static void on_opened(SpoorWindow *self, Source *source, LiveEndpoint *e)
{
	g_signal_connect_object(source, "grown", G_CALLBACK(window_update), self, G_CONNECT_SWAPPED);
	if (is_asked_for_in(self, e))
		show_source(self, e);
}

static void open_endpoint(SpoorWindow *self, LiveEndpoint *e)
{
	g_object_set_data(G_OBJECT(e), "window", self); /* only to be compared */
	if (live_endpoint_get_state(e) == LIVE_CONNECTED)
		return;
	server_link_resume(live_endpoint_get_server(e));
	live_endpoint_open(e);
}

void window_live_choose(SpoorWindow *self, LiveEndpoint *e)
{
	open_endpoint(self, e);
	if (live_endpoint_get_source(e))
		show_source(self, e);
	else if (!live_endpoint_is_snapshot(e))
		window_show_area(self, "live");
}

static void on_endpoints(SpoorWindow *self, guint at, guint removed, guint added, GListModel *list)
{
	for (guint i = at; i < at + added; i++) {
		g_autoptr(LiveEndpoint) e = g_list_model_get_item(list, i);

		g_signal_connect_object(e, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
		g_signal_connect_object(e, "opened", G_CALLBACK(on_opened), self, G_CONNECT_SWAPPED);
	}
}

/* ---- what the last session had open ---- */

static void connect_again(GtkWidget *window, gpointer paths)
{
	ServerLink *ask = NULL;

	for (char **p = paths; *p; p++) {
		g_autofree char *host = NULL, *id = NULL, *name = NULL;
		ServerLink *server;
		guint port;

		server = live_endpoint_split(*p, &host, &port, &id, &name) ? servers_find(host, port) : NULL;
		if (!server) {
			window_session_gave_up(SPOOR_WINDOW(window), *p);
			continue;
		}
		open_endpoint(SPOOR_WINDOW(window), name ? servers_add_snapshot(server, id, name) :
		                                           servers_add_endpoint(server, id, NULL, ""));
		if (server_link_get_state(server) != SERVER_ONLINE && !server_link_can_resume(server))
			ask = server;
	}
	if (ask)
		server_dialog_show(GTK_WINDOW(window), ask);
	else
		window_show_area(SPOOR_WINDOW(window), "live");
}

static gboolean has_snapshots(char **paths)
{
	for (; *paths; paths++) {
		g_autofree char *host = NULL, *id = NULL, *name = NULL;
		guint port;

		if (live_endpoint_split(*paths, &host, &port, &id, &name) && name)
			return TRUE;
	}
	return FALSE;
}

void window_live_offer(SpoorWindow *self, char **paths)
{
	guint n = g_strv_length(paths);
	g_autofree char *text = has_snapshots(paths) ?
		g_strdup_printf(ngettext("%u recording was read through a server when Spoor ended.",
		                         "%u recordings were read through a server when Spoor ended.", n), n) :
		g_strdup_printf(ngettext("%u endpoint was read live when Spoor ended.",
		                         "%u endpoints were read live when Spoor ended.", n), n);

	window_messages_ask(self, text, _("_Connect again"), connect_again, g_strdupv(paths), (GDestroyNotify)g_strfreev);
}

/* ---- actions ---- */

static void action_connect(GSimpleAction *a, GVariant *unused, gpointer window)
{
	server_dialog_show(window, NULL);
}

static gboolean is_any_online(void)
{
	for (guint i = 0; i < g_list_model_get_n_items(servers_list()); i++) {
		g_autoptr(ServerLink) s = g_list_model_get_item(servers_list(), i);

		if (server_link_get_state(s) == SERVER_ONLINE)
			return TRUE;
	}
	return FALSE;
}

static void action_add(GSimpleAction *a, GVariant *unused, gpointer window)
{
	if (is_any_online())
		live_dialog_show(window);
	else
		server_dialog_show(window, NULL);
}

static const GActionEntry actions[] = {
	{ "connect-server", action_connect, NULL, NULL, NULL, { 0 } },
	{ "add-endpoint", action_add, NULL, NULL, NULL, { 0 } },
};

static void on_servers(SpoorWindow *self)
{
	GAction *add = g_action_map_lookup_action(G_ACTION_MAP(self), "add-endpoint");

	g_simple_action_set_enabled(G_SIMPLE_ACTION(add), g_list_model_get_n_items(servers_list()) > 0);
}

GtkWidget *window_live_init(SpoorWindow *self, GtkWidget *empty)
{
	GtkWidget *page = live_page_new(empty);

	g_action_map_add_action_entries(G_ACTION_MAP(self), actions, G_N_ELEMENTS(actions), self);
	g_signal_connect_swapped(page, "endpoint-chosen", G_CALLBACK(window_live_choose), self);
	g_signal_connect_swapped(self->sidebar, "endpoint-chosen", G_CALLBACK(window_live_choose), self);
	g_signal_connect_object(servers_endpoints(), "items-changed", G_CALLBACK(on_endpoints), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(servers_snapshots(), "items-changed", G_CALLBACK(on_endpoints), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(servers_list(), "items-changed", G_CALLBACK(on_servers), self, G_CONNECT_SWAPPED);
	on_endpoints(self, 0, 0, g_list_model_get_n_items(servers_endpoints()), servers_endpoints());
	on_endpoints(self, 0, 0, g_list_model_get_n_items(servers_snapshots()), servers_snapshots());
	on_servers(self);
	return page;
}
