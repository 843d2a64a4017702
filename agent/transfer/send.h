/* send: a file's content to the other end of a link: bulk.offer, then bulk. The link's owner passes on what comes. */
#pragma once

#include "agent/base/fdm.h"
#include "agent/transfer/transfer.h"

struct send;
/* Once: the last call; it may free `s`. error 0: the other side has it; else text is one line for people. The link is open
 * still, unless it ended. */
typedef void send_done_fn(struct send *s, int error, const char *text, void *data);

struct send_config {
	struct fdm *fdm;
	struct link *link;     /* both ends are there */
	int fd;                /* of a regular file */
	struct span name, identity; /* of the offer; the rest is the file's own */
	uint64_t max_bytes;    /* more is not sent */
	/* Told of what the other side has or is about to; may be NULL. */
	void (*progress)(uint64_t done, uint64_t bytes, void *data);
	send_done_fn *done;
	void *data;
};
/* Takes fd, also on failure. 0; -EINVAL no regular file, -EFBIG it is larger, or negative errno. */
int send_new(const struct send_config *config, struct send **ret);
/* Of the link: a message came; what was sent is out. Either may call `done`. */
void send_message(struct send *s, enum websocket_kind kind, struct span payload);
void send_drained(struct send *s);
void send_free(struct send *s); /* nothing is told to anybody; NULL is fine */
