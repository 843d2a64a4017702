/* ValueCompleter: completes what is typed into an entry, from words that are given and from the values that occur in a
 * source. Values are asked for while typing goes on; a newer letter cancels what was asked for the one before, so that
 * neither typing nor the main loop ever waits. */
#pragma once

#include <gtk/gtk.h>

#include "gui/complete-place.h"
#include "gui/source.h"

#define VALUE_COMPLETER_TYPE (value_completer_get_type())
G_DECLARE_FINAL_TYPE(ValueCompleter, value_completer, VALUE, COMPLETER, GObject)

/* What could stand where the entry's cursor is. */
typedef struct complete_place value_completer_place_fn(GtkEntry *entry, gpointer data);

/* Belongs to the entry and goes with it. `data` must live as long. */
ValueCompleter *value_completer_new(GtkEntry *entry, value_completer_place_fn *place, gpointer data);
/* A word of the language: offered where two letters of it, or of one of its dotted parts, are there. */
void value_completer_add_word(ValueCompleter *self, const char *word, const char *about);
/* Whose values are offered. NULL: none. */
void value_completer_set_source(ValueCompleter *self, Source *source);
