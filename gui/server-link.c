#include "gui/server-link.h"

#include <string.h>

#include "gui/i18n.h"

enum { FIRST_WAIT_MS = 1000, LAST_WAIT_MS = 30000 };

struct call {
	guint id;      /* of server_link_call */
	guint64 wire;  /* of the message; 0: could not be sent */
	server_link_answer *answer;
	gpointer data;
};

struct _ServerLink {
	GObject parent;
	char *host, *user, *name, *role, *reason;
	guint port;
	char key[SERVER_KEY_TEXT], shown[SERVER_KEY_TEXT];
	enum server_state state;
	struct server_line *line;
	char *password, *token;
	gboolean wanted; /* connected, or again as soon as may be */
	guint failures, timer, idle, last_id;
	GSList *calls; /* struct call */
};
G_DEFINE_FINAL_TYPE(ServerLink, server_link, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_LIVE, SIGNAL_CAPTURE, SIGNAL_FILE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void begin(ServerLink *self);

/* ---- small things ---- */

static void forget(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

static void set_state(ServerLink *self, enum server_state state, const char *reason)
{
	char *copy = g_strdup(reason);

	self->state = state;
	g_free(self->reason);
	self->reason = copy;
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void hex(const unsigned char *bytes, char out[SERVER_KEY_TEXT])
{
	for (guint i = 0; i < TLS_KEY; i++)
		g_snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static gboolean unhex(const char *text, unsigned char out[TLS_KEY])
{
	if (strlen(text) != 2 * TLS_KEY)
		return FALSE;
	for (guint i = 0; i < TLS_KEY; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]), low = g_ascii_xdigit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return FALSE;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return TRUE;
}

char *server_link_key_words(const char *key)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; key[i]; i++) {
		if (i && i % 4 == 0)
			g_string_append_c(s, i % 32 == 0 ? '\n' : ' ');
		g_string_append_c(s, g_ascii_toupper(key[i]));
	}
	return g_string_free(s, FALSE);
}

/* ---- calls ---- */

static void answer_call(ServerLink *self, struct call *k, const struct control *c, const char *error)
{
	self->calls = g_slist_remove(self->calls, k);
	k->answer(c, error, k->data);
	g_free(k);
}

static void fail_calls(ServerLink *self, const char *why)
{
	while (self->calls)
		answer_call(self, self->calls->data, NULL, why);
}

static gboolean fail_unsent(gpointer data)
{
	g_autoptr(ServerLink) self = g_object_ref(data);
	GSList *next;

	self->idle = 0;
	for (GSList *l = self->calls; l; l = next) {
		next = l->next;
		if (!((struct call *)l->data)->wire) {
			answer_call(self, l->data, NULL, _("not connected to the server"));
			next = self->calls;
		}
	}
	return G_SOURCE_REMOVE;
}

guint server_link_call(ServerLink *self, struct control *c, server_link_answer *answer, gpointer data)
{
	struct call *k = g_new(struct call, 1);

	*k = (struct call){ ++self->last_id, 0, answer, data };
	if (self->line && self->state == SERVER_ONLINE)
		k->wire = server_line_send(self->line, c);
	self->calls = g_slist_append(self->calls, k);
	if (!k->wire && !self->idle)
		self->idle = g_idle_add(fail_unsent, self);
	return k->id;
}

void server_link_drop(ServerLink *self, guint id)
{
	for (GSList *l = self->calls; l; l = l->next) {
		struct call *k = l->data;

		if (k->id != id)
			continue;
		self->calls = g_slist_delete_link(self->calls, l);
		g_free(k);
		return;
	}
}

/* ---- login ---- */

static void log_in(ServerLink *self)
{
	struct control c = { .type = CONTROL_APP_LOGIN };

	if (self->password) {
		c.login.user = span_of(self->user);
		c.login.password = span_of(self->password);
	} else {
		c.type = CONTROL_APP_RESUME;
		c.resume.token = span_of(self->token ? self->token : "");
	}
	server_line_send(self->line, &c);
}

static void stop(ServerLink *self)
{
	g_clear_pointer(&self->line, server_line_free);
	g_clear_handle_id(&self->timer, g_source_remove);
}

static void give_up(ServerLink *self, enum server_state state, const char *reason)
{
	g_autofree char *copy = g_strdup(reason);

	g_object_ref(self);
	self->wanted = FALSE;
	stop(self);
	set_state(self, state, copy);
	fail_calls(self, copy ? copy : _("not connected to the server"));
	g_object_unref(self);
}

static void on_refused(ServerLink *self, const struct control *c)
{
	g_autofree char *said = g_strndup(c->error.text.p ? c->error.text.p : "", c->error.text.n);
	const char *reason = *said ? said : _("the server refuses it");

	if (!self->password) {
		forget(&self->token);
		reason = _("the sign-in has expired");
	} else if (span_eq(c->error.error, SPAN("EACCES"))) {
		reason = _("wrong user or password");
	}
	forget(&self->password);
	give_up(self, SERVER_OFF, reason);
}

static void on_welcome(ServerLink *self, const struct control *c)
{
	static const char *const roles[] = { "viewer", "investigator", "administrator" };

	forget(&self->password);
	forget(&self->token);
	self->token = g_strndup(c->app_welcome.token.p, c->app_welcome.token.n);
	g_free(self->role);
	self->role = g_strdup(c->app_welcome.role < G_N_ELEMENTS(roles) ? roles[c->app_welcome.role] : "");
	self->failures = 0;
	set_state(self, SERVER_ONLINE, NULL);
}

static void on_live(ServerLink *self, const struct control *c)
{
	g_autofree char *text = c->live.text.p ? g_strndup(c->live.text.p, c->live.text.n) : NULL;

	g_signal_emit(self, signals[SIGNAL_LIVE], 0, (guint64)c->live.session, c->live.state, text);
}

static void on_file(ServerLink *self, const struct control *c)
{
	g_autofree char *file = g_strndup(c->capture.capture.p, c->capture.capture.n);
	g_autofree char *text = g_strndup(c->capture.text.p ? c->capture.text.p : "", c->capture.text.n);

	g_signal_emit(self, signals[SIGNAL_FILE], 0, file, c->capture.state, (guint64)c->capture.done, (guint64)c->capture.bytes,
	              text);
}

static void on_answer(ServerLink *self, const struct control *c)
{
	for (GSList *l = self->calls; l; l = l->next) {
		struct call *k = l->data;
		g_autofree char *error = NULL;

		if (k->wire != c->id)
			continue;
		if (c->type == CONTROL_ERROR) {
			error = c->error.text.p ? g_strndup(c->error.text.p, c->error.text.n) :
			                          g_strndup(c->error.error.p, c->error.error.n);
			answer_call(self, k, NULL, *error ? error : _("the server refuses it"));
		} else {
			answer_call(self, k, c, NULL);
		}
		return;
	}
}

static void on_message(struct server_line *l, const struct control *c, void *data)
{
	g_autoptr(ServerLink) self = g_object_ref(data);

	if (self->state != SERVER_ONLINE && c->type == CONTROL_ERROR)
		on_refused(self, c);
	else if (self->state != SERVER_ONLINE && c->type == CONTROL_APP_WELCOME)
		on_welcome(self, c);
	else if (c->id)
		on_answer(self, c);
	else if (c->type == CONTROL_LIVE_STATE)
		on_live(self, c);
	else if (c->type == CONTROL_FILE)
		on_file(self, c);
	else if (c->type == CONTROL_CAPTURE)
		g_signal_emit(self, signals[SIGNAL_CAPTURE], 0);
}

static void on_ready(struct server_line *l, void *data)
{
	log_in(data);
}

/* ---- coming back ---- */

static gboolean on_timer(gpointer data)
{
	ServerLink *self = data;

	self->timer = 0;
	begin(self);
	return G_SOURCE_REMOVE;
}

/* Longer from failure to failure, and not all who lost the same server at once. */
static void begin_later(ServerLink *self)
{
	guint ceiling = MIN(FIRST_WAIT_MS << MIN(self->failures, 8), LAST_WAIT_MS);

	self->failures++;
	self->timer = g_timeout_add((guint)g_random_int_range((gint)ceiling / 2, (gint)ceiling), on_timer, self);
}

static void on_closed(struct server_line *l, const struct server_line_end *end, void *data)
{
	g_autoptr(ServerLink) self = g_object_ref(data);
	gboolean first = self->password != NULL;

	self->line = NULL;
	if (end->why == SERVER_LINE_OTHER_KEY) {
		hex(end->key, self->shown);
		give_up(self, *self->key ? SERVER_STRANGER : SERVER_ASKING,
		        *self->key ? _("it shows another key than before") : NULL);
	} else if (end->why == SERVER_LINE_REFUSED || first) {
		give_up(self, SERVER_OFF, end->text); /* who typed a password is there to try again */
	} else {
		begin_later(self);
		set_state(self, SERVER_CONNECTING, end->text);
		fail_calls(self, _("the connection to the server was lost"));
	}
}

static const struct server_line_handler handler = { .ready = on_ready, .message = on_message, .closed = on_closed };

struct server_line *server_link_line(ServerLink *self, const char *target, const struct server_line_handler *calls,
                                     gpointer data)
{
	unsigned char key[TLS_KEY];
	struct server_line_place place = { self->host, (guint16)self->port, unhex(self->key, key) ? key : NULL, target };

	return server_line_new(&place, calls, data);
}

static void begin(ServerLink *self)
{
	stop(self);
	self->wanted = TRUE;
	self->line = server_link_line(self, "/app", &handler, self);
	if (self->line)
		set_state(self, SERVER_CONNECTING, NULL);
	else
		give_up(self, SERVER_OFF, _("this computer has no memory or descriptors left"));
}

/* ---- the user's hand ---- */

void server_link_login(ServerLink *self, const char *user, const char *password)
{
	g_autofree char *name = g_strdup(user);

	g_free(self->user);
	self->user = g_steal_pointer(&name);
	forget(&self->token);
	forget(&self->password);
	self->password = g_strdup(password);
	self->shown[0] = '\0';
	self->failures = 0;
	begin(self);
}

void server_link_trust(ServerLink *self)
{
	if (self->state != SERVER_ASKING)
		return;
	memcpy(self->key, self->shown, sizeof(self->key));
	self->shown[0] = '\0';
	begin(self);
}

gboolean server_link_can_resume(ServerLink *self)
{
	return self->token != NULL;
}

void server_link_resume(ServerLink *self)
{
	if (!self->token || self->state == SERVER_ONLINE || (self->line && self->state == SERVER_CONNECTING))
		return;
	self->failures = 0;
	begin(self);
}

void server_link_disconnect(ServerLink *self)
{
	forget(&self->password);
	self->shown[0] = '\0';
	give_up(self, SERVER_OFF, NULL);
}

void server_link_sign_out(ServerLink *self)
{
	struct control c = { .type = CONTROL_APP_LOGOUT };

	if (self->state == SERVER_ONLINE)
		server_line_send(self->line, &c);
	forget(&self->token);
	server_link_disconnect(self);
}

/* ---- what it is ---- */

const char *server_link_get_host(ServerLink *self)
{
	return self->host;
}

guint server_link_get_port(ServerLink *self)
{
	return self->port;
}

const char *server_link_get_user(ServerLink *self)
{
	return self->user;
}

const char *server_link_get_role(ServerLink *self)
{
	return self->role ? self->role : "";
}

const char *server_link_get_key(ServerLink *self)
{
	return self->key;
}

const char *server_link_get_shown_key(ServerLink *self)
{
	return self->shown;
}

const char *server_link_get_name(ServerLink *self)
{
	return self->name;
}

enum server_state server_link_get_state(ServerLink *self)
{
	return self->state;
}

const char *server_link_get_reason(ServerLink *self)
{
	return self->reason;
}

/* ---- the object ---- */

static void server_link_dispose(GObject *object)
{
	ServerLink *self = SERVER_LINK(object);

	stop(self);
	g_clear_handle_id(&self->idle, g_source_remove);
	g_slist_free_full(g_steal_pointer(&self->calls), g_free);
	G_OBJECT_CLASS(server_link_parent_class)->dispose(object);
}

static void server_link_finalize(GObject *object)
{
	ServerLink *self = SERVER_LINK(object);

	forget(&self->password);
	forget(&self->token);
	g_free(self->host);
	g_free(self->user);
	g_free(self->name);
	g_free(self->role);
	g_free(self->reason);
	G_OBJECT_CLASS(server_link_parent_class)->finalize(object);
}

static void server_link_class_init(ServerLinkClass *class)
{
	G_OBJECT_CLASS(class)->dispose = server_link_dispose;
	G_OBJECT_CLASS(class)->finalize = server_link_finalize;
	signals[SIGNAL_CHANGED] = g_signal_new("changed", SERVER_LINK_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_LIVE] = g_signal_new("live-state", SERVER_LINK_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                    G_TYPE_NONE, 3, G_TYPE_UINT64, G_TYPE_UINT, G_TYPE_STRING);
	signals[SIGNAL_CAPTURE] = g_signal_new("capture", SERVER_LINK_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_FILE] = g_signal_new("file", SERVER_LINK_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5,
	                                    G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
}

static void server_link_init(ServerLink *self)
{
}

ServerLink *server_link_new(const char *host, guint port, const char *user, const char *key)
{
	ServerLink *self = g_object_new(SERVER_LINK_TYPE, NULL);
	gboolean six = strchr(host, ':') != NULL;
	unsigned char bytes[TLS_KEY];

	self->host = g_strdup(host);
	self->port = port;
	self->user = g_strdup(user);
	if (port == SERVER_PORT)
		self->name = g_strdup(host);
	else
		self->name = g_strdup_printf(six ? "[%s]:%u" : "%s:%u", host, port);
	if (key && unhex(key, bytes))
		hex(bytes, self->key);
	return self;
}
