#include "recorder/clockwatch.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"

/* A clock that is only slewed goes wrong by at most half a millisecond a second (adjtimex(2)). */
enum { STEP_TOLD_MS = 10, STEP_MS = 500, ASLEEP_MS = 500 };
/* What may pass while the clocks are read; where it was more, once more. */
enum { READ_MS = 2, READ_TRIES = 20 };

static int64_t now_of(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * MS_PER_SEC + ts.tv_nsec / 1000000;
}

/* Between two of them others may run: that would look like a step. */
static struct clockwatch_times read_clocks(void)
{
	struct clockwatch_times t;
	int tries = 0;

	do {
		t.boot = now_of(CLOCK_BOOTTIME);
		t.real = now_of(CLOCK_REALTIME);
		t.monotonic = now_of(CLOCK_MONOTONIC);
	} while (now_of(CLOCK_BOOTTIME) - t.boot > READ_MS && ++tries < READ_TRIES);
	return t;
}

/* A timer that never ends, but is cancelled when the clock is set. */
static void arm(const struct clockwatch *w)
{
	struct itimerspec never = { .it_value = { .tv_sec = INT32_MAX } };

	if (w->timer >= 0)
		timerfd_settime(w->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

void clockwatch_start(struct clockwatch *w)
{
	w->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	arm(w);
	w->last = read_clocks();
}

void clockwatch_end(struct clockwatch *w)
{
	if (w->timer >= 0)
		close(w->timer);
	w->timer = -1;
}

static bool was_told(const struct clockwatch *w)
{
	uint64_t n;

	if (w->timer < 0 || read(w->timer, &n, sizeof(n)) >= 0 || errno != ECANCELED)
		return false;
	arm(w);
	return true;
}

bool clockwatch_compare(const struct clockwatch_times *before, const struct clockwatch_times *now, bool told,
                        struct clockwatch_change *ret)
{
	int64_t passed = now->boot - before->boot, least = told ? STEP_TOLD_MS : STEP_MS;
	struct clockwatch_change c = { .expected = before->real + passed };

	c.step_ms = now->real - c.expected;
	if (c.step_ms < least && c.step_ms > -least)
		c.step_ms = 0;
	c.asleep_ms = passed - (now->monotonic - before->monotonic);
	if (c.asleep_ms < ASLEEP_MS)
		c.asleep_ms = 0;
	*ret = c;
	return c.step_ms != 0 || c.asleep_ms != 0;
}

bool clockwatch_look(struct clockwatch *w, struct clockwatch_change *ret)
{
	bool told = was_told(w);
	struct clockwatch_times now = read_clocks();
	bool changed = clockwatch_compare(&w->last, &now, told, ret);

	/* What is below the threshold adds up to a step in time: only a step or being told starts anew. */
	if (changed || told || now.boot - w->last.boot > MS_PER_SEC * 60)
		w->last = now;
	return changed;
}
