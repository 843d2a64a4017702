#include "recorder/store/vaultcopy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/dbfile.h"
#include "recorder/store/sql.h"

enum { CHUNK = 1 << 20, WAL_HEADER = 32, TRIES = 5 };
#define COPY_SHARE 0.5

struct copying {
	struct cancel *cancel;
	vault_progress_fn *progress;
	void *data;
	int64_t done, total;
	char *chunk;
};

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

static int copy_bytes(struct copying *c, int from, const char *to)
{
	AUTO_CLOSE int out = open(to, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	int64_t at = 0;
	int r = 0;

	if (out < 0)
		return -errno;
	while (r == 0) {
		ssize_t n = pread(from, c->chunk, CHUNK, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = write_all(out, c->chunk, (size_t)n);
		at += n;
		c->done += n;
		if (c->progress)
			c->progress(COPY_SHARE * (c->done < c->total ? (double)c->done / (double)c->total : 1), c->data);
		if (c->cancel && atomic_load(&c->cancel->requested))
			return -ECANCELED;
	}
	return r;
}

/* Both files of one moment. A checkpoint may run meanwhile: what it moves into the database stays in the WAL, until the
 * WAL is started anew, which changes its header. Then all is copied again. */
static int copy_both(struct copying *c, int db, int wal, const char *db_to, const char *wal_to)
{
	unsigned char before[WAL_HEADER], after[WAL_HEADER];
	int r;

	for (int i = 0; i < TRIES; i++) {
		c->done = 0;
		if (pread(wal, before, sizeof(before), 0) != (ssize_t)sizeof(before))
			return 0; /* no frame in it */
		r = copy_bytes(c, db, db_to);
		if (r == 0)
			r = copy_bytes(c, wal, wal_to);
		if (r < 0)
			return r;
		if (pread(wal, after, sizeof(after), 0) == (ssize_t)sizeof(after) &&
		    memcmp(before, after, sizeof(before)) == 0)
			return 1;
	}
	return -EAGAIN;
}

/* Ours to write: SQLite moves the WAL's pages into the copy. */
static int work_in(const char *path)
{
	sqlite3 *db = NULL;
	int r = sql_error(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
	                                  NULL));

	if (r == 0) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
		/* Exclusive: no shared memory file. */
		r = sql_exec(db, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = 1; PRAGMA synchronous = OFF;"
		                 "PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE)");
	}
	sqlite3_close(db);
	return r;
}

static int open_wal(const char *path, int *ret)
{
	char name[PATH_MAX];
	struct stat st;
	int fd;

	if (snprintf(name, sizeof(name), "%s-wal", path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= WAL_HEADER) {
		close(fd);
		return 0;
	}
	*ret = fd;
	return 1;
}

static int make_folder(char out[PATH_MAX])
{
	const char *places[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i] && snprintf(out, PATH_MAX, "%s/spoor-vault-XXXXXX", places[i]) < PATH_MAX - 32 &&
		    mkdtemp(out))
			return 0;
	return -EACCES;
}

/* The copy loses its name at once: it is gone with its last descriptor, whatever ends the program. */
static int copy_in(struct copying *c, const char *folder, int *fd, int wal, int64_t *size)
{
	char db_to[PATH_MAX + 16], wal_to[PATH_MAX + 16];
	AUTO_CLOSE int copy = -1;
	struct stat st;
	int r;

	snprintf(db_to, sizeof(db_to), "%s/copy.db", folder);
	snprintf(wal_to, sizeof(wal_to), "%s/copy.db-wal", folder);
	r = copy_both(c, *fd, wal, db_to, wal_to);
	if (r == 1) {
		r = work_in(db_to);
		if (r == 0)
			copy = open(db_to, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (r == 0 && (copy < 0 || fstat(copy, &st) < 0))
			r = -errno;
		if (r == 0) {
			close(*fd);
			*fd = copy;
			copy = -1;
			*size = st.st_size;
		}
	}
	dbfile_remove(db_to);
	return r;
}

int vaultcopy_with_wal(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data, int *fd,
                       int64_t *size, double *ret_share)
{
	AUTO_CLOSE int wal = -1;
	AUTO_FREE char *chunk = NULL;
	struct copying c = { .cancel = cancel, .progress = progress, .data = data };
	char folder[PATH_MAX];
	struct stat st;
	int r = open_wal(path, &wal);

	if (r <= 0)
		return r;
	if (fstat(wal, &st) < 0)
		return -errno;
	c.total = *size + st.st_size;
	c.chunk = chunk = malloc(CHUNK);
	if (!chunk)
		return -ENOMEM;
	r = make_folder(folder);
	if (r < 0)
		return r;
	r = copy_in(&c, folder, fd, wal, size);
	rmdir(folder);
	if (r == 0)
		*ret_share = COPY_SHARE;
	return r;
}
