#include "gui/filters-button.h"

#include "gui/filters.h"
#include "gui/i18n.h"

enum { LIST_HEIGHT = 380, LIST_WIDTH = 460 };

struct _FiltersButton {
	GtkMenuButton parent;
	GtkWidget *popover, *list, *empty, *name, *save, *message;
	char *expression; /* to be saved */
	char *renamed;    /* the filter whose name is being changed; NULL none */
};
G_DEFINE_FINAL_TYPE(FiltersButton, filters_button, GTK_TYPE_MENU_BUTTON)

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static void fill(FiltersButton *self);

/* ---- saving, renaming, deleting ---- */

static void say(FiltersButton *self, const char *line)
{
	gtk_label_set_text(GTK_LABEL(self->message), line);
	gtk_widget_set_visible(self->message, *line);
}

static void show_saver(FiltersButton *self)
{
	gboolean something = self->renamed || (self->expression && *self->expression);
	const char *name = gtk_entry_get_text(GTK_ENTRY(self->name));

	gtk_button_set_label(GTK_BUTTON(self->save), self->renamed ? _("_Rename") : _("_Save"));
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->name), something ? _("Name to save this filter under") :
	                               _("There is no filter to save"));
	gtk_widget_set_sensitive(self->name, something);
	gtk_widget_set_sensitive(self->save, something && *name);
}

static void on_save(FiltersButton *self)
{
	const char *name = gtk_entry_get_text(GTK_ENTRY(self->name));
	g_autofree char *error = NULL;
	gboolean ok = self->renamed ? filters_rename(self->renamed, name, &error) :
	              filters_save(name, self->expression, &error);

	say(self, ok ? "" : error);
	if (!ok)
		return;
	g_clear_pointer(&self->renamed, g_free);
	gtk_entry_set_text(GTK_ENTRY(self->name), "");
	fill(self);
}

static const char *kept(GtkWidget *w, const char *what)
{
	return g_object_get_data(G_OBJECT(w), what);
}

static void on_rename(GtkWidget *button, FiltersButton *self)
{
	g_free(self->renamed);
	self->renamed = g_strdup(kept(button, "name"));
	gtk_entry_set_text(GTK_ENTRY(self->name), self->renamed);
	show_saver(self);
	gtk_widget_grab_focus(self->name);
}

static void on_delete(GtkWidget *button, FiltersButton *self)
{
	g_autofree char *error = NULL;

	say(self, filters_delete(kept(button, "name"), &error) ? "" : error);
	g_clear_pointer(&self->renamed, g_free);
	gtk_entry_set_text(GTK_ENTRY(self->name), "");
	fill(self);
}

/* ---- the list ---- */

static void on_row(FiltersButton *self, GtkListBoxRow *row)
{
	g_autofree char *expression = g_strdup(kept(GTK_WIDGET(row), "expression"));

	gtk_popover_popdown(GTK_POPOVER(self->popover));
	g_signal_emit(self, signals[CHOSEN], 0, expression);
}

static void add_icon(FiltersButton *self, GtkWidget *box, const char *icon, const char *words, const char *name,
                     void (*fn)(GtkWidget *, FiltersButton *))
{
	GtkWidget *button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);

	gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(button), "chip");
	gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
	gtk_widget_set_tooltip_text(button, words);
	atk_object_set_name(gtk_widget_get_accessible(button), words);
	g_object_set_data_full(G_OBJECT(button), "name", g_strdup(name), g_free);
	g_signal_connect(button, "clicked", G_CALLBACK(fn), self);
	gtk_box_pack_end(GTK_BOX(box), button, FALSE, FALSE, 0);
}

static GtkWidget *text_label(const char *text, const char *class)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
	return label;
}

static void add_row(FiltersButton *self, const struct filters_item *item)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	GtkWidget *texts = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	if (item->name)
		gtk_container_add(GTK_CONTAINER(texts), text_label(item->name, "heading"));
	gtk_container_add(GTK_CONTAINER(texts), text_label(item->expression, "detail-value"));
	gtk_box_pack_start(GTK_BOX(box), texts, TRUE, TRUE, 0);
	if (item->name) {
		g_autofree char *delete = g_strdup_printf(_("Delete %s"), item->name);
		g_autofree char *rename = g_strdup_printf(_("Rename %s"), item->name);

		add_icon(self, box, "user-trash-symbolic", delete, item->name, on_delete);
		add_icon(self, box, "document-edit-symbolic", rename, item->name, on_rename);
	}
	g_object_set(box, "margin-start", 8, "margin-end", 4, "margin-top", 4, "margin-bottom", 4, NULL);
	gtk_container_add(GTK_CONTAINER(row), box);
	gtk_widget_set_tooltip_text(row, item->expression);
	atk_object_set_name(gtk_widget_get_accessible(row), item->name ? item->name : item->expression);
	g_object_set_data_full(G_OBJECT(row), "expression", g_strdup(item->expression), g_free);
	g_object_set_data(G_OBJECT(row), "saved", GINT_TO_POINTER(item->name != NULL));
	gtk_container_add(GTK_CONTAINER(self->list), row);
}

/* "Saved" over the first of them, "Recent" over the first of those. */
static void set_header(GtkListBoxRow *row, GtkListBoxRow *before, gpointer unused)
{
	gboolean saved = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(row), "saved"));
	gboolean same = before && GPOINTER_TO_INT(g_object_get_data(G_OBJECT(before), "saved")) == saved;
	GtkWidget *header = NULL;

	if (!same) {
		header = text_label(saved ? _("Saved") : _("Recent"), "sidebar-section");
		gtk_widget_show(header);
	}
	gtk_list_box_row_set_header(row, header);
}

static void remove_child(GtkWidget *child, gpointer unused)
{
	gtk_widget_destroy(child);
}

static void fill(FiltersButton *self)
{
	g_autoptr(GArray) saved = filters_saved(), recent = filters_recent();

	gtk_container_foreach(GTK_CONTAINER(self->list), remove_child, NULL);
	for (guint i = 0; i < saved->len; i++)
		add_row(self, &g_array_index(saved, struct filters_item, i));
	for (guint i = 0; i < recent->len; i++)
		add_row(self, &g_array_index(recent, struct filters_item, i));
	gtk_widget_show_all(self->list);
	gtk_widget_set_visible(self->empty, !saved->len && !recent->len);
	show_saver(self);
}

/* ---- the widget ---- */

static void on_toggled(FiltersButton *self)
{
	if (!gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self)))
		return;
	g_clear_pointer(&self->renamed, g_free);
	gtk_entry_set_text(GTK_ENTRY(self->name), "");
	say(self, "");
	fill(self);
}

void filters_button_set_expression(FiltersButton *self, const char *expression)
{
	g_free(self->expression);
	self->expression = g_strdup(expression);
}

static void focus_first(FiltersButton *self)
{
	GtkListBoxRow *row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0);

	if (row)
		gtk_widget_grab_focus(GTK_WIDGET(row));
}

void filters_button_open(FiltersButton *self)
{
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self), TRUE);
	focus_first(self);
}

static void filters_button_finalize(GObject *object)
{
	g_free(FILTERS_BUTTON(object)->expression);
	g_free(FILTERS_BUTTON(object)->renamed);
	G_OBJECT_CLASS(filters_button_parent_class)->finalize(object);
}

static void filters_button_class_init(FiltersButtonClass *class)
{
	G_OBJECT_CLASS(class)->finalize = filters_button_finalize;
	signals[CHOSEN] = g_signal_new("chosen", FILTERS_BUTTON_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                               G_TYPE_STRING);
}

static GtkWidget *build_saver(FiltersButton *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	self->name = gtk_entry_new();
	self->save = gtk_button_new_with_mnemonic(_("_Save"));
	gtk_entry_set_max_length(GTK_ENTRY(self->name), FILTERS_NAME_MOST);
	atk_object_set_name(gtk_widget_get_accessible(self->name), _("Name of the filter"));
	gtk_box_pack_start(GTK_BOX(box), self->name, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->save, FALSE, FALSE, 0);
	gtk_button_set_use_underline(GTK_BUTTON(self->save), TRUE);
	g_signal_connect_swapped(self->name, "changed", G_CALLBACK(show_saver), self);
	g_signal_connect_swapped(self->name, "activate", G_CALLBACK(gtk_widget_activate), self->save);
	g_signal_connect_swapped(self->save, "clicked", G_CALLBACK(on_save), self);
	return box;
}

static GtkWidget *build_list(FiltersButton *self)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *inner = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_list_box_set_header_func(GTK_LIST_BOX(self->list), set_header, NULL, NULL);
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Filters"));
	self->empty = gtk_label_new(_("Filters that you use stand here, and those that you save"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->empty), "dim-label");
	g_object_set(self->empty, "margin", 24, "no-show-all", TRUE, NULL);
	gtk_container_add(GTK_CONTAINER(inner), self->empty);
	gtk_container_add(GTK_CONTAINER(inner), self->list);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
	gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), LIST_HEIGHT);
	gtk_container_add(GTK_CONTAINER(scrolled), inner);
	g_signal_connect_swapped(self->list, "row-activated", G_CALLBACK(on_row), self);
	return scrolled;
}

static void filters_button_init(FiltersButton *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);

	self->popover = gtk_popover_new(GTK_WIDGET(self));
	self->message = text_label("", "filter-message");
	gtk_widget_set_no_show_all(self->message, TRUE);
	gtk_container_set_border_width(GTK_CONTAINER(box), 8);
	gtk_widget_set_size_request(box, LIST_WIDTH, -1);
	gtk_container_add(GTK_CONTAINER(box), build_saver(self));
	gtk_container_add(GTK_CONTAINER(box), self->message);
	gtk_container_add(GTK_CONTAINER(box), build_list(self));
	gtk_container_add(GTK_CONTAINER(self->popover), box);
	gtk_widget_show_all(box);
	gtk_container_add(GTK_CONTAINER(self), gtk_image_new_from_icon_name("document-open-recent-symbolic", GTK_ICON_SIZE_MENU));
	gtk_menu_button_set_popover(GTK_MENU_BUTTON(self), self->popover);
	g_signal_connect_swapped(self, "toggled", G_CALLBACK(on_toggled), self);
}

GtkWidget *filters_button_new(const char *name)
{
	GtkWidget *self = g_object_new(FILTERS_BUTTON_TYPE, NULL);

	gtk_widget_set_tooltip_text(self, name);
	atk_object_set_name(gtk_widget_get_accessible(self), name);
	gtk_widget_show_all(self);
	return self;
}
