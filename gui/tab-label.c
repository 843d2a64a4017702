#include "gui/tab-label.h"

#include "gui/i18n.h"

enum { LEAST_CHARS = 8, MOST_CHARS = 28 };

struct _TabLabel {
	GtkEventBox parent;
	GtkWidget *title, *close;
};
G_DEFINE_FINAL_TYPE(TabLabel, tab_label, GTK_TYPE_EVENT_BOX)

enum { SIGNAL_CLOSE, SIGNAL_MENU, N_SIGNALS };
static guint signals[N_SIGNALS];

static void on_close(TabLabel *self)
{
	g_signal_emit(self, signals[SIGNAL_CLOSE], 0);
}

static gboolean tab_label_button_press(GtkWidget *widget, GdkEventButton *event)
{
	if (gdk_event_triggers_context_menu((GdkEvent *)event)) {
		g_signal_emit(widget, signals[SIGNAL_MENU], 0, event);
		return TRUE;
	}
	return event->button == GDK_BUTTON_MIDDLE; /* its release closes: the tab below must not get it */
}

static gboolean tab_label_button_release(GtkWidget *widget, GdkEventButton *event)
{
	if (event->button != GDK_BUTTON_MIDDLE)
		return FALSE;
	on_close(TAB_LABEL(widget));
	return TRUE;
}

static void tab_label_class_init(TabLabelClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	widget->button_press_event = tab_label_button_press;
	widget->button_release_event = tab_label_button_release;
	signals[SIGNAL_CLOSE] = g_signal_new("close", TAB_LABEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_MENU] = g_signal_new("menu", TAB_LABEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                    GDK_TYPE_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void tab_label_init(TabLabel *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	gtk_event_box_set_visible_window(GTK_EVENT_BOX(self), FALSE);
	self->title = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(self->title), PANGO_ELLIPSIZE_END);
	self->close = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);
	gtk_button_set_relief(GTK_BUTTON(self->close), GTK_RELIEF_NONE);
	gtk_widget_set_focus_on_click(self->close, FALSE);
	gtk_widget_set_valign(self->close, GTK_ALIGN_CENTER);
	gtk_widget_set_tooltip_text(self->close, _("Close (Ctrl+W)"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->close), "tab-close");
	gtk_box_pack_start(GTK_BOX(box), self->title, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->close, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(self), box);
	g_signal_connect_swapped(self->close, "clicked", G_CALLBACK(on_close), self);
}

GtkWidget *tab_label_new(const char *title, const char *tooltip)
{
	TabLabel *self = g_object_new(TAB_LABEL_TYPE, NULL);

	tab_label_set_title(self, title);
	gtk_widget_set_tooltip_text(GTK_WIDGET(self), tooltip);
	gtk_widget_show_all(GTK_WIDGET(self));
	return GTK_WIDGET(self);
}

const char *tab_label_get_title(TabLabel *self)
{
	return gtk_label_get_text(GTK_LABEL(self->title));
}

void tab_label_set_title(TabLabel *self, const char *title)
{
	g_autofree char *close = g_strdup_printf(_("Close %s"), title);

	/* A notebook gives its tabs no more than they need at least. */
	gtk_label_set_width_chars(GTK_LABEL(self->title), (int)CLAMP(g_utf8_strlen(title, -1), LEAST_CHARS, MOST_CHARS));
	gtk_label_set_text(GTK_LABEL(self->title), title);
	atk_object_set_name(gtk_widget_get_accessible(self->close), close);
}
