#include "gui/time-range.h"

#include "gui/i18n.h"
#include <string.h>

#include "agent/base/clock.h"

static gboolean local;

void time_range_use_local(gboolean on)
{
	local = on;
}

gboolean time_range_is_local(void)
{
	return local;
}

/* ---- the zone ---- */

/* NULL for UTC, and for times that the calendar of GLib does not reach. */
static GDateTime *local_time(gint64 ms)
{
	g_autoptr(GDateTime) utc = NULL;

	if (!local || ms < 0 || ms > CLOCK_MAX)
		return NULL;
	utc = g_date_time_new_from_unix_utc(ms / MS_PER_SEC);
	return utc ? g_date_time_to_local(utc) : NULL;
}

char *time_range_zone(gint64 ms)
{
	g_autoptr(GDateTime) t = local_time(ms);

	return g_strdup(t ? g_date_time_get_timezone_abbreviation(t) : "UTC");
}

char *time_range_format(gint64 ms)
{
	g_autoptr(GDateTime) t = local_time(ms);
	gint64 shift = t ? g_date_time_get_utc_offset(t) / 1000 : 0;
	char text[CLOCK_TEXT];

	clock_format(ms + shift, text);
	text[23] = '\0'; /* without the offset */
	return g_strdup(text);
}

static gboolean names_zone(const char *text)
{
	size_t n = strlen(text);
	const char *clock = n > 10 ? text + 10 : "";

	return g_str_has_suffix(text, "Z") || g_str_has_suffix(text, "z") || strpbrk(clock, "+-") || *text == '-' ||
	       *text == '+' || g_ascii_strcasecmp(text, "now") == 0;
}

gboolean time_range_parse(const char *text, gint64 end, gint64 *ret_ms)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));
	g_autoptr(GDateTime) t = NULL;
	struct clock_fields f;
	gint64 ms;

	if (clock_parse(span_of(clean), end, &ms) < 0)
		return FALSE;
	if (local && !names_zone(clean)) {
		f = clock_split(ms);
		t = g_date_time_new_local(f.year, f.month, f.day, f.hour, f.minute, f.second);
		ms = t ? g_date_time_to_unix(t) * MS_PER_SEC + f.ms : ms;
	}
	*ret_ms = ms;
	return TRUE;
}

/* ---- ranges ---- */

#define HOUR (3600 * MS_PER_SEC)

static const struct time_range_preset presets[] = {
	{ N_("Last hour"), HOUR },
	{ N_("Last 24 hours"), 24 * HOUR },
	{ N_("Last 7 days"), 7 * MS_PER_DAY },
	{ N_("Last 30 days"), 30 * MS_PER_DAY },
	{ N_("All time"), 0 },
};

const struct time_range_preset *time_range_preset_at(guint i)
{
	return i < G_N_ELEMENTS(presets) ? &presets[i] : NULL;
}

struct reader_range time_range_last(gint64 span_ms, struct reader_range bounds)
{
	if (!span_ms || bounds.from_ms >= bounds.to_ms)
		return READER_ALL_TIME;
	return (struct reader_range){ bounds.to_ms - span_ms, bounds.to_ms };
}

struct reader_range time_range_around(gint64 ms, gint64 by_ms)
{
	return (struct reader_range){ ms - by_ms, ms + by_ms + 1 };
}

gboolean time_range_is_all(struct reader_range r)
{
	return r.from_ms == INT64_MIN && r.to_ms == INT64_MAX;
}

char *time_range_label(struct reader_range r, struct reader_range bounds)
{
	g_autofree char *from = NULL, *to = NULL, *zone = NULL;

	if (time_range_is_all(r))
		return g_strdup(_("All time"));
	for (guint i = 0; i < G_N_ELEMENTS(presets); i++) {
		struct reader_range p = time_range_last(presets[i].span_ms, bounds);

		if (p.from_ms == r.from_ms && p.to_ms == r.to_ms)
			return g_strdup(_(presets[i].label));
	}
	from = time_range_format(r.from_ms);
	to = time_range_format(r.to_ms);
	zone = time_range_zone(r.to_ms);
	/* The day once, when it is the same. */
	return g_strdup_printf("%s – %s %s", from, strncmp(from, to, 11) == 0 ? to + 11 : to, zone);
}
