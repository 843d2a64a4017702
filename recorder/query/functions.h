/* functions: what compiled expressions call from SQL. Sets and patterns are bound as pointers, so that no text of a
 * recording can name one.
 *
 *   spoor_in(id, SET)        is the id (or NULL) in the struct idset?
 *   spoor_among(n, LIST)     is n one of the struct functions_list? NULL is not.
 *   spoor_match(text, MATCH) match_text; 0 for NULL
 *   spoor_serial(serial, id, BASES) an event's audit serial (schema.sql, serial_base); NULL for none */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "agent/base/span.h"

#define FUNCTIONS_SET "spoor-set"
#define FUNCTIONS_LIST "spoor-list"
#define FUNCTIONS_MATCH "spoor-match"
#define FUNCTIONS_BASES "spoor-bases"

struct functions_list {
	size_t n;
	int64_t numbers[]; /* sorted */
};

/* Table serial_base, for those who ask it of every event. */
struct functions_bases {
	size_t n;
	struct functions_base { int64_t id, serial; } *v; /* by id */
};

/* Makes them known to the connection. An SQLite result code. */
int functions_register(sqlite3 *db);

/* A column's text or blob as it is, valid until the next step; absent for NULL. */
struct span functions_column(sqlite3_stmt *s, int column);
