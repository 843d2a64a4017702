#include "recorder/sockaddr.h"

#include <arpa/inet.h>
#include <errno.h>

enum { FAMILY_UNIX = 1, FAMILY_IPV4 = 2, FAMILY_IPV6 = 10, BYTES_MAX = 128 };

static int decode_ip(int family, const unsigned char *address, struct arena *arena, struct sockaddr_text *ret)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family == FAMILY_IPV4 ? AF_INET : AF_INET6, address, text, sizeof(text)))
		return -EINVAL;
	ret->address = arena_copy(arena, span_of(text));
	return ret->address.p ? 0 : -ENOMEM;
}

static int decode_ipv6(const unsigned char *raw, struct arena *arena, struct sockaddr_text *ret)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	ret->port = raw[2] << 8 | raw[3];
	endpoint_set_ipv6(&ret->endpoint, raw + 8, (uint16_t)ret->port);
	if (memcmp(raw + 8, mapped, sizeof(mapped)) == 0) {
		ret->family = SOCKADDR_IPV4;
		return decode_ip(FAMILY_IPV4, raw + 20, arena, ret);
	}
	ret->family = SOCKADDR_IPV6;
	return decode_ip(FAMILY_IPV6, raw + 8, arena, ret);
}

/* What follows the first NUL is whatever lay in the caller's memory. */
static int decode_unix(const unsigned char *raw, size_t n, struct arena *arena, struct sockaddr_text *ret)
{
	char path[BYTES_MAX];
	size_t len = 0;

	ret->family = SOCKADDR_UNIX;
	raw += 2;
	n -= 2;
	if (n && raw[0] == 0) {
		path[len++] = '@';
		raw++;
		n--;
	}
	while (n-- && *raw)
		path[len++] = (char)*raw++;
	ret->address = arena_copy(arena, (struct span){ path, len });
	return ret->address.p ? 0 : -ENOMEM;
}

int sockaddr_decode(struct span hex, bool little_endian, struct arena *arena, struct sockaddr_text *ret)
{
	struct sockaddr_text t = { .family = SOCKADDR_OTHER };
	unsigned char raw[BYTES_MAX];
	size_t n = hex.n / 2;
	int r = 0;

	if (n > sizeof(raw))
		n = sizeof(raw);
	if (n < 2 || hex.n % 2 || span_unhex((struct span){ hex.p, n * 2 }, (char *)raw) < 0)
		return -EINVAL;
	t.number = little_endian ? raw[0] | raw[1] << 8 : raw[0] << 8 | raw[1];
	switch (t.number) {
	case FAMILY_UNIX:
		r = decode_unix(raw, n, arena, &t);
		break;
	case FAMILY_IPV4:
		if (n < 8)
			return -EINVAL;
		t.family = SOCKADDR_IPV4;
		t.port = raw[2] << 8 | raw[3];
		endpoint_set_ipv4(&t.endpoint, raw + 4, (uint16_t)t.port);
		r = decode_ip(FAMILY_IPV4, raw + 4, arena, &t);
		break;
	case FAMILY_IPV6:
		if (n < 24)
			return -EINVAL;
		r = decode_ipv6(raw, arena, &t);
		break;
	}
	if (r == 0)
		*ret = t;
	return r;
}
