#include "agent/wire/bulk.h"

#include <endian.h>
#include <errno.h>
#include <zstd.h>

enum { LEVEL = 3, PLAIN = 0, PACKED = 1 };
enum { SHORT = 5, WITH_OFFSET = 13, WITH_HASH = WITH_OFFSET + BULK_SHA256 };

/* ---- messages ---- */

static void put_head(struct buf *out, enum bulk_kind kind, uint32_t transfer)
{
	uint32_t number = htobe32(transfer);

	buf_add_char(out, (char)kind);
	buf_add(out, &number, sizeof(number));
}

static void put_offset(struct buf *out, uint64_t offset)
{
	offset = htobe64(offset);
	buf_add(out, &offset, sizeof(offset));
}

void bulk_put_cancel(struct buf *out, uint32_t transfer, enum bulk_reason reason)
{
	put_head(out, BULK_CANCEL, transfer);
	buf_add_char(out, (char)reason);
}

static uint32_t u32_at(struct span s, size_t at)
{
	uint32_t v;

	memcpy(&v, s.p + at, sizeof(v));
	return be32toh(v);
}

static uint64_t u64_at(struct span s, size_t at)
{
	uint64_t v;

	memcpy(&v, s.p + at, sizeof(v));
	return be64toh(v);
}

static int parse_data(struct span s, struct bulk_message *m)
{
	unsigned char coding;

	if (s.n <= BULK_HEADER || s.n > BULK_MAX_MESSAGE)
		return -EPROTO;
	coding = (unsigned char)s.p[WITH_OFFSET];
	m->packed = coding == PACKED;
	m->size = u32_at(s, WITH_OFFSET + 1);
	m->data = (struct span){ s.p + BULK_HEADER, s.n - BULK_HEADER };
	if (coding > PACKED || m->size == 0 || m->size > BULK_PIECE || m->offset > UINT64_MAX - m->size)
		return -EPROTO;
	return m->packed || m->data.n == m->size ? 0 : -EPROTO;
}

int bulk_parse(struct span payload, struct bulk_message *ret)
{
	struct bulk_message m = { 0 };
	int r = -EPROTO;

	if (payload.n < SHORT)
		return -EPROTO;
	m.kind = (unsigned char)payload.p[0];
	m.transfer = u32_at(payload, 1);
	if (payload.n >= WITH_OFFSET)
		m.offset = u64_at(payload, SHORT);
	if (m.kind == BULK_DATA) {
		r = parse_data(payload, &m);
	} else if (m.kind == BULK_END && payload.n == WITH_HASH) {
		m.data = (struct span){ payload.p + WITH_OFFSET, BULK_SHA256 };
		r = 0;
	} else if (m.kind == BULK_CREDIT || m.kind == BULK_DONE) {
		r = payload.n == (m.kind == BULK_CREDIT ? WITH_OFFSET : SHORT) ? 0 : -EPROTO;
	} else if (m.kind == BULK_CANCEL && payload.n == SHORT + 1) {
		m.reason = (unsigned char)payload.p[SHORT];
		r = m.reason < BULK_REASONS ? 0 : -EPROTO;
	}
	if (r == 0)
		*ret = m;
	return r;
}

static void hash(SHA2_CTX *sha, struct span content)
{
	SHA256Update(sha, (const uint8_t *)content.p, content.n);
}

/* ---- the sending side ---- */

int bulk_sender_init(struct bulk_sender *s, uint32_t transfer)
{
	struct bulk_sender new = { .transfer = transfer, .zstd = ZSTD_createCCtx() };

	if (!new.zstd)
		return -ENOMEM;
	SHA256Init(&new.sha);
	*s = new;
	return 0;
}

void bulk_sender_free(struct bulk_sender *s)
{
	ZSTD_freeCCtx(s->zstd);
	s->zstd = NULL;
}

void bulk_sender_skip(struct bulk_sender *s, struct span content)
{
	hash(&s->sha, content);
	s->offset += content.n;
}

size_t bulk_sender_room(const struct bulk_sender *s)
{
	uint64_t room = s->credit > s->offset ? s->credit - s->offset : 0;

	if (s->state != BULK_RUNNING)
		return 0;
	return room < BULK_PIECE ? (size_t)room : BULK_PIECE;
}

/* Appends the content packed, or as it is when that is not longer. */
static int put_content(struct bulk_sender *s, struct span content, struct buf *out)
{
	size_t coding = out->n, n;
	uint32_t size = htobe32((uint32_t)content.n);
	char *to;

	buf_add_char(out, PACKED);
	buf_add(out, &size, sizeof(size));
	to = buf_reserve(out, content.n);
	if (!to)
		return -ENOMEM;
	n = ZSTD_compressCCtx(s->zstd, to, content.n - 1, content.p, content.n, LEVEL);
	if (ZSTD_isError(n)) { /* also: it does not fit */
		out->p[coding] = PLAIN;
		buf_add_span(out, content);
	} else {
		out->n += n;
		out->p[out->n] = 0;
	}
	return out->failed ? -ENOMEM : 0;
}

int bulk_sender_put(struct bulk_sender *s, struct span content, struct buf *out)
{
	size_t before = out->n;
	int r;

	if (s->state != BULK_RUNNING)
		return -EPIPE;
	if (content.n == 0 || content.n > bulk_sender_room(s))
		return -EAGAIN;
	put_head(out, BULK_DATA, s->transfer);
	put_offset(out, s->offset);
	r = put_content(s, content, out);
	if (r < 0) {
		out->n = before;
		return r;
	}
	hash(&s->sha, content);
	s->offset += content.n;
	return 0;
}

int bulk_sender_end(struct bulk_sender *s, struct buf *out)
{
	uint8_t sum[BULK_SHA256];
	SHA2_CTX sha = s->sha;

	if (s->state != BULK_RUNNING)
		return -EPIPE;
	SHA256Final(sum, &sha);
	put_head(out, BULK_END, s->transfer);
	put_offset(out, s->offset);
	buf_add(out, sum, sizeof(sum));
	if (out->failed)
		return -ENOMEM;
	s->state = BULK_ENDED;
	return 0;
}

int bulk_sender_take(struct bulk_sender *s, const struct bulk_message *m)
{
	if (m->transfer != s->transfer || s->state >= BULK_FINISHED)
		return -EPROTO;
	switch (m->kind) {
	case BULK_CREDIT:
		if (m->offset < s->credit)
			return -EPROTO;
		s->credit = m->offset;
		return 0;
	case BULK_DONE:
		if (s->state != BULK_ENDED)
			return -EPROTO;
		s->state = BULK_FINISHED;
		return 0;
	case BULK_CANCEL:
		s->state = BULK_CANCELLED;
		s->reason = m->reason;
		return 0;
	default:
		return -EPROTO;
	}
}

/* ---- the receiving side ---- */

int bulk_receiver_init(struct bulk_receiver *r, uint32_t transfer, uint64_t window, uint64_t limit)
{
	struct bulk_receiver new = { .transfer = transfer, .window = window < BULK_PIECE ? BULK_PIECE : window,
				     .limit = limit, .zstd = ZSTD_createDCtx() };

	if (!new.zstd)
		return -ENOMEM;
	SHA256Init(&new.sha);
	*r = new;
	return 0;
}

void bulk_receiver_free(struct bulk_receiver *r)
{
	ZSTD_freeDCtx(r->zstd);
	r->zstd = NULL;
	buf_free(&r->content);
}

void bulk_receiver_skip(struct bulk_receiver *r, struct span content)
{
	hash(&r->sha, content);
	r->offset += content.n;
	r->granted = r->offset;
}

/* What the message says unpacked is `size` bytes, no more and no less, whatever it says. */
static int unpack(struct bulk_receiver *r, const struct bulk_message *m, struct span *ret)
{
	char *to;
	size_t n;

	if (!m->packed) {
		*ret = m->data;
		return 0;
	}
	if (ZSTD_getFrameContentSize(m->data.p, m->data.n) != m->size)
		return -EBADMSG;
	buf_clear(&r->content);
	to = buf_reserve(&r->content, m->size);
	if (!to)
		return -ENOMEM;
	n = ZSTD_decompressDCtx(r->zstd, to, m->size, m->data.p, m->data.n);
	if (ZSTD_isError(n) || n != m->size)
		return -EBADMSG;
	*ret = (struct span){ to, n };
	return 0;
}

static int take_data(struct bulk_receiver *r, const struct bulk_message *m, struct span *ret)
{
	int e;

	if (m->offset != r->offset || m->size > r->granted - r->offset)
		return -EPROTO;
	if (m->offset + m->size > r->limit)
		return -EFBIG;
	e = unpack(r, m, ret);
	if (e < 0)
		return e;
	hash(&r->sha, *ret);
	r->offset += m->size;
	return 0;
}

static int take_end(struct bulk_receiver *r, const struct bulk_message *m)
{
	uint8_t sum[BULK_SHA256];
	SHA2_CTX sha = r->sha;

	if (m->offset != r->offset)
		return -EPROTO;
	SHA256Final(sum, &sha);
	if (memcmp(sum, m->data.p, sizeof(sum)) != 0)
		return -EBADMSG;
	r->state = BULK_ENDED;
	return 0;
}

int bulk_receiver_take(struct bulk_receiver *r, const struct bulk_message *m, struct span *ret_content)
{
	struct span content = SPAN_NONE;
	int e = -EPROTO;

	if (m->transfer != r->transfer || r->state >= BULK_FINISHED)
		return -EPROTO;
	if (m->kind == BULK_DATA && r->state == BULK_RUNNING) {
		e = take_data(r, m, &content);
	} else if (m->kind == BULK_END && r->state == BULK_RUNNING) {
		e = take_end(r, m);
	} else if (m->kind == BULK_CANCEL) {
		r->state = BULK_CANCELLED;
		r->reason = m->reason;
		e = 0;
	}
	if (e == 0)
		*ret_content = content;
	else
		r->state = BULK_CANCELLED;
	return e;
}

bool bulk_receiver_grant(struct bulk_receiver *r, struct buf *out)
{
	uint64_t upto = r->offset > UINT64_MAX - r->window ? UINT64_MAX : r->offset + r->window;

	if (r->state != BULK_RUNNING || upto - r->granted < r->window / 2)
		return false;
	put_head(out, BULK_CREDIT, r->transfer);
	put_offset(out, upto);
	if (out->failed)
		return false;
	r->granted = upto;
	return true;
}

int bulk_receiver_done(struct bulk_receiver *r, struct buf *out)
{
	if (r->state != BULK_ENDED)
		return -EBUSY;
	put_head(out, BULK_DONE, r->transfer);
	if (out->failed)
		return -ENOMEM;
	r->state = BULK_FINISHED;
	return 0;
}
