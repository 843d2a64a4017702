/* Draws a tree-stage. */
#include <glib/gi18n.h>
#include <math.h>

#include "timeline/view/tree-stage.h"
#include "timeline/view/words.h"

enum { PAD = 8 };

/* Text keeps its size down to where it no longer fits, and grows with the nodes. */
static double text_scale(const struct tree_stage *t)
{
	return fmin(fmax(t->zoom, 0.8), 3);
}

/* ---- edges ---- */

static void elbow(cairo_t *cr, double x0, double y0, double x1, double y1, double bend)
{
	double r = fmin(fmin(6, fabs(y1 - y0) / 2), fabs(x1 - bend));

	if (fabs(y1 - y0) < 1) {
		cairo_move_to(cr, x0, y0);
		cairo_line_to(cr, x1, y0);
		return;
	}
	cairo_move_to(cr, bend, y0);
	cairo_line_to(cr, bend, y1 > y0 ? y1 - r : y1 + r);
	cairo_curve_to(cr, bend, y1, bend, y1, bend + r, y1);
	cairo_line_to(cr, x1, y1);
	cairo_move_to(cr, x0, y0);
	cairo_line_to(cr, bend, y0);
}

static bool on_spine(const struct tree_stage *t, const struct treelayout_item *it)
{
	return it->role == TREELAYOUT_SELF || it->role == TREELAYOUT_ANCESTOR;
}

static void draw_edge(struct tree_stage *t, cairo_t *cr, uint32_t item)
{
	const struct treelayout_item *it = &t->layout.items[item];
	cairo_rectangle_t a, b = tree_stage_place(t, item);
	double y0, y1;

	if (it->parent == TREELAYOUT_NONE)
		return;
	a = tree_stage_place(t, it->parent);
	/* Far-away ends are cut to just outside: cairo's coordinates have 24 bits. */
	y0 = fmin(fmax(round(a.y + a.height / 2), -100), t->height + 100) + 0.5;
	y1 = fmin(fmax(round(b.y + b.height / 2), -100), t->height + 100) + 0.5;
	elbow(cr, a.x + a.width, y0, b.x, y1, round((a.x + a.width + b.x) / 2) + 0.5);
	theme_set(cr, on_spine(t, it) ? t->theme.dim : theme_mix(t->theme.line, t->theme.dim, 0.35), 1);
	cairo_set_line_width(cr, on_spine(t, it) ? 1.5 : 1);
	cairo_stroke(cr);
}

/* ---- nodes ---- */

/* Draws at the text's own scale: (x, y) is where the node's text box begins, w its width in text units. */
static void node_words(struct tree_stage *t, cairo_t *cr, const struct treelayout_item *it, double w, double h)
{
	const struct reader_node *n = &t->tree.nodes[it->node];
	double l1 = glyphs_height(t->glyphs, GLYPHS_BOLD), l2 = glyphs_height(t->glyphs, GLYPHS_MONO_SMALL), pw, ew = 0;
	bool bad = n->end_ms && (n->signal > 0 || n->exit_code > 0);
	bool two = h >= l1 + l2 + 4 && (bad || t->note || n->executable.n || n->command_line.n);
	double y1 = two ? (h - l1 - l2) / 2 + l1 / 2 : h / 2, y2 = (h + l1 - l2) / 2 + l2 / 2 + 0.5;
	struct span detail = treelayout_detail(it, n);
	AUTO_BUF pid = BUF_INIT, end = BUF_INIT, args = BUF_INIT;

	buf_printf(&pid, "%lld", (long long)n->pid);
	pw = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, buf_span(&pid));
	if (h < l1 + l2 + 4 && glyphs_width(t->glyphs, GLYPHS_BOLD, n->name) + PAD + pw > w)
		pw = 0; /* the name before the number */
	theme_set(cr, t->theme.front, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_BOLD, n->name.p ? n->name : SPAN("unknown"), 0, y1, w - (pw ? pw + PAD : 0),
	            GLYPHS_CUT_MIDDLE);
	theme_set(cr, t->theme.dim, 1);
	if (pw)
		glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&pid), w - pw, y1, 0, GLYPHS_CUT_END);
	if (!two)
		return;
	if (bad) {
		words_end(&end, n->end_ms, n->exit_code, n->signal);
		ew = glyphs_width(t->glyphs, GLYPHS_SMALL, buf_span(&end)) + PAD;
		theme_set(cr, t->theme.bad, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&end), w - ew + PAD, y2, 0, GLYPHS_CUT_END);
		theme_set(cr, t->theme.dim, 1);
	}
	if (detail.p && memchr(n->command_line.p, ' ', it->detail ? it->detail - 1 : 0))
		buf_add_z(&args, "… "); /* what its namesakes have too was left out */
	buf_add_span(&args, detail.p ? detail : n->executable);
	if (t->note) { /* said of every node: it must not be cut by arguments */
		double nw = fmin(glyphs_width(t->glyphs, GLYPHS_SMALL, span_of(t->note)), w - ew);

		theme_set(cr, t->theme.accent, 1);
		glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, span_of(t->note), 0, y2, nw, GLYPHS_CUT_END);
		theme_set(cr, t->theme.dim, 1);
		if (w - ew - nw - PAD > 30)
			glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&args), nw + PAD, y2, w - ew - nw - PAD,
			            GLYPHS_CUT_END);
		return;
	}
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&args), 0, y2, w - ew,
	            detail.p ? GLYPHS_CUT_END : GLYPHS_CUT_MIDDLE);
}

static void group_words(struct tree_stage *t, cairo_t *cr, const struct treelayout_item *it, double w, double h)
{
	double cw;
	AUTO_BUF count = BUF_INIT;

	buf_add_z(&count, it->open ? "▾ ×" : "▸ ×");
	words_count(&count, it->count);
	cw = glyphs_width(t->glyphs, GLYPHS_BOLD, buf_span(&count));
	theme_set(cr, t->theme.accent, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_BOLD, buf_span(&count), 0, h / 2, w, GLYPHS_CUT_END);
	theme_set(cr, t->theme.front, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_BOLD, t->tree.nodes[it->node].name, cw + PAD, h / 2, w - cw - PAD,
	            GLYPHS_CUT_MIDDLE);
}

static void more_words(struct tree_stage *t, cairo_t *cr, const struct treelayout_item *it, double w, double h)
{
	AUTO_BUF count = BUF_INIT;

	buf_printf(&count, ngettext("+ %s more not shown", "+ %s more not shown", it->count), WORDS_NUMBER(it->count));
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_NORMAL, buf_span(&count), 0, h / 2, w, GLYPHS_CUT_END);
}

/* The node's ground: tinted by what it is coloured by; what has ended by then is only hinted at. */
static struct theme_colour ground(const struct tree_stage *t, const struct treelayout_item *it)
{
	struct theme_colour plain = it->role == TREELAYOUT_SELF ? theme_mix(t->theme.back, t->theme.accent, 0.10)
	                                                        : t->theme.raised, colour;
	double strength;

	if (it->role == TREELAYOUT_GROUP || !tree_stage_colour_of(t, &t->tree.nodes[it->node], &colour, &strength))
		return plain;
	return theme_mix(plain, colour, it->ended ? strength / 2 : strength);
}

static bool is_found(const struct tree_stage *t, const struct treelayout_item *it)
{
	return t->found && it->role != TREELAYOUT_GROUP && it->role != TREELAYOUT_MORE && t->found[it->node];
}

static void draw_found(struct tree_stage *t, cairo_t *cr, cairo_rectangle_t r, double radius)
{
	theme_rounded(cr, r.x - 2, r.y - 2, r.width + 4, r.height + 4, radius + 2);
	theme_set(cr, t->theme.hit, 1);
	cairo_set_line_width(cr, 2);
	cairo_stroke(cr);
}

static void node_box(struct tree_stage *t, cairo_t *cr, uint32_t item, cairo_rectangle_t r)
{
	const struct treelayout_item *it = &t->layout.items[item];
	double radius = fmin(5, r.height / 4), inset = it->role == TREELAYOUT_SELF ? 1 : 0.5;
	struct theme_colour edge = it->role == TREELAYOUT_SELF ? t->theme.accent : t->theme.line;

	if (it->role == TREELAYOUT_MORE)
		return;
	if (it->role == TREELAYOUT_GROUP && !it->open && r.height > 12) { /* a second card behind */
		theme_rounded(cr, r.x + 4.5, r.y + 4.5, r.width - 1, r.height - 1, radius);
		theme_set(cr, t->theme.raised, 1);
		cairo_fill_preserve(cr);
		theme_set(cr, theme_mix(t->theme.line, t->theme.dim, 0.25), 1);
		cairo_set_line_width(cr, 1);
		cairo_stroke(cr);
	}
	if (t->hover == item)
		edge = theme_mix(edge, t->theme.accent, 0.7);
	theme_rounded(cr, r.x + inset, r.y + inset, r.width - 2 * inset, r.height - 2 * inset, radius);
	theme_set(cr, ground(t, it), 1);
	cairo_fill_preserve(cr);
	theme_set(cr, it->role == TREELAYOUT_SELF ? edge : theme_mix(edge, t->theme.dim, 0.25), 1);
	cairo_set_line_width(cr, inset * 2);
	if (it->ended)
		cairo_set_dash(cr, (double[]){ 3, 3 }, 2, 0);
	cairo_stroke(cr);
	cairo_set_dash(cr, NULL, 0, 0);
	if (is_found(t, it))
		draw_found(t, cr, r, radius);
	if (t->selected == item && t->has_focus) {
		theme_rounded(cr, r.x - 3, r.y - 3, r.width + 6, r.height + 6, radius + 3);
		theme_set(cr, t->theme.accent, 1);
		cairo_set_line_width(cr, 2);
		cairo_stroke(cr);
	}
}

/* Beside a node: a sign that hides what is below it, or how much is hidden, or was not brought. */
static void draw_fold(struct tree_stage *t, cairo_t *cr, uint32_t item, cairo_rectangle_t node)
{
	const struct treelayout_item *it = &t->layout.items[item];
	uint32_t children = t->tree.nodes[it->node].children;
	cairo_rectangle_t r;
	AUTO_BUF count = BUF_INIT;

	if (tree_stage_fold_place(t, item, &r)) {
		double x = round(r.x + r.width / 2), y = round(r.y + r.height / 2);

		cairo_arc(cr, x, y, r.width / 2 - 1, 0, 2 * M_PI);
		theme_set(cr, it->collapsed ? t->theme.accent : t->theme.back, 1);
		cairo_fill_preserve(cr);
		theme_set(cr, it->collapsed ? t->theme.accent : t->theme.dim, 1);
		cairo_set_line_width(cr, 1);
		cairo_stroke(cr);
		theme_set(cr, it->collapsed ? t->theme.back : t->theme.dim, 1);
		cairo_rectangle(cr, x - 3, y - 0.5, 6, 1);
		if (it->collapsed)
			cairo_rectangle(cr, x - 0.5, y - 3, 1, 6);
		cairo_fill(cr);
	}
	if (it->role != TREELAYOUT_CHILD || t->zoom < 0.45 || (it->descendants ? !it->collapsed : children == 0))
		return;
	buf_add_char(&count, '+');
	words_count(&count, it->descendants ? it->descendants : children);
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, buf_span(&count), node.x + node.width + (it->descendants ? 10 : 4),
	            node.y + node.height / 2, 0, GLYPHS_CUT_END);
}

static void draw_node(struct tree_stage *t, cairo_t *cr, uint32_t item)
{
	const struct treelayout_item *it = &t->layout.items[item];
	cairo_rectangle_t r = tree_stage_place(t, item);
	double s = text_scale(t), w = (r.width - 2 * PAD) / s, h;

	r = (cairo_rectangle_t){ round(r.x), round(r.y), round(r.width), round(r.height) };
	h = r.height / s;
	node_box(t, cr, item, r);
	if (it->role != TREELAYOUT_GROUP && it->role != TREELAYOUT_MORE)
		draw_fold(t, cr, item, r);
	if (h < glyphs_height(t->glyphs, GLYPHS_SMALL) || w < 30)
		return;
	cairo_save(cr);
	cairo_translate(cr, r.x + PAD, r.y);
	cairo_scale(cr, s, s);
	if (it->role == TREELAYOUT_GROUP)
		group_words(t, cr, it, w, h);
	else if (it->role == TREELAYOUT_MORE)
		more_words(t, cr, it, w, h);
	else
		node_words(t, cr, it, w, h);
	cairo_restore(cr);
}

/* ---- columns ---- */

/* Rows thinner than a pixel or two: runs of them are one block, found by halving, not by walking all. */
static void draw_dense(struct tree_stage *t, cairo_t *cr, uint32_t column)
{
	const struct treelayout_column *c = &t->layout.columns[column];
	double zx = tree_stage_zoom_x(t), x = t->left + treelayout_x(&t->layout, column) * zx;

	for (int y = 0; y < t->height; y++) {
		double at = (y - t->top) / t->zoom;
		uint32_t i = treelayout_from(&t->layout, column, at);

		if (i == c->first + c->n)
			break;
		if (t->layout.items[i].y - t->layout.m.node_h / 2 > (y + 1 - t->top) / t->zoom)
			continue;
		cairo_rectangle(cr, round(x), y, round(t->layout.m.node_w * zx), 1);
	}
	theme_set(cr, theme_mix(t->theme.back, t->theme.kinds[EVENT_PROCESS], 0.45), 1);
	cairo_fill(cr);
}

static bool column_visible(const struct tree_stage *t, uint32_t column)
{
	double zx = tree_stage_zoom_x(t), x = t->left + treelayout_x(&t->layout, column) * zx;

	return x < t->width && x + t->layout.m.node_w * zx > 0;
}

static void visible_items(const struct tree_stage *t, uint32_t column, uint32_t *ret_from, uint32_t *ret_to)
{
	const struct treelayout_column *c = &t->layout.columns[column];
	uint32_t end = c->first + c->n, i = treelayout_from(&t->layout, column, -t->top / t->zoom - 8);

	*ret_from = i;
	while (i < end && (t->layout.items[i].y - t->layout.m.node_h / 2) * t->zoom + t->top < t->height)
		i++;
	*ret_to = i;
}

/* All edges into a column that can be seen: those of visible nodes, and the trunks that pass by. */
static void draw_edges(struct tree_stage *t, cairo_t *cr, uint32_t column)
{
	const struct treelayout_column *c = &t->layout.columns[column];
	uint32_t from, to, end = c->first + c->n;

	visible_items(t, column, &from, &to);
	from = from > c->first ? from - 1 : from;
	to = to < end ? to + 1 : to;
	for (int spine = 0; spine < 2; spine++)
		for (uint32_t i = from; i < to; i++)
			if (on_spine(t, &t->layout.items[i]) == spine)
				draw_edge(t, cr, i);
}

static void draw_note(struct tree_stage *t, cairo_t *cr)
{
	struct span words = span_of(_("No process chosen."));

	if (t->layout.n)
		return;
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_NORMAL, words,
	            (t->width - glyphs_width(t->glyphs, GLYPHS_NORMAL, words)) / 2, t->height / 2.0, 0, GLYPHS_CUT_END);
}

/* What the colours mean, at the foot. */
static void draw_keys(struct tree_stage *t, cairo_t *cr)
{
	struct tree_key keys[12];
	size_t n = tree_stage_keys(t, keys, 12);
	double line = glyphs_height(t->glyphs, GLYPHS_SMALL) + 4, x = PAD, y = t->height - line - 4, end = PAD;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		end += glyphs_width(t->glyphs, GLYPHS_SMALL, span_of(keys[i].words)) + 30;
	theme_set(cr, t->theme.back, 0.9);
	cairo_rectangle(cr, 0, y - 3, fmin(end, t->width), line + 7);
	cairo_fill(cr);
	for (size_t i = 0; i < n && x < t->width; i++) {
		theme_set(cr, keys[i].colour, 1);
		cairo_rectangle(cr, x, round(y + line / 2) - 5, 10, 10);
		cairo_fill(cr);
		theme_set(cr, t->theme.front, 1);
		x += 14 + glyphs_draw(t->glyphs, cr, GLYPHS_SMALL, span_of(keys[i].words), x + 14, y + line / 2, 0,
		                      GLYPHS_CUT_END) + 16;
	}
}

static void draw_focus(const struct tree_stage *t, cairo_t *cr)
{
	if (!t->has_focus)
		return;
	theme_set(cr, t->theme.accent, 1);
	cairo_set_line_width(cr, 2);
	cairo_rectangle(cr, 1, 1, t->width - 2, t->height - 2);
	cairo_stroke(cr);
}

void tree_draw(struct tree_stage *t, cairo_t *cr)
{
	double row = (t->layout.m.node_h + t->layout.m.gap_y) * t->zoom;

	glyphs_begin(t->glyphs, cr);
	theme_set(cr, t->theme.back, 1);
	cairo_paint(cr);
	for (uint32_t c = 0; c < t->layout.n_columns && row >= 3; c++)
		if (column_visible(t, c) || (c && column_visible(t, c - 1)))
			draw_edges(t, cr, c);
	for (uint32_t c = 0; c < t->layout.n_columns; c++) {
		uint32_t from, to;

		if (!column_visible(t, c))
			continue;
		if (row < 3) {
			draw_dense(t, cr, c);
			continue;
		}
		visible_items(t, c, &from, &to);
		for (; from < to; from++)
			draw_node(t, cr, from);
	}
	draw_note(t, cr);
	draw_keys(t, cr);
	draw_focus(t, cr);
}
