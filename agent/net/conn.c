#include "agent/net/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"

enum { PIECE = 16384 };

struct conn {
	struct fdm *fdm;
	int fd;
	uint32_t events;
	struct tls *tls;
	struct conn_limits limits;
	const struct conn_handler *handler;
	void *data;
	struct conn_group *group;
	struct conn *older, *younger;
	int64_t begun, heard, taken; /* monotonic: its begin, the last byte in, the last out (or the first to wait) */
	int64_t closed;              /* since when it is closing */
	int64_t due;                 /* 0: conn_set_due asked for nothing */
	bool open, closing, shut, dead, vouched;
	unsigned held;               /* how often */
	unsigned char address[CONN_ADDRESS];
	int error;
	int failed;                  /* of TLS; it is only closed when the peer had the chance to hear why */
	unsigned busy;               /* depth of our own calls: freed when the outermost returns */
};

static void die(struct conn *c, int error)
{
	if (c->dead)
		return;
	c->dead = true;
	c->error = c->failed ? c->failed : error;
}

/* ---- groups ---- */

static void join(struct conn_group *g, struct conn *c)
{
	if (!g)
		return;
	c->older = g->last;
	*(g->last ? &g->last->younger : &g->first) = c;
	g->last = c;
	g->n++;
	g->unopened++;
}

static void part(struct conn_group *g, struct conn *c)
{
	if (!g)
		return;
	*(c->older ? &c->older->younger : &g->first) = c->younger;
	*(c->younger ? &c->younger->older : &g->last) = c->older;
	g->n--;
	g->unopened -= !c->open;
}

static bool is_overdue(const struct conn *c, int64_t now)
{
	if (c->closing && now - c->closed > CONN_LINGER_MS)
		return true;
	if (!c->open && now - c->begun > c->limits.handshake_ms)
		return true;
	if (c->due && now > c->due)
		return true;
	return (!c->held && now - c->heard > c->limits.silence_ms) ||
	       (conn_unsent(c) && now - c->taken > c->limits.stall_ms);
}

/* From the first after every one that goes, since a handler may close others. */
void conn_group_check(struct conn_group *g, int64_t now)
{
	for (struct conn *c = g->first; c;) {
		if (!c->dead && is_overdue(c, now)) {
			conn_check(c, now);
			c = g->first;
		} else {
			c = c->younger;
		}
	}
}

void conn_group_drop_unopened(struct conn_group *g, int error)
{
	for (struct conn *c = g->first; c; c = c->younger) {
		if (!c->open && !c->dead) {
			conn_abort(c, error);
			return;
		}
	}
}

bool conn_group_drop_stranger(struct conn_group *g, int error)
{
	struct conn *c = g->first;

	while (c && (c->vouched || c->dead))
		c = c->younger;
	if (c)
		conn_abort(c, error);
	return c != NULL;
}

void conn_group_abort(struct conn_group *g, int error)
{
	for (struct conn *c = g->first; c;) {
		if (!c->dead) {
			conn_abort(c, error);
			c = g->first;
		} else {
			c = c->younger;
		}
	}
}

static const unsigned char v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

static bool is_v4(const unsigned char *address)
{
	return memcmp(address, v4_prefix, sizeof(v4_prefix)) == 0;
}

/* Who has one IPv6 address has a whole network of them. */
static bool is_near(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, is_v4(a) ? CONN_ADDRESS : 8) == 0;
}

unsigned conn_group_strangers(const struct conn_group *g, const unsigned char address[CONN_ADDRESS])
{
	unsigned n = 0;

	for (const struct conn *c = g->first; c; c = c->younger)
		n += !c->vouched && is_near(c->address, address);
	return n;
}

/* ---- one ---- */

static void enter(struct conn *c)
{
	c->busy++;
}

static void leave(struct conn *c)
{
	if (--c->busy || !c->dead)
		return;
	fdm_remove(c->fdm, c->fd);
	close(c->fd);
	part(c->group, c);
	c->busy = 1; /* what the handler calls now ends here */
	c->handler->closed(c, c->error, c->data);
	tls_free(c->tls);
	free(c);
}

static int watch(struct conn *c)
{
	size_t unsent = tls_output(c->tls)->n;
	uint32_t events = ((unsent < CONN_MUCH && !c->held) || c->closing ? EPOLLIN : 0) | (unsent ? EPOLLOUT : 0);
	int r;

	if (c->dead || events == c->events)
		return 0;
	r = fdm_modify(c->fdm, c->fd, events);
	if (r == 0)
		c->events = events;
	return r;
}

/* 0, or the errno of sending. */
static int push(struct conn *c)
{
	struct buf *out = tls_output(c->tls);

	while (!c->dead && out->n) {
		ssize_t n = send(c->fd, out->p, out->n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR || errno == ENOTCONN ? 0 : -errno;
		buf_consume(out, (size_t)n);
		c->taken = clock_monotonic();
		if (out->n == 0 && c->open && !c->closing && c->handler->drained)
			c->handler->drained(c, c->data);
	}
	if (!c->dead && c->closing && !c->shut) {
		c->shut = true;
		shutdown(c->fd, SHUT_WR);
	}
	return 0;
}

static void flush(struct conn *c)
{
	int r = push(c);

	if (r < 0)
		die(c, r);
}

/* There is an alert to send, and perhaps more to come: a socket that is closed with unread bytes takes the alert from the
 * peer, who would not know what is wrong with it. */
static void fail(struct conn *c, int error)
{
	if (c->dead)
		return;
	c->failed = error;
	c->closing = true;
	c->closed = clock_monotonic();
	flush(c);
}

static void take(struct conn *c, struct span bytes)
{
	AUTO_BUF plain = BUF_INIT;
	int r = tls_feed(c->tls, bytes, &plain);

	if (!c->open && tls_is_open(c->tls)) {
		c->open = true;
		if (c->group)
			c->group->unopened--;
		c->handler->opened(c, c->data);
	}
	/* A client may send before it heard that we are through (false start), and end or err in the same piece: then it was
	 * never opened, and there is nobody to hand it to. */
	if (c->open && !c->dead && !c->closing && plain.n)
		c->handler->received(c, buf_span(&plain), c->data);
	if (r < 0) {
		fail(c, r);
	} else if (tls_is_ended(c->tls)) {
		flush(c);
		die(c, 0);
	}
}

static void receive(struct conn *c)
{
	char piece[PIECE];
	ssize_t n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		die(c, c->shut ? 0 : n < 0 ? -errno : -ECONNRESET);
		return;
	}
	c->heard = clock_monotonic();
	if (!c->closing)
		take(c, (struct span){ piece, (size_t)n });
}

static int on_event(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct conn *c = data;
	int r;

	enter(c);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(c);
	if (!c->dead)
		flush(c);
	r = watch(c);
	if (r < 0)
		die(c, r);
	leave(c);
	return 0;
}

void conn_find_address(int fd, unsigned char ret[CONN_ADDRESS])
{
	struct sockaddr_storage at;
	socklen_t size = sizeof(at);

	memset(ret, 0, CONN_ADDRESS);
	if (getpeername(fd, (struct sockaddr *)&at, &size) < 0)
		return;
	if (at.ss_family == AF_INET6) {
		memcpy(ret, &((struct sockaddr_in6 *)&at)->sin6_addr, CONN_ADDRESS);
	} else if (at.ss_family == AF_INET) {
		memcpy(ret, v4_prefix, sizeof(v4_prefix));
		memcpy(ret + sizeof(v4_prefix), &((struct sockaddr_in *)&at)->sin_addr, 4);
	}
}

int conn_new(struct fdm *fdm, int fd, struct tls *tls, const struct conn_limits *limits, struct conn_group *group,
	     const struct conn_handler *handler, void *data, struct conn **ret)
{
	struct conn *c = malloc(sizeof(*c));
	int64_t now = clock_monotonic();
	int r = -ENOMEM;

	if (c) {
		*c = (struct conn){ .fdm = fdm, .fd = fd, .events = EPOLLIN | EPOLLOUT, .tls = tls, .limits = *limits,
				    .handler = handler, .data = data, .group = group, .begun = now, .heard = now, .taken = now };
		conn_find_address(fd, c->address);
		r = fdm_add(fdm, fd, c->events, on_event, c);
	}
	if (r < 0) {
		free(c);
		tls_free(tls);
		close(fd);
		return r;
	}
	join(group, c);
	*ret = c;
	return 0;
}

void conn_hold(struct conn *c, bool hold)
{
	c->held += hold ? 1 : c->held ? -1 : 0;
	c->heard = clock_monotonic();
	watch(c); /* if that fails conn_check sees that nothing comes */
}

void conn_vouch(struct conn *c)
{
	c->vouched = true;
}

const unsigned char *conn_address(const struct conn *c)
{
	return c->address;
}

char *conn_address_text(const unsigned char address[CONN_ADDRESS], char out[CONN_ADDRESS_TEXT])
{
	bool v4 = is_v4(address);

	inet_ntop(v4 ? AF_INET : AF_INET6, address + (v4 ? sizeof(v4_prefix) : 0), out, CONN_ADDRESS_TEXT);
	return out;
}

void conn_set_data(struct conn *c, void *data)
{
	c->data = data;
}

void conn_set_due(struct conn *c, int64_t ms)
{
	c->due = ms ? clock_monotonic() + ms : 0;
}

int conn_send(struct conn *c, struct span plain)
{
	int r;

	if (c->dead || c->closing)
		return -EPIPE;
	if (!c->open)
		return -EAGAIN;
	if (plain.n > c->limits.unsent || conn_unsent(c) > c->limits.unsent - plain.n)
		return -ENOBUFS;
	if (conn_unsent(c) == 0)
		c->taken = clock_monotonic();
	r = tls_put(c->tls, plain);
	return r < 0 ? r : watch(c); /* sent by the loop: not a system call for every piece */
}

size_t conn_unsent(const struct conn *c)
{
	return tls_output(c->tls)->n;
}

void conn_close(struct conn *c)
{
	if (c->dead || c->closing)
		return;
	enter(c);
	c->closing = true;
	c->closed = clock_monotonic();
	tls_end(c->tls);
	push(c); /* if that fails the loop is told soon, or conn_check sees it */
	watch(c);
	leave(c);
}

void conn_abort(struct conn *c, int error)
{
	enter(c);
	die(c, error);
	leave(c);
}

void conn_check(struct conn *c, int64_t now)
{
	if (!c->dead && is_overdue(c, now))
		conn_abort(c, c->shut ? 0 : -ETIMEDOUT);
}

const struct tls *conn_tls(const struct conn *c)
{
	return c->tls;
}

bool conn_is_open(const struct conn *c)
{
	return c->open && !c->dead && !c->closing;
}

bool conn_was_open(const struct conn *c)
{
	return c->open;
}
