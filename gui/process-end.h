/* process-end: tells when a process has ended, without taking its exit status from who waits for it (pidfd_open(2)). */
#pragma once

#include <glib.h>

/* Calls fn(data) once from the main loop when `pid` has ended; at once when it is not there. 0 where the kernel cannot tell
 * (before 5.3), else a source to remove with g_source_remove as long as fn was not called. */
guint process_end_watch(int pid, void (*fn)(gpointer data), gpointer data);
