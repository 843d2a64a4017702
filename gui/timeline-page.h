/* TimelinePage, a Page: a whole recording, or what of it an expression is true for, as a timeline with lanes by kind, user,
 * program or container. Signals:
 *   "open-process" (gint64 process)
 *   "explore" (const char *expression)   what lies at a place of the timeline
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define TIMELINE_TYPE_PAGE (timeline_page_get_type())
G_DECLARE_FINAL_TYPE(TimelinePage, timeline_page, TIMELINE, PAGE, GtkBox)

GtkWidget *timeline_page_new(Source *source, const char *expression);
/* "kind", "user", "program", "container", "process" */
void timeline_page_set_lanes(TimelinePage *self, const char *id);
