#include "gui/search-chips.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/search-parameter.h"
#include "gui/wrap-box.h"

struct _SearchChips {
	GtkBox parent;
	struct search_model *model;
	GtkWidget *wrap;
	guint refresh;          /* idle source: what is shown is stale, and so are its nodes */
	guint n_shown, focus;   /* chips; the one to be focused again, or n_shown */
	const struct search_node *dragged;
};
G_DEFINE_FINAL_TYPE(SearchChips, search_chips, GTK_TYPE_BOX)

enum { SIGNAL_CHANGED, SIGNAL_EDIT, N_SIGNALS };
static guint signals[N_SIGNALS];

enum { VALUE_CHARS = 44 };
static const GtkTargetEntry targets[] = { { (char *)"application/x-spoor-condition", GTK_TARGET_SAME_APP, 0 } };

/* ---- words ---- */

/* As the language writes it, safe to show. */
static char *chip_text(const struct search_node *n)
{
	AUTO_BUF out = BUF_INIT;
	g_autofree char *text = NULL;

	expr_print(n->expr, &out);
	text = event_text(out.n ? buf_span(&out) : span_of(_("everything")));
	return g_strconcat(n->negated ? "not " : "", text, NULL);
}

static char *shortened(const char *s)
{
	g_autofree char *head = NULL, *tail = NULL;
	glong n = g_utf8_strlen(s, -1);

	if (n <= VALUE_CHARS)
		return g_strdup(s);
	head = g_utf8_substring(s, 0, VALUE_CHARS / 2);
	tail = g_utf8_substring(s, n - VALUE_CHARS / 2, n);
	return g_strconcat(head, "…", tail, NULL);
}

static char *value_words(const struct expr *e)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < e->n_values; i++) {
		g_autofree char *v = event_text(e->values[i].text);

		g_string_append_printf(out, "%s%s", i ? ", " : "", *v || e->n_values > 1 ? v : "“”");
	}
	return g_string_free(out, FALSE);
}

static char *chip_markup(const struct search_node *n)
{
	const struct search_operand *o = search_operand_of(n->expr, n->negated);
	g_autofree char *value = NULL, *part = NULL, *text = NULL, *not = NULL;
	gboolean negated = n->negated && !o;

	if (!o)
		o = search_operand_of(n->expr, FALSE);
	if (!o) {
		text = chip_text(n);
		part = shortened(text);
		return g_markup_printf_escaped("<tt>%s</tt>", part);
	}
	value = value_words(n->expr);
	part = shortened(value);
	not = negated ? g_strconcat(_("not"), " ", NULL) : g_strdup("");
	return g_markup_printf_escaped("%s<span alpha=\"70%%\">%s %s</span>%s<b>%s</b>%s", not,
	                               search_parameter_label(n->expr->field), _(o->words), *part ? " " : "", part,
	                               n->expr->cased ? " <span alpha=\"70%\">Aa</span>" : "");
}

/* ---- changes ---- */

static const struct search_node *node_of(GtkWidget *w)
{
	return g_object_get_data(G_OBJECT(w), "node");
}

static void changed(SearchChips *self)
{
	search_chips_refresh(self);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

typedef void change_fn(struct search_model *m, const struct search_node *n);

static void change(SearchChips *self, GtkWidget *w, change_fn *fn)
{
	if (self->refresh)
		return;
	fn(self->model, node_of(w));
	changed(self);
}

static void on_remove(GtkWidget *w, SearchChips *self) { change(self, w, search_model_remove); }
static void on_negate(GtkWidget *w, SearchChips *self) { change(self, w, search_model_negate); }
static void on_switch(GtkWidget *w, SearchChips *self) { change(self, w, search_model_switch); }
static void on_turn(GtkWidget *w, SearchChips *self) { change(self, w, search_model_turn); }

static void on_edit(GtkWidget *w, SearchChips *self)
{
	if (!self->refresh)
		g_signal_emit(self, signals[SIGNAL_EDIT], 0, node_of(w));
}

static void on_move_out(GtkWidget *w, SearchChips *self)
{
	const struct search_node *n = node_of(w);

	if (self->refresh || !n->parent || !n->parent->parent)
		return;
	search_model_move(self->model, n, n->parent->parent);
	changed(self);
}

static const struct search_node *neighbour(const struct search_node *n)
{
	guint at;

	if (!n->parent || !g_ptr_array_find(n->parent->kids, n, &at) || n->parent->kids->len < 2)
		return NULL;
	return g_ptr_array_index(n->parent->kids, at ? at - 1 : 1);
}

static void on_pair(GtkWidget *w, SearchChips *self)
{
	const struct search_node *n = node_of(w);

	if (self->refresh || !neighbour(n))
		return;
	search_model_pair(self->model, n, neighbour(n));
	changed(self);
}

static void on_copy(GtkWidget *w, SearchChips *self)
{
	g_autofree char *text = NULL;

	if (self->refresh)
		return;
	text = chip_text(node_of(w));
	gtk_clipboard_set_text(gtk_widget_get_clipboard(w, GDK_SELECTION_CLIPBOARD), text, -1);
}

/* ---- a chip's menu ---- */

static void add_item(SearchChips *self, GtkWidget *menu, const struct search_node *n, const char *label,
                     void (*fn)(GtkWidget *, SearchChips *), gboolean possible)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	gtk_widget_set_sensitive(item, possible);
	g_object_set_data(G_OBJECT(item), "node", (gpointer)n);
	g_signal_connect(item, "activate", G_CALLBACK(fn), self);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

static gboolean popup(GtkWidget *button, SearchChips *self)
{
	const struct search_node *n = node_of(button);
	GtkWidget *menu;
	gboolean and_group = n->parent && n->parent->kind == SEARCH_AND;

	if (self->refresh)
		return TRUE;
	menu = gtk_menu_new();
	if (n->kind == SEARCH_CHIP)
		add_item(self, menu, n, _("_Change…"), on_edit, TRUE);
	add_item(self, menu, n, _("_Negate"), on_negate, TRUE);
	add_item(self, menu, n, n->off ? _("Switch _on") : _("Switch _off"), on_switch, TRUE);
	add_item(self, menu, n, and_group ? _("_Either this or the one before") : _("_Both this and the one before"), on_pair,
	         neighbour(n) != NULL);
	add_item(self, menu, n, _("Move _out of the group"), on_move_out, n->parent && n->parent->parent);
	if (n->kind == SEARCH_CHIP)
		add_item(self, menu, n, _("Co_py"), on_copy, TRUE);
	add_item(self, menu, n, _("_Remove"), on_remove, TRUE);
	/* Not to the button: what hangs on a button is not told to assistive technology. */
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	gtk_menu_popup_at_widget(GTK_MENU(menu), button, GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, NULL);
	return TRUE;
}

static gboolean on_press(GtkWidget *button, GdkEventButton *event, SearchChips *self)
{
	return gdk_event_triggers_context_menu((GdkEvent *)event) && popup(button, self);
}

static gboolean on_key(GtkWidget *button, GdkEventKey *event, SearchChips *self)
{
	if (event->state & gtk_accelerator_get_default_mod_mask() & ~GDK_SHIFT_MASK)
		return FALSE;
	switch (event->keyval) {
	case GDK_KEY_Delete: case GDK_KEY_KP_Delete: case GDK_KEY_BackSpace: on_remove(button, self); return TRUE;
	case GDK_KEY_exclam: on_negate(button, self); return TRUE;
	case GDK_KEY_minus: on_switch(button, self); return TRUE;
	default: return FALSE;
	}
}

/* ---- dragging ---- */

static void on_drag_begin(GtkWidget *w, GdkDragContext *context, SearchChips *self)
{
	GtkWidget *chip = gtk_widget_get_parent(w);
	GtkAllocation a;
	cairo_surface_t *picture;
	cairo_t *cr;

	gtk_widget_get_allocation(chip, &a);
	picture = gdk_window_create_similar_surface(gtk_widget_get_window(chip), CAIRO_CONTENT_COLOR_ALPHA, a.width,
	                                            a.height);
	cr = cairo_create(picture);
	gtk_widget_draw(chip, cr);
	cairo_destroy(cr);
	gtk_drag_set_icon_surface(context, picture);
	cairo_surface_destroy(picture);
	self->dragged = self->refresh ? NULL : node_of(w);
}

static void on_drag_end(GtkWidget *w, GdkDragContext *context, SearchChips *self)
{
	self->dragged = NULL;
}

static void on_drag_get(GtkWidget *w, GdkDragContext *context, GtkSelectionData *data, guint info, guint time,
                        SearchChips *self)
{
	g_autofree char *text = chip_text(node_of(w));

	gtk_selection_data_set(data, gtk_selection_data_get_target(data), 8, (const guchar *)text, (gint)strlen(text));
}

/* Onto a chip: a group of both. Into a group: to its end. */
static void on_dropped(GtkWidget *w, GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info,
                       guint time, SearchChips *self)
{
	const struct search_node *n = self->dragged, *to = w == self->wrap ? search_model_root(self->model) : node_of(w);
	gboolean moves = n && !self->refresh && n != to;

	gtk_drag_finish(context, moves, FALSE, time);
	if (!moves)
		return;
	if (to->kind == SEARCH_CHIP)
		search_model_pair(self->model, n, to);
	else
		search_model_move(self->model, n, to);
	self->dragged = NULL;
	changed(self);
}

static void accept_drops(SearchChips *self, GtkWidget *w)
{
	gtk_drag_dest_set(w, GTK_DEST_DEFAULT_ALL, targets, G_N_ELEMENTS(targets), GDK_ACTION_MOVE);
	g_signal_connect(w, "drag-data-received", G_CALLBACK(on_dropped), self);
}

/* ---- drawing them ---- */

static void set_class(GtkWidget *w, const char *class, gboolean on)
{
	if (on)
		gtk_style_context_add_class(gtk_widget_get_style_context(w), class);
}

static GtkWidget *button_of(SearchChips *self, const struct search_node *n, GtkWidget *content, const char *class)
{
	GtkWidget *b = gtk_button_new();

	gtk_button_set_relief(GTK_BUTTON(b), GTK_RELIEF_NONE);
	gtk_container_add(GTK_CONTAINER(b), content);
	set_class(b, class, TRUE);
	g_object_set_data(G_OBJECT(b), "node", (gpointer)n);
	return b;
}

static GtkWidget *close_button(SearchChips *self, const struct search_node *n)
{
	GtkWidget *b = button_of(self, n, gtk_image_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU),
	                         "condition-close");

	gtk_widget_set_tooltip_text(b, _("Remove"));
	atk_object_set_name(gtk_widget_get_accessible(b), _("Remove"));
	g_signal_connect(b, "clicked", G_CALLBACK(on_remove), self);
	return b;
}

static GtkWidget *main_button(SearchChips *self, const struct search_node *n)
{
	g_autofree char *markup = chip_markup(n), *text = chip_text(n);
	g_autofree char *name = n->off ? g_strdup_printf(_("%s, switched off"), text) : g_strdup(text);
	GtkWidget *label = gtk_label_new(NULL), *b = button_of(self, n, label, "condition-main");

	gtk_label_set_markup(GTK_LABEL(label), markup);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
	gtk_widget_set_tooltip_text(b, name);
	atk_object_set_name(gtk_widget_get_accessible(b), name);
	g_signal_connect(b, "clicked", G_CALLBACK(on_edit), self);
	g_signal_connect(b, "popup-menu", G_CALLBACK(popup), self);
	g_signal_connect(b, "button-press-event", G_CALLBACK(on_press), self);
	g_signal_connect(b, "key-press-event", G_CALLBACK(on_key), self);
	gtk_drag_source_set(b, GDK_BUTTON1_MASK, targets, G_N_ELEMENTS(targets), GDK_ACTION_MOVE);
	g_signal_connect(b, "drag-begin", G_CALLBACK(on_drag_begin), self);
	g_signal_connect(b, "drag-end", G_CALLBACK(on_drag_end), self);
	g_signal_connect(b, "drag-data-get", G_CALLBACK(on_drag_get), self);
	accept_drops(self, b);
	return b;
}

static GtkWidget *chip(SearchChips *self, const struct search_node *n)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0), *b = main_button(self, n);

	set_class(box, "condition", TRUE);
	set_class(box, "negated", n->negated);
	set_class(box, "off", n->off);
	gtk_box_pack_start(GTK_BOX(box), b, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), close_button(self, n), FALSE, FALSE, 0);
	g_object_set_data(G_OBJECT(b), "number", GUINT_TO_POINTER(self->n_shown++));
	return box;
}

static void add_kids(SearchChips *self, GtkWidget *wrap, const struct search_node *group);

static GtkWidget *group(SearchChips *self, const struct search_node *n)
{
	GtkWidget *area = gtk_event_box_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4), *wrap = wrap_box_new(4);
	const char *join = n->negated ? _("not") : n->kind == SEARCH_OR ? _("any of") : _("all of");
	GtkWidget *grip = button_of(self, n, gtk_label_new(join), "join");

	set_class(box, "condition-group", TRUE);
	set_class(box, "negated", n->negated);
	set_class(box, "off", n->off);
	g_object_set_data(G_OBJECT(area), "node", (gpointer)n);
	gtk_widget_set_tooltip_text(grip, _("What can be done with the group"));
	atk_object_set_name(gtk_widget_get_accessible(grip), n->kind == SEARCH_OR ? _("Group: any of") : _("Group: all of"));
	g_signal_connect(grip, "clicked", G_CALLBACK(popup), self);
	gtk_box_pack_start(GTK_BOX(box), grip, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), wrap, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), close_button(self, n), FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(area), box);
	accept_drops(self, area);
	add_kids(self, wrap, n);
	return area;
}

static void add_kids(SearchChips *self, GtkWidget *wrap, const struct search_node *n)
{
	for (guint i = 0; i < n->kids->len; i++) {
		const struct search_node *kid = g_ptr_array_index(n->kids, i);

		if (i) {
			GtkWidget *join = button_of(self, n, gtk_label_new(n->kind == SEARCH_AND ? "and" : "or"), "join");

			gtk_widget_set_tooltip_text(join, n->kind == SEARCH_AND ? _("Make it “or”") : _("Make it “and”"));
			g_signal_connect(join, "clicked", G_CALLBACK(on_turn), self);
			gtk_container_add(GTK_CONTAINER(wrap), join);
		}
		gtk_container_add(GTK_CONTAINER(wrap), kid->kids ? group(self, kid) : chip(self, kid));
	}
}

static void find_focus(GtkWidget *w, gpointer data)
{
	SearchChips *self = data;

	if (g_object_get_data(G_OBJECT(w), "number") == GUINT_TO_POINTER(self->focus) && GTK_IS_BUTTON(w) &&
	    node_of(w)->kind == SEARCH_CHIP && gtk_style_context_has_class(gtk_widget_get_style_context(w), "condition-main"))
		gtk_widget_grab_focus(w);
	else if (GTK_IS_CONTAINER(w))
		gtk_container_foreach(GTK_CONTAINER(w), find_focus, self);
}

static gboolean refresh(gpointer data)
{
	SearchChips *self = data;
	GtkWidget *top = gtk_widget_get_toplevel(GTK_WIDGET(self));
	GtkWidget *focus = GTK_IS_WINDOW(top) ? gtk_window_get_focus(GTK_WINDOW(top)) : NULL;
	gboolean had_focus = focus && gtk_widget_is_ancestor(focus, self->wrap);
	GList *old = gtk_container_get_children(GTK_CONTAINER(self->wrap));

	self->refresh = 0;
	if (had_focus)
		self->focus = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(focus), "number"));
	for (GList *l = old; l; l = l->next)
		gtk_widget_destroy(l->data);
	g_list_free(old);
	self->n_shown = 0;
	add_kids(self, self->wrap, search_model_root(self->model));
	gtk_widget_show_all(self->wrap);
	if (had_focus && self->n_shown) {
		self->focus = MIN(self->focus, self->n_shown - 1);
		find_focus(self->wrap, self);
	}
	return G_SOURCE_REMOVE;
}

/* Not at once: the widget whose signal this may be goes. */
void search_chips_refresh(SearchChips *self)
{
	if (!self->refresh)
		self->refresh = g_idle_add_full(G_PRIORITY_HIGH_IDLE, refresh, self, NULL);
}

static void search_chips_dispose(GObject *object)
{
	g_clear_handle_id(&SEARCH_CHIPS(object)->refresh, g_source_remove);
	G_OBJECT_CLASS(search_chips_parent_class)->dispose(object);
}

static void search_chips_class_init(SearchChipsClass *class)
{
	G_OBJECT_CLASS(class)->dispose = search_chips_dispose;
	signals[SIGNAL_CHANGED] = g_signal_new("changed", SEARCH_CHIPS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_EDIT] = g_signal_new("edit", SEARCH_CHIPS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                    1, G_TYPE_POINTER);
}

static void search_chips_init(SearchChips *self)
{
	self->wrap = wrap_box_new(4);
	gtk_box_pack_start(GTK_BOX(self), self->wrap, TRUE, TRUE, 0);
	atk_object_set_name(gtk_widget_get_accessible(self->wrap), _("Conditions"));
	accept_drops(self, self->wrap);
	gtk_widget_show(self->wrap);
}

GtkWidget *search_chips_new(struct search_model *model)
{
	SearchChips *self = g_object_new(SEARCH_CHIPS_TYPE, NULL);

	self->model = model;
	search_chips_refresh(self);
	return GTK_WIDGET(self);
}
