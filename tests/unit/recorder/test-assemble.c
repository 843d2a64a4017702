#include "tests/unit/test.h"

#include "recorder/assemble.h"
#include "tests/unit/recorder/lines.h"

struct fixture {
	struct type_table types;
	struct assembly assembly;
	struct buf log; /* what was handed on */
};

static void on_event(struct pending *p, void *data)
{
	struct fixture *f = data;

	buf_printf(&f->log, "%llu/%zu%s ", (unsigned long long)p->serial, p->n, p->complete ? "" : "!");
}

static void on_gap(uint32_t node, int64_t from_ms, int64_t to_ms, uint64_t missing, void *data)
{
	struct fixture *f = data;

	buf_printf(&f->log, "gap:%llu ", (unsigned long long)missing);
}

static void on_restart(uint32_t node, bool forward, void *data)
{
	struct fixture *f = data;

	buf_printf(&f->log, "restart:%d ", forward);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->assembly.types = &f->types;
	f->assembly.event = on_event;
	f->assembly.gap = on_gap;
	f->assembly.restart = on_restart;
	f->assembly.data = f;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assembly_free(&f->assembly);
	type_table_free(&f->types);
	buf_free(&f->log);
	free(f);
	return 0;
}

static void add(struct fixture *f, uint32_t node, const char *type, int ms, unsigned serial, const char *body)
{
	AUTO_BUF text = BUF_INIT;
	struct record r;

	line_add(&text, type, ms, serial, body);
	assert_null(record_parse_line((struct span){ text.p, text.n - 1 }, &r));
	assert_true(assembly_add(&f->assembly, node, type_by_name(&f->types, r.type), &r) >= 0);
}

static void assert_log(struct fixture *f, const char *want)
{
	assert_string_equal(f->log.p ? f->log.p : "", want);
	buf_clear(&f->log);
}

static void whole(struct fixture *f, int ms, unsigned serial)
{
	add(f, 0, "SYSCALL", ms, serial, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	add(f, 0, "EOE", ms, serial, "");
}

/* The first serial is known once something has been handed on. */
static void start_at(struct fixture *f, unsigned serial)
{
	whole(f, 0, serial);
	assembly_tick(&f->assembly, (LINES_SECOND + 3) * INT64_C(1000));
	buf_clear(&f->log);
}

static void complete_events_go_on_at_once(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 3000, 11);
	assert_log(f, "11/2 ");
	add(f, 0, "USER_LOGIN", 3000, 12, "pid=1");
	assert_log(f, "12/1 ");
	add(f, 0, "SYSCALL", 3000, 13, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	assert_log(f, "");
	add(f, 0, "PROCTITLE", 3000, 13, "proctitle=61");
	assert_log(f, "13/2 ");
	add(f, 0, "EOE", 3000, 13, ""); /* belongs to what is done */
	assert_log(f, "");
	assert_int_equal(f->assembly.events, 4);
}

static void record_of_an_event_that_ended_is_told(void **state)
{
	struct fixture *f = *state;
	struct record r;

	start_at(f, 10);
	whole(f, 3000, 11);
	assert_null(record_parse_line(SPAN("type=PATH msg=audit(1790000003.000:11): item=0 name=\"a\""), &r));
	assert_int_equal(assembly_add(&f->assembly, 0, type_by_name(&f->types, r.type), &r), ASSEMBLY_LATE);
	assert_null(record_parse_line(SPAN("type=EOE msg=audit(1790000003.000:11): "), &r));
	assert_int_equal(assembly_add(&f->assembly, 0, type_by_name(&f->types, r.type), &r), 0);
	assembly_finish(&f->assembly);
	assert_log(f, "11/2 ");
}

static void title_does_not_end_what_is_announced(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	add(f, 0, "PROCTITLE", 3000, 11, "proctitle=61");
	add(f, 0, "PATH", 3000, 11, "item=1 name=\"b\" nametype=DELETE");
	add(f, 0, "SYSCALL", 3000, 11, "arch=c000003e syscall=87 success=yes exit=0 items=2 pid=1");
	add(f, 0, "PATH", 3000, 11, "item=0 name=\"a\" nametype=PARENT");
	assert_log(f, "");
	add(f, 0, "CWD", 3000, 11, "cwd=\"/\"");
	assert_log(f, "11/5 ");
	add(f, 0, "PROCTITLE", 3000, 12, "proctitle=61");
	add(f, 0, "SYSCALL", 3000, 12, "arch=c000003e syscall=59 success=yes exit=0 items=0 pid=1");
	assert_log(f, "");
	add(f, 0, "EXECVE", 3000, 12, "argc=1 a0=\"x\"");
	assert_log(f, "12/3 ");
	add(f, 0, "SYSCALL", 3000, 13, "arch=c000003e syscall=42 success=no exit=-115 items=0 pid=1");
	add(f, 0, "EOE", 3000, 13, "");
	assert_log(f, "");
	add(f, 0, "SOCKADDR", 3000, 13, "saddr=0200");
	assert_log(f, "13/3 ");
	add(f, 0, "SYSCALL", 3000, 14, "arch=c000003e syscall=91 success=yes exit=0 items=1 pid=1"); /* fchmod */
	add(f, 0, "PATH", 3000, 14, "item=0 name=(null) nametype=NORMAL");
	add(f, 0, "EOE", 3000, 14, "");
	assert_log(f, "14/3 ");
}

static void older_serials_go_first(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 3000, 13);
	whole(f, 3001, 12);
	assert_log(f, "");
	whole(f, 3002, 11);
	assert_log(f, "11/2 12/2 13/2 ");
}

static void open_event_ends_after_two_seconds(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	add(f, 0, "SYSCALL", 3000, 11, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	whole(f, 3000, 12);
	assembly_tick(&f->assembly, LINES_SECOND * INT64_C(1000) + 4999);
	assert_log(f, "");
	assembly_tick(&f->assembly, LINES_SECOND * INT64_C(1000) + 5000);
	assert_log(f, "11/1! 12/2 ");
}

static void jump_of_a_logs_time_ends_nothing_at_once(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	add(f, 0, "SYSCALL", 3000, 11, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	add(f, 0, "SYSCALL", 90000, 12, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	assert_log(f, "");
	add(f, 0, "EOE", 3000, 11, "");
	assert_log(f, "11/2 ");
	for (unsigned i = 0; i < 30; i++)
		add(f, 0, "USER_CMD", 93000, 13 + i, "pid=1");
	assert_log(f, "");
	for (unsigned i = 0; i < 3; i++)
		add(f, 0, "USER_CMD", 93000, 43 + i, "pid=1");
	assert_true(span_starts(buf_span(&f->log), SPAN("12/1! 13/1 14/1 ")));
}

static void old_time_is_not_waiting_time(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 60000, 11);
	assert_log(f, "11/2 ");
	/* a call that blocked for a minute is stamped with its beginning */
	add(f, 0, "SYSCALL", 1, 12, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	assert_log(f, "");
	add(f, 0, "EOE", 1, 12, "");
	assert_log(f, "12/2 ");
}

static void skipped_serial_is_a_gap_after_a_while(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 3000, 14);
	assert_log(f, "");
	whole(f, 3500, 15);
	whole(f, 5000, 16);
	assert_log(f, "gap:3 14/2 15/2 16/2 ");
	whole(f, 5001, 12); /* too late to be in its place, not too late to be told */
	assert_log(f, "12/2 ");
}

static void many_waiting_events_end_the_wait(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	for (unsigned i = 0; i < 257; i++)
		whole(f, 3000, 12 + i);
	assert_true(span_starts(buf_span(&f->log), SPAN("gap:1 12/2 13/2 ")));
	buf_clear(&f->log);
	add(f, 0, "SYSCALL", 3000, 269, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	for (unsigned i = 0; i < 4096; i++)
		whole(f, 3000, 270 + i);
	assert_true(span_starts(buf_span(&f->log), SPAN("269/1! 270/2 ")));
}

static void serials_wrap(void **state)
{
	struct fixture *f = *state;

	start_at(f, 4294967293u);
	whole(f, 3000, 0);
	whole(f, 3000, 4294967295u);
	whole(f, 3000, 4294967294u);
	whole(f, 3000, 1);
	assert_log(f, "4294967294/2 4294967295/2 0/2 1/2 ");
}

static void serials_that_begin_anew_are_a_restart(void **state)
{
	struct fixture *f = *state;

	start_at(f, 500);
	whole(f, 3000, 501);
	whole(f, 9000, 2);
	assembly_finish(&f->assembly);
	assert_log(f, "501/2 restart:1 2/2 ");
	whole(f, 9001, 50000);
	assembly_finish(&f->assembly);
	assert_log(f, "gap:49997 50000/2 ");
	whole(f, 100, 7); /* an older log */
	assembly_finish(&f->assembly);
	assert_log(f, "restart:0 7/2 ");
}

static void nodes_do_not_wait_for_each_other(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	add(f, 1, "SYSCALL", 3000, 11, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	whole(f, 3000, 11);
	assert_log(f, "11/2 ");
	assembly_finish(&f->assembly);
	assert_log(f, "11/1! ");
}

static void daemon_serials_are_their_own(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	add(f, 0, "DAEMON_ROTATE", 3000, 9999, "op=rotate");
	assert_log(f, "9999/1 ");
	whole(f, 3000, 11);
	assert_log(f, "11/2 ");
}

static void clock_set_back_does_not_stop_the_flow(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 3600000, 11);
	assert_log(f, "11/2 ");
	add(f, 0, "SYSCALL", 1000, 12, "arch=c000003e syscall=1 success=yes exit=0 items=0 pid=1");
	assembly_tick(&f->assembly, LINES_SECOND * INT64_C(1000) + 1000);
	assert_log(f, "");
	assembly_tick(&f->assembly, LINES_SECOND * INT64_C(1000) + 3000);
	assert_log(f, "12/1! ");
}

static void call_that_took_long_makes_no_restart(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	whole(f, 100000, 11);
	whole(f, 30000, 13); /* began 70 s ago */
	assembly_tick(&f->assembly, (LINES_SECOND + 103) * INT64_C(1000));
	assert_log(f, "11/2 gap:1 13/2 ");
	whole(f, 100500, 12);
	assembly_finish(&f->assembly);
	assert_log(f, "12/2 ");
}

static void many_nodes_may_not_take_all_memory(void **state)
{
	struct fixture *f = *state;

	for (uint32_t node = 0; node < 100; node++)
		for (unsigned i = 0; i < 300; i++)
			add(f, node, "WHATEVER", 3000, 10 + i, "");
	assert_true(f->assembly.open <= 16384 + 1);
	assert_true(f->assembly.open_records <= 16384 + 1);
	for (uint32_t node = 0; node < 100; node++)
		for (unsigned i = 0; i < 5000; i++)
			add(f, node, "WHATEVER", 3000, 400, "");
	assert_true(f->assembly.open_records <= (1 << 18) + 1);
	assembly_finish(&f->assembly);
	assert_int_equal(f->assembly.open, 0);
	assert_int_equal(f->assembly.open_records, 0);
}

static void one_event_may_not_take_all_memory(void **state)
{
	struct fixture *f = *state;

	start_at(f, 10);
	for (unsigned i = 0; i < 20000; i++)
		add(f, 0, "PATH", 3000, 11, "item=0 name=\"a\"");
	assembly_finish(&f->assembly);
	assert_log(f, "11/8192! ");
	assert_int_equal(f->assembly.text_bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(complete_events_go_on_at_once),
		TEST(record_of_an_event_that_ended_is_told),
		TEST(title_does_not_end_what_is_announced),
		TEST(older_serials_go_first),
		TEST(open_event_ends_after_two_seconds),
		TEST(jump_of_a_logs_time_ends_nothing_at_once),
		TEST(old_time_is_not_waiting_time),
		TEST(skipped_serial_is_a_gap_after_a_while),
		TEST(many_waiting_events_end_the_wait),
		TEST(serials_wrap),
		TEST(serials_that_begin_anew_are_a_restart),
		TEST(nodes_do_not_wait_for_each_other),
		TEST(daemon_serials_are_their_own),
		TEST(clock_set_back_does_not_stop_the_flow),
		TEST(one_event_may_not_take_all_memory),
		TEST(many_nodes_may_not_take_all_memory),
		TEST(call_that_took_long_makes_no_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
