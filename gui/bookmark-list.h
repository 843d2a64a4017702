/* bookmark-list: a button that opens the bookmarks of a source, beside a timeline of it. One is gone to (Enter, click),
 * renamed (F2) and taken away (Delete) there; those outside the timeline are named, and cannot be gone to. */
#pragma once

#include <gtk/gtk.h>

#include "gui/notes.h"
#include "timeline/view/timeline-view.h"

GtkWidget *bookmark_list_new(Notes *notes, TimelineView *view);
