#include "agent/base/arena.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 256 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(8) char data[];
};

static struct arena_block *block_new(struct arena *a, size_t n)
{
	size_t size = n > BLOCK_SIZE ? n : BLOCK_SIZE;
	struct arena_block *b;

	b = n > SIZE_MAX - sizeof(*b) ? NULL : malloc(sizeof(*b) + size);
	if (!b) {
		a->failed = true;
		return NULL;
	}
	b->next = NULL;
	b->size = size;
	a->total += size;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->current;

	if (n > SIZE_MAX - 7) {
		a->failed = true;
		return NULL;
	}
	n = (n + 7) & ~(size_t)7;
	while (b && b->size - a->used < n) {
		if (!b->next)
			break;
		b = a->current = b->next;
		a->used = 0;
	}
	if (!b || b->size - a->used < n) {
		struct arena_block *fresh = block_new(a, n);

		if (!fresh)
			return NULL;
		if (b)
			b->next = fresh;
		else
			a->first = fresh;
		a->current = b = fresh;
		a->used = 0;
	}
	a->used += n;
	return b->data + a->used - n;
}

struct span arena_copy(struct arena *a, struct span s)
{
	char *p;

	if (!s.p)
		return SPAN_NONE;
	p = arena_alloc(a, s.n < SIZE_MAX ? s.n + 1 : s.n);
	if (!p)
		return SPAN_NONE;
	memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return (struct span){ p, s.n };
}

void arena_reset(struct arena *a)
{
	a->current = a->first;
	a->used = 0;
	a->failed = false;
}

void arena_free(struct arena *a)
{
	for (struct arena_block *b = a->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = ARENA_INIT;
}
