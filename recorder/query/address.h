/* address: IP addresses and networks as they are compared. An IPv4 address mapped into IPv6 is the IPv4 address. */
#pragma once

#include "agent/base/span.h"

struct address {
	bool v6;
	uint8_t bytes[16]; /* v4: the first four */
};
struct address_network {
	struct address base;
	unsigned bits;
};

/* "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; a zone ("%eth0") is ignored. 0 or -EINVAL. */
int address_parse(struct span s, struct address *ret);
bool address_equal(const struct address *a, const struct address *b);
enum { ADDRESS_TEXT = 46 };
/* The one way that an address is written where others differ only in how they are. Returns out. */
const char *address_format(const struct address *a, char out[ADDRESS_TEXT]);
/* "10.0.0.0/8", "2001:db8::/32"; without a length the one address. Bits past the length are ignored. 0 or -EINVAL. */
int address_network_parse(struct span s, struct address_network *ret);
/* Never across families. */
bool address_in_network(const struct address *a, const struct address_network *n);
