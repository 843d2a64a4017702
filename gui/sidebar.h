/* Sidebar: the areas of the app, the endpoints that are read live (gui/servers.h) and the recordings that are open. Signals:
 *   "page-chosen" (const char *page)       "home", "live", "snapshots", "events", "files", "iocs", "protect", "hunting"
 *   "source-chosen" (Source *source)
 *   "endpoint-chosen" (LiveEndpoint *endpoint)
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define SIDEBAR_TYPE (sidebar_get_type())
G_DECLARE_FINAL_TYPE(Sidebar, sidebar, SPOOR, SIDEBAR, GtkScrolledWindow)

/* Once, however often it is added. */
void sidebar_add_source(Sidebar *self, Source *source);
void sidebar_remove_source(Sidebar *self, Source *source);
/* Marks what is shown, without a signal. One of the two is NULL. */
void sidebar_select(Sidebar *self, const char *page, Source *source);

/* What an area says when it is empty: an HdyStatusPage; NULL for areas that are not empty ones. */
GtkWidget *sidebar_status_page(const char *page);
/* The names of areas that have a status page; NULL past the end. */
const char *sidebar_status_page_at(guint i);
