#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/query/lex.h"

static void test_tokens(void **state)
{
	static const enum lex_type types[] = { LEX_WORD, LEX_COMPARE, LEX_STRING, LEX_OPEN, LEX_WORD, LEX_COMMA, LEX_STRING,
		LEX_CLOSE, LEX_COMPARE, LEX_COMPARE, LEX_COMPARE, LEX_COMPARE, LEX_COMPARE, LEX_WORD, LEX_END, LEX_END };
	struct arena arena = ARENA_INIT;
	struct lex l = { SPAN("a.b==\"x y\"( 10.0.0.0/8,'q\"\\n' )!= < <= > >=-1h "), 0, &arena };
	struct expr_error error;
	struct lex_token t;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		assert_int_equal(lex_next(&l, &t, &error), 0);
		assert_int_equal(t.type, types[i]);
		if (i == 2) {
			assert_true(span_eq(t.text, SPAN("x y")));
			assert_int_equal(t.from, 5);
			assert_int_equal(t.to, 10);
		}
		if (i == 6)
			assert_true(span_eq(t.text, SPAN("q\"\\n")));
		if (i == 11)
			assert_int_equal(t.op, EXPR_GT);
		if (i == 13)
			assert_true(span_eq(t.text, SPAN("-1h")));
	}
	arena_free(&arena);
}

static void test_escapes(void **state)
{
	struct arena arena = ARENA_INIT;
	struct lex l = { SPAN("\"\\\"\\\\\\n\\t\\r\\x00\\xfF\\u{e9}\\u{20ac}\\u{1f600}\\u{7f}\\d\\.\""), 0, &arena };
	struct expr_error error;
	struct lex_token t;

	assert_int_equal(lex_next(&l, &t, &error), 0);
	assert_true(span_eq(t.text, SPAN("\"\\\n\t\r\0\xff\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\\d\\.")));
	arena_free(&arena);
}

static void test_faults(void **state)
{
	static const char *const wrong[] = { "\"\\x0\"", "\"\\u{}\"", "\"\\u{110000}\"", "\"\\u{1234567}\"", "\"\\u41\"", "\"\\",
		"\"\\u", "'", "=", "!", "\x01", "||" };
	struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct lex l = { span_of(wrong[i]), 0, &arena };
		struct expr_error error = { 0 };
		struct lex_token t;

		assert_int_equal(lex_next(&l, &t, &error), -EINVAL);
		assert_true(error.length > 0 && error.message[0]);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens), cmocka_unit_test(test_escapes), cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
