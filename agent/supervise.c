#include "agent/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

struct running {
	const struct supervise_child *child;
	pid_t pid;          /* 0: does not run */
	int64_t started, start_at, pause; /* monotonic; ms */
	bool resting;       /* until SIGHUP */
};

struct supervisor {
	struct running children[SUPERVISE_CHILDREN_MAX];
	size_t n;
	supervise_tell_fn *tell;
	int signals;
	sigset_t before;
	bool ending;
	int64_t kill_at;
};

int64_t supervise_next_pause(int64_t pause_ms, int64_t ran_ms)
{
	if (pause_ms == 0 || ran_ms >= SUPERVISE_STEADY_MS)
		return SUPERVISE_PAUSE_MS;
	return pause_ms * 2 < SUPERVISE_PAUSE_MAX_MS ? pause_ms * 2 : SUPERVISE_PAUSE_MAX_MS;
}

__attribute__((noreturn))
static void become(const struct supervisor *s, const struct supervise_child *c, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1); /* it is gone already */
	prctl(PR_SET_NAME, c->name);
	close(s->signals);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	exit(c->run(c->data));
}

static void start(struct supervisor *s, struct running *r)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(s, r->child, parent);
	r->started = clock_monotonic();
	if (pid < 0) {
		int error = -errno;

		r->pause = supervise_next_pause(r->pause, 0);
		r->start_at = r->started + r->pause;
		s->tell(r->child, SUPERVISE_NOT_STARTED, 0, error, r->pause);
		return;
	}
	r->pid = pid;
	s->tell(r->child, SUPERVISE_STARTED, pid, 0, -1);
}

static void pass_on(struct supervisor *s, int signal_number)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->children[i].pid > 0)
			kill(s->children[i].pid, signal_number);
}

static void ended(struct supervisor *s, pid_t pid, int status)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < s->n; i++) {
		struct running *r = &s->children[i];

		if (r->pid != pid)
			continue;
		r->pid = 0;
		r->resting = WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISE_REST;
		r->pause = WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISE_AGAIN ? SUPERVISE_PAUSE_MS :
			   supervise_next_pause(r->pause, now - r->started);
		r->start_at = now + r->pause;
		s->tell(r->child, SUPERVISE_ENDED, pid, status, s->ending || r->resting ? -1 : r->pause);
	}
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ended(s, pid, status);
}

static void begin_end(struct supervisor *s)
{
	if (!s->ending)
		s->kill_at = clock_monotonic() + SUPERVISE_END_MS;
	s->ending = true;
	pass_on(s, SIGTERM);
}

static void reload(struct supervisor *s)
{
	pass_on(s, SIGHUP);
	for (size_t i = 0; i < s->n; i++) {
		struct running *r = &s->children[i];

		if (r->resting)
			r->start_at = 0;
		r->resting = false;
	}
}

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			begin_end(s);
		else if (info.ssi_signo == SIGHUP)
			reload(s);
	}
	reap(s);
}

static bool any_runs(const struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->children[i].pid > 0)
			return true;
	return false;
}

/* Starts what is due; ms until the next is, -1: none. */
static int64_t start_due(struct supervisor *s)
{
	int64_t next = -1;

	for (size_t i = 0; i < s->n && !s->ending; i++) {
		struct running *r = &s->children[i];
		int64_t now = clock_monotonic();

		if (r->resting)
			continue;
		if (r->pid == 0 && r->start_at <= now)
			start(s, r);
		if (r->pid == 0 && (next < 0 || r->start_at - now < next))
			next = r->start_at - now;
	}
	return next;
}

static void kill_late(struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->children[i].pid > 0)
			s->tell(s->children[i].child, SUPERVISE_KILLED, s->children[i].pid, 0, -1);
	}
	pass_on(s, SIGKILL);
	s->kill_at = clock_monotonic() + SUPERVISE_END_MS;
}

static void loop(struct supervisor *s)
{
	while (!s->ending || any_runs(s)) {
		struct pollfd p = { .fd = s->signals, .events = POLLIN };
		int64_t wait = start_due(s);

		if (s->ending)
			wait = s->kill_at - clock_monotonic();
		if (s->ending && wait <= 0) {
			kill_late(s);
			continue;
		}
		poll(&p, 1, wait < 0 ? -1 : (int)wait + 1);
		take_signals(s);
	}
}

int supervise_run(const struct supervise_child *children, size_t n, supervise_tell_fn *tell)
{
	struct supervisor s = { .n = n, .tell = tell };
	sigset_t set;

	if (n > SUPERVISE_CHILDREN_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++)
		s.children[i].child = &children[i];
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &s.before);
	s.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s.signals < 0) {
		int r = -errno;

		sigprocmask(SIG_SETMASK, &s.before, NULL);
		return r;
	}
	loop(&s);
	close(s.signals);
	sigprocmask(SIG_SETMASK, &s.before, NULL);
	return 0;
}
