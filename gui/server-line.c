#include "gui/server-line.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

#include "agent/net/dial.h"
#include "agent/wire/wire.h"
#include "gui/i18n.h"
#include "gui/network.h"

enum { PATIENCE_MS = 10000, MAX_REASON = 1200 };

struct server_line {
	char *host, *target;
	guint16 port;
	unsigned char key[TLS_KEY]; /* zeroes: none is known, and no key is that */
	const struct server_line_handler *handler;
	void *data;
	struct dial *dial;
	struct link *link;
	guint64 last_id;
	bool greeted, freed;
	char *refusal; /* what the server said, or what is wrong with it */
	guint idle;
};

/* ---- the end ---- */

static void line_clear(struct server_line *l)
{
	g_clear_handle_id(&l->idle, g_source_remove);
	dial_free(l->dial);
	g_free(l->host);
	g_free(l->target);
	g_free(l->refusal);
	g_free(l);
}

static void end(struct server_line *l, enum server_line_why why, const char *text, const unsigned char *key)
{
	struct server_line_end e = { why, text, key };

	if (!l->freed)
		l->handler->closed(l, &e, l->data);
	line_clear(l);
}

/* It answered, and that is the end of it. */
static void refuse(struct server_line *l, const char *text)
{
	if (!l->refusal)
		l->refusal = g_utf8_make_valid(text, (gssize)strnlen(text, MAX_REASON));
	link_close(l->link, WEBSOCKET_POLICY, "");
}

static const char *error_words(int error)
{
	switch (error) {
	case -ENOENT: return _("no such computer is known");
	case -ECONNREFUSED: return _("nothing listens there: the server does not run, or the port is another");
	case -ETIMEDOUT: return _("it does not answer");
	case -EHOSTUNREACH:
	case -ENETUNREACH: return _("it cannot be reached from this network");
	case -ECONNRESET:
	case 0: return _("the connection was cut");
	default: return g_strerror(-error);
	}
}

static void on_closed(struct link *link, const struct link_end *e, void *data)
{
	struct server_line *l = data;
	g_autofree char *text = NULL;

	l->link = NULL;
	if (l->refusal) {
		end(l, SERVER_LINE_REFUSED, l->refusal, NULL);
	} else if (e->fault == TLS_OTHER_KEY && tls_peer_key(link_tls(link))) {
		end(l, SERVER_LINE_OTHER_KEY, _("it shows another key"), tls_peer_key(link_tls(link)));
	} else if (e->fault != TLS_SOUND && e->fault != TLS_REFUSED && e->error != -ECONNRESET) {
		text = g_strdup_printf(_("no protected connection: %s"), tls_fault_text(e->fault));
		end(l, SERVER_LINE_REFUSED, text, NULL);
	} else if (e->status && e->status != 101) {
		text = g_strdup_printf(_("it is no Spoor server, or a ticket is too old (HTTP status %u)"), e->status);
		end(l, SERVER_LINE_REFUSED, text, NULL);
	} else if (e->reason && *e->reason) {
		text = g_utf8_make_valid(e->reason, -1);
		end(l, SERVER_LINE_CUT, text, NULL);
	} else {
		end(l, SERVER_LINE_CUT, error_words(e->error), NULL);
	}
}

/* ---- messages ---- */

static void say_hello(struct server_line *l)
{
	struct control c = { .type = CONTROL_HELLO };

	c.hello.protocol_min = WIRE_PROTOCOL_MIN;
	c.hello.protocol_max = WIRE_PROTOCOL_MAX;
	c.hello.program = SPAN("spoor");
	c.hello.version = SPAN(SPOOR_VERSION);
	c.hello.host = span_of(g_get_host_name());
	server_line_send(l, &c);
}

static void on_ready(struct link *link, void *data)
{
	struct server_line *l = data;

	l->link = link;
	say_hello(l);
}

static void on_greeting(struct server_line *l, const struct control *c)
{
	g_autofree char *text = NULL;

	if (c->type == CONTROL_UNWELCOME) {
		text = g_strndup(c->unwelcome.text.p, c->unwelcome.text.n);
		refuse(l, *text ? text : _("it speaks another version of the protocol"));
	} else if (c->type == CONTROL_ERROR) {
		text = g_strndup(c->error.text.p ? c->error.text.p : "", c->error.text.n);
		refuse(l, *text ? text : _("it refuses the connection"));
	} else if (c->type != CONTROL_WELCOME || c->welcome.protocol < WIRE_PROTOCOL_MIN ||
	           c->welcome.protocol > WIRE_PROTOCOL_MAX) {
		refuse(l, _("it does not speak as a Spoor server does"));
	} else {
		l->greeted = true;
		link_set_max_message(l->link, WIRE_CONTROL_BYTES);
		l->handler->ready(l, l->data);
	}
}

static void on_control(struct server_line *l, const struct control *c)
{
	if (!l->greeted) {
		on_greeting(l, c);
	} else {
		l->handler->message(l, c, l->data);
	}
}

static void on_message(struct link *link, enum websocket_kind kind, struct span payload, void *data)
{
	static const struct message_limits limits = { WIRE_CONTROL_BYTES, WIRE_CONTROL_VALUES };
	struct server_line *l = data;
	struct arena arena = ARENA_INIT;
	struct message m;
	struct control c;
	int r;

	if (l->freed)
		return;
	r = kind == WEBSOCKET_TEXT ? message_parse(payload, &limits, &m) : -EPROTO;
	if (r == 0) {
		r = control_get(&m, CONTROL_SERVER, &arena, &c);
		if (r == 0)
			on_control(l, &c); /* the last that may be said of l */
		else if (r == -ENOSYS && m.id == 0)
			r = 0;
		message_free(&m);
	}
	arena_free(&arena);
	if (r < 0)
		refuse(l, r == -ENOMEM ? g_strerror(ENOMEM) : _("it does not speak as a Spoor server does"));
}

static const struct link_handler link_calls = { .ready = on_ready, .message = on_message, .closed = on_closed };

guint64 server_line_send(struct server_line *l, struct control *c)
{
	struct buf out = BUF_INIT;
	int r;

	c->id = ++l->last_id;
	r = l->link && !l->freed ? control_put(&out, c) : -EPIPE;
	if (r == 0)
		r = link_send(l->link, WEBSOCKET_TEXT, buf_span(&out));
	if (out.p)
		explicit_bzero(out.p, out.n); /* it may have been a password */
	buf_free(&out);
	return r == 0 ? c->id : 0;
}

struct link *server_line_steal(struct server_line *l)
{
	return g_steal_pointer(&l->link);
}

/* ---- beginning ---- */

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct server_line *l = data;
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(l->host);
	struct link_config config = {
		.policy = { .pin = l->key },
		/* With a pin it only is what the server is told, and an address is no name. */
		.name = address ? "spoor-server" : l->host,
		.target = l->target, .limits = CONN_LIMITS, .max_message = WIRE_GREETING_BYTES,
		.handler = &link_calls, .data = l,
	};
	int r = fd < 0 ? fd : link_new(network_fdm(), fd, &config, &l->link);

	if (r == -EINVAL)
		end(l, SERVER_LINE_REFUSED, _("that is no name of a computer"), NULL);
	else if (r < 0)
		end(l, SERVER_LINE_CUT, error_words(r), NULL);
}

struct server_line *server_line_new(const struct server_line_place *place, const struct server_line_handler *handler,
                                    void *data)
{
	struct server_line *l = g_new0(struct server_line, 1);
	struct fdm *fdm = network_fdm();
	struct dial_place to = { place->host, place->port };

	l->host = g_strdup(place->host);
	l->target = g_strdup(place->target);
	l->port = place->port;
	if (place->key)
		memcpy(l->key, place->key, TLS_KEY);
	l->handler = handler;
	l->data = data;
	if (!fdm || dial_new(fdm, &to, 1, PATIENCE_MS, on_dialled, l, &l->dial) < 0) {
		line_clear(l);
		return NULL;
	}
	return l;
}

/* From any of its calls: the link is ended when they have returned. */
static gboolean free_late(gpointer data)
{
	struct server_line *l = data;

	l->idle = 0;
	if (l->link)
		link_close(l->link, WEBSOCKET_GOING_AWAY, "");
	else
		line_clear(l);
	return G_SOURCE_REMOVE;
}

void server_line_free(struct server_line *l)
{
	if (!l || l->freed)
		return;
	l->freed = true;
	l->idle = g_idle_add(free_late, l);
}
