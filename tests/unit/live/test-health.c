#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/health.h"
#include "recorder/procfs.h"

static char path[] = "/tmp/test-health-XXXXXX";

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void what_is_saved_is_loaded(void **state)
{
	struct health h = { .pid = 77, .pid_start = 1ull << 63, .db = "/var/lib/a b\nc.db", .source = "multicast", .owner = 12,
	                    .wish = "auto", .why = "auditd (pid 12) receives the records", .locked = true, .lost = 5,
	                    .last_loss_ms = -1, .full_since_ms = 1795576763394, .selftest = "failed", .cause = "why",
	                    .closes = "no sock_diag" }, got;

	assert_int_equal(health_save(path, &h), 0);
	assert_int_equal(health_load(path, &got), 0);
	assert_int_equal(got.pid, 77);
	assert_true(got.pid_start == 1ull << 63);
	assert_string_equal(got.db, "/var/lib/a b c.db");
	assert_string_equal(got.source, "multicast");
	assert_string_equal(got.why, h.why);
	assert_string_equal(got.cause, "why");
	assert_string_equal(got.closes, "no sock_diag");
	assert_string_equal(got.exits, "");
	assert_true(got.locked);
	assert_int_equal(got.lost, 5);
	assert_int_equal(got.last_loss_ms, -1);
	assert_true(got.full_since_ms == h.full_since_ms);
	assert_int_equal(got.aside_ms, 0);
}

static void what_is_not_ours_is_refused(void **state)
{
	struct health got = { .pid = 1 };

	write_file("");
	assert_int_equal(health_load(path, &got), -EBADMSG);
	write_file("something else\npid 3\n");
	assert_int_equal(health_load(path, &got), -EBADMSG);
	write_file("spoor recorder status 1\npid three\n");
	assert_int_equal(health_load(path, &got), -EBADMSG);
	write_file("spoor recorder status 1\nsource a-name-that-is-far-too-long\n");
	assert_int_equal(health_load(path, &got), -EBADMSG);
	write_file("spoor recorder status 1\nnew thing\npid\n");
	assert_int_equal(health_load(path, &got), -EBADMSG);
	assert_int_equal(got.pid, 1);
	write_file("spoor recorder status 1\nnew thing\npid 3\ndb\n");
	assert_int_equal(health_load(path, &got), 0);
	assert_int_equal(got.pid, 3);
	assert_int_equal(health_load("/nonexistent/status", &got), -ENOENT);
	assert_int_equal(health_save("/nonexistent/status", &got), -ENOENT);
}

static void a_pid_used_again_is_not_alive(void **state)
{
	struct health h = { .pid = getpid() };

	assert_int_equal(procfs_start_ticks(getpid(), &h.pid_start), 0);
	assert_true(health_alive(&h));
	h.pid_start++;
	assert_false(health_alive(&h));
	h.pid = 0;
	assert_false(health_alive(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_loaded),
		cmocka_unit_test(what_is_not_ours_is_refused),
		cmocka_unit_test(a_pid_used_again_is_not_alive),
	};
	int fd = mkstemp(path), r;

	if (fd < 0)
		return 1;
	close(fd);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return r;
}
