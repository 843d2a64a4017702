#include "timeline/view/timeline-overlay.h"

#include <glib/gi18n.h>
#include <math.h>

#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-signs.h"
#include "timeline/view/words.h"

enum { PAD = 8 };

static void flag(struct timeline_stage *t, cairo_t *cr, struct span text, double x, struct theme_colour ground)
{
	double w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, text) + 10, h = glyphs_height(t->glyphs, GLYPHS_MONO_SMALL) + 2;
	double left = fmin(fmax(x - w / 2, 0), t->scale.width - w), y = timeline_stage_axis_height(t) - h - 4;

	theme_set(cr, ground, 1);
	theme_rounded(cr, left, y, w, h, 3);
	cairo_fill(cr);
	theme_set(cr, t->theme.back, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, text, left + 5, y + h / 2, 0, GLYPHS_CUT_END);
}

static void draw_markers(struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	double x[2];

	for (int i = 0; i < 2; i++)
		x[i] = t->marker[i] != INT64_MIN ? round(scale_x(&t->scale, t->marker[i])) : NAN;
	if (!isnan(x[0]) && !isnan(x[1])) {
		theme_set(cr, t->theme.accent, 0.10);
		cairo_rectangle(cr, fmin(x[0], x[1]), top, fabs(x[0] - x[1]), t->lanes.bottom - top);
		cairo_fill(cr);
	}
	for (int i = 0; i < 2; i++) {
		if (isnan(x[i]) || x[i] < -20 || x[i] > t->scale.width + 20)
			continue;
		theme_set(cr, t->theme.accent, 1);
		cairo_rectangle(cr, x[i], top - 4, 1, t->lanes.bottom - top + 4);
		cairo_fill(cr);
		flag(t, cr, i ? SPAN("B") : SPAN("A"), x[i], t->theme.accent);
	}
}

/* What lies between A and B, as a length of time on the band. */
static void draw_difference(struct timeline_stage *t, cairo_t *cr)
{
	double a, b, x, w;
	AUTO_BUF words = BUF_INIT;

	if (t->marker[0] == INT64_MIN || t->marker[1] == INT64_MIN)
		return;
	a = fmax(scale_x(&t->scale, t->marker[0] < t->marker[1] ? t->marker[0] : t->marker[1]), 0);
	b = fmin(scale_x(&t->scale, t->marker[0] < t->marker[1] ? t->marker[1] : t->marker[0]), t->scale.width);
	buf_add_z(&words, "↔ ");
	words_duration(&words, llabs(t->marker[1] - t->marker[0]));
	w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, buf_span(&words));
	if (b - a < w + 12)
		return;
	x = round((a + b - w) / 2);
	theme_set(cr, t->theme.accent, 1);
	theme_rounded(cr, x - 6, timeline_stage_axis_height(t) + 2, w + 12,
	              glyphs_height(t->glyphs, GLYPHS_MONO_SMALL) + 4, 4);
	cairo_fill(cr);
	theme_set(cr, t->theme.back, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&words), x,
	            timeline_stage_axis_height(t) + 4 + glyphs_height(t->glyphs, GLYPHS_MONO_SMALL) / 2, 0, GLYPHS_CUT_END);
}

/* At the foot of the axis: the time of the rows that are in sight in the list. */
static void draw_listed(const struct timeline_stage *t, cairo_t *cr)
{
	double x0, x1;

	if (t->listed_from > t->listed_to)
		return;
	x0 = floor(fmax(scale_x(&t->scale, t->listed_from), -2));
	x1 = ceil(fmin(scale_x(&t->scale, t->listed_to), t->scale.width + 2));
	theme_set(cr, t->theme.accent, 0.8);
	cairo_rectangle(cr, x0, timeline_stage_axis_height(t) - 3, fmax(x1 - x0, 3), 3);
	cairo_fill(cr);
}

static void draw_box(const struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	double x0 = fmin(t->box_from, t->box_to), x1 = fmax(t->box_from, t->box_to);

	if (isnan(x0) || isnan(x1))
		return;
	theme_set(cr, t->theme.front, 0.12);
	cairo_rectangle(cr, x0, top, x1 - x0, t->lanes.bottom - top);
	cairo_fill(cr);
	theme_set(cr, t->theme.front, 0.7);
	cairo_set_line_width(cr, 1);
	cairo_rectangle(cr, floor(x0) + 0.5, top + 0.5, floor(x1 - x0), t->lanes.bottom - top - 1);
	cairo_stroke(cr);
}

static void draw_window(struct timeline_stage *t, cairo_t *cr)
{
	cairo_rectangle_t w;

	if (!timeline_minimap_window(t, &w))
		return;
	theme_set(cr, t->theme.accent, 0.16);
	cairo_rectangle(cr, w.x, w.y, w.width, w.height);
	cairo_fill(cr);
	theme_set(cr, t->theme.accent, 1);
	cairo_set_line_width(cr, 1);
	cairo_rectangle(cr, floor(w.x) + 0.5, floor(w.y) + 0.5, fmax(floor(w.width) - 1, 1), floor(w.height) - 1);
	cairo_stroke(cr);
}

static void draw_selection(struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	double x0, x1;

	if (t->select_from > t->select_to)
		return;
	x0 = floor(fmax(scale_x(&t->scale, t->select_from), -10));
	x1 = ceil(fmin(scale_x(&t->scale, t->select_to), t->scale.width + 10));
	x1 = fmax(x1, x0 + 3);
	theme_set(cr, t->theme.accent, 0.18);
	cairo_rectangle(cr, x0, top, x1 - x0, t->lanes.bottom - top);
	cairo_fill(cr);
	theme_set(cr, t->theme.accent, 1);
	cairo_rectangle(cr, x0 - 1, top, 1, t->lanes.bottom - top);
	cairo_rectangle(cr, x1, top, 1, t->lanes.bottom - top);
	cairo_fill(cr);
}

static void outline(struct timeline_stage *t, cairo_t *cr, const struct timeline_target *g, double width)
{
	cairo_rectangle_t r;

	if (!timeline_stage_place(t, g, &r))
		return;
	theme_set(cr, t->theme.accent, 1);
	cairo_set_line_width(cr, width);
	theme_rounded(cr, r.x - 2.5, r.y - 1.5, r.width + 5, r.height + 3, 4);
	cairo_stroke(cr);
}

static void draw_pointer(struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	AUTO_BUF b = BUF_INIT;

	if (t->hover_x < 0 || t->hover_x > t->scale.width)
		return;
	theme_set(cr, t->theme.front, 0.35);
	cairo_rectangle(cr, floor(t->hover_x), top, 1, t->lanes.bottom - top);
	cairo_fill(cr);
	words_time(&b, scale_ms(&t->scale, t->hover_x));
	if (!b.failed && b.n > 11)
		flag(t, cr, (struct span){ b.p + 11, b.n - 11 }, t->hover_x, t->theme.front);
}

static void right_words(const struct timeline_stage *t, struct buf *out)
{
	bool boxed = !isnan(t->box_from);
	AUTO_BUF length = BUF_INIT;

	if (t->marker[0] != INT64_MIN && t->marker[1] != INT64_MIN) {
		buf_add_z(out, "A → B ");
		words_duration(out, t->marker[1] - t->marker[0]);
		buf_add_z(out, "   ");
	}
	words_duration(&length, (int64_t)(t->scale.ms_per_px * (boxed ? fabs(t->box_to - t->box_from) : t->scale.width)));
	buf_printf(out, boxed ? _("zoom to %s") : _("shown %s"), length.p);
}

static void draw_info(struct timeline_stage *t, cairo_t *cr)
{
	int h = timeline_stage_info_height(t);
	double y = t->height - h / 2.0, w;
	const struct timeline_target *g = t->hover.type != TIMELINE_NOTHING ? &t->hover : &t->focus;
	struct scale_range seen = scale_visible(&t->scale);
	AUTO_BUF left = BUF_INIT, right = BUF_INIT;

	if (g->type != TIMELINE_NOTHING)
		timeline_stage_describe(t, g, false, &left);
	else
		words_range(&left, seen.from_ms, seen.to_ms);
	right_words(t, &right);
	timeline_draw_rule(t, cr, t->height - h);
	w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, buf_span(&right));
	theme_set(cr, t->theme.front, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&left), t->rtl ? w + 3 * PAD : PAD, y,
	            t->width - w - 5 * PAD, GLYPHS_CUT_END);
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&right), t->rtl ? PAD : t->width - w - PAD, y, 0,
	            GLYPHS_CUT_END);
}

void timeline_overlay_draw(struct timeline_stage *t, cairo_t *cr)
{
	glyphs_begin(t->glyphs, cr);
	timeline_draw_enter_plot(t, cr);
	draw_listed(t, cr);
	draw_selection(t, cr);
	draw_markers(t, cr);
	draw_difference(t, cr);
	timeline_bookmarks_draw(t, cr);
	draw_box(t, cr);
	draw_pointer(t, cr);
	cairo_restore(cr);
	draw_window(t, cr);
	timeline_legend_draw(t, cr);
	if (t->hover.type != TIMELINE_NOTHING)
		outline(t, cr, &t->hover, 1);
	if (t->has_focus && t->focus.type != TIMELINE_NOTHING)
		outline(t, cr, &t->focus, 2);
	draw_info(t, cr);
	if (t->has_focus) {
		theme_set(cr, t->theme.accent, 1);
		cairo_set_line_width(cr, 2);
		cairo_rectangle(cr, 1, 1, t->width - 2, t->height - 2);
		cairo_stroke(cr);
	}
}
