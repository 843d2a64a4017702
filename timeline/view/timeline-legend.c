/* The legend: what colours and shapes mean, of those that are in the picture. */
#include <glib/gi18n.h>
#include <math.h>

#include "agent/base/cleanup.h"
#include "timeline/view/timeline-signs.h"

enum { PAD = 8, ROW_H = 19, SIGN_W = 26, MAX_ROWS = EVENT_CATEGORY_COUNT + 10, SHAPE = 9 };

enum sign { SIGN_KIND, SIGN_SEGMENT, SIGN_FAILED, SIGN_RUNNING, SIGN_GAP, SIGN_HIT, SIGN_BOOKMARK, SIGN_MARKERS, SIGN_LISTED };

struct row {
	enum sign sign;
	enum event_category category;
	const char *words;
};

static void add(struct row *rows, size_t *n, enum sign sign, enum event_category c, const char *words)
{
	rows[(*n)++] = (struct row){ sign, c, words };
}

static size_t list_rows(const struct timeline_stage *t, struct row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.at[i].type == LANE_KIND)
			add(rows, &n, SIGN_KIND, t->lanes.at[i].category, theme_kind_name(t->lanes.at[i].category));
	if (t->process) {
		add(rows, &n, SIGN_SEGMENT, EVENT_NONE, _("Program run, from exec to exec"));
		add(rows, &n, SIGN_FAILED, EVENT_NONE, _("Ended with an error or a signal"));
		add(rows, &n, SIGN_RUNNING, EVENT_NONE, _("No end recorded"));
	}
	if (t->n_gaps)
		add(rows, &n, SIGN_GAP, EVENT_NONE, _("Not, or not fully, recorded"));
	if (t->hits.n_bins)
		add(rows, &n, SIGN_HIT, EVENT_NONE, _("Found by the search"));
	if (t->n_bookmarks)
		add(rows, &n, SIGN_BOOKMARK, EVENT_NONE, _("Bookmark"));
	if (t->marker[0] != INT64_MIN || t->marker[1] != INT64_MIN)
		add(rows, &n, SIGN_MARKERS, EVENT_NONE, _("Between the markers A and B"));
	if (t->listed_from <= t->listed_to)
		add(rows, &n, SIGN_LISTED, EVENT_NONE, _("In sight in the history"));
	return n;
}

static void box(cairo_t *cr, struct theme_colour c, double alpha, double x, double y, double w, double h)
{
	theme_set(cr, c, alpha);
	cairo_rectangle(cr, x, y, w, h);
	cairo_fill(cr);
}

/* In a field of SIGN_W × ROW_H whose left upper corner is (x, y). */
static void draw_sign(struct timeline_stage *t, cairo_t *cr, const struct row *row, double x, double y)
{
	double middle = y + ROW_H / 2.0;

	switch (row->sign) {
	case SIGN_KIND:
		theme_set(cr, t->theme.kinds[row->category], 1);
		theme_shape(cr, row->category, x + 8, middle, SHAPE);
		cairo_fill(cr);
		break;
	case SIGN_SEGMENT:
	case SIGN_FAILED:
		box(cr, t->theme.segments[0], 1, x, middle - 5, 18, 10);
		box(cr, t->theme.kinds[EVENT_PROCESS], 1, x, middle - 5, 2, 10);
		if (row->sign == SIGN_FAILED)
			box(cr, t->theme.bad, 1, x + 16, middle - 5, 2, 10);
		break;
	case SIGN_RUNNING:
		theme_set(cr, t->theme.dim, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, SPAN("▶"), x + 4, middle, 0, GLYPHS_CUT_END);
		break;
	case SIGN_GAP:
		theme_hatch(cr, &t->theme, x, middle - 6, 18, 12);
		break;
	case SIGN_HIT:
		box(cr, t->theme.hit, 0.35, x + 2, middle - 6, 14, 12);
		theme_set(cr, t->theme.hit, 1);
		cairo_set_line_width(cr, 1);
		cairo_rectangle(cr, x + 2.5, middle - 5.5, 13, 11);
		cairo_stroke(cr);
		break;
	case SIGN_BOOKMARK:
		box(cr, t->theme.bookmark, 1, x + 5, middle - 6, 1, 12);
		theme_set(cr, t->theme.bookmark, 1);
		cairo_move_to(cr, x + 5, middle - 6);
		cairo_line_to(cr, x + 12, middle - 3);
		cairo_line_to(cr, x + 5, middle);
		cairo_fill(cr);
		break;
	case SIGN_LISTED:
		box(cr, t->theme.accent, 0.8, x, middle - 1.5, 18, 3);
		break;
	case SIGN_MARKERS:
		box(cr, t->theme.accent, 0.15, x, middle - 6, 18, 12);
		box(cr, t->theme.accent, 1, x, middle - 6, 1, 12);
		box(cr, t->theme.accent, 1, x + 17, middle - 6, 1, 12);
		break;
	}
}

static double widest(struct timeline_stage *t, const struct row *rows, size_t n)
{
	double w = 0;

	for (size_t i = 0; i < n; i++)
		w = fmax(w, glyphs_width(t->glyphs, GLYPHS_SMALL, span_of(rows[i].words)));
	return w;
}

/* In as many columns as the height needs. */
void timeline_legend_draw(struct timeline_stage *t, cairo_t *cr)
{
	struct row rows[MAX_ROWS];
	size_t n = t->with_legend ? list_rows(t, rows) : 0, rows_each, columns;
	double y = timeline_stage_axis_height(t) + PAD, x, w, h, column;
	double room = t->height - timeline_stage_info_height(t) - timeline_minimap_height(t) - y - 3 * PAD;

	if (n == 0)
		return;
	rows_each = (size_t)fmin(fmax(floor(room / ROW_H), 2), (double)n);
	columns = (n + rows_each - 1) / rows_each;
	column = widest(t, rows, n) + SIGN_W + 2 * PAD;
	w = (double)columns * column;
	h = (double)rows_each * ROW_H + 2 * PAD;
	x = t->rtl ? PAD : fmax(t->width - w - PAD, PAD);
	theme_rounded(cr, x + 0.5, y + 0.5, w, h, 6);
	theme_set(cr, t->theme.back, 0.95);
	cairo_fill_preserve(cr);
	theme_set(cr, theme_mix(t->theme.line, t->theme.dim, 0.3), 1);
	cairo_set_line_width(cr, 1);
	cairo_stroke(cr);
	for (size_t i = 0; i < n; i++) {
		double left = x + PAD + (double)(i / rows_each) * column, top = y + PAD + (double)(i % rows_each) * ROW_H;

		draw_sign(t, cr, &rows[i], left, top);
		theme_set(cr, t->theme.front, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, span_of(rows[i].words), left + SIGN_W, top + ROW_H / 2.0, 0,
		            GLYPHS_CUT_END);
	}
}
