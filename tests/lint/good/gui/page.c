#include <gtk/gtk.h>
#include "timeline/view/tree-view.h"

G_DEFINE_TYPE(Page, page, GTK_TYPE_BOX)

static void page_init(Page *self)
{
	g_autofree char *text = NULL;
	g_print("x");
}
