#include "server/data.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/wire/wire.h"
#include "server/secret.h"

struct ticket {
	struct ticket *next, **at; /* of server->tickets; at NULL: somebody came with it, who has not greeted yet */
	struct data *data;         /* who */
	unsigned char hash[SECRET_HASH];
	char key[DEPOT_KEY + 1]; /* "": an app's */
	const struct data_owner *class;
	void *owner;
	int64_t until; /* monotonic */
};

int data_ticket_new(struct server *s, const char *key, const struct data_owner *class, void *owner, struct ticket **ret,
		    char text[DATA_TICKET])
{
	struct ticket *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	r = secret_new(text);
	if (r == 0)
		r = secret_hash(span_of(text), t->hash);
	if (r < 0) {
		free(t);
		return r;
	}
	if (key)
		memcpy(t->key, key, DEPOT_KEY);
	t->class = class;
	t->owner = owner;
	t->until = clock_monotonic() + WIRE_TICKET_MS;
	t->next = s->tickets;
	t->at = &s->tickets;
	if (t->next)
		t->next->at = &t->next;
	s->tickets = t;
	*ret = t;
	return 0;
}

static void withdraw(struct ticket *t)
{
	if (!t->at)
		return;
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->at = NULL;
}

void data_ticket_free(struct ticket *t)
{
	if (!t)
		return;
	withdraw(t);
	if (t->data) {
		t->data->ticket = NULL;
		link_close(t->data->peer.link, WEBSOCKET_NORMAL, "it is not wanted any more");
	}
	free(t);
}

/* Whoever has it is told that nobody comes with it. */
static void expire(struct ticket *t)
{
	const struct data_owner *class = t->class;
	void *owner = t->owner;

	data_ticket_free(t);
	class->expired(owner);
}

void data_check(struct server *s, int64_t now)
{
	for (struct ticket *t = s->tickets; t;) {
		if (now <= t->until) {
			t = t->next;
			continue;
		}
		expire(t);
		t = s->tickets; /* who heard of it may have freed others */
	}
}

/* ---- the end itself ---- */

void data_release(struct data *d, enum websocket_code code, const char *why)
{
	if (!d)
		return;
	d->owner = NULL;
	link_close(d->peer.link, code, why);
}

struct link *data_give_away(struct data *d)
{
	struct link *l = d->peer.link;

	peer_part(&d->peer);
	free(d);
	return l;
}

static void on_greeted(struct peer *p)
{
	struct data *d = (struct data *)p;
	struct ticket *t = d->ticket;

	if (!t)
		return;
	d->class = t->class;
	d->owner = t->owner;
	d->ticket = NULL;
	t->data = NULL;
	data_ticket_free(t);
	d->class->arrived(d, d->owner);
}

static void on_raw(struct peer *p, enum websocket_kind kind, struct span payload)
{
	struct data *d = (struct data *)p;

	if (d->owner)
		d->class->message(d, kind, payload, d->owner);
}

static void on_piece(struct peer *p, enum websocket_kind kind, struct span payload, bool first, bool last)
{
	struct data *d = (struct data *)p;

	if (d->owner)
		d->class->piece(d, kind, payload, first, last, d->owner);
}

static void on_drained(struct peer *p)
{
	struct data *d = (struct data *)p;

	if (d->owner && d->class->drained)
		d->class->drained(d, d->owner);
}

static void on_gone(struct peer *p, const struct link_end *end)
{
	struct data *d = (struct data *)p;

	peer_part(p);
	if (d->ticket) {
		d->ticket->data = NULL;
		expire(d->ticket);
	}
	if (d->owner)
		d->class->gone(d, end, d->owner);
	free(d);
}

static const struct peer_class of_app = {
	.name = "session", .side = CONTROL_APP, .greeted = on_greeted, .raw = on_raw, .piece = on_piece,
	.drained = on_drained, .gone = on_gone,
};
static const struct peer_class of_agent = {
	.name = "agent's session", .side = CONTROL_AGENT, .greeted = on_greeted, .raw = on_raw, .piece = on_piece,
	.drained = on_drained, .gone = on_gone,
};

unsigned data_accept(struct server *s, struct link *l, struct span ticket, const char *key, struct peer **ret)
{
	unsigned char hash[SECRET_HASH];
	struct ticket *t = s->tickets;
	struct data *d;

	if (secret_hash(ticket, hash) < 0)
		return 404;
	while (t && (memcmp(t->hash, hash, sizeof(hash)) != 0 || strcmp(t->key, key ? key : "") != 0))
		t = t->next;
	if (!t)
		return 404;
	d = calloc(1, sizeof(*d));
	if (!d)
		return 503;
	withdraw(t);
	t->data = d;
	d->ticket = t;
	peer_join(&d->peer, key ? &of_agent : &of_app, s, l);
	link_vouch(l);
	*ret = &d->peer;
	return 0;
}
