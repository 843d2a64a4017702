/* Answers from a hostile recording, drawn and pointed at: nothing may overflow, hang or be read past its end. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"
#include "timeline/view/tree-stage.h"

enum { WIDTH = 700, HEIGHT = 420, MANY = 60 };

static const char *const texts[] = { "bash", "", "/usr/bin/\xff\xfe", "\xe2\x80\xae" "evil", "a\nb\tc\x01", "<b>&amp;</b>",
	                             "x x x x x x x", "\xf0\x9f\x90\x9a shell" };

static int64_t any_time(void)
{
	static const int64_t odd[] = { INT64_MIN, INT64_MAX, 0, -1, 1, INT64_C(1700000000000), INT64_C(253402300799999) };

	return rand() % 2 ? odd[rand() % 7] : INT64_C(1700000000000) + rand() % 1000000;
}

static struct span any_text(void)
{
	return rand() % 6 ? span_of(texts[rand() % 8]) : SPAN_NONE;
}

static struct reader_node any_node(void)
{
	return (struct reader_node){ .process = rand() % 80 - 5, .parent = rand() % 80, .pid = any_time(),
		.start_ms = any_time(), .end_ms = any_time(), .exit_code = rand() - RAND_MAX / 2, .signal = rand() % 80 - 10,
		.start_known = rand() % 2, .children = (uint32_t)rand(), .name = any_text(), .executable = any_text(),
		.command_line = any_text(), .user = any_text() };
}

static struct reader_histogram any_histogram(uint64_t *counts)
{
	struct reader_histogram h = { .from_ms = any_time(), .bin_ms = rand() % 3 ? rand() % 5000 : any_time(),
		                      .n_bins = (size_t)rand() % 300, .counts = counts };

	for (size_t i = 0; i < 300 * EVENT_CATEGORY_COUNT; i++)
		counts[i] = rand() % 7 ? 0 : rand() % 9 ? (uint64_t)rand() % 50 : UINT64_MAX;
	return h;
}

static void fill_process(struct reader_process *p, struct reader_image *images)
{
	*p = (struct reader_process){ .id = 1, .pid = any_time(), .start_ms = any_time(), .end_ms = any_time(),
		.start_known = rand() % 2, .exit_code = rand() % 300 - 5, .signal = rand() % 70 - 3, .images = images,
		.n_images = (size_t)rand() % 8, .children = (uint64_t)rand() };
	for (int i = 0; i < 8; i++)
		images[i] = (struct reader_image){ .start_ms = any_time(), .end_ms = any_time(), .executable = any_text(),
			                           .comm = any_text(), .command_line = any_text() };
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		p->by_category[c] = rand() % 2 ? (uint64_t)rand() : 0;
}

static void feed(struct timeline_stage *t)
{
	static uint64_t counts[300 * EVENT_CATEGORY_COUNT], child_counts[300 * EVENT_CATEGORY_COUNT];
	struct reader_node children[MANY];
	struct reader_child_mark marks[MANY];
	struct reader_timeline d = { .children = children, .n_children = (size_t)rand() % MANY, .child_marks = marks,
		                     .n_child_marks = MANY, .children_left_out = (uint64_t)rand() };

	for (int i = 0; i < MANY; i++) {
		children[i] = any_node();
		marks[i] = (struct reader_child_mark){ (uint32_t)rand() % 80, (uint32_t)rand() % 400, (uint32_t)rand() % 9, 1 };
	}
	d.bins = any_histogram(counts);
	d.child_bins = any_histogram(child_counts);
	assert_int_equal(timeline_stage_set_data(t, &d), 0);
}

static void feed_lanes(struct timeline_stage *t)
{
	static uint64_t counts[300 * EVENT_CATEGORY_COUNT];
	struct reader_histogram h = any_histogram(counts);
	struct reader_lane lanes[MANY];
	struct reader_lanes l = { .from_ms = h.from_ms, .bin_ms = h.bin_ms, .n_bins = h.n_bins, .lanes = lanes,
		                  .n = (size_t)rand() % MANY };

	for (int i = 0; i < MANY; i++)
		lanes[i] = (struct reader_lane){ any_text(), rand() % 5, (uint64_t)rand(), { 0 }, counts };
	assert_int_equal(timeline_stage_set_lanes(t, &l), 0);
	t->first_group = t->n_groups ? (size_t)rand() % t->n_groups : 0;
}

static void point_everywhere(struct timeline_stage *t)
{
	size_t n = timeline_stage_n_targets(t), seen = 0;
	struct timeline_target at = { 0 };

	for (int i = 0; i < 40; i++) {
		AUTO_BUF b = BUF_INIT;

		t->hover = timeline_stage_hit(t, rand() % (WIDTH + 20) - 10, rand() % (HEIGHT + 20) - 10);
		timeline_stage_describe(t, &t->hover, i % 2, &b);
		assert_true(t->hover.type == TIMELINE_NOTHING || b.n > 0);
	}
	while (seen <= n) {
		cairo_rectangle_t r;

		at = timeline_stage_step(t, &at, 1);
		if (at.type == TIMELINE_NOTHING)
			break;
		assert_true(timeline_stage_place(t, &at, &r));
		assert_true(r.x >= -1 && r.x + r.width <= WIDTH + 1 && r.width > 0 && r.height > 0);
		seen++;
	}
	assert_true(seen <= n);
}

/* Whatever somebody may have clicked, with hits from nowhere. */
static void any_wish(struct timeline_stage *t)
{
	static uint64_t counts[300 * EVENT_CATEGORY_COUNT];
	struct reader_histogram hits = any_histogram(counts);

	t->folded = (unsigned)rand() % 128;
	t->children_folded = rand() % 2;
	t->with_legend = rand() % 2;
	t->with_minimap = rand() % 2;
	timeline_stage_sort(t, (enum lanes_sort)(rand() % LANES_SORTS));
	timeline_stage_move_lane(t, (enum event_category)(rand() % EVENT_CATEGORY_COUNT), rand() % 2 ? 1 : -1);
	timeline_stage_add_bookmark(t, any_time(), rand() % 2 ? texts[rand() % 8] : NULL);
	if (t->n_bookmarks > 3)
		timeline_stage_remove_bookmark(t, (size_t)rand() % t->n_bookmarks);
	timeline_stage_set_marker(t, rand() % 2, any_time());
	assert_int_equal(timeline_stage_set_hits(t, rand() % 3 ? &hits : NULL), 0);
	timeline_minimap_centre(t, rand() % WIDTH);
	timeline_minimap_drag(t, rand() % 100 - 50);
}

static void any_timeline_can_be_drawn(void **state)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	struct timeline_stage *t = timeline_stage_new();
	struct theme theme;

	theme_init(&theme, true);
	srand(12);
	timeline_stage_set_look(t, &theme, NULL, false);
	timeline_stage_set_size(t, WIDTH, HEIGHT);
	for (int round = 0; round < 250; round++) {
		struct reader_process process;
		struct reader_image images[8];
		struct gap gaps[5];
		struct bins_want want;

		fill_process(&process, images);
		for (int i = 0; i < 5; i++)
			gaps[i] = (struct gap){ any_time(), any_time(), (enum gap_cause)(rand() % 14), any_time() };
		assert_int_equal(timeline_stage_set_subject(t, rand() % 4 ? &process : NULL,
		                                            (struct reader_range){ any_time(), any_time() }, gaps, 5), 0);
		for (int i = 0; i < 4; i++) {
			feed(t);
			if (!t->process && rand() % 2)
				feed_lanes(t);
			scale_zoom(&t->scale, rand() % WIDTH, 1 + rand() % 100000);
			any_wish(t);
			timeline_stage_update(t);
			timeline_stage_has_enough(t, &want);
			timeline_draw_content(t, cr);
			point_everywhere(t);
			timeline_overlay_draw(t, cr);
			scale_pan(&t->scale, rand() % 3000 - 1500);
		}
	}
	assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
	timeline_stage_free(t);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
}

static void bookmarks_stay_in_order(void **state)
{
	struct timeline_stage *t = timeline_stage_new();

	for (int i = 0; i < TIMELINE_MAX_BOOKMARKS; i++)
		assert_true(timeline_stage_add_bookmark(t, i * 37 % 1000, i == 7 ? "seven" : NULL) < t->n_bookmarks);
	assert_true(timeline_stage_add_bookmark(t, 5000, NULL) == SIZE_MAX);
	assert_true(timeline_stage_add_bookmark(t, 5, NULL) == timeline_stage_find_bookmark(t, 5));
	for (size_t i = 1; i < t->n_bookmarks; i++)
		assert_true(t->bookmarks[i - 1].ms <= t->bookmarks[i].ms);
	while (t->n_bookmarks > 2)
		timeline_stage_remove_bookmark(t, 1);
	t->bookmarks[0].ms = 10;
	t->bookmarks[1].ms = 20;
	assert_true(timeline_stage_next_bookmark(t, 10, 1) == 1 && timeline_stage_next_bookmark(t, 20, 1) == SIZE_MAX);
	assert_true(timeline_stage_next_bookmark(t, 20, -1) == 0 && timeline_stage_next_bookmark(t, 10, -1) == SIZE_MAX);
	timeline_stage_free(t);
}

/* What was seen whole is seen whole again; what was looked at stays in sight. */
static void bounds_grow(void **state)
{
	struct timeline_stage *t = timeline_stage_new();
	struct scale_range shown;

	timeline_stage_set_size(t, 800, 300);
	assert_int_equal(timeline_stage_set_subject(t, NULL, (struct reader_range){ 10000, 20000 }, NULL, 0), 0);
	timeline_stage_add_bookmark(t, 15000, "stays");
	timeline_stage_set_bounds(t, (struct reader_range){ 5000, 60000 });
	shown = scale_visible(&t->scale);
	assert_true(shown.from_ms < 5000 && shown.to_ms > 60000 && t->n_bookmarks == 1);
	scale_set_range(&t->scale, 12000, 13000);
	timeline_stage_set_bounds(t, (struct reader_range){ 5000, 90000 });
	shown = scale_visible(&t->scale);
	assert_true(shown.from_ms >= 11990 && shown.to_ms <= 13010 && t->scale.max_ms > 90000);
	timeline_stage_free(t);
}

static void lanes_fold_sort_and_move(void **state)
{
	struct timeline_stage *t = timeline_stage_new();
	struct timeline_target g = { .type = TIMELINE_LANE };
	uint64_t counts[10 * EVENT_CATEGORY_COUNT] = { 0 };
	struct reader_timeline d = { .bins = { .from_ms = 0, .bin_ms = 100, .n_bins = 10, .counts = counts } };
	struct theme theme;

	theme_init(&theme, false);
	timeline_stage_set_look(t, &theme, NULL, false);
	timeline_stage_set_size(t, WIDTH, HEIGHT);
	timeline_stage_set_subject(t, NULL, (struct reader_range){ 10, 900 }, NULL, 0);
	counts[5 * EVENT_CATEGORY_COUNT + EVENT_FILE] = 9;
	counts[2 * EVENT_CATEGORY_COUNT + EVENT_NETWORK] = 3;
	counts[3 * EVENT_CATEGORY_COUNT + EVENT_PROCESS] = 1;
	d.child_bins = d.bins;
	timeline_stage_set_data(t, &d);
	assert_true(t->lanes.n == 3 && t->lanes.at[0].category == EVENT_PROCESS && t->overview.n_bins == 10);
	timeline_stage_sort(t, LANES_BY_COUNT);
	timeline_stage_update(t);
	assert_true(t->lanes.at[0].category == EVENT_FILE && t->lanes.at[2].category == EVENT_PROCESS);
	timeline_stage_sort(t, LANES_BY_FIRST);
	timeline_stage_update(t);
	assert_true(t->lanes.at[0].category == EVENT_NETWORK && t->lanes.at[2].category == EVENT_FILE);
	timeline_stage_move_lane(t, EVENT_FILE, -1);
	timeline_stage_move_lane(t, EVENT_FILE, -1);
	timeline_stage_move_lane(t, EVENT_FILE, -1); /* no further */
	timeline_stage_update(t);
	assert_int_equal(t->lanes.at[0].category, EVENT_FILE);
	assert_ptr_equal(timeline_stage_lane_of(t, &g), &t->lanes.at[0]);
	assert_true(timeline_stage_fold(t, &t->lanes.at[0]));
	timeline_stage_update(t);
	assert_true(t->lanes.at[0].folded && t->lanes.at[0].h < t->lanes.at[1].h);
	timeline_stage_free(t);
}

static void lanes_of(struct reader_lanes *l, struct reader_lane *at, uint64_t (*counts)[10 * EVENT_CATEGORY_COUNT])
{
	static const char *const names[] = { "root", "alice", "www-data" };

	memset(counts, 0, 3 * sizeof(*counts));
	*l = (struct reader_lanes){ .from_ms = 0, .bin_ms = 100, .n_bins = 10, .lanes = at, .n = 3, .left_out = 4 };
	for (size_t i = 0; i < 3; i++) {
		at[i] = (struct reader_lane){ .name = i ? span_of(names[i]) : SPAN_NONE, .total = 10 - i, .counts = counts[i] };
		counts[i][(9 - i) * EVENT_CATEGORY_COUNT + EVENT_FILE] = 10 - i;
	}
}

static void groups_are_lanes_that_stay_where_they_are(void **state)
{
	static uint64_t counts[3][10 * EVENT_CATEGORY_COUNT];
	struct timeline_stage *t = timeline_stage_new();
	struct reader_lanes l;
	struct reader_lane lanes[3];
	struct timeline_target g = { 0 };
	cairo_rectangle_t r;
	struct theme theme;
	AUTO_BUF b = BUF_INIT;
	size_t marks = 0;

	theme_init(&theme, false);
	timeline_stage_set_look(t, &theme, NULL, false);
	timeline_stage_set_size(t, WIDTH, HEIGHT);
	timeline_stage_set_subject(t, NULL, (struct reader_range){ 0, 1000 }, NULL, 0);
	lanes_of(&l, lanes, counts);
	assert_int_equal(timeline_stage_set_lanes(t, &l), 0);
	assert_true(t->lanes.n == 3 && t->lanes.at[0].type == LANE_GROUP && t->n_groups == 3 && t->groups_left_out == 4);
	assert_true(span_eq(timeline_groups_name(t, 0), SPAN("not known")));
	while ((g = timeline_stage_step(t, &g, 1)).type == TIMELINE_MARK) {
		assert_true(timeline_stage_place(t, &g, &r) && r.width > 0 && g.group == marks + 1);
		marks++;
	}
	assert_int_equal(marks, 3);
	g = timeline_stage_hit(t, timeline_stage_plot_x(t) + scale_x(&t->scale, 850), t->lanes.at[1].y + 5);
	assert_true(g.type == TIMELINE_MARK && g.group == 2 && g.count == 9);
	timeline_stage_describe(t, &g, false, &b);
	assert_non_null(strstr(b.p, "alice: 9 events"));
	timeline_stage_sort(t, LANES_BY_FIRST); /* www-data, alice, nobody */
	assert_true(span_eq(t->groups[0].name, SPAN("www-data")) && !t->groups[2].name.p);
	lanes[0].total = 1000; /* an answer for another range: totals change, places do not */
	assert_int_equal(timeline_stage_set_lanes(t, &l), 0);
	assert_true(t->n_groups == 3 && t->groups[2].total == 1000 && span_eq(t->groups[0].name, SPAN("www-data")));
	timeline_stage_forget_groups(t);
	timeline_stage_update(t);
	assert_true(t->lanes.n == 1 && t->lanes.at[0].type == LANE_KIND); /* files, by kind again */
	timeline_stage_free(t);
}

static void minimap_moves_what_is_shown(void **state)
{
	struct timeline_stage *t = timeline_stage_new();
	cairo_rectangle_t w;
	struct theme theme;
	double middle;

	theme_init(&theme, false);
	timeline_stage_set_look(t, &theme, NULL, false);
	timeline_stage_set_size(t, WIDTH, HEIGHT);
	timeline_stage_set_subject(t, NULL, (struct reader_range){ 0, 1000000 }, NULL, 0);
	assert_false(timeline_minimap_window(t, &w));
	t->with_minimap = true;
	timeline_stage_update(t);
	assert_true(timeline_minimap_window(t, &w) && fabs(w.width - t->scale.width) < 1);
	assert_true(timeline_minimap_hit(t, w.x + 5, w.y + 5) && !timeline_minimap_hit(t, w.x + 5, w.y - 5));
	scale_zoom(&t->scale, 0, 8);
	assert_true(timeline_minimap_window(t, &w) && fabs(w.width - t->scale.width / 8) < 1);
	middle = timeline_stage_plot_x(t) + t->scale.width / 2;
	timeline_minimap_centre(t, middle);
	assert_true(timeline_minimap_window(t, &w) && fabs(w.x + w.width / 2 - middle) < 1);
	timeline_minimap_drag(t, 40);
	assert_true(timeline_minimap_window(t, &w) && fabs(w.x + w.width / 2 - middle - 40) < 1);
	timeline_stage_free(t);
}

static struct tree_stage *new_tree(struct reader_tree *tree)
{
	struct tree_stage *t = tree_stage_new();
	struct theme theme;

	theme_init(&theme, false);
	tree_stage_set_look(t, &theme, NULL);
	tree_stage_set_size(t, WIDTH, HEIGHT);
	*tree = synthetic_tree(30, true);
	assert_int_equal(tree_stage_set_tree(t, tree), 0);
	return t;
}

static uint32_t item_of(const struct tree_stage *t, int64_t process)
{
	return treelayout_find(&t->layout, &t->tree, process);
}

static void folding_keeps_the_place_and_glides(void **state)
{
	struct reader_tree tree;
	struct tree_stage *t = new_tree(&tree);
	size_t all = t->layout.n;
	uint32_t at = item_of(t, 1000);
	cairo_rectangle_t before = tree_stage_place(t, at), after, sign;
	double rest;

	assert_true(tree_stage_can_fold(t, at) && !tree_stage_can_fold(t, item_of(t, 1)));
	t->animated = true;
	assert_int_equal(tree_stage_toggle(t, at), 0);
	assert_true(t->layout.n < all && t->from_y && t->layout.items[t->selected].collapsed);
	for (double part = 0; part < 1; part += 0.1) { /* always in order: what is under a point is found */
		tree_stage_animate(t, part);
		for (size_t i = 1; i < t->layout.n; i++)
			if (t->layout.items[i].column == t->layout.items[i - 1].column)
				assert_true(t->layout.items[i].y >= t->layout.items[i - 1].y);
	}
	rest = t->to_y[0];
	tree_stage_animate(t, 1);
	assert_true(!t->from_y && t->layout.items[0].y == rest);
	after = tree_stage_place(t, t->selected);
	assert_true(fabs(after.x - before.x) < 0.01 && fabs(after.y - before.y) < 0.01);
	t->zoom = 1;
	assert_true(tree_stage_fold_place(t, t->selected, &sign) && sign.width > 8);
	t->animated = false;
	assert_int_equal(tree_stage_toggle(t, t->selected), 0);
	assert_true(t->layout.n == all && !t->from_y);
	tree_stage_free(t);
	synthetic_tree_free(&tree);
}

static void finding_uncovers_what_is_hidden(void **state)
{
	struct reader_tree tree;
	struct tree_stage *t = new_tree(&tree);

	assert_int_equal(tree_stage_find(t, "nothing like it"), 0);
	assert_false(tree_stage_find_step(t, 1));
	assert_int_equal(tree_stage_find(t, "PING -C1 10.0.0.17"), 1); /* in a closed group, below a folded process */
	assert_int_equal(tree_stage_toggle(t, t->layout.self), 0);
	assert_true(tree_stage_find_step(t, 1));
	assert_int_equal(t->tree.nodes[t->layout.items[t->selected].node].process, 9000016);
	assert_true(tree_stage_find(t, "sshd") == 2 && tree_stage_find_step(t, -1));
	assert_int_equal(t->tree.nodes[t->layout.items[t->selected].node].process, 2);
	assert_true(tree_stage_find_step(t, -1) && tree_stage_find_step(t, -1)); /* round and round */
	assert_int_equal(t->tree.nodes[t->layout.items[t->selected].node].process, 2);
	assert_int_equal(tree_stage_find(t, "1900"), 1); /* a pid */
	assert_int_equal(tree_stage_find(t, ""), 0);
	assert_null(t->found);
	tree_stage_free(t);
	synthetic_tree_free(&tree);
}

static void trees_are_coloured_by_what_is_wanted(void **state)
{
	static const struct tree_tally tallies[] = { { 500, EVENT_FILE, 10, 0 }, { 1000, EVENT_NETWORK, 4, 7 } };
	struct reader_tree tree;
	struct tree_stage *t = new_tree(&tree);
	struct tree_key keys[8];
	struct theme_colour c;
	double strength;

	assert_false(tree_stage_colour_of(t, &t->tree.nodes[0], &c, &strength));
	t->colour = TREE_BY_USER;
	assert_true(tree_stage_colour_of(t, &t->tree.nodes[0], &c, &strength));
	assert_int_equal(tree_stage_keys(t, keys, 8), 1);
	assert_string_equal(keys[0].words, "root");
	t->colour = TREE_BY_KIND;
	assert_false(tree_stage_colour_of(t, &t->tree.nodes[0], &c, &strength)); /* not known yet */
	assert_int_equal(tree_stage_set_tallies(t, tallies, 2), 0);
	assert_true(tree_stage_colour_of(t, &t->tree.nodes[0], &c, &strength));
	assert_memory_equal(&c, &t->theme.kinds[EVENT_FILE], sizeof(c));
	assert_int_equal(tree_stage_keys(t, keys, 8), 2);
	t->colour = TREE_BY_HITS;
	assert_false(tree_stage_colour_of(t, &t->tree.nodes[0], &c, &strength));
	assert_true(tree_stage_tally(t, 1000)->hits == 7 && !tree_stage_tally(t, 1001));
	tree_stage_free(t);
	synthetic_tree_free(&tree);
}

static void any_tree_can_be_drawn(void **state)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	struct tree_stage *t = tree_stage_new();
	struct reader_node nodes[MANY];
	struct theme theme;

	theme_init(&theme, false);
	srand(13);
	tree_stage_set_look(t, &theme, NULL);
	tree_stage_set_size(t, WIDTH, HEIGHT);
	for (int round = 0; round < 250; round++) {
		struct reader_tree tree = { .nodes = nodes, .n = 1 + (size_t)rand() % (MANY - 1), .n_ancestors = (size_t)rand() % 5,
			                    .n_peers = (size_t)rand() % 9, .peers_left_out = any_time() < 0,
			                    .children_left_out = rand() % 2 ? UINT64_MAX : 0 };
		uint32_t at;

		for (int i = 0; i < MANY; i++)
			nodes[i] = any_node();
		assert_int_equal(tree_stage_set_tree(t, &tree), 0);
		at = t->layout.self;
		for (int i = 0; i < 40; i++) {
			AUTO_BUF b = BUF_INIT;

			at = tree_stage_step(t, at, (enum tree_step)(rand() % 4));
			assert_true(at < t->layout.n);
			tree_stage_describe(t, at, i % 2, &b);
			assert_true(b.n > 0);
			tree_stage_reveal(t, at);
			t->animated = rand() % 2;
			t->colour = (enum tree_colour)(rand() % 4);
			if (i % 13 == 0)
				tree_stage_set_instant(t, rand() % 2 ? any_time() : TREELAYOUT_ALWAYS);
			if (i % 11 == 0) {
				tree_stage_find(t, texts[rand() % 8]);
				tree_stage_find_step(t, rand() % 2 ? 1 : -1);
			}
			tree_stage_animate(t, rand() % 12 / 10.0);
			at = t->selected < t->layout.n ? t->selected : t->layout.self;
			t->hover = tree_stage_hit(t, rand() % WIDTH, rand() % HEIGHT);
			if (i % 4 == 0) {
				assert_int_equal(tree_stage_toggle(t, at), 0);
				at = t->selected < t->layout.n ? t->selected : t->layout.self;
			}
			tree_stage_zoom(t, rand() % WIDTH, rand() % HEIGHT, rand() % 2 ? 0.5 : 1.9);
		}
		tree_draw(t, cr);
	}
	assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
	tree_stage_free(t);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
}

/* What fontconfig keeps to the end of the program is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_timeline_can_be_drawn),
		cmocka_unit_test(bookmarks_stay_in_order), cmocka_unit_test(bounds_grow),
		cmocka_unit_test(lanes_fold_sort_and_move),
		cmocka_unit_test(groups_are_lanes_that_stay_where_they_are),
		cmocka_unit_test(minimap_moves_what_is_shown),
		cmocka_unit_test(folding_keeps_the_place_and_glides),
		cmocka_unit_test(finding_uncovers_what_is_hidden),
		cmocka_unit_test(trees_are_coloured_by_what_is_wanted),
		cmocka_unit_test(any_tree_can_be_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
