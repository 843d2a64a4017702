/* kind: one colour and one shape for each kind of event, the same in grid, histogram, timeline and tree.
 * Colours keep at least 4.5:1 on the usual light and dark backgrounds and differ in lightness for colour-blind eyes;
 * the shape says the same again. */
#pragma once

#include <cairo.h>

#include "recorder/event.h"

struct kind_colour {
	double r, g, b;
};

struct kind_colour kind_colour(enum event_category category, bool dark);
void kind_set_source(cairo_t *cr, enum event_category category, bool dark);
/* Adds the shape, centred, `size` wide and high, to the path: diamond, square, triangle, disc, pentagon, hexagon. */
void kind_path(cairo_t *cr, enum event_category category, double x, double y, double size);
/* "Process", "File", … as shown to people. */
const char *kind_name(enum event_category category);
