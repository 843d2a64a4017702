#include "gui/live-start.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/servers.h"

enum { ASK_MS = 500, PATIENCE_MS = 60000, MAX_SIZE = 65536 };

struct start {
	GtkWindow *window; /* NULL once it is gone */
	ServerLink *server;
	char *endpoint, *path;
	live_start_tell *tell;
	gulong changed;
	guint timer, call, asked;
};

static void start_free(struct start *s)
{
	if (s->window)
		g_object_remove_weak_pointer(G_OBJECT(s->window), (gpointer *)&s->window);
	if (s->server)
		g_clear_signal_handler(&s->changed, s->server);
	g_clear_handle_id(&s->timer, g_source_remove);
	g_clear_object(&s->server);
	g_free(s->endpoint);
	g_free(s->path);
	g_free(s);
}

static void fail(struct start *s, const char *why)
{
	g_autofree char *text = g_strdup_printf("%s: %s", s->path, why);

	if (s->window)
		s->tell(s->window, text);
	start_free(s);
}

/* ---- the endpoint ---- */

static void open_endpoint(struct start *s, const struct control_endpoint *e)
{
	g_autofree char *id = g_strndup(e->endpoint.p, e->endpoint.n), *host = event_text(e->host);
	g_autofree char *address = event_text(e->address);
	LiveEndpoint *there = servers_add_endpoint(s->server, id, host, address);

	g_object_set_data(G_OBJECT(there), "window", s->window);
	live_endpoint_open(there);
	start_free(s);
}

static gboolean ask(gpointer data);

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct start *s = data;
	const struct control_endpoint *rows = c && c->type == CONTROL_ENDPOINTS ? c->rows.rows.rows : NULL;

	s->call = 0;
	for (size_t i = 0; rows && i < c->rows.rows.n; i++)
		if (rows[i].state == CONTROL_HERE && span_eq(rows[i].host, span_of(s->endpoint))) {
			open_endpoint(s, &rows[i]);
			return;
		}
	if (++s->asked * ASK_MS < PATIENCE_MS)
		s->timer = g_timeout_add(ASK_MS, ask, s);
	else
		fail(s, _("no such endpoint is connected to the server"));
}

static gboolean ask(gpointer data)
{
	struct start *s = data;
	struct control c = { .type = CONTROL_ENDPOINT_LIST };

	s->timer = 0;
	if (!s->window) {
		start_free(s);
		return G_SOURCE_REMOVE;
	}
	c.list.match = span_of(s->endpoint);
	c.list.n = 100;
	s->call = server_link_call(s->server, &c, on_list, s);
	return G_SOURCE_REMOVE;
}

static void on_changed(struct start *s)
{
	const char *reason = server_link_get_reason(s->server);

	switch (server_link_get_state(s->server)) {
	case SERVER_CONNECTING: break;
	case SERVER_ONLINE:
		g_clear_signal_handler(&s->changed, s->server);
		s->timer = g_timeout_add(1, ask, s);
		break;
	case SERVER_OFF:
	case SERVER_ASKING:
	case SERVER_STRANGER: fail(s, reason ? reason : _("not connected to the server")); break;
	}
}

/* ---- the file ---- */

static GKeyFile *load(const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	GStatBuf st;

	if (g_stat(path, &st) == 0 && (st.st_uid != geteuid() || (st.st_mode & 077) || !S_ISREG(st.st_mode))) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
		            _("it has a password: it must be a file of yours that nobody else may read"));
		return NULL;
	}
	return g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error) ? g_steal_pointer(&file) : NULL;
}

void live_start(GtkWindow *window, const char *path, live_start_tell *tell)
{
	struct start *s = g_new0(struct start, 1);
	g_autoptr(GError) error = NULL;
	g_autoptr(GKeyFile) file = load(path, &error);
	g_autofree char *host = file ? g_key_file_get_string(file, "server", "host", &error) : NULL;
	g_autofree char *user = host ? g_key_file_get_string(file, "server", "user", &error) : NULL;
	g_autofree char *password = user ? g_key_file_get_string(file, "server", "password", &error) : NULL;
	g_autofree char *key = password ? g_key_file_get_string(file, "server", "key", &error) : NULL;
	int port = key ? g_key_file_get_integer(file, "server", "port", &error) : 0;

	s->window = window;
	g_object_add_weak_pointer(G_OBJECT(window), (gpointer *)&s->window);
	s->path = g_strdup(path);
	s->tell = tell;
	s->endpoint = error ? NULL : g_key_file_get_string(file, "server", "endpoint", &error);
	if (error || port < 1 || port > G_MAXUINT16) {
		fail(s, error ? error->message : _("that is no port"));
		return;
	}
	s->server = g_object_ref(servers_get(host, (guint)port, user, key));
	s->changed = g_signal_connect_swapped(s->server, "changed", G_CALLBACK(on_changed), s);
	server_link_login(s->server, user, password);
	explicit_bzero(password, strlen(password));
}
