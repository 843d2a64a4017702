/* certificate: what BearSSL's validation does not tell about an X.509 certificate (RFC 5280 section 4.1): the bytes of its
 * public key, by which we know a peer, and its time. It finds places in DER, it validates nothing. */
#pragma once

#include "agent/base/span.h"

struct certificate {
	struct span key;              /* the SubjectPublicKeyInfo, whole: its SHA-256 is the identity */
	int64_t not_before, not_after; /* ms UTC, both inclusive */
};

/* 0; -EINVAL: not the structure of a certificate, in strict DER. */
int certificate_find(struct span der, struct certificate *ret);
