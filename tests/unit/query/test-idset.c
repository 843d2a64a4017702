#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/query/idset.h"

static void test_marks(void **state)
{
	struct idset s;
	int64_t at = INT64_MIN, id = 0;

	assert_int_equal(idset_init(&s, 5, 200, false), 0);
	idset_mark(&s, 5);
	idset_mark(&s, 68);
	idset_mark(&s, 69);
	idset_mark(&s, 200);
	idset_mark(&s, 200);
	idset_mark(&s, 4);
	idset_mark(&s, 201);
	assert_int_equal(s.count, 4);
	assert_true(idset_has(&s, 5) && idset_has(&s, 69) && idset_has(&s, 200));
	assert_false(idset_has(&s, 4) || idset_has(&s, 6) || idset_has(&s, 201) || idset_has(&s, INT64_MIN));
	for (int64_t expected[] = { 5, 68, 69, 200 }, *e = expected; e < expected + 4; e++) {
		assert_true(idset_next(&s, &at, &id));
		assert_int_equal(id, *e);
	}
	assert_false(idset_next(&s, &at, &id));
	idset_free(&s);
}

static void test_rest(void **state)
{
	struct idset s;
	int64_t at = INT64_MIN, id;

	assert_int_equal(idset_init(&s, 1, 0, true), 0);
	assert_true(idset_has(&s, 1) && idset_has(&s, INT64_MAX));
	idset_mark(&s, 1);
	assert_false(idset_next(&s, &at, &id));
	idset_free(&s);
	assert_int_equal(idset_init(&s, -3, 3, true), 0);
	idset_mark(&s, -3);
	assert_false(idset_has(&s, -3));
	assert_true(idset_has(&s, 3) && idset_has(&s, -4));
	idset_free(&s);
}

static void test_span(void **state)
{
	struct idset s;

	assert_int_equal(idset_init(&s, 0, INT64_C(1) << 31, false), -ERANGE);
	assert_int_equal(idset_init(&s, INT64_MIN, INT64_MAX, false), -ERANGE);
	assert_int_equal(idset_init(&s, INT64_MAX - 10, INT64_MAX, false), 0);
	idset_mark(&s, INT64_MAX);
	assert_true(idset_has(&s, INT64_MAX));
	idset_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks), cmocka_unit_test(test_rest), cmocka_unit_test(test_span),
	};

	return cmocka_run_group_tests_name("idset", tests, NULL, NULL);
}
