#include "tests/unit/test.h"

#include <errno.h>
#include <time.h>

#include "agent/base/clock.h"

static int64_t parsed(const char *z)
{
	int64_t ms = -1;

	assert_int_equal(clock_parse(span_of(z), 1000000, &ms), 0);
	return ms;
}

static void formats_are_the_documented_ones(void **state)
{
	char t[CLOCK_TEXT];

	assert_string_equal(clock_format(INT64_C(1795164901204), t), "2026-11-20 08:55:01.204+00:00");
	assert_string_equal(clock_format_iso(INT64_C(1795164901204), t), "2026-11-20T08:55:01.204Z");
	assert_string_equal(clock_format_name(INT64_C(1795164901204), t), "2026_11_20T08.55.01.204Z");
	assert_string_equal(clock_format(-1, t), "1969-12-31 23:59:59.999+00:00");
	assert_string_equal(clock_format(INT64_MAX, t), "9999-12-31 23:59:59.999+00:00");
	assert_string_equal(clock_format(INT64_MIN, t), "0000-01-01 00:00:00.000+00:00");
}

static void splitting_agrees_with_the_c_library(void **state)
{
	srand(2);
	for (int i = 0; i < 20000; i++) {
		int64_t s = ((int64_t)rand() << 8 ^ rand()) % INT64_C(200000000000) - INT64_C(40000000000);
		time_t when = (time_t)s;
		struct tm tm;
		struct clock_fields f = clock_split(s * 1000 + 7);

		assert_non_null(gmtime_r(&when, &tm));
		assert_int_equal(f.year, tm.tm_year + 1900);
		assert_int_equal(f.month, tm.tm_mon + 1);
		assert_int_equal(f.day, tm.tm_mday);
		assert_int_equal(f.hour, tm.tm_hour);
		assert_int_equal(f.weekday, tm.tm_wday);
		assert_true(clock_join(f) == s * 1000 + 7);
	}
}

static void what_is_written_can_be_read(void **state)
{
	char t[CLOCK_TEXT];

	srand(3);
	for (int i = 0; i < 20000; i++) {
		int64_t ms = CLOCK_MIN + (int64_t)(((uint64_t)rand() << 32 | (uint64_t)rand()) %
		                                   (uint64_t)(CLOCK_MAX - CLOCK_MIN));

		assert_true(parsed(clock_format(ms, t)) == ms);
		assert_true(parsed(clock_format_iso(ms, t)) == ms);
	}
}

static void zones_and_shorter_forms(void **state)
{
	assert_true(parsed("2026-11-20") == parsed("2026-11-20 00:00"));
	assert_true(parsed("2026-11-20T10:00:00+02:00") == parsed("2026-11-20T08:00Z"));
	assert_true(parsed("2026-11-20T10:00:00.5-0130") == parsed("2026-11-20 11:30:00.500"));
	assert_true(parsed("-1h") == 1000000 - 3600000);
	assert_true(parsed("+2d") == 1000000 + 2 * MS_PER_DAY);
	assert_true(parsed("now") == 1000000);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-13-01", "2026-02-30", "2026-11-20X", "2026-11-20T", "-h",
		"2026-11-20T25:00", "2026-11-20 10:00+2", "-5y", "--5h", "-99999999999999999d", "2026-11-20 10:00:00." };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int64_t ms = 42;

		assert_int_equal(clock_parse(span_of(bad[i]), 0, &ms), -EINVAL);
		assert_true(ms == 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_the_documented_ones),
		cmocka_unit_test(splitting_agrees_with_the_c_library),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(zones_and_shorter_forms),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
