#include "gui/live-session.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/net/pump.h"
#include "agent/wire/wire.h"
#include "gui/i18n.h"
#include "gui/network.h"

enum { OPEN_MS = 45000 }; /* the ticket's time, and some */

struct live_session {
	ServerLink *server;
	const struct live_session_handler *handler;
	gpointer data;
	guint call, timer;
	gulong news;
	guint64 session;       /* 0: no ticket yet */
	gboolean live;         /* of an endpoint: the server tells of its states, and closes it when asked */
	struct server_line *line; /* outlives the pump's link */
	struct pump *pump;
	gboolean freed, closed; /* closed: the server says so */
	char *why;             /* what the server said of its end */
};

static void session_clear(struct live_session *s)
{
	g_clear_signal_handler(&s->news, s->server);
	g_clear_handle_id(&s->timer, g_source_remove);
	if (s->call)
		server_link_drop(s->server, s->call);
	server_line_free(s->line);
	g_object_unref(s->server);
	g_free(s->why);
	g_free(s);
}

/* Before it was opened. */
static void fail(struct live_session *s, const char *error)
{
	g_autofree char *copy = g_strdup(s->why ? s->why : error);

	s->handler->opened(s, -1, copy, s->data);
	session_clear(s);
}

/* ---- the pump ---- */

static void on_done(struct pump *p, const struct link_end *e, void *data)
{
	struct live_session *s = data;
	g_autofree char *reason = e->reason && *e->reason ? g_utf8_make_valid(e->reason, -1) : NULL;
	const char *why = s->why ? s->why : reason ? reason : _("the connection was cut");

	s->pump = NULL;
	if (!s->freed)
		s->handler->ended(s, s->closed || e->code == WEBSOCKET_NORMAL, why, s->data);
	session_clear(s);
}

static void give_up(struct live_session *s, int error)
{
	g_clear_pointer(&s->line, server_line_free);
	fail(s, g_strerror(error));
}

/* Both ends are there. */
static void begin(struct live_session *s)
{
	struct pump_config config = { .fdm = network_fdm(), .max_message = WIRE_REQUEST_BYTES, .done = on_done, .data = s };
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		give_up(s, errno);
		return;
	}
	config.fd = fds[0];
	config.link = server_line_steal(s->line);
	link_set_max_message(config.link, WIRE_ANSWER_BYTES);
	r = pump_new(&config, &s->pump);
	if (r < 0) {
		close(fds[1]);
		link_abort(config.link, r);
		give_up(s, -r);
		return;
	}
	g_clear_handle_id(&s->timer, g_source_remove);
	s->handler->opened(s, fds[1], NULL, s->data);
}

/* ---- the line ---- */

static void on_ready(struct server_line *l, void *data)
{
}

static void on_message(struct server_line *l, const struct control *c, void *data)
{
	if (c->type == CONTROL_DATA_READY)
		begin(data);
}

static void on_closed(struct server_line *l, const struct server_line_end *end, void *data)
{
	struct live_session *s = data;

	s->line = NULL;
	fail(s, end->text);
}

static const struct server_line_handler line_calls = { on_ready, on_message, on_closed };

/* ---- the control connection ---- */

static gboolean on_late(gpointer data)
{
	struct live_session *s = data;

	s->timer = 0;
	g_clear_pointer(&s->line, server_line_free);
	fail(s, s->live ? _("the endpoint does not answer") : _("the server does not answer"));
	return G_SOURCE_REMOVE;
}

static void on_news(ServerLink *server, guint64 session, guint state, const char *text, gpointer data)
{
	struct live_session *s = data;

	if (!s->session || session != s->session || (state != CONTROL_FAILED && state != CONTROL_CLOSED))
		return;
	s->closed = state == CONTROL_CLOSED;
	if (text && *text) {
		g_free(s->why);
		s->why = g_strdup(text);
	}
	if (s->pump)
		return; /* its end comes by itself */
	g_clear_pointer(&s->line, server_line_free);
	fail(s, _("the endpoint does not answer"));
}

static void on_ticket(const struct control *c, const char *error, gpointer data)
{
	struct live_session *s = data;
	g_autofree char *ticket = NULL, *target = NULL;

	s->call = 0;
	if (!c || c->type != CONTROL_TICKET) {
		fail(s, error ? error : _("the server answers nonsense"));
		return;
	}
	s->session = c->ticket.session;
	ticket = g_strndup(c->ticket.ticket.p, c->ticket.ticket.n);
	if (!*ticket || strspn(ticket, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != strlen(ticket)) {
		fail(s, _("the server answers nonsense"));
		return;
	}
	target = g_strconcat("/data/", ticket, NULL);
	s->line = server_link_line(s->server, target, &line_calls, s);
	if (!s->line)
		fail(s, _("this computer has no memory or descriptors left"));
}

struct live_session *live_session_new(ServerLink *server, enum control_type open, const char *id,
                                      const struct live_session_handler *handler, gpointer data)
{
	struct live_session *s = g_new0(struct live_session, 1);
	struct control c = { .type = open };

	s->server = g_object_ref(server);
	s->handler = handler;
	s->data = data;
	s->live = open == CONTROL_LIVE_OPEN;
	*(s->live ? &c.endpoint.endpoint : &c.fetch.capture) = span_of(id);
	s->news = g_signal_connect(server, "live-state", G_CALLBACK(on_news), s);
	s->timer = g_timeout_add(OPEN_MS, on_late, s);
	s->call = server_link_call(server, &c, on_ticket, s);
	return s;
}

static void on_nothing(const struct control *c, const char *error, gpointer data)
{
}

void live_session_free(struct live_session *s)
{
	struct control c = { .type = CONTROL_LIVE_CLOSE };

	if (!s || s->freed)
		return;
	s->freed = TRUE;
	c.session.session = s->session;
	if (s->live && s->session && server_link_get_state(s->server) == SERVER_ONLINE)
		server_link_call(s->server, &c, on_nothing, NULL);
	if (s->pump)
		pump_close(s->pump, WEBSOCKET_NORMAL, ""); /* calls on_done */
	else
		session_clear(s);
}

guint64 live_session_get_number(struct live_session *s)
{
	return s->session;
}
