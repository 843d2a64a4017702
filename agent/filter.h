/* filter: takes what the configuration excludes out of batches before they are stored. Remembers who runs what, so that
 * expressions may ask for it. Events of processes always stay: who did what must be known of all else. */
#pragma once

#include "agent/config.h"

struct filter;

/* Takes a copy of what it needs of c. */
int filter_new(const struct config *c, struct filter **ret);
/* Another configuration, from the next batch on; thread-safe. On failure the old one goes on. */
int filter_set(struct filter *f, const struct config *c);
/* On the thread that makes batches. */
void filter_batch(struct batch *b, void *filter);
/* Since the start. */
uint64_t filter_excluded(struct filter *f);
void filter_free(struct filter *f);
