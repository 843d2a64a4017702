/* live-dialog: which endpoints are to be read live: names or addresses, completed from what the servers know. Machines of one
 * name are told apart by address and last contact. Those that are chosen are added to gui/servers.h and opened. */
#pragma once

#include <gtk/gtk.h>

void live_dialog_show(GtkWindow *parent);
