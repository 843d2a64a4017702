/* row-copy: an event as text for other programs: what the pivot menu copies. No widgets. Newly allocated UTF-8
 * without hidden characters. */
#pragma once

#include <glib.h>

#include "recorder/query/reader.h"

/* One object, as an export has it (row-format.h): exact, hidden characters escaped. */
char *row_copy_json(const struct reader_row *row);
/* A line of field names and a line of values for each, between tabs; what is absent in all is left out, what is hidden made
 * visible, and what a spreadsheet would take for a formula has an apostrophe in front. */
char *row_copy_tsv(const struct reader_row *const *rows, gsize n);
/* The command that finds its records on the endpoint; NULL where the event has no serial number. */
char *row_copy_ausearch(const struct reader_row *row);
