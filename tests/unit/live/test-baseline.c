#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorder/baseline.h"

static const struct store_open_process known = {
	.process = { .id = 7, .pid = 4711, .start_ms = 1700000000000 },
	.image = 9, .image_start_ms = 1700000005000,
};

static bool same(int64_t pid, int64_t start_ms)
{
	struct process_start seen = { .pid = pid, .start_ms = start_ms };

	return baseline_same(&known, &seen);
}

/* /proc tells when the process was forked, the database when it was first met or last ran exec. */
static void test_same(void **state)
{
	assert_true(same(4711, 1700000000000));
	assert_true(same(4711, 1699999999000));
	assert_true(same(4711, 1700000005020));
	assert_false(same(4711, 1700000006000)); /* started after it: the pid was used again */
	assert_false(same(4712, 1700000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
