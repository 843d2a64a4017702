#include "recorder/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>

enum { MAPPED = 12 }; /* bytes in front of an IPv4 address */
static const uint8_t mapped[MAPPED] = { [10] = 0xff, [11] = 0xff };

void endpoint_set_ipv4(struct endpoint *e, const void *address, uint16_t port)
{
	memcpy(e->address, mapped, MAPPED);
	memcpy(e->address + MAPPED, address, 4);
	e->port = port;
}

void endpoint_set_ipv6(struct endpoint *e, const void *address, uint16_t port)
{
	memcpy(e->address, address, sizeof(e->address));
	e->port = port;
}

int endpoint_parse(struct endpoint *e, struct span address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (address.n == 0 || address.n >= sizeof(text))
		return -EINVAL;
	memcpy(text, address.p, address.n);
	text[address.n] = 0;
	if (inet_pton(AF_INET, text, bytes) == 1)
		endpoint_set_ipv4(e, bytes, port);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		endpoint_set_ipv6(e, bytes, port);
	else
		return -EINVAL;
	return 0;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static bool is_ipv4(const struct endpoint *e)
{
	return memcmp(e->address, mapped, MAPPED) == 0;
}

bool endpoint_is_any(const struct endpoint *e)
{
	static const uint8_t zero[16];

	return is_ipv4(e) ? memcmp(e->address + MAPPED, zero, 4) == 0 : memcmp(e->address, zero, sizeof(zero)) == 0;
}

struct endpoint endpoint_reached(const struct endpoint *e)
{
	static const uint8_t v4[4] = { 127, 0, 0, 1 }, v6[16] = { [15] = 1 };
	struct endpoint self;

	if (!endpoint_is_any(e))
		return *e;
	if (is_ipv4(e))
		endpoint_set_ipv4(&self, v4, e->port);
	else
		endpoint_set_ipv6(&self, v6, e->port);
	return self;
}

struct span endpoint_text(const struct endpoint *e, struct arena *arena)
{
	static const uint8_t unknown[16];
	char text[INET6_ADDRSTRLEN];
	bool v4 = is_ipv4(e);

	if (!arena || memcmp(e->address, unknown, sizeof(unknown)) == 0 ||
	    !inet_ntop(v4 ? AF_INET : AF_INET6, e->address + (v4 ? MAPPED : 0), text, sizeof(text)))
		return SPAN_NONE;
	return arena_copy(arena, span_of(text));
}
