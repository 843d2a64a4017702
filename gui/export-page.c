#include "gui/export-page.h"

#include "gui/export-dialog.h"
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
	g_clear_pointer(&s->selected, g_free);
}

enum what { SHOWN, SELECTED, ALL };

static void begin(struct page *p, enum what what)
{
	struct export_shown s = ask(p);
	struct export_wish wish = { .source = s.source, .expression = "", .range = READER_ALL_TIME,
		                    .order = READER_OLDEST_FIRST, .columns = row_format_all() };
	g_autofree char *name = NULL;
	struct span wrong;

	if (!s.source || (what == SELECTED && !s.selected)) {
		shown_clear(&s);
		return;
	}
	if (what != ALL) {
		wish.expression = what == SELECTED ? s.selected : s.expression ? s.expression : "";
		wish.range = what == SELECTED ? READER_ALL_TIME : s.range;
		wish.order = s.order;
		if (s.fields)
			row_format_columns_parse(span_of(s.fields), &wish.columns, &wrong);
	}
	name = g_strconcat(source_get_name(s.source), " ", what == SELECTED ? _("event") : _("events"), NULL);
	export_dialog_ask(p->widget, &wish, what != ALL && s.fields, name);
	shown_clear(&s);
}

static void action_shown(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin(page, SHOWN);
}

static void action_selected(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin(page, SELECTED);
}

static void action_all(GSimpleAction *a, GVariant *unused, gpointer page)
{
	begin(page, ALL);
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
	g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(p->actions, "selected")), s.selected != NULL);
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
	g_menu_append(menu, _("The _selected event…"), "export.selected");
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
