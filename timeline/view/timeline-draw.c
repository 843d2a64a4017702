#include "timeline/view/timeline-draw.h"

#include <glib/gi18n.h>
#include <math.h>

#include "agent/base/cleanup.h"
#include "timeline/model/ticks.h"
#include "timeline/view/timeline-signs.h"
#include "timeline/view/words.h"

enum { PAD = 8, GLYPH = 9 };

/* ---- helpers ---- */

void timeline_draw_rule(const struct timeline_stage *t, cairo_t *cr, double y)
{
	theme_set(cr, t->theme.line, 1);
	cairo_rectangle(cr, 0, floor(y), t->width, 1);
	cairo_fill(cr);
}

static double plot_x(const struct timeline_stage *t)
{
	return timeline_stage_plot_x(t);
}

void timeline_draw_enter_plot(const struct timeline_stage *t, cairo_t *cr)
{
	cairo_save(cr);
	cairo_rectangle(cr, plot_x(t), 0, t->scale.width, t->height - timeline_stage_info_height(t));
	cairo_clip(cr);
	cairo_translate(cr, plot_x(t), 0);
}

static void text_right(struct timeline_stage *t, cairo_t *cr, enum glyphs_font f, struct span s, double right, double y)
{
	glyphs_draw(t->glyphs, cr, f, s, right - glyphs_width(t->glyphs, f, s), y, 0, GLYPHS_CUT_END);
}

/* ---- axis ---- */

static void draw_context(struct timeline_stage *t, cairo_t *cr, const struct ticks *ticks, double y)
{
	double end = t->scale.width, next = end;
	double w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, span_of(ticks->context));

	theme_set(cr, t->theme.dim, 1);
	for (size_t i = ticks->n; i-- > 0;) {
		const struct tick *k = &ticks->at[i];

		if (!k->context[0])
			continue;
		next = scale_x(&t->scale, k->ms);
		glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, span_of(k->context), round(next) + 4, y, 0, GLYPHS_CUT_END);
		cairo_rectangle(cr, round(next), 4, 1, timeline_stage_axis_height(t) - 4);
		cairo_fill(cr);
	}
	/* The left edge's context gives way to the next one. */
	if (ticks->context[0])
		glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, span_of(ticks->context), fmin(4, next - w - 4), y, 0,
		            GLYPHS_CUT_END);
}

static void draw_axis(struct timeline_stage *t, cairo_t *cr)
{
	int h = timeline_stage_axis_height(t);
	double line = glyphs_height(t->glyphs, GLYPHS_MONO_SMALL);
	struct ticks *ticks = g_new(struct ticks, 1);

	ticks_fill(&t->scale, glyphs_digit(t->glyphs, GLYPHS_MONO_SMALL), ticks);
	for (size_t i = 0; i < ticks->n; i++) { /* grid first: everything else lies on it */
		double x = round(scale_x(&t->scale, ticks->at[i].ms));

		if (ticks->at[i].labelled)
			cairo_rectangle(cr, x, h, 1, t->lanes.bottom - h);
		cairo_rectangle(cr, x, h - (ticks->at[i].labelled ? 6 : 3), 1, ticks->at[i].labelled ? 6 : 3);
	}
	theme_set(cr, t->theme.line, 1);
	cairo_fill(cr);
	theme_set(cr, t->theme.front, 1);
	for (size_t i = 0; i < ticks->n; i++) {
		struct span label = span_of(ticks->at[i].label);
		double x = scale_x(&t->scale, ticks->at[i].ms), w;

		if (!ticks->at[i].labelled)
			continue;
		w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, label);
		if (x < w / 2 || x + w / 2 > t->scale.width)
			continue; /* half a number is worse than none */
		glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, label, round(x - w / 2), h - 7 - line / 2, 0, GLYPHS_CUT_END);
	}
	draw_context(t, cr, ticks, 3 + line / 2);
	g_free(ticks);
}

/* ---- gaps ---- */

static void gap_label(struct timeline_stage *t, cairo_t *cr, const struct gap *g, double x, double w)
{
	double y = t->lanes.bottom - glyphs_height(t->glyphs, GLYPHS_SMALL) / 2 - 4, tw;
	AUTO_BUF b = BUF_INIT;

	if (g->count >= 0)
		buf_printf(&b, _("%s lost"), WORDS_NUMBER((uint64_t)g->count));
	else
		buf_add_z(&b, _("not recorded"));
	tw = glyphs_width(t->glyphs, GLYPHS_SMALL, buf_span(&b));
	if (tw + 12 > w)
		return;
	theme_set(cr, t->theme.back, 0.85);
	theme_rounded(cr, x + (w - tw) / 2 - 5, y - 9, tw + 10, 18, 4);
	cairo_fill(cr);
	theme_set(cr, t->theme.front, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&b), x + (w - tw) / 2, y, 0, GLYPHS_CUT_END);
}

static void draw_gaps(struct timeline_stage *t, cairo_t *cr)
{
	int top = timeline_stage_axis_height(t);
	double drawn = -INFINITY; /* gaps by the thousand are one band */

	for (size_t i = 0; i < t->n_gaps; i++) {
		double x0 = floor(fmax(scale_x(&t->scale, t->gaps[i].from_ms), -4));
		double x1 = ceil(fmin(scale_x(&t->scale, t->gaps[i].to_ms), t->scale.width + 4));

		x1 = fmax(x1, x0 + 3);
		if (x1 <= 0 || x0 >= t->scale.width || x1 <= drawn)
			continue;
		theme_hatch(cr, &t->theme, fmax(x0, drawn), top, x1 - fmax(x0, drawn), t->lanes.bottom - top);
		drawn = x1;
		gap_label(t, cr, &t->gaps[i], fmax(x0, 0), fmin(x1, t->scale.width) - fmax(x0, 0));
	}
}

/* ---- the process ---- */

static struct span base_name(struct span path)
{
	for (size_t i = path.n; i > 1; i--)
		if (path.p[i - 2] == '/')
			return (struct span){ path.p + i - 1, path.n - i + 1 };
	return path;
}

static struct span image_name(const struct reader_image *i)
{
	return i->executable.p ? base_name(i->executable) : i->comm.p ? i->comm : SPAN("unknown");
}

/* A start that was not seen fades in; an end that was not seen goes out of the picture with an arrow. */
static void fill_open_start(struct timeline_stage *t, cairo_t *cr, double x, double y, double h, struct theme_colour c)
{
	cairo_pattern_t *p = cairo_pattern_create_linear(x - 16, 0, x, 0);

	cairo_pattern_add_color_stop_rgba(p, 0, c.r, c.g, c.b, 0);
	cairo_pattern_add_color_stop_rgba(p, 1, c.r, c.g, c.b, 1);
	cairo_set_source(cr, p);
	cairo_rectangle(cr, x - 16, y, 16, h);
	cairo_fill(cr);
	cairo_pattern_destroy(p);
}

static void draw_end(struct timeline_stage *t, cairo_t *cr, const struct reader_process *p, double y, double h)
{
	double x = fmin(fmax(scale_x(&t->scale, p->end_ms ? p->end_ms : t->bounds.to_ms), -1e6), 1e6), w;
	bool bad = p->signal > 0 || p->exit_code > 0;
	AUTO_BUF b = BUF_INIT;

	if (x < 0 || x > t->scale.width)
		return;
	if (p->end_ms) {
		words_end(&b, p->end_ms, p->exit_code, p->signal);
		theme_set(cr, bad ? t->theme.bad : t->theme.dim, 1);
		cairo_rectangle(cr, round(x) - 1, y, 2, h);
		cairo_fill(cr);
	} else {
		buf_add_z(&b, "▶");
		theme_set(cr, t->theme.dim, 1);
	}
	w = glyphs_width(t->glyphs, GLYPHS_SMALL, buf_span(&b));
	if (x + 6 + w > t->scale.width) { /* no room behind it: inside, on its own ground */
		theme_set(cr, t->theme.back, 0.9);
		theme_rounded(cr, x - w - 12, y + 2, w + 8, h - 4, 3);
		cairo_fill(cr);
		theme_set(cr, bad ? t->theme.bad : t->theme.dim, 1);
		x -= w + 14;
	}
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&b), x + 6, y + h / 2, 0, GLYPHS_CUT_END);
}

/* `drawn`: how far the bar is covered; what would lie wholly on it is left out. */
static void draw_segment(struct timeline_stage *t, cairo_t *cr, size_t i, double y, double h, double *drawn)
{
	const struct reader_image *image = &t->process->images[i];
	int64_t end = image->end_ms ? image->end_ms : t->process->end_ms ? t->process->end_ms : t->scale.max_ms;
	double x0 = fmax(scale_x(&t->scale, image->start_ms), -50), x1 = fmin(scale_x(&t->scale, end), t->scale.width + 50);
	struct theme_colour c = theme_segment(&t->theme, image_name(image));
	double room;
	bool small;

	x0 = round(x0);
	x1 = fmax(round(x1), x0 + 2);
	if (x1 < 0 || x0 > t->scale.width || x1 <= *drawn)
		return;
	*drawn = x1;
	if (i == 0 && !t->process->start_known)
		fill_open_start(t, cr, x0, y, h, c);
	theme_set(cr, c, 1);
	cairo_rectangle(cr, x0, y, x1 - x0, h);
	cairo_fill(cr);
	theme_set(cr, t->theme.kinds[EVENT_PROCESS], 1);
	cairo_rectangle(cr, x0, y, i ? 3 : 2, h);
	cairo_fill(cr);
	x0 = fmax(x0 + PAD, 4);
	theme_set(cr, t->theme.front, 1);
	room = fmin(x1, t->scale.width) - x0 - 3;
	small = glyphs_width(t->glyphs, GLYPHS_BOLD, image_name(image)) > room;
	if (room >= 24)
		glyphs_draw(t->glyphs, cr, small ? GLYPHS_SMALL : GLYPHS_BOLD, image_name(image), x0, y + h / 2, room,
		            GLYPHS_CUT_MIDDLE);
}

static void draw_process(struct timeline_stage *t, cairo_t *cr, const struct lane *lane)
{
	double y = lane->y + 6, h = lane->h - 12, drawn = -INFINITY;

	for (size_t i = 0; i < t->process->n_images; i++)
		draw_segment(t, cr, i, y, h, &drawn);
	draw_end(t, cr, t->process, y, h);
}

/* ---- children ---- */

/* A child's bar that can be seen. All bars of one colour are one path: thousands of fills would not fit a frame. */
struct bar {
	const struct timeline_child *child;
	double x0, x1, y;
	unsigned segment;
};

static bool failed(const struct timeline_child *c)
{
	return c->end_ms && (c->signal > 0 || c->exit_code > 0);
}

/* `drawn`: per row, how far it is covered: what would lie wholly on it is part of that block. */
static size_t collect_bars(const struct timeline_stage *t, const struct lane *lane, struct bar *bars, double *drawn)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->lanes.child_rows_seen; i++)
		drawn[i] = -INFINITY;
	for (size_t i = 0; i < t->n_children; i++) {
		const struct timeline_child *c = &t->children[i];
		uint32_t row = t->children_folded ? 0 : c->row - t->first_row;
		double x0 = scale_x(&t->scale, c->start_ms), x1;

		if (row >= t->lanes.child_rows_seen || x0 > t->scale.width)
			continue;
		x1 = scale_x(&t->scale, c->end_ms ? c->end_ms : t->scale.max_ms);
		x0 = round(fmax(x0, -50));
		x1 = fmax(round(fmin(x1, t->scale.width + 50)), x0 + 2);
		if (x1 < 0 || x1 <= drawn[row])
			continue;
		drawn[row] = x1;
		bars[n++] = (struct bar){ c, x0, x1, lane->y + 4 + (double)row * t->lanes.child_row_h,
			                  theme_segment_number(c->name) };
	}
	return n;
}

static void fill_bars(struct timeline_stage *t, cairo_t *cr, const struct bar *bars, size_t n, double h)
{
	bool thin = h <= 10, round_corners = !thin && n < 400;

	for (unsigned segment = 0; segment < THEME_SEGMENTS; segment++) {
		for (size_t i = 0; i < n; i++) {
			if (bars[i].segment != segment)
				continue;
			if (round_corners && bars[i].x1 - bars[i].x0 > 8)
				theme_rounded(cr, bars[i].x0, bars[i].y, bars[i].x1 - bars[i].x0, h, 3);
			else
				cairo_rectangle(cr, bars[i].x0, bars[i].y, bars[i].x1 - bars[i].x0, h);
		}
		/* Thin bars need more colour to be seen, and no edges. */
		theme_set(cr, theme_mix(t->theme.segments[segment], t->theme.kinds[EVENT_PROCESS], thin ? 0.35 : 0), 1);
		cairo_fill(cr);
	}
	for (size_t i = 0; i < n && !thin; i++)
		cairo_rectangle(cr, bars[i].x0, bars[i].y, 2, h);
	theme_set(cr, t->theme.kinds[EVENT_PROCESS], 1);
	cairo_fill(cr);
	for (size_t i = 0; i < n; i++)
		if (failed(bars[i].child) && bars[i].x1 - bars[i].x0 > 5)
			cairo_rectangle(cr, bars[i].x1 - 2, bars[i].y, 2, h);
	theme_set(cr, t->theme.bad, 1);
	cairo_fill(cr);
}

/* One kind's marks at the foot of a bar. */
static void add_marks(struct timeline_stage *t, cairo_t *cr, const struct bar *bar, enum event_category c, double y)
{
	double last = -INFINITY;

	for (size_t i = bar->child->first_mark; i < bar->child->first_mark + bar->child->n_marks; i++) {
		const struct timeline_mark *m = &t->marks[i];
		double x;

		if (m->category != c)
			continue;
		x = floor(scale_x(&t->scale, m->from_ms));
		if (x > t->scale.width)
			break;
		if (x < last + 2 || x < -2)
			continue;
		cairo_rectangle(cr, x, y, 2, 3);
		last = x;
	}
}

static void draw_child_marks(struct timeline_stage *t, cairo_t *cr, const struct bar *bars, size_t n, double h)
{
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		for (size_t i = 0; i < n; i++)
			add_marks(t, cr, &bars[i], (enum event_category)c, bars[i].y + h - 3);
		theme_set(cr, t->theme.kinds[c], 1);
		cairo_fill(cr);
	}
}

/* The name goes inside the bar, or behind it when there is room before the next. */
static void child_name(struct timeline_stage *t, cairo_t *cr, const struct bar *bar, double y)
{
	const struct timeline_child *c = bar->child;
	double next = c->next != UINT32_MAX ? scale_x(&t->scale, t->children[c->next].start_ms) : t->scale.width;
	double w, inside = fmin(bar->x1, t->scale.width) - fmax(bar->x0, 0) - PAD;

	if (inside < 24 && next - bar->x1 < 16)
		return;
	w = glyphs_width(t->glyphs, GLYPHS_SMALL, c->name);
	if (w <= inside || next - bar->x1 < w + 12) {
		if (inside < 24)
			return;
		theme_set(cr, t->theme.front, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, c->name, fmax(bar->x0, 0) + 5, y, inside, GLYPHS_CUT_END);
		return;
	}
	theme_set(cr, failed(c) ? t->theme.bad : t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, c->name, fmax(bar->x1, 0) + 4, y, 0, GLYPHS_CUT_END);
}

static void draw_children(struct timeline_stage *t, cairo_t *cr, const struct lane *lane)
{
	double h = t->lanes.child_row_h - (t->lanes.child_row_h > 12 ? 4 : lane->folded ? 0 : 2);
	AUTO_FREE double *drawn = malloc((t->lanes.child_rows_seen + 1) * sizeof(*drawn));
	AUTO_FREE struct bar *bars = malloc((t->n_children + 1) * sizeof(*bars));
	size_t n = drawn && bars ? collect_bars(t, lane, bars, drawn) : 0;

	cairo_save(cr);
	cairo_rectangle(cr, 0, lane->y, t->scale.width, lane->h);
	cairo_clip(cr);
	fill_bars(t, cr, bars, n, h);
	if (h >= 12) {
		draw_child_marks(t, cr, bars, n, h);
		for (size_t i = 0; i < n; i++)
			child_name(t, cr, &bars[i], bars[i].y + h / 2 - 0.5);
	}
	cairo_restore(cr);
}

/* ---- kinds ---- */

static double height_of(uint64_t count, uint64_t greatest, double most)
{
	/* One event is as high as its shape would be; from there a root, so that a few beside a thousand are still told
	 * from one, and a burst still stands out. */
	return GLYPH + (most - GLYPH) * pow((double)(count - 1) / fmax((double)greatest - 1, 11), 0.42);
}

/* Alone enough to be shown by its shape? */
static bool stands_alone(const struct bins *b, size_t i, enum event_category c)
{
	double middle = b->at[i].x + b->at[i].w / 2;

	for (size_t k = i; k-- > 0 && b->at[k].x + b->at[k].w > middle - GLYPH - 1;)
		if (b->at[k].counts[c])
			return false;
	for (size_t k = i + 1; k < b->n && b->at[k].x < middle + GLYPH + 1; k++)
		if (b->at[k].counts[c])
			return false;
	return true;
}

static double room_after(const struct bins *b, size_t i, enum event_category c, double width)
{
	for (size_t k = i + 1; k < b->n; k++)
		if (b->at[k].counts[c])
			return b->at[k].x - b->at[i].x;
	return width - b->at[i].x;
}

static void draw_shapes(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double middle)
{
	const struct bins *b = &t->columns;

	for (size_t i = 0; i < b->n; i++) {
		uint64_t count = b->at[i].counts[lane->category];
		double x = b->at[i].x + fmin(b->at[i].w, TIMELINE_COLUMN_PX * 2) / 2;
		AUTO_BUF label = BUF_INIT;

		if (count == 0 || b->at[i].w > 3 * GLYPH || !stands_alone(b, i, lane->category))
			continue;
		theme_set(cr, t->theme.kinds[lane->category], 1);
		theme_shape(cr, lane->category, x, middle, GLYPH);
		cairo_fill(cr);
		if (count < 2)
			continue;
		buf_add_z(&label, "×");
		words_count(&label, count);
		if (room_after(b, i, lane->category, t->scale.width) <
		    glyphs_width(t->glyphs, GLYPHS_SMALL, buf_span(&label)) + 2 * GLYPH + 6)
			continue;
		theme_set(cr, t->theme.dim, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&label), x + GLYPH, middle, 0, GLYPHS_CUT_END);
	}
}

/* Around the lane's middle where shapes stand there too; on its floor for the many events of a whole recording. */
static void draw_bars(struct timeline_stage *t, cairo_t *cr, const struct lane *lane)
{
	const struct bins *b = &t->columns;
	double floor_y = lane->y + lane->h - 1, middle = lane->y + lane->h / 2.0, most = lane->h - 10;
	bool coarse = false, shapes = t->process || t->greatest[lane->category] < 8;

	for (size_t i = 0; i < b->n; i++) {
		uint64_t count = b->at[i].counts[lane->category];
		double x0 = round(b->at[i].x), x1 = round(b->at[i].x + b->at[i].w), h;

		if (count == 0 || (shapes && b->at[i].w <= 3 * GLYPH && stands_alone(b, i, lane->category)))
			continue;
		coarse = coarse || b->at[i].w > 3 * GLYPH;
		h = round(height_of(count, t->greatest[lane->category], most));
		cairo_rectangle(cr, x0, shapes ? round(middle - h / 2) : floor_y - h, fmax(x1 - x0, 1), h);
	}
	theme_set(cr, t->theme.kinds[lane->category], coarse ? 0.55 : 1); /* old data, stretched: softer */
	cairo_fill(cr);
	if (shapes)
		draw_shapes(t, cr, lane, round(middle));
}

/* ---- names of lanes ---- */

static void name_kind(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double x0, double x1)
{
	double y = lane->y + lane->h / 2.0, shape = t->rtl ? x1 - PAD - GLYPH / 2.0 : x0 + PAD + GLYPH / 2.0;
	struct span name = span_of(theme_kind_name(lane->category));
	AUTO_BUF count = BUF_INIT;

	theme_set(cr, t->theme.kinds[lane->category], 1);
	theme_shape(cr, lane->category, shape, round(y), GLYPH);
	cairo_fill(cr);
	words_count(&count, t->totals[lane->category]);
	theme_set(cr, t->theme.front, 1);
	if (t->rtl)
		text_right(t, cr, GLYPHS_NORMAL, name, x1 - 2 * PAD - GLYPH, y);
	else
		glyphs_draw(t->glyphs, cr, GLYPHS_NORMAL, name, x0 + 2 * PAD + GLYPH, y, 0, GLYPHS_CUT_END);
	theme_set(cr, t->theme.dim, 1);
	if (t->rtl)
		glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&count), x0 + PAD, y, 0, GLYPHS_CUT_END);
	else
		text_right(t, cr, GLYPHS_MONO_SMALL, buf_span(&count), x1 - PAD, y);
}

static void name_two(struct timeline_stage *t, cairo_t *cr, struct span name, struct span number, double x0, double x1,
                     double y, enum glyphs_font font)
{
	double w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, number), room = x1 - x0 - 3 * PAD - w;

	theme_set(cr, t->theme.front, 1);
	if (t->rtl)
		glyphs_draw(t->glyphs, cr, font, name, x1 - PAD - fmin(room, glyphs_width(t->glyphs, font, name)), y, room,
		            GLYPHS_CUT_MIDDLE);
	else
		glyphs_draw(t->glyphs, cr, font, name, x0 + PAD, y, room, GLYPHS_CUT_MIDDLE);
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, number, t->rtl ? x0 + PAD : x1 - PAD - w, y, 0, GLYPHS_CUT_END);
}

static void name_children(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double x0, double x1)
{
	double line = glyphs_height(t->glyphs, GLYPHS_NORMAL), y = lane->y + fmax(lane->h / 2.0, 0);
	AUTO_BUF count = BUF_INIT, more = BUF_INIT;
	uint32_t first = lane->folded ? 0 : t->first_row, below = t->lanes.child_rows - first - t->lanes.child_rows_seen;

	words_count(&count, t->process->children > t->n_children ? t->process->children : t->n_children);
	if (lane->h > 3 * line)
		y = lane->y + 4 + line / 2 + 2;
	name_two(t, cr, span_of(_("Children")), buf_span(&count), x0, x1, y, GLYPHS_NORMAL);
	if ((below == 0 && first == 0) || lane->h < 2 * line + 8)
		return;
	buf_add_z(&more, first ? "▲ " : "");
	buf_add_z(&more, below ? "▼ " : "");
	buf_printf(&more, ngettext("%s more row", "%s more rows", below + first), WORDS_NUMBER(below + first));
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&more), x0 + PAD, lane->y + lane->h - line / 2 - 4, 0,
	            GLYPHS_CUT_END);
}

/* Folded lanes show that there is more: a triangle, as trees of a desktop do. */
static void fold_mark(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double x0, double x1)
{
	double x = t->rtl ? x0 + 3 : x1 - 5, y = lane->y + lane->h / 2.0;

	if (!lane->folded)
		return;
	theme_set(cr, t->theme.dim, 1);
	cairo_move_to(cr, t->rtl ? x + 4 : x - 1, y - 3.5);
	cairo_line_to(cr, t->rtl ? x : x + 3, y);
	cairo_line_to(cr, t->rtl ? x + 4 : x - 1, y + 3.5);
	cairo_close_path(cr);
	cairo_fill(cr);
}

static void draw_names(struct timeline_stage *t, cairo_t *cr)
{
	double x0 = t->rtl ? t->scale.width : 0, x1 = x0 + t->gutter;
	AUTO_BUF pid = BUF_INIT;

	for (size_t i = 0; i < t->lanes.n; i++) {
		const struct lane *lane = &t->lanes.at[i];

		fold_mark(t, cr, lane, x0, x1);
		if (lane->type == LANE_KIND)
			name_kind(t, cr, lane, x0, x1);
		if (lane->type == LANE_GROUP)
			timeline_groups_draw_name(t, cr, lane, x0, x1);
		if (lane->type == LANE_CHILDREN && t->process)
			name_children(t, cr, lane, x0, x1);
		if (lane->type == LANE_PROCESS) {
			size_t n = t->process->n_images;

			buf_printf(&pid, "%lld", (long long)t->process->pid);
			name_two(t, cr, n ? image_name(&t->process->images[n - 1]) : SPAN("unknown"), buf_span(&pid), x0, x1,
			         lane->y + lane->h / 2.0, GLYPHS_BOLD);
		}
	}
	theme_set(cr, t->theme.dim, 1);
	if (t->rtl)
		text_right(t, cr, GLYPHS_SMALL, span_of(_("Time (UTC)")), x1 - PAD, timeline_stage_axis_height(t) - 14);
	else
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, span_of(_("Time (UTC)")), x0 + PAD, timeline_stage_axis_height(t) - 14, 0,
		            GLYPHS_CUT_END);
}

static void draw_empty(struct timeline_stage *t, cairo_t *cr)
{
	struct span words = t->process ? span_of(_("No events of this process were recorded.")) : span_of(_("Nothing recorded."));
	double y = (t->lanes.bottom + t->height - timeline_stage_info_height(t) - timeline_minimap_height(t)) / 2.0;

	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.at[i].type == LANE_KIND || t->lanes.at[i].type == LANE_GROUP)
			return;
	if (!t->process && !t->bins.counts)
		return; /* not known yet */
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_NORMAL, words,
	            plot_x(t) + (t->scale.width - glyphs_width(t->glyphs, GLYPHS_NORMAL, words)) / 2, y, 0, GLYPHS_CUT_END);
}

/* ---- all ---- */

static void draw_lanes(struct timeline_stage *t, cairo_t *cr)
{
	for (size_t i = 0; i < t->lanes.n; i++) {
		const struct lane *lane = &t->lanes.at[i];

		if (lane->type == LANE_PROCESS)
			draw_process(t, cr, lane);
		else if (lane->type == LANE_CHILDREN)
			draw_children(t, cr, lane);
		else if (lane->type == LANE_GROUP)
			timeline_groups_draw(t, cr, lane);
		else
			draw_bars(t, cr, lane);
	}
}

void timeline_draw_content(struct timeline_stage *t, cairo_t *cr)
{
	double edge = t->rtl ? t->scale.width : t->gutter - 1;

	glyphs_begin(t->glyphs, cr);
	theme_set(cr, t->theme.back, 1);
	cairo_paint(cr);
	timeline_draw_enter_plot(t, cr);
	draw_axis(t, cr);
	draw_lanes(t, cr);
	draw_gaps(t, cr);
	timeline_hits_draw(t, cr);
	cairo_restore(cr);
	draw_names(t, cr);
	draw_empty(t, cr);
	timeline_minimap_draw(t, cr);
	timeline_draw_rule(t, cr, timeline_stage_axis_height(t) - 1);
	for (size_t i = 0; i + (t->lanes.bottom + 1 >= t->height - timeline_stage_info_height(t)) < t->lanes.n; i++)
		timeline_draw_rule(t, cr, t->lanes.at[i].y + t->lanes.at[i].h - 1);
	cairo_rectangle(cr, edge, 0, 1, t->lanes.bottom);
	cairo_fill(cr);
}
