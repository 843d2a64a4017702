#include "agent/base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct map *m, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;

	return (size_t)(h ^ h >> 32) & (m->cap - 1);
}

static size_t probe(const struct map *m, uint64_t key)
{
	size_t i = slot_of(m, key);

	while (m->state[i] && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

uint64_t *map_get(const struct map *m, uint64_t key)
{
	size_t i;

	if (m->cap == 0)
		return NULL;
	i = probe(m, key);
	return m->state[i] ? &m->slots[i].value : NULL;
}

static int grow(struct map *m)
{
	struct map bigger = { NULL, NULL, m->cap ? m->cap * 2 : 64, m->n };

	bigger.slots = malloc(bigger.cap * sizeof(*bigger.slots));
	bigger.state = calloc(bigger.cap, 1);
	if (!bigger.slots || !bigger.state) {
		free(bigger.slots);
		free(bigger.state);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->cap; i++)
		if (m->state[i]) {
			size_t to = probe(&bigger, m->slots[i].key);

			bigger.slots[to] = m->slots[i];
			bigger.state[to] = 1;
		}
	map_free(m);
	*m = bigger;
	return 0;
}

int map_put(struct map *m, uint64_t key, uint64_t value)
{
	size_t i;

	if ((m->n + 1) * 4 > m->cap * 3) {
		int r = grow(m);

		if (r < 0)
			return r;
	}
	i = probe(m, key);
	if (!m->state[i]) {
		m->state[i] = 1;
		m->n++;
	}
	m->slots[i] = (struct map_slot){ key, value };
	return 0;
}

bool map_remove(struct map *m, uint64_t key)
{
	size_t i, next;

	if (m->cap == 0)
		return false;
	i = probe(m, key);
	if (!m->state[i])
		return false;
	m->n--;
	/* Close the hole: move back each entry of the run that its own place allows. */
	for (next = (i + 1) & (m->cap - 1); m->state[next]; next = (next + 1) & (m->cap - 1)) {
		size_t home = slot_of(m, m->slots[next].key);

		if (((next - home) & (m->cap - 1)) >= ((next - i) & (m->cap - 1))) {
			m->slots[i] = m->slots[next];
			i = next;
		}
	}
	m->state[i] = 0;
	return true;
}

struct map_slot *map_next(const struct map *m, size_t *at)
{
	while (*at < m->cap) {
		size_t i = (*at)++;

		if (m->state[i])
			return &m->slots[i];
	}
	return NULL;
}

void map_clear(struct map *m)
{
	if (m->cap)
		memset(m->state, 0, m->cap);
	m->n = 0;
}

void map_free(struct map *m)
{
	free(m->slots);
	free(m->state);
	*m = MAP_INIT;
}
