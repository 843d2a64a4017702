/* ProcessPage, a Page: one process: details, timeline, tree and history, each of which can be hidden. Signals:
 *   "open-process" (gint64 process)
 *   "explore" (const char *expression)   to be asked in the explorer
 *   "titled" (const char *title)         when its name is known
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define PROCESS_PAGE_TYPE (process_page_get_type())
G_DECLARE_FINAL_TYPE(ProcessPage, process_page, PROCESS, PAGE, GtkBox)

GtkWidget *process_page_new(Source *source, gint64 process, GSettings *settings);
gint64 process_page_get_process(ProcessPage *self);
