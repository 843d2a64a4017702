#include "gui/window-private.h"

enum { MAX_MESSAGES = 4 };

static void make_room(GtkContainer *place)
{
	g_autoptr(GList) old = gtk_container_get_children(place);
	guint bars = 0;

	for (GList *l = old; l; l = l->next)
		bars += GTK_IS_INFO_BAR(l->data);
	for (GList *l = old; l && bars >= MAX_MESSAGES; l = l->next)
		if (GTK_IS_INFO_BAR(l->data)) {
			gtk_widget_destroy(l->data);
			bars--;
		}
}

void window_messages_tell(SpoorWindow *self, const char *text, const char *tooltip)
{
	GtkWidget *bar = gtk_info_bar_new(), *label = gtk_label_new(text);

	make_room(GTK_CONTAINER(self->messages));
	gtk_widget_set_tooltip_text(label, tooltip);
	gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_ERROR);
	gtk_info_bar_set_show_close_button(GTK_INFO_BAR(bar), TRUE);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), label);
	g_signal_connect(bar, "response", G_CALLBACK(gtk_widget_destroy), NULL);
	atk_object_set_role(gtk_widget_get_accessible(bar), ATK_ROLE_ALERT);
	gtk_box_pack_end(GTK_BOX(self->messages), bar, FALSE, FALSE, 0);
	gtk_widget_show_all(bar);
}
