/* text: finds stored texts by their whole value, for readers. How texts are stored: schema.sql. */
#pragma once

#include <sqlite3.h>

#include "agent/base/span.h"

/* Numbers of column text.kind: stored, only append. */
enum text_kind { TEXT_OTHER, TEXT_PATH, TEXT_DIRECTORY, TEXT_COMMAND_LINE, TEXT_ADDRESS };

typedef int text_found_fn(int64_t id, void *data);
/* Calls fn with the id of every text whose whole value (path with its directory) may equal `value` ignoring case: all
 * that do, and by chance a few others that differ, never a scan. `value` must be ASCII (-EINVAL: compare every text).
 * 0, what fn returned when not 0, or as vault_error. */
int text_find(sqlite3 *db, struct span value, text_found_fn *fn, void *data);
