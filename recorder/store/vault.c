#include "recorder/store/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/base/translate.h"
#include "recorder/store/dbfile.h"
#include "recorder/store/schema.h"
#include "recorder/store/sql.h"
#include "recorder/store/vaultcopy.h"
#include "recorder/store/vaultfile.h"

enum {
	HEADER_SIZE = 100,
	STEPS_BETWEEN_CHECKS = 2000,     /* virtual machine instructions: far below a millisecond */
	LIVE_WAIT_MS = 5000,             /* for a checkpoint that resets the WAL */
	MAX_REASON = 160,
};
#define HEAP_LIMIT (INT64_C(512) << 20)

struct opening {
	struct cancel *cancel;
	vault_progress_fn *progress;
	void *data;
	bool live;
	int version; /* of the schema */
	sqlite3 *db;
	char *why; /* malloc'd */
};

int vault_error(int sqlite_code)
{
	int r = sql_error(sqlite_code);

	return r == 0 || r == -ECANCELED || r == -ENOMEM || r == -EBADMSG ? r : -EIO;
}

static int refuse(struct opening *o, int error, const char *why)
{
	free(o->why);
	o->why = strdup(why);
	return error;
}

/* ---- what the connection may do ---- */

static const char *const tables[] = {
	"meta", "text", "text_hash", "text_birth", "boot", "credential", "process", "image", "file_hash", "event",
	"serial_base", "posting",
	"detail", "rollup", "gap", "coverage", "record_count", "unparsed", "sqlite_schema", "sqlite_master",
};

static const char *const functions[] = {
	"abs", "avg", "char", "coalesce", "count", "date", "datetime", "format", "glob", "group_concat", "hex", "ifnull",
	"iif", "instr", "julianday", "length", "like", "likelihood", "likely", "lower", "ltrim", "max", "min", "nullif",
	"printf", "quote", "replace", "round", "row_number", "rtrim", "sign", "strftime", "substr", "substring", "sum",
	"time", "total", "trim", "typeof", "unicode", "unixepoch", "unlikely", "upper",
};

static bool listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (name && strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* "spoor_…": functions that recorder/query registers on the connection. */
static bool function_allowed(const char *name)
{
	return name && (strncmp(name, "spoor_", 6) == 0 || listed(functions, ARRAY_LEN(functions), name));
}

/* What is in temp is ours: schema_show_as_current. */
static bool may_read(const char *table, const char *db)
{
	return !db || ((strcmp(db, "main") == 0 || strcmp(db, "temp") == 0) && listed(tables, ARRAY_LEN(tables), table));
}

static int authorize(void *data, int action, const char *a, const char *b, const char *db, const char *within)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_READ:
		return may_read(a, db) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return function_allowed(b) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_PRAGMA:
		return a && (strcmp(a, "data_version") == 0 || strcmp(a, "user_version") == 0) && !b ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static int step_check(void *data)
{
	struct cancel *cancel = data;

	return cancel && atomic_load(&cancel->requested);
}

static const struct {
	int id, value;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 32 << 20 },
	{ SQLITE_LIMIT_SQL_LENGTH, 8 << 20 },
	{ SQLITE_LIMIT_COLUMN, 200 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct {
	int option, value;
} options[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
};

/* Before the first byte of the schema is parsed. */
static int harden(struct opening *o)
{
	int r = 0;

	sqlite3_extended_result_codes(o->db, 1);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		sqlite3_limit(o->db, limits[i].id, limits[i].value);
	for (size_t i = 0; i < ARRAY_LEN(options) && r == 0; i++)
		r = sql_error(sqlite3_db_config(o->db, options[i].option, options[i].value, NULL));
	if (r == 0)
		sqlite3_progress_handler(o->db, STEPS_BETWEEN_CHECKS, step_check, o->cancel);
	if (r == 0)
		r = sql_exec(o->db, "PRAGMA query_only = 1; PRAGMA mmap_size = 0; PRAGMA cell_size_check = 1;"
		                    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000");
	return r;
}

/* ---- checks ---- */

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Offsets: "The Database Header" in SQLite's fileformat2 document. */
static int check_size(struct opening *o, const unsigned char h[HEADER_SIZE], int64_t file_size)
{
	char why[MAX_REASON];
	uint32_t page_size, pages;

	page_size = (uint32_t)h[16] << 8 | h[17];
	page_size = page_size == 1 ? 65536 : page_size;
	if (page_size < 512 || (page_size & (page_size - 1)))
		return refuse(o, -EBADMSG, N_("it is damaged: its page size makes no sense"));
	if (be32(h + 56) != 1)
		return refuse(o, -EBADMSG, N_("its text is not UTF-8, which no recording has"));
	pages = be32(h + 28);
	/* The size in the header counts only where these two agree. */
	if (be32(h + 24) == be32(h + 92) && (int64_t)pages * page_size > file_size) {
		snprintf(why, sizeof(why), "it is cut off: %lld of %lld bytes are there", (long long)file_size,
		         (long long)pages * page_size);
		return refuse(o, -EBADMSG, why);
	}
	return 0;
}

/* "it is damaged: …" with what SQLite says, made fit to show. */
static int damaged(struct opening *o, const char *detail)
{
	AUTO_BUF line = BUF_INIT;
	struct span s = span_of(detail);
	const char *newline = memchr(s.p, '\n', s.n);

	if (newline)
		s.n = (size_t)(newline - s.p);
	if (s.n > MAX_REASON)
		s.n = MAX_REASON;
	buf_add_z(&line, "it is damaged: ");
	text_visible(&line, s);
	return refuse(o, -EBADMSG, line.failed ? N_("it is damaged") : line.p);
}

static int failed(struct opening *o, int r)
{
	if (o->cancel && atomic_load(&o->cancel->requested))
		return refuse(o, -ECANCELED, N_("cancelled"));
	/* For a file from elsewhere, the header was looked at before. */
	if (o->live && o->db && sqlite3_errcode(o->db) == SQLITE_NOTADB)
		return refuse(o, -ENOTSUP, N_("it is not a database"));
	if (r == -EBADMSG && !o->why)
		return damaged(o, sqlite3_errmsg(o->db));
	if (!o->why)
		return refuse(o, r, r == -EIO && o->db ? sqlite3_errmsg(o->db) : strerror(-r));
	return r;
}

static int check_schema(struct opening *o)
{
	char *difference = NULL;
	AUTO_BUF line = BUF_INIT;
	int r = schema_check(o->db, o->version, &difference);

	if (r == -EBADMSG && difference) {
		buf_add_z(&line, "its schema was changed: ");
		text_visible(&line, span_of(difference));
		refuse(o, r, line.failed ? "its schema was changed" : line.p);
	}
	free(difference);
	return r;
}

static int show_as_current(struct opening *o)
{
	int r;

	if (o->version == SCHEMA_VERSION)
		return 0;
	r = sql_exec(o->db, "PRAGMA query_only = 0");
	if (r == 0)
		r = schema_show_as_current(o->db, o->version);
	return r < 0 ? r : sql_exec(o->db, "PRAGMA query_only = 1");
}

static int quick_check(struct opening *o)
{
	AUTO_STMT *s = NULL;
	const char *answer;
	int code, r = sql_prepare(o->db, "PRAGMA quick_check(1)", &s);

	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? -EBADMSG : sql_error(code);
	answer = (const char *)sqlite3_column_text(s, 0);
	if (!answer || strcmp(answer, "ok") != 0)
		return damaged(o, answer ? answer : "");
	return 0;
}

/* ---- opening ---- */

/* Opened once, checked on the descriptor: what is read is what was checked. */
static int open_regular(struct opening *o, const char *path, int *ret_fd, int64_t *ret_size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return refuse(o, -ELOOP, N_("it is a symbolic link"));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return refuse(o, -ENOTSUP, N_("it is not a regular file"));
	*ret_fd = fd;
	*ret_size = st.st_size;
	fd = -1;
	return 0;
}

/* What it claims to be. */
static int read_header(struct opening *o, int fd, unsigned char header[HEADER_SIZE])
{
	const char *what = NULL;
	ssize_t n = pread(fd, header, HEADER_SIZE, 0);
	int r;

	if (n < 0)
		return -errno;
	r = schema_check_header(header, (size_t)n, &o->version, &what);
	return r < 0 ? refuse(o, r, what) : 0;
}

static int open_file(struct opening *o, const char *path, struct vaultfile **ret_file)
{
	struct vaultfile *f;
	unsigned char header[HEADER_SIZE];
	AUTO_CLOSE int fd = -1;
	int64_t size = 0;
	double share = 0;
	int r = open_regular(o, path, &fd, &size);

	if (r == 0)
		r = read_header(o, fd, header);
	if (r == 0)
		r = vaultcopy_with_wal(path, o->cancel, o->progress, o->data, &fd, &size, &share);
	if (r == 0 && share > 0)
		r = read_header(o, fd, header);
	if (r == 0)
		r = check_size(o, header, size);
	if (r < 0)
		return r;
	f = malloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	*f = (struct vaultfile){ .fd = fd, .size = size, .cancel = o->cancel, .from = share };
	fd = -1;
	r = sql_error(vaultfile_open(f, &o->db));
	if (r == 0)
		*ret_file = f;
	return r;
}

/* What a live one claims to be: its header may be in the WAL. */
static int read_pragmas(struct opening *o)
{
	int64_t id = 0, version = 0;
	int r = sql_int64(o->db, "PRAGMA application_id", &id);

	if (r == 0)
		r = sql_int64(o->db, "PRAGMA user_version", &version);
	if (r < 0)
		return r;
	if (id != SCHEMA_APPLICATION_ID)
		return refuse(o, -EBADMSG, N_("it is a database of something else, not a recording"));
	if (version < 1 || version > SCHEMA_VERSION)
		return refuse(o, -EPROTONOSUPPORT, N_("its schema version is not known"));
	o->version = (int)version;
	return 0;
}

static int open_live(struct opening *o, const char *path)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : refuse(o, -ENOTSUP, N_("it is not a regular file"));
	r = sql_error(sqlite3_open_v2(path, &o->db, flags, NULL));
	if (r == 0)
		sqlite3_busy_timeout(o->db, LIVE_WAIT_MS);
	return r;
}

static int check(struct opening *o, struct vaultfile *f, unsigned flags)
{
	int r = harden(o);

	if (r == 0 && !f)
		r = read_pragmas(o);
	if (r == 0)
		r = check_schema(o);
	if (r == 0 && (flags & VAULT_CHECK)) {
		if (f) {
			f->progress = o->progress;
			f->data = o->data;
		}
		r = quick_check(o);
		if (f)
			f->progress = NULL;
	}
	if (r == 0)
		r = show_as_current(o);
	if (r == 0)
		r = sql_error(sqlite3_set_authorizer(o->db, authorize, NULL));
	return r;
}

int vault_open(const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress, void *data,
               sqlite3 **ret, char **ret_error)
{
	struct opening o = { .cancel = cancel, .progress = progress, .data = data, .live = flags & VAULT_LIVE };
	AUTO_FREE char *real = NULL;
	struct vaultfile *f = NULL;
	int r;

	*ret_error = NULL;
	sqlite3_initialize();
	sqlite3_hard_heap_limit64(HEAP_LIMIT);
	r = dbfile_resolve(path, &real);
	if (r == 0)
		r = o.live ? open_live(&o, real) : open_file(&o, real, &f);
	if (r == 0)
		r = check(&o, f, flags);
	if (r < 0) {
		r = failed(&o, r);
		if (asprintf(ret_error, "%s: cannot open: %s", path, o.why ? o.why : strerror(-r)) < 0)
			*ret_error = NULL;
		sqlite3_close(o.db);
		free(o.why);
		return r;
	}
	*ret = o.db;
	return 0;
}

void vault_close(sqlite3 *db)
{
	sqlite3_close_v2(db);
}
