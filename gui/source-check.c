#include "gui/source-check.h"

#include <stdlib.h>

#include "agent/session/confine.h"

/* Shared by the source and the thread that runs it (atomic rc box). */
struct source_check_run {
	GWeakRef source; /* main thread only */
	void (*done)(Source *self, int r, const char *error);
	char *path, *error; /* error: malloc'd */
	struct cancel cancel;
};

static void check_clear(gpointer data)
{
	struct source_check_run *c = data;

	g_weak_ref_clear(&c->source);
	g_free(c->path);
	free(c->error);
}

static void check_unref(gpointer data)
{
	g_atomic_rc_box_release_full(data, check_clear);
}

static void check_thread(GTask *task, gpointer unused, gpointer data, GCancellable *cancellable)
{
	struct source_check_run *c = data;
	struct reader *reader = NULL;
	int r = confine_open(c->path, VAULT_CHECK, &c->cancel, NULL, NULL, &reader, &c->error);

	if (r == 0)
		reader_close(reader);
	g_task_return_int(task, r);
}

static void on_end(GObject *unused, GAsyncResult *result, gpointer data)
{
	struct source_check_run *c = g_task_get_task_data(G_TASK(result));
	g_autoptr(Source) self = g_weak_ref_get(&c->source);
	int r = (int)g_task_propagate_int(G_TASK(result), NULL);

	if (self && !atomic_load(&c->cancel.requested))
		c->done(self, r, r == 0 ? NULL : c->error ? c->error : g_strerror(-r));
}

struct source_check_run *source_check_start(Source *self, void (*done)(Source *self, int r, const char *error))
{
	struct source_check_run *c = g_atomic_rc_box_new0(struct source_check_run);
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_end, NULL);

	g_weak_ref_init(&c->source, self);
	c->done = done;
	c->path = g_strdup(source_get_path(self));
	g_task_set_task_data(task, g_atomic_rc_box_acquire(c), check_unref);
	g_task_run_in_thread(task, check_thread);
	return c;
}

void source_check_stop(struct source_check_run *c)
{
	atomic_store(&c->cancel.requested, true);
	check_unref(c);
}
