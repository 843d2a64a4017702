/* FilterBar: an entry for the expression language. Green while what is typed is a valid expression, red when it is not,
 * with the message and its column below and the place underlined. Enter applies; names of fields, operators and words
 * are completed, and the values that occur in a source. Signal:
 *   "applied" (const char *expression)   Enter on a valid expression, or cleared
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define FILTER_BAR_TYPE (filter_bar_get_type())
G_DECLARE_FINAL_TYPE(FilterBar, filter_bar, FILTER, BAR, GtkBox)

GtkWidget *filter_bar_new(void);
/* Whose values are offered. */
void filter_bar_set_source(FilterBar *self, Source *source);
/* Shows an expression as the applied one. Emits nothing. */
void filter_bar_set_text(FilterBar *self, const char *expression);
/* What was last applied or set. */
const char *filter_bar_get_applied(FilterBar *self);
void filter_bar_focus(FilterBar *self);
