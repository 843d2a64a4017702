/* data: an end of a session or transfer, /data/TICKET. Whoever wants one makes a ticket and tells it to the program that is
 * to dial; when that did and greeted, the end is theirs. A ticket fits one side and one key, once, for WIRE_TICKET_MS. */
#pragma once

#include "server/peer.h"

struct data;
struct data_owner {
	void (*arrived)(struct data *d, void *owner); /* it greeted: messages may be sent and come */
	void (*message)(struct data *d, enum websocket_kind kind, struct span payload, void *owner);
	/* Instead of `message` after data_set_pieces. */
	void (*piece)(struct data *d, enum websocket_kind kind, struct span payload, bool first, bool last, void *owner);
	void (*drained)(struct data *d, void *owner); /* may be NULL */
	void (*gone)(struct data *d, const struct link_end *end, void *owner); /* the last call: d is freed then */
	void (*expired)(void *owner); /* nobody came, or went without a greeting; the ticket is no more */
};

struct data {
	struct peer peer;
	struct ticket *ticket; /* until it has greeted */
	const struct data_owner *class;
	void *owner; /* since then; NULL: nobody's any more, it closes */
};

enum { DATA_TICKET = 33 };
/* key: the agent's (DEPOT_KEY digits), NULL for an app's end. text: the ticket. 0, -ENOMEM, -EIO. */
int data_ticket_new(struct server *s, const char *key, const struct data_owner *class, void *owner, struct ticket **ret,
		    char text[DATA_TICKET]);
/* Until `arrived` or `expired`. Who came with it and has not greeted goes. NULL is fine. */
void data_ticket_free(struct ticket *t);
/* What is on the link is somebody else's from now on, as are its messages: d is no more. */
struct link *data_give_away(struct data *d);
/* Closes it; its owner hears nothing more. NULL is fine. */
void data_release(struct data *d, enum websocket_code code, const char *why);

/* Of the gate: 0 with the peer, or the status to refuse it with. key: the agent's, NULL on the apps' port. */
unsigned data_accept(struct server *s, struct link *l, struct span ticket, const char *key, struct peer **ret);
void data_check(struct server *s, int64_t now); /* of tickets that expired */
