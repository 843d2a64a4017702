#include "gui/notes-view.h"

#include "gui/event-column.h"
#include "gui/i18n.h"

static gboolean has_tag(const struct casefile_note *note, const char *name)
{
	struct span rest = note->state.tags, piece, wanted = span_of(name);

	while (rest.n && span_next(&rest, '\n', &piece))
		if (span_eq(piece, wanted))
			return TRUE;
	return FALSE;
}

gboolean notes_view_holds(const struct casefile_note *note, const char *view)
{
	if (g_str_has_prefix(view, "tag:"))
		return has_tag(note, view + 4);
	if (g_str_equal(view, "marked"))
		return note->state.marked;
	if (g_str_equal(view, "tagged"))
		return note->state.tags.n > 0;
	if (g_str_equal(view, "commented"))
		return note->state.comment.n > 0;
	return g_str_equal(view, "noted");
}

guint64 notes_view_count(Notes *notes, const char *view)
{
	guint64 found = 0;
	gsize n;
	const struct casefile_note *all = notes_all(notes, &n);

	for (gsize i = 0; i < n; i++)
		found += notes_view_holds(&all[i], view);
	return found;
}

char *notes_view_expression(Notes *notes, const char *view)
{
	g_autoptr(GString) out = g_string_new("event.id in (");
	guint found = 0;
	gsize n;
	const struct casefile_note *all = notes_all(notes, &n);

	if (!*view)
		return NULL;
	for (gsize i = 0; i < n && found < NOTES_VIEW_MOST; i++)
		if (notes_view_holds(&all[i], view))
			g_string_append_printf(out, "%s%" G_GINT64_FORMAT, found++ ? ", " : "", (gint64)all[i].event);
	if (!found)
		return g_strdup("event.id == 0");
	g_string_append_c(out, ')');
	return g_strdup(out->str);
}

char *notes_view_name(const char *view)
{
	if (g_str_has_prefix(view, "tag:")) {
		g_autofree char *tag = event_text(span_of(view + 4));

		return g_strdup_printf(_("Tagged “%s”"), tag);
	}
	if (g_str_equal(view, "marked"))
		return g_strdup(_("Marked"));
	if (g_str_equal(view, "tagged"))
		return g_strdup(_("Tagged"));
	return g_strdup(g_str_equal(view, "commented") ? _("Commented") : _("With notes"));
}

/* Each line made safe to show. */
static char *visible_lines(struct span text, const char *between)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct span rest = text, line;

	for (int i = 0; text.n && span_next(&rest, '\n', &line); i++) {
		g_autofree char *safe = event_text(line);

		g_string_append_printf(out, "%s%s", i ? between : "", safe);
	}
	return g_strdup(out->str);
}

char *notes_view_tag_list(const struct casefile_note *note)
{
	return visible_lines(note->state.tags, ", ");
}

char *notes_view_comment(const struct casefile_note *note)
{
	return visible_lines(note->state.comment, "\n");
}

static void add_part(GString *out, const char *part)
{
	g_string_append_printf(out, "%s%s", out->len ? " · " : "", part);
}

char *notes_view_of_process(Notes *notes, gint64 process)
{
	g_autoptr(GString) out = g_string_new(NULL), words = g_string_new(NULL);
	guint marked = 0;
	gsize n;
	const struct casefile_note *all = notes_all(notes, &n);

	for (gsize i = 0; i < n; i++) {
		g_autofree char *tags = NULL, *comment = NULL;

		if (all[i].process != process)
			continue;
		marked += all[i].state.marked;
		tags = notes_view_tag_list(&all[i]);
		comment = visible_lines(all[i].state.comment, " ");
		if (*tags)
			add_part(words, tags);
		if (*comment)
			add_part(words, comment);
	}
	if (marked) {
		g_autofree char *number = g_strdup_printf(ngettext("%u marked", "%u marked", marked), marked);

		add_part(out, number);
	}
	if (words->len)
		add_part(out, words->str);
	return out->len ? g_strdup(out->str) : NULL;
}

static void free_tag(gpointer tag)
{
	g_free(((struct notes_tag *)tag)->name);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(((const struct notes_tag *)a)->name, ((const struct notes_tag *)b)->name);
}

GArray *notes_view_tags(Notes *notes)
{
	g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GArray *tags = g_array_new(FALSE, FALSE, sizeof(struct notes_tag));
	GHashTableIter iter;
	gpointer name, count;
	gsize n;
	const struct casefile_note *all = notes_all(notes, &n);

	for (gsize i = 0; i < n; i++) {
		struct span rest = all[i].state.tags, piece;

		while (rest.n && span_next(&rest, '\n', &piece)) {
			g_autofree char *key = g_strndup(piece.p, piece.n);

			count = g_hash_table_lookup(rows, key);
			g_hash_table_insert(rows, g_steal_pointer(&key), GSIZE_TO_POINTER(GPOINTER_TO_SIZE(count) + 1));
		}
	}
	g_array_set_clear_func(tags, free_tag);
	g_hash_table_iter_init(&iter, rows);
	while (g_hash_table_iter_next(&iter, &name, &count)) {
		struct notes_tag tag = { g_strdup(name), GPOINTER_TO_SIZE(count) };

		g_array_append_val(tags, tag);
	}
	g_array_sort(tags, by_name);
	return tags;
}
