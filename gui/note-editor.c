#include "gui/note-editor.h"

#include <errno.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/notes-view.h"
#include "gui/time-range.h"
#include "gui/wrap-box.h"

enum { TAGS_OFFERED = 12 };

struct editor {
	Notes *notes;
	gint64 event, process, time_ms;
	struct casefile_state before; /* as it was when the editor opened, or when a conflict was shown */
	char *tags, *comment;         /* texts of `before` */
	GtkWidget *dialog;            /* NULL once it is closed */
	GtkWidget *mark, *entry, *text, *message, *save;
	gboolean busy;                /* being saved: freed afterwards */
};

static void editor_free(struct editor *e)
{
	g_object_unref(e->notes);
	g_free(e->tags);
	g_free(e->comment);
	g_free(e);
}

/* ---- what was there, and what is written ---- */

static void see(struct editor *e)
{
	const struct casefile_note *note = notes_get(e->notes, e->event);
	struct casefile_state now = note ? note->state : (struct casefile_state){ 0 };

	g_free(e->tags);
	g_free(e->comment);
	e->tags = g_strndup(now.tags.p ? now.tags.p : "", now.tags.n);
	e->comment = g_strndup(now.comment.p ? now.comment.p : "", now.comment.n);
	e->before = (struct casefile_state){ now.marked, span_of(e->tags), span_of(e->comment) };
}

static char *written_comment(struct editor *e)
{
	GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(e->text));
	GtkTextIter from, to;

	gtk_text_buffer_get_bounds(buffer, &from, &to);
	return g_strchomp(gtk_text_buffer_get_text(buffer, &from, &to, FALSE));
}

static void say(struct editor *e, const char *words)
{
	gtk_label_set_text(GTK_LABEL(e->message), words);
	gtk_widget_set_visible(e->message, *words);
}

/* ---- saving ---- */

static void show_theirs(struct editor *e)
{
	const struct casefile_note *note = notes_get(e->notes, e->event);
	g_autofree char *theirs = note ? notes_view_comment(note) : NULL, *author = note ? event_text(note->author) : NULL;
	g_autofree char *words = NULL;

	if (theirs && *theirs)
		words = g_strdup_printf(_("Meanwhile %s has written: %s"), author, theirs);
	else
		words = g_strdup(_("Meanwhile somebody else has removed this comment."));
	say(e, words);
	gtk_button_set_label(GTK_BUTTON(e->save), _("_Replace theirs"));
	see(e);
}

static void on_saved(int error, gint64 event, const char *line, gpointer data)
{
	struct editor *e = data;

	e->busy = FALSE;
	if (!e->dialog) {
		editor_free(e);
		return;
	}
	gtk_widget_set_sensitive(e->dialog, TRUE);
	if (error == 0)
		gtk_widget_destroy(e->dialog);
	else if (error == -ESTALE)
		show_theirs(e);
	else
		say(e, line);
}

static void save(struct editor *e)
{
	g_autofree char *comment = written_comment(e);
	char *tags = NULL;
	struct casefile_change change = { e->event, e->process, e->time_ms, e->before, { 0 } };
	int r = casefile_tags(span_of(gtk_entry_get_text(GTK_ENTRY(e->entry))), &tags);

	if (r == -EINVAL) {
		say(e, _("A tag can have 64 bytes, a row 32 of them, and all characters must be visible."));
		gtk_widget_grab_focus(e->entry);
		return;
	}
	if (strlen(comment) > CASEFILE_MAX_COMMENT) {
		say(e, _("The comment is too long: 16,000 bytes is the most."));
		return;
	}
	change.after.marked = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(e->mark));
	change.after.tags = span_of(tags);
	change.after.comment = span_of(comment);
	e->busy = TRUE;
	gtk_widget_set_sensitive(e->dialog, FALSE);
	notes_change(e->notes, &change, 1, on_saved, e);
	free(tags);
}

static void on_response(struct editor *e, gint response)
{
	if (response == GTK_RESPONSE_ACCEPT)
		save(e);
	else
		gtk_widget_destroy(e->dialog);
}

static void on_destroy(struct editor *e)
{
	e->dialog = NULL;
	if (!e->busy)
		editor_free(e);
}

static gboolean on_key(struct editor *e, GdkEventKey *event)
{
	gboolean enter = event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter;

	if (!enter || (event->state & gtk_accelerator_get_default_mod_mask()) != GDK_CONTROL_MASK)
		return GDK_EVENT_PROPAGATE;
	gtk_dialog_response(GTK_DIALOG(e->dialog), GTK_RESPONSE_ACCEPT);
	return GDK_EVENT_STOP;
}

/* ---- building ---- */

static void on_tag(GtkWidget *button, struct editor *e)
{
	const char *text = gtk_entry_get_text(GTK_ENTRY(e->entry));
	g_autofree char *both = g_strdup_printf("%s%s%s", text, *text ? ", " : "", gtk_button_get_label(GTK_BUTTON(button)));

	gtk_entry_set_text(GTK_ENTRY(e->entry), both);
	gtk_widget_set_sensitive(button, FALSE);
}

/* Tags in use elsewhere, to be added with a click. */
static GtkWidget *offers(struct editor *e)
{
	g_autoptr(GArray) tags = notes_view_tags(e->notes);
	const struct casefile_note *note = notes_get(e->notes, e->event);
	GtkWidget *box = wrap_box_new(4);

	for (guint i = 0, n = 0; i < tags->len && n < TAGS_OFFERED; i++) {
		const char *name = g_array_index(tags, struct notes_tag, i).name;
		g_autofree char *view = g_strconcat("tag:", name, NULL);
		GtkWidget *button;

		if (note && notes_view_holds(note, view))
			continue;
		n++;
		button = gtk_button_new_with_label(name);
		gtk_style_context_add_class(gtk_widget_get_style_context(button), "chip");
		g_signal_connect(button, "clicked", G_CALLBACK(on_tag), e);
		gtk_container_add(GTK_CONTAINER(box), button);
	}
	return box;
}

static GtkWidget *name_of(const char *words, GtkWidget *what)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(words);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), what);
	atk_object_set_name(gtk_widget_get_accessible(what), gtk_label_get_text(GTK_LABEL(label)));
	return label;
}

static GtkWidget *comment_box(struct editor *e)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);

	e->text = gtk_text_view_new();
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(e->text), GTK_WRAP_WORD_CHAR);
	gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(e->text), FALSE);
	g_object_set(e->text, "left-margin", 6, "right-margin", 6, "top-margin", 6, "bottom-margin", 6, NULL);
	gtk_text_buffer_set_text(gtk_text_view_get_buffer(GTK_TEXT_VIEW(e->text)), e->comment, -1);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
	gtk_widget_set_size_request(scrolled, 440, 120);
	gtk_widget_set_vexpand(scrolled, TRUE);
	gtk_container_add(GTK_CONTAINER(scrolled), e->text);
	return scrolled;
}

static GtkWidget *small_label(const char *words)
{
	GtkWidget *label = gtk_label_new(words);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	return label;
}

static void fill(struct editor *e, GtkContainer *area)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *comment = comment_box(e), *place;
	g_auto(GStrv) parts = g_strsplit(e->tags, "\n", -1);
	g_autofree char *where = notes_place(e->notes), *tags = g_strjoinv(", ", parts);

	e->mark = gtk_check_button_new_with_mnemonic(_("_Marked"));
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(e->mark), e->before.marked);
	e->entry = gtk_entry_new();
	gtk_entry_set_text(GTK_ENTRY(e->entry), tags);
	gtk_entry_set_placeholder_text(GTK_ENTRY(e->entry), _("Words, with commas between"));
	gtk_entry_set_activates_default(GTK_ENTRY(e->entry), TRUE);
	e->message = small_label("");
	gtk_style_context_add_class(gtk_widget_get_style_context(e->message), "filter-message");
	gtk_widget_set_no_show_all(e->message, TRUE);
	place = small_label(where);
	gtk_style_context_add_class(gtk_widget_get_style_context(place), "dim-label");
	gtk_container_set_border_width(GTK_CONTAINER(box), 12);
	gtk_box_pack_start(GTK_BOX(box), e->mark, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), name_of(_("_Tags"), e->entry), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), e->entry, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), offers(e), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), name_of(_("_Comment"), e->text), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), comment, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), e->message, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), place, FALSE, FALSE, 0);
	gtk_container_add(area, box);
	gtk_widget_show_all(box);
}

static void set_titles(GtkWidget *dialog, const struct reader_row *row)
{
	GtkHeaderBar *bar = GTK_HEADER_BAR(gtk_dialog_get_header_bar(GTK_DIALOG(dialog)));
	g_autofree char *what = event_column_text(row, EVENT_COLUMN_EVENT), *time = event_time(row->time_ms);
	g_autofree char *zone = time_range_zone(row->time_ms), *when = g_strdup_printf("%s %s", time, zone);

	gtk_header_bar_set_title(bar, what);
	gtk_header_bar_set_subtitle(bar, when);
}

void note_editor_open(GtkWidget *near, Notes *notes, const struct reader_row *row)
{
	struct editor *e = g_new0(struct editor, 1);
	GtkWidget *window = gtk_widget_get_toplevel(near);

	e->notes = g_object_ref(notes);
	e->event = row->id;
	e->process = row->process;
	e->time_ms = row->time_ms;
	see(e);
	e->dialog = gtk_dialog_new_with_buttons(_("Note"), GTK_WINDOW(window), GTK_DIALOG_MODAL | GTK_DIALOG_USE_HEADER_BAR |
	                                        GTK_DIALOG_DESTROY_WITH_PARENT, _("_Cancel"), GTK_RESPONSE_CANCEL, NULL);
	e->save = gtk_dialog_add_button(GTK_DIALOG(e->dialog), _("_Save"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(e->save), GTK_STYLE_CLASS_SUGGESTED_ACTION);
	gtk_dialog_set_default_response(GTK_DIALOG(e->dialog), GTK_RESPONSE_ACCEPT);
	set_titles(e->dialog, row);
	fill(e, GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(e->dialog))));
	g_signal_connect_swapped(e->dialog, "response", G_CALLBACK(on_response), e);
	g_signal_connect_swapped(e->dialog, "key-press-event", G_CALLBACK(on_key), e);
	g_signal_connect_swapped(e->dialog, "destroy", G_CALLBACK(on_destroy), e);
	gtk_window_present(GTK_WINDOW(e->dialog));
	gtk_widget_grab_focus(e->text);
}
