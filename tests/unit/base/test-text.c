#include "tests/unit/test.h"

#include <locale.h>

#include "agent/base/text.h"

static void utf8_is_judged_by_rfc_3629(void **state)
{
	static const char *const bad[] = { "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "a\xff" };

	assert_true(text_is_utf8(SPAN("plain")));
	assert_true(text_is_utf8(SPAN("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x90\xbe")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(text_is_utf8(span_of(bad[i])));
}

static void hidden_characters_become_visible(void **state)
{
	AUTO_BUF b = BUF_INIT;

	text_visible(&b, SPAN("a\tb\n\x1b[31m\xff \xe2\x80\xae" "fdp.exe \xc3\xa9\0z"));
	assert_string_equal(b.p, "a\\tb\\n\\x1b[31m\\xff \\u{202e}fdp.exe \xc3\xa9\\x00z");
	assert_true(text_is_utf8(buf_span(&b)));
}

static void folding_ignores_case(void **state)
{
	AUTO_BUF needle = BUF_INIT;

	text_fold(&needle, SPAN("CuRL"));
	assert_true(text_contains_folded(SPAN("/usr/bin/cURl"), buf_span(&needle)));
	assert_false(text_contains_folded(SPAN("/usr/bin/cur"), buf_span(&needle)));
	assert_true(text_ends_folded(SPAN("/usr/bin/CURL"), buf_span(&needle)));
	assert_false(text_ends_folded(SPAN("/usr/bin/curl "), buf_span(&needle)));
	assert_true(text_starts_folded(SPAN("Curl -s"), buf_span(&needle)));
	assert_true(text_equals_folded(SPAN("CURL"), buf_span(&needle)));
	assert_false(text_equals_folded(SPAN("CURLY"), buf_span(&needle)));
	assert_true(text_contains_folded(SPAN(""), SPAN("")));
}

static void folding_knows_more_than_ascii(void **state)
{
	AUTO_BUF needle = BUF_INIT;

	assert_non_null(setlocale(LC_CTYPE, "C")); /* whatever the program's locale */
	text_fold(&needle, SPAN("\xc3\x84PFEL")); /* ÄPFEL */
	assert_true(text_contains_folded(SPAN("/home/x/\xc3\xa4pfel.txt"), buf_span(&needle)));
	assert_true(text_ends_folded(SPAN("gr\xc3\xbcne \xc3\xa4pfel"), buf_span(&needle)));
}

static void cuts_leave_whole_characters(void **state)
{
	struct span s = SPAN("a\xc3\xa4\xe2\x82\xac");
	static const size_t left[] = { 0, 1, 1, 3, 3, 3, 6, 6 };

	for (size_t n = 0; n < sizeof(left) / sizeof(*left); n++)
		assert_int_equal(text_cut(s, n).n, left[n]);
	assert_int_equal(text_cut(SPAN(""), 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_judged_by_rfc_3629),
		cmocka_unit_test(hidden_characters_become_visible),
		cmocka_unit_test(folding_ignores_case),
		cmocka_unit_test(folding_knows_more_than_ascii),
		cmocka_unit_test(cuts_leave_whole_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
