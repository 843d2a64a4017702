#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/query/functions.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { MAX_RECORDS = 1000, MAX_NAME = 256, MAX_LINES = 1000, MAX_LINE = 64 << 10, MAX_LINES_BYTES = 1 << 20 };

static struct span at_most(struct span s, size_t n)
{
	return (struct span){ s.p, s.n < n ? s.n : n };
}

static int read_records(struct reader_db *r, struct reader_info *i)
{
	AUTO_STATEMENT *s = NULL;
	void *list = NULL;
	int error = statement_prepare(r->db, "SELECT name, count, used FROM record_count ORDER BY count DESC, type "
	                              "LIMIT 1000", &s);

	while (error == 0 && i->n_records < MAX_RECORDS && (error = statement_step(s)) == 1) {
		struct reader_record_count *c;

		error = reader_db_grow(&i->arena, &list, i->n_records, sizeof(*i->records));
		i->records = list;
		if (error < 0)
			break;
		c = &i->records[i->n_records++];
		c->name = arena_copy(&i->arena, at_most(functions_column(s, 0), MAX_NAME));
		c->count = (uint64_t)sqlite3_column_int64(s, 1);
		c->used = (uint64_t)sqlite3_column_int64(s, 2);
		if (!c->name.p)
			error = -ENOMEM;
	}
	return error < 0 ? error : 0;
}

static int read_lines(struct reader_db *r, struct reader_info *i)
{
	AUTO_STATEMENT *s = NULL;
	void *list = NULL;
	size_t bytes = 0;
	int error = statement_prepare(r->db, "SELECT line, reason FROM unparsed ORDER BY id", &s);

	while (error == 0 && i->n_unparsed_lines < MAX_LINES && bytes < MAX_LINES_BYTES && (error = statement_step(s)) == 1) {
		struct reader_unparsed *u;

		error = reader_db_grow(&i->arena, &list, i->n_unparsed_lines, sizeof(*i->unparsed_lines));
		i->unparsed_lines = list;
		if (error < 0)
			break;
		u = &i->unparsed_lines[i->n_unparsed_lines++];
		u->line = arena_copy(&i->arena, at_most(functions_column(s, 0), MAX_LINE));
		u->reason = arena_copy(&i->arena, at_most(functions_column(s, 1), MAX_NAME));
		bytes += u->line.n + u->reason.n;
		if (!u->line.p || !u->reason.p)
			error = -ENOMEM;
	}
	return error < 0 && error != -EFBIG ? error : 0; /* what is too large to be read ends the list */
}

static int read_sums(struct reader_db *r, struct reader_info *i)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT action, sum(count), "
	                              "sum(coalesce(rows, count)) FROM rollup GROUP BY action", &s);

	while (error == 0 && (error = statement_step(s)) == 1) {
		uint64_t n = (uint64_t)sqlite3_column_int64(s, 1);

		error = 0;
		i->events += n;
		i->by_category[reader_db_category(sqlite3_column_int64(s, 0))] += (uint64_t)sqlite3_column_int64(s, 2);
	}
	return error;
}

static int read_span(struct reader_db *r, struct reader_info *i)
{
	AUTO_STATEMENT *s = NULL;
	int64_t first = 0, recorded = 0;
	int error = statement_number(r->db, "SELECT min(id) FROM event", 0, &first);

	/* 8: EVENT_FLAG_READ */
	if (error == 0)
		error = statement_number(r->db, "SELECT min(id) FROM event WHERE coalesce(flags, 0) & 8 = 0", 0, &recorded);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT id, coalesce(span_ms, 0) FROM event ORDER BY id DESC LIMIT 1", &s);
	if (error == 0)
		error = statement_step(s);
	if (error < 0)
		return error;
	i->first_ms = first >> 14;
	i->recorded_ms = recorded > first ? recorded >> 14 : i->first_ms;
	if (error == 1) {
		int64_t span = sqlite3_column_int64(s, 1);

		i->last_ms = (sqlite3_column_int64(s, 0) >> 14) + (span < 0 || span > CLOCK_MAX ? 0 : span);
	}
	return 0;
}

/* Made when the recording began, and never again. */
static int read_recording(struct reader_db *r, uint64_t *ret)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT value FROM meta WHERE key = 'text_key' AND length(value) BETWEEN 8 AND 64",
	                              &s);

	if (error == 0)
		error = statement_step(s);
	if (error != 1)
		return error;
	*ret = span_hash((struct span){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) }) & INT64_MAX;
	return 0;
}

static int read_numbers(struct reader_db *r, struct reader_info *i)
{
	int64_t processes = 0, unparsed = 0, host = 0, version = 0;
	int error = statement_number(r->db, "SELECT count(*) FROM process", 0, &processes);
	AUTO_DICTIONARY texts;

	if (dictionary_open(&texts, r->db, &i->arena) < 0)
		return -ENOMEM;
	if (error == 0)
		error = statement_number(r->db, "SELECT value FROM meta WHERE key = 'unparsed'", 0, &unparsed);
	if (error == 0)
		error = read_recording(r, &i->recording);
	if (error == 0)
		error = statement_number(r->db, "SELECT host FROM boot ORDER BY id DESC LIMIT 1", 0, &host);
	if (error == 0)
		error = dictionary_get(&texts, host, &i->host);
	i->processes = (uint64_t)processes;
	i->unparsed = (uint64_t)unparsed;
	if (error == 0)
		error = statement_number(r->db, "PRAGMA user_version", 0, &version);
	i->schema_version = (int)version;
	return error;
}

int reader_db_info(struct reader *reader, struct cancel *cancel, struct reader_info *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_info info = { .arena = ARENA_INIT };
	int error;

	reader_db_begin(r, cancel);
	error = read_numbers(r, &info);
	if (error == 0)
		error = read_span(r, &info);
	if (error == 0)
		error = read_sums(r, &info);
	if (error == 0)
		error = reader_db_gaps(r, &info.arena, &info.gaps, &info.n_gaps);
	if (error == 0)
		error = read_records(r, &info);
	if (error == 0)
		error = read_lines(r, &info);
	if (error < 0)
		reader_info_free(&info);
	else
		*ret = info;
	return reader_db_end(r, error);
}
