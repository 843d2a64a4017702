/* endpoint: one side of an IP connection, as numbers: to be compared and kept. IPv4 is mapped into IPv6
 * (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so that one connection is the same whichever kind of socket it is seen through. */
#pragma once

#include "agent/base/arena.h"

struct endpoint {
	uint8_t address[16]; /* all 0: not known (and "::") */
	uint16_t port;       /* 0: not known */
};

/* Of a connection, seen from the process that has it. */
struct endpoint_pair {
	struct endpoint local, remote;
};

/* Four bytes of IPv4, or 16 of IPv6, in network order. */
void endpoint_set_ipv4(struct endpoint *e, const void *address, uint16_t port);
void endpoint_set_ipv6(struct endpoint *e, const void *address, uint16_t port);
/* From text. 0 or -EINVAL. */
int endpoint_parse(struct endpoint *e, struct span address, uint16_t port);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* "0.0.0.0" or "::", or not known. */
bool endpoint_is_any(const struct endpoint *e);
/* What a connection to "any" reaches: this machine itself (ip(7)). Others as they are. */
struct endpoint endpoint_reached(const struct endpoint *e);
/* The address as text in the arena, IPv4 as IPv4; absent when it is not known, or memory is out. */
struct span endpoint_text(const struct endpoint *e, struct arena *arena);
