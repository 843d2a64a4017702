/* map: u64 → u64, open addressing. Key 0 is allowed. For caches and identity look-ups on hot paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key, value;
};
struct map {
	struct map_slot *slots;
	uint8_t *state; /* 0 free, 1 used */
	size_t cap, n;  /* cap is a power of two or 0 */
};
#define MAP_INIT ((struct map){ NULL, NULL, 0, 0 })

/* The place of the key's value, or NULL when it is not there. Valid until the next put or remove. */
uint64_t *map_get(const struct map *m, uint64_t key);
/* Sets or replaces. 0 or -ENOMEM. */
int map_put(struct map *m, uint64_t key, uint64_t value);
bool map_remove(struct map *m, uint64_t key);
/* Walks all entries: start with *at = 0; NULL at the end. The map must not change meanwhile. */
struct map_slot *map_next(const struct map *m, size_t *at);
void map_clear(struct map *m);
void map_free(struct map *m);
