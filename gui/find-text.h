/* find-text: what somebody types to find something, as an expression: an expression is taken as it is, any other text is
 * looked for in everything that an event can name. No widgets.
 */
#pragma once

#include <glib.h>

/* A newly allocated expression that is also limited by `within` (an expression; NULL or "": not), or NULL when there is
 * nothing to look for. *ret_text, when not NULL: whether it was taken as text. */
char *find_text_expression(const char *typed, const char *within, gboolean *ret_text);
