#include "gui/value-panel.h"

#include "agent/base/cleanup.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/search-parameter.h"

enum { SHOWN = 200, WIDTH = 260 };

struct _ValuePanel {
	GtkBox parent;
	GtkWidget *field, *common, *rare, *summary, *spinner, *stop, *bar, *stack, *list, *message;
	GArray *fields; /* const struct field *, in the order of the box */
	Source *source;
	Source *own;      /* a reader of our own, while we are seen: rows and counts need not wait for us, nor we for them */
	gboolean opened, refused; /* own: it is open; it could not be */
	char *expression;
	struct reader_range range;
	GCancellable *call;
	gboolean due; /* to be asked when it is seen */
};
G_DEFINE_FINAL_TYPE(ValuePanel, value_panel, GTK_TYPE_BOX)

enum { SIGNAL_FILTER, SIGNAL_CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct field *chosen(ValuePanel *self)
{
	gint i = gtk_combo_box_get_active(GTK_COMBO_BOX(self->field));

	return i >= 0 && (guint)i < self->fields->len ? g_array_index(self->fields, const struct field *, i) : NULL;
}

/* ---- rows ---- */

static void set_busy(ValuePanel *self, gboolean busy)
{
	g_object_set(self->spinner, "active", busy, NULL);
	gtk_widget_set_visible(self->spinner, busy);
	gtk_widget_set_visible(self->stop, busy);
	gtk_widget_set_opacity(self->bar, 0); /* its place stays: nothing jumps */
}

/* Only what takes long tells. */
static void on_progress(ValuePanel *self, double fraction)
{
	if (!gtk_widget_get_visible(self->stop))
		return;
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->bar), fraction);
	gtk_widget_set_opacity(self->bar, 1);
}

static char *condition(const struct field *f, const struct reader_value *v, gboolean without)
{
	AUTO_BUF out = BUF_INIT;
	AUTO_EXPR *e = NULL;

	/* A value that is too long to be told whole is asked for by its beginning. */
	e = expr_condition(f, v->cut ? EXPR_STARTSWITH : EXPR_EQ, v->text);
	if (e && without)
		e = expr_not(STEAL(e));
	if (!e)
		return NULL;
	expr_print(e, &out);
	return out.failed ? NULL : g_strndup(out.p, out.n);
}

static GtkWidget *label(const char *text, gboolean value)
{
	GtkWidget *l = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(l), value ? 0 : 1);
	if (value)
		gtk_label_set_ellipsize(GTK_LABEL(l), PANGO_ELLIPSIZE_MIDDLE);
	gtk_style_context_add_class(gtk_widget_get_style_context(l), value ? "detail-value" : "kind-count");
	return l;
}

/* What is rare is what is looked for: never "0.0 %". */
static char *share_text(double share)
{
	return share > 0 && share < 0.0005 ? g_strdup("< 0.1 %") : g_strdup_printf("%.1f %%", share * 100);
}

static void add_row(ValuePanel *self, const struct field *f, const struct reader_value *v, guint64 events)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *bar = gtk_progress_bar_new();
	g_autofree char *text = event_text(v->text), *number = event_number(v->events);
	double share = events ? (double)v->events / (double)events : 0;
	g_autofree char *percent = share_text(share), *both = g_strdup_printf("%s  %s", number, percent);
	g_autofree char *told = g_strdup_printf(ngettext("%s: %s event, %.1f %%", "%s: %s events, %.1f %%", v->events),
	                                        *text ? text : _("(empty)"), number, share * 100);

	gtk_box_pack_start(GTK_BOX(line), label(*text ? text : _("(empty)"), TRUE), TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(line), label(both, FALSE), FALSE, FALSE, 0);
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(bar), MIN(share, 1));
	gtk_style_context_add_class(gtk_widget_get_style_context(bar), "share");
	gtk_box_pack_start(GTK_BOX(box), line, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), bar, FALSE, FALSE, 0);
	g_object_set(box, "margin-start", 12, "margin-end", 12, "margin-top", 4, "margin-bottom", 5, NULL);
	gtk_container_add(GTK_CONTAINER(row), box);
	gtk_widget_set_tooltip_text(row, told);
	atk_object_set_name(gtk_widget_get_accessible(row), told);
	g_object_set_data_full(G_OBJECT(row), "in", condition(f, v, FALSE), g_free);
	g_object_set_data_full(G_OBJECT(row), "out", condition(f, v, TRUE), g_free);
	gtk_widget_show_all(row);
	gtk_list_box_insert(GTK_LIST_BOX(self->list), row, -1);
}

static void clear_rows(ValuePanel *self)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(self->list));

	for (GList *l = rows; l; l = l->next)
		gtk_widget_destroy(l->data);
}

static char *summary(const struct reader_values *v)
{
	g_autofree char *distinct = event_number(v->distinct), *events = event_number(v->events);
	g_autofree char *without = event_number(v->without), *line = NULL, *more = NULL;

	line = g_strdup_printf(ngettext("%s value in %s events", "%s values in %s events", v->distinct), distinct, events);
	if (v->more)
		more = g_strdup_printf(_("%s, and more than can be told apart"), line);
	else if (v->without)
		more = g_strdup_printf(_("%s, %s without one"), line, without);
	return more ? g_steal_pointer(&more) : g_steal_pointer(&line);
}

static void show_message(ValuePanel *self, const char *text)
{
	gtk_label_set_text(GTK_LABEL(self->message), text);
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "message");
}

static void show_values(ValuePanel *self, const struct reader_values *v)
{
	g_autofree char *words = summary(v);
	GtkWidget *focus = gtk_container_get_focus_child(GTK_CONTAINER(self->list));
	gboolean focused = focus && gtk_widget_has_focus(focus);
	GtkListBoxRow *first;

	clear_rows(self);
	gtk_label_set_text(GTK_LABEL(self->summary), words);
	for (size_t i = 0; i < v->n; i++)
		add_row(self, chosen(self), &v->values[i], v->events);
	if (v->n)
		gtk_stack_set_visible_child_name(GTK_STACK(self->stack), "list");
	else
		show_message(self, _("None of these events has a value here."));
	first = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0);
	if (focused)
		gtk_widget_grab_focus(first ? GTK_WIDGET(first) : self->field);
}

/* ---- asking ---- */

static void on_values(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ValuePanel) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_values v;

	if (!source_values_finish(SPOOR_SOURCE(object), result, &v, &error)) {
		if (self->source && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
			set_busy(self, FALSE);
			show_message(self, error->message);
		}
		return;
	}
	if (self->source) {
		set_busy(self, FALSE);
		show_values(self, &v);
	}
	reader_values_free(&v);
}

static void cancel(ValuePanel *self)
{
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
}

static void drop_own(ValuePanel *self)
{
	if (self->own)
		g_signal_handlers_disconnect_by_data(self->own, self);
	g_clear_object(&self->own);
	self->opened = FALSE;
}

static void ask(ValuePanel *self);

static void on_own(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ValuePanel) self = data;
	gboolean opened = source_open_finish(SPOOR_SOURCE(object), result, NULL);

	if (self->own != SPOOR_SOURCE(object))
		return; /* it was dropped meanwhile */
	self->opened = opened;
	self->refused = !opened;
	if (!opened)
		drop_own(self);
	ask(self);
}

static void open_own(ValuePanel *self)
{
	self->own = source_new_twin(self->source);
	g_signal_connect_object(self->own, "progress", G_CALLBACK(on_progress), self, G_CONNECT_SWAPPED);
	source_open_async(self->own, NULL, on_own, g_object_ref(self));
}

static void ask_for(ValuePanel *self, Source *source)
{
	struct source_query q = { self->expression, self->range };
	struct reader_values_wish wish = { .field = chosen(self), .max = SHOWN };

	wish.order = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->rare)) ? READER_RARE_FIRST : READER_COMMON_FIRST;
	self->call = g_cancellable_new();
	source_values_async(source, &q, &wish, self->call, on_values, g_object_ref(self));
}

static void ask(ValuePanel *self)
{
	self->due = !gtk_widget_get_mapped(GTK_WIDGET(self));
	if (self->due || !self->source || !chosen(self))
		return;
	cancel(self);
	set_busy(self, TRUE);
	gtk_label_set_text(GTK_LABEL(self->summary), _("Counting…"));
	if (self->opened && source_get_lost(self->own))
		drop_own(self);
	if (self->opened || self->refused)
		ask_for(self, self->opened ? self->own : self->source);
	else if (!self->own)
		open_own(self); /* then it is asked */
}

/* Not kept for a panel that nobody sees. */
static void on_unmap(ValuePanel *self)
{
	if (gtk_widget_get_visible(self->stop))
		self->due = TRUE;
	cancel(self);
	drop_own(self);
}

static void on_map(ValuePanel *self)
{
	if (self->due)
		ask(self);
}

static void on_stop(ValuePanel *self)
{
	cancel(self);
	if (!self->opened)
		drop_own(self); /* it would ask */
	set_busy(self, FALSE);
	gtk_label_set_text(GTK_LABEL(self->summary), _("Stopped"));
}

static void on_order(GtkToggleButton *b, ValuePanel *self)
{
	if (gtk_toggle_button_get_active(b))
		ask(self);
}

/* ---- the user's hand ---- */

static void filter(ValuePanel *self, GtkListBoxRow *row, gboolean without)
{
	const char *expression = row ? g_object_get_data(G_OBJECT(row), without ? "out" : "in") : NULL;
	g_autofree char *copy = g_strdup(expression); /* asking anew removes the row */

	if (copy)
		g_signal_emit(self, signals[SIGNAL_FILTER], 0, copy);
}

static void on_row(ValuePanel *self, GtkListBoxRow *row)
{
	GdkModifierType state = 0;

	gtk_get_current_event_state(&state);
	filter(self, row, (state & GDK_SHIFT_MASK) != 0);
}

static gboolean on_key(ValuePanel *self, GdkEventKey *event)
{
	GtkWidget *row = gtk_container_get_focus_child(GTK_CONTAINER(self->list));
	gboolean enter = event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter;

	if (event->keyval == GDK_KEY_Escape) {
		g_signal_emit(self, signals[SIGNAL_CLOSED], 0);
		return TRUE;
	}
	if (!row || !enter || !(event->state & GDK_SHIFT_MASK))
		return FALSE;
	filter(self, GTK_LIST_BOX_ROW(row), TRUE);
	return TRUE;
}

static void on_close(ValuePanel *self)
{
	g_signal_emit(self, signals[SIGNAL_CLOSED], 0);
}

/* ---- from outside ---- */

void value_panel_set_source(ValuePanel *self, Source *source)
{
	cancel(self);
	drop_own(self);
	self->refused = FALSE;
	g_set_object(&self->source, source);
}

void value_panel_set_query(ValuePanel *self, const struct source_query *q)
{
	char *copy = g_strdup(q->expression);

	g_free(self->expression);
	self->expression = copy;
	self->range = q->range;
	ask(self);
}

void value_panel_group(ValuePanel *self, const struct field *f)
{
	for (guint i = 0; i < self->fields->len; i++)
		if (g_array_index(self->fields, const struct field *, i) == f)
			gtk_combo_box_set_active(GTK_COMBO_BOX(self->field), (gint)i);
}

void value_panel_focus(ValuePanel *self)
{
	gtk_widget_grab_focus(self->field);
}

void value_panel_stop(ValuePanel *self)
{
	cancel(self);
	drop_own(self);
	g_clear_object(&self->source);
}

/* ---- the object ---- */

static void value_panel_dispose(GObject *object)
{
	value_panel_stop(VALUE_PANEL(object));
	G_OBJECT_CLASS(value_panel_parent_class)->dispose(object);
}

static void value_panel_finalize(GObject *object)
{
	ValuePanel *self = VALUE_PANEL(object);

	g_array_unref(self->fields);
	g_free(self->expression);
	G_OBJECT_CLASS(value_panel_parent_class)->finalize(object);
}

static void value_panel_class_init(ValuePanelClass *class)
{
	G_OBJECT_CLASS(class)->dispose = value_panel_dispose;
	G_OBJECT_CLASS(class)->finalize = value_panel_finalize;
	signals[SIGNAL_FILTER] = g_signal_new("filter", VALUE_PANEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[SIGNAL_CLOSED] = g_signal_new("closed", VALUE_PANEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 0);
}

/* Not by what is another for each event. */
static gboolean can_group(const struct field *f)
{
	return !g_str_equal(f->name, "event.id") && !g_str_equal(f->name, "@timestamp");
}

static void fill_fields(ValuePanel *self)
{
	const struct field *f;

	self->fields = g_array_new(FALSE, FALSE, sizeof(f));
	for (size_t i = 0; (f = field_at(i)); i++) {
		if (!can_group(f))
			continue;
		g_array_append_val(self->fields, f);
		gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(self->field), f->name);
	}
}

static GtkWidget *add_head(ValuePanel *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *close = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);

	self->field = gtk_combo_box_text_new();
	atk_object_set_name(gtk_widget_get_accessible(self->field), _("Group by"));
	gtk_button_set_relief(GTK_BUTTON(close), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(close, _("Close (Esc)"));
	gtk_box_pack_start(GTK_BOX(row), self->field, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(row), close, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->field, "changed", G_CALLBACK(ask), self);
	g_signal_connect_swapped(close, "clicked", G_CALLBACK(on_close), self);
	return row;
}

static GtkWidget *add_order(ValuePanel *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);

	self->common = gtk_radio_button_new_with_label(NULL, _("Most frequent"));
	self->rare = gtk_radio_button_new_with_label_from_widget(GTK_RADIO_BUTTON(self->common), _("Rarest"));
	gtk_style_context_add_class(gtk_widget_get_style_context(row), "linked");
	gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
	for (int i = 0; i < 2; i++) {
		GtkWidget *b = i ? self->rare : self->common;

		gtk_toggle_button_set_mode(GTK_TOGGLE_BUTTON(b), FALSE);
		gtk_box_pack_start(GTK_BOX(row), b, TRUE, TRUE, 0);
		g_signal_connect(b, "toggled", G_CALLBACK(on_order), self);
	}
	return row;
}

static GtkWidget *add_summary(ValuePanel *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	self->summary = label("", TRUE);
	gtk_label_set_ellipsize(GTK_LABEL(self->summary), PANGO_ELLIPSIZE_END);
	gtk_style_context_remove_class(gtk_widget_get_style_context(self->summary), "detail-value");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->summary), "dim-label");
	self->spinner = gtk_spinner_new();
	self->stop = gtk_button_new_from_icon_name("process-stop-symbolic", GTK_ICON_SIZE_MENU);
	gtk_button_set_relief(GTK_BUTTON(self->stop), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->stop), "chip");
	gtk_widget_set_tooltip_text(self->stop, _("Stop counting"));
	gtk_box_pack_start(GTK_BOX(row), self->summary, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(row), self->stop, FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(row), self->spinner, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->stop, "clicked", G_CALLBACK(on_stop), self);
	gtk_widget_set_no_show_all(self->spinner, TRUE);
	gtk_widget_set_no_show_all(self->stop, TRUE);
	return row;
}

static GtkWidget *add_bar(ValuePanel *self)
{
	self->bar = gtk_progress_bar_new();
	gtk_style_context_add_class(gtk_widget_get_style_context(self->bar), "share");
	atk_object_set_name(gtk_widget_get_accessible(self->bar), _("How much is counted"));
	gtk_widget_set_opacity(self->bar, 0);
	return self->bar;
}

static void add_list(ValuePanel *self)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
	GtkWidget *hint = gtk_label_new(_("Click: only these. Shift-click: without these."));

	self->list = gtk_list_box_new();
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Values"));
	gtk_container_add(GTK_CONTAINER(scrolled), self->list);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	self->message = gtk_label_new(NULL);
	gtk_label_set_line_wrap(GTK_LABEL(self->message), TRUE);
	g_object_set(self->message, "margin", 18, "valign", GTK_ALIGN_CENTER, "justify", GTK_JUSTIFY_CENTER, NULL);
	self->stack = gtk_stack_new();
	gtk_stack_add_named(GTK_STACK(self->stack), scrolled, "list");
	gtk_stack_add_named(GTK_STACK(self->stack), self->message, "message");
	gtk_label_set_ellipsize(GTK_LABEL(hint), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(hint), "dim-label");
	g_object_set(hint, "margin", 6, NULL);
	gtk_box_pack_start(GTK_BOX(self), self->stack, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(self), hint, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->list, "row-activated", G_CALLBACK(on_row), self);
}

static void value_panel_init(ValuePanel *self)
{
	GtkWidget *head = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);

	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_widget_set_size_request(GTK_WIDGET(self), WIDTH, -1);
	self->range = READER_ALL_TIME;
	g_object_set(head, "margin", 8, NULL);
	gtk_container_add(GTK_CONTAINER(head), add_head(self));
	gtk_container_add(GTK_CONTAINER(head), add_order(self));
	gtk_container_add(GTK_CONTAINER(head), add_summary(self));
	gtk_container_add(GTK_CONTAINER(head), add_bar(self));
	gtk_box_pack_start(GTK_BOX(self), head, FALSE, FALSE, 0);
	add_list(self);
	fill_fields(self);
	g_signal_connect(self, "map", G_CALLBACK(on_map), NULL);
	g_signal_connect(self, "unmap", G_CALLBACK(on_unmap), NULL);
	g_signal_connect(self, "key-press-event", G_CALLBACK(on_key), NULL);
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *value_panel_new(void)
{
	return g_object_new(VALUE_PANEL_TYPE, NULL);
}
