/* LivePage: the servers that are known, and the endpoints that are read live through them: any number is selected and its
 * connections closed. Signal:
 *   "endpoint-chosen" (LiveEndpoint *)
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/live-endpoint.h"

#define LIVE_PAGE_TYPE (live_page_get_type())
G_DECLARE_FINAL_TYPE(LivePage, live_page, LIVE, PAGE, GtkStack)

/* `empty` is shown while no server is known. */
GtkWidget *live_page_new(GtkWidget *empty);
