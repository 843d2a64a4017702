/* server-dialog: asks for a server, a user and a password, and connects: about a key that is new, and refuses one that has
 * changed. What goes wrong is said in the dialog. */
#pragma once

#include <gtk/gtk.h>

#include "gui/server-link.h"

/* server: whose sign-in is meant; NULL: any. */
void server_dialog_show(GtkWindow *parent, ServerLink *server);
