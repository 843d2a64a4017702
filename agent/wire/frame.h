/* frame: cuts a byte stream into frames and back. Bytes in, frames out: no I/O.
 *
 * A frame is one byte of kind (the numbers are WebSocket's opcodes, RFC 6455 section 11.8), four bytes of payload
 * length in network order, and the payload. Over a network WebSocket's own framing takes this layer's place; what
 * rides in the frames stays the same. The peer is hostile: nothing is set aside for a length it only announces. */
#pragma once

#include <stdint.h>

#include "agent/base/buf.h"

enum frame_kind {
	FRAME_TEXT = 1,   /* one control message (message.h) */
	FRAME_BINARY = 2, /* a piece of bulk */
};

enum { FRAME_HEADER = 5 };

struct frame {
	enum frame_kind kind;
	struct span payload; /* in the decoder: valid until its next frame_feed */
};

struct frame_decoder {
	struct buf in;
	size_t at;      /* bytes of `in` that frames were made of */
	uint32_t limit; /* greatest payload that is accepted */
	int error;      /* sticky */
};
#define FRAME_DECODER_INIT(max) ((struct frame_decoder){ BUF_INIT, 0, (max), 0 })

/* Adds bytes as they come. 0, -ENOMEM, or the error that frame_next gave. */
int frame_feed(struct frame_decoder *d, const void *bytes, size_t n);
/* 1 with a frame; 0 when more bytes are needed; -EPROTO unknown kind, -EMSGSIZE longer than the limit: both for good. */
int frame_next(struct frame_decoder *d, struct frame *ret);
void frame_decoder_free(struct frame_decoder *d);

/* Room for a header at the end of `out`; returns where it is, for frame_end once the payload is appended. */
size_t frame_begin(struct buf *out);
/* 0; -EMSGSIZE (more than `limit` bytes since frame_begin) or -ENOMEM, and `out` is cut back to where it began. */
int frame_end(struct buf *out, size_t begin, enum frame_kind kind, uint32_t limit);
