#include "recorder/users.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/map.h"

enum {
	PASSWD_MAX = 16 * 1024 * 1024, NAMES_MAX = 8 * 1024 * 1024, /* bytes */
	QUESTIONS_MAX = 64,
	PAUSE_MS = 50, /* between two questions: somebody may make up ids by the thousand */
};

struct user {
	struct span name; /* absent: no such user */
	int64_t ask_again; /* monotonic; 0: passwd tells */
};

struct answer {
	int64_t uid;
	int r;
	char name[USERS_NAME];
};

struct users {
	const char *passwd;
	users_ask_fn *ask; /* NULL: nobody */
	void *ask_data;
	struct arena arena;
	struct map by_id; /* uid → struct user in the arena */
	struct stat seen; /* passwd as it was read last */
	int64_t patience_ms;
	bool nobody; /* to ask */
	pthread_t thread;
	bool runs;
	atomic_bool answered;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* CLOCK_MONOTONIC */
	/* Under the lock: */
	bool ending;
	int64_t questions[QUESTIONS_MAX]; /* the first of them is being asked */
	size_t n_questions;
	struct answer answers[QUESTIONS_MAX];
	size_t n_answers;
};

/* ---- what is known ---- */

static struct user *find(const struct users *u, int64_t uid)
{
	uint64_t *at = map_get(&u->by_id, (uint64_t)uid);

	return at ? (struct user *)(uintptr_t)*at : NULL;
}

/* Names that were handed out stay where they are. */
static void learn(struct users *u, int64_t uid, struct span name, int64_t ask_again)
{
	struct user *known = find(u, uid);

	if (!known) {
		known = u->by_id.n < USERS_MAX && u->arena.total < NAMES_MAX ? arena_alloc(&u->arena, sizeof(*known)) : NULL;
		if (!known)
			return;
		known->name = SPAN_NONE;
		if (map_put(&u->by_id, (uint64_t)uid, (uint64_t)(uintptr_t)known) < 0)
			return;
	}
	known->ask_again = ask_again;
	if (name.p && !(known->name.p && span_eq(known->name, name)) && u->arena.total < NAMES_MAX)
		known->name = arena_copy(&u->arena, name);
}

/* ---- passwd ---- */

static int read_file(const char *path, struct buf *text)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	while (fd >= 0 && text->n < PASSWD_MAX) {
		char *to = buf_reserve(text, 65536);
		ssize_t n = to ? read(fd, to, 65536) : -1;

		if (n < 0 && to && errno == EINTR)
			continue;
		if (n < 0)
			return -EIO;
		if (n == 0)
			return 0;
		text->n += (size_t)n;
	}
	return -EIO;
}

/* Of two lines with the same number the first counts, as for the C library. */
static void read_lines(struct users *u, struct span text)
{
	struct map had = MAP_INIT;
	struct span line;

	while (span_next(&text, '\n', &line)) {
		struct span name, password, uid;
		uint64_t number;

		if (!span_next(&line, ':', &name) || !span_next(&line, ':', &password) || !span_next(&line, ':', &uid) ||
		    name.n == 0 || span_to_u64(uid, &number) < 0 || number > UINT32_MAX || map_get(&had, number))
			continue;
		if (map_put(&had, number, 0) < 0)
			break;
		learn(u, (int64_t)number, name, 0);
	}
	map_free(&had);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
	       memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

void users_look(struct users *u)
{
	AUTO_BUF text = BUF_INIT;
	struct stat now;

	if (stat(u->passwd, &now) < 0 || is_same(&now, &u->seen) || read_file(u->passwd, &text) < 0)
		return;
	u->seen = now;
	read_lines(u, buf_span(&text));
}

/* ---- asking ---- */

static void *answer_all(void *data)
{
	static const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	struct users *u = data;

	pthread_mutex_lock(&u->lock);
	while (!u->ending) {
		struct answer a = { .r = 0 };

		if (u->n_questions == 0 || u->n_answers == QUESTIONS_MAX) {
			pthread_cond_wait(&u->changed, &u->lock);
			continue;
		}
		a.uid = u->questions[0];
		pthread_mutex_unlock(&u->lock);
		a.r = u->ask(a.uid, a.name, u->ask_data);
		pthread_mutex_lock(&u->lock);
		memmove(u->questions, u->questions + 1, --u->n_questions * sizeof(*u->questions));
		u->answers[u->n_answers++] = a;
		atomic_store(&u->answered, true);
		pthread_cond_broadcast(&u->changed);
		pthread_mutex_unlock(&u->lock);
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&u->lock);
	}
	pthread_mutex_unlock(&u->lock);
	return NULL;
}

static void take_answers(struct users *u)
{
	int64_t now = clock_monotonic();

	if (!atomic_exchange(&u->answered, false))
		return;
	pthread_mutex_lock(&u->lock);
	for (size_t i = 0; i < u->n_answers; i++) {
		const struct answer *a = &u->answers[i];

		u->nobody = u->nobody || a->r == -EOPNOTSUPP;
		if (a->r == 0)
			learn(u, a->uid, span_of(a->name), now + USERS_KEPT_MS);
		else
			learn(u, a->uid, SPAN_NONE, now + (a->r == -ENOENT ? USERS_ABSENT_MS : USERS_ABSENT_MS / 10));
	}
	u->n_answers = 0;
	pthread_cond_broadcast(&u->changed);
	pthread_mutex_unlock(&u->lock);
}

static bool is_asked(const struct users *u, int64_t uid)
{
	for (size_t i = 0; i < u->n_questions; i++)
		if (u->questions[i] == uid)
			return true;
	return false;
}

static void wait_for(struct users *u, int64_t uid)
{
	int64_t began = clock_monotonic(), by = began + u->patience_ms;
	struct timespec ts = { by / MS_PER_SEC, by % MS_PER_SEC * 1000000 };

	while (is_asked(u, uid) && clock_monotonic() < by)
		pthread_cond_timedwait(&u->changed, &u->lock, &ts);
	u->patience_ms -= clock_monotonic() - began;
	if (u->patience_ms < 0)
		u->patience_ms = 0;
}

static void ask(struct users *u, int64_t uid)
{
	if (!u->runs && !u->nobody) {
		u->runs = pthread_create(&u->thread, NULL, answer_all, u) == 0;
		u->nobody = !u->runs;
	}
	if (u->nobody) {
		learn(u, uid, SPAN_NONE, clock_monotonic() + USERS_ABSENT_MS);
		return;
	}
	pthread_mutex_lock(&u->lock);
	if (!is_asked(u, uid) && u->n_questions < QUESTIONS_MAX) {
		u->questions[u->n_questions++] = uid;
		pthread_cond_broadcast(&u->changed);
	}
	if (u->patience_ms > 0)
		wait_for(u, uid);
	pthread_mutex_unlock(&u->lock);
	take_answers(u);
}

struct span users_name(struct users *u, int64_t uid)
{
	struct user *known;

	if (uid < 0)
		return SPAN_NONE;
	take_answers(u);
	known = find(u, uid);
	if (known && (known->ask_again == 0 || clock_monotonic() < known->ask_again))
		return known->name;
	users_look(u);
	known = find(u, uid);
	if (!known || known->ask_again) {
		ask(u, uid);
		known = find(u, uid);
	}
	return known ? known->name : SPAN_NONE;
}

void users_ask(struct users *u, users_ask_fn *fn, void *data)
{
	u->ask = fn;
	u->ask_data = data;
	u->nobody = !fn;
}

void users_wait(struct users *u, int64_t ms)
{
	u->patience_ms = ms;
}

/* ---- life ---- */

struct users *users_new(const char *passwd)
{
	struct users *u = calloc(1, sizeof(*u));
	pthread_condattr_t attributes;

	if (!u)
		return NULL;
	u->passwd = passwd;
	pthread_mutex_init(&u->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&u->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	u->nobody = true;
	users_look(u);
	return u;
}

void users_free(struct users *u)
{
	if (!u)
		return;
	if (u->runs) {
		pthread_mutex_lock(&u->lock);
		u->ending = true;
		pthread_cond_broadcast(&u->changed);
		pthread_mutex_unlock(&u->lock);
		pthread_join(u->thread, NULL);
	}
	pthread_cond_destroy(&u->changed);
	pthread_mutex_destroy(&u->lock);
	map_free(&u->by_id);
	arena_free(&u->arena);
	free(u);
}
