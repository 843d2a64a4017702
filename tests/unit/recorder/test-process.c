#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/process.h"

/* Cases that need no log text; those told by records are in tests/golden/logs. */

struct fixture {
	struct emit emit;
	struct recording_config config;
	struct process_table table;
	struct syscall_record record;
	struct process_actor actor;
};

static int keep(struct batch *b, void *data)
{
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->emit.limit = 1000000;
	f->emit.sink = keep;
	f->table.emit = &f->emit;
	f->table.config = &f->config;
	syscall_record_parse(SPAN_NONE, &f->record);
	f->actor = (struct process_actor){ 1, 1000, 1, &f->record, SPAN_NONE, false };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	process_table_free(&f->table);
	emit_free(&f->emit);
	free(f);
	return 0;
}

static void act(struct fixture *f, const char *body, int64_t time_ms)
{
	syscall_record_parse(span_of(body), &f->record);
	f->actor.time_ms = time_ms;
}

static size_t count(const struct fixture *f, enum item_type type)
{
	size_t n = 0;

	for (size_t i = 0; f->emit.batch && i < f->emit.batch->n; i++)
		n += f->emit.batch->items[i].type == type;
	return n;
}

static const struct item *last(const struct fixture *f, enum item_type type)
{
	for (size_t i = f->emit.batch->n; i-- > 0;)
		if (f->emit.batch->items[i].type == type)
			return &f->emit.batch->items[i];
	fail();
	return NULL;
}

static void known_from_before_is_not_announced_again(void **state)
{
	struct fixture *f = *state;
	struct process_start p = { .boot = 1, .pid = 50, .start_ms = 10, .start_known = true,
				   .origin = PROCESS_BASELINE, .parent_pid = 1, .id = 7 };
	struct image_start i = { .id = 9, .executable = SPAN("/usr/bin/bash") };

	assert_int_equal(process_add(&f->table, &p, &i, 0), 0);
	act(f, "pid=50 ppid=1 exe=\"/usr/bin/bash\"", 1000);
	assert_int_equal(process_image(&f->table, &f->actor), 9);
	assert_int_equal(count(f, ITEM_PROCESS), 0);
	p.pid = 0;
	assert_int_equal(process_add(&f->table, &p, &i, 0), -EINVAL);
}

static void baseline_is_emitted_with_its_texts(void **state)
{
	struct fixture *f = *state;
	const int32_t lengths[] = { 1, 3 };
	struct process_start p = { .boot = 1, .pid = 50, .origin = PROCESS_BASELINE };
	struct image_start i = { .origin = PROCESS_BASELINE, .executable = SPAN("/x"), .command_line = SPAN("x a b"),
				 .arg_lengths = lengths, .argc = 2, .who = { .user = SPAN("root") } };
	const struct item *image;

	assert_int_equal(process_add(&f->table, &p, &i, 1000), 0);
	assert_int_equal(p.id, 1);
	assert_int_equal(i.id, 1);
	image = last(f, ITEM_IMAGE);
	assert_int_equal(image->image.origin, PROCESS_BASELINE);
	assert_true(image->image.command_line.p != i.command_line.p);
	assert_true(span_eq(image->image.command_line, SPAN("x a b")));
	assert_int_equal(image->image.arg_lengths[1], 3);
	assert_true(span_eq(image->image.who.user, SPAN("root")));
	assert_int_equal(last(f, ITEM_EVENT)->event.action, ACTION_PROCESS_SEEN);
	assert_int_equal(last(f, ITEM_EVENT)->event.time_ms, 1000);
}

static void unlinked_program_is_the_same_program(void **state)
{
	struct fixture *f = *state;
	int64_t image;

	act(f, "pid=50 ppid=1 exe=\"/tmp/x\"", 1000);
	image = process_image(&f->table, &f->actor);
	assert_int_equal(image, 1);
	act(f, "pid=50 ppid=1 exe=2F746D702F78202864656C6574656429", 1001);
	assert_int_equal(process_image(&f->table, &f->actor), image);
	act(f, "pid=50 ppid=1 exe=\"/tmp/y\"", 1002);
	assert_int_equal(process_image(&f->table, &f->actor), image + 1);
	assert_int_equal(count(f, ITEM_PROCESS), 1);
}

static void late_record_belongs_to_the_process_that_ended(void **state)
{
	struct fixture *f = *state;
	int64_t image;

	act(f, "pid=50 ppid=1 exe=\"/x\"", 1000);
	image = process_image(&f->table, &f->actor);
	act(f, "pid=50 ppid=1 exe=\"/x\"", 1010);
	assert_int_equal(process_exit(&f->table, &f->actor, 0, 0), image);
	act(f, "pid=50 ppid=1 exe=\"/x\"", 1005); /* began before the end */
	assert_int_equal(process_image(&f->table, &f->actor), image);
	act(f, "pid=50 ppid=1 exe=\"/x\"", 1020);
	assert_true(process_image(&f->table, &f->actor) != image);
	assert_int_equal(count(f, ITEM_PROCESS), 2);
}

static void no_pid_no_image(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { 0 };

	act(f, "exe=\"/x\"", 1000);
	assert_int_equal(process_image(&f->table, &f->actor), 0);
	assert_int_equal(process_exec(&f->table, &f->actor, &image), 0);
	assert_int_equal(process_exit(&f->table, &f->actor, 0, 0), 0);
	assert_null(f->emit.batch);
}

static int from_proc(int64_t pid, struct arena *arena, struct process_start *p, struct image_start *i, void *data)
{
	int64_t *start = data;

	if (pid != 50)
		return -ENOENT;
	*p = (struct process_start){ .start_ms = *start, .start_known = true };
	*i = (struct image_start){ .executable = arena_copy(arena, SPAN("/bin/sh")), .argc = 2,
				   .command_line = arena_copy(arena, SPAN("sh -i")), .cwd = arena_copy(arena, SPAN("/w")) };
	return 0;
}

static void proc_fills_in_while_it_lives(void **state)
{
	struct fixture *f = *state;
	int64_t start = 400;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\" comm=\"sh\"", 1000);
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_int_equal(last(f, ITEM_PROCESS)->process.start_ms, 400);
	assert_true(last(f, ITEM_PROCESS)->process.start_known);
	assert_true(span_eq(last(f, ITEM_IMAGE)->image.command_line, SPAN("sh -i")));
	assert_true(span_eq(last(f, ITEM_IMAGE)->image.cwd, SPAN("/w")));
}

static void title_of_the_record_checks_what_proc_says(void **state)
{
	struct fixture *f = *state;
	int64_t start = 400;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1000);
	f->actor.proctitle = SPAN("sh\0other");
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_true(span_eq(last(f, ITEM_IMAGE)->image.command_line, SPAN("sh other")));
	f->actor.boot = 2;
	f->actor.proctitle = SPAN("sh\0-");
	f->actor.proctitle_cut = true;
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_true(span_eq(last(f, ITEM_IMAGE)->image.command_line, SPAN("sh -i")));
	f->actor.boot = 3;
	f->actor.proctitle = SPAN("sh\0x");
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_null(last(f, ITEM_IMAGE)->image.command_line.p);
}

static void proc_of_a_later_process_is_not_believed(void **state)
{
	struct fixture *f = *state;
	int64_t start = 5000;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\" comm=\"sh\"", 1000);
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_false(last(f, ITEM_PROCESS)->process.start_known);
	assert_null(last(f, ITEM_IMAGE)->image.command_line.p);
}

static void killed_process_is_replaced_by_a_younger_one(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .executable = SPAN("/bin/sh") };
	int64_t start = 400;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 9000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0); /* an old process that runs another program */
	assert_int_equal(count(f, ITEM_PROCESS), 1);
	start = 15000;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 19000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	assert_int_equal(count(f, ITEM_PROCESS), 2);
	start = 25000;
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 29000);
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_int_equal(count(f, ITEM_PROCESS), 3);
}

static void silence_ends_a_process_where_no_exit_is_told(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .executable = SPAN("/bin/sh") };

	act(f, "pid=50 ppid=9 exe=\"/bin/sh\"", 1000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	act(f, "pid=50 ppid=9 exe=\"/bin/ls\"", 2000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	assert_int_equal(count(f, ITEM_PROCESS), 1);
	act(f, "pid=50 ppid=9 exe=\"/bin/ls\"", 3600000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	assert_int_equal(count(f, ITEM_PROCESS), 2);
	act(f, "pid=51 ppid=9 exe=\"/bin/ls\"", 3600000);
	assert_true(process_exit(&f->table, &f->actor, 0, 0) > 0); /* exits are told after all */
	act(f, "pid=50 ppid=9 exe=\"/bin/ls\"", 9900000);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	assert_int_equal(count(f, ITEM_PROCESS), 3);
}

static void after_another_exec_proc_tells_only_the_rest(void **state)
{
	struct fixture *f = *state;
	int64_t start = 400;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=1 exe=\"/usr/bin/perl\" comm=\"perl\"", 1000);
	assert_true(process_image(&f->table, &f->actor) > 0);
	assert_true(span_eq(last(f, ITEM_IMAGE)->image.executable, SPAN("/usr/bin/perl")));
	assert_null(last(f, ITEM_IMAGE)->image.command_line.p);
	assert_int_equal(last(f, ITEM_PROCESS)->process.start_ms, 400);
}

/* 60 ← 61 ← 62; nothing else lives */
static int three_generations(int64_t pid, struct arena *arena, struct process_start *p, struct image_start *i,
                             void *data)
{
	if (pid < 60 || pid > 62)
		return -ENOENT;
	*p = (struct process_start){ .start_ms = pid, .start_known = true, .parent_pid = pid - 1 };
	*i = (struct image_start){ .executable = arena_copy(arena, SPAN("/bin/sh")) };
	return 0;
}

static void parents_that_never_ran_exec_are_found(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .executable = SPAN("/usr/bin/ls") };
	int64_t expected_parent = 0;

	f->config.lookup = three_generations;
	act(f, "pid=70 ppid=62 exe=\"/usr/bin/ls\"", 1000);
	assert_int_equal(process_exec(&f->table, &f->actor, &image), 4);
	assert_int_equal(count(f, ITEM_PROCESS), 4);
	for (size_t i = 0; i < f->emit.batch->n; i++) {
		const struct item *item = &f->emit.batch->items[i];

		if (item->type != ITEM_PROCESS)
			continue;
		assert_int_equal(item->process.parent_image, expected_parent);
		expected_parent++;
	}
	act(f, "pid=71 ppid=62 exe=\"/usr/bin/wc\"", 1001);
	assert_true(process_exec(&f->table, &f->actor, &image) > 0);
	assert_int_equal(last(f, ITEM_PROCESS)->process.parent_image, 3);
}

static void end_learnt_elsewhere_ends_the_process(void **state)
{
	struct fixture *f = *state;
	int64_t image;

	act(f, "pid=50 ppid=1 exe=\"/x\"", 1000);
	image = process_image(&f->table, &f->actor);
	process_ended(&f->table, 1, 1500);
	process_ended(&f->table, 0, 1500);
	process_ended(&f->table, 999, 1500);
	act(f, "pid=50 ppid=1 exe=\"/x\"", 2000);
	assert_true(process_image(&f->table, &f->actor) != image);
}

static void boots_are_apart(void **state)
{
	struct fixture *f = *state;
	int64_t image;

	act(f, "pid=50 ppid=1 exe=\"/x\"", 1000);
	image = process_image(&f->table, &f->actor);
	f->actor.boot = 2;
	assert_true(process_image(&f->table, &f->actor) != image);
	f->actor.boot = 1;
	assert_int_equal(process_image(&f->table, &f->actor), image);
	process_forget_boot(&f->table, 1);
	assert_true(process_image(&f->table, &f->actor) != image);
	assert_int_equal(f->table.by_pid.n, 2);
}

static void table_stays_bounded(void **state)
{
	struct fixture *f = *state;

	for (int64_t pid = 1; pid <= 150000; pid++) {
		f->record.pid = pid;
		f->record.ppid = 1;
		f->actor.time_ms = 1000 + pid;
		assert_true(process_image(&f->table, &f->actor) > 0);
		if (pid % 4096 == 0)
			batch_reset(f->emit.batch);
	}
	assert_true(f->table.by_pid.n <= 1 << 17);
	assert_true(f->table.n <= 1 << 17);
}

static void ended_processes_are_forgotten(void **state)
{
	struct fixture *f = *state;

	for (int64_t pid = 1; pid <= 30000; pid++) {
		f->record.pid = pid;
		f->record.ppid = 1;
		f->actor.time_ms = 1000 + pid;
		assert_true(process_exit(&f->table, &f->actor, 0, 0) > 0);
		if (pid % 4096 == 0)
			batch_reset(f->emit.batch);
	}
	assert_true(f->table.by_pid.n <= 4096);
}

/* The parent was killed, which nobody recorded, and a subreaper that is not init took the process over. */
static void subreaper_does_not_make_another_process(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .executable = SPAN("/bin/sh") };
	int64_t start = 400, id;

	f->config.lookup = from_proc;
	f->config.data = &start;
	act(f, "pid=50 ppid=40 exe=\"/bin/sh\"", 1000);
	id = process_image(&f->table, &f->actor);
	act(f, "pid=50 ppid=30 exe=\"/bin/sh\"", 1100);
	assert_int_equal(process_image(&f->table, &f->actor), id);
	assert_true(process_exec(&f->table, &f->actor, &image) > id);
	assert_int_equal(count(f, ITEM_PROCESS), 1);
	start = 1150; /* another one by now */
	act(f, "pid=50 ppid=20 exe=\"/bin/sh\"", 1200);
	assert_true(process_image(&f->table, &f->actor) > id);
	assert_int_equal(count(f, ITEM_PROCESS), 2);
	f->config.lookup = NULL; /* a log: nobody can tell */
	act(f, "pid=50 ppid=10 exe=\"/bin/sh\"", 1300);
	assert_true(process_image(&f->table, &f->actor) > id);
	assert_int_equal(count(f, ITEM_PROCESS), 3);
}

static void end_of_a_thread_is_no_end(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .executable = SPAN("/bin/sh") };
	int64_t id;

	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1000);
	id = process_exec(&f->table, &f->actor, &image);
	for (int i = 0; i < 10000; i++)
		process_thread_exit(&f->table, &f->actor, 7);
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1001);
	assert_int_equal(process_image(&f->table, &f->actor), id);
	process_thread_exit(&f->table, &f->actor, 7);
	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1002);
	assert_true(process_exec(&f->table, &f->actor, &image) > id); /* by another thread: the same process */
	assert_int_equal(count(f, ITEM_PROCESS), 1);
	assert_int_equal(count(f, ITEM_END), 0);
	process_thread_exit(&f->table, &f->actor, 7);
	process_table_finish(&f->table); /* nothing more came */
	process_table_finish(&f->table);
	assert_int_equal(count(f, ITEM_END), 1);
	assert_int_equal(last(f, ITEM_END)->end.exit_code, 7);
	assert_int_equal(last(f, ITEM_END)->end.time_ms, 1002);
	assert_int_equal(last(f, ITEM_EVENT)->event.action, ACTION_PROCESS_EXIT);
}

static void end_of_the_only_thread_is_told_when_its_pid_is_used_again(void **state)
{
	struct fixture *f = *state;

	act(f, "pid=50 ppid=1 exe=\"/bin/sh\"", 1000);
	assert_true(process_image(&f->table, &f->actor) > 0);
	process_thread_exit(&f->table, &f->actor, 3);
	act(f, "pid=60 ppid=1 exe=\"/bin/sh\"", 2000);
	process_fork(&f->table, &f->actor, 50);
	assert_int_equal(count(f, ITEM_END), 1);
	assert_int_equal(last(f, ITEM_END)->end.time_ms, 1000);
	assert_int_equal(last(f, ITEM_END)->end.exit_code, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(known_from_before_is_not_announced_again),
		TEST(baseline_is_emitted_with_its_texts),
		TEST(unlinked_program_is_the_same_program),
		TEST(late_record_belongs_to_the_process_that_ended),
		TEST(no_pid_no_image),
		TEST(proc_fills_in_while_it_lives),
		TEST(title_of_the_record_checks_what_proc_says),
		TEST(proc_of_a_later_process_is_not_believed),
		TEST(killed_process_is_replaced_by_a_younger_one),
		TEST(silence_ends_a_process_where_no_exit_is_told),
		TEST(after_another_exec_proc_tells_only_the_rest),
		TEST(parents_that_never_ran_exec_are_found),
		TEST(end_learnt_elsewhere_ends_the_process),
		TEST(boots_are_apart),
		TEST(table_stays_bounded),
		TEST(ended_processes_are_forgotten),
		TEST(subreaper_does_not_make_another_process),
		TEST(end_of_a_thread_is_no_end),
		TEST(end_of_the_only_thread_is_told_when_its_pid_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
