/* A stream of frames from a hostile peer, taken both as calls and as answers. Whatever is accepted encodes to something
 * that is accepted and encodes the same again. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "agent/session/messages.h"
#include "agent/wire/frame.h"

static const struct message_limits limits = { 1 << 20, 100000 };

static const struct messages_call asked[] = {
	{ .type = MESSAGES_OPEN },
	{ .type = MESSAGES_INFO },
	{ .type = MESSAGES_COUNT, .step = 2 },
	{ .type = MESSAGES_PAGE, .n = 3 },
	{ .type = MESSAGES_HISTOGRAM, .n = 2 },
	{ .type = MESSAGES_PROCESS, .process = 1 },
	{ .type = MESSAGES_TIMELINE, .process = 1, .n = 2, .max_children = 2 },
	{ .type = MESSAGES_TREE, .process = 1, .limits = { 2, 2, 2, 2 } },
	{ .type = MESSAGES_DISTRIBUTION },
	{ .type = MESSAGES_LANES, .n = 10, .max_children = 5 },
	{ .type = MESSAGES_STORY, .max_children = 8 },
	{ .type = MESSAGES_COMPLETENESS },
	{ .type = MESSAGES_CELLS, .cells = { .n_ids = 2, .n_fields = 1 } },
	{ .type = MESSAGES_VALUES, .wish = { .max = 9 } },
	{ .type = MESSAGES_SPACE, .n = 4 },
	{ .type = MESSAGES_INVENTORY },
};

static void parse_again(const struct buf *text, struct message *ret)
{
	if (text->failed || message_parse(buf_span(text), &limits, ret) < 0)
		abort();
}

static void try_call(struct message *m)
{
	AUTO_BUF first = BUF_INIT, second = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct messages_call c, again;
	struct expr_error e;
	struct message back;

	if (messages_get_call(m, &arena, &c, &e) == 0) {
		messages_put_call(&first, &c);
		parse_again(&first, &back);
		if (messages_get_call(&back, &arena, &again, &e) < 0)
			abort();
		messages_put_call(&second, &again);
		if (!span_eq(buf_span(&first), buf_span(&second)))
			abort();
		message_free(&back);
		expr_free((struct expr *)c.where);
		expr_free((struct expr *)again.where);
	}
	arena_free(&arena);
}

static void try_answer(struct message *m, const struct messages_call *call)
{
	AUTO_BUF first = BUF_INIT, second = BUF_INIT;
	union messages_answer a = { 0 }, again = { 0 };
	struct message back;

	m->error = 0;
	if (messages_get_answer(m, call, &a) < 0)
		return;
	messages_put_answer(&first, m->id, call->type, &a);
	parse_again(&first, &back);
	if (messages_get_answer(&back, call, &again) < 0)
		abort();
	messages_put_answer(&second, m->id, call->type, &again);
	if (!span_eq(buf_span(&first), buf_span(&second)))
		abort();
	message_free(&back);
	messages_answer_free(call->type, &a);
	messages_answer_free(call->type, &again);
}

static void try_message(struct span payload)
{
	char text[64];
	struct message m;

	if (message_parse(payload, &limits, &m) < 0)
		return;
	try_call(&m);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		try_answer(&m, &asked[i]);
	m.error = 0;
	messages_get_error(&m, text, sizeof(text));
	message_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct frame_decoder d = FRAME_DECODER_INIT(1 << 20);
	struct frame f;

	try_message((struct span){ (const char *)data, n });
	if (frame_feed(&d, data, n) == 0)
		while (frame_next(&d, &f) == 1)
			try_message(f.payload);
	frame_decoder_free(&d);
	return 0;
}
