/* utf8: validates UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF) that comes in pieces. A wrong
 * byte is noticed at once, without the rest of its character. */
#pragma once

#include "agent/base/span.h"

struct utf8 {
	unsigned char need;      /* continuation bytes that the begun character still lacks */
	unsigned char low, high; /* what the next of them must lie within */
};

/* Takes the next piece. false: what came so far is the beginning of no valid text. Then start anew with a zeroed one. */
bool utf8_feed(struct utf8 *u, struct span piece);
/* The text may end here: no character is half there. */
static inline bool utf8_complete(const struct utf8 *u) { return u->need == 0; }
