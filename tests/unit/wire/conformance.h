/* conformance: frames written as words, for the table of test-websocket-cases.c.
 *
 * KIND[-][RSV][:text|=hex|*N], words separated by spaces. KIND: T text, B binary, C continuation, P ping, O pong, X close,
 * or an opcode as kHEX. "-": not the last fragment; a digit: the reserved bits; *N: N bytes '*'. X#CODE[:text] is a close
 * with a code. Before "|": what must be enough for the endpoint to fail. In what is expected, !CODE: it failed with that
 * close. */
#pragma once

#include "agent/wire/websocket.h"

struct conformance_frames {
	struct buf bytes;
	size_t ends[64], n; /* of each frame, in bytes */
	size_t enough;      /* bytes before "|"; SIZE_MAX: none */
	bool fails;         /* with "!" */
};

/* As a peer of that role sends them. */
void conformance_encode(const char *words, enum websocket_role sender, struct conformance_frames *ret);
void conformance_free(struct conformance_frames *f);
/* Takes the masks off what a client sent, so that it can be compared with what a server would send. */
void conformance_unmask(const struct buf *sent, enum websocket_role sender, struct buf *out);
