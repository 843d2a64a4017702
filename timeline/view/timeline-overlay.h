/* timeline-overlay: what follows the pointer, drawn on top of the content: crosshair, selection, focus, markers, and the
 * line of information at the foot. */
#pragma once

#include "timeline/view/timeline-stage.h"

void timeline_overlay_draw(struct timeline_stage *t, cairo_t *cr);
