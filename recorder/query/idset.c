#include "recorder/query/idset.h"

#include <errno.h>
#include <stdlib.h>

static const uint64_t max_bits = UINT64_C(1) << 31;

int idset_init(struct idset *s, int64_t first, int64_t last, bool rest)
{
	uint64_t n = last < first ? 0 : (uint64_t)last - (uint64_t)first + 1;

	if (n > max_bits || (n == 0 && last >= first))
		return -ERANGE;
	*s = (struct idset){ .first = first, .n_bits = n, .rest = rest };
	s->words = calloc(n / 64 + 1, sizeof(*s->words));
	return s->words ? 0 : -ENOMEM;
}

void idset_free(struct idset *s)
{
	free(s->words);
	*s = (struct idset){ 0 };
}

void idset_mark(struct idset *s, int64_t id)
{
	uint64_t bit = (uint64_t)id - (uint64_t)s->first, mask = UINT64_C(1) << (bit & 63);

	if (bit >= s->n_bits)
		return;
	s->count += !(s->words[bit >> 6] & mask);
	s->words[bit >> 6] |= mask;
}

bool idset_next(const struct idset *s, int64_t *at, int64_t *ret_id)
{
	uint64_t bit = *at <= s->first ? 0 : (uint64_t)*at - (uint64_t)s->first;

	while (bit < s->n_bits) {
		uint64_t word = s->words[bit >> 6] >> (bit & 63);

		if (word) {
			bit += (uint64_t)__builtin_ctzll(word);
			*ret_id = (int64_t)(bit + (uint64_t)s->first);
			*at = *ret_id + 1;
			return true;
		}
		bit = (bit | 63) + 1;
	}
	return false;
}
