#include "agent/net/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/wire/upgrade.h"

enum { TICK_MS = 1000, MAX_ANSWER = 64 << 10 };

struct link {
	struct fdm *fdm;
	struct conn *c;
	enum websocket_role role;
	const struct link_handler *handler;
	void *data;
	char *target, *name;    /* client */
	char key[UPGRADE_KEY];
	int timer;
	int64_t pinged;
	struct http http;
	bool pieces;
	bool ready, over;       /* over: closed by either side, no more is read */
	bool deferred;          /* server: an answer is to come */
	struct websocket ws;
	size_t max_message;
	struct link_end end;
	char reason[WEBSOCKET_MAX_REASON + 1];
};

struct link_server {
	struct fdm *fdm;
	struct listener *listener;
	struct link_server_config config;
};

/* ---- out ---- */

static void put(struct link *l, struct buf *out)
{
	int r = out->failed ? -ENOMEM : out->n ? conn_send(l->c, buf_span(out)) : 0;

	buf_clear(out);
	if (r == 0 || r == -EPIPE)
		return;
	l->over = true;
	conn_abort(l->c, r);
}

static void finish(struct link *l, int error)
{
	l->over = true;
	if (!l->end.error)
		l->end.error = error;
	conn_close(l->c);
}

int link_send_piece(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last)
{
	int r;

	if (l->over)
		return -EPIPE;
	if (!l->ready)
		return -EAGAIN;
	r = websocket_send_piece(&l->ws, kind, payload, first, last);
	if (r == 0) {
		r = l->ws.out.failed ? -ENOMEM : conn_send(l->c, buf_span(&l->ws.out));
		buf_free(&l->ws.out);
	}
	return r;
}

int link_send(struct link *l, enum websocket_kind kind, struct span payload)
{
	return link_send_piece(l, kind, payload, true, true);
}

size_t link_unsent(const struct link *l)
{
	return conn_unsent(l->c);
}

void link_close(struct link *l, enum websocket_code code, const char *reason)
{
	if (l->over)
		return;
	if (l->ready && websocket_close(&l->ws, code, span_of(reason)) == 0)
		conn_send(l->c, buf_span(&l->ws.out));
	finish(l, 0);
}

void link_defer(struct link *l)
{
	if (l->over || l->deferred)
		return;
	l->deferred = true;
	conn_set_due(l->c, 0);
	conn_hold(l->c, true);
}

void link_answer(struct link *l, struct span answer)
{
	if (l->over)
		return;
	l->over = true;
	if (l->deferred)
		conn_hold(l->c, false);
	finish(l, conn_send(l->c, answer));
}

void link_abort(struct link *l, int error)
{
	l->over = true;
	conn_abort(l->c, error);
}

/* ---- in ---- */

static void see(struct link *l, const struct websocket_event *e)
{
	if (e->kind == WEBSOCKET_TEXT || e->kind == WEBSOCKET_BINARY) {
		if (l->pieces)
			l->handler->piece(l, e->kind, e->payload, e->first, e->last, l->data);
		else
			l->handler->message(l, e->kind, e->payload, l->data);
	} else if (e->kind == WEBSOCKET_CLOSE) {
		l->end.code = e->code;
		snprintf(l->reason, sizeof(l->reason), "%.*s", SPAN_FMT(e->payload));
	}
}

static void read_messages(struct link *l, struct span bytes)
{
	struct websocket_event e;
	int r = 0;

	while (!l->over && (r = websocket_read(&l->ws, &bytes, &e)) == 1) {
		put(l, &l->ws.out); /* a pong goes before what the handler says */
		see(l, &e);
	}
	if (!l->over)
		put(l, &l->ws.out);
	if (!l->over && (r < 0 || l->ws.state == WEBSOCKET_CLOSED))
		finish(l, r < 0 ? r : 0);
}

static void become_ready(struct link *l)
{
	websocket_init(&l->ws, l->role, l->max_message);
	l->ready = true;
	conn_set_due(l->c, 0);
	l->handler->ready(l, l->data);
}

static void read_answer(struct link *l, struct span *bytes)
{
	struct http_event e;
	int r = http_read(&l->http, bytes, &e);

	if (r == 1) {
		l->end.status = e.head->status;
		r = upgrade_check_response(e.head, l->key);
		if (r == 0)
			become_ready(l);
	}
	if (r < 0)
		finish(l, r);
}

static void judge_upgrade(struct link *l, const struct http_head *head, struct buf *out)
{
	char accept[UPGRADE_ACCEPT];
	unsigned status = upgrade_check_request(head, accept);

	if (status == 0)
		status = l->handler->upgrade(l, head, l->data);
	if (l->over)
		return;
	if (status) {
		upgrade_put_refusal(out, status);
		put(l, out);
		if (!l->over)
			finish(l, 0);
		return;
	}
	upgrade_put_response(out, accept);
	put(l, out);
	http_upgrade(&l->http);
	if (!l->over)
		become_ready(l);
}

static void read_requests(struct link *l, struct span *bytes)
{
	AUTO_BUF out = BUF_INIT;
	struct http_event e;
	int r = 0;

	while (!l->over && !l->ready && !l->deferred && (r = http_read(&l->http, bytes, &e)) == 1) {
		if (e.kind == HTTP_HEAD && http_count(e.head, "Upgrade")) {
			judge_upgrade(l, e.head, &out);
			continue;
		}
		conn_set_due(l->c, e.kind == HTTP_END ? LINK_IDLE_MS : LINK_BODY_MS);
		l->handler->request(l, &e, &out, l->data);
		if (!l->over)
			put(l, &out);
		if (!l->over && !l->deferred && e.kind == HTTP_END && !e.head->keep_alive)
			finish(l, 0);
	}
	if (r >= 0 || l->over)
		return;
	http_put_response(&out, l->http.refusal, NULL, SPAN(""), true, "");
	put(l, &out);
	if (!l->over)
		finish(l, r);
}

static void on_received(struct conn *c, struct span plain, void *data)
{
	struct link *l = data;

	if (!l->over && !l->ready && l->role == WEBSOCKET_CLIENT)
		read_answer(l, &plain);
	else if (!l->over && !l->ready && !l->deferred)
		read_requests(l, &plain);
	if (!l->over && l->ready)
		read_messages(l, plain);
}

static void on_drained(struct conn *c, void *data)
{
	struct link *l = data;

	if (l->ready && !l->over && l->handler->drained)
		l->handler->drained(l, l->data);
}

static void link_free(struct link *l)
{
	if (l->timer >= 0)
		fdm_timer_remove(l->fdm, l->timer);
	http_free(&l->http);
	websocket_free(&l->ws);
	free(l->target);
	free(l->name);
	free(l);
}

static void on_closed(struct conn *c, int error, void *data)
{
	struct link *l = data;

	l->over = true;
	if (!l->end.error)
		l->end.error = error;
	l->end.fault = tls_fault(conn_tls(c));
	l->end.reason = l->reason;
	l->handler->closed(l, &l->end, l->data);
	link_free(l);
}

/* ---- client ---- */

static void on_opened(struct conn *c, void *data)
{
	struct link *l = data;
	AUTO_BUF out = BUF_INIT;

	conn_set_due(c, LINK_HEAD_MS);
	upgrade_put_request(&out, l->target, l->name, l->key);
	put(l, &out);
}

static const struct conn_handler client_handler = { on_opened, on_received, on_drained, on_closed };

void link_check(struct link *l, int64_t now)
{
	if (l->role == WEBSOCKET_CLIENT && l->ready && !l->over && now - l->pinged >= LINK_PING_MS) {
		l->pinged = now;
		if (websocket_ping(&l->ws, SPAN("")) == 0)
			conn_send(l->c, buf_span(&l->ws.out)); /* when it is full, silence tells soon enough */
		buf_clear(&l->ws.out);
	}
	conn_check(l->c, now);
}

static int on_tick(struct fdm *fdm, void *data)
{
	link_check(data, clock_monotonic());
	return 0;
}

static int client_init(struct link *l, const struct link_config *config)
{
	l->role = WEBSOCKET_CLIENT;
	l->handler = config->handler;
	l->data = config->data;
	l->max_message = config->max_message;
	l->pinged = clock_monotonic();
	l->target = strdup(config->target);
	l->name = strdup(config->name);
	http_init(&l->http, HTTP_CLIENT, MAX_ANSWER);
	return l->target && l->name ? upgrade_make_key(l->key) : -ENOMEM;
}

int link_new(struct fdm *fdm, int fd, const struct link_config *config, struct link **ret)
{
	struct link *l = calloc(1, sizeof(*l));
	struct tls *tls = NULL;
	int r = -ENOMEM;

	if (!l) {
		close(fd);
		return r;
	}
	l->fdm = fdm;
	l->timer = -1;
	r = client_init(l, config);
	if (r == 0)
		r = l->timer = fdm_timer_add(fdm, TICK_MS, on_tick, l);
	if (r >= 0)
		r = tls_client_new(&config->policy, config->name, clock_now(), &tls);
	if (r < 0)
		close(fd);
	else
		r = conn_new(fdm, fd, tls, &config->limits, NULL, &client_handler, l, &l->c);
	if (r < 0) {
		link_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

/* ---- server ---- */

/* Until then the connection's data is the server's; NULL when there was no memory for a link. */
static void on_server_opened(struct conn *c, void *data)
{
	struct link_server *s = data;
	struct link *l = calloc(1, sizeof(*l));

	conn_set_data(c, l);
	if (!l) {
		conn_abort(c, -ENOMEM);
		return;
	}
	l->fdm = s->fdm;
	l->c = c;
	l->timer = -1;
	l->role = WEBSOCKET_SERVER;
	l->handler = s->config.handler;
	l->data = s->config.data;
	l->max_message = s->config.max_message;
	http_init(&l->http, HTTP_SERVER, s->config.max_body);
	conn_set_due(c, LINK_HEAD_MS);
}

static void on_server_closed(struct conn *c, int error, void *data)
{
	struct link_server *s = data;

	if (conn_was_open(c) && data)
		on_closed(c, error, data);
	else if (!conn_was_open(c) && s->config.refused)
		s->config.refused(error, tls_fault(conn_tls(c)), s->config.data);
}

static const struct conn_handler server_handler = { on_server_opened, on_received, on_drained, on_server_closed };

int link_server_new(struct fdm *fdm, const char *address, uint16_t port, const struct link_server_config *config,
		    struct link_server **ret)
{
	struct link_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->fdm = fdm;
	s->config = *config;
	s->config.listener.handler = &server_handler;
	s->config.listener.data = s;
	r = listener_new(fdm, address, port, &s->config.listener, &s->listener);
	if (r < 0) {
		free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void link_server_free(struct link_server *s)
{
	if (!s)
		return;
	listener_free(s->listener);
	free(s);
}

struct listener *link_server_listener(struct link_server *s)
{
	return s->listener;
}

/* ---- both ---- */

void link_set_data(struct link *l, void *data)
{
	l->data = data;
}

void link_set_handler(struct link *l, const struct link_handler *handler, void *data)
{
	l->handler = handler;
	l->data = data;
}

void link_set_max_message(struct link *l, size_t max_message)
{
	l->max_message = max_message;
	websocket_set_limit(&l->ws, max_message);
}

void link_set_pieces(struct link *l)
{
	l->pieces = true;
	websocket_set_pieces(&l->ws);
}

void link_hold(struct link *l, bool hold)
{
	conn_hold(l->c, hold);
}

void link_set_due(struct link *l, int64_t ms)
{
	conn_set_due(l->c, ms);
}

void link_vouch(struct link *l)
{
	conn_vouch(l->c);
}

const unsigned char *link_address(const struct link *l)
{
	return conn_address(l->c);
}

const struct tls *link_tls(const struct link *l)
{
	return conn_tls(l->c);
}
