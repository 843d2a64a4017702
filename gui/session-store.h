/* session-store: what is open, kept in one small file, so that it can be opened again.
 *
 * A session is an a{sv}: "clean" (b) whether the app ended by itself, "windows" (aa{sv}, gui/window-session.c), "fresh"
 * (aay) the files that had been open for a moment only. When the app ended otherwise it may be for one of these: they are
 * not opened again by themselves, or it would end again, and again.
 */
#pragma once

#include <glib.h>

/* The file in the user's state folder: newly allocated. */
char *session_store_path(void);
/* NULL when there is none, or none that can be understood. */
GVariant *session_store_load(const char *path);
/* Whole or not at all, whatever happens to this process. Readable by the user alone. `session` may be floating. */
gboolean session_store_save(const char *path, GVariant *session, GError **error);
/* Whether the app ended by itself. */
gboolean session_store_clean(GVariant *session);
/* The windows of it; NULL where there are none. */
GVariant *session_store_windows(GVariant *session);
/* A file in it: bytes, for a name need not be UTF-8; texts, as they once were, are understood. Newly allocated. */
char *session_store_file(GVariant *path);
/* The files of it that were open for a moment only: owned by the table. Empty when the app ended by itself. */
GHashTable *session_store_suspects(GVariant *session);
