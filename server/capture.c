#include "server/capture.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"
#include "server/agent.h"
#include "server/place.h"
#include "server/who.h"

/* ---- who hears of it ---- */

static bool may_hear(const struct app *a, const struct capture *c)
{
	struct authorise_what what = { .group = c->computers };
	struct who w;
	bool may;

	if (!a->user || who_load(a->peer.server->depot, a->name, a->user, &w) < 0)
		return false;
	may = authorise(&w.may, AUTHORISE_OPEN_SNAPSHOT, &what) == 0;
	who_free(&w);
	return may;
}

struct control capture_message(const struct capture *c, char id[24])
{
	struct control m = { .type = CONTROL_CAPTURE };

	snprintf(id, 24, "%" PRId64, c->id);
	m.capture.capture = span_of(id);
	m.capture.state = c->state;
	m.capture.done = c->done;
	m.capture.bytes = c->bytes;
	m.capture.error = c->error ? span_of(error_name(c->error)) : SPAN_NONE;
	m.capture.text = *c->text ? span_of(c->text) : SPAN_NONE;
	return m;
}

static void tell_all(struct capture *c, const struct control *m)
{
	for (struct app *a = c->server->apps; a; a = a->next)
		if (may_hear(a, c))
			peer_send(&a->peer, m);
	c->news = false;
}

static void tell(struct capture *c)
{
	char id[24];
	struct control m = capture_message(c, id);

	tell_all(c, &m);
}

void capture_tell_done(struct server *s, int64_t id, int64_t computers, uint64_t bytes)
{
	struct capture c = { .server = s, .id = id, .computers = computers, .state = CONTROL_CAPTURE_DONE, .done = bytes,
			     .bytes = bytes };

	tell(&c);
}

static void tell_news_to(struct app *a, struct capture *first)
{
	struct who w;

	if (!a->user || who_load(a->peer.server->depot, a->name, a->user, &w) < 0)
		return;
	for (struct capture *c = first; c; c = c->next) {
		struct authorise_what what = { .group = c->computers };
		char id[24];
		struct control m = capture_message(c, id);

		if (c->news && authorise(&w.may, AUTHORISE_OPEN_SNAPSHOT, &what) == 0)
			peer_send(&a->peer, &m);
	}
	who_free(&w);
}

/* Of the progress of all: who somebody is, is looked up once for them. */
static void tell_news(struct server *s)
{
	bool any = false;

	for (struct capture *c = s->captures; c; c = c->next)
		any |= c->news;
	for (struct app *a = s->apps; any && a; a = a->next)
		tell_news_to(a, s->captures);
	for (struct capture *c = s->captures; c; c = c->next)
		c->news = false;
}

static void note(const struct capture *c, const char *outcome)
{
	server_note(c->server, c->user, "", "capture", c->host, outcome);
}

/* ---- what the depot has of it ---- */

static const char *const kept[] = {
	[CONTROL_CAPTURE_RUNNING] = "waiting", [CONTROL_CAPTURE_PAUSED] = "paused", [CONTROL_CAPTURE_WAITING] = "waiting",
	[CONTROL_CAPTURE_FAILED] = "failed",
};

static int keep(struct capture *c)
{
	struct depot_object o = { .id = c->id, .sha256 = "", .size = (int64_t)c->bytes, .name = c->name };
	AUTO_BUF about = BUF_INIT;

	message_begin(&about, 0, kept[c->state]);
	message_put_text(&about, "key", span_of(c->key));
	message_put_text(&about, "text", span_of(c->text));
	message_end(&about);
	if (about.failed)
		return -ENOMEM;
	o.about = about.p;
	return depot_object_put(c->server->depot, &o, NULL);
}

static void set_state(struct capture *c, enum control_capture_state state, int error, const char *text)
{
	bool kept_so = kept[c->state] == kept[state] && !text && !*c->text;
	int r;

	c->state = state;
	c->error = error;
	snprintf(c->text, sizeof(c->text), "%s", text ? text : "");
	r = kept_so ? 0 : keep(c);
	if (r < 0)
		log_error("the state of a capture is not kept: %s", strerror(-r));
	tell(c);
}

/* ---- its connection ---- */

static void hang_up(struct capture *c, const char *why)
{
	data_ticket_free(c->ticket);
	receive_free(c->receive);
	data_release(c->data, WEBSOCKET_NORMAL, why);
	c->ticket = NULL;
	c->receive = NULL;
	c->data = NULL;
	c->call = 0;
}

static void fail(struct capture *c, int error, const char *text)
{
	hang_up(c, text);
	note(c, text);
	set_state(c, CONTROL_CAPTURE_FAILED, error, text);
}

/* It is tried again, but not forever without any progress. */
static void wait_again(struct capture *c, const char *why)
{
	hang_up(c, why);
	c->again = clock_monotonic() + CAPTURE_RETRY_MS;
	if (++c->tries > CAPTURE_TRIES)
		fail(c, -ETIMEDOUT, why);
	else
		set_state(c, CONTROL_CAPTURE_WAITING, 0, NULL);
}

static void capture_free(struct capture *c)
{
	hang_up(c, "it is over");
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	free(c);
}

/* ---- the transfer ---- */

struct part_place capture_place(const struct server *s)
{
	return (struct part_place){ s->objects, (uint64_t)s->conf.file_bytes, (uint64_t)s->conf.stored_bytes,
				    (uint64_t)s->conf.free_bytes };
}

bool capture_is_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && !strchr("._-", name.p[i]))
			return false;
	return name.n > 3 && name.n < 256 && isalnum((unsigned char)name.p[0]) &&
	       span_eq((struct span){ name.p + name.n - 3, 3 }, SPAN(".db"));
}

static bool on_offered(const struct control *offer, uint64_t offset, void *data)
{
	struct capture *c = data;
	char when[CLOCK_TEXT];

	if (capture_is_name(offer->offer.name))
		snprintf(c->name, sizeof(c->name), "%.*s", SPAN_FMT(offer->offer.name));
	else
		snprintf(c->name, sizeof(c->name), "endpoint_%s.db", clock_format_name(c->taken_ms, when));
	c->bytes = offer->offer.size;
	c->done = offset;
	keep(c);
	return true;
}

static void on_progress(uint64_t done, uint64_t bytes, void *data)
{
	struct capture *c = data;

	c->tries = done > c->done ? 0 : c->tries;
	c->done = done;
	c->heard = clock_monotonic();
	c->news = true;
}

static int on_stored(const char *sha256, uint64_t size, void *data)
{
	struct capture *c = data;
	struct depot_object o = { .id = c->id, .sha256 = sha256, .size = (int64_t)size, .name = c->name, .about = "{}" };

	return depot_object_put(c->server->depot, &o, NULL);
}

static void on_received(struct receive *r, int error, const char *text, const char *sha256, void *data)
{
	struct capture *c = data;
	char id[24];
	struct control m;

	if (error < 0) {
		fail(c, error, text);
		return;
	}
	c->state = CONTROL_CAPTURE_DONE;
	m = capture_message(c, id);
	tell_all(c, &m);
	note(c, "ok");
	capture_free(c);
}

/* ---- its end of the connection ---- */

static void on_arrived(struct data *d, void *owner)
{
	struct capture *c = owner;
	struct receive_config config = { c->server->fdm, d->peer.link, capture_place(c->server), NULL, on_offered, on_stored,
					 on_progress, on_received, c };
	char key[PART_KEY + 1];

	c->ticket = NULL;
	c->call = 0;
	c->data = d;
	c->heard = clock_monotonic();
	snprintf(key, sizeof(key), "capture-%" PRId64, c->id);
	config.key = key;
	link_set_max_message(d->peer.link, BULK_MAX_MESSAGE);
	if (receive_new(&config, &c->receive) < 0)
		wait_again(c, "the server is out of memory");
	else
		peer_send(&d->peer, &(struct control){ .type = CONTROL_DATA_READY });
}

static void on_message(struct data *d, enum websocket_kind kind, struct span payload, void *owner)
{
	receive_message(((struct capture *)owner)->receive, kind, payload);
}

static void refused(struct capture *c, const char *error, const char *text)
{
	char line[CAPTURE_TEXT];

	server_refusal(line, sizeof(line), error, text);
	fail(c, -EACCES, line);
}

static void on_gone(struct data *d, const struct link_end *end, void *owner)
{
	struct capture *c = owner;

	c->data = NULL;
	if (end->code == WEBSOCKET_POLICY && *end->reason)
		refused(c, NULL, end->reason);
	else
		wait_again(c, "the connection to the endpoint is lost again and again");
}

static void on_expired(void *owner)
{
	struct capture *c = owner;

	c->ticket = NULL;
	wait_again(c, "the endpoint does not answer");
}

static const struct data_owner owner = { .arrived = on_arrived, .message = on_message, .gone = on_gone,
					 .expired = on_expired };

static void run(struct capture *c, struct agent *agent)
{
	char ticket[DATA_TICKET], id[24];
	struct agent_order order = { ticket, CONTROL_TASK_CAPTURE, SPAN_NONE, 0, 0 };
	int r = data_ticket_new(c->server, c->key, &owner, c, &c->ticket, ticket);

	snprintf(id, sizeof(id), "%" PRId64, c->id);
	order.path = span_of(id);
	if (r == 0)
		r = agent_dial(agent, &order, &c->call);
	if (r < 0)
		wait_again(c, "the endpoint cannot be asked");
	else
		set_state(c, CONTROL_CAPTURE_RUNNING, 0, NULL);
}

void capture_answered(struct server *s, const char *key, uint64_t call, const char *error, const char *text)
{
	struct capture *c = s->captures;

	while (c && (c->call != call || strcmp(c->key, key) != 0))
		c = c->next;
	if (!c || !call)
		return;
	if (strcmp(error, "ENOSYS") == 0 || strcmp(error, "EINVAL") == 0)
		refused(c, error, text);
	else
		wait_again(c, "the endpoint cannot connect, or has too much to do"); /* or ends just now */
}

void capture_lost(struct server *s, const char *key)
{
	for (struct capture *c = s->captures; c; c = c->next)
		if (c->state == CONTROL_CAPTURE_RUNNING && strcmp(c->key, key) == 0)
			wait_again(c, "the endpoint's connection is lost again and again");
}

static void check(struct capture *c, int64_t now)
{
	struct agent *agent;

	if (c->data && now - c->heard > CAPTURE_SILENCE_MS) {
		wait_again(c, "nothing came for a long time");
		return;
	}
	if (c->state != CONTROL_CAPTURE_WAITING || now < c->again || c->server->stopping)
		return;
	agent = agent_find(c->server, c->key);
	if (agent)
		run(c, agent);
}

void capture_go_on(struct server *s, const char *key)
{
	for (struct capture *c = s->captures, *next; c; c = next) {
		next = c->next;
		if (strcmp(c->key, key) == 0)
			check(c, clock_monotonic());
	}
}

void capture_check(struct server *s, int64_t now)
{
	tell_news(s);
	for (struct capture *c = s->captures, *next; c; c = next) {
		next = c->next;
		check(c, now);
	}
}

/* ---- making, pausing, deleting ---- */

static struct capture *add(struct server *s)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->server = s;
	c->state = CONTROL_CAPTURE_WAITING;
	c->next = s->captures;
	c->at = &s->captures;
	if (c->next)
		c->next->at = &c->next;
	s->captures = c;
	return c;
}

static int room_for(const struct server *s, const char *key)
{
	unsigned n = 0;

	for (const struct capture *c = s->captures; c; c = c->next, n++)
		if (strcmp(c->key, key) == 0 && c->state != CONTROL_CAPTURE_FAILED)
			return -EBUSY;
	return n >= CAPTURE_MOST ? -EMFILE : 0;
}

static int store(struct capture *c)
{
	struct depot_object o = { .kind = DEPOT_SNAPSHOT, .sha256 = "", .name = "", .host = c->host, .endpoint = c->endpoint,
				  .computers = c->computers, .user = c->user, .created_ms = c->taken_ms, .about = "{}" };
	int r = depot_object_put(c->server->depot, &o, &c->id);

	return r < 0 ? r : keep(c);
}

int capture_new(struct app *app, const char *key, const char *host, int64_t endpoint, int64_t computers,
		struct capture **ret)
{
	struct server *s = app->peer.server;
	int r = room_for(s, key);
	struct capture *c = r < 0 ? NULL : add(s);

	if (!c)
		return r < 0 ? r : -ENOMEM;
	snprintf(c->key, sizeof(c->key), "%s", key);
	snprintf(c->host, sizeof(c->host), "%s", host);
	snprintf(c->by, sizeof(c->by), "%s", app->name);
	c->endpoint = endpoint;
	c->computers = computers;
	c->user = app->user;
	c->taken_ms = clock_now();
	r = store(c);
	if (r < 0) {
		capture_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

struct capture *capture_find(const struct server *s, int64_t id)
{
	struct capture *c = s->captures;

	while (c && c->id != id)
		c = c->next;
	return c;
}

int capture_pause(struct capture *c)
{
	if (c->state == CONTROL_CAPTURE_FAILED)
		return -EINVAL;
	hang_up(c, "it is paused");
	set_state(c, CONTROL_CAPTURE_PAUSED, 0, NULL);
	return 0;
}

int capture_resume(struct capture *c)
{
	if (c->state != CONTROL_CAPTURE_FAILED && c->state != CONTROL_CAPTURE_PAUSED)
		return 0;
	c->tries = 0;
	c->again = 0;
	set_state(c, CONTROL_CAPTURE_WAITING, 0, NULL);
	return 0;
}

int capture_delete(struct capture *c)
{
	char key[PART_KEY + 1];
	bool last;
	int r = depot_object_delete(c->server->depot, c->id, &last);

	if (r < 0)
		return r;
	hang_up(c, "it is deleted");
	snprintf(key, sizeof(key), "capture-%" PRId64, c->id);
	part_remove(c->server->objects, key);
	capture_free(c);
	return 0;
}

void capture_free_all(struct server *s)
{
	while (s->captures)
		capture_free(s->captures);
}

/* ---- the start ---- */

static void read_about(struct capture *c, const char *about)
{
	static const struct message_limits limits = { 65536, 64 };
	struct arena arena = ARENA_INIT;
	struct message_in in;
	struct message m;

	c->state = CONTROL_CAPTURE_FAILED;
	if (message_parse(span_of(about), &limits, &m) < 0)
		return;
	in = message_root(&m);
	snprintf(c->key, sizeof(c->key), "%.*s", SPAN_FMT(message_text(&in, "key", &arena)));
	snprintf(c->text, sizeof(c->text), "%.*s", SPAN_FMT(message_text(&in, "text", &arena)));
	if (!m.error && message_is(&m, "paused"))
		c->state = CONTROL_CAPTURE_PAUSED;
	else if (!m.error && message_is(&m, "waiting"))
		c->state = CONTROL_CAPTURE_WAITING;
	c->error = c->state == CONTROL_CAPTURE_FAILED ? -EIO : 0;
	message_free(&m);
	arena_free(&arena);
}

static int load(const struct depot_object *o, void *data)
{
	struct capture *c = *o->sha256 ? NULL : add(data);

	if (*o->sha256)
		return 0;
	if (!c)
		return -ENOMEM;
	c->id = o->id;
	c->endpoint = o->endpoint;
	c->computers = o->computers;
	c->user = o->user;
	c->taken_ms = o->created_ms;
	c->bytes = (uint64_t)o->size;
	snprintf(c->host, sizeof(c->host), "%s", o->host);
	snprintf(c->name, sizeof(c->name), "%s", o->name);
	read_about(c, o->about);
	return 0;
}

static int name_user(const struct depot_user *u, void *data)
{
	for (struct capture *c = ((struct server *)data)->captures; c; c = c->next)
		if (c->user == u->id)
			snprintf(c->by, sizeof(c->by), "%s", u->name);
	return 0;
}

int capture_load_all(struct server *s)
{
	int r = depot_object_each(s->depot, DEPOT_SNAPSHOT, NULL, load, s);

	return r < 0 ? r : depot_user_each(s->depot, NULL, name_user, s);
}
