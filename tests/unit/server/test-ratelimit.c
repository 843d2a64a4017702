#include "tests/unit/test.h"

#include <stdio.h>

#include "server/ratelimit.h"

static const struct span who = SPAN("anna");

static void some_failures_are_free_then_waits_double(void **state)
{
	struct ratelimit *r = ratelimit_new(1000);
	int64_t now = 1000000, pause = RATELIMIT_FIRST_MS;

	for (int i = 0; i < RATELIMIT_FREE; i++) {
		assert_int_equal(ratelimit_wait(r, who, now), 0);
		ratelimit_failed(r, who, now);
	}
	for (int i = 0; i < 30; i++) {
		assert_int_equal(ratelimit_wait(r, who, now), pause);
		assert_int_equal(ratelimit_wait(r, who, now + pause - 1), 1);
		assert_int_equal(ratelimit_wait(r, who, now + pause), 0);
		assert_int_equal(ratelimit_wait(r, SPAN("berta"), now), 0);
		now += pause;
		ratelimit_failed(r, who, now);
		pause = pause * 2 < RATELIMIT_LONGEST_MS ? pause * 2 : RATELIMIT_LONGEST_MS;
	}
	ratelimit_succeeded(r, who);
	assert_int_equal(ratelimit_wait(r, who, now), 0);
	ratelimit_failed(r, who, now);
	assert_int_equal(ratelimit_wait(r, who, now), 0);
	ratelimit_free(r);
}

static void a_quiet_time_forgives(void **state)
{
	struct ratelimit *r = ratelimit_new(1000);

	for (int i = 0; i < 20; i++)
		ratelimit_failed(r, who, 0);
	assert_true(ratelimit_wait(r, who, 0) > 0);
	ratelimit_failed(r, who, RATELIMIT_WINDOW_MS + 1);
	assert_int_equal(ratelimit_wait(r, who, RATELIMIT_WINDOW_MS + 1), 0);
	ratelimit_free(r);
}

/* However many fail between two tries of the one that is being guessed. */
static void invented_names_do_not_push_it_out(void **state)
{
	struct ratelimit *r = ratelimit_new(4);
	int64_t now = 0, waited = 0;
	char name[16];

	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < 50; k++) {
			snprintf(name, sizeof(name), "user%d-%d", i, k);
			ratelimit_failed(r, span_of(name), now);
		}
		waited = ratelimit_wait(r, who, now);
		now += waited;
		ratelimit_failed(r, who, now);
	}
	assert_int_equal(waited, RATELIMIT_LONGEST_MS);
	ratelimit_free(r);
	assert_null(ratelimit_new(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_failures_are_free_then_waits_double),
		cmocka_unit_test(a_quiet_time_forgives),
		cmocka_unit_test(invented_names_do_not_push_it_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
