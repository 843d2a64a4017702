#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/syscall.h>

#include "recorder/event.h"
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
	size_t n = rules_build(&(struct rules_wish){ .self = 4711 }, rules);

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
	size_t n = rules_build(&(struct rules_wish){ .self = 1 }, rules);

	for (size_t i = 0; i < n; i++) {
		assert_true(rules_is_ours(&rules[i].data, sizeof(rules[i].data) + rules[i].data.buflen));
		assert_false(rules_is_ours(&rules[i].data, sizeof(rules[i].data))); /* the key is cut off */
		assert_false(rules_is_ours(&rules[i].data, 10));
	}
}

static void test_calls(void **state)
{
	size_t n = rules_build(&(struct rules_wish){ .self = 1 }, rules);
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
	size_t n = rules_build(&(struct rules_wish){ .self = 1 }, rules);

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
	size_t plain = rules_build(&(struct rules_wish){ .self = 1 }, rules);
	size_t n = rules_build(&(struct rules_wish){ .self = 1, .sendto = true }, rules);
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
	size_t n = rules_build(&(struct rules_wish){ .self = 1 }, rules);

	for (size_t i = 0; i < n; i++) {
		const struct audit_rule_data *r = &rules[i].data;

		if (r->action != AUDIT_ALWAYS || !has_call(r, SYS_openat) || value_of(r, AUDIT_ARCH) == AUDIT_ARCH_I386)
			continue;
		assert_int_equal(value_of(r, AUDIT_ARG2), 01 | 02 | 0100 | 01000);
		return;
	}
	fail_msg("no rule for openat");
}

static int asked_for(size_t n, int number)
{
#if defined(__x86_64__)
	return recording(n, AUDIT_ARCH_X86_64, number);
#else
	return recording(n, AUDIT_ARCH_AARCH64, number);
#endif
}

static void test_kinds_off(void **state)
{
	struct rules_wish w = { .self = 1, .off = 1 << EVENT_FILE };
	size_t all = rules_build(&(struct rules_wish){ .self = 1 }, rules), n = rules_build(&w, rules);

	assert_true(n < all);
	assert_int_equal(asked_for(n, SYS_openat) + asked_for(n, SYS_unlinkat) + asked_for(n, SYS_mount), 0);
	assert_int_equal(asked_for(n, SYS_setresuid), 1);
	assert_int_equal(asked_for(n, SYS_connect), 1);
	w.off = 1 << EVENT_NETWORK | 1 << EVENT_DRIVER | 1 << EVENT_SECURITY | 1 << EVENT_PROCESS;
	w.sendto = true;
	n = rules_build(&w, rules);
	assert_int_equal(asked_for(n, SYS_connect) + asked_for(n, SYS_accept4) + asked_for(n, SYS_bind) +
	                 asked_for(n, SYS_sendto) + asked_for(n, SYS_finit_module), 0);
	assert_int_equal(asked_for(n, SYS_execve), 1);
	assert_int_equal(asked_for(n, SYS_ptrace), 2);
	assert_int_equal(asked_for(n, SYS_openat), 1);
}

/* Users are left out of what they do to files and on the network, not of what runs. */
static void test_users(void **state)
{
	struct rules_wish w = { .self = 1, .users = { 33, 1000 }, .n_users = 2 };
	size_t n = rules_build(&w, rules);

	assert_true(n < RULES_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct audit_rule_data *r = &rules[i].data;
		int others = 0;

		for (uint32_t k = 0; k < r->field_count; k++)
			others += r->fields[k] == AUDIT_EUID && r->fieldflags[k] == AUDIT_NOT_EQUAL;
		if (r->action != AUDIT_ALWAYS || value_of(r, AUDIT_ARCH) == AUDIT_ARCH_I386)
			continue;
		if (has_call(r, SYS_openat) || has_call(r, SYS_unlinkat) || has_call(r, SYS_connect))
			assert_int_equal(others, 2);
		if (has_call(r, SYS_execve) || has_call(r, SYS_setresuid) || has_call(r, SYS_finit_module))
			assert_int_equal(others, 0);
	}
	assert_int_equal(asked_for(n, SYS_unlinkat), 1);
	assert_int_equal(asked_for(n, SYS_setresuid), 1);
}

static void test_left_out(void **state)
{
	struct rules_wish w = { .self = 1, .n_left_out = 2,
		.left_out = { { RULES_FOLDER, "/proc" }, { RULES_EXECUTABLE, "/usr/bin/backup" } } };
	size_t plain = rules_build(&w, rules), n;

	assert_int_equal(plain, rules_build(&(struct rules_wish){ .self = 1 }, rules)); /* not alone: nothing is held back */
	w.alone = true;
	n = rules_build(&w, rules);
	assert_int_equal(n, plain + 2);
	for (size_t i = 1; i <= 2; i++) {
		const struct rules_rule *r = &rules[i];

		assert_int_equal(r->data.action, AUDIT_NEVER);
		assert_true(r->data.flags & AUDIT_FILTER_PREPEND);
		assert_true(rules_is_ours(&r->data, sizeof(r->data) + r->data.buflen));
		assert_true(has_call(&r->data, SYS_openat));
		assert_false(has_call(&r->data, SYS_execve) || has_call(&r->data, SYS_setuid) || has_call(&r->data, 231));
		assert_int_equal(has_call(&r->data, SYS_renameat2), i == 2); /* of two paths only one may be in the folder */
		assert_int_equal(has_call(&r->data, SYS_connect), i == 2);
	}
	assert_int_equal(value_of(&rules[1].data, AUDIT_DIR), 5);
	assert_memory_equal(rules[1].buf, "/procspoor", 10);
	assert_memory_equal(rules[2].buf, "/usr/bin/backupspoor", 20);
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
		cmocka_unit_test(test_kinds_off), cmocka_unit_test(test_users), cmocka_unit_test(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
