#include "gui/export-page.h"

#include "gui/export-dialog.h"
#include "gui/grid-rows.h"
#include "gui/i18n.h"

struct page {
	GtkWidget *widget;
	export_shown_fn *shown;
	GActionMap *actions;
};

static struct export_shown ask(struct page *p)
{
	struct export_shown s = { .range = READER_ALL_TIME };

	p->shown(p->widget, &s);
	return s;
}

static void shown_clear(struct export_shown *s)
{
	g_clear_pointer(&s->expression, g_free);
	g_clear_pointer(&s->fields, g_free);
}

static void wish_for(struct page *p, const struct export_shown *s, const char *expression, gboolean one, gboolean all)
{
	struct export_wish wish = { .source = s->source, .expression = expression, .range = all ? READER_ALL_TIME : s->range,
		                    .order = all ? READER_OLDEST_FIRST : s->order, .columns = row_format_all() };
	g_autofree char *name = g_strconcat(source_get_name(s->source), " ", one ? _("event") : _("events"), NULL);
	struct span wrong;

	if (!all && s->fields)
		row_format_columns_parse(span_of(s->fields), &wish.columns, &wrong);
	export_dialog_ask(p->widget, &wish, !all && s->fields, name);
}

static void begin(struct page *p, gboolean all)
{
	struct export_shown s = ask(p);

	if (s.source)
		wish_for(p, &s, all || !s.expression ? "" : s.expression, FALSE, all);
	shown_clear(&s);
}

/* What a page shows may change while the ends of its selection are looked up: its grid's own question counts. */
static void on_selection(const char *expression, gpointer widget)
{
	struct page *p = g_object_get_data(widget, "export-page");
	struct export_shown s = ask(p);

	if (s.source && s.grid) {
		s.range = event_model_get_range(event_grid_get_model(s.grid));
		wish_for(p, &s, expression, grid_rows_count(s.grid) == 1, FALSE);
	}
	shown_clear(&s);
}

static void begin_selected(struct page *p)
{
	struct export_shown s = ask(p);

	if (s.source && s.grid)
		grid_rows_expression(s.grid, on_selection, g_object_ref(p->widget), g_object_unref);
	shown_clear(&s);
}

static void action_shown(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin(page, FALSE);
}

static void action_selected(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin_selected(page);
}

static void action_all(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin(page, TRUE);
}

static const GActionEntry actions[] = {
	{ "shown", action_shown, NULL, NULL, NULL, { 0 } },
	{ "selected", action_selected, NULL, NULL, NULL, { 0 } },
	{ "all", action_all, NULL, NULL, NULL, { 0 } },
};

/* The menu opens: only what there is can be chosen. */
static void on_toggled(GtkToggleButton *button, gpointer data)
{
	struct page *p = data;
	struct export_shown s;

	if (!gtk_toggle_button_get_active(button))
		return;
	s = ask(p);
	g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(p->actions, "selected")),
	                            s.grid && grid_rows_count(s.grid));
	shown_clear(&s);
}

GtkWidget *export_page_button_new(const char *tooltip)
{
	GtkWidget *button = gtk_menu_button_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);

	gtk_container_add(GTK_CONTAINER(box), gtk_label_new(_("Export")));
	gtk_container_add(GTK_CONTAINER(box), gtk_image_new_from_icon_name("pan-down-symbolic", GTK_ICON_SIZE_BUTTON));
	gtk_container_add(GTK_CONTAINER(button), box);
	gtk_widget_set_tooltip_text(button, tooltip);
	atk_object_set_name(gtk_widget_get_accessible(button), _("Export"));
	gtk_widget_show_all(button);
	return button;
}

static GMenuModel *menu_new(void)
{
	GMenu *menu = g_menu_new();

	g_menu_append(menu, _("_What is shown…"), "export.shown");
	g_menu_append(menu, _("The _selected rows…"), "export.selected");
	g_menu_append(menu, _("The whole _recording…"), "export.all");
	return G_MENU_MODEL(menu);
}

void export_page_add(GtkWidget *page, GtkMenuButton *button, export_shown_fn *shown)
{
	g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();
	struct page *p = g_new(struct page, 1);

	*p = (struct page){ page, shown, G_ACTION_MAP(group) };
	g_object_set_data_full(G_OBJECT(page), "export-page", p, g_free);
	g_action_map_add_action_entries(G_ACTION_MAP(group), actions, G_N_ELEMENTS(actions), p);
	gtk_widget_insert_action_group(page, "export", G_ACTION_GROUP(group));
	if (button) {
		g_autoptr(GMenuModel) menu = menu_new();

		gtk_menu_button_set_menu_model(button, menu);
		g_signal_connect(button, "toggled", G_CALLBACK(on_toggled), p);
	}
}
