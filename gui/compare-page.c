#include "gui/compare-page.h"

#include <errno.h>
#include <string.h>

#include "gui/compare-list.h"
#include "gui/compare-text.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/page.h"
#include "gui/time-range.h"

/* One of the two: read by a process of its own, so that its explorer need not wait. */
struct side {
	Source *source;  /* as explorers have it; of the chosen file, once it is open */
	Source *reader;  /* the one that is asked */
	struct reader_inventory inventory;
	gboolean done;
	double fraction;
};
enum { OPENED, CHOSEN, SIDES }; /* what was open already, and what it is compared with */

struct _ComparePage {
	GtkBox parent;
	struct side sides[SIDES];
	char *path;
	struct compare compare;
	int first; /* the side that ended earlier */
	GCancellable *life;
	GtkWidget *title, *summary, *warning, *stack, *bar, *why, *areas, *list, *none;
};
static void page_init(PageInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(ComparePage, compare_page, GTK_TYPE_BOX, G_IMPLEMENT_INTERFACE(PAGE_TYPE, page_init))

enum { SIGNAL_EXPLORE_IN, SIGNAL_TITLED, N_SIGNALS };
static guint signals[N_SIGNALS];

static Source *source_at(ComparePage *self, int place)
{
	return self->sides[place == 0 ? self->first : 1 - self->first].source;
}

static const struct reader_info *info_at(ComparePage *self, int place)
{
	return source_get_info(source_at(self, place));
}

/* ---- what is shown ---- */

static void show_heading(ComparePage *self)
{
	g_autofree char *host = event_text(info_at(self, 1)->host), *from = event_time(info_at(self, 0)->last_ms);
	g_autofree char *to = event_time(info_at(self, 1)->last_ms), *zone = time_range_zone(info_at(self, 1)->last_ms);
	g_autofree char *title = g_strdup_printf(_("New on %s"), *host ? host : source_get_name(source_at(self, 1)));
	g_autofree char *summary = NULL;

	from[19] = to[19] = '\0';
	/* Translators: two recordings, each with the time of its end; the zone */
	summary = g_strdup_printf(_("since %s (%s), up to %s (%s) %s"), from, source_get_name(source_at(self, 0)), to,
	                          source_get_name(source_at(self, 1)), zone);
	gtk_label_set_text(GTK_LABEL(self->title), title);
	gtk_label_set_text(GTK_LABEL(self->summary), summary);
	gtk_widget_set_tooltip_text(self->summary, summary);
	g_signal_emit(self, signals[SIGNAL_TITLED], 0, title);
}

static void show_warning(ComparePage *self)
{
	g_autofree char *a = event_text(info_at(self, 0)->host), *b = event_text(info_at(self, 1)->host), *text = NULL;
	gboolean left_out = self->sides[0].inventory.left_out || self->sides[1].inventory.left_out;

	if (!compare_same_host(info_at(self, 0)->host, info_at(self, 1)->host))
		text = g_strdup_printf(_("These are two hosts, %s and %s: most differences say nothing."), a, b);
	else if (left_out)
		text = g_strdup(_("There is more than can be compared: of each kind, the last are."));
	if (!text)
		return;
	gtk_label_set_text(GTK_LABEL(self->warning), text);
	gtk_widget_show(self->warning);
}

static GtkWidget *area_row(int area, const size_t counts[COMPARE_CHANGES])
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2), *name = gtk_label_new(compare_text_area(area));
	g_autofree char *words = compare_text_counts(counts), *all = g_strdup_printf("%s: %s", compare_text_area(area), words);
	GtkWidget *numbers = gtk_label_new(words), *row = gtk_list_box_row_new();

	gtk_label_set_xalign(GTK_LABEL(name), 0);
	gtk_label_set_xalign(GTK_LABEL(numbers), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(numbers), "dim-label");
	gtk_style_context_add_class(gtk_widget_get_style_context(numbers), "results");
	g_object_set(box, "margin", 8, NULL);
	gtk_container_add(GTK_CONTAINER(box), name);
	gtk_container_add(GTK_CONTAINER(box), numbers);
	gtk_container_add(GTK_CONTAINER(row), box);
	atk_object_set_name(gtk_widget_get_accessible(row), all);
	gtk_widget_show_all(row);
	return row;
}

static void show_areas(ComparePage *self)
{
	int most_new = 0;

	for (int area = 0; area < READER_AREAS; area++)
		gtk_container_add(GTK_CONTAINER(self->areas), area_row(area, self->compare.counts[area]));
	while (most_new < READER_AREAS - 1 && !self->compare.counts[most_new][COMPARE_NEW])
		most_new++;
	if (!self->compare.counts[most_new][COMPARE_NEW])
		most_new = 0;
	gtk_list_box_select_row(GTK_LIST_BOX(self->areas), gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->areas), most_new));
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "areas");
}

static void on_area(ComparePage *self, GtkListBoxRow *row)
{
	int area = row ? gtk_list_box_row_get_index(row) : 0;
	size_t n = 0;

	if (!row)
		return;
	for (int i = 0; i < COMPARE_CHANGES; i++)
		n += self->compare.counts[area][i];
	gtk_widget_set_visible(self->none, n == 0);
	compare_list_show(COMPARE_LIST(self->list), &self->compare, area);
}

static void fail(ComparePage *self, const char *why)
{
	gtk_label_set_text(GTK_LABEL(self->why), why);
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "failed");
}

/* ---- reading ---- */

static void compare_now(ComparePage *self)
{
	const struct reader_info *a = source_get_info(self->sides[OPENED].source);
	const struct reader_info *b = source_get_info(self->sides[CHOSEN].source);
	struct compare_side sides[SIDES] = { { &self->sides[OPENED].inventory, a->last_ms },
		                             { &self->sides[CHOSEN].inventory, b->last_ms } };

	self->first = b->last_ms <= a->last_ms ? CHOSEN : OPENED;
	if (compare_inventories(sides[self->first], sides[1 - self->first], &self->compare) < 0) {
		fail(self, g_strerror(ENOMEM));
		return;
	}
	show_heading(self);
	show_warning(self);
	show_areas(self);
}

struct asked {
	ComparePage *self;
	int side;
};

static struct asked *ask(ComparePage *self, int side)
{
	struct asked *a = g_new(struct asked, 1);

	*a = (struct asked){ g_object_ref(self), side };
	return a;
}

static void asked_free(struct asked *a)
{
	g_object_unref(a->self);
	g_free(a);
}

static void on_failed(ComparePage *self, const GError *error)
{
	gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

	if (!self->path) /* disposed of */
		return;
	g_cancellable_cancel(self->life); /* the other one is of no use then */
	for (int i = 0; i < SIDES; i++)
		g_clear_object(&self->sides[i].reader);
	if (g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(self->stack)), "failed") != 0)
		fail(self, cancelled ? _("Cancelled") : error->message);
}

static void on_inventory(GObject *object, GAsyncResult *result, gpointer data)
{
	struct asked *a = data;
	ComparePage *self = a->self;
	struct side *side = &self->sides[a->side];
	g_autoptr(GError) error = NULL;

	if (!source_inventory_finish(SPOOR_SOURCE(object), result, &side->inventory, &error)) {
		on_failed(self, error);
	} else if (self->path) {
		side->done = TRUE;
		g_clear_object(&side->reader);
		if (self->sides[1 - a->side].done)
			compare_now(self);
	}
	asked_free(a);
}

static void on_open(GObject *object, GAsyncResult *result, gpointer data)
{
	struct asked *a = data;
	g_autoptr(GError) error = NULL;

	if (!source_open_finish(SPOOR_SOURCE(object), result, &error)) {
		on_failed(a->self, error);
		asked_free(a);
	} else if (!a->self->path) {
		asked_free(a);
	} else {
		source_inventory_async(SPOOR_SOURCE(object), a->self->life, on_inventory, a);
	}
}

static void on_progress(Source *source, double fraction, ComparePage *self)
{
	double sum = 0;

	for (int i = 0; i < SIDES; i++) {
		if (self->sides[i].reader == source)
			self->sides[i].fraction = MAX(fraction, self->sides[i].fraction);
		sum += self->sides[i].done ? 1 : self->sides[i].fraction * 0.9;
	}
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->bar), sum / SIDES);
}

static void read_side(ComparePage *self, int side, Source *reader)
{
	self->sides[side].reader = reader;
	g_signal_connect_object(reader, "progress", G_CALLBACK(on_progress), self, 0);
	source_open_async(reader, self->life, on_open, ask(self, side));
}

static void on_cancel(ComparePage *self)
{
	g_cancellable_cancel(self->life);
}

/* ---- going on from an item ---- */

static void explore(ComparePage *self, guint i)
{
	g_autofree char *expression = NULL;

	if (i >= self->compare.n)
		return;
	expression = compare_text_expression(&self->compare.items[i]);
	g_signal_emit(self, signals[SIGNAL_EXPLORE_IN], 0, source_at(self, self->compare.items[i].change != COMPARE_GONE),
	              expression);
}

static void on_show_item(GtkWidget *menu_item, ComparePage *self)
{
	explore(self, GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(menu_item), "item")));
}

static void on_copy_item(GtkWidget *menu_item, ComparePage *self)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(menu_item, GDK_SELECTION_CLIPBOARD),
	                       g_object_get_data(G_OBJECT(menu_item), "text"), -1);
}

static void add_item(ComparePage *self, GtkMenu *menu, const char *label, guint item, char *text, GCallback activated)
{
	GtkWidget *w = gtk_menu_item_new_with_mnemonic(label);

	g_object_set_data(G_OBJECT(w), "item", GUINT_TO_POINTER(item));
	g_object_set_data_full(G_OBJECT(w), "text", text, g_free);
	gtk_widget_set_sensitive(w, !text || *text);
	g_signal_connect_object(w, "activate", activated, self, 0);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), w);
}

static void on_menu(ComparePage *self, guint i, GtkMenu *menu)
{
	const struct compare_item *item = i < self->compare.n ? &self->compare.items[i] : NULL;

	if (!item)
		return;
	add_item(self, menu, _("_Show in explorer"), i, NULL, G_CALLBACK(on_show_item));
	add_item(self, menu, _("Copy _name"), i, compare_text_name(item), G_CALLBACK(on_copy_item));
	add_item(self, menu, _("Copy _detail"), i, compare_text_detail(item), G_CALLBACK(on_copy_item));
	add_item(self, menu, _("Copy _expression"), i, compare_text_expression(item), G_CALLBACK(on_copy_item));
}

/* ---- the page ---- */

static Source *get_source(Page *page)
{
	return COMPARE_PAGE(page)->sides[OPENED].source;
}

static void focus(Page *page)
{
	look_focus(COMPARE_PAGE(page)->list);
}

static void save(Page *page, GVariantDict *into)
{
	g_variant_dict_insert(into, "path", "^ay", COMPARE_PAGE(page)->path);
}

static void page_init(PageInterface *iface)
{
	iface->title = N_("Comparison");
	iface->help = "compare";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->kind = "compare";
	iface->save = save;
}

static void compare_page_dispose(GObject *object)
{
	ComparePage *self = COMPARE_PAGE(object);

	g_cancellable_cancel(self->life);
	g_clear_object(&self->life);
	if (self->list)
		compare_list_show(COMPARE_LIST(self->list), NULL, 0);
	self->list = NULL;
	g_clear_pointer(&self->path, g_free);
	for (int i = 0; i < SIDES; i++) {
		g_clear_object(&self->sides[i].reader);
		g_clear_object(&self->sides[i].source);
	}
	G_OBJECT_CLASS(compare_page_parent_class)->dispose(object);
}

static void compare_page_finalize(GObject *object)
{
	ComparePage *self = COMPARE_PAGE(object);

	compare_free(&self->compare);
	for (int i = 0; i < SIDES; i++)
		reader_inventory_free(&self->sides[i].inventory);
	G_OBJECT_CLASS(compare_page_parent_class)->finalize(object);
}

static void compare_page_class_init(ComparePageClass *class)
{
	GType type = COMPARE_TYPE_PAGE;

	G_OBJECT_CLASS(class)->dispose = compare_page_dispose;
	G_OBJECT_CLASS(class)->finalize = compare_page_finalize;
	signals[SIGNAL_EXPLORE_IN] = g_signal_new("explore-in", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
	                                          SOURCE_TYPE, G_TYPE_STRING);
	signals[SIGNAL_TITLED] = g_signal_new("titled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                      G_TYPE_STRING);
}

static GtkWidget *build_heading(ComparePage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);

	self->title = gtk_label_new(_("Comparison"));
	self->summary = gtk_label_new(NULL);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->title), "process-name");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->summary), "dim-label");
	gtk_label_set_ellipsize(GTK_LABEL(self->summary), PANGO_ELLIPSIZE_MIDDLE);
	gtk_label_set_xalign(GTK_LABEL(self->summary), 0);
	g_object_set(box, "margin-start", 12, "margin-end", 12, "margin-top", 8, "margin-bottom", 8, NULL);
	gtk_box_pack_start(GTK_BOX(box), self->title, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->summary, TRUE, TRUE, 0);
	return box;
}

static GtkWidget *build_waiting(ComparePage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12), *cancel = gtk_button_new_with_mnemonic(_("_Cancel"));

	self->bar = gtk_progress_bar_new();
	atk_object_set_name(gtk_widget_get_accessible(self->bar), _("Reading both recordings"));
	gtk_widget_set_size_request(self->bar, 320, -1);
	g_object_set(box, "halign", GTK_ALIGN_CENTER, "valign", GTK_ALIGN_CENTER, NULL);
	gtk_widget_set_halign(cancel, GTK_ALIGN_CENTER);
	gtk_container_add(GTK_CONTAINER(box), gtk_label_new(_("Reading both recordings…")));
	gtk_container_add(GTK_CONTAINER(box), self->bar);
	gtk_container_add(GTK_CONTAINER(box), cancel);
	g_signal_connect_swapped(cancel, "clicked", G_CALLBACK(on_cancel), self);
	return box;
}

static GtkWidget *scrolled(GtkWidget *child, GtkPolicyType across)
{
	GtkWidget *window = gtk_scrolled_window_new(NULL, NULL);

	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), across, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(window), child);
	return window;
}

static GtkWidget *build_areas(ComparePage *self)
{
	GtkWidget *panes = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL), *over = gtk_overlay_new();

	self->areas = gtk_list_box_new();
	self->list = compare_list_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->areas), GTK_SELECTION_BROWSE);
	atk_object_set_name(gtk_widget_get_accessible(self->areas), _("Kinds of differences"));
	gtk_paned_pack1(GTK_PANED(panes), scrolled(self->areas, GTK_POLICY_NEVER), FALSE, FALSE);
	self->none = gtk_label_new(_("Both recordings have the same of this kind"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->none), "dim-label");
	g_object_set(self->none, "halign", GTK_ALIGN_CENTER, "valign", GTK_ALIGN_CENTER, "no-show-all", TRUE, NULL);
	gtk_container_add(GTK_CONTAINER(over), scrolled(self->list, GTK_POLICY_AUTOMATIC));
	gtk_overlay_add_overlay(GTK_OVERLAY(over), self->none);
	gtk_overlay_set_overlay_pass_through(GTK_OVERLAY(over), self->none, TRUE);
	gtk_paned_pack2(GTK_PANED(panes), over, TRUE, FALSE);
	g_signal_connect_swapped(self->areas, "row-selected", G_CALLBACK(on_area), self);
	g_signal_connect_swapped(self->list, "item-activated", G_CALLBACK(explore), self);
	g_signal_connect_swapped(self->list, "item-menu", G_CALLBACK(on_menu), self);
	return panes;
}

static void compare_page_init(ComparePage *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->life = g_cancellable_new();
	self->warning = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->warning), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->warning), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->warning), "heading");
	g_object_set(self->warning, "margin-start", 12, "margin-end", 12, "margin-bottom", 8, "no-show-all", TRUE, NULL);
	self->why = gtk_label_new(NULL);
	gtk_label_set_line_wrap(GTK_LABEL(self->why), TRUE);
	gtk_label_set_selectable(GTK_LABEL(self->why), TRUE);
	self->stack = gtk_stack_new();
	gtk_stack_add_named(GTK_STACK(self->stack), build_waiting(self), "waiting");
	gtk_stack_add_named(GTK_STACK(self->stack), build_areas(self), "areas");
	gtk_stack_add_named(GTK_STACK(self->stack), self->why, "failed");
	gtk_box_pack_start(GTK_BOX(self), build_heading(self), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->warning, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->stack, TRUE, TRUE, 0);
}

GtkWidget *compare_page_new(Source *source, const char *path)
{
	ComparePage *self = g_object_new(COMPARE_TYPE_PAGE, NULL);

	self->path = g_strdup(path);
	self->sides[OPENED].source = g_object_ref(source);
	self->sides[CHOSEN].source = source_new(path, NULL);
	read_side(self, OPENED, source_new_twin(source));
	read_side(self, CHOSEN, g_object_ref(self->sides[CHOSEN].source));
	gtk_widget_show_all(GTK_WIDGET(self));
	return GTK_WIDGET(self);
}
