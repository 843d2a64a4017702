#include "server/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"
#include "server/agent.h"
#include "server/endpoints.h"

/* ---- its states ---- */

static void tell(struct session *s, enum control_live_state state, int error, const char *text)
{
	struct control c = { .type = CONTROL_LIVE_STATE };

	c.live.session = s->id;
	c.live.state = state;
	c.live.error = error ? span_of(error_name(error)) : SPAN_NONE;
	c.live.text = text ? span_of(text) : SPAN_NONE;
	peer_send(&s->app->peer, &c);
}

static void note(struct session *s, const char *request, const char *about, const char *outcome)
{
	server_note(s->server, s->user, s->app->peer.address, request, about, outcome);
}

static void session_free(struct session *s)
{
	*s->at = s->next;
	if (s->next)
		s->next->at = s->at;
	s->server->n_sessions--;
	tap_free(&s->tap);
	free(s);
}

void session_close(struct session *s, int error, const char *text)
{
	enum websocket_code code = error ? WEBSOCKET_GOING_AWAY : WEBSOCKET_NORMAL;

	for (unsigned i = 0; i < 2; i++) {
		data_ticket_free(s->ends[i].ticket);
		data_release(s->ends[i].data, code, text ? text : "the session is closed");
	}
	tell(s, error && !s->connected ? CONTROL_FAILED : CONTROL_CLOSED, error, text);
	note(s, "close session", s->host, error ? text : "ok");
	session_free(s);
}

static void fail(struct session *s, int error, const char *text)
{
	session_close(s, error, text);
}

/* ---- its ends ---- */

static void connect_ends(struct session *s)
{
	const struct control ready = { .type = CONTROL_DATA_READY };

	s->connected = true;
	s->active = clock_monotonic();
	for (unsigned i = 0; i < 2; i++) {
		s->splice.ends[i] = s->ends[i].data->peer.link;
		peer_send(&s->ends[i].data->peer, &ready);
	}
	tell(s, CONTROL_CONNECTED, 0, NULL);
}

static void on_arrived(struct data *d, void *owner)
{
	struct session_end *e = owner;
	struct session *s = e->session;
	bool agents = e == &s->ends[SESSION_AGENT];

	e->data = d;
	e->ticket = NULL;
	link_set_max_message(d->peer.link, agents ? WIRE_ANSWER_BYTES : WIRE_REQUEST_BYTES);
	link_set_pieces(d->peer.link);
	if (s->ends[SESSION_APP].data && s->ends[SESSION_AGENT].data)
		connect_ends(s);
}

/* Each that is noted waits for the disk. */
enum { SEARCH_COST = 10 };

static void read_along(struct session *s, struct data *d, struct span payload, bool last)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF about = BUF_INIT;

	if (!tap_take(&s->tap, payload, last, &text))
		return;
	buf_printf(&about, "%s: %s", s->host, text.n ? text.p : "");
	note(s, "search", about.n ? about.p : s->host, "ok");
	peer_pay(&d->peer, SEARCH_COST);
}

static void on_piece(struct data *d, enum websocket_kind kind, struct span payload, bool first, bool last, void *owner)
{
	struct session_end *e = owner;
	struct session *s = e->session;
	unsigned from = e == &s->ends[SESSION_AGENT];
	int r;

	if (!s->connected) {
		fail(s, -EPROTO, from ? "the endpoint spoke out of turn" : "the app spoke out of turn");
		return;
	}
	if (from == SESSION_APP)
		s->active = clock_monotonic();
	if (from == SESSION_APP && kind == WEBSOCKET_TEXT)
		read_along(s, d, payload, last);
	r = splice_pass(&s->splice, from, kind, payload, first, last);
	if (r < 0)
		session_close(s, r, "the other side took nothing more");
}

static void on_message(struct data *d, enum websocket_kind kind, struct span payload, void *owner)
{
	fail(((struct session_end *)owner)->session, -EPROTO, "something came out of turn"); /* cannot be: pieces come */
}

static void on_drained(struct data *d, void *owner)
{
	struct session_end *e = owner;

	if (e->session->connected)
		splice_drained(&e->session->splice, e == &e->session->ends[SESSION_AGENT]);
}

/* An app that closes its end is through; an endpoint has no reason to. */
static void on_gone(struct data *d, const struct link_end *end, void *owner)
{
	struct session_end *e = owner;
	struct session *s = e->session;

	e->data = NULL;
	if (e == &s->ends[SESSION_APP])
		session_close(s, 0, NULL);
	else
		session_close(s, end->error ? end->error : -EIO, "the endpoint ended the session");
}

static void on_expired(void *owner)
{
	struct session_end *e = owner;
	struct session *s = e->session;

	e->ticket = NULL;
	fail(s, -ETIMEDOUT, e == &s->ends[SESSION_AGENT] ? "the endpoint did not answer" : "the app did not connect");
}

static const struct data_owner owner = { on_arrived, on_message, on_piece, on_drained, on_gone, on_expired };

/* ---- opening one ---- */

static bool is_full(const struct app *app, const char *key)
{
	const struct server *server = app->peer.server;
	int64_t users = 0, endpoints = 0;

	for (const struct session *s = server->sessions; s; s = s->next) {
		users += s->user == app->user;
		endpoints += strcmp(s->key, key) == 0;
	}
	return server->n_sessions >= server->conf.sessions || users >= server->conf.sessions_per_user ||
	       endpoints >= server->conf.sessions_per_endpoint;
}

static struct session *session_new(struct app *app, const char *key, const struct endpoints_one *e)
{
	struct server *server = app->peer.server;
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->server = server;
	s->app = app;
	s->id = ++server->last_id;
	s->user = app->user;
	s->computers = e->computers;
	s->active = clock_monotonic();
	snprintf(s->key, sizeof(s->key), "%s", key);
	snprintf(s->host, sizeof(s->host), "%s", e->name);
	s->ends[SESSION_APP].session = s->ends[SESSION_AGENT].session = s;
	s->next = server->sessions;
	s->at = &server->sessions;
	if (s->next)
		s->next->at = &s->next;
	server->sessions = s;
	server->n_sessions++;
	return s;
}

static int start(struct session *s, struct agent *agent, uint64_t call)
{
	struct agent_order order = { .task = CONTROL_TASK_READER };
	struct control c = { .type = CONTROL_TICKET, .id = call };
	char apps[DATA_TICKET], agents[DATA_TICKET];
	int r = data_ticket_new(s->server, NULL, &owner, &s->ends[SESSION_APP], &s->ends[SESSION_APP].ticket, apps);

	if (r == 0)
		r = data_ticket_new(s->server, s->key, &owner, &s->ends[SESSION_AGENT], &s->ends[SESSION_AGENT].ticket, agents);
	order.ticket = agents;
	if (r == 0)
		r = agent_dial(agent, &order, &s->call);
	if (r < 0)
		return r;
	c.ticket.session = s->id;
	c.ticket.ticket = span_of(apps);
	peer_send(&s->app->peer, &c);
	tell(s, CONTROL_ATTEMPTED, 0, NULL);
	return 0;
}

static void begin(struct app *app, uint64_t call, const char *key, const struct endpoints_one *e)
{
	struct agent *agent = agent_find(app->peer.server, key);
	struct session *s;
	int r;

	if (e->revoked || !agent) {
		peer_error(&app->peer, call, e->revoked ? EPERM : ENXIO, e->revoked ? "it is revoked" : "it is not connected");
		return;
	}
	if (is_full(app, key)) {
		peer_error(&app->peer, call, EMFILE, "too many sessions are open");
		return;
	}
	s = session_new(app, key, e);
	r = s ? start(s, agent, call) : -ENOMEM;
	if (r == 0) {
		note(s, "open session", s->host, "ok");
		return;
	}
	peer_error(&app->peer, call, r, "it could not be asked");
	if (!s)
		return;
	data_ticket_free(s->ends[SESSION_APP].ticket);
	data_ticket_free(s->ends[SESSION_AGENT].ticket);
	session_free(s);
}

void session_open(struct app *app, uint64_t call, const char *key)
{
	struct endpoints_one e;
	struct authorise_what what;
	int r = endpoints_find(app->peer.server->depot, key, &e);

	if (r < 0) {
		what = (struct authorise_what){ .group = -1 }; /* nobody's: the role is still what it is judged by */
		if (app_allows(app, call, AUTHORISE_OPEN_SESSION, &what, key))
			peer_error(&app->peer, call, r, "there is none");
		return;
	}
	what = (struct authorise_what){ .group = e.computers };
	if (app_allows(app, call, AUTHORISE_OPEN_SESSION, &what, e.name))
		begin(app, call, key, &e);
	free(e.name);
}

/* ---- all of them ---- */

struct session *session_find(const struct server *server, uint64_t id)
{
	struct session *s = server->sessions;

	while (s && s->id != id)
		s = s->next;
	return s;
}

void session_answered(struct server *server, const char *key, uint64_t call, const char *error, const char *text)
{
	struct session *s = server->sessions;
	char line[1000];

	while (s && (s->call != call || strcmp(s->key, key) != 0))
		s = s->next;
	if (!s || !error)
		return;
	server_refusal(line, sizeof(line), error, text);
	fail(s, -EACCES, line);
}

/* Closing one may close others: from the first after each. */
void session_close_app(struct app *app)
{
	for (struct session *s = app->peer.server->sessions; s;) {
		if (s->app != app) {
			s = s->next;
			continue;
		}
		session_close(s, 0, NULL);
		s = app->peer.server->sessions;
	}
}

void session_close_key(struct server *server, const char *key, int error, const char *text)
{
	for (struct session *s = server->sessions; s;) {
		if (strcmp(s->key, key) != 0) {
			s = s->next;
			continue;
		}
		session_close(s, error, text);
		s = server->sessions;
	}
}

void session_check(struct server *server, int64_t now)
{
	for (struct session *s = server->sessions; s;) {
		if (!s->connected || now - s->active <= server->conf.idle_ms) {
			s = s->next;
			continue;
		}
		session_close(s, -ETIMEDOUT, "nothing was asked for a long time");
		s = server->sessions;
	}
}

void session_recheck(struct server *server)
{
	for (struct session *s = server->sessions; s;) {
		struct authorise_what what = { .group = s->computers };

		if (app_may(s->app, AUTHORISE_OPEN_SESSION, &what, s->host) == 0) {
			s = s->next;
			continue;
		}
		session_close(s, -EACCES, "it may not be open any more");
		s = server->sessions;
	}
}
