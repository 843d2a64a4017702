#include "gui/distribution-page.h"

#include "gui/bar-list.h"
#include "gui/distribution.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/page.h"
#include "gui/view-export.h"
#include "recorder/query/exclusion.h"
#include "recorder/store/store.h"

enum { COSTS = 100, MOST_UNASKED = 2000000 }; /* rows that are weighed without being asked to */

struct _DistributionPage {
	GtkBox parent;
	Source *source, *twin;   /* twin: weighs, while it does */
	GtkWidget *summary, *sort, *events, *by, *costs, *waiting, *bar, *weigh, *note, *told;
	struct reader_distribution distribution;
	struct reader_space space;
	gboolean weighed;
	GCancellable *life, *weighing;
};
static void page_init(PageInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(DistributionPage, distribution_page, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(PAGE_TYPE, page_init))

enum { SIGNAL_EXPLORE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* In the order of reader_cost_by, but for the first. */
static const struct {
	enum reader_cost_by by;
	const char *id, *label, *empty;
} kinds[] = {
	{ READER_COST_DIRECTORY, "directory", N_("Directories"), N_("No event names a file.") },
	{ READER_COST_EXECUTABLE, "program", N_("Programs"), N_("No program did anything that can be left out.") },
	{ READER_COST_ACTION, "operation", N_("Operations"), N_("Nothing happened that can be left out.") },
	{ READER_COST_USER, "user", N_("Users"), N_("No user did anything that can be left out.") },
	{ READER_COST_ADDRESS, "address", N_("Addresses"), N_("No event names an address.") },
	{ READER_COST_PORT, "port", N_("Ports"), N_("No event names a port.") },
};

static const struct reader_info *info_of(DistributionPage *self)
{
	return source_get_info(self->source);
}

/* ---- what happened ---- */

static void show_events(DistributionPage *self)
{
	guint n;
	gboolean by_name = gtk_combo_box_get_active(GTK_COMBO_BOX(self->sort)) == 1;
	g_autofree struct bar_row *rows = distribution_rows(&self->distribution, by_name, &n);

	bar_list_set_rows(BAR_LIST(self->events), rows, n, _("This recording has no events."));
}

static void on_distribution(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(DistributionPage) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_distribution d;

	if (!source_distribution_finish(SPOOR_SOURCE(object), result, &d, &error)) {
		if (self->source)
			bar_list_set_rows(BAR_LIST(self->events), NULL, 0, error->message);
		return;
	}
	if (!self->source) {
		reader_distribution_free(&d);
		return;
	}
	reader_distribution_free(&self->distribution);
	self->distribution = d;
	show_events(self);
}

static void explore(DistributionPage *self, const char *expression)
{
	if (expression && *expression)
		g_signal_emit(self, signals[SIGNAL_EXPLORE], 0, expression);
}

static void on_event_row(DistributionPage *self, guint id)
{
	g_autofree char *expression = distribution_expression(id);

	explore(self, expression);
}

/* ---- what takes the space ---- */

static void show_costs(DistributionPage *self)
{
	int i = MAX(gtk_combo_box_get_active(GTK_COMBO_BOX(self->by)), 0);
	g_autofree struct bar_row *rows = NULL;
	guint n = 0;

	if (!self->weighed)
		return;
	rows = distribution_costs(&self->space, kinds[i].by, STORE_DEFAULT_BYTES, &n);
	bar_list_set_rows(BAR_LIST(self->costs), rows, n, _(kinds[i].empty));
}

static void end_weighing(DistributionPage *self, const char *note)
{
	g_clear_object(&self->twin);
	gtk_widget_hide(self->waiting);
	gtk_widget_set_visible(self->weigh, !self->weighed);
	gtk_label_set_text(GTK_LABEL(self->note), note);
	gtk_widget_set_visible(self->note, note != NULL);
}

static void show_unweighed(DistributionPage *self)
{
	bar_list_set_rows(BAR_LIST(self->costs), NULL, 0, _("Every event has to be read for this, which takes a while."));
}

static void fail_weighing(DistributionPage *self, const GError *error)
{
	gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

	if (!self->source)
		return;
	end_weighing(self, cancelled ? NULL : error->message);
	show_unweighed(self);
}

static void on_space(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(DistributionPage) self = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *summary = NULL;
	struct reader_space s;

	if (!source_space_finish(SPOOR_SOURCE(object), result, &s, &error)) {
		fail_weighing(self, error);
		return;
	}
	if (!self->source) {
		reader_space_free(&s);
		return;
	}
	reader_space_free(&self->space);
	self->space = s;
	self->weighed = TRUE;
	summary = distribution_summary(&s, info_of(self)->events, STORE_DEFAULT_BYTES);
	end_weighing(self, summary);
	show_costs(self);
}

static void on_twin(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(DistributionPage) self = data;
	g_autoptr(GError) error = NULL;

	if (!source_open_finish(SPOOR_SOURCE(object), result, &error))
		fail_weighing(self, error);
	else if (self->source)
		source_space_async(SPOOR_SOURCE(object), COSTS, self->weighing, on_space, g_object_ref(self));
}

static void on_progress(DistributionPage *self, double fraction)
{
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->bar), fraction);
}

static void on_cancel(DistributionPage *self)
{
	g_cancellable_cancel(self->weighing);
}

/* By a reader of its own: the explorer need not wait for it. */
static void weigh(DistributionPage *self)
{
	if (self->twin)
		return;
	g_clear_object(&self->weighing);
	self->weighing = g_cancellable_new();
	self->twin = source_new_twin(self->source);
	g_signal_connect_object(self->twin, "progress", G_CALLBACK(on_progress), self, G_CONNECT_SWAPPED);
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->bar), 0);
	gtk_widget_hide(self->weigh);
	gtk_widget_hide(self->note);
	gtk_widget_show(self->waiting);
	bar_list_set_rows(BAR_LIST(self->costs), NULL, 0, _("Estimating…"));
	source_open_async(self->twin, self->weighing, on_twin, g_object_ref(self));
}

static void on_cost_row(DistributionPage *self, guint id)
{
	struct buf text = BUF_INIT;

	if (id >= self->space.n)
		return;
	exclusion_expression(&self->space.costs[id], &text);
	explore(self, text.failed ? NULL : text.p);
	buf_free(&text);
}

/* ---- menus ---- */

static void on_item_show(GtkWidget *item, DistributionPage *self)
{
	explore(self, g_object_get_data(G_OBJECT(item), "text"));
}

/* Below the lists: what the tooltip says, for the keyboard. */
static void tell(DistributionPage *self, const char *text)
{
	gtk_label_set_text(GTK_LABEL(self->told), text);
	gtk_widget_set_visible(self->told, text != NULL);
}

static void on_item_copy(GtkWidget *item, DistributionPage *self)
{
	const char *line = g_object_get_data(G_OBJECT(item), "text");
	g_autofree char *told = g_strdup_printf(_("Copied for section [exclude] of spoor-agent.conf: %s"), line);

	gtk_clipboard_set_text(gtk_widget_get_clipboard(item, GDK_SELECTION_CLIPBOARD), line, -1);
	tell(self, told);
}

static void add_item(DistributionPage *self, GtkMenu *menu, const char *label, char *text, GCallback activated)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	gtk_widget_set_sensitive(item, text && *text);
	g_object_set_data_full(G_OBJECT(item), "text", text, g_free);
	g_signal_connect_object(item, "activate", activated, self, 0);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

static void on_event_menu(DistributionPage *self, guint id, GtkMenu *menu)
{
	add_item(self, menu, _("_Show these events"), distribution_expression(id), G_CALLBACK(on_item_show));
	view_export_fill_menu(self->events, menu);
}

static char *take(struct buf *b)
{
	char *text = b->failed ? NULL : g_strndup(b->p ? b->p : "", b->n);

	buf_free(b);
	return text;
}

static void on_cost_menu(DistributionPage *self, guint id, GtkMenu *menu)
{
	struct buf expression = BUF_INIT, line = BUF_INIT;

	if (id >= self->space.n)
		return;
	exclusion_expression(&self->space.costs[id], &expression);
	exclusion_line(&self->space.costs[id], &line);
	add_item(self, menu, _("_Show these events"), take(&expression), G_CALLBACK(on_item_show));
	add_item(self, menu, _("_Copy the line that leaves them out"), take(&line), G_CALLBACK(on_item_copy));
	view_export_fill_menu(self->costs, menu);
}

/* ---- the page ---- */

static Source *get_source(Page *page)
{
	return DISTRIBUTION_PAGE(page)->source;
}

static void focus(Page *page)
{
	look_focus(DISTRIBUTION_PAGE(page)->events);
}

static void save(Page *page, GVariantDict *into)
{
}

static void page_init(PageInterface *iface)
{
	iface->title = N_("Event distribution");
	iface->help = "distribution";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->kind = "distribution";
	iface->save = save;
}

static void distribution_page_dispose(GObject *object)
{
	DistributionPage *self = DISTRIBUTION_PAGE(object);

	g_cancellable_cancel(self->life);
	g_cancellable_cancel(self->weighing);
	g_clear_object(&self->life);
	g_clear_object(&self->weighing);
	g_clear_object(&self->twin);
	g_clear_object(&self->source);
	G_OBJECT_CLASS(distribution_page_parent_class)->dispose(object);
}

static void distribution_page_finalize(GObject *object)
{
	DistributionPage *self = DISTRIBUTION_PAGE(object);

	reader_distribution_free(&self->distribution);
	reader_space_free(&self->space);
	G_OBJECT_CLASS(distribution_page_parent_class)->finalize(object);
}

static void distribution_page_class_init(DistributionPageClass *class)
{
	G_OBJECT_CLASS(class)->dispose = distribution_page_dispose;
	G_OBJECT_CLASS(class)->finalize = distribution_page_finalize;
	signals[SIGNAL_EXPLORE] = g_signal_new("explore", DISTRIBUTION_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkWidget *scrolled(GtkWidget *list)
{
	GtkWidget *window = gtk_scrolled_window_new(NULL, NULL);

	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(window), list);
	return window;
}

/* A title and a tool over a list. */
static GtkWidget *column(const char *title, GtkWidget *tool, GtkWidget *middle, GtkWidget *list)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *label = gtk_label_new(title);

	gtk_style_context_add_class(gtk_widget_get_style_context(label), "heading");
	g_object_set(head, "margin-start", 12, "margin-end", 12, "margin-top", 6, "margin-bottom", 6, NULL);
	gtk_box_pack_start(GTK_BOX(head), label, FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(head), tool, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), head, FALSE, FALSE, 0);
	if (middle)
		gtk_box_pack_start(GTK_BOX(box), middle, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), scrolled(list), TRUE, TRUE, 0);
	return box;
}

static GtkWidget *choice(const char *name)
{
	GtkWidget *combo = gtk_combo_box_text_new();

	atk_object_set_name(gtk_widget_get_accessible(combo), name);
	return combo;
}

static GtkWidget *line(const char *class)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_width_chars(GTK_LABEL(label), 20);
	g_object_set(label, "margin-start", 12, "margin-end", 12, "margin-bottom", 6, "no-show-all", TRUE, "can-focus", FALSE,
	             NULL);
	return label;
}

static GtkWidget *build_middle(DistributionPage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *cancel = gtk_button_new_with_mnemonic(_("_Cancel"));

	self->waiting = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	self->bar = gtk_progress_bar_new();
	gtk_widget_set_valign(self->bar, GTK_ALIGN_CENTER);
	atk_object_set_name(gtk_widget_get_accessible(self->bar), _("Estimating the space"));
	gtk_box_pack_start(GTK_BOX(self->waiting), self->bar, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(self->waiting), cancel, FALSE, FALSE, 0);
	gtk_widget_show_all(self->waiting);
	self->weigh = gtk_button_new_with_mnemonic(_("_Estimate the space"));
	self->note = line("dim-label");
	g_object_set(self->waiting, "margin-start", 12, "margin-end", 12, "margin-bottom", 6, "no-show-all", TRUE, NULL);
	g_object_set(self->weigh, "margin-start", 12, "margin-bottom", 6, "halign", GTK_ALIGN_START, "no-show-all", TRUE, NULL);
	gtk_container_add(GTK_CONTAINER(box), self->note);
	gtk_container_add(GTK_CONTAINER(box), self->waiting);
	gtk_container_add(GTK_CONTAINER(box), self->weigh);
	gtk_widget_hide(self->waiting);
	g_signal_connect_swapped(cancel, "clicked", G_CALLBACK(on_cancel), self);
	g_signal_connect_swapped(self->weigh, "clicked", G_CALLBACK(weigh), self);
	return box;
}

static void build_lists(DistributionPage *self)
{
	GtkWidget *panes = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);

	self->events = bar_list_new(_("Events by kind and operation"));
	self->costs = bar_list_new(_("What takes the space"));
	self->sort = choice(_("Order"));
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->sort), "count", _("By count"));
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->sort), "name", _("By name"));
	self->by = choice(_("What is weighed"));
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->by), kinds[i].id, _(kinds[i].label));
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->sort), 0);
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->by), 0);
	gtk_paned_pack1(GTK_PANED(panes), column(_("What happened"), self->sort, NULL, self->events), TRUE, FALSE);
	gtk_paned_pack2(GTK_PANED(panes), column(_("What takes the space"), self->by, build_middle(self), self->costs), TRUE,
	                FALSE);
	gtk_box_pack_start(GTK_BOX(self), panes, TRUE, TRUE, 0);
	self->told = line("results");
	gtk_widget_set_margin_top(self->told, 6);
	gtk_box_pack_end(GTK_BOX(self), self->told, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->sort, "changed", G_CALLBACK(show_events), self);
	g_signal_connect_swapped(self->by, "changed", G_CALLBACK(show_costs), self);
	g_signal_connect_swapped(self->events, "row-activated", G_CALLBACK(on_event_row), self);
	g_signal_connect_swapped(self->events, "row-menu", G_CALLBACK(on_event_menu), self);
	g_signal_connect_swapped(self->events, "row-focused", G_CALLBACK(tell), self);
	g_signal_connect_swapped(self->costs, "row-focused", G_CALLBACK(tell), self);
	g_signal_connect_swapped(self->costs, "row-activated", G_CALLBACK(on_cost_row), self);
	g_signal_connect_swapped(self->costs, "row-menu", G_CALLBACK(on_cost_menu), self);
}

static void distribution_page_init(DistributionPage *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->life = g_cancellable_new();
	build_lists(self);
}

static guint64 rows_of(const struct reader_info *info)
{
	guint64 n = 0;

	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		n += info->by_category[c];
	return n;
}

GtkWidget *distribution_page_new(Source *source)
{
	DistributionPage *self = g_object_new(DISTRIBUTION_TYPE_PAGE, NULL);
	struct source_query all = { NULL, READER_ALL_TIME };

	self->source = g_object_ref(source);
	bar_list_set_rows(BAR_LIST(self->events), NULL, 0, _("Counting…"));
	source_distribution_async(source, &all, self->life, on_distribution, g_object_ref(self));
	gtk_widget_show_all(GTK_WIDGET(self));
	if (rows_of(info_of(self)) <= MOST_UNASKED) {
		weigh(self);
	} else {
		show_unweighed(self);
		gtk_widget_show(self->weigh);
	}
	return GTK_WIDGET(self);
}
