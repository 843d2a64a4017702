#include "recorder/store/vaultcopy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/sql.h"
#include "recorder/store/vaultfile.h"

enum { CHUNK = 1 << 20, WAL_HEADER = 32, TRIES = 5 };
#define COPY_SHARE 0.5

struct copying {
	struct cancel *cancel;
	vault_progress_fn *progress;
	void *data;
	int64_t done, total;
	char *chunk;
};

static int write_all(int fd, const char *p, size_t n, int64_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, at);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			at += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Holes stay holes: a file may claim a size that no disk has. */
static int64_t next_data(int fd, int64_t at, int64_t size)
{
	off_t found = lseek(fd, at, SEEK_DATA);

	return found >= 0 ? found : errno == ENXIO ? size : at;
}

static int copy_bytes(struct copying *c, int from, int to)
{
	int64_t at = 0;
	struct stat st;
	int r = 0;

	if (fstat(from, &st) < 0 || ftruncate(to, 0) < 0)
		return -errno;
	for (int64_t data = next_data(from, 0, st.st_size); r == 0 && data < st.st_size;
	     data = next_data(from, at, st.st_size)) {
		ssize_t n = pread(from, c->chunk, CHUNK, data);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EAGAIN; /* it became shorter */
		r = write_all(to, c->chunk, (size_t)n, data);
		c->done += data + n - at;
		at = data + n;
		if (c->progress)
			c->progress(COPY_SHARE * (c->done < c->total ? (double)c->done / (double)c->total : 1), c->data);
		if (c->cancel && atomic_load(&c->cancel->requested))
			return -ECANCELED;
	}
	return r < 0 ? r : ftruncate(to, st.st_size) < 0 ? -errno : 0;
}

/* A disk that is full harms others: better not to begin. */
static int check_room(int db, int wal, int to)
{
	struct stat a, b;
	struct statvfs v;

	if (fstat(db, &a) < 0 || fstat(wal, &b) < 0 || fstatvfs(to, &v) < 0)
		return -errno;
	return (uint64_t)(a.st_blocks + 2 * b.st_blocks) * 512 > (uint64_t)v.f_bavail * v.f_frsize ? -ENOSPC : 0;
}

/* Both files of one moment. A checkpoint may run meanwhile: what it moves into the database stays in the WAL, until the
 * WAL is started anew, which changes its header. Then all is copied again. */
static int copy_both(struct copying *c, int db, int wal, int db_to, int wal_to)
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
		if (r < 0 && r != -EAGAIN)
			return r;
		if (r == 0 && pread(wal, after, sizeof(after), 0) == (ssize_t)sizeof(after) &&
		    memcmp(before, after, sizeof(before)) == 0)
			return 1;
	}
	return -EAGAIN;
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

/* A file without a name: it is gone with its last descriptor, whatever ends the program. */
static int nameless_in(const char *folder)
{
	char name[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has them. */
	if (fd >= 0 || snprintf(name, sizeof(name), "%s/spoor-vault-XXXXXX", folder) >= (int)sizeof(name))
		return fd;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

static int nameless(void)
{
	const char *places[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	int fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(places) && fd < 0; i++)
		fd = places[i] ? nameless_in(places[i]) : -1;
	return fd;
}

static int copy_in(struct copying *c, int *fd, int wal, int64_t *size)
{
	AUTO_CLOSE int copy = nameless();
	AUTO_CLOSE int copy_wal = nameless();
	struct stat st;
	int r;

	if (copy < 0 || copy_wal < 0)
		return -EACCES;
	r = check_room(*fd, wal, copy);
	if (r == 0)
		r = copy_both(c, *fd, wal, copy, copy_wal);
	if (r <= 0)
		return r;
	r = sql_error(vaultfile_work_in(copy, copy_wal, c->cancel));
	if (r == 0 && fstat(copy, &st) < 0)
		r = -errno;
	if (r < 0)
		return r;
	close(*fd);
	*fd = copy;
	copy = -1;
	*size = st.st_size;
	return 0;
}

int vaultcopy_with_wal(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data, int *fd,
                       int64_t *size, double *ret_share)
{
	AUTO_CLOSE int wal = -1;
	AUTO_FREE char *chunk = NULL;
	struct copying c = { .cancel = cancel, .progress = progress, .data = data };
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
	r = copy_in(&c, fd, wal, size);
	if (r == 0)
		*ret_share = COPY_SHARE;
	return r;
}
