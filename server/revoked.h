/* revoked: the keys that are trusted no longer, for the TLS handshake to ask. */
#pragma once

#include "server/depot.h"

struct revoked;
/* All of the depot. 0, or negative errno and *ret stays; what was in *ret (or NULL) is freed. */
int revoked_load(struct depot *d, struct revoked **ret);
bool revoked_has(const struct revoked *r, const unsigned char key[32]);
void revoked_free(struct revoked *r);
