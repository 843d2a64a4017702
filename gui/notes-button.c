#include "gui/notes-button.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/notes-view.h"

struct _NotesButton {
	GtkMenuButton parent;
	Notes *notes;
	char *view;
	GtkWidget *label, *menu;
};
G_DEFINE_FINAL_TYPE(NotesButton, notes_button, GTK_TYPE_MENU_BUTTON)

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static void on_item(GtkWidget *item, NotesButton *self)
{
	const char *view = g_object_get_data(G_OBJECT(item), "view");

	if (!gtk_check_menu_item_get_active(GTK_CHECK_MENU_ITEM(item)) || g_str_equal(view, self->view))
		return;
	notes_button_set_view(self, view);
	g_signal_emit(self, signals[CHOSEN], 0, self->view);
}

static void add(NotesButton *self, GSList **group, const char *view)
{
	g_autofree char *name = *view ? notes_view_name(view) : g_strdup(_("All rows"));
	guint64 rows = *view ? notes_view_count(self->notes, view) : 0;
	g_autofree char *number = event_number(rows), *label = *view ? g_strdup_printf("%s  %s", name, number) : NULL;
	GtkWidget *item = gtk_radio_menu_item_new_with_label(*group, label ? label : name);

	*group = gtk_radio_menu_item_get_group(GTK_RADIO_MENU_ITEM(item));
	gtk_check_menu_item_set_active(GTK_CHECK_MENU_ITEM(item), g_str_equal(view, self->view));
	gtk_widget_set_sensitive(item, !*view || rows);
	g_object_set_data_full(G_OBJECT(item), "view", g_strdup(view), g_free);
	g_signal_connect(item, "toggled", G_CALLBACK(on_item), self);
	gtk_menu_shell_append(GTK_MENU_SHELL(self->menu), item);
}

static void remove_item(GtkWidget *item, gpointer unused)
{
	gtk_widget_destroy(item);
}

static void fill(NotesButton *self)
{
	g_autoptr(GArray) tags = notes_view_tags(self->notes);
	GSList *group = NULL;

	gtk_container_foreach(GTK_CONTAINER(self->menu), remove_item, NULL);
	add(self, &group, "");
	add(self, &group, "noted");
	add(self, &group, "marked");
	add(self, &group, "commented");
	for (guint i = 0; i < tags->len; i++) {
		g_autofree char *view = g_strconcat("tag:", g_array_index(tags, struct notes_tag, i).name, NULL);

		add(self, &group, view);
	}
	gtk_widget_show_all(self->menu);
}

static void show_active(GtkWidget *item, gpointer self)
{
	const char *view = g_object_get_data(G_OBJECT(item), "view");

	if (g_str_equal(view, NOTES_BUTTON(self)->view))
		gtk_check_menu_item_set_active(GTK_CHECK_MENU_ITEM(item), TRUE);
}

static void show(NotesButton *self)
{
	guint64 n = notes_view_count(self->notes, "noted");
	g_autofree char *number = event_number(n), *name = *self->view ? notes_view_name(self->view) : NULL;

	gtk_label_set_text(GTK_LABEL(self->label), name ? name : number);
	gtk_widget_set_visible(GTK_WIDGET(self), n || *self->view);
}

void notes_button_set_view(NotesButton *self, const char *view)
{
	char *copy = g_strdup(view);

	g_free(self->view);
	self->view = copy;
	gtk_container_foreach(GTK_CONTAINER(self->menu), show_active, self);
	show(self);
}

static void on_notes_changed(NotesButton *self)
{
	fill(self);
	show(self);
}

static void notes_button_finalize(GObject *object)
{
	g_free(NOTES_BUTTON(object)->view);
	g_object_unref(NOTES_BUTTON(object)->notes);
	G_OBJECT_CLASS(notes_button_parent_class)->finalize(object);
}

static void notes_button_class_init(NotesButtonClass *class)
{
	G_OBJECT_CLASS(class)->finalize = notes_button_finalize;
	signals[CHOSEN] = g_signal_new("chosen", NOTES_BUTTON_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                               G_TYPE_STRING);
}

static void notes_button_init(NotesButton *self)
{
	GtkWidget *widget = GTK_WIDGET(self), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);

	self->view = g_strdup("");
	self->label = gtk_label_new(NULL);
	self->menu = gtk_menu_new();
	gtk_container_add(GTK_CONTAINER(box), gtk_image_new_from_icon_name("user-bookmarks-symbolic", GTK_ICON_SIZE_MENU));
	gtk_container_add(GTK_CONTAINER(box), self->label);
	gtk_container_add(GTK_CONTAINER(box), gtk_image_new_from_icon_name("pan-down-symbolic", GTK_ICON_SIZE_MENU));
	gtk_container_add(GTK_CONTAINER(self), box);
	gtk_widget_show_all(box);
	gtk_button_set_relief(GTK_BUTTON(self), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(widget), "chip");
	gtk_widget_set_valign(widget, GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(widget, _("Rows with marks, tags and comments"));
	atk_object_set_name(gtk_widget_get_accessible(widget), _("Notes"));
	gtk_menu_button_set_popup(GTK_MENU_BUTTON(self), self->menu);
	gtk_widget_set_no_show_all(widget, TRUE);
}

GtkWidget *notes_button_new(Notes *notes)
{
	NotesButton *self = g_object_new(NOTES_BUTTON_TYPE, NULL);

	self->notes = g_object_ref(notes);
	g_signal_connect_object(notes, "changed", G_CALLBACK(on_notes_changed), self, G_CONNECT_SWAPPED);
	on_notes_changed(self);
	return GTK_WIDGET(self);
}
