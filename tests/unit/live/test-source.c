#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/netlink.h"
#include "recorder/selftest.h"
#include "recorder/source.h"

static struct {
	int n;
	char last[64];
	size_t longest;
} got;

static void take(int type, struct span line, void *data)
{
	assert_int_equal(type, SOURCE_LINE);
	got.n++;
	got.longest = line.n > got.longest ? line.n : got.longest;
	assert_true(line.n > 0);
	snprintf(got.last, sizeof(got.last), "%.*s", (int)(line.n < 60 ? line.n : 60), line.p);
}

static void write_all(int fd, const char *p, size_t n)
{
	assert_int_equal(write(fd, p, n), n);
}

static void lines_of_a_plugin(void **state)
{
	struct source *s = NULL;
	int ends[2], r;

	assert_int_equal(pipe(ends), 0);
	r = source_open(SOURCE_PLUGIN, ends[0], take, NULL, &s);
	if (r == -EPROTONOSUPPORT)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(source_fd(s), ends[0]);
	assert_int_equal(source_state(s).kind, SOURCE_PLUGIN);
	assert_false(source_look(s));
	write_all(ends[1], "type=A msg=", 11);
	assert_int_equal(source_drain(s), 0);
	assert_int_equal(got.n, 0);
	write_all(ends[1], "1\n\ntype=B\ntype", 14);
	assert_int_equal(source_drain(s), 0);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.last, "type=B");
	write_all(ends[1], "=C\n", 3);
	assert_int_equal(source_drain(s), 0);
	assert_string_equal(got.last, "type=C");
	close(ends[1]);
	assert_int_equal(source_drain(s), -ENODATA);
	source_free(s);
	close(ends[0]);
}

static void a_line_without_end_is_dropped(void **state)
{
	static char part[32768];
	struct source *s = NULL;
	int ends[2], r;

	memset(part, 'x', sizeof(part));
	memset(&got, 0, sizeof(got));
	assert_int_equal(pipe(ends), 0);
	r = source_open(SOURCE_PLUGIN, ends[0], take, NULL, &s);
	if (r == -EPROTONOSUPPORT)
		skip();
	assert_int_equal(r, 0);
	for (int i = 0; i < 100; i++) {
		write_all(ends[1], part, sizeof(part));
		assert_int_equal(source_drain(s), 0);
	}
	write_all(ends[1], "x\ntype=D\n", 9);
	assert_int_equal(source_drain(s), 0);
	assert_int_equal(got.n, 1);
	assert_string_equal(got.last, "type=D");
	source_free(s);
	close(ends[0]);
	close(ends[1]);
}

static void kinds_have_names(void **state)
{
	enum source_kind kind;

	for (int k = SOURCE_AUTO; k <= SOURCE_PLUGIN; k++) {
		assert_int_equal(source_kind_parse(source_kind_name((enum source_kind)k), &kind), 0);
		assert_int_equal(kind, k);
	}
	assert_int_equal(source_kind_parse("netlink", &kind), -EINVAL);
}

static void the_self_test_knows_its_record(void **state)
{
	struct selftest t = { .pid = 321 };

	selftest_record(&t, SPAN("audit(1.0:1): arch=c000003e syscall=231 ppid=321 pid=32 auid=0"));
	assert_false(t.seen);
	selftest_record(&t, SPAN("audit(1.0:1): pid=321 uid=0"));
	assert_false(t.seen);
	selftest_record(&t, SPAN("audit(1.0:1): arch=c000003e syscall=231 ppid=3 pid=321 auid=0"));
	assert_true(t.seen);
}

static void the_self_test_waits_then_fails(void **state)
{
	struct selftest t = { .pid = 0 };

	assert_int_equal(selftest_look(&t), SELFTEST_NOT_RUN);
	assert_int_equal(selftest_start(&t), 0);
	assert_int_equal(selftest_look(&t), SELFTEST_WAITING);
	t.until = 1;
	assert_int_equal(selftest_look(&t), SELFTEST_FAILED);
	t.seen = true;
	assert_int_equal(selftest_look(&t), SELFTEST_PASSED);
}

static void assert_cause(struct audit_status s, struct rules_present r, bool plugin, const char *words)
{
	assert_non_null(strstr(selftest_cause(&s, &r, plugin), words));
}

static void each_failure_has_its_likely_cause(void **state)
{
	struct rules_present ours = { .ours = 12 };

	assert_non_null(strstr(selftest_cause(NULL, NULL, false), "capability"));
	assert_cause((struct audit_status){ .enabled = 1, .pid = 1 }, (struct rules_present){ .ours = 12, .never_task = true },
	             false, "never,task");
	assert_cause((struct audit_status){ .enabled = 2, .pid = 1 }, (struct rules_present){ .others = 3 }, false, "-e 2");
	assert_cause((struct audit_status){ .enabled = 0, .pid = 1 }, ours, false, "audit=0");
	assert_cause((struct audit_status){ .enabled = 1, .pid = 1 }, (struct rules_present){ .others = 3 }, false, "not there");
	assert_cause((struct audit_status){ .enabled = 1, .pid = 1 }, ours, true, "plugin");
	assert_cause((struct audit_status){ .enabled = 1 }, ours, false, "container");
	assert_cause((struct audit_status){ .enabled = 1, .pid = 1 }, ours, false, "overloaded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_a_plugin),
		cmocka_unit_test(a_line_without_end_is_dropped),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(the_self_test_knows_its_record),
		cmocka_unit_test(the_self_test_waits_then_fails),
		cmocka_unit_test(each_failure_has_its_likely_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
