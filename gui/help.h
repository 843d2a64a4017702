/* help: what the app explains of itself: a topic for each page and area. */
#pragma once

#include <glib.h>

struct help_topic {
	const char *id; /* what page_get_help() and the names of areas say */
	const char *title, *text; /* in the user's language; paragraphs between empty lines */
};

guint help_count(void);
struct help_topic help_nth(guint i);
/* Of an area without a topic of its own: the one about areas. */
guint help_find(const char *id);
/* Whether title or text has all the words, in whatever case. */
gboolean help_matches(guint i, const char *words);
