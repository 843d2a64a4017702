#include "tests/unit/test.h"

#include "recorder/syscall-record.h"

static void all_fields_of_a_call(void **state)
{
	struct syscall_record r;

	syscall_record_parse(SPAN("arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ffe2F74 a2=241 a3=1b6 "
				  "items=2 ppid=10 pid=11 auid=1000 uid=1 gid=2 euid=3 suid=4 fsuid=5 egid=6 sgid=7 "
				  "fsgid=8 tty=pts0 ses=9 comm=\"a b\" exe=2F61 key=(null)\035UID=\"root\" EUID=\"x\""),
			     &r);
	assert_int_equal(r.arch, 0xc000003e);
	assert_int_equal(r.number, 257);
	assert_int_equal(r.success, 0);
	assert_int_equal(r.exit, -13);
	assert_int_equal(r.a[0], 0xffffff9c);
	assert_int_equal(r.a[1], 0x7ffe2f74);
	assert_int_equal(r.a[3], 0x1b6);
	assert_int_equal(r.items, 2);
	assert_int_equal(r.ppid, 10);
	assert_int_equal(r.pid, 11);
	assert_int_equal(r.auid, 1000);
	assert_int_equal(r.uid, 1);
	assert_int_equal(r.gid, 2);
	assert_int_equal(r.euid, 3);
	assert_int_equal(r.egid, 6);
	assert_int_equal(r.session, 9);
	assert_int_equal(r.comm.value.n, 3);
	assert_int_equal(r.exe.quote, 0);
	assert_memory_equal(r.enrichment.p, "UID=", 4);
}

static void what_is_missing_is_unknown(void **state)
{
	struct syscall_record r;

	syscall_record_parse(SPAN("arch=zz a0=zz auid=4294967295 success=\"yes\" tty=\"(none)\""), &r);
	assert_int_equal(r.success, 1);
	assert_int_equal(r.auid, -1);
	assert_int_equal(r.pid, -1);
	assert_int_equal(r.a[0], 0);
	assert_null(r.exe.key.p);
	assert_null(r.enrichment.p);
	assert_int_equal(r.tty.value.n, 6);
	syscall_record_parse(SPAN("a0=3"), &r);
	assert_int_equal(r.success, -1);
	syscall_record_parse(SPAN_NONE, &r);
	assert_int_equal(r.ppid, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields_of_a_call),
		cmocka_unit_test(what_is_missing_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
