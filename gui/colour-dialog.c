#include "gui/colour-dialog.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"

#define DIALOG "colour-dialog"

enum { WIDTH = 620, HEIGHT = 440, SWATCH = 18, SAMPLE = 30, NEW_RULE = -1 };

struct dialog {
	ColourRules *rules;
	GtkWidget *window, *stack;
	GtkWidget *list, *edit, *remove, *up, *down, *undo, *add;
	GtkWidget *name, *expression, *message, *hue, *sample, *save;
	int edited; /* number of the rule, or NEW_RULE */
	gboolean filling;
};

static void show_list(struct dialog *d, int chosen);

/* ---- colours ---- */

static gboolean draw_swatch(GtkWidget *area, cairo_t *cr, gpointer hue)
{
	struct theme theme = look_theme(area);
	int w = gtk_widget_get_allocated_width(area), h = gtk_widget_get_allocated_height(area);

	theme_set(cr, colour_rules_colour(GPOINTER_TO_INT(hue), theme.dark), 1);
	theme_rounded(cr, (w - SWATCH) / 2.0, (h - SWATCH) / 2.0, SWATCH, SWATCH, 4);
	cairo_fill(cr);
	return TRUE;
}

/* As a row of the grid looks. */
static gboolean draw_sample(GtkWidget *area, cairo_t *cr, gpointer data)
{
	struct dialog *d = data;
	struct theme theme = look_theme(area);
	struct theme_colour c = colour_rules_colour(gtk_combo_box_get_active(GTK_COMBO_BOX(d->hue)), theme.dark);
	GtkStyleContext *style = gtk_widget_get_style_context(area);
	int w = gtk_widget_get_allocated_width(area), h = gtk_widget_get_allocated_height(area), text_h;
	g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(area, _("A row with this colour"));

	gtk_render_background(style, cr, 0, 0, w, h);
	theme_set(cr, c, COLOUR_RULES_TINT);
	cairo_rectangle(cr, 0, 0, w, h);
	cairo_fill(cr);
	theme_set(cr, c, 1);
	cairo_rectangle(cr, 0, 0, 3, h);
	cairo_fill(cr);
	pango_layout_get_pixel_size(layout, NULL, &text_h);
	gtk_render_layout(style, cr, 12, (h - text_h) / 2, layout);
	return TRUE;
}

/* ---- the list ---- */

static int chosen(struct dialog *d)
{
	GtkListBoxRow *row = gtk_list_box_get_selected_row(GTK_LIST_BOX(d->list));

	return row ? gtk_list_box_row_get_index(row) : -1;
}

static void show_buttons(struct dialog *d)
{
	int i = chosen(d), n = (int)colour_rules_count(d->rules);

	gtk_widget_set_sensitive(d->edit, i >= 0);
	gtk_widget_set_sensitive(d->remove, i >= 0);
	gtk_widget_set_sensitive(d->up, i > 0);
	gtk_widget_set_sensitive(d->down, i >= 0 && i < n - 1);
	gtk_widget_set_sensitive(d->add, n < COLOUR_RULES_MOST);
	gtk_widget_set_sensitive(d->undo, colour_rules_can_undo(d->rules));
}

static void set_on(struct dialog *d, int i, gboolean on)
{
	struct colour_rule r = colour_rules_get(d->rules, (guint)i);

	r.on = on;
	if (!colour_rules_replace(d->rules, (guint)i, &r))
		show_list(d, i); /* it is not sound: it can be edited, or removed */
}

static void on_switch(GtkToggleButton *check, struct dialog *d)
{
	GtkWidget *row = gtk_widget_get_ancestor(GTK_WIDGET(check), GTK_TYPE_LIST_BOX_ROW);

	gtk_list_box_select_row(GTK_LIST_BOX(d->list), GTK_LIST_BOX_ROW(row));
	set_on(d, gtk_list_box_row_get_index(GTK_LIST_BOX_ROW(row)), gtk_toggle_button_get_active(check));
}

static void turn(struct dialog *d)
{
	if (chosen(d) >= 0)
		set_on(d, chosen(d), !colour_rules_get(d->rules, (guint)chosen(d)).on);
}

static GtkWidget *text(const char *words, const char *class)
{
	GtkWidget *l = gtk_label_new(words);

	gtk_label_set_xalign(GTK_LABEL(l), 0);
	gtk_label_set_ellipsize(GTK_LABEL(l), PANGO_ELLIPSIZE_END);
	if (class)
		gtk_style_context_add_class(gtk_widget_get_style_context(l), class);
	return l;
}

static void add_row(struct dialog *d, const struct colour_rule *r)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
	GtkWidget *check = gtk_check_button_new(), *swatch = gtk_drawing_area_new();
	GtkWidget *texts = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	g_autofree char *fault = colour_rules_fault(r->expression), *shown = event_text(span_of(r->expression));
	g_autofree char *told = g_strdup_printf("%s, %s, %s", r->name, colour_rules_hue_name(r->hue), fault ? fault : shown);

	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(check), r->on);
	gtk_widget_set_tooltip_text(check, _("Whether rows have this colour"));
	atk_object_set_name(gtk_widget_get_accessible(check), r->name);
	g_signal_connect(check, "toggled", G_CALLBACK(on_switch), d);
	gtk_widget_set_size_request(swatch, SWATCH, SWATCH);
	g_signal_connect(swatch, "draw", G_CALLBACK(draw_swatch), GINT_TO_POINTER(r->hue));
	gtk_box_pack_start(GTK_BOX(texts), text(r->name, NULL), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(texts), text(fault ? fault : shown, fault ? "detail-unknown" : "detail-value"), FALSE, FALSE, 0);
	gtk_widget_set_sensitive(texts, r->on);
	gtk_box_pack_start(GTK_BOX(box), check, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), swatch, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), texts, TRUE, TRUE, 0);
	g_object_set(box, "margin-start", 12, "margin-end", 12, "margin-top", 6, "margin-bottom", 6, NULL);
	gtk_container_add(GTK_CONTAINER(row), box);
	gtk_widget_set_tooltip_text(row, fault ? fault : shown);
	atk_object_set_name(gtk_widget_get_accessible(row), told);
	gtk_widget_show_all(row);
	gtk_list_box_insert(GTK_LIST_BOX(d->list), row, -1);
}

static void fill_list(struct dialog *d)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(d->list));

	for (GList *l = rows; l; l = l->next)
		gtk_widget_destroy(l->data);
	for (guint i = 0; i < colour_rules_count(d->rules); i++) {
		struct colour_rule r = colour_rules_get(d->rules, i);

		add_row(d, &r);
	}
}

static void show_list(struct dialog *d, int i)
{
	int n = (int)colour_rules_count(d->rules);
	GtkListBoxRow *row;

	fill_list(d);
	gtk_stack_set_visible_child_name(GTK_STACK(d->stack), "list");
	row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(d->list), CLAMP(i, 0, MAX(n - 1, 0)));
	gtk_list_box_select_row(GTK_LIST_BOX(d->list), row);
	gtk_widget_grab_focus(row ? GTK_WIDGET(row) : d->add);
	show_buttons(d);
}

/* Here, or in another window. */
static void on_rules(struct dialog *d)
{
	const char *page = gtk_stack_get_visible_child_name(GTK_STACK(d->stack));

	if (g_strcmp0(page, "list") == 0)
		show_list(d, chosen(d));
}

static void on_remove(struct dialog *d)
{
	if (chosen(d) >= 0)
		colour_rules_remove(d->rules, (guint)chosen(d));
}

static void move(struct dialog *d, int by)
{
	int i = chosen(d), to = i + by;

	if (i < 0 || to < 0 || to >= (int)colour_rules_count(d->rules))
		return;
	colour_rules_move(d->rules, (guint)i, (guint)to);
	show_list(d, to);
}

static void on_up(struct dialog *d)
{
	move(d, -1);
}

static void on_down(struct dialog *d)
{
	move(d, 1);
}

static void on_undo(struct dialog *d)
{
	colour_rules_undo(d->rules);
}

static void on_reset(struct dialog *d)
{
	colour_rules_reset(d->rules);
}

/* ---- one rule ---- */

/* What is written is a rule, or says why not. */
static void check(struct dialog *d)
{
	const char *expression = gtk_entry_get_text(GTK_ENTRY(d->expression));
	g_autofree char *fault = colour_rules_fault(expression);
	g_autofree char *name = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(d->name))));
	GtkStyleContext *style = gtk_widget_get_style_context(d->expression);

	gtk_style_context_remove_class(style, "filter-valid");
	gtk_style_context_remove_class(style, "filter-invalid");
	if (*expression)
		gtk_style_context_add_class(style, fault ? "filter-invalid" : "filter-valid");
	gtk_label_set_text(GTK_LABEL(d->message), fault ? fault : *name ? "" : _("The rule needs a name."));
	atk_object_set_description(gtk_widget_get_accessible(d->expression), fault ? fault : "");
	gtk_widget_set_sensitive(d->save, !fault && *name);
}

static void show_rule(struct dialog *d, int i, const struct colour_rule *r)
{
	d->edited = i;
	gtk_entry_set_text(GTK_ENTRY(d->name), r->name);
	gtk_entry_set_text(GTK_ENTRY(d->expression), r->expression);
	gtk_combo_box_set_active(GTK_COMBO_BOX(d->hue), (gint)r->hue);
	check(d);
	gtk_stack_set_visible_child_name(GTK_STACK(d->stack), "rule");
	gtk_widget_grab_focus(d->name);
}

static void on_add(struct dialog *d)
{
	show_rule(d, NEW_RULE, &(struct colour_rule){ "", "", colour_rules_free_hue(d->rules), TRUE });
}

static void on_edit(struct dialog *d)
{
	struct colour_rule r;

	if (chosen(d) < 0)
		return;
	r = colour_rules_get(d->rules, (guint)chosen(d));
	show_rule(d, chosen(d), &r);
}

static void on_cancel(struct dialog *d)
{
	show_list(d, MAX(d->edited, 0));
}

/* A new one is the first: it is what somebody looks for now. */
static void on_save(struct dialog *d)
{
	struct colour_rule r = { gtk_entry_get_text(GTK_ENTRY(d->name)), gtk_entry_get_text(GTK_ENTRY(d->expression)),
		                 (enum colour_hue)MAX(gtk_combo_box_get_active(GTK_COMBO_BOX(d->hue)), 0), TRUE };
	gboolean done;

	if (!gtk_widget_get_sensitive(d->save))
		return;
	done = d->edited == NEW_RULE ? colour_rules_insert(d->rules, 0, &r)
	                             : colour_rules_replace(d->rules, (guint)d->edited, &r);
	if (done)
		show_list(d, MAX(d->edited, 0));
	else
		gtk_label_set_text(GTK_LABEL(d->message), _("There is no room for another rule: 16 is the most."));
}

static void on_hue(struct dialog *d)
{
	gtk_widget_queue_draw(d->sample);
}

/* ---- keys ---- */

static gboolean on_list_key(struct dialog *d, GdkEventKey *event)
{
	GdkModifierType mods = event->state & gtk_accelerator_get_default_mod_mask();

	if (mods == GDK_MOD1_MASK && (event->keyval == GDK_KEY_Up || event->keyval == GDK_KEY_Down))
		move(d, event->keyval == GDK_KEY_Up ? -1 : 1);
	else if (mods == GDK_CONTROL_MASK && event->keyval == GDK_KEY_z)
		on_undo(d);
	else if (!mods && event->keyval == GDK_KEY_space && GTK_IS_LIST_BOX_ROW(gtk_window_get_focus(GTK_WINDOW(d->window))))
		turn(d);
	else if (!mods && (event->keyval == GDK_KEY_Delete || event->keyval == GDK_KEY_KP_Delete))
		on_remove(d);
	else
		return FALSE;
	return TRUE;
}

static gboolean on_key(struct dialog *d, GdkEventKey *event)
{
	gboolean list = g_strcmp0(gtk_stack_get_visible_child_name(GTK_STACK(d->stack)), "list") == 0;

	if (list)
		return on_list_key(d, event);
	if (event->keyval != GDK_KEY_Escape)
		return FALSE;
	on_cancel(d);
	return TRUE;
}

/* ---- building ---- */

static GtkWidget *icon_button(GtkWidget *to, const char *icon, const char *tip, void (*fn)(struct dialog *), struct dialog *d)
{
	GtkWidget *b = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);

	gtk_widget_set_tooltip_text(b, tip);
	atk_object_set_name(gtk_widget_get_accessible(b), tip);
	g_signal_connect_swapped(b, "clicked", G_CALLBACK(fn), d);
	gtk_container_add(GTK_CONTAINER(to), b);
	return b;
}

static GtkWidget *tools(struct dialog *d)
{
	GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6), *left = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	GtkWidget *order = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	GtkWidget *reset = gtk_button_new_with_mnemonic(_("_Reset to defaults"));

	d->add = icon_button(left, "list-add-symbolic", _("Add a rule"), on_add, d);
	d->edit = icon_button(left, "document-edit-symbolic", _("Edit the rule (Enter)"), on_edit, d);
	d->remove = icon_button(left, "list-remove-symbolic", _("Remove the rule (Delete)"), on_remove, d);
	d->up = icon_button(order, "go-up-symbolic", _("Earlier (Alt+Up)"), on_up, d);
	d->down = icon_button(order, "go-down-symbolic", _("Later (Alt+Down)"), on_down, d);
	gtk_style_context_add_class(gtk_widget_get_style_context(left), GTK_STYLE_CLASS_LINKED);
	gtk_style_context_add_class(gtk_widget_get_style_context(order), GTK_STYLE_CLASS_LINKED);
	gtk_box_pack_start(GTK_BOX(bar), left, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(bar), order, FALSE, FALSE, 0);
	d->undo = icon_button(bar, "edit-undo-symbolic", _("Take back (Ctrl+Z)"), on_undo, d);
	g_signal_connect_swapped(reset, "clicked", G_CALLBACK(on_reset), d);
	gtk_box_pack_end(GTK_BOX(bar), reset, FALSE, FALSE, 0);
	return bar;
}

static GtkWidget *list_page(struct dialog *d)
{
	GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *scrolled = gtk_scrolled_window_new(NULL, NULL);
	GtkWidget *hint = text(_("A row has the colour of the first rule that it fulfils."), "dim-label");

	d->list = gtk_list_box_new();
	gtk_list_box_set_activate_on_single_click(GTK_LIST_BOX(d->list), FALSE);
	atk_object_set_name(gtk_widget_get_accessible(d->list), _("Colour rules"));
	gtk_list_box_set_placeholder(GTK_LIST_BOX(d->list), text(_("No rules: rows have no colours"), "dim-label"));
	g_signal_connect_swapped(d->list, "row-activated", G_CALLBACK(on_edit), d);
	g_signal_connect_swapped(d->list, "selected-rows-changed", G_CALLBACK(show_buttons), d);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
	gtk_container_add(GTK_CONTAINER(scrolled), d->list);
	gtk_box_pack_start(GTK_BOX(page), hint, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(page), scrolled, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(page), tools(d), FALSE, FALSE, 0);
	return page;
}

static void attach(GtkWidget *grid, int line, const char *name, GtkWidget *what)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(name);

	gtk_label_set_xalign(GTK_LABEL(label), 1);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), what);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "dim-label");
	atk_object_set_name(gtk_widget_get_accessible(what), gtk_label_get_text(GTK_LABEL(label)));
	gtk_widget_set_hexpand(what, TRUE);
	gtk_grid_attach(GTK_GRID(grid), label, 0, line, 1, 1);
	gtk_grid_attach(GTK_GRID(grid), what, 1, line, 1, 1);
}

static GtkWidget *rule_fields(struct dialog *d)
{
	GtkWidget *grid = gtk_grid_new();

	g_object_set(grid, "row-spacing", 8, "column-spacing", 12, NULL);
	d->name = gtk_entry_new();
	d->expression = gtk_entry_new();
	gtk_style_context_add_class(gtk_widget_get_style_context(d->expression), "filter");
	gtk_entry_set_placeholder_text(GTK_ENTRY(d->expression), "process.name == \"curl\"");
	d->message = text("", "filter-message");
	gtk_label_set_line_wrap(GTK_LABEL(d->message), TRUE);
	d->hue = gtk_combo_box_text_new();
	for (enum colour_hue h = HUE_RED; h < N_HUES; h++)
		gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(d->hue), colour_rules_hue_name(h));
	d->sample = gtk_drawing_area_new();
	gtk_style_context_add_class(gtk_widget_get_style_context(d->sample), "view");
	gtk_widget_set_size_request(d->sample, -1, SAMPLE);
	attach(grid, 0, _("_Name"), d->name);
	attach(grid, 1, _("E_xpression"), d->expression);
	gtk_grid_attach(GTK_GRID(grid), d->message, 1, 2, 1, 1);
	attach(grid, 3, _("C_olour"), d->hue);
	gtk_grid_attach(GTK_GRID(grid), d->sample, 1, 4, 1, 1);
	g_signal_connect_swapped(d->name, "changed", G_CALLBACK(check), d);
	g_signal_connect_swapped(d->expression, "changed", G_CALLBACK(check), d);
	g_signal_connect_swapped(d->name, "activate", G_CALLBACK(on_save), d);
	g_signal_connect_swapped(d->expression, "activate", G_CALLBACK(on_save), d);
	g_signal_connect_swapped(d->hue, "changed", G_CALLBACK(on_hue), d);
	g_signal_connect(d->sample, "draw", G_CALLBACK(draw_sample), d);
	return grid;
}

static GtkWidget *rule_page(struct dialog *d)
{
	GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12), *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *cancel = gtk_button_new_with_mnemonic(_("_Cancel"));

	d->save = gtk_button_new_with_mnemonic(_("_Save"));
	gtk_style_context_add_class(gtk_widget_get_style_context(d->save), GTK_STYLE_CLASS_SUGGESTED_ACTION);
	g_signal_connect_swapped(d->save, "clicked", G_CALLBACK(on_save), d);
	g_signal_connect_swapped(cancel, "clicked", G_CALLBACK(on_cancel), d);
	gtk_box_pack_end(GTK_BOX(bar), d->save, FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(bar), cancel, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(page), rule_fields(d), TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(page), bar, FALSE, FALSE, 0);
	return page;
}

static void on_destroy(GtkWidget *window, struct dialog *d)
{
	g_signal_handlers_disconnect_by_data(d->rules, d);
	g_object_unref(d->rules);
	g_free(d);
}

static struct dialog *dialog_new(GtkWindow *parent, ColourRules *rules)
{
	struct dialog *d = g_new0(struct dialog, 1);
	GtkWidget *content;

	d->rules = g_object_ref(rules);
	d->window = gtk_dialog_new_with_buttons(_("Colour rules"), parent,
	                                        GTK_DIALOG_USE_HEADER_BAR | GTK_DIALOG_DESTROY_WITH_PARENT, NULL, NULL);
	gtk_window_set_default_size(GTK_WINDOW(d->window), WIDTH, HEIGHT);
	content = gtk_dialog_get_content_area(GTK_DIALOG(d->window));
	gtk_container_set_border_width(GTK_CONTAINER(content), 12);
	d->stack = gtk_stack_new();
	gtk_stack_add_named(GTK_STACK(d->stack), list_page(d), "list");
	gtk_stack_add_named(GTK_STACK(d->stack), rule_page(d), "rule");
	gtk_box_pack_start(GTK_BOX(content), d->stack, TRUE, TRUE, 0);
	gtk_widget_show_all(d->stack);
	g_signal_connect_swapped(d->window, "key-press-event", G_CALLBACK(on_key), d);
	g_signal_connect(d->window, "destroy", G_CALLBACK(on_destroy), d);
	g_signal_connect_swapped(rules, "changed", G_CALLBACK(on_rules), d);
	return d;
}

static void forget(gpointer parent, GObject *gone)
{
	g_object_set_data(parent, DIALOG, NULL);
}

void colour_dialog_open(GtkWidget *near, ColourRules *rules, const char *name, const char *expression)
{
	GtkWidget *parent = gtk_widget_get_toplevel(near);
	struct dialog *d = g_object_get_data(G_OBJECT(parent), DIALOG);

	if (!d) {
		d = dialog_new(GTK_WINDOW(parent), rules);
		g_object_set_data(G_OBJECT(parent), DIALOG, d);
		g_signal_connect_object(d->window, "destroy", G_CALLBACK(forget), parent, G_CONNECT_SWAPPED);
	}
	gtk_window_present(GTK_WINDOW(d->window));
	if (expression)
		show_rule(d, NEW_RULE, &(struct colour_rule){ name, expression, colour_rules_free_hue(rules), TRUE });
	else
		show_list(d, chosen(d));
}
