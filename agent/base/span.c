#include "agent/base/span.h"

#include <endian.h>
#include <errno.h>

int span_to_u64(struct span s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';

		if (d > 9)
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int span_to_i64(struct span s, int64_t *ret)
{
	bool neg = s.n > 0 && s.p[0] == '-';
	uint64_t v;
	int r = span_to_u64(neg ? (struct span){ s.p + 1, s.n - 1 } : s, &v);

	if (r < 0)
		return r;
	if (v > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int span_hex_to_u64(struct span s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit((unsigned char)s.p[i]);

		if (d < 0)
			return -EINVAL;
		if (v >> 60)
			return -ERANGE;
		v = v << 4 | (unsigned)d;
	}
	*ret = v;
	return 0;
}

int span_unhex(struct span s, char *out)
{
	if (s.n % 2)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i += 2) {
		int h = hex_digit((unsigned char)s.p[i]), l = hex_digit((unsigned char)s.p[i + 1]);

		if (h < 0 || l < 0)
			return -EINVAL;
		out[i / 2] = (char)(h << 4 | l);
	}
	return 0;
}

static uint64_t mix(uint64_t h, uint64_t w)
{
	__uint128_t m = (__uint128_t)(h ^ w) * 0x9e3779b97f4a7c15u;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t span_hash(struct span s)
{
	uint64_t h = 0x51ed270b9f652295u ^ s.n;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t w;

		memcpy(&w, s.p + i, 8);
		h = mix(h, le64toh(w));
	}
	if (i < s.n) {
		uint64_t w = 0;

		for (unsigned k = 0; i < s.n; i++, k += 8)
			w |= (uint64_t)(unsigned char)s.p[i] << k;
		h = mix(h, w);
	}
	return mix(h, 0xa0761d6478bd642fu);
}

bool span_next(struct span *rest, char sep, struct span *ret_piece)
{
	const char *end;

	if (!rest->p)
		return false;
	end = memchr(rest->p, sep, rest->n);
	if (!end) {
		*ret_piece = *rest;
		*rest = SPAN_NONE;
		return true;
	}
	*ret_piece = (struct span){ rest->p, (size_t)(end - rest->p) };
	rest->n -= ret_piece->n + 1;
	rest->p = end + 1;
	return true;
}
