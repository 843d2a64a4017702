/* The call and the answer about the values of a field. */
#include "agent/session/messages-pieces.h"

enum { FIELD_NAME = 256 };

void messages_put_wish(struct buf *out, const struct reader_values_wish *w)
{
	message_put_text(out, "field", span_of(w->field->name));
	message_put_bool(out, "rare", w->order == READER_RARE_FIRST);
	message_put_uint(out, "max", w->max);
	message_put_text(out, "part", w->part);
	message_put_bool(out, "prefix", w->prefix);
	message_put_bool(out, "quick", w->quick);
}

void messages_get_wish(struct message_in *in, struct arena *arena, struct reader_values_wish *w)
{
	struct span name = message_text(in, "field", arena);

	w->field = name.p && name.n <= FIELD_NAME ? field_find(name) : NULL;
	w->order = message_bool(in, "rare") ? READER_RARE_FIRST : READER_COMMON_FIRST;
	w->max = (size_t)message_int_in(in, "max", 0, READER_MAX_VALUES);
	w->part = message_text(in, "part", arena);
	w->prefix = message_bool(in, "prefix");
	w->quick = message_bool(in, "quick");
	if (!w->field || w->part.n > READER_VALUE_BYTES)
		message_bad(in);
}

void messages_put_values(struct buf *out, const struct reader_values *v)
{
	message_put_uint(out, "distinct", v->distinct);
	message_put_bool(out, "more", v->more);
	message_put_uint(out, "rows", v->rows);
	message_put_uint(out, "events", v->events);
	message_put_uint(out, "without", v->without);
	message_open_list(out, "values");
	for (size_t i = 0; i < v->n; i++) {
		message_open_list(out, NULL);
		message_put_text(out, NULL, v->values[i].text);
		message_put_bool(out, NULL, v->values[i].cut);
		message_put_uint(out, NULL, v->values[i].rows);
		message_put_uint(out, NULL, v->values[i].events);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_value(struct message_in *list, struct arena *arena, struct reader_value *ret)
{
	struct message_in r = message_list(list, NULL);

	ret->text = message_text(&r, NULL, arena);
	ret->cut = message_bool(&r, NULL);
	ret->rows = message_uint(&r, NULL);
	ret->events = message_uint(&r, NULL);
	message_at_end(&r);
	if (!ret->text.p || ret->text.n > READER_VALUE_BYTES)
		message_bad(&r);
}

void messages_get_values(struct message_in *in, const struct messages_call *call, struct reader_values *v)
{
	struct message_in list;

	v->distinct = message_uint(in, "distinct");
	v->more = message_bool(in, "more");
	v->rows = message_uint(in, "rows");
	v->events = message_uint(in, "events");
	v->without = message_uint(in, "without");
	list = message_list(in, "values");
	v->values = messages_get_array(&list, &v->arena, sizeof(*v->values), call->wish.max, &v->n);
	for (size_t i = 0; i < v->n && !in->message->error; i++)
		get_value(&list, &v->arena, &v->values[i]);
	if (v->n > v->distinct)
		message_bad(in);
}
