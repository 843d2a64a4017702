/* time-range: ranges of time in words, and the zone that times are shown in: UTC, or by a switch this computer's. No
 * widgets. */
#pragma once

#include <glib.h>

#include "recorder/query/reader.h"

/* For the whole program; off at first. */
void time_range_use_local(gboolean local);
gboolean time_range_is_local(void);
/* "UTC", or the abbreviation that the local zone has at that time: "CET". g_free. */
char *time_range_zone(gint64 ms);
/* "2026-11-20 08:55:01.204" in that zone. g_free. */
char *time_range_format(gint64 ms);
/* A time as people write it, in that zone where they name none; "-1h" counts from `end`. */
gboolean time_range_parse(const char *text, gint64 end, gint64 *ret_ms);

struct time_range_preset {
	const char *label;
	gint64 span_ms; /* 0: everything */
};
/* "Last hour" … "All time": NULL past the end. */
const struct time_range_preset *time_range_preset_at(guint i);
/* The last part of a recording that lies within `bounds`. */
struct reader_range time_range_last(gint64 span_ms, struct reader_range bounds);
struct reader_range time_range_around(gint64 ms, gint64 by_ms);

gboolean time_range_is_all(struct reader_range r);
/* "All time", "Last hour", or from and to with the zone. g_free. */
char *time_range_label(struct reader_range r, struct reader_range bounds);
