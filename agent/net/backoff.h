/* backoff: how long to wait before the next attempt to connect. Arithmetic without clock or chance: the caller brings
 * both.
 *
 * The wait is anywhere between nothing and a ceiling that doubles with every failure ("full jitter"), so that all who lost
 * the same server come back spread: of 2,000 about 200 a second try, those whose first attempts fail again among them. A
 * connection that held less than BACKOFF_GOOD_MS was a failure too: who is refused after the handshake does not hammer. */
#pragma once

#include <stdint.h>

enum { BACKOFF_FIRST_MS = 15000, BACKOFF_LAST_MS = 30000, BACKOFF_GOOD_MS = 30000 };

struct backoff {
	unsigned failures;
};

/* The wait before the next attempt, in ms: random is any number, all equally likely. */
int64_t backoff_wait(const struct backoff *b, uint64_t random);
/* An attempt failed, or its connection ended after so many ms. */
void backoff_ended(struct backoff *b, int64_t held_ms);
