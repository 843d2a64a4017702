/* export-page: what any page with events needs for its export: a button "Export", and Ctrl+Shift+E.
 *
 * The group of actions "export" (shown, selected, all) stands on the page; the key and the button's menu find it there. */
#pragma once

#include <gtk/gtk.h>

#include "gui/event-grid.h"
#include "gui/source.h"

/* What a page shows, told when somebody asks for it. */
struct export_shown {
	Source *source;    /* borrowed; NULL: nothing yet */
	char *expression;  /* g_free'd; "" or NULL: everything */
	struct reader_range range;
	enum reader_order order;
	char *fields;      /* the columns in their order, as row_format_columns_parse takes them; g_free'd */
	EventGrid *grid;   /* borrowed; whose selected rows can be exported; NULL: none can */
};
typedef void export_shown_fn(gpointer page, struct export_shown *ret);

/* A button like those in the templates, for pages that are built in code. */
GtkWidget *export_page_button_new(const char *tooltip);
/* `button` becomes the menu; NULL: the page has none. */
void export_page_add(GtkWidget *page, GtkMenuButton *button, export_shown_fn *shown);
