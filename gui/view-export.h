/* view-export: a timeline or a tree as a picture in a file, or on paper: what is shown, as it is shown.
 */
#pragma once

#include <gtk/gtk.h>

/* The timeline or tree meant by somebody on `page`: the one with the focus, else the first that is shown. NULL: none. */
GtkWidget *view_export_find(GtkWidget *page, GtkWidget *focus);

/* "curl 4711 · web-03.png": what a file may be called, newly allocated. */
char *view_export_file_name(const char *title);
/* Writes it: PNG, SVG or PDF by the name's ending. NULL, or a line about what went wrong, newly allocated. */
char *view_export_write(GtkWidget *view, const char *title, const char *path);
/* Asks for a file first. `done` is called with what went wrong, or with NULL; not when the user thinks better of it.
 * `data` is a GObject: when it is gone, nothing is called. */
void view_export_save(GtkWidget *view, const char *title, void (*done)(const char *error, gpointer data), gpointer data);
/* With the desktop's dialog; path not NULL: as PDF into that file, asking nobody. As view_export_write. */
char *view_export_print(GtkWidget *view, const char *title, const char *path);

/* Handler of the views' "populate-menu". */
void view_export_fill_menu(GtkWidget *view, GtkMenu *menu);
