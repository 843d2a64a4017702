#include "agent/opener/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/opener/keep.h"
#include "agent/opener/openfile.h"

enum { SWEEP_MS = 3600000 };

/* ---- answering ---- */

static void send_answer(int fd, const struct ask_answer *a, int file)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { (void *)a, sizeof(*a) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (a->error == 0) {
		struct cmsghdr *c;

		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &file, sizeof(file));
	}
	while (sendmsg(fd, &m, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

static void answer(int fd, const char *database, const struct ask_request *q)
{
	struct ask_answer a = { .id = q->id };
	int file = -1;

	switch (q->kind) {
	case ASK_FILE:
		a.error = openfile(q->path, q->max_bytes, &file, a.why);
		break;
	case ASK_EXECUTABLE:
		a.error = openfile_executable((pid_t)q->pid, q->start_ms, q->path, q->max_bytes, &file, a.why);
		break;
	case ASK_CAPTURE:
		a.error = keep_open(database, q->path, &file, a.file, a.why);
		break;
	case ASK_FETCHED:
		keep_drop(database, q->path);
		return;
	default:
		a.error = -EINVAL;
	}
	send_answer(fd, &a, file);
}

/* A process that hangs in a file system is one of ASK_AT_ONCE, and nothing more. */
static int answer_apart(int fd, const char *database, const struct ask_request *q)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			answer(fd, database, q);
		_exit(0);
	}
	return 0;
}

static void refuse(int fd, const struct ask_request *q, int error)
{
	struct ask_answer a = { .id = q->id, .error = error };

	snprintf(a.why, sizeof(a.why), "%s", error == -EBUSY ? "too many files are being opened" : strerror(-error));
	if (q->kind != ASK_FETCHED)
		send_answer(fd, &a, -1);
}

static bool is_request(const struct ask_request *q, ssize_t n)
{
	return n == (ssize_t)sizeof(*q) && memchr(q->path, 0, sizeof(q->path)) != NULL;
}

static void reap(unsigned *running)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		(*running)--;
}

int ask_serve(int fd, const char *database)
{
	struct ask_request q;
	unsigned running = 0;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;
		int r;

		keep_sweep(database, KEEP_AGE_MS);
		if (poll(&p, 1, SWEEP_MS) <= 0)
			continue;
		n = recv(fd, &q, sizeof(q), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		reap(&running);
		if (!is_request(&q, n))
			continue;
		r = running < ASK_AT_ONCE ? answer_apart(fd, database, &q) : -EBUSY;
		running += r == 0;
		if (r < 0)
			refuse(fd, &q, r);
	}
}
