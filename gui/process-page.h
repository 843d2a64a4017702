/* ProcessPage: one process: details, timeline, tree and history, each of which can be hidden. Signals:
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
Source *process_page_get_source(ProcessPage *self);
gint64 process_page_get_process(ProcessPage *self);
void process_page_focus(ProcessPage *self);
gboolean process_page_copy(ProcessPage *self, gboolean whole_row);
