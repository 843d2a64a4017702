#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gui/row-copy.h"

static const struct reader_row write_row = {
	.id = (INT64_C(1) << 53) + 2, .time_ms = 1763628901204, .pid = 4711, .action = ACTION_FILE_WRITE,
	.category = EVENT_FILE, .serial = 5021, .count = 1, .uid = -1, .euid = 33, .auid = -1, .session = -1,
	.executable = SPAN("/usr/bin/a \"b\""), .object = SPAN("/tmp/x\ty\n\xff"),
};

static void test_json(void **state)
{
	g_autofree char *json = row_copy_json(&write_row);

	assert_true(g_str_has_prefix(json, "{\"@timestamp\":\"2025-11-20T08:55:01.204Z\",\"event.id\":\"9007199254740994\","));
	assert_non_null(strstr(json, "\"process.pid\":4711,"));
	assert_non_null(strstr(json, "\"process.executable\":\"/usr/bin/a \\\"b\\\"\""));
	assert_non_null(strstr(json, "\"file.path\":\"/tmp/x\\\\ty\\\\n\\\\xff\",\"file.path_hex\":\"2f746d702f7809790aff\"}"));
	assert_null(strstr(json, "user.name"));
}

static void test_tsv(void **state)
{
	struct reader_row r = write_row;
	g_autofree char *tsv = NULL;
	g_auto(GStrv) lines = NULL;
	g_auto(GStrv) names = NULL;
	g_auto(GStrv) values = NULL;

	r.user = SPAN("=cmd()");
	tsv = row_copy_tsv((const struct reader_row *const[]){ &r }, 1);
	lines = g_strsplit(tsv, "\n", -1);
	names = g_strsplit(lines[0], "\t", -1);
	values = g_strsplit(lines[1], "\t", -1);
	assert_int_equal(g_strv_length(lines), 3);
	assert_int_equal(g_strv_length(names), g_strv_length(values));
	for (guint i = 0; names[i]; i++)
		if (strcmp(names[i], "user.name") == 0)
			assert_string_equal(values[i], "'=cmd()");
}

/* One table: a column for what any of them has. */
static void test_tsv_of_many(void **state)
{
	struct reader_row with = write_row, without = write_row;
	const struct reader_row *const rows[] = { &with, &without };
	g_autofree char *tsv = NULL;
	g_auto(GStrv) lines = NULL;

	with.user = SPAN("root");
	without.user = SPAN_NONE;
	tsv = row_copy_tsv(rows, 2);
	lines = g_strsplit(tsv, "\n", -1);
	assert_int_equal(g_strv_length(lines), 4);
	for (int i = 1; i < 3; i++) {
		g_auto(GStrv) names = g_strsplit(lines[0], "\t", -1), values = g_strsplit(lines[i], "\t", -1);

		assert_int_equal(g_strv_length(names), g_strv_length(values));
		for (guint c = 0; names[c]; c++)
			if (strcmp(names[c], "user.name") == 0)
				assert_string_equal(values[c], i == 1 ? "root" : "");
	}
}

static void test_ausearch(void **state)
{
	struct reader_row r = write_row;
	g_autofree char *command = row_copy_ausearch(&r);

	assert_string_equal(command, "ausearch -i --event 5021  # 2025-11-20 08:55:01.204+00:00");
	r.serial = 0;
	assert_null(row_copy_ausearch(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_tsv_of_many),
		cmocka_unit_test(test_ausearch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
