/* transfer: what both sides of one have in common (bulk.h, and bulk.offer and bulk.accept of wire.h). */
#pragma once

#include "agent/net/link.h"
#include "agent/wire/bulk.h"
#include "agent/wire/control.h"

enum {
	TRANSFER_NUMBER = 1,          /* a connection has one */
	TRANSFER_WINDOW = 4 << 20,    /* credit */
	TRANSFER_UNSENT = 512 << 10,  /* bytes that the sending side lets wait */
	TRANSFER_SLICE = 1 << 20,     /* read again at a turn, for the SHA-256 of what is there already */
};

/* How it ends, as one line for people and an errno (negative). */
int transfer_error(enum bulk_reason reason);
const char *transfer_text(enum bulk_reason reason);
/* What to tell the other side of an errno (negative). */
enum bulk_reason transfer_reason(int error);
/* One text message of the other side, whoever it is. 0, -EPROTO, -ENOMEM. */
int transfer_read(struct span payload, struct arena *arena, struct control *ret);
/* 0 or as link_send. */
int transfer_say(struct link *l, const struct control *c);
int transfer_send(struct link *l, const struct buf *message);
/* Tells the other side that it is over, as far as that can be told. */
void transfer_cancel(struct link *l, enum bulk_reason reason);
