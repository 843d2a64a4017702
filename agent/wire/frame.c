#include "agent/wire/frame.h"

#include <arpa/inet.h>
#include <errno.h>

int frame_feed(struct frame_decoder *d, const void *bytes, size_t n)
{
	if (d->error)
		return d->error;
	buf_consume(&d->in, d->at);
	d->at = 0;
	buf_add(&d->in, bytes, n);
	return d->in.failed ? (d->error = -ENOMEM) : 0;
}

static bool is_kind(unsigned char first)
{
	first &= (unsigned char)~FRAME_MORE;
	return first == FRAME_TEXT || first == FRAME_BINARY;
}

int frame_parse(const char *header, enum frame_kind *ret_kind, bool *ret_more, uint32_t *ret_length)
{
	unsigned char first = (unsigned char)header[0];
	uint32_t n;

	if (!is_kind(first))
		return -EPROTO;
	memcpy(&n, header + 1, sizeof(n));
	*ret_kind = first & ~FRAME_MORE;
	*ret_more = first & FRAME_MORE;
	*ret_length = ntohl(n);
	return 0;
}

void frame_put_header(struct buf *out, enum frame_kind kind, bool more, uint32_t length)
{
	uint32_t n = htonl(length);

	buf_add_char(out, (char)(kind | (more ? FRAME_MORE : 0)));
	buf_add(out, &n, sizeof(n));
}

/* One frame off the stream: 1. */
static int take_frame(struct frame_decoder *d, struct span *ret, bool *ret_more)
{
	struct span rest = { d->in.p + d->at, d->in.n - d->at };
	enum frame_kind kind;
	uint32_t n;

	if (rest.n == 0)
		return 0;
	if (!is_kind((unsigned char)rest.p[0]) || (d->kind && (rest.p[0] & ~FRAME_MORE & 0xff) != d->kind))
		return -EPROTO;
	if (rest.n < FRAME_HEADER)
		return 0;
	frame_parse(rest.p, &kind, ret_more, &n);
	if (d->joined.n > d->limit || n > d->limit - d->joined.n)
		return -EMSGSIZE;
	if (rest.n - FRAME_HEADER < n)
		return 0;
	d->kind = (unsigned char)kind;
	*ret = (struct span){ rest.p + FRAME_HEADER, n };
	d->at += FRAME_HEADER + (size_t)n;
	return 1;
}

/* 1 with a message. */
static int next_message(struct frame_decoder *d, struct frame *ret)
{
	struct span piece;
	bool more;
	int r;

	if (d->kind == 0)
		buf_clear(&d->joined);
	while ((r = take_frame(d, &piece, &more)) == 1) {
		bool alone = d->joined.n == 0 && !more;

		if (!alone)
			buf_add_span(&d->joined, piece);
		if (d->joined.failed)
			return -ENOMEM;
		if (more)
			continue;
		*ret = (struct frame){ (enum frame_kind)d->kind, alone ? piece : buf_span(&d->joined) };
		d->kind = 0;
		return 1;
	}
	return r;
}

int frame_next(struct frame_decoder *d, struct frame *ret)
{
	int r;

	if (d->error)
		return d->error;
	r = next_message(d, ret);
	if (r < 0)
		d->error = r;
	return r;
}

void frame_decoder_free(struct frame_decoder *d)
{
	buf_free(&d->in);
	buf_free(&d->joined);
}

size_t frame_begin(struct buf *out)
{
	static const char header[FRAME_HEADER];
	size_t begin = out->n;

	buf_add(out, header, sizeof(header));
	return begin;
}

int frame_end(struct buf *out, size_t begin, enum frame_kind kind, uint32_t limit)
{
	size_t n = out->n - begin - FRAME_HEADER;
	uint32_t length;

	if (!out->failed && n <= limit) {
		length = htonl((uint32_t)n);
		out->p[begin] = (char)kind;
		memcpy(out->p + begin + 1, &length, sizeof(length));
		return 0;
	}
	if (out->n > begin)
		out->n = begin;
	return out->failed ? -ENOMEM : -EMSGSIZE;
}
