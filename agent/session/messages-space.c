/* The answers about a recording as a whole: what takes its space, and what there was. */
#include <stdlib.h>

#include "agent/session/messages-pieces.h"

enum { NAME = 4096 };

/* ---- space ---- */

void messages_put_space(struct buf *out, const struct reader_space *s)
{
	message_put_uint(out, "bytes", s->bytes);
	message_put_uint(out, "event_bytes", s->event_bytes);
	message_put_int(out, "recorded", s->recorded_ms);
	message_open_list(out, "costs");
	for (size_t i = 0; i < s->n; i++) {
		message_open_list(out, NULL);
		message_put_int(out, NULL, s->costs[i].by);
		message_put_int(out, NULL, s->costs[i].key);
		messages_put_shared(out, s->costs[i].name, NAME);
		message_put_uint(out, NULL, s->costs[i].rows);
		message_put_uint(out, NULL, s->costs[i].events);
		message_put_uint(out, NULL, s->costs[i].bytes);
		message_close_list(out);
	}
	message_close_list(out);
}

void messages_get_space(struct message_in *in, const struct messages_call *call, struct reader_space *s)
{
	struct message_in list;

	s->bytes = message_uint(in, "bytes");
	s->event_bytes = message_uint(in, "event_bytes");
	s->recorded_ms = message_int_in(in, "recorded", 0, INT64_MAX);
	list = message_list(in, "costs");
	s->costs = messages_get_array(&list, &s->arena, sizeof(*s->costs), call->n * READER_COSTS, &s->n);
	for (size_t i = 0; i < s->n && !in->message->error; i++) {
		struct message_in r = message_list(&list, NULL);
		struct reader_cost *c = &s->costs[i];

		c->by = (int)message_int_in(&r, NULL, i ? c[-1].by : 0, READER_COSTS - 1);
		c->key = message_int(&r, NULL);
		c->name = message_text(&r, NULL, &s->arena);
		c->rows = message_uint(&r, NULL);
		c->events = message_uint(&r, NULL);
		c->bytes = message_uint(&r, NULL);
		message_at_end(&r);
		if (c->bytes > s->bytes)
			message_bad(in);
	}
}

/* ---- inventory ---- */

void messages_put_inventory(struct buf *out, const struct reader_inventory *v)
{
	message_put_uint(out, "left_out", v->left_out);
	message_open_list(out, "things");
	for (size_t i = 0; i < v->n; i++) {
		const struct reader_thing *t = &v->things[i];

		message_open_list(out, NULL);
		message_put_int(out, NULL, t->area);
		messages_put_shared(out, t->name, NAME);
		messages_put_shared(out, t->detail, NAME);
		message_put_int(out, NULL, t->port);
		message_put_int(out, NULL, t->first_ms);
		message_put_int(out, NULL, t->last_ms);
		message_put_uint(out, NULL, t->count);
		messages_put_shared(out, t->by, NAME);
		message_close_list(out);
	}
	message_close_list(out);
}

void messages_get_inventory(struct message_in *in, struct reader_inventory *v)
{
	struct message_in list;

	v->left_out = message_uint(in, "left_out");
	list = message_list(in, "things");
	v->things = messages_get_array(&list, &v->arena, sizeof(*v->things), (size_t)READER_MAX_THINGS * READER_AREAS, &v->n);
	for (size_t i = 0; i < v->n && !in->message->error; i++) {
		struct message_in r = message_list(&list, NULL);
		struct reader_thing *t = &v->things[i];

		t->area = (int)message_int_in(&r, NULL, 0, READER_AREAS - 1);
		t->name = message_text(&r, NULL, &v->arena);
		t->detail = message_text(&r, NULL, &v->arena);
		t->port = message_int(&r, NULL);
		t->first_ms = messages_get_time(&r, NULL);
		t->last_ms = messages_get_time(&r, NULL);
		t->count = message_uint(&r, NULL);
		t->by = message_text(&r, NULL, &v->arena);
		message_at_end(&r);
	}
	if (v->n)
		qsort(v->things, v->n, sizeof(*v->things), reader_thing_compare); /* shortened texts are in another order */
}
