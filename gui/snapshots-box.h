/* SnapshotsBox: the whole snapshots at the connected servers, by host: each is read where it is,
 * downloaded, or deleted. It hides while
 * there are none and nothing went wrong. Signals:
 *   "endpoint-chosen" (LiveEndpoint *)   is to be read; as servers_add_snapshot
 *   "downloaded" (const char *path)      it is there now
 *   "changed"                            whether there are any
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/live-endpoint.h"

#define SNAPSHOTS_BOX_TYPE (snapshots_box_get_type())
G_DECLARE_FINAL_TYPE(SnapshotsBox, snapshots_box, SNAPSHOTS, BOX, GtkBox)

GtkWidget *snapshots_box_new(void);
gboolean snapshots_box_any(SnapshotsBox *self);
