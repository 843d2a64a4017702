#include "gui/note-editor.h"

#include <errno.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/notes-view.h"
#include "gui/time-range.h"
#include "gui/wrap-box.h"

enum { TAGS_OFFERED = 12 };

struct subject {
	gint64 event, process, time_ms;
	struct casefile_state before; /* as it was when the editor opened, or when a conflict was shown */
	char *tags, *comment;         /* texts of `before` */
};

struct editor {
	Notes *notes;
	struct subject *subjects;
	gsize n;
	char *tags, *comment;   /* what all of them have */
	gboolean one_comment, some_marked, all_marked;
	GtkWidget *dialog;      /* NULL once it is closed */
	GtkWidget *mark, *entry, *text, *message, *save;
	gboolean busy;          /* being saved: freed afterwards */
};

static void editor_free(struct editor *e)
{
	for (gsize i = 0; i < e->n; i++) {
		g_free(e->subjects[i].tags);
		g_free(e->subjects[i].comment);
	}
	g_object_unref(e->notes);
	g_free(e->subjects);
	g_free(e->tags);
	g_free(e->comment);
	g_free(e);
}

/* ---- what was there, and what is written ---- */

static void see_one(struct editor *e, struct subject *s)
{
	const struct casefile_note *note = notes_get(e->notes, s->event);
	struct casefile_state now = note ? note->state : (struct casefile_state){ 0 };

	g_free(s->tags);
	g_free(s->comment);
	s->tags = g_strndup(now.tags.p ? now.tags.p : "", now.tags.n);
	s->comment = g_strndup(now.comment.p ? now.comment.p : "", now.comment.n);
	s->before = (struct casefile_state){ now.marked, span_of(s->tags), span_of(s->comment) };
}

/* "a\nb" without the tags that `other` has not. Takes it over. */
static char *shared_tags(char *tags, const char *other)
{
	g_auto(GStrv) mine = g_strsplit(tags, "\n", -1), theirs = g_strsplit(other, "\n", -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (char **t = mine; *t; t++)
		if (g_strv_contains((const char *const *)theirs, *t))
			g_string_append_printf(out, "%s%s", out->len ? "\n" : "", *t);
	g_free(tags);
	return g_strdup(out->str);
}

static void see(struct editor *e)
{
	e->one_comment = e->all_marked = TRUE;
	e->some_marked = FALSE;
	g_free(e->tags);
	g_free(e->comment);
	for (gsize i = 0; i < e->n; i++) {
		struct subject *s = &e->subjects[i];

		see_one(e, s);
		e->tags = i ? shared_tags(e->tags, s->tags) : g_strdup(s->tags);
		e->one_comment = e->one_comment && g_str_equal(s->comment, e->subjects[0].comment);
		e->all_marked = e->all_marked && s->before.marked;
		e->some_marked = e->some_marked || s->before.marked;
	}
	e->comment = g_strdup(e->one_comment ? e->subjects[0].comment : "");
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

static void show_theirs(struct editor *e, gint64 event)
{
	const struct casefile_note *note = notes_get(e->notes, event);
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
		show_theirs(e, event);
	else
		say(e, line);
}

/* What was not touched stays as each of them has it. */
static struct casefile_change change_of(struct editor *e, const struct subject *s, const char *written, const char *gone,
                                        const char *comment, char **ret_tags)
{
	struct casefile_change c = { s->event, s->process, s->time_ms, s->before, s->before };
	gboolean keeps_mark = gtk_toggle_button_get_inconsistent(GTK_TOGGLE_BUTTON(e->mark));

	if (casefile_merge_tags(s->before.tags, span_of(written), span_of(gone), ret_tags) == 0)
		c.after.tags = span_of(*ret_tags);
	if (!keeps_mark)
		c.after.marked = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(e->mark));
	if (e->one_comment || *comment)
		c.after.comment = span_of(comment);
	return c;
}

static void change(struct editor *e, const char *tags, const char *comment)
{
	g_autofree struct casefile_change *changes = g_new(struct casefile_change, e->n);
	char **merged = g_new0(char *, e->n), *gone = NULL; /* malloc'd */

	casefile_merge_tags(span_of(e->tags), SPAN(""), span_of(tags), &gone);
	for (gsize i = 0; i < e->n; i++)
		changes[i] = change_of(e, &e->subjects[i], tags, gone ? gone : "", comment, &merged[i]);
	e->busy = TRUE;
	gtk_widget_set_sensitive(e->dialog, FALSE);
	notes_change(e->notes, changes, e->n, on_saved, e);
	for (gsize i = 0; i < e->n; i++)
		free(merged[i]);
	free(gone);
	g_free(merged);
}

static void save(struct editor *e)
{
	g_autofree char *comment = written_comment(e);
	char *tags = NULL;
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
	change(e, tags ? tags : "", comment);
	free(tags);
}

static void on_mark(GtkToggleButton *button)
{
	gtk_toggle_button_set_inconsistent(button, FALSE);
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
	g_auto(GStrv) there = g_strsplit(e->tags, "\n", -1);
	GtkWidget *box = wrap_box_new(4);

	for (guint i = 0, n = 0; i < tags->len && n < TAGS_OFFERED; i++) {
		const char *name = g_array_index(tags, struct notes_tag, i).name;
		GtkWidget *button;

		if (g_strv_contains((const char *const *)there, name))
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
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(e->mark), e->all_marked);
	gtk_toggle_button_set_inconsistent(GTK_TOGGLE_BUTTON(e->mark), e->some_marked && !e->all_marked);
	g_signal_connect(e->mark, "toggled", G_CALLBACK(on_mark), NULL);
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

static void set_titles(GtkWidget *dialog, const struct reader_row *row, gsize n)
{
	GtkHeaderBar *bar = GTK_HEADER_BAR(gtk_dialog_get_header_bar(GTK_DIALOG(dialog)));
	g_autofree char *what = event_column_text(row, EVENT_COLUMN_EVENT), *time = event_time(row->time_ms);
	g_autofree char *zone = time_range_zone(row->time_ms), *when = g_strdup_printf("%s %s", time, zone);
	g_autofree char *number = event_number(n), *rows = g_strdup_printf(_("%s rows"), number);

	gtk_header_bar_set_title(bar, n > 1 ? rows : what);
	gtk_header_bar_set_subtitle(bar, n > 1 ? _("What all of them have; a change is made to all") : when);
}

static struct editor *editor_new(Notes *notes, const struct reader_row *const *rows, gsize n)
{
	struct editor *e = g_new0(struct editor, 1);

	e->notes = g_object_ref(notes);
	e->subjects = g_new0(struct subject, n);
	e->n = n;
	for (gsize i = 0; i < n; i++)
		e->subjects[i] = (struct subject){ .event = rows[i]->id, .process = rows[i]->process, .time_ms = rows[i]->time_ms };
	see(e);
	return e;
}

void note_editor_open(GtkWidget *near, Notes *notes, const struct reader_row *const *rows, gsize n)
{
	struct editor *e = editor_new(notes, rows, n);
	GtkWidget *window = gtk_widget_get_toplevel(near);

	e->dialog = gtk_dialog_new_with_buttons(_("Note"), GTK_WINDOW(window), GTK_DIALOG_MODAL | GTK_DIALOG_USE_HEADER_BAR |
	                                        GTK_DIALOG_DESTROY_WITH_PARENT, _("_Cancel"), GTK_RESPONSE_CANCEL, NULL);
	e->save = gtk_dialog_add_button(GTK_DIALOG(e->dialog), _("_Save"), GTK_RESPONSE_ACCEPT);
	gtk_style_context_add_class(gtk_widget_get_style_context(e->save), GTK_STYLE_CLASS_SUGGESTED_ACTION);
	gtk_dialog_set_default_response(GTK_DIALOG(e->dialog), GTK_RESPONSE_ACCEPT);
	set_titles(e->dialog, rows[0], n);
	fill(e, GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(e->dialog))));
	g_signal_connect_swapped(e->dialog, "response", G_CALLBACK(on_response), e);
	g_signal_connect_swapped(e->dialog, "key-press-event", G_CALLBACK(on_key), e);
	g_signal_connect_swapped(e->dialog, "destroy", G_CALLBACK(on_destroy), e);
	gtk_window_present(GTK_WINDOW(e->dialog));
	gtk_widget_grab_focus(e->text);
}
