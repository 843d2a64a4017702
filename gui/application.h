/* SpoorApplication: the desktop app as a whole: its settings, style, actions and windows. */
#pragma once

#include <gtk/gtk.h>

#define SPOOR_APPLICATION_TYPE (spoor_application_get_type())
G_DECLARE_FINAL_TYPE(SpoorApplication, spoor_application, SPOOR, APPLICATION, GtkApplication)

GtkApplication *spoor_application_new(void);
