/* The whole at the foot of a timeline, with what is shown as a window in it. Part of timeline-stage. */
#include <glib/gi18n.h>
#include <math.h>

#include "timeline/view/timeline-stage.h"

enum { MINIMAP_H = 32, MINIMAP_FROM_H = 240, PAD = 4, LEAST_W = 6 };

int timeline_minimap_height(const struct timeline_stage *t)
{
	return t->with_minimap && t->height >= MINIMAP_FROM_H ? MINIMAP_H : 0;
}

static cairo_rectangle_t place(const struct timeline_stage *t)
{
	int h = timeline_minimap_height(t);

	return (cairo_rectangle_t){ timeline_stage_plot_x(t), t->height - timeline_stage_info_height(t) - h, t->scale.width,
		                    h };
}

static double x_of(const struct timeline_stage *t, const cairo_rectangle_t *r, double ms_from_min)
{
	return r->x + ms_from_min / (double)(t->scale.max_ms - t->scale.min_ms) * r->width;
}

bool timeline_minimap_window(const struct timeline_stage *t, cairo_rectangle_t *ret)
{
	cairo_rectangle_t r = place(t);
	double from = (double)(t->scale.from_ms - t->scale.min_ms) + t->scale.fraction, x0, x1;

	if (r.height <= 0)
		return false;
	x0 = fmin(fmax(x_of(t, &r, from), r.x), r.x + r.width - LEAST_W);
	x1 = fmin(fmax(x_of(t, &r, from + t->scale.ms_per_px * t->scale.width), x0 + LEAST_W), r.x + r.width);
	*ret = (cairo_rectangle_t){ x0, r.y + 1, x1 - x0, r.height - 1 };
	return true;
}

bool timeline_minimap_hit(const struct timeline_stage *t, double x, double y)
{
	cairo_rectangle_t r = place(t);

	return r.height > 0 && x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
}

void timeline_minimap_drag(struct timeline_stage *t, double dx)
{
	double whole = (double)(t->scale.max_ms - t->scale.min_ms);

	scale_pan(&t->scale, -dx * whole / t->scale.width / t->scale.ms_per_px);
}

void timeline_minimap_centre(struct timeline_stage *t, double x)
{
	cairo_rectangle_t w;

	if (timeline_minimap_window(t, &w))
		timeline_minimap_drag(t, x - w.x - w.width / 2);
}

/* ---- drawing ---- */

static uint64_t bin_total(const struct reader_histogram *h, size_t i)
{
	uint64_t sum = 0;

	for (size_t c = 0; c < EVENT_CATEGORY_COUNT; c++)
		if (__builtin_add_overflow(sum, h->counts[i * EVENT_CATEGORY_COUNT + c], &sum))
			return UINT64_MAX;
	return sum;
}

/* Adds a bar for each two pixels; `low`: all of one height. */
static void add_bars(const struct timeline_stage *t, cairo_t *cr, const struct reader_histogram *h,
                     const cairo_rectangle_t *r, double low)
{
	uint64_t greatest = 1;
	double last = -1, last_h = 0;

	for (size_t i = 0; i < h->n_bins; i++) {
		uint64_t n = bin_total(h, i);

		greatest = n > greatest ? n : greatest;
	}
	for (size_t i = 0; i < h->n_bins; i++) {
		uint64_t n = bin_total(h, i);
		double x = floor(x_of(t, r, (double)(h->from_ms + (int64_t)i * h->bin_ms - t->scale.min_ms)) / 2) * 2;
		double bar = low > 0 ? low : 2 + (r->height - 2 * PAD - 2) * sqrt((double)n / (double)greatest);

		if (n == 0 || x < r->x || x >= r->x + r->width || (x <= last && bar <= last_h))
			continue;
		cairo_rectangle(cr, x, floor(r->y + r->height - PAD - bar), 2, ceil(bar));
		last = x;
		last_h = bar;
	}
}

static void draw_gaps(struct timeline_stage *t, cairo_t *cr, const cairo_rectangle_t *r)
{
	double drawn = -1;

	for (size_t i = 0; i < t->n_gaps; i++) {
		double x0 = x_of(t, r, (double)(t->gaps[i].from_ms - t->scale.min_ms));
		double x1 = x_of(t, r, (double)(t->gaps[i].to_ms - t->scale.min_ms));

		x0 = fmax(fmax(x0, r->x), drawn);
		x1 = fmin(fmax(x1, x0 + 2), r->x + r->width);
		if (x1 <= x0)
			continue;
		theme_hatch(cr, &t->theme, x0, r->y + 1, x1 - x0, r->height - 1);
		drawn = x1;
	}
}

void timeline_minimap_draw(struct timeline_stage *t, cairo_t *cr)
{
	cairo_rectangle_t r = place(t);

	if (r.height <= 0)
		return;
	theme_set(cr, t->theme.raised, 1);
	cairo_rectangle(cr, 0, r.y, t->width, r.height);
	cairo_fill(cr);
	add_bars(t, cr, &t->overview, &r, 0);
	theme_set(cr, theme_mix(t->theme.back, t->theme.dim, 0.7), 1);
	cairo_fill(cr);
	draw_gaps(t, cr, &r);
	theme_set(cr, t->theme.line, 1);
	cairo_rectangle(cr, 0, r.y, t->width, 1);
	cairo_fill(cr);
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, span_of(_("Overview")), t->rtl ? t->scale.width + 8 : 8, r.y + r.height / 2, 0,
	            GLYPHS_CUT_END);
}
