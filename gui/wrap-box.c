#include "gui/wrap-box.h"

struct _WrapBox {
	GtkContainer parent;
	GList *children;
	int spacing;
};
G_DEFINE_FINAL_TYPE(WrapBox, wrap_box, GTK_TYPE_CONTAINER)

static void wrap_box_add(GtkContainer *container, GtkWidget *child)
{
	WrapBox *self = WRAP_BOX(container);

	self->children = g_list_append(self->children, child);
	gtk_widget_set_parent(child, GTK_WIDGET(self));
}

static void wrap_box_remove(GtkContainer *container, GtkWidget *child)
{
	WrapBox *self = WRAP_BOX(container);
	gboolean visible = gtk_widget_get_visible(child);

	self->children = g_list_remove(self->children, child);
	gtk_widget_unparent(child);
	if (visible)
		gtk_widget_queue_resize(GTK_WIDGET(self));
}

static void wrap_box_forall(GtkContainer *container, gboolean internals, GtkCallback callback, gpointer data)
{
	GList *next;

	for (GList *l = WRAP_BOX(container)->children; l; l = next) {
		next = l->next;
		callback(l->data, data);
	}
}

static GType wrap_box_child_type(GtkContainer *container)
{
	return GTK_TYPE_WIDGET;
}

/* Width of a child where there is `most`: what it wants, or all there is. */
static int width_of(GtkWidget *child, int most)
{
	int least, natural;

	gtk_widget_get_preferred_width(child, &least, &natural);
	return CLAMP(natural, least, MAX(least, most));
}

struct line {
	GList *first, *end; /* end: the first of the next line */
	int height;
};

static struct line line_from(GList *first, int width, int spacing)
{
	struct line line = { first, first, 0 };
	int x = 0;

	for (; line.end; line.end = line.end->next) {
		GtkWidget *child = line.end->data;
		int w, h;

		if (!gtk_widget_get_visible(child))
			continue;
		w = width_of(child, width);
		if (x && x + w > width)
			break;
		gtk_widget_get_preferred_height_for_width(child, w, NULL, &h);
		line.height = MAX(line.height, h);
		x += w + spacing;
	}
	return line;
}

static void wrap_box_preferred_width(GtkWidget *widget, gint *least, gint *natural)
{
	WrapBox *self = WRAP_BOX(widget);

	*least = *natural = 0;
	for (GList *l = self->children; l; l = l->next) {
		int a, b;

		if (!gtk_widget_get_visible(l->data))
			continue;
		gtk_widget_get_preferred_width(l->data, &a, &b);
		*least = MAX(*least, a);
		*natural += b + (*natural ? self->spacing : 0);
	}
}

static void wrap_box_height_for_width(GtkWidget *widget, gint width, gint *least, gint *natural)
{
	WrapBox *self = WRAP_BOX(widget);
	int height = 0;

	for (GList *l = self->children; l;) {
		struct line line = line_from(l, width, self->spacing);

		height += line.height + (height && line.height ? self->spacing : 0);
		l = line.end;
	}
	*least = *natural = height;
}

static void wrap_box_preferred_height(GtkWidget *widget, gint *least, gint *natural)
{
	int a, b;

	wrap_box_preferred_width(widget, &a, &b);
	wrap_box_height_for_width(widget, b, least, natural);
}

static GtkSizeRequestMode wrap_box_request_mode(GtkWidget *widget)
{
	return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void place_line(WrapBox *self, const struct line *line, const GtkAllocation *all, int y)
{
	gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;
	int x = 0;

	for (GList *l = line->first; l != line->end; l = l->next) {
		GtkAllocation a = { 0 };

		if (!gtk_widget_get_visible(l->data))
			continue;
		a.width = width_of(l->data, all->width);
		gtk_widget_get_preferred_height_for_width(l->data, a.width, NULL, &a.height);
		a.x = all->x + (rtl ? all->width - x - a.width : x);
		a.y = y + (line->height - a.height) / 2;
		gtk_widget_size_allocate(l->data, &a);
		x += a.width + self->spacing;
	}
}

static void wrap_box_size_allocate(GtkWidget *widget, GtkAllocation *allocation)
{
	WrapBox *self = WRAP_BOX(widget);
	int y = allocation->y;

	gtk_widget_set_allocation(widget, allocation);
	for (GList *l = self->children; l;) {
		struct line line = line_from(l, allocation->width, self->spacing);

		place_line(self, &line, allocation, y);
		y += line.height + self->spacing;
		l = line.end;
	}
}

static void wrap_box_class_init(WrapBoxClass *class)
{
	GtkContainerClass *container = GTK_CONTAINER_CLASS(class);
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	container->add = wrap_box_add;
	container->remove = wrap_box_remove;
	container->forall = wrap_box_forall;
	container->child_type = wrap_box_child_type;
	widget->get_request_mode = wrap_box_request_mode;
	widget->get_preferred_width = wrap_box_preferred_width;
	widget->get_preferred_height = wrap_box_preferred_height;
	widget->get_preferred_height_for_width = wrap_box_height_for_width;
	widget->size_allocate = wrap_box_size_allocate;
	gtk_widget_class_set_accessible_role(widget, ATK_ROLE_PANEL);
}

static void wrap_box_init(WrapBox *self)
{
	gtk_widget_set_has_window(GTK_WIDGET(self), FALSE);
}

GtkWidget *wrap_box_new(int spacing)
{
	WrapBox *self = g_object_new(WRAP_BOX_TYPE, NULL);

	self->spacing = spacing;
	return GTK_WIDGET(self);
}
