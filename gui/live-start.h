/* live-start: connects to a server and opens an endpoint of it as a file says, without a question: for scripts. The file is
 * the user's and nobody else may read it:
 *
 *   [server]
 *   host=127.0.0.1
 *   port=17443
 *   user=alice
 *   password=…
 *   key=…             64 hexadecimal digits: the SHA-256 of its public key, as "spoor-server setup" prints it
 *   endpoint=web-03   the first of that name that is online; it is waited for
 *
 * The server is not remembered. */
#pragma once

#include <gtk/gtk.h>

/* `tell` is called with a line for people when it fails, in the end. */
typedef void live_start_tell(GtkWindow *window, const char *text);
void live_start(GtkWindow *window, const char *path, live_start_tell *tell);
