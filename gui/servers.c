#include "gui/servers.h"

#include <string.h>

enum { MAX_SERVERS = 100, MAX_HOST = 253 };
#define FORM "a(suss)" /* host, port, user, key */

static struct {
	GSettings *settings;
	GListStore *servers, *endpoints, *snapshots;
} all;

static void make(void)
{
	if (all.servers)
		return;
	all.servers = g_list_store_new(SERVER_LINK_TYPE);
	all.endpoints = g_list_store_new(LIVE_ENDPOINT_TYPE);
	all.snapshots = g_list_store_new(LIVE_ENDPOINT_TYPE);
}

/* ---- servers ---- */

GListModel *servers_list(void)
{
	make();
	return G_LIST_MODEL(all.servers);
}

ServerLink *servers_find(const char *host, guint port)
{
	guint n = g_list_model_get_n_items(servers_list());

	for (guint i = 0; i < n; i++) {
		g_autoptr(ServerLink) s = g_list_model_get_item(servers_list(), i);

		if (g_ascii_strcasecmp(server_link_get_host(s), host) == 0 && server_link_get_port(s) == port)
			return s;
	}
	return NULL;
}

static ServerLink *add(const char *host, guint port, const char *user, const char *key)
{
	g_autoptr(ServerLink) s = server_link_new(host, port, user, key);

	g_list_store_append(all.servers, s);
	return s;
}

ServerLink *servers_get(const char *host, guint port, const char *user, const char *key)
{
	ServerLink *s = servers_find(host, port);

	return s ? s : add(host, port, user, key);
}

static void save(void)
{
	guint n = g_list_model_get_n_items(servers_list());
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE(FORM));
	for (guint i = 0; i < n; i++) {
		g_autoptr(ServerLink) s = g_list_model_get_item(servers_list(), i);

		if (*server_link_get_key(s))
			g_variant_builder_add(&b, "(suss)", server_link_get_host(s), server_link_get_port(s),
			                      server_link_get_user(s), server_link_get_key(s));
	}
	if (all.settings)
		g_settings_set_value(all.settings, "servers", g_variant_builder_end(&b));
	else
		g_variant_builder_clear(&b);
}

void servers_remember(ServerLink *server)
{
	save();
}

static gboolean remove_item(GListStore *store, gpointer item)
{
	guint at;

	if (!g_list_store_find(store, item, &at))
		return FALSE;
	g_list_store_remove(store, at);
	return TRUE;
}

static void remove_of(GListModel *list, ServerLink *server)
{
	for (guint i = g_list_model_get_n_items(list); i-- > 0;) {
		g_autoptr(LiveEndpoint) e = g_list_model_get_item(list, i);

		if (live_endpoint_get_server(e) == server)
			servers_remove_endpoint(e);
	}
}

void servers_forget(ServerLink *server)
{
	g_autoptr(ServerLink) kept = g_object_ref(server);

	remove_of(servers_endpoints(), server);
	remove_of(servers_snapshots(), server);
	server_link_sign_out(server);
	remove_item(all.servers, server);
	save();
}

void servers_begin(GSettings *settings)
{
	g_autoptr(GVariant) saved = g_settings_get_value(settings, "servers");
	const char *host, *user, *key;
	GVariantIter iter;
	guint32 port;

	make();
	all.settings = settings;
	g_variant_iter_init(&iter, saved);
	while (g_variant_iter_next(&iter, "(&su&s&s)", &host, &port, &user, &key))
		if (*host && port && port <= G_MAXUINT16 && !servers_find(host, port) &&
		    g_list_model_get_n_items(servers_list()) < MAX_SERVERS)
			add(host, port, user, key);
}

gboolean servers_parse(const char *text, char **ret_host, guint *ret_port)
{
	g_autofree char *all_of_it = g_strstrip(g_strdup(text)), *host = NULL;
	const char *port = NULL, *end = NULL, *colon = strchr(all_of_it, ':');
	guint64 n = SERVER_PORT;

	if (*all_of_it == '[' && (end = strchr(all_of_it, ']'))) {
		host = g_strndup(all_of_it + 1, (gsize)(end - all_of_it - 1));
		port = end[1] == ':' ? end + 2 : end[1] ? "" : NULL;
	} else if (colon && !strchr(colon + 1, ':')) {
		host = g_strndup(all_of_it, (gsize)(colon - all_of_it));
		port = colon + 1;
	} else {
		host = g_strdup(all_of_it);
	}
	if (!*host || strlen(host) > MAX_HOST || strpbrk(host, " \t/@[]\\\"'"))
		return FALSE;
	if (port && !g_ascii_string_to_unsigned(port, 10, 1, G_MAXUINT16, &n, NULL))
		return FALSE;
	*ret_host = g_steal_pointer(&host);
	*ret_port = (guint)n;
	return TRUE;
}

/* ---- endpoints ---- */

GListModel *servers_endpoints(void)
{
	make();
	return G_LIST_MODEL(all.endpoints);
}

GListModel *servers_snapshots(void)
{
	make();
	return G_LIST_MODEL(all.snapshots);
}

static LiveEndpoint *find_in(GListModel *list, const char *path)
{
	guint n = g_list_model_get_n_items(list);

	for (guint i = 0; i < n; i++) {
		g_autoptr(LiveEndpoint) e = g_list_model_get_item(list, i);

		if (strcmp(live_endpoint_get_path(e), path) == 0)
			return e;
	}
	return NULL;
}

LiveEndpoint *servers_find_endpoint(const char *path)
{
	LiveEndpoint *e = find_in(servers_endpoints(), path);

	return e ? e : find_in(servers_snapshots(), path);
}

LiveEndpoint *servers_add_endpoint(ServerLink *server, const char *id, const char *host, const char *address)
{
	g_autofree char *path = live_endpoint_path(server, id);
	LiveEndpoint *there = servers_find_endpoint(path);
	g_autoptr(LiveEndpoint) e = there ? NULL : live_endpoint_new(server, id, host, address);

	if (there)
		return there;
	g_list_store_append(all.endpoints, e);
	return e;
}

LiveEndpoint *servers_add_snapshot(ServerLink *server, const char *id, const char *name)
{
	g_autofree char *path = live_endpoint_snapshot_path(server, id, name);
	LiveEndpoint *there = servers_find_endpoint(path);
	g_autoptr(LiveEndpoint) e = there ? NULL : live_endpoint_new_snapshot(server, id, name);

	if (there)
		return there;
	servers_snapshots();
	g_list_store_append(all.snapshots, e);
	return e;
}

void servers_remove_endpoint(LiveEndpoint *endpoint)
{
	g_autoptr(LiveEndpoint) kept = g_object_ref(endpoint);

	live_endpoint_close(endpoint);
	if (!remove_item(all.endpoints, endpoint))
		remove_item(all.snapshots, endpoint);
}
