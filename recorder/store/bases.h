/* bases: the texts stored whole of late that a new one may be written as a delta of, found by what they have in common.
 * Inside recorder/store only. */
#pragma once

#include <stdint.h>

#include "agent/base/span.h"

struct bases;

struct base {
	int64_t id; /* of the text, 0 none */
	struct span text;
};

struct bases *bases_new(void);
/* The base that shares most with the text; id 0: none shares anything to speak of. Valid until the next call. */
struct base bases_find(struct bases *b, struct span text);
/* Remembers a text for which delta_may. 0 or -ENOMEM. */
int bases_add(struct bases *b, int64_t id, struct span text);
/* That text is gone; 0: all are. */
void bases_forget(struct bases *b, int64_t id);
void bases_free(struct bases *b);
