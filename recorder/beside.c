#include "recorder/beside.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/procevents.h"
#include "recorder/ring.h"

enum { RING_SIZE = 512 * 1024, PAUSE_MS = 20, PAUSES = 4, NS_PER_MS = 1000000 };
enum message_type { MESSAGE_EXIT = 1, MESSAGE_CLOSED = 2 };

struct closed {
	int64_t time_ms;
	struct sockdiag_socket socket;
};

struct beside {
	int exits; /* descriptor of procevents; negative errno: not given */
	int closes; /* of sockdiag */
	int stop;
	struct ring *ring;
	pthread_t thread;
	bool runs;
	_Atomic uint64_t overruns;
};

/* ---- the draining thread ---- */

static void on_exit_of(const struct procevents_exit *e, void *data)
{
	struct beside *b = data;

	ring_put(b->ring, MESSAGE_EXIT, (struct span){ (const char *)e, sizeof(*e) });
}

static void on_closed(const struct sockdiag_socket *s, void *data)
{
	struct beside *b = data;
	struct closed c = { clock_now(), *s }; /* the message has no time of its own */

	ring_put(b->ring, MESSAGE_CLOSED, (struct span){ (const char *)&c, sizeof(c) });
}

/* Whether there may be more, given what one receiving call said. */
static bool go_on(struct beside *b, int n)
{
	if (n == -ENOBUFS)
		atomic_fetch_add_explicit(&b->overruns, 1, memory_order_relaxed);
	return n > 0 || n == -ENOBUFS;
}

static void drain_exits(struct beside *b)
{
	while (b->exits >= 0 && go_on(b, procevents_receive(b->exits, on_exit_of, b)))
		;
}

static void drain_closes(struct beside *b)
{
	while (b->closes >= 0 && go_on(b, sockdiag_receive(b->closes, on_closed, b)))
		;
}

/* Messages gather: fewer wake-ups. The time of ends of connections is that of receiving them: not quite so many at once. */
static void gather(struct beside *b)
{
	static const struct timespec pause = { 0, PAUSE_MS / PAUSES * NS_PER_MS };

	for (int i = 0; i < PAUSES; i++) {
		drain_closes(b);
		nanosleep(&pause, NULL);
	}
}

static void *run(void *data)
{
	struct beside *b = data;
	bool stop = false;

	while (!stop) {
		struct pollfd fds[] = { { .fd = b->stop, .events = POLLIN }, { .fd = b->exits, .events = POLLIN },
		                        { .fd = b->closes, .events = POLLIN } };

		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			break;
		stop = fds[0].revents != 0;
		if (!stop)
			gather(b);
		drain_closes(b);
		drain_exits(b);
	}
	return NULL;
}

static void ignore(const struct sockdiag_socket *s, void *data)
{
}

int beside_new(struct beside **ret)
{
	struct beside *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	b->exits = procevents_open();
	b->closes = sockdiag_open();
	r = b->closes < 0 ? 0 : sockdiag_list(IPPROTO_TCP, 1u << TCP_LISTEN, ignore, NULL);
	if (r < 0) { /* it tells of none then */
		close(b->closes);
		b->closes = r;
	}
	b->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->ring = ring_new(RING_SIZE);
	r = b->stop < 0 ? -errno : b->ring ? -pthread_create(&b->thread, NULL, run, b) : -ENOMEM;
	b->runs = r == 0;
	if (r < 0) {
		beside_free(b);
		return r;
	}
	*ret = b;
	return 0;
}

uint64_t beside_overruns(const struct beside *b)
{
	return atomic_load_explicit(&b->overruns, memory_order_relaxed) + ring_lost(b->ring);
}

const char *beside_missing(const struct beside *b)
{
	switch (b->exits) {
	case -EPROTONOSUPPORT: return "this kernel has no process connector";
	case -EPERM: return "the process connector needs root (CAP_NET_ADMIN)";
	case -ECONNREFUSED: return "the process connector is not given to containers";
	}
	return b->exits < 0 ? strerror(-b->exits) : NULL;
}

const char *beside_missing_closes(const struct beside *b)
{
	switch (b->closes) {
	case -ENOENT: case -EPROTONOSUPPORT: case -EOPNOTSUPP: return "this kernel has no sock_diag (CONFIG_INET_TCP_DIAG)";
	case -EPERM: case -EACCES: return "sock_diag is not allowed here";
	}
	return b->closes < 0 ? strerror(-b->closes) : NULL;
}

/* ---- the recording's thread ---- */

/* How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC now. */
static int64_t clock_offset_ns(void)
{
	struct timespec real, monotonic;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &real);
	return (real.tv_sec - monotonic.tv_sec) * INT64_C(1000000000) + real.tv_nsec - monotonic.tv_nsec;
}

int beside_hand_over(struct beside *b, struct recording *r)
{
	int64_t offset = clock_offset_ns();
	struct procevents_exit e;
	struct span message;
	struct closed c;
	int type, error = 0;

	while (error == 0 && ring_take(b->ring, &type, &message)) {
		if (type == MESSAGE_EXIT) {
			memcpy(&e, message.p, sizeof(e));
			error = recording_exit(r, (e.monotonic_ns + offset) / NS_PER_MS, e.pid, e.code, e.signal);
		} else {
			memcpy(&c, message.p, sizeof(c));
			error = recording_closed(r, c.time_ms, &c.socket);
		}
		if (error == -ENOBUFS) {
			atomic_fetch_add_explicit(&b->overruns, 1, memory_order_relaxed);
			error = 0;
		}
	}
	return error;
}

void beside_end(struct beside *b)
{
	uint64_t one = 1;

	if (!b->runs)
		return;
	if (write(b->stop, &one, sizeof(one)) < 0)
		return; /* cannot be: nobody else counts it up */
	pthread_join(b->thread, NULL);
	b->runs = false;
}

void beside_free(struct beside *b)
{
	if (!b)
		return;
	beside_end(b);
	ring_free(b->ring);
	if (b->exits >= 0)
		close(b->exits);
	if (b->closes >= 0)
		close(b->closes);
	if (b->stop >= 0)
		close(b->stop);
	free(b);
}
