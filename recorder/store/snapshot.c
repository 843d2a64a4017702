#include "recorder/store/snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/dbfile.h"
#include "recorder/store/sql.h"

enum { PAGES_A_STEP = 64, HOST_MAX = 64 };

struct taking {
	struct cancel *cancel;
	vault_progress_fn *progress;
	void *data;
	sqlite3 *from, *to;
	int part; /* descriptor: its lock says that somebody is at work on the file */
	int64_t now_ms;
};

/* The host's name with nothing in it that a file name or a shell could trip over. */
static void name_host(struct taking *t, char out[HOST_MAX + 1])
{
	AUTO_STMT *s = NULL;
	struct span host = SPAN_NONE;
	size_t n = 0;

	if (sql_prepare(t->from, "SELECT value FROM meta WHERE key = 'host' AND value <> '' UNION ALL "
	                "SELECT t.value FROM boot b JOIN text t ON t.id = b.host WHERE t.value <> ''", &s) == 0 &&
	    sqlite3_step(s) == SQLITE_ROW)
		host = sql_column(s, 0);
	for (size_t i = 0; i < host.n && n < HOST_MAX; i++) {
		unsigned char c = (unsigned char)host.p[i];
		bool plain = c < 0x80 && (isalnum(c) || (n > 0 && (c == '.' || c == '-' || c == '_')));

		out[n++] = plain ? (char)c : '_';
	}
	out[n] = 0;
	if (n == 0)
		snprintf(out, HOST_MAX + 1, "unknown");
}

static int name_file(struct taking *t, const char *dir, char **ret)
{
	char host[HOST_MAX + 1], when[CLOCK_TEXT];
	size_t n = strlen(dir);

	name_host(t, host);
	return asprintf(ret, "%s%s%s_%s.db", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", host,
	                clock_format_name(t->now_ms, when)) < 0 ? -ENOMEM : 0;
}

/* Page by page under one read transaction: what the recorder commits meanwhile is not seen. */
static int copy_pages(struct taking *t)
{
	sqlite3_backup *backup = sqlite3_backup_init(t->to, "main", t->from, "main");
	int code = SQLITE_OK;

	if (!backup)
		return sql_error(sqlite3_errcode(t->to));
	while (code == SQLITE_OK) {
		int total;

		if (t->cancel && atomic_load(&t->cancel->requested)) {
			sqlite3_backup_finish(backup);
			return -ECANCELED;
		}
		code = sqlite3_backup_step(backup, PAGES_A_STEP);
		total = sqlite3_backup_pagecount(backup);
		if (t->progress && total > 0)
			t->progress((double)(total - sqlite3_backup_remaining(backup)) / total, t->data);
	}
	sqlite3_backup_finish(backup);
	return code == SQLITE_DONE ? 0 : sql_error(code);
}

/* What makes it a file of its own: no WAL, and when it was taken. */
static int finish_copy(struct taking *t, const char *part)
{
	AUTO_STMT *s = NULL;
	int r;

	sqlite3_close(t->to);
	t->to = NULL;
	r = sql_error(sqlite3_open_v2(part, &t->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	if (r == 0)
		r = sql_exec(t->to, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE");
	if (r == 0)
		r = sql_prepare(t->to, "INSERT OR REPLACE INTO meta(key, value) VALUES('snapshot_ms', ?)", &s);
	if (r == 0) {
		sqlite3_bind_int64(s, 1, t->now_ms);
		r = sql_run(s);
	}
	sqlite3_finalize(s);
	s = NULL;
	if (r == 0) {
		r = sql_error(sqlite3_close(t->to));
		t->to = r == 0 ? NULL : t->to;
	}
	return r == 0 ? dbfile_sync(part) : r;
}

static int copy_to(struct taking *t, const char *part)
{
	int r;

	t->part = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->part < 0 || flock(t->part, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	r = sql_error(sqlite3_open_v2(part, &t->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	if (r == 0)
		r = sql_exec(t->to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
	if (r == 0)
		r = copy_pages(t);
	return r == 0 ? finish_copy(t, part) : r;
}

/* As the recorder has it; where shared memory cannot be made (a read-only folder), as a file nobody writes. */
static int open_source(struct taking *t, const char *path, char **ret_error)
{
	int r = vault_open(path, VAULT_LIVE, t->cancel, NULL, NULL, &t->from, ret_error);

	if (r == -EACCES || r == -EROFS) {
		free(*ret_error);
		r = vault_open(path, 0, t->cancel, NULL, NULL, &t->from, ret_error);
	}
	return r;
}

static int fail(const char *what, int error, char **ret_error)
{
	if (asprintf(ret_error, "%s: cannot take a snapshot: %s", what,
	             error == -ECANCELED ? "cancelled" : error == -EBADMSG ? "the database is damaged" :
	             strerror(-error)) < 0)
		*ret_error = NULL;
	return error;
}

static int check_folder(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int snapshot_take(const char *path, const char *dir, struct cancel *cancel, vault_progress_fn *progress, void *data,
                  char **ret_path, char **ret_error)
{
	struct taking t = { .cancel = cancel, .progress = progress, .data = data, .part = -1,
	                    .now_ms = clock_now() };
	AUTO_FREE char *target = NULL;
	AUTO_FREE char *part = NULL;
	int r;

	*ret_error = NULL;
	r = check_folder(dir);
	if (r < 0)
		return fail(dir, r, ret_error);
	r = open_source(&t, path, ret_error);
	if (r < 0)
		return r;
	dbfile_remove_stale_parts(dir);
	r = sql_exec(t.from, "BEGIN; SELECT count(*) FROM meta");
	if (r == 0)
		r = name_file(&t, dir, &target);
	if (r == 0) {
		part = dbfile_beside(target, "part");
		r = part ? copy_to(&t, part) : -ENOMEM;
	}
	vault_close(t.from);
	sqlite3_close(t.to);
	if (r == 0)
		r = dbfile_move(part, target);
	if (r < 0 && part)
		dbfile_remove(part);
	if (t.part >= 0)
		close(t.part);
	if (r < 0)
		return fail(r == -EBADMSG || !target ? path : target, r, ret_error);
	*ret_path = STEAL(target);
	return 0;
}
