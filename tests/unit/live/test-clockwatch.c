#include "tests/unit/test.h"

#include "recorder/clockwatch.h"

static struct clockwatch_change compare(struct clockwatch_times now, bool told, bool expected)
{
	struct clockwatch_times before = { 1000000, 5000, 4000 };
	struct clockwatch_change c;

	assert_int_equal(clockwatch_compare(&before, &now, told, &c), expected);
	return c;
}

static void time_that_just_passes_is_no_change(void **state)
{
	struct clockwatch_change c = compare((struct clockwatch_times){ 1001000, 6000, 5000 }, false, false);

	assert_int_equal(c.step_ms, 0);
	assert_int_equal(c.asleep_ms, 0);
	compare((struct clockwatch_times){ 1001003, 6000, 5000 }, true, false);
	compare((struct clockwatch_times){ 1001400, 6000, 5000 }, false, false);
}

static void steps_have_a_size_and_a_sign(void **state)
{
	struct clockwatch_change c = compare((struct clockwatch_times){ 1001000 + 86400000, 6000, 5000 }, false, true);

	assert_int_equal(c.step_ms, 86400000);
	assert_int_equal(c.expected, 1001000);
	c = compare((struct clockwatch_times){ 1001000 - 315360000000, 6000, 5000 }, false, true);
	assert_int_equal(c.step_ms, -315360000000);
	assert_int_equal(c.asleep_ms, 0);
}

static void a_small_step_counts_when_the_kernel_told(void **state)
{
	struct clockwatch_change c = compare((struct clockwatch_times){ 1000900, 6000, 5000 }, true, true);

	assert_int_equal(c.step_ms, -100);
}

static void sleep_is_no_step(void **state)
{
	struct clockwatch_change c = compare((struct clockwatch_times){ 1061000, 66000, 5000 }, true, true);

	assert_int_equal(c.step_ms, 0);
	assert_int_equal(c.asleep_ms, 60000);
}

static void the_real_clocks_are_still(void **state)
{
	struct clockwatch w;
	struct clockwatch_change c;

	clockwatch_start(&w);
	assert_false(clockwatch_look(&w, &c));
	clockwatch_end(&w);
	assert_int_equal(w.timer, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_that_just_passes_is_no_change),
		cmocka_unit_test(steps_have_a_size_and_a_sign),
		cmocka_unit_test(a_small_step_counts_when_the_kernel_told),
		cmocka_unit_test(sleep_is_no_step),
		cmocka_unit_test(the_real_clocks_are_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
