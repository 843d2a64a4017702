#include "recorder/modules.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/module.h"

enum { NAME = 64, END_MS = 1000, DETAILS = 3 }; /* the kernel's names have 55 bytes at most */

enum state { FREE, WAITS, RUNS, DONE, LEFT /* runs, but its row was given without it */ };

struct job {
	enum state state;
	int64_t asked; /* monotonic */
	uint64_t number;
	struct recording_module module;
	struct arena arena;
	char name[NAME];
	struct event row;
	struct event_detail details[DETAILS];
};

struct modules {
	char folder[128];
	pthread_t thread;
	bool runs, cannot_run, over;
	uint64_t last;
	struct job *taken; /* whose texts were given; NULL: nobody's, or `given` */
	struct job given;  /* what was given of one that still runs */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* CLOCK_MONOTONIC */
	/* Under the lock: */
	bool ending;
	struct job jobs[MODULES_MAX];
};

static struct job *oldest(struct modules *s, enum state state)
{
	struct job *found = NULL;

	for (size_t i = 0; i < MODULES_MAX; i++)
		if (s->jobs[i].state == state && (!found || s->jobs[i].number < found->number))
			found = &s->jobs[i];
	return found;
}

static void release(struct job *j)
{
	if (j->module.file >= 0)
		close(j->module.file);
	arena_free(&j->arena);
	*j = (struct job){ .state = FREE, .module.file = -1 };
}

/* ---- the thread ---- */

static void *run(void *data)
{
	struct modules *s = data;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		struct job *j = oldest(s, WAITS);

		if (!j && s->ending)
			break;
		if (!j) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		j->state = RUNS;
		pthread_mutex_unlock(&s->lock);
		module_look_up(&j->module, s->folder, &j->arena);
		pthread_mutex_lock(&s->lock);
		if (j->state == LEFT)
			release(j);
		else
			j->state = DONE;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- the recording's thread ---- */

bool modules_ask(struct modules *s, const struct recording_module *m, const struct event *row)
{
	struct job *j = NULL;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < MODULES_MAX && !j; i++)
		j = s->jobs[i].state == FREE ? &s->jobs[i] : NULL;
	pthread_mutex_unlock(&s->lock);
	if (!s->runs && !s->cannot_run && !s->over) {
		s->runs = pthread_create(&s->thread, NULL, run, s) == 0;
		s->cannot_run = !s->runs;
	}
	if (!j || s->cannot_run || s->over || m->name.n > sizeof(j->name))
		return false;
	j->module = *m; /* nobody else looks at a free one */
	if (m->name.p)
		memcpy(j->name, m->name.p, m->name.n);
	j->module.name = m->name.p ? (struct span){ j->name, m->name.n } : SPAN_NONE;
	j->row = *row;
	module_open(&j->module, &j->arena);
	pthread_mutex_lock(&s->lock);
	j->number = ++s->last;
	j->asked = clock_monotonic();
	j->state = WAITS;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void add_detail(struct job *j, enum detail_field field, struct span value)
{
	if (value.p)
		j->details[j->row.n_details++] = (struct event_detail){ field, value };
}

static void fill_row(struct job *j, bool done)
{
	struct recording_module none = { .name = j->module.name, .signature = SPAN("not read in time") };
	const struct recording_module *m = done ? &j->module : &none;

	j->row.object = m->path.p ? m->path : m->name;
	j->row.object2 = m->path.p ? m->name : SPAN_NONE;
	j->row.details = j->details;
	j->row.n_details = 0;
	add_detail(j, DETAIL_SIGNATURE, m->signature);
	add_detail(j, DETAIL_SIGNER, m->signer);
	add_detail(j, DETAIL_SHA256, m->sha256);
}

/* Its row goes without what the thread is still looking for, and may be writing. */
static void leave(struct modules *s, struct job *j)
{
	s->given = (struct job){ .row = j->row };
	memcpy(s->given.name, j->name, sizeof(j->name));
	s->given.module.name = j->module.name.p ? (struct span){ s->given.name, j->module.name.n } : SPAN_NONE;
	fill_row(&s->given, false);
	j->state = LEFT;
}

/* In the order in which they were asked: the first that cannot wait any longer. */
static struct job *due(struct modules *s)
{
	struct job *j = oldest(s, DONE), *waits = oldest(s, RUNS);

	if (!waits)
		waits = oldest(s, WAITS);
	if (waits && (s->over || clock_monotonic() - waits->asked >= MODULES_WAIT_MS))
		return !j || waits->number < j->number ? waits : j;
	return j;
}

bool modules_take(struct modules *s, struct item *ret)
{
	struct job *j;

	pthread_mutex_lock(&s->lock);
	if (s->taken)
		release(s->taken);
	s->taken = NULL;
	j = due(s);
	if (j && j->state == RUNS) {
		leave(s, j);
		*ret = (struct item){ .type = ITEM_EVENT, .event = s->given.row };
	} else if (j) {
		fill_row(j, j->state == DONE);
		*ret = (struct item){ .type = ITEM_EVENT, .event = j->row };
		j->state = DONE;
		s->taken = j;
	}
	pthread_mutex_unlock(&s->lock);
	return j != NULL;
}

void modules_end(struct modules *s)
{
	int64_t by = clock_monotonic() + END_MS;
	struct timespec ts = { by / MS_PER_SEC, by % MS_PER_SEC * 1000000 };

	pthread_mutex_lock(&s->lock);
	while ((oldest(s, WAITS) || oldest(s, RUNS)) && clock_monotonic() < by)
		pthread_cond_timedwait(&s->changed, &s->lock, &ts);
	s->over = true;
	pthread_mutex_unlock(&s->lock);
}

/* ---- life ---- */

struct modules *modules_new(const char *folder)
{
	struct modules *s = calloc(1, sizeof(*s));
	pthread_condattr_t attributes;
	struct utsname system;

	if (!s)
		return NULL;
	if (folder)
		snprintf(s->folder, sizeof(s->folder), "%s", folder);
	else if (uname(&system) == 0)
		snprintf(s->folder, sizeof(s->folder), "/lib/modules/%s", system.release);
	for (size_t i = 0; i < MODULES_MAX; i++)
		s->jobs[i].module.file = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return s;
}

void modules_free(struct modules *s)
{
	if (!s)
		return;
	if (s->runs) {
		pthread_mutex_lock(&s->lock);
		for (size_t i = 0; i < MODULES_MAX; i++)
			if (s->jobs[i].state == WAITS)
				s->jobs[i].state = DONE;
		s->ending = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	for (size_t i = 0; i < MODULES_MAX; i++)
		release(&s->jobs[i]);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
