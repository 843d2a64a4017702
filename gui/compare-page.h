/* ComparePage: what of two recordings only the later one has, what is changed, and what is gone. Signals:
 *   "explore-in" (Source *, const char *expression)   in the explorer of one of the two
 *   "titled" (const char *title)
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define COMPARE_TYPE_PAGE (compare_page_get_type())
G_DECLARE_FINAL_TYPE(ComparePage, compare_page, COMPARE, PAGE, GtkBox)

/* `path`: the recording that an open one is compared with; which is the later one is told by when they end. */
GtkWidget *compare_page_new(Source *source, const char *path);
