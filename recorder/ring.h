/* ring: a bounded queue of messages from one thread to one other, without locks. The writer never waits: what does not
 * fit is counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/span.h"

struct ring;

/* size: bytes, a power of two ≥ 4096. NULL when memory or descriptors are out. */
struct ring *ring_new(size_t size);
void ring_free(struct ring *r); /* NULL is fine */

/* ---- the writing thread ---- */

/* false: no room, counted. Messages larger than a quarter of the ring never fit. */
bool ring_put(struct ring *r, int type, struct span payload);
/* Wakes the reader if it sleeps: once after a number of puts. */
void ring_wake(struct ring *r);
/* Nothing more will come. */
void ring_end(struct ring *r);

/* ---- the reading thread ---- */

/* The oldest message, valid until ring_take is called again. false: empty. */
bool ring_take(struct ring *r, int *ret_type, struct span *ret_payload);
/* Until a message is there, the ring has ended, somebody calls ring_wake, or timeout_ms have passed.
 * false: it has ended and is empty. */
bool ring_wait(struct ring *r, int timeout_ms);

/* ---- any thread ---- */

uint64_t ring_lost(const struct ring *r); /* messages that did not fit, ever */
