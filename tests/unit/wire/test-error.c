#include "tests/unit/test.h"

#include <errno.h>

#include "agent/wire/error.h"

static void errors_have_their_names(void **state)
{
	assert_string_equal(error_name(-ENOENT), "ENOENT");
	assert_string_equal(error_name(ERANGE), "ERANGE");
	assert_string_equal(error_name(EACCES), "EACCES");
	assert_string_equal(error_name(-ENOTTY), "EIO"); /* not between programs */
	assert_string_equal(error_name(0), "EIO");
}

static void names_have_their_errors(void **state)
{
	assert_int_equal(error_number(SPAN("ENOENT")), -ENOENT);
	assert_int_equal(error_number(SPAN("ERANGE")), -ERANGE);
	assert_int_equal(error_number(SPAN("ENOTTY")), -EIO);
	assert_int_equal(error_number(SPAN("enoent")), -EIO);
	assert_int_equal(error_number(SPAN_NONE), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_have_their_names),
		cmocka_unit_test(names_have_their_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
