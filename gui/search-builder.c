#include "gui/search-builder.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/i18n.h"
#include "gui/value-completer.h"

struct _SearchBuilder {
	GtkBox parent;
	GtkWidget *join, *parameter, *operand, *value, *cased, *done, *message, *revealer;
	ValueCompleter *completer; /* the value's */
	GArray *parameters;
	guint n_usual;
	enum event_category kind;
	gboolean quiet;
};
G_DEFINE_FINAL_TYPE(SearchBuilder, search_builder, GTK_TYPE_BOX)

enum { SIGNAL_BUILT, SIGNAL_CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what is chosen ---- */

/* Rows of the list: the usual ones, a separator, the others. */
static const struct search_parameter *chosen_parameter(SearchBuilder *self)
{
	gint i = gtk_combo_box_get_active(GTK_COMBO_BOX(self->parameter));

	if (i < 0 || !self->parameters)
		return NULL;
	if ((guint)i > self->n_usual)
		i--;
	return (guint)i < self->parameters->len ? &g_array_index(self->parameters, struct search_parameter, i) : NULL;
}

static const struct search_operand *chosen_operand(SearchBuilder *self)
{
	const struct search_parameter *p = chosen_parameter(self);
	gint i = gtk_combo_box_get_active(GTK_COMBO_BOX(self->operand));

	return p && i >= 0 ? search_operand_at(p->field, (guint)i) : NULL;
}

static void show_message(SearchBuilder *self, const char *text)
{
	gtk_label_set_text(GTK_LABEL(self->message), text ? text : "");
	gtk_revealer_set_reveal_child(GTK_REVEALER(self->revealer), text != NULL);
}

static void show_sensitivity(SearchBuilder *self)
{
	const struct search_parameter *p = chosen_parameter(self);
	const struct search_operand *o = chosen_operand(self);
	gboolean value = o && o->op != EXPR_EXISTS;

	gtk_widget_set_sensitive(self->value, value);
	gtk_widget_set_visible(self->cased, p && p->field->type == FIELD_TEXT);
	gtk_widget_set_sensitive(self->cased, value);
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->value), o && o->op == EXPR_IN ? _("values, between commas")
	                               : o && o->op == EXPR_CIDR ? "10.0.0.0/8" : _("value"));
	show_message(self, NULL);
}

static void fill_operands(SearchBuilder *self)
{
	const struct search_parameter *p = chosen_parameter(self);
	GtkComboBoxText *box = GTK_COMBO_BOX_TEXT(self->operand);
	const struct search_operand *o;

	self->quiet = TRUE;
	gtk_combo_box_text_remove_all(box);
	for (guint i = 0; p && (o = search_operand_at(p->field, i)); i++)
		gtk_combo_box_text_append_text(box, _(o->words));
	gtk_combo_box_set_active(GTK_COMBO_BOX(box), 0);
	self->quiet = FALSE;
}

static void on_parameter(SearchBuilder *self)
{
	if (self->quiet)
		return;
	fill_operands(self);
	show_sensitivity(self);
}

static void on_operand(SearchBuilder *self)
{
	if (!self->quiet)
		show_sensitivity(self);
}

static void on_value(SearchBuilder *self)
{
	show_message(self, NULL);
}

static void on_done(SearchBuilder *self)
{
	const struct search_parameter *p = chosen_parameter(self);
	const struct search_operand *o = chosen_operand(self);
	g_autofree char *why = NULL;
	gboolean or = gtk_combo_box_get_active(GTK_COMBO_BOX(self->join)) == 1;
	struct expr *e;

	if (!p || !o)
		return;
	e = search_parameter_condition(p, o, gtk_entry_get_text(GTK_ENTRY(self->value)),
	                               gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->cased)), &why);
	if (e) {
		gtk_entry_set_text(GTK_ENTRY(self->value), "");
		g_signal_emit(self, signals[SIGNAL_BUILT], 0, e, or ? SEARCH_OR : SEARCH_AND);
		return;
	}
	show_message(self, why ? why : _("This cannot be asked"));
	gtk_widget_grab_focus(self->value);
}

static void on_close(SearchBuilder *self)
{
	g_signal_emit(self, signals[SIGNAL_CLOSED], 0);
}

static gboolean on_key(SearchBuilder *self, GdkEventKey *event)
{
	if (event->keyval != GDK_KEY_Escape)
		return FALSE;
	on_close(self);
	return TRUE;
}

/* ---- completion ---- */

static struct complete_place place_of(GtkEntry *entry, gpointer data)
{
	SearchBuilder *self = data;
	const struct search_parameter *p = chosen_parameter(self);
	const struct search_operand *o = chosen_operand(self);
	const char *text = gtk_entry_get_text(entry), *comma = o && o->op == EXPR_IN ? strrchr(text, ',') : NULL;
	gsize from = comma ? (gsize)(comma + 1 - text) : 0;

	if (!p || !o || o->op == EXPR_EXISTS || o->op == EXPR_MATCHES)
		return (struct complete_place){ .is = COMPLETE_NOTHING };
	from += strspn(text + from, " ");
	return (struct complete_place){ COMPLETE_VALUE, p->field, g_strdup(text + from), from, strlen(text), FALSE };
}

void search_builder_set_source(SearchBuilder *self, Source *source)
{
	value_completer_set_source(self->completer, source);
}

/* ---- from outside ---- */

static gboolean is_separator(GtkTreeModel *model, GtkTreeIter *iter, gpointer unused)
{
	g_autofree char *text = NULL;

	gtk_tree_model_get(model, iter, 0, &text, -1);
	return text && !*text;
}

static void choose_parameter(SearchBuilder *self, const struct field *f)
{
	guint at = 0;

	while (at < self->parameters->len && f) {
		const struct search_parameter *p = &g_array_index(self->parameters, struct search_parameter, at);

		if (p->field == f && !p->other)
			break;
		at++;
	}
	if (at >= self->parameters->len)
		at = 0;
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->parameter), (gint)(at < self->n_usual ? at : at + 1));
}

void search_builder_set_kind(SearchBuilder *self, enum event_category kind)
{
	GtkComboBoxText *box = GTK_COMBO_BOX_TEXT(self->parameter);

	if (self->parameters && kind == self->kind)
		return;
	self->quiet = TRUE;
	gtk_combo_box_text_remove_all(box);
	if (self->parameters)
		g_array_unref(self->parameters);
	self->kind = kind;
	self->parameters = search_parameter_list(kind, &self->n_usual);
	for (guint i = 0; i < self->parameters->len; i++) {
		if (i == self->n_usual)
			gtk_combo_box_text_append_text(box, "");
		gtk_combo_box_text_append_text(box, g_array_index(self->parameters, struct search_parameter, i).label);
	}
	choose_parameter(self, NULL);
	self->quiet = FALSE;
	fill_operands(self);
	show_sensitivity(self);
}

void search_builder_begin(SearchBuilder *self, gboolean joins)
{
	gtk_widget_set_visible(self->join, joins);
	gtk_button_set_label(GTK_BUTTON(self->done), _("Add"));
	show_message(self, NULL);
}

gboolean search_builder_edit(SearchBuilder *self, const struct search_node *n)
{
	const struct search_operand *o, *wanted = search_operand_of(n->expr, n->negated);
	g_autofree char *value = n->expr->field ? search_parameter_value(n->expr) : NULL;

	if (!wanted || !value)
		return FALSE;
	choose_parameter(self, n->expr->field);
	if (!chosen_parameter(self) || chosen_parameter(self)->field != n->expr->field) {
		search_builder_set_kind(self, EVENT_NONE); /* the field belongs to another kind of event */
		choose_parameter(self, n->expr->field);
	}
	for (guint i = 0; (o = search_operand_at(n->expr->field, i)); i++)
		if (o == wanted)
			gtk_combo_box_set_active(GTK_COMBO_BOX(self->operand), (gint)i);
	gtk_entry_set_text(GTK_ENTRY(self->value), value);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->cased), n->expr->cased);
	gtk_widget_hide(self->join);
	gtk_button_set_label(GTK_BUTTON(self->done), _("Update"));
	show_message(self, NULL);
	return TRUE;
}

void search_builder_focus(SearchBuilder *self)
{
	gtk_widget_grab_focus(gtk_widget_get_sensitive(self->value) ? self->value : self->parameter);
	gtk_editable_set_position(GTK_EDITABLE(self->value), -1);
}

/* ---- building ---- */

static GtkWidget *add_combo(SearchBuilder *self, GtkWidget *row, const char *name, void (*changed)(SearchBuilder *))
{
	GtkWidget *box = gtk_combo_box_text_new();

	atk_object_set_name(gtk_widget_get_accessible(box), name);
	if (changed)
		g_signal_connect_swapped(box, "changed", G_CALLBACK(changed), self);
	gtk_box_pack_start(GTK_BOX(row), box, FALSE, FALSE, 0);
	return box;
}

static void add_row(SearchBuilder *self, GtkWidget *row)
{
	GtkWidget *close = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_BUTTON);

	self->join = add_combo(self, row, _("Joined with"), NULL);
	gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(self->join), "and");
	gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(self->join), "or");
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->join), 0);
	self->parameter = add_combo(self, row, _("Parameter"), on_parameter);
	gtk_combo_box_set_row_separator_func(GTK_COMBO_BOX(self->parameter), is_separator, NULL, NULL);
	self->operand = add_combo(self, row, _("Operand"), on_operand);
	self->value = gtk_entry_new();
	gtk_entry_set_width_chars(GTK_ENTRY(self->value), 24);
	atk_object_set_name(gtk_widget_get_accessible(self->value), _("Value"));
	gtk_box_pack_start(GTK_BOX(row), self->value, TRUE, TRUE, 0);
	self->completer = value_completer_new(GTK_ENTRY(self->value), place_of, self);
	self->cased = gtk_toggle_button_new_with_label(_("Aa"));
	gtk_widget_set_tooltip_text(self->cased, _("Tell upper from lower case"));
	atk_object_set_name(gtk_widget_get_accessible(self->cased), _("Tell upper from lower case"));
	gtk_box_pack_start(GTK_BOX(row), self->cased, FALSE, FALSE, 0);
	self->done = gtk_button_new_with_label(_("Add"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->done), "suggested-action");
	gtk_box_pack_start(GTK_BOX(row), self->done, FALSE, FALSE, 0);
	gtk_button_set_relief(GTK_BUTTON(close), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(close, _("Close (Esc)"));
	gtk_box_pack_start(GTK_BOX(row), close, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->value, "changed", G_CALLBACK(on_value), self);
	g_signal_connect_swapped(self->value, "activate", G_CALLBACK(on_done), self);
	g_signal_connect_swapped(self->done, "clicked", G_CALLBACK(on_done), self);
	g_signal_connect_swapped(close, "clicked", G_CALLBACK(on_close), self);
}

static void search_builder_finalize(GObject *object)
{
	SearchBuilder *self = SEARCH_BUILDER(object);

	g_array_unref(self->parameters);
	G_OBJECT_CLASS(search_builder_parent_class)->finalize(object);
}

static void search_builder_class_init(SearchBuilderClass *class)
{
	G_OBJECT_CLASS(class)->finalize = search_builder_finalize;
	signals[SIGNAL_BUILT] = g_signal_new("built", SEARCH_BUILDER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                     G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_INT);
	signals[SIGNAL_CLOSED] = g_signal_new("closed", SEARCH_BUILDER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 0);
}

static void search_builder_init(SearchBuilder *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->message = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->message), 0);
	gtk_label_set_ellipsize(GTK_LABEL(self->message), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->message), "filter-message");
	self->revealer = gtk_revealer_new();
	gtk_container_add(GTK_CONTAINER(self->revealer), self->message);
	add_row(self, row);
	gtk_box_pack_start(GTK_BOX(self), row, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->revealer, FALSE, FALSE, 0);
	g_signal_connect(self, "key-press-event", G_CALLBACK(on_key), NULL);
	gtk_widget_show_all(GTK_WIDGET(self));
	search_builder_set_kind(self, EVENT_NONE);
}

GtkWidget *search_builder_new(void)
{
	return g_object_new(SEARCH_BUILDER_TYPE, NULL);
}
