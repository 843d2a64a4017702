#include "gui/look.h"

struct theme look_theme(GtkWidget *widget)
{
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	struct theme t;
	GdkRGBA c;

	gtk_style_context_get_color(style, GTK_STATE_FLAG_NORMAL, &c);
	theme_init(&t, c.red * 0.299 + c.green * 0.587 + c.blue * 0.114 > 0.5);
	return t;
}

void look_describe(GtkWidget *status_page, const char *title, const char *description)
{
	AtkObject *a = gtk_widget_get_accessible(status_page);

	atk_object_set_name(a, title);
	atk_object_set_description(a, description);
}

static void focus_mapped(GtkWidget *widget)
{
	g_signal_handlers_disconnect_by_func(widget, focus_mapped, NULL);
	gtk_widget_grab_focus(widget);
}

void look_focus(GtkWidget *widget)
{
	if (gtk_widget_get_mapped(widget))
		gtk_widget_grab_focus(widget);
	else
		g_signal_connect_after(widget, "map", G_CALLBACK(focus_mapped), NULL);
}

GtkWidget *look_line(GtkBox *box, const char *text, const char *class)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
	gtk_box_pack_start(box, label, FALSE, FALSE, 0);
	gtk_widget_show(label);
	return label;
}
