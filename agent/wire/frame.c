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

int frame_next(struct frame_decoder *d, struct frame *ret)
{
	struct span rest = { d->in.p + d->at, d->in.n - d->at };
	uint32_t n;

	if (d->error)
		return d->error;
	if (rest.n == 0)
		return 0;
	if (rest.p[0] != FRAME_TEXT && rest.p[0] != FRAME_BINARY)
		return d->error = -EPROTO;
	if (rest.n < FRAME_HEADER)
		return 0;
	memcpy(&n, rest.p + 1, sizeof(n));
	n = ntohl(n);
	if (n > d->limit)
		return d->error = -EMSGSIZE;
	if (rest.n - FRAME_HEADER < n)
		return 0;
	*ret = (struct frame){ (enum frame_kind)rest.p[0], { rest.p + FRAME_HEADER, n } };
	d->at += FRAME_HEADER + (size_t)n;
	return 1;
}

void frame_decoder_free(struct frame_decoder *d)
{
	buf_free(&d->in);
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
