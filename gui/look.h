/* look: the theme of timeline/view for widgets that draw on the desktop's own background. */
#pragma once

#include <gtk/gtk.h>

#include "timeline/view/theme.h"

/* The dark or the light theme, by the colour of the widget's text. */
struct theme look_theme(GtkWidget *widget);
