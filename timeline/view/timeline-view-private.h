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
	enum timeline_drag { DRAG_PAN, DRAG_BOX, DRAG_MAP } drag;
	struct timeline_target meant; /* what the menu is about */
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
/* After lanes were folded or sorted. */
void timeline_view_rearranged(TimelineView *self);
/* The time that a key is about: of what has the focus, else under the pointer, else in the middle. */
int64_t timeline_view_time_meant(const TimelineView *self);
void timeline_view_set_marker(TimelineView *self, int which, int64_t ms);
/* Goes there, in the middle when it is out of sight. */
void timeline_view_show_time(TimelineView *self, int64_t ms);
void timeline_view_find(TimelineView *self);
void timeline_view_fill_menu(TimelineView *self, GtkWidget *menu);

/* ---- timeline-menu.c ---- */
/* What can be done at that target (TIMELINE_NOTHING: anywhere), at that time. event NULL: by the keyboard. */
void timeline_menu_popup(TimelineView *self, struct timeline_target at, int64_t ms, const GdkEvent *event);
/* A new bookmark, and its name to be typed. */
void timeline_menu_add_bookmark(TimelineView *self, int64_t ms);
void timeline_menu_edit_bookmark(TimelineView *self, size_t i);
/* NULL: none. Emits bookmark-changed. */
void timeline_view_bookmark_changed(TimelineView *self, int64_t ms, const char *before, const char *after);

/* ---- timeline-pointer.c, timeline-keys.c ---- */
void timeline_pointer_install(GtkWidgetClass *widget);
gboolean timeline_keys_press(GtkWidget *widget, GdkEventKey *e);
