#include "gui/reason-text.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/time-range.h"
#include "timeline/view/theme.h"

enum { REASONS_TOLD = 3 };

static const char *why_of(const struct reader_reason *r)
{
	return _(complete_why(r->why));
}

/* Causes that are not about a time. */
static char *timeless(const struct reader_reason *r)
{
	g_autofree char *number = r->count >= 0 ? event_number((guint64)r->count) : NULL;

	if (r->why == READER_UNPARSED && number)
		return g_strdup_printf(ngettext("%s record that could not be understood", "%s records that could not be understood",
		                                (gulong)r->count), number);
	return g_strdup(why_of(r));
}

static char *kinds_text(unsigned kinds)
{
	GString *out = g_string_new(NULL);

	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT; c++)
		if (kinds >> c & 1)
			g_string_append_printf(out, "%s%s", out->len ? ", " : "", theme_kind_name((enum event_category)c));
	return g_string_free(out, FALSE);
}

/* What is missing for it. */
static char *what_text(const struct reader_reason *r)
{
	g_autofree char *number = r->count >= 0 ? event_number((guint64)r->count) : NULL;

	if (r->note)
		return g_strdup(_("Nothing lost"));
	if (number)
		return g_strdup_printf(ngettext("%s event lost", "%s events lost", (gulong)r->count), number);
	if (r->why == GAP_LEFT_OUT || r->why == READER_FILTERED)
		return kinds_text(r->kinds);
	return g_strdup(r->whole ? _("Nothing recorded") : _("Events lost"));
}

static char *time_text(gint64 ms)
{
	g_autofree char *time = event_time(ms), *zone = time_range_zone(ms);

	return g_strdup_printf("%s %s", time, zone);
}

char *reason_text(const struct reader_reason *r)
{
	g_autofree char *what = NULL, *from = NULL, *to = NULL;

	if (r->why == READER_UNPARSED || r->why == READER_IMPORTED || r->why == READER_NEVER)
		return timeless(r);
	from = time_text(r->why == READER_AFTER ? r->from_ms - 1 : r->from_ms); /* the last that was recorded */
	to = time_text(r->to_ms);
	if (r->why == READER_BEFORE)
		return g_strdup_printf(_("Recording began %s"), to);
	if (r->why == READER_AFTER)
		return g_strdup_printf(_("Recording ended %s"), from);
	/* Translators: what is not recorded, from when, to when */
	if (complete_is_lack(r->why))
		return g_strdup_printf(_("%s between %s and %s"), why_of(r), from, to);
	what = what_text(r);
	/* Translators: what is missing, when, why */
	if (r->from_ms == r->to_ms)
		return g_strdup_printf(_("%s at %s: %s"), what, from, why_of(r));
	/* Translators: what is missing, from when, to when, why */
	return g_strdup_printf(_("%s between %s and %s: %s"), what, from, to, why_of(r));
}

/* Those that the verdict rests on: notes come last, and choices where something was lost too. */
static gboolean told(const struct reader_completeness *c, const struct reader_reason *r)
{
	return c->verdict == READER_FULLY || (!r->note && (!complete_is_choice(r->why) || c->verdict == READER_AS_CHOSEN));
}

static const char *verdict_text(const struct reader_completeness *c)
{
	switch (c->verdict) {
	case READER_FULLY: return _("Fully recorded");
	case READER_AS_CHOSEN: return _("Nothing is known to be missing of what was chosen to be recorded");
	case READER_PARTLY: return _("Not fully recorded");
	case READER_NOT: return _("Not recorded");
	}
	return "";
}

char *reason_text_all(const struct reader_completeness *c)
{
	GString *out = g_string_new(verdict_text(c));
	gulong n = 0, more = 0;

	for (size_t i = 0; i < c->n; i++) {
		g_autofree char *line = NULL;

		if (!told(c, &c->reasons[i]))
			continue;
		if (n++ >= REASONS_TOLD) {
			more++;
			continue;
		}
		line = reason_text(&c->reasons[i]);
		g_string_append_printf(out, "\n%s", line);
	}
	if (more) {
		g_autofree char *number = event_number(more);

		g_string_append_c(out, '\n');
		g_string_append_printf(out, ngettext("and %s more", "and %s more", more), number);
	}
	return g_string_free(out, FALSE);
}
