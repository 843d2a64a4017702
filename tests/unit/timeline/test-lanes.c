#include "tests/unit/test.h"

#include "timeline/model/lanes.h"

enum { BARS = 400 };

static void bars_in_a_row_never_meet(void **state)
{
	int64_t from[BARS], to[BARS];
	uint32_t row[BARS], n_rows = 0;

	srand(6);
	for (int round = 0; round < 60; round++) {
		int64_t gap = rand() % 50;
		uint32_t deepest = 0;

		for (int i = 0; i < BARS; i++) {
			from[i] = rand() % 100000;
			to[i] = from[i] + rand() % (round % 2 ? 300 : 20000) - 10;
		}
		assert_int_equal(lanes_pack(from, to, BARS, gap, row, &n_rows), 0);
		for (int i = 0; i < BARS; i++) {
			uint32_t open = 0;

			assert_true(row[i] < n_rows);
			for (int k = 0; k < BARS; k++) {
				int64_t end_i = to[i] > from[i] ? to[i] : from[i] + 1;
				int64_t end_k = to[k] > from[k] ? to[k] : from[k] + 1;

				open += from[k] <= from[i] && end_k + gap > from[i];
				if (k != i && row[k] == row[i])
					assert_true(from[k] >= end_i + gap || from[i] >= end_k + gap);
			}
			deepest = open > deepest ? open : deepest;
		}
		assert_int_equal(n_rows, deepest); /* as few rows as possible */
	}
}

static void extremes_pack(void **state)
{
	int64_t from[4] = { INT64_MIN, INT64_MAX, INT64_MAX, 0 }, to[4] = { INT64_MAX, INT64_MAX, INT64_MIN, 0 };
	uint32_t row[4], n = 9;

	assert_int_equal(lanes_pack(from, to, 4, INT64_MAX, row, &n), 0);
	assert_true(n >= 1 && n <= 4);
	assert_int_equal(lanes_pack(from, to, 0, 0, row, &n), 0);
	assert_int_equal(n, 0);
}

static void lanes_fill_without_overlap(void **state)
{
	srand(7);
	for (int round = 0; round < 5000; round++) {
		uint64_t kinds[EVENT_CATEGORY_COUNT] = { 0 };
		struct lanes_request r = { .top = 40, .height = 260 + rand() % 1500, .process = rand() % 2,
		                           .child_rows = (uint32_t)(rand() % 3 ? rand() % 20 : rand()),
		                           .by_category = kinds };
		struct lanes l;
		int y = 40;

		for (int c = 1; c < EVENT_CATEGORY_COUNT; c++)
			kinds[c] = (uint64_t)rand() % 2;
		lanes_arrange(&r, &l);
		for (size_t i = 0; i < l.n; i++) {
			assert_int_equal(l.at[i].y, y);
			assert_true(l.at[i].h > 0);
			assert_ptr_equal(lanes_at(&l, y), &l.at[i]);
			y += l.at[i].h;
			if (l.at[i].type == LANE_KIND)
				assert_true(kinds[l.at[i].category] > 0);
		}
		assert_int_equal(l.bottom, y);
		assert_true(y <= 40 + r.height);
		assert_null(lanes_at(&l, y));
		if (r.child_rows)
			assert_true(l.child_rows_seen >= 1 && l.child_rows_seen <= r.child_rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_in_a_row_never_meet),
		cmocka_unit_test(extremes_pack),
		cmocka_unit_test(lanes_fill_without_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
