#include "server/evidence/casefile.h"

#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/store/dbfile.h"
#include "recorder/store/sql.h"
#include "server/evidence/casefile-def.h"

extern const char casefile_sql[], casefile_2_sql[];

/* What each version adds to the one before. */
static const char *const versions[CASEFILE_VERSION] = { casefile_sql, casefile_2_sql };

enum { WAIT_MS = 5000, STEPS_BETWEEN_CHECKS = 10000, CHECKS = 100000 };
#define MAX_SIZE (INT64_C(512) << 20)

struct opening {
	struct casefile *c;
	char *why; /* malloc'd */
	int checks; /* of the progress handler */
};

static int refuse(struct opening *o, int error, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	text_visible(&line, span_of(why));
	free(o->why);
	o->why = buf_steal(&line);
	return error;
}

/* ---- what the connection may do ---- */

static bool is_ours(const char *table)
{
	static const char *const names[] = { "source", "note", "bookmark", "sqlite_schema", "sqlite_master" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (table && strcmp(table, names[i]) == 0)
			return true;
	return false;
}

/* Once it is open: rows of our tables, and nothing that changes what the tables are. */
static int authorize(void *data, int action, const char *a, const char *b, const char *db, const char *within)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return is_ours(a) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_PRAGMA:
		return a && strcmp(a, "data_version") == 0 && !b ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* A prepared file must not keep us for ever. */
static int step_check(void *data)
{
	struct opening *o = data;

	return ++o->checks > CHECKS;
}

static const struct {
	int id, value;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 1 << 20 },      { SQLITE_LIMIT_SQL_LENGTH, 64 << 10 }, { SQLITE_LIMIT_COLUMN, 50 },
	{ SQLITE_LIMIT_ATTACHED, 0 },          { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },     { SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct {
	int option, value;
} options[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },       { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },  { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 }, { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },         { SQLITE_DBCONFIG_DQS_DDL, 0 },
};

/* Before the first byte of the schema is parsed. */
static int harden(struct opening *o)
{
	sqlite3 *db = o->c->db;
	int r = 0;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, WAIT_MS);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		sqlite3_limit(db, limits[i].id, limits[i].value);
	for (size_t i = 0; i < ARRAY_LEN(options) && r == 0; i++)
		r = sql_error(sqlite3_db_config(db, options[i].option, options[i].value, NULL));
	sqlite3_progress_handler(db, STEPS_BETWEEN_CHECKS, step_check, o);
	if (r == 0)
		r = sql_exec(db, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = 1; PRAGMA temp_store = MEMORY;"
		                 "PRAGMA synchronous = FULL; PRAGMA foreign_keys = 0");
	return r;
}

/* ---- what it is ---- */

static int compare_schema(struct opening *o, sqlite3 *model)
{
	static const char list[] = "SELECT coalesce(group_concat(sql, char(0)), '') FROM (SELECT coalesce(sql, name) AS sql "
	                           "FROM sqlite_schema ORDER BY type, name)";
	AUTO_STMT *ours = NULL, *theirs = NULL;
	int r = sql_prepare(model, list, &ours);

	if (r == 0)
		r = sql_prepare(o->c->db, list, &theirs);
	if (r < 0)
		return r;
	if (sqlite3_step(ours) != SQLITE_ROW || sqlite3_step(theirs) != SQLITE_ROW)
		return sql_error(sqlite3_errcode(o->c->db)) < 0 ? sql_error(sqlite3_errcode(o->c->db)) : -EIO;
	if (!span_eq(sql_column(ours, 0), sql_column(theirs, 0)))
		return refuse(o, -EBADMSG, "its tables are not those of a case file");
	return 0;
}

static int check_schema(struct opening *o, int64_t version)
{
	sqlite3 *model = NULL;
	int r = sql_error(sqlite3_open(":memory:", &model));

	for (int64_t v = 0; v < version && r == 0; v++)
		r = sql_exec(model, versions[v]);
	if (r == 0)
		r = compare_schema(o, model);
	sqlite3_close(model);
	return r;
}

static int check_damage(struct opening *o)
{
	AUTO_STMT *s = NULL;
	const char *answer;
	int code, r = sql_prepare(o->c->db, "PRAGMA quick_check(1)", &s);

	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? -EBADMSG : sql_error(code);
	answer = (const char *)sqlite3_column_text(s, 0);
	return answer && strcmp(answer, "ok") == 0 ? 0 : refuse(o, -EBADMSG, "it is damaged");
}

static int check_kind(struct opening *o, int64_t id, int64_t version)
{
	if (id != CASEFILE_APPLICATION_ID)
		return refuse(o, -EBADMSG, "it is a database of something else, not a case file");
	if (version > CASEFILE_VERSION)
		return refuse(o, -EPROTONOSUPPORT, "it was written by a newer version of Spoor");
	if (version < 1)
		return refuse(o, -EBADMSG, "its schema version makes no sense");
	return 0;
}

static int set_version(struct casefile *c)
{
	char mark[96];

	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d", CASEFILE_APPLICATION_ID,
	         CASEFILE_VERSION);
	return sql_exec(c->db, mark);
}

/* What is missing in a new file (version 0) or one of an earlier version. Within one transaction: who comes second finds
 * it made. */
static int fill(struct opening *o)
{
	int64_t id = 0, version = 0;
	int r = casefile_begin(o->c);

	if (r < 0)
		return r;
	r = sql_int64(o->c->db, "PRAGMA application_id", &id);
	if (r == 0)
		r = sql_int64(o->c->db, "PRAGMA user_version", &version);
	if (r == 0 && (id != (version ? CASEFILE_APPLICATION_ID : 0) || version < 0 || version >= CASEFILE_VERSION))
		return casefile_end(o->c, 0);
	for (int64_t v = version; v < CASEFILE_VERSION && r == 0; v++)
		r = sql_exec(o->c->db, versions[v]);
	if (r == 0)
		r = set_version(o->c);
	return casefile_end(o->c, r);
}

/* After it was looked through. One that cannot be written to is read as it is. */
static int upgrade(struct opening *o, int64_t version)
{
	int r = version < CASEFILE_VERSION ? fill(o) : 0;

	if (r == -EACCES || r == -EROFS) {
		o->c->version = version;
		return 0;
	}
	o->c->version = CASEFILE_VERSION;
	return r;
}

/* Others than ours could have made it write to a WAL, which is no part of this file when it is moved. */
static int check_journal(struct opening *o)
{
	AUTO_STMT *s = NULL;
	int r = sql_prepare(o->c->db, "PRAGMA journal_mode = DELETE", &s);

	if (r < 0)
		return r;
	return sqlite3_step(s) == SQLITE_ROW && span_eq(sql_column(s, 0), SPAN("delete")) ? 0 :
	       refuse(o, -EBADMSG, "its journal is not that of a case file");
}

/* Nothing is in a new one, nor in one whose maker was killed before it was whole. */
static int check(struct opening *o, bool create)
{
	int64_t id = 0, version = 0, pages = 0;
	int r = harden(o);

	if (r == 0)
		r = sql_int64(o->c->db, "PRAGMA page_count", &pages);
	if (r == 0 && create && pages == 0)
		r = fill(o);
	if (r == 0)
		r = sql_int64(o->c->db, "PRAGMA application_id", &id);
	if (r == 0)
		r = sql_int64(o->c->db, "PRAGMA user_version", &version);
	if (r == 0)
		r = check_kind(o, id, version);
	if (r == 0)
		r = check_journal(o);
	if (r == 0)
		r = check_schema(o, version);
	if (r == 0)
		r = check_damage(o);
	if (r == 0)
		r = upgrade(o, version);
	if (r == 0)
		r = sql_error(sqlite3_set_authorizer(o->c->db, authorize, NULL));
	return r;
}

/* ---- opening ---- */

/* What SQLite would play back before it looks at the file itself. A journal that names a super-journal makes it delete
 * that path, which may be anything ("Rollback Journal Format" in SQLite's fileformat2 document); ours never name one, as
 * nothing can be attached. Nor has a case file ever a write-ahead log. */
static int look_beside(struct opening *o, const char *path)
{
	static const unsigned char super[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	AUTO_BUF name = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	unsigned char end[sizeof(super)];
	struct stat st;

	buf_printf(&name, "%s-wal", path);
	if (name.failed)
		return -ENOMEM;
	if (lstat(name.p, &st) == 0)
		return refuse(o, -EBADMSG, "a write-ahead log lies beside it, which a case file never has");
	buf_clear(&name);
	buf_printf(&name, "%s-journal", path);
	if (name.failed)
		return -ENOMEM;
	fd = open(name.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : refuse(o, -EBADMSG, "what lies beside it as its journal cannot be read");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(o, -EBADMSG, "what lies beside it as its journal is no file");
	if (st.st_size < (off_t)sizeof(end))
		return 0;
	if (pread(fd, end, sizeof(end), st.st_size - (off_t)sizeof(end)) != (ssize_t)sizeof(end))
		return -EIO;
	return memcmp(end, super, sizeof(end)) == 0 ? refuse(o, -EBADMSG, "its journal names another file to delete") : 0;
}

/* Never opened here: to close a descriptor would end the locks that SQLite holds for this process (fcntl(2)). */
static int look(struct opening *o, const char *path, bool *ret_empty)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return refuse(o, -ENOTSUP, "it is not a regular file");
	if (st.st_size > MAX_SIZE)
		return refuse(o, -EFBIG, "it is too large for a case file");
	*ret_empty = st.st_size == 0;
	return 0;
}

static int open_file(struct opening *o, const char *path, bool create)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_FULLMUTEX;
	bool empty = true;
	int r = look(o, path, &empty);

	if (r == -ENOENT ? !create : r < 0)
		return r;
	r = look_beside(o, path);
	if (r < 0)
		return r;
	if (empty && !create)
		return -ENOENT;
	if (empty)
		flags |= SQLITE_OPEN_CREATE;
	r = sql_error(sqlite3_open_v2(path, &o->c->db, flags, NULL));
	if (r == -EACCES && sqlite3_system_errno(o->c->db))
		r = -sqlite3_system_errno(o->c->db);
	/* Where it could not be made SQLite tries to read it, and says that it is not there; its folder is. */
	if (r == -ENOENT)
		r = -EACCES;
	return r < 0 ? r : check(o, create);
}

static int explain(struct opening *o, int r)
{
	int code = o->c->db ? sqlite3_errcode(o->c->db) : SQLITE_OK;

	if (o->checks > CHECKS)
		return refuse(o, -EBADMSG, "it is damaged: looking through it takes too long");
	if (!o->why && code == SQLITE_NOTADB)
		return refuse(o, -ENOTSUP, "it is not a database");
	if (!o->why && r == -EBADMSG)
		return refuse(o, r, "it is damaged");
	return r;
}

int casefile_open(const char *path, bool create, struct casefile **ret, char **ret_error)
{
	struct opening o = { .c = calloc(1, sizeof(*o.c)) };
	AUTO_FREE char *real = NULL;
	int r = o.c ? dbfile_resolve(path, &real) : -ENOMEM;

	*ret_error = NULL;
	if (r == 0)
		r = open_file(&o, real, create);
	if (r < 0) {
		r = o.c ? explain(&o, r) : r;
		if (asprintf(ret_error, "%s: cannot open: %s", path, o.why ? o.why : strerror(-r)) < 0)
			*ret_error = NULL;
		casefile_close(o.c);
		free(o.why);
		return r;
	}
	sqlite3_progress_handler(o.c->db, 0, NULL, NULL);
	o.c->data_version = -1;
	*ret = o.c;
	return 0;
}

void casefile_close(struct casefile *c)
{
	if (!c)
		return;
	sqlite3_close(c->db);
	free(c);
}

int casefile_changed(struct casefile *c, bool *ret)
{
	int64_t version = 0;
	int r = sql_int64(c->db, "PRAGMA data_version", &version);

	if (r < 0)
		return r;
	*ret = version != c->data_version;
	c->data_version = version;
	return 0;
}

int casefile_begin(struct casefile *c)
{
	return sql_exec(c->db, "BEGIN IMMEDIATE");
}

int casefile_end(struct casefile *c, int r)
{
	if (r == 0)
		r = sql_exec(c->db, "COMMIT");
	if (r < 0)
		sql_exec(c->db, "ROLLBACK");
	return r;
}

int casefile_check_number(struct casefile *c, const char *query, int64_t source, int64_t most)
{
	AUTO_STMT *s = NULL;
	int code, r = sql_prepare(c->db, query, &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	sqlite3_bind_int64(s, 2, most);
	code = sqlite3_step(s);
	return code == SQLITE_ROW ? -EFBIG : sql_error(code);
}
