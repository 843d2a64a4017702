/* frame: cuts a byte stream into frames and back. Bytes in, frames out: no I/O.
 *
 * A frame is one byte of kind (the numbers are WebSocket's opcodes, RFC 6455 section 11.8), four bytes of payload
 * length in network order, and the payload. Over a network WebSocket's own framing takes this layer's place
 * (agent/net/pump.h); what rides in the frames stays the same. A message may come in several frames, each with the same
 * kind, all but the last with FRAME_MORE beside it. The peer is hostile: nothing is set aside for a length it only
 * announces. */
#pragma once

#include <stdint.h>

#include "agent/base/buf.h"

enum frame_kind {
	FRAME_TEXT = 1,   /* one control message (message.h) */
	FRAME_BINARY = 2, /* a piece of bulk */
};

enum { FRAME_HEADER = 5, FRAME_MORE = 0x80 };

struct frame {
	enum frame_kind kind;
	struct span payload; /* a whole message, in the decoder: valid until its next frame_feed or frame_next */
};

struct frame_decoder {
	struct buf in;
	size_t at;      /* bytes of `in` that frames were made of */
	uint32_t limit; /* greatest message that is accepted */
	int error;      /* sticky */
	struct buf joined; /* what came of a message in several frames */
	unsigned char kind; /* its kind; 0: none has begun */
};
#define FRAME_DECODER_INIT(max) ((struct frame_decoder){ .limit = (max) })

/* Adds bytes as they come. 0, -ENOMEM, or the error that frame_next gave. */
int frame_feed(struct frame_decoder *d, const void *bytes, size_t n);
/* 1 with a message; 0 when more bytes are needed; for good: -EPROTO an unknown kind, or another than the message began
 * with; -EMSGSIZE longer than the limit; -ENOMEM. */
int frame_next(struct frame_decoder *d, struct frame *ret);
void frame_decoder_free(struct frame_decoder *d);

/* What the header (FRAME_HEADER bytes) says of its frame. 0; -EPROTO: no kind. */
int frame_parse(const char *header, enum frame_kind *ret_kind, bool *ret_more, uint32_t *ret_length);
void frame_put_header(struct buf *out, enum frame_kind kind, bool more, uint32_t length);

/* Room for a header at the end of `out`; returns where it is, for frame_end once the payload is appended. */
size_t frame_begin(struct buf *out);
/* 0; -EMSGSIZE (more than `limit` bytes since frame_begin) or -ENOMEM, and `out` is cut back to where it began. */
int frame_end(struct buf *out, size_t begin, enum frame_kind kind, uint32_t limit);
