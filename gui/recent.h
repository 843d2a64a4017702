/* recent: files opened lately, as the desktop keeps them.
 */
#pragma once

#include <gtk/gtk.h>

void recent_add(const char *path);
/* Shows them anew: a row each in `list` (its data "uri" is the file's), items of win.open-recent in the button's menu;
 * `place` is hidden where there are none. */
void recent_show(GtkContainer *list, GtkWidget *place, GtkMenuButton *button);
