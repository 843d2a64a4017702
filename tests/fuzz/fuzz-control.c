/* A control message from a hostile side, taken as said by each of the three: what is accepted keeps its limits, which is
 * to say that it can be written, and is read as the same again. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "agent/wire/control.h"
#include "agent/wire/wire.h"

static const struct message_limits limits = { WIRE_GREETING_BYTES, WIRE_CONTROL_VALUES };

static int get(struct span text, enum control_side from, struct arena *arena, struct control *ret)
{
	struct message m;
	int r = message_parse(text, &limits, &m);

	if (r < 0)
		return r;
	r = control_get(&m, from, arena, ret);
	message_free(&m);
	return r;
}

static void try_side(struct span text, enum control_side from)
{
	AUTO_BUF first = BUF_INIT, second = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct control c, again;
	char line[300];

	if (get(text, from, &arena, &c) == 0) {
		if (control_put(&first, &c) < 0)
			abort();
		/* written anew it may be longer than what was read, never by much */
		if (first.n <= limits.bytes) {
			if (get(buf_span(&first), from, &arena, &again) < 0 || control_put(&second, &again) < 0 ||
			    !span_eq(buf_span(&first), buf_span(&second)))
				abort();
		}
		if (c.type == CONTROL_HELLO)
			control_agree(&c, WIRE_PROTOCOL_MIN, WIRE_PROTOCOL_MAX, line, sizeof(line));
	}
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text = { (const char *)data, n };

	try_side(text, CONTROL_APP);
	try_side(text, CONTROL_SERVER);
	try_side(text, CONTROL_AGENT);
	return 0;
}
