/* TreeView: a process between its ancestors, peers and children. A GtkWidget over timeline/model.
 *
 * Signals: "process-activated" (gint64 process)  double-click or Enter: open its page
 *          "recentre" (gint64 process)           double-click on another node: the owner brings that one's tree
 * Wheel and + - zoom, drag pans, arrows walk the nodes, 0 fits; groups (×37 sshd) open with Enter or a click.
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/reader.h"

#define TREE_TYPE_VIEW (tree_view_get_type())
G_DECLARE_FINAL_TYPE(TreeView, tree_view, TREE, VIEW, GtkDrawingArea)

GtkWidget *tree_view_new(void);
/* Copied. NULL empties. Keeps the zoom, centres nodes[0]. */
void tree_view_set_tree(TreeView *self, const struct reader_tree *tree);
void tree_view_select(TreeView *self, int64_t process);
void tree_view_zoom(TreeView *self, double factor);
void tree_view_fit(TreeView *self);
