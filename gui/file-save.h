/* file-save: asks an endpoint that is read live for one of its files, which its server then keeps: a dialog that asks, shows
 * how far it is, and tells what went wrong. */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

/* Whether it is read live, is connected, and its user may. */
gboolean file_save_is_possible(Source *source);
/* of: a widget of the window. path: any bytes. process: 0, or the one whose executable is meant when the path is gone. */
void file_save_ask(GtkWidget *of, Source *source, const char *path, gint64 process);
