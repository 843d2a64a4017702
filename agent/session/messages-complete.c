/* The answer about completeness. */
#include <errno.h>
#include <stdlib.h>

#include "agent/session/messages-pieces.h"

void messages_put_completeness(struct buf *out, const struct reader_completeness *c)
{
	message_put_int(out, "verdict", c->verdict);
	message_put_int(out, "from", c->range.from_ms);
	message_put_int(out, "to", c->range.to_ms);
	message_put_uint(out, "kinds", c->kinds);
	message_open_list(out, "reasons");
	for (size_t i = 0; i < c->n; i++) {
		message_open_list(out, NULL);
		message_put_int(out, NULL, c->reasons[i].why);
		message_put_int(out, NULL, c->reasons[i].from_ms);
		message_put_int(out, NULL, c->reasons[i].to_ms);
		message_put_int(out, NULL, c->reasons[i].count);
		message_put_uint(out, NULL, c->reasons[i].kinds);
		message_put_bool(out, NULL, c->reasons[i].whole);
		message_put_bool(out, NULL, c->reasons[i].note);
		message_put_uint(out, NULL, c->reasons[i].rows);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_reason(struct message_in *list, struct reader_reason *ret)
{
	struct message_in r = message_list(list, NULL);

	ret->why = (int)message_int_in(&r, NULL, 0, INT32_MAX);
	ret->from_ms = messages_get_time(&r, NULL);
	ret->to_ms = messages_get_time(&r, NULL);
	ret->count = message_int_in(&r, NULL, -1, INT64_MAX);
	ret->kinds = (unsigned)message_int_in(&r, NULL, 0, UINT16_MAX);
	ret->whole = message_bool(&r, NULL);
	ret->note = message_bool(&r, NULL);
	ret->rows = message_uint(&r, NULL);
	message_at_end(&r);
	if (ret->from_ms > ret->to_ms)
		message_bad(&r);
}

void messages_get_completeness(struct message_in *in, struct reader_completeness *c)
{
	struct message_in list;
	size_t n;

	c->verdict = (enum reader_verdict)message_int_in(in, "verdict", READER_FULLY, READER_NOT);
	c->range.from_ms = messages_get_time(in, "from");
	c->range.to_ms = messages_get_time(in, "to");
	c->kinds = (unsigned)message_int_in(in, "kinds", 0, UINT16_MAX);
	list = message_list(in, "reasons");
	n = message_left(&list);
	if (n > READER_MAX_REASONS)
		message_bad(in);
	if (n == 0 || in->message->error)
		return;
	c->reasons = calloc(n, sizeof(*c->reasons));
	if (!c->reasons) {
		in->message->error = -ENOMEM;
		return;
	}
	c->n = n;
	for (size_t i = 0; i < n && !in->message->error; i++)
		get_reason(&list, &c->reasons[i]);
}
