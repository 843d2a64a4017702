#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/kernel-filter.h"

static char dir[] = "/tmp/test-kernel-filter-XXXXXX";

static int setup(void **state)
{
	char path[64], other[64];

	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/program", dir);
	fclose(fopen(path, "w"));
	snprintf(other, sizeof(other), "%s/also", dir);
	if (symlink(path, other) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/two", dir);
	snprintf(other, sizeof(other), "%s/names", dir);
	fclose(fopen(path, "w"));
	return link(path, other);
}

static int teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "%s/program", dir);
	for (const char *const *name = (const char *const[]){ "program", "also", "two", "names", NULL }; *name; name++) {
		snprintf(command, sizeof(command), "%s/%s", dir, *name);
		unlink(command);
	}
	return rmdir(dir);
}

/* Is it left to the memory? */
static bool refused(struct rules_wish *w, enum config_key key, const char *format, const char *value)
{
	char whole[128];
	struct config_exclusion e = { key, 1, whole };

	snprintf(whole, sizeof(whole), "%s%s", format, value);
	return kernel_filter_add(w, &e);
}

static void test_users(void **state)
{
	struct rules_wish w = { 0 };

	assert_false(refused(&w, CONFIG_USER, "", "1234567"));
	assert_false(refused(&w, CONFIG_USER, "", "root"));
	assert_int_equal(w.n_users, 2);
	assert_int_equal(w.users[0], 1234567);
	assert_int_equal(w.users[1], 0);
	assert_true(refused(&w, CONFIG_USER, "", "nobody-is-called-this"));
	assert_true(refused(&w, CONFIG_USER, "", "4294967295"));
	assert_true(refused(&w, CONFIG_USER, "", "-1"));
	for (unsigned i = 2; i < RULES_USERS; i++)
		assert_false(refused(&w, CONFIG_USER, "", "77"));
	assert_true(refused(&w, CONFIG_USER, "", "77"));
}

static void test_files(void **state)
{
	struct rules_wish w = { 0 };

	assert_false(refused(&w, CONFIG_FILE_PREFIX, dir, "/"));
	assert_int_equal(w.left_out[0].what, RULES_FOLDER);
	assert_string_equal(w.left_out[0].path, dir);
	assert_false(refused(&w, CONFIG_FILE_PREFIX, "", "/dev/null"));
	assert_int_equal(w.left_out[1].what, RULES_DEVICE);
	assert_true(refused(&w, CONFIG_FILE_PREFIX, dir, ""));        /* "…-XXXXXX2" has it too */
	assert_true(refused(&w, CONFIG_FILE_PREFIX, dir, "/program"));
	assert_true(refused(&w, CONFIG_FILE_PREFIX, dir, "/nothing/"));
	assert_true(refused(&w, CONFIG_FILE_PREFIX, "", "/proc/self/")); /* a link */
	assert_true(refused(&w, CONFIG_FILE_PREFIX, "", "/"));
	assert_true(refused(&w, CONFIG_FILE_PREFIX, "", "relative/"));
	assert_int_equal(w.n_left_out, 2);
}

static void test_executables(void **state)
{
	struct rules_wish w = { 0 };

	assert_false(refused(&w, CONFIG_EXECUTABLE, dir, "/program"));
	assert_int_equal(w.left_out[0].what, RULES_EXECUTABLE);
	assert_true(refused(&w, CONFIG_EXECUTABLE, dir, "/also"));  /* the kernel would go to what the link leads to */
	assert_true(refused(&w, CONFIG_EXECUTABLE, dir, "/two"));   /* and take its other name for it */
	assert_true(refused(&w, CONFIG_EXECUTABLE, dir, ""));
	assert_true(refused(&w, CONFIG_EXECUTABLE, dir, "/nothing"));
	assert_int_equal(w.n_left_out, 1);
}

static void test_others_stay_in_memory(void **state)
{
	struct rules_wish w = { 0 };

	assert_true(refused(&w, CONFIG_PORT, "", "53"));
	assert_true(refused(&w, CONFIG_ADDRESS, "", "10.0.0.0/8"));
	assert_true(refused(&w, CONFIG_OPERATION, "", "Accept"));
	assert_true(refused(&w, CONFIG_EVENT, "", "user.id == 3"));
	assert_int_equal(w.n_users + w.n_left_out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users), cmocka_unit_test(test_files), cmocka_unit_test(test_executables),
		cmocka_unit_test(test_others_stay_in_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
