#include "gui/note-bar.h"

#include "gui/grid-notes.h"
#include "gui/i18n.h"
#include "gui/notes-view.h"
#include "gui/time-range.h"

enum { LINES_MOST = 4 };

struct bar {
	EventGrid *grid;
	Notes *notes; /* the grid lets go of them before us */
	GtkWidget *box, *tags, *comment, *who, *edit, *fault;
};

static void show_label(GtkWidget *label, const char *text)
{
	gtk_label_set_text(GTK_LABEL(label), text);
	gtk_widget_set_visible(label, *text);
}

static void show_note(struct bar *b, const struct casefile_note *note)
{
	g_autofree char *tags = notes_view_tag_list(note), *comment = notes_view_comment(note);
	g_autofree char *author = event_text(note->author), *time = event_time(note->changed_ms);
	g_autofree char *zone = time_range_zone(note->changed_ms), *who = g_strdup_printf("%s · %s %s", author, time, zone);

	show_label(b->tags, tags);
	show_label(b->comment, comment);
	gtk_widget_set_tooltip_text(b->comment, comment);
	show_label(b->who, who);
}

static void show(struct bar *b)
{
	guint64 i = event_grid_get_selected(b->grid);
	EventModel *model = event_grid_get_model(b->grid);
	const struct reader_row *row = model && i != EVENT_GRID_NO_ROW ? event_model_get_row(model, i) : NULL;
	const struct casefile_note *note = row ? notes_get(b->notes, row->id) : NULL;
	const char *error = notes_error(b->notes);

	if (note)
		show_note(b, note);
	show_label(b->fault, error ? error : "");
	gtk_widget_set_visible(b->edit, note != NULL);
	if (!note) {
		gtk_widget_hide(b->tags);
		gtk_widget_hide(b->comment);
		gtk_widget_hide(b->who);
	}
	gtk_widget_set_visible(b->box, note || error);
}

/* Until something else is selected. */
static void on_failed(struct bar *b, const char *line)
{
	show_label(b->fault, line);
	gtk_widget_show(b->box);
	gtk_widget_error_bell(b->box);
}

static void on_edit(struct bar *b)
{
	grid_notes_edit(b->grid);
}

static GtkWidget *add_label(struct bar *b, const char *class, gboolean wide)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_yalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
	gtk_widget_set_valign(label, GTK_ALIGN_CENTER);
	gtk_box_pack_start(GTK_BOX(b->box), label, wide, wide, 0);
	return label;
}

static void on_destroy(struct bar *b)
{
	g_signal_handlers_disconnect_by_data(b->notes, b);
	g_signal_handlers_disconnect_by_data(b->grid, b);
	g_object_unref(b->notes);
	g_object_unref(b->grid);
	g_free(b);
}

static void build(struct bar *b)
{
	b->box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	gtk_style_context_add_class(gtk_widget_get_style_context(b->box), "note-bar");
	b->fault = add_label(b, "filter-message", FALSE);
	b->tags = add_label(b, "note-tags", FALSE);
	b->comment = add_label(b, "note-comment", TRUE);
	gtk_label_set_line_wrap(GTK_LABEL(b->comment), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(b->comment), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_lines(GTK_LABEL(b->comment), LINES_MOST);
	gtk_label_set_selectable(GTK_LABEL(b->comment), TRUE);
	b->edit = gtk_button_new_with_mnemonic(_("_Edit note…"));
	gtk_style_context_add_class(gtk_widget_get_style_context(b->edit), "chip");
	gtk_widget_set_valign(b->edit, GTK_ALIGN_CENTER);
	gtk_widget_set_tooltip_text(b->edit, _("Mark, tags and comment of the selected row (Ctrl+E)"));
	gtk_box_pack_end(GTK_BOX(b->box), b->edit, FALSE, FALSE, 0);
	b->who = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(b->who), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(b->who), "dim-label");
	gtk_widget_set_valign(b->who, GTK_ALIGN_CENTER);
	gtk_box_pack_end(GTK_BOX(b->box), b->who, FALSE, FALSE, 0);
	gtk_widget_set_no_show_all(b->box, TRUE);
}

GtkWidget *note_bar_new(EventGrid *grid)
{
	struct bar *b = g_new0(struct bar, 1);

	b->grid = g_object_ref(grid);
	b->notes = g_object_ref(event_grid_get_notes(grid));
	build(b);
	atk_object_set_name(gtk_widget_get_accessible(b->box), _("Note"));
	g_signal_connect_swapped(grid, "selection-changed", G_CALLBACK(show), b);
	g_signal_connect_swapped(b->notes, "changed", G_CALLBACK(show), b);
	g_signal_connect_swapped(b->notes, "failed", G_CALLBACK(on_failed), b);
	g_signal_connect_swapped(b->edit, "clicked", G_CALLBACK(on_edit), b);
	g_signal_connect_swapped(b->box, "destroy", G_CALLBACK(on_destroy), b);
	show(b);
	return b->box;
}
