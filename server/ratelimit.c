#include "server/ratelimit.h"

#include <stdlib.h>

struct entry {
	int64_t last; /* of the last failure */
	int failures;
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

static size_t place_of(const struct ratelimit *r, struct span key)
{
	return span_hash(key) % r->n;
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
	const struct entry *e = &r->entries[place_of(r, key)];
	int64_t until = e->last + pause_after(e->failures);

	return e->failures && until > now ? until - now : 0;
}

void ratelimit_failed(struct ratelimit *r, struct span key, int64_t now)
{
	struct entry *e = &r->entries[place_of(r, key)];

	if (now - e->last > RATELIMIT_WINDOW_MS)
		e->failures = 0;
	e->failures += e->failures < 1000;
	e->last = now;
}

void ratelimit_succeeded(struct ratelimit *r, struct span key)
{
	r->entries[place_of(r, key)].failures = 0;
}
