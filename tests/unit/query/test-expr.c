#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/clock.h"
#include "recorder/event.h"
#include "tests/unit/query/random-expr.h"

static struct expr *parse(const char *text)
{
	struct expr_error error;
	struct expr *e = NULL;

	if (expr_parse(span_of(text), &e, &error) < 0)
		fail_msg("%s: column %zu: %s", text, error.column, error.message);
	return e;
}

static void assert_prints(const char *text, const char *expected)
{
	AUTO_EXPR *e = parse(text);
	AUTO_BUF out = BUF_INIT;

	expr_print(e, &out);
	assert_string_equal(out.p ? out.p : "", expected);
}

static void test_forms(void **state)
{
	assert_prints("", "");
	assert_prints(" () ", "");
	assert_prints("process.name == curl", "process.name == \"curl\"");
	assert_prints("PROCESS.NAME CONTAINS 'a\\b'", "process.name contains \"a\\\\b\"");
	assert_prints("process.name==\"x\"and process.pid!=1", "process.name == \"x\" and process.pid != 1");
	assert_prints("process.pid in(1,2 , 3)", "process.pid in (1, 2, 3)");
	assert_prints("process.name matches \"a\\d+\\.sh\"", "process.name matches \"a\\\\d+\\\\.sh\"");
	assert_prints("process.pid == 0x10", "process.pid == 0x10");
	assert_prints("process.name == cased Xorg", "process.name == cased \"Xorg\"");
	assert_prints("not process.end exists", "not process.end exists");
	assert_prints("user.id == 1 or user.id == 2 and user.id == 3", "user.id == 1 or user.id == 2 and user.id == 3");
	assert_prints("(user.id == 1 or user.id == 2) and not (user.id == 3)",
	              "(user.id == 1 or user.id == 2) and not user.id == 3");
	assert_prints("not not (user.id == 1 and user.id == 2)", "not not (user.id == 1 and user.id == 2)");
	assert_prints("@timestamp >= 2026-11-20 08:55:01.5", "@timestamp >= \"2026-11-20 08:55:01.5\"");
	assert_prints("event.time < -1h", "@timestamp < -1h");
	assert_prints("source.ip cidr 2001:db8::/32", "source.ip cidr 2001:db8::/32");
	assert_prints("event.category == NETWORK", "event.category == NETWORK");
	assert_prints("error.code == ECONNREFUSED", "error.code == ECONNREFUSED");
	assert_prints("file.path == \"\\xff\\u{202e}\\n\\\"\"", "file.path == \"\\xff\\u{202e}\\n\\\"\"");
}

static void test_forms_cased_word(void **state)
{
	AUTO_EXPR *e = NULL;
	struct expr_error error;

	/* "cased" is the mark; the word itself needs quotes. */
	assert_int_equal(expr_parse(SPAN("process.name == cased"), &e, &error), -EINVAL);
	assert_prints("process.name == \"cased\"", "process.name == \"cased\"");
}

static const struct {
	const char *text;
	size_t column;
	const char *message; /* begins with */
} faults[] = {
	{ "proces.name == 1", 0, "unknown field proces.name, did you mean process.name?" },
	{ "user.id == 1 and zzzzzz == 1", 17, "unknown field zzzzzz" },
	{ "process.name", 12, "an operator is missing at the end" },
	{ "process.name is 1", 13, "an operator is missing before is" },
	{ "process.pid contains 1", 12, "process.pid is a number: contains does not apply" },
	{ "process.name < a", 13, "process.name is text: < does not apply" },
	{ "process.pid == x", 15, "process.pid is a number, \"x\" is not" },
	{ "process.pid == 99999999999999999999", 15, "the number is too large" },
	{ "process.pid ==", 14, "a value is missing at the end" },
	{ "process.pid == and", 15, "a value is missing before and" },
	{ "process.pid = 1", 12, "\"=\" alone" },
	{ "! user.id == 1", 0, "\"!\" alone" },
	{ "user.id == 1 && user.id == 2", 13, "\"&&\" is not" },
	{ "process.name == \"abc", 16, "the closing quote is missing" },
	{ "process.name == \"a\\xqb\"", 18, "wrong escape" },
	{ "process.name == \"\\u{d800}\"", 17, "wrong escape" },
	{ "(user.id == 1", 0, "this parenthesis is not closed" },
	{ "user.id == 1)", 12, "this parenthesis was not opened" },
	{ "user.id == 1 user.id == 2", 13, "\"and\" or \"or\" is missing before user.id" },
	{ "user.id in 1", 11, "a list in parentheses" },
	{ "user.id in (1", 11, "this parenthesis is not closed" },
	{ "user.id in (1 2)", 14, "a comma or \")\" is missing before 2" },
	{ "user.id in ()", 12, "a value is missing before )" },
	{ "user.id == 1 and", 16, "a condition is missing at the end" },
	{ "and user.id == 1", 0, "a condition is missing before and" },
	{ "\"x\" == 1", 0, "a condition begins with a field name" },
	{ "@timestamp > yesterday", 13, "@timestamp is a time" },
	{ "event.category == files", 18, "event.category is never \"files\": it is one of process, file" },
	{ "source.ip == 1.2.3", 13, "\"1.2.3\" is not an IP address" },
	{ "source.ip cidr 1.2.3.4/33", 15, "\"1.2.3.4/33\" is not a network" },
	{ "process.pid == cased 1", 15, "\"cased\" applies to text only" },
	{ "file.path matches \"a(\"", 18, "the pattern is wrong at its byte 2" },
	{ "event.partial == maybe", 17, "event.partial is true or false" },
};

static void test_faults(void **state)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct expr_error error;
		struct expr *e = NULL;

		assert_int_equal(expr_parse(span_of(faults[i].text), &e, &error), -EINVAL);
		assert_null(e);
		if (error.column != faults[i].column || error.length == 0 ||
		    strncmp(error.message, faults[i].message, strlen(faults[i].message)) != 0)
			fail_msg("%s: column %zu: %s", faults[i].text, error.column, error.message);
	}
}

static void test_limits(void **state)
{
	AUTO_BUF b = BUF_INIT;
	struct expr_error error;
	struct expr *e = NULL;

	for (int i = 0; i < EXPR_MAX_DEPTH + 1; i++)
		buf_add_z(&b, "not ");
	buf_add_z(&b, "user.id == 1");
	assert_int_equal(expr_parse(buf_span(&b), &e, &error), -E2BIG);
	assert_int_equal(error.column, 4 * (EXPR_MAX_DEPTH - 1));
	buf_clear(&b);
	buf_add_z(&b, "user.id in (1");
	for (int i = 0; i < EXPR_MAX_NODES; i++)
		buf_add_z(&b, ",1");
	buf_add_z(&b, ")");
	assert_int_equal(expr_parse(buf_span(&b), &e, &error), -E2BIG);
	buf_clear(&b);
	memset(buf_reserve(&b, EXPR_MAX_TEXT + 1), ' ', EXPR_MAX_TEXT + 1);
	b.n = EXPR_MAX_TEXT + 1;
	assert_int_equal(expr_parse(buf_span(&b), &e, &error), -E2BIG);
	assert_null(e);
}

static const char *const texts[] = {
	"", "a", "/usr/bin/curl", "A \"quoted\" \\ one", "and", "caf\xc3\xa9", "\xff\xfe", "\xc2\x85", "\xe2\x80\xae", "x\ny\tz",
	"-1h", "cased", "\x01\x7f", "\xc2", "'",
};

static void test_round_trip(void **state)
{
	struct random_expr r = { .state = 88172645463325252u, .texts = texts, .n_texts = sizeof(texts) / sizeof(*texts),
		.numbers = 70000, .times_from = 0, .times_to = CLOCK_MAX };

	for (int i = 0; i < 20000; i++) {
		AUTO_EXPR *e = random_tree(&r, 4), *back = NULL;
		AUTO_BUF text = BUF_INIT, again = BUF_INIT;
		struct expr_error error;

		assert_non_null(e);
		expr_print(e, &text);
		if (expr_parse(buf_span(&text), &back, &error) < 0)
			fail_msg("%s: column %zu: %s", text.p, error.column, error.message);
		expr_print(back, &again);
		if (!expr_equal(e, back) || !span_eq(buf_span(&text), buf_span(&again)))
			fail_msg("%s became %s", text.p, again.p);
	}
}

static void test_columns(void **state)
{
	AUTO_EXPR *e = parse("user.id == 1 and  not (user.id in (2, 3) or process.end exists)");

	assert_int_equal(e->op, EXPR_AND);
	assert_int_equal(e->kids[0]->from, 0);
	assert_int_equal(e->kids[0]->to, 12);
	assert_int_equal(e->kids[1]->from, 18);
	assert_int_equal(e->kids[1]->to, 63);
	assert_int_equal(e->kids[1]->kids[0]->kids[0]->from, 23);
	assert_int_equal(e->kids[1]->kids[0]->kids[0]->to, 40);
}

static void test_builders(void **state)
{
	const struct field *pid = field_find(SPAN("process.pid")), *name = field_find(SPAN("process.name"));
	AUTO_EXPR *e = NULL, *expected = parse("process.pid == 7 and process.name != \"a b\" and not process.pid == 1");

	e = expr_and(expr_condition(pid, EXPR_EQ, SPAN("7")), expr_condition(name, EXPR_NE, SPAN("a b")));
	e = expr_and(expr_new(EXPR_ALL), e);
	e = expr_and(e, expr_not(expr_not(expr_not(expr_condition(pid, EXPR_EQ, SPAN("1"))))));
	assert_non_null(e);
	assert_true(expr_equal(e, expected));
	assert_null(expr_condition(pid, EXPR_EQ, SPAN("x")));
	assert_null(expr_condition(pid, EXPR_CONTAINS, SPAN("1")));
	assert_null(expr_and(NULL, expr_condition(pid, EXPR_EQ, SPAN("1"))));
	assert_string_equal(expr_op_word(EXPR_STARTSWITH), "startswith");
	assert_null(expr_op_word(EXPR_ALL));
}

static void test_resolve(void **state)
{
	AUTO_EXPR *e = parse("@timestamp > -1h and process.start < now and process.end == 1970-01-02");

	assert_true(e->kids[0]->values[0].relative);
	expr_resolve(e, 10000000);
	assert_int_equal(e->kids[0]->values[0].number, 6400000);
	assert_int_equal(e->kids[1]->values[0].number, 10000000);
	assert_int_equal(e->kids[2]->values[0].number, MS_PER_DAY);
	expr_resolve(e, 10000000);
	assert_int_equal(e->kids[0]->values[0].number, 6400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_cased_word), cmocka_unit_test(test_forms), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_columns),
		cmocka_unit_test(test_builders), cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests_name("expr", tests, NULL, NULL);
}
