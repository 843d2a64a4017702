#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "recorder/netlink.h"

static void assert_says(int error, const struct audit_status *known, const char *words)
{
	const char *text = netlink_explain(error, known);

	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void test_explain(void **state)
{
	struct audit_status locked = { .enabled = 2 }, enabled = { .enabled = 1 };

	assert_says(-EPERM, &locked, "locked until the next boot");
	assert_says(-EPERM, &enabled, geteuid() == 0 ? "container" : "needs root");
	assert_says(-EPERM, NULL, geteuid() == 0 ? "container" : "needs root");
	assert_says(-ECONNREFUSED, NULL, "container");
	assert_says(-EEXIST, NULL, "another process");
	assert_says(-EPROTONOSUPPORT, NULL, "no audit");
	assert_says(-ENOBUFS, NULL, strerror(ENOBUFS));
}

/* Asking needs no privilege to fail cleanly; with it the answers fit each other. */
static void test_ask(void **state)
{
	int fd = netlink_open();
	struct audit_status s = { .enabled = 77 };
	int r;

	if (fd < 0) {
		assert_true(fd == -EPROTONOSUPPORT || fd == -EAFNOSUPPORT || fd == -EPERM);
		return;
	}
	r = netlink_status(fd, &s);
	if (r < 0) {
		assert_true(r == -EPERM || r == -ECONNREFUSED);
		assert_int_equal(s.enabled, 77);
	} else {
		assert_in_range(s.enabled, 0, 2);
	}
	close(fd);
}

static void test_records_and_answers(void **state)
{
	static const int records[] = { AUDIT_USER, AUDIT_LOGIN, AUDIT_FIRST_USER_MSG, AUDIT_SYSCALL, AUDIT_EOE,
	                               AUDIT_CONFIG_CHANGE, AUDIT_ANOM_ABEND, AUDIT_KERNEL };
	static const int answers[] = { NLMSG_ERROR, NLMSG_DONE, AUDIT_GET, AUDIT_LIST_RULES, AUDIT_SIGNAL_INFO,
	                               AUDIT_GET_FEATURE, AUDIT_REPLACE };

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		assert_true(netlink_is_record(records[i]));
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		assert_false(netlink_is_record(answers[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_explain), cmocka_unit_test(test_ask),
		cmocka_unit_test(test_records_and_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
