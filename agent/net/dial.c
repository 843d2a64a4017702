#include "agent/net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_HOST = 256, MAX_ALL = DIAL_MAX_PLACES * DIAL_MAX_ADDRESSES };

struct address {
	struct sockaddr_storage to;
	socklen_t size;
	size_t place;
};

/* Shared with the thread, which may outlive the dial: freed by whoever leaves it last. */
struct question {
	atomic_int holders;
	int event;
	size_t n_places;
	struct {
		char host[MAX_HOST], port[6];
	} places[DIAL_MAX_PLACES];
	struct address addresses[MAX_ALL];
	size_t n;
};

struct dial {
	struct fdm *fdm;
	struct question *question;
	bool is_answered;
	int fd, timer;
	size_t at;
	int64_t patience_ms;
	int error;
	dial_fn *done;
	void *data;
};

static void put_down(struct question *q)
{
	if (atomic_fetch_sub(&q->holders, 1) > 1)
		return;
	close(q->event);
	free(q);
}

/* ---- the thread ---- */

static void resolve_place(struct question *q, size_t place)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG };
	struct addrinfo numeric = hints, *found;
	size_t n = 0;

	numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	if (getaddrinfo(q->places[place].host, q->places[place].port, &numeric, &found) != 0 &&
	    getaddrinfo(q->places[place].host, q->places[place].port, &hints, &found) != 0)
		return;
	for (const struct addrinfo *a = found; a && n < DIAL_MAX_ADDRESSES; a = a->ai_next) {
		struct address *to = &q->addresses[q->n];

		if (a->ai_addrlen > sizeof(to->to))
			continue;
		memcpy(&to->to, a->ai_addr, a->ai_addrlen);
		to->size = a->ai_addrlen;
		to->place = place;
		q->n++;
		n++;
	}
	freeaddrinfo(found);
}

static void *resolve(void *data)
{
	struct question *q = data;

	for (size_t i = 0; i < q->n_places; i++)
		resolve_place(q, i);
	eventfd_write(q->event, 1);
	put_down(q);
	return NULL;
}

/* ---- the attempts ---- */

static void stop_attempt(struct dial *d)
{
	if (d->timer >= 0)
		fdm_timer_remove(d->fdm, d->timer);
	if (d->fd >= 0) {
		fdm_remove(d->fdm, d->fd);
		close(d->fd);
	}
	d->timer = d->fd = -1;
}

static void tell(struct dial *d, int fd)
{
	d->done(d, fd, d->data);
}

static void attempt(struct dial *d);

static void fail(struct dial *d, int error)
{
	stop_attempt(d);
	d->error = error;
	d->at++;
	attempt(d);
}

static int on_connected(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct dial *d = data;
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error) {
		fail(d, -error);
		return 0;
	}
	fdm_remove(fdm, fd);
	d->fd = -1;
	stop_attempt(d);
	tell(d, fd);
	return 0;
}

static int on_late(struct fdm *fdm, void *data)
{
	fail(data, -ETIMEDOUT);
	return 0;
}

/* 0 when it is under way. */
static int begin(struct dial *d, const struct address *a)
{
	int on = 1, r;

	d->fd = socket(a->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd < 0)
		return -errno;
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(d->fd, (const struct sockaddr *)&a->to, a->size) < 0 && errno != EINPROGRESS) {
		r = -errno;
		close(d->fd);
		d->fd = -1;
		return r;
	}
	r = fdm_add(d->fdm, d->fd, EPOLLOUT, on_connected, d);
	if (r < 0) {
		close(d->fd);
		d->fd = -1;
		return r;
	}
	d->timer = fdm_timer_add(d->fdm, d->patience_ms, on_late, d);
	return d->timer < 0 ? d->timer : 0;
}

static void attempt(struct dial *d)
{
	for (; d->at < d->question->n; d->at++) {
		int r = begin(d, &d->question->addresses[d->at]);

		if (r == 0)
			return;
		stop_attempt(d);
		d->error = r;
	}
	tell(d, d->error);
}

static int on_resolved(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct dial *d = data;
	eventfd_t answer;

	eventfd_read(fd, &answer);
	fdm_remove(fdm, fd);
	d->is_answered = true;
	attempt(d);
	return 0;
}

static int start_thread(struct question *q)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 << 10);
	atomic_fetch_add(&q->holders, 1);
	r = pthread_create(&thread, &attr, resolve, q);
	pthread_attr_destroy(&attr);
	if (r)
		atomic_fetch_sub(&q->holders, 1);
	return -r;
}

static int ask(struct question *q, const struct dial_place *places, size_t n)
{
	atomic_init(&q->holders, 1);
	q->n_places = n;
	for (size_t i = 0; i < n; i++) {
		if (!*places[i].host || strlen(places[i].host) >= MAX_HOST)
			return -EINVAL;
		snprintf(q->places[i].host, MAX_HOST, "%s", places[i].host);
		snprintf(q->places[i].port, sizeof(q->places[i].port), "%u", places[i].port);
	}
	return 0;
}

int dial_new(struct fdm *fdm, const struct dial_place *places, size_t n, int64_t patience_ms, dial_fn *done, void *data,
	     struct dial **ret)
{
	struct question *q;
	struct dial *d;
	int r;

	if (n == 0 || n > DIAL_MAX_PLACES)
		return -EINVAL;
	d = malloc(sizeof(*d));
	q = calloc(1, sizeof(*q));
	r = d && q ? ask(q, places, n) : -ENOMEM;
	if (r == 0) {
		*d = (struct dial){ .fdm = fdm, .question = q, .fd = -1, .timer = -1, .patience_ms = patience_ms,
				    .error = -ENOENT, .done = done, .data = data };
		q->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		r = q->event < 0 ? -errno : fdm_add(fdm, q->event, EPOLLIN, on_resolved, d);
	}
	if (r == 0) {
		r = start_thread(q);
		if (r == 0) {
			*ret = d;
			return 0;
		}
		fdm_remove(fdm, q->event);
	}
	if (q && q->event > 0)
		close(q->event);
	free(q);
	free(d);
	return r;
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	stop_attempt(d);
	if (!d->is_answered)
		fdm_remove(d->fdm, d->question->event);
	put_down(d->question);
	free(d);
}

size_t dial_which(const struct dial *d)
{
	return d->at < d->question->n ? d->question->addresses[d->at].place : 0;
}
