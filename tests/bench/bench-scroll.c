/* bench-scroll RECORDING [EXPRESSION]: a window of rows moves over a large recording as the wheel, Page Down and the scroll
 * bar move it, sixty times a second, through the model of the grid and a confined child: for how long rows in sight are
 * blank, and, with the colour rules that the app comes with, in how many frames some have no colour yet. No display is
 * needed. */
#include <stdio.h>
#include <stdlib.h>

#include "agent/session/confine.h"
#include "gui/colour-rules.h"
#include "gui/event-cells.h"
#include "gui/event-model.h"

enum { ROWS = 44, AROUND = 64, FRAME_MS = 16, WHEEL_FRAMES = 600, JUMPS = 60 }; /* rows of a grid on 1920×1080 */

static const char *expression;
static double longest;
static EventCells *cells; /* NULL: without colour rules */
static guint plain;       /* frames in which some rows have no colour yet */

static gint64 now(void)
{
	return g_get_monotonic_time();
}

static gboolean blank(EventModel *m, guint64 first)
{
	guint64 n = event_model_get_n_rows(m);

	for (guint64 i = first; i < first + ROWS && i < n; i++)
		if (!event_model_get_row(m, i))
			return TRUE;
	return FALSE;
}

/* As event-grid-cells.c does. */
static void want_cells(EventModel *m, guint64 first)
{
	gint64 ids[READER_MAX_CELL_ROWS];
	gsize n = 0, seen;
	gboolean missing = FALSE;

	for (guint64 i = first; i < first + ROWS + AROUND; i++) {
		const struct reader_row *row = event_model_get_row(m, i);

		if (row)
			ids[n++] = row->id;
	}
	seen = MIN(n, ROWS);
	for (gsize i = 0; i < seen; i++)
		missing = missing || !event_cells_has(cells, ids[i]);
	plain += missing;
	if (missing)
		event_cells_want(cells, ids, n);
}

static void run_until(gint64 end)
{
	while (now() < end) {
		if (!g_main_context_iteration(NULL, FALSE))
			g_usleep(500);
	}
}

/* One frame at a place: how long it is blank within this frame, added up over frames in *since. */
static void frame(EventModel *m, guint64 first, gint64 *since, guint *blanks)
{
	gint64 end = now() + FRAME_MS * 1000;

	event_model_want(m, first, ROWS);
	run_until(end);
	if (cells)
		want_cells(m, first);
	if (!blank(m, first)) {
		*since = 0;
		return;
	}
	(*blanks)++;
	if (!*since)
		*since = end - FRAME_MS * 1000;
	longest = MAX(longest, (double)(now() - *since) / 1e3);
}

static void glide(EventModel *m, const char *name, guint64 step)
{
	guint64 n = event_model_get_n_rows(m), at = n / 3;
	guint blanks = 0, frames = 0;
	gint64 since = 0;

	longest = 0;
	for (; frames < WHEEL_FRAMES && at + ROWS < n; frames++, at += step)
		frame(m, at, &since, &blanks);
	printf("%-28s %u of %u frames with blank rows, the longest %.0f ms\n", name, blanks, frames, longest);
}

static void on_arrived(gboolean *arrived)
{
	*arrived = TRUE;
}

static void glide_in_colour(EventModel *m, Source *source)
{
	g_autoptr(ColourRules) rules = colour_rules_new();
	struct span asked[COLOUR_RULES_MOST];
	guint numbers[COLOUR_RULES_MOST];
	gsize n = colour_rules_asked(rules, asked, numbers);
	gboolean arrived = FALSE;

	cells = event_cells_new(source);
	event_cells_set_rules(cells, asked, n);
	g_signal_connect_swapped(cells, "arrived", G_CALLBACK(on_arrived), &arrived);
	glide(m, "wheel, rules being prepared", 3);
	while (!arrived)
		g_main_context_iteration(NULL, TRUE);
	plain = 0;
	glide(m, "wheel, with colour rules", 3);
	printf("%-28s %u frames with rows that have no colour yet\n", "", plain);
	plain = 0;
	glide(m, "Page Down, with colour rules", ROWS);
	printf("%-28s %u frames with rows that have no colour yet\n", "", plain);
	event_cells_stop(cells);
	g_clear_object(&cells);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* To anywhere: until all rows are there. */
static double jump(EventModel *m, const char *name)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	double took[JUMPS];

	for (int i = 0; i < JUMPS; i++) {
		guint64 n = event_model_get_n_rows(m);
		guint64 first = n > ROWS ? (guint64)(g_rand_double(random) * (double)(n - ROWS)) : 0;
		gint64 begun = now();

		event_model_want(m, first, ROWS);
		while (blank(m, first))
			g_main_context_iteration(NULL, TRUE);
		took[i] = (double)(now() - begun) / 1e3;
	}
	qsort(took, JUMPS, sizeof(*took), by_value);
	printf("%-28s median %.0f ms, p90 %.0f ms, the longest %.0f ms\n", name, took[JUMPS / 2], took[JUMPS * 9 / 10],
	       took[JUMPS - 1]);
	return took[JUMPS - 1];
}

/* What the page around the grid asks for at the same time, over and over. */
static void on_lanes(GObject *object, GAsyncResult *result, gpointer stop)
{
	static const struct source_query all = { NULL, { INT64_MIN, INT64_MAX } };
	struct reader_lanes lanes;

	if (object && source_lanes_finish(SPOOR_SOURCE(object), result, &lanes, NULL))
		reader_lanes_free(&lanes);
	if (object && !g_cancellable_is_cancelled(stop))
		source_lanes_async(SPOOR_SOURCE(object), &all, READER_BY_USER, 1000, 50, stop, on_lanes, stop);
}

static double jump_beside(EventModel *m, Source *source)
{
	static const struct source_query all = { NULL, { INT64_MIN, INT64_MAX } };
	g_autoptr(GCancellable) stop = g_cancellable_new();
	double took;

	source_lanes_async(source, &all, READER_BY_USER, 1000, 50, stop, on_lanes, stop);
	run_until(now() + 100000);
	took = jump(m, "jumps while more is asked");
	g_cancellable_cancel(stop);
	run_until(now() + 500000);
	return took;
}

static void on_opened(GObject *source, GAsyncResult *result, gpointer opened)
{
	g_autoptr(GError) error = NULL;

	if (!source_open_finish(SPOOR_SOURCE(source), result, &error)) {
		fprintf(stderr, "%s\n", error->message);
		exit(1);
	}
	*(gboolean *)opened = TRUE;
}

static double wait_for_rows(EventModel *m, gint64 begun)
{
	while (!event_model_get_n_rows(m) && !event_model_is_complete(m))
		g_main_context_iteration(NULL, TRUE);
	return (double)(now() - begun) / 1e3;
}

int main(int argc, char **argv)
{
	g_autoptr(Source) source = NULL;
	g_autoptr(EventModel) model = NULL;
	gboolean opened = FALSE;
	gint64 begun = now();
	double first, counted, jumps, beside, wheel, pages;

	confine_child_main(argc, argv);
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "bench-scroll: usage: bench-scroll RECORDING [EXPRESSION]\n");
		return 2;
	}
	expression = argc > 2 ? argv[2] : NULL;
	source = source_new(argv[1], NULL);
	source_open_async(source, NULL, on_opened, &opened);
	while (!opened)
		g_main_context_iteration(NULL, TRUE);
	model = event_model_new(source);
	begun = now();
	event_model_set_query(model, expression, READER_ALL_TIME);
	first = wait_for_rows(model, begun);
	while (!event_model_get_count(model))
		g_main_context_iteration(NULL, TRUE);
	counted = (double)(now() - begun) / 1e3;
	glide(model, "wheel, 3 rows a frame", 3);
	wheel = longest;
	glide(model, "Page Down held", ROWS);
	pages = longest;
	event_model_want(model, 0, ROWS);
	while (blank(model, 0))
		g_main_context_iteration(NULL, TRUE);
	glide_in_colour(model, source);
	jumps = jump(model, "jumps");
	beside = jump_beside(model, source);
	printf("scroll: first rows %.0f ms, counted %.0f ms; longest blank: wheel %.0f ms, pages %.0f ms, jumps %.0f ms, "
	       "while more is asked %.0f ms\n", first, counted, wheel, pages, jumps, beside);
	return 0;
}
