#include "server/contacts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"

struct contact {
	struct contact *next;
	int64_t endpoint, contact_ms;
	char *name, *address, *agent;
};

struct contacts {
	struct contact *first, **end;
	struct map by_endpoint;
};

struct contacts *contacts_new(void)
{
	struct contacts *c = calloc(1, sizeof(*c));

	if (c)
		c->end = &c->first;
	return c;
}

static void contact_free(struct contact *one)
{
	free(one->name);
	free(one->address);
	free(one->agent);
	free(one);
}

void contacts_free(struct contacts *c)
{
	if (!c)
		return;
	while (c->first) {
		struct contact *one = c->first;

		c->first = one->next;
		contact_free(one);
	}
	map_free(&c->by_endpoint);
	free(c);
}

static struct contact *find(const struct contacts *c, int64_t endpoint)
{
	uint64_t *at = map_get(&c->by_endpoint, (uint64_t)endpoint);

	return at ? (struct contact *)(uintptr_t)*at : NULL;
}

static struct contact *contact_new(int64_t endpoint, int64_t contact_ms, const char *name, const char *address,
				   const char *agent)
{
	struct contact *one = calloc(1, sizeof(*one));

	if (!one)
		return NULL;
	*one = (struct contact){ NULL, endpoint, contact_ms, strdup(name), strdup(address), strdup(agent) };
	if (one->name && one->address && one->agent)
		return one;
	contact_free(one);
	return NULL;
}

int contacts_put(struct contacts *c, int64_t endpoint, int64_t contact_ms, const char *name, const char *address,
		 const char *agent)
{
	struct contact *one = contact_new(endpoint, contact_ms, name, address, agent), *old = find(c, endpoint);

	if (!one)
		return -ENOMEM;
	if (old) {
		struct contact *next = old->next, swap = *old;

		*old = *one;
		old->next = next;
		*one = swap;
		contact_free(one);
		return 0;
	}
	if (map_put(&c->by_endpoint, (uint64_t)endpoint, (uintptr_t)one) < 0) {
		contact_free(one);
		return -ENOMEM;
	}
	*c->end = one;
	c->end = &one->next;
	return 0;
}

int64_t contacts_last(const struct contacts *c, int64_t endpoint, int64_t known)
{
	const struct contact *one = find(c, endpoint);

	return one && one->contact_ms > known ? one->contact_ms : known;
}

int contacts_write(struct contacts *c, struct depot *d, size_t n)
{
	while (n-- && c->first) {
		struct contact *one = c->first;
		struct depot_endpoint e = { .id = one->endpoint, .contact_ms = one->contact_ms, .name = one->name,
					    .address = one->address, .agent = one->agent };
		int r = depot_endpoint_put(d, &e, NULL);

		if (r < 0 && r != -ENOENT) /* it may have been deleted */
			return r;
		map_remove(&c->by_endpoint, (uint64_t)one->endpoint);
		c->first = one->next;
		if (!c->first)
			c->end = &c->first;
		contact_free(one);
	}
	return 0;
}
