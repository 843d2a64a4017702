#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/random.h>
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
	int fd;
	uint64_t last_id; /* from a number of its own: what one before it asked is answered too */
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

static int on_ready(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct asker *a = data;
	char control[CMSG_SPACE(sizeof(int))];
	struct ask_answer answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int file;

	if (n == 0) { /* nobody is there any more */
		fdm_remove(fdm, fd);
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

int asker_new(struct fdm *fdm, int fd, struct asker **ret)
{
	struct asker *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->fdm = fdm;
	a->fd = fd;
	r = getrandom(&a->last_id, sizeof(a->last_id), 0) < 0 ? -errno : fdm_add(fdm, fd, EPOLLIN, on_ready, a);
	if (r < 0) {
		free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	fdm_remove(a->fdm, a->fd);
	while (a->asked)
		free(take_out(a, a->asked->id));
	free(a);
}

int asker_ask(struct asker *a, struct ask_request *request, asker_answer_fn *answer, void *data)
{
	struct asked *one = answer ? malloc(sizeof(*one)) : NULL;

	if (answer && !one)
		return -ENOMEM;
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
