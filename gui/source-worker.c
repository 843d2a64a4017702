#include "gui/source-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "gui/fault-text.h"
#include "gui/i18n.h"
#include "recorder/query/complete.h"

/* ---- jobs ---- */

static void answer_free(struct job *j)
{
	switch (j->call) {
	case CALL_COUNT: reader_count_free(&j->answer.count); break;
	case CALL_PAGE: reader_page_free(&j->answer.page); break;
	case CALL_HISTOGRAM: reader_histogram_free(&j->answer.histogram); break;
	case CALL_PROCESS: reader_process_free(&j->answer.process); break;
	case CALL_TIMELINE: reader_timeline_free(&j->answer.timeline); break;
	case CALL_TREE: reader_tree_free(&j->answer.tree); break;
	case CALL_LANES: reader_lanes_free(&j->answer.lanes); break;
	case CALL_STORY: reader_story_free(&j->answer.story); break;
	case CALL_COMPLETENESS: reader_completeness_free(&j->answer.completeness); break;
	case CALL_VALUES: reader_values_free(&j->answer.values); break;
	case CALL_CELLS: reader_cells_free(&j->answer.cells); break;
	case CALL_DISTRIBUTION: reader_distribution_free(&j->answer.distribution); break;
	case CALL_SPACE: reader_space_free(&j->answer.space); break;
	case CALL_INVENTORY: reader_inventory_free(&j->answer.inventory); break;
	case CALL_OPEN:
	case CALL_INFO: reader_info_free(&j->answer.info); break;
	case CALL_QUIT: break;
	}
}

void source_worker_job_free(gpointer data)
{
	struct job *j = data;

	if (j->answered)
		answer_free(j);
	g_free(j->expression);
	g_free(j->part);
	for (gsize i = 0; i < j->cells.n_rules; i++)
		g_free((char *)j->cells.rules[i].p);
	g_free((gpointer)j->cells.ids);
	g_free((gpointer)j->cells.fields);
	g_free((gpointer)j->cells.rules);
	g_free(j);
}

static gint job_compare(gconstpointer a, gconstpointer b, gpointer unused)
{
	const struct job *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct job *source_worker_job(enum call call)
{
	struct job *j = g_new0(struct job, 1);

	j->call = call;
	j->cancel = &j->cancel_own;
	return j;
}

static void worker_unref(struct worker *w)
{
	if (!g_atomic_ref_count_dec(&w->refs))
		return;
	if (w->instead)
		worker_unref(w->instead);
	if (w->have_info)
		reader_info_free(&w->info);
	g_async_queue_unref(w->jobs);
	g_free(w->path);
	g_free(w);
}

struct progress {
	struct worker *worker;
	double fraction;
};

static gboolean deliver_progress(gpointer data)
{
	struct progress *p = data;

	if (p->worker->source)
		source_tell_progress(p->worker->source, p->fraction);
	return G_SOURCE_REMOVE;
}

static void progress_free(gpointer data)
{
	struct progress *p = data;

	worker_unref(p->worker);
	g_free(p);
}

static void report_progress(double fraction, void *data)
{
	struct worker *w = data;
	struct progress *p = g_new(struct progress, 1);

	g_atomic_ref_count_inc(&w->refs);
	*p = (struct progress){ w, fraction };
	g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, deliver_progress, p, progress_free);
}

/* ---- when whoever answers is gone ---- */

struct loss {
	struct worker *worker;
	char *why;
};

static gboolean deliver_loss(gpointer data)
{
	struct loss *l = data;

	if (l->worker->source)
		source_tell_loss(l->worker->source, l->why);
	return G_SOURCE_REMOVE;
}

static void loss_free(gpointer data)
{
	struct loss *l = data;

	worker_unref(l->worker);
	g_free(l->why);
	g_free(l);
}

/* A reader's errors of these kinds are for good (remote.h). */
static bool is_lost(int r)
{
	return r == -EPIPE || r == -EPROTO || r == -ETIMEDOUT;
}

/* From the worker thread. */
static void report_loss(struct worker *w, int r, const char *why)
{
	struct loss *l;

	if (!is_lost(r))
		return;
	l = g_new(struct loss, 1);
	g_atomic_ref_count_inc(&w->refs);
	*l = (struct loss){ w, g_strdup(why) };
	g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, deliver_loss, l, loss_free);
}

/* ---- the worker thread ---- */

static GError *error_of(int r, const char *text)
{
	if (r == -ECANCELED)
		return g_error_new(G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled"));
	return g_error_new(G_IO_ERROR, g_io_error_from_errno(-r), "%s", text && *text ? text : g_strerror(-r));
}

static void ignore_progress(double fraction, void *data)
{
}

static void drop_reader(struct worker *w)
{
	if (w->reader)
		reader_close(w->reader);
	w->reader = NULL;
}

/* Opened again, what it says of itself comes with the job: the main thread may be reading what it said before. */
static GError *run_open(struct worker *w, struct job *j)
{
	AUTO_FREE char *error = NULL;
	int r;

	drop_reader(w);
	r = w->open(w->path, &w->open_cancel, report_progress, w, &w->reader, &error);
	if (r < 0) {
		g_autofree char *line = error ? fault_text_of_line(error) : NULL;

		return error_of(r, line);
	}
	atomic_store(&w->open_cancel.requested, false);
	r = w->reader->ops->info(w->reader, j->cancel, w->have_info ? &j->answer.info : &w->info);
	if (r < 0) {
		g_autofree char *text = g_strdup_printf(_("%s: cannot read: %s"), w->path, fault_text_of_reader(w->reader, r));
		GError *e = error_of(r, text);

		drop_reader(w);
		return e;
	}
	j->answered = w->have_info;
	w->have_info = true;
	w->reader->progress = report_progress;
	w->reader->progress_data = w;
	return NULL;
}

/* Of the time and kinds that the expression asks for; where it contradicts itself, of the whole range. */
static int ask_completeness(struct reader *r, struct job *j, const struct expr *where)
{
	struct reader_range range = j->range;
	unsigned kinds = 0;

	complete_extent(where, clock_now(), &range, &kinds);
	if (range.from_ms >= range.to_ms)
		range = j->range;
	return r->ops->completeness(r, j->cancel, range, kinds, &j->answer.completeness);
}

static int run_call(struct reader *r, struct job *j, const struct expr *where)
{
	const struct reader_ops *o = r->ops;

	switch (j->call) {
	case CALL_COUNT: return o->count(r, j->cancel, where, j->range, j->step, &j->answer.count);
	case CALL_PAGE: return o->page(r, j->cancel, where, j->range, j->place, j->n, &j->answer.page);
	case CALL_HISTOGRAM: return o->histogram(r, j->cancel, where, j->range, j->n, &j->answer.histogram);
	case CALL_PROCESS: return o->process(r, j->cancel, j->process, &j->answer.process);
	case CALL_TIMELINE:
		return o->timeline(r, j->cancel, j->process, j->range, j->n, j->max_children, &j->answer.timeline);
	case CALL_TREE: return o->tree(r, j->cancel, j->process, j->limits, &j->answer.tree);
	case CALL_LANES:
		return o->lanes(r, j->cancel, where, j->range, j->by, j->n, j->max_children, &j->answer.lanes);
	case CALL_STORY: return o->story(r, j->cancel, j->process, j->max_children, &j->answer.story);
	case CALL_COMPLETENESS: return ask_completeness(r, j, where);
	case CALL_INFO: return o->info(r, j->cancel, &j->answer.info);
	case CALL_CELLS: return o->cells(r, j->cancel, &j->cells, &j->answer.cells);
	case CALL_VALUES: return o->values(r, j->cancel, where, j->range, &j->wish, &j->answer.values);
	case CALL_DISTRIBUTION: return o->distribution(r, j->cancel, where, j->range, &j->answer.distribution);
	case CALL_SPACE: return o->space(r, j->cancel, j->n, &j->answer.space);
	case CALL_INVENTORY: return o->inventory(r, j->cancel, &j->answer.inventory);
	case CALL_OPEN:
	case CALL_QUIT: break;
	}
	return -EINVAL;
}

static GError *failed(struct worker *w, int r)
{
	const char *text = w->live && is_lost(r) ? _("the connection to the endpoint was lost") :
	                                           fault_text_of_reader(w->reader, r);
	GError *error = error_of(r, text);

	if (!w->live || !w->instead)
		report_loss(w, r, text);
	if (w->live && is_lost(r))
		drop_reader(w);
	return error;
}

static int open_same(struct worker *w);

static GError *run_job(struct worker *w, struct job *j)
{
	AUTO_EXPR *where = NULL;
	struct expr_error fault;
	int r;

	if (j->call == CALL_OPEN)
		return run_open(w, j);
	if (!w->reader)
		return error_of(-EPIPE, w->live ? _("not connected to the endpoint") : _("The recording is not open"));
	if (j->expression && *j->expression) {
		r = expr_parse(span_of(j->expression), &where, &fault);
		if (r < 0) {
			g_autofree char *why = r == -ENOMEM ? NULL : fault_text_of_expression(&fault);

			return error_of(r, why);
		}
	}
	r = run_call(w->reader, j, where);
	if (is_lost(r) && w->live && w->instead && !g_cancellable_is_cancelled(j->cancellable)) {
		drop_reader(w); /* it may have been closed because nothing was asked for long */
		r = open_same(w) < 0 ? -EPIPE : run_call(w->reader, j, where);
	}
	if (r < 0)
		return failed(w, r);
	j->answered = true;
	return NULL;
}

static void finish_job(struct worker *w, struct job *j)
{
	g_autoptr(GTask) task = j->task;
	GError *error = NULL;

	if (g_cancellable_is_cancelled(j->cancellable))
		error = error_of(-ECANCELED, NULL);
	else
		error = run_job(w, j);
	g_cancellable_disconnect(j->cancellable, j->cancel_handler);
	if (error) {
		g_task_return_error(task, error);
		source_worker_job_free(j);
	} else {
		g_task_return_pointer(task, j, source_worker_job_free);
	}
}

/* ---- beside another ---- */

static bool same_recording(const struct reader_info *a, const struct reader_info *b)
{
	return a->events == b->events && a->processes == b->processes && a->first_ms == b->first_ms &&
	       a->last_ms == b->last_ms && span_eq(a->host, b->host);
}

/* The file may be another one by now: no answers of two recordings. */
static int open_same(struct worker *w)
{
	AUTO_FREE char *error = NULL;
	struct reader_info info;
	int r = w->open(w->path, &w->open_cancel, ignore_progress, NULL, &w->reader, &error);

	if (r < 0)
		return r;
	w->reader->progress = report_progress;
	w->reader->progress_data = w;
	if (w->live)
		return 0;
	r = w->reader->ops->info(w->reader, &w->open_cancel, &info);
	if (r < 0)
		return r;
	if (!same_recording(&info, &w->instead->info))
		r = -ESTALE;
	reader_info_free(&info);
	return r;
}

/* Whether the job went to the other one. */
static bool pass_on(struct worker *w, struct job *j)
{
	if (!w->instead)
		return false;
	if (!w->reader && !w->gave_up && !g_cancellable_is_cancelled(j->cancellable) && open_same(w) < 0) {
		drop_reader(w);
		w->gave_up = !w->live;
		source_worker_push(w->instead, j);
		return true;
	}
	if (!w->gave_up)
		return false;
	source_worker_push(w->instead, j);
	return true;
}

static void remove_temporary(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	g_autofree char *folder = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_autofree char *p = g_strconcat(path, endings[i], NULL);

		g_unlink(p);
	}
	folder = g_path_get_dirname(path);
	g_rmdir(folder); /* made for it alone; refuses when it is not empty */
}

static gpointer worker_main(gpointer data)
{
	struct worker *w = data;
	bool quit = false;

	while (!quit) {
		struct job *j = g_async_queue_pop(w->jobs);

		quit = j->call == CALL_QUIT;
		if (quit)
			source_worker_job_free(j);
		else if (!pass_on(w, j))
			finish_job(w, j);
	}
	drop_reader(w);
	if (w->temporary)
		remove_temporary(w->path);
	worker_unref(w);
	return NULL;
}

/* ---- starting and ending ---- */

struct worker *source_worker_new(Source *source, const char *path, bool live, source_open_fn *open)
{
	struct worker *w = g_new0(struct worker, 1);

	g_atomic_ref_count_init(&w->refs);
	g_atomic_ref_count_inc(&w->refs);
	w->jobs = g_async_queue_new();
	w->path = g_strdup(path);
	w->live = live;
	w->open = open;
	w->source = source;
	g_thread_unref(g_thread_new("source", worker_main, w));
	return w;
}

struct worker *source_worker_new_beside(struct worker *first, source_open_fn *open)
{
	struct worker *w = g_new0(struct worker, 1);

	g_atomic_ref_count_init(&w->refs);
	g_atomic_ref_count_inc(&w->refs);
	g_atomic_ref_count_inc(&first->refs);
	w->jobs = g_async_queue_new();
	w->path = g_strdup(first->path);
	w->live = first->live;
	w->open = open;
	w->source = first->source;
	w->instead = first;
	g_thread_unref(g_thread_new("source-slow", worker_main, w));
	return w;
}

void source_worker_push(struct worker *w, struct job *j)
{
	g_async_queue_push_sorted(w->jobs, j, job_compare, NULL);
}

void source_worker_quit(struct worker *w)
{
	if (!w)
		return;
	w->source = NULL;
	atomic_store(&w->open_cancel.requested, true);
	source_worker_push(w, source_worker_job(CALL_QUIT));
	worker_unref(w);
}
