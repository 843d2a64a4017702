#include "tests/unit/test.h"

#include <string.h>

#include "gui/find-text.h"
#include "recorder/query/expr.h"

static void parses(const char *text)
{
	struct expr_error e;
	AUTO_EXPR *x = NULL;

	assert_int_equal(expr_parse(span_of(text), &x, &e), 0);
}

static void expressions_stay_what_they_are(void **state)
{
	gboolean text = TRUE;
	g_autofree char *e = find_text_expression(" file.path startswith \"/tmp\" ", "process.entity_id == 7", &text);

	assert_false(text);
	assert_non_null(strstr(e, "file.path startswith"));
	assert_non_null(strstr(e, "process.entity_id == 7"));
	assert_non_null(strstr(e, " and "));
	parses(e);
}

static void other_text_is_looked_for_everywhere(void **state)
{
	static const char *const texts[] = { "curl", "/tmp/x \"y\" \\d", "a == ", "((", "and", "\xff\xfe", "203.0.113.9" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		gboolean text = FALSE;
		g_autofree char *e = find_text_expression(texts[i], NULL, &text);

		assert_non_null(e);
		assert_true(text);
		assert_non_null(strstr(e, "file.path contains"));
		assert_non_null(strstr(e, "destination.address contains"));
		parses(e);
	}
}

static void nothing_is_nothing(void **state)
{
	assert_null(find_text_expression("", "process.entity_id == 7", NULL));
	assert_null(find_text_expression("  ", NULL, NULL));
	assert_null(find_text_expression(NULL, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_stay_what_they_are),
		cmocka_unit_test(other_text_is_looked_for_everywhere),
		cmocka_unit_test(nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
