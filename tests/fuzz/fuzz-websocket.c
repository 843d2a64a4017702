/* Bytes of a hostile WebSocket peer: the first chooses our role and the size of the pieces. However the stream is cut the
 * same comes out; text is UTF-8, no message is over the limit, and we never say much more than was said to us. What we
 * say is what a strict peer reads. In pieces it is the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "agent/base/text.h"
#include "agent/wire/websocket.h"

enum { LIMIT = 2000 };

struct seen {
	uint64_t hash; /* of all events */
	size_t events;
	int error;
	struct buf said;
};

static void see(struct seen *seen, const struct websocket_event *e)
{
	if (e->payload.n > LIMIT || (e->kind >= WEBSOCKET_CLOSE && e->payload.n > WEBSOCKET_MAX_CONTROL))
		abort();
	if ((e->kind == WEBSOCKET_TEXT || e->kind == WEBSOCKET_CLOSE) && !text_is_utf8(e->payload))
		abort();
	seen->events++;
	seen->hash = seen->hash * 31 + span_hash(e->payload) + e->kind + e->code;
}

/* Pieces are passed on as they come, and seen when they are whole. */
static void join(struct seen *seen, struct websocket *w, struct buf *message, const struct websocket_event *e)
{
	struct websocket_event whole = *e;

	if (e->first && message->n)
		abort();
	buf_add_span(message, e->payload);
	websocket_send_piece(w, e->kind, e->payload, e->first, e->last);
	if (!e->last)
		return;
	whole.payload = buf_span(message);
	see(seen, &whole);
	buf_clear(message);
}

/* Everything that arrives as events, in parts of `step`; text and binary are echoed, whole or in pieces. */
static struct seen listen_to(enum websocket_role role, struct span bytes, size_t step, bool pieces)
{
	struct seen seen = { .said = BUF_INIT };
	AUTO_BUF message = BUF_INIT;
	struct websocket w;
	struct websocket_event e;

	websocket_init(&w, role, LIMIT);
	if (pieces)
		websocket_set_pieces(&w);
	while (bytes.n && seen.error == 0) {
		struct span piece = { bytes.p, bytes.n < step ? bytes.n : step };

		bytes = (struct span){ bytes.p + piece.n, bytes.n - piece.n };
		while ((seen.error = websocket_read(&w, &piece, &e)) == 1) {
			bool data = e.kind == WEBSOCKET_TEXT || e.kind == WEBSOCKET_BINARY;

			if (data && pieces)
				join(&seen, &w, &message, &e);
			else
				see(&seen, &e);
			if (data && !pieces)
				websocket_send(&w, e.kind, e.payload);
		}
		if (seen.error == 0 && piece.n)
			abort();
	}
	seen.said = w.out;
	w.out = BUF_INIT;
	websocket_free(&w);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum websocket_role role, peer;
	struct span bytes;
	struct seen whole, cut, pieces, back, back_again;

	if (n == 0)
		return 0;
	role = data[0] & 1 ? WEBSOCKET_SERVER : WEBSOCKET_CLIENT;
	peer = data[0] & 1 ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
	bytes = (struct span){ (const char *)data + 1, n - 1 };
	whole = listen_to(role, bytes, SIZE_MAX, false);
	cut = listen_to(role, bytes, 1 + (data[0] >> 1) % 16, false);
	pieces = listen_to(role, bytes, 1 + (data[0] >> 1) % 16, true);
	if (whole.hash != cut.hash || whole.events != cut.events || whole.error != cut.error ||
	    whole.said.n != cut.said.n || whole.said.n > 3 * n + WEBSOCKET_MAX_HEADER + 2)
		abort();
	if (whole.hash != pieces.hash || whole.events != pieces.events || whole.error != pieces.error)
		abort();
	back = listen_to(peer, buf_span(&whole.said), SIZE_MAX, false);
	back_again = listen_to(peer, buf_span(&pieces.said), SIZE_MAX, false);
	if (back.error < 0 || back_again.error < 0 || (whole.error == 0 && back.events > back_again.events))
		abort();
	buf_free(&whole.said);
	buf_free(&cut.said);
	buf_free(&pieces.said);
	buf_free(&back.said);
	buf_free(&back_again.said);
	return 0;
}
