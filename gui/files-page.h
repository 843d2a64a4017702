/* FilesPage: the files that the servers keep, with where each came from; what to do where there are none. */
#pragma once

#include <gtk/gtk.h>

#define FILES_PAGE_TYPE (files_page_get_type())
G_DECLARE_FINAL_TYPE(FilesPage, files_page, FILES, PAGE, GtkStack)

/* `empty` is shown while there are none. */
GtkWidget *files_page_new(GtkWidget *empty);
