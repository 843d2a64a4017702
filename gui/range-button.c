#include "gui/range-button.h"

#include "agent/base/clock.h"
#include "gui/i18n.h"
#include "gui/time-range.h"

struct _RangeButton {
	GtkMenuButton parent;
	struct reader_range bounds, range;
	gint64 selected;
	GtkWidget *label, *around, *entries[2], *zone, *calendar, *message, *apply;
	int edited; /* the entry that the calendar writes to */
	gboolean quiet;
};
G_DEFINE_FINAL_TYPE(RangeButton, range_button, GTK_TYPE_MENU_BUTTON)

enum { SIGNAL_RANGE, N_SIGNALS };
static guint signals[N_SIGNALS];
enum { FROM, TO };

static const struct {
	const char *label;
	gint64 by_ms;
} arounds[] = { { N_("±1 minute"), 60000 }, { N_("±5 minutes"), 300000 }, { N_("±30 minutes"), 1800000 } };

/* ---- choosing ---- */

static void choose(RangeButton *self, struct reader_range range)
{
	gtk_popover_popdown(gtk_menu_button_get_popover(GTK_MENU_BUTTON(self)));
	range_button_set_range(self, range);
	g_signal_emit(self, signals[SIGNAL_RANGE], 0, range.from_ms, range.to_ms);
}

static void on_preset(GtkWidget *item, RangeButton *self)
{
	const struct time_range_preset *p = g_object_get_data(G_OBJECT(item), "preset");

	choose(self, time_range_last(p->span_ms, self->bounds));
}

static void on_around(GtkWidget *item, RangeButton *self)
{
	gint64 by = arounds[GPOINTER_TO_INT(g_object_get_data(G_OBJECT(item), "around"))].by_ms;

	if (self->selected != G_MININT64)
		choose(self, time_range_around(self->selected, by));
}

/* ---- as written ---- */

static gboolean written(RangeButton *self, struct reader_range *ret, const char **ret_why)
{
	const char *from = gtk_entry_get_text(GTK_ENTRY(self->entries[FROM]));
	const char *to = gtk_entry_get_text(GTK_ENTRY(self->entries[TO]));

	*ret = READER_ALL_TIME;
	*ret_why = _("Write 2026-11-20 08:55, or -1h before the end");
	if (*from && !time_range_parse(from, self->bounds.to_ms, &ret->from_ms))
		return FALSE;
	if (*to && !time_range_parse(to, self->bounds.to_ms, &ret->to_ms))
		return FALSE;
	*ret_why = _("It ends before it begins");
	return ret->from_ms < ret->to_ms;
}

static void on_written(RangeButton *self)
{
	struct reader_range r;
	const char *why;
	gboolean right = written(self, &r, &why);

	gtk_label_set_text(GTK_LABEL(self->message), right ? "" : why);
	gtk_widget_set_sensitive(self->apply, right);
}

static void on_apply(RangeButton *self)
{
	struct reader_range r;
	const char *why;

	if (written(self, &r, &why))
		choose(self, r);
}

static gboolean on_entry_focus(GtkWidget *entry, GdkEvent *event, RangeButton *self)
{
	self->edited = entry == self->entries[TO] ? TO : FROM;
	return FALSE;
}

static void on_day(RangeButton *self)
{
	GtkEntry *e = GTK_ENTRY(self->entries[self->edited]);
	const char *old = gtk_entry_get_text(e);
	g_autofree char *text = NULL;
	guint year, month, day;

	if (self->quiet)
		return;
	gtk_calendar_get_date(GTK_CALENDAR(self->calendar), &year, &month, &day);
	text = g_strdup_printf("%04u-%02u-%02u%s", year, month + 1, day, strlen(old) > 10 && old[4] == '-' ? old + 10 : "");
	gtk_entry_set_text(e, text);
}

/* ---- showing ---- */

static void set_entry(RangeButton *self, int which, gint64 ms)
{
	g_autofree char *text = time_range_format(ms);

	gtk_entry_set_text(GTK_ENTRY(self->entries[which]), text);
}

static void on_popover(RangeButton *self)
{
	gboolean all = time_range_is_all(self->range);
	struct reader_range r = all ? self->bounds : self->range;
	g_autofree char *zone = time_range_zone(r.to_ms), *head = g_strdup_printf(_("Custom, %s"), zone);
	struct clock_fields f = clock_split(CLAMP(r.from_ms, 0, CLOCK_MAX));

	gtk_widget_set_sensitive(self->around, self->selected != G_MININT64);
	gtk_label_set_text(GTK_LABEL(self->zone), head);
	self->quiet = TRUE;
	gtk_calendar_select_month(GTK_CALENDAR(self->calendar), (guint)f.month - 1, (guint)f.year);
	gtk_calendar_select_day(GTK_CALENDAR(self->calendar), (guint)f.day);
	self->quiet = FALSE;
	set_entry(self, FROM, r.from_ms);
	set_entry(self, TO, r.to_ms);
}

void range_button_set_bounds(RangeButton *self, struct reader_range bounds)
{
	self->bounds = bounds;
	range_button_set_range(self, self->range);
}

void range_button_set_range(RangeButton *self, struct reader_range range)
{
	g_autofree char *label = time_range_label(range, self->bounds);
	g_autofree char *name = g_strdup_printf(_("Time range: %s"), label);

	self->range = range;
	gtk_label_set_text(GTK_LABEL(self->label), label);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), name);
}

void range_button_set_selected(RangeButton *self, gint64 ms)
{
	self->selected = ms;
}

/* ---- building ---- */

static GtkWidget *add_choice(RangeButton *self, GtkWidget *box, const char *label, void (*fn)(GtkWidget *, RangeButton *))
{
	GtkWidget *b = gtk_button_new_with_label(label);

	gtk_button_set_relief(GTK_BUTTON(b), GTK_RELIEF_NONE);
	gtk_widget_set_halign(gtk_bin_get_child(GTK_BIN(b)), GTK_ALIGN_START);
	g_signal_connect(b, "clicked", G_CALLBACK(fn), self);
	gtk_box_pack_start(GTK_BOX(box), b, FALSE, FALSE, 0);
	return b;
}

static GtkWidget *add_heading(GtkWidget *box, const char *text)
{
	GtkWidget *l = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(l), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(l), "heading");
	gtk_box_pack_start(GTK_BOX(box), l, FALSE, FALSE, 4);
	return l;
}

static GtkWidget *choices(RangeButton *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	const struct time_range_preset *p;

	add_heading(box, _("Before the end of the recording"));
	for (guint i = 0; (p = time_range_preset_at(i)); i++)
		g_object_set_data(G_OBJECT(add_choice(self, box, _(p->label), on_preset)), "preset", (gpointer)p);
	self->around = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	add_heading(self->around, _("Around the selected event"));
	for (guint i = 0; i < G_N_ELEMENTS(arounds); i++)
		g_object_set_data(G_OBJECT(add_choice(self, self->around, _(arounds[i].label), on_around)), "around",
		                  GUINT_TO_POINTER(i));
	gtk_box_pack_start(GTK_BOX(box), self->around, FALSE, FALSE, 6);
	return box;
}

static void add_entry(RangeButton *self, GtkWidget *grid, int which, const char *label)
{
	GtkWidget *l = gtk_label_new(label), *e = self->entries[which] = gtk_entry_new();

	gtk_widget_set_hexpand(e, TRUE);
	gtk_entry_set_width_chars(GTK_ENTRY(e), 24);
	gtk_style_context_add_class(gtk_widget_get_style_context(e), "monospace");
	atk_object_set_name(gtk_widget_get_accessible(e), label);
	gtk_label_set_xalign(GTK_LABEL(l), 0);
	gtk_grid_attach(GTK_GRID(grid), l, 0, which, 1, 1);
	gtk_grid_attach(GTK_GRID(grid), e, 1, which, 1, 1);
	g_signal_connect_swapped(e, "changed", G_CALLBACK(on_written), self);
	g_signal_connect_swapped(e, "activate", G_CALLBACK(on_apply), self);
	g_signal_connect(e, "focus-in-event", G_CALLBACK(on_entry_focus), self);
}

static GtkWidget *custom(RangeButton *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *grid = gtk_grid_new();
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	self->message = gtk_label_new(NULL);
	self->apply = gtk_button_new_with_label(_("Apply"));
	gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
	self->zone = add_heading(box, _("Custom"));
	add_entry(self, grid, FROM, _("From"));
	add_entry(self, grid, TO, _("Before"));
	self->calendar = gtk_calendar_new();
	g_signal_connect_swapped(self->calendar, "day-selected", G_CALLBACK(on_day), self);
	gtk_label_set_xalign(GTK_LABEL(self->message), 0);
	gtk_label_set_ellipsize(GTK_LABEL(self->message), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->message), "dim-label");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->apply), "suggested-action");
	g_signal_connect_swapped(self->apply, "clicked", G_CALLBACK(on_apply), self);
	gtk_box_pack_start(GTK_BOX(row), self->message, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(row), self->apply, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), grid, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->calendar, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), row, FALSE, FALSE, 0);
	return box;
}

static void range_button_class_init(RangeButtonClass *class)
{
	signals[SIGNAL_RANGE] = g_signal_new("range-chosen", RANGE_BUTTON_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                     G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
}

static void range_button_init(RangeButton *self)
{
	GtkWidget *content = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6), *popover = gtk_popover_new(NULL);
	GtkWidget *both = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 18);

	self->range = READER_ALL_TIME;
	self->selected = G_MININT64;
	self->label = gtk_label_new(NULL);
	gtk_container_add(GTK_CONTAINER(content), self->label);
	gtk_container_add(GTK_CONTAINER(content), gtk_image_new_from_icon_name("pan-down-symbolic", GTK_ICON_SIZE_MENU));
	gtk_container_add(GTK_CONTAINER(self), content);
	gtk_button_set_relief(GTK_BUTTON(self), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(self)), "chip");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->label), "results");
	gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(GTK_WIDGET(self), _("Range of time (Ctrl+R)"));
	gtk_container_set_border_width(GTK_CONTAINER(both), 12);
	gtk_box_pack_start(GTK_BOX(both), choices(self), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(both), gtk_separator_new(GTK_ORIENTATION_VERTICAL), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(both), custom(self), TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(popover), both);
	gtk_widget_show_all(both);
	gtk_menu_button_set_popover(GTK_MENU_BUTTON(self), popover);
	g_signal_connect_swapped(popover, "show", G_CALLBACK(on_popover), self);
	gtk_widget_show_all(GTK_WIDGET(self));
	range_button_set_range(self, self->range);
}

GtkWidget *range_button_new(void)
{
	return g_object_new(RANGE_BUTTON_TYPE, NULL);
}
