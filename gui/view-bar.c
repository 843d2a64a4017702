#include "gui/view-bar.h"

#include "gui/i18n.h"

struct _ViewBar {
	GtkBox parent;
	GtkWidget *row, *search, *entry, *found;
};
G_DEFINE_FINAL_TYPE(ViewBar, view_bar, GTK_TYPE_BOX)

enum { FIND_CHANGED, FIND_STEP, FIND_CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void step(ViewBar *self, int by)
{
	if (*view_bar_get_text(self))
		g_signal_emit(self, signals[FIND_STEP], 0, by);
}

static void on_next(ViewBar *self)
{
	step(self, 1);
}

static void on_previous(ViewBar *self)
{
	step(self, -1);
}

static void on_changed(ViewBar *self)
{
	g_signal_emit(self, signals[FIND_CHANGED], 0, view_bar_get_text(self));
}

static void close_search(ViewBar *self)
{
	gtk_revealer_set_reveal_child(GTK_REVEALER(self->search), FALSE);
	gtk_entry_set_text(GTK_ENTRY(self->entry), "");
	view_bar_set_found(self, "");
	g_signal_emit(self, signals[FIND_CHANGED], 0, "");
	g_signal_emit(self, signals[FIND_CLOSED], 0);
}

static gboolean on_key(ViewBar *self, GdkEventKey *e)
{
	gboolean shift = (e->state & GDK_SHIFT_MASK) != 0, control = (e->state & GDK_CONTROL_MASK) != 0;

	if (e->keyval == GDK_KEY_Return || e->keyval == GDK_KEY_KP_Enter ||
	    (control && gdk_keyval_to_lower(e->keyval) == GDK_KEY_g)) {
		step(self, shift ? -1 : 1);
		return GDK_EVENT_STOP;
	}
	if (e->keyval == GDK_KEY_Escape) {
		close_search(self);
		return GDK_EVENT_STOP;
	}
	return GDK_EVENT_PROPAGATE;
}

static GtkWidget *icon_button(const char *icon, const char *name)
{
	GtkWidget *button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON);

	gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
	gtk_widget_set_focus_on_click(button, FALSE);
	gtk_widget_set_tooltip_text(button, name);
	atk_object_set_name(gtk_widget_get_accessible(button), name);
	return button;
}

static void build_search(ViewBar *self, const char *what)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
	GtkWidget *previous = icon_button("go-up-symbolic", _("Previous (Shift+Enter)"));
	GtkWidget *next = icon_button("go-down-symbolic", _("Next (Enter)"));
	GtkWidget *done = icon_button("window-close-symbolic", _("Stop finding (Esc)"));

	self->search = gtk_revealer_new();
	self->entry = gtk_search_entry_new();
	self->found = gtk_label_new("");
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->entry), what);
	gtk_entry_set_width_chars(GTK_ENTRY(self->entry), 30);
	atk_object_set_name(gtk_widget_get_accessible(self->entry), what);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->found), "dim-label");
	gtk_label_set_ellipsize(GTK_LABEL(self->found), PANGO_ELLIPSIZE_END);
	gtk_label_set_xalign(GTK_LABEL(self->found), 0);
	gtk_box_pack_start(GTK_BOX(box), self->entry, FALSE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), previous, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), next, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->found, TRUE, TRUE, 4);
	gtk_box_pack_end(GTK_BOX(box), done, FALSE, FALSE, 0);
	g_object_set(box, "margin-start", 8, "margin-end", 8, "margin-bottom", 4, NULL);
	gtk_container_add(GTK_CONTAINER(self->search), box);
	gtk_box_pack_start(GTK_BOX(self), self->search, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->entry, "search-changed", G_CALLBACK(on_changed), self);
	g_signal_connect_swapped(self->entry, "key-press-event", G_CALLBACK(on_key), self);
	g_signal_connect_swapped(previous, "clicked", G_CALLBACK(on_previous), self);
	g_signal_connect_swapped(next, "clicked", G_CALLBACK(on_next), self);
	g_signal_connect_swapped(done, "clicked", G_CALLBACK(close_search), self);
}

static void view_bar_class_init(ViewBarClass *class)
{
	GType type = VIEW_BAR_TYPE;

	signals[FIND_CHANGED] = g_signal_new("find-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                     G_TYPE_STRING);
	signals[FIND_STEP] = g_signal_new("find-step", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                  G_TYPE_INT);
	signals[FIND_CLOSED] = g_signal_new("find-closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void view_bar_init(ViewBar *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2);
	g_object_set(self->row, "margin-start", 8, "margin-end", 8, "margin-top", 2, "margin-bottom", 2, NULL);
	gtk_box_pack_start(GTK_BOX(self), self->row, FALSE, FALSE, 0);
}

GtkWidget *view_bar_new(const char *what)
{
	ViewBar *self = g_object_new(VIEW_BAR_TYPE, NULL);

	build_search(self, what);
	gtk_widget_show_all(GTK_WIDGET(self));
	return GTK_WIDGET(self);
}

GtkWidget *view_bar_add(ViewBar *self, const char *icon, const char *name, GCallback clicked, gpointer data)
{
	GtkWidget *button = icon_button(icon, name);

	g_signal_connect_swapped(button, "clicked", clicked, data);
	view_bar_pack(self, button, FALSE);
	return button;
}

void view_bar_pack(ViewBar *self, GtkWidget *tool, gboolean at_end)
{
	if (at_end)
		gtk_box_pack_end(GTK_BOX(self->row), tool, FALSE, FALSE, 0);
	else
		gtk_box_pack_start(GTK_BOX(self->row), tool, FALSE, FALSE, 0);
	gtk_widget_show_all(tool);
}

void view_bar_find(ViewBar *self)
{
	gtk_revealer_set_reveal_child(GTK_REVEALER(self->search), TRUE);
	gtk_widget_grab_focus(self->entry);
}

void view_bar_set_found(ViewBar *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->found), words);
}

const char *view_bar_get_text(ViewBar *self)
{
	return gtk_entry_get_text(GTK_ENTRY(self->entry));
}
