/* compare-text: what the page that compares two recordings says. No widgets. Texts are newly allocated and safe to show. */
#pragma once

#include <glib.h>

#include "recorder/query/compare.h"

const char *compare_text_area(int area);                       /* "Programs" */
const char *compare_text_change(enum compare_change change);   /* "New" */
/* "12 new · 3 changed", "nothing new" */
char *compare_text_counts(const size_t counts[COMPARE_CHANGES]);
/* "/tmp/.x", "0.0.0.0, port 4444" */
char *compare_text_name(const struct compare_item *item);
/* The hash, what was done; of what is changed also what it was. */
char *compare_text_detail(const struct compare_item *item);
/* When it was met first; of what is gone, last. ms UTC. */
gint64 compare_text_time(const struct compare_item *item);
char *compare_text_by(const struct compare_item *item);
char *compare_text_expression(const struct compare_item *item);
