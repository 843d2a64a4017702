/* TimelineView: one process (or a whole recording) over time. A GtkWidget over timeline/model.
 *
 * It never fetches: when the visible range or width changes it emits
 *   "need-data" (gint64 from_ms, gint64 to_ms, guint n_bins)
 * and shows what it has, scaled, until timeline_view_set_data brings bins for that range. Other signals:
 *   "range-changed" (gint64 from_ms, gint64 to_ms)      after pan and zoom
 *   "mark-activated" (gint64 process, gint64 time_from, gint64 time_to, guint category)   double-click, Enter on a mark
 *   "process-activated" (gint64 process)                 double-click, Enter on a bar
 *   "selection-changed" (gint64 time_from, gint64 time_to, guint category)
 *   "find-requested" ()                                  F, Ctrl+F: the owner shows where to type what to look for
 *   "lane-activated" (gint64 key, gchararray name, gint64 time_from, gint64 time_to)   a mark in a lane of a group;
 *                                                        name NULL: not known
 *   "legend-changed" ()                                  shown or hidden: timeline_view_get_legend
 *   "bookmark-changed" (gint64 ms, gchararray before, gchararray after)   made, renamed, taken away by the user: its names
 *                                                        then and now, NULL none. It is shown already.
 *   "populate-menu" (GtkMenu)                            the owner may add what it can do
 * Keys: arrows move, + and - zoom, 0 fits, Enter opens, Tab walks marks, A and B set markers, X zooms to what lies
 * between them, M makes a bookmark, N and Shift+N go to the next and the previous one, F finds, L shows the legend, Z folds
 * a lane, S sorts lanes, Shift+Up and Down move one, Esc steps out. Shift and drag, or drag with the right button, zooms
 * to a box; right click has a menu.
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/reader.h"

#define TIMELINE_TYPE_VIEW (timeline_view_get_type())
G_DECLARE_FINAL_TYPE(TimelineView, timeline_view, TIMELINE, VIEW, GtkDrawingArea)

GtkWidget *timeline_view_new(void);

/* What is drawn: copied. `process` NULL: the whole recording (lanes by kind only). Gaps become hatched bands.
 * `bounds` is how far the view can be zoomed out. Fits the view to it. */
void timeline_view_set_subject(TimelineView *self, const struct reader_process *process, struct reader_range bounds,
                               const struct gap *gaps, size_t n_gaps);
/* The same subject over another time: how far the view can be zoomed out, and what is shown when it was fitted. */
void timeline_view_set_bounds(TimelineView *self, struct reader_range bounds);
/* Bins and children for a range asked with need-data: copied. */
void timeline_view_set_data(TimelineView *self, const struct reader_timeline *data);
/* Marks the interval (grid selection); from > to: nothing. Does not emit selection-changed. Scrolls it into sight. */
void timeline_view_select(TimelineView *self, int64_t from_ms, int64_t to_ms, enum event_category category);
void timeline_view_set_range(TimelineView *self, struct reader_range range);
struct reader_range timeline_view_get_range(TimelineView *self);
void timeline_view_zoom(TimelineView *self, double factor); /* > 1 nearer, around the middle */
void timeline_view_fit(TimelineView *self);
/* Bins of what a search found, for a range asked with need-data: copied. NULL: no search. */
void timeline_view_set_hits(TimelineView *self, const struct reader_histogram *hits);
/* Emits need-data again for what is shown: something else is asked of it. */
void timeline_view_ask_again(TimelineView *self);
void timeline_view_set_legend(TimelineView *self, gboolean shown);
gboolean timeline_view_get_legend(TimelineView *self);
/* All bookmarks, one of a time: copied. Emits nothing. */
void timeline_view_set_bookmarks(TimelineView *self, const int64_t *ms, const char *const *names, size_t n);
/* One where the focus or the pointer is, with its name to be typed: key M. */
void timeline_view_new_bookmark(TimelineView *self);
/* Is it within the bounds? */
gboolean timeline_view_has_time(TimelineView *self, int64_t ms);
/* Brings the one at that time into sight and selects it; FALSE when there is none, or not within the bounds. */
gboolean timeline_view_go_to_bookmark(TimelineView *self, int64_t ms);
/* The same, and lets its name be typed. */
void timeline_view_rename_bookmark(TimelineView *self, int64_t ms);
void timeline_view_remove_bookmark(TimelineView *self, int64_t ms);
/* Lanes by user, program or container instead of by kind, for a subject without a process: as timeline_view_set_data.
 * NULL: by kind again. */
void timeline_view_set_lanes(TimelineView *self, const struct reader_lanes *lanes);
/* Said of every child: "from 203.0.113.9". NULL: nothing. */
void timeline_view_set_note(TimelineView *self, const char *note);
/* Selects the life of a child, or of the process itself, and brings it into sight. Emits nothing. */
void timeline_view_point_at(TimelineView *self, int64_t process);
/* A list beside the timeline shows that time now: marked on the axis, and brought into sight. from > to: nothing. */
void timeline_view_set_listed(TimelineView *self, int64_t from_ms, int64_t to_ms);
/* What a menu is about, while populate-menu is emitted. */
struct timeline_meant {
	int64_t process;              /* of a bar, or a mark on one; 0 none */
	enum event_category category; /* of a mark, or a lane by kind; EVENT_NONE none */
	int64_t from_ms, to_ms;       /* [from, to) of a mark; from > to: no time */
	gboolean in_lane;             /* of a group: its key and name; name NULL: not known */
	int64_t key;
	const char *name;
};
/* FALSE: nothing of the recording. */
gboolean timeline_view_get_meant(TimelineView *self, struct timeline_meant *ret);
/* It in words: what the info line says. Newly allocated. */
char *timeline_view_describe_meant(TimelineView *self);
/* What is shown, without pointer, focus and overview, at the size it has now. `paper`: in light colours. */
void timeline_view_draw_picture(TimelineView *self, cairo_t *cr, gboolean paper);
