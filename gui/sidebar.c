#include "gui/sidebar.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/servers.h"

struct area {
	const char *section; /* heading above it, NULL none */
	const char *page, *title, *icon;
	const char *empty, *about; /* what it says when there is nothing */
	const char *action, *button; /* what it offers then; NULL: to open a file */
};

static const struct area areas[] = {
	{ NULL, "home", N_("Home"), "go-home-symbolic", NULL, NULL, NULL, NULL },
	{ N_("Live"), "live", N_("Live endpoints"), "network-server-symbolic", N_("No server connected"),
	  N_("Endpoints that are online are read here like a snapshot, while they run, through a Spoor server.\n\n"
	     "Without a server: “spoor-agent snapshot --db FILE DIR” on the endpoint writes a snapshot while recording goes "
	     "on. Open it here."), "win.connect-server", N_("_Connect to a server…") },
	{ N_("Snapshots"), "snapshots", N_("All snapshots"), "drive-harddisk-symbolic", N_("No snapshot open"),
	  N_("Open a snapshot (.db) or an audit log with Ctrl+O, or drop it on this window.\n\n"
	     "On the endpoint, “spoor-agent snapshot --db FILE DIR” makes one."), NULL, NULL },
	{ N_("Saved evidence"), "events", N_("Events"), "view-list-symbolic", N_("No saved events"),
	  N_("Events kept as evidence would be listed here with who saved them, when and why. This version does not save "
	     "them yet.\n\n"
	     "What can be done now: the menu of a row copies it as text or JSON, and a row can be dragged into another "
	     "program."), NULL, NULL },
	{ NULL, "files", N_("Files"), "folder-documents-symbolic", N_("No saved files"),
	  N_("Files saved from live endpoints are kept by their server and listed here with hash, owner and times.\n\n"
	     "Connect to a server, open a live endpoint, and choose “Save file” in the menu of a row."),
	  "win.connect-server", N_("_Connect to a server…") },
	{ N_("Indicators"), "iocs", N_("IOCs"), "starred-symbolic", N_("No indicators"),
	  N_("Indicators made from what was found would be listed here, to be looked for on other endpoints. This version "
	     "does not keep them yet.\n\n"
	     "What can be done now: “Copy as expression” in a value's menu gives one that finds it in any other snapshot."),
	  NULL, NULL },
	{ N_("Response"), "protect", N_("Protect"), "changes-prevent-symbolic", N_("No policies"),
	  N_("Rules that endpoints enforce would be listed here. This version does not have them yet.\n\n"
	     "What can be done now: an expression in the explorer shows what such a rule would have met."), NULL, NULL },
	{ NULL, "hunting", N_("Enterprise hunting"), "system-search-symbolic", N_("No question asked"),
	  N_("One question asked of all endpoints at once would be answered here. This version does not ask it yet.\n\n"
	     "What can be done now: “spoor query FILE EXPRESSION” asks one snapshot after the other."), NULL, NULL },
};

struct _Sidebar {
	GtkScrolledWindow parent;
	GtkWidget *list;
	gboolean quiet;
};
G_DEFINE_FINAL_TYPE(Sidebar, sidebar, GTK_TYPE_SCROLLED_WINDOW)

enum { SIGNAL_PAGE, SIGNAL_SOURCE, SIGNAL_ENDPOINT, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct area *area_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "area");
}

static LiveEndpoint *endpoint_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "endpoint");
}

static Source *source_of(GtkListBoxRow *row)
{
	LiveEndpoint *endpoint = endpoint_of(row);

	return endpoint ? live_endpoint_get_source(endpoint) : g_object_get_data(G_OBJECT(row), "source");
}

/* ---- rows ---- */

static GtkWidget *make_row(const char *icon, const char *title, const char *count)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
	GtkWidget *label = gtk_label_new(title);

	gtk_style_context_add_class(gtk_widget_get_style_context(box), "sidebar-row");
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	if (count) /* names of areas are short, in any language */
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
	else if (endpoint_of(row))
		g_signal_emit(self, signals[SIGNAL_ENDPOINT], 0, endpoint_of(row));
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

	if (source_grows(source) || find(self, NULL, source))
		return;
	row = make_row("text-x-generic-symbolic", *host ? host : source_get_name(source), count);
	gtk_widget_set_tooltip_text(row, source_get_name(source));
	g_object_set_data_full(G_OBJECT(row), "source", g_object_ref(source), g_object_unref);
	gtk_list_box_insert(GTK_LIST_BOX(self->list), row, gtk_list_box_row_get_index(after));
}

void sidebar_remove_source(Sidebar *self, Source *source)
{
	GtkListBoxRow *row = source_grows(source) ? NULL : find(self, NULL, source);

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

/* ---- what is live ---- */

static void show_endpoint(GtkListBoxRow *row, LiveEndpoint *e)
{
	GtkWidget *state = g_object_get_data(G_OBJECT(row), "state"), *icon = g_object_get_data(G_OBJECT(row), "icon");
	gboolean on = live_endpoint_get_state(e) == LIVE_CONNECTED, failed = live_endpoint_get_state(e) == LIVE_FAILED;
	g_autofree char *words = live_endpoint_get_words(e);
	g_autofree char *tip = g_strdup_printf("%s · %s · %s\n%s", live_endpoint_get_host(e), live_endpoint_get_address(e),
	                                       server_link_get_name(live_endpoint_get_server(e)), words);

	gtk_label_set_text(GTK_LABEL(g_object_get_data(G_OBJECT(row), "name")), live_endpoint_get_host(e));
	gtk_label_set_text(GTK_LABEL(state), words);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(row)), live_endpoint_get_host(e));
	gtk_widget_set_tooltip_text(GTK_WIDGET(row), tip);
	gtk_image_set_from_icon_name(GTK_IMAGE(icon), on ? "media-record-symbolic" :
	                             failed ? "dialog-warning-symbolic" : "network-idle-symbolic", GTK_ICON_SIZE_MENU);
	atk_object_set_description(gtk_widget_get_accessible(GTK_WIDGET(row)), words);
}

static GtkWidget *make_endpoint(LiveEndpoint *e)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *icon = gtk_image_new();
	GtkWidget *name = gtk_label_new(NULL), *state = gtk_label_new(NULL);

	gtk_style_context_add_class(gtk_widget_get_style_context(box), "sidebar-row");
	gtk_style_context_add_class(gtk_widget_get_style_context(state), "sidebar-state");
	gtk_label_set_xalign(GTK_LABEL(name), 0);
	gtk_label_set_xalign(GTK_LABEL(state), 0);
	gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_MIDDLE);
	gtk_label_set_ellipsize(GTK_LABEL(state), PANGO_ELLIPSIZE_END);
	gtk_box_pack_start(GTK_BOX(words), name, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(words), state, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), icon, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), words, TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(row), box);
	g_object_set_data_full(G_OBJECT(row), "endpoint", g_object_ref(e), g_object_unref);
	g_object_set_data(G_OBJECT(row), "name", name);
	g_object_set_data(G_OBJECT(row), "state", state);
	g_object_set_data(G_OBJECT(row), "icon", icon);
	g_signal_connect_object(e, "changed", G_CALLBACK(show_endpoint), row, G_CONNECT_SWAPPED);
	gtk_widget_show_all(row);
	show_endpoint(GTK_LIST_BOX_ROW(row), e);
	return row;
}

static void on_endpoints(Sidebar *self, guint at, guint removed, guint added)
{
	GtkListBox *list = GTK_LIST_BOX(self->list);
	gint first = gtk_list_box_row_get_index(find(self, "live", NULL)) + 1 + (gint)at;

	self->quiet = TRUE;
	for (; removed; removed--)
		gtk_widget_destroy(GTK_WIDGET(gtk_list_box_get_row_at_index(list, first)));
	for (guint i = 0; i < added; i++) {
		g_autoptr(LiveEndpoint) e = g_list_model_get_item(servers_endpoints(), at + i);

		gtk_list_box_insert(list, make_endpoint(e), first + (gint)i);
	}
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
		button = gtk_button_new_with_mnemonic(areas[i].button ? _(areas[i].button) : _("_Open…"));
		gtk_actionable_set_action_name(GTK_ACTIONABLE(button), areas[i].action ? areas[i].action : "app.open");
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
	signals[SIGNAL_ENDPOINT] = g_signal_new("endpoint-chosen", SIDEBAR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                        G_TYPE_NONE, 1, LIVE_ENDPOINT_TYPE);
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
	g_signal_connect_object(servers_endpoints(), "items-changed", G_CALLBACK(on_endpoints), self, G_CONNECT_SWAPPED);
	on_endpoints(self, 0, 0, g_list_model_get_n_items(servers_endpoints()));
}
