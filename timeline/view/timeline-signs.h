/* timeline-signs: what a timeline shows beside its bars: where a search found something, bookmarks, the legend. In the
 * plot's coordinates (timeline_draw_enter_plot), but for the legend, which is drawn in the widget's.
 */
#pragma once

#include "timeline/view/timeline-stage.h"

void timeline_hits_draw(struct timeline_stage *t, cairo_t *cr);
void timeline_bookmarks_draw(struct timeline_stage *t, cairo_t *cr);
void timeline_legend_draw(struct timeline_stage *t, cairo_t *cr);
