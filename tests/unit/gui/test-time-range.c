#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "agent/base/clock.h"
#include "gui/time-range.h"

#define END INT64_C(1763628901204) /* 2025-11-20 08:55:01.204 */
static const struct reader_range bounds = { END - 90 * MS_PER_DAY, END };

static void check_label(struct reader_range r, const char *expected)
{
	g_autofree char *label = time_range_label(r, bounds);

	assert_string_equal(label, expected);
}

static void test_presets_end_where_the_recording_does(void **state)
{
	const struct time_range_preset *p;

	for (guint i = 0; (p = time_range_preset_at(i)); i++) {
		struct reader_range r = time_range_last(p->span_ms, bounds);

		check_label(r, p->label);
		if (!p->span_ms) {
			assert_true(time_range_is_all(r));
			continue;
		}
		assert_int_equal(r.to_ms, END);
		assert_int_equal(r.to_ms - r.from_ms, p->span_ms);
	}
	assert_true(time_range_is_all(time_range_last(3600000, (struct reader_range){ 0, 0 })));
}

static void test_labels(void **state)
{
	check_label(READER_ALL_TIME, "All time");
	check_label((struct reader_range){ END - 5000, END - 1000 }, "2025-11-20 08:54:56.204 – 08:55:00.204 UTC");
	check_label((struct reader_range){ END - MS_PER_DAY, END - 1000 },
	            "2025-11-19 08:55:01.204 – 2025-11-20 08:55:00.204 UTC");
	check_label(time_range_around(END, 60000), "2025-11-20 08:54:01.204 – 08:56:01.205 UTC");
}

static void check_time(const char *text, gint64 expected)
{
	gint64 ms = -1;

	assert_true(time_range_parse(text, END, &ms));
	assert_int_equal(ms, expected);
}

static void test_times_as_written(void **state)
{
	gint64 ms = 7;

	check_time(" 2025-11-20 08:55:01.204 ", END);
	check_time("2025-11-20T09:55:01.204+01:00", END);
	check_time("-1h", END - 3600000);
	check_time("now", END);
	assert_false(time_range_parse("yesterday", END, &ms));
	assert_false(time_range_parse("", END, &ms));
	assert_int_equal(ms, 7);
}

static void test_local_time(void **state)
{
	g_autofree char *text = NULL, *zone = NULL, *before = NULL, *summer = NULL;

	time_range_use_local(TRUE);
	text = time_range_format(END);
	zone = time_range_zone(END);
	summer = time_range_zone(END - 120 * MS_PER_DAY);
	assert_string_equal(text, "2025-11-20 03:55:01.204");
	assert_string_equal(zone, "EST");
	assert_string_equal(summer, "EDT");
	check_time(text, END);
	check_time("2025-11-20 08:55:01.204Z", END);
	check_time("2025-11-20 08:55:01.204+00:00", END);
	before = time_range_format(INT64_MIN); /* beyond any calendar: as UTC */
	assert_string_equal(before, "0000-01-01 00:00:00.000");
	time_range_use_local(FALSE);
	check_time(text, END - 5 * 3600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presets_end_where_the_recording_does),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_times_as_written),
		cmocka_unit_test(test_local_time),
	};

	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
