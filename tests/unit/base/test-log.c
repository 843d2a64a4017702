#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/log.h"

static char folder[] = "/tmp/test-log-XXXXXX";
static char path[64];

static int make(void **state)
{
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	log_setup("tester", LOG_LEVEL_INFO);
	return 0;
}

static int forget(void **state)
{
	log_open(NULL, LOG_TEXT);
	unlink(path);
	return rmdir(folder);
}

/* The file's lines from `skip` on, without their times. */
static void has(const char *expected)
{
	FILE *f = fopen(path, "re");
	char text[8192];
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	assert_non_null(strstr(text, expected));
}

static void a_line_has_time_and_level(void **state)
{
	assert_int_equal(log_open(path, LOG_TEXT), 0);
	log_warning("disk %d is full", 3);
	log_debug("not to be seen");
	has("Z warning: disk 3 is full\n");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("to be seen");
	has("Z debug: to be seen\n");
	log_set_level(LOG_LEVEL_INFO);
}

static void json_is_one_line_whatever_is_said(void **state)
{
	assert_int_equal(log_open(path, LOG_JSON), 0);
	log_error("a \"b\" \\ c\nd\xff");
	has("\"level\":\"error\",\"program\":\"tester\",\"text\":\"a \\\"b\\\" \\\\ c\\\\nd\\\\xff\"}\n");
}

static void a_file_that_was_moved_away_is_made_anew(void **state)
{
	assert_int_equal(log_open(path, LOG_TEXT), 0);
	unlink(path);
	log_info("lost");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(log_open("/nonexistent/log", LOG_TEXT), -ENOENT);
	assert_int_equal(log_open(path, LOG_TEXT), 0);
	log_info("kept");
	has("info: kept\n");
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_DEBUG;

	for (unsigned i = 0; i < LOG_LEVELS; i++) {
		assert_true(log_level_named(span_of(log_level_name(i)), &level));
		assert_int_equal(level, i);
	}
	assert_false(log_level_named(SPAN("loud"), &level));
	assert_null(log_level_name(LOG_LEVELS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_and_level),
		cmocka_unit_test(json_is_one_line_whatever_is_said),
		cmocka_unit_test(a_file_that_was_moved_away_is_made_anew),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, make, forget);
}
