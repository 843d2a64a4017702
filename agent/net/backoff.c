#include "agent/net/backoff.h"

int64_t backoff_wait(const struct backoff *b, uint64_t random)
{
	int64_t ceiling = BACKOFF_FIRST_MS;

	for (unsigned i = 1; i < b->failures && ceiling < BACKOFF_LAST_MS; i++)
		ceiling *= 2;
	if (ceiling > BACKOFF_LAST_MS)
		ceiling = BACKOFF_LAST_MS;
	return (int64_t)(random % (uint64_t)ceiling);
}

void backoff_ended(struct backoff *b, int64_t held_ms)
{
	if (held_ms >= BACKOFF_GOOD_MS)
		b->failures = 1;
	else if (b->failures < UINT32_MAX)
		b->failures++;
}
