/* The statement above the results: whether what is asked for was fully recorded. */
#include "gui/event-column.h"
#include "gui/explorer-private.h"
#include "gui/i18n.h"
#include "gui/reason-text.h"
#include "gui/recording.h"
#include "recorder/query/complete.h"

/* One reason without its time: that is in the popover. */
static char *short_reason(const struct reader_reason *r)
{
	g_autofree char *number = r->count >= 0 ? event_number((guint64)r->count) : NULL;

	if (r->why == READER_UNPARSED && number)
		return g_strdup_printf(ngettext("%s record of this recording could not be understood",
		                                "%s records of this recording could not be understood", (gulong)r->count), number);
	/* Translators: how many events, why */
	if (number)
		return g_strdup_printf(_("%s lost: %s"), number, _(complete_why(r->why)));
	return g_strdup(_(complete_why(r->why)));
}

/* What keeps it from being complete. */
static char *fault(const struct reader_completeness *c)
{
	const struct reader_reason *first = NULL;
	g_autofree char *text = NULL, *begin = NULL, *number = NULL;
	guint64 more = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct reader_reason *r = &c->reasons[i];

		if (r->note || complete_is_choice(r->why))
			continue;
		more += first ? r->rows : r->rows - 1;
		first = first ? first : r;
	}
	if (!first)
		return g_strdup(_("Not fully recorded"));
	text = short_reason(first);
	begin = g_utf8_strup(text, g_utf8_next_char(text) - text);
	number = event_number(more);
	if (more) /* Translators: what keeps the recording from being complete, how many such things more */
		return g_strdup_printf(ngettext("%s%s, and %s more", "%s%s, and %s more", more), begin, g_utf8_next_char(text),
		                       number);
	return g_strconcat(begin, g_utf8_next_char(text), NULL);
}

/* all: of the whole recording. */
static const char *choice_words(const struct reader_completeness *c, gboolean all)
{
	int why = READER_IMPORTED;

	for (size_t i = 0; i < c->n; i++)
		if (c->reasons[i].why == READER_FILTERED || (c->reasons[i].why == GAP_UNCOUNTED && why == READER_IMPORTED))
			why = c->reasons[i].why;
	switch (why) {
	case READER_FILTERED:
		return all ? _("Nothing lost, but a filter leaves some out")
		           : _("Nothing lost for this range, but a filter leaves some out");
	case GAP_UNCOUNTED:
		return all ? _("No loss known, but another audit daemon's losses are not counted")
		           : _("No loss known for this range, but another audit daemon's losses are not counted");
	default:
		return all ? _("Nothing is missing from this log") : _("Nothing is missing from this log for this range");
	}
}

static char *statement(Explorer *self)
{
	const struct reader_completeness *c = &self->completeness;
	gboolean all = self->state.range.from_ms == INT64_MIN && self->state.range.to_ms == INT64_MAX;

	switch (source_get_check(self->source)) {
	case SOURCE_CHECKING: return g_strdup(_("Looking through the file for damage…"));
	case SOURCE_DAMAGED: return g_strdup(_("The file is damaged: what is shown may be wrong or missing"));
	case SOURCE_CHECKED: break;
	}
	switch (c->verdict) {
	case READER_FULLY: return g_strdup(all ? _("Fully recorded") : _("Fully recorded for this range"));
	case READER_AS_CHOSEN: return g_strdup(choice_words(c, all));
	case READER_PARTLY:
	case READER_NOT: return fault(c);
	}
	return g_strdup("");
}

void explorer_complete_show(Explorer *self)
{
	const struct reader_completeness *c = &self->completeness;
	gboolean bad = source_get_check(self->source) != SOURCE_CHECKED || c->verdict >= READER_PARTLY;
	GtkStyleContext *style = gtk_widget_get_style_context(self->complete_icon);
	g_autofree char *text = statement(self), *words = c->verdict ? reason_text_all(c) : NULL;

	gtk_label_set_text(GTK_LABEL(self->complete), text);
	gtk_widget_set_tooltip_text(self->complete, words);
	gtk_image_set_from_icon_name(GTK_IMAGE(self->complete_icon), bad ? "dialog-warning-symbolic" : "emblem-ok-symbolic",
	                             GTK_ICON_SIZE_MENU);
	gtk_style_context_remove_class(style, bad ? "complete" : "incomplete");
	gtk_style_context_add_class(style, bad ? "incomplete" : "complete");
}

const char *explorer_complete_nothing(Explorer *self)
{
	switch (self->completeness.verdict) {
	case READER_FULLY: return _("Nothing that was recorded here matches, and the recording is complete.");
	case READER_AS_CHOSEN:
		return _("Nothing that was recorded here matches, and nothing is known to be missing of what was chosen to be "
		       "recorded.");
	case READER_PARTLY: return _("Nothing recorded here matches, but the recording is not complete.");
	case READER_NOT: return _("Nothing of what is asked for was recorded.");
	}
	return _("Nothing recorded here matches.");
}

static void on_completeness(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Explorer) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_completeness c;

	if (!source_completeness_finish(SPOOR_SOURCE(object), result, &c, &error)) {
		if (self->source && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			explorer_complete_show(self);
		return;
	}
	if (!self->source) {
		reader_completeness_free(&c);
		return;
	}
	reader_completeness_free(&self->completeness);
	self->completeness = c;
	explorer_complete_show(self);
	explorer_show_empty(self);
	recording_fill(GTK_POPOVER(self->recording), source_get_info(self->source), &self->completeness);
}

void explorer_complete_ask(Explorer *self, const struct source_query *q)
{
	explorer_complete_clear(self);
	reader_completeness_free(&self->completeness); /* the old statement stays to be seen until the new one is there */
	self->complete_call = g_cancellable_new();
	source_completeness_async(self->source, q, self->complete_call, on_completeness, g_object_ref(self));
}

void explorer_complete_clear(Explorer *self)
{
	g_cancellable_cancel(self->complete_call);
	g_clear_object(&self->complete_call);
}
