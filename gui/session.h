/* session: the app's memory of what is open: written a moment after each change, read at the next start.
 * There is one, the application's; before session_begin() and after session_end() it does nothing.
 */
#pragma once

#include <gtk/gtk.h>

void session_begin(GtkApplication *app, GSettings *settings);
/* Something changed that is worth keeping. Cheap. */
void session_touch(void);
/* A file is being opened: written down before anything of it is read. */
void session_opening(const char *path);
/* It is open: after a while without a fault it counts as one that can be. */
void session_opened(const char *path);
/* It is not open any more, or could not be. */
void session_closed(const char *path);
/* The app ends by itself, with the windows as they are now. */
void session_end(void);

/* What the last run left. True when there was something to open again and it is being opened, in windows of its own:
 * after a crash always, else if the user prefers so. */
gboolean session_restore(void);
/* For a start with files: offers in the window what session_restore() would have done after a crash. */
void session_offer(GtkWindow *window);
