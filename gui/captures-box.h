/* CapturesBox: the captures of all servers that are connected: how each does, and what can be done about it. It hides while
 * there are none and nothing went wrong. */
#pragma once

#include <gtk/gtk.h>

#define CAPTURES_BOX_TYPE (captures_box_get_type())
G_DECLARE_FINAL_TYPE(CapturesBox, captures_box, CAPTURES, BOX, GtkBox)

GtkWidget *captures_box_new(void);
