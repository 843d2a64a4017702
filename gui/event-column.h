/* event-column: what the columns of an event grid say about a row: as text to show, as text to copy, and as the
 * expression that a pivot on the value means. No widgets. Texts are newly allocated UTF-8, safe to show: what a hostile
 * recording could hide in them (control and bidirectional characters, bytes that are not UTF-8) is made visible. */
#pragma once

#include <glib.h>

#include "recorder/query/reader.h"

enum event_column {
	EVENT_COLUMN_TIME,
	EVENT_COLUMN_EVENT,
	EVENT_COLUMN_PROCESS,
	EVENT_COLUMN_PID,
	EVENT_COLUMN_WHAT,
	EVENT_COLUMN_USER,
	EVENT_COLUMN_COUNT,
	EVENT_COLUMN_EXTRA, /* from here on: fields that were added to a grid (event-grid.h) */
};

struct event_column_info {
	const char *id;    /* in settings */
	const char *title;
	const char *fields; /* of row-format.h, between commas: what an export has for it */
	int width;         /* pixels at first; the one that grows has its least */
	gboolean monospace, numeric, grows, middle; /* middle: cut in the middle when too long */
};
const struct event_column_info *event_column_info(enum event_column column);

/* The field that the column shows, by its name; NULL: more than one. */
const char *event_column_field(enum event_column column);

/* "" where the row has nothing to say. */
char *event_column_text(const struct reader_row *row, enum event_column column);
/* The full value for the clipboard and the tooltip: the path where the grid shows the last name. */
char *event_column_value(const struct reader_row *row, enum event_column column);
/* Of a row that stands for many events: how many, how dense, first and last, in lines. NULL: it stands for one. */
char *event_column_span(const struct reader_row *row);
/* "process.executable == \"/usr/bin/curl\"", or NULL where the value cannot be asked for. `negate`: its opposite. */
char *event_column_filter(const struct reader_row *row, enum event_column column, gboolean negate);
/* All columns, full values, between tabs. */
char *event_column_row_text(const struct reader_row *row);
/* a AND b as the language writes it; either may be empty or NULL. NULL when one does not parse. */
char *event_column_join(const char *a, const char *b);

/* A span made safe to show. */
char *event_text(struct span s);
/* 5012334 → "5,012,334" */
char *event_number(guint64 n);
/* "2026-11-20 08:55:01.204": in the zone of time_range_zone, which the place where it stands names. */
char *event_time(gint64 ms);
/* "2 h 5 min", "340 ms" */
char *event_duration(gint64 ms);
