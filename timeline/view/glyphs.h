/* glyphs: shaped text, kept from frame to frame: shaping costs more than everything else in a frame. */
#pragma once

#include <pango/pangocairo.h>

#include "agent/base/span.h"

enum glyphs_font { GLYPHS_NORMAL, GLYPHS_BOLD, GLYPHS_SMALL, GLYPHS_MONO, GLYPHS_MONO_SMALL, GLYPHS_FONTS };
/* What gives way when there is no room. Middle: for paths, so that the name stays readable. */
enum glyphs_cut { GLYPHS_CUT_END, GLYPHS_CUT_MIDDLE };

struct glyphs;

/* context NULL: the default fonts at 96 dpi. Its font is taken for words, "Monospace" beside it. */
struct glyphs *glyphs_new(PangoContext *context);
void glyphs_free(struct glyphs *t);
/* To be called before the first text of a frame. */
void glyphs_begin(struct glyphs *t, cairo_t *cr);

/* Draws one line with its middle at y, at most max_w wide (0: no limit), and returns its width. The bytes may be
 * anything: what cannot be shown is made visible, what is too long is cut. */
double glyphs_draw(struct glyphs *t, cairo_t *cr, enum glyphs_font f, struct span s, double x, double y, double max_w,
                 enum glyphs_cut cut);
double glyphs_width(struct glyphs *t, enum glyphs_font f, struct span s);
/* Width of a digit. */
double glyphs_digit(struct glyphs *t, enum glyphs_font f);
/* Height of a line; grows with the desktop's text size. */
double glyphs_height(struct glyphs *t, enum glyphs_font f);
