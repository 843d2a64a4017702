#include "agent/transfer/part.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

#define PREFIX ".part-"
enum { IDENTITY = 16, FILE_NAME = sizeof(PREFIX) + PART_KEY + 1 + 2 * IDENTITY, BLOCK = 512 };
/* So much is begun to be written out at once: the wait at the end is for a rest. */
enum { WRITE_OUT = 8 << 20 };

struct part {
	int folder, fd;
	char name[FILE_NAME];
	uint64_t size, limit, written_out;
};

static char *to_hex(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}

static bool is_key(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)key[i]) && key[i] != '-')
			return false;
	return n > 0 && n <= PART_KEY;
}

static void name_part(const char *key, struct span identity, char out[FILE_NAME])
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char hex[2 * IDENTITY + 1];
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)identity.p, identity.n);
	SHA256Final(sum, &sha);
	snprintf(out, FILE_NAME, PREFIX "%s-%s", key, to_hex(sum, IDENTITY, hex));
}

/* ---- what lies in the folder ---- */

typedef int entry_fn(int folder, const char *name, void *data);

static int each_entry(int folder, entry_fn *fn, void *data)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (e = readdir(dir)))
		r = fn(folder, e->d_name, data);
	closedir(dir);
	return r;
}

static int add_size(int folder, const char *name, void *data)
{
	uint64_t *all = data;
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		*all += (uint64_t)st.st_blocks * BLOCK;
	return 0;
}

struct others {
	const char *key, *but; /* but: NULL, or the one that stays */
};

static int remove_other(int folder, const char *name, void *data)
{
	const struct others *o = data;
	size_t n = strlen(o->key);
	bool is = strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0 && strncmp(name + sizeof(PREFIX) - 1, o->key, n) == 0 &&
		  strlen(name) == sizeof(PREFIX) - 1 + n + 1 + 2 * IDENTITY && name[sizeof(PREFIX) - 1 + n] == '-';

	if (is && (!o->but || strcmp(name, o->but) != 0))
		unlinkat(folder, name, 0);
	return 0;
}

void part_remove(const char *folder, const char *key)
{
	AUTO_CLOSE int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0 && is_key(key))
		each_entry(dir, remove_other, &(struct others){ key, NULL });
}

static int remove_stale(int folder, const char *name, void *data)
{
	const int64_t *before = data;
	struct stat st;

	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0) {
		AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_mtim.tv_sec * MS_PER_SEC < *before &&
		    flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(folder, name, 0);
	}
	return 0;
}

void part_sweep(const char *folder, int64_t age_ms)
{
	AUTO_CLOSE int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t before = clock_now() - age_ms;

	if (dir >= 0)
		each_entry(dir, remove_stale, &before);
}

/* ---- one of them ---- */

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What this one may still take up: all that the others leave. */
static int find_limit(struct part *p, const struct part_place *place)
{
	uint64_t all = 0, own = 0, room;
	struct statvfs fs;
	int r = each_entry(p->folder, add_size, &all);

	if (r < 0)
		return r;
	if (fstatvfs(p->fd, &fs) < 0)
		return -errno;
	add_size(p->folder, p->name, &own);
	room = least(less(place->max_all, less(all, own)),
		     less((uint64_t)fs.f_bavail * fs.f_frsize + own, place->min_free));
	p->limit = least(place->max_bytes, room);
	return 0;
}

static int reserve(struct part *p, uint64_t size)
{
	if (size > p->limit || p->size > p->limit)
		return -ENOSPC;
	if (size > p->size && fallocate(p->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) < 0 && errno == ENOSPC)
		return -ENOSPC;
	return 0; /* a file system that cannot reserve is no reason */
}

static int open_file(struct part *p)
{
	struct stat st;

	p->fd = openat(p->folder, p->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (p->fd < 0)
		return -errno;
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(p->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EPERM;
	p->size = p->written_out = (uint64_t)st.st_size;
	return 0;
}

static int open_part(struct part *p, const struct part_place *place, const char *key, struct span identity, uint64_t size)
{
	int r;

	p->folder = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder < 0)
		return -errno;
	name_part(key, identity, p->name);
	each_entry(p->folder, remove_other, &(struct others){ key, p->name });
	r = open_file(p);
	if (r == 0)
		r = find_limit(p, place);
	return r == 0 ? reserve(p, size) : r;
}

int part_open(const struct part_place *place, const char *key, struct span identity, uint64_t size, struct part **ret)
{
	struct part *p;
	int r;

	if (!is_key(key))
		return -EINVAL;
	if (size > place->max_bytes)
		return -EFBIG;
	p = malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = (struct part){ .folder = -1, .fd = -1 };
	r = open_part(p, place, key, identity, size);
	if (r < 0) {
		if (p->fd >= 0 && p->size == 0 && r != -EBUSY)
			unlinkat(p->folder, p->name, 0);
		part_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

const char *part_name(const struct part *p)
{
	return p->name;
}

uint64_t part_size(const struct part *p)
{
	return p->size;
}

uint64_t part_limit(const struct part *p)
{
	return p->limit;
}

int part_read(const struct part *p, uint64_t offset, void *to, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(p->fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		to = (char *)to + got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

int part_write(struct part *p, struct span content)
{
	if (content.n > p->limit - p->size)
		return -EFBIG;
	while (content.n > 0) {
		ssize_t n = pwrite(p->fd, content.p, content.n, (off_t)p->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p->size += (uint64_t)n;
		content = (struct span){ content.p + n, content.n - (size_t)n };
	}
	if (p->size - p->written_out >= WRITE_OUT) {
		sync_file_range(p->fd, (off_t)p->written_out, (off_t)(p->size - p->written_out), SYNC_FILE_RANGE_WRITE);
		p->written_out = p->size;
	}
	return 0;
}

/* renameat2(2), which musl has no name for. */
static int rename_new(int folder, const char *from, const char *to)
{
	enum { NO_REPLACE = 1 };

	return (int)syscall(SYS_renameat2, folder, from, folder, to, NO_REPLACE);
}

int part_finish(struct part *p, const unsigned char sha256[32], char name[PART_NAME])
{
	char hex[PART_NAME];

	to_hex(sha256, 32, hex);
	if (ftruncate(p->fd, (off_t)p->size) < 0 || fsync(p->fd) < 0) /* what was reserved in vain is given back */
		return -errno;
	if (rename_new(p->folder, p->name, hex) < 0) {
		if (errno != EEXIST || unlinkat(p->folder, p->name, 0) < 0)
			return -errno;
	}
	if (fsync(p->folder) < 0)
		return -errno;
	memcpy(name, hex, sizeof(hex));
	return 0;
}

void part_close(struct part *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	if (p->folder >= 0)
		close(p->folder);
	free(p);
}
