/* TimelineView: one process (or a whole recording) over time. A GtkWidget over timeline/model.
 *
 * It never fetches: when the visible range or width changes it emits
 *   "need-data" (gint64 from_ms, gint64 to_ms, guint n_bins)
 * and shows what it has, scaled, until timeline_view_set_data brings bins for that range. Other signals:
 *   "range-changed" (gint64 from_ms, gint64 to_ms)      after pan and zoom
 *   "mark-activated" (gint64 process, gint64 time_from, gint64 time_to, guint category)   double-click, Enter on a mark
 *   "process-activated" (gint64 process)                 double-click, Enter on a bar
 *   "selection-changed" (gint64 time_from, gint64 time_to, guint category)
 * Keys: arrows move, + and - zoom, 0 fits, Enter opens, Tab walks marks, A and B set markers, Esc steps out.
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
/* Bins and children for a range asked with need-data: copied. */
void timeline_view_set_data(TimelineView *self, const struct reader_timeline *data);
/* Marks the interval (grid selection); from > to: nothing. Does not emit selection-changed. Scrolls it into sight. */
void timeline_view_select(TimelineView *self, int64_t from_ms, int64_t to_ms, enum event_category category);
void timeline_view_set_range(TimelineView *self, struct reader_range range);
struct reader_range timeline_view_get_range(TimelineView *self);
void timeline_view_zoom(TimelineView *self, double factor); /* > 1 nearer, around the middle */
void timeline_view_fit(TimelineView *self);
