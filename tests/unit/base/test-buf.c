#include "tests/unit/test.h"

#include "agent/base/buf.h"

static void grows_and_stays_terminated(void **state)
{
	AUTO_BUF b = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_false(b.failed);
	assert_int_equal(strlen(b.p), b.n);
	assert_int_equal(b.n, 10 * 2 + 90 * 3 + 900 * 4);
	buf_consume(&b, b.n - 4);
	assert_string_equal(b.p, "999,");
	buf_consume(&b, 100);
	assert_string_equal(b.p, "");
}

static void failure_is_kept_until_cleared(void **state)
{
	AUTO_BUF b = BUF_INIT;

	buf_add_z(&b, "x");
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(b.failed);
	buf_add_z(&b, "y");
	assert_int_equal(b.n, 1);
	assert_null(buf_steal(&b));
}

static void stolen_text_is_the_callers(void **state)
{
	struct buf b = BUF_INIT;
	char *p = buf_steal(&b);

	assert_string_equal(p, "");
	free(p);
	buf_add_char(&b, 'z');
	p = buf_steal(&b);
	assert_string_equal(p, "z");
	assert_null(b.p);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(failure_is_kept_until_cleared),
		cmocka_unit_test(stolen_text_is_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
