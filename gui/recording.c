#include "gui/recording.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/reason-text.h"
#include "gui/time-range.h"

enum { GAPS_SHOWN = 200, WIDTH = 560, HEIGHT = 420 };

struct table {
	GtkGrid *grid;
	int row;
};

static GtkWidget *label(const char *text, const char *style, float align)
{
	GtkWidget *l = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(l), align);
	gtk_label_set_selectable(GTK_LABEL(l), TRUE);
	gtk_widget_set_can_focus(l, FALSE);
	if (style)
		gtk_style_context_add_class(gtk_widget_get_style_context(l), style);
	return l;
}

static void add_heading(struct table *t, const char *text)
{
	GtkWidget *l = label(text, "heading", 0);

	if (t->row)
		gtk_widget_set_margin_top(l, 12);
	gtk_grid_attach(t->grid, l, 0, t->row++, 3, 1);
}

static void add_note(struct table *t, const char *text)
{
	gtk_grid_attach(t->grid, label(text, "detail-unknown", 0), 0, t->row++, 3, 1);
}

static void add_more(struct table *t, size_t n)
{
	g_autofree char *number = event_number(n), *more = g_strdup_printf(ngettext("and %s more", "and %s more", n), number);

	if (n)
		add_note(t, more);
}

/* Two or three columns; `last` may be NULL. */
static void add_row(struct table *t, const char *first, const char *second, const char *last, float align)
{
	gtk_grid_attach(t->grid, label(first, "detail-value", 0), 0, t->row, 1, 1);
	gtk_grid_attach(t->grid, label(second, NULL, align), 1, t->row, 1, 1);
	if (last)
		gtk_grid_attach(t->grid, label(last, NULL, align), 2, t->row, 1, 1);
	t->row++;
}

static void add_gap(struct table *t, const struct gap *g)
{
	g_autofree char *from = event_time(g->from_ms), *to = event_time(g->to_ms), *when = NULL, *lost = NULL;
	const char *why = gap_cause_name(g->cause);

	when = g->from_ms == g->to_ms ? g_strdup(from) : g_strdup_printf("%s – %s", from, to);
	if (g->count >= 0) {
		g_autofree char *number = event_number((guint64)g->count);

		lost = g_strdup_printf(_("%s lost"), number);
	}
	add_row(t, when, why ? _(why) : _("unknown cause"), lost ? lost : _("number unknown"), 0);
}

static void add_gaps(struct table *t, const struct reader_info *info)
{
	size_t n = MIN(info->n_gaps, (size_t)GAPS_SHOWN);
	g_autofree char *zone = time_range_zone(info->last_ms), *head = g_strdup_printf(_("Gaps (%s)"), zone);

	add_heading(t, head);
	if (!info->n_gaps)
		add_note(t, _("None is known."));
	for (size_t i = 0; i < n; i++)
		add_gap(t, &info->gaps[i]);
	add_more(t, info->n_gaps - n);
}

static void add_records(struct table *t, const struct reader_info *info)
{
	add_heading(t, _("Audit records"));
	if (info->n_records)
		add_row(t, _("Type"), _("Arrived"), _("Used in events"), 1);
	else
		add_note(t, _("None were counted."));
	for (size_t i = 0; i < info->n_records; i++) {
		g_autofree char *name = event_text(info->records[i].name);
		g_autofree char *count = event_number(info->records[i].count), *used = event_number(info->records[i].used);

		add_row(t, name, count, used, 1);
	}
}

static void add_unparsed(struct table *t, const struct reader_info *info)
{
	g_autofree char *number = event_number(info->unparsed), *title = NULL;

	if (!info->unparsed)
		return;
	title = g_strdup_printf(_("Not understood: %s"), number);
	add_heading(t, title);
	for (size_t i = 0; i < info->n_unparsed_lines; i++) {
		g_autofree char *line = event_text(info->unparsed_lines[i].line);
		g_autofree char *why = event_text(info->unparsed_lines[i].reason);
		GtkWidget *l = label(line, "detail-value", 0);

		gtk_label_set_line_wrap(GTK_LABEL(l), TRUE);
		gtk_label_set_line_wrap_mode(GTK_LABEL(l), PANGO_WRAP_CHAR);
		gtk_label_set_max_width_chars(GTK_LABEL(l), 60);
		gtk_grid_attach(t->grid, l, 0, t->row, 2, 1);
		gtk_grid_attach(t->grid, label(why, "detail-unknown", 0), 2, t->row++, 1, 1);
	}
}

static void add_shown(struct table *t, const struct reader_completeness *c)
{
	size_t n = MIN(c->n, (size_t)GAPS_SHOWN);

	add_heading(t, _("What is shown"));
	if (!c->n)
		add_note(t, _("Fully recorded."));
	for (size_t i = 0; i < n; i++) {
		g_autofree char *words = reason_text(&c->reasons[i]);

		gtk_grid_attach(t->grid, label(words, NULL, 0), 0, t->row++, 3, 1);
	}
	add_more(t, c->n - n);
}

void recording_fill(GtkPopover *popover, const struct reader_info *info, const struct reader_completeness *shown)
{
	struct table t = { GTK_GRID(gtk_grid_new()), 0 };
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *old = gtk_bin_get_child(GTK_BIN(popover));

	gtk_grid_set_column_spacing(t.grid, 18);
	gtk_grid_set_row_spacing(t.grid, 4);
	g_object_set(t.grid, "margin", 12, NULL);
	if (shown)
		add_shown(&t, shown);
	add_gaps(&t, info);
	add_records(&t, info);
	add_unparsed(&t, info);
	gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), HEIGHT);
	gtk_scrolled_window_set_max_content_width(GTK_SCROLLED_WINDOW(scrolled), WIDTH * 2);
	gtk_scrolled_window_set_min_content_width(GTK_SCROLLED_WINDOW(scrolled), WIDTH);
	gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
	gtk_scrolled_window_set_propagate_natural_width(GTK_SCROLLED_WINDOW(scrolled), TRUE);
	gtk_container_add(GTK_CONTAINER(scrolled), GTK_WIDGET(t.grid));
	if (old)
		gtk_widget_destroy(old);
	gtk_container_add(GTK_CONTAINER(popover), scrolled);
	gtk_widget_show_all(scrolled);
}
