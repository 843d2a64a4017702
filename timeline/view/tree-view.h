/* TreeView: a process between its ancestors, peers and children. A GtkWidget over timeline/model.
 *
 * Signals: "process-activated" (gint64 process)  double-click or Enter: open its page
 *          "recentre" (gint64 process)           double-click on another node: the owner brings that one's tree
 *          "selection-changed" (gint64 process)  a node was chosen by the user
 *          "more-requested" (gboolean children)  "so many more are not shown" was chosen, of the children or of the peers
 *                                                of nodes[0]: the owner brings a tree with more of them
 *          "find-requested" ()                   F, Ctrl+F: the owner shows where to type what to look for
 *          "populate-menu" (GtkMenu)             right click, Menu: the owner adds what it can do
 * Wheel and + - zoom; drag, Shift and arrows, Page Up and Down pan; arrows walk the nodes, 0 fits; groups (×37 sshd)
 * open with Enter or a click, as does what is not shown; what is below a node is hidden and shown with Z or a click on
 * its sign, and glides there unless the desktop wants no animation.
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
/* The process that stands above the selected item in its column; 0 none. */
int64_t tree_view_get_above(TreeView *self);
/* 0: none, or a group. */
int64_t tree_view_get_selected(TreeView *self);
/* The selected item in words: what the tooltip begins with. Newly allocated. */
char *tree_view_describe_selected(TreeView *self);
void tree_view_zoom(TreeView *self, double factor);
void tree_view_fit(TreeView *self);
/* Only what lived at that instant (ms); G_MAXINT64: everything. */
void tree_view_set_instant(TreeView *self, int64_t ms);
/* Text in names, arguments, users, numbers; "" ends it. How many were found. */
size_t tree_view_find(TreeView *self, const char *text);
gboolean tree_view_find_step(TreeView *self, int by);
/* "plain", "user", "kind", "hits": the latter two by tree_view_set_tallies. */
void tree_view_set_colour(TreeView *self, const char *by);
struct tree_tally;
void tree_view_set_tallies(TreeView *self, const struct tree_tally *tallies, size_t n);
/* Said of every node: "from 203.0.113.9". NULL: nothing. */
void tree_view_set_note(TreeView *self, const char *note);
/* Where time begins and ends in the tree: from the first start to the last start or end. FALSE when it is empty. */
gboolean tree_view_get_span(TreeView *self, int64_t *ret_from, int64_t *ret_to);
/* What is shown, without pointer and focus, at the size it has now. `paper`: in light colours. */
void tree_view_draw_picture(TreeView *self, cairo_t *cr, gboolean paper);
