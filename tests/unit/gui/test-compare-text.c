#include "tests/unit/test.h"

#include <string.h>

#include "gui/compare-text.h"

static void check(char *said, const char *expected)
{
	assert_string_equal(said, expected);
	g_free(said);
}

static void counts_leave_out_what_is_none(void **state)
{
	check(compare_text_counts((size_t[]){ 1200, 0, 3 }), "1,200 new · 3 gone");
	check(compare_text_counts((size_t[]){ 0, 2, 0 }), "2 changed");
	check(compare_text_counts((size_t[]){ 0, 0, 0 }), "no difference");
}

static void items_say_what_they_are_and_were(void **state)
{
	struct reader_thing is = { .area = READER_AREA_EXECUTABLE, .name = SPAN("/tmp/\xe2\x80\xae.x"), .detail = SPAN("aa"),
		.first_ms = 5, .last_ms = 9, .by = SPAN("/bin/sh") };
	struct reader_thing was = is;
	struct compare_item item = { COMPARE_CHANGED, &is, &was };

	was.detail = SPAN_NONE;
	check(compare_text_name(&item), "/tmp/\\u{202e}.x");
	check(compare_text_detail(&item), "aa, was hash not known");
	check(compare_text_by(&item), "/bin/sh");
	assert_int_equal(compare_text_time(&item), 5);
	item = (struct compare_item){ COMPARE_GONE, &is, NULL };
	check(compare_text_detail(&item), "aa");
	assert_int_equal(compare_text_time(&item), 9);
	is.area = READER_AREA_LISTENER;
	is.name = SPAN_NONE;
	is.port = 4444;
	was.by = SPAN("/usr/sbin/sshd");
	check(compare_text_name(&item), "unknown, port 4444");
	check(compare_text_detail(&item), "");
	item = (struct compare_item){ COMPARE_CHANGED, &is, &was };
	check(compare_text_detail(&item), "/bin/sh, was /usr/sbin/sshd");
	check(compare_text_expression(&item), "event.action == Listen and destination.port == 4444");
	is.area = READER_AREA_AUTOSTART;
	is.detail = SPAN("Write");
	check(compare_text_detail(&item), "Write");
	for (int a = 0; a < READER_AREAS; a++)
		assert_true(strlen(compare_text_area(a)) > 0);
	assert_string_equal(compare_text_change(COMPARE_GONE), "Gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_leave_out_what_is_none),
		cmocka_unit_test(items_say_what_they_are_and_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
