#include "agent/transfer/send.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/transfer/turns.h"

struct send {
	struct send_config config;
	struct stat was;
	struct bulk_sender bulk;
	struct turns *turns;   /* what the other side has already is read for its SHA-256 */
	uint64_t skip;
	bool accepted, over;
	char piece[BULK_PIECE];
};

static void finish(struct send *s, int error, const char *text)
{
	if (s->over)
		return;
	s->over = true;
	s->config.done(s, error, text, s->config.data);
}

/* Tells both. */
static void fail(struct send *s, int error)
{
	enum bulk_reason reason = transfer_reason(error);

	if (s->over || error == -EPIPE) /* the link is on its way out: its owner hears */
		return;
	transfer_cancel(s->config.link, reason);
	finish(s, error, transfer_text(reason));
}

/* ---- reading ---- */

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* A name that was added or removed changes ctime too, and is no change of the content. */
static bool has_changed(const struct send *s)
{
	const struct stat *was = &s->was;
	struct stat is;

	if (fstat(s->config.fd, &is) < 0)
		return true;
	return is.st_size != was->st_size || !same_time(is.st_mtim, was->st_mtim) ||
	       (!same_time(is.st_ctim, was->st_ctim) && is.st_nlink == was->st_nlink && is.st_mode == was->st_mode &&
		is.st_uid == was->st_uid && is.st_gid == was->st_gid);
}

static ssize_t read_at(struct send *s, uint64_t offset, size_t n)
{
	ssize_t got;

	do
		got = pread(s->config.fd, s->piece, n, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int put_end(struct send *s)
{
	AUTO_BUF out = BUF_INIT;
	int r;

	if (has_changed(s))
		return -EBUSY;
	r = bulk_sender_end(&s->bulk, &out);
	return r < 0 ? r : transfer_send(s->config.link, &out);
}

/* 1: a piece went; 0: nothing can go now. */
static int put_piece(struct send *s)
{
	size_t room = bulk_sender_room(&s->bulk);
	AUTO_BUF out = BUF_INIT;
	ssize_t n;
	int r;

	if (room == 0)
		return 0;
	n = read_at(s, s->bulk.offset, room);
	if (n <= 0)
		return n < 0 ? (int)n : put_end(s);
	if ((uint64_t)n > s->config.max_bytes - s->bulk.offset)
		return -EFBIG;
	r = bulk_sender_put(&s->bulk, (struct span){ s->piece, (size_t)n }, &out);
	if (r == 0)
		r = transfer_send(s->config.link, &out);
	return r < 0 ? r : 1;
}

static void pump(struct send *s)
{
	int r = 1;

	if (!s->accepted || s->turns || s->over)
		return;
	while (r > 0 && s->bulk.state == BULK_RUNNING && link_unsent(s->config.link) < TRANSFER_UNSENT)
		r = put_piece(s);
	if (r < 0) {
		fail(s, r);
		return;
	}
	if (s->config.progress)
		s->config.progress(s->bulk.offset, (uint64_t)s->was.st_size, s->config.data);
}

/* ---- going on from an offset ---- */

static int skip_slice(void *data)
{
	struct send *s = data;

	for (size_t done = 0; done < TRANSFER_SLICE; done += sizeof(s->piece)) {
		uint64_t left = s->skip - s->bulk.offset;
		ssize_t n;

		if (left == 0)
			return 0;
		n = read_at(s, s->bulk.offset, left < sizeof(s->piece) ? (size_t)left : sizeof(s->piece));
		if (n <= 0)
			return n < 0 ? (int)n : -EBUSY;
		bulk_sender_skip(&s->bulk, (struct span){ s->piece, (size_t)n });
	}
	return 1;
}

static void on_skipped(int error, void *data)
{
	struct send *s = data;

	s->turns = NULL;
	if (error < 0)
		fail(s, error);
	else
		pump(s);
}

static int on_accept(struct send *s, const struct control *c)
{
	if (s->accepted || c->type != CONTROL_BULK_ACCEPT || c->accept.transfer != TRANSFER_NUMBER ||
	    c->accept.offset > (uint64_t)s->was.st_size)
		return -EPROTO;
	s->accepted = true;
	s->skip = c->accept.offset;
	return s->skip ? turns_new(s->config.fdm, skip_slice, on_skipped, s, &s->turns) : 0;
}

/* ---- what comes ---- */

static int take_text(struct send *s, struct span payload)
{
	struct arena arena = ARENA_INIT;
	struct control c;
	int r = transfer_read(payload, &arena, &c);

	if (r == 0)
		r = on_accept(s, &c);
	arena_free(&arena);
	return r;
}

static int take_bulk(struct send *s, struct span payload)
{
	struct bulk_message m;
	int r = bulk_parse(payload, &m);

	if (r == 0)
		r = bulk_sender_take(&s->bulk, &m);
	return r;
}

void send_message(struct send *s, enum websocket_kind kind, struct span payload)
{
	int r;

	if (s->over)
		return;
	r = kind == WEBSOCKET_TEXT ? take_text(s, payload) : take_bulk(s, payload);
	if (r < 0)
		fail(s, r);
	else if (s->bulk.state == BULK_FINISHED)
		finish(s, 0, NULL);
	else if (s->bulk.state == BULK_CANCELLED)
		finish(s, transfer_error(s->bulk.reason), transfer_text(s->bulk.reason));
	else
		pump(s);
}

void send_drained(struct send *s)
{
	pump(s);
}

/* ---- beginning and end ---- */

static int offer(struct send *s)
{
	struct control c = { .type = CONTROL_BULK_OFFER };

	c.offer.transfer = TRANSFER_NUMBER;
	c.offer.name = s->config.name;
	c.offer.identity = s->config.identity;
	c.offer.size = (uint64_t)s->was.st_size;
	c.offer.mode = s->was.st_mode;
	c.offer.uid = s->was.st_uid;
	c.offer.gid = s->was.st_gid;
	c.offer.modified = s->was.st_mtim.tv_sec * MS_PER_SEC + s->was.st_mtim.tv_nsec / 1000000;
	return transfer_say(s->config.link, &c);
}

static int begin(struct send *s)
{
	int r;

	if (fstat(s->config.fd, &s->was) < 0)
		return -errno;
	if (!S_ISREG(s->was.st_mode))
		return -EINVAL;
	if ((uint64_t)s->was.st_size > s->config.max_bytes)
		return -EFBIG;
	r = bulk_sender_init(&s->bulk, TRANSFER_NUMBER);
	return r < 0 ? r : offer(s);
}

int send_new(const struct send_config *config, struct send **ret)
{
	struct send *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		close(config->fd);
		return -ENOMEM;
	}
	s->config = *config;
	r = begin(s);
	if (r < 0) {
		send_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void send_free(struct send *s)
{
	if (!s)
		return;
	turns_free(s->turns);
	bulk_sender_free(&s->bulk);
	close(s->config.fd);
	free(s);
}
