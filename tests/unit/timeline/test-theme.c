#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "timeline/view/theme.h"
#include "timeline/view/words.h"

static void everything_can_be_read(void **state)
{
	for (int dark = 0; dark < 2; dark++) {
		struct theme t;

		theme_init(&t, dark);
		assert_true(theme_is_dark(t.back) == dark);
		assert_true(theme_contrast(t.front, t.back) >= 7);
		assert_true(theme_contrast(t.dim, t.back) >= 4.5 && theme_contrast(t.dim, t.raised) >= 4.5);
		assert_true(theme_contrast(t.bad, t.back) >= 4.5 && theme_contrast(t.accent, t.back) >= 4.5);
		assert_true(theme_contrast(t.hit, t.back) >= 4.5 && theme_contrast(t.bookmark, t.back) >= 4.5);
		for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
			assert_true(theme_contrast(t.kinds[c], t.back) >= 4.5 && theme_contrast(t.kinds[c], t.raised) >= 4.5);
		for (int i = 0; i < THEME_SEGMENTS; i++)
			assert_true(theme_contrast(t.front, t.segments[i]) >= 7);
	}
}

/* Viénot, Brettel and Mollon 1999: what is left of a colour without long- or middle-wave cones (linear RGB). */
static struct theme_colour seen_by(struct theme_colour c, bool protan)
{
	static const double matrix[2][3] = { { 0.29275, 0.70725, -0.02234 }, { 0.11238, 0.88762, 0.00401 } };
	const double *m = matrix[protan];
	double r = pow(c.r, 2.2), g = pow(c.g, 2.2), b = pow(c.b, 2.2);
	double rg = m[0] * r + m[1] * g, blue = fmax(m[2] * (r - g) + b, 0);

	return (struct theme_colour){ pow(rg, 1 / 2.2), pow(rg, 1 / 2.2), pow(fmin(blue, 1), 1 / 2.2) };
}

static double distance(struct theme_colour a, struct theme_colour b)
{
	return sqrt(pow(a.r - b.r, 2) + pow(a.g - b.g, 2) + pow(a.b - b.b, 2));
}

static void kinds_stay_apart_without_red_and_green(void **state)
{
	for (int dark = 0; dark < 2; dark++) {
		struct theme t;
		double least = 9;

		theme_init(&t, dark);
		for (int a = EVENT_PROCESS; a < EVENT_CATEGORY_COUNT; a++) {
			for (int b = a + 1; b < EVENT_CATEGORY_COUNT; b++) {
				for (int protan = 0; protan < 2; protan++)
					least = fmin(least, distance(seen_by(t.kinds[a], protan), seen_by(t.kinds[b], protan)));
				least = fmin(least, distance(t.kinds[a], t.kinds[b]));
			}
		}
		print_message("# %s: nearest kinds are %.3f apart\n", dark ? "dark" : "light", least);
		assert_true(least >= 0.12);
	}
}

static void same_executable_same_colour(void **state)
{
	struct theme t;
	struct theme_colour a, b;

	theme_init(&t, false);
	a = theme_segment(&t, SPAN("bash"));
	b = theme_segment(&t, SPAN("bash"));
	assert_true(distance(a, b) == 0);
	assert_string_equal(theme_kind_name(EVENT_NETWORK), "Network");
	assert_string_equal(theme_kind_name((enum event_category)99), "Other");
}

static void says(const char *want, struct buf *b)
{
	assert_string_equal(b->p, want);
	buf_clear(b);
}

static void numbers_read_well(void **state)
{
	AUTO_BUF b = BUF_INIT;

	words_count(&b, 0); says("0", &b);
	words_count(&b, 999); says("999", &b);
	words_count(&b, 1000); says("1,000", &b);
	words_count(&b, UINT64_MAX); says("18,446,744,073,709,551,615", &b);
	words_events(&b, 1); says("1 event", &b);
	words_duration(&b, 250); says("250 ms", &b);
	words_duration(&b, 1204); says("1.204 s", &b);
	words_duration(&b, 250000); says("4 min 10 s", &b);
	words_duration(&b, 86400000); says("1 d", &b);
	words_duration(&b, -5); says("−5 ms", &b);
	words_duration(&b, INT64_MIN); assert_true(b.n > 0); buf_clear(&b);
	words_range(&b, 1795164901204, 1795164902000); says("2026-11-20 08:55:01.204 – 08:55:02.000", &b);
	words_range(&b, 1795164901204, 1795164901204); says("2026-11-20 08:55:01.204", &b);
	words_end(&b, 5, 1, 0); says("exit 1", &b);
	words_end(&b, 5, -1, 9); says("killed by SIGKILL", &b);
	words_end(&b, 5, 0, 33); says("killed by signal 33", &b);
	words_end(&b, 0, -1, 0); says("no end recorded", &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_can_be_read),
		cmocka_unit_test(kinds_stay_apart_without_red_and_green),
		cmocka_unit_test(same_executable_same_colour),
		cmocka_unit_test(numbers_read_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
