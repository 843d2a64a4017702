/* who: a user as the depot has it now, as authorise wants it. */
#pragma once

#include "server/authorise.h"
#include "server/depot.h"

struct who {
	struct authorise_who may;
	int64_t *sees;
};

/* By name, where the number must be the same (a user that was made anew is another). 0, -ENOENT, or negative errno. */
int who_load(struct depot *d, const char *name, int64_t user, struct who *ret);
void who_free(struct who *w);
