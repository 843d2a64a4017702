#include "timeline/view/rows-draw.h"

#include <glib/gi18n.h>
#include <math.h>

#include "timeline/model/bins.h"
#include "timeline/model/ticks.h"
#include "timeline/view/words.h"

enum { EDGE = 16, PAD = 8, HISTOGRAM_H = 72, ROW_H = 24, GLYPH = 9, HEAD_LINES = 2, BAR_H = 32 };

static double head_height(const struct rows_draw *d)
{
	return EDGE + HEAD_LINES * 24 + PAD;
}

static double axis_height(const struct rows_draw *d)
{
	return ceil(glyphs_height(d->glyphs, GLYPHS_MONO_SMALL)) + 8;
}

static double histogram_top(const struct rows_draw *d)
{
	return head_height(d) + (d->expression && d->expression[0] ? BAR_H + PAD : 0);
}

static double table_top(const struct rows_draw *d)
{
	return histogram_top(d) + HISTOGRAM_H + axis_height(d) + PAD + ROW_H;
}

int rows_draw_height(const struct rows_draw *d)
{
	return (int)(table_top(d) + ROW_H + (double)d->page->n * ROW_H + EDGE);
}

static double right(const struct rows_draw *d, cairo_t *cr, enum glyphs_font f, struct span s, double x, double y)
{
	double w = glyphs_width(d->glyphs, f, s);

	glyphs_draw(d->glyphs, cr, f, s, x - w, y, 0, GLYPHS_CUT_END);
	return w;
}

/* ---- head ---- */

/* true: something is missing. */
static bool completeness(const struct rows_draw *d, struct buf *out)
{
	uint64_t lost = 0;
	size_t n = 0;

	for (size_t i = 0; i < d->info->n_gaps; i++) {
		if (!gap_cause_is_drawn(d->info->gaps[i].cause))
			continue;
		lost += d->info->gaps[i].count > 0 ? (uint64_t)d->info->gaps[i].count : 0;
		n++;
	}
	if (n == 0) {
		buf_add_z(out, _("✓ no gap in the recording"));
		return false;
	}
	buf_add_z(out, "⚠ ");
	buf_printf(out, ngettext("%s gap", "%s gaps", n), WORDS_NUMBER(n));
	if (lost) {
		buf_add_z(out, ", ");
		buf_printf(out, ngettext("%s event lost", "%s events lost", lost), WORDS_NUMBER(lost));
	}
	return true;
}

static void draw_head(const struct rows_draw *d, cairo_t *cr)
{
	double y = EDGE + 12, x = EDGE;
	struct span host = d->title && d->title[0] ? span_of(d->title) : d->info->host;
	AUTO_BUF when = BUF_INIT, whole = BUF_INIT, total = BUF_INIT;

	words_events(&total, d->info->events);
	buf_add_z(&total, " · ");
	buf_printf(&total, ngettext("%s process", "%s processes", d->info->processes), WORDS_NUMBER(d->info->processes));
	theme_set(cr, d->theme->front, 1);
	glyphs_draw(d->glyphs, cr, GLYPHS_BOLD, host.n ? host : span_of(_("unknown host")), x, y, d->width / 2.0,
	            GLYPHS_CUT_END);
	right(d, cr, GLYPHS_NORMAL, buf_span(&total), d->width - EDGE, y);
	words_range(&when, d->info->first_ms, d->info->last_ms);
	buf_add_z(&when, " UTC");
	theme_set(cr, d->theme->dim, 1);
	glyphs_draw(d->glyphs, cr, GLYPHS_MONO, buf_span(&when), x, y + 24, 0, GLYPHS_CUT_END);
	theme_set(cr, completeness(d, &whole) ? d->theme->bad : d->theme->dim, 1);
	right(d, cr, GLYPHS_NORMAL, buf_span(&whole), d->width - EDGE, y + 24);
}

static void draw_expression(const struct rows_draw *d, cairo_t *cr)
{
	double y = head_height(d);

	if (!d->expression || !d->expression[0])
		return;
	theme_rounded(cr, EDGE + 0.5, y + 0.5, d->width - 2 * EDGE - 1, BAR_H - 1, 5);
	theme_set(cr, d->theme->raised, 1);
	cairo_fill_preserve(cr);
	theme_set(cr, d->theme->line, 1);
	cairo_set_line_width(cr, 1);
	cairo_stroke(cr);
	theme_set(cr, d->theme->front, 1);
	glyphs_draw(d->glyphs, cr, GLYPHS_MONO, span_of(d->expression), EDGE + PAD, y + BAR_H / 2.0,
	            d->width - 2 * EDGE - 2 * PAD, GLYPHS_CUT_END);
}

/* ---- histogram ---- */

static uint64_t tallest(const struct bins *b)
{
	uint64_t most = 1;

	for (size_t i = 0; i < b->n; i++)
		most = b->at[i].total > most ? b->at[i].total : most;
	return most;
}

/* The column's height by logarithm, so that one event beside a million is seen; shares within it in proportion. */
static void draw_columns(const struct rows_draw *d, cairo_t *cr, const struct bins *b, double base)
{
	double top = log2(1 + (double)tallest(b)), y[8192];

	for (size_t i = 0; i < b->n && i < 8192; i++)
		y[i] = base;
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		for (size_t i = 0; i < b->n && i < 8192; i++) {
			const struct bins_column *k = &b->at[i];
			double whole = fmax(2, HISTOGRAM_H * log2(1 + (double)k->total) / top);
			double h = whole * (double)k->counts[c] / (double)k->total;

			if (k->counts[c] == 0)
				continue;
			cairo_rectangle(cr, round(k->x), y[i] - h, fmax(round(k->x + k->w) - round(k->x) - 1, 1), h);
			y[i] -= h;
		}
		theme_set(cr, d->theme->kinds[c], 1);
		cairo_fill(cr);
	}
}

static void draw_gaps(const struct rows_draw *d, cairo_t *cr, const struct scale *s)
{
	double drawn = -INFINITY;

	for (size_t i = 0; i < d->info->n_gaps; i++) {
		double x0 = fmax(floor(scale_x(s, d->info->gaps[i].from_ms)), fmax(drawn, 0));
		double x1 = fmin(fmax(ceil(scale_x(s, d->info->gaps[i].to_ms)), x0 + 3), s->width);

		if (x1 <= x0 || !gap_cause_is_drawn(d->info->gaps[i].cause))
			continue;
		theme_hatch(cr, d->theme, x0, 0, x1 - x0, HISTOGRAM_H);
		drawn = x1;
	}
}

static void draw_ticks(const struct rows_draw *d, cairo_t *cr, const struct scale *s)
{
	struct ticks *ticks = g_new(struct ticks, 1);
	double last = 0, y = HISTOGRAM_H + axis_height(d) / 2 + 2;

	ticks_fill(s, glyphs_digit(d->glyphs, GLYPHS_MONO_SMALL), ticks);
	theme_set(cr, d->theme->dim, 1);
	for (size_t i = 0; i < ticks->n; i++) {
		/* Where the context changes it is the label: there is one line only. */
		struct span label = span_of(ticks->at[i].context[0] ? ticks->at[i].context : ticks->at[i].label);
		double w = glyphs_width(d->glyphs, GLYPHS_MONO_SMALL, label), x = scale_x(s, ticks->at[i].ms);

		if (!ticks->at[i].labelled || x - w / 2 < last || x + w / 2 > s->width)
			continue;
		cairo_rectangle(cr, round(x), HISTOGRAM_H, 1, 4);
		cairo_fill(cr);
		glyphs_draw(d->glyphs, cr, GLYPHS_MONO_SMALL, label, round(x - w / 2), y, 0, GLYPHS_CUT_END);
		last = x + w / 2 + 8;
	}
	g_free(ticks);
}

static void draw_histogram(const struct rows_draw *d, cairo_t *cr)
{
	const struct reader_histogram *h = d->histogram;
	struct bins b = BINS_INIT;
	struct scale s;

	if (!h || !bins_usable(h))
		return;
	scale_init(&s, h->from_ms, h->from_ms + (int64_t)h->n_bins * h->bin_ms, d->width - 2 * EDGE);
	cairo_save(cr);
	cairo_translate(cr, EDGE, histogram_top(d));
	cairo_rectangle(cr, 0, 0, s.width, HISTOGRAM_H + axis_height(d));
	cairo_clip(cr);
	if (bins_merge(h, &s, 4, &b) == 0)
		draw_columns(d, cr, &b, HISTOGRAM_H);
	draw_gaps(d, cr, &s);
	theme_set(cr, d->theme->line, 1);
	cairo_rectangle(cr, 0, HISTOGRAM_H, s.width, 1);
	cairo_fill(cr);
	draw_ticks(d, cr, &s);
	cairo_restore(cr);
	bins_free(&b);
}

/* ---- table ---- */

struct columns {
	double time, event, process, what, user, end;
};

static struct columns columns(const struct rows_draw *d)
{
	double digit = glyphs_digit(d->glyphs, GLYPHS_MONO);
	struct columns c = { .time = EDGE + PAD, .end = d->width - EDGE };

	c.event = c.time + 23 * digit + 2 * PAD;
	c.process = c.event + 21 * digit;
	c.what = c.process + 15 * digit;
	c.user = c.end - 11 * digit;
	return c;
}

static struct span base_name(struct span path)
{
	for (size_t i = path.n; i > 1; i--)
		if (path.p[i - 2] == '/')
			return (struct span){ path.p + i - 1, path.n - i + 1 };
	return path;
}

static void what(const struct reader_row *r, struct buf *out)
{
	bool create = r->action == ACTION_PROCESS_CREATE;

	bool v6 = r->category == EVENT_NETWORK && r->port && r->object.n && memchr(r->object.p, ':', r->object.n);

	buf_add_z(out, v6 ? "[" : "");
	buf_add_span(out, create && r->command_line.p ? r->command_line : r->object);
	if (r->category == EVENT_NETWORK && r->port)
		buf_printf(out, "%s:%d", v6 ? "]" : "", (int)r->port);
	if (r->object2.p && (r->action == ACTION_FILE_RENAME || r->action == ACTION_FILE_LINK)) {
		buf_add_z(out, " → ");
		buf_add_span(out, r->object2);
	}
	if (r->action == ACTION_PROCESS_EXIT)
		words_end(out, 1, r->result, r->port);
	if (r->count > 1) {
		buf_add_z(out, "  ×");
		words_count(out, r->count);
	}
}

static void draw_row(const struct rows_draw *d, cairo_t *cr, const struct reader_row *r, const struct columns *c, double y)
{
	enum event_category kind = (unsigned)r->category < EVENT_CATEGORY_COUNT ? (enum event_category)r->category : EVENT_NONE;
	const char *action = event_action_name(r->action);
	AUTO_BUF time = BUF_INIT, text = BUF_INIT;

	words_time(&time, r->time_ms);
	what(r, &text);
	theme_set(cr, d->theme->front, 1);
	glyphs_draw(d->glyphs, cr, GLYPHS_MONO, buf_span(&time), c->time, y, 0, GLYPHS_CUT_END);
	glyphs_draw(d->glyphs, cr, GLYPHS_NORMAL, action ? span_of(action) : span_of(_("Other")), c->event + GLYPH + PAD, y,
	            c->process - c->event - GLYPH - 2 * PAD, GLYPHS_CUT_END);
	glyphs_draw(d->glyphs, cr, GLYPHS_NORMAL, r->executable.n ? base_name(r->executable) : r->comm, c->process, y,
	            c->what - c->process - PAD, GLYPHS_CUT_MIDDLE);
	glyphs_draw(d->glyphs, cr, GLYPHS_MONO, buf_span(&text), c->what, y, c->user - c->what - PAD,
	            r->category == EVENT_FILE ? GLYPHS_CUT_MIDDLE : GLYPHS_CUT_END);
	theme_set(cr, d->theme->dim, 1);
	glyphs_draw(d->glyphs, cr, GLYPHS_NORMAL, r->user, c->user, y, c->end - c->user, GLYPHS_CUT_END);
	theme_set(cr, d->theme->kinds[kind], 1);
	theme_shape(cr, kind, c->event + GLYPH / 2.0, round(y), GLYPH);
	cairo_fill(cr);
}

static void draw_table_head(const struct rows_draw *d, cairo_t *cr, const struct columns *c, double top)
{
	const struct { const char *name; double x; } heads[] = {
		{ _("Time (UTC)"), c->time }, { _("Event"), c->event }, { _("Process"), c->process }, { _("What"), c->what },
		{ _("User"), c->user },
	};

	theme_set(cr, d->theme->raised, 1);
	cairo_rectangle(cr, EDGE, top, d->width - 2 * EDGE, ROW_H);
	cairo_fill(cr);
	theme_set(cr, d->theme->dim, 1);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		glyphs_draw(d->glyphs, cr, GLYPHS_BOLD, span_of(heads[i].name), heads[i].x, top + ROW_H / 2.0, 0,
		            GLYPHS_CUT_END);
}

static void draw_counts(const struct rows_draw *d, cairo_t *cr, double y)
{
	double x = EDGE;
	AUTO_BUF total = BUF_INIT;

	for (int c = EVENT_PROCESS; c < EVENT_CATEGORY_COUNT; c++) {
		AUTO_BUF n = BUF_INIT;

		if (d->count->by_category[c] == 0)
			continue;
		words_count(&n, d->count->by_category[c]);
		theme_set(cr, d->theme->kinds[c], 1);
		theme_shape(cr, (enum event_category)c, x + GLYPH / 2.0, round(y), GLYPH);
		cairo_fill(cr);
		theme_set(cr, d->theme->front, 1);
		x += GLYPH + 6;
		x += glyphs_draw(d->glyphs, cr, GLYPHS_NORMAL, span_of(theme_kind_name((enum event_category)c)), x, y, 0,
		                 GLYPHS_CUT_END) + 6;
		theme_set(cr, d->theme->dim, 1);
		x += glyphs_draw(d->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&n), x, y, 0, GLYPHS_CUT_END) + 2 * PAD;
	}
	buf_printf(&total, ngettext("%s result", "%s results", d->count->total), WORDS_NUMBER(d->count->total));
	theme_set(cr, d->theme->front, 1);
	right(d, cr, GLYPHS_BOLD, buf_span(&total), d->width - EDGE, y);
}

static void draw_table(const struct rows_draw *d, cairo_t *cr)
{
	double top = table_top(d), y = top + ROW_H;
	struct columns c = columns(d);
	struct span none = span_of(_("No events match."));

	draw_counts(d, cr, top - ROW_H / 2.0 - 2);
	draw_table_head(d, cr, &c, top);
	for (size_t i = 0; i < d->page->n && y + ROW_H <= d->height; i++, y += ROW_H) {
		draw_row(d, cr, &d->page->rows[i], &c, y + ROW_H / 2.0);
		theme_set(cr, d->theme->line, 0.6);
		cairo_rectangle(cr, EDGE, y + ROW_H - 1, d->width - 2 * EDGE, 1);
		cairo_fill(cr);
	}
	theme_set(cr, d->theme->dim, 1);
	if (d->page->n == 0)
		glyphs_draw(d->glyphs, cr, GLYPHS_NORMAL, none,
		            (d->width - glyphs_width(d->glyphs, GLYPHS_NORMAL, none)) / 2, y + ROW_H, 0, GLYPHS_CUT_END);
}

void rows_draw(const struct rows_draw *d, cairo_t *cr)
{
	glyphs_begin(d->glyphs, cr);
	theme_set(cr, d->theme->back, 1);
	cairo_paint(cr);
	draw_head(d, cr);
	draw_expression(d, cr);
	draw_histogram(d, cr);
	draw_table(d, cr);
}
