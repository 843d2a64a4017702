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

static void folded_lanes_are_low_and_keep_their_order(void **state)
{
	uint64_t kinds[EVENT_CATEGORY_COUNT] = { 0, 5, 900, 30, 2, 0, 0 };
	enum event_category order[EVENT_CATEGORY_COUNT];
	int64_t first[EVENT_CATEGORY_COUNT] = { 0, 40, 30, 20, 10, INT64_MAX, INT64_MAX };
	struct lanes_request r = { .top = 40, .height = 500, .process = true, .child_rows = 9, .by_category = kinds,
		                   .order = order, .folded = 1u << EVENT_FILE, .children_folded = true };
	struct lanes l;

	lanes_order(LANES_BY_COUNT, kinds, first, order);
	assert_true(order[0] == EVENT_FILE && order[1] == EVENT_NETWORK && order[2] == EVENT_PROCESS);
	lanes_arrange(&r, &l);
	assert_int_equal(l.n, 6);
	assert_true(l.at[1].type == LANE_CHILDREN && l.at[1].folded && l.child_rows == 1);
	assert_true(l.at[2].category == EVENT_FILE && l.at[2].folded && l.at[2].h < l.at[3].h);
	assert_true(l.at[3].category == EVENT_NETWORK && l.at[4].category == EVENT_PROCESS);
	lanes_order(LANES_BY_FIRST, kinds, first, order);
	assert_true(order[1] == EVENT_SECURITY && order[2] == EVENT_NETWORK && order[4] == EVENT_PROCESS);
	lanes_order(LANES_BY_KIND, kinds, first, order);
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		assert_int_equal(order[c], c);
}

static void groups_are_scrolled_when_they_do_not_fit(void **state)
{
	static const bool folded[200] = { [3] = true };
	uint64_t none[EVENT_CATEGORY_COUNT] = { 0 };
	struct lanes l;

	for (size_t n = 1; n <= 200; n += 7) {
		for (size_t first = 0; first < n; first += 5) {
			struct lanes_request r = { .top = 40, .height = 400, .by_category = none, .n_groups = n,
				                   .first_group = first, .group_folded = folded };

			lanes_arrange(&r, &l);
			assert_true(l.groups_seen >= 1 && first + l.groups_seen <= n && l.bottom <= 440);
			for (size_t i = 0; i < l.n; i++) {
				assert_true(l.at[i].type == LANE_GROUP && l.at[i].group == first + i);
				assert_int_equal(l.at[i].folded, folded[first + i]);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_in_a_row_never_meet),
		cmocka_unit_test(extremes_pack),
		cmocka_unit_test(lanes_fill_without_overlap),
		cmocka_unit_test(folded_lanes_are_low_and_keep_their_order),
		cmocka_unit_test(groups_are_scrolled_when_they_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
