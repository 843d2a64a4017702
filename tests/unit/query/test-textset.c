#include "tests/unit/test.h"

#include "recorder/query/textset.h"

static void assert_part(const char *whole, enum field_part part, const char *expected)
{
	struct span got = textset_part(span_of(whole), part);

	assert_int_equal(got.p == NULL, expected == NULL);
	if (expected)
		assert_true(span_eq(got, span_of(expected)));
}

static void test_parts(void **state)
{
	assert_part("/usr/bin/x.tar.gz", PART_WHOLE, "/usr/bin/x.tar.gz");
	assert_part("/usr/bin/x.tar.gz", PART_NAME, "x.tar.gz");
	assert_part("/usr/bin/x.tar.gz", PART_DIRECTORY, "/usr/bin");
	assert_part("/usr/bin/x.tar.gz", PART_EXTENSION, "gz");
	assert_part("/x", PART_DIRECTORY, "/");
	assert_part("/", PART_NAME, NULL);
	assert_part("/", PART_DIRECTORY, "/");
	assert_part("x", PART_DIRECTORY, NULL);
	assert_part("x", PART_NAME, "x");
	assert_part("/a/.bashrc", PART_EXTENSION, NULL);
	assert_part("/a.d/b", PART_EXTENSION, NULL);
	assert_part("/a/b.", PART_EXTENSION, NULL);
	assert_part("", PART_NAME, NULL);
	assert_part("/lxc/web/x.service", PART_CONTAINER, "web");
	assert_part("/lxc/web/x.service", PART_UNIT, "x.service");
	assert_part("", PART_WHOLE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_parts) };

	return cmocka_run_group_tests_name("textset", tests, NULL, NULL);
}
