/* Bytes of a hostile WebSocket peer: the first chooses our role and the size of the pieces. However the stream is cut the
 * same comes out; text is UTF-8, no message is over the limit, and we never say much more than was said to us. What we
 * say is what a strict peer reads. */
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

/* Everything that arrives as events, in pieces of `step`; text and binary are echoed. */
static struct seen listen_to(enum websocket_role role, struct span bytes, size_t step)
{
	struct seen seen = { .said = BUF_INIT };
	struct websocket w;
	struct websocket_event e;

	websocket_init(&w, role, LIMIT);
	while (bytes.n && seen.error == 0) {
		struct span piece = { bytes.p, bytes.n < step ? bytes.n : step };

		bytes = (struct span){ bytes.p + piece.n, bytes.n - piece.n };
		while ((seen.error = websocket_read(&w, &piece, &e)) == 1) {
			see(&seen, &e);
			if (e.kind == WEBSOCKET_TEXT || e.kind == WEBSOCKET_BINARY)
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
	struct seen whole, cut, back;

	if (n == 0)
		return 0;
	role = data[0] & 1 ? WEBSOCKET_SERVER : WEBSOCKET_CLIENT;
	peer = data[0] & 1 ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
	bytes = (struct span){ (const char *)data + 1, n - 1 };
	whole = listen_to(role, bytes, SIZE_MAX);
	cut = listen_to(role, bytes, 1 + (data[0] >> 1) % 16);
	if (whole.hash != cut.hash || whole.events != cut.events || whole.error != cut.error ||
	    whole.said.n != cut.said.n || whole.said.n > 3 * n + WEBSOCKET_MAX_HEADER + 2)
		abort();
	back = listen_to(peer, buf_span(&whole.said), SIZE_MAX);
	if (back.error < 0)
		abort();
	buf_free(&whole.said);
	buf_free(&cut.said);
	buf_free(&back.said);
	return 0;
}
