/* Page: what fills a tab of a window. A window knows its pages only through this, and through these signals, each of
 * which a page may have:
 *   "open-process" (gint64 process)
 *   "explore" (const char *expression)   to be asked in the explorer of the same source
 *   "explore-in" (Source *, const char *expression)   in the explorer of another source
 *   "titled" (const char *title)         for its tab
 *   "moved"                              what it shows has changed by the user's hand
 * A new kind of page implements the interface and has its line in page-restore.c.
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define PAGE_TYPE (page_get_type())
G_DECLARE_INTERFACE(Page, page, SPOOR, PAGE, GtkWidget)

struct _PageInterface {
	GTypeInterface parent;
	const char *title; /* of its tab until "titled": marked with N_() */
	const char *help;  /* the topic of gui/help.h that explains it */
	Source *(*get_source)(Page *self);
	void (*focus)(Page *self);
	gboolean (*copy)(Page *self, gboolean whole_row); /* NULL: has nothing to copy */
	/* Puts what page-restore.c needs to make it again, beside its "kind". NULL: it cannot be made again. */
	const char *kind;
	void (*save)(Page *self, GVariantDict *into);
};

const char *page_get_title(Page *self);
const char *page_get_help(Page *self);
Source *page_get_source(Page *self);
void page_focus(Page *self);
gboolean page_copy(Page *self, gboolean whole_row);
/* An a{sv}, floating; NULL where it cannot be made again. */
GVariant *page_save(Page *self);
