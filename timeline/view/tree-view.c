#include "timeline/view/tree-view.h"

struct _TreeView {
	GtkDrawingArea parent_instance;
};

G_DEFINE_TYPE(TreeView, tree_view, GTK_TYPE_DRAWING_AREA)

enum { PROCESS_ACTIVATED, RECENTRE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void tree_view_class_init(TreeViewClass *class)
{
	GType type = G_OBJECT_CLASS_TYPE(G_OBJECT_CLASS(class));

	signals[PROCESS_ACTIVATED] = g_signal_new("process-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[RECENTRE] = g_signal_new("recentre", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                 G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void tree_view_init(TreeView *self)
{
	gtk_widget_set_can_focus(GTK_WIDGET(self), TRUE);
}

GtkWidget *tree_view_new(void)
{
	return g_object_new(TREE_TYPE_VIEW, NULL);
}

void tree_view_set_tree(TreeView *self, const struct reader_tree *tree)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void tree_view_select(TreeView *self, int64_t process)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void tree_view_zoom(TreeView *self, double factor)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void tree_view_fit(TreeView *self)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}
