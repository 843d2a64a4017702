#include "server/checker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "server/password.h"

struct job {
	struct job *next;
	char *password, *hash;
	checker_fn *fn;
	void *data;    /* the loop's alone; NULL: forgotten */
	int result;
};

struct queue {
	struct job *first, *last;
	size_t n;
};

struct checker {
	struct fdm *fdm;
	pthread_t thread;
	int wake;           /* an eventfd: something is done */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	struct queue todo, done;
	struct job *now;
	bool quit;
};

static void push(struct queue *q, struct job *j)
{
	j->next = NULL;
	*(q->last ? &q->last->next : &q->first) = j;
	q->last = j;
	q->n++;
}

static struct job *pop(struct queue *q)
{
	struct job *j = q->first;

	if (!j)
		return NULL;
	q->first = j->next;
	if (!q->first)
		q->last = NULL;
	q->n--;
	return j;
}

static void job_free(struct job *j)
{
	if (!j)
		return;
	if (j->password)
		explicit_bzero(j->password, strlen(j->password));
	free(j->password);
	free(j->hash);
	free(j);
}

static void *work(void *data)
{
	struct checker *c = data;
	const uint64_t one = 1;

	pthread_mutex_lock(&c->lock);
	while (!c->quit) {
		c->now = pop(&c->todo);
		if (!c->now) {
			pthread_cond_wait(&c->more, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		c->now->result = password_check(c->now->password, c->now->hash);
		pthread_mutex_lock(&c->lock);
		push(&c->done, c->now);
		c->now = NULL;
		if (write(c->wake, &one, sizeof(one)) < 0)
			break; /* cannot be: it holds far more than there are jobs */
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static int on_done(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct checker *c = data;
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	for (;;) {
		struct job *j;

		pthread_mutex_lock(&c->lock);
		j = pop(&c->done);
		pthread_mutex_unlock(&c->lock);
		if (!j)
			return 0;
		if (j->data)
			j->fn(j->result, j->data);
		job_free(j);
	}
}

/* Signals are the loop's: the thread takes none. */
static int start(struct checker *c)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&c->thread, NULL, work, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int checker_new(struct fdm *fdm, struct checker **ret)
{
	struct checker *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->fdm = fdm;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->more, NULL);
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = c->wake < 0 ? -errno : fdm_add(fdm, c->wake, EPOLLIN, on_done, c);
	if (r == 0) {
		r = start(c);
		if (r < 0)
			fdm_remove(fdm, c->wake);
	}
	if (r < 0) {
		if (c->wake >= 0)
			close(c->wake);
		free(c);
		return r;
	}
	*ret = c;
	return 0;
}

static void drop_all(struct queue *q)
{
	for (struct job *j; (j = pop(q));)
		job_free(j);
}

void checker_free(struct checker *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->quit = true;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	drop_all(&c->todo);
	drop_all(&c->done);
	fdm_remove(c->fdm, c->wake);
	close(c->wake);
	pthread_cond_destroy(&c->more);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

int checker_ask(struct checker *c, const char *password, const char *hash, checker_fn *fn, void *data)
{
	struct job *j = calloc(1, sizeof(*j));
	bool full;

	if (!j)
		return -ENOMEM;
	*j = (struct job){ .password = strdup(password), .hash = hash ? strdup(hash) : NULL, .fn = fn, .data = data };
	if (!j->password || (hash && !j->hash)) {
		job_free(j);
		return -ENOMEM;
	}
	pthread_mutex_lock(&c->lock);
	full = c->todo.n >= CHECKER_QUEUE;
	if (!full)
		push(&c->todo, j);
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
	if (full)
		job_free(j);
	return full ? -EBUSY : 0;
}

static void forget(struct job *first, const void *data)
{
	for (struct job *j = first; j; j = j->next)
		if (j->data == data)
			j->data = NULL;
}

void checker_forget(struct checker *c, const void *data)
{
	pthread_mutex_lock(&c->lock);
	forget(c->todo.first, data);
	forget(c->done.first, data);
	if (c->now && c->now->data == data)
		c->now->data = NULL;
	pthread_mutex_unlock(&c->lock);
}
