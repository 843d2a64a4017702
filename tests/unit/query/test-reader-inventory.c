/* What there was: of each thing one, with how often, when, and by whom. */
#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "recorder/query/autostart.h"
#include "tests/unit/query/told-place.h"

enum { T = 1000000000 };
enum { BASH = 1, BASH2, OTHER_BASH, SSHD, SCRIPT, IMAGES = SCRIPT };

static const struct file_hash hashes[] = { { .sha256 = { 0xaa } }, { .sha256 = { 0xbb } } };

static void image(struct batch *b, int64_t id, const char *executable, const char *script, const struct file_hash *hash)
{
	batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = id, .boot = 1, .pid = 100 + id,
		.start_ms = T + id * 10, .start_known = true, .origin = PROCESS_EXEC };
	batch_add(b, ITEM_IMAGE)->image = (struct image_start){ .id = id, .process = id, .start_ms = T + id * 10,
		.origin = PROCESS_EXEC, .executable = span_of(executable), .script = span_of(script), .hash = hash,
		.hash_reason = HASH_GONE, .who = { -1, -1, -1, -1, -1, -1, SPAN_NONE, SPAN_NONE, SPAN_NONE, SPAN_NONE } };
}

static void event(struct batch *b, int64_t at, enum event_action action, const char *object, const char *object2, int port)
{
	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + at, .image = SSHD, .action = action,
		.object = span_of(object), .object2 = span_of(object2), .port = port };
}

static void tell(struct batch *b)
{
	static const struct event_detail sha256[] = { { DETAIL_SHA256, SPAN("ccdd") } };

	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN("b"), T };
	image(b, BASH, "/bin/bash", NULL, &hashes[0]);
	image(b, BASH2, "/bin/bash", NULL, &hashes[0]);
	image(b, OTHER_BASH, "/bin/bash", NULL, &hashes[1]);
	image(b, SSHD, "/usr/sbin/sshd", NULL, NULL);
	image(b, SCRIPT, "/bin/bash", "/opt/run.sh", &hashes[0]);
	event(b, 100, ACTION_NETWORK_LISTEN, "0.0.0.0", NULL, 22);
	event(b, 200, ACTION_NETWORK_LISTEN, "0.0.0.0", NULL, 22);
	event(b, 210, ACTION_NETWORK_LISTEN, "0.0.0.0", NULL, 2222);
	event(b, 300, ACTION_SECURITY_ACCOUNT, "mallory", "add user", 0);
	event(b, 310, ACTION_SECURITY_ACCOUNT, "mallory", "change password", 0);
	event(b, 400, ACTION_DRIVER_LOAD, "/lib/modules/x.ko", "x", 0);
	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + 410, .action = ACTION_DRIVER_LOAD,
		.object = SPAN("/lib/modules/y.ko"), .details = sha256, .n_details = 1 };
	event(b, 500, ACTION_FILE_CREATE, "/etc/cron.d/job", NULL, 0);
	event(b, 510, ACTION_FILE_DELETE, "/etc/cron.d/job", NULL, 0);
	event(b, 520, ACTION_FILE_RENAME, "/tmp/x", "/etc/systemd/system/x.service", 0);
	event(b, 530, ACTION_FILE_WRITE, "/home/bob/.ssh/authorized_keys", NULL, 0);
	event(b, 540, ACTION_FILE_WRITE, "/home/bob/notes", NULL, 0);
}

static int setup(void **state)
{
	return told_place_begin(tell, state);
}

static const struct reader_thing *thing(const struct reader_inventory *v, int area, const char *name, int64_t port,
                                        const char *detail)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct reader_thing *t = &v->things[i];

		if (t->area == area && span_eq(t->name, span_of(name)) && t->port == port &&
		    (!detail || span_starts(t->detail, span_of(detail))))
			return t;
	}
	fail_msg("no %s of area %d", name, area);
	return NULL;
}

static void each_thing_is_there_once(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_inventory v;
	const struct reader_thing *t;

	assert_int_equal(r->ops->inventory(r, NULL, &v), 0);
	assert_int_equal(v.n, 4 + 2 + 2 + 2 + 3);
	for (size_t i = 1; i < v.n; i++)
		assert_true(reader_thing_compare(&v.things[i - 1], &v.things[i]) < 0);
	t = thing(&v, READER_AREA_EXECUTABLE, "/bin/bash", 0, "aa");
	assert_true(t->count == 3 && t->first_ms == T + 10 && t->last_ms == T + 50 && t->detail.n == 64);
	assert_int_equal(thing(&v, READER_AREA_EXECUTABLE, "/bin/bash", 0, "bb")->count, 1);
	assert_int_equal(thing(&v, READER_AREA_EXECUTABLE, "/usr/sbin/sshd", 0, NULL)->detail.n, 0);
	t = thing(&v, READER_AREA_EXECUTABLE, "/opt/run.sh", 0, NULL);
	assert_true(t->count == 1 && span_eq(t->by, SPAN("/bin/bash")));
	t = thing(&v, READER_AREA_LISTENER, "0.0.0.0", 22, NULL);
	assert_true(t->count == 2 && t->first_ms == T + 100 && t->last_ms == T + 200);
	assert_true(span_eq(t->by, SPAN("/usr/sbin/sshd")));
	thing(&v, READER_AREA_LISTENER, "0.0.0.0", 2222, NULL);
	thing(&v, READER_AREA_ACCOUNT, "mallory", 0, "add user");
	thing(&v, READER_AREA_ACCOUNT, "mallory", 0, "change password");
	thing(&v, READER_AREA_MODULE, "/lib/modules/x.ko", 0, NULL);
	thing(&v, READER_AREA_MODULE, "/lib/modules/y.ko", 0, "ccdd");
	t = thing(&v, READER_AREA_AUTOSTART, "/etc/cron.d/job", 0, "DeletePath"); /* what was done last */
	assert_int_equal(t->count, 2);
	thing(&v, READER_AREA_AUTOSTART, "/etc/systemd/system/x.service", 0, "RenamePath");
	thing(&v, READER_AREA_AUTOSTART, "/home/bob/.ssh/authorized_keys", 0, "Write");
	reader_inventory_free(&v);
}

static void places_that_start_something(void **state)
{
	static const char *const yes[] = { "/etc/crontab", "/etc/cron.daily/x", "/etc/rc.local", "/root/.bashrc",
		                           "/etc/ld.so.preload", "/home/a/.config/systemd/user/x.timer", "/etc/pam.d/sshd" };
	static const char *const no[] = { "", "/etc/crontab.bak", "/etc/hosts", "/tmp/bashrc", "/srv/etc/crontab" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_true(autostart_is(span_of(yes[i])));
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(autostart_is(span_of(no[i])));
	assert_false(autostart_is(SPAN_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_thing_is_there_once, setup, told_place_end),
		cmocka_unit_test(places_that_start_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
