#include "recorder/query/ranges.h"

#include <errno.h>
#include <stdlib.h>

void ranges_free(struct ranges *r)
{
	free(r->v);
	*r = RANGES_INIT;
}

int ranges_add(struct ranges *r, int64_t from, int64_t to)
{
	if (from >= to)
		return 0;
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 8;
		struct range *v = reallocarray(r->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = (struct range){ from, to };
	return 0;
}

int ranges_all(struct ranges *r)
{
	r->n = 0;
	return ranges_add(r, INT64_MIN, INT64_MAX);
}

bool ranges_is_all(const struct ranges *r)
{
	return r->n == 1 && r->v[0].from == INT64_MIN && r->v[0].to == INT64_MAX;
}

static int compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

void ranges_sort(struct ranges *r)
{
	size_t n = 0;

	if (r->n == 0)
		return;
	qsort(r->v, r->n, sizeof(*r->v), compare);
	for (size_t i = 1; i < r->n; i++) {
		struct range *last = &r->v[n];

		if (r->v[i].from > last->to)
			r->v[++n] = r->v[i];
		else if (r->v[i].to > last->to)
			last->to = r->v[i].to;
	}
	r->n = n + 1;
}

int ranges_intersect(struct ranges *r, const struct ranges *other)
{
	struct ranges both = RANGES_INIT;
	size_t i = 0, k = 0;

	if (ranges_is_all(other))
		return 0;
	while (i < r->n && k < other->n) {
		struct range a = r->v[i], b = other->v[k];

		if (ranges_add(&both, a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to) < 0) {
			ranges_free(&both);
			return -ENOMEM;
		}
		if (a.to < b.to)
			i++;
		else
			k++;
	}
	ranges_free(r);
	*r = both;
	return 0;
}

int ranges_union(struct ranges *r, const struct ranges *other)
{
	size_t n = r->n;

	for (size_t k = 0; k < other->n; k++)
		if (ranges_add(r, other->v[k].from, other->v[k].to) < 0) {
			r->n = n;
			return -ENOMEM;
		}
	ranges_sort(r);
	return 0;
}
