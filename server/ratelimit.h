/* ratelimit: how long somebody who keeps failing has to wait. Times are milliseconds of one clock that the caller reads. */
#pragma once

#include <stdint.h>

#include "agent/base/span.h"

/* So many failures within the window are free; each further one doubles the wait, up to the longest. A success forgets
 * them. Keys that fall into one place share it, and nothing is ever pushed out: however many names are invented, the one
 * that is being guessed waits. So who floods makes others wait: limit addresses too, with a key of their own. */
enum { RATELIMIT_FREE = 5, RATELIMIT_FIRST_MS = 1000, RATELIMIT_LONGEST_MS = 900000, RATELIMIT_WINDOW_MS = 1800000 };

struct ratelimit;
/* n places. NULL when memory is out. */
struct ratelimit *ratelimit_new(size_t n);
void ratelimit_free(struct ratelimit *r);
/* Milliseconds to wait from now on until the key may try; 0: now. */
int64_t ratelimit_wait(const struct ratelimit *r, struct span key, int64_t now);
void ratelimit_failed(struct ratelimit *r, struct span key, int64_t now);
void ratelimit_succeeded(struct ratelimit *r, struct span key);
