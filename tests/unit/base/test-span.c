#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/span.h"

static void numbers_are_whole_and_bounded(void **state)
{
	uint64_t u = 7;
	int64_t i = 7;

	assert_int_equal(span_to_u64(SPAN("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(span_to_u64(SPAN("18446744073709551616"), &u), -ERANGE);
	assert_int_equal(span_to_u64(SPAN(""), &u), -EINVAL);
	assert_int_equal(span_to_u64(SPAN("12a"), &u), -EINVAL);
	assert_true(u == UINT64_MAX);
	assert_int_equal(span_to_i64(SPAN("-9223372036854775808"), &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(span_to_i64(SPAN("9223372036854775808"), &i), -ERANGE);
	assert_int_equal(span_to_i64(SPAN("-"), &i), -EINVAL);
	assert_true(i == INT64_MIN);
}

static void hex_is_read_in_both_cases(void **state)
{
	uint64_t u = 0;
	char bytes[4];

	assert_int_equal(span_hex_to_u64(SPAN("ffffFF9c"), &u), 0);
	assert_true(u == 0xffffff9c);
	assert_int_equal(span_hex_to_u64(SPAN("10000000000000000"), &u), -ERANGE);
	assert_int_equal(span_hex_to_u64(SPAN("0x1"), &u), -EINVAL);
	assert_int_equal(span_unhex(SPAN("2F746D70"), bytes), 0);
	assert_memory_equal(bytes, "/tmp", 4);
	assert_int_equal(span_unhex(SPAN("2F7"), bytes), -EINVAL);
	assert_int_equal(span_unhex(SPAN("2G"), bytes), -EINVAL);
}

static void hash_is_stored_so_it_must_not_change(void **state)
{
	assert_true(span_hash(SPAN("/usr/bin/curl")) == span_hash(SPAN("/usr/bin/curl")));
	assert_true(span_hash(SPAN("/usr/bin/curl")) != span_hash(SPAN("/usr/bin/cur1")));
	assert_true(span_hash(SPAN("a\0")) != span_hash(SPAN("a")));
	assert_true(span_hash(SPAN("/usr/bin/curl")) == 0x4746401796d72decu);
}

static void pieces_include_the_empty_last(void **state)
{
	struct span rest = SPAN("a,b,"), piece;
	int n = 0;

	while (span_next(&rest, ',', &piece))
		n++;
	assert_int_equal(n, 3);
	assert_int_equal(piece.n, 0);
	assert_false(span_next(&rest, ',', &piece));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(hex_is_read_in_both_cases),
		cmocka_unit_test(hash_is_stored_so_it_must_not_change),
		cmocka_unit_test(pieces_include_the_empty_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
