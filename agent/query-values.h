/* query-values: the values of a field and how many events have each, as lines: a table, CSV (RFC 4180), JSON lines. */
#pragma once

#include "recorder/query/reader.h"

/* format: "table", "csv", "json". -EINVAL: another. */
int query_values_print(struct buf *out, const char *format, const struct field *field, const struct reader_values *v);
/* Appends one line: how many there are in all, and of how many events. */
void query_values_summary(struct buf *out, const struct field *field, const struct reader_values *v);
