#include "tests/unit/test.h"

#include "recorder/query/ranges.h"
#include "tests/unit/query/random-expr.h"

enum { N = 64 };

/* Random ranges within [0, N), and the same as a row of flags. */
static void make(struct random_expr *random, struct ranges *r, bool flags[N])
{
	memset(flags, 0, N);
	*r = RANGES_INIT;
	for (uint64_t n = random_below(random, 8); n; n--) {
		int64_t from = (int64_t)random_below(random, N), to = (int64_t)random_below(random, N);

		assert_int_equal(ranges_add(r, from, to), 0);
		for (int64_t i = from; i < to; i++)
			flags[i] = true;
	}
	ranges_sort(r);
}

static void assert_is(const struct ranges *r, const bool flags[N])
{
	size_t k = 0;

	for (int64_t i = 0; i < N; i++) {
		while (k < r->n && r->v[k].to <= i)
			k++;
		assert_int_equal(k < r->n && r->v[k].from <= i, flags[i]);
	}
	for (size_t i = 1; i < r->n; i++)
		assert_true(r->v[i - 1].to < r->v[i].from || r->v[i - 1].to <= r->v[i].from);
}

static void test_against_flags(void **state)
{
	struct random_expr random = { .state = 12345 };

	for (int i = 0; i < 2000; i++) {
		struct ranges a, b;
		bool x[N], y[N];

		make(&random, &a, x);
		make(&random, &b, y);
		assert_is(&a, x);
		for (int k = 0; k < N; k++)
			x[k] = i & 1 ? x[k] && y[k] : x[k] || y[k];
		assert_int_equal(i & 1 ? ranges_intersect(&a, &b) : ranges_union(&a, &b), 0);
		assert_is(&a, x);
		ranges_free(&a);
		ranges_free(&b);
	}
}

static void test_all(void **state)
{
	struct ranges a = RANGES_INIT, b = RANGES_INIT;

	assert_int_equal(ranges_all(&a), 0);
	assert_true(ranges_is_all(&a));
	assert_int_equal(ranges_add(&b, 3, 9), 0);
	assert_int_equal(ranges_intersect(&a, &b), 0);
	assert_false(ranges_is_all(&a));
	assert_true(a.n == 1 && a.v[0].from == 3 && a.v[0].to == 9);
	ranges_free(&a);
	ranges_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_flags), cmocka_unit_test(test_all) };

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
