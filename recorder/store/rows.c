#include "recorder/store/rows.h"

#include <errno.h>
#include <stdlib.h>

#include "recorder/store/rows-def.h"
#include "recorder/store/sql.h"

enum {
	MAX_HELD_POSTINGS = 1 << 22,
	MAX_UNPARSED = 1000,        /* lines kept verbatim */
	MAX_UNPARSED_LINE = 16384,
	CACHE_LIVE = 3 << 20, CACHE_BULK = 48 << 20,
};

static const char *const stmt_sql[STMT_COUNT] = {
	[ADD_BOOT] = "INSERT INTO boot(id, host, boot_id, start_ms) VALUES(?, ?, ?, ?)",
	[ADD_PROCESS] = ("INSERT INTO process(id, boot, pid, start_ms, origin, parent_image, parent_pid, ended, exit_code, "
	                 "signal, ns_pid) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[SET_END] = ("UPDATE process SET ended = CASE WHEN ?2 < start_ms THEN 0 WHEN ?2 - start_ms < 100000000000 "
	             "THEN ?2 - start_ms ELSE ?2 END, exit_code = ?3, signal = ?4 WHERE id = ?1"),
	[ADD_IMAGE] = ("INSERT INTO image(id, of, start_ms, origin, executable, comm, command_line, arg_lengths, cwd, "
	               "credential, hash_reason, script, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[ADD_EVENT] = ("INSERT INTO event(id, action, image, object, serial, object2, result, port, port2, flags, count, "
	               "span_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[SET_COUNT] = "UPDATE event SET count = ?2, span_ms = ?3 WHERE id = ?1",
	[LAST_IN_MS] = "SELECT max(id) FROM event WHERE id BETWEEN ? AND ?",
	[ADD_DETAIL] = "INSERT OR REPLACE INTO detail(event, field, value) VALUES(?, ?, ?)",
	[ADD_ROLLUP] = ("INSERT INTO rollup(minute, action, count, rows) VALUES(?, ?, ?, nullif(?4, ?3)) "
	                "ON CONFLICT(minute, action) DO UPDATE SET count = count + excluded.count, "
	                "rows = nullif(coalesce(rows, count) + ?4, count + excluded.count)"),
	[ADD_SERIALS] = "INSERT INTO serial_base(id, serial) VALUES(?, ?)",
	[ADD_GAP] = "INSERT INTO gap(from_ms, to_ms, cause, count) VALUES(?, ?, ?, ?)",
	[ADD_UNPARSED] = "INSERT INTO unparsed(time_ms, reason, line) VALUES(?, ?, ?)",
};

/* Beside what readers look up, the entries tell what is still used (purge.c): of a directory, and of the texts of
 * images and details too. Below the cut of a purge births are not told apart any more. */
int rows_post_text(struct rows *w, struct intern_ref text, int64_t bucket)
{
	int r = text.dir ? posting_add(w->posting, text.dir * 2 + 1, bucket) : 0;

	if (r < 0 || !text.id || (text.birth == bucket && bucket >= w->cut))
		return r;
	return posting_add(w->posting, text.id * 2 + 1, bucket);
}

static int add_gap(struct rows *w, const struct gap *g)
{
	sqlite3_stmt *s = w->stmts[ADD_GAP];

	sqlite3_bind_int64(s, 1, rows_clamp_ms(g->from_ms));
	sqlite3_bind_int64(s, 2, rows_clamp_ms(g->to_ms));
	sqlite3_bind_int(s, 3, (int)g->cause);
	sql_bind_or_null(s, 4, g->count, -1);
	return sql_run(s);
}

static int add_unparsed(struct rows *w, const struct unparsed *u)
{
	sqlite3_stmt *s = w->stmts[ADD_UNPARSED];
	size_t n = u->line.n < MAX_UNPARSED_LINE ? u->line.n : MAX_UNPARSED_LINE;
	int r;

	if (w->unparsed >= MAX_UNPARSED)
		return 0;
	sql_bind_or_null(s, 1, rows_clamp_ms(u->time_ms), 0);
	sqlite3_bind_text(s, 2, u->reason ? u->reason : "", -1, SQLITE_STATIC);
	sqlite3_bind_blob64(s, 3, u->line.p ? u->line.p : "", u->line.p ? n : 0, SQLITE_STATIC);
	r = sql_run(s);
	if (r == 0)
		w->unparsed++;
	return r;
}

int rows_add(struct rows *w, const struct item *item)
{
	int r = 0;

	if (posting_waiting(w->posting) >= MAX_HELD_POSTINGS)
		r = posting_flush(w->posting);
	if (r < 0)
		return r;
	switch (item->type) {
	case ITEM_BOOT:
		return rows_add_boot(w, &item->boot);
	case ITEM_PROCESS:
		return rows_add_process(w, &item->process);
	case ITEM_IMAGE:
		return rows_add_image(w, &item->image);
	case ITEM_END:
		return rows_add_end(w, &item->end);
	case ITEM_EVENT:
		return rows_add_event(w, &item->event);
	case ITEM_GAP:
		return add_gap(w, &item->gap);
	case ITEM_UNPARSED:
		return add_unparsed(w, &item->unparsed);
	case ITEM_HASH:
		return hashes_set(w->hashes, &item->hash);
	case ITEM_COUNT:
		return counts_add(w->counts, &item->count);
	}
	return -EINVAL;
}

int rows_flush(struct rows *w)
{
	int r = rows_flush_processes(w);

	if (r == 0)
		r = rows_flush_events(w);
	if (r == 0)
		r = rows_flush_rollup(w);
	if (r == 0)
		r = posting_flush(w->posting);
	if (r == 0)
		r = intern_flush(w->intern);
	if (r == 0)
		w->events_kept = w->events;
	return r;
}

static int greatest(sqlite3 *db, const char *sql, int64_t *ret)
{
	int64_t value = 0;
	int r = sql_int64(db, sql, &value);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = value;
	return 0;
}

int rows_reset(struct rows *w)
{
	int64_t last = -1;
	int r = intern_reset(w->intern);

	posting_reset(w->posting);
	w->n_held = w->n_processes = 0;
	w->first_of = w->newest = 0;
	for (int i = 0; i < ROWS_SEARCHES; i++)
		w->searches[i].held = -1;
	w->events = w->events_kept;
	w->sorted = true;
	map_clear(&w->process_at);
	map_clear(&w->image_birth);
	map_clear(&w->next_in_ms);
	map_clear(&w->rollup);
	map_clear(&w->alike);
	collate_forget(&w->collate);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM boot", &w->ids.boot);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM process", &w->ids.process);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM image", &w->ids.image);
	if (r == 0)
		r = greatest(w->db, "SELECT count(*) FROM unparsed", &w->unparsed);
	if (r == 0)
		r = rows_read_serials(w);
	if (r == 0)
		r = sql_int64(w->db, "SELECT max(id) FROM event", &last);
	w->last_ms = r == 0 ? last >> SEQUENCE_BITS : -1;
	return r == -ENOENT ? 0 : r;
}

int rows_new(sqlite3 *db, bool bulk, struct rows **ret)
{
	struct rows *w = calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return -ENOMEM;
	w->db = db;
	w->bulk = bulk;
	w->held = malloc(MAX_HELD_EVENTS * sizeof(*w->held));
	if (!w->held)
		r = -ENOMEM;
	for (int i = 0; i < STMT_COUNT && r == 0; i++)
		r = sql_prepare(db, stmt_sql[i], &w->stmts[i]);
	if (r == 0)
		r = intern_new(db, bulk ? CACHE_BULK : CACHE_LIVE, &w->intern);
	if (r == 0)
		r = posting_new(db, &w->posting);
	if (r == 0)
		r = hashes_new(db, &w->hashes);
	if (r == 0)
		r = counts_new(db, &w->counts);
	if (r == 0)
		r = rows_reset(w);
	if (r < 0) {
		rows_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

int64_t rows_last_ms(const struct rows *w)
{
	return w->last_ms;
}

/* What is remembered of deleted rows goes: a place for collation, entries of the index, the bucket of an image. */
void rows_purged(struct rows *w, int64_t cut)
{
	w->cut = cut;
	collate_forget(&w->collate);
	posting_reset(w->posting);
}

struct intern *rows_intern(struct rows *w)
{
	return w->intern;
}

int rows_collate(struct rows *w, int64_t window_ms)
{
	if (window_ms > 0 && !w->collate.places) {
		w->collate.places = calloc(COLLATE_PLACES, sizeof(*w->collate.places));
		if (!w->collate.places)
			return -ENOMEM;
	}
	w->collate.window_ms = window_ms;
	return 0;
}

struct store_ids rows_ids(const struct rows *w)
{
	return w->ids;
}

uint64_t rows_events(const struct rows *w)
{
	return w->events;
}

void rows_free(struct rows *w)
{
	if (!w)
		return;
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(w->stmts[i]);
	intern_free(w->intern);
	posting_free(w->posting);
	hashes_free(w->hashes);
	counts_free(w->counts);
	map_free(&w->process_at);
	map_free(&w->image_birth);
	map_free(&w->next_in_ms);
	map_free(&w->rollup);
	map_free(&w->alike);
	for (int i = 0; i < ROWS_SEARCHES; i++)
		buf_free(&w->searches[i].last);
	free(w->collate.places);
	free(w->processes);
	free(w->held);
	free(w);
}
