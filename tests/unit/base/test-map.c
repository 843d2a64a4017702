#include "tests/unit/test.h"

#include "agent/base/map.h"

enum { KEYS = 512, STEPS = 200000 };

/* Against a plain array, with keys close together so that runs form and holes must close. */
static void behaves_like_an_array(void **state)
{
	struct map m = MAP_INIT;
	uint64_t want[KEYS] = { 0 };
	bool has[KEYS] = { false };
	size_t n = 0, at = 0, seen = 0;

	srand(1);
	for (int i = 0; i < STEPS; i++) {
		unsigned k = (unsigned)rand() % KEYS;

		if (rand() % 3) {
			n += !has[k];
			has[k] = true;
			want[k] = (uint64_t)i;
			assert_int_equal(map_put(&m, k * 64, want[k]), 0);
		} else {
			assert_true(map_remove(&m, k * 64) == has[k]);
			n -= has[k];
			has[k] = false;
		}
	}
	assert_true(m.n == n);
	for (unsigned k = 0; k < KEYS; k++) {
		uint64_t *v = map_get(&m, k * 64);

		assert_true((v != NULL) == has[k]);
		assert_true(!v || *v == want[k]);
	}
	while (map_next(&m, &at))
		seen++;
	assert_true(seen == n);
	map_clear(&m);
	assert_null(map_get(&m, 64));
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(behaves_like_an_array) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
