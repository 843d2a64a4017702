#include "tests/unit/test.h"

#include "recorder/logon.h"

static int drop(struct batch *b, void *data)
{
	batch_free(b);
	return 0;
}

struct fixture {
	struct logons logons;
	struct emit emit;
};

static struct fixture *begin(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->emit.sink = drop;
	return f;
}

static void end(struct fixture *f)
{
	logons_free(&f->logons);
	emit_free(&f->emit);
	free(f);
}

static size_t rows(const struct fixture *f)
{
	return f->emit.batch ? f->emit.batch->n : 0;
}

static struct logon_facts sshd(int64_t time_ms, int64_t pid, int64_t session)
{
	return (struct logon_facts){ .boot = 1, .time_ms = time_ms, .pid = pid, .session = session, .program = SPAN("sshd"),
				     .user = SPAN("ann"), .address = SPAN("192.0.2.1"), .terminal = SPAN("ssh") };
}

static void a_logon_waits_for_its_terminal(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, 3);

	logons_begin(&f->logons, &f->emit, &told);
	logons_due(&f->logons, &f->emit, 3999);
	assert_int_equal(rows(f), 0);
	told.time_ms = 3000;
	told.terminal = SPAN("/dev/pts/1");
	told.user = SPAN("1000");
	logons_begin(&f->logons, &f->emit, &told);
	logons_due(&f->logons, &f->emit, 4000);
	assert_int_equal(rows(f), 1);
	assert_true(span_eq(f->emit.batch->items[0].event.object, SPAN("ann")));
	assert_int_equal(f->emit.batch->items[0].event.time_ms, 1000);
	logons_begin(&f->logons, &f->emit, &told); /* late: known already */
	logons_due(&f->logons, &f->emit, INT64_MAX);
	assert_int_equal(rows(f), 1);
	logons_end(&f->logons, &f->emit, &told);
	logons_end(&f->logons, &f->emit, &told);
	assert_int_equal(rows(f), 2);
	assert_int_equal(f->emit.batch->items[1].event.action, ACTION_SECURITY_LOGOUT);
	assert_true(span_eq(f->emit.batch->items[1].event.object, SPAN("ann")));
	end(f);
}

static void one_that_was_read_goes_on(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, 3);
	const struct event *row;

	told.read = true;
	logons_read(&f->logons, &f->emit, ACTION_SECURITY_LOGIN, &told, true);
	assert_int_equal(rows(f), 1);
	row = &f->emit.batch->items[0].event;
	assert_int_equal(row->flags, EVENT_FLAG_READ);
	told = sshd(2000, 77, 3); /* a record of the same logon */
	logons_begin(&f->logons, &f->emit, &told);
	logons_due(&f->logons, &f->emit, INT64_MAX);
	assert_int_equal(rows(f), 1);
	told = (struct logon_facts){ .boot = 1, .time_ms = 900000, .pid = 77, .session = 3, .program = SPAN("sshd"),
				     .user = SPAN("1000") };
	logons_end(&f->logons, &f->emit, &told);
	row = &f->emit.batch->items[1].event;
	assert_int_equal(row->action, ACTION_SECURITY_LOGOUT);
	assert_int_equal(row->flags, 0);
	assert_true(span_eq(row->object, SPAN("ann")));
	assert_true(span_eq(row->object2, SPAN("192.0.2.1")));
	end(f);
}

static void what_was_read_hides_no_later_one(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, -1);

	logons_read(&f->logons, &f->emit, ACTION_SECURITY_LOGIN, &told, true);
	told.time_ms = 100000; /* its pid is another's, its end was not told */
	logons_begin(&f->logons, &f->emit, &told);
	logons_due(&f->logons, &f->emit, INT64_MAX);
	assert_int_equal(rows(f), 2);
	end(f);
}

static void a_pid_may_log_on_again(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, -1);

	for (int i = 0; i < 3; i++) {
		logons_begin(&f->logons, &f->emit, &told);
		logons_end(&f->logons, &f->emit, &told);
		assert_int_equal(rows(f), 2 * i + 2);
	}
	end(f);
}

static void more_logons_than_there_are_places(void **state)
{
	struct fixture *f = begin();

	for (int i = 0; i < LOGONS_OPEN + 10; i++) {
		struct logon_facts told = sshd(1000, 100 + i, i + 1);

		told.serial = (uint64_t)i + 1;
		logons_begin(&f->logons, &f->emit, &told);
	}
	assert_int_equal(rows(f), 10);
	logons_due(&f->logons, &f->emit, INT64_MAX);
	assert_int_equal(rows(f), LOGONS_OPEN + 10);
	end(f);
}

static void one_attempt_reported_thrice(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, -1);

	told.result = 13;
	logons_attempt(&f->logons, &f->emit, &told, SPAN("PAM:authentication"));
	logons_attempt(&f->logons, &f->emit, &told, SPAN("password"));
	logons_attempt(&f->logons, &f->emit, &told, SPAN("login"));
	assert_int_equal(rows(f), 1);
	logons_attempt(&f->logons, &f->emit, &told, SPAN("PAM:authentication"));
	assert_int_equal(rows(f), 2);
	told.result = 0;
	logons_attempt(&f->logons, &f->emit, &told, SPAN("PAM:authentication"));
	assert_int_equal(rows(f), 3);
	told.address = SPAN("192.0.2.2");
	logons_attempt(&f->logons, &f->emit, &told, SPAN("PAM:authentication"));
	assert_int_equal(rows(f), 4);
	end(f);
}

static void an_unknown_user_is_announced_before_the_attempt(void **state)
{
	struct fixture *f = begin();
	struct logon_facts told = sshd(1000, 5, -1);

	told.result = 13;
	logons_attempt(&f->logons, &f->emit, &told, SPAN("login"));
	for (int i = 0; i < 2; i++) {
		logons_attempt(&f->logons, &f->emit, &told, SPAN("PAM:authentication"));
		logons_attempt(&f->logons, &f->emit, &told, SPAN("login"));
	}
	assert_int_equal(rows(f), 2);
	told.address = SPAN("192.0.2.3"); /* no PAM: each of its own words */
	logons_attempt(&f->logons, &f->emit, &told, SPAN("login"));
	logons_attempt(&f->logons, &f->emit, &told, SPAN("login"));
	assert_int_equal(rows(f), 4);
	end(f);
}

static void type(const char *program, const char *terminal, const char *address, const char *want)
{
	struct logon_facts f = { .program = span_of(program), .terminal = span_of(terminal), .address = span_of(address) };
	struct span got = logon_type(&f);

	assert_true(want ? span_eq(got, span_of(want)) : !got.p);
}

static void types(void **state)
{
	type("sshd", "/dev/pts/0", "192.0.2.1", "remote interactive");
	type("sshd", "ssh", "192.0.2.1", "network");
	type("sshd-session", "ssh", NULL, "network");
	type("login", "/dev/tty1", NULL, "interactive");
	type("login", "/dev/pts/3", "192.0.2.1", "remote interactive");
	type("gdm-password]", ":0", NULL, "interactive");
	type("cron", "cron", NULL, "batch");
	type("systemd", NULL, NULL, "service");
	type("xrdp-sesman", ":10", NULL, "remote interactive");
	type("vsftpd", "ftp", "192.0.2.1", "network");
	type(NULL, NULL, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_logon_waits_for_its_terminal), cmocka_unit_test(one_that_was_read_goes_on),
		cmocka_unit_test(what_was_read_hides_no_later_one), cmocka_unit_test(a_pid_may_log_on_again),
		cmocka_unit_test(more_logons_than_there_are_places), cmocka_unit_test(one_attempt_reported_thrice),
		cmocka_unit_test(an_unknown_user_is_announced_before_the_attempt),
		cmocka_unit_test(types),
	};

	return cmocka_run_group_tests_name("logon", tests, NULL, NULL);
}
