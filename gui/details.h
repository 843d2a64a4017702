/* details: what is known of a process, as lines of name and value. What is not known has its reason instead. No
 * widgets, so that it can be tested and exported. */
#pragma once

#include <glib.h>

#include "recorder/query/reader.h"

struct details_line {
	const char *name; /* static */
	char *value;
	gboolean unknown; /* value is the reason why there is none */
	gboolean wide;    /* give it the whole width, the others half of it */
	gint64 process;   /* the value names this other process: 0 none */
	gboolean story;   /* the value tells of the logon that it came from: leads to its story */
	char *means;      /* the expression for events with it; NULL: there is none */
};

/* GArray of struct details_line, owned by the caller. `logon`: see details_logon; NULL, and then why it is not known. */
GArray *details_of(const struct reader_process *p, const char *logon, const char *no_logon);
/* What is said of its events, as the first line. */
void details_add_notes(GArray *lines, const char *notes);
/* "alice from 203.0.113.9 · remote interactive · pts/0 · 2026-11-20 08:55:01.204 UTC"; NULL when only the session is
 * known, which the other lines tell. Newly allocated. */
char *details_logon(const struct reader_story *s);
/* "curl", or "PID 4711" when the program is not known. */
char *details_name(const struct reader_process *p);
/* One line: "PID 4711 · www-data · exited with 0 after 2 s". */
char *details_summary(const struct reader_process *p);
