/* filters: expressions that were asked for lately, and those that have a name. One list for all windows, in the user's
 * configuration ("spoor/filters", a key file, written whole or not at all). No widgets. */
#pragma once

#include <glib.h>

enum { FILTERS_RECENT_MOST = 30, FILTERS_SAVED_MOST = 200, FILTERS_NAME_MOST = 80, FILTERS_LENGTH_MOST = 16 << 10 };

struct filters_item {
	char *name; /* NULL: a recent one */
	char *expression;
};

/* The saved ones by name, or the recent ones, latest first. Read anew from the file: other programs' changes are there.
 * Free with g_array_unref. */
GArray *filters_saved(void);
GArray *filters_recent(void);
/* As the latest one. Empty ones and those too long are not kept. */
void filters_remember(const char *expression);
/* In place of the one of that name, where there is one. FALSE with a line for people. */
gboolean filters_save(const char *name, const char *expression, char **ret_error);
/* FALSE also where another one has that name. */
gboolean filters_rename(const char *from, const char *to, char **ret_error);
/* It is the latest of the recent ones then. */
gboolean filters_delete(const char *name, char **ret_error);
