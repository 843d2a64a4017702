#include "timeline/model/scale.h"

#include <math.h>

#include "agent/base/clock.h"

static int64_t clamp_time(int64_t ms)
{
	return ms < CLOCK_MIN ? CLOCK_MIN : ms > CLOCK_MAX ? CLOCK_MAX : ms;
}

static double clampd(double v, double low, double high)
{
	return v < low ? low : v > high ? high : v;
}

/* Left edge = base + offset milliseconds; offset is small where it matters, so nothing is rounded away. */
static void set_left(struct scale *s, int64_t base, double offset)
{
	double whole = floor(offset);

	s->from_ms = base + (int64_t)whole;
	s->fraction = offset - whole;
	if (s->fraction >= 1) { /* a tiny negative offset rounds to 1 */
		s->from_ms++;
		s->fraction = 0;
	}
}

static double most_ms_per_px(const struct scale *s)
{
	return fmax((double)(s->max_ms - s->min_ms) / s->width, 1 / SCALE_PX_PER_MS_MAX);
}

/* Puts the view back inside the bounds; bounds shorter than the view are centred. */
static void keep_inside(struct scale *s)
{
	double span, room;

	s->ms_per_px = clampd(s->ms_per_px, 1 / SCALE_PX_PER_MS_MAX, most_ms_per_px(s));
	span = s->ms_per_px * s->width;
	room = (double)(s->max_ms - s->min_ms) - span;
	if (room <= 1e-6) /* as good as nothing to move */
		set_left(s, s->min_ms, room < -1e-6 ? room / 2 : 0);
	else if (s->from_ms < s->min_ms)
		set_left(s, s->min_ms, 0);
	else if ((double)(s->from_ms - s->min_ms) + s->fraction > room)
		set_left(s, s->max_ms, -span);
}

void scale_init(struct scale *s, int64_t min_ms, int64_t max_ms, double width)
{
	int64_t low = clamp_time(min_ms < max_ms ? min_ms : max_ms);
	int64_t high = clamp_time(min_ms < max_ms ? max_ms : min_ms);

	*s = (struct scale){ .min_ms = low, .max_ms = high > low ? high : low + 1 };
	s->width = isfinite(width) && width >= 1 ? width : 1;
	scale_fit(s);
}

void scale_set_width(struct scale *s, double width)
{
	s->width = isfinite(width) && width >= 1 ? width : 1;
	keep_inside(s);
}

void scale_fit(struct scale *s)
{
	s->ms_per_px = most_ms_per_px(s);
	set_left(s, s->min_ms, 0);
	keep_inside(s);
}

void scale_set_range(struct scale *s, int64_t from_ms, int64_t to_ms)
{
	int64_t low = clamp_time(from_ms < to_ms ? from_ms : to_ms);
	int64_t high = clamp_time(from_ms < to_ms ? to_ms : from_ms);
	double span = (double)(high - low), wide;

	s->ms_per_px = span / s->width;
	wide = clampd(s->ms_per_px, 1 / SCALE_PX_PER_MS_MAX, most_ms_per_px(s)) * s->width;
	set_left(s, low, (span - wide) / 2 < 0 ? (span - wide) / 2 : 0);
	keep_inside(s);
}

void scale_zoom(struct scale *s, double x, double factor)
{
	double before = s->ms_per_px, after;

	if (!isfinite(factor) || factor <= 0 || !isfinite(x))
		return;
	after = clampd(before / factor, 1 / SCALE_PX_PER_MS_MAX, most_ms_per_px(s));
	set_left(s, s->from_ms, s->fraction + x * (before - after));
	s->ms_per_px = after;
	keep_inside(s);
}

void scale_pan(struct scale *s, double dx)
{
	double most = (double)(CLOCK_MAX - CLOCK_MIN);

	if (!isfinite(dx))
		return;
	set_left(s, s->from_ms, s->fraction - clampd(dx * s->ms_per_px, -most, most));
	keep_inside(s);
}

double scale_x(const struct scale *s, int64_t ms)
{
	return ((double)(clamp_time(ms) - s->from_ms) - s->fraction) / s->ms_per_px;
}

int64_t scale_ms(const struct scale *s, double x)
{
	double most = (double)(CLOCK_MAX - CLOCK_MIN);
	double offset = clampd(x * s->ms_per_px + s->fraction, -most, most);

	return clamp_time(s->from_ms + (int64_t)floor(offset));
}

struct scale_range scale_visible(const struct scale *s)
{
	double right = s->fraction + s->width * s->ms_per_px;

	return (struct scale_range){ clamp_time(s->from_ms), clamp_time(s->from_ms + (int64_t)ceil(right)) };
}
