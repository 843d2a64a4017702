/* look: the theme of timeline/view for widgets that draw on the desktop's own background. */
#pragma once

#include <gtk/gtk.h>

#include "timeline/view/theme.h"

/* The dark or the light theme, by the colour of the widget's text. */
struct theme look_theme(GtkWidget *widget);

/* A status page's texts for assistive technology, which does not see its labels. */
void look_describe(GtkWidget *status_page, const char *title, const char *description);

/* Gives the widget the focus, as soon as it is there to have it: GTK delivers keys to the focus even when it is not
 * realized yet, and complains. */
void look_focus(GtkWidget *widget);

/* A wrapped line of text at the end of a box, shown, of that style class; the box owns it. */
GtkWidget *look_line(GtkBox *box, const char *text, const char *class);
