/* counts: totals of audit records by type, and of those that could not be parsed. Inside recorder/store only. */
#pragma once

#include <sqlite3.h>

#include "recorder/event.h"

struct counts;

int counts_new(sqlite3 *db, struct counts **ret);
/* Adds to what is there. */
int counts_add(struct counts *c, const struct record_count *more);
void counts_free(struct counts *c); /* NULL is fine */
