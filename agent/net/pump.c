#include "agent/net/pump.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/wire/frame.h"

enum { PIECE = 16 << 10 };

struct pump {
	struct fdm *fdm;
	struct link *link;
	int fd;
	uint32_t events;         /* 0: not watched, since a socket whose other end is closed would wake us for ever */
	uint32_t max_message;
	pump_done_fn *done;
	void *data;
	int64_t heard;
	int error;               /* of the socket, or of memory */
	bool stopped;            /* the link is closing */
	bool deaf;               /* the socket takes nothing any more */
	bool held;               /* the link: too much waits for the socket */
	struct buf out;          /* for the socket */
	/* the frame from the socket that is under way */
	char header[FRAME_HEADER];
	unsigned have;           /* bytes of it */
	uint32_t left;           /* bytes of its payload */
	/* and the message that it is a piece of */
	bool begun;              /* its first piece was sent */
	enum frame_kind kind;
	bool more;               /* the frame is not its last */
	uint32_t size;           /* bytes of the frames so far */
};

static void unwatch(struct pump *p)
{
	if (p->events)
		fdm_remove(p->fdm, p->fd);
	p->events = 0;
}

/* The pump may be gone when this returns. */
static void stop(struct pump *p, int error, enum websocket_code code, const char *reason)
{
	if (p->stopped)
		return;
	p->stopped = true;
	p->error = error;
	unwatch(p);
	link_close(p->link, code, reason);
}

static void fail(struct pump *p, int error)
{
	stop(p, error, WEBSOCKET_INTERNAL, "");
}

static int on_socket(struct fdm *fdm, int fd, uint32_t events, void *data);

/* ---- socket to link ---- */

static int begin_frame(struct pump *p)
{
	enum frame_kind kind;
	int r = frame_parse(p->header, &kind, &p->more, &p->left);

	if (r < 0 || (p->begun && kind != p->kind))
		return -EPROTO;
	if (!p->begun)
		p->size = 0;
	if (p->left > p->max_message - p->size)
		return -EMSGSIZE;
	p->size += p->left;
	p->kind = kind;
	return 0;
}

static int send_payload(struct pump *p, struct span *bytes)
{
	size_t n = bytes->n < p->left ? bytes->n : p->left;
	bool last;
	int r;

	p->left -= (uint32_t)n;
	last = p->left == 0 && !p->more;
	r = link_send_piece(p->link, p->kind == FRAME_TEXT ? WEBSOCKET_TEXT : WEBSOCKET_BINARY,
			    (struct span){ bytes->p, n }, !p->begun, last);
	p->begun = !last;
	if (p->left == 0)
		p->have = 0;
	*bytes = (struct span){ bytes->p + n, bytes->n - n };
	return r;
}

static int send_bytes(struct pump *p, struct span bytes)
{
	int r = 0;

	while (r == 0 && bytes.n) {
		if (p->have < FRAME_HEADER) {
			p->header[p->have++] = *bytes.p++;
			bytes.n--;
			if (p->have < FRAME_HEADER)
				continue;
			r = begin_frame(p);
		}
		if (r == 0 && (bytes.n || p->left == 0))
			r = send_payload(p, &bytes);
	}
	return r;
}

/* False when the link is closing: the pump may be gone. */
static bool receive(struct pump *p)
{
	char piece[PIECE];
	ssize_t n = recv(p->fd, piece, sizeof(piece), MSG_DONTWAIT);
	int r;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0) {
		r = send_bytes(p, (struct span){ piece, (size_t)n });
		if (r == 0)
			return true;
		fail(p, r == -EPIPE ? 0 : r); /* the link was closed already, and tells why */
	} else if (p->begun || p->have) {
		fail(p, -EPIPE);
	} else {
		stop(p, 0, WEBSOCKET_NORMAL, "");
	}
	return false;
}

/* ---- link to socket ---- */

/* As `receive`. */
static bool watch(struct pump *p)
{
	uint32_t events = (link_unsent(p->link) < PUMP_MUCH ? EPOLLIN : 0) | (p->out.n ? EPOLLOUT : 0);
	int r = 0;

	if (p->stopped || events == p->events)
		return !p->stopped;
	if (events == 0)
		unwatch(p);
	else if (p->events)
		r = fdm_modify(p->fdm, p->fd, events);
	else
		r = fdm_add(p->fdm, p->fd, events, on_socket, p);
	if (r < 0) {
		fail(p, r);
		return false;
	}
	p->events = events;
	return true;
}

static void flush(struct pump *p)
{
	while (p->out.n) {
		ssize_t n = send(p->fd, p->out.p, p->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			p->deaf = true; /* it may have said something before it went */
			buf_clear(&p->out);
			return;
		}
		buf_consume(&p->out, (size_t)n);
	}
}

static void deliver(struct pump *p)
{
	bool hold;

	flush(p);
	hold = p->out.n >= PUMP_MUCH || (p->held && p->out.n);
	if (hold != p->held) {
		p->held = hold;
		link_hold(p->link, hold);
	}
}

static void on_piece(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last, void *data)
{
	struct pump *p = data;

	p->heard = clock_monotonic();
	if (p->deaf || (payload.n == 0 && !last))
		return;
	frame_put_header(&p->out, kind == WEBSOCKET_TEXT ? FRAME_TEXT : FRAME_BINARY, !last, (uint32_t)payload.n);
	buf_add_span(&p->out, payload);
	if (p->out.failed) {
		fail(p, -ENOMEM);
		return;
	}
	deliver(p);
	watch(p);
}

static int on_socket(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct pump *p = data;

	if (events & EPOLLOUT)
		deliver(p);
	if (!(events & ~(uint32_t)EPOLLOUT) || link_unsent(p->link) >= PUMP_MUCH || receive(p))
		watch(p);
	return 0;
}

static void on_drained(struct link *l, void *data)
{
	watch(data);
}

/* ---- both ---- */

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct pump *p = data;
	struct link_end told = *end;

	unwatch(p);
	flush(p); /* an answer that came just before the close */
	close(p->fd);
	if (p->error)
		told.error = p->error;
	p->done(p, &told, p->data);
	buf_free(&p->out);
	free(p);
}

static const struct link_handler handler = { .drained = on_drained, .closed = on_closed, .piece = on_piece };

int pump_new(const struct pump_config *config, struct pump **ret)
{
	struct pump *p = malloc(sizeof(*p));
	int r = -ENOMEM;

	if (p) {
		*p = (struct pump){ .fdm = config->fdm, .link = config->link, .fd = config->fd, .events = EPOLLIN,
				    .max_message = config->max_message, .done = config->done, .data = config->data,
				    .heard = clock_monotonic() };
		r = fdm_add(p->fdm, p->fd, p->events, on_socket, p);
	}
	if (r < 0) {
		free(p);
		close(config->fd);
		return r;
	}
	link_set_handler(p->link, &handler, p);
	link_set_pieces(p->link);
	*ret = p;
	return 0;
}

void pump_close(struct pump *p, enum websocket_code code, const char *reason)
{
	stop(p, 0, code, reason);
}

int64_t pump_heard(const struct pump *p)
{
	return p->heard;
}
