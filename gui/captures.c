#include "gui/captures.h"

#include "agent/wire/wire.h"
#include "gui/event-column.h"
#include "gui/servers.h"

enum { MOST = 10000 }; /* of one server */

struct _Captures {
	GObject parent;
	GPtrArray *all;
	GSList *lists; /* struct listing: that are on their way */
};
G_DEFINE_FINAL_TYPE(Captures, captures, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_TOLD, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- one ---- */

static void capture_clear(struct capture *c)
{
	g_object_unref(c->server);
	g_free(c->id);
	g_free(c->endpoint);
	g_free(c->host);
	g_free(c->name);
	g_free(c->by);
}

struct capture *capture_ref(struct capture *c)
{
	return g_rc_box_acquire(c);
}

void capture_unref(gpointer c)
{
	g_rc_box_release_full(c, (GDestroyNotify)capture_clear);
}

static struct capture *capture_new(ServerLink *server, const struct control_snapshot *s)
{
	struct capture *c = g_rc_box_new0(struct capture);

	*c = (struct capture){ .server = g_object_ref(server), .id = g_strndup(s->capture.p, s->capture.n),
		               .endpoint = g_strndup(s->endpoint.p, s->endpoint.n), .host = event_text(s->host),
		               .name = event_text(s->name), .by = event_text(s->by), .taken = s->taken, .state = s->state,
		               .done = s->done, .bytes = s->bytes };
	return c;
}

/* ---- the list of a server ---- */

struct listing {
	ServerLink *server;
	GPtrArray *rows; /* of the pages before */
	gboolean again;  /* there was news meanwhile */
};

static void listing_free(struct listing *l)
{
	Captures *self = captures_get();

	self->lists = g_slist_remove(self->lists, l);
	g_ptr_array_unref(l->rows);
	g_object_unref(l->server);
	g_free(l);
}

static void forget(Captures *self, ServerLink *server)
{
	for (guint i = self->all->len; i-- > 0;)
		if (((struct capture *)self->all->pdata[i])->server == server)
			g_ptr_array_remove_index(self->all, i);
}

static void refresh(Captures *self, ServerLink *server);
static void ask(struct listing *l);

static void finish(Captures *self, struct listing *l, gboolean ok)
{
	g_autoptr(ServerLink) server = g_object_ref(l->server);
	gboolean again = l->again, online = server_link_get_state(server) == SERVER_ONLINE;

	if (ok && online) {
		forget(self, server);
		for (guint i = 0; i < l->rows->len; i++)
			g_ptr_array_add(self->all, capture_ref(l->rows->pdata[i]));
	}
	listing_free(l);
	if (ok && online)
		g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	if (again && online)
		refresh(self, server);
}

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct listing *l = data;
	Captures *self = captures_get();
	gboolean ok = c && c->type == CONTROL_CAPTURES;
	const struct control_snapshot *rows = ok ? c->rows.rows.rows : NULL;

	for (size_t i = 0; ok && i < c->rows.rows.n; i++)
		g_ptr_array_add(l->rows, capture_new(l->server, &rows[i]));
	if (error)
		g_signal_emit(self, signals[SIGNAL_TOLD], 0, error);
	if (ok && c->rows.more && c->rows.rows.n && l->rows->len < MOST)
		ask(l);
	else
		finish(self, l, ok);
}

static void ask(struct listing *l)
{
	struct control c = { .type = CONTROL_CAPTURE_LIST };

	c.list.n = WIRE_MAX_ROWS;
	if (l->rows->len)
		c.list.after = span_of(((struct capture *)l->rows->pdata[l->rows->len - 1])->id);
	server_link_call(l->server, &c, on_list, l);
}

/* One at a time of a server: news may come often. */
static void refresh(Captures *self, ServerLink *server)
{
	struct listing *l;

	for (GSList *i = self->lists; i; i = i->next) {
		l = i->data;
		if (l->server == server) {
			l->again = TRUE;
			return;
		}
	}
	l = g_new0(struct listing, 1);
	*l = (struct listing){ .server = g_object_ref(server), .rows = g_ptr_array_new_with_free_func(capture_unref) };
	self->lists = g_slist_prepend(self->lists, l);
	ask(l);
}

/* ---- the servers ---- */

static void on_news(ServerLink *server, Captures *self)
{
	refresh(self, server);
}

static void on_server(ServerLink *server, Captures *self)
{
	gboolean was = g_object_get_data(G_OBJECT(server), "captures-online") != NULL;
	gboolean is = server_link_get_state(server) == SERVER_ONLINE;

	g_object_set_data(G_OBJECT(server), "captures-online", GINT_TO_POINTER(is));
	if (is && !was)
		refresh(self, server);
	if (!is && was) {
		forget(self, server);
		g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	}
}

static void on_servers(GListModel *servers, guint at, guint removed, guint added, Captures *self)
{
	for (guint i = 0; i < added; i++) {
		g_autoptr(ServerLink) server = g_list_model_get_item(servers, at + i);

		g_signal_connect_object(server, "changed", G_CALLBACK(on_server), self, 0);
		g_signal_connect_object(server, "capture", G_CALLBACK(on_news), self, 0);
		on_server(server, self);
	}
}

/* ---- what is to be done ---- */

/* There is no news of what one does oneself to a whole one. */
static void on_done(const struct control *c, const char *error, gpointer data)
{
	g_autoptr(ServerLink) server = data;

	g_signal_emit(captures_get(), signals[SIGNAL_TOLD], 0, error);
	if (server_link_get_state(server) == SERVER_ONLINE)
		refresh(captures_get(), server);
}

void captures_start(Captures *self, LiveEndpoint *e)
{
	struct control c = { .type = CONTROL_CAPTURE_START };

	c.endpoint.endpoint = span_of(live_endpoint_get_id(e));
	server_link_call(live_endpoint_get_server(e), &c, on_done, g_object_ref(live_endpoint_get_server(e)));
}

void captures_call(Captures *self, const struct capture *which, enum control_type what)
{
	struct control c = { .type = what };

	c.fetch.capture = span_of(which->id);
	server_link_call(which->server, &c, on_done, g_object_ref(which->server));
}

/* ---- the object ---- */

const GPtrArray *captures_all(Captures *self)
{
	return self->all;
}

static void captures_class_init(CapturesClass *class)
{
	signals[SIGNAL_CHANGED] = g_signal_new("changed", CAPTURES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_TOLD] = g_signal_new("told", CAPTURES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                    G_TYPE_STRING);
}

static void captures_init(Captures *self)
{
	self->all = g_ptr_array_new_with_free_func(capture_unref);
}

Captures *captures_get(void)
{
	static Captures *the_one;

	if (the_one)
		return the_one;
	the_one = g_object_new(CAPTURES_TYPE, NULL);
	g_signal_connect_object(servers_list(), "items-changed", G_CALLBACK(on_servers), the_one, 0);
	on_servers(servers_list(), 0, 0, g_list_model_get_n_items(servers_list()), the_one);
	return the_one;
}
