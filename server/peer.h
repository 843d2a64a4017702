/* peer: one WebSocket that a program dialled to us: the greeting, then messages. Who does not greet, or log in, in time is
 * let go; who sends what makes no sense is told and let go. */
#pragma once

#include "agent/net/link.h"
#include "agent/wire/control.h"
#include "server/server.h"

/* Control messages: so many at once, then so many a second; who sends more is read slower. */
enum { PEER_GREETING_MS = 10000, PEER_BURST = 400, PEER_RATE = 100 };

struct peer;
struct peer_class {
	const char *name;        /* for the log */
	enum control_side side;
	void (*greeted)(struct peer *p);
	/* Each message after the greeting, as a control message. */
	void (*got)(struct peer *p, const struct control *c);
	/* Or as it comes, where that is set. */
	void (*raw)(struct peer *p, enum websocket_kind kind, struct span payload);
	void (*piece)(struct peer *p, enum websocket_kind kind, struct span payload, bool first, bool last);
	void (*drained)(struct peer *p); /* may be NULL */
	/* The last call: frees it, after peer_part. */
	void (*gone)(struct peer *p, const struct link_end *end);
};

struct peer {
	const struct peer_class *class;
	struct server *server;
	struct link *link;
	struct peer *next, **at;          /* of server->peers */
	bool greeted;
	int budget;                       /* of control messages */
	bool held;                        /* it is used up: nothing is read */
	char address[CONN_ADDRESS_TEXT];
	char network[CONN_ADDRESS_TEXT];  /* by which attempts are counted: of IPv6 the first 64 bits */
	char program[33], version[33], host[256];
};

/* By which attempts of whoever is there are counted: see network. */
void peer_network(const struct link *l, char out[CONN_ADDRESS_TEXT]);
void peer_join(struct peer *p, const struct peer_class *class, struct server *s, struct link *l);
void peer_part(struct peer *p);
/* 0, or it is on its way out: then nothing more can be done for it, and `gone` comes later, not from here. */
int peer_send(struct peer *p, const struct control *c);
int peer_done(struct peer *p, uint64_t id);
/* text: for people; NULL for none. */
int peer_error(struct peer *p, uint64_t id, int error, const char *text);
/* Ends it soon; `gone` comes later, not from here. The reason goes into the log, and to the peer. */
void peer_drop(struct peer *p, enum websocket_code code, const char *why);

/* It made work that this many control messages make: see PEER_BURST. */
void peer_pay(struct peer *p, int cost);
/* Once a second: who was read no more is read again. */
void peer_check(struct server *s);

/* Of the link (gate.c). */
void peer_ready(struct peer *p);
void peer_message(struct peer *p, enum websocket_kind kind, struct span payload);
