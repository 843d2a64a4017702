/* TimelinePane: a TimelineView with its tools and its search, over one process of a Source, over all of it, or over what
 * a logon caused. Brings the data that the
 * view asks for. The view's own signals are to be connected on timeline_pane_get_view.
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"
#include "timeline/view/timeline-view.h"

#define TIMELINE_TYPE_PANE (timeline_pane_get_type())
G_DECLARE_FINAL_TYPE(TimelinePane, timeline_pane, TIMELINE, PANE, GtkBox)

GtkWidget *timeline_pane_new(Source *source);
TimelineView *timeline_pane_get_view(TimelinePane *self);
/* `process` is read during the call. */
void timeline_pane_set_process(TimelinePane *self, const struct reader_process *process);
/* The whole recording, or what of it an expression (NULL: none) is true for. */
void timeline_pane_set_recording(TimelinePane *self, const char *expression);
/* Its lanes: by kind, or by user, program, container. */
void timeline_pane_set_groups(TimelinePane *self, enum reader_group by);
/* What a logon caused: a bar for each process. Read during the call. */
void timeline_pane_set_story(TimelinePane *self, const struct reader_story *story);
/* What a lane of these groups stands for, between these times (from > to: at any); name NULL: not known. Newly allocated. */
char *timeline_pane_lane_expression(TimelinePane *self, gint64 key, const char *name, gint64 from, gint64 to);
/* Events of a kind then. Newly allocated. */
char *timeline_pane_mark_expression(TimelinePane *self, enum event_category category, gint64 from, gint64 to);
/* Another tool, at the end of the row. */
void timeline_pane_add_tool(TimelinePane *self, GtkWidget *tool);
/* Stops what runs; nothing is asked of the source any more. */
void timeline_pane_stop(TimelinePane *self);
