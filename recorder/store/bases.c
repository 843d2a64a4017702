#include "recorder/store/bases.h"

#include <errno.h>
#include <stdlib.h>

enum {
	PLACES = 64, TABLE_BITS = 14,
	GRAM = 8, STEP = 4,         /* every so many bytes of a base, a run of so many is looked up */
	SAMPLES = 24, VOTES_MIN = 2, /* runs of a new text, each tried at STEP places in a row */
};

struct bases {
	struct {
		struct base base;
		char *bytes;
		uint64_t used;
	} places[PLACES];
	uint8_t table[1 << TABLE_BITS]; /* hash of a run → place + 1; the newest wins */
	uint64_t clock;
};

struct bases *bases_new(void)
{
	return calloc(1, sizeof(struct bases));
}

static uint8_t *slot(struct bases *b, const char *p)
{
	uint64_t x;

	memcpy(&x, p, GRAM);
	return &b->table[x * UINT64_C(0x9e3779b97f4a7c15) >> (64 - TABLE_BITS)];
}

static void count_votes(struct bases *b, struct span text, unsigned votes[PLACES + 1])
{
	size_t last = text.n - GRAM - (STEP - 1), stride = last / SAMPLES + 1;

	for (size_t i = 0; i <= last; i += stride)
		for (size_t k = i; k < i + STEP; k++)
			votes[*slot(b, text.p + k)]++;
}

struct base bases_find(struct bases *b, struct span text)
{
	unsigned votes[PLACES + 1] = { 0 };
	size_t best = 0;

	if (text.n < GRAM + STEP)
		return (struct base){ 0 };
	count_votes(b, text, votes);
	for (size_t i = 0; i < PLACES; i++)
		if (b->places[i].base.id && votes[i + 1] >= VOTES_MIN && (!best || votes[i + 1] > votes[best]))
			best = i + 1;
	if (!best)
		return (struct base){ 0 };
	b->places[best - 1].used = ++b->clock;
	return b->places[best - 1].base;
}

static size_t oldest(const struct bases *b)
{
	size_t at = 0;

	for (size_t i = 1; i < PLACES; i++)
		if (b->places[i].used < b->places[at].used)
			at = i;
	return at;
}

int bases_add(struct bases *b, int64_t id, struct span text)
{
	size_t at = oldest(b);
	char *bytes = malloc(text.n);

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, text.p, text.n);
	free(b->places[at].bytes);
	b->places[at].bytes = bytes;
	b->places[at].base = (struct base){ id, { bytes, text.n } };
	b->places[at].used = ++b->clock;
	for (size_t i = 0; i + GRAM <= text.n; i += STEP)
		*slot(b, bytes + i) = (uint8_t)(at + 1);
	return 0;
}

void bases_forget(struct bases *b, int64_t id)
{
	for (size_t i = 0; i < PLACES; i++) {
		if (id && b->places[i].base.id != id)
			continue;
		free(b->places[i].bytes);
		b->places[i].bytes = NULL;
		b->places[i].base.id = 0;
		b->places[i].used = 0;
	}
}

void bases_free(struct bases *b)
{
	if (b)
		bases_forget(b, 0);
	free(b);
}
