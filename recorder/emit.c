#include "recorder/emit.h"

#include <errno.h>
#include <stdatomic.h>

enum { BATCH_BYTES = 2 << 20 };

static void free_list(struct batch *b)
{
	while (b) {
		struct batch *next = b->next;

		batch_free(b);
		b = next;
	}
}

void emit_free(struct emit *e)
{
	batch_free(e->batch);
	e->batch = NULL;
	free_list(atomic_exchange(&e->spare, NULL));
}

void emit_recycle(struct emit *e, struct batch *b)
{
	if (!b)
		return;
	if (b->arena.total >= BATCH_BYTES) {
		batch_free(b);
		return;
	}
	batch_reset(b);
	b->next = atomic_load(&e->spare);
	while (!atomic_compare_exchange_weak(&e->spare, &b->next, b))
		;
}

/* Takes the whole list at once and pushes the rest back: no ABA. */
static struct batch *take_spare(struct emit *e)
{
	struct batch *b = atomic_exchange(&e->spare, NULL), *rest;

	if (!b)
		return NULL;
	rest = b->next;
	b->next = NULL;
	while (rest) {
		struct batch *next = rest->next;

		emit_recycle(e, rest);
		rest = next;
	}
	return b;
}

static struct batch *current(struct emit *e)
{
	if (!e->batch)
		e->batch = take_spare(e);
	if (!e->batch)
		e->batch = batch_new();
	if (!e->batch)
		e->error = -ENOMEM;
	return e->batch;
}

struct item *emit_item(struct emit *e, enum item_type type)
{
	struct batch *b = current(e);
	struct item *item = b ? batch_add(b, type) : NULL;

	if (!item)
		e->error = -ENOMEM;
	else
		e->rows++;
	return item;
}

struct arena *emit_arena(struct emit *e)
{
	struct batch *b = current(e);

	return b ? &b->arena : NULL;
}

void emit_lacks_memory(struct emit *e)
{
	if (e->error == 0)
		e->error = -ENOMEM;
}

/* Where memory was out, something is missing that other rows refer to: nothing of that goes on. */
static int check(struct emit *e)
{
	if (e->batch && e->batch->arena.failed)
		emit_lacks_memory(e);
	return e->error;
}

int emit_flush(struct emit *e)
{
	struct batch *b = e->batch;
	int r;

	if (check(e) < 0 || !b || b->n == 0)
		return e->error;
	e->batch = NULL;
	r = e->sink(b, e->data);
	if (r < 0 && e->error == 0)
		e->error = r;
	return e->error;
}

int emit_settle(struct emit *e)
{
	if (e->batch && (e->batch->n >= e->limit || e->batch->arena.total >= BATCH_BYTES))
		return emit_flush(e);
	return check(e);
}
