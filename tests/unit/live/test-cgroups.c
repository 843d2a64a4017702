#include "tests/unit/test.h"

#include <unistd.h>

#include "recorder/cgroups.h"

static void check(const char *text, const char *want)
{
	struct span got = cgroups_parse(span_of(text));

	if (want ? !span_eq(got, span_of(want)) : got.p != NULL)
		fail_msg("%s: \"%.*s\", not \"%s\"", text, SPAN_FMT(got), want ? want : "(absent)");
}

static void one_path_of_all_trees(void **state)
{
	check("0::/system.slice/ssh.service\n", "/system.slice/ssh.service");
	check("0::/", "/");
	check("2:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abcd\n0::/init.scope\n", "/init.scope");
	check("2:cpu,cpuacct:/docker/abcdef\n1:name=systemd:/user.slice\n0::/\n", "/user.slice");
	check("4:memory:/pod/abc\n3:cpu:/p\n1:name=systemd:/\n0::/\n", "/pod/abc");
	check("0::/a:b:c\n", "/a:b:c");
	check("0::/user.slice/x (deleted)\n", "/user.slice/x (deleted)");
}

static void what_is_no_such_text(void **state)
{
	check("", NULL);
	check("\n\n", NULL);
	check("0:", NULL);
	check("0::", NULL);
	check("0::relative\n", NULL);
	check(":::\n:", NULL);
	check("nonsense\n0::/x", "/x");
}

static void of_processes(void **state)
{
	struct cgroups c = { 0 };
	struct span own = cgroups_of(&c, getpid(), 0);

	if (!own.p) {
		print_message("skipped: this kernel has no control groups\n");
		skip();
	}
	assert_int_equal(own.p[0], '/');
	assert_non_null(cgroups_of(&c, getppid(), 0).p);
	assert_ptr_equal(cgroups_of(&c, INT32_MAX, getpid()).p, own.p); /* it is gone: as its parent */
	assert_null(cgroups_of(&c, INT32_MAX, INT32_MAX - 1).p);
	cgroups_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_path_of_all_trees),
		cmocka_unit_test(what_is_no_such_text),
		cmocka_unit_test(of_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
