/* SnapshotsPage: the recordings that are open, by host, and the snapshots at the servers; what to do where there are none.
 * Signals:
 *   "source-chosen" (Source *source)
 *   "endpoint-chosen" (LiveEndpoint *), "downloaded" (const char *path)   as of snapshots-box.h
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define SNAPSHOTS_PAGE_TYPE (snapshots_page_get_type())
G_DECLARE_FINAL_TYPE(SnapshotsPage, snapshots_page, SNAPSHOTS, PAGE, GtkStack)

/* `empty` is shown while there is nothing else. */
GtkWidget *snapshots_page_new(GtkWidget *empty);
void snapshots_page_add(SnapshotsPage *self, Source *source);
void snapshots_page_remove(SnapshotsPage *self, Source *source);
