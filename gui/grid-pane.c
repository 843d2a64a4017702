#include "gui/grid-pane.h"

#include "gui/colour-dialog.h"
#include "gui/column-chooser.h"
#include "gui/grid-find.h"
#include "gui/grid-rows.h"
#include "gui/i18n.h"
#include "gui/value-panel.h"

struct _GridPane {
	GtkBox parent;
	GtkWidget *scrolled, *grid, *values, *find, *tools, *group, *columns, *colours, *told;
	const struct field *field; /* that was grouped by */
};
G_DEFINE_FINAL_TYPE(GridPane, grid_pane, GTK_TYPE_BOX)

enum { SIGNAL_FILTER, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- values beside the grid ---- */

static void on_filter(GridPane *self, const char *expression)
{
	g_signal_emit(self, signals[SIGNAL_FILTER], 0, expression);
}

static void close_values(GridPane *self)
{
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->group), FALSE);
	gtk_widget_grab_focus(self->grid);
}

/* By what the keyboard's column shows. */
static const struct field *field_of_column(GridPane *self)
{
	guint column = event_grid_get_column(EVENT_GRID(self->grid));
	const struct field *f = event_grid_extra(EVENT_GRID(self->grid), column);
	const char *name = f ? f->name : event_column_field(column);

	return field_find(span_of(name ? name : column == EVENT_COLUMN_WHAT ? "file.path" : "process.name"));
}

static void on_group_requested(GridPane *self)
{
	grid_pane_group(self, field_of_column(self));
}

static void on_group(GridPane *self)
{
	gboolean open = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->group));

	if (open && !self->field)
		value_panel_group(VALUE_PANEL(self->values), self->field = field_of_column(self));
	gtk_widget_set_visible(self->values, open);
	if (open)
		value_panel_focus(VALUE_PANEL(self->values));
}

void grid_pane_group(GridPane *self, const struct field *f)
{
	if (f)
		value_panel_group(VALUE_PANEL(self->values), self->field = f);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->group), TRUE);
}

static void action_group(GSimpleAction *a, GVariant *unused, gpointer pane)
{
	GridPane *self = pane;
	gboolean open = gtk_widget_get_visible(self->values);

	if (open)
		close_values(self);
	else
		grid_pane_group(self, field_of_column(self));
}

static void action_find(GSimpleAction *a, GVariant *unused, gpointer pane)
{
	grid_find_open(GRID_FIND(GRID_PANE(pane)->find));
}

static void action_colours(GSimpleAction *a, GVariant *unused, gpointer pane)
{
	ColourRules *rules = event_grid_get_rules(EVENT_GRID(GRID_PANE(pane)->grid));

	if (rules)
		colour_dialog_open(pane, rules, NULL, NULL);
}

static const GActionEntry actions[] = {
	{ "colours", action_colours, NULL, NULL, NULL, { 0 } },
	{ "find", action_find, NULL, NULL, NULL, { 0 } },
	{ "group", action_group, NULL, NULL, NULL, { 0 } },
};

/* ---- from outside ---- */

GtkWidget *grid_pane_get_grid(GridPane *self)
{
	return self->grid;
}

GtkAdjustment *grid_pane_get_vadjustment(GridPane *self)
{
	return gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(self->scrolled));
}

GtkWidget *grid_pane_get_tools(GridPane *self)
{
	return self->tools;
}

void grid_pane_add_actions(GtkWidget *owner, GridPane *self)
{
	gtk_widget_insert_action_group(owner, "grid", gtk_widget_get_action_group(GTK_WIDGET(self), "grid"));
}

void grid_pane_set_model(GridPane *self, EventModel *model)
{
	event_grid_set_model(EVENT_GRID(self->grid), model);
	value_panel_set_source(VALUE_PANEL(self->values), event_model_get_source(model));
}

static void on_wrap(GridPane *self, const char *key, GSettings *settings)
{
	event_grid_set_wrap(EVENT_GRID(self->grid), g_settings_get_boolean(settings, key));
}

void grid_pane_set_settings(GridPane *self, GSettings *settings)
{
	g_autoptr(GAction) wrap = g_settings_create_action(settings, "wrap-rows");
	GActionGroup *group = gtk_widget_get_action_group(GTK_WIDGET(self), "grid");

	g_action_map_add_action(G_ACTION_MAP(group), wrap);
	g_signal_connect_object(settings, "changed::wrap-rows", G_CALLBACK(on_wrap), self, G_CONNECT_SWAPPED);
	on_wrap(self, "wrap-rows", settings);
	event_grid_set_rules(EVENT_GRID(self->grid), colour_rules_of(settings));
}

void grid_pane_set_query(GridPane *self, const struct source_query *q)
{
	value_panel_set_query(VALUE_PANEL(self->values), q);
	grid_find_set_query(GRID_FIND(self->find), q);
}

void grid_pane_stop(GridPane *self)
{
	value_panel_stop(VALUE_PANEL(self->values));
	grid_find_stop(GRID_FIND(self->find));
}

/* ---- building ---- */

static void grid_pane_dispose(GObject *object)
{
	g_clear_object(&GRID_PANE(object)->tools);
	G_OBJECT_CLASS(grid_pane_parent_class)->dispose(object);
}

static void grid_pane_class_init(GridPaneClass *class)
{
	G_OBJECT_CLASS(class)->dispose = grid_pane_dispose;
	signals[SIGNAL_FILTER] = g_signal_new("filter", GRID_PANE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                      1, G_TYPE_STRING);
}

/* Anew each time: settings and other panes change what is shown. */
static void fill_columns(GridPane *self)
{
	GtkWidget *old = gtk_bin_get_child(GTK_BIN(self->columns));

	if (old)
		gtk_widget_destroy(old);
	gtk_container_add(GTK_CONTAINER(self->columns), column_chooser_new(EVENT_GRID(self->grid)));
}

/* Such as a pattern that would need too many steps. */
static void on_colours_failed(GridPane *self, const char *message)
{
	GtkStyleContext *style = gtk_widget_get_style_context(self->colours);
	g_autofree char *tip = message ? g_strdup_printf(_("A colour rule cannot be asked for: %s"), message)
	                               : g_strdup(_("Which rows have which colour"));

	if (message)
		gtk_style_context_add_class(style, "incomplete");
	else
		gtk_style_context_remove_class(style, "incomplete");
	gtk_widget_set_tooltip_text(self->colours, tip);
}

/* More than one; or what came of what was done with them. */
static void show_chosen(GridPane *self)
{
	guint64 n = grid_rows_count(EVENT_GRID(self->grid));
	g_autofree char *number = event_number(n), *words = g_strdup_printf(_("%s selected"), number);

	gtk_label_set_text(GTK_LABEL(self->told), n > 1 ? words : "");
	gtk_widget_set_tooltip_text(self->told, NULL);
}

static void on_told(GridPane *self, const char *message)
{
	gtk_label_set_text(GTK_LABEL(self->told), message);
	gtk_widget_set_tooltip_text(self->told, message);
}

static void add_told(GridPane *self)
{
	self->told = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(self->told), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->told), "results");
	g_object_set(self->told, "margin-start", 6, "margin-end", 6, NULL);
	gtk_container_add(GTK_CONTAINER(self->tools), self->told);
	g_signal_connect_swapped(self->grid, "selection-changed", G_CALLBACK(show_chosen), self);
	g_signal_connect_swapped(self->grid, "told", G_CALLBACK(on_told), self);
}

static void add_colours(GridPane *self)
{
	self->colours = gtk_button_new_with_label(_("Colours"));
	gtk_button_set_relief(GTK_BUTTON(self->colours), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->colours), "chip");
	gtk_actionable_set_action_name(GTK_ACTIONABLE(self->colours), "grid.colours");
	gtk_container_add(GTK_CONTAINER(self->tools), self->colours);
	on_colours_failed(self, NULL);
	g_signal_connect_swapped(self->grid, "colours-failed", G_CALLBACK(on_colours_failed), self);
}

static void add_tools(GridPane *self)
{
	GtkWidget *columns, *popover;

	self->tools = g_object_ref_sink(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2));
	add_told(self);
	self->group = gtk_toggle_button_new_with_label(_("Group"));
	gtk_button_set_relief(GTK_BUTTON(self->group), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->group), "chip");
	gtk_widget_set_tooltip_text(self->group, _("Group these events by a field (Ctrl+Shift+G)"));
	gtk_container_add(GTK_CONTAINER(self->tools), self->group);
	g_signal_connect_swapped(self->group, "toggled", G_CALLBACK(on_group), self);
	columns = gtk_menu_button_new();
	gtk_container_add(GTK_CONTAINER(columns), gtk_label_new(_("Columns")));
	gtk_button_set_relief(GTK_BUTTON(columns), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(columns), "chip");
	gtk_widget_set_tooltip_text(columns, _("Choose what the list shows of each event"));
	atk_object_set_name(gtk_widget_get_accessible(columns), _("Columns"));
	popover = gtk_popover_new(columns);
	gtk_menu_button_set_popover(GTK_MENU_BUTTON(columns), popover);
	g_signal_connect_swapped(popover, "show", G_CALLBACK(fill_columns), self);
	self->columns = popover;
	gtk_container_add(GTK_CONTAINER(self->tools), columns);
	add_colours(self);
	gtk_widget_show_all(self->tools);
}

static void grid_pane_init(GridPane *self)
{
	g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();
	GtkWidget *paned = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);

	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->grid = event_grid_new();
	self->scrolled = gtk_scrolled_window_new(NULL, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(self->scrolled), FALSE);
	gtk_container_add(GTK_CONTAINER(self->scrolled), self->grid);
	self->values = value_panel_new();
	gtk_widget_set_no_show_all(self->values, TRUE);
	gtk_widget_hide(self->values);
	gtk_paned_pack1(GTK_PANED(paned), self->scrolled, TRUE, FALSE);
	gtk_paned_pack2(GTK_PANED(paned), self->values, FALSE, FALSE);
	self->find = grid_find_new(EVENT_GRID(self->grid));
	gtk_box_pack_start(GTK_BOX(self), self->find, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), paned, TRUE, TRUE, 0);
	add_tools(self);
	g_signal_connect_swapped(self->grid, "group-requested", G_CALLBACK(on_group_requested), self);
	g_signal_connect_swapped(self->values, "filter", G_CALLBACK(on_filter), self);
	g_signal_connect_swapped(self->values, "closed", G_CALLBACK(close_values), self);
	g_action_map_add_action_entries(G_ACTION_MAP(group), actions, G_N_ELEMENTS(actions), self);
	gtk_widget_insert_action_group(GTK_WIDGET(self), "grid", G_ACTION_GROUP(group));
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *grid_pane_new(void)
{
	return g_object_new(GRID_PANE_TYPE, NULL);
}
