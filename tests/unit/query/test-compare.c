/* What two inventories tell differently, decided here case by case; and that the expressions find what they are about. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/compare.h"
#include "tests/unit/query/told-place.h"

enum { ENDED = 1000 };
#define THING(area_, name_, detail_, port_, last_, by_) \
	{ .area = READER_AREA_##area_, .name = SPAN(name_), .detail = SPAN(detail_), .port = port_, .first_ms = 1, \
	  .last_ms = last_, .count = 1, .by = SPAN(by_) }

static struct reader_thing before[] = {
	THING(EXECUTABLE, "/bin/bash", "aa", 0, 10, ""), THING(EXECUTABLE, "/bin/gone", "bb", 0, 10, ""),
	THING(EXECUTABLE, "/bin/unhashed", "", 0, 10, ""), THING(EXECUTABLE, "/bin/upgraded", "11", 0, 10, ""),
	THING(EXECUTABLE, "/bin/upgraded", "12", 0, 20, ""),
	THING(LISTENER, "0.0.0.0", "", 22, 10, "/usr/sbin/sshd"), THING(LISTENER, "0.0.0.0", "", 80, 10, "/usr/sbin/nginx"),
	THING(LISTENER, "0.0.0.0", "", 111, 10, ""),
	THING(ACCOUNT, "alice", "change password", 0, 10, ""),
	THING(MODULE, "/lib/x.ko", "cc", 0, 10, ""),
	THING(AUTOSTART, "/etc/crontab", "Write", 0, 10, ""), THING(AUTOSTART, "/etc/profile", "Write", 0, 10, ""),
};
static struct reader_thing after[] = {
	THING(EXECUTABLE, "/bin/bash", "aa", 0, 2000, ""), THING(EXECUTABLE, "/bin/unhashed", "dd", 0, 2000, ""),
	THING(EXECUTABLE, "/bin/upgraded", "12", 0, 900, ""), THING(EXECUTABLE, "/bin/upgraded", "13", 0, 2000, ""),
	THING(EXECUTABLE, "/tmp/.x", "ee", 0, 2000, ""),
	THING(LISTENER, "0.0.0.0", "", 22, 2000, "/tmp/.x"), THING(LISTENER, "0.0.0.0", "", 111, 2000, "/sbin/rpcbind"),
	THING(LISTENER, "0.0.0.0", "", 4444, 2000, "/tmp/.x"),
	THING(ACCOUNT, "alice", "add to group", 0, 1500, ""), THING(ACCOUNT, "alice", "change password", 0, 10, ""),
	THING(ACCOUNT, "mallory", "add user", 0, 1500, ""),
	THING(MODULE, "/lib/rootkit.ko", "", 0, 1500, ""), THING(MODULE, "/lib/x.ko", "cc", 0, 1500, ""),
	THING(AUTOSTART, "/etc/cron.d/x", "CreateNewFile", 0, 1500, ""), THING(AUTOSTART, "/etc/crontab", "Write", 0, 1500, ""),
	THING(AUTOSTART, "/etc/profile", "Write", 0, 10, ""),
};

static const struct { enum compare_change change; const char *name, *detail; int64_t port; } expected[] = {
	{ COMPARE_NEW, "/tmp/.x", "ee", 0 }, { COMPARE_CHANGED, "/bin/upgraded", "13", 0 }, { COMPARE_GONE, "/bin/gone", "bb", 0 },
	{ COMPARE_NEW, "0.0.0.0", "", 4444 }, { COMPARE_CHANGED, "0.0.0.0", "", 22 }, { COMPARE_GONE, "0.0.0.0", "", 80 },
	{ COMPARE_NEW, "mallory", "add user", 0 }, { COMPARE_CHANGED, "alice", "add to group", 0 },
	{ COMPARE_NEW, "/lib/rootkit.ko", "", 0 },
	{ COMPARE_NEW, "/etc/cron.d/x", "CreateNewFile", 0 }, { COMPARE_CHANGED, "/etc/crontab", "Write", 0 },
};

static struct compare_side side(struct reader_inventory *v, struct reader_thing *things, size_t n)
{
	*v = (struct reader_inventory){ .arena = ARENA_INIT, .things = things, .n = n };
	return (struct compare_side){ v, ENDED };
}

static void what_is_new_changed_and_gone(void **state)
{
	struct reader_inventory a, b;
	struct compare c;
	size_t sum = 0;

	assert_int_equal(compare_inventories(side(&a, before, ARRAY_LEN(before)), side(&b, after, ARRAY_LEN(after)), &c), 0);
	assert_int_equal(c.n, ARRAY_LEN(expected));
	for (size_t i = 0; i < c.n; i++) {
		assert_int_equal(c.items[i].change, expected[i].change);
		assert_true(span_eq(c.items[i].thing->name, span_of(expected[i].name)));
		assert_true(span_eq(c.items[i].thing->detail, span_of(expected[i].detail)));
		assert_int_equal(c.items[i].thing->port, expected[i].port);
		assert_int_equal(c.items[i].before != NULL, c.items[i].change == COMPARE_CHANGED);
	}
	assert_true(span_eq(c.items[1].before->detail, SPAN("12"))); /* what it was last */
	for (int area = 0; area < READER_AREAS; area++)
		for (int change = 0; change < COMPARE_CHANGES; change++)
			sum += c.counts[area][change];
	assert_int_equal(sum, c.n);
	assert_int_equal(c.counts[READER_AREA_LISTENER][COMPARE_GONE], 1);
	compare_free(&c);
}

static void a_recording_has_nothing_new_to_itself(void **state)
{
	struct reader_inventory a, b;
	struct compare c;

	assert_int_equal(compare_inventories(side(&a, before, ARRAY_LEN(before)), side(&b, before, ARRAY_LEN(before)), &c), 0);
	assert_int_equal(c.n, 0);
	compare_free(&c);
	assert_int_equal(compare_inventories(side(&a, NULL, 0), side(&b, NULL, 0), &c), 0);
	assert_int_equal(c.n, 0);
	compare_free(&c);
	assert_int_equal(compare_inventories(side(&a, NULL, 0), side(&b, after, ARRAY_LEN(after)), &c), 0);
	assert_int_equal(c.n, ARRAY_LEN(after)); /* all of it */
	compare_free(&c);
}

static void hosts_are_told_by_name(void **state)
{
	assert_true(compare_same_host(SPAN("web-03"), SPAN("WEB-03")));
	assert_true(compare_same_host(SPAN("web-03"), SPAN_NONE));
	assert_false(compare_same_host(SPAN("web-03"), SPAN("db-01")));
}

/* ---- expressions ---- */

static void tell(struct batch *b)
{
	static const struct file_hash hash = { .sha256 = { 0xaa } };
	static const struct event events[] = {
		{ .action = ACTION_NETWORK_LISTEN, .object = SPAN("0.0.0.0"), .port = 4444 },
		{ .action = ACTION_NETWORK_LISTEN, .object = SPAN("0.0.0.0"), .port = 22 },
		{ .action = ACTION_SECURITY_ACCOUNT, .object = SPAN("mal\"lory"), .object2 = SPAN("add user") },
		{ .action = ACTION_DRIVER_LOAD, .object = SPAN("/lib/\xff.ko") },
		{ .action = ACTION_FILE_RENAME, .object = SPAN("/tmp/x"), .object2 = SPAN("/etc/cron.d/x") },
	};

	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN("b"), 1000 };
	batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = 1, .boot = 1, .pid = 7, .start_ms = 1000,
		.start_known = true, .origin = PROCESS_EXEC };
	batch_add(b, ITEM_IMAGE)->image = (struct image_start){ .id = 1, .process = 1, .start_ms = 1000, .origin = PROCESS_EXEC,
		.executable = SPAN("/bin/bash"), .script = SPAN("/opt/run.sh"), .command_line = SPAN("bash /opt/run.sh"),
		.hash = &hash, .who = { -1, -1, -1, -1, -1, -1, SPAN_NONE, SPAN_NONE, SPAN_NONE, SPAN_NONE } };
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct event *e = &batch_add(b, ITEM_EVENT)->event;

		*e = events[i];
		e->time_ms = 2000 + (int64_t)i * 10000;
		e->image = 1;
	}
}

static int setup(void **state)
{
	return told_place_begin(tell, state);
}

static uint64_t found(struct reader *r, const struct compare_item *item)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_EXPR *where = NULL;
	struct expr_error fault;
	struct reader_count count;

	compare_expression(item, &text);
	if (expr_parse(buf_span(&text), &where, &fault) < 0)
		fail_msg("%s: %s", text.p, fault.message);
	assert_int_equal(r->ops->count(r, NULL, where, READER_ALL_TIME, 0, &count), 0);
	return count.total;
}

static void expressions_find_what_is_new(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_inventory v, none = { .arena = ARENA_INIT };
	struct compare c;

	assert_int_equal(r->ops->inventory(r, NULL, &v), 0);
	assert_int_equal(compare_inventories((struct compare_side){ &none, 0 }, (struct compare_side){ &v, 50000 }, &c), 0);
	assert_int_equal(c.n, 7);
	for (size_t i = 0; i < c.n; i++)
		assert_int_equal(found(r, &c.items[i]), c.items[i].thing->area == READER_AREA_EXECUTABLE ? 5 : 1);
	compare_free(&c);
	reader_inventory_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_changed_and_gone),
		cmocka_unit_test(a_recording_has_nothing_new_to_itself),
		cmocka_unit_test(hosts_are_told_by_name),
		cmocka_unit_test_setup_teardown(expressions_find_what_is_new, setup, told_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
