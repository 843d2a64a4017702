/* theme: the colours and shapes that mean something, the same everywhere: one colour and one shape for each kind.
 *
 * Every colour that carries text or a mark has at least 4.5:1 against `back` in both variants, and kinds stay apart for
 * people who see red and green alike (tests/unit/timeline/test-theme.c computes both).
 */
#pragma once

#include <cairo.h>

#include "recorder/event.h"

struct theme_colour {
	double r, g, b;
};

enum { THEME_SEGMENTS = 6 };

struct theme {
	bool dark;
	struct theme_colour back, front, dim; /* dim: secondary text, still 4.5:1 */
	struct theme_colour line;   /* separators, grid */
	struct theme_colour accent; /* selection, focus, markers */
	struct theme_colour bad;    /* failures */
	struct theme_colour hatch;  /* gaps */
	struct theme_colour raised; /* tree nodes, table heads */
	struct theme_colour hit;    /* found by a search */
	struct theme_colour bookmark;
	struct theme_colour kinds[EVENT_CATEGORY_COUNT];
	struct theme_colour segments[THEME_SEGMENTS]; /* fills that carry `front` text */
};

void theme_init(struct theme *t, bool dark);
/* Dark or light by what the desktop's background is. */
bool theme_is_dark(struct theme_colour background);
/* WCAG 2 contrast ratio, 1 to 21. */
double theme_contrast(struct theme_colour a, struct theme_colour b);
struct theme_colour theme_mix(struct theme_colour a, struct theme_colour b, double part_of_b);

void theme_set(cairo_t *cr, struct theme_colour c, double alpha);
/* The same executable has the same fill everywhere. */
unsigned theme_segment_number(struct span name); /* 0 to THEME_SEGMENTS - 1 */
struct theme_colour theme_segment(const struct theme *t, struct span name);
/* Adds the kind's shape to the path: ◆ process, ▪ file, ▲ network, ● security, ⬟ driver, ⬢ registry. */
void theme_shape(cairo_t *cr, enum event_category c, double x, double y, double size);
void theme_rounded(cairo_t *cr, double x, double y, double w, double h, double radius);
/* Fills a rectangle with the hatching that means "history is missing here". */
void theme_hatch(cairo_t *cr, const struct theme *t, double x, double y, double w, double h);
/* "Process", "File", …; "Other" for EVENT_NONE. */
const char *theme_kind_name(enum event_category c);
