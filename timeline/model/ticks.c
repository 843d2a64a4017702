#include "timeline/model/ticks.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

/* In the order of how much of the label they need. */
enum unit { UNIT_MS, UNIT_SECOND, UNIT_MINUTE, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };

struct step {
	enum unit unit;
	int32_t n;     /* of the unit; ms for UNIT_MS to UNIT_MINUTE */
	enum unit minor_unit;
	int32_t minor; /* the bare strokes between: every long one must be one of them */
};

#define S 1000
#define M (60 * S)
#define H (60 * M)
static const struct step steps[] = {
	{ UNIT_MS, 1, UNIT_MS, 1 }, { UNIT_MS, 2, UNIT_MS, 1 }, { UNIT_MS, 5, UNIT_MS, 1 },
	{ UNIT_MS, 10, UNIT_MS, 2 }, { UNIT_MS, 20, UNIT_MS, 5 }, { UNIT_MS, 50, UNIT_MS, 10 },
	{ UNIT_MS, 100, UNIT_MS, 20 }, { UNIT_MS, 200, UNIT_MS, 50 }, { UNIT_MS, 500, UNIT_MS, 100 },
	{ UNIT_SECOND, S, UNIT_MS, 200 }, { UNIT_SECOND, 2 * S, UNIT_MS, 500 }, { UNIT_SECOND, 5 * S, UNIT_MS, S },
	{ UNIT_SECOND, 10 * S, UNIT_MS, 2 * S }, { UNIT_SECOND, 15 * S, UNIT_MS, 5 * S },
	{ UNIT_SECOND, 30 * S, UNIT_MS, 5 * S }, { UNIT_MINUTE, M, UNIT_MS, 10 * S },
	{ UNIT_MINUTE, 2 * M, UNIT_MS, 30 * S }, { UNIT_MINUTE, 5 * M, UNIT_MS, M },
	{ UNIT_MINUTE, 10 * M, UNIT_MS, 2 * M }, { UNIT_MINUTE, 15 * M, UNIT_MS, 5 * M },
	{ UNIT_MINUTE, 30 * M, UNIT_MS, 5 * M }, { UNIT_MINUTE, H, UNIT_MS, 10 * M },
	{ UNIT_MINUTE, 2 * H, UNIT_MS, 30 * M }, { UNIT_MINUTE, 3 * H, UNIT_MS, 30 * M },
	{ UNIT_MINUTE, 6 * H, UNIT_MS, H }, { UNIT_MINUTE, 12 * H, UNIT_MS, 2 * H },
	{ UNIT_DAY, 1, UNIT_MS, 6 * H }, { UNIT_DAY, 2, UNIT_MS, 12 * H }, { UNIT_WEEK, 1, UNIT_DAY, 1 },
	{ UNIT_WEEK, 2, UNIT_DAY, 2 }, { UNIT_MONTH, 1, UNIT_MONTH, 1 },
	{ UNIT_MONTH, 3, UNIT_MONTH, 1 }, { UNIT_MONTH, 6, UNIT_MONTH, 1 }, { UNIT_YEAR, 1, UNIT_MONTH, 3 },
	{ UNIT_YEAR, 2, UNIT_MONTH, 6 }, { UNIT_YEAR, 5, UNIT_YEAR, 1 }, { UNIT_YEAR, 10, UNIT_YEAR, 2 },
	{ UNIT_YEAR, 20, UNIT_YEAR, 5 }, { UNIT_YEAR, 50, UNIT_YEAR, 10 }, { UNIT_YEAR, 100, UNIT_YEAR, 20 },
	{ UNIT_YEAR, 200, UNIT_YEAR, 50 }, { UNIT_YEAR, 500, UNIT_YEAR, 100 }, { UNIT_YEAR, 1000, UNIT_YEAR, 200 },
	{ UNIT_YEAR, 2000, UNIT_YEAR, 500 }, { UNIT_YEAR, 5000, UNIT_YEAR, 1000 },
};
#undef S
#undef M
#undef H

static int label_chars(enum unit u)
{
	static const unsigned char chars[] = { 6, 8, 5, 5, 5, 7, 4 };

	return chars[u];
}

/* The shortest it can be: February, a year without a leap day. */
static double unit_ms(enum unit u, int32_t n)
{
	switch (u) {
	case UNIT_DAY: return (double)n * MS_PER_DAY;
	case UNIT_WEEK: return (double)n * 7 * MS_PER_DAY;
	case UNIT_MONTH: return (double)n * 28 * MS_PER_DAY;
	case UNIT_YEAR: return (double)n * 365 * MS_PER_DAY;
	default: return n;
	}
}

static int64_t floor_to(int64_t v, int64_t n)
{
	int64_t rest = v % n;

	return v - rest - (rest < 0 ? n : 0);
}

/* The last multiple of the step at or before ms. */
static int64_t step_floor(enum unit u, int32_t n, int64_t ms)
{
	struct clock_fields f;

	if (u < UNIT_DAY)
		return floor_to(ms, n);
	if (u == UNIT_DAY)
		return floor_to(ms, n * MS_PER_DAY);
	if (u == UNIT_WEEK) /* 1970-01-05 was a Monday */
		return floor_to(ms - 4 * MS_PER_DAY, n * 7 * MS_PER_DAY) + 4 * MS_PER_DAY;
	f = clock_split(ms);
	if (u == UNIT_YEAR)
		return clock_join((struct clock_fields){ .year = (int)floor_to(f.year, n), .month = 1, .day = 1 });
	return clock_join((struct clock_fields){ .year = f.year, .month = (int)floor_to(f.month - 1, n) + 1, .day = 1 });
}

/* The next multiple after `at`, which is one. */
static int64_t step_next(enum unit u, int32_t n, int64_t at)
{
	struct clock_fields f;

	if (u < UNIT_MONTH)
		return at + (int64_t)unit_ms(u, n);
	f = clock_split(at);
	if (u == UNIT_YEAR)
		return clock_join((struct clock_fields){ .year = f.year + n, .month = 1, .day = 1 });
	return clock_join((struct clock_fields){ .year = f.year, .month = f.month + n, .day = 1 });
}

static const struct step *choose(double ms_per_px, double char_px)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		double need = (label_chars(steps[i].unit) + 2) * char_px;

		if (unit_ms(steps[i].unit, steps[i].n) / ms_per_px >= need)
			return &steps[i];
	}
	return &steps[ARRAY_LEN(steps) - 1];
}

/* Cuts pieces out of the one format that all times are written in: "2026-11-20 08:55:01.204+00:00". */
static void cut(int64_t ms, size_t from, size_t n, char *out, size_t size)
{
	char text[CLOCK_TEXT];

	clock_format(ms, text);
	snprintf(out, size, "%.*s", (int)n, text + from);
}

static void label(enum unit u, int64_t ms, char *out, size_t size)
{
	static const unsigned char from[] = { 17, 11, 11, 5, 5, 0, 0 };

	cut(ms, from[u], (size_t)label_chars(u), out, size);
}

static void context(enum unit u, int64_t ms, char out[TICKS_TEXT])
{
	static const unsigned char chars[] = { 16, 10, 10, 4, 4, 0, 0 };

	cut(ms, 0, chars[u], out, TICKS_TEXT);
}

void ticks_fill(const struct scale *s, double char_px, struct ticks *ret)
{
	const struct step *step = choose(s->ms_per_px, char_px > 1 ? char_px : 1);
	struct scale_range seen = scale_visible(s);
	int64_t at = step_floor(step->minor_unit, step->minor, seen.from_ms);
	char last[TICKS_TEXT];

	ret->n = 0;
	context(step->unit, seen.from_ms, ret->context);
	memcpy(last, ret->context, sizeof(last));
	for (; at < seen.to_ms && at <= CLOCK_MAX && ret->n < TICKS_MAX;
	     at = step_next(step->minor_unit, step->minor, at)) {
		struct tick *t = &ret->at[ret->n];

		if (at < seen.from_ms || at < CLOCK_MIN)
			continue;
		*t = (struct tick){ .ms = at, .labelled = step_floor(step->unit, step->n, at) == at };
		ret->n++;
		if (!t->labelled)
			continue;
		label(step->unit, at, t->label, sizeof(t->label));
		context(step->unit, at, t->context);
		if (strcmp(t->context, last) == 0)
			t->context[0] = 0;
		else
			memcpy(last, t->context, sizeof(last));
	}
}
