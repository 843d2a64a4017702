#include "gui/kind-bar.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/wrap-box.h"

struct _KindBar {
	GtkBox parent;
	GtkWidget *buttons[EVENT_CATEGORY_COUNT], *counts[EVENT_CATEGORY_COUNT];
	gboolean quiet; /* buttons are moved by us, not by the user */
};
G_DEFINE_FINAL_TYPE(KindBar, kind_bar, GTK_TYPE_BOX)

enum { SIGNAL_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* "41k", "2.1M": for the buttons, whose width must not jump. */
static char *short_number(guint64 n)
{
	if (n < 10000)
		return event_number(n);
	if (n < 1000000)
		return g_strdup_printf("%.0fk", (double)n / 1000);
	return g_strdup_printf("%.1fM", (double)n / 1000000);
}

static gboolean draw_kind(GtkWidget *area, cairo_t *cr, gpointer category)
{
	int w = gtk_widget_get_allocated_width(area), h = gtk_widget_get_allocated_height(area);
	struct theme theme = look_theme(area);

	theme_shape(cr, GPOINTER_TO_INT(category), w / 2.0, h / 2.0, 9);
	theme_set(cr, theme.kinds[GPOINTER_TO_INT(category)], gtk_widget_is_sensitive(area) ? 1 : 0.4);
	cairo_fill(cr);
	return FALSE;
}

static void on_toggled(GtkWidget *button, KindBar *self)
{
	if (!self->quiet && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)))
		g_signal_emit(self, signals[SIGNAL_CHOSEN], 0,
		              GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "category")));
}

static GtkWidget *kind_button(KindBar *self, int category)
{
	GtkWidget *button = gtk_radio_button_new_from_widget(category ? GTK_RADIO_BUTTON(self->buttons[0]) : NULL);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	const char *name = category ? theme_kind_name(category) : _("Combined");

	gtk_toggle_button_set_mode(GTK_TOGGLE_BUTTON(button), FALSE);
	gtk_style_context_add_class(gtk_widget_get_style_context(button), "kind");
	self->counts[category] = gtk_label_new(NULL);
	gtk_label_set_width_chars(GTK_LABEL(self->counts[category]), 5);
	gtk_label_set_xalign(GTK_LABEL(self->counts[category]), 1);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->counts[category]), "kind-count");
	if (category) {
		GtkWidget *shape = gtk_drawing_area_new();

		gtk_widget_set_size_request(shape, 12, 12);
		g_signal_connect(shape, "draw", G_CALLBACK(draw_kind), GINT_TO_POINTER(category));
		gtk_box_pack_start(GTK_BOX(box), shape, FALSE, FALSE, 0);
	}
	gtk_box_pack_start(GTK_BOX(box), gtk_label_new(name), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->counts[category], FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(button), box);
	g_object_set_data(G_OBJECT(button), "category", GINT_TO_POINTER(category));
	atk_object_set_name(gtk_widget_get_accessible(button), name);
	g_signal_connect(button, "toggled", G_CALLBACK(on_toggled), self);
	return button;
}

void kind_bar_set_chosen(KindBar *self, enum event_category category)
{
	self->quiet = TRUE;
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->buttons[category]), TRUE);
	self->quiet = FALSE;
}

void kind_bar_set_counts(KindBar *self, const uint64_t *counts, const uint64_t *present)
{
	guint64 total = 0;

	for (int c = 1; c < EVENT_CATEGORY_COUNT; c++)
		total += counts[c];
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		g_autofree char *text = short_number(c ? counts[c] : total);
		g_autofree char *exact = event_number(c ? counts[c] : total);
		g_autofree char *tip = g_strdup_printf(ngettext("%s row", "%s rows", c ? counts[c] : total), exact);

		gtk_label_set_text(GTK_LABEL(self->counts[c]), text);
		gtk_widget_set_tooltip_text(self->buttons[c], tip);
		gtk_widget_set_sensitive(self->buttons[c], !c || present[c] > 0);
	}
}

static void kind_bar_class_init(KindBarClass *class)
{
	signals[SIGNAL_CHOSEN] = g_signal_new("chosen", KIND_BAR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                      1, G_TYPE_INT);
}

static void kind_bar_init(KindBar *self)
{
	GtkWidget *wrap = wrap_box_new(4);

	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		self->buttons[c] = kind_button(self, c);
		gtk_container_add(GTK_CONTAINER(wrap), self->buttons[c]);
	}
	gtk_box_pack_start(GTK_BOX(self), wrap, TRUE, TRUE, 0);
	gtk_widget_show_all(wrap);
}

GtkWidget *kind_bar_new(void)
{
	return g_object_new(KIND_BAR_TYPE, NULL);
}
