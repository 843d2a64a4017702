/* colour-dialog: the colour rules in a window beside the grid, which shows every change at once. */
#pragma once

#include <gtk/gtk.h>

#include "gui/colour-rules.h"

/* `near`: a widget of the window that it belongs to. `expression`: of a new rule to begin with, called `name`; NULL: the
 * list. One window for each: a second call shows it again. */
void colour_dialog_open(GtkWidget *near, ColourRules *rules, const char *name, const char *expression);
