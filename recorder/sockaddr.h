/* sockaddr: the "saddr=" of a SOCKADDR record (struct sockaddr as hex). The family is in the byte order of the
 * machine that wrote it, port and addresses in network order (ip(7), ipv6(7), unix(7)). */
#pragma once

#include "recorder/endpoint.h"

enum sockaddr_family { SOCKADDR_OTHER, SOCKADDR_UNIX, SOCKADDR_IPV4, SOCKADDR_IPV6 };

struct sockaddr_text {
	enum sockaddr_family family;
	int number;          /* AF_* as the record has it */
	struct span address; /* "10.0.0.1", "2001:db8::1"; unix: path, '@' in front of an abstract name; in the arena */
	int32_t port;        /* 0 for unix */
	struct endpoint endpoint; /* the same of IPv4 and IPv6 */
};

/* An IPv4 address mapped into IPv6 (::ffff:a.b.c.d) is told as IPv4. 0, -EINVAL (no hex, too short), -ENOMEM. */
int sockaddr_decode(struct span hex, bool little_endian, struct arena *arena, struct sockaddr_text *ret);
