#include "recorder/store/counts.h"

#include <errno.h>
#include <stdlib.h>

#include "recorder/store/sql.h"

struct counts {
	sqlite3_stmt *records, *unparsed;
};

int counts_new(sqlite3 *db, struct counts **ret)
{
	struct counts *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = sql_prepare(db, "INSERT INTO record_count(type, name, count, used) VALUES(?, ?, ?, ?) ON CONFLICT(type) "
	                "DO UPDATE SET count = count + excluded.count, used = used + excluded.used", &c->records);
	if (r == 0)
		r = sql_prepare(db, "INSERT INTO meta(key, value) VALUES('unparsed', ?) ON CONFLICT(key) "
		                "DO UPDATE SET value = value + excluded.value", &c->unparsed);
	if (r < 0) {
		counts_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void counts_free(struct counts *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->records);
	sqlite3_finalize(c->unparsed);
	free(c);
}

int counts_add(struct counts *c, const struct record_count *more)
{
	int r;

	if (!more->name.p) {
		sqlite3_bind_int64(c->unparsed, 1, (int64_t)more->seen);
		return sql_run(c->unparsed);
	}
	sqlite3_bind_int(c->records, 1, more->type);
	r = sql_bind_span(c->records, 2, more->name);
	sqlite3_bind_int64(c->records, 3, (int64_t)more->seen);
	sqlite3_bind_int64(c->records, 4, (int64_t)more->used);
	return r < 0 ? r : sql_run(c->records);
}
