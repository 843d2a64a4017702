/* Search hits in a timeline: in each kind's lane a frame of its own colour around the columns that hold some. */
#include <math.h>

#include "agent/base/cleanup.h"
#include "timeline/view/timeline-signs.h"

/* Neighbours are one frame: a frame for each pixel would be a block of colour. */
static void add_frames(const struct timeline_stage *t, cairo_t *cr, const struct bins *b, const struct lane *lane)
{
	double from = NAN, to = NAN;

	for (size_t i = 0; i <= b->n; i++) {
		bool some = i < b->n && b->at[i].counts[lane->category];
		double x0 = some ? floor(fmax(b->at[i].x, -8)) - 2 : INFINITY;
		double x1 = some ? ceil(fmin(b->at[i].x + b->at[i].w, t->scale.width + 8)) + 2 : 0;

		if (!some && i < b->n)
			continue;
		if (some && !isnan(from) && x0 <= to + 2) {
			to = x1;
			continue;
		}
		if (!isnan(from))
			cairo_rectangle(cr, from, lane->y + 2, to - from, lane->h - 5);
		from = x0;
		to = x1;
	}
}

void timeline_hits_draw(struct timeline_stage *t, cairo_t *cr)
{
	struct bins b = BINS_INIT;

	if (t->hits.n_bins == 0 || bins_merge(&t->hits, &t->scale, TIMELINE_COLUMN_PX, &b) < 0)
		return;
	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.at[i].type == LANE_KIND)
			add_frames(t, cr, &b, &t->lanes.at[i]);
	theme_set(cr, t->theme.hit, 0.35);
	cairo_fill_preserve(cr);
	theme_set(cr, t->theme.hit, 1);
	cairo_set_line_width(cr, 1);
	cairo_stroke(cr);
	bins_free(&b);
}
