#include "agent/session/serve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/wire/frame.h"
#include "agent/wire/wire.h"

struct serve {
	int fd, stop; /* stop: eventfd that ends the watcher */
	void (*at_end)(void);
	pthread_t watcher;
	struct cancel cancel;
	struct arena arena; /* of the current call's texts */

	pthread_mutex_t lock; /* the rest down to `end` */
	pthread_cond_t changed;
	struct message waiting; /* json NULL: none */
	uint64_t running;       /* id of the call that waits or runs, 0 none */
	int64_t begun, patience; /* when it came (monotonic); 0: any time */
	bool late;              /* it was cancelled for that */
	int end;                /* 1 the peer closed, negative errno */

	pthread_mutex_t write_lock;
	double told; /* last progress sent */
};

static const struct message_limits request_limits = { WIRE_REQUEST_BYTES, WIRE_REQUEST_VALUES };

/* ---- sending ---- */

static int send_all(int fd, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			bytes = (struct span){ bytes.p + n, bytes.n - (size_t)n };
	}
	return 0;
}

static int send_frame(struct serve *s, const struct buf *frame)
{
	int r;

	if (frame->failed)
		return -ENOMEM;
	pthread_mutex_lock(&s->write_lock);
	r = send_all(s->fd, buf_span(frame));
	pthread_mutex_unlock(&s->write_lock);
	return r;
}

/* Only when nothing is being sent: bytes on their way are sign of life enough, and the watcher must not wait. */
static void send_alive(struct serve *s, uint64_t id)
{
	AUTO_BUF out = BUF_INIT;
	size_t begin = frame_begin(&out);

	messages_put_alive(&out, id);
	if (frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES) < 0 || pthread_mutex_trylock(&s->write_lock) != 0)
		return;
	if (poll(&(struct pollfd){ .fd = s->fd, .events = POLLOUT }, 1, 0) == 1)
		send_all(s->fd, buf_span(&out));
	pthread_mutex_unlock(&s->write_lock);
}

/* ---- the watcher ---- */

static int take_message(struct serve *s, struct span payload)
{
	struct message m;
	int r = message_parse(payload, &request_limits, &m);

	if (r < 0)
		return r;
	pthread_mutex_lock(&s->lock);
	if (message_is(&m, "cancel")) {
		if (s->running && m.id == s->running)
			atomic_store(&s->cancel.requested, true);
	} else if (s->running || m.id == 0) {
		r = -EPROTO;
	} else {
		s->running = m.id;
		s->begun = clock_monotonic();
		s->late = false;
		atomic_store(&s->cancel.requested, false);
		s->waiting = m;
		m = (struct message){ 0 };
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	message_free(&m);
	return r;
}

/* 0 to go on, 1 when the peer closed, negative errno. */
static int take_bytes(struct serve *s, struct frame_decoder *d)
{
	char bytes[16384];
	struct frame f;
	ssize_t n = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int r;

	if (n == 0)
		return 1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno == ECONNRESET ? 1 : -errno;
	r = frame_feed(d, bytes, (size_t)n);
	if (r < 0)
		return r;
	while ((r = frame_next(d, &f)) == 1) {
		r = f.kind == FRAME_TEXT ? take_message(s, f.payload) : -EPROTO;
		if (r < 0)
			return r;
	}
	return r;
}

/* Ends a call that takes too long. Returns the one that runs. */
static uint64_t look_at_call(struct serve *s, int64_t now)
{
	uint64_t id;

	pthread_mutex_lock(&s->lock);
	id = s->running;
	if (id && s->patience && now - s->begun > s->patience) {
		s->late = true;
		atomic_store(&s->cancel.requested, true);
	}
	pthread_mutex_unlock(&s->lock);
	return id;
}

static int watch(struct serve *s, struct frame_decoder *d)
{
	int64_t alive = clock_monotonic();

	for (;;) {
		struct pollfd p[2] = { { .fd = s->fd, .events = POLLIN }, { .fd = s->stop, .events = POLLIN } };
		int64_t now;
		int r = poll(p, 2, WIRE_ALIVE_MS);

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0 && p[1].revents)
			return 0;
		if (r > 0 && p[0].revents && (r = take_bytes(s, d)) != 0)
			return r;
		now = clock_monotonic();
		if (now - alive >= WIRE_ALIVE_MS) {
			uint64_t id = look_at_call(s, now);

			if (id)
				send_alive(s, id);
			alive = now;
		}
	}
}

static void *watcher_main(void *data)
{
	struct serve *s = data;
	struct frame_decoder d = FRAME_DECODER_INIT(WIRE_REQUEST_BYTES);
	int r = watch(s, &d);

	frame_decoder_free(&d);
	if (r != 0 && s->at_end)
		s->at_end();
	pthread_mutex_lock(&s->lock);
	s->end = r;
	if (r != 0)
		atomic_store(&s->cancel.requested, true);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int serve_new(int fd, void (*at_end)(void), struct serve **ret)
{
	struct serve *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->fd = fd;
	s->at_end = at_end;
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (s->stop < 0) {
		r = -errno;
		free(s);
		return r;
	}
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->write_lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	r = -pthread_create(&s->watcher, NULL, watcher_main, s);
	if (r < 0) {
		close(s->stop);
		free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void serve_free(struct serve *s)
{
	if (!s)
		return;
	eventfd_write(s->stop, 1);
	pthread_join(s->watcher, NULL);
	close(s->stop);
	message_free(&s->waiting);
	arena_free(&s->arena);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->write_lock);
	pthread_cond_destroy(&s->changed);
	free(s);
}

void serve_set_patience(struct serve *s, int64_t ms)
{
	pthread_mutex_lock(&s->lock);
	s->patience = ms;
	pthread_mutex_unlock(&s->lock);
}

struct cancel *serve_cancel(struct serve *s)
{
	return &s->cancel;
}

/* ---- calls ---- */

int serve_next(struct serve *s, struct messages_call *ret)
{
	for (;;) {
		struct expr_error e = { 0 };
		struct message m;
		int r;

		pthread_mutex_lock(&s->lock);
		while (!s->waiting.json && !s->end)
			pthread_cond_wait(&s->changed, &s->lock);
		r = s->end;
		m = s->waiting;
		s->waiting = (struct message){ 0 };
		pthread_mutex_unlock(&s->lock);
		if (r != 0) {
			message_free(&m);
			return r < 0 ? r : 0;
		}
		arena_reset(&s->arena);
		s->told = -1;
		r = messages_get_call(&m, &s->arena, ret, &e);
		if (r < 0 && r != -EPROTO)
			r = serve_answer(s, &(struct messages_call){ .id = m.id }, r, e.message, NULL);
		else if (r == 0)
			r = 1;
		message_free(&m);
		if (r != 0)
			return r;
	}
}

int serve_answer(struct serve *s, const struct messages_call *call, int error, const char *text,
                 const union messages_answer *a)
{
	AUTO_BUF out = BUF_INIT;
	size_t begin = frame_begin(&out);
	int r;

	if (error < 0)
		messages_put_error(&out, call->id, error, text);
	else
		messages_put_answer(&out, call->id, call->type, a);
	r = frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES);
	if (r == 0 && !message_within((struct span){ out.p + FRAME_HEADER, out.n - FRAME_HEADER }, WIRE_ANSWER_VALUES))
		r = -EMSGSIZE; /* the peer would not take it */
	if (r < 0) {
		buf_free(&out);
		begin = frame_begin(&out);
		messages_put_error(&out, call->id, r, r == -EMSGSIZE ? "the answer is too large" : NULL);
		r = frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES);
		if (r < 0)
			return r;
	}
	/* Before the answer is out: the peer may send its next call as soon as it has it. */
	pthread_mutex_lock(&s->lock);
	s->running = 0;
	pthread_mutex_unlock(&s->lock);
	return send_frame(s, &out);
}

void serve_progress(double fraction, void *data)
{
	struct serve *s = data;
	AUTO_BUF out = BUF_INIT;
	size_t begin = frame_begin(&out);

	if (fraction >= s->told && fraction < s->told + 0.005 && fraction < 1)
		return;
	s->told = fraction;
	messages_put_progress(&out, s->running, fraction);
	if (frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES) == 0)
		send_frame(s, &out); /* a lost peer is noticed by the watcher */
}

int serve_run(struct reader *r, struct cancel *cancel, const struct messages_call *c, union messages_answer *ret)
{
	const struct reader_ops *ops = r->ops;

	switch (c->type) {
	case MESSAGES_INFO: return ops->info(r, cancel, &ret->info);
	case MESSAGES_COUNT: return ops->count(r, cancel, c->where, c->range, c->step, &ret->count);
	case MESSAGES_PAGE: return ops->page(r, cancel, c->where, c->range, c->at, c->n, &ret->page);
	case MESSAGES_HISTOGRAM: return ops->histogram(r, cancel, c->where, c->range, c->n, &ret->histogram);
	case MESSAGES_PROCESS: return ops->process(r, cancel, c->process, &ret->process);
	case MESSAGES_TIMELINE:
		return ops->timeline(r, cancel, c->process, c->range, c->n, c->max_children, &ret->timeline);
	case MESSAGES_TREE: return ops->tree(r, cancel, c->process, c->limits, &ret->tree);
	case MESSAGES_DISTRIBUTION: return ops->distribution(r, cancel, c->where, c->range, &ret->distribution);
	case MESSAGES_LANES:
		return ops->lanes(r, cancel, c->where, c->range, c->by, c->n, c->max_children, &ret->lanes);
	case MESSAGES_STORY: return ops->story(r, cancel, c->process, c->max_children, &ret->story);
	case MESSAGES_COMPLETENESS: return ops->completeness(r, cancel, c->range, c->kinds, &ret->completeness);
	case MESSAGES_CELLS: return ops->cells(r, cancel, &c->cells, &ret->cells);
	case MESSAGES_VALUES: return ops->values(r, cancel, c->where, c->range, &c->wish, &ret->values);
	case MESSAGES_SPACE: return ops->space(r, cancel, c->n, &ret->space);
	case MESSAGES_INVENTORY: return ops->inventory(r, cancel, &ret->inventory);
	default: return -ENOTSUP;
	}
}

static bool was_late(struct serve *s)
{
	bool late;

	pthread_mutex_lock(&s->lock);
	late = s->late;
	pthread_mutex_unlock(&s->lock);
	return late;
}

int serve_call(struct serve *s, struct reader *reader, const struct messages_call *call)
{
	union messages_answer a;
	int r;

	reader->error[0] = 0;
	reader->progress = serve_progress;
	reader->progress_data = s;
	r = serve_run(reader, &s->cancel, call, &a);
	if (r == -ECANCELED && was_late(s))
		return serve_answer(s, call, -ETIMEDOUT, "it took longer than may be", NULL);
	if (r < 0)
		return serve_answer(s, call, r, reader->error, NULL);
	r = serve_answer(s, call, 0, NULL, &a);
	messages_answer_free(call->type, &a);
	return r;
}

int serve_reader(int fd, struct reader *reader)
{
	struct messages_call call;
	struct serve *s;
	int r = serve_new(fd, NULL, &s);

	if (r < 0)
		return r;
	while ((r = serve_next(s, &call)) == 1) {
		r = serve_call(s, reader, &call);
		expr_free((struct expr *)call.where);
		if (r < 0)
			break;
	}
	serve_free(s);
	return r == -EPIPE ? 0 : r;
}
