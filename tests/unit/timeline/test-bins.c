#include "tests/unit/test.h"

#include <math.h>

#include "agent/base/clock.h"
#include "timeline/model/bins.h"

enum { MOST = 3000 };

static uint64_t counts[MOST * EVENT_CATEGORY_COUNT];

static struct reader_histogram random_histogram(void)
{
	struct reader_histogram h = { .from_ms = INT64_C(1700000000000) + rand() % 100000, .n_bins = 1 + (size_t)rand() % MOST,
		                      .bin_ms = (int64_t)pow(10, 9.0 * rand() / RAND_MAX), .counts = counts };

	for (size_t i = 0; i < h.n_bins * EVENT_CATEGORY_COUNT; i++)
		counts[i] = rand() % 5 ? 0 : (uint64_t)rand() % 1000;
	return h;
}

static void check_sum(const struct reader_histogram *h, const struct scale *s, const struct bins *b)
{
	uint64_t want[EVENT_CATEGORY_COUNT] = { 0 }, total = 0, got = 0;
	struct scale_range seen = scale_visible(s);

	for (size_t i = 0; i < h->n_bins; i++) {
		int64_t from = h->from_ms + (int64_t)i * h->bin_ms;

		for (int c = 0; c < EVENT_CATEGORY_COUNT && from < seen.to_ms && from + h->bin_ms > seen.from_ms; c++) {
			want[c] += counts[i * EVENT_CATEGORY_COUNT + (size_t)c];
			total += counts[i * EVENT_CATEGORY_COUNT + (size_t)c];
		}
	}
	for (size_t k = 0; k < b->n; k++) {
		got += b->at[k].total;
		for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
			want[c] -= b->at[k].counts[c];
	}
	assert_true(got == total);
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		assert_true(want[c] == 0);
}

static void no_count_vanishes(void **state)
{
	struct bins b = BINS_INIT;

	srand(8);
	for (int round = 0; round < 400; round++) {
		struct reader_histogram h = random_histogram();
		int64_t end = h.from_ms + (int64_t)h.n_bins * h.bin_ms;
		struct scale s;

		scale_init(&s, h.from_ms - rand() % 1000, end + rand() % 1000, 1 + rand() % 2000);
		for (int i = 0; i < 12; i++) {
			double column = 1 + rand() % 4;

			assert_int_equal(bins_merge(&h, &s, column, &b), 0);
			check_sum(&h, &s, &b);
			assert_true((double)b.n <= s.width / column + 3);
			for (size_t k = 1; k < b.n; k++)
				assert_true(b.at[k].from_ms >= b.at[k - 1].to_ms);
			scale_zoom(&s, rand() % 2000, 3.0 * rand() / RAND_MAX + 0.3);
			scale_pan(&s, rand() % 600 - 300);
		}
	}
	bins_free(&b);
}

static void panning_never_deals_anew(void **state)
{
	struct bins a = BINS_INIT, b = BINS_INIT;

	srand(9);
	for (int round = 0; round < 200; round++) {
		struct reader_histogram h = random_histogram();
		struct scale s;
		size_t k = 0;

		scale_init(&s, h.from_ms, h.from_ms + (int64_t)h.n_bins * h.bin_ms, 700);
		scale_zoom(&s, 350, 4);
		assert_int_equal(bins_merge(&h, &s, 2, &a), 0);
		scale_pan(&s, 3);
		assert_int_equal(bins_merge(&h, &s, 2, &b), 0);
		for (size_t i = 2; i + 2 < a.n; i++) { /* inner columns are the very same */
			while (k < b.n && b.at[k].from_ms < a.at[i].from_ms)
				k++;
			if (k < b.n && k + 1 < b.n)
				assert_true(b.at[k].from_ms == a.at[i].from_ms && b.at[k].total == a.at[i].total);
		}
	}
	bins_free(&a);
	bins_free(&b);
}

static void asking_is_answered_enough(void **state)
{
	srand(10);
	for (int round = 0; round < 5000; round++) {
		int64_t from = INT64_C(1600000000000);
		struct scale s;
		struct bins_want w;
		struct reader_histogram h;

		scale_init(&s, from, from + (int64_t)pow(10, 1 + 12.0 * rand() / RAND_MAX), 100 + rand() % 9000);
		scale_zoom(&s, rand() % 1000, pow(10, 8.0 * rand() / RAND_MAX));
		w = bins_wanted(&s, 2);
		assert_true(w.n_bins >= 1 && w.n_bins <= READER_MAX_BINS && w.to_ms > w.from_ms);
		h = (struct reader_histogram){ w.from_ms, (w.to_ms - w.from_ms) / w.n_bins, w.n_bins, counts };
		assert_int_equal((w.to_ms - w.from_ms) % w.n_bins, 0);
		assert_true(bins_enough(&h, &s, 2));
	}
}

static void nearest_is_found(void **state)
{
	struct reader_histogram h = { .from_ms = 0, .bin_ms = 10, .n_bins = 100, .counts = counts };
	struct bins b = BINS_INIT;
	struct scale s;

	memset(counts, 0, sizeof(counts));
	counts[50 * EVENT_CATEGORY_COUNT + EVENT_FILE] = 3;
	scale_init(&s, 0, 1000, 1000);
	assert_int_equal(bins_merge(&h, &s, 2, &b), 0);
	assert_int_equal(b.n, 1);
	assert_ptr_equal(bins_nearest(&b, 495, 6, EVENT_FILE), &b.at[0]);
	assert_ptr_equal(bins_nearest(&b, 512, 6, EVENT_NONE), &b.at[0]);
	assert_null(bins_nearest(&b, 505, 6, EVENT_NETWORK));
	assert_null(bins_nearest(&b, 480, 6, EVENT_FILE));
	bins_free(&b);
}

static void odd_histograms_give_nothing(void **state)
{
	struct bins b = BINS_INIT;
	struct scale s;
	struct reader_histogram odd[] = {
		{ 0, 0, 10, counts }, { 0, -5, 10, counts }, { 0, 5, 0, counts }, { 0, 5, 10, NULL },
		{ INT64_MIN, 5, 10, counts }, { INT64_MAX, 5, 10, counts }, { 0, INT64_MAX, 10, counts },
		{ 0, 5, READER_MAX_BINS + 1, counts },
	};

	scale_init(&s, INT64_MIN, INT64_MAX, 1000);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		assert_int_equal(bins_merge(&odd[i], &s, 2, &b), 0);
		assert_int_equal(b.n, 0);
		assert_false(bins_enough(&odd[i], &s, 2));
	}
	bins_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_count_vanishes),
		cmocka_unit_test(panning_never_deals_anew),
		cmocka_unit_test(asking_is_answered_enough),
		cmocka_unit_test(nearest_is_found),
		cmocka_unit_test(odd_histograms_give_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
