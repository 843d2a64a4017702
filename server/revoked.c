#include "server/revoked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/span.h"

enum { KEY = 32 };

struct revoked {
	unsigned char (*keys)[KEY]; /* ascending */
	size_t n, cap;
};

static int take(const struct depot_endpoint *e, void *data)
{
	struct revoked *r = data;

	if (!e->revoked_ms)
		return 0;
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		unsigned char (*more)[KEY] = reallocarray(r->keys, cap, KEY);

		if (!more)
			return -ENOMEM;
		r->keys = more;
		r->cap = cap;
	}
	if (strlen(e->key) != DEPOT_KEY || span_unhex(span_of(e->key), (char *)r->keys[r->n]) < 0)
		return -EBADMSG;
	r->n++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY);
}

int revoked_load(struct depot *d, struct revoked **ret)
{
	struct revoked *new = calloc(1, sizeof(*new));
	int r = new ? depot_endpoint_each(d, NULL, take, new) : -ENOMEM;

	if (r < 0) {
		revoked_free(new);
		return r;
	}
	if (new->n)
		qsort(new->keys, new->n, KEY, compare);
	revoked_free(*ret);
	*ret = new;
	return 0;
}

bool revoked_has(const struct revoked *r, const unsigned char key[KEY])
{
	return r && r->n && bsearch(key, r->keys, r->n, KEY, compare);
}

void revoked_free(struct revoked *r)
{
	if (r)
		free(r->keys);
	free(r);
}
