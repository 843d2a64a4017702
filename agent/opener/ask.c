#include "agent/opener/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/opener/keep.h"
#include "agent/opener/openfile.h"

enum { SWEEP_MS = 3600000, CLIENTS = 4 };

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

/* ---- who asks ---- */

struct serving {
	const char *database;
	uid_t user;
	struct pollfd fds[1 + CLIENTS]; /* the listener first */
	nfds_t n;
	unsigned running;
};

static void reap(struct serving *s)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		s->running--;
}

/* false: nobody is there any more. */
static bool take(struct serving *s, int fd)
{
	struct ask_request q;
	ssize_t n = recv(fd, &q, sizeof(q), MSG_TRUNC | MSG_DONTWAIT);
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!is_request(&q, n))
		return false;
	reap(s);
	r = s->running < ASK_AT_ONCE ? answer_apart(fd, s->database, &q) : -EBUSY;
	s->running += r == 0;
	if (r < 0)
		refuse(fd, &q, r);
	return true;
}

static bool is_allowed(const struct serving *s, int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == s->user || who.uid == 0);
}

static void let_in(struct serving *s)
{
	int fd = accept4(s->fds[0].fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0 && s->n <= CLIENTS && is_allowed(s, fd))
		s->fds[s->n++] = (struct pollfd){ fd, POLLIN, 0 };
	else if (fd >= 0)
		close(fd);
}

static void look(struct serving *s)
{
	for (nfds_t i = 1; i < s->n;) {
		if (!s->fds[i].revents || take(s, s->fds[i].fd)) {
			s->fds[i++].revents = 0;
			continue;
		}
		close(s->fds[i].fd);
		s->fds[i] = s->fds[--s->n];
	}
	if (s->fds[0].revents)
		let_in(s);
}

int ask_serve(int listener, uid_t user, const char *database)
{
	struct serving s = { .database = database, .user = user, .fds = { { listener, POLLIN, 0 } }, .n = 1 };

	for (;;) {
		int n;

		keep_sweep(database, KEEP_AGE_MS);
		n = poll(s.fds, s.n, SWEEP_MS);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			look(&s);
		reap(&s);
	}
}

int ask_listen(const char *database, gid_t group, int *ret_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, r = 0;

	if (snprintf(a.sun_path, sizeof(a.sun_path), "%s" ASK_SOCKET, database) >= (int)sizeof(a.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(a.sun_path); /* of one that was killed */
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || chown(a.sun_path, (uid_t)-1, group) < 0 ||
	    chmod(a.sun_path, 0660) < 0 || listen(fd, CLIENTS) < 0)
		r = -errno;
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}
