#include "gui/live-endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/session/remote.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/live-session.h"

#define SCHEME "live://"
#define SNAPSHOT "snapshot://"
enum { FIRST_WAIT_MS = 1000, LAST_WAIT_MS = 30000, LOOK_US = 50000, ID_LENGTH = 2 * TLS_KEY, SNAPSHOT_ID = 64,
       SHORT = 12 };

/* What a thread of the source waits for: shared by it and the main thread. */
struct asking {
	gatomicrefcount refs;
	GMutex mutex;
	GCond changed;
	char *path;
	gboolean main, done, abandoned;
	int fd;      /* once it is done; -1: error tells */
	char *error;
};

/* A session: the source has one for what a person waits for, and more for what takes long. */
struct part {
	LiveEndpoint *endpoint;
	struct asking *asking; /* NULL once it is answered */
	struct live_session *session;
	gboolean main;
};

struct _LiveEndpoint {
	GObject parent;
	ServerLink *server;
	char *id, *host, *address, *path, *reason;
	enum live_state state;
	Source *source;
	GSList *parts;
	gboolean opening, was_open, named, snapshot;
	guint failures, timer;
};
G_DEFINE_FINAL_TYPE(LiveEndpoint, live_endpoint, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_OPENED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* path → endpoint: what a thread asks by. Main thread only. */
static GHashTable *known;

static void set_state(LiveEndpoint *self, enum live_state state, const char *reason)
{
	char *copy = g_strdup(reason);

	self->state = state;
	g_free(self->reason);
	self->reason = copy;
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

/* ---- paths ---- */

char *live_endpoint_path(ServerLink *server, const char *id)
{
	return g_strdup_printf(SCHEME "%s:%u/%s", server_link_get_host(server), server_link_get_port(server), id);
}

char *live_endpoint_snapshot_path(ServerLink *server, const char *id, const char *name)
{
	g_autofree char *escaped = g_uri_escape_string(name, NULL, TRUE);

	return g_strdup_printf(SNAPSHOT "%s:%u/%s/%s", server_link_get_host(server), server_link_get_port(server), id, escaped);
}

gboolean live_endpoint_is_path(const char *path)
{
	return g_str_has_prefix(path, SCHEME) || g_str_has_prefix(path, SNAPSHOT);
}

static char *endpoint_id(const char *text)
{
	return strlen(text) == ID_LENGTH && strspn(text, "0123456789abcdef") == ID_LENGTH ? g_strdup(text) : NULL;
}

static char *snapshot_id(const char *text, char **ret_name)
{
	gsize n = strcspn(text, "/");
	char *name;

	if (n < 1 || n > SNAPSHOT_ID || text[n] != '/' || strspn(text, "0123456789") != n)
		return NULL;
	name = g_uri_unescape_string(text + n + 1, NULL);
	if (!name || !g_utf8_validate(name, -1, NULL)) {
		g_free(name);
		return NULL;
	}
	*ret_name = name;
	return g_strndup(text, n);
}

gboolean live_endpoint_split(const char *path, char **ret_host, guint *ret_port, char **ret_id, char **ret_name)
{
	gboolean snapshot = g_str_has_prefix(path, SNAPSHOT);
	const char *host = path + strlen(snapshot ? SNAPSHOT : SCHEME), *slash, *colon;
	char *id, *name = NULL;
	guint64 port;

	if (!live_endpoint_is_path(path))
		return FALSE;
	slash = strchr(host, '/');
	colon = slash ? g_strrstr_len(host, slash - host, ":") : NULL;
	if (!colon || colon == host)
		return FALSE;
	port = g_ascii_strtoull(colon + 1, NULL, 10);
	if (port < 1 || port > G_MAXUINT16)
		return FALSE;
	id = snapshot ? snapshot_id(slash + 1, &name) : endpoint_id(slash + 1);
	if (!id)
		return FALSE;
	*ret_host = g_strndup(host, (gsize)(colon - host));
	*ret_port = (guint)port;
	*ret_id = id;
	*ret_name = name;
	return TRUE;
}

/* ---- what threads ask for ---- */

static void asking_unref(struct asking *a)
{
	if (!g_atomic_ref_count_dec(&a->refs))
		return;
	if (a->fd >= 0)
		close(a->fd);
	g_mutex_clear(&a->mutex);
	g_cond_clear(&a->changed);
	g_free(a->path);
	g_free(a->error);
	g_free(a);
}

/* On the main thread: takes fd. FALSE: nobody waits for it any more. */
static gboolean answer(struct asking *a, int fd, const char *error)
{
	gboolean wanted;

	g_mutex_lock(&a->mutex);
	wanted = !a->abandoned;
	a->done = TRUE;
	a->fd = fd;
	a->error = g_strdup(error);
	g_cond_signal(&a->changed);
	g_mutex_unlock(&a->mutex);
	asking_unref(a);
	return wanted;
}

static void part_free(struct part *p)
{
	p->endpoint->parts = g_slist_remove(p->endpoint->parts, p);
	g_object_unref(p->endpoint);
	g_free(p);
}

static void on_opened(struct live_session *s, int fd, const char *error, gpointer data)
{
	struct part *p = data;
	struct asking *a = g_steal_pointer(&p->asking);

	if (!answer(a, fd, error) || fd < 0) {
		if (fd >= 0)
			live_session_free(s);
		part_free(p);
	}
}

static void on_ended(struct live_session *s, gboolean by_server, const char *why, gpointer data);

static const struct live_session_handler session_calls = { on_opened, on_ended };

static gboolean begin_asking(gpointer data)
{
	struct asking *a = data;
	LiveEndpoint *self = known ? g_hash_table_lookup(known, a->path) : NULL;
	struct part *p;

	if (!self || self->state == LIVE_CLOSED || server_link_get_state(self->server) != SERVER_ONLINE) {
		answer(a, -1, self && self->state != LIVE_CLOSED ? _("not connected to the server") :
		                                                 _("the connection was closed"));
		return G_SOURCE_REMOVE;
	}
	p = g_new0(struct part, 1);
	p->endpoint = g_object_ref(self);
	p->asking = a;
	p->main = a->main;
	self->parts = g_slist_prepend(self->parts, p);
	p->session = live_session_new(self->server, self->snapshot ? CONTROL_CAPTURE_OPEN : CONTROL_LIVE_OPEN, self->id,
	                              &session_calls, p);
	return G_SOURCE_REMOVE;
}

static int wait_for(struct asking *a, struct cancel *cancel, char **ret_error)
{
	int r = -ECANCELED;

	g_mutex_lock(&a->mutex);
	while (!a->done && !atomic_load(&cancel->requested))
		g_cond_wait_until(&a->changed, &a->mutex, g_get_monotonic_time() + LOOK_US);
	a->abandoned = TRUE;
	if (a->done && a->fd < 0)
		*ret_error = strdup(a->error);
	if (a->done) {
		r = a->fd >= 0 ? a->fd : -ENOTCONN;
		a->fd = -1;
	}
	g_mutex_unlock(&a->mutex);
	return r;
}

static int open_part(const char *path, gboolean main, struct cancel *cancel, struct reader **ret, char **ret_error)
{
	static struct cancel never;
	struct asking *a = g_new0(struct asking, 1);
	int fd;

	g_atomic_ref_count_init(&a->refs);
	g_atomic_ref_count_inc(&a->refs); /* of the main thread */
	g_mutex_init(&a->mutex);
	g_cond_init(&a->changed);
	a->path = g_strdup(path);
	a->main = main;
	a->fd = -1;
	g_idle_add_full(G_PRIORITY_DEFAULT, begin_asking, a, NULL);
	fd = wait_for(a, cancel ? cancel : &never, ret_error);
	asking_unref(a);
	if (fd < 0)
		return fd;
	*ret = remote_reader_new(fd);
	return *ret ? 0 : -ENOMEM;
}

static int open_main(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	return open_part(path, TRUE, cancel, ret, ret_error);
}

static int open_beside(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                       struct reader **ret, char **ret_error)
{
	return open_part(path, FALSE, cancel, ret, ret_error);
}

/* ---- coming and going ---- */

static void begin(LiveEndpoint *self);

static gboolean on_timer(gpointer data)
{
	LiveEndpoint *self = data;

	self->timer = 0;
	begin(self);
	return G_SOURCE_REMOVE;
}

static void begin_later(LiveEndpoint *self)
{
	guint ceiling = MIN(FIRST_WAIT_MS << MIN(self->failures, 8), LAST_WAIT_MS);

	self->failures++;
	g_clear_handle_id(&self->timer, g_source_remove);
	self->timer = g_timeout_add((guint)g_random_int_range((gint)ceiling / 2, (gint)ceiling), on_timer, self);
}

static void take_name(LiveEndpoint *self)
{
	g_autofree char *host = event_text(source_get_info(self->source)->host);

	if (self->named || !*host)
		return;
	g_free(self->host);
	self->host = g_steal_pointer(&host);
	self->named = TRUE;
}

static void on_source_open(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(LiveEndpoint) self = data;
	g_autoptr(GError) error = NULL;
	gboolean ok = source_open_finish(SPOOR_SOURCE(source), result, &error);

	self->opening = FALSE;
	if (self->state != LIVE_ATTEMPTED)
		return;
	if (ok) {
		self->failures = 0;
		take_name(self);
		set_state(self, LIVE_CONNECTED, NULL);
		if (!self->was_open) {
			self->was_open = TRUE;
			g_signal_emit(self, signals[SIGNAL_OPENED], 0, self->source);
		}
	} else if (self->was_open) {
		begin_later(self);
		set_state(self, LIVE_ATTEMPTED, error->message);
	} else if (server_link_get_state(self->server) == SERVER_ONLINE) {
		set_state(self, LIVE_FAILED, error->message);
	}
}

static void begin(LiveEndpoint *self)
{
	g_clear_handle_id(&self->timer, g_source_remove);
	if (self->opening)
		return;
	if (server_link_get_state(self->server) != SERVER_ONLINE) {
		set_state(self, LIVE_ATTEMPTED, _("not connected to the server"));
		return;
	}
	set_state(self, LIVE_ATTEMPTED, self->was_open ? self->reason : NULL);
	if (!self->source) {
		self->source = source_new_live(self->path, self->host, open_main, open_beside);
		source_set_grows(self->source, !self->snapshot);
	}
	self->opening = TRUE;
	source_open_async(self->source, NULL, on_source_open, g_object_ref(self));
}

static void on_ended(struct live_session *s, gboolean by_server, const char *why, gpointer data)
{
	struct part *p = data;
	g_autoptr(LiveEndpoint) self = g_object_ref(p->endpoint);
	gboolean main = p->main;

	part_free(p);
	if (!main || self->state == LIVE_CLOSED || !self->source)
		return;
	/* States first: who hears of the loss looks at them. */
	if (by_server) {
		set_state(self, LIVE_CLOSED, _("the server closed it, as nothing was asked for some time"));
	} else {
		begin_later(self);
		set_state(self, LIVE_ATTEMPTED, why);
	}
	source_set_lost(self->source, why);
}

/* The server is there again: no need to wait. */
static void on_server(LiveEndpoint *self)
{
	if (self->state == LIVE_ATTEMPTED && server_link_get_state(self->server) == SERVER_ONLINE)
		begin(self);
}

void live_endpoint_open(LiveEndpoint *self)
{
	self->failures = 0;
	if (self->state != LIVE_CONNECTED)
		begin(self);
}

void live_endpoint_close(LiveEndpoint *self)
{
	GSList *parts = g_slist_copy(self->parts);

	g_clear_handle_id(&self->timer, g_source_remove);
	set_state(self, LIVE_CLOSED, NULL);
	for (GSList *l = parts; l; l = l->next) {
		struct part *p = l->data;

		if (p->asking)
			answer(g_steal_pointer(&p->asking), -1, _("the connection was closed"));
		live_session_free(p->session);
		part_free(p);
	}
	g_slist_free(parts);
	if (self->was_open)
		source_set_lost(self->source, _("the connection was closed"));
}

/* ---- what it is ---- */

ServerLink *live_endpoint_get_server(LiveEndpoint *self)
{
	return self->server;
}

const char *live_endpoint_get_id(LiveEndpoint *self)
{
	return self->id;
}

const char *live_endpoint_get_host(LiveEndpoint *self)
{
	return self->host;
}

const char *live_endpoint_get_address(LiveEndpoint *self)
{
	return self->address;
}

const char *live_endpoint_get_path(LiveEndpoint *self)
{
	return self->path;
}

enum live_state live_endpoint_get_state(LiveEndpoint *self)
{
	return self->state;
}

const char *live_endpoint_get_reason(LiveEndpoint *self)
{
	return self->reason;
}

char *live_endpoint_get_words(LiveEndpoint *self)
{
	switch (self->state) {
	case LIVE_CONNECTED: return g_strdup(_("connected"));
	case LIVE_FAILED: return g_strdup_printf(_("failed: %s"), self->reason);
	case LIVE_CLOSED: return self->reason ? g_strdup_printf(_("closed: %s"), self->reason) : g_strdup(_("closed"));
	case LIVE_ATTEMPTED: break;
	}
	return self->reason ? g_strdup_printf(_("connecting again: %s"), self->reason) : g_strdup(_("connecting…"));
}

Source *live_endpoint_get_source(LiveEndpoint *self)
{
	return self->was_open ? self->source : NULL;
}

guint64 live_endpoint_get_session(LiveEndpoint *self)
{
	for (GSList *l = self->parts; l; l = l->next) {
		struct part *p = l->data;

		if (p->main && !p->asking && self->state == LIVE_CONNECTED)
			return live_session_get_number(p->session);
	}
	return 0;
}

LiveEndpoint *live_endpoint_find(const char *path)
{
	return known ? g_hash_table_lookup(known, path) : NULL;
}

/* ---- the object ---- */

static void live_endpoint_dispose(GObject *object)
{
	LiveEndpoint *self = LIVE_ENDPOINT(object);

	g_clear_handle_id(&self->timer, g_source_remove);
	if (known && self->path && g_hash_table_lookup(known, self->path) == self)
		g_hash_table_remove(known, self->path);
	g_clear_object(&self->source);
	g_clear_object(&self->server);
	G_OBJECT_CLASS(live_endpoint_parent_class)->dispose(object);
}

static void live_endpoint_finalize(GObject *object)
{
	LiveEndpoint *self = LIVE_ENDPOINT(object);

	g_free(self->id);
	g_free(self->host);
	g_free(self->address);
	g_free(self->path);
	g_free(self->reason);
	G_OBJECT_CLASS(live_endpoint_parent_class)->finalize(object);
}

static void live_endpoint_class_init(LiveEndpointClass *class)
{
	G_OBJECT_CLASS(class)->dispose = live_endpoint_dispose;
	G_OBJECT_CLASS(class)->finalize = live_endpoint_finalize;
	signals[SIGNAL_CHANGED] = g_signal_new("changed", LIVE_ENDPOINT_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_OPENED] = g_signal_new("opened", LIVE_ENDPOINT_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, SOURCE_TYPE);
}

static void live_endpoint_init(LiveEndpoint *self)
{
}

/* path: taken. */
static LiveEndpoint *make(ServerLink *server, const char *id, const char *host, const char *address, char *path)
{
	LiveEndpoint *self = g_object_new(LIVE_ENDPOINT_TYPE, NULL);

	self->server = g_object_ref(server);
	self->id = g_strdup(id);
	self->host = host ? g_strdup(host) : g_strndup(id, SHORT);
	self->named = host != NULL;
	self->address = g_strdup(address);
	self->path = path;
	if (!known)
		known = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_replace(known, self->path, self); /* its key is the newest's */
	g_signal_connect_object(server, "changed", G_CALLBACK(on_server), self, G_CONNECT_SWAPPED);
	return self;
}

LiveEndpoint *live_endpoint_new(ServerLink *server, const char *id, const char *host, const char *address)
{
	return make(server, id, host, address, live_endpoint_path(server, id));
}

LiveEndpoint *live_endpoint_new_snapshot(ServerLink *server, const char *id, const char *name)
{
	g_autofree char *title = g_strndup(name, strlen(name) - (g_str_has_suffix(name, ".db") ? strlen(".db") : 0));
	LiveEndpoint *self = make(server, id, *title ? title : NULL, "", live_endpoint_snapshot_path(server, id, name));

	self->snapshot = TRUE;
	return self;
}

gboolean live_endpoint_is_snapshot(LiveEndpoint *self)
{
	return self->snapshot;
}
