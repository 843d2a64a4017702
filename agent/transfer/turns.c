#include "agent/transfer/turns.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct turns {
	struct fdm *fdm;
	int fd; /* always ready */
	turns_slice_fn *slice;
	turns_end_fn *end;
	void *data;
};

static int on_turn(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct turns *t = data;
	turns_end_fn *end = t->end;
	void *whose = t->data;
	int r = t->slice(whose);

	if (r > 0)
		return 0;
	turns_free(t);
	end(r, whose);
	return 0;
}

int turns_new(struct fdm *fdm, turns_slice_fn *slice, turns_end_fn *end, void *data, struct turns **ret)
{
	struct turns *t = malloc(sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	*t = (struct turns){ fdm, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), slice, end, data };
	r = t->fd < 0 ? -errno : fdm_add(fdm, t->fd, EPOLLIN, on_turn, t);
	if (r < 0) {
		if (t->fd >= 0)
			close(t->fd);
		free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void turns_free(struct turns *t)
{
	if (!t)
		return;
	fdm_remove(t->fdm, t->fd);
	close(t->fd);
	free(t);
}
