#include "agent/opener/openfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/procfs.h"

enum { LINKS = 40, CLOSE_MS = 2000 };
#ifndef TRACEFS_MAGIC
#define TRACEFS_MAGIC 0x74726163
#endif

static int take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static int refuse(char *why, int error, const char *text)
{
	snprintf(why, OPENFILE_WHY, "%s", text ? text : strerror(-error));
	return error;
}

/* ---- what was found ---- */

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "it is a folder" : S_ISLNK(mode) ? "it is a symbolic link" : S_ISFIFO(mode) ? "it is a FIFO" :
	       S_ISSOCK(mode) ? "it is a socket" : S_ISCHR(mode) || S_ISBLK(mode) ? "it is a device" : "it is no file";
}

/* What lies in these is made up when it is read, which may do things, or never end. */
static bool is_made_up(int fd)
{
	static const unsigned long magics[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
						SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if ((unsigned long)fs.f_type == magics[i])
			return true;
	return false;
}

static int check(int fd, uint64_t max_bytes, char *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(why, -errno, NULL);
	if (!S_ISREG(st.st_mode))
		return refuse(why, -EINVAL, kind_of(st.st_mode));
	if (is_made_up(fd))
		return refuse(why, -EINVAL, "the kernel makes it up: it is no file on a disk");
	return (uint64_t)st.st_size > max_bytes ? refuse(why, -EFBIG, "it is larger than was allowed") : 0;
}

/* Opens for reading what an O_PATH descriptor stands for: the very same, whatever became of its name. */
static int reopen(int path, uint64_t max_bytes, int *ret, char *why)
{
	AUTO_CLOSE int fd = -1;
	char name[64];
	int r = check(path, max_bytes, why);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return refuse(why, -errno, NULL);
	r = check(fd, max_bytes, why);
	if (r < 0)
		return r;
	*ret = take(&fd);
	return 0;
}

/* ---- the way to a file ---- */

struct way {
	int at;                  /* the folder so far, O_PATH */
	bool safe;               /* only root can change what is in it */
	char *rest;              /* of the path */
	unsigned links;
	char *why;
};

static bool only_roots(const struct stat *st)
{
	return st->st_uid == 0 && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Takes fd. */
static int go_to(struct way *w, int fd)
{
	struct stat st;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;

	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return refuse(w->why, r, NULL);
	}
	if (w->at >= 0)
		close(w->at);
	w->at = fd;
	w->safe = only_roots(&st);
	return 0;
}

static int go_to_root(struct way *w)
{
	return go_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The text of a link goes before what is left. */
static int follow(struct way *w, int fd, const struct stat *st, const char *rest)
{
	char target[PATH_MAX], *all;
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);

	if (!w->safe || st->st_uid != 0)
		return refuse(w->why, -ELOOP, "there is a symbolic link on its path that others than root could have made");
	if (++w->links > LINKS || n < 0)
		return refuse(w->why, -ELOOP, "there are too many symbolic links on its path");
	target[n] = 0;
	if (asprintf(&all, "%s/%s", target, rest) < 0)
		return refuse(w->why, -ENOMEM, NULL);
	free(w->rest);
	w->rest = all;
	return *target == '/' ? go_to_root(w) : 0;
}

/* Takes the first name off. *ret_fd: what it is, when it was the last; else -1. */
static int step(struct way *w, int *ret_fd)
{
	size_t skip = strspn(w->rest, "/"), n = strcspn(w->rest + skip, "/");
	AUTO_CLOSE int fd = -1;
	char name[NAME_MAX + 1], *rest;
	struct stat st;

	if (n == 0 || n > NAME_MAX)
		return refuse(w->why, n ? -ENAMETOOLONG : -EINVAL, n ? NULL : "it is a folder");
	memcpy(name, w->rest + skip, n);
	name[n] = 0;
	rest = w->rest + skip + n;
	rest += strspn(rest, "/");
	fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return refuse(w->why, -errno, NULL);
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, &st, rest);
	memmove(w->rest, rest, strlen(rest) + 1);
	if (!*w->rest) {
		*ret_fd = take(&fd);
		return 0;
	}
	if (!S_ISDIR(st.st_mode))
		return refuse(w->why, -ENOTDIR, NULL);
	return go_to(w, take(&fd));
}

int openfile(const char *path, uint64_t max_bytes, int *ret_fd, char why[OPENFILE_WHY])
{
	struct way w = { .at = -1, .rest = strdup(path), .why = why };
	AUTO_CLOSE int found = -1;
	int r;

	if (*path != '/')
		r = refuse(why, -EINVAL, "the path does not begin with /");
	else
		r = w.rest ? go_to_root(&w) : refuse(why, -ENOMEM, NULL);
	while (r == 0 && found < 0)
		r = step(&w, &found);
	if (w.at >= 0)
		close(w.at);
	free(w.rest);
	return r < 0 ? r : reopen(found, max_bytes, ret_fd, why);
}

/* ---- an executable ---- */

/* When a process began, ms UTC. */
static int started(int proc, int64_t *ret)
{
	AUTO_CLOSE int fd = openat(proc, "stat", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct procfs_stat stat;
	struct timespec now;

	if (n < 0)
		return -errno;
	if (procfs_parse_stat((struct span){ text, (size_t)n }, &stat) < 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return -EBADMSG;
	*ret = clock_now() - (now.tv_sec * MS_PER_SEC + now.tv_nsec / 1000000) +
	       (int64_t)(stat.start_ticks * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
	return 0;
}

static bool is_called(int proc, const char *path)
{
	static const char gone[] = " (deleted)";
	char is[PATH_MAX + sizeof(gone)];
	ssize_t n = readlinkat(proc, "exe", is, sizeof(is) - 1);
	size_t wanted = strlen(path);

	if (n < 0)
		return false;
	is[n] = 0;
	return strncmp(is, path, wanted) == 0 && (!is[wanted] || strcmp(is + wanted, gone) == 0);
}

int openfile_executable(pid_t pid, int64_t start_ms, const char *path, uint64_t max_bytes, int *ret_fd,
			char why[OPENFILE_WHY])
{
	AUTO_CLOSE int proc = -1;
	AUTO_CLOSE int exe = -1;
	char name[32];
	int64_t began;

	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	proc = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* of this very process: when it ends, nothing is in it */
	if (proc < 0 || started(proc, &began) < 0)
		return refuse(why, -ESRCH, "its process has ended");
	if (llabs(began - start_ms) > CLOSE_MS)
		return refuse(why, -ESRCH, "its process has ended: another one has its number");
	if (!is_called(proc, path))
		return refuse(why, -ESRCH, "its process runs another program now");
	exe = openat(proc, "exe", O_PATH | O_CLOEXEC);
	if (exe < 0)
		return refuse(why, -errno, NULL);
	return reopen(exe, max_bytes, ret_fd, why);
}
