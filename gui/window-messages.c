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

static GtkWidget *add_bar(SpoorWindow *self, GtkMessageType type, const char *text, const char *tooltip)
{
	GtkWidget *bar = gtk_info_bar_new(), *label = gtk_label_new(text);

	make_room(GTK_CONTAINER(self->messages));
	gtk_widget_set_tooltip_text(label, tooltip);
	gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), type);
	gtk_info_bar_set_show_close_button(GTK_INFO_BAR(bar), TRUE);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), label);
	atk_object_set_role(gtk_widget_get_accessible(bar), ATK_ROLE_ALERT); /* the type has one of its own */
	gtk_box_pack_end(GTK_BOX(self->messages), bar, FALSE, FALSE, 0);
	gtk_widget_show_all(bar);
	return bar;
}

void window_messages_tell(SpoorWindow *self, const char *text, const char *tooltip)
{
	g_signal_connect(add_bar(self, GTK_MESSAGE_ERROR, text, tooltip), "response", G_CALLBACK(gtk_widget_destroy), NULL);
}

void spoor_window_tell(SpoorWindow *self, const char *text)
{
	window_messages_tell(self, text, NULL);
}

struct question {
	window_messages_fn *answer;
	gpointer data;
	GDestroyNotify free_data;
};

static void question_free(gpointer data, GClosure *closure)
{
	struct question *q = data;

	if (q->free_data)
		q->free_data(q->data);
	g_free(q);
}

static void on_answer(GtkInfoBar *bar, gint response, gpointer data)
{
	struct question *q = data;

	if (response == GTK_RESPONSE_ACCEPT)
		q->answer(gtk_widget_get_toplevel(GTK_WIDGET(bar)), q->data);
}

void window_messages_ask(SpoorWindow *self, const char *text, const char *button, window_messages_fn *answer,
                         gpointer data, GDestroyNotify free_data)
{
	GtkWidget *bar = add_bar(self, GTK_MESSAGE_QUESTION, text, NULL);
	struct question *q = g_new(struct question, 1);

	*q = (struct question){ answer, data, free_data };
	gtk_info_bar_add_button(GTK_INFO_BAR(bar), button, GTK_RESPONSE_ACCEPT);
	g_signal_connect_data(bar, "response", G_CALLBACK(on_answer), q, question_free, 0);
	g_signal_connect(bar, "response", G_CALLBACK(gtk_widget_destroy), NULL);
}
