#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "recorder/type.h"

static void names_and_numbers_meet(void **state)
{
	struct type_table t = { 0 };
	int i = type_by_name(&t, SPAN("SYSCALL"));

	assert_int_equal(t.counts[i].type, 1300);
	assert_int_equal(t.traits[i].kind, TYPE_SYSCALL);
	assert_int_equal(type_by_number(&t, 1300), i);
	i = type_by_name(&t, SPAN("UNKNOWN[1327]"));
	assert_string_equal(t.counts[i].name, "PROCTITLE");
	assert_int_equal(type_by_name(&t, SPAN("PROCTITLE")), i);
	i = type_by_number(&t, 1099);
	assert_string_equal(t.counts[i].name, "UNKNOWN[1099]");
	assert_int_equal(type_number(SPAN("USER_LOGIN")), 1112);
	assert_int_equal(type_number(SPAN("NO_SUCH_TYPE")), -1);
	assert_int_equal(type_number(SPAN("UNKNOWN[banana]")), -1);
	assert_int_equal(type_number(SPAN("UNKNOWN[99999999]")), -1);
	type_table_free(&t);
}

static void new_names_get_numbers_that_stay(void **state)
{
	struct type_table t = { 0 };
	int a = type_by_name(&t, SPAN("FROM_THE_FUTURE")), b = type_by_name(&t, SPAN("FROM_ELSEWHERE"));

	assert_int_equal(t.counts[a].type, 100000);
	assert_int_equal(t.counts[b].type, 100001);
	assert_int_equal(type_by_name(&t, SPAN("FROM_THE_FUTURE")), a);
	assert_false(t.traits[a].single);
	type_table_free(&t);
}

static struct type_traits traits_of(struct type_table *t, struct span name)
{
	int i = type_by_name(t, name);

	assert_true(i >= 0);
	return t->traits[i];
}

static void what_stands_alone(void **state)
{
	struct type_table t = { 0 };

	assert_true(traits_of(&t, SPAN("USER_CMD")).single);
	assert_true(traits_of(&t, SPAN("CRED_ACQ")).single);
	assert_true(traits_of(&t, SPAN("DAEMON_START")).foreign);
	assert_true(traits_of(&t, SPAN("ANOM_LOGIN_FAILURES")).single);
	assert_false(traits_of(&t, SPAN("ANOM_PROMISCUOUS")).single);
	assert_false(traits_of(&t, SPAN("LOGIN")).single);
	assert_false(traits_of(&t, SPAN("AVC")).single);
	assert_false(traits_of(&t, SPAN("CONFIG_CHANGE")).single);
	type_table_free(&t);
}

static void hostile_names_end(void **state)
{
	struct type_table t = { 0 };
	int r = 0;

	for (int i = 0; i < 5000 && r >= 0; i++) {
		char name[32];

		snprintf(name, sizeof(name), "T%d", i);
		r = type_by_name(&t, span_of(name));
	}
	assert_int_equal(r, -E2BIG);
	assert_int_equal(t.n, 4096);
	assert_true(type_by_name(&t, SPAN("T17")) >= 0);
	type_table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_meet),
		cmocka_unit_test(new_names_get_numbers_that_stay),
		cmocka_unit_test(what_stands_alone),
		cmocka_unit_test(hostile_names_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
