#include "server/ratelimit.h"

#include <stdlib.h>

struct entry {
	uint64_t key; /* hash of it: two keys with one hash wait together, which a 64-bit hash makes rare */
	int64_t last; /* of the last failure */
	int failures; /* 0: free */
};
struct ratelimit {
	size_t n;
	struct entry entries[];
};

struct ratelimit *ratelimit_new(size_t n)
{
	struct ratelimit *r = n < 1 || n > 1000000 ? NULL : calloc(1, sizeof(*r) + n * sizeof(*r->entries));

	if (r)
		r->n = n;
	return r;
}

void ratelimit_free(struct ratelimit *r)
{
	free(r);
}

static struct entry *find(const struct ratelimit *r, struct span key)
{
	uint64_t hash = span_hash(key);

	for (size_t i = 0; i < r->n; i++)
		if (r->entries[i].failures > 0 && r->entries[i].key == hash)
			return (struct entry *)&r->entries[i];
	return NULL;
}

/* A free one, else the one that has been quiet longest. */
static struct entry *take(struct ratelimit *r)
{
	struct entry *oldest = &r->entries[0];

	for (size_t i = 0; i < r->n; i++) {
		if (r->entries[i].failures == 0)
			return &r->entries[i];
		if (r->entries[i].last < oldest->last)
			oldest = &r->entries[i];
	}
	return oldest;
}

static int64_t pause_after(int failures)
{
	int64_t pause = RATELIMIT_FIRST_MS;

	if (failures < RATELIMIT_FREE)
		return 0;
	for (int i = RATELIMIT_FREE; i < failures && pause < RATELIMIT_LONGEST_MS; i++)
		pause *= 2;
	return pause < RATELIMIT_LONGEST_MS ? pause : RATELIMIT_LONGEST_MS;
}

int64_t ratelimit_wait(const struct ratelimit *r, struct span key, int64_t now)
{
	const struct entry *e = find(r, key);
	int64_t until;

	if (!e)
		return 0;
	until = e->last + pause_after(e->failures);
	return until > now ? until - now : 0;
}

void ratelimit_failed(struct ratelimit *r, struct span key, int64_t now)
{
	struct entry *e = find(r, key);

	if (!e) {
		e = take(r);
		*e = (struct entry){ .key = span_hash(key) };
	} else if (now - e->last > RATELIMIT_WINDOW_MS) {
		e->failures = 0;
	}
	e->failures += e->failures < 1000;
	e->last = now;
}

void ratelimit_succeeded(struct ratelimit *r, struct span key)
{
	struct entry *e = find(r, key);

	if (e)
		e->failures = 0;
}
