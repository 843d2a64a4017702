#include "recorder/connections-table.h"

#include <string.h>

void table_init(struct table *t)
{
	for (uint16_t i = 0; i < LIST_COUNT; i++)
		t->entries[i].next = t->entries[i].previous = i;
}

/* Those never used are not even touched: most machines need few. */
struct table_entry *table_take(struct table *t)
{
	struct table_entry *e = table_first(t, LIST_FREE);

	if (!e && t->used < CONNECTIONS_MAX) {
		e = &t->entries[LIST_COUNT + t->used++];
		e->list = LIST_COUNT; /* in none yet */
	}
	return e;
}

bool table_knows_local(const struct table_entry *e)
{
	return e->told.ends.local.port != 0 && !endpoint_is_any(&e->told.ends.local);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t mix_endpoint(uint64_t hash, const struct endpoint *e)
{
	uint64_t words[2];

	memcpy(words, e->address, sizeof(words));
	return mix(mix(mix(hash, words[0]), words[1]), e->port);
}

static size_t bucket_of(enum table_key key, const struct table_entry *e)
{
	struct endpoint remote = endpoint_reached(&e->told.ends.remote);
	uint64_t hash = 0;

	switch (key) {
	case KEY_ENDS:
		hash = mix_endpoint(hash, &remote);
		if (table_knows_local(e))
			hash = mix_endpoint(hash, &e->told.ends.local);
		break;
	case KEY_DESCRIPTOR:
		hash = mix(mix(mix(hash, (uint64_t)e->told.boot), (uint64_t)e->told.pid), e->told.fd);
		break;
	case KEY_INODE:
		hash = mix(hash, e->inode);
		break;
	default:
		hash = mix(hash, e->told.ends.local.port);
	}
	return hash & (CONNECTIONS_BUCKETS - 1);
}

static uint16_t number_of(const struct table *t, const struct table_entry *e)
{
	return (uint16_t)(e - t->entries);
}

struct table_entry *table_next(struct table *t, const struct table_entry *e)
{
	return e->next < LIST_COUNT ? NULL : &t->entries[e->next];
}

struct table_entry *table_first(struct table *t, enum table_list list)
{
	return table_next(t, &t->entries[list]);
}

/* What is found by a key must not change while it can be: hence the hash is that of when it was put there. */
void table_hide(struct table *t, struct table_entry *e, enum table_key key)
{
	uint16_t *at, me = number_of(t, e);

	if (!(e->keys >> key & 1))
		return;
	at = &t->buckets[key][e->bucket[key]];
	while (*at != me)
		at = &t->entries[*at].chain[key];
	*at = e->chain[key];
	e->keys &= (uint8_t)~(1u << key);
}

void table_show(struct table *t, struct table_entry *e, enum table_key key)
{
	table_hide(t, e, key);
	e->bucket[key] = (uint16_t)bucket_of(key, e);
	e->chain[key] = t->buckets[key][e->bucket[key]];
	t->buckets[key][e->bucket[key]] = number_of(t, e);
	e->keys |= (uint8_t)(1u << key);
}

void table_move(struct table *t, struct table_entry *e, enum table_list list)
{
	uint16_t me = number_of(t, e), last = t->entries[list].previous;

	if (e->list < LIST_COUNT) {
		t->entries[e->next].previous = e->previous;
		t->entries[e->previous].next = e->next;
		t->n[e->list]--;
		last = t->entries[list].previous;
	}
	if (list == LIST_FREE)
		for (int key = 0; key < KEY_COUNT; key++)
			table_hide(t, e, (enum table_key)key);
	e->list = (uint8_t)list;
	e->previous = last;
	e->next = (uint16_t)list;
	t->entries[last].next = me;
	t->entries[list].previous = me;
	t->n[list]++;
}

struct table_entry *table_find(struct table *t, enum table_key key, const struct table_entry *like,
                               const struct table_entry *after)
{
	uint16_t at = after ? after->chain[key] : t->buckets[key][bucket_of(key, like)];

	return at ? &t->entries[at] : NULL;
}
