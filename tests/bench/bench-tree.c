/* bench-tree: laying out a tree of N processes, and frames of walking, zooming, folding through it: the widget's own
 * stage and drawing on an image surface of 1920×1080. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/tree-stage.h"

enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 600 };

static double frames[FRAMES];

static double now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Comes nearer from the whole, pans through it, folds and unfolds what is below the process, with what glides there. */
static void move(struct tree_stage *t, int frame)
{
	int phase = frame % 300;

	if (phase == 0)
		tree_stage_fit(t);
	else if (phase < 100)
		tree_stage_zoom(t, 900, 500, 1.1);
	else if (phase < 200)
		tree_stage_pan(t, phase % 50 < 25 ? 9 : -9, -60);
	else if (phase % 20 == 0)
		tree_stage_toggle(t, t->layout.self);
	else
		tree_stage_animate(t, phase % 20 / 8.0);
	t->hover = tree_stage_hit(t, frame * 13 % WIDTH, frame * 7 % HEIGHT);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "processes", required_argument, NULL, 'p' }, { 0 } };
	struct tree_stage *t = tree_stage_new();
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	struct reader_tree tree;
	struct theme theme;
	double began, worked, laid_out, layout_work;
	size_t n = 100000;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'p') {
			fprintf(stderr, "bench-tree: usage: bench-tree [--processes N]\n");
			return 2;
		}
		n = strtoul(optarg, NULL, 10);
	}
	tree = synthetic_tree(n, true);
	theme_init(&theme, false);
	t->animated = true;
	tree_stage_set_look(t, &theme, NULL);
	tree_stage_set_size(t, WIDTH, HEIGHT);
	began = now_ms(CLOCK_MONOTONIC);
	worked = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	if (tree_stage_set_tree(t, &tree) < 0)
		return 1;
	laid_out = now_ms(CLOCK_MONOTONIC) - began;
	layout_work = now_ms(CLOCK_PROCESS_CPUTIME_ID) - worked;
	for (int i = 0; i < FRAMES; i++) {
		began = now_ms(CLOCK_MONOTONIC);
		move(t, i);
		tree_draw(t, cr);
		cairo_surface_flush(surface);
		frames[i] = now_ms(CLOCK_MONOTONIC) - began;
	}
	qsort(frames, FRAMES, sizeof(*frames), by_value);
	printf("work of the layout: %.0f ms\n", layout_work);
	printf("tree %dx%d, %zu processes: laid out in %.0f ms; %d frames: median %.2f ms, p99 %.2f ms\n", WIDTH, HEIGHT,
	       tree.n, laid_out, FRAMES, frames[FRAMES / 2], frames[FRAMES * 99 / 100]);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	tree_stage_free(t);
	synthetic_tree_free(&tree);
	return 0;
}
