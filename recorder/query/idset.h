/* idset: a set of row ids (images, texts) as bits. Ids outside of its span, and NULL, all have the same answer, `rest`,
 * and memory is only touched where an id differs from it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idset {
	int64_t first;
	uint64_t n_bits;
	uint64_t *words; /* a bit is set where the answer differs from rest */
	uint64_t count;  /* how many */
	bool rest;
};

/* Ids first to last (none when last < first). 0, -ENOMEM, -ERANGE when they span more than 2^31. */
int idset_init(struct idset *s, int64_t first, int64_t last, bool rest);
void idset_free(struct idset *s);
/* Makes the id's answer the opposite of rest. Ids outside are ignored. */
void idset_mark(struct idset *s, int64_t id);
/* The next marked id from *at on (start with INT64_MIN), which is left behind it; false at the end. */
bool idset_next(const struct idset *s, int64_t *at, int64_t *ret_id);

static inline bool idset_has(const struct idset *s, int64_t id)
{
	uint64_t bit = (uint64_t)id - (uint64_t)s->first;

	return bit < s->n_bits ? (s->words[bit >> 6] >> (bit & 63) & 1) != s->rest : s->rest;
}
