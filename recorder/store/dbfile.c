#include "recorder/store/dbfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/schema.h"
#include "recorder/store/sql.h"
#include "recorder/store/text.h"

static const char *const companions[] = { "-wal", "-shm", "-journal" };

/* Splits into folder ("." when there is none, malloc'd) and last name (inside path). */
static int split(const char *path, char **ret_dir, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *dir;

	if (!*name)
		return *path ? -EISDIR : -ENOENT;
	if (!slash)
		dir = strdup(".");
	else if (slash == path)
		dir = strdup("/");
	else
		dir = strndup(path, (size_t)(slash - path));
	if (!dir)
		return -ENOMEM;
	*ret_dir = dir;
	*ret_name = name;
	return 0;
}

int dbfile_resolve(const char *path, char **ret)
{
	AUTO_FREE char *dir = NULL;
	AUTO_FREE char *real = NULL;
	const char *name;
	char *whole;
	int r = split(path, &dir, &name);

	if (r < 0)
		return r;
	real = realpath(dir, NULL);
	if (!real)
		return -errno;
	if (asprintf(&whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0)
		return -ENOMEM;
	*ret = whole;
	return 0;
}

char *dbfile_beside(const char *path, const char *what)
{
	AUTO_FREE char *dir = NULL;
	const char *name;
	char *whole;

	if (split(path, &dir, &name) < 0 || asprintf(&whole, "%s/.%s.%s-%d", dir, name, what, (int)getpid()) < 0)
		return NULL;
	return whole;
}

/* Of what is done already, so it cannot fail any more. A folder that may be written but not read cannot be synced: the
 * file itself is. */
static void sync_folder(const char *path)
{
	AUTO_FREE char *dir = NULL;
	AUTO_CLOSE int fd = -1;
	const char *name;

	if (split(path, &dir, &name) == 0)
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

int dbfile_sync(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Renames what belongs to a database: from PATH-wal to PATH.aside-TIME-wal, and so on. */
static void set_companions_aside(const char *path, const char *when)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(companions); i++)
		if (snprintf(from, sizeof(from), "%s%s", path, companions[i]) < (int)sizeof(from) &&
		    snprintf(to, sizeof(to), "%s.aside-%s%s", path, when, companions[i]) < (int)sizeof(to))
			rename(from, to);
}

/* A WAL whose database is gone would be worked into the new one of its name, and damage it. */
static void set_orphans_aside(const char *path)
{
	char when[CLOCK_TEXT];

	set_companions_aside(path, clock_format_name(clock_now(), when));
}

int dbfile_move(const char *from, const char *to)
{
	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) < 0) {
		if (errno != EINVAL && errno != ENOSYS)
			return -errno;
		/* A file system without RENAME_NOREPLACE. */
		if (link(from, to) < 0)
			return -errno;
		unlink(from);
	}
	set_orphans_aside(to);
	sync_folder(to);
	return 0;
}

void dbfile_remove(const char *path)
{
	char name[PATH_MAX];

	unlink(path);
	for (size_t i = 0; i < ARRAY_LEN(companions); i++)
		if (snprintf(name, sizeof(name), "%s%s", path, companions[i]) < (int)sizeof(name))
			unlink(name);
}

int dbfile_hold(const char *part, int *ret_fd)
{
	AUTO_CLOSE int fd = open(part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Is it ".NAME.import-PID", ".NAME.new-PID", or "..NAME.import-PID.new-PID"? Whose, or 0. */
static pid_t maker_of(const char *file, const char *name)
{
	static const char *const kinds[] = { ".import-", ".new-" };
	size_t n = strlen(name);
	const char *rest = file + 1 + (file[0] == '.' && file[1] == '.');

	if (file[0] != '.' || strncmp(rest, name, n) != 0)
		return 0;
	rest += n;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strncmp(rest, kinds[i], strlen(kinds[i])) == 0)
			return (pid_t)strtol(rest + strlen(kinds[i]), NULL, 10);
	return 0;
}

/* Is it ".HOST_TIME.db.part-PID"? */
static pid_t taker_of(const char *file)
{
	static const char kind[] = ".db.part-";
	const char *at = file[0] == '.' ? strstr(file, kind) : NULL;

	return at ? (pid_t)strtol(at + strlen(kind), NULL, 10) : 0;
}

/* Of ours, of nobody who runs (here: the lock tells of those elsewhere). Of our own number is what one before us left. */
static bool is_stale(int folder, const char *file, pid_t maker)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (maker <= 0 || (maker != getpid() && (kill(maker, 0) == 0 || errno != ESRCH)))
		return false;
	fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* name NULL: parts of snapshots. */
static void remove_stale(const char *dir, const char *name)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		const char *file = entry->d_name;

		if (is_stale(dirfd(folder), file, name ? maker_of(file, name) : taker_of(file)))
			unlinkat(dirfd(folder), file, 0);
	}
	if (folder)
		closedir(folder);
}

void dbfile_remove_stale(const char *path)
{
	AUTO_FREE char *dir = NULL;
	const char *name;

	if (split(path, &dir, &name) == 0)
		remove_stale(dir, name);
}

void dbfile_remove_stale_parts(const char *dir)
{
	remove_stale(dir, NULL);
}

int dbfile_set_aside(const char *path)
{
	char to[PATH_MAX], when[CLOCK_TEXT];

	clock_format_name(clock_now(), when);
	if (snprintf(to, sizeof(to), "%s.aside-%s", path, when) >= (int)sizeof(to))
		return -ENAMETOOLONG;
	if (syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) < 0 &&
	    ((errno != EINVAL && errno != ENOSYS) || rename(path, to) < 0))
		return -errno;
	set_companions_aside(path, when);
	sync_folder(to);
	return 0;
}

/* ---- a new one ---- */

static int fill_meta(sqlite3 *db)
{
	AUTO_STMT *s = NULL;
	unsigned char key[TEXT_KEY_SIZE];
	int r = sql_prepare(db, "INSERT INTO meta(key, value) VALUES('text_key', ?), ('created_ms', ?)", &s);

	if (r < 0)
		return r;
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return -EIO;
	sqlite3_bind_blob(s, 1, key, sizeof(key), SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, clock_now());
	return sql_run(s);
}

static int fill(const char *path)
{
	sqlite3 *db = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	int r = sql_error(sqlite3_open_v2(path, &db, flags, NULL));

	if (r == 0)
		r = sql_exec(db, "PRAGMA encoding = 'UTF-8'; PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;"
		             "PRAGMA journal_mode = MEMORY");
	if (r == 0)
		r = schema_create(db);
	if (r == 0)
		r = fill_meta(db);
	sqlite3_close(db);
	return r;
}

static bool is_empty_file(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

int dbfile_create(const char *path)
{
	AUTO_FREE char *part = dbfile_beside(path, "new");
	AUTO_CLOSE int fd = -1;
	int r;

	if (!part)
		return -ENOMEM;
	unlink(part); /* left by a process of that number that was killed */
	fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return -errno;
	r = fill(part);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && is_empty_file(path) && unlink(path) < 0)
		r = -errno;
	if (r == 0)
		r = dbfile_move(part, path);
	if (r < 0)
		dbfile_remove(part);
	return r;
}

int dbfile_lock(const char *path, int *ret_fd, int *ret_version, const char **ret_what)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char header[100];
	struct stat st;
	ssize_t n;
	int r;

	*ret_what = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode)) {
		*ret_what = "it is not a regular file";
		return -ENOTSUP;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		*ret_what = "another process is writing it";
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	}
	n = pread(fd, header, sizeof(header), 0);
	if (n < 0)
		return -errno;
	r = schema_check_header(header, (size_t)n, ret_version, ret_what);
	if (r < 0)
		return r;
	*ret_fd = fd;
	fd = -1;
	return 0;
}
