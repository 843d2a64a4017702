#include "gui/help-window.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/help.h"
#include "gui/i18n.h"

struct help_window {
	GtkWidget *window, *search, *list, *title, *text, *nothing, *scrolled;
};

static void on_selected(struct help_window *h, GtkListBoxRow *row)
{
	struct help_topic topic;

	if (!row)
		return;
	topic = help_nth((guint)gtk_list_box_row_get_index(row));
	gtk_label_set_text(GTK_LABEL(h->title), topic.title);
	gtk_label_set_text(GTK_LABEL(h->text), topic.text);
	gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(h->scrolled)), 0);
}

static gboolean is_shown(GtkListBoxRow *row, gpointer window)
{
	struct help_window *h = window;

	return help_matches((guint)gtk_list_box_row_get_index(row), gtk_entry_get_text(GTK_ENTRY(h->search)));
}

/* The first that has the words is read at once. */
static void on_search(struct help_window *h)
{
	guint first = help_count();

	gtk_list_box_invalidate_filter(GTK_LIST_BOX(h->list));
	for (guint i = help_count(); i-- > 0;)
		if (help_matches(i, gtk_entry_get_text(GTK_ENTRY(h->search))))
			first = i;
	if (first < help_count())
		gtk_list_box_select_row(GTK_LIST_BOX(h->list), gtk_list_box_get_row_at_index(GTK_LIST_BOX(h->list), (int)first));
}

static gboolean on_key(struct help_window *h, GdkEventKey *event)
{
	if (event->keyval != GDK_KEY_Escape)
		return FALSE;
	gtk_widget_destroy(h->window);
	return TRUE;
}

static GtkWidget *make_list(struct help_window *h)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);

	h->list = gtk_list_box_new();
	gtk_style_context_add_class(gtk_widget_get_style_context(h->list), "sidebar");
	atk_object_set_name(gtk_widget_get_accessible(h->list), _("Topics"));
	gtk_list_box_set_placeholder(GTK_LIST_BOX(h->list), h->nothing = gtk_label_new(_("Nothing found")));
	gtk_style_context_add_class(gtk_widget_get_style_context(h->nothing), "sidebar-row");
	gtk_widget_show(h->nothing);
	for (guint i = 0; i < help_count(); i++) {
		GtkWidget *label = gtk_label_new(help_nth(i).title), *row = gtk_list_box_row_new();

		gtk_label_set_xalign(GTK_LABEL(label), 0);
		gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
		gtk_label_set_max_width_chars(GTK_LABEL(label), 24);
		gtk_style_context_add_class(gtk_widget_get_style_context(label), "sidebar-row");
		atk_object_set_name(gtk_widget_get_accessible(row), help_nth(i).title);
		gtk_container_add(GTK_CONTAINER(row), label);
		gtk_container_add(GTK_CONTAINER(h->list), row);
	}
	gtk_list_box_set_filter_func(GTK_LIST_BOX(h->list), is_shown, h, NULL);
	g_signal_connect_swapped(h->list, "row-selected", G_CALLBACK(on_selected), h);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(scrolled), h->list);
	return scrolled;
}

static GtkWidget *make_text(struct help_window *h)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12), *clamp = hdy_clamp_new();

	h->title = gtk_label_new(NULL);
	h->text = gtk_label_new(NULL);
	h->scrolled = gtk_scrolled_window_new(NULL, NULL);
	gtk_style_context_add_class(gtk_widget_get_style_context(h->title), "help-title");
	gtk_label_set_xalign(GTK_LABEL(h->title), 0);
	gtk_label_set_line_wrap(GTK_LABEL(h->title), TRUE);
	gtk_label_set_xalign(GTK_LABEL(h->text), 0);
	gtk_label_set_yalign(GTK_LABEL(h->text), 0);
	gtk_label_set_line_wrap(GTK_LABEL(h->text), TRUE);
	gtk_label_set_selectable(GTK_LABEL(h->text), TRUE);
	gtk_widget_set_can_focus(h->text, FALSE);
	gtk_box_pack_start(GTK_BOX(box), h->title, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), h->text, FALSE, FALSE, 0);
	hdy_clamp_set_maximum_size(HDY_CLAMP(clamp), 560);
	g_object_set(clamp, "margin", 24, NULL);
	gtk_container_add(GTK_CONTAINER(clamp), box);
	gtk_container_add(GTK_CONTAINER(h->scrolled), clamp);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(h->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	return h->scrolled;
}

static struct help_window *make(GtkApplication *app)
{
	struct help_window *h = g_new0(struct help_window, 1);
	GtkWidget *header = gtk_header_bar_new(), *panes = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);

	h->window = gtk_application_window_new(app);
	h->search = gtk_search_entry_new();
	gtk_entry_set_placeholder_text(GTK_ENTRY(h->search), _("Search in help"));
	atk_object_set_name(gtk_widget_get_accessible(h->search), _("Search in help"));
	gtk_header_bar_set_show_close_button(GTK_HEADER_BAR(header), TRUE);
	gtk_header_bar_set_title(GTK_HEADER_BAR(header), _("Help"));
	gtk_header_bar_pack_start(GTK_HEADER_BAR(header), h->search);
	gtk_window_set_titlebar(GTK_WINDOW(h->window), header);
	gtk_window_set_title(GTK_WINDOW(h->window), _("Help"));
	gtk_window_set_default_size(GTK_WINDOW(h->window), 780, 560);
	gtk_paned_set_position(GTK_PANED(panes), 230);
	gtk_paned_pack1(GTK_PANED(panes), make_list(h), FALSE, FALSE);
	gtk_paned_pack2(GTK_PANED(panes), make_text(h), TRUE, FALSE);
	gtk_container_add(GTK_CONTAINER(h->window), panes);
	g_object_set_data_full(G_OBJECT(h->window), "help", h, g_free);
	g_signal_connect_swapped(h->search, "search-changed", G_CALLBACK(on_search), h);
	g_signal_connect_swapped(h->window, "key-press-event", G_CALLBACK(on_key), h);
	gtk_widget_show_all(h->window);
	return h;
}

static struct help_window *find(GtkApplication *app)
{
	for (GList *l = gtk_application_get_windows(app); l; l = l->next)
		if (g_object_get_data(G_OBJECT(l->data), "help"))
			return g_object_get_data(G_OBJECT(l->data), "help");
	return NULL;
}

void help_window_show(GtkApplication *app, const char *topic)
{
	struct help_window *h = find(app);

	if (!h)
		h = make(app);
	gtk_entry_set_text(GTK_ENTRY(h->search), "");
	gtk_list_box_select_row(GTK_LIST_BOX(h->list),
	                        gtk_list_box_get_row_at_index(GTK_LIST_BOX(h->list), (int)help_find(topic)));
	gtk_window_present(GTK_WINDOW(h->window));
}
