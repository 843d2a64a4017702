#include "tests/unit/test.h"

#include <stdio.h>

#include "server/ratelimit.h"

static const struct span who = SPAN("anna");

static void some_failures_are_free_then_waits_double(void **state)
{
	struct ratelimit *r = ratelimit_new(10);
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
	struct ratelimit *r = ratelimit_new(10);

	for (int i = 0; i < 20; i++)
		ratelimit_failed(r, who, 0);
	assert_true(ratelimit_wait(r, who, 0) > 0);
	ratelimit_failed(r, who, RATELIMIT_WINDOW_MS + 1);
	assert_int_equal(ratelimit_wait(r, who, RATELIMIT_WINDOW_MS + 1), 0);
	ratelimit_free(r);
}

/* Many names cannot push out the one that is being guessed, as it is the latest. */
static void a_full_table_forgets_the_quietest(void **state)
{
	struct ratelimit *r = ratelimit_new(4);
	char name[16];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		ratelimit_failed(r, span_of(name), i);
		ratelimit_failed(r, who, i);
	}
	assert_true(ratelimit_wait(r, who, 99) > 0);
	assert_int_equal(ratelimit_wait(r, SPAN("user0"), 99), 0);
	ratelimit_free(r);
	assert_null(ratelimit_new(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_failures_are_free_then_waits_double),
		cmocka_unit_test(a_quiet_time_forgives),
		cmocka_unit_test(a_full_table_forgets_the_quietest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
