/* ranges: where in the event table matches can be, as half-open ranges of event ids. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	int64_t from, to; /* [from, to) */
};

/* Sorted, apart, none empty. */
struct ranges {
	struct range *v;
	size_t n, cap;
};
#define RANGES_INIT ((struct ranges){ NULL, 0, 0 })

void ranges_free(struct ranges *r);
/* Everything: one range over all ids. */
int ranges_all(struct ranges *r);
bool ranges_is_all(const struct ranges *r);
/* Appends in any order; ranges_sort makes it right afterwards. 0 or -ENOMEM. */
int ranges_add(struct ranges *r, int64_t from, int64_t to);
void ranges_sort(struct ranges *r);
/* r becomes what is in both, or in either. 0 or -ENOMEM (r is then unchanged). */
int ranges_intersect(struct ranges *r, const struct ranges *other);
int ranges_union(struct ranges *r, const struct ranges *other);
