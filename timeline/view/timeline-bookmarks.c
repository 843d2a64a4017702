/* Bookmarks: a flag in the axis with its name, and a line down through the lanes. */
#include <math.h>

#include "timeline/view/timeline-signs.h"

enum { FLAG_W = 7, FLAG_H = 6 };

void timeline_bookmarks_draw(struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	double free_from = -INFINITY, line = glyphs_height(t->glyphs, GLYPHS_SMALL);

	for (size_t i = 0; i < t->n_bookmarks; i++) {
		double x = round(scale_x(&t->scale, t->bookmarks[i].ms)), y = top - line - 4, w;
		struct span name = span_of(t->bookmarks[i].name);
		double next = i + 1 < t->n_bookmarks ? scale_x(&t->scale, t->bookmarks[i + 1].ms) : t->scale.width;

		if (x < -FLAG_W || x > t->scale.width)
			continue;
		theme_set(cr, t->theme.bookmark, 1);
		cairo_rectangle(cr, x, y, 1, t->lanes.bottom - y);
		cairo_move_to(cr, x, y);
		cairo_line_to(cr, x + FLAG_W, y + FLAG_H / 2.0);
		cairo_line_to(cr, x, y + FLAG_H);
		cairo_fill(cr);
		w = fmin(glyphs_width(t->glyphs, GLYPHS_SMALL, name), 160);
		if (x < free_from || next - x < FLAG_W + 24)
			continue;
		w = fmin(w, next - x - FLAG_W - 8);
		theme_set(cr, t->theme.back, 0.9);
		cairo_rectangle(cr, x + FLAG_W + 1, y - 1, w + 6, line + 2);
		cairo_fill(cr);
		theme_set(cr, t->theme.bookmark, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, name, x + FLAG_W + 4, y + line / 2, w, GLYPHS_CUT_END);
		free_from = x + FLAG_W + w + 8;
	}
}
