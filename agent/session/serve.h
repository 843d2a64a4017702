/* serve: answers reader calls that arrive as messages: the far side of remote.h. Used by the confined child that opens
 * a snapshot (over a socketpair), later by a live endpoint's client (over the wire). */
#pragma once

#include "recorder/query/reader.h"

/* Serves `reader` on fd (stream socket; frames of agent/wire/frame.h around messages of agent/session/messages.h)
 * until the peer closes. A `cancel` message for the running call sets its cancel within 50 ms.
 * 0 at a clean end, -EPROTO when the peer breaks the protocol, else negative errno. fd stays open. */
int serve_reader(int fd, struct reader *reader);
