#include "recorder/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"

/* Batches that may wait, and that may be written but not committed. Each holds some hundred KiB. */
enum { QUEUE_MAX = 4, UNCOMMITTED_MAX = 6 };
enum { COMMIT_MS = 1000, FULL_RETRY_MS = 1000 };

struct batch_list {
	struct batch *first, **last;
	size_t n;
};

struct pipeline {
	struct pipeline_config config;
	struct recording *recording;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* CLOCK_MONOTONIC */
	/* Under the lock: */
	struct batch_list waiting;
	bool ending, discard, hurry;
	int error;
	struct gap full; /* to_ms 0: still */
	struct pipeline_settings settings;
	bool settings_changed;
	int64_t settings_ms; /* since when they are in force */
	unsigned lacks;
	int64_t reached_ms;
	/* The thread's own: */
	struct batch_list written;
	int64_t written_at, committed_at; /* monotonic */
	int64_t noted_ms;
	bool from_noted;
};

static void list_init(struct batch_list *l)
{
	*l = (struct batch_list){ NULL, &l->first, 0 };
}

static void list_add(struct batch_list *l, struct batch *b)
{
	b->next = NULL;
	*l->last = b;
	l->last = &b->next;
	l->n++;
}

static struct batch *list_take(struct batch_list *l)
{
	struct batch *b = l->first;

	if (!b)
		return NULL;
	l->first = b->next;
	if (!l->first)
		l->last = &l->first;
	l->n--;
	b->next = NULL;
	return b;
}

static void wait_until(struct pipeline *p, int64_t monotonic_ms)
{
	struct timespec ts = { monotonic_ms / 1000, monotonic_ms % 1000 * 1000000 };

	pthread_cond_timedwait(&p->changed, &p->lock, &ts);
}

static int64_t commit_at(const struct pipeline *p)
{
	return p->written.n ? p->written_at + COMMIT_MS : p->committed_at + p->config.idle_ms;
}

/* The next batch to write. NULL when it is time to commit (*ret_end false) or nothing more will come. */
static struct batch *take_waiting(struct pipeline *p, bool *ret_end, bool *ret_discard)
{
	struct batch *b = NULL;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		if (p->discard)
			break;
		b = list_take(&p->waiting);
		if (b || p->ending)
			break;
		if (!p->config.live) {
			pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		if (clock_monotonic() >= commit_at(p))
			break;
		wait_until(p, commit_at(p));
	}
	*ret_discard = p->discard;
	*ret_end = !b && (p->ending || p->discard);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	return b;
}

static void recycle_written(struct pipeline *p)
{
	struct batch *b;

	while ((b = list_take(&p->written)))
		recording_recycle(p->recording, b);
}

static bool is_full(int error)
{
	return error == -ENOSPC || error == -EDQUOT;
}

/* There is no room: waits a little and says whether to try again. */
static bool wait_for_space(struct pipeline *p, int error)
{
	bool again;

	pthread_mutex_lock(&p->lock);
	if (!p->full.from_ms)
		p->full = (struct gap){ clock_now(), 0, error == -ENOSPC ? GAP_DISK_FULL : GAP_READER, -1 };
	p->full.to_ms = 0; /* the one before was not told yet: they are one */
	again = !p->ending && !p->hurry;
	if (again)
		wait_until(p, clock_monotonic() + FULL_RETRY_MS);
	pthread_mutex_unlock(&p->lock);
	return again;
}

static int write_again(struct pipeline *p)
{
	for (struct batch *b = p->written.first; b; b = b->next) {
		int r = store_write(p->config.store, b);

		if (r < 0)
			return r;
	}
	return store_commit(p->config.store);
}

/* Everything since the last commit was rolled back: it is kept in `written`, and goes in again once there is space. */
static int retry_when_full(struct pipeline *p, int error)
{
	while (is_full(error) && p->config.live && wait_for_space(p, error)) {
		store_retain(p->config.store, clock_now()); /* its own limit may be what is full */
		error = write_again(p);
	}
	if (error == 0) {
		recycle_written(p);
		pthread_mutex_lock(&p->lock);
		p->full.to_ms = clock_now();
		pthread_mutex_unlock(&p->lock);
	}
	return error;
}

/* A disk that is full may just not have the room to delete: new events find that out. */
static int keep_limits(struct pipeline *p)
{
	int r = store_retain(p->config.store, clock_now());

	return r == -ENOSPC ? 0 : r;
}

/* Once there is room. */
static void apply_again(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->settings_changed = true;
	pthread_mutex_unlock(&p->lock);
}

static int apply_settings(struct pipeline *p, bool *ret_applied)
{
	struct pipeline_settings s;
	int64_t since;
	bool changed;
	int r;

	pthread_mutex_lock(&p->lock);
	s = p->settings;
	changed = p->settings_changed;
	s.filtered |= p->lacks;
	since = p->settings_ms;
	p->settings_changed = false;
	pthread_mutex_unlock(&p->lock);
	*ret_applied = changed;
	if (!changed)
		return 0;
	r = store_limit(p->config.store, &s.limits);
	if (r == 0)
		r = store_collate(p->config.store, s.collate_ms);
	if (r == 0)
		r = store_cover(p->config.store, since, s.off, s.filtered);
	return r;
}

void pipeline_set(struct pipeline *p, const struct pipeline_settings *s)
{
	pthread_mutex_lock(&p->lock);
	p->settings = *s;
	p->settings_ms = clock_now();
	p->settings_changed = true;
	pthread_mutex_unlock(&p->lock);
}

void pipeline_lack(struct pipeline *p, unsigned lacks, int64_t since_ms)
{
	pthread_mutex_lock(&p->lock);
	if (lacks != p->lacks) {
		p->lacks = lacks;
		if (!p->settings_changed || since_ms < p->settings_ms)
			p->settings_ms = since_ms;
		p->settings_changed = true;
	}
	pthread_mutex_unlock(&p->lock);
}

void pipeline_reached(struct pipeline *p, int64_t ms)
{
	pthread_mutex_lock(&p->lock);
	p->reached_ms = ms;
	pthread_mutex_unlock(&p->lock);
}

static int note(struct pipeline *p, const char *key, int64_t ms)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRId64, ms);
	return store_meta_set(p->config.store, key, number);
}

/* How far the recording goes, for the gap that the next one begins with. While batches wait it is what it was. */
static int note_time(struct pipeline *p)
{
	int r = 0;

	pthread_mutex_lock(&p->lock);
	if (p->waiting.n == 0 && p->reached_ms)
		p->noted_ms = p->reached_ms;
	pthread_mutex_unlock(&p->lock);
	if (!p->noted_ms)
		return 0;
	if (p->config.began_ms && !p->from_noted)
		r = note(p, PIPELINE_META_FROM, p->config.began_ms);
	return r < 0 ? r : note(p, PIPELINE_META_UNTIL, p->noted_ms);
}

static int commit(struct pipeline *p)
{
	bool applied = false;
	int r = p->config.live ? apply_settings(p, &applied) : 0;

	if (r == 0 && p->config.live)
		r = note_time(p);
	if (r == 0)
		r = store_commit(p->config.store);
	p->committed_at = clock_monotonic();
	if (r < 0 && applied) /* what it wrote is rolled back */
		apply_again(p);
	if (is_full(r) && p->config.live && p->written.n == 0)
		return 0; /* nothing is lost */
	if (r < 0)
		return retry_when_full(p, r);
	p->from_noted = p->noted_ms > 0;
	recycle_written(p);
	return p->config.live ? keep_limits(p) : 0;
}

static int write_batch(struct pipeline *p, struct batch *b)
{
	int r;

	if (p->written.n == 0)
		p->written_at = clock_monotonic();
	if (!p->config.live) { /* one transaction for all: nothing to go back to */
		r = store_write(p->config.store, b);
		recording_recycle(p->recording, b);
		return r;
	}
	list_add(&p->written, b);
	r = store_write(p->config.store, b);
	if (r < 0)
		return retry_when_full(p, r);
	if (p->written.n >= UNCOMMITTED_MAX || clock_monotonic() - p->written_at >= COMMIT_MS)
		return commit(p);
	return 0;
}

static void fail(struct pipeline *p, int error)
{
	uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	p->error = error;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	if (p->config.notify_fd >= 0 && write(p->config.notify_fd, &one, sizeof(one)) < 0)
		return; /* a full counter wakes the reader just as well */
}

static void *run(void *data)
{
	struct pipeline *p = data;
	bool end = false, discard = false;
	int r = 0;

	while (r == 0 && !end) {
		struct batch *b = take_waiting(p, &end, &discard);

		if (b)
			r = write_batch(p, b);
		else if (!discard)
			r = commit(p);
	}
	recycle_written(p);
	if (r < 0)
		fail(p, r);
	return NULL;
}

static int start_thread(struct pipeline *p)
{
	pthread_condattr_t attr;
	int r;

	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&p->thread, NULL, run, p);
	return -r;
}

int pipeline_new(const struct pipeline_config *c, struct pipeline **ret)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->config = *c;
	if (!p->config.idle_ms)
		p->config.idle_ms = PIPELINE_IDLE_MS;
	p->committed_at = clock_monotonic();
	list_init(&p->waiting);
	list_init(&p->written);
	r = start_thread(p);
	if (r < 0) {
		pipeline_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void pipeline_set_recording(struct pipeline *p, struct recording *r)
{
	pthread_mutex_lock(&p->lock);
	p->recording = r;
	pthread_mutex_unlock(&p->lock);
}

int pipeline_put(struct pipeline *p, struct batch *b)
{
	int r;

	pthread_mutex_lock(&p->lock);
	while (!p->error && p->waiting.n >= QUEUE_MAX)
		pthread_cond_wait(&p->changed, &p->lock);
	r = p->error;
	if (r == 0) {
		list_add(&p->waiting, b);
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	if (r < 0)
		batch_free(b);
	return r;
}

bool pipeline_take_full_gap(struct pipeline *p, struct gap *ret)
{
	bool over;

	pthread_mutex_lock(&p->lock);
	over = p->full.from_ms && p->full.to_ms;
	if (over) {
		*ret = p->full;
		p->full = (struct gap){ 0 };
	}
	pthread_mutex_unlock(&p->lock);
	return over;
}

struct gap pipeline_full(struct pipeline *p)
{
	struct gap full;

	pthread_mutex_lock(&p->lock);
	full = p->full.to_ms ? (struct gap){ 0 } : p->full;
	pthread_mutex_unlock(&p->lock);
	return full;
}

void pipeline_hurry(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->hurry = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

int pipeline_finish(struct pipeline *p, bool discard)
{
	struct batch *b;

	pthread_mutex_lock(&p->lock);
	p->ending = true;
	p->discard = discard;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	while ((b = list_take(&p->waiting)))
		batch_free(b);
	return p->error;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

int pipeline_error(struct pipeline *p)
{
	int r;

	pthread_mutex_lock(&p->lock);
	r = p->error;
	pthread_mutex_unlock(&p->lock);
	return r;
}
