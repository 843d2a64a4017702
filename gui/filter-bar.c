#include "gui/filter-bar.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/filters-button.h"
#include "gui/fault-text.h"
#include "gui/i18n.h"
#include "gui/value-completer.h"
#include "recorder/event.h"
#include "recorder/query/expr.h"

struct _FilterBar {
	GtkBox parent;
	GtkWidget *entry, *filters, *message, *revealer;
	ValueCompleter *completer; /* the entry's */
	char *applied;
	gboolean valid;
};
G_DEFINE_FINAL_TYPE(FilterBar, filter_bar, GTK_TYPE_BOX)

enum { SIGNAL_APPLIED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- right or wrong ---- */

static void set_class(GtkWidget *w, const char *class, gboolean on)
{
	GtkStyleContext *style = gtk_widget_get_style_context(w);

	if (on)
		gtk_style_context_add_class(style, class);
	else
		gtk_style_context_remove_class(style, class);
}

static void underline(FilterBar *self, const struct expr_error *fault)
{
	PangoAttrList *list = pango_attr_list_new();
	PangoAttribute *a = pango_attr_underline_new(PANGO_UNDERLINE_ERROR);

	a->start_index = (guint)fault->column;
	a->end_index = (guint)(fault->column + fault->length);
	pango_attr_list_insert(list, a);
	gtk_entry_set_attributes(GTK_ENTRY(self->entry), list);
	pango_attr_list_unref(list);
}

static void show_fault(FilterBar *self, const char *text, const struct expr_error *fault)
{
	size_t n = strlen(text);
	glong column = g_utf8_strlen(text, (gssize)MIN(fault->column, n)) + 1;
	g_autofree char *why = fault_text_of_expression(fault);
	g_autofree char *line = g_strdup_printf(_("Column %ld: %s"), column, why);

	gtk_label_set_text(GTK_LABEL(self->message), line);
	underline(self, fault);
}

static void show_icons(FilterBar *self, const char *text)
{
	GtkEntry *e = GTK_ENTRY(self->entry);
	gboolean pending = self->valid && strcmp(text, self->applied ? self->applied : "") != 0;

	gtk_entry_set_icon_from_icon_name(e, GTK_ENTRY_ICON_PRIMARY, "edit-find-symbolic");
	gtk_entry_set_icon_from_icon_name(e, GTK_ENTRY_ICON_SECONDARY, !self->valid ? "dialog-error-symbolic"
	                                  : pending ? "emblem-ok-symbolic" : *text ? "edit-clear-symbolic" : NULL);
	gtk_entry_set_icon_tooltip_text(e, GTK_ENTRY_ICON_SECONDARY, !self->valid ? NULL
	                                : pending ? _("Apply (Enter)") : _("Clear the filter"));
}

static void check(FilterBar *self)
{
	const char *text = gtk_entry_get_text(GTK_ENTRY(self->entry));
	AUTO_EXPR *e = NULL;
	struct expr_error fault = { 0 };

	self->valid = expr_parse(span_of(text), &e, &fault) == 0;
	set_class(self->entry, "filter-valid", self->valid && *text);
	set_class(self->entry, "filter-invalid", !self->valid);
	if (self->valid)
		gtk_entry_set_attributes(GTK_ENTRY(self->entry), NULL);
	else
		show_fault(self, text, &fault);
	gtk_revealer_set_reveal_child(GTK_REVEALER(self->revealer), !self->valid);
	atk_object_set_description(gtk_widget_get_accessible(self->entry),
	                           self->valid ? "valid" : gtk_label_get_text(GTK_LABEL(self->message)));
	show_icons(self, text);
	if (self->filters)
		filters_button_set_expression(FILTERS_BUTTON(self->filters), self->valid ? text : NULL);
}

static void apply(FilterBar *self)
{
	const char *text = gtk_entry_get_text(GTK_ENTRY(self->entry));

	if (!self->valid) {
		gtk_widget_error_bell(self->entry);
		return;
	}
	g_free(self->applied);
	self->applied = g_strdup(text);
	show_icons(self, text);
	g_signal_emit(self, signals[SIGNAL_APPLIED], 0, self->applied);
}

static void on_filter(FilterBar *self, const char *expression)
{
	gtk_entry_set_text(GTK_ENTRY(self->entry), expression);
	gtk_editable_set_position(GTK_EDITABLE(self->entry), -1);
	if (self->valid)
		apply(self);
	else
		gtk_widget_grab_focus(self->entry);
}

static void on_icon(FilterBar *self, GtkEntryIconPosition which, GdkEvent *event)
{
	const char *text = gtk_entry_get_text(GTK_ENTRY(self->entry));

	if (which != GTK_ENTRY_ICON_SECONDARY || !self->valid)
		return;
	if (strcmp(text, self->applied ? self->applied : "") == 0)
		gtk_entry_set_text(GTK_ENTRY(self->entry), "");
	apply(self);
}

static gboolean on_key(FilterBar *self, GdkEventKey *event)
{
	if (event->keyval == GDK_KEY_Down && (event->state & gtk_accelerator_get_default_mod_mask()) == GDK_MOD1_MASK) {
		filters_button_open(FILTERS_BUTTON(self->filters));
		return TRUE;
	}
	if (event->keyval != GDK_KEY_Escape || g_strcmp0(gtk_entry_get_text(GTK_ENTRY(self->entry)), self->applied) == 0)
		return FALSE;
	gtk_entry_set_text(GTK_ENTRY(self->entry), self->applied ? self->applied : "");
	gtk_editable_set_position(GTK_EDITABLE(self->entry), -1);
	return TRUE;
}

/* ---- completion ---- */

static struct complete_place place_of(GtkEntry *entry, gpointer unused)
{
	const char *text = gtk_entry_get_text(entry);
	const char *cursor = g_utf8_offset_to_pointer(text, gtk_editable_get_position(GTK_EDITABLE(entry)));

	return complete_place_of(text, (gsize)(cursor - text));
}

static void add_completion(FilterBar *self)
{
	const struct field *f;

	self->completer = value_completer_new(GTK_ENTRY(self->entry), place_of, NULL);
	for (size_t i = 0; (f = field_at(i)); i++)
		value_completer_add_word(self->completer, f->name, _(f->about));
	for (size_t i = 0; event_action_at(i); i++)
		value_completer_add_word(self->completer, event_action_name(*event_action_at(i)), "event.action");
	for (int op = EXPR_EQ; op <= EXPR_EXISTS; op++) {
		const char *word = expr_op_word(op);

		if (word && g_ascii_isalpha(*word) && strlen(word) > 2)
			value_completer_add_word(self->completer, word, _("operator"));
	}
}

void filter_bar_set_source(FilterBar *self, Source *source)
{
	value_completer_set_source(self->completer, source);
}

/* ---- the widget ---- */

void filter_bar_set_text(FilterBar *self, const char *expression)
{
	char *copy = g_strdup(expression ? expression : "");

	g_free(self->applied);
	self->applied = copy;
	gtk_entry_set_text(GTK_ENTRY(self->entry), copy);
	check(self);
}

const char *filter_bar_get_applied(FilterBar *self)
{
	return self->applied ? self->applied : "";
}

void filter_bar_focus(FilterBar *self)
{
	gtk_widget_grab_focus(self->entry);
}

static void filter_bar_finalize(GObject *object)
{
	FilterBar *self = FILTER_BAR(object);

	g_free(self->applied);
	G_OBJECT_CLASS(filter_bar_parent_class)->finalize(object);
}

static void filter_bar_class_init(FilterBarClass *class)
{
	G_OBJECT_CLASS(class)->finalize = filter_bar_finalize;
	signals[SIGNAL_APPLIED] = g_signal_new("applied", FILTER_BAR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkWidget *first_row(FilterBar *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	self->filters = filters_button_new(_("Recent and saved filters (Alt+Down)"));
	gtk_box_pack_start(GTK_BOX(row), self->entry, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(row), self->filters, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->filters, "chosen", G_CALLBACK(on_filter), self);
	return row;
}

static void filter_bar_init(FilterBar *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->valid = TRUE;
	self->entry = gtk_entry_new();
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->entry),
	                               _("Filter, for example  process.name == curl and not user.name == root"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->entry), "filter");
	atk_object_set_name(gtk_widget_get_accessible(self->entry), _("Filter"));
	self->message = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->message), 0);
	gtk_label_set_ellipsize(GTK_LABEL(self->message), PANGO_ELLIPSIZE_END);
	gtk_label_set_selectable(GTK_LABEL(self->message), FALSE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->message), "filter-message");
	self->revealer = gtk_revealer_new();
	gtk_revealer_set_transition_duration(GTK_REVEALER(self->revealer), 120);
	gtk_container_add(GTK_CONTAINER(self->revealer), self->message);
	gtk_box_pack_start(GTK_BOX(self), first_row(self), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->revealer, FALSE, FALSE, 0);
	add_completion(self);
	g_signal_connect_swapped(self->entry, "changed", G_CALLBACK(check), self);
	g_signal_connect_swapped(self->entry, "activate", G_CALLBACK(apply), self);
	g_signal_connect_swapped(self->entry, "icon-release", G_CALLBACK(on_icon), self);
	g_signal_connect_swapped(self->entry, "key-press-event", G_CALLBACK(on_key), self);
	check(self);
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *filter_bar_new(void)
{
	return g_object_new(FILTER_BAR_TYPE, NULL);
}
