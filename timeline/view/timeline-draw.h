/* timeline-draw: puts a timeline-stage on a cairo context of its size. */
#pragma once

#include "timeline/view/timeline-stage.h"

/* What changes with range and data only. */
void timeline_draw_content(struct timeline_stage *t, cairo_t *cr);
/* What follows the pointer: crosshair, selection, focus, markers, the line of information. On top of the content. */
void timeline_draw_overlay(struct timeline_stage *t, cairo_t *cr);
