#include "tests/unit/test.h"

#include <math.h>

#include "agent/base/clock.h"
#include "agent/base/cleanup.h"
#include "timeline/model/ticks.h"

static struct ticks ticks;

static void check(const struct scale *s, double char_px)
{
	double last_end = -INFINITY, longest = 0;
	int64_t last = INT64_MIN;
	size_t labels = 0;

	ticks_fill(s, char_px, &ticks);
	assert_true(ticks.n < TICKS_MAX);
	for (size_t i = 0; i < ticks.n; i++) {
		const struct tick *t = &ticks.at[i];
		double x = scale_x(s, t->ms);

		assert_true(t->ms > last && x > -1.01 / s->ms_per_px && x <= s->width + 1 / s->ms_per_px);
		if (t->labelled) {
			double half = (double)strlen(t->label) * char_px / 2;

			assert_true(strlen(t->label) > 0);
			assert_true(x - half >= last_end - 0.01);
			longest = labels ? fmax(longest, x - half - last_end) : 0;
			last_end = x + half;
			labels++;
		} else {
			assert_true(t->label[0] == 0 && t->context[0] == 0);
		}
		last = t->ms;
	}
	assert_true(labels > 0 || s->width < 36 * char_px);
	assert_true(labels < 2 || longest <= 36 * char_px); /* no long stretch without a label */
}

static void never_overlap_at_any_zoom(void **state)
{
	srand(5);
	for (int round = 0; round < 4000; round++) {
		double span = pow(10, 1 + 13.3 * rand() / RAND_MAX), width = 200 + rand() % 3800;
		struct scale s;
		int64_t from = CLOCK_MIN + (int64_t)((double)rand() / RAND_MAX *
		                                     ((double)(CLOCK_MAX - CLOCK_MIN) - span));

		scale_init(&s, from, from + (int64_t)span, width);
		for (int i = 0; i < 8; i++) {
			check(&s, 5 + rand() % 20);
			scale_zoom(&s, rand() % (int)width, 1 + 20.0 * rand() / RAND_MAX);
		}
	}
}

static void says(const char *from, const char *to, const char *context, const char *first, const char *second)
{
	struct scale s;
	int64_t a = 0, b = 0;
	const char *got[2] = { "", "" };
	size_t n = 0;

	assert_int_equal(clock_parse(span_of(from), 0, &a), 0);
	assert_int_equal(clock_parse(span_of(to), 0, &b), 0);
	scale_init(&s, a, b, 1000);
	ticks_fill(&s, 7, &ticks);
	for (size_t i = 0; i < ticks.n && n < 2; i++)
		if (ticks.at[i].labelled)
			got[n++] = ticks.at[i].label;
	assert_string_equal(ticks.context, context);
	assert_string_equal(got[0], first);
	assert_string_equal(got[1], second);
}

static void labels_tell_what_one_needs(void **state)
{
	says("2026-11-20 08:54:00", "2026-11-20 08:58:00", "2026-11-20", "08:54:00", "08:54:30");
	says("2026-11-20 08:54:01.2", "2026-11-20 08:54:01.300", "2026-11-20 08:54", "01.200", "01.210");
	says("2026-11-20 08:00:00", "2026-11-20 20:00:00", "2026-11-20", "08:00", "09:00");
	says("2026-11-20 08:00:00", "2026-11-28 08:00:00", "2026-11-20", "12:00", "00:00");
	says("2026-11-20 08:00:00", "2026-12-08 08:00:00", "2026", "11-21", "11-22");
	says("2026-02-10", "2027-02-10", "", "2026-03", "2026-04");
	says("1980-06-01", "2026-06-01", "", "1982", "1984");
	says("0010-01-01", "9990-01-01", "", "0500", "1000");
}

static void context_is_given_again_where_it_changes(void **state)
{
	struct scale s;
	size_t n = 0;

	/* 20:00 to 04:00 over midnight */
	scale_init(&s, INT64_C(1795896000000), INT64_C(1795896000000) + 8 * 3600 * MS_PER_SEC, 1000);
	ticks_fill(&s, 7, &ticks);
	for (size_t i = 0; i < ticks.n; i++) {
		n += ticks.at[i].context[0] != 0;
		if (ticks.at[i].context[0])
			assert_true(ticks.at[i].ms % MS_PER_DAY == 0 && strcmp(ticks.at[i].context, ticks.context) != 0);
	}
	assert_int_equal(n, 1);
}

/* From the widest a view can be to where a millisecond is a finger wide, in small steps, at both ends of what can be
 * written and in between: there are always strokes, the time under the pointer stays, nothing jumps. */
static void zooms_from_centuries_to_a_millisecond(void **state)
{
	static const double spots[] = { 0.5, 400, 799.5 };
	static struct ticks t;

	for (size_t k = 0; k < ARRAY_LEN(spots); k++) {
		struct scale s;
		double span, before = INFINITY;
		int64_t at;
		int frames = 0;

		scale_init(&s, CLOCK_MIN, CLOCK_MAX, 800);
		while (s.ms_per_px > 1 / SCALE_PX_PER_MS_MAX * 1.001 && frames++ < 2000) {
			at = scale_ms(&s, spots[k]);
			scale_zoom(&s, spots[k], 1.05);
			span = s.ms_per_px * s.width;
			assert_true(span < before);
			before = span;
			assert_true(fabs(scale_x(&s, at) - spots[k]) <= fmax(1 / s.ms_per_px, 1) + 1e-3);
			check(&s, 7);
			ticks_fill(&s, 7, &t);
			assert_true(t.n > 0 || span < 1); /* less than a millisecond is in sight: perhaps none begins there */
		}
		assert_true(frames > 500 && frames < 2000);
		assert_true(s.from_ms >= CLOCK_MIN && scale_ms(&s, 800) <= CLOCK_MAX);
		for (int i = 0; i < 900; i++)
			scale_zoom(&s, spots[k], 1 / 1.05);
		assert_true(scale_ms(&s, 0) == CLOCK_MIN && scale_visible(&s).to_ms == CLOCK_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_overlap_at_any_zoom),
		cmocka_unit_test(labels_tell_what_one_needs),
		cmocka_unit_test(context_is_given_again_where_it_changes),
		cmocka_unit_test(zooms_from_centuries_to_a_millisecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
