#include "gui/pivot-menu.h"

#include "gui/colour-dialog.h"
#include "gui/file-save.h"
#include "gui/grid-notes.h"
#include "gui/grid-rows.h"
#include "gui/i18n.h"
#include "gui/row-copy.h"
#include "gui/value-menu.h"

static void copy(GtkWidget *w, const char *text)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(w, GDK_SELECTION_CLIPBOARD), text, -1);
}

gboolean pivot_menu_copy(EventGrid *grid, gboolean whole_row)
{
	return grid_rows_copy(grid, whole_row ? GRID_ROWS_TEXT : GRID_ROWS_VALUE);
}

/* ---- items: what each one needs hangs on it ---- */

static const struct pivot_menu_actions *actions_of(GtkWidget *item)
{
	return g_object_get_data(G_OBJECT(item), "actions");
}

static const char *text_of(GtkWidget *item)
{
	return g_object_get_data(G_OBJECT(item), "text");
}

static void on_filter(GtkWidget *item)
{
	actions_of(item)->filter(text_of(item), actions_of(item)->data);
}

static void on_only(GtkWidget *item)
{
	actions_of(item)->only(text_of(item), actions_of(item)->data);
}

static void on_copy(GtkWidget *item)
{
	copy(item, text_of(item));
}

static void on_open(GtkWidget *item)
{
	actions_of(item)->open_process(g_ascii_strtoll(text_of(item), NULL, 10), actions_of(item)->data);
}

/* An action of the window: whatever page the grid is on. */
static void on_story(GtkWidget *item)
{
	GtkWidget *grid = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));
	GtkWidget *window = gtk_widget_get_toplevel(grid);

	g_action_group_activate_action(G_ACTION_GROUP(window), "login-story",
	                               g_variant_new_int64(g_ascii_strtoll(text_of(item), NULL, 10)));
}

static GtkWidget *add(GtkWidget *menu, const char *label, char *text, void (*on_activate)(GtkWidget *),
                      const struct pivot_menu_actions *actions)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	gtk_widget_set_sensitive(item, text && *text);
	g_object_set_data_full(G_OBJECT(item), "text", text, g_free);
	g_object_set_data(G_OBJECT(item), "actions", (gpointer)actions);
	g_signal_connect(item, "activate", G_CALLBACK(on_activate), NULL);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
	return item;
}

static void add_pivots(GtkWidget *menu, EventGrid *grid, const struct reader_row *row, enum event_column column,
                       const struct pivot_menu_actions *actions)
{
	g_autofree char *value = event_grid_value(grid, row, column);
	g_autofree char *in = value_menu_label(_("_Filter in"), value), *out = value_menu_label(_("Filter _out"), value);
	g_autofree char *means = event_grid_filter(grid, row, column, FALSE);
	g_autofree char *only = value_menu_label(_("O_nly"), value);

	if (actions->filter) {
		add(menu, in, event_grid_filter(grid, row, column, FALSE), on_filter, actions);
		add(menu, out, event_grid_filter(grid, row, column, TRUE), on_filter, actions);
	}
	if (actions->only)
		add(menu, only, event_grid_filter(grid, row, column, FALSE), on_only, actions);
	value_menu_add_views(menu, means);
	value_menu_add_separator(menu);
	if (actions->open_process) {
		g_autofree char *name = event_column_text(row, EVENT_COLUMN_PROCESS);
		g_autofree char *label = value_menu_label(_("Open _process"), name);

		add(menu, label, row->process ? g_strdup_printf("%" G_GINT64_FORMAT, (gint64)row->process) : NULL, on_open,
		    actions);
		value_menu_add_separator(menu);
	}
}

/* The row of the menu is the selected one. */
static void on_mark(GtkWidget *item)
{
	grid_notes_mark(EVENT_GRID(gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)))));
}

static void on_edit(GtkWidget *item)
{
	grid_notes_edit(EVENT_GRID(gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)))));
}

/* "%s" in a translated label is the number. */
static char *counted(const char *label, guint64 n)
{
	g_autofree char *number = event_number(n);
	g_autoptr(GString) out = g_string_new(label);

	g_string_replace(out, "%s", number, 1);
	return g_strdup(out->str);
}

static void add_notes_of_many(GtkWidget *menu, guint64 n)
{
	g_autofree char *mark = counted(_("_Mark %s rows, or take the marks away"), n);
	g_autofree char *edit = counted(_("_Notes of %s rows…"), n);

	add(menu, mark, g_strdup("mark"), on_mark, NULL);
	add(menu, edit, g_strdup("edit"), on_edit, NULL);
	value_menu_add_separator(menu);
}

static void add_notes(GtkWidget *menu, EventGrid *grid, const struct reader_row *row)
{
	const struct casefile_note *note = notes_get(event_grid_get_notes(grid), row->id);
	gboolean marked = note && note->state.marked;

	if (grid_rows_count(grid) > 1) {
		add_notes_of_many(menu, grid_rows_count(grid));
		return;
	}
	add(menu, marked ? _("Take the _mark away") : _("_Mark the row"), g_strdup("mark"), on_mark, NULL);
	add(menu, note ? _("_Edit note…") : _("Add a _note…"), g_strdup("edit"), on_edit, NULL);
	value_menu_add_separator(menu);
}

static void on_colour(GtkWidget *item)
{
	GtkWidget *grid = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));

	colour_dialog_open(grid, event_grid_get_rules(EVENT_GRID(grid)), g_object_get_data(G_OBJECT(item), "name"),
	                   text_of(item));
}

/* A rule named as the value, to be changed before it is kept. */
static void add_colour(GtkWidget *menu, EventGrid *grid, const struct reader_row *row, enum event_column column)
{
	GtkWidget *item = add(menu, _("Colour rows _like this…"), event_grid_filter(grid, row, column, FALSE), on_colour, NULL);

	g_object_set_data_full(G_OBJECT(item), "name", event_grid_text(grid, row, column), g_free);
	value_menu_add_separator(menu);
}

/* ---- files of an endpoint that is read live ---- */

static void on_save(GtkWidget *item)
{
	GtkWidget *grid = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));
	const gint64 *process = g_object_get_data(G_OBJECT(item), "process");

	file_save_ask(grid, event_model_get_source(event_grid_get_model(EVENT_GRID(grid))), text_of(item), *process);
}

static void add_save(GtkWidget *menu, const char *verb, struct span path, gint64 process)
{
	g_autofree char *shown = NULL, *named = NULL, *label = NULL;

	if (path.n < 2 || path.p[0] != '/')
		return;
	shown = event_text(path);
	named = value_menu_label(verb, shown);
	label = g_strconcat(named, "…", NULL);
	g_object_set_data_full(G_OBJECT(add(menu, label, g_strndup(path.p, path.n), on_save, NULL)), "process",
	                       g_memdup2(&process, sizeof(process)), g_free);
}

static void add_saves(GtkWidget *menu, EventGrid *grid, const struct reader_row *row)
{
	if (!file_save_is_possible(event_model_get_source(event_grid_get_model(grid))))
		return;
	if (row->category == EVENT_FILE)
		add_save(menu, _("Sa_ve file"), row->object, 0);
	add_save(menu, _("Save exec_utable"), row->executable, row->process);
	value_menu_add_separator(menu);
}

static void on_copy_rows(GtkWidget *item)
{
	GtkWidget *grid = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));

	grid_rows_copy(EVENT_GRID(grid), GPOINTER_TO_INT(g_object_get_data(G_OBJECT(item), "as")));
}

/* Of all selected rows, among which is the one of the menu. */
static void add_copies(GtkWidget *menu, EventGrid *grid)
{
	static const struct {
		const char *one, *many;
		enum grid_rows_as as;
	} copies[] = {
		{ N_("_Copy value"), N_("_Copy %s values"), GRID_ROWS_VALUE },
		{ N_("Copy _row"), N_("Copy %s _rows"), GRID_ROWS_TEXT },
		{ N_("Copy row as _JSON"), N_("Copy %s rows as _JSON"), GRID_ROWS_JSON },
		{ N_("Copy row as _TSV with names"), N_("Copy %s rows as _TSV with names"), GRID_ROWS_TSV },
	};
	guint64 n = grid_rows_count(grid);

	for (gsize i = 0; i < G_N_ELEMENTS(copies); i++) {
		g_autofree char *label = counted(_(n > 1 ? copies[i].many : copies[i].one), n);
		GtkWidget *item = add(menu, label, g_strdup("rows"), on_copy_rows, NULL);

		g_object_set_data(G_OBJECT(item), "as", GINT_TO_POINTER(copies[i].as));
	}
}

void pivot_menu_popup(EventGrid *grid, guint64 i, enum event_column column, const struct pivot_menu_actions *actions)
{
	const struct reader_row *row = event_model_get_row(event_grid_get_model(grid), i);
	g_autoptr(GdkEvent) event = gtk_get_current_event();
	GtkWidget *menu;
	GdkRectangle cell;

	if (!row)
		return;
	menu = gtk_menu_new();
	add_pivots(menu, grid, row, column, actions);
	if (row->process && (row->category == EVENT_SECURITY || row->session >= 0)) {
		add(menu, _("Show _login story"), g_strdup_printf("%" G_GINT64_FORMAT, (gint64)row->process), on_story, actions);
		value_menu_add_separator(menu);
	}
	if (event_grid_get_notes(grid))
		add_notes(menu, grid, row);
	if (event_grid_get_rules(grid))
		add_colour(menu, grid, row, column);
	add_saves(menu, grid, row);
	add_copies(menu, grid);
	add(menu, _("Copy as e_xpression"), event_grid_filter(grid, row, column, FALSE), on_copy, actions);
	add(menu, _("Copy _ausearch command"), row_copy_ausearch(row), on_copy, actions);
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(grid), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	event_grid_get_area(grid, i, column, &cell);
	if (event && event->type == GDK_BUTTON_PRESS)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_rect(GTK_MENU(menu), gtk_widget_get_window(GTK_WIDGET(grid)), &cell,
		                       GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, event);
}
