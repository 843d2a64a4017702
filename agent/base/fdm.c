#include "agent/base/fdm.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct source {
	struct source *next; /* of those that are dead */
	int fd;
	int signo; /* > 0: fd is our signalfd */
	bool timer; /* fd is our timerfd */
	bool dead;
	union {
		fdm_fd_fn *fd_fn;
		fdm_timer_fn *timer_fn;
		fdm_signal_fn *signal_fn;
	};
	void *data;
};

struct fdm {
	int epoll;
	bool quit, dispatching;
	struct source **by_fd; /* one that is removed makes place at once: its descriptor may come again */
	size_t n;
	struct source *dead;   /* until no event of theirs can be under way */
};

struct fdm *fdm_new(void)
{
	struct fdm *fdm = calloc(1, sizeof(*fdm));

	if (!fdm)
		return NULL;
	fdm->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (fdm->epoll < 0) {
		free(fdm);
		return NULL;
	}
	return fdm;
}

static void source_free(struct source *s)
{
	if (s->timer || s->signo)
		close(s->fd);
	free(s);
}

static void sweep(struct fdm *fdm)
{
	while (fdm->dead) {
		struct source *s = fdm->dead;

		fdm->dead = s->next;
		source_free(s);
	}
}

void fdm_free(struct fdm *fdm)
{
	if (!fdm)
		return;
	sweep(fdm);
	for (size_t i = 0; i < fdm->n; i++)
		if (fdm->by_fd[i])
			source_free(fdm->by_fd[i]);
	free(fdm->by_fd);
	close(fdm->epoll);
	free(fdm);
}

/* So that by_fd[fd] is there. */
static int make_room(struct fdm *fdm, int fd)
{
	size_t n = fdm->n ? fdm->n : 16;
	struct source **more;

	while (n <= (size_t)fd)
		n *= 2;
	if (n == fdm->n)
		return 0;
	more = reallocarray(fdm->by_fd, n, sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + fdm->n, 0, (n - fdm->n) * sizeof(*more));
	fdm->by_fd = more;
	fdm->n = n;
	return 0;
}

static int watch(struct fdm *fdm, struct source proto, uint32_t events)
{
	int r = proto.fd < 0 ? -EBADF : make_room(fdm, proto.fd);
	struct source *s = r < 0 ? NULL : malloc(sizeof(*s));
	struct epoll_event ev = { .events = events, .data.ptr = s };

	if (!s)
		return r < 0 ? r : -ENOMEM;
	*s = proto;
	if (epoll_ctl(fdm->epoll, EPOLL_CTL_ADD, s->fd, &ev) < 0) {
		r = -errno;
		free(s);
		return r;
	}
	fdm->by_fd[s->fd] = s;
	return 0;
}

static struct source *find(struct fdm *fdm, int fd)
{
	return fd >= 0 && (size_t)fd < fdm->n ? fdm->by_fd[fd] : NULL;
}

int fdm_add(struct fdm *fdm, int fd, uint32_t events, fdm_fd_fn *fn, void *data)
{
	return watch(fdm, (struct source){ .fd = fd, .fd_fn = fn, .data = data }, events);
}

int fdm_modify(struct fdm *fdm, int fd, uint32_t events)
{
	struct source *s = find(fdm, fd);
	struct epoll_event ev = { .events = events, .data.ptr = s };

	if (!s)
		return -ENOENT;
	return epoll_ctl(fdm->epoll, EPOLL_CTL_MOD, fd, &ev) < 0 ? -errno : 0;
}

void fdm_remove(struct fdm *fdm, int fd)
{
	struct source *s = find(fdm, fd);

	if (!s)
		return;
	epoll_ctl(fdm->epoll, EPOLL_CTL_DEL, fd, NULL);
	fdm->by_fd[fd] = NULL;
	s->dead = true;
	s->next = fdm->dead;
	fdm->dead = s;
	if (!fdm->dispatching)
		sweep(fdm);
}

int fdm_timer_add(struct fdm *fdm, int64_t interval_ms, fdm_timer_fn *fn, void *data)
{
	struct timespec every = { interval_ms / 1000, interval_ms % 1000 * 1000000 };
	struct itimerspec spec = { every, every };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), r;

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &spec, NULL) < 0)
		r = -errno;
	else
		r = watch(fdm, (struct source){ .fd = fd, .timer = true, .timer_fn = fn, .data = data }, EPOLLIN);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

void fdm_timer_remove(struct fdm *fdm, int id)
{
	fdm_remove(fdm, id);
}

int fdm_signal_add(struct fdm *fdm, int signo, fdm_signal_fn *fn, void *data)
{
	sigset_t set;
	int fd, r;

	sigemptyset(&set);
	sigaddset(&set, signo);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = watch(fdm, (struct source){ .fd = fd, .signo = signo, .signal_fn = fn, .data = data }, EPOLLIN);
	if (r < 0)
		close(fd);
	return r;
}

static int dispatch(struct fdm *fdm, struct source *s, uint32_t events)
{
	if (s->timer) {
		uint64_t expirations;

		if (read(s->fd, &expirations, sizeof(expirations)) < 0)
			return 0;
		return s->timer_fn(fdm, s->data);
	}
	if (s->signo) {
		struct signalfd_siginfo info;

		if (read(s->fd, &info, sizeof(info)) != sizeof(info))
			return 0;
		return s->signal_fn(fdm, s->signo, s->data);
	}
	return s->fd_fn(fdm, s->fd, events, s->data);
}

static int turn(struct fdm *fdm, int timeout_ms)
{
	struct epoll_event ev[32];
	int n = epoll_wait(fdm->epoll, ev, 32, timeout_ms), r = 0;

	if (n < 0 && errno != EINTR)
		return -errno;
	fdm->dispatching = true;
	for (int i = 0; i < n && r >= 0; i++) {
		struct source *s = ev[i].data.ptr;

		if (!s->dead)
			r = dispatch(fdm, s, ev[i].events);
	}
	fdm->dispatching = false;
	sweep(fdm);
	return r < 0 ? r : 0;
}

int fdm_run(struct fdm *fdm)
{
	int r = 0;

	fdm->quit = false;
	while (!fdm->quit && r == 0)
		r = turn(fdm, -1);
	return r;
}

int fdm_descriptor(const struct fdm *fdm)
{
	return fdm->epoll;
}

int fdm_step(struct fdm *fdm)
{
	return turn(fdm, 0);
}

void fdm_quit(struct fdm *fdm)
{
	fdm->quit = true;
}
