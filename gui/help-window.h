/* help-window: the topics of gui/help.h in a window, with a search. */
#pragma once

#include <gtk/gtk.h>

/* There is one: it is made, or comes to the front with the topic. */
void help_window_show(GtkApplication *app, const char *topic);
