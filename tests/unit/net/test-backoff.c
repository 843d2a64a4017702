#include "tests/unit/test.h"

#include "agent/net/backoff.h"

static uint64_t seed = 1;

static uint64_t chance(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return seed >> 20;
}

static void the_ceiling_doubles_up_to_the_last(void **state)
{
	struct backoff b = { 0 };
	int64_t ceilings[] = { 15000, 15000, 30000, 30000, 30000 };

	for (size_t i = 0; i < sizeof(ceilings) / sizeof(*ceilings); i++) {
		assert_int_equal(backoff_wait(&b, (uint64_t)ceilings[i] - 1), ceilings[i] - 1);
		assert_int_equal(backoff_wait(&b, (uint64_t)ceilings[i]), 0);
		backoff_ended(&b, 0);
	}
	b.failures = UINT32_MAX;
	backoff_ended(&b, 0);
	assert_int_equal(backoff_wait(&b, 29999), 29999);
}

static void a_connection_that_held_begins_anew(void **state)
{
	struct backoff b = { 0 };

	for (int i = 0; i < 10; i++)
		backoff_ended(&b, BACKOFF_GOOD_MS - 1);
	assert_int_equal(backoff_wait(&b, 25000), 25000);
	backoff_ended(&b, BACKOFF_GOOD_MS);
	assert_int_equal(backoff_wait(&b, 15000), 0);
}

/* A server goes and is away for a while: nobody needs a minute when it is back, and no second sees more than 300. */
static void two_thousand_come_back_spread(void **state)
{
	enum { AGENTS = 2000, AWAY_MS = 100000 };
	unsigned each_second[200] = { 0 };

	for (int i = 0; i < AGENTS; i++) {
		struct backoff b = { 0 };
		int64_t at = 0;

		backoff_ended(&b, BACKOFF_GOOD_MS);
		do {
			at += backoff_wait(&b, chance());
			each_second[at / 1000]++;
			backoff_ended(&b, 0);
		} while (at < AWAY_MS);
		assert_true(at - AWAY_MS < 60000);
	}
	for (size_t i = 0; i < 200; i++)
		if (each_second[i] > 300)
			fail_msg("%u attempts in second %zu", each_second[i], i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ceiling_doubles_up_to_the_last),
		cmocka_unit_test(a_connection_that_held_begins_anew),
		cmocka_unit_test(two_thousand_come_back_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
