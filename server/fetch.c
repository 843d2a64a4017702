#include "server/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "server/data.h"

enum { MOST = 64, MOST_OF_ONE = 8 }; /* of one user */

struct fetch {
	struct fetch *next, **at; /* of server->fetches */
	struct app *app;
	struct ticket *ticket;
	struct data *data;
	struct send *send;
	int fd;                   /* -1: it is the send's */
	int64_t active;           /* monotonic: the app last said something, or took all there was */
	char name[256], sha256[2 * BULK_SHA256 + 1];
};

static void fetch_free(struct fetch *f, enum websocket_code code, const char *why)
{
	data_ticket_free(f->ticket);
	send_free(f->send);
	data_release(f->data, code, why);
	if (f->fd >= 0)
		close(f->fd);
	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	free(f);
}

static void on_sent(struct send *s, int error, const char *text, void *data)
{
	fetch_free(data, error ? WEBSOCKET_GOING_AWAY : WEBSOCKET_NORMAL, text ? text : "it is sent");
}

static void on_arrived(struct data *d, void *owner)
{
	struct fetch *f = owner;
	struct send_config config = { f->app->peer.server->fdm, d->peer.link, f->fd, span_of(f->name), span_of(f->sha256),
				      INT64_MAX, NULL, on_sent, f };

	f->ticket = NULL;
	f->data = d;
	f->fd = -1;
	f->active = clock_monotonic();
	link_set_max_message(d->peer.link, BULK_MAX_MESSAGE);
	peer_send(&d->peer, &(struct control){ .type = CONTROL_DATA_READY });
	if (send_new(&config, &f->send) < 0)
		fetch_free(f, WEBSOCKET_INTERNAL, "it cannot be read");
}

static void on_message(struct data *d, enum websocket_kind kind, struct span payload, void *owner)
{
	struct fetch *f = owner;

	f->active = clock_monotonic();
	send_message(f->send, kind, payload);
}

static void on_drained(struct data *d, void *owner)
{
	struct fetch *f = owner;

	f->active = clock_monotonic();
	if (f->send)
		send_drained(f->send);
}

static void on_gone(struct data *d, const struct link_end *end, void *owner)
{
	struct fetch *f = owner;

	f->data = NULL;
	fetch_free(f, WEBSOCKET_NORMAL, "it is gone");
}

static void on_expired(void *owner)
{
	struct fetch *f = owner;

	f->ticket = NULL;
	fetch_free(f, WEBSOCKET_NORMAL, "nobody came");
}

static const struct data_owner owner = { .arrived = on_arrived, .message = on_message, .drained = on_drained,
					 .gone = on_gone, .expired = on_expired };

static bool is_full(const struct app *a)
{
	unsigned n = 0, own = 0;

	for (const struct fetch *f = a->peer.server->fetches; f; f = f->next) {
		n++;
		own += f->app->user == a->user;
	}
	return n >= MOST || own >= MOST_OF_ONE;
}

int fetch_new(struct app *a, uint64_t call, int fd, const char *name, const char *sha256)
{
	struct server *s = a->peer.server;
	struct control c = { .type = CONTROL_TICKET, .id = call };
	bool full = is_full(a);
	struct fetch *f = full ? NULL : calloc(1, sizeof(*f));
	char ticket[DATA_TICKET];
	int r;

	if (!f) {
		close(fd);
		return full ? -EMFILE : -ENOMEM;
	}
	f->app = a;
	f->fd = fd;
	f->next = s->fetches;
	f->at = &s->fetches;
	if (f->next)
		f->next->at = &f->next;
	s->fetches = f;
	snprintf(f->name, sizeof(f->name), "%s", name);
	snprintf(f->sha256, sizeof(f->sha256), "%s", sha256);
	r = data_ticket_new(s, NULL, &owner, f, &f->ticket, ticket);
	if (r < 0) {
		fetch_free(f, WEBSOCKET_INTERNAL, "");
		return r;
	}
	c.ticket.session = ++s->last_id;
	c.ticket.ticket = span_of(ticket);
	peer_send(&a->peer, &c);
	return 0;
}

void fetch_close_app(struct app *a)
{
	for (struct fetch *f = a->peer.server->fetches, *next; f; f = next) {
		next = f->next;
		if (f->app == a)
			fetch_free(f, WEBSOCKET_GOING_AWAY, "the app's connection ended");
	}
}

void fetch_check(struct server *s, int64_t now)
{
	for (struct fetch *f = s->fetches, *next; f; f = next) {
		next = f->next;
		if (f->data && now - f->active > s->conf.idle_ms)
			fetch_free(f, WEBSOCKET_GOING_AWAY, "nothing was taken for a long time");
	}
}
