/* arena: allocates by moving a pointer; everything is freed (or reused) at once. For what lives as long as one batch. */
#pragma once

#include "agent/base/span.h"

struct arena_block;
struct arena {
	struct arena_block *first, *current;
	size_t used;  /* bytes used in `current` */
	size_t total; /* bytes held, for budgets */
	bool failed;  /* memory was out since the last reset: what is in it may lack something */
};
#define ARENA_INIT ((struct arena){ NULL, NULL, 0, 0, false })

/* 8-byte aligned, uninitialised; NULL when memory is out. n = 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n);
/* A copy of the bytes with a NUL behind them; p is NULL when memory is out. An absent span stays absent. */
struct span arena_copy(struct arena *a, struct span s);
/* Forgets all content, keeps the memory. Pointers from before are invalid. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);
