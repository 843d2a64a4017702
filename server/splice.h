/* splice: passes what comes from one link to another and back, piece by piece. While one end has much that it has not taken
 * nothing is read from the other: what waits is bounded. */
#pragma once

#include "agent/net/link.h"

struct splice {
	struct link *ends[2]; /* both in pieces (link_set_pieces) */
	bool held[2];         /* nothing is read from it */
};

/* A piece that came from that end. 0, or why the other did not take it: the two are to be closed. */
int splice_pass(struct splice *s, unsigned from, enum websocket_kind kind, struct span payload, bool first, bool last);
/* What was sent to that end is out. */
void splice_drained(struct splice *s, unsigned end);
