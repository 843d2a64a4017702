/* SpoorWindow: header bar, sidebar and tabs: explorers of the open recordings and process pages. */
#pragma once

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#define SPOOR_WINDOW_TYPE (spoor_window_get_type())
G_DECLARE_FINAL_TYPE(SpoorWindow, spoor_window, SPOOR, WINDOW, HdyApplicationWindow)

GtkWidget *spoor_window_new(GtkApplication *app, GSettings *settings);
/* Opens snapshots and logs; an -wal or -shm is taken as its database. */
void spoor_window_open(SpoorWindow *self, GFile **files, gint n_files);
/* The topic of gui/help.h for what is in sight. */
const char *spoor_window_help(SpoorWindow *self);
void spoor_window_choose_files(SpoorWindow *self);
/* A line that stays until it is closed. */
void spoor_window_tell(SpoorWindow *self, const char *text);
