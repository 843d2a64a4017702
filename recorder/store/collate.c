#include "recorder/store/collate.h"

#include <string.h>

bool collate_may(const struct collate *c, const struct event *e)
{
	enum event_category category = event_action_category((int)e->action);

	return c->window_ms > 0 && c->places && e->n_details == 0 && e->image &&
	       (category == EVENT_FILE || category == EVENT_NETWORK);
}

/* A multiplication a member, with an odd constant (Knuth's golden ratio), folded from the top. */
static uint64_t mix(uint64_t hash, int64_t value)
{
	hash = (hash ^ (uint64_t)value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

struct collated *collate_place(struct collate *c, const struct collated *key)
{
	uint64_t hash = mix(mix(mix(0, key->image), key->object), key->object2);

	hash = mix(mix(hash, key->action), key->result);
	hash = mix(mix(hash, key->port), key->port2);
	return &c->places[hash & (COLLATE_PLACES - 1)];
}

bool collate_matches(const struct collate *c, const struct collated *place, const struct collated *key, int64_t time_ms)
{
	return place->id && place->image == key->image && place->object == key->object &&
	       place->object2 == key->object2 && place->action == key->action && place->result == key->result &&
	       place->port == key->port && place->port2 == key->port2 && place->flags == key->flags &&
	       time_ms >= place->first_ms && time_ms - place->first_ms <= c->window_ms;
}

void collate_forget(struct collate *c)
{
	if (c->places)
		memset(c->places, 0, COLLATE_PLACES * sizeof(*c->places));
}
