/* pump: carries messages between a link and a stream socket that speaks frames (agent/wire/frame.h), both ways, until
 * either ends. Between them lies the end of a reader session: the socket's other end is remote.h's or serve.h's.
 *
 * Messages are passed on in pieces, as they come: whatever their length, about PUMP_MUCH bytes wait in each direction, and
 * who does not take them is not read for. What the link brings is within its max_message; the socket's side may be a
 * confined child that somebody took over, and is checked. */
#pragma once

#include "agent/net/link.h"

enum { PUMP_MUCH = 64 << 10 };

struct pump;

/* Both are closed, and the pump is freed when this returns. end: as of the link; its error is the socket's when that came
 * first: -EPROTO, -EMSGSIZE what it sent were no frames or too long; -EPIPE it ended inside a message. 0 when it just
 * ended. */
typedef void pump_done_fn(struct pump *p, const struct link_end *end, void *data);

struct pump_config {
	struct fdm *fdm;
	struct link *link;    /* ready; its handler and data are replaced */
	int fd;               /* of a stream socket */
	uint32_t max_message; /* from the socket */
	pump_done_fn *done;
	void *data;
};

/* 0 and the pump owns both; negative errno, and the link is as before, fd closed. From a handler of the link: the messages
 * that follow in what was received already go to the socket too. `done` is never called from here. */
int pump_new(const struct pump_config *config, struct pump **ret);
/* Says why and closes both, as link_close: may call `done` at once. */
void pump_close(struct pump *p, enum websocket_code code, const char *reason);
/* When the link last brought something (clock_monotonic): who asks no more may be let go. */
int64_t pump_heard(const struct pump *p);
