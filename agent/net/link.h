/* link: messages over a conn: the WebSocket handshake, then text and binary messages both ways. A server's link also
 * answers plain HTTP requests, as long as it has not become a WebSocket.
 *
 * Who dialled pings every LINK_PING_MS, so that no proxy on the way takes the connection for idle and each side notices
 * within conn's silence limit that the other is gone; the other side just answers. */
#pragma once

#include "agent/net/conn.h"
#include "agent/net/listener.h"
#include "agent/wire/http.h"
#include "agent/wire/websocket.h"

enum { LINK_PING_MS = 20000 };
/* However much a peer sends, it is let go when the upgrade, or the head of a first request, is not there so long after the
 * connection opened; a body not there after its head; another request not after the one before. */
enum { LINK_HEAD_MS = 10000, LINK_BODY_MS = 3600000, LINK_IDLE_MS = 65000 };

struct link;

/* How it ended, for people and for whoever decides what next. */
struct link_end {
	int error;           /* 0: closed in order. -ECONNREFUSED: answered, but not with a WebSocket (status); else as conn's */
	enum tls_fault fault;
	unsigned status;     /* of the HTTP answer that was no upgrade */
	unsigned code;       /* of the peer's close, 0: none came */
	const char *reason;  /* that came with it: UTF-8, from the peer */
};

/* Each may call anything on the link. Nothing is called after `closed`. */
struct link_handler {
	/* SERVER: may this request become a WebSocket? 0: yes; else the status to refuse it with. */
	unsigned (*upgrade)(struct link *l, const struct http_head *head, void *data);
	/* SERVER: the events of a request that wants no WebSocket. By its END the answer is appended to out, unless
	 * link_answer brings it. */
	void (*request)(struct link *l, const struct http_event *e, struct buf *out, void *data);
	void (*ready)(struct link *l, void *data);   /* messages may be sent */
	void (*message)(struct link *l, enum websocket_kind kind, struct span payload, void *data); /* TEXT or BINARY */
	void (*drained)(struct link *l, void *data); /* what was sent is out; may be NULL */
	void (*closed)(struct link *l, const struct link_end *end, void *data); /* the link is freed when it returns */
	/* Instead of `message` after link_set_pieces. */
	void (*piece)(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last, void *data);
};

/* ---- client ---- */

struct link_config {
	struct tls_policy policy;
	const char *name;    /* of the server, as its certificate has it */
	const char *target;  /* "/agent" */
	struct conn_limits limits;
	size_t max_message;
	const struct link_handler *handler; /* `upgrade` and `request` are not called */
	void *data;
};
/* Takes fd (dial.h), also on failure. What policy and handler point to must outlive the link; the rest is copied. 0 or
 * negative errno. */
int link_new(struct fdm *fdm, int fd, const struct link_config *config, struct link **ret);

/* ---- server ---- */

struct link_server;
struct link_server_config {
	struct listener_config listener; /* its handler and data are set here */
	size_t max_message;
	uint64_t max_body;
	const struct link_handler *handler;
	void *data;                      /* of every link, until link_set_data */
	/* Somebody connected and was nobody we know; may be NULL. */
	void (*refused)(int error, enum tls_fault fault, void *data);
};
int link_server_new(struct fdm *fdm, const char *address, uint16_t port, const struct link_server_config *config,
		    struct link_server **ret);
void link_server_free(struct link_server *s); /* not from a handler; NULL is fine */
struct listener *link_server_listener(struct link_server *s);

/* ---- both ---- */

void link_set_data(struct link *l, void *data);
/* For whoever takes the link over; also from a handler. */
void link_set_handler(struct link *l, const struct link_handler *handler, void *data);
/* Another limit (websocket_set_limit): a peer that has not said who it is gets a small one. */
void link_set_max_message(struct link *l, size_t max_message);
/* From the next message on they come and go in pieces (websocket_set_pieces). */
void link_set_pieces(struct link *l);
/* conn_hold, conn_set_due, conn_vouch, conn_address of its connection. */
void link_hold(struct link *l, bool hold);
void link_set_due(struct link *l, int64_t ms);
void link_vouch(struct link *l);
const unsigned char *link_address(const struct link *l);
const struct tls *link_tls(const struct link *l);
/* kind: TEXT (UTF-8) or BINARY; with its header at most the limits' `unsent`. 0; -EAGAIN before it is ready; -ENOBUFS when
 * too much waits to be sent: not sent then, try again when drained; -EPIPE; -ENOMEM. */
int link_send(struct link *l, enum websocket_kind kind, struct span payload);
/* SERVER, of a request: its answer comes later. Nothing more is read until then; what the peer sent behind it is dropped. */
void link_defer(struct link *l);
/* SERVER: a request's answer that comes later, or before its END; the last one of the connection, which closes. Never
 * calls `closed`. */
void link_answer(struct link *l, struct span answer);
/* As link_send; what stands between first and last must be pieces too. */
int link_send_piece(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last);
/* Pings when it is time, and lets an overdue peer go: a link does so itself, once a second. now: clock_monotonic. */
void link_check(struct link *l, int64_t now);
size_t link_unsent(const struct link *l);
/* Says why and closes. The peer's answer is not waited for. Never calls `closed`: the loop does. */
void link_close(struct link *l, enum websocket_code code, const char *reason);
/* At once, with that error (negative); may call `closed`. */
void link_abort(struct link *l, int error);
