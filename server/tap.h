/* tap: reads along what an investigator asks an endpoint, for the activity log: the expressions of reader calls. Messages
 * come in pieces and stay what they are; of one that is longer than TAP_MAX only that much is read. */
#pragma once

#include "agent/base/buf.h"

enum { TAP_MAX = 256 << 10, TAP_TEXT = 4096 };

struct tap {
	struct buf message;
	uint64_t last; /* a hash of the expression told last */
};

/* A piece of a text message. true: with it came an expression that is not the one before: *ret is what the log should
 * have, at most TAP_TEXT bytes and "…". Cut at the end of a character; malloc'd into ret. */
bool tap_take(struct tap *t, struct span piece, bool last, struct buf *ret);
void tap_free(struct tap *t);
