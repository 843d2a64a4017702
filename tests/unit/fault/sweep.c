#include "tests/unit/fault/sweep.h"

#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/base/clock.h"

enum { BUDGET_MS = 1500, POINTS_MIN = 2, WARM_UP = FAULT_SANITIZED ? 0 : 2 /* what is made once is no leak */ };

static char context[128];

int sweep_tell(void **state)
{
	if (context[0])
		print_message("the call that failed: %s\n", context);
	context[0] = 0;
	return 0;
}

static void undisturbed(const struct sweep *s, void *data)
{
	int r;

	s->before(data);
	r = s->work(data);
	assert_int_equal(r, 0);
	s->after(data, r);
}

/* And how long it took. */
static uint64_t count(const struct sweep *s, enum fault_kind kind, void *data, int64_t *ret_ms)
{
	int64_t begun = clock_monotonic();
	uint64_t n;
	int r;

	s->before(data);
	fault_arm(kind, UINT64_MAX, false);
	r = s->work(data);
	n = fault_disarm();
	assert_int_equal(r, 0);
	s->after(data, r);
	*ret_ms = clock_monotonic() - begun + 1;
	return n;
}

/* false: there were not so many calls. */
static bool disturbed(const struct sweep *s, enum fault_kind kind, uint64_t nth, bool lasting, void *data)
{
	int64_t blocks;
	int r;

	snprintf(context, sizeof(context), "%s %" PRIu64 "%s", fault_names[kind], nth, lasting ? " and all after it" : "");
	blocks = fault_blocks();
	s->before(data);
	fault_arm(kind, nth, lasting);
	r = s->work(data);
	fault_disarm();
	if (!fault_struck())
		assert_int_equal(r, 0);
	s->after(data, r);
	if (fault_blocks() != blocks)
		fail_msg("%" PRId64 " blocks leaked (result %d)", fault_blocks() - blocks, r);
	context[0] = 0;
	return fault_struck();
}

void sweep_run(const struct sweep *s, enum fault_kind kind, void *data)
{
	const char *all = getenv("SPOOR_FAULTS");
	uint64_t calls, most, step = 1, points = 0;
	int64_t ms;

	for (int i = 0; i < WARM_UP; i++)
		undisturbed(s, data);
	calls = count(s, kind, data, &ms);
	assert_true(calls > 0);
	most = BUDGET_MS / 2 / ms > POINTS_MIN ? (uint64_t)(BUDGET_MS / 2 / ms) : POINTS_MIN;
	if (!all && calls > most)
		step = calls / most | 1; /* odd: calls often come in pairs */
	for (int lasting = 0; lasting <= 1; lasting++)
		for (uint64_t nth = 1 + (lasting ? step / 2 : 0); disturbed(s, kind, nth, lasting, data); nth += step)
			points++;
	print_message("%s: %" PRIu64 " of %" PRIu64 " calls failed, once and from then on\n", fault_names[kind], points / 2,
	              calls);
}
