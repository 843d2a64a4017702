/* Events by who did them, and what a logon caused, of a small story whose every number is known: alice logs in from
 * 203.0.113.9, becomes root with su, and starts what leaves her session; bob has a session of the same number on another
 * boot. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "tests/unit/query/told-place.h"

enum { T = 1000000000, SESSION = 7 };
enum { SSHD = 1, CONNECTION, BASH, SU, ROOTSH, DAEMON, CRON, BOBSH, PROCESSES = BOBSH };

static const struct {
	int64_t parent_image, start, auid, uid, session, boot;
	const char *executable, *user, *cgroup;
} story[PROCESSES + 1] = {
	[SSHD] = { 0, 0, -1, 0, -1, 1, "/usr/sbin/sshd", "root", "/system.slice/ssh.service" },
	[CONNECTION] = { SSHD, 1000, -1, 0, -1, 1, "/usr/sbin/sshd", "root", "/system.slice/ssh.service" },
	[BASH] = { CONNECTION, 2000, 1000, 1000, SESSION, 1, "/bin/bash", "alice", "/user.slice/session-7.scope" },
	[SU] = { BASH, 3000, 1000, 1000, SESSION, 1, "/bin/su", "alice", "/user.slice/session-7.scope" },
	[ROOTSH] = { SU, 3500, 1000, 0, SESSION, 1, "/bin/sh", "root", "/user.slice/session-7.scope" },
	[DAEMON] = { ROOTSH, 4000, -1, 0, -1, 1, "/tmp/.x", NULL, NULL },
	[CRON] = { 0, 100, -1, 0, -1, 1, "/usr/sbin/cron", "root", "/system.slice/cron.service" },
	[BOBSH] = { 0, 9000, 1001, 1001, SESSION, 2, "/bin/bash", "bob", "/user.slice/session-7.scope" },
};

static void event(struct batch *b, int64_t at, int64_t who, enum event_action action, struct span object)
{
	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + at, .image = who, .action = action, .object = object };
}

static void logon(struct batch *b, int64_t at, int64_t who, struct span from, int32_t result)
{
	static const struct event_detail details[] = { { DETAIL_TERMINAL, SPAN("pts/0") },
		                                       { DETAIL_LOGON_TYPE, SPAN("remote interactive") } };

	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + at, .image = who, .action = ACTION_SECURITY_LOGIN,
		.object = SPAN("alice"), .object2 = from, .result = result, .details = details, .n_details = 2 };
}

static void tell(struct batch *b)
{
	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN("b"), T };
	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 2, SPAN("web-03"), SPAN("c"), T + 8000 };
	for (int64_t i = 1; i <= PROCESSES; i++) {
		batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = i, .boot = story[i].boot, .pid = 100 + i,
			.start_ms = T + story[i].start, .start_known = true, .origin = PROCESS_EXEC,
			.parent_image = story[i].parent_image };
		batch_add(b, ITEM_IMAGE)->image = (struct image_start){ .id = i, .process = i, .start_ms = T + story[i].start,
			.origin = PROCESS_EXEC, .executable = span_of(story[i].executable),
			.who = { story[i].auid, story[i].uid, 0, story[i].uid, 0, story[i].session,
			         story[i].user ? span_of(story[i].user) : SPAN_NONE, SPAN_NONE, SPAN_NONE,
			         story[i].cgroup ? span_of(story[i].cgroup) : SPAN_NONE } };
	}
	logon(b, 500, SSHD, SPAN("198.51.100.1"), 0); /* somebody else's, long before */
	logon(b, 1500, CONNECTION, SPAN("198.51.100.2"), EACCES);
	logon(b, 1900, CONNECTION, SPAN("203.0.113.9"), 0);
	for (int i = 0; i < 10; i++)
		event(b, 2100 + i * 100, BASH, ACTION_FILE_WRITE, SPAN("/home/alice/x"));
	for (int i = 0; i < 4; i++)
		event(b, 4100 + i * 100, DAEMON, ACTION_NETWORK_CONNECT, SPAN("192.0.2.1"));
	event(b, 200, CRON, ACTION_FILE_WRITE, SPAN("/var/spool/x"));
	event(b, 300, 0, ACTION_SECURITY_AUDIT_CONFIG, SPAN("nobody's"));
}

static int setup(void **state)
{
	return told_place_begin(tell, state);
}

/* ---- lanes ---- */

static const struct reader_lane *lane(const struct reader_lanes *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (name ? l->lanes[i].name.p && span_eq(l->lanes[i].name, span_of(name)) : !l->lanes[i].name.p)
			return &l->lanes[i];
	return NULL;
}

static void ask(struct reader *r, const char *text, enum reader_group by, size_t bins, size_t max,
                struct reader_lanes *ret)
{
	AUTO_EXPR *where = NULL;
	struct expr_error e;

	if (text)
		assert_int_equal(expr_parse(span_of(text), &where, &e), 0);
	assert_int_equal(r->ops->lanes(r, NULL, where, READER_ALL_TIME, by, bins, max, ret), 0);
	for (size_t i = 0; i < ret->n; i++) {
		uint64_t kinds = 0, binned = 0;

		assert_true(i == 0 || ret->lanes[i - 1].total >= ret->lanes[i].total);
		for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
			kinds += ret->lanes[i].by_category[c];
		for (size_t k = 0; k < ret->n_bins * EVENT_CATEGORY_COUNT; k++)
			binned += ret->lanes[i].counts[k];
		assert_int_equal(kinds, ret->lanes[i].total);
		assert_true(ret->n_bins == 0 || binned == ret->lanes[i].total);
	}
}

static void lanes_tell_who_did_how_much(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_lanes l;

	ask(r, NULL, READER_BY_USER, 20, 50, &l);
	assert_int_equal(lane(&l, "alice")->total, 10);
	assert_int_equal(lane(&l, "root")->total, 4);
	assert_int_equal(lane(&l, "0")->total, 4); /* a user without a name is the number */
	assert_int_equal(lane(&l, NULL)->total, 1);
	assert_int_equal(l.n, 4);
	reader_lanes_free(&l);
	ask(r, NULL, READER_BY_EXECUTABLE, 0, 50, &l);
	assert_int_equal(lane(&l, "/usr/sbin/sshd")->total, 3); /* two processes, one program */
	assert_int_equal(lane(&l, "/bin/bash")->by_category[EVENT_FILE], 10);
	assert_null(l.lanes[0].counts);
	reader_lanes_free(&l);
	ask(r, NULL, READER_BY_CONTAINER, 10, 50, &l);
	assert_int_equal(lane(&l, "ssh.service")->total, 3);
	assert_int_equal(lane(&l, "session-7.scope")->total, 10);
	assert_int_equal(lane(&l, NULL)->total, 5); /* the daemon's and the kernel's */
	reader_lanes_free(&l);
	ask(r, NULL, READER_BY_KIND, 10, 50, &l);
	assert_true(l.n == 3 && l.lanes[0].key == EVENT_FILE && l.lanes[0].total == 11);
	reader_lanes_free(&l);
}

static void lanes_are_limited_and_filtered(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_lanes l;

	ask(r, "event.category == network or process.name == \"bash\"", READER_BY_PROCESS, 4, 1, &l);
	assert_true(l.n == 1 && l.lanes[0].key == BASH && l.lanes[0].total == 10);
	assert_true(l.left_out == 1 && l.events_left_out == 4);
	reader_lanes_free(&l);
	assert_int_equal(r->ops->lanes(r, NULL, NULL, READER_ALL_TIME, READER_GROUPS, 1, 1, &l), -EINVAL);
	assert_int_equal(r->ops->lanes(r, NULL, NULL, READER_ALL_TIME, READER_BY_USER, READER_MAX_BINS, 2000, &l), -EINVAL);
	assert_int_equal(r->ops->lanes(r, NULL, NULL, (struct reader_range){ 5, 5 }, READER_BY_USER, 1, 1, &l), -EINVAL);
}

/* ---- the story ---- */

static void check_story(struct reader *r, int64_t process)
{
	static const int64_t want[] = { CONNECTION, BASH, SU, ROOTSH, DAEMON };
	struct reader_story s;

	assert_int_equal(r->ops->story(r, NULL, process, 100, &s), 0);
	assert_int_equal(s.tree.n, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(s.tree.nodes[i].process, want[i]);
	assert_true(s.session == SESSION && s.auid == 1000 && s.left_out == 0);
	assert_true(span_eq(s.user, SPAN("alice")) && span_eq(s.source, SPAN("203.0.113.9")));
	assert_true(span_eq(s.terminal, SPAN("pts/0")) && span_eq(s.type, SPAN("remote interactive")));
	assert_int_equal(s.logon_ms, T + 1900);
	reader_story_free(&s);
}

static void a_logon_is_told_from_any_of_its_processes(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_story s;

	check_story(r, BASH);
	check_story(r, SU);
	check_story(r, ROOTSH);
	check_story(r, DAEMON);     /* that has left the session */
	check_story(r, CONNECTION); /* that made it */
	assert_int_equal(r->ops->story(r, NULL, CRON, 100, &s), -ENOENT);
	assert_non_null(strstr(reader_error_text(r, -ENOENT), "no logon"));
	assert_int_equal(r->ops->story(r, NULL, 12345, 100, &s), -ENOENT);
	assert_int_equal(r->ops->story(r, NULL, BASH, 0, &s), -EINVAL);
	assert_int_equal(r->ops->story(r, NULL, BASH, 2, &s), 0);
	assert_true(s.tree.n == 2 && s.left_out == 3);
	reader_story_free(&s);
	assert_int_equal(r->ops->story(r, NULL, BOBSH, 100, &s), 0); /* no logon was recorded: who it was is known */
	assert_true(s.tree.n == 1 && s.auid == 1001 && s.logon_ms == 0 && !s.source.p);
	reader_story_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lanes_tell_who_did_how_much, setup, told_place_end),
		cmocka_unit_test_setup_teardown(lanes_are_limited_and_filtered, setup, told_place_end),
		cmocka_unit_test_setup_teardown(a_logon_is_told_from_any_of_its_processes, setup, told_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
