#include "gui/sidebar.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"

struct area {
	const char *section; /* heading above it, NULL none */
	const char *page, *title, *icon;
	const char *empty, *about; /* what it says when there is nothing */
};

static const struct area areas[] = {
	{ NULL, "home", N_("Home"), "go-home-symbolic", NULL, NULL },
	{ N_("Live"), "live", N_("Live endpoints"), "network-server-symbolic", N_("No server connected"),
	  N_("Endpoints that are online would be listed here, to be read like a snapshot while they run. That needs a Spoor "
	     "server, which this version cannot connect to yet.\n\n"
	     "What can be done now: “spoor-agent snapshot --db FILE DIR” on the endpoint writes a snapshot while recording "
	     "goes on, as often as needed. Open it here.") },
	{ N_("Snapshots"), "snapshots", N_("All snapshots"), "drive-harddisk-symbolic", N_("No snapshot open"),
	  N_("Open a snapshot (.db) or an audit log with Ctrl+O, or drop it on this window.\n\n"
	     "On the endpoint, “spoor-agent snapshot --db FILE DIR” makes one.") },
	{ N_("Saved evidence"), "events", N_("Events"), "view-list-symbolic", N_("No saved events"),
	  N_("Events kept as evidence would be listed here with who saved them, when and why. Saving needs a Spoor server, "
	     "which this version cannot connect to yet.\n\n"
	     "What can be done now: the menu of a row copies it as text or JSON, and a row can be dragged into another "
	     "program.") },
	{ NULL, "files", N_("Files"), "folder-documents-symbolic", N_("No saved files"),
	  N_("Files fetched from endpoints would be listed here with their hashes. Fetching needs a Spoor server, which this "
	     "version cannot connect to yet.\n\n"
	     "What can be done now: the process page tells path and hashes of each program, to be fetched by other means and "
	     "compared.") },
	{ N_("Indicators"), "iocs", N_("IOCs"), "starred-symbolic", N_("No indicators"),
	  N_("Indicators made from what was found would be listed here, to be looked for on other endpoints. They need a Spoor "
	     "server, which this version cannot connect to yet.\n\n"
	     "What can be done now: “Copy as expression” in a value's menu gives one that finds it in any other snapshot.") },
	{ N_("Response"), "protect", N_("Protect"), "changes-prevent-symbolic", N_("No policies"),
	  N_("Rules that endpoints enforce would be listed here. They need a Spoor server, which this version cannot connect "
	     "to yet.\n\n"
	     "What can be done now: an expression in the explorer shows what such a rule would have met.") },
	{ NULL, "hunting", N_("Enterprise hunting"), "system-search-symbolic", N_("No server connected"),
	  N_("One question asked of all endpoints at once would be answered here. That needs a Spoor server, which this "
	     "version cannot connect to yet.\n\n"
	     "What can be done now: “spoor query FILE EXPRESSION” asks one snapshot after the other.") },
};

struct _Sidebar {
	GtkScrolledWindow parent;
	GtkWidget *list;
	gboolean quiet;
};
G_DEFINE_FINAL_TYPE(Sidebar, sidebar, GTK_TYPE_SCROLLED_WINDOW)

enum { SIGNAL_PAGE, SIGNAL_SOURCE, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct area *area_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "area");
}

static Source *source_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "source");
}

/* ---- rows ---- */

static GtkWidget *make_row(const char *icon, const char *title, const char *count)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
	GtkWidget *label = gtk_label_new(title);

	gtk_style_context_add_class(gtk_widget_get_style_context(box), "sidebar-row");
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
	gtk_box_pack_start(GTK_BOX(box), gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_MENU), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), label, TRUE, TRUE, 0);
	if (count) {
		GtkWidget *n = gtk_label_new(count);

		gtk_style_context_add_class(gtk_widget_get_style_context(n), "sidebar-count");
		gtk_box_pack_end(GTK_BOX(box), n, FALSE, FALSE, 0);
	}
	gtk_container_add(GTK_CONTAINER(row), box);
	atk_object_set_name(gtk_widget_get_accessible(row), title);
	gtk_widget_show_all(row);
	return row;
}

static void update_header(GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
	const struct area *a = area_of(row);
	GtkWidget *label;

	if (!a || !a->section || gtk_list_box_row_get_header(row))
		return;
	label = gtk_label_new(_(a->section));
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "sidebar-section");
	gtk_widget_show(label);
	gtk_list_box_row_set_header(row, label);
}

static void on_selected(Sidebar *self, GtkListBoxRow *row)
{
	if (!row || self->quiet)
		return;
	if (area_of(row))
		g_signal_emit(self, signals[SIGNAL_PAGE], 0, area_of(row)->page);
	else
		g_signal_emit(self, signals[SIGNAL_SOURCE], 0, source_of(row));
}

static GtkListBoxRow *find(Sidebar *self, const char *page, Source *source)
{
	GtkListBoxRow *row;

	for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), i)); i++)
		if (area_of(row) ? g_strcmp0(area_of(row)->page, page) == 0 : source && source_of(row) == source)
			return row;
	return NULL;
}

void sidebar_add_source(Sidebar *self, Source *source)
{
	const struct reader_info *info = source_get_info(source);
	g_autofree char *count = event_number(info->events), *host = event_text(info->host);
	GtkListBoxRow *after = find(self, "events", NULL);
	GtkWidget *row;

	if (find(self, NULL, source))
		return;
	row = make_row("text-x-generic-symbolic", *host ? host : source_get_name(source), count);
	gtk_widget_set_tooltip_text(row, source_get_name(source));
	g_object_set_data_full(G_OBJECT(row), "source", g_object_ref(source), g_object_unref);
	gtk_list_box_insert(GTK_LIST_BOX(self->list), row, gtk_list_box_row_get_index(after));
}

void sidebar_remove_source(Sidebar *self, Source *source)
{
	GtkListBoxRow *row = find(self, NULL, source);

	self->quiet = TRUE;
	if (row)
		gtk_widget_destroy(GTK_WIDGET(row));
	self->quiet = FALSE;
}

void sidebar_select(Sidebar *self, const char *page, Source *source)
{
	self->quiet = TRUE;
	gtk_list_box_select_row(GTK_LIST_BOX(self->list), find(self, page, source));
	self->quiet = FALSE;
}

/* ---- empty areas ---- */

const char *sidebar_status_page_at(guint i)
{
	return i + 1 < G_N_ELEMENTS(areas) ? areas[i + 1].page : NULL;
}

GtkWidget *sidebar_status_page(const char *page)
{
	GtkWidget *w, *button;

	for (guint i = 0; i < G_N_ELEMENTS(areas); i++) {
		if (!areas[i].empty || g_strcmp0(areas[i].page, page) != 0)
			continue;
		w = hdy_status_page_new();
		hdy_status_page_set_icon_name(HDY_STATUS_PAGE(w), areas[i].icon);
		hdy_status_page_set_title(HDY_STATUS_PAGE(w), _(areas[i].empty));
		hdy_status_page_set_description(HDY_STATUS_PAGE(w), _(areas[i].about));
		look_describe(w, _(areas[i].empty), _(areas[i].about));
		button = gtk_button_new_with_mnemonic(_("_Open…"));
		gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "app.open");
		gtk_widget_set_halign(button, GTK_ALIGN_CENTER);
		gtk_style_context_add_class(gtk_widget_get_style_context(button), "pill");
		gtk_container_add(GTK_CONTAINER(w), button);
		gtk_widget_show_all(w);
		return w;
	}
	return NULL;
}

static void sidebar_class_init(SidebarClass *class)
{
	signals[SIGNAL_PAGE] = g_signal_new("page-chosen", SIDEBAR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                    G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[SIGNAL_SOURCE] = g_signal_new("source-chosen", SIDEBAR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, SOURCE_TYPE);
}

static void sidebar_init(Sidebar *self)
{
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	self->list = gtk_list_box_new();
	gtk_style_context_add_class(gtk_widget_get_style_context(self->list), "sidebar");
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Areas"));
	gtk_list_box_set_header_func(GTK_LIST_BOX(self->list), update_header, NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(areas); i++) {
		GtkWidget *row = make_row(areas[i].icon, _(areas[i].title), NULL);

		g_object_set_data(G_OBJECT(row), "area", (gpointer)&areas[i]);
		gtk_container_add(GTK_CONTAINER(self->list), row);
	}
	gtk_container_add(GTK_CONTAINER(self), self->list);
	gtk_widget_show(self->list);
	g_signal_connect_swapped(self->list, "row-selected", G_CALLBACK(on_selected), self);
}
