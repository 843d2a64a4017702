#include "recorder/store/retain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/purge.h"
#include "recorder/store/rows.h"
#include "recorder/store/sql.h"

enum {
	STEPS_A_RUN = 8,      /* while there is no hurry */
	RUN_MS = 500,         /* in a hurry */
	VACUUM_BYTES = 4 << 20, /* a run */
	ROW_BYTES = 60,       /* about */
	CLOCK_SPEED = 24,     /* how much faster than time passes the clock is believed to go */
	BUSY_MS = 10000,
	NOTE_MS = 60000,      /* how often the time is written down */
};

/* The WAL holds every page that the commits since its last checkpoint changed: of a small database easily all. */
#define WAL_MOST (INT64_C(64) << 20)

struct retain {
	sqlite3 *db;
	char *path, *wal;
	struct rows *rows;
	struct purge *purge;
	struct store_limits limits;
	int64_t clock_ms, looked; /* what time it is for max_age_ms; when it was (monotonic) */
	int64_t noted;            /* when it was written down (monotonic); 0 never */
	int64_t page;             /* bytes of one */
	int64_t pages, wal_bytes; /* the file may have; the WAL may have after a run */
	int64_t step_rows;
	int64_t wal_seen, growth; /* of the WAL, by a transaction, lately */
};

int retain_new(sqlite3 *db, const char *path, struct rows *rows, struct retain **ret)
{
	struct retain *t = calloc(1, sizeof(*t));
	int r = t ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	t->db = db;
	t->rows = rows;
	t->path = strdup(path);
	if (!t->path || asprintf(&t->wal, "%s-wal", path) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = purge_new(db, rows_intern(rows), &t->purge);
	if (r < 0) {
		retain_free(t);
		return r;
	}
	t->looked = clock_monotonic();
	r = sql_int64(db, "PRAGMA page_size", &t->page);
	if (r < 0) {
		retain_free(t);
		return r;
	}
	r = sql_int64(db, "SELECT value FROM meta WHERE key = 'aged_to_ms'", &t->clock_ms);
	if (r < 0 && r != -ENOENT) {
		retain_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

int retain_limit(struct retain *t, const struct store_limits *limits)
{
	int64_t reserve = limits->max_bytes < WAL_MOST ? limits->max_bytes / 2 : limits->max_bytes / 16;
	char pragma[96];

	if (limits->max_bytes >= WAL_MOST && reserve < WAL_MOST / 2)
		reserve = WAL_MOST / 2;
	if (reserve > WAL_MOST)
		reserve = WAL_MOST;
	t->limits = *limits;
	t->pages = (limits->max_bytes - reserve) / t->page;
	t->wal_bytes = reserve / 8;
	t->step_rows = limits->max_bytes / ROW_BYTES / 64;
	if (limits->max_bytes == 0 || t->step_rows > 4096)
		t->step_rows = 4096;
	if (limits->max_bytes == 0)
		return 0;
	/* Checkpoints before that: the WAL is then used again from its start. */
	snprintf(pragma, sizeof(pragma), "PRAGMA wal_autocheckpoint = %lld", (long long)(t->wal_bytes / t->page + 1));
	return sql_exec(t->db, pragma);
}

static int64_t bytes_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* Readers may keep it from the end of the WAL: then the next run does it. */
static void shorten_wal(struct retain *t)
{
	if (!t->limits.max_bytes || bytes_of(t->wal) <= t->wal_bytes)
		return;
	sqlite3_busy_timeout(t->db, 0);
	sqlite3_wal_checkpoint_v2(t->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(t->db, BUSY_MS);
}

/* While it is not, what is deleted makes it only longer. */
static bool is_short(struct retain *t)
{
	return !t->limits.max_bytes || bytes_of(t->wal) <= t->wal_bytes;
}

static bool fits(struct retain *t)
{
	int64_t wal = bytes_of(t->wal), grown = wal - t->wal_seen;

	t->wal_seen = wal;
	if (grown > 0)
		t->growth = grown > t->growth - t->growth / 8 ? grown : t->growth - t->growth / 8;
	return wal <= t->wal_bytes ||
	       bytes_of(t->path) + wal + t->growth <= t->limits.max_bytes + t->limits.max_bytes / 32;
}

bool retain_has_room(struct retain *t)
{
	if (!t->limits.max_bytes || fits(t))
		return true;
	shorten_wal(t);
	return fits(t);
}

/* ---- how much, how old ---- */

struct pages {
	int64_t all, free;
};

static int count_pages(struct retain *t, struct pages *ret)
{
	int r = sql_int64(t->db, "PRAGMA page_count", &ret->all);

	return r < 0 ? r : sql_int64(t->db, "PRAGMA freelist_count", &ret->free);
}

/* A clock that was set wrong must not cost the history: time goes on at most a day an hour from where it was, also over
 * a restart, until it has reached the clock; at the very first from what was recorded last. */
static void tell_time(struct retain *t, int64_t now_ms)
{
	int64_t monotonic = clock_monotonic(), most;

	if (!t->clock_ms)
		t->clock_ms = rows_last_ms(t->rows) >= 0 ? rows_last_ms(t->rows) : now_ms;
	most = t->clock_ms + (monotonic - t->looked) * CLOCK_SPEED;
	t->clock_ms = now_ms < most ? now_ms : most;
	t->looked = monotonic;
}

static int note_time(struct retain *t)
{
	char sql[96];
	int r;

	if (!t->limits.max_age_ms || (t->noted && clock_monotonic() - t->noted < NOTE_MS))
		return 0;
	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO meta(key, value) VALUES('aged_to_ms', %lld)", (long long)t->clock_ms);
	r = sql_exec(t->db, sql);
	if (r == 0)
		t->noted = clock_monotonic();
	return r;
}

static int oldest_ms(struct retain *t, int64_t *ret)
{
	int64_t id = 0;
	int r = sql_int64(t->db, "SELECT min(id) FROM event", &id);

	*ret = r == 0 ? id >> 14 : INT64_MAX;
	return r == -ENOENT ? 0 : r;
}

/* ---- a run ---- */

static int one_step(struct retain *t, int64_t before_ms)
{
	int64_t cut = 0;
	int r = sql_exec(t->db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = purge_step(t->purge, t->step_rows, before_ms, &cut);
	if (r == 0)
		r = sql_exec(t->db, "COMMIT");
	if (r < 0) {
		sql_exec(t->db, "ROLLBACK");
		if (r != -ENOENT) { /* what the caches know may be of deleted rows */
			purge_reset(t->purge);
			rows_reset(t->rows);
		}
		return r;
	}
	rows_purged(t->rows, cut);
	shorten_wal(t);
	return 0;
}

static int purge_old(struct retain *t)
{
	int64_t before = t->clock_ms - t->limits.max_age_ms, oldest = INT64_MAX;
	int r = t->limits.max_age_ms ? oldest_ms(t, &oldest) : 0;

	for (int i = 0; i < STEPS_A_RUN && r == 0 && (oldest >> 12) < (before >> 12) && is_short(t); i++) {
		r = one_step(t, before);
		if (r == 0)
			r = oldest_ms(t, &oldest);
	}
	return r == -ENOENT ? 0 : r;
}

/* -ENOENT: there is nothing left to delete. */
static int purge_large(struct retain *t, struct pages *n)
{
	int64_t until = clock_monotonic() + RUN_MS;
	int r = 0;

	while (t->limits.max_bytes && r == 0 && n->all - n->free > t->pages && is_short(t)) {
		r = one_step(t, INT64_MAX);
		if (r == 0)
			r = count_pages(t, n);
		if (clock_monotonic() > until)
			break;
	}
	return r;
}

/* A little free space is used again at once; more, and all that the file is too large by, is given back. */
static int vacuum(struct retain *t, struct pages *n)
{
	int64_t excess = n->free > n->all / 10 ? n->free - n->all / 20 : 0;
	int64_t over = t->limits.max_bytes ? n->all - t->pages : 0, step = VACUUM_BYTES / t->page;
	char pragma[64];
	int r = 0;

	if (excess > step)
		excess = step;
	if (over > n->free)
		over = n->free;
	for (excess = over > excess ? over : excess; excess > 0 && r == 0 && is_short(t); excess -= step) {
		snprintf(pragma, sizeof(pragma), "PRAGMA incremental_vacuum(%lld)",
		         (long long)(excess < step ? excess : step));
		r = sql_exec(t->db, pragma);
		shorten_wal(t);
	}
	return r;
}

/* Is it far too large? What was deleted leaves the file with a checkpoint only. */
static bool is_far_too_large(struct retain *t)
{
	int64_t most = 2 * t->limits.max_bytes;

	if (!most || bytes_of(t->path) + bytes_of(t->wal) <= most)
		return false;
	sqlite3_wal_checkpoint_v2(t->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return bytes_of(t->path) + bytes_of(t->wal) > most;
}

int retain_run(struct retain *t, int64_t now_ms)
{
	struct pages n = { 0, 0 };
	bool nothing_left;
	int r;

	tell_time(t, now_ms);
	shorten_wal(t);
	r = note_time(t);
	if (r == 0)
		r = purge_old(t);
	if (r == 0)
		r = count_pages(t, &n);
	if (r == 0)
		r = purge_large(t, &n);
	nothing_left = r == -ENOENT || (r == 0 && n.all - n.free <= t->pages);
	if (r == 0 || r == -ENOENT)
		r = vacuum(t, &n);
	return r == 0 && nothing_left && is_far_too_large(t) ? -EFBIG : r;
}

void retain_free(struct retain *t)
{
	if (!t)
		return;
	purge_free(t->purge);
	free(t->path);
	free(t->wal);
	free(t);
}
