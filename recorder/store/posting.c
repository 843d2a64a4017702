#include "recorder/store/posting.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/map.h"
#include "recorder/store/sql.h"

enum {
	MAX_BUCKETS = 1 << 20, /* met since the last reset: they are numbered so that a pair fits into 64 bits */
	REMEMBERED = 1 << 16,  /* pairs kept after they were written */
};

struct pair {
	int64_t term, bucket;
};

struct posting {
	sqlite3_stmt *add;
	struct map seen;    /* term << 20 | number of the bucket */
	struct map numbers; /* bucket → number */
	int64_t last_bucket;
	uint64_t last_number;
	struct pair *waiting;
	size_t n, cap;
};

int posting_new(sqlite3 *db, struct posting **ret)
{
	struct posting *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->last_bucket = -1;
	r = sql_prepare(db, "INSERT OR IGNORE INTO posting(term, bucket) VALUES(?, ?)", &p->add);
	if (r < 0) {
		posting_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static void forget(struct posting *p)
{
	map_clear(&p->seen);
	map_clear(&p->numbers);
	p->last_bucket = -1;
}

static int number_of(struct posting *p, int64_t bucket, uint64_t *ret)
{
	uint64_t *number;

	if (bucket == p->last_bucket) {
		*ret = p->last_number;
		return 0;
	}
	number = map_get(&p->numbers, (uint64_t)bucket);
	if (!number) {
		/* A pair may wait twice then: INSERT OR IGNORE sorts that out. */
		if (p->numbers.n == MAX_BUCKETS)
			forget(p);
		if (map_put(&p->numbers, (uint64_t)bucket, p->numbers.n) < 0)
			return -ENOMEM;
		number = map_get(&p->numbers, (uint64_t)bucket);
	}
	p->last_bucket = bucket;
	*ret = p->last_number = *number;
	return 0;
}

int posting_add(struct posting *p, int64_t term, int64_t bucket)
{
	uint64_t number, key;
	int r = number_of(p, bucket, &number);

	if (r < 0)
		return r;
	key = (uint64_t)term << 20 | number;
	if (term >> 43 == 0) {
		if (map_get(&p->seen, key))
			return 0;
		if (map_put(&p->seen, key, 0) < 0)
			return -ENOMEM;
	}
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 1024;
		struct pair *grown = realloc(p->waiting, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		p->waiting = grown;
		p->cap = cap;
	}
	p->waiting[p->n++] = (struct pair){ term, bucket };
	return 0;
}

static int compare_pairs(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	if (a->term != b->term)
		return a->term < b->term ? -1 : 1;
	return a->bucket < b->bucket ? -1 : a->bucket > b->bucket;
}

int posting_flush(struct posting *p)
{
	int r = 0;

	if (p->n)
		qsort(p->waiting, p->n, sizeof(*p->waiting), compare_pairs);
	for (size_t i = 0; i < p->n && r == 0; i++) {
		sqlite3_bind_int64(p->add, 1, p->waiting[i].term);
		sqlite3_bind_int64(p->add, 2, p->waiting[i].bucket);
		r = sql_run(p->add);
	}
	if (r < 0)
		return r;
	p->n = 0;
	if (p->seen.n > REMEMBERED)
		forget(p);
	return 0;
}

void posting_reset(struct posting *p)
{
	p->n = 0;
	forget(p);
}

size_t posting_waiting(const struct posting *p)
{
	return p->n;
}

void posting_free(struct posting *p)
{
	if (!p)
		return;
	sqlite3_finalize(p->add);
	map_free(&p->seen);
	map_free(&p->numbers);
	free(p->waiting);
	free(p);
}
