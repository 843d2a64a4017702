#include "tests/unit/test.h"

#include "agent/base/arena.h"

static void copies_are_terminated_and_apart(void **state)
{
	struct arena a = ARENA_INIT;
	struct span x = arena_copy(&a, SPAN("one")), y = arena_copy(&a, SPAN("two"));

	assert_string_equal(x.p, "one");
	assert_string_equal(y.p, "two");
	assert_null(arena_copy(&a, SPAN_NONE).p);
	assert_non_null(arena_copy(&a, SPAN("")).p);
	arena_free(&a);
}

static void grows_past_a_block_and_reuses_it(void **state)
{
	struct arena a = ARENA_INIT;
	size_t held;

	for (int i = 0; i < 1000; i++)
		memset(arena_alloc(&a, 1000), i, 1000);
	memset(arena_alloc(&a, 3 << 20), 1, 3 << 20);
	held = a.total;
	arena_reset(&a);
	for (int i = 0; i < 1000; i++)
		memset(arena_alloc(&a, 1000), i, 1000);
	assert_true(a.total == held);
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_free(&a);
	assert_true(a.total == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_terminated_and_apart),
		cmocka_unit_test(grows_past_a_block_and_reuses_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
