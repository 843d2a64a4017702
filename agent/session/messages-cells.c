/* The call and the answer about what some events hold in some fields. */
#include <errno.h>

#include "agent/session/messages-pieces.h"

enum { FIELD_NAME = 256 };

void messages_put_cells_wish(struct buf *out, const struct reader_cells_wish *w)
{
	message_open_list(out, "ids");
	for (size_t i = 0; i < w->n_ids; i++)
		message_put_int(out, NULL, w->ids[i]);
	message_close_list(out);
	message_open_list(out, "fields");
	for (size_t i = 0; i < w->n_fields; i++)
		message_put_text(out, NULL, span_of(w->fields[i]->name));
	message_close_list(out);
	message_open_list(out, "rules");
	for (size_t i = 0; i < w->n_rules; i++)
		message_put_text(out, NULL, w->rules[i]);
	message_close_list(out);
}

static const struct field *get_field(struct message_in *list, struct arena *arena)
{
	struct span name = message_text(list, NULL, arena);

	return name.p && name.n <= FIELD_NAME ? field_find(name) : NULL;
}

void messages_get_cells_wish(struct message_in *in, struct arena *arena, struct reader_cells_wish *w)
{
	struct message_in ids = message_list(in, "ids"), fields = message_list(in, "fields"), rules = message_list(in, "rules");
	const struct field **field;
	struct span *rule;
	int64_t *id;

	w->ids = id = messages_get_array(&ids, arena, sizeof(*id), READER_MAX_CELL_ROWS, &w->n_ids);
	for (size_t i = 0; i < w->n_ids; i++)
		id[i] = message_int(&ids, NULL);
	field = messages_get_array(&fields, arena, sizeof(*field), READER_MAX_CELL_FIELDS, &w->n_fields);
	w->fields = field;
	for (size_t i = 0; i < w->n_fields; i++)
		field[i] = get_field(&fields, arena);
	w->rules = rule = messages_get_array(&rules, arena, sizeof(*rule), READER_MAX_CELL_RULES, &w->n_rules);
	for (size_t i = 0; i < w->n_rules; i++)
		rule[i] = message_text(&rules, NULL, arena);
	if (!in->message->error && !reader_cells_wish_is_sound(w))
		message_bad(in);
}

void messages_put_cells(struct buf *out, const struct reader_cells *c)
{
	message_open_list(out, "cells");
	for (size_t i = 0; i < c->n_ids; i++) {
		message_open_list(out, NULL);
		message_put_uint(out, NULL, c->fulfilled[i]);
		for (size_t k = 0; k < c->n_fields; k++)
			messages_put_shared(out, c->texts[i * c->n_fields + k], READER_VALUE_BYTES);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_row(struct message_in *list, struct reader_cells *c, size_t i)
{
	struct message_in row = message_list(list, NULL);

	c->fulfilled[i] = (uint32_t)message_int_in(&row, NULL, 0, UINT32_MAX);
	for (size_t k = 0; k < c->n_fields; k++)
		c->texts[i * c->n_fields + k] = message_text(&row, NULL, &c->arena);
	message_at_end(&row);
}

void messages_get_cells(struct message_in *in, const struct messages_call *call, struct reader_cells *c)
{
	struct message_in list = message_list(in, "cells");

	if (message_left(&list) != call->cells.n_ids) {
		message_bad(in);
		return;
	}
	c->n_ids = call->cells.n_ids;
	c->n_fields = call->cells.n_fields;
	c->texts = arena_alloc(&c->arena, (c->n_ids * c->n_fields + 1) * sizeof(*c->texts));
	c->fulfilled = arena_alloc(&c->arena, (c->n_ids + 1) * sizeof(*c->fulfilled));
	if (!c->texts || !c->fulfilled)
		in->message->error = -ENOMEM;
	for (size_t i = 0; i < c->n_ids && !in->message->error; i++)
		get_row(&list, c, i);
}
