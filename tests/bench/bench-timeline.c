/* bench-timeline: how long a frame of the timeline takes: the widget's own stage and drawing, on an image surface of
 * 1920×1080, through a fixed sequence of pans and zooms, with the bins of N events. Answers are made between frames,
 * as they come from another thread in the app. The last line tells time as a clock on the wall does; the one before, what
 * of it this program worked: the difference is the machine's other work. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"

enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 1200, CHILDREN = 4000 };

enum part { MOVE, CONTENT, OVERLAY, PARTS };
static double frames[FRAMES], worked[FRAMES], parts[PARTS]; /* parts: work of all frames */

static double now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void answer(struct timeline_stage *t, const struct synthetic *s)
{
	struct bins_want want;
	struct reader_timeline data;

	if (timeline_stage_has_enough(t, &want))
		return;
	data = synthetic_timeline(s, (struct reader_range){ want.from_ms, want.to_ms }, want.n_bins);
	timeline_stage_set_data(t, &data);
	synthetic_timeline_free(&data);
}

/* Zooms in to milliseconds at three places, pans at each depth, and comes out again. */
static void move(struct timeline_stage *t, int frame)
{
	int phase = frame % 400;

	if (phase < 100)
		scale_zoom(&t->scale, 300 + frame % 7 * 200, 1.12);
	else if (phase < 250)
		scale_pan(&t->scale, phase % 50 < 25 ? 17 : -23);
	else if (phase < 350)
		scale_zoom(&t->scale, 900, 1 / 1.12);
	else
		scale_pan(&t->scale, -40);
	t->hover_x = frame * 13 % 1700;
	timeline_stage_update(t);
	t->hover = timeline_stage_hit(t, t->hover_x + t->gutter, frame * 7 % HEIGHT);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void run(struct timeline_stage *t, const struct synthetic *s, cairo_t *cr)
{
	for (int i = 0; i < FRAMES; i++) {
		double began = now_ms(CLOCK_MONOTONIC), at[PARTS + 1];

		at[MOVE] = now_ms(CLOCK_THREAD_CPUTIME_ID);
		move(t, i);
		at[CONTENT] = now_ms(CLOCK_THREAD_CPUTIME_ID);
		timeline_draw_content(t, cr);
		at[OVERLAY] = now_ms(CLOCK_THREAD_CPUTIME_ID);
		timeline_overlay_draw(t, cr);
		cairo_surface_flush(cairo_get_target(cr));
		at[PARTS] = now_ms(CLOCK_THREAD_CPUTIME_ID);
		frames[i] = now_ms(CLOCK_MONOTONIC) - began;
		worked[i] = at[PARTS] - at[MOVE];
		for (int k = 0; k < PARTS; k++)
			parts[k] += at[k + 1] - at[k];
		if (i % 3 == 0) /* answers come at most every 50 ms */
			answer(t, s);
	}
	qsort(frames, FRAMES, sizeof(*frames), by_value);
	qsort(worked, FRAMES, sizeof(*worked), by_value);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "events", required_argument, NULL, 'e' }, { 0 } };
	size_t n = 5000000;
	struct synthetic *s;
	struct timeline_stage *t = timeline_stage_new();
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	struct theme theme;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'e') {
			fprintf(stderr, "bench-timeline: usage: bench-timeline [--events N]\n");
			return 2;
		}
		n = strtoul(optarg, NULL, 10);
	}
	s = synthetic_many(CHILDREN, n ? n : 1, 30);
	theme_init(&theme, false);
	timeline_stage_set_look(t, &theme, NULL, false);
	t->with_minimap = true;
	timeline_stage_set_size(t, WIDTH, HEIGHT);
	timeline_stage_set_subject(t, &s->process, s->range, s->gaps, s->n_gaps);
	answer(t, s);
	run(t, s, cr);
	printf("work of a frame: median %.2f ms, p99 %.2f ms; on average %.2f ms arranging, %.2f ms content, %.2f ms overlay\n",
	       worked[FRAMES / 2], worked[FRAMES * 99 / 100], parts[MOVE] / FRAMES, parts[CONTENT] / FRAMES,
	       parts[OVERLAY] / FRAMES);
	printf("timeline %dx%d, %zu events, %d children, %d frames: median %.2f ms, p99 %.2f ms\n", WIDTH, HEIGHT, n,
	       CHILDREN, FRAMES, frames[FRAMES / 2], frames[FRAMES * 99 / 100]);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	timeline_stage_free(t);
	synthetic_free(s);
	return 0;
}
