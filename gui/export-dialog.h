/* export-dialog: asks where to and as what, then shows how it goes and what came out. */
#pragma once

#include <gtk/gtk.h>

#include "gui/export-job.h"

/* `over`: any widget of the window. `wish` lacks format and path; `shown`: it has the columns of a page, and all fields are
 * offered beside them. `what` begins the file's name: "web-03 events". */
void export_dialog_ask(GtkWidget *over, const struct export_wish *wish, gboolean shown, const char *what);
/* The window of a running export, which closes itself when it is cancelled. Takes the job. */
GtkWidget *export_dialog_show(GtkWindow *parent, ExportJob *job);
