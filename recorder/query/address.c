#include "recorder/query/address.h"

#include <arpa/inet.h>
#include <errno.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }; /* ::ffff:0:0/96, RFC 4291 2.5.5.2 */

int address_parse(struct span s, struct address *ret)
{
	char text[INET6_ADDRSTRLEN + 1];
	const char *zone = s.p ? memchr(s.p, '%', s.n) : NULL;
	struct address a = { 0 };

	if (zone)
		s.n = (size_t)(zone - s.p);
	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, 0, s.n))
		return -EINVAL;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	if (!zone && inet_pton(AF_INET, text, a.bytes) == 1) {
		*ret = a;
		return 0;
	}
	if (inet_pton(AF_INET6, text, a.bytes) != 1)
		return -EINVAL;
	a.v6 = memcmp(a.bytes, mapped, sizeof(mapped)) != 0;
	if (!a.v6) {
		memcpy(a.bytes, a.bytes + 12, 4);
		memset(a.bytes + 4, 0, 12);
	}
	*ret = a;
	return 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

_Static_assert(ADDRESS_TEXT == INET6_ADDRSTRLEN, "the longest address");

const char *address_format(const struct address *a, char out[ADDRESS_TEXT])
{
	return inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->bytes, out, ADDRESS_TEXT);
}

int address_network_parse(struct span s, struct address_network *ret)
{
	const char *slash = s.p ? memchr(s.p, '/', s.n) : NULL;
	struct address_network n;
	uint64_t bits;
	size_t base = slash ? (size_t)(slash - s.p) : s.n;
	bool was_v6 = s.p && memchr(s.p, ':', base) != NULL;

	if (address_parse((struct span){ s.p, base }, &n.base) < 0)
		return -EINVAL;
	bits = n.base.v6 ? 128 : 32;
	if (slash) {
		if (span_to_u64((struct span){ slash + 1, s.n - base - 1 }, &bits) < 0)
			return -EINVAL;
		if (was_v6 && !n.base.v6) { /* ::ffff:10.0.0.0/104 */
			if (bits < 96 || bits > 128)
				return -EINVAL;
			bits -= 96;
		}
		if (bits > (n.base.v6 ? 128u : 32u))
			return -EINVAL;
	}
	n.bits = (unsigned)bits;
	*ret = n;
	return 0;
}

bool address_in_network(const struct address *a, const struct address_network *n)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (a->v6 != n->base.v6 || memcmp(a->bytes, n->base.bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ n->base.bytes[whole]) & mask) == 0;
}
