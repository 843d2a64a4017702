/* Binary messages of a hostile side, each with two bytes of length before it, taken by a receiver and by a sender: what is
 * handed out is never more than was granted or announced. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "agent/wire/bulk.h"

enum { TRANSFER = 0x01010101, WINDOW = 256 << 10, LIMIT = 1 << 20 };

static void receive(struct bulk_receiver *r, const struct bulk_message *m)
{
	uint64_t before = r->offset, granted = r->granted;
	enum bulk_state state = r->state;
	AUTO_BUF out = BUF_INIT;
	struct span content;
	int e = bulk_receiver_take(r, m, &content);

	if (e == 0 && content.p && (content.n == 0 || content.n > BULK_PIECE || r->offset != before + content.n))
		abort();
	if (r->offset > LIMIT || r->offset > granted || (e < 0 && r->state != state && r->state != BULK_CANCELLED))
		abort();
	bulk_receiver_grant(r, &out);
}

static void send_to(struct bulk_sender *s, const struct bulk_message *m)
{
	static const char content[BULK_PIECE];
	AUTO_BUF out = BUF_INIT;
	size_t room;

	bulk_sender_take(s, m);
	room = bulk_sender_room(s);
	if (room > 64)
		room = 64;
	if (s->credit < s->offset || (room && bulk_sender_put(s, (struct span){ content, room }, &out) < 0))
		abort();
	if (s->offset > s->credit)
		abort();
	if (s->offset > 1000)
		bulk_sender_end(s, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bulk_sender s;
	struct bulk_receiver r;
	AUTO_BUF out = BUF_INIT;

	if (bulk_sender_init(&s, TRANSFER) < 0 || bulk_receiver_init(&r, TRANSFER, WINDOW, LIMIT) < 0)
		abort();
	bulk_receiver_grant(&r, &out);
	while (n >= 2) {
		size_t length = (size_t)data[0] << 8 | data[1];
		struct bulk_message m;

		data += 2;
		n -= 2;
		if (length > n)
			length = n;
		if (bulk_parse((struct span){ (const char *)data, length }, &m) == 0) {
			receive(&r, &m);
			send_to(&s, &m);
		}
		data += length;
		n -= length;
	}
	bulk_sender_free(&s);
	bulk_receiver_free(&r);
	return 0;
}
