/* TreePane: a TreeView with its tools: finding, depth, colours, and a slider that shows the tree as it was at an instant.
 * Brings trees and colours from a Source, or shows one that it is given. The view's own signals are to be connected on
 * tree_pane_get_view.
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"
#include "timeline/view/tree-view.h"

#define TREE_TYPE_PANE (tree_pane_get_type())
G_DECLARE_FINAL_TYPE(TreePane, tree_pane, TREE, PANE, GtkBox)

GtkWidget *tree_pane_new(Source *source);
TreeView *tree_pane_get_view(TreePane *self);
/* Brings the tree around a process. */
void tree_pane_show_process(TreePane *self, gint64 process);
/* Copied. There is no depth to choose then: it is whole. */
void tree_pane_show_tree(TreePane *self, const struct reader_tree *tree);
/* Stops what runs; nothing is asked of the source any more. */
void tree_pane_stop(TreePane *self);
