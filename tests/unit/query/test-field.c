#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/query/expr.h"
#include "recorder/query/field-def.h"

static void test_table(void **state)
{
	const struct field *f;
	size_t n = 0;

	for (; (f = field_at(n)); n++) {
		AUTO_EXPR *e = NULL;
		struct expr_error error;

		assert_ptr_equal(field_find(span_of(f->name)), f);
		assert_true(strlen(f->about) > 5 && f->about[strlen(f->about) - 1] == '.');
		assert_non_null(strstr(f->example, f->name));
		if (expr_parse(span_of(f->example), &e, &error) < 0)
			fail_msg("%s: %s", f->example, error.message);
	}
	assert_true(n > 50);
}

/* No name or alias means two things. */
static void test_aliases(void **state)
{
	const struct field *f;

	for (size_t i = 0; (f = field_at(i)); i++) {
		struct span rest = span_of(field_def(f)->aliases), alias;

		while (field_def(f)->aliases && span_next(&rest, ' ', &alias))
			assert_ptr_equal(field_find(alias), f);
	}
	assert_string_equal(field_find(SPAN("Event.TIME"))->name, "@timestamp");
	assert_string_equal(field_find(SPAN("auditd.sequence"))->name, "event.serial");
	assert_null(field_find(SPAN("")));
	assert_null(field_find(SPAN("process")));
}

static void test_nearest(void **state)
{
	assert_string_equal(field_nearest(SPAN("proces.name"))->name, "process.name");
	assert_string_equal(field_nearest(SPAN("executable"))->name, "process.executable");
	assert_string_equal(field_nearest(SPAN("file.paht"))->name, "file.path");
	assert_null(field_nearest(SPAN("x")));
	assert_null(field_nearest(SPAN("qqqqqqqqqqqqqqqqqq")));
	assert_null(field_nearest((struct span){ "", 0 }));
}

static void test_words(void **state)
{
	const struct field *category = field_find(SPAN("event.category")), *action = field_find(SPAN("event.action"));
	int64_t n = 0;

	assert_string_equal(field_word_at(category, 0), "process");
	assert_null(field_word_at(category, 100));
	assert_null(field_word_at(field_find(SPAN("network.type")), 100));
	assert_null(field_word_at(field_find(SPAN("process.pid")), 0));
	assert_int_equal(field_word_number(category, SPAN("Network"), &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(field_word_number(action, SPAN("renamepath"), &n), 0);
	assert_int_equal(n, 203);
	assert_int_equal(field_word_number(action, SPAN("nothing"), &n), -ENOENT);
	assert_int_equal(n, 203);
}

static void test_errno(void **state)
{
	int64_t n = 0;

	assert_int_equal(field_errno_number(SPAN("econnrefused"), &n), 0);
	assert_int_equal(n, ECONNREFUSED);
	assert_string_equal(field_errno_name(ENOENT), "ENOENT");
	assert_string_equal(field_errno_name(EAGAIN), "EAGAIN");
	assert_null(field_errno_name(0));
	assert_int_equal(field_errno_number(SPAN("E"), &n), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table), cmocka_unit_test(test_aliases), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_words), cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
