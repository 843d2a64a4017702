/* bulk: a file's content in binary messages, from one side to the other: credit-based flow control, zstd, a SHA-256 at
 * the end, resumption from an offset. Two state machines, sender and receiver: messages in, messages out, no I/O.
 *
 * Every message is the payload of one binary frame. Integers are big-endian.
 *
 *   DATA    1, transfer u32, offset u64, coding u8, size u32, bytes   sender → receiver
 *   END     2, transfer u32, size u64, SHA-256 [32]                   sender → receiver
 *   CREDIT  3, transfer u32, offset u64                               receiver → sender
 *   DONE    4, transfer u32                                           receiver → sender
 *   CANCEL  5, transfer u32, reason u8                                either way
 *
 * transfer: the number that a control message gave it. offset: of the content as it is, not as it is packed. DATA comes
 * in order and without holes; `size` is that of its content, 1 to BULK_PIECE; coding 0: as it is, 1: one zstd frame that
 * tells its content's size. CREDIT: the sender may send what lies below that offset; it never shrinks, and a receiver
 * that gives none pauses the transfer. END's SHA-256 is that of the whole content from offset 0, also when this transfer
 * resumed an earlier one. DONE: it is whole, equal and stored. After END, DONE or CANCEL (from either side) nothing more
 * is sent for that transfer but the answer to it. */
#pragma once

#include <sha2.h>

#include "agent/base/buf.h"

enum {
	BULK_PIECE = 128 << 10,
	BULK_HEADER = 18,
	BULK_MAX_MESSAGE = BULK_HEADER + BULK_PIECE, /* what does not shrink goes as it is */
	BULK_SHA256 = 32,
};

enum bulk_kind { BULK_DATA = 1, BULK_END, BULK_CREDIT, BULK_DONE, BULK_CANCEL };
enum bulk_reason {
	BULK_WANTED,    /* somebody asked for it */
	BULK_IO,        /* reading or storing failed */
	BULK_NO_SPACE,
	BULK_TOO_LARGE,
	BULK_CHANGED,   /* the content changed while it was read */
	BULK_DIFFERS,   /* the SHA-256 is another */
	BULK_PROTOCOL,
	BULK_REASONS,
};

struct bulk_message {
	enum bulk_kind kind;
	uint32_t transfer;
	uint64_t offset;  /* DATA, CREDIT; END: the size */
	uint32_t size;    /* DATA */
	bool packed;      /* DATA */
	struct span data; /* DATA: as it came; END: the SHA-256 */
	enum bulk_reason reason;
};

/* 0, or -EPROTO. The spans are parts of the payload. */
int bulk_parse(struct span payload, struct bulk_message *ret);
void bulk_put_cancel(struct buf *out, uint32_t transfer, enum bulk_reason reason);

/* ---- the sending side ---- */

enum bulk_state { BULK_RUNNING, BULK_ENDED, BULK_FINISHED, BULK_CANCELLED };

struct bulk_sender {
	uint32_t transfer;
	enum bulk_state state;    /* ENDED: all is sent; FINISHED: the receiver has it */
	enum bulk_reason reason;  /* CANCELLED by the receiver */
	uint64_t offset, credit;
	SHA2_CTX sha;
	struct ZSTD_CCtx_s *zstd;
};

/* A transfer that begins at offset 0, without credit. 0 or -ENOMEM. */
int bulk_sender_init(struct bulk_sender *s, uint32_t transfer);
void bulk_sender_free(struct bulk_sender *s); /* a zeroed one is fine */
/* For resumption, before anything was sent: content that the receiver has already, from offset 0 on. */
void bulk_sender_skip(struct bulk_sender *s, struct span content);
/* Bytes of content that may be sent now: 0 to BULK_PIECE. */
size_t bulk_sender_room(const struct bulk_sender *s);
/* Appends one DATA message to `out`. content: the next bytes, 1 to bulk_sender_room of them. 0; -EAGAIN when they are
 * more than that, -EPIPE when it does not run any more, -ENOMEM. */
int bulk_sender_put(struct bulk_sender *s, struct span content, struct buf *out);
/* The content is over: appends END. 0, -EPIPE, -ENOMEM. */
int bulk_sender_end(struct bulk_sender *s, struct buf *out);
/* Takes a CREDIT, DONE or CANCEL. 0; -EPROTO when it makes no sense. */
int bulk_sender_take(struct bulk_sender *s, const struct bulk_message *m);

/* ---- the receiving side ---- */

struct bulk_receiver {
	uint32_t transfer;
	enum bulk_state state;    /* ENDED: END came and fits; FINISHED: DONE was put */
	enum bulk_reason reason;  /* CANCELLED by the sender */
	uint64_t offset;          /* content so far */
	uint64_t granted, window, limit;
	SHA2_CTX sha;
	struct ZSTD_DCtx_s *zstd;
	struct buf content;
};

/* window: credit kept ahead of what is stored, at least BULK_PIECE; limit: greatest content that is accepted. 0 or
 * -ENOMEM. The first CREDIT is bulk_receiver_grant's. */
int bulk_receiver_init(struct bulk_receiver *r, uint32_t transfer, uint64_t window, uint64_t limit);
void bulk_receiver_free(struct bulk_receiver *r);
/* For resumption, before anything came: the content that an earlier transfer left, from offset 0 on. */
void bulk_receiver_skip(struct bulk_receiver *r, struct span content);
/* Takes a DATA, END or CANCEL. 0: of a DATA *ret_content is the content, to be stored at r->offset - ret_content->n, valid
 * until the next; else it is absent and r->state tells. -EPROTO: out of order, over the credit, or no sense; -EBADMSG: not
 * what was sent (packing or SHA-256); -EFBIG: over the limit; -ENOMEM: all for good. */
int bulk_receiver_take(struct bulk_receiver *r, const struct bulk_message *m, struct span *ret_content);
/* What came so far is stored: appends CREDIT for the next window, when that is worth a message. true: it did. */
bool bulk_receiver_grant(struct bulk_receiver *r, struct buf *out);
/* All is stored: appends DONE. 0; -EBUSY before END. */
int bulk_receiver_done(struct bulk_receiver *r, struct buf *out);
