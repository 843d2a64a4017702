/* conn: one TCP connection that speaks TLS, on an fdm. It owns its descriptor and its struct tls.
 *
 * A peer that lets us wait is let go: when the handshake takes too long, when nothing comes for too long, when what we
 * send is not taken for too long. Time is brought by conn_check, which whoever holds connections calls about once a
 * second for all of them. While more than CONN_MUCH bytes wait to be sent nothing is read, so that a peer that only asks
 * and never listens costs bounded memory. */
#pragma once

#include "agent/base/fdm.h"
#include "agent/net/tls.h"

enum { CONN_MUCH = 256 << 10, CONN_LINGER_MS = 2000 };

struct conn;

/* Those of one listener, or of whoever else counts them. Zeroed: empty. */
struct conn_group {
	struct conn *first, *last; /* by age */
	unsigned n, unopened;
};

/* Where a peer is: an IPv6 address, or an IPv4 one in its place (::ffff:0:0/96); all zero when it cannot be known. */
enum { CONN_ADDRESS = 16, CONN_ADDRESS_TEXT = 46 };

struct conn_limits {
	int64_t handshake_ms; /* from the beginning until it is open */
	int64_t silence_ms;   /* without a byte from the peer */
	int64_t stall_ms;     /* with something to send and not a byte taken */
	size_t unsent;        /* bytes that may wait to be sent */
};
/* What fits pings every 20 s. */
#define CONN_LIMITS ((struct conn_limits){ 10000, 65000, 30000, 8 << 20 })

/* Each may call anything on the connection. None is called after `closed`. */
struct conn_handler {
	void (*opened)(struct conn *c, void *data);  /* the peer is who it must be (conn_tls) */
	void (*received)(struct conn *c, struct span plain, void *data);
	void (*drained)(struct conn *c, void *data); /* what was sent is out; may be NULL */
	/* The last call; the connection is freed when it returns. error: 0 both sides said that they are through;
	 * or we closed it; -ECONNRESET cut; -ETIMEDOUT; -EKEYREJECTED and -EPROTO as of tls.h; what conn_abort was given. */
	void (*closed)(struct conn *c, int error, void *data);
};

/* Takes fd (connected, non-blocking) and tls, also on failure. 0, -ENOMEM, or the errno of watching fd. The handler and
 * the group (NULL: none) must outlive the connection. */
int conn_new(struct fdm *fdm, int fd, struct tls *tls, const struct conn_limits *limits, struct conn_group *group,
	     const struct conn_handler *handler, void *data, struct conn **ret);
void conn_set_data(struct conn *c, void *data);
/* Overdue so many milliseconds from now, however much the peer sends, until this is called again; 0: not. */
void conn_set_due(struct conn *c, int64_t ms);
/* Reads nothing more from the peer until this is taken back, as often as it was asked for; its silence is not counted
 * meanwhile. Never calls `closed`. */
void conn_hold(struct conn *c, bool hold);
/* 0; -EAGAIN before it is open; -ENOBUFS when more than limits.unsent would wait: nothing is sent then; -EPIPE when it is
 * closing; -ENOMEM. Never calls `closed`. */
int conn_send(struct conn *c, struct span plain);
size_t conn_unsent(const struct conn *c);
/* Sends what waits, says that nothing more comes, and closes when the peer has too, at the latest after CONN_LINGER_MS: a
 * socket that is closed with unread bytes takes what was sent from the peer. Never calls `closed`. */
void conn_close(struct conn *c);
/* Closes at once, and calls `closed` with that error (negative). */
void conn_abort(struct conn *c, int error);
/* now: clock_monotonic. Closes it when it is overdue. */
void conn_check(struct conn *c, int64_t now);
void conn_group_check(struct conn_group *g, int64_t now);
/* Aborts the oldest that is not open yet; the oldest stranger (false: there is none); or all. */
void conn_group_drop_unopened(struct conn_group *g, int error);
bool conn_group_drop_stranger(struct conn_group *g, int error);
void conn_group_abort(struct conn_group *g, int error);
/* Strangers are those that conn_vouch was not called for. How many are at that address (of IPv6: in its network, /64)? */
unsigned conn_group_strangers(const struct conn_group *g, const unsigned char address[CONN_ADDRESS]);
/* The peer showed who it is, in whatever way. */
void conn_vouch(struct conn *c);
/* Of a connected socket. */
void conn_find_address(int fd, unsigned char ret[CONN_ADDRESS]);
const unsigned char *conn_address(const struct conn *c); /* CONN_ADDRESS bytes */
/* "192.0.2.1", "2001:db8::1". Returns out. */
char *conn_address_text(const unsigned char address[CONN_ADDRESS], char out[CONN_ADDRESS_TEXT]);
const struct tls *conn_tls(const struct conn *c);
bool conn_is_open(const struct conn *c);
/* `opened` was called, whatever became of it. */
bool conn_was_open(const struct conn *c);
