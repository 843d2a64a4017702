/* kernel-filter: which exclusions of a configuration the kernel can act on, so that what they leave out costs nothing.
 * Only those that leave out no more there than in memory, where all of them act on whatever comes. */
#pragma once

#include "agent/config.h"
#include "recorder/rules.h"

/* Adds it to the wish: NULL, or why only memory can do it (static text). */
const char *kernel_filter_add(struct rules_wish *w, const struct config_exclusion *e);
/* All of them. */
void kernel_filter(struct rules_wish *w, const struct config *c);
