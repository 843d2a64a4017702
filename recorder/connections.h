/* connections: what became of connections. Records tell that one was begun or accepted; its local side, and that an attempt
 * has succeeded, is seen in the kernel's list of sockets while it is open; its end is told beside the records (sockdiag.h).
 * All that is put together here and becomes rows: Connect, ConnectAttempt and Accept with both sides, Disconnect.
 *
 * A row waits for its local side for CONNECTIONS_HELD_MS at most. The table is bounded: what is oldest is forgotten, so
 * that its end is then told as nobody's. Where several programs were just connected to one address and nothing tells
 * whose connection ended, its end is nobody's too; where it was one program, its end is that program's, but the rows of the
 * beginnings stay without local side. In a log there are only records: rows are made at once. */
#pragma once

#include "recorder/emit.h"
#include "recorder/endpoint.h"

enum {
	CONNECTIONS_HELD_MS = 4000, /* longer than ends wait for the records of their time */
	CONNECTIONS_AFTER_MS = 50,  /* as EXITS_AFTER_MS */
	CONNECTIONS_QUIET_MS = 3000, /* as EXITS_QUIET_MS */
	CONNECTIONS_CLOSED_MAX = 65536,
};

struct connections;

/* As a record tells it. */
struct connection {
	int64_t boot, image, time_ms;
	uint64_t serial;
	int64_t pid;
	uint64_t fd;
	enum event_action action; /* ConnectAttempt, Connect or Accept; of one that was there before: none */
	int32_t flags;
	struct endpoint_pair ends; /* local: as far as known */
};

/* 0 or -ENOMEM. config: the functions that look, and whether ends will be told. */
int connections_new(struct emit *emit, const struct recording_config *config, struct connections **ret);
void connections_free(struct connections *c); /* NULL is fine */

/* Begun, or accepted: makes the row, now or later. */
void connections_add(struct connections *c, const struct connection *told);
/* connect was called again for a connection that was begun: is it known to be under way? Then there is no row. */
bool connections_is_pending(const struct connections *c, const struct connection *told);
/* It has succeeded: true when it was begun before, and the row, if there has to be one, is made. */
bool connections_succeeded(struct connections *c, const struct connection *told);
/* It has failed: forgets that it was begun. The local side, where it was known, goes to *local. */
void connections_failed(struct connections *c, const struct connection *told, struct endpoint *local);

/* Connected already when recording began. */
void connections_known(struct connections *c, const struct connection *before, uint64_t inode);

/* The kernel told that a socket ended. Waits until records of that time are interpreted. 0, -ENOMEM, -ENOBUFS. */
int connections_closed(struct connections *c, int64_t time_ms, const struct sockdiag_socket *s);
/* Records up to that time are interpreted: tells the ends until then. */
void connections_release(struct connections *c, int64_t until_ms);
/* Looks where there is something to look for, and makes the rows that waited for long enough. */
void connections_tick(struct connections *c, int64_t now_ms);
/* Nothing more comes. */
void connections_finish(struct connections *c);
