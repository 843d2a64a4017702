#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "recorder/query/match.h"

static int ask(const char *expression, struct span text)
{
	struct expr_error error;
	AUTO_EXPR *e = NULL;
	AUTO_MATCH *m = NULL;

	if (expr_parse(span_of(expression), &e, &error) < 0)
		fail_msg("%s: %s", expression, error.message);
	assert_int_equal(match_new(e, &m), 0);
	return match_text(m, text);
}

static void test_case(void **state)
{
	assert_int_equal(ask("file.path == /TMP/x", SPAN("/tmp/X")), 1);
	assert_int_equal(ask("file.path == cased /TMP/x", SPAN("/tmp/X")), 0);
	assert_int_equal(ask("file.path contains MP", SPAN("/tmp/X")), 1);
	assert_int_equal(ask("file.path contains cased MP", SPAN("/tmp/X")), 0);
	assert_int_equal(ask("file.path startswith /T", SPAN("/tmp/X")), 1);
	assert_int_equal(ask("file.path startswith cased /t", SPAN("/tmp/X")), 1);
	assert_int_equal(ask("file.path endswith /x", SPAN("/tmp/X")), 1);
	assert_int_equal(ask("file.path endswith cased /x", SPAN("/tmp/X")), 0);
	assert_int_equal(ask("file.path endswith \"\"", SPAN("")), 1);
	assert_int_equal(ask("file.path contains \"\"", SPAN("")), 1);
	assert_int_equal(ask("file.path == \"\"", SPAN("a")), 0);
}

static void test_in(void **state)
{
	assert_int_equal(ask("file.path in (a, B)", SPAN("b")), 1);
	assert_int_equal(ask("file.path in (a, B)", SPAN("c")), 0);
	assert_int_equal(ask("file.path in (a, b, c, d, e, f, g, h, I, i)", SPAN("I")), 1);
	assert_int_equal(ask("file.path in cased (a, b, c, d, e, f, g, h, I)", SPAN("i")), 0);
	assert_int_equal(ask("file.path in (a, b, c, d, e, f, g, h, I)", SPAN("ab")), 0);
}

static void test_regex(void **state)
{
	assert_int_equal(ask("file.path matches '^/TMP/[a-z]+$'", SPAN("/tmp/abc")), 1);
	assert_int_equal(ask("file.path matches cased '^/TMP'", SPAN("/tmp/abc")), 0);
	assert_int_equal(ask("file.path matches 'b\\xff?'", SPAN("a\xff" "b")), 1);
	assert_int_equal(ask("file.path matches \"\\xff\"", SPAN("a\xff" "b")), 1);
	assert_int_equal(ask("file.path matches '^.$'", SPAN("\xc3\xa9")), 1);
}

static void test_regex_limits(void **state)
{
	AUTO_BUF text = BUF_INIT;
	char message[128];
	size_t offset;

	for (int i = 0; i < 4000; i++)
		buf_add_char(&text, 'a');
	buf_add_char(&text, 'x'); /* else the search for the pattern's last byte ends it early */
	assert_int_equal(ask("file.path matches '^(a+)+$'", SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), -ERANGE);
	assert_int_equal(ask("file.path matches '(.*)*(.*)*(.*)*x{2}'", buf_span(&text)), -ERANGE);
	/* What a pattern says about limits may only lower them. */
	assert_int_equal(ask("file.path matches '(*LIMIT_MATCH=4000000000)^(a+)+$'",
	                     SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), -ERANGE);
	assert_int_equal(match_check_pattern(SPAN("((((a{1,999}){1,999}){1,999}){1,999})"), &offset, message, sizeof(message)),
	                 -EINVAL);
	buf_clear(&text);
	for (int i = 0; i < 60; i++)
		buf_add_z(&text, "(");
	assert_int_equal(match_check_pattern(buf_span(&text), &offset, message, sizeof(message)), -EINVAL);
	for (int i = 0; i < 5000; i++)
		buf_add_z(&text, "a");
	assert_int_equal(match_check_pattern(buf_span(&text), &offset, message, sizeof(message)), -EINVAL);
	assert_true(message[0] != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_case), cmocka_unit_test(test_in), cmocka_unit_test(test_regex),
		cmocka_unit_test(test_regex_limits),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
