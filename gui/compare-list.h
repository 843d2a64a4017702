/* CompareList: the differences of one area as a table. Signals:
 *   "item-activated" (guint item)          place in compare.items
 *   "item-menu" (guint item, GtkMenu *)    to be filled
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/compare.h"

#define COMPARE_TYPE_LIST (compare_list_get_type())
G_DECLARE_FINAL_TYPE(CompareList, compare_list, COMPARE, LIST, GtkTreeView)

GtkWidget *compare_list_new(void);
/* Shows the items of the area, filled in bit by bit; `c` must outlive that. NULL: none. */
void compare_list_show(CompareList *self, const struct compare *c, int area);
