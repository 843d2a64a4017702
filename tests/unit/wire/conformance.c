#include "tests/unit/test.h"

#include "tests/unit/wire/conformance.h"

#include "agent/base/cleanup.h"

static char next(struct span *word)
{
	assert_true(word->n > 0);
	word->n--;
	return *word->p++;
}

static unsigned opcode(struct span *word)
{
	static const char kinds[] = "CTB.....XPO";
	char kind = next(word), hex;
	uint64_t v;

	if (kind == '!')
		return WEBSOCKET_CLOSE;
	if (kind != 'k')
		return (unsigned)(strchr(kinds, kind) - kinds);
	hex = next(word);
	assert_int_equal(span_hex_to_u64((struct span){ &hex, 1 }, &v), 0);
	return (unsigned)v;
}

static void close_code(struct span *word, struct buf *out)
{
	unsigned code = 0;

	while (word->n && *word->p >= '0' && *word->p <= '9')
		code = code * 10 + (unsigned)(next(word) - '0');
	buf_add(out, (char[]){ (char)(code >> 8), (char)code }, 2);
}

/* What follows kind and flags. */
static void payload(struct span word, struct buf *out)
{
	uint64_t n;
	char how, *to;

	if (word.n && *word.p == '#') {
		next(&word);
		close_code(&word, out);
	}
	if (word.n == 0)
		return;
	how = next(&word);
	if (how == ':') {
		buf_add_span(out, word);
	} else if (how == '=') {
		to = buf_reserve(out, word.n / 2);
		assert_int_equal(span_unhex(word, to), 0);
		out->n += word.n / 2;
	} else {
		assert_int_equal(how, '*');
		assert_int_equal(span_to_u64(word, &n), 0);
		while (n--)
			buf_add_char(out, '*');
	}
}

static void frame(struct buf *out, unsigned first, bool masked, struct span body)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned bit = masked ? 0x80 : 0;

	buf_add_char(out, (char)first);
	if (body.n < 126)
		buf_add_char(out, (char)(bit | body.n));
	else if (body.n < 65536)
		buf_add(out, (char[]){ (char)(bit | 126), (char)(body.n >> 8), (char)body.n }, 3);
	else
		buf_add(out, (char[]){ (char)(bit | 127), 0, 0, 0, 0, (char)(body.n >> 24), (char)(body.n >> 16),
				       (char)(body.n >> 8), (char)body.n }, 9);
	if (masked)
		buf_add(out, mask, 4);
	for (size_t i = 0; i < body.n; i++)
		buf_add_char(out, masked ? (char)((unsigned char)body.p[i] ^ mask[i & 3]) : body.p[i]);
}

static void one(struct span word, enum websocket_role sender, struct conformance_frames *f)
{
	AUTO_BUF body = BUF_INIT;
	unsigned first = 0x80;
	bool failure = *word.p == '!';

	first |= opcode(&word);
	if (failure) {
		f->fails = true;
		close_code(&word, &body);
	}
	if (word.n && *word.p == '-') {
		next(&word);
		first &= 0x7f;
	}
	if (word.n && *word.p >= '1' && *word.p <= '7')
		first |= (unsigned)(next(&word) - '0') << 4;
	payload(word, &body);
	frame(&f->bytes, first, sender == WEBSOCKET_CLIENT, buf_span(&body));
	assert_true(f->n < ARRAY_LEN(f->ends));
	f->ends[f->n++] = f->bytes.n;
}

void conformance_encode(const char *words, enum websocket_role sender, struct conformance_frames *ret)
{
	struct span rest = span_of(words), word;

	*ret = (struct conformance_frames){ .bytes = BUF_INIT, .enough = SIZE_MAX };
	while (span_next(&rest, ' ', &word)) {
		if (word.n && *word.p == '|')
			ret->enough = ret->bytes.n;
		else if (word.n)
			one(word, sender, ret);
	}
}

void conformance_free(struct conformance_frames *f)
{
	buf_free(&f->bytes);
}

/* The mask bit and the mask go, the payload becomes plain. */
static size_t unmask_one(const unsigned char *p, size_t n, struct buf *out)
{
	size_t length = p[1] & 0x7f, header = 2;

	assert_true(n >= 2 && p[1] & 0x80);
	if (length == 126) {
		length = (size_t)p[2] << 8 | p[3];
		header = 4;
	} else if (length == 127) {
		length = (size_t)p[6] << 24 | (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
		header = 10;
	}
	assert_true(header + 4 + length <= n);
	buf_add(out, p, header);
	out->p[out->n - header + 1] = (char)(p[1] & 0x7f);
	for (size_t i = 0; i < length; i++)
		buf_add_char(out, (char)(p[header + 4 + i] ^ p[header + (i & 3)]));
	return header + 4 + length;
}

void conformance_unmask(const struct buf *sent, enum websocket_role sender, struct buf *out)
{
	if (sender == WEBSOCKET_SERVER) {
		buf_add(out, sent->p, sent->n);
		return;
	}
	for (size_t i = 0; i < sent->n;)
		i += unmask_one((const unsigned char *)sent->p + i, sent->n - i, out);
}
