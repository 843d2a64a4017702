#include "timeline/view/tree-stage.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <math.h>

#include "agent/base/text.h"
#include "timeline/view/words.h"

#define ZOOM_MAX 3.0
#define ZOOM_X_MIN 0.5
enum { MARGIN = 24, GROUP_MIN = 5, FOLD_SIZE = 14 };

struct tree_stage *tree_stage_new(void)
{
	struct tree_stage *t = g_new0(struct tree_stage, 1);

	theme_init(&t->theme, false);
	t->zoom = 1;
	t->width = t->height = 1;
	t->hover = t->selected = t->at_found = TREELAYOUT_NONE;
	t->instant = TREELAYOUT_ALWAYS;
	return t;
}

static void rest(struct tree_stage *t)
{
	free(t->from_y);
	free(t->to_y);
	t->from_y = t->to_y = NULL;
}

static void forget(struct tree_stage *t)
{
	rest(t);
	free(t->found);
	t->found = NULL;
	t->n_found = 0;
	t->at_found = TREELAYOUT_NONE;
	treelayout_free(&t->layout);
	arena_free(&t->arena);
	t->tree = (struct reader_tree){ 0 };
	t->hover = t->selected = TREELAYOUT_NONE;
}

void tree_stage_free(struct tree_stage *t)
{
	if (!t)
		return;
	forget(t);
	map_free(&t->opened);
	map_free(&t->collapsed);
	map_free(&t->tally);
	free(t->tallies);
	g_free(t->note);
	glyphs_free(t->glyphs);
	g_free(t);
}

static int lay_out(struct tree_stage *t)
{
	double digit = glyphs_digit(t->glyphs, GLYPHS_MONO_SMALL);
	struct treelayout_metrics m = {
		.node_w = ceil(digit * 30), .gap_x = 48, .gap_y = 8, .group_min = GROUP_MIN,
		.node_h = ceil(glyphs_height(t->glyphs, GLYPHS_BOLD) + glyphs_height(t->glyphs, GLYPHS_MONO_SMALL)) + 12,
	};
	struct treelayout_wish wish = { &t->opened, &t->collapsed, t->instant };
	struct treelayout l;
	int r = treelayout_build(&t->tree, &m, &wish, &l);

	if (r < 0)
		return r;
	rest(t);
	treelayout_free(&t->layout);
	t->layout = l;
	return 0;
}

void tree_stage_set_look(struct tree_stage *t, const struct theme *theme, PangoContext *context)
{
	t->theme = *theme;
	glyphs_free(t->glyphs);
	t->glyphs = glyphs_new(context);
	if (t->tree.n)
		lay_out(t);
}

static void place_first(struct tree_stage *t)
{
	if (t->placed || t->layout.n == 0 || t->width < 2)
		return;
	t->placed = true;
	tree_stage_fit(t);
	if (t->zoom < 0.7) { /* too much to read at once: begin at the process */
		t->zoom = 1;
		tree_stage_centre(t, t->layout.self);
	}
}

void tree_stage_set_size(struct tree_stage *t, int width, int height)
{
	if (t->placed) { /* what is in the middle stays there */
		t->left += (width - t->width) / 2.0;
		t->top += (height - t->height) / 2.0;
	}
	t->width = width;
	t->height = height;
	place_first(t);
}

static int copy_tree(struct tree_stage *t, const struct reader_tree *tree)
{
	struct reader_node *nodes = arena_alloc(&t->arena, tree->n * sizeof(*nodes));

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < tree->n; i++) {
		struct span command = tree->nodes[i].command_line;

		command.n = command.n > 1024 ? 1024 : command.n;
		nodes[i] = tree->nodes[i];
		nodes[i].name = arena_copy(&t->arena, tree->nodes[i].name);
		nodes[i].executable = arena_copy(&t->arena, tree->nodes[i].executable);
		nodes[i].command_line = arena_copy(&t->arena, command);
		nodes[i].user = arena_copy(&t->arena, tree->nodes[i].user);
	}
	t->tree = *tree;
	t->tree.arena = ARENA_INIT;
	t->tree.nodes = nodes;
	return 0;
}

int tree_stage_set_tree(struct tree_stage *t, const struct reader_tree *tree)
{
	int r;

	forget(t);
	map_clear(&t->opened);
	map_clear(&t->collapsed);
	if (!tree || tree->n == 0)
		return -EINVAL;
	r = copy_tree(t, tree);
	r = r < 0 ? r : lay_out(t);
	if (r < 0) {
		forget(t);
		return r;
	}
	t->selected = t->layout.self;
	if (t->placed)
		tree_stage_centre(t, t->layout.self);
	place_first(t);
	return 0;
}

/* ---- moving ---- */

double tree_stage_zoom_x(const struct tree_stage *t)
{
	return fmax(t->zoom, ZOOM_X_MIN);
}

static double fit_zoom(const struct tree_stage *t)
{
	double w = treelayout_width(&t->layout), h = t->layout.bottom - t->layout.top;

	if (t->layout.n == 0)
		return 1;
	return fmin(fmin((t->width - 2 * MARGIN) / w, (t->height - 2 * MARGIN) / h), 1);
}

/* Something must always be in sight. */
static void keep_in_sight(struct tree_stage *t)
{
	double w = treelayout_width(&t->layout) * tree_stage_zoom_x(t);

	t->left = fmin(fmax(t->left, MARGIN * 2 - w), t->width - MARGIN * 2);
	t->top = fmin(fmax(t->top, MARGIN * 2 - t->layout.bottom * t->zoom), t->height - MARGIN * 2 - t->layout.top * t->zoom);
}

void tree_stage_zoom(struct tree_stage *t, double x, double y, double factor)
{
	double zx = tree_stage_zoom_x(t), z = t->zoom, least = fmax(fmin(fit_zoom(t), 0.3), 1e-6);

	if (!isfinite(factor) || factor <= 0)
		return;
	t->zoom = fmin(fmax(t->zoom * factor, least), ZOOM_MAX);
	t->left = x - (x - t->left) * tree_stage_zoom_x(t) / zx;
	t->top = y - (y - t->top) * t->zoom / z;
	keep_in_sight(t);
}

void tree_stage_pan(struct tree_stage *t, double dx, double dy)
{
	t->left += dx;
	t->top += dy;
	keep_in_sight(t);
}

void tree_stage_fit(struct tree_stage *t)
{
	t->zoom = fmax(fit_zoom(t), 1e-6);
	t->left = (t->width - treelayout_width(&t->layout) * tree_stage_zoom_x(t)) / 2;
	t->top = (t->height - (t->layout.top + t->layout.bottom) * t->zoom) / 2;
}

cairo_rectangle_t tree_stage_place(const struct tree_stage *t, uint32_t item)
{
	const struct treelayout_item *it = &t->layout.items[item];
	double zx = tree_stage_zoom_x(t);

	return (cairo_rectangle_t){ t->left + treelayout_x(&t->layout, it->column) * zx,
		                    t->top + (it->y - t->layout.m.node_h / 2) * t->zoom, t->layout.m.node_w * zx,
		                    t->layout.m.node_h * t->zoom };
}

/* Where to put the origin of what reaches from `low` to `high`: no room is left empty on one side while there is more
 * on the other; what fits as a whole stands in the middle. */
static double without_waste(double origin, double low, double high, double room)
{
	if (high - low <= room - 2 * MARGIN)
		return (room - low - high) / 2;
	return fmax(fmin(origin, MARGIN - low), room - MARGIN - high);
}

void tree_stage_centre(struct tree_stage *t, uint32_t item)
{
	cairo_rectangle_t r;

	if (item >= t->layout.n)
		return;
	r = tree_stage_place(t, item);
	t->left += t->width / 2.0 - r.x - r.width / 2;
	t->top += t->height / 2.0 - r.y - r.height / 2;
	t->left = without_waste(t->left, 0, treelayout_width(&t->layout) * tree_stage_zoom_x(t), t->width);
	t->top = without_waste(t->top, t->layout.top * t->zoom, t->layout.bottom * t->zoom, t->height);
}

void tree_stage_reveal(struct tree_stage *t, uint32_t item)
{
	cairo_rectangle_t r;

	if (item >= t->layout.n)
		return;
	r = tree_stage_place(t, item);
	t->left += fmax(MARGIN - r.x, 0) - fmax(r.x + r.width - t->width + MARGIN, 0);
	t->top += fmax(MARGIN - r.y, 0) - fmax(r.y + r.height - t->height + MARGIN, 0);
}

/* ---- from one layout to the next ---- */

/* An item is the same before and after when it shows the same node, or group, in the same way. */
static uint64_t same_key(const struct treelayout_item *it)
{
	uint64_t what = it->role == TREELAYOUT_GROUP ? 1 : it->role == TREELAYOUT_MORE ? 2 : 0;

	return (what == 1 ? it->key << 2 : (uint64_t)it->node << 2) | what;
}

/* Where items stood before that are still there; new ones come out of their parents. In a column the order of items is
 * the same before, after and between, so that looking for one by halving always works. */
static int begin_animation(struct tree_stage *t, const struct map *before, double shift)
{
	struct treelayout *l = &t->layout;

	rest(t);
	t->from_y = malloc(l->n * sizeof(*t->from_y));
	t->to_y = malloc(l->n * sizeof(*t->to_y));
	if (!t->from_y || !t->to_y)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		uint64_t *was = map_get(before, same_key(&l->items[i])), bits;
		uint32_t parent = l->items[i].parent;
		bool first = i == 0 || l->items[i - 1].column != l->items[i].column;

		t->to_y[i] = l->items[i].y;
		t->from_y[i] = parent != TREELAYOUT_NONE ? t->from_y[parent] : l->items[i].y;
		if (was) {
			bits = *was;
			memcpy(&t->from_y[i], &bits, sizeof(bits));
			t->from_y[i] += shift;
		}
		if (!first && t->from_y[i] < t->from_y[i - 1])
			t->from_y[i] = t->from_y[i - 1];
	}
	tree_stage_animate(t, 0);
	return 0;
}

void tree_stage_animate(struct tree_stage *t, double part)
{
	double eased = 1 - pow(1 - fmin(fmax(part, 0), 1), 3);

	if (!t->from_y)
		return;
	for (size_t i = 0; i < t->layout.n; i++)
		t->layout.items[i].y = part >= 1 ? t->to_y[i] : t->from_y[i] + (t->to_y[i] - t->from_y[i]) * eased;
	if (part >= 1)
		rest(t);
}

static int remember(const struct tree_stage *t, struct map *before)
{
	int r = 0;

	for (size_t i = 0; i < t->layout.n && r == 0; i++) {
		uint64_t bits;

		memcpy(&bits, &t->layout.items[i].y, sizeof(bits));
		r = map_put(before, same_key(&t->layout.items[i]), bits);
	}
	return r;
}

bool tree_stage_can_fold(const struct tree_stage *t, uint32_t item)
{
	const struct treelayout_item *it = item < t->layout.n ? &t->layout.items[item] : NULL;

	return it && (it->role == TREELAYOUT_GROUP ||
	              (it->descendants && (it->role == TREELAYOUT_SELF || it->role == TREELAYOUT_CHILD)));
}

/* Lays out anew; what showed `key` stays where it was. */
static int lay_out_around(struct tree_stage *t, uint64_t key, double x, double y)
{
	struct map before = MAP_INIT;
	double top = t->top;
	cairo_rectangle_t after;
	int r = t->animated ? remember(t, &before) : 0;

	r = r < 0 ? r : lay_out(t);
	t->hover = t->selected = TREELAYOUT_NONE;
	for (size_t i = 0; i < t->layout.n && r == 0 && t->selected == TREELAYOUT_NONE; i++)
		if (same_key(&t->layout.items[i]) == key)
			t->selected = (uint32_t)i;
	if (r == 0 && t->selected != TREELAYOUT_NONE) {
		after = tree_stage_place(t, t->selected);
		t->left += x - after.x;
		t->top += y - after.y;
	}
	if (r == 0 && t->animated)
		r = begin_animation(t, &before, (top - t->top) / t->zoom);
	map_free(&before);
	return r;
}

int tree_stage_toggle(struct tree_stage *t, uint32_t item)
{
	const struct treelayout_item *it = &t->layout.items[item];
	struct map *map;
	cairo_rectangle_t before;
	uint64_t key, same;
	int r = 0;

	if (!tree_stage_can_fold(t, item))
		return 0;
	map = it->role == TREELAYOUT_GROUP ? &t->opened : &t->collapsed;
	key = it->role == TREELAYOUT_GROUP ? it->key : (uint64_t)t->tree.nodes[it->node].process;
	same = same_key(it);
	before = tree_stage_place(t, item);
	if (!map_remove(map, key))
		r = map_put(map, key, 1);
	return r < 0 ? r : lay_out_around(t, same, before.x, before.y);
}

int tree_stage_lay_out(struct tree_stage *t)
{
	uint32_t at = t->selected < t->layout.n ? t->selected : t->layout.self;
	cairo_rectangle_t place;

	if (t->layout.n == 0)
		return 0;
	place = tree_stage_place(t, at);
	return lay_out_around(t, same_key(&t->layout.items[at]), place.x, place.y);
}

bool tree_stage_fold_place(const struct tree_stage *t, uint32_t item, cairo_rectangle_t *ret)
{
	cairo_rectangle_t r;

	if (!tree_stage_can_fold(t, item) || t->layout.items[item].role == TREELAYOUT_GROUP || t->zoom < 0.45)
		return false;
	r = tree_stage_place(t, item);
	*ret = (cairo_rectangle_t){ r.x + r.width - FOLD_SIZE / 2.0, r.y + r.height / 2 - FOLD_SIZE / 2.0, FOLD_SIZE,
		                    FOLD_SIZE };
	return true;
}

/* ---- looking ---- */

uint32_t tree_stage_hit(const struct tree_stage *t, double x, double y)
{
	return t->layout.n ? treelayout_hit(&t->layout, (x - t->left) / tree_stage_zoom_x(t), (y - t->top) / t->zoom)
	                   : TREELAYOUT_NONE;
}

static void describe_node(const struct reader_node *n, bool lines, struct buf *out)
{
	text_visible(out, n->name.p ? n->name : span_of(_("unknown")));
	buf_printf(out, " %lld", (long long)n->pid);
	if (n->user.p) {
		buf_add_z(out, " · ");
		text_visible(out, n->user);
	}
	if (n->executable.p) {
		buf_add_z(out, lines ? "\n" : " · ");
		text_visible(out, n->executable);
	}
	if (n->command_line.p) {
		buf_add_z(out, lines ? "\n" : " · ");
		text_visible(out, n->command_line);
	}
	buf_add_z(out, lines ? "\n" : " · ");
	words_life(out, n->start_ms, n->end_ms, n->start_known);
	buf_add_z(out, " · ");
	words_end(out, n->end_ms, n->exit_code, n->signal);
	if (n->children) {
		buf_add_z(out, " · ");
		buf_printf(out, ngettext("%s child", "%s children", n->children), WORDS_NUMBER(n->children));
	}
}

static void describe_more(const struct tree_stage *t, const struct treelayout_item *it, bool lines, struct buf *out)
{
	const struct tree_tally *tally = tree_stage_tally(t, t->tree.nodes[it->node].process);

	if (it->descendants > t->tree.nodes[it->node].children || it->collapsed) {
		buf_add_z(out, " · ");
		buf_printf(out, it->collapsed ? ngettext("%s descendant, hidden", "%s descendants, hidden", it->descendants) :
		                                ngettext("%s descendant", "%s descendants", it->descendants),
		           WORDS_NUMBER(it->descendants));
	}
	if (it->ended) {
		buf_add_z(out, " · ");
		buf_add_z(out, t->tree.nodes[it->node].start_ms > t->instant ? _("not started by then") : _("ended by then"));
	}
	if (tally && tally->events) {
		buf_add_z(out, lines ? "\n" : " · ");
		words_events(out, tally->events);
	}
	if (tally && tally->hits) {
		buf_add_z(out, " · ");
		buf_printf(out, ngettext("%s found", "%s found", tally->hits), WORDS_NUMBER(tally->hits));
	}
	if (t->note)
		buf_printf(out, "%s%s", lines ? "\n" : " · ", t->note);
}

void tree_stage_describe(const struct tree_stage *t, uint32_t item, bool lines, struct buf *out)
{
	const struct treelayout_item *it;
	AUTO_BUF name = BUF_INIT;

	if (item >= t->layout.n)
		return;
	it = &t->layout.items[item];
	if (it->role == TREELAYOUT_MORE) {
		buf_printf(out, ngettext("%s more is not shown: open it to bring more", "%s more are not shown: open to bring more",
		                         it->count), WORDS_NUMBER(it->count));
	} else if (it->role == TREELAYOUT_GROUP) {
		text_visible(&name, t->tree.nodes[it->node].name);
		buf_printf(out, it->open ? ngettext("%s process named %s, open", "%s processes named %s, open", it->count) :
		                           ngettext("%s process named %s, closed", "%s processes named %s, closed", it->count),
		           WORDS_NUMBER(it->count), name.n ? name.p : "");
	} else {
		describe_node(&t->tree.nodes[it->node], lines, out);
		describe_more(t, it, lines, out);
	}
}

uint32_t tree_stage_step(const struct tree_stage *t, uint32_t item, enum tree_step step)
{
	const struct treelayout_item *it;
	const struct treelayout_column *c;
	uint32_t best = item;

	if (item >= t->layout.n)
		return t->layout.n ? t->layout.self : TREELAYOUT_NONE;
	it = &t->layout.items[item];
	c = &t->layout.columns[it->column];
	if (step == TREE_UP)
		return item > c->first ? item - 1 : item;
	if (step == TREE_DOWN)
		return item + 1 < c->first + c->n ? item + 1 : item;
	if (step == TREE_LEFT)
		return it->parent != TREELAYOUT_NONE ? it->parent : item;
	if (it->role == TREELAYOUT_ANCESTOR)
		return it->column + 1 < t->layout.items[t->layout.self].column ? item + 1 : t->layout.self;
	for (uint32_t k = it->first_child; k < it->first_child + it->n_children; k++)
		if (best == item || fabs(t->layout.items[k].y - it->y) < fabs(t->layout.items[best].y - it->y))
			best = k;
	return best;
}
