#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/client/report.h"

static char path[] = "/tmp/spoor-report-XXXXXX";

static void it_comes_back_as_it_was_written(void **state)
{
	struct report r, back;

	report_begin(&r);
	assert_true(report_alive(&r));
	r.state = REPORT_CONNECTED;
	r.since_ms = 1795615718255;
	r.error_ms = 12;
	r.sessions = 3;
	snprintf(r.server, sizeof(r.server), "spoor.example:17444");
	snprintf(r.endpoint, sizeof(r.endpoint), "%064d", 0);
	snprintf(r.error, sizeof(r.error), "two\nlines = one");
	assert_int_equal(report_save(path, &r), 0);
	assert_int_equal(report_load(path, &back), 0);
	assert_int_equal(back.pid, getpid());
	assert_true(report_alive(&back));
	assert_int_equal(back.state, REPORT_CONNECTED);
	assert_int_equal(back.since_ms, r.since_ms);
	assert_int_equal(back.error_ms, 12);
	assert_int_equal(back.sessions, 3);
	assert_string_equal(back.server, r.server);
	assert_string_equal(back.endpoint, r.endpoint);
	assert_string_equal(back.error, "two lines = one");
	back.pid_start++;
	assert_false(report_alive(&back));
}

/* The folder is the client's, and root may write there too: what lies in the way is not followed, opened or written to. */
static void what_lies_in_the_way_is_replaced(void **state)
{
	struct report r, back;
	char beside[sizeof(path) + 4], other[sizeof(path) + 6];
	struct stat st;
	FILE *f;

	snprintf(beside, sizeof(beside), "%s.new", path);
	snprintf(other, sizeof(other), "%s.other", path);
	report_begin(&r);
	f = fopen(other, "w");
	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	assert_int_equal(link(other, beside), 0);
	assert_int_equal(report_save(path, &r), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(mkfifo(beside, 0600), 0);
	assert_int_equal(report_save(path, &r), 0);
	assert_int_equal(report_load(path, &back), 0);
	unlink(other);
}

static void nonsense_is_none(void **state)
{
	static const char *const wrong[] = { "state = lost\n", "pid = x\n", "[client\n", "no equals\n" };
	struct report r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fprintf(f, "[client]\n%s", wrong[i]);
		fclose(f);
		assert_int_equal(report_load(path, &r), -EBADMSG);
	}
	unlink(path);
	assert_int_equal(report_load(path, &r), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back_as_it_was_written),
		cmocka_unit_test(what_lies_in_the_way_is_replaced),
		cmocka_unit_test(nonsense_is_none),
	};

	close(mkstemp(path));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
