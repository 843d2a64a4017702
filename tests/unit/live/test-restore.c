#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/procfs.h"
#include "recorder/restore.h"

static char dir[] = "/tmp/test-restore-XXXXXX";
static char folder[64], path[80];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(folder, sizeof(folder), "%s/run", dir);
	snprintf(path, sizeof(path), "%s/audit.state", folder);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	rmdir(folder);
	return rmdir(dir);
}

static struct restore_state example(void)
{
	struct restore_state s = { .boot_id = "1e3554e5-3c82-4ff0-a96c-3c5ddae53dc4", .pid = getpid() };

	assert_int_equal(procfs_start_ticks(s.pid, &s.pid_start), 0);
	s.found = (struct audit_status){ .mask = RESTORE_MASK, .enabled = 0, .failure = 2, .rate_limit = 100,
	                                 .backlog_limit = 64, .backlog_wait_time = 15000 };
	s.set = (struct audit_status){ .mask = RESTORE_MASK, .enabled = 1, .failure = 1, .rate_limit = 0,
	                               .backlog_limit = 32768, .backlog_wait_time = 0 };
	return s;
}

static void test_round_trip(void **state)
{
	struct restore_state s = example(), back = { 0 };

	assert_int_equal(restore_save(path, &s), 0);
	assert_int_equal(restore_load(path, s.boot_id, &back), 0);
	assert_int_equal(back.pid, s.pid);
	assert_true(back.pid_start == s.pid_start);
	assert_memory_equal(&back.found, &s.found, sizeof(s.found));
	assert_memory_equal(&back.set, &s.set, sizeof(s.set));
	assert_true(restore_owner_alive(&back));
	back.pid_start++;
	assert_false(restore_owner_alive(&back)); /* a later process with the same pid */
	assert_int_equal(restore_remove(path), 0);
	assert_int_equal(restore_load(path, s.boot_id, &back), -ENOENT);
	assert_int_equal(restore_remove(path), 0);
}

static void test_other_boot(void **state)
{
	struct restore_state s = example(), back;

	assert_int_equal(restore_save(path, &s), 0);
	assert_int_equal(restore_load(path, "00000000-0000-0000-0000-000000000000", &back), -ENOENT);
	assert_int_equal(access(path, F_OK), -1);
}

static void write_text(const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void test_damaged(void **state)
{
	struct restore_state s = example(), back = { .pid = 7 };
	char text[1024];
	size_t n;
	FILE *f;

	assert_int_equal(restore_save(path, &s), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	for (size_t cut = 0; cut < n; cut++) { /* nothing but the whole file is believed */
		write_text(text, cut);
		assert_int_equal(restore_load(path, s.boot_id, &back), -EBADMSG);
	}
	write_text("nonsense\n", 9);
	assert_int_equal(restore_load(path, s.boot_id, &back), -EBADMSG);
	assert_int_equal(back.pid, 7);
}

static void test_plan(void **state)
{
	struct restore_state s = example();
	struct audit_status now = s.set, plan;

	plan = restore_plan(&s, &now);
	assert_int_equal(plan.mask, RESTORE_MASK);
	assert_int_equal(plan.enabled, 0);
	assert_int_equal(plan.failure, 2);
	assert_int_equal(plan.rate_limit, 100);
	assert_int_equal(plan.backlog_limit, 64);
	assert_int_equal(plan.backlog_wait_time, 15000);

	now.backlog_limit = 8192; /* changed by somebody else meanwhile: theirs */
	plan = restore_plan(&s, &now);
	assert_int_equal(plan.mask, RESTORE_MASK & ~AUDIT_STATUS_BACKLOG_LIMIT);

	now = s.set;
	now.pid = (unsigned)s.pid; /* we */
	assert_true(restore_plan(&s, &now).mask & AUDIT_STATUS_ENABLED);
	now.pid = (unsigned)s.pid + 1; /* a daemon that was started after we were killed: it needs auditing */
	plan = restore_plan(&s, &now);
	assert_int_equal(plan.mask, RESTORE_MASK & ~AUDIT_STATUS_ENABLED);

	s.found = s.set;
	plan = restore_plan(&s, &s.set);
	assert_int_equal(plan.mask, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_other_boot), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
