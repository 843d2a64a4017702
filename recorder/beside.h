/* beside: what the kernel tells beside audit's records, drained by a thread of its own into a ring of its own.
 *
 * A source that this machine does not give is left out: beside_missing says so. */
#pragma once

#include "recorder/recording.h"

struct beside;

/* Opens the sources and starts to drain them. 0, -ENOMEM, -EAGAIN (no thread). */
int beside_new(struct beside **ret);
/* Messages that were lost: overflows of the sockets, ever. Any thread. */
uint64_t beside_overruns(const struct beside *b);
/* Why the ends of processes that a signal killed are not told, as static text; NULL: they are. */
const char *beside_missing(const struct beside *b);
/* The same of the ends of connections. */
const char *beside_missing_closes(const struct beside *b);

/* ---- the thread that owns the recording ---- */

/* Hands on what came. 0 or negative errno of the recording. */
int beside_hand_over(struct beside *b, struct recording *r);
/* Takes what the kernel still holds, and ends the thread; then hand over once more. */
void beside_end(struct beside *b);
void beside_free(struct beside *b); /* ends it if need be; NULL is fine */
