#include "tests/unit/test.h"

#include <unistd.h>

#include "agent/base/log.h"
#include "agent/base/cmd.h"

struct taken {
	const char *db, *config;
	bool quiet;
	int first; /* argument that is none */
};

static int take(struct taken *t, const char *const *words)
{
	char *argv[16] = { NULL };
	int argc = 0, r;
	const struct options_option options[] = {
		{ "db", 0, NULL, &t->db }, { "config", 'c', NULL, &t->config }, { "quiet", 'q', &t->quiet, NULL },
		{ NULL, 0, NULL, NULL },
	};

	*t = (struct taken){ 0 };
	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	optind = 0; /* getopt(3): begin anew */
	r = cmd_options("the help\n", options, argc, argv);
	t->first = optind;
	return r;
}

#define TAKE(t, ...) take(t, (const char *const[]){ "test", __VA_ARGS__, NULL })

static void test_taken(void **state)
{
	struct taken t;

	assert_int_equal(TAKE(&t, "log", "--db", "x", "-c", "y", "more"), CMD_GO_ON);
	assert_string_equal(t.db, "x");
	assert_string_equal(t.config, "y");
	assert_false(t.quiet);
	assert_int_equal(t.first, 5); /* arguments go behind the options */
	assert_int_equal(TAKE(&t, "--config=z", "--db", "1", "--db", "2", "-q", "--", "--db"), CMD_GO_ON);
	assert_string_equal(t.config, "z");
	assert_string_equal(t.db, "2");
	assert_true(t.quiet);
	assert_int_equal(t.first, 8);
}

static void test_faults(void **state)
{
	struct taken t;

	assert_int_equal(TAKE(&t, "--nothing"), CMD_USAGE);
	assert_int_equal(TAKE(&t, "-z"), CMD_USAGE);
	assert_int_equal(TAKE(&t, "--db"), CMD_USAGE);
	assert_int_equal(TAKE(&t, "-c"), CMD_USAGE);
	assert_int_equal(TAKE(&t, "--quiet=yes"), CMD_USAGE);
	assert_int_equal(TAKE(&t, "--help"), CMD_OK);
	assert_int_equal(TAKE(&t, "-qh"), CMD_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_taken), cmocka_unit_test(test_faults) };

	log_setup("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
