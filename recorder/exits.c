#include "recorder/exits.h"

#include <errno.h>
#include <stdlib.h>

static int grow(struct exits *x)
{
	size_t cap = x->cap ? x->cap * 2 : 64;
	struct process_reaped *ring;

	if (cap > EXITS_MAX)
		return -ENOBUFS;
	ring = calloc(cap, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (size_t i = 0; i < x->n; i++)
		ring[i] = x->ring[(x->first + i) % x->cap];
	free(x->ring);
	x->ring = ring;
	x->cap = cap;
	x->first = 0;
	return 0;
}

int exits_add(struct exits *x, const struct process_reaped *end)
{
	int r = x->n == x->cap ? grow(x) : 0;

	if (r < 0)
		return r;
	x->ring[(x->first + x->n++) % x->cap] = *end;
	return 0;
}

bool exits_take(struct exits *x, int64_t until_ms, struct process_reaped *ret)
{
	if (x->n == 0 || x->ring[x->first].time_ms > until_ms)
		return false;
	*ret = x->ring[x->first];
	x->first = (x->first + 1) % x->cap;
	x->n--;
	return true;
}

void exits_free(struct exits *x)
{
	free(x->ring);
	*x = (struct exits){ 0 };
}
