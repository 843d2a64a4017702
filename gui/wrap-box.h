/* WrapBox: a container that lays its children out like words: from left to right (or right to left), each as wide as it
 * wants to be, in as many lines as that takes. GtkFlowBox lines them up in columns, which makes long and short ones
 * alike. */
#pragma once

#include <gtk/gtk.h>

#define WRAP_BOX_TYPE (wrap_box_get_type())
G_DECLARE_FINAL_TYPE(WrapBox, wrap_box, WRAP, BOX, GtkContainer)

GtkWidget *wrap_box_new(int spacing);
