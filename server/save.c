#include "server/save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/transfer/receive.h"
#include "agent/wire/error.h"
#include "server/agent.h"
#include "server/capture.h"
#include "server/data.h"

struct save {
	struct save *next, **at;   /* of server->saves */
	struct app *app;
	uint64_t id, call;         /* call: of the agent.dial; 0: answered */
	char key[DEPOT_KEY + 1], host[256];
	int64_t endpoint, computers;
	char *path;
	uint64_t max_bytes, done, bytes;
	struct control offer;      /* its numbers only */
	struct ticket *ticket;
	struct data *data;
	struct receive *receive;
	int64_t heard;             /* monotonic: the last progress */
	bool news;
};

static struct server *server_of(const struct save *s)
{
	return s->app->peer.server;
}

static void part_key(const struct save *s, char key[PART_KEY + 1])
{
	snprintf(key, PART_KEY + 1, "file-%" PRIu64, s->id);
}

/* ---- who hears of it ---- */

static void tell(struct save *s, uint64_t call, enum control_capture_state state, int error, const char *text)
{
	struct control c = { .type = CONTROL_FILE, .id = call };
	char name[32];

	snprintf(name, sizeof(name), "save-%" PRIu64, s->id);
	c.capture.capture = span_of(name);
	c.capture.state = state;
	c.capture.done = s->done;
	c.capture.bytes = s->bytes;
	c.capture.error = error ? span_of(error_name(error)) : SPAN_NONE;
	c.capture.text = text ? span_of(text) : SPAN_NONE;
	peer_send(&s->app->peer, &c);
	s->news = false;
}

static void note(const struct save *s, const char *request, const char *outcome)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s: %s", s->host, s->path);
	server_note(server_of(s), s->app->user, s->app->peer.address, request, about.n ? about.p : s->host, outcome);
}

static void save_free(struct save *s, enum websocket_code code, const char *why)
{
	char key[PART_KEY + 1];

	data_ticket_free(s->ticket);
	receive_free(s->receive);
	data_release(s->data, code, why);
	part_key(s, key);
	part_remove(server_of(s)->objects, key);
	*s->at = s->next;
	if (s->next)
		s->next->at = s->at;
	free(s->path);
	free(s);
}

static void fail(struct save *s, int error, const char *text)
{
	tell(s, 0, CONTROL_CAPTURE_FAILED, error, text);
	note(s, "end of save file", text);
	save_free(s, WEBSOCKET_GOING_AWAY, text);
}

static void refused(struct save *s, const char *error, const char *text)
{
	char line[SAVE_TEXT];

	server_refusal(line, sizeof(line), error, text);
	fail(s, -EACCES, line);
}

/* ---- the transfer ---- */

static bool on_offered(const struct control *offer, uint64_t offset, void *data)
{
	struct save *s = data;

	s->offer = *offer;
	s->bytes = offer->offer.size;
	s->news = true;
	return true;
}

static void on_progress(uint64_t done, uint64_t bytes, void *data)
{
	struct save *s = data;

	s->done = done;
	s->heard = clock_monotonic();
	s->news = true;
}

static int on_stored(const char *sha256, uint64_t size, void *data)
{
	struct save *s = data;
	struct depot_object o = { .kind = DEPOT_FILE, .sha256 = sha256, .size = (int64_t)size, .name = s->path, .host = s->host,
				  .endpoint = s->endpoint, .computers = s->computers, .user = s->app->user,
				  .created_ms = clock_now() };
	AUTO_BUF about = BUF_INIT;

	message_begin(&about, 0, "file");
	message_put_uint(&about, "mode", s->offer.offer.mode);
	message_put_uint(&about, "uid", s->offer.offer.uid);
	message_put_uint(&about, "gid", s->offer.offer.gid);
	message_put_int(&about, "modified", s->offer.offer.modified);
	message_end(&about);
	if (about.failed)
		return -ENOMEM;
	s->bytes = size;
	o.about = about.p;
	return depot_object_put(server_of(s)->depot, &o, NULL);
}

static void on_received(struct receive *r, int error, const char *text, const char *sha256, void *data)
{
	struct save *s = data;

	if (error < 0) {
		fail(s, error, text);
		return;
	}
	tell(s, 0, CONTROL_CAPTURE_DONE, 0, NULL);
	note(s, "end of save file", "ok");
	save_free(s, WEBSOCKET_NORMAL, "it is here");
}

/* ---- its end of the connection ---- */

static void on_arrived(struct data *d, void *owner)
{
	struct save *s = owner;
	struct part_place place = capture_place(server_of(s));
	struct receive_config config = { server_of(s)->fdm, d->peer.link, place, NULL, on_offered, on_stored, on_progress,
					 on_received, s };
	char key[PART_KEY + 1];

	s->ticket = NULL;
	s->call = 0;
	s->data = d;
	s->heard = clock_monotonic();
	part_key(s, key);
	part_remove(place.folder, key); /* of a server that ended */
	config.key = key;
	if (s->max_bytes < place.max_bytes)
		config.place.max_bytes = s->max_bytes;
	link_set_max_message(d->peer.link, BULK_MAX_MESSAGE);
	if (receive_new(&config, &s->receive) < 0)
		fail(s, -ENOMEM, "the server is out of memory");
	else
		peer_send(&d->peer, &(struct control){ .type = CONTROL_DATA_READY });
}

static void on_message(struct data *d, enum websocket_kind kind, struct span payload, void *owner)
{
	receive_message(((struct save *)owner)->receive, kind, payload);
}

static void on_gone(struct data *d, const struct link_end *end, void *owner)
{
	struct save *s = owner;

	s->data = NULL;
	if (end->code == WEBSOCKET_POLICY && *end->reason)
		refused(s, NULL, end->reason);
	else
		fail(s, -EIO, "the connection to the endpoint was lost");
}

static void on_expired(void *owner)
{
	struct save *s = owner;

	s->ticket = NULL;
	fail(s, -ETIMEDOUT, "the endpoint did not answer");
}

static const struct data_owner owner = { .arrived = on_arrived, .message = on_message, .gone = on_gone,
					 .expired = on_expired };

/* ---- beginning one ---- */

static bool is_full(const struct app *a)
{
	unsigned n = 0, own = 0;

	for (const struct save *s = a->peer.server->saves; s; s = s->next) {
		n++;
		own += s->app->user == a->user;
	}
	return n >= SAVE_MOST || own >= SAVE_MOST_OF_ONE;
}

static struct save *add(struct app *a, const struct control *c, const char *key, const struct endpoints_one *e)
{
	struct server *server = a->peer.server;
	struct save *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->path = strndup(c->file.path.p, c->file.path.n);
	if (!s->path) {
		free(s);
		return NULL;
	}
	s->app = a;
	s->id = ++server->last_id;
	s->endpoint = e->id;
	s->computers = e->computers;
	s->max_bytes = c->file.max_bytes;
	snprintf(s->key, sizeof(s->key), "%s", key);
	snprintf(s->host, sizeof(s->host), "%s", e->name);
	s->next = server->saves;
	s->at = &server->saves;
	if (s->next)
		s->next->at = &s->next;
	server->saves = s;
	return s;
}

static int start(struct save *s, struct agent *agent, uint64_t process)
{
	char ticket[DATA_TICKET];
	struct agent_order order = { ticket, CONTROL_TASK_FILE, span_of(s->path), process, s->max_bytes };
	int r = data_ticket_new(server_of(s), s->key, &owner, s, &s->ticket, ticket);

	return r < 0 ? r : agent_dial(agent, &order, &s->call);
}

void save_begin(struct app *a, const struct control *c, const char *key, const struct endpoints_one *e)
{
	struct agent *agent = agent_find(a->peer.server, key);
	struct save *s;

	if (e->revoked || !agent) {
		peer_error(&a->peer, c->id, e->revoked ? EPERM : ENXIO, e->revoked ? "it is revoked" : "it is not connected");
		return;
	}
	if (c->file.path.n == 0 || memchr(c->file.path.p, 0, c->file.path.n)) {
		peer_error(&a->peer, c->id, EINVAL, "that is no path");
		return;
	}
	if (is_full(a)) {
		peer_error(&a->peer, c->id, EMFILE, "too many files are on their way");
		return;
	}
	s = add(a, c, key, e);
	if (!s || start(s, agent, c->file.process) < 0) {
		peer_error(&a->peer, c->id, EIO, "it could not be asked");
		if (s)
			save_free(s, WEBSOCKET_INTERNAL, "");
		return;
	}
	note(s, "save file", "begun");
	tell(s, c->id, CONTROL_CAPTURE_RUNNING, 0, NULL);
}

/* ---- ends ---- */

bool save_cancel(struct app *a, struct span name)
{
	for (struct save *s = a->peer.server->saves; s; s = s->next) {
		char own[32];

		snprintf(own, sizeof(own), "save-%" PRIu64, s->id);
		if (s->app != a || !span_eq(name, span_of(own)))
			continue;
		fail(s, -ECANCELED, "it was cancelled");
		return true;
	}
	return false;
}

void save_answered(struct server *server, const char *key, uint64_t call, const char *error, const char *text)
{
	struct save *s = server->saves;

	while (s && (s->call != call || strcmp(s->key, key) != 0))
		s = s->next;
	if (s && call)
		refused(s, error, text);
}

void save_lost(struct server *server, const char *key)
{
	for (struct save *s = server->saves, *next; s; s = next) {
		next = s->next;
		if (strcmp(s->key, key) == 0)
			fail(s, -EIO, "the endpoint's connection was lost");
	}
}

void save_close_app(struct app *a)
{
	for (struct save *s = a->peer.server->saves, *next; s; s = next) {
		next = s->next;
		if (s->app != a)
			continue;
		note(s, "end of save file", "the app's connection ended");
		save_free(s, WEBSOCKET_GOING_AWAY, "the app's connection ended");
	}
}

void save_check(struct server *server, int64_t now)
{
	for (struct save *s = server->saves, *next; s; s = next) {
		next = s->next;
		if (s->data && now - s->heard > SAVE_SILENCE_MS)
			fail(s, -ETIMEDOUT, "nothing came for a long time");
		else if (s->news)
			tell(s, 0, CONTROL_CAPTURE_RUNNING, 0, NULL);
	}
}

void save_recheck(struct server *server)
{
	for (struct save *s = server->saves, *next; s; s = next) {
		struct authorise_what what = { .group = s->computers };

		next = s->next;
		if (app_may(s->app, AUTHORISE_SAVE_FILE, &what, s->host) < 0)
			fail(s, -EACCES, "it may not be saved any more");
	}
}
