/* DistributionPage: all events by kind and action, and what takes the space of the recording, with the lines that leave it
 * out. Signals:
 *   "explore" (const char *expression)
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define DISTRIBUTION_TYPE_PAGE (distribution_page_get_type())
G_DECLARE_FINAL_TYPE(DistributionPage, distribution_page, DISTRIBUTION, PAGE, GtkBox)

GtkWidget *distribution_page_new(Source *source);
