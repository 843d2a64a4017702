#include "agent/opener/keep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/snapshot.h"

static int refuse(char *why, int error, const char *text)
{
	snprintf(why, KEEP_WHY, "%s", text ? text : strerror(-error));
	return error;
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			return false;
	return n > 0 && n <= KEEP_NAME;
}

/* The folder of them all, "DATABASE.captures", held by whoever is at work in it. */
static int open_folder(const char *database, bool create, char **ret_path)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int result;

	if (asprintf(ret_path, "%s.captures", database) < 0) {
		*ret_path = NULL;
		return -ENOMEM;
	}
	if (create && mkdir(*ret_path, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(*ret_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 077))
		return -EPERM;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	result = fd;
	fd = -1;
	return result;
}

/* ---- removing ---- */

static void empty(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	unlinkat(folder, name, AT_REMOVEDIR);
}

static bool is_old(int folder, const char *name, int64_t before)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtim.tv_sec * MS_PER_SEC < before;
}

/* All but that one; of those, the ones that are older. */
static void remove_others(int folder, const char *but, int64_t before)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (is_name(e->d_name) && (!but || strcmp(e->d_name, but) != 0) && is_old(folder, e->d_name, before))
			empty(folder, e->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* ---- making ---- */

/* The snapshot in that folder, when there is one. */
static int find(int folder, const char *name, char file[256])
{
	AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int copy = fd < 0 ? -1 : dup(fd), found = -ENOENT;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	while (dir && found < 0 && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		found = openat(fd, e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		snprintf(file, 256, "%s", e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static int check_room(const char *database, int folder, char *why)
{
	AUTO_BUF wal = BUF_INIT;
	struct stat db, log;
	struct statvfs fs;
	uint64_t need;

	buf_printf(&wal, "%s-wal", database);
	if (stat(database, &db) < 0 || fstatvfs(folder, &fs) < 0)
		return refuse(why, -errno, NULL);
	need = (uint64_t)db.st_size + KEEP_FREE;
	if (!wal.failed && stat(wal.p, &log) == 0)
		need += (uint64_t)log.st_size;
	return (uint64_t)fs.f_bavail * fs.f_frsize < need ?
	       refuse(why, -ENOSPC, "there is no room for a snapshot on this endpoint") : 0;
}

static int make(const char *database, const char *parent, int folder, const char *name, char *why)
{
	AUTO_BUF place = BUF_INIT;
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *error = NULL;
	int r = check_room(database, folder, why);

	if (r < 0)
		return r;
	buf_printf(&place, "%s/%s", parent, name);
	if (place.failed)
		return refuse(why, -ENOMEM, NULL);
	empty(folder, name); /* what one that was killed left */
	if (mkdirat(folder, name, 0700) < 0)
		return refuse(why, -errno, NULL);
	r = snapshot_take(database, place.p, NULL, NULL, NULL, &path, &error);
	if (r == 0)
		return 0;
	empty(folder, name);
	return refuse(why, r, error);
}

int keep_open(const char *database, const char *name, int *ret_fd, char file[256], char why[KEEP_WHY])
{
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int folder = -1;
	int r;

	if (!is_name(name))
		return refuse(why, -EINVAL, "that is no capture's name");
	folder = open_folder(database, true, &path);
	if (folder < 0)
		return refuse(why, folder, NULL);
	remove_others(folder, name, INT64_MAX);
	r = find(folder, name, file);
	if (r < 0) {
		r = make(database, path, folder, name, why);
		if (r < 0)
			return r;
		r = find(folder, name, file);
	}
	if (r < 0)
		return refuse(why, r, NULL);
	*ret_fd = r;
	return 0;
}

void keep_drop(const char *database, const char *name)
{
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int folder = is_name(name) ? open_folder(database, false, &path) : -1;

	if (folder >= 0)
		empty(folder, name);
}

void keep_sweep(const char *database, int64_t age_ms)
{
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int folder = open_folder(database, false, &path);

	if (folder >= 0)
		remove_others(folder, NULL, clock_now() - age_ms);
}
