#include "tests/unit/test.h"

#include <math.h>

#include "agent/base/clock.h"
#include "timeline/model/scale.h"

static double uniform(void)
{
	return (double)rand() / RAND_MAX;
}

/* Times of all magnitudes: from 10 ms to 10,000 years long. */
static struct scale random_scale(void)
{
	double span = pow(10, 1 + uniform() * 13.4);
	int64_t from = CLOCK_MIN + (int64_t)(uniform() * ((double)(CLOCK_MAX - CLOCK_MIN) - span));
	struct scale s;

	scale_init(&s, from, from + (int64_t)span, 100 + floor(uniform() * 4000));
	return s;
}

static bool inside(const struct scale *s)
{
	struct scale_range r = scale_visible(s);
	bool too_short = (double)(s->max_ms - s->min_ms) * SCALE_PX_PER_MS_MAX <= s->width;

	return s->fraction >= 0 && s->fraction < 1 && (too_short || (r.from_ms >= s->min_ms && r.to_ms <= s->max_ms + 1));
}

static void zoom_keeps_the_time_under_the_pointer(void **state)
{
	srand(2);
	for (int round = 0; round < 3000; round++) {
		struct scale s = random_scale();
		double x = floor(uniform() * s.width);

		scale_zoom(&s, x, 1.1 + uniform() * 9);
		for (int i = 0; i < 40; i++) {
			int64_t under = scale_ms(&s, x);
			struct scale before = s;

			scale_zoom(&s, x, uniform() < 0.3 ? 0.8 : 1 + uniform() * 3);
			assert_true(inside(&s));
			if (s.from_ms == s.min_ms || scale_visible(&s).to_ms >= s.max_ms)
				continue; /* the bounds had the last word */
			assert_true(fabs(scale_x(&s, under) - x) <= 1 + fabs(scale_x(&before, under) - x) *
			                                            before.ms_per_px / s.ms_per_px);
			assert_true(llabs(scale_ms(&s, x) - under) <= 1);
		}
	}
}

static void pan_moves_by_what_it_was_told(void **state)
{
	srand(3);
	for (int round = 0; round < 3000; round++) {
		struct scale s = random_scale();
		double dx = (uniform() - 0.5) * 200, at;
		int64_t t;

		scale_zoom(&s, s.width / 2, 100);
		t = scale_ms(&s, s.width / 2);
		at = scale_x(&s, t);
		scale_pan(&s, dx);
		assert_true(inside(&s));
		if (s.ms_per_px * s.width * 10 < (double)(s.max_ms - s.min_ms))
			assert_true(fabs(scale_x(&s, t) - at - dx) < 0.01);
	}
}

static void pixel_and_time_are_inverse(void **state)
{
	srand(4);
	for (int round = 0; round < 20000; round++) {
		struct scale s = random_scale();
		int64_t t;

		scale_zoom(&s, uniform() * s.width, pow(10, uniform() * 12));
		t = scale_ms(&s, uniform() * s.width);
		/* The millisecond a pixel lies in starts at or left of it, and reaches past it. */
		assert_true(llabs(scale_ms(&s, scale_x(&s, t) + 0.5 / s.ms_per_px) - t) <= (s.ms_per_px > 1e4));
	}
}

static void odd_bounds_are_usable(void **state)
{
	static const int64_t odd[][2] = {
		{ 0, 0 }, { 5, 4 }, { INT64_MIN, INT64_MAX }, { INT64_MAX, INT64_MIN }, { INT64_MAX, INT64_MAX },
		{ INT64_MIN, INT64_MIN }, { CLOCK_MAX, CLOCK_MAX }, { 1700000000000, 1700000000001 },
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct scale s;

		scale_init(&s, odd[i][0], odd[i][1], i % 2 ? 1920 : NAN);
		for (int k = 0; k < 50; k++)
			scale_zoom(&s, 7, 3);
		assert_true(s.ms_per_px >= 1 / SCALE_PX_PER_MS_MAX - 1e-9);
		scale_pan(&s, 1e300);
		scale_pan(&s, -1e300);
		scale_pan(&s, NAN);
		scale_zoom(&s, INFINITY, 2);
		scale_zoom(&s, 0, -1);
		scale_set_range(&s, INT64_MIN, INT64_MAX);
		scale_set_width(&s, 0);
		assert_true(inside(&s) && isfinite(scale_x(&s, INT64_MAX)) && isfinite(scale_x(&s, INT64_MIN)));
		assert_true(scale_visible(&s).from_ms < scale_visible(&s).to_ms || s.min_ms >= CLOCK_MAX);
	}
}

static void range_is_shown_as_asked(void **state)
{
	struct scale s;

	scale_init(&s, 0, 10000000, 1000);
	scale_set_range(&s, 2000000, 3000000);
	assert_int_equal(scale_visible(&s).from_ms, 2000000);
	assert_int_equal(scale_visible(&s).to_ms, 3000000);
	scale_set_range(&s, 5000000, 5000000); /* nearest zoom, in the middle */
	assert_true(fabs(scale_x(&s, 5000000) - 500) < 1);
	scale_fit(&s);
	assert_int_equal(scale_visible(&s).from_ms, 0);
	assert_int_equal(scale_visible(&s).to_ms, 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zoom_keeps_the_time_under_the_pointer),
		cmocka_unit_test(pan_moves_by_what_it_was_told),
		cmocka_unit_test(pixel_and_time_are_inverse),
		cmocka_unit_test(odd_bounds_are_usable),
		cmocka_unit_test(range_is_shown_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
