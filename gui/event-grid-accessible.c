#include "gui/event-grid-accessible.h"

#include "gui/i18n.h"
#include "gui/event-grid-private.h"

/* ---- a row in sight ---- */

struct _EventGridRow {
	AtkObject parent;
	GtkWidget *grid; /* weak */
	guint64 row;
	gboolean selected; /* as was told last */
};
#define EVENT_GRID_ROW_TYPE (event_grid_row_get_type())
G_DECLARE_FINAL_TYPE(EventGridRow, event_grid_row, EVENT, GRID_ROW, AtkObject)

static void row_component_init(AtkComponentIface *iface);
static void row_action_init(AtkActionIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(EventGridRow, event_grid_row, ATK_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(ATK_TYPE_COMPONENT, row_component_init)
                              G_IMPLEMENT_INTERFACE(ATK_TYPE_ACTION, row_action_init))

static const char *row_name(AtkObject *object)
{
	EventGridRow *self = EVENT_GRID_ROW(object);
	EventModel *model = self->grid ? event_grid_get_model(EVENT_GRID(self->grid)) : NULL;
	const struct reader_row *row = model ? event_model_get_row(model, self->row) : NULL;
	GString *name = g_string_new(NULL);
	g_autofree char *note = NULL;

	for (guint i = 0; row && i < event_grid_n_columns(EVENT_GRID(self->grid)); i++) {
		guint c = event_grid_nth_column(EVENT_GRID(self->grid), i);
		gboolean shown = event_grid_is_shown(EVENT_GRID(self->grid), c);
		g_autofree char *text = shown ? event_grid_text(EVENT_GRID(self->grid), row, c) : g_strdup("");

		if (*text && name->len)
			g_string_append_c(name, ' ');
		g_string_append(name, text);
	}
	note = row ? event_grid_note_words(EVENT_GRID(self->grid), row) : NULL;
	if (note)
		g_string_append_printf(name, " %s", g_strdelimit(note, "\n", ' '));
	g_clear_pointer(&object->name, g_free);
	object->name = g_string_free(name, FALSE);
	return object->name;
}

/* The colour in words. */
static const char *row_description(AtkObject *object)
{
	EventGridRow *self = EVENT_GRID_ROW(object);
	EventModel *model = self->grid ? event_grid_get_model(EVENT_GRID(self->grid)) : NULL;
	const struct reader_row *row = model ? event_model_get_row(model, self->row) : NULL;
	char *words = row ? event_grid_rule_words(EVENT_GRID(self->grid), row) : NULL;

	g_clear_pointer(&object->description, g_free);
	object->description = words ? g_strdelimit(words, "\n", ' ') : g_strdup("");
	return object->description;
}

static AtkStateSet *row_states(AtkObject *object)
{
	EventGridRow *self = EVENT_GRID_ROW(object);
	AtkStateSet *set = ATK_OBJECT_CLASS(event_grid_row_parent_class)->ref_state_set(object);

	if (!self->grid) {
		atk_state_set_add_state(set, ATK_STATE_DEFUNCT);
		return set;
	}
	atk_state_set_add_state(set, ATK_STATE_ENABLED);
	atk_state_set_add_state(set, ATK_STATE_SENSITIVE);
	atk_state_set_add_state(set, ATK_STATE_SELECTABLE);
	atk_state_set_add_state(set, ATK_STATE_VISIBLE);
	if (gtk_widget_get_mapped(self->grid))
		atk_state_set_add_state(set, ATK_STATE_SHOWING);
	if (row_set_has(event_grid_get_chosen(EVENT_GRID(self->grid)), self->row))
		atk_state_set_add_state(set, ATK_STATE_SELECTED);
	return set;
}

static int row_index(AtkObject *object)
{
	EventGridRow *self = EVENT_GRID_ROW(object);
	guint64 first;
	guint n;

	if (!self->grid)
		return -1;
	event_grid_get_visible(EVENT_GRID(self->grid), &first, &n);
	return self->row >= first && self->row < first + n ? (int)(self->row - first) : -1;
}

static void row_extents(AtkComponent *component, int *x, int *y, int *width, int *height, AtkCoordType type)
{
	EventGridRow *self = EVENT_GRID_ROW(component);
	GdkRectangle area;
	int gx, gy, gw, gh;

	*x = *y = *width = *height = 0;
	if (!self->grid)
		return;
	event_grid_get_area(EVENT_GRID(self->grid), self->row, EVENT_COLUMN_COUNT, &area);
	atk_component_get_extents(ATK_COMPONENT(gtk_widget_get_accessible(self->grid)), &gx, &gy, &gw, &gh, type);
	*x = gx + area.x;
	*y = gy + area.y;
	*width = area.width;
	*height = area.height;
}

static gboolean row_grab_focus(AtkComponent *component)
{
	EventGridRow *self = EVENT_GRID_ROW(component);

	if (!self->grid)
		return FALSE;
	gtk_widget_grab_focus(self->grid);
	event_grid_select(EVENT_GRID(self->grid), self->row);
	return TRUE;
}

static void row_component_init(AtkComponentIface *iface)
{
	iface->get_extents = row_extents;
	iface->grab_focus = row_grab_focus;
}

static gboolean row_do_action(AtkAction *action, int i)
{
	EventGridRow *self = EVENT_GRID_ROW(action);

	if (!self->grid || i != 0)
		return FALSE;
	event_grid_select(EVENT_GRID(self->grid), self->row);
	g_signal_emit_by_name(self->grid, "row-activated", self->row);
	return TRUE;
}

static int row_n_actions(AtkAction *action)
{
	return 1;
}

static const char *row_action_name(AtkAction *action, int i)
{
	return i == 0 ? "activate" : NULL;
}

static void row_action_init(AtkActionIface *iface)
{
	iface->do_action = row_do_action;
	iface->get_n_actions = row_n_actions;
	iface->get_name = row_action_name;
}

static void event_grid_row_dispose(GObject *object)
{
	EventGridRow *self = EVENT_GRID_ROW(object);

	g_clear_weak_pointer(&self->grid);
	G_OBJECT_CLASS(event_grid_row_parent_class)->dispose(object);
}

static void event_grid_row_class_init(EventGridRowClass *class)
{
	G_OBJECT_CLASS(class)->dispose = event_grid_row_dispose;
	ATK_OBJECT_CLASS(class)->get_name = row_name;
	ATK_OBJECT_CLASS(class)->get_description = row_description;
	ATK_OBJECT_CLASS(class)->ref_state_set = row_states;
	ATK_OBJECT_CLASS(class)->get_index_in_parent = row_index;
}

static void event_grid_row_init(EventGridRow *self)
{
	atk_object_set_role(ATK_OBJECT(self), ATK_ROLE_TABLE_ROW);
}

/* ---- the grid ---- */

typedef struct {
	GtkWidgetAccessible parent;
	GHashTable *rows; /* row → EventGridRow, those handed out and still in sight */
	int n;
} EventGridAccessible;
typedef GtkWidgetAccessibleClass EventGridAccessibleClass;

static void grid_table_init(AtkTableIface *iface);
static void grid_selection_init(AtkSelectionIface *iface);

G_DEFINE_TYPE_WITH_CODE(EventGridAccessible, event_grid_accessible, GTK_TYPE_WIDGET_ACCESSIBLE,
                        G_IMPLEMENT_INTERFACE(ATK_TYPE_TABLE, grid_table_init)
                        G_IMPLEMENT_INTERFACE(ATK_TYPE_SELECTION, grid_selection_init))

static EventGrid *grid_of(gpointer accessible)
{
	GtkWidget *w = gtk_accessible_get_widget(GTK_ACCESSIBLE(accessible));

	return w ? EVENT_GRID(w) : NULL;
}

static EventGridAccessible *accessible_of(GtkWidget *grid)
{
	return gtk_widget_get_mapped(grid) ? (EventGridAccessible *)gtk_widget_get_accessible(grid) : NULL;
}

/* Rows come and go with every scroll: clients must not remember them. */
static AtkStateSet *grid_states(AtkObject *object)
{
	AtkStateSet *set = ATK_OBJECT_CLASS(event_grid_accessible_parent_class)->ref_state_set(object);

	atk_state_set_add_state(set, ATK_STATE_MANAGES_DESCENDANTS);
	atk_state_set_add_state(set, ATK_STATE_MULTISELECTABLE);
	return set;
}

static int grid_n_children(AtkObject *object)
{
	EventGrid *grid = grid_of(object);
	guint64 first;
	guint n = 0;

	if (grid)
		event_grid_get_visible(grid, &first, &n);
	return (int)n;
}

static AtkObject *row_of(EventGridAccessible *self, guint64 row)
{
	EventGridRow *child = g_hash_table_lookup(self->rows, &row);

	if (!child) {
		child = g_object_new(EVENT_GRID_ROW_TYPE, NULL);
		child->row = row;
		child->selected = row_set_has(event_grid_get_chosen(grid_of(self)), row);
		g_set_weak_pointer(&child->grid, GTK_WIDGET(grid_of(self)));
		atk_object_set_parent(ATK_OBJECT(child), ATK_OBJECT(self));
		g_hash_table_replace(self->rows, &child->row, child);
	}
	return g_object_ref(ATK_OBJECT(child));
}

static AtkObject *grid_ref_child(AtkObject *object, int i)
{
	EventGrid *grid = grid_of(object);
	guint64 first;
	guint n;

	if (!grid)
		return NULL;
	event_grid_get_visible(grid, &first, &n);
	return i >= 0 && (guint)i < n ? row_of((EventGridAccessible *)object, first + (guint)i) : NULL;
}

static int grid_n_rows(AtkTable *table)
{
	EventGrid *grid = grid_of(table);
	EventModel *model = grid ? event_grid_get_model(grid) : NULL;

	return model ? (int)MIN(event_model_get_n_rows(model), G_MAXINT) : 0;
}

static int grid_n_columns(AtkTable *table)
{
	return EVENT_COLUMN_COUNT; /* that every grid has; a row's name says all that are shown */
}

static const char *grid_column_description(AtkTable *table, int column)
{
	return column >= 0 && column < EVENT_COLUMN_COUNT ? _(event_column_info(column)->title) : NULL;
}

/* ---- what is selected: rows of the table by their numbers, children among those in sight ---- */

enum { TOLD_MOST = 10000 };

static int grid_selected_rows(AtkTable *table, gint **ret)
{
	EventGrid *grid = grid_of(table);
	const struct row_set *chosen = grid ? event_grid_get_chosen(grid) : NULL;
	int n = chosen ? (int)MIN(row_set_count(chosen), TOLD_MOST) : 0;

	if (!ret)
		return n;
	*ret = g_new(gint, (gsize)n);
	for (int i = 0; i < n; i++)
		(*ret)[i] = (gint)MIN(row_set_nth(chosen, (guint64)i), G_MAXINT);
	return n;
}

static gboolean grid_is_row_selected(AtkTable *table, int row)
{
	EventGrid *grid = grid_of(table);

	return grid && row >= 0 && row_set_has(event_grid_get_chosen(grid), (guint64)row);
}

static gboolean grid_is_cell_selected(AtkTable *table, int row, int column)
{
	return grid_is_row_selected(table, row);
}

static gboolean set_row_selected(EventGrid *grid, guint64 row, gboolean selected)
{
	if (!grid || row >= event_model_get_n_rows(event_grid_get_model(grid)))
		return FALSE;
	if (row_set_has(event_grid_get_chosen(grid), row) != selected)
		event_grid_choose_too(grid, row);
	return row_set_has(event_grid_get_chosen(grid), row) == selected;
}

static gboolean grid_add_row_selection(AtkTable *table, int row)
{
	return row >= 0 && set_row_selected(grid_of(table), (guint64)row, TRUE);
}

static gboolean grid_remove_row_selection(AtkTable *table, int row)
{
	return row >= 0 && set_row_selected(grid_of(table), (guint64)row, FALSE);
}

/* The row of the i-th child; G_MAXUINT64: there is none. */
static guint64 row_of_child(EventGrid *grid, int i)
{
	guint64 first;
	guint n;

	if (!grid)
		return G_MAXUINT64;
	event_grid_get_visible(grid, &first, &n);
	return i >= 0 && (guint)i < n ? first + (guint)i : G_MAXUINT64;
}

static gboolean grid_add_selection(AtkSelection *selection, int i)
{
	return set_row_selected(grid_of(selection), row_of_child(grid_of(selection), i), TRUE);
}

static gboolean grid_clear_selection(AtkSelection *selection)
{
	EventGrid *grid = grid_of(selection);

	if (grid)
		event_grid_select(grid, EVENT_GRID_NO_ROW);
	return grid != NULL;
}

static AtkObject *grid_ref_selection(AtkSelection *selection, int i)
{
	EventGrid *grid = grid_of(selection);
	guint64 row = grid && i >= 0 ? row_set_nth(event_grid_get_chosen(grid), (guint64)i) : G_MAXUINT64;

	return row == G_MAXUINT64 ? NULL : row_of((EventGridAccessible *)selection, row);
}

static int grid_selection_count(AtkSelection *selection)
{
	EventGrid *grid = grid_of(selection);

	return grid ? (int)MIN(row_set_count(event_grid_get_chosen(grid)), G_MAXINT) : 0;
}

static gboolean grid_is_child_selected(AtkSelection *selection, int i)
{
	guint64 row = row_of_child(grid_of(selection), i);

	return row != G_MAXUINT64 && row_set_has(event_grid_get_chosen(grid_of(selection)), row);
}

/* The i-th of what is selected, not of the children. */
static gboolean grid_remove_selection(AtkSelection *selection, int i)
{
	EventGrid *grid = grid_of(selection);
	guint64 row = grid && i >= 0 ? row_set_nth(event_grid_get_chosen(grid), (guint64)i) : G_MAXUINT64;

	return row != G_MAXUINT64 && set_row_selected(grid, row, FALSE);
}

static gboolean grid_select_all(AtkSelection *selection)
{
	EventGrid *grid = grid_of(selection);

	if (grid)
		event_grid_select_all(grid);
	return grid != NULL;
}

static void grid_selection_init(AtkSelectionIface *iface)
{
	iface->add_selection = grid_add_selection;
	iface->clear_selection = grid_clear_selection;
	iface->ref_selection = grid_ref_selection;
	iface->get_selection_count = grid_selection_count;
	iface->is_child_selected = grid_is_child_selected;
	iface->remove_selection = grid_remove_selection;
	iface->select_all_selection = grid_select_all;
}

static void grid_table_init(AtkTableIface *iface)
{
	iface->get_selected_rows = grid_selected_rows;
	iface->is_row_selected = grid_is_row_selected;
	iface->is_selected = grid_is_cell_selected;
	iface->add_row_selection = grid_add_row_selection;
	iface->remove_row_selection = grid_remove_row_selection;
	iface->get_n_rows = grid_n_rows;
	iface->get_n_columns = grid_n_columns;
	iface->get_column_description = grid_column_description;
}

static void event_grid_accessible_initialize(AtkObject *object, gpointer data)
{
	ATK_OBJECT_CLASS(event_grid_accessible_parent_class)->initialize(object, data);
	object->role = ATK_ROLE_TABLE;
}

static void event_grid_accessible_finalize(GObject *object)
{
	g_hash_table_unref(((EventGridAccessible *)object)->rows);
	G_OBJECT_CLASS(event_grid_accessible_parent_class)->finalize(object);
}

static void event_grid_accessible_class_init(EventGridAccessibleClass *class)
{
	AtkObjectClass *atk = ATK_OBJECT_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = event_grid_accessible_finalize;
	atk->initialize = event_grid_accessible_initialize;
	atk->ref_state_set = grid_states;
	atk->get_n_children = grid_n_children;
	atk->ref_child = grid_ref_child;
}

static void event_grid_accessible_init(EventGridAccessible *self)
{
	self->rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_object_unref);
}

void event_grid_accessible_update(GtkWidget *grid)
{
	EventGridAccessible *self = accessible_of(grid);
	GHashTableIter iter;
	EventGridRow *row;
	guint64 first;
	guint n;

	if (!self)
		return;
	event_grid_get_visible(EVENT_GRID(grid), &first, &n);
	g_hash_table_iter_init(&iter, self->rows);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&row)) {
		if (row->row < first || row->row >= first + n) {
			g_clear_weak_pointer(&row->grid);
			g_hash_table_iter_remove(&iter);
		} else {
			g_object_notify(G_OBJECT(row), "accessible-name");
		}
	}
	if (self->n != (int)n) {
		self->n = (int)n;
		g_signal_emit_by_name(self, "visible-data-changed");
	}
}

/* Of the rows that somebody holds. */
static void tell_states(EventGridAccessible *self, const struct row_set *chosen)
{
	GHashTableIter iter;
	EventGridRow *row;

	g_hash_table_iter_init(&iter, self->rows);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&row)) {
		gboolean now = row_set_has(chosen, row->row);

		if (now == row->selected)
			continue;
		row->selected = now;
		atk_object_notify_state_change(ATK_OBJECT(row), ATK_STATE_SELECTED, now);
	}
}

void event_grid_accessible_select(GtkWidget *grid)
{
	EventGridAccessible *self = accessible_of(grid);
	guint64 selected = event_grid_get_selected(EVENT_GRID(grid));
	g_autoptr(AtkObject) row = NULL;

	if (!self)
		return;
	tell_states(self, event_grid_get_chosen(EVENT_GRID(grid)));
	g_signal_emit_by_name(self, "selection-changed");
	if (selected == EVENT_GRID_NO_ROW)
		return;
	row = row_of(self, selected);
	atk_object_notify_state_change(row, ATK_STATE_SELECTED, TRUE);
	g_signal_emit_by_name(self, "active-descendant-changed", row);
}
