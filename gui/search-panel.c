#include "gui/search-panel.h"

#include "agent/base/cleanup.h"
#include "gui/filters-button.h"
#include "gui/i18n.h"
#include "gui/search-builder.h"
#include "gui/search-chips.h"

struct _SearchPanel {
	GtkBox parent;
	struct search_model *model;
	const struct search_node *edited; /* what the builder changes; NULL: it adds */
	GtkWidget *row, *chips, *filters, *add, *undo, *redo, *revealer, *builder;
	enum event_category kind;
};
G_DEFINE_FINAL_TYPE(SearchPanel, search_panel, GTK_TYPE_BOX)

enum { SIGNAL_APPLIED, SIGNAL_EDIT_TEXT, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what is shown ---- */

static void begin_adding(SearchPanel *self)
{
	guint on;

	self->edited = NULL;
	search_builder_set_kind(SEARCH_BUILDER(self->builder), self->kind);
	search_builder_begin(SEARCH_BUILDER(self->builder), search_model_n_chips(self->model, &on) > 0);
}

static void show(SearchPanel *self)
{
	g_autofree char *text = search_model_text(self->model);

	filters_button_set_expression(FILTERS_BUTTON(self->filters), text);
	gtk_widget_set_sensitive(self->undo, search_model_can_undo(self->model));
	gtk_widget_set_sensitive(self->redo, search_model_can_redo(self->model));
	begin_adding(self);
}

static void changed(SearchPanel *self)
{
	g_autofree char *text = search_model_text(self->model);

	show(self);
	g_signal_emit(self, signals[SIGNAL_APPLIED], 0, text);
}

static void set_open(SearchPanel *self, gboolean open)
{
	gtk_revealer_set_reveal_child(GTK_REVEALER(self->revealer), open);
	gtk_widget_set_visible(self->revealer, open);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->add), open);
}

/* ---- the user's hand ---- */

static void on_add(SearchPanel *self)
{
	gboolean open = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->add));

	if (open == gtk_revealer_get_reveal_child(GTK_REVEALER(self->revealer)))
		return;
	set_open(self, open);
	begin_adding(self);
	if (open)
		search_builder_focus(SEARCH_BUILDER(self->builder));
}

static void on_closed(SearchPanel *self)
{
	set_open(self, FALSE);
	gtk_widget_grab_focus(self->add);
}

static void on_built(SearchPanel *self, struct expr *e, int join)
{
	gboolean update = self->edited != NULL;

	if (update)
		search_model_update(self->model, self->edited, e);
	else
		search_model_add(self->model, e, join);
	search_chips_refresh(SEARCH_CHIPS(self->chips));
	changed(self);
	if (update)
		on_closed(self);
}

static void on_edit(SearchPanel *self, const struct search_node *n)
{
	if (!search_builder_edit(SEARCH_BUILDER(self->builder), n)) {
		begin_adding(self);
		g_signal_emit(self, signals[SIGNAL_EDIT_TEXT], 0);
		return;
	}
	self->edited = n;
	set_open(self, TRUE);
	search_builder_focus(SEARCH_BUILDER(self->builder));
}

gboolean search_panel_undo(SearchPanel *self)
{
	if (!search_model_undo(self->model))
		return FALSE;
	search_chips_refresh(SEARCH_CHIPS(self->chips));
	changed(self);
	return TRUE;
}

gboolean search_panel_redo(SearchPanel *self)
{
	if (!search_model_redo(self->model))
		return FALSE;
	search_chips_refresh(SEARCH_CHIPS(self->chips));
	changed(self);
	return TRUE;
}

/* ---- from outside ---- */

void search_panel_set_text(SearchPanel *self, const char *expression)
{
	search_model_set_text(self->model, expression);
	search_chips_refresh(SEARCH_CHIPS(self->chips));
	show(self);
}

void search_panel_set_source(SearchPanel *self, Source *source)
{
	search_builder_set_source(SEARCH_BUILDER(self->builder), source);
}

void search_panel_set_kind(SearchPanel *self, enum event_category kind)
{
	self->kind = kind;
	if (!self->edited)
		search_builder_set_kind(SEARCH_BUILDER(self->builder), kind);
}

void search_panel_pack_end(SearchPanel *self, GtkWidget *w)
{
	gtk_box_pack_end(GTK_BOX(self->row), w, FALSE, FALSE, 0);
}

void search_panel_toggle_builder(SearchPanel *self)
{
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->add),
	                             !gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->add)));
}

/* ---- building ---- */

static GtkWidget *add_button(SearchPanel *self, const char *icon, const char *tip, void (*fn)(SearchPanel *))
{
	GtkWidget *b = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);

	gtk_button_set_relief(GTK_BUTTON(b), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(b), "chip");
	gtk_widget_set_valign(b, GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(b, tip);
	atk_object_set_name(gtk_widget_get_accessible(b), tip);
	g_signal_connect_swapped(b, "clicked", G_CALLBACK(fn), self);
	gtk_box_pack_start(GTK_BOX(self->row), b, FALSE, FALSE, 0);
	return b;
}

static void on_undo(SearchPanel *self) { search_panel_undo(self); }
static void on_redo(SearchPanel *self) { search_panel_redo(self); }

/* The whole of it joins what is there. */
static void on_filter(SearchPanel *self, const char *expression)
{
	AUTO_EXPR *e = NULL;
	struct expr_error fault;

	if (expr_parse(span_of(expression), &e, &fault) < 0) {
		gtk_widget_error_bell(GTK_WIDGET(self));
		return;
	}
	search_model_add(self->model, STEAL(e), SEARCH_AND);
	search_chips_refresh(SEARCH_CHIPS(self->chips));
	changed(self);
}

static GtkWidget *filters_button(SearchPanel *self)
{
	self->filters = filters_button_new(_("Add a recent or saved filter"));
	gtk_button_set_relief(GTK_BUTTON(self->filters), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->filters), "chip");
	gtk_widget_set_valign(self->filters, GTK_ALIGN_START);
	g_signal_connect_swapped(self->filters, "chosen", G_CALLBACK(on_filter), self);
	return self->filters;
}

static void add_row(SearchPanel *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);

	self->row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
	self->add = gtk_toggle_button_new();
	gtk_container_add(GTK_CONTAINER(box), gtk_image_new_from_icon_name("list-add-symbolic", GTK_ICON_SIZE_MENU));
	gtk_container_add(GTK_CONTAINER(box), gtk_label_new(_("Condition")));
	gtk_container_add(GTK_CONTAINER(self->add), box);
	gtk_button_set_relief(GTK_BUTTON(self->add), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->add), "chip");
	gtk_widget_set_valign(self->add, GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(self->add, _("Add a condition (Ctrl+B)"));
	atk_object_set_name(gtk_widget_get_accessible(self->add), _("Add a condition"));
	g_signal_connect_swapped(self->add, "toggled", G_CALLBACK(on_add), self);
	self->chips = search_chips_new(self->model);
	gtk_box_pack_start(GTK_BOX(self->row), self->add, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self->row), filters_button(self), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self->row), self->chips, TRUE, TRUE, 0);
	self->undo = add_button(self, "edit-undo-symbolic", _("Undo (Ctrl+Z)"), on_undo);
	self->redo = add_button(self, "edit-redo-symbolic", _("Redo (Ctrl+Shift+Z)"), on_redo);
	g_signal_connect_swapped(self->chips, "changed", G_CALLBACK(changed), self);
	g_signal_connect_swapped(self->chips, "edit", G_CALLBACK(on_edit), self);
}

static void search_panel_finalize(GObject *object)
{
	search_model_free(SEARCH_PANEL(object)->model);
	G_OBJECT_CLASS(search_panel_parent_class)->finalize(object);
}

static void search_panel_class_init(SearchPanelClass *class)
{
	G_OBJECT_CLASS(class)->finalize = search_panel_finalize;
	signals[SIGNAL_APPLIED] = g_signal_new("applied", SEARCH_PANEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[SIGNAL_EDIT_TEXT] = g_signal_new("edit-text", SEARCH_PANEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 0);
}

static void search_panel_init(SearchPanel *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 6);
	self->model = search_model_new();
	add_row(self);
	self->builder = search_builder_new();
	self->revealer = gtk_revealer_new();
	gtk_revealer_set_transition_duration(GTK_REVEALER(self->revealer), 120);
	gtk_container_add(GTK_CONTAINER(self->revealer), self->builder);
	gtk_box_pack_start(GTK_BOX(self), self->row, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->revealer, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->builder, "built", G_CALLBACK(on_built), self);
	g_signal_connect_swapped(self->builder, "closed", G_CALLBACK(on_closed), self);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_hide(self->revealer);
	show(self);
}

GtkWidget *search_panel_new(void)
{
	return g_object_new(SEARCH_PANEL_TYPE, NULL);
}
