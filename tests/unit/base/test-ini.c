#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/ini.h"

struct got {
	struct buf text;
	int64_t number;
	bool choice;
	enum log_level level;
};

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct span section = line->section, key = line->key, value = line->value;
	struct got *got = data;

	if (!key.p && span_eq(section, SPAN("unheard")))
		return -EINVAL;
	if (!key.p && span_eq(section, SPAN("long"))) {
		buf_printf(why, "%0600d", 0);
		return -EINVAL;
	}
	if (!key.p) {
		buf_printf(&got->text, "%zu %.*s;", line->number, SPAN_FMT(section));
		return 0;
	}
	if (span_eq(key, SPAN("number")))
		return ini_number(value, 1, 9, why, &got->number);
	if (span_eq(key, SPAN("choice")))
		return ini_choice(value, why, &got->choice);
	if (span_eq(key, SPAN("level")))
		return ini_level(value, why, &got->level);
	buf_printf(&got->text, "%.*s/%.*s=%.*s;", SPAN_FMT(section), SPAN_FMT(key), SPAN_FMT(value));
	return 0;
}

static void keys_come_with_their_section(void **state)
{
	struct got got = { 0 };
	AUTO_BUF why = BUF_INIT;

	assert_int_equal(ini_read(SPAN("# note\n[one]\r\n a = b c \r\n;x=y\n\nempty=\n[two]\na==\nnumber = 9\nchoice = yes\n"
				       "level = warning"), take, &why, &got), 0);
	assert_string_equal(got.text.p, "2 one;one/a=b c;one/empty=;7 two;two/a==;");
	assert_int_equal(got.number, 9);
	assert_true(got.choice);
	assert_int_equal(got.level, LOG_LEVEL_WARNING);
	buf_free(&got.text);
}

static void faults_have_their_line(void **state)
{
	static const struct { struct span text; const char *why; } cases[] = {
		{ SPAN("a = b"), "1: \"a\" stands before the first section" },
		{ SPAN("[a]\nb"), "2: this is neither [SECTION] nor KEY = VALUE" },
		{ SPAN("\n\n[a"), "3: a section ends with \"]\"" },
		{ SPAN("["), "1: a section ends with \"]\"" },
		{ SPAN("[a]\nb=\0c"), "2: it has a NUL byte" },
		{ SPAN("[a]\nnumber = 10"), "2: a number from 1 to 9 is wanted, not \"10\"" },
		{ SPAN("[a]\nchoice = on"), "2: yes or no is wanted, not \"on\"" },
		{ SPAN("[a]\nlevel = loud"), "2: error, warning, info or debug is wanted, not \"loud\"" },
		{ SPAN("[a]\n[unheard]"), "2: Invalid argument" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct got got = { 0 };
		AUTO_BUF why = BUF_INIT;

		assert_int_equal(ini_read(cases[i].text, take, &why, &got), -EINVAL);
		assert_string_equal(why.p, cases[i].why);
		buf_free(&got.text);
	}
}

static void long_reasons_are_cut(void **state)
{
	struct got got = { 0 };
	AUTO_BUF why = BUF_INIT;

	assert_int_equal(ini_read(SPAN("[long]"), take, &why, &got), -EINVAL);
	assert_int_equal(why.n, strlen("1: ") + 512);
}

static void names_have_no_case(void **state)
{
	assert_true(ini_is(SPAN("Record"), "record"));
	assert_false(ini_is(SPAN("records"), "record"));
	assert_false(ini_is(SPAN_NONE, "record"));
	assert_true(ini_is(SPAN_NONE, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_with_their_section),
		cmocka_unit_test(faults_have_their_line),
		cmocka_unit_test(long_reasons_are_cut),
		cmocka_unit_test(names_have_no_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
