#include "agent/wire/websocket.h"

#include <endian.h>
#include <errno.h>
#include <sys/random.h>

enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0f, MASKED = 0x80, LENGTH = 0x7f, CONTINUATION = 0 };
enum { KEEP = 16384 }; /* an idle connection holds no more than that of its largest message */
#define NONE_YET 0u

void websocket_init(struct websocket *w, enum websocket_role role, size_t limit)
{
	*w = (struct websocket){ .role = role, .limit = limit };
}

void websocket_free(struct websocket *w)
{
	buf_free(&w->out);
	buf_free(&w->message);
}

void websocket_set_limit(struct websocket *w, size_t limit)
{
	w->limit = limit;
}

bool websocket_code_is_valid(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void websocket_set_pieces(struct websocket *w)
{
	w->pieces = true;
}

/* ---- writing ---- */

static void apply_mask(char *p, size_t n, const unsigned char mask[4], uint64_t from)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)((unsigned char)p[i] ^ mask[(from + i) & 3]);
}

static size_t put_length(unsigned char *h, size_t n)
{
	if (n < 126) {
		h[1] = (unsigned char)n;
		return 2;
	}
	if (n <= UINT16_MAX) {
		h[1] = 126;
		memcpy(h + 2, &(uint16_t){ htobe16((uint16_t)n) }, 2);
		return 4;
	}
	h[1] = 127;
	memcpy(h + 2, &(uint64_t){ htobe64(n) }, 8);
	return 10;
}

/* All or nothing, so that what stands in `out` stays a sequence of whole frames when memory is out. */
static int put_frame(struct websocket *w, unsigned first_byte, struct span payload)
{
	unsigned char h[WEBSOCKET_MAX_HEADER] = { (unsigned char)first_byte }, *mask;
	size_t n = put_length(h, payload.n), before = w->out.n;

	mask = h + n;
	if (w->role == WEBSOCKET_CLIENT) {
		if (getrandom(mask, 4, 0) != 4)
			return -EIO;
		h[1] |= MASKED;
		n += 4;
	}
	buf_add(&w->out, h, n);
	buf_add_span(&w->out, payload);
	if (w->out.failed) {
		w->out.n = before;
		w->out.failed = false;
		return -ENOMEM;
	}
	if (w->role == WEBSOCKET_CLIENT)
		apply_mask(w->out.p + before + n, payload.n, mask, 0);
	return 0;
}

int websocket_send(struct websocket *w, enum websocket_kind kind, struct span payload)
{
	return w->state == WEBSOCKET_OPEN ? put_frame(w, FIN | kind, payload) : -EPIPE;
}

int websocket_send_piece(struct websocket *w, enum websocket_kind kind, struct span payload, bool first, bool last)
{
	unsigned first_byte = (first ? (unsigned)kind : CONTINUATION) | (last ? FIN : 0);

	return w->state == WEBSOCKET_OPEN ? put_frame(w, first_byte, payload) : -EPIPE;
}

int websocket_ping(struct websocket *w, struct span payload)
{
	return payload.n > WEBSOCKET_MAX_CONTROL ? -EMSGSIZE : websocket_send(w, WEBSOCKET_PING, payload);
}

static int put_close(struct websocket *w, unsigned code, struct span reason)
{
	unsigned char payload[WEBSOCKET_MAX_CONTROL] = { (unsigned char)(code >> 8), (unsigned char)code };
	size_t n = reason.n;

	if (code == WEBSOCKET_NO_CODE)
		return put_frame(w, FIN | WEBSOCKET_CLOSE, SPAN(""));
	if (n > WEBSOCKET_MAX_REASON)
		for (n = WEBSOCKET_MAX_REASON; n > 0 && ((unsigned char)reason.p[n] & 0xc0) == 0x80;)
			n--;
	if (n)
		memcpy(payload + 2, reason.p, n);
	return put_frame(w, FIN | WEBSOCKET_CLOSE, (struct span){ (char *)payload, n + 2 });
}

int websocket_close(struct websocket *w, unsigned code, struct span reason)
{
	int r;

	if (w->state != WEBSOCKET_OPEN)
		return 0;
	r = put_close(w, code, reason);
	if (r == 0)
		w->state = WEBSOCKET_CLOSING;
	return r;
}

/* ---- reading ---- */

/* For good. When memory is out for the close too, the connection just ends. */
static int fail(struct websocket *w, int error)
{
	unsigned code = error == -EILSEQ ? WEBSOCKET_BAD_DATA : error == -EMSGSIZE ? WEBSOCKET_TOO_BIG :
			error == -ENOMEM ? WEBSOCKET_INTERNAL : WEBSOCKET_PROTOCOL;

	if (w->state == WEBSOCKET_OPEN)
		put_close(w, code, SPAN(""));
	w->state = WEBSOCKET_CLOSED;
	return w->error = error;
}

static bool is_control(unsigned opcode)
{
	return opcode >= WEBSOCKET_CLOSE;
}

static unsigned opcode_of(const struct websocket *w)
{
	return w->header[0] & OPCODE;
}

/* What the first byte alone shows to be wrong. */
static bool is_bad_first(const struct websocket *w)
{
	unsigned opcode = opcode_of(w);

	if (w->header[0] & RSV)
		return true;
	if (is_control(opcode))
		return opcode > WEBSOCKET_PONG || !(w->header[0] & FIN);
	if (opcode > WEBSOCKET_BINARY)
		return true;
	return (opcode == CONTINUATION) != (w->kind != NONE_YET);
}

static bool is_bad_second(const struct websocket *w)
{
	bool masked = w->header[1] & MASKED;

	return masked != (w->role == WEBSOCKET_SERVER) ||
	       (is_control(opcode_of(w)) && (w->header[1] & LENGTH) > WEBSOCKET_MAX_CONTROL);
}

static unsigned header_size(const struct websocket *w)
{
	unsigned length = w->header[1] & LENGTH;

	return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (w->header[1] & MASKED ? 4 : 0);
}

/* 0; -EPROTO for a length in more bytes than it needs, or above 2^63 (section 5.2). */
static int read_length(const struct websocket *w, uint64_t *ret)
{
	unsigned length = w->header[1] & LENGTH;
	uint16_t two;
	uint64_t eight;

	if (length == 126) {
		memcpy(&two, w->header + 2, 2);
		*ret = be16toh(two);
		return *ret < 126 ? -EPROTO : 0;
	}
	if (length == 127) {
		memcpy(&eight, w->header + 2, 8);
		*ret = be64toh(eight);
		return *ret <= UINT16_MAX || *ret >> 63 ? -EPROTO : 0;
	}
	*ret = length;
	return 0;
}

/* The header is whole. */
static int begin_payload(struct websocket *w)
{
	unsigned opcode = opcode_of(w);
	int r = read_length(w, &w->left);

	if (r < 0)
		return r;
	if (w->header[1] & MASKED)
		memcpy(w->mask, w->header + header_size(w) - 4, 4);
	w->in_payload = true;
	w->done = 0;
	if (is_control(opcode))
		return 0;
	if (opcode != CONTINUATION) {
		w->kind = opcode;
		w->utf8 = (struct utf8){ 0 };
		w->size = 0;
		w->begun = false;
	}
	return w->size > w->limit || w->left > w->limit - w->size ? -EMSGSIZE : 0;
}

/* 1 when the header is whole. */
static int read_header(struct websocket *w, struct span *bytes)
{
	while (bytes->n) {
		w->header[w->have++] = (unsigned char)*bytes->p++;
		bytes->n--;
		if ((w->have == 1 && is_bad_first(w)) || (w->have == 2 && is_bad_second(w)))
			return -EPROTO;
		if (w->have >= 2 && w->have == header_size(w)) {
			int r = begin_payload(w);

			return r < 0 ? r : 1;
		}
	}
	return 0;
}

static bool is_bad_code(const struct websocket *w, size_t n)
{
	return n == 1 || (n >= 2 && !websocket_code_is_valid((unsigned)w->control[0] << 8 | w->control[1]));
}

/* The control frame is whole. 1 with its event. */
static int take_control(struct websocket *w, struct websocket_event *ret)
{
	struct span payload = { (char *)w->control, (size_t)w->done };
	enum websocket_kind kind = opcode_of(w);
	struct utf8 utf8 = { 0 };

	*ret = (struct websocket_event){ .kind = kind, .payload = payload };
	if (kind == WEBSOCKET_PONG)
		return 1;
	if (kind == WEBSOCKET_PING) {
		int r = w->state == WEBSOCKET_OPEN ? put_frame(w, FIN | WEBSOCKET_PONG, payload) : 0;

		return r < 0 ? r : 1;
	}
	if (is_bad_code(w, payload.n))
		return -EPROTO;
	ret->code = payload.n ? (unsigned)w->control[0] << 8 | w->control[1] : WEBSOCKET_NO_CODE;
	ret->payload = payload.n ? (struct span){ payload.p + 2, payload.n - 2 } : SPAN("");
	if (!utf8_feed(&utf8, ret->payload) || !utf8_complete(&utf8))
		return -EILSEQ;
	if (w->state == WEBSOCKET_OPEN) {
		int r = put_close(w, ret->code, SPAN(""));

		if (r < 0)
			return r;
	}
	w->state = WEBSOCKET_CLOSED;
	return 1;
}

/* Gives out what there is of the message: 1. */
static int give(struct websocket *w, bool last, struct websocket_event *ret)
{
	*ret = (struct websocket_event){ w->kind, buf_span(&w->message), 0, !w->begun, last };
	w->begun = true;
	w->delivered = true;
	return 1;
}

/* The data frame is whole. 1 with the message when it was its last. */
static int take_data(struct websocket *w, struct websocket_event *ret)
{
	if (!(w->header[0] & FIN))
		return w->pieces && w->message.n ? give(w, false, ret) : 0;
	if (w->kind == WEBSOCKET_TEXT && !utf8_complete(&w->utf8))
		return -EILSEQ;
	give(w, true, ret);
	w->kind = NONE_YET;
	return 1;
}

static int add_data(struct websocket *w, const char *p, size_t n)
{
	char *to = buf_reserve(&w->message, n);

	if (!to)
		return -ENOMEM;
	memcpy(to, p, n);
	if (w->role == WEBSOCKET_SERVER)
		apply_mask(to, n, w->mask, w->done);
	w->message.n += n;
	w->size += n;
	to[n] = 0;
	return w->kind == WEBSOCKET_TEXT && !utf8_feed(&w->utf8, (struct span){ to, n }) ? -EILSEQ : 0;
}

/* Takes what there is of the payload. 1 with an event when the frame is whole and makes one. */
static int read_payload(struct websocket *w, struct span *bytes, struct websocket_event *ret)
{
	size_t n = bytes->n < w->left ? bytes->n : (size_t)w->left;
	bool control = is_control(opcode_of(w));
	int r = 0;

	if (control && n) {
		memcpy(w->control + w->done, bytes->p, n);
		if (w->role == WEBSOCKET_SERVER)
			apply_mask((char *)w->control + w->done, n, w->mask, w->done);
	} else if (n) {
		r = add_data(w, bytes->p, n);
	}
	bytes->p += n;
	bytes->n -= n;
	w->left -= n;
	w->done += n;
	if (r < 0)
		return r;
	if (w->left)
		return w->pieces && !control && w->message.n ? give(w, false, ret) : 0;
	w->in_payload = false;
	w->have = 0;
	return control ? take_control(w, ret) : take_data(w, ret);
}

int websocket_read(struct websocket *w, struct span *bytes, struct websocket_event *ret)
{
	int r = 0;

	if (w->error)
		return w->error;
	if (w->delivered) {
		if (w->message.cap > KEEP && !w->pieces)
			buf_free(&w->message);
		buf_clear(&w->message);
		w->delivered = false;
	}
	while (w->state != WEBSOCKET_CLOSED && r == 0) {
		if (!w->in_payload) {
			r = read_header(w, bytes);
			if (r <= 0)
				break;
		}
		r = read_payload(w, bytes, ret);
		if (r == 0 && w->in_payload)
			break; /* all bytes are taken */
	}
	if (r < 0)
		return fail(w, r);
	if (r == 0)
		*bytes = (struct span){ bytes->p + bytes->n, 0 };
	return r;
}
