/* scale: time ↔ pixel. Pure arithmetic that stays exact from ten thousand years down to a hundredth of a millisecond
 * a pixel: the left edge is kept as whole milliseconds and a fraction, so no double ever holds a far-away time.
 */
#pragma once

#include <stdint.h>

struct scale_range {
	int64_t from_ms, to_ms;
};

/* The nearest one can get: 1 ms is this many pixels wide. */
#define SCALE_PX_PER_MS_MAX 100.0

struct scale {
	int64_t from_ms;    /* the left edge: from_ms + fraction, 0 <= fraction < 1 */
	double fraction;
	double ms_per_px;   /* > 0 */
	double width;       /* pixels, >= 1 */
	int64_t min_ms, max_ms; /* bounds; the view never shows more, unless they are too short to be shown at all */
};

/* Takes any bounds: swapped ones are ordered, times outside the writable years (clock.h) clamped, and an empty or
 * very short interval widened to what the nearest zoom shows. Fits the view to them. */
void scale_init(struct scale *s, int64_t min_ms, int64_t max_ms, double width);
/* Keeps the left edge and the zoom where the bounds allow. */
void scale_set_width(struct scale *s, double width);
void scale_fit(struct scale *s);
/* Shows [from, to): order and bounds as in scale_init. */
void scale_set_range(struct scale *s, int64_t from_ms, int64_t to_ms);
/* factor > 1: nearer. What is at pixel x stays there, as far as the bounds allow. Not finite or <= 0: nothing. */
void scale_zoom(struct scale *s, double x, double factor);
/* Moves what is shown by dx pixels (> 0: to the right, earlier times come in). */
void scale_pan(struct scale *s, double dx);

double scale_x(const struct scale *s, int64_t ms);
/* The millisecond that pixel x lies in; clamped to the writable years. */
int64_t scale_ms(const struct scale *s, double x);
/* Whole milliseconds that are at least partly visible, [from, to). */
struct scale_range scale_visible(const struct scale *s);
