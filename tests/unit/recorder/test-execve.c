#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/buf.h"
#include "recorder/execve.h"

static struct execve_args args_of(const char *const *bodies, size_t n, struct arena *arena)
{
	struct span spans[8];
	struct execve_args args = { 0 };

	for (size_t i = 0; i < n; i++)
		spans[i] = span_of(bodies[i]);
	assert_int_equal(execve_join(spans, n, arena, &args), 0);
	return args;
}

static void assert_line(const struct execve_args *args, const char *want)
{
	if (!span_eq(args->command_line, span_of(want)))
		fail_msg("got \"%.*s\", not \"%s\"", SPAN_FMT(args->command_line), want);
}

static void plain_arguments_need_no_lengths(void **state)
{
	struct arena arena = ARENA_INIT;
	struct execve_args args = args_of((const char *const[]){ "argc=3 a0=\"ls\" a1=\"-l\" a2=2F74" }, 1, &arena);

	assert_line(&args, "ls -l /t");
	assert_int_equal(args.argc, 3);
	assert_null(args.lengths);
	assert_false(args.partial);
	arena_free(&arena);
}

static void spaces_and_empty_arguments_have_lengths(void **state)
{
	struct arena arena = ARENA_INIT;
	struct execve_args args = args_of((const char *const[]){ "argc=4 a0=\"\" a1=6120620A a2=\"\" a3=\"x\"" }, 1, &arena);

	assert_line(&args, " a b\n  x");
	assert_int_equal(args.lengths[0], 0);
	assert_int_equal(args.lengths[1], 4);
	assert_int_equal(args.lengths[2], 0);
	assert_int_equal(args.lengths[3], 1);
	arena_free(&arena);
}

static void missing_argument_is_told(void **state)
{
	struct arena arena = ARENA_INIT;
	struct execve_args args = args_of((const char *const[]){ "argc=4 a0=\"a\" a2=\"c\"" }, 1, &arena);

	assert_line(&args, "a c");
	assert_int_equal(args.argc, 4);
	assert_int_equal(args.lengths[1], -1);
	assert_int_equal(args.lengths[3], -1);
	assert_true(args.partial);
	args = args_of((const char *const[]){ "argc=3 a0=\"\" a2=\"c\"" }, 1, &arena);
	assert_line(&args, " c");
	args = args_of((const char *const[]){ "argc=2 a1=\"c\"" }, 1, &arena);
	assert_line(&args, "c");
	arena_free(&arena);
}

static void pieces_join_in_any_order(void **state)
{
	static const char *const bodies[] = {
		"argc=3 a0=\"cat\" a1_len=12 a1[0]=6161", "a1[1]=6262", "a1[2]=6363 a2=\"end\"",
	};
	struct arena arena = ARENA_INIT;

	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++) {
			const char *order[3] = { bodies[a], bodies[b], NULL };
			struct execve_args args;

			if (a == b)
				continue;
			order[2] = bodies[3 - a - b];
			args = args_of(order, 3, &arena);
			assert_line(&args, "cat aabbcc end");
			assert_false(args.partial);
			assert_null(args.lengths);
		}
	assert_true(args_of((const char *const[]){ bodies[0], bodies[2] }, 2, &arena).partial);
	arena_free(&arena);
}

static void repeated_argument_counts_once(void **state)
{
	struct arena arena = ARENA_INIT;
	struct execve_args args = args_of((const char *const[]){ "argc=2 a0=\"x\" a1=\"y\" a0=\"x\"" }, 1, &arena);

	assert_line(&args, "x y");
	arena_free(&arena);
}

static void hostile_counts_cost_nothing(void **state)
{
	struct arena arena = ARENA_INIT;
	struct execve_args args = args_of((const char *const[]){ "argc=4294967295 a0=\"x\" a999999999=\"y\"" }, 1, &arena);

	assert_int_equal(args.argc, 1);
	assert_true(args.partial);
	assert_true(arena.total < 1 << 20);
	args = args_of((const char *const[]){ "argc=0" }, 1, &arena);
	assert_int_equal(args.argc, 0);
	assert_int_equal(execve_join(&SPAN("nothing=here"), 1, &arena, &args), -EINVAL);
	assert_int_equal(execve_join(NULL, 0, &arena, &args), -EINVAL);
	arena_free(&arena);
}

static void repeated_pieces_are_bounded(void **state)
{
	enum { PIECES = 400000 };
	struct arena arena = ARENA_INIT;
	struct execve_args args = { 0 };
	AUTO_BUF body = BUF_INIT;
	struct span span;

	buf_add_z(&body, "argc=1");
	for (int i = 0; i < PIECES; i++)
		buf_add_z(&body, " a0=\"x\"");
	span = buf_span(&body);
	assert_int_equal(execve_join(&span, 1, &arena, &args), 0);
	assert_line(&args, "x");
	assert_true(args.partial);
	arena_free(&arena);
}

static void counting_for_completeness(void **state)
{
	uint32_t argc = 0, n = 0;

	assert_int_equal(execve_count(SPAN("argc=9 a0=\"x\" a1_len=4 a1[0]=6161"), &n, &argc), 0);
	assert_int_equal(n, 2);
	assert_int_equal(argc, 9);
	assert_int_equal(execve_count(SPAN("a1[1]=6161 a2=\"z\""), &n, &argc), 0);
	assert_int_equal(n, 1);
	assert_int_equal(argc, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_arguments_need_no_lengths),
		cmocka_unit_test(spaces_and_empty_arguments_have_lengths),
		cmocka_unit_test(missing_argument_is_told),
		cmocka_unit_test(pieces_join_in_any_order),
		cmocka_unit_test(repeated_argument_counts_once),
		cmocka_unit_test(hostile_counts_cost_nothing),
		cmocka_unit_test(repeated_pieces_are_bounded),
		cmocka_unit_test(counting_for_completeness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
