#include "gui/process-end.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/syscall.h>
#include <unistd.h>

struct watch {
	int fd;
	void (*fn)(gpointer data);
	gpointer data;
};

static void watch_free(gpointer data)
{
	struct watch *w = data;

	if (w->fd >= 0)
		close(w->fd);
	g_free(w);
}

static gboolean on_end(gint fd, GIOCondition condition, gpointer data)
{
	struct watch *w = data;

	w->fn(w->data);
	return G_SOURCE_REMOVE;
}

static gboolean on_gone(gpointer data)
{
	return on_end(-1, 0, data);
}

guint process_end_watch(int pid, void (*fn)(gpointer data), gpointer data)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct watch *w;

	if (fd < 0 && errno != ESRCH)
		return 0;
	w = g_new(struct watch, 1);
	*w = (struct watch){ fd, fn, data };
	if (fd < 0)
		return g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_gone, w, watch_free);
	return g_unix_fd_add_full(G_PRIORITY_DEFAULT, fd, G_IO_IN, on_end, w, watch_free);
}
