#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/settings.h"

static char path[] = "/tmp/test-settings-XXXXXX";

static int load(const char *text, struct settings *ret, char **ret_error)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	*ret_error = NULL;
	return settings_load(path, false, ret, ret_error);
}

static void what_is_not_said_has_a_default(void **state)
{
	struct settings s;
	char *error;

	assert_int_equal(load("", &s, &error), 0);
	assert_string_equal(s.database, SETTINGS_DATABASE);
	assert_int_equal(s.source, SOURCE_AUTO);
	assert_int_equal(load("# x\n; y\n[other]\nsource = nonsense\nwhat = ever\n[Recorder]\n", &s, &error), 0);
	assert_int_equal(s.source, SOURCE_AUTO);
}

static void what_is_said_counts(void **state)
{
	struct settings s;
	char *error;

	assert_int_equal(load(" [recorder] \r\n database =  /a b/c=d.db \nsource=multicast", &s, &error), 0);
	assert_string_equal(s.database, "/a b/c=d.db");
	assert_int_equal(s.source, SOURCE_MULTICAST);
}

static void assert_fault(const char *text, const char *where)
{
	struct settings s = { .database = "untouched" };
	char *error;

	assert_int_equal(load(text, &s, &error), -EINVAL);
	assert_non_null(strstr(error, where));
	assert_string_equal(s.database, "untouched");
	free(error);
}

static void faults_have_a_line(void **state)
{
	char long_line[3000] = "[recorder]\ndatabase = /";
	size_t n = strlen(long_line);

	assert_fault("[recorder]\ndatabase = relative.db\n", ": line 2: ");
	assert_fault("\n\n[recorder]\nsource = x\n", ": line 4: ");
	assert_fault("[recorder\n", ": line 1: ");
	assert_fault("[recorder]\nno equals\n", ": line 2: ");
	assert_fault("[recorder]\nunheard = of\n", "no such key");
	assert_fault("[other]\nwhat ever\n", ": line 2: this is neither");
	assert_fault("[recorder]\nsource = autoautoautoautoauto\n", ": line 2: source takes auto");
	assert_fault("[recorder]\ndatabase =\n", ": line 2: database takes");
	memset(long_line + n, 'a', sizeof(long_line) - 1 - n);
	assert_fault(long_line, ": line 2: the path is too long");
}

static void a_missing_file(void **state)
{
	struct settings s;
	char *error = NULL;

	assert_int_equal(settings_load("/nonexistent/x", true, &s, &error), 0);
	assert_string_equal(s.database, SETTINGS_DATABASE);
	assert_int_equal(settings_load("/nonexistent/x", false, &s, &error), -ENOENT);
	assert_string_equal(error, "/nonexistent/x: No such file or directory");
	free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(what_is_said_counts),
		cmocka_unit_test(faults_have_a_line),
		cmocka_unit_test(a_missing_file),
	};
	int fd = mkstemp(path), r;

	if (fd < 0)
		return 1;
	close(fd);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return r;
}
