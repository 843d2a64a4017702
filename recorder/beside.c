#include "recorder/beside.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/procevents.h"
#include "recorder/ring.h"

enum { RING_SIZE = 512 * 1024, PAUSE_MS = 20, NS_PER_MS = 1000000 };
enum message_type { MESSAGE_EXIT = 1 };

struct beside {
	int exits; /* descriptor of procevents; negative errno: not given */
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

static void drain(struct beside *b)
{
	int n;

	while (b->exits >= 0 && (n = procevents_receive(b->exits, on_exit_of, b)) != 0) {
		if (n == -ENOBUFS)
			atomic_fetch_add_explicit(&b->overruns, 1, memory_order_relaxed);
		else if (n < 0)
			break;
	}
}

static void *run(void *data)
{
	static const struct timespec pause = { 0, PAUSE_MS * NS_PER_MS }; /* messages gather: fewer wake-ups */
	struct beside *b = data;
	bool stop = false;

	while (!stop) {
		struct pollfd fds[] = { { .fd = b->stop, .events = POLLIN }, { .fd = b->exits, .events = POLLIN } };

		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			break;
		stop = fds[0].revents != 0;
		if (!stop)
			nanosleep(&pause, NULL);
		drain(b);
	}
	return NULL;
}

int beside_new(struct beside **ret)
{
	struct beside *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	b->exits = procevents_open();
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
	int type, error = 0;

	while (error == 0 && ring_take(b->ring, &type, &message)) {
		memcpy(&e, message.p, sizeof(e));
		error = recording_exit(r, (e.monotonic_ns + offset) / NS_PER_MS, e.pid, e.code, e.signal);
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
	if (b->stop >= 0)
		close(b->stop);
	free(b);
}
