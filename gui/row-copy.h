/* row-copy: an event as text for other programs: what the pivot menu copies. No widgets. Newly allocated UTF-8 in which
 * hidden characters are made visible. */
#pragma once

#include <glib.h>

#include "recorder/query/reader.h"

/* One object with the names of the fields; integers beyond ±2^53 as text, which other programs would round. */
char *row_copy_json(const struct reader_row *row);
/* A line of field names and a line of values, between tabs; what is absent is left out. */
char *row_copy_tsv(const struct reader_row *row);
/* The command that finds its records on the endpoint; NULL where the event has no serial number. */
char *row_copy_ausearch(const struct reader_row *row);
