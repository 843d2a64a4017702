/* receive: a file's content from the other end of a link, into a part (part.h). The link's owner passes on what comes. */
#pragma once

#include "agent/base/fdm.h"
#include "agent/transfer/part.h"
#include "agent/transfer/transfer.h"

struct receive;
/* Once: the last call; it may free `r`. error 0: it lies in the folder under `sha256`; else text is one line for people, and
 * what came stays as a part, unless what was sent is not what came. The link is open still, unless it ended. */
typedef void receive_done_fn(struct receive *r, int error, const char *text, const char *sha256, void *data);

struct receive_config {
	struct fdm *fdm;
	struct link *link;       /* both ends are there */
	struct part_place place; /* the folder's name must outlive it */
	const char *key;         /* of the part; copied */
	/* What is offered, to be copied; offset: of it is here already. false: it is not wanted. May be NULL. */
	bool (*offered)(const struct control *offer, uint64_t offset, void *data);
	/* It lies in the folder under that name: to be kept in mind before the other side hears of it. 0, or negative errno: it
	 * fails with that. May be NULL. */
	int (*stored)(const char *sha256, uint64_t size, void *data);
	void (*progress)(uint64_t done, uint64_t bytes, void *data); /* may be NULL */
	receive_done_fn *done;
	void *data;
};
/* 0 or -ENOMEM. */
int receive_new(const struct receive_config *config, struct receive **ret);
/* Of the link. May call `done`. */
void receive_message(struct receive *r, enum websocket_kind kind, struct span payload);
void receive_free(struct receive *r); /* what came stays; nothing is told to anybody; NULL is fine */
