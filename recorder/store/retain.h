/* retain: keeps a database within its limits (store.h, store_limit). Inside recorder/store only. */
#pragma once

#include <sqlite3.h>

#include "recorder/store/store.h"

struct retain;
struct rows;

int retain_new(sqlite3 *db, const char *path, struct rows *rows, struct retain **ret);
int retain_limit(struct retain *t, const struct store_limits *limits);
/* May another transaction be written? Not when a reader keeps the WAL from being emptied and it has grown to the limit. */
bool retain_has_room(struct retain *t);
/* No transaction may be open and nothing held back. */
int retain_run(struct retain *t, int64_t now_ms);
void retain_free(struct retain *t);
