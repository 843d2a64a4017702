#include "gui/value-completer.h"

#include <string.h>

#include "gui/event-column.h"

struct _ValueCompleter {
	GObject parent;
	GtkEntry *entry; /* owns us */
	GtkListStore *rows;
	guint n_words;   /* the first rows */
	value_completer_place_fn *place_of;
	gpointer data;
	Source *source;
	struct complete_place place;
	char *asked;     /* field and part that the values in the rows are of, or that are asked for */
	GCancellable *call;
	guint timer;
};
G_DEFINE_FINAL_TYPE(ValueCompleter, value_completer, G_TYPE_OBJECT)

enum { WORD, ABOUT, WRITTEN, N_COLUMNS }; /* WRITTEN: what a value is put as; NULL for words */
enum { WAIT_MS = 60 /* less than the list takes to come up */, MOST = 30, ROWS_SEEN = 10 };

/* ---- what fits ---- */

static gboolean word_fits(const char *word, const char *part)
{
	gsize n = strlen(part);

	if (n < 2 || (strlen(word) == n && g_ascii_strncasecmp(word, part, n) == 0))
		return FALSE;
	if (g_ascii_strncasecmp(word, part, n) == 0)
		return TRUE;
	/* "exec" finds process.executable */
	for (const char *at = strchr(word, '.'); at; at = strchr(at + 1, '.'))
		if (g_ascii_strncasecmp(at + 1, part, n) == 0)
			return TRUE;
	return FALSE;
}

static gboolean fits(GtkEntryCompletion *completion, const char *key, GtkTreeIter *iter, gpointer data)
{
	ValueCompleter *self = data;
	g_autofree char *word = NULL, *written = NULL;

	gtk_tree_model_get(GTK_TREE_MODEL(self->rows), iter, WORD, &word, WRITTEN, &written, -1);
	if (self->place.is == COMPLETE_VALUE)
		return written != NULL;
	return self->place.is == COMPLETE_WORD && !written && word && word_fits(word, self->place.part);
}

static gboolean on_selected(GtkEntryCompletion *completion, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
	ValueCompleter *self = data;
	GtkEditable *entry = GTK_EDITABLE(self->entry);
	const char *text = gtk_entry_get_text(self->entry);
	g_autofree char *word = NULL, *written = NULL, *put = NULL;
	gint from = (gint)g_utf8_pointer_to_offset(text, text + MIN(self->place.from, strlen(text)));
	gint to = (gint)g_utf8_pointer_to_offset(text, text + MIN(self->place.to, strlen(text)));

	gtk_tree_model_get(model, iter, WORD, &word, WRITTEN, &written, -1);
	put = g_strconcat(written ? written : word, written && !self->place.quotes ? "" : " ", NULL);
	gtk_editable_delete_text(entry, from, to);
	gtk_editable_insert_text(entry, put, -1, &from);
	gtk_editable_set_position(entry, from);
	return TRUE;
}

/* ---- values ---- */

static void drop_values(ValueCompleter *self)
{
	GtkTreeIter iter;

	while (gtk_tree_model_iter_nth_child(GTK_TREE_MODEL(self->rows), &iter, NULL, (gint)self->n_words))
		gtk_list_store_remove(self->rows, &iter);
}

static void show_values(ValueCompleter *self, const struct reader_values *v)
{
	drop_values(self);
	for (size_t i = 0; i < v->n; i++) {
		g_autofree char *shown = event_text(v->values[i].text);
		g_autofree char *written = v->values[i].cut ? NULL : complete_place_written(&self->place, v->values[i].text);

		if (written && !g_str_equal(self->place.part, v->values[i].text.p))
			gtk_list_store_insert_with_values(self->rows, NULL, -1, WORD, shown, ABOUT, self->place.field->name,
			                                  WRITTEN, written, -1);
	}
	/* The list comes up when the entry changes: GTK 3 knows no other way. */
	if (v->n && gtk_widget_has_focus(GTK_WIDGET(self->entry)))
		g_signal_emit_by_name(self->entry, "changed");
}

static void on_values(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(ValueCompleter) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_values v;

	if (!source_values_finish(SPOOR_SOURCE(object), result, &v, &error))
		return;
	if (self->entry && self->place.is == COMPLETE_VALUE)
		show_values(self, &v);
	reader_values_free(&v);
}

static void ask(ValueCompleter *self)
{
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_values_wish wish = { .field = self->place.field, .max = MOST, .quick = true };
	gsize n = strlen(self->place.part);

	wish.part = (struct span){ self->place.part, MIN(n, READER_VALUE_BYTES) };
	self->call = g_cancellable_new();
	source_values_async(self->source, &q, &wish, self->call, on_values, g_object_ref(self));
}

static void stop(ValueCompleter *self)
{
	g_clear_handle_id(&self->timer, g_source_remove);
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
}

/* A little after a letter: its entry moves the cursor only then, and the next letter may follow at once. */
static gboolean look(gpointer data)
{
	ValueCompleter *self = data;
	g_autofree char *key = NULL;

	self->timer = 0;

	complete_place_clear(&self->place);
	self->place = self->place_of(self->entry, self->data);
	if (self->place.is == COMPLETE_VALUE)
		key = g_strconcat(self->place.field->name, " ", self->place.part, NULL);
	if (g_strcmp0(key, self->asked) == 0)
		return G_SOURCE_REMOVE;
	stop(self);
	drop_values(self);
	g_free(self->asked);
	self->asked = g_steal_pointer(&key);
	if (self->asked && self->source && gtk_widget_has_focus(GTK_WIDGET(self->entry)))
		ask(self);
	return G_SOURCE_REMOVE;
}

static void on_changed(ValueCompleter *self)
{
	g_clear_handle_id(&self->timer, g_source_remove);
	self->timer = g_timeout_add(WAIT_MS, look, self);
}

/* ---- the object ---- */

void value_completer_add_word(ValueCompleter *self, const char *word, const char *about)
{
	gtk_list_store_insert_with_values(self->rows, NULL, (gint)self->n_words++, WORD, word, ABOUT, about, -1);
}

void value_completer_set_source(ValueCompleter *self, Source *source)
{
	stop(self);
	drop_values(self);
	g_clear_pointer(&self->asked, g_free);
	g_set_object(&self->source, source);
}

static void on_entry_destroyed(ValueCompleter *self)
{
	stop(self);
	self->entry = NULL;
	g_clear_object(&self->source);
}

static void value_completer_finalize(GObject *object)
{
	ValueCompleter *self = VALUE_COMPLETER(object);

	stop(self);
	complete_place_clear(&self->place);
	g_free(self->asked);
	g_clear_object(&self->source);
	g_object_unref(self->rows);
	G_OBJECT_CLASS(value_completer_parent_class)->finalize(object);
}

static void value_completer_class_init(ValueCompleterClass *class)
{
	G_OBJECT_CLASS(class)->finalize = value_completer_finalize;
}

/* ---- the list's height: GTK lets it fill the screen, and has no say in it ---- */

static void cap_height(GtkScrolledWindow *scrolled, GParamSpec *unused, GtkTreeView *list)
{
	int row, separator, most;

	gtk_tree_view_column_cell_get_size(gtk_tree_view_get_column(list, 0), NULL, NULL, NULL, NULL, &row);
	gtk_widget_style_get(GTK_WIDGET(list), "vertical-separator", &separator, NULL);
	most = ROWS_SEEN * (row + separator);
	if (gtk_scrolled_window_get_min_content_height(scrolled) > most)
		gtk_scrolled_window_set_min_content_height(scrolled, most);
}

static void find_list(GtkWidget *w, gpointer data)
{
	GtkTreeModel *rows = data;
	GtkTreeModel *shown = GTK_IS_TREE_VIEW(w) ? gtk_tree_view_get_model(GTK_TREE_VIEW(w)) : NULL;

	if (GTK_IS_TREE_MODEL_FILTER(shown) && gtk_tree_model_filter_get_model(GTK_TREE_MODEL_FILTER(shown)) == rows)
		g_signal_connect_object(gtk_widget_get_ancestor(w, GTK_TYPE_SCROLLED_WINDOW), "notify::min-content-height",
		                        G_CALLBACK(cap_height), w, 0);
	else if (GTK_IS_CONTAINER(w))
		gtk_container_forall(GTK_CONTAINER(w), find_list, data);
}

static void cap_list(GtkTreeModel *rows)
{
	g_autoptr(GList) windows = gtk_window_list_toplevels();

	for (GList *l = windows; l; l = l->next)
		if (gtk_window_get_window_type(l->data) == GTK_WINDOW_POPUP)
			find_list(l->data, rows);
}

static void value_completer_init(ValueCompleter *self)
{
	self->rows = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

ValueCompleter *value_completer_new(GtkEntry *entry, value_completer_place_fn *place, gpointer data)
{
	ValueCompleter *self = g_object_new(VALUE_COMPLETER_TYPE, NULL);
	GtkEntryCompletion *completion = gtk_entry_completion_new();
	GtkCellLayout *cells = GTK_CELL_LAYOUT(completion);
	GtkCellRenderer *word = gtk_cell_renderer_text_new(), *about = gtk_cell_renderer_text_new();

	self->entry = entry;
	self->place_of = place;
	self->data = data;
	g_signal_connect_swapped(entry, "changed", G_CALLBACK(on_changed), self);
	g_signal_connect_swapped(entry, "destroy", G_CALLBACK(on_entry_destroyed), self);
	gtk_entry_completion_set_model(completion, GTK_TREE_MODEL(self->rows));
	cap_list(GTK_TREE_MODEL(self->rows));
	gtk_cell_layout_pack_start(cells, word, FALSE);
	gtk_cell_layout_add_attribute(cells, word, "text", WORD);
	g_object_set(word, "width-chars", 28, "max-width-chars", 60, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, NULL);
	gtk_cell_layout_pack_start(cells, about, TRUE);
	gtk_cell_layout_add_attribute(cells, about, "text", ABOUT);
	g_object_set(about, "scale", 0.9, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
	gtk_entry_completion_set_minimum_key_length(completion, 1);
	gtk_entry_completion_set_match_func(completion, fits, self, NULL);
	g_signal_connect(completion, "match-selected", G_CALLBACK(on_selected), self);
	gtk_entry_set_completion(entry, completion);
	g_object_unref(completion);
	g_object_set_data_full(G_OBJECT(entry), "completer", self, g_object_unref);
	return self;
}
