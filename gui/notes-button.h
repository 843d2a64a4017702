/* NotesButton: which rows are shown by what is said of them: all, the marked ones, those with a tag, … Not there while
 * nothing is said of any row and all are shown. Signal:
 *   "chosen" (const char *view)   as of notes-view.h; "" all rows
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/notes.h"

#define NOTES_BUTTON_TYPE (notes_button_get_type())
G_DECLARE_FINAL_TYPE(NotesButton, notes_button, NOTES, BUTTON, GtkMenuButton)

GtkWidget *notes_button_new(Notes *notes);
/* Emits nothing. */
void notes_button_set_view(NotesButton *self, const char *view);
