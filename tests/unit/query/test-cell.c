#include "tests/unit/test.h"

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/query/cell.h"

static const char *made(void (*cell)(struct buf *, struct span), struct span text, struct buf *out)
{
	buf_clear(out);
	cell(out, text);
	assert_false(out->failed);
	return out->p ? out->p : "";
}

static void test_formulas(void **state)
{
	static const char *const bad[] = { "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "  =1", "＝1", "＋1", "－1", "＠1" };
	AUTO_BUF out = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_true(cell_is_formula(span_of(bad[i])));
		assert_int_equal(*made(cell_inert, span_of(bad[i]), &out), '\'');
		assert_string_equal(out.p + 1, bad[i]);
	}
	assert_false(cell_is_formula(SPAN("a=1")));
	assert_false(cell_is_formula(SPAN("")));
	/* What begins with a tab or a line end begins with a backslash once it is visible. */
	assert_string_equal(made(cell_inert, SPAN("\t=1"), &out), "\\t=1");
	assert_string_equal(made(cell_inert, SPAN("\r=1"), &out), "\\x0d=1");
	assert_string_equal(made(cell_inert, SPAN("\n=1"), &out), "\\n=1");
}

static void test_csv(void **state)
{
	AUTO_BUF out = BUF_INIT;

	assert_string_equal(made(cell_csv, SPAN(""), &out), "\"\"");
	assert_string_equal(made(cell_csv, SPAN("a,b\"c\"\"\n"), &out), "\"a,b\"\"c\"\"\"\"\\n\"");
	assert_string_equal(made(cell_csv, SPAN("\"=1"), &out), "\"\"\"=1\"");
	assert_string_equal(made(cell_csv, SPAN("=\"x\"\xff\0y"), &out), "\"'=\"\"x\"\"\\xff\\x00y\"");
}

static void test_json(void **state)
{
	AUTO_BUF out = BUF_INIT;

	assert_string_equal(made(cell_json, SPAN("a\"b\\c\0\x1b é\xe2\x80\xae\xf0\x9f\x98\x80"), &out),
	                    "\"a\\\"b\\\\c\\u0000\\u001b é\\u202e\xf0\x9f\x98\x80\"");
	assert_string_equal(made(cell_json, SPAN("\xff\n"), &out), "\"\\\\xff\\\\n\"");
	assert_false(cell_is_exact(SPAN("\xff\n")));
	assert_string_equal(made(cell_json_hex, SPAN("\xff\n\0"), &out), "\"ff0a00\"");
}

/* 100 kB of anything: valid UTF-8, in one line, quotes even in number. */
static void test_large(void **state)
{
	static char text[100000];
	AUTO_BUF out = BUF_INIT;
	size_t quotes = 0;
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof(text); i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (char)(x >> 24);
	}
	made(cell_csv, (struct span){ text, sizeof(text) }, &out);
	assert_true(text_is_utf8(buf_span(&out)));
	assert_null(memchr(out.p, '\n', out.n));
	for (size_t i = 0; i < out.n; i++)
		quotes += out.p[i] == '"';
	assert_int_equal(quotes % 2, 0);
	made(cell_json, (struct span){ text, sizeof(text) }, &out);
	assert_true(text_is_utf8(buf_span(&out)));
	assert_null(memchr(out.p, '\n', out.n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formulas), cmocka_unit_test(test_csv), cmocka_unit_test(test_json),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
