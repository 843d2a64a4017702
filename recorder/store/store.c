#include "recorder/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/dbfile.h"
#include "recorder/store/retain.h"
#include "recorder/store/rows.h"
#include "recorder/store/schema.h"
#include "recorder/store/sql.h"

struct store {
	sqlite3 *db;
	char *path;     /* as SQLite has it */
	char *target;   /* bulk: what it is renamed to when complete; else NULL */
	char *indexes;  /* bulk: SQL that makes the indexes that were left out */
	int lock;       /* descriptor, -1 none */
	bool open;      /* a transaction is */
	int broken;     /* bulk: the error after which nothing can be saved */
	struct rows *rows;
	struct retain *retain; /* NULL: no limits */
};

/* ---- opening ---- */

static int fail(char **ret_error, const char *path, int error, const char *what)
{
	char *line = NULL;

	if (asprintf(&line, "%s: %s", path, what ? what : strerror(-error)) >= 0)
		*ret_error = line;
	return error;
}

static int connect_db(struct store *s)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	int r = sql_error(sqlite3_open_v2(s->path, &s->db, flags, NULL));

	if (r < 0)
		return r;
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, 10000);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	return 0;
}

/* What keeps pace with a recorder: readers never wait for us nor we for them, and a commit costs no fsync. */
static int set_live(struct store *s)
{
	return sql_exec(s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	                       "PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 33554432;"
	                       "PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY");
}

/* Drops the indexes, which cost less when made at the end, and keeps the SQL that makes them. */
static int leave_out_indexes(struct store *s)
{
	AUTO_STMT *list = NULL;
	char *make = sqlite3_mprintf("");
	char *drop = sqlite3_mprintf("");
	int code, r = sql_prepare(s->db, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
	                          &list);

	while (r == 0 && (code = sqlite3_step(list)) != SQLITE_DONE) {
		const unsigned char *name = sqlite3_column_text(list, 0), *sql = sqlite3_column_text(list, 1);

		r = code != SQLITE_ROW ? sql_error(code) : name && sql && make && drop ? 0 : -ENOMEM;
		if (r < 0)
			break;
		make = sqlite3_mprintf("%z%s;", make, sql);
		drop = sqlite3_mprintf("%zDROP INDEX \"%w\";", drop, name);
	}
	sqlite3_finalize(list);
	list = NULL;
	if (r == 0)
		r = make && drop ? sql_exec(s->db, drop) : -ENOMEM;
	sqlite3_free(drop);
	s->indexes = make;
	return r;
}

static int set_bulk(struct store *s)
{
	int r = sql_exec(s->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	                        "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY");

	return r == 0 ? leave_out_indexes(s) : r;
}

/* Only what is exactly an old version becomes the new one. */
static int migrate(struct store *s, int version, char **ret_what)
{
	int r = schema_check(s->db, version, ret_what);

	if (r == 0)
		r = schema_migrate(s->db, schema_migrations, schema_n_migrations, SCHEMA_VERSION);
	sqlite3_close(s->db);
	s->db = NULL;
	return r < 0 ? r : connect_db(s);
}

/* A database that is there already. */
static int open_existing(struct store *s, char **ret_what)
{
	const char *what = NULL;
	int version = 0;
	int r = dbfile_lock(s->path, &s->lock, &version, &what);

	if (r == 0)
		r = connect_db(s);
	if (r == 0 && version < SCHEMA_VERSION)
		r = migrate(s, version, ret_what);
	if (r == 0) {
		r = schema_check(s->db, SCHEMA_VERSION, ret_what);
		what = r == -EBADMSG && !*ret_what ? "it is damaged" : NULL;
	}
	if (r < 0 && what && !*ret_what)
		*ret_what = strdup(what);
	return r;
}

static void disconnect(struct store *s)
{
	sqlite3_close(s->db);
	s->db = NULL;
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

static int open_or_create(struct store *s, unsigned flags, char **ret_what)
{
	struct stat st;
	bool there = lstat(s->path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > 0);
	int r;

	if (!there) {
		if (!(flags & STORE_CREATE))
			return -ENOENT;
		r = dbfile_create(s->path);
		if (r < 0 && r != -EEXIST)
			return r;
	}
	return open_existing(s, ret_what);
}

/* Nobody's file is overwritten: what will not open is moved away and told in a gap. */
static int start_anew(struct store *s, struct gap *ret_gap, char **ret_what)
{
	struct stat st;
	int r;

	disconnect(s);
	if (lstat(s->path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	r = dbfile_set_aside(s->path);
	if (r < 0)
		return r;
	free(*ret_what);
	*ret_what = NULL;
	*ret_gap = (struct gap){ (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000, clock_now(),
		GAP_STORE_ERROR, -1 };
	return open_or_create(s, STORE_CREATE, ret_what);
}

static bool can_set_aside(int error)
{
	return error == -EBADMSG || error == -EPROTONOSUPPORT || error == -ENOTSUP;
}

static int open_live(struct store *s, unsigned flags, char **ret_what)
{
	struct item aside = { .type = ITEM_GAP };
	int r = open_or_create(s, flags, ret_what);

	if (r < 0 && (flags & STORE_SET_ASIDE) && can_set_aside(r))
		r = start_anew(s, &aside.gap, ret_what);
	if (r == 0)
		r = set_live(s);
	if (r == 0)
		r = rows_new(s->db, false, &s->rows);
	if (r == 0 && aside.gap.cause) {
		r = sql_exec(s->db, "BEGIN");
		if (r == 0)
			r = rows_add(s->rows, &aside);
		s->open = r == 0;
		if (r == 0)
			r = store_commit(s);
	}
	return r;
}

/* A new database, under another name until it is complete. */
static int open_bulk(struct store *s)
{
	char *part = dbfile_beside(s->path, "import");
	int r;

	if (!part)
		return -ENOMEM;
	s->target = s->path;
	s->path = part;
	dbfile_remove(part);
	dbfile_remove_stale(s->target);
	r = dbfile_create(part);
	if (r == 0)
		r = dbfile_hold(part, &s->lock);
	if (r == 0)
		r = connect_db(s);
	if (r == 0)
		r = set_bulk(s);
	if (r == 0)
		r = rows_new(s->db, true, &s->rows);
	return r;
}

static void store_free(struct store *s)
{
	retain_free(s->retain);
	rows_free(s->rows);
	disconnect(s);
	sqlite3_free(s->indexes);
	free(s->path);
	free(s->target);
	free(s);
}

int store_open(const char *path, unsigned flags, struct store **ret, char **ret_error)
{
	struct store *s = calloc(1, sizeof(*s));
	AUTO_FREE char *what = NULL;
	struct stat st;
	int r;

	*ret_error = NULL;
	if (!s)
		return fail(ret_error, path, -ENOMEM, NULL);
	s->lock = -1;
	r = dbfile_resolve(path, &s->path);
	if (r == 0 && (flags & STORE_IMPORT) && (flags & STORE_CREATE) && lstat(s->path, &st) < 0 && errno == ENOENT)
		r = open_bulk(s);
	else if (r == 0)
		r = open_live(s, flags, &what);
	if (r < 0) {
		fail(ret_error, path, r, what);
		if (s->target)
			dbfile_remove(s->path);
		store_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

/* ---- writing ---- */

/* After an error nothing of the transaction stays; what is remembered of it must go too. */
static int roll_back(struct store *s, int error)
{
	s->open = false;
	if (s->target) {
		s->broken = error;
		return error;
	}
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	rows_reset(s->rows);
	return error;
}

static int begin(struct store *s)
{
	int r;

	if (s->broken)
		return s->broken;
	if (s->open)
		return 0;
	if (s->retain && !retain_has_room(s->retain))
		return -EDQUOT;
	r = sql_exec(s->db, "BEGIN IMMEDIATE");
	s->open = r == 0;
	return r;
}

int store_collate(struct store *s, int64_t window_ms)
{
	if (window_ms < 0 || window_ms > STORE_COLLATE_MAX_MS)
		return -EINVAL;
	return rows_collate(s->rows, window_ms);
}

int store_write(struct store *s, const struct batch *b)
{
	int r = begin(s);

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n && r == 0; i++)
		r = rows_add(s->rows, &b->items[i]);
	return r < 0 ? roll_back(s, r) : 0;
}

int store_commit(struct store *s)
{
	int r;

	if (s->broken)
		return s->broken;
	if (!s->open)
		return 0;
	/* Bulk: held back until it is complete. */
	if (s->target)
		return 0;
	r = rows_flush(s->rows);
	if (r == 0)
		r = sql_exec(s->db, "COMMIT");
	if (r < 0)
		return roll_back(s, r);
	s->open = false;
	return 0;
}

static int run_in_transaction(struct store *s, sqlite3_stmt *stmt)
{
	int r = begin(s);

	if (r == 0) {
		r = sql_run(stmt);
		if (r < 0)
			roll_back(s, r);
	}
	return r;
}

int store_meta_set(struct store *s, const char *key, const char *value)
{
	AUTO_STMT *stmt = NULL;
	int r = sql_prepare(s->db, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", &stmt);

	if (r < 0)
		return r;
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
	return run_in_transaction(s, stmt);
}

int store_cover(struct store *s, int64_t from_ms, unsigned off, unsigned filtered)
{
	AUTO_STMT *stmt = NULL;
	int r = sql_prepare(s->db, "INSERT INTO coverage(from_ms, off, filtered) SELECT ?1, ?2, ?3 WHERE coalesce((SELECT "
	                    "off <> ?2 OR filtered <> ?3 FROM coverage ORDER BY id DESC LIMIT 1), ?2 <> 0 OR ?3 <> 0)", &stmt);

	if (r < 0)
		return r;
	sqlite3_bind_int64(stmt, 1, from_ms);
	sqlite3_bind_int64(stmt, 2, off);
	sqlite3_bind_int64(stmt, 3, filtered);
	return run_in_transaction(s, stmt);
}

char *store_meta_get(struct store *s, const char *key)
{
	AUTO_STMT *stmt = NULL;
	const unsigned char *value;

	if (sql_prepare(s->db, "SELECT value FROM meta WHERE key = ?", &stmt) < 0)
		return NULL;
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return NULL;
	value = sqlite3_column_text(stmt, 0);
	return value ? strdup((const char *)value) : NULL;
}

struct store_ids store_ids(const struct store *s)
{
	return rows_ids(s->rows);
}

int64_t store_last_ms(const struct store *s)
{
	int64_t ms = rows_last_ms(s->rows);

	return ms > 0 ? ms : 0;
}

uint64_t store_events(const struct store *s)
{
	return rows_events(s->rows);
}

int64_t store_size(const struct store *s)
{
	AUTO_FREE char *wal = NULL;
	struct stat st;
	int64_t size = stat(s->path, &st) == 0 ? st.st_size : 0;

	if (asprintf(&wal, "%s-wal", s->path) >= 0 && stat(wal, &st) == 0)
		size += st.st_size;
	return size;
}

int store_limit(struct store *s, const struct store_limits *limits)
{
	int r = 0;

	if (limits->max_age_ms < 0 || limits->max_bytes < 0 || (limits->max_bytes && limits->max_bytes < STORE_MIN_BYTES) ||
	    s->target)
		return -EINVAL;
	if (!s->retain)
		r = retain_new(s->db, s->path, s->rows, &s->retain);
	return r < 0 ? r : retain_limit(s->retain, limits);
}

int store_retain(struct store *s, int64_t now_ms)
{
	if (!s->retain || s->open)
		return 0;
	return retain_run(s->retain, now_ms);
}

int store_limit_pages(struct store *s, int64_t pages)
{
	char pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA max_page_count = %lld", (long long)pages);
	return sql_exec(s->db, pragma);
}

/* ---- closing ---- */

/* Everything that was left out, then durable, then its own name. */
static int complete_bulk(struct store *s)
{
	int r = begin(s);

	if (r == 0)
		r = rows_flush(s->rows);
	if (r == 0)
		r = sql_exec(s->db, s->indexes);
	if (r == 0)
		r = sql_exec(s->db, "COMMIT");
	rows_free(s->rows);
	s->rows = NULL;
	if (r == 0)
		r = sql_error(sqlite3_close(s->db));
	if (r == 0)
		s->db = NULL;
	if (r == 0)
		r = dbfile_sync(s->path);
	if (r == 0)
		r = dbfile_move(s->path, s->target);
	if (r < 0)
		dbfile_remove(s->path);
	return r;
}

int store_close(struct store *s)
{
	int r;

	if (!s)
		return 0;
	if (s->target) {
		r = complete_bulk(s);
	} else {
		r = store_commit(s);
		sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	}
	store_free(s);
	return r;
}

void store_discard(struct store *s)
{
	AUTO_FREE char *part = NULL;

	if (!s)
		return;
	if (s->target)
		part = STEAL(s->path);
	store_free(s);
	if (part)
		dbfile_remove(part);
}

/* ---- going on after a restart ---- */

static struct store_open_process read_open_process(sqlite3_stmt *q)
{
	struct store_open_process p = { .process = {
		.id = sqlite3_column_int64(q, 0),
		.boot = sqlite3_column_int64(q, 1),
		.pid = sqlite3_column_int64(q, 2),
		.start_ms = sqlite3_column_int64(q, 3),
		.start_known = !(sqlite3_column_int(q, 4) & 16),
		.origin = (enum process_origin)(sqlite3_column_int(q, 4) & 15),
		.parent_image = sqlite3_column_int64(q, 5),
		.parent_pid = sqlite3_column_int64(q, 6),
	} };

	p.image = sqlite3_column_int64(q, 7);
	p.image_start_ms = sqlite3_column_int64(q, 8);
	p.executable = sql_column(q, 9);
	p.script = sql_column(q, 10);
	return p;
}

int store_open_processes(struct store *s, int64_t boot, store_open_process_fn *fn, void *data)
{
	AUTO_STMT *q = NULL;
	int code = SQLITE_DONE;
	int r = s->target ? 0 : store_commit(s);

	if (r == 0)
		r = sql_prepare(s->db, "SELECT p.id, p.boot, p.pid, p.start_ms, p.origin, p.parent_image, p.parent_pid, "
		                "i.id, coalesce(i.start_ms, p.start_ms), x.value, c.value FROM process p "
		                "LEFT JOIN image i ON i.id = "
		                "(SELECT max(id) FROM image WHERE of = p.id OR (id = p.id AND of IS NULL)) "
		                "LEFT JOIN v_text x ON x.id = i.executable LEFT JOIN v_text c ON c.id = i.script "
		                "WHERE p.boot = ? AND p.end_ms IS NULL ORDER BY p.id", &q);
	if (r == 0)
		sqlite3_bind_int64(q, 1, boot);
	while (r == 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
		struct store_open_process p = read_open_process(q);

		r = fn(&p, data);
	}
	return r == 0 ? sql_error(code) : r;
}

int64_t store_find_boot(struct store *s, struct span host, struct span boot_id)
{
	AUTO_STMT *q = NULL;

	if (sql_prepare(s->db, "SELECT b.id FROM boot b JOIN text t ON t.id = b.host WHERE t.value = ? AND b.boot_id = ?",
	                &q) < 0)
		return 0;
	sql_bind_span(q, 1, host);
	sql_bind_span(q, 2, boot_id);
	return sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
}

int64_t store_find_boot_id(struct store *s, struct span boot_id)
{
	AUTO_STMT *q = NULL;

	if (sql_prepare(s->db, "SELECT max(id) FROM boot WHERE boot_id = ?", &q) < 0)
		return 0;
	sql_bind_span(q, 1, boot_id);
	return sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
}

enum { SEQUENCE_BITS = 14 }; /* rows.c */

bool store_has_event(struct store *s, const struct event *e, int64_t from_ms, int64_t to_ms)
{
	AUTO_STMT *q = NULL;

	if (sql_prepare(s->db, "SELECT 1 FROM event e JOIN v_text t ON t.id = e.object WHERE e.id BETWEEN ? AND ? AND "
	                "e.action = ? AND (coalesce(e.result, 0) <> 0) = ? AND t.value = ?", &q) < 0)
		return false;
	sqlite3_bind_int64(q, 1, from_ms << SEQUENCE_BITS);
	sqlite3_bind_int64(q, 2, ((to_ms + 1) << SEQUENCE_BITS) - 1);
	sqlite3_bind_int(q, 3, (int)e->action);
	sqlite3_bind_int(q, 4, e->result != 0);
	sql_bind_span(q, 5, e->object);
	return sqlite3_step(q) == SQLITE_ROW;
}
