/* websocket: the framing of RFC 6455, both roles, without extensions. Bytes in, bytes and events out: no I/O.
 *
 * What is to be sent gathers in `out`: the caller sends it and consumes it. Pings are answered and a close is echoed by
 * themselves. The peer is hostile: nothing is set aside for a length it only announces; what cannot become a valid
 * message (a wrong mask, UTF-8, length, order) is noticed at the first byte that shows it. Replies are at most three
 * times the bytes that were read, so who stops reading while `out` is large bounds both.
 *
 * The opening handshake is upgrade.h's. */
#pragma once

#include "agent/base/buf.h"
#include "agent/base/utf8.h"

enum websocket_role { WEBSOCKET_CLIENT, WEBSOCKET_SERVER };

/* Section 7.4.1, and the registry of section 11.7. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL = 1002,
	WEBSOCKET_UNSUPPORTED = 1003,
	WEBSOCKET_NO_CODE = 1005, /* never sent: a close without one came */
	WEBSOCKET_BAD_DATA = 1007,
	WEBSOCKET_POLICY = 1008,
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_INTERNAL = 1011,
	WEBSOCKET_TRY_LATER = 1013,
};

enum {
	WEBSOCKET_MAX_CONTROL = 125, /* payload bytes of a ping, pong or close (section 5.5) */
	WEBSOCKET_MAX_REASON = 123,
	WEBSOCKET_MAX_HEADER = 14,
};

/* The numbers are the opcodes. */
enum websocket_kind {
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

struct websocket_event {
	enum websocket_kind kind;
	struct span payload; /* a whole message; of a close its reason. Valid until the next websocket_read */
	unsigned code;       /* CLOSE */
	bool first, last;    /* of TEXT and BINARY: both, unless it is a piece (websocket_set_pieces) */
};

enum websocket_state {
	WEBSOCKET_OPEN,
	WEBSOCKET_CLOSING, /* we sent a close and wait for the peer's: messages still come, none can be sent */
	WEBSOCKET_CLOSED,  /* both closes went, or the peer broke the protocol: when `out` is sent, end the connection */
};

struct websocket {
	enum websocket_role role;
	enum websocket_state state;
	size_t limit;          /* greatest message that is accepted */
	struct buf out;        /* to be sent */
	int error;             /* sticky; of websocket_read */
	/* ---- private ---- */
	unsigned char header[WEBSOCKET_MAX_HEADER];
	unsigned have;         /* bytes of the header so far */
	bool in_payload;
	uint64_t left, done;   /* payload bytes of the frame to come, and that came */
	unsigned char mask[4];
	unsigned kind;         /* of the begun message; 0: none */
	struct utf8 utf8;      /* of the begun text message */
	struct buf message;
	uint64_t size;         /* of the begun message, so far */
	bool pieces, begun;    /* begun: its first piece was given out */
	bool delivered;        /* `message` was given out whole: empty it before more comes */
	unsigned char control[WEBSOCKET_MAX_CONTROL];
};

/* limit: greatest message in bytes, after joining its fragments. */
void websocket_init(struct websocket *w, enum websocket_role role, size_t limit);
void websocket_free(struct websocket *w);
/* Also of a message that has begun: if it is longer already, its next fragment ends the connection. */
void websocket_set_limit(struct websocket *w, size_t limit);

/* From the next message on they are given out in pieces, as they come, so that whoever passes them on holds no whole one. A
 * piece of text may end inside a character; the limit is still the whole message's. */
void websocket_set_pieces(struct websocket *w);

/* Takes bytes off the front of *bytes until there is an event. 1 with one; 0 when all bytes are taken (also for good
 * after the close, whatever comes); -EPROTO (code 1002), -EILSEQ (1007, not UTF-8), -EMSGSIZE (1009), -ENOMEM (1011):
 * for good, and the close with that code is in `out`. */
int websocket_read(struct websocket *w, struct span *bytes, struct websocket_event *ret);

/* A message in one frame. 0; -EPIPE after a close was sent; -ENOMEM. TEXT must be valid UTF-8: the peer ends the
 * connection otherwise. */
int websocket_send(struct websocket *w, enum websocket_kind kind, struct span payload);
/* A piece of a message as a fragment of it (section 5.4). Between first and last nothing else but pieces of it may be sent. */
int websocket_send_piece(struct websocket *w, enum websocket_kind kind, struct span payload, bool first, bool last);
/* payload: at most WEBSOCKET_MAX_CONTROL bytes, which come back in a pong. 0, -EMSGSIZE, -EPIPE, -ENOMEM. */
int websocket_ping(struct websocket *w, struct span payload);
/* Begins the closing handshake; once is enough. reason: UTF-8, cut to WEBSOCKET_MAX_REASON at a character. */
int websocket_close(struct websocket *w, unsigned code, struct span reason);
/* May that code be in a close frame? */
bool websocket_code_is_valid(unsigned code);
