/* Memory fails at each call in turn while a log is read: an error is returned, or everything is as without it. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/golden/dump.h"
#include "tests/unit/fault/sweep.h"

struct scene {
	struct span log;
	enum replay_way way;
	struct replay replay;
	struct buf expected;
};

static char **logs;

static void before(void *data)
{
	struct scene *s = data;

	s->replay = (struct replay){ 0 };
}

static int work(void *data)
{
	struct scene *s = data;
	int r = replay_text(s->log, s->way, &s->replay);

	return r == 0 && s->replay.items.failed ? -ENOMEM : r; /* the dump, which is not what is tested */
}

static void after(void *data, int result)
{
	struct scene *s = data;

	if (result == 0)
		assert_string_equal(s->replay.items.p, s->expected.p);
	else
		assert_int_equal(result, -ENOMEM);
	replay_free(&s->replay);
}

static void sweep_log(const char *path, enum replay_way way)
{
	static const struct sweep sweep = { before, work, after };
	struct scene s = { .way = way };
	struct buf text = BUF_INIT;
	struct replay r;

	print_message("%s\n", path);
	assert_int_equal(replay_read(path, &text), 0);
	s.log = buf_span(&text);
	assert_int_equal(replay_text(s.log, way, &r), 0);
	buf_add_span(&s.expected, buf_span(&r.items));
	replay_free(&r);
	sweep_run(&sweep, FAULT_MEMORY, &s);
	buf_free(&s.expected);
	buf_free(&text);
}

static void test_logs(void **state)
{
	for (size_t i = 0; logs[i]; i++)
		sweep_log(logs[i], i % 2 ? REPLAY_STABLE : REPLAY_COPIED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_logs, sweep_tell) };

	logs = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
