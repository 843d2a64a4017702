/* preferences: what the user has chosen, and the window to choose it in. */
#pragma once

#include <gtk/gtk.h>

/* From now on the app follows the settings that concern all of it: colours, movement. */
void preferences_apply(GSettings *settings);
void preferences_show(GtkWindow *parent, GSettings *settings);
