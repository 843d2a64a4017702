#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/syscall.h>

#include "recorder/rules.h"

static struct rules_rule rules[RULES_MAX];

static uint32_t value_of(const struct audit_rule_data *r, uint32_t field)
{
	for (uint32_t i = 0; i < r->field_count; i++)
		if (r->fields[i] == field)
			return r->values[i];
	return 0;
}

static bool has_call(const struct audit_rule_data *r, int number)
{
	return r->mask[AUDIT_WORD(number)] & AUDIT_BIT(number);
}

/* How many of the rules for the table record the call, whatever else they ask for. */
static int recording(size_t n, uint32_t arch, int number)
{
	int found = 0;

	for (size_t i = 0; i < n; i++)
		found += rules[i].data.action == AUDIT_ALWAYS && value_of(&rules[i].data, AUDIT_ARCH) == arch &&
		         has_call(&rules[i].data, number);
	return found;
}

static void test_self_first(void **state)
{
	size_t n = rules_build(4711, 0, rules);

	assert_true(n > 1 && n < RULES_MAX);
	assert_int_equal(rules[0].data.action, AUDIT_NEVER);
	assert_int_equal(rules[0].data.flags, AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND);
	assert_int_equal(value_of(&rules[0].data, AUDIT_PID), 4711);
	assert_true(has_call(&rules[0].data, 0) && has_call(&rules[0].data, SYS_connect));
	for (size_t i = 1; i < n; i++)
		assert_int_equal(rules[i].data.action, AUDIT_ALWAYS);
}

static void test_all_ours(void **state)
{
	size_t n = rules_build(1, 0, rules);

	for (size_t i = 0; i < n; i++) {
		assert_true(rules_is_ours(&rules[i].data, sizeof(rules[i].data) + rules[i].data.buflen));
		assert_false(rules_is_ours(&rules[i].data, sizeof(rules[i].data))); /* the key is cut off */
		assert_false(rules_is_ours(&rules[i].data, 10));
	}
}

static void test_calls(void **state)
{
	size_t n = rules_build(1, 0, rules);
#if defined(__x86_64__)
	uint32_t native = AUDIT_ARCH_X86_64;

	assert_int_equal(recording(n, AUDIT_ARCH_I386, 11), 1);  /* execve */
	assert_int_equal(recording(n, AUDIT_ARCH_I386, 5), 1);   /* open */
	assert_int_equal(recording(n, AUDIT_ARCH_I386, 38), 1);  /* rename */
	assert_int_equal(recording(n, AUDIT_ARCH_I386, 102), 2); /* socketcall: bind to accept, accept4 */
	assert_int_equal(recording(n, AUDIT_ARCH_I386, 362), 1); /* connect */
	assert_int_equal(recording(n, native, SYS_open), 1);
	assert_int_equal(recording(n, native, SYS_creat), 1);
#else
	uint32_t native = AUDIT_ARCH_AARCH64;
#endif
	static const int calls[] = { SYS_execve, SYS_execveat, SYS_exit_group, SYS_openat, SYS_unlinkat, SYS_renameat2,
	                             SYS_mkdirat, SYS_mknodat, SYS_connect, SYS_accept, SYS_accept4, SYS_bind, SYS_listen,
	                             SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_setxattr, SYS_fremovexattr,
	                             SYS_utimensat, SYS_truncate, SYS_mount, SYS_umount2, SYS_setresuid, SYS_setgid,
	                             SYS_capset, SYS_init_module, SYS_finit_module, SYS_delete_module, 425 };

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		assert_int_equal(recording(n, native, calls[i]), 1);
	assert_int_equal(recording(n, native, SYS_read), 0);
	assert_int_equal(recording(n, native, SYS_ptrace), 2);
	assert_int_equal(recording(n, native, SYS_sendto), 0);
	assert_int_equal(recording(n, native, SYS_ftruncate), 0);
	assert_int_equal(recording(n, native, SYS_exit), 0); /* the end of a thread, not of a process */
}

/* What gives a row only when it worked is not recorded when it did not. */
static void test_success_only(void **state)
{
	size_t n = rules_build(1, 0, rules);

	for (size_t i = 1; i < n; i++) {
		const struct audit_rule_data *r = &rules[i].data;

		if (has_call(r, SYS_openat) || has_call(r, SYS_unlinkat))
			assert_int_equal(value_of(r, AUDIT_SUCCESS), 1);
		if (value_of(r, AUDIT_ARCH) != AUDIT_ARCH_I386 && (has_call(r, SYS_connect) || has_call(r, SYS_execve)))
			assert_int_equal(value_of(r, AUDIT_SUCCESS), 0);
	}
}

static void test_by_option(void **state)
{
	size_t plain = rules_build(1, 0, rules), n = rules_build(1, RULES_SENDTO, rules);
#if defined(__x86_64__)
	uint32_t native = AUDIT_ARCH_X86_64;

	assert_int_equal(recording(n, AUDIT_ARCH_I386, 102), 4);
#else
	uint32_t native = AUDIT_ARCH_AARCH64;
#endif

	assert_true(n > plain && n < RULES_MAX);
	assert_int_equal(recording(n, native, SYS_sendto), 1);
	assert_int_equal(recording(n, native, SYS_sendmsg), 1);
}

static void test_open_for_writing(void **state)
{
	size_t n = rules_build(1, 0, rules);

	for (size_t i = 0; i < n; i++) {
		const struct audit_rule_data *r = &rules[i].data;

		if (r->action != AUDIT_ALWAYS || !has_call(r, SYS_openat) || value_of(r, AUDIT_ARCH) == AUDIT_ARCH_I386)
			continue;
		assert_int_equal(value_of(r, AUDIT_ARG2), 01 | 02 | 0100 | 01000);
		return;
	}
	fail_msg("no rule for openat");
}

/* A rule of somebody else whose other strings look like our key. */
static void test_others(void **state)
{
	struct {
		struct audit_rule_data data;
		char buf[16];
	} r = { .data = { .flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS, .field_count = 2 } };

	r.data.fields[0] = AUDIT_WATCH;
	r.data.values[0] = 5;
	r.data.fields[1] = AUDIT_FILTERKEY;
	r.data.values[1] = 6;
	r.data.buflen = 11;
	memcpy(r.buf, "spoorspoor2", 11);
	assert_false(rules_is_ours(&r.data, sizeof(r.data) + 11));
	r.data.values[1] = 5;
	r.data.buflen = 10;
	assert_true(rules_is_ours(&r.data, sizeof(r.data) + 10));
	r.data.values[0] = 4000000000; /* longer than what is there */
	assert_false(rules_is_ours(&r.data, sizeof(r.data) + 10));
	r.data.field_count = AUDIT_MAX_FIELDS + 1;
	assert_false(rules_is_ours(&r.data, sizeof(r.data) + 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self_first), cmocka_unit_test(test_all_ours), cmocka_unit_test(test_calls),
		cmocka_unit_test(test_success_only), cmocka_unit_test(test_by_option),
		cmocka_unit_test(test_open_for_writing), cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
