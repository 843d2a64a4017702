/* timeline-view-private: what the files of TimelineView share. */
#pragma once

#include "timeline/view/timeline-stage.h"
#include "timeline/view/timeline-view.h"
#include "timeline/view/view-pointer.h"

struct _TimelineView {
	GtkDrawingArea parent_instance;
	struct timeline_stage *stage;
	cairo_surface_t *content; /* NULL: to be drawn anew */
	guint ask_source;
	gint64 asked_at;          /* monotonic µs */
	struct bins_want asked;   /* not asked for again until data or subject change */
	struct view_pointer pointer;
	double row_rest;          /* of rows scrolled by: what is left of a whole one */
};

/* Everything, or only what lies on top of it, is to be drawn anew. */
void timeline_view_redraw(TimelineView *self);
void timeline_view_overlay_changed(TimelineView *self);
/* After the scale was changed. */
void timeline_view_range_changed(TimelineView *self);
/* Double click, Enter: FALSE when that means nothing there. */
gboolean timeline_view_activate(TimelineView *self, const struct timeline_target *g);
void timeline_view_focus_on(TimelineView *self, struct timeline_target g);
/* x in the plot. */
void timeline_view_zoom_at(TimelineView *self, double x, double factor);
void timeline_view_scroll_rows(TimelineView *self, double rows);

/* ---- timeline-pointer.c, timeline-keys.c ---- */
void timeline_pointer_install(GtkWidgetClass *widget);
gboolean timeline_keys_press(GtkWidget *widget, GdkEventKey *e);
