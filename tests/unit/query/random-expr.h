/* random-expr: random trees of the expression language, for property tests. */
#pragma once

#include "recorder/query/expr-def.h"
#include "recorder/query/field-def.h"

struct random_expr {
	uint64_t state;
	const char *const *texts; /* values to choose from */
	size_t n_texts;
	int64_t numbers;          /* numbers are below it */
	int64_t times_from, times_to;
	bool tame;                /* only what one row can be asked: no relative times, no patterns that may fail */
};

static inline uint64_t random_next(struct random_expr *r)
{
	/* xorshift64*, Vigna 2014 */
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * UINT64_C(2685821657736338717);
}

static inline uint64_t random_below(struct random_expr *r, uint64_t n)
{
	return (random_next(r) >> 11) % n;
}

struct expr *random_condition(struct random_expr *r, const struct field *f);
struct expr *random_tree(struct random_expr *r, unsigned depth);
