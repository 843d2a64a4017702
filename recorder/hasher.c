#include "recorder/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <md5.h>
#include <pthread.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/cleanup.h"
#include "agent/base/map.h"

enum {
	FILES_MAX = 8192,          /* known ones */
	JOBS_MAX = 1024, OPEN_MAX_FILES = 128,
	CHUNK = 256 * 1024, CHUNKS_A_SECOND = 256, /* 64 MB/s at most */
	END_MS = 1000,
	IOPRIO_WHO_PROCESS = 1, IOPRIO_IDLE = 3 << 13, /* linux/ioprio.h */
};

/* What makes a file the same as before. */
struct identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec mtime, ctime;
};

struct known {
	struct identity file;
	struct file_hash hash;
	enum hash_reason reason; /* 0: there is a hash */
};

struct job {
	struct identity file;
	int64_t image;
	int fd; /* -1: an earlier job has the same file */
};

struct hasher {
	int64_t max_bytes;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock: */
	bool runs, ending;
	struct known *files; /* the oldest is replaced when all are used */
	size_t n_files, at_files;
	struct map by_file;  /* hash of the identity → index in files */
	struct job jobs[JOBS_MAX];
	size_t first, n_jobs, n_open;
	struct image_hash done[JOBS_MAX]; /* as many as there can be jobs */
	size_t first_done, n_done;
	int64_t end_by; /* monotonic */
	/* The thread's own: */
	unsigned char *chunk;
};

static struct identity identity_of(const struct stat *st)
{
	struct identity id;

	memset(&id, 0, sizeof(id)); /* padding, too: it is compared as bytes */
	id.device = st->st_dev;
	id.inode = st->st_ino;
	id.size = st->st_size;
	id.mtime.tv_sec = st->st_mtim.tv_sec;
	id.mtime.tv_nsec = st->st_mtim.tv_nsec;
	id.ctime.tv_sec = st->st_ctim.tv_sec;
	id.ctime.tv_nsec = st->st_ctim.tv_nsec;
	return id;
}

static bool same_file(const struct identity *a, const struct identity *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static uint64_t key_of(const struct identity *id)
{
	return span_hash((struct span){ (const char *)id, sizeof(*id) });
}

/* ---- what is known; under the lock ---- */

static struct known *find(struct hasher *h, const struct identity *id)
{
	uint64_t *at = map_get(&h->by_file, key_of(id));

	return at && same_file(&h->files[*at].file, id) ? &h->files[*at] : NULL;
}

static void learn(struct hasher *h, const struct known *k)
{
	size_t at = h->at_files;

	if (at < h->n_files)
		map_remove(&h->by_file, key_of(&h->files[at].file));
	else
		h->n_files++;
	h->files[at] = *k;
	if (map_put(&h->by_file, key_of(&k->file), at) == 0)
		h->at_files = (at + 1) % FILES_MAX;
	else
		h->n_files = at; /* not found again: it is hashed again */
}

static void tell(struct hasher *h, int64_t image, const struct known *k)
{
	if (h->n_done == JOBS_MAX)
		return; /* cannot be: a job waits only while there is room for its result, see enqueue */
	h->done[(h->first_done + h->n_done++) % JOBS_MAX] = (struct image_hash){ image, k->reason, k->hash };
}

/* ---- the thread ---- */

static void be_humble(void)
{
	pid_t self = (pid_t)syscall(SYS_gettid);

	setpriority(PRIO_PROCESS, (id_t)self, 19);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, self, IOPRIO_IDLE);
}

static void keep_pace(void)
{
	static const struct timespec pause = { 0, 1000000000 / CHUNKS_A_SECOND };

	nanosleep(&pause, NULL);
}

struct sums {
	MD5_CTX md5;
	SHA2_CTX sha256;
};

/* A file that grows meanwhile is caught by its size and times. */
static int read_all(struct hasher *h, int fd, off_t size, struct sums *sums)
{
	off_t at = 0;

	while (at < size) {
		ssize_t n = pread(fd, h->chunk, CHUNK, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		MD5Update(&sums->md5, h->chunk, (size_t)n);
		SHA256Update(&sums->sha256, h->chunk, (size_t)n);
		at += n;
		if (at < size)
			keep_pace();
	}
	return at == size ? 0 : -ESTALE;
}

static struct known hash_file(struct hasher *h, const struct job *j)
{
	struct known k = { .file = j->file, .hash.size = j->file.size };
	struct identity after;
	struct sums sums;
	struct stat st;

	MD5Init(&sums.md5);
	SHA256Init(&sums.sha256);
	if (read_all(h, j->fd, j->file.size, &sums) < 0 || fstat(j->fd, &st) < 0) {
		k.reason = HASH_UNREADABLE;
		return k;
	}
	after = identity_of(&st);
	/* The time of the inode's change alone moves when the file is deleted, or linked. */
	if (after.size != j->file.size || memcmp(&after.mtime, &j->file.mtime, sizeof(after.mtime)) != 0)
		k.reason = HASH_UNREADABLE;
	MD5Final(k.hash.md5, &sums.md5);
	SHA256Final(k.hash.sha256, &sums.sha256);
	return k;
}

static void do_job(struct hasher *h, struct job j)
{
	struct known *same = find(h, &j.file);
	struct known made = { .reason = HASH_UNREADABLE };

	if (j.fd >= 0 && !same) {
		pthread_mutex_unlock(&h->lock);
		made = hash_file(h, &j);
		pthread_mutex_lock(&h->lock);
		learn(h, &made);
	}
	if (j.fd >= 0) {
		close(j.fd);
		h->n_open--;
	}
	tell(h, j.image, same ? same : &made);
}

static void *run(void *data)
{
	struct hasher *h = data;

	be_humble();
	pthread_mutex_lock(&h->lock);
	for (;;) {
		struct job j;

		while (h->n_jobs == 0 && !h->ending)
			pthread_cond_wait(&h->changed, &h->lock);
		if (h->n_jobs == 0 || (h->ending && clock_monotonic() > h->end_by))
			break;
		j = h->jobs[h->first];
		h->first = (h->first + 1) % JOBS_MAX;
		h->n_jobs--;
		do_job(h, j);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

int hasher_new(int64_t max_bytes, struct hasher **ret)
{
	struct hasher *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->max_bytes = max_bytes;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	h->files = calloc(FILES_MAX, sizeof(*h->files));
	h->chunk = malloc(CHUNK);
	r = h->files && h->chunk ? -pthread_create(&h->thread, NULL, run, h) : -ENOMEM;
	h->runs = r == 0;
	if (r < 0) {
		hasher_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void hasher_end(struct hasher *h)
{
	if (!h->runs)
		return;
	pthread_mutex_lock(&h->lock);
	h->ending = true;
	h->end_by = clock_monotonic() + END_MS;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	h->runs = false;
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	hasher_end(h);
	for (size_t i = 0; i < h->n_jobs; i++)
		if (h->jobs[(h->first + i) % JOBS_MAX].fd >= 0)
			close(h->jobs[(h->first + i) % JOBS_MAX].fd);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	map_free(&h->by_file);
	free(h->files);
	free(h->chunk);
	free(h);
}

/* ---- the recording's thread ---- */

static bool is_opened_file(const struct image_start *image, const struct stat *st)
{
	for (int i = 0; i < IMAGE_FILES; i++)
		if (image->files[i].inode == st->st_ino && image->files[i].device == st->st_dev)
			return true;
	return false;
}

/* Where to open what runs; false: there is nothing that is surely it. */
static bool locate(int64_t pid, int64_t parent, const struct image_start *image, char path[PATH_MAX], struct stat *st)
{
	snprintf(path, PATH_MAX, "/proc/%" PRId64 "/exe", pid);
	if (stat(path, st) == 0)
		/* It may have gone on to another program since. */
		return image->files[0].inode == 0 || is_opened_file(image, st);
	if (parent <= 0 || !image->executable.p || image->executable.n >= PATH_MAX - 64)
		return false;
	snprintf(path, PATH_MAX, "/proc/%" PRId64 "/root%.*s", parent, SPAN_FMT(image->executable));
	return stat(path, st) == 0 && is_opened_file(image, st) &&
	       (int64_t)st->st_ctim.tv_sec * MS_PER_SEC + st->st_ctim.tv_nsec / 1000000 < image->start_ms;
}

static bool is_waiting(const struct hasher *h, const struct identity *id)
{
	for (size_t i = 0; i < h->n_jobs; i++)
		if (h->jobs[(h->first + i) % JOBS_MAX].fd >= 0 && same_file(&h->jobs[(h->first + i) % JOBS_MAX].file, id))
			return true;
	return false;
}

static int open_same(const char *path, const struct identity *id)
{
	struct identity now;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	now = identity_of(&st);
	if (same_file(&now, id))
		return fd;
	close(fd);
	return -1;
}

static enum hash_reason enqueue(struct hasher *h, const char *path, const struct identity *id, int64_t image)
{
	int fd = -1;

	if (h->n_jobs + h->n_done + 1 >= JOBS_MAX)
		return HASH_TOO_MANY;
	if (!is_waiting(h, id)) {
		if (h->n_open >= OPEN_MAX_FILES)
			return HASH_TOO_MANY;
		fd = open_same(path, id);
		if (fd < 0)
			return HASH_UNREADABLE;
		h->n_open++;
	}
	h->jobs[(h->first + h->n_jobs++) % JOBS_MAX] = (struct job){ *id, image, fd };
	pthread_cond_signal(&h->changed);
	return HASH_NOT_YET;
}

static const struct file_hash *copy_hash(struct arena *arena, const struct file_hash *hash)
{
	struct file_hash *copy = arena_alloc(arena, sizeof(*copy));

	if (copy)
		*copy = *hash;
	return copy;
}

void hasher_ask(struct hasher *h, int64_t pid, int64_t parent, struct image_start *image, struct arena *arena)
{
	char path[PATH_MAX];
	struct identity id;
	struct known *k;
	struct stat st;

	image->hash_reason = HASH_GONE;
	if (!locate(pid, parent, image, path, &st))
		return;
	image->hash_reason = HASH_UNREADABLE;
	if (!S_ISREG(st.st_mode))
		return;
	image->hash_reason = HASH_TOO_LARGE;
	if (st.st_size > h->max_bytes)
		return;
	id = identity_of(&st);
	pthread_mutex_lock(&h->lock);
	k = find(h, &id);
	if (!k)
		image->hash_reason = enqueue(h, path, &id, image->id);
	else if (k->reason)
		image->hash_reason = k->reason;
	else
		image->hash = copy_hash(arena, &k->hash);
	pthread_mutex_unlock(&h->lock);
}

bool hasher_take(struct hasher *h, struct image_hash *ret)
{
	bool any;

	pthread_mutex_lock(&h->lock);
	any = h->n_done > 0;
	if (any) {
		*ret = h->done[h->first_done];
		h->first_done = (h->first_done + 1) % JOBS_MAX;
		h->n_done--;
	}
	pthread_mutex_unlock(&h->lock);
	return any;
}
