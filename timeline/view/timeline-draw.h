/* timeline-draw: puts a timeline-stage on a cairo context of its size: what changes with range and data only. */
#pragma once

#include "timeline/view/timeline-stage.h"

void timeline_draw_content(struct timeline_stage *t, cairo_t *cr);
/* From here on in the plot's own coordinates, clipped to it; cairo_restore leaves it. */
void timeline_draw_enter_plot(const struct timeline_stage *t, cairo_t *cr);
/* A separator through the whole width. */
void timeline_draw_rule(const struct timeline_stage *t, cairo_t *cr, double y);
