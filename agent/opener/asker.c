#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/opener/ask.h"

struct asked {
	struct asked *next;
	uint64_t id;
	asker_answer_fn *answer;
	void *data;
};

struct asker {
	struct fdm *fdm;
	char *database;
	int fd;           /* -1: not connected */
	uint64_t last_id;
	struct asked *asked;
};

static struct asked *take_out(struct asker *a, uint64_t id)
{
	struct asked **at = &a->asked, *one;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	one = *at;
	if (one)
		*at = one->next;
	return one;
}

static void give(struct asker *a, const struct ask_answer *answer, int fd)
{
	struct asked *one = take_out(a, answer->id);

	if (!one) {
		if (fd >= 0)
			close(fd);
		return;
	}
	one->answer(answer, fd, one->data);
	free(one);
}

static int passed(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* The opener has gone; whoever asked is told. They may ask anew. */
static void lose(struct asker *a)
{
	struct ask_answer gone = { .error = -EPIPE, .why = "this endpoint's opener has ended" };
	struct asked *all = a->asked;

	fdm_remove(a->fdm, a->fd);
	close(a->fd);
	a->fd = -1;
	a->asked = NULL;
	while (all) {
		struct asked *one = all;

		all = one->next;
		gone.id = one->id;
		one->answer(&gone, -1, one->data);
		free(one);
	}
}

static int on_ready(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct asker *a = data;
	char control[CMSG_SPACE(sizeof(int))];
	struct ask_answer answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int file;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		lose(a);
		return 0;
	}
	file = n < 0 ? -1 : passed(&m);
	if (n == (ssize_t)sizeof(answer) && (answer.error < 0) == (file < 0)) {
		answer.why[sizeof(answer.why) - 1] = answer.file[sizeof(answer.file) - 1] = 0;
		give(a, &answer, file);
	} else if (file >= 0) {
		close(file);
	}
	return 0;
}

int asker_new(struct fdm *fdm, const char *database, struct asker **ret)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->fdm = fdm;
	a->fd = -1;
	a->database = strdup(database);
	if (!a->database) {
		free(a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	if (a->fd >= 0) {
		fdm_remove(a->fdm, a->fd);
		close(a->fd);
	}
	while (a->asked)
		free(take_out(a, a->asked->id));
	free(a->database);
	free(a);
}

static int reach(struct asker *a)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	int r = 0;

	if (a->fd >= 0)
		return 0;
	if (snprintf(where.sun_path, sizeof(where.sun_path), "%s" ASK_SOCKET, a->database) >= (int)sizeof(where.sun_path))
		return -ENAMETOOLONG;
	a->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return -errno;
	if (connect(a->fd, (struct sockaddr *)&where, sizeof(where)) < 0)
		r = -errno;
	if (r == 0)
		r = fdm_add(a->fdm, a->fd, EPOLLIN, on_ready, a);
	if (r < 0) {
		close(a->fd);
		a->fd = -1;
	}
	return r;
}

int asker_ask(struct asker *a, struct ask_request *request, asker_answer_fn *answer, void *data)
{
	struct asked *one = answer ? malloc(sizeof(*one)) : NULL;

	int r = answer && !one ? -ENOMEM : reach(a);

	if (r < 0) {
		free(one);
		return r;
	}
	request->id = ++a->last_id;
	if (send(a->fd, request, sizeof(*request), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		free(one);
		return -errno;
	}
	if (one) {
		*one = (struct asked){ a->asked, request->id, answer, data };
		a->asked = one;
	}
	return 0;
}

void asker_forget(struct asker *a, uint64_t id)
{
	free(take_out(a, id));
}
