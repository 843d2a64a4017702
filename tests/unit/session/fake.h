/* fake: a reader whose answers are made up from a seed, and compared field by field. */
#pragma once

#include "agent/session/messages.h"

struct fake {
	struct reader base;
	unsigned seed;
	uint64_t rows;              /* page: rows it has, whatever is asked */
	int fail;                   /* negative errno for every call */
	bool wait;                  /* every call lasts until it is cancelled */
	bool deaf;                  /* … and does not look at its cancel for 60 s */
	struct messages_call seen;  /* what the last call was asked; `where` not kept */
	char where[256];            /* … as text */
	bool closed;
};

void fake_init(struct fake *f, unsigned seed);
/* An answer full of awkward values, that fits the call. */
void fake_answer(unsigned seed, const struct messages_call *call, union messages_answer *ret);
/* Compares through cmocka's asserts. */
void fake_assert_equal(enum messages_type type, const union messages_answer *a, const union messages_answer *b);
