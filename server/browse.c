#include "server/browse.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/net/pump.h"
#include "agent/session/confine.h"
#include "agent/wire/wire.h"
#include "server/data.h"

enum { MOST = 64, MOST_OF_ONE = 8 }; /* of one user */

struct browse {
	struct browse *next, **at; /* of server->browses */
	struct server *server;
	struct app *app;           /* NULL: it went away */
	int64_t user;
	char *path;
	struct ticket *ticket;
	struct pump *pump;
	pid_t child;               /* while there is a pump */
};

static void browse_free(struct browse *b)
{
	data_ticket_free(b->ticket);
	*b->at = b->next;
	if (b->next)
		b->next->at = b->at;
	free(b->path);
	free(b);
}

static void on_done(struct pump *p, const struct link_end *end, void *data)
{
	struct browse *b = data;

	confine_end(b->child);
	browse_free(b);
}

static int begin(struct browse *b, struct data *d)
{
	struct pump_config config = { b->server->fdm, d->peer.link, -1, WIRE_ANSWER_BYTES, on_done, b };
	int r = confine_serve_kept(b->path, &config.fd, &b->child);

	if (r < 0)
		return r;
	link_set_max_message(d->peer.link, WIRE_REQUEST_BYTES);
	r = pump_new(&config, &b->pump);
	if (r < 0)
		confine_end(b->child);
	else
		data_give_away(d);
	return r;
}

static void on_arrived(struct data *d, void *owner)
{
	struct browse *b = owner;

	b->ticket = NULL;
	if (peer_send(&d->peer, &(struct control){ .type = CONTROL_DATA_READY }) == 0 && begin(b, d) == 0)
		return;
	data_release(d, WEBSOCKET_INTERNAL, "it could not be opened");
	browse_free(b);
}

static void on_expired(void *owner)
{
	struct browse *b = owner;

	b->ticket = NULL;
	browse_free(b);
}

/* Between its arrival and its pump nothing comes. */
static const struct data_owner owner = { .arrived = on_arrived, .expired = on_expired };

static bool is_full(const struct app *a)
{
	unsigned n = 0, own = 0;

	for (const struct browse *b = a->peer.server->browses; b; b = b->next, n++)
		own += b->user == a->user;
	return n >= MOST || own >= MOST_OF_ONE;
}

int browse_new(struct app *a, uint64_t call, const char *path)
{
	struct server *s = a->peer.server;
	struct control c = { .type = CONTROL_TICKET, .id = call };
	struct browse *b = is_full(a) ? NULL : calloc(1, sizeof(*b));
	char ticket[DATA_TICKET];
	int r;

	if (!b)
		return is_full(a) ? -EMFILE : -ENOMEM;
	*b = (struct browse){ .server = s, .app = a, .user = a->user, .path = strdup(path) };
	b->next = s->browses;
	b->at = &s->browses;
	if (b->next)
		b->next->at = &b->next;
	s->browses = b;
	r = b->path ? data_ticket_new(s, NULL, &owner, b, &b->ticket, ticket) : -ENOMEM;
	if (r < 0) {
		browse_free(b);
		return r;
	}
	c.ticket.session = ++s->last_id;
	c.ticket.ticket = span_of(ticket);
	peer_send(&a->peer, &c);
	return 0;
}

/* May call on_done at once. */
static void close_one(struct browse *b, enum websocket_code code, const char *why)
{
	if (b->pump)
		pump_close(b->pump, code, why);
	else
		browse_free(b);
}

void browse_close_app(struct app *a)
{
	for (struct browse *b = a->peer.server->browses, *next; b; b = next) {
		next = b->next;
		if (b->app != a)
			continue;
		b->app = NULL;
		close_one(b, WEBSOCKET_GOING_AWAY, "the app's connection ended");
	}
}

void browse_check(struct server *s, int64_t now)
{
	for (struct browse *b = s->browses, *next; b; b = next) {
		next = b->next;
		if (b->pump && confine_memory(b->child) > CONFINE_MEMORY)
			close_one(b, WEBSOCKET_TOO_BIG, "the search took more memory than is allowed");
		else if (b->pump && now - pump_heard(b->pump) > s->conf.idle_ms)
			close_one(b, WEBSOCKET_NORMAL, "nothing was asked for a long time");
	}
}
