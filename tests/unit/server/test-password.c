#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "server/password.h"

static void a_hash_knows_its_password(void **state)
{
	AUTO_FREE char *hash = NULL;
	AUTO_FREE char *again = NULL;

	assert_int_equal(password_hash("correct horse battery", &hash), 0);
	assert_int_equal(strncmp(hash, "$y$", 3), 0);
	assert_int_equal(password_hash("correct horse battery", &again), 0);
	assert_string_not_equal(hash, again);
	assert_int_equal(password_check("correct horse battery", hash), 0);
	assert_int_equal(password_check("correct horse battery", again), 0);
	assert_int_equal(password_check("correct horse batterY", hash), -EACCES);
	assert_int_equal(password_check("", hash), -EACCES);
}

static void nobody_has_no_password(void **state)
{
	assert_int_equal(password_check("nobody has this password", NULL), -EACCES);
	assert_int_equal(password_check("anything", "no hash"), -EACCES);
	assert_int_equal(password_check("anything", ""), -EACCES);
	assert_int_equal(password_check("*0", "*0"), -EACCES);
}

static void faults_are_told(void **state)
{
	char longest[PASSWORD_MAX + 2];

	memset(longest, 'x', sizeof(longest));
	longest[PASSWORD_MAX + 1] = '\0';
	assert_non_null(password_fault(longest));
	longest[PASSWORD_MAX] = '\0';
	assert_null(password_fault(longest));
	assert_non_null(password_fault("short"));
	assert_non_null(password_fault("with\na line of its own"));
	assert_non_null(password_fault("not \xff utf-8 at all"));
	assert_null(password_fault("grüne Wiese am Fluß"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_knows_its_password),
		cmocka_unit_test(nobody_has_no_password),
		cmocka_unit_test(faults_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
