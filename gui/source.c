#include "gui/source.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/session/confine.h"
#include "gui/process-end.h"
#include "gui/source-check.h"
#include "recorder/query/complete.h"

/* In order of urgency: what a person waits for comes first. */
enum call { CALL_OPEN, CALL_PAGE, CALL_PROCESS, CALL_TIMELINE, CALL_TREE, CALL_STORY, CALL_HISTOGRAM,
            CALL_COMPLETENESS, CALL_VALUES, CALL_COUNT, CALL_LANES, CALL_DISTRIBUTION,
            CALL_SPACE, CALL_INVENTORY, CALL_QUIT };

/* Shared by the object and its thread; goes with the later of the two. */
struct worker {
	gatomicrefcount refs;
	GAsyncQueue *jobs;
	char *path;
	source_open_fn *open;
	struct reader *reader;    /* the thread's own */
	struct cancel open_cancel; /* outlives the connection */
	bool temporary;
	Source *source;           /* main thread only; NULL once the object is gone */
	struct reader_info info;
	bool have_info;
};

struct job {
	struct worker *worker;
	GTask *task;
	enum call call;
	guint64 order;
	struct cancel cancel_own, *cancel;
	GCancellable *cancellable;
	gulong cancel_handler;
	char *expression;
	struct reader_range range;
	struct reader_place place;
	struct reader_tree_limits limits;
	gint64 process;
	gsize n, max_children;
	enum reader_group by;
	struct reader_values_wish wish;
	char *part; /* of the wish */
	guint64 step;
	union answer {
		struct reader_count count;
		struct reader_page page;
		struct reader_histogram histogram;
		struct reader_process process;
		struct reader_timeline timeline;
		struct reader_tree tree;
		struct reader_lanes lanes;
		struct reader_story story;
		struct reader_completeness completeness;
		struct reader_values values;
		struct reader_distribution distribution;
		struct reader_space space;
		struct reader_inventory inventory;
	} answer;
	bool answered;
};

struct _Source {
	GObject parent;
	struct worker *worker;
	enum source_check check_state;
	struct source_check_run *check;
	char *damage, *lost;
	guint child_watch;
	char *path, *name;
	guint64 next_order;
};
G_DEFINE_FINAL_TYPE(Source, source, G_TYPE_OBJECT)

/* A check takes about a second for this many bytes on a slow disk: larger ones are checked beside reading. */
#define LARGE (INT64_C(64) << 20)
enum { LOSS_DELAY_MS = 300 };

enum { SIGNAL_PROGRESS, SIGNAL_CHECKED, SIGNAL_LOST, N_SIGNALS };
static guint signals[N_SIGNALS];

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
	case CALL_DISTRIBUTION: reader_distribution_free(&j->answer.distribution); break;
	case CALL_SPACE: reader_space_free(&j->answer.space); break;
	case CALL_INVENTORY: reader_inventory_free(&j->answer.inventory); break;
	case CALL_OPEN:
	case CALL_QUIT: break;
	}
}

static void job_free(gpointer data)
{
	struct job *j = data;

	if (j->answered)
		answer_free(j);
	g_free(j->expression);
	g_free(j->part);
	g_free(j);
}

static gint job_compare(gconstpointer a, gconstpointer b, gpointer unused)
{
	const struct job *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void on_cancelled(GCancellable *c, gpointer data)
{
	struct job *j = data;

	atomic_store(&j->cancel->requested, true);
}

static void worker_unref(struct worker *w)
{
	if (!g_atomic_ref_count_dec(&w->refs))
		return;
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
		g_signal_emit(p->worker->source, signals[SIGNAL_PROGRESS], 0, p->fraction);
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

static void lose(Source *self, const char *why)
{
	if (self->lost)
		return;
	self->lost = g_strdup(why);
	g_signal_emit(self, signals[SIGNAL_LOST], 0);
}

struct loss {
	struct worker *worker;
	char *why;
};

static gboolean deliver_loss(gpointer data)
{
	struct loss *l = data;

	if (l->worker->source)
		lose(l->worker->source, l->why);
	return G_SOURCE_REMOVE;
}

static void loss_free(gpointer data)
{
	struct loss *l = data;

	worker_unref(l->worker);
	g_free(l->why);
	g_free(l);
}

/* From the worker thread. A reader's errors of these kinds are for good (remote.h). */
static void report_loss(struct worker *w, int r, const char *why)
{
	struct loss *l;

	if (r != -EPIPE && r != -EPROTO && r != -ETIMEDOUT)
		return;
	l = g_new(struct loss, 1);
	g_atomic_ref_count_inc(&w->refs);
	*l = (struct loss){ w, g_strdup(why) };
	g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, deliver_loss, l, loss_free);
}

/* While nothing is asked, nobody else notices. A call that runs knows better why: it is let tell it first. */
static gboolean child_ended_late(gpointer data)
{
	Source *self = data;

	self->child_watch = 0;
	lose(self, "the process that reads the recording has ended");
	return G_SOURCE_REMOVE;
}

static void child_ended(gpointer data)
{
	Source *self = data;

	self->child_watch = g_timeout_add(LOSS_DELAY_MS, child_ended_late, self);
}

/* ---- the worker thread ---- */

static GError *error_of(int r, const char *text)
{
	if (r == -ECANCELED)
		return g_error_new(G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
	return g_error_new(G_IO_ERROR, g_io_error_from_errno(-r), "%s", text && *text ? text : g_strerror(-r));
}

static GError *run_open(struct worker *w, struct job *j)
{
	AUTO_FREE char *error = NULL;
	int r = w->open(w->path, &w->open_cancel, report_progress, w, &w->reader, &error);

	if (r < 0)
		return error_of(r, error);
	atomic_store(&w->open_cancel.requested, false);
	r = w->reader->ops->info(w->reader, j->cancel, &w->info);
	if (r < 0) {
		g_autofree char *text = g_strdup_printf("%s: cannot read: %s", w->path, reader_error_text(w->reader, r));
		GError *e = error_of(r, text);

		reader_close(w->reader);
		w->reader = NULL;
		return e;
	}
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
	case CALL_VALUES: return o->values(r, j->cancel, where, j->range, &j->wish, &j->answer.values);
	case CALL_DISTRIBUTION: return o->distribution(r, j->cancel, where, j->range, &j->answer.distribution);
	case CALL_SPACE: return o->space(r, j->cancel, j->n, &j->answer.space);
	case CALL_INVENTORY: return o->inventory(r, j->cancel, &j->answer.inventory);
	case CALL_OPEN:
	case CALL_QUIT: break;
	}
	return -EINVAL;
}

static GError *run_job(struct worker *w, struct job *j)
{
	AUTO_EXPR *where = NULL;
	struct expr_error fault;
	int r;

	if (j->call == CALL_OPEN)
		return run_open(w, j);
	if (!w->reader)
		return error_of(-EPIPE, "The recording is not open");
	if (j->expression && *j->expression) {
		r = expr_parse(span_of(j->expression), &where, &fault);
		if (r < 0)
			return error_of(r, r == -ENOMEM ? NULL : fault.message);
	}
	r = run_call(w->reader, j, where);
	if (r < 0) {
		report_loss(w, r, reader_error_text(w->reader, r));
		return error_of(r, reader_error_text(w->reader, r));
	}
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
		job_free(j);
	} else {
		g_task_return_pointer(task, j, job_free);
	}
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
			job_free(j);
		else
			finish_job(w, j);
	}
	if (w->reader)
		w->reader->ops->close(w->reader);
	if (w->temporary)
		remove_temporary(w->path);
	worker_unref(w);
	return NULL;
}

static void on_checked(Source *self, int r, const char *error)
{
	self->check_state = r == 0 ? SOURCE_CHECKED : SOURCE_DAMAGED;
	if (r < 0)
		self->damage = g_strdup(error);
	g_signal_emit(self, signals[SIGNAL_CHECKED], 0);
}

/* ---- the object ---- */

static struct job *job_new(enum call call)
{
	struct job *j = g_new0(struct job, 1);

	j->call = call;
	j->cancel = &j->cancel_own;
	return j;
}

static void push(Source *self, struct job *j, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	j->order = self->next_order++;
	j->task = g_task_new(self, cancellable, done, data);
	g_task_set_source_tag(j->task, GINT_TO_POINTER(j->call + 1));
	/* The answer that is thrown away is freed by GTask. */
	g_task_set_check_cancellable(j->task, TRUE);
	j->cancellable = cancellable;
	if (cancellable)
		j->cancel_handler = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), j, NULL);
	g_async_queue_push_sorted(self->worker->jobs, j, job_compare, NULL);
}

static struct job *take(GAsyncResult *result, enum call call, GError **error)
{
	g_return_val_if_fail(g_task_get_source_tag(G_TASK(result)) == GINT_TO_POINTER(call + 1), NULL);
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void source_dispose(GObject *object)
{
	Source *self = SPOOR_SOURCE(object);
	struct worker *w = self->worker;

	g_clear_handle_id(&self->child_watch, g_source_remove);
	g_clear_pointer(&self->check, source_check_stop);
	if (w) {
		w->source = NULL;
		atomic_store(&w->open_cancel.requested, true);
		g_async_queue_push_sorted(w->jobs, job_new(CALL_QUIT), job_compare, NULL);
		worker_unref(w);
		self->worker = NULL;
	}
	G_OBJECT_CLASS(source_parent_class)->dispose(object);
}

static void source_finalize(GObject *object)
{
	Source *self = SPOOR_SOURCE(object);

	g_free(self->path);
	g_free(self->name);
	g_free(self->damage);
	g_free(self->lost);
	G_OBJECT_CLASS(source_parent_class)->finalize(object);
}

static void source_class_init(SourceClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);

	object->dispose = source_dispose;
	object->finalize = source_finalize;
	signals[SIGNAL_PROGRESS] = g_signal_new("progress", SOURCE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                        G_TYPE_NONE, 1, G_TYPE_DOUBLE);
	signals[SIGNAL_LOST] = g_signal_new("lost", SOURCE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_CHECKED] = g_signal_new("checked", SOURCE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
}

static void source_init(Source *self)
{
}

static int open_confined(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                         struct reader **ret, char **ret_error)
{
	return confine_open(path, VAULT_CHECK, cancel, progress, data, ret, ret_error);
}

static int open_unchecked(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                          struct reader **ret, char **ret_error)
{
	return confine_open(path, 0, cancel, progress, data, ret, ret_error);
}

Source *source_new(const char *path, const char *name)
{
	GStatBuf st;
	gboolean large = g_stat(path, &st) == 0 && st.st_size > LARGE;
	Source *self = source_new_with(path, name, large ? open_unchecked : open_confined);

	self->check_state = large ? SOURCE_CHECKING : SOURCE_CHECKED;
	return self;
}

static char *name_of(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);

	if (g_str_has_suffix(base, ".db"))
		base[strlen(base) - 3] = '\0';
	return g_filename_display_name(base);
}

Source *source_new_with(const char *path, const char *name, source_open_fn *open)
{
	Source *self = g_object_new(SOURCE_TYPE, NULL);
	struct worker *w = g_new0(struct worker, 1);
	GThread *thread;

	g_atomic_ref_count_init(&w->refs);
	g_atomic_ref_count_inc(&w->refs);
	w->jobs = g_async_queue_new();
	w->path = g_strdup(path);
	w->open = open;
	w->source = self;
	self->worker = w;
	self->path = g_strdup(path);
	self->name = name ? g_strdup(name) : name_of(path);
	thread = g_thread_new("source", worker_main, w);
	g_thread_unref(thread);
	return self;
}

Source *source_new_twin(Source *self)
{
	source_open_fn *open = self->worker->open == open_confined ? open_unchecked : self->worker->open;

	return source_new_with(self->path, self->name, open);
}

void source_open_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_OPEN);

	j->cancel = &self->worker->open_cancel;
	push(self, j, cancellable, done, data);
}

gboolean source_open_finish(Source *self, GAsyncResult *result, GError **error)
{
	struct job *j = take(result, CALL_OPEN, error);
	pid_t child;

	if (!j)
		return FALSE;
	job_free(j);
	child = confine_pid(self->worker->reader);
	if (child)
		self->child_watch = process_end_watch(child, child_ended, self);
	if (self->check_state == SOURCE_CHECKING)
		self->check = source_check_start(self, on_checked);
	return TRUE;
}

enum source_check source_get_check(Source *self)
{
	return self->check_state;
}

const char *source_get_damage(Source *self)
{
	return self->damage;
}

const char *source_get_lost(Source *self)
{
	return self->lost;
}

const char *source_get_path(Source *self)
{
	return self->path;
}

const char *source_get_name(Source *self)
{
	return self->name;
}

const struct reader_info *source_get_info(Source *self)
{
	return self->worker->have_info ? &self->worker->info : NULL;
}

void source_set_temporary(Source *self, gboolean temporary)
{
	self->worker->temporary = temporary;
}

gboolean source_is_temporary(Source *self)
{
	return self->worker->temporary;
}

/* ---- calls ---- */

static void set_query(struct job *j, const struct source_query *q)
{
	j->expression = g_strdup(q->expression);
	j->range = q->range;
}

void source_count_async(Source *self, const struct source_query *q, guint64 step, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_COUNT);

	set_query(j, q);
	j->step = step;
	push(self, j, cancellable, done, data);
}

void source_page_async(Source *self, const struct source_query *q, struct reader_place at, gsize n,
                       GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_PAGE);

	set_query(j, q);
	j->place = at;
	j->n = n;
	push(self, j, cancellable, done, data);
}

void source_histogram_async(Source *self, const struct source_query *q, gsize n_bins, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_HISTOGRAM);

	set_query(j, q);
	j->n = n_bins;
	push(self, j, cancellable, done, data);
}

void source_process_async(Source *self, gint64 process, GCancellable *cancellable, GAsyncReadyCallback done,
                          gpointer data)
{
	struct job *j = job_new(CALL_PROCESS);

	j->process = process;
	push(self, j, cancellable, done, data);
}

void source_timeline_async(Source *self, gint64 process, struct reader_range range, gsize n_bins, gsize max_children,
                           GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_TIMELINE);

	j->process = process;
	j->range = range;
	j->n = n_bins;
	j->max_children = max_children;
	push(self, j, cancellable, done, data);
}

void source_tree_async(Source *self, gint64 process, struct reader_tree_limits limits, GCancellable *cancellable,
                       GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_TREE);

	j->process = process;
	j->limits = limits;
	push(self, j, cancellable, done, data);
}

void source_lanes_async(Source *self, const struct source_query *q, enum reader_group by, gsize n_bins, gsize max_lanes,
                        GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_LANES);

	set_query(j, q);
	j->by = by;
	j->n = n_bins;
	j->max_children = max_lanes;
	push(self, j, cancellable, done, data);
}

void source_story_async(Source *self, gint64 process, gsize max, GCancellable *cancellable, GAsyncReadyCallback done,
                        gpointer data)
{
	struct job *j = job_new(CALL_STORY);

	j->process = process;
	j->max_children = max;
	push(self, j, cancellable, done, data);
}

void source_completeness_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_COMPLETENESS);

	set_query(j, q);
	push(self, j, cancellable, done, data);
}

void source_values_async(Source *self, const struct source_query *q, const struct reader_values_wish *wish,
                         GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_VALUES);

	set_query(j, q);
	j->wish = *wish;
	j->part = g_strndup(wish->part.p ? wish->part.p : "", wish->part.n);
	j->wish.part.p = j->part;
	push(self, j, cancellable, done, data);
}

void source_distribution_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_DISTRIBUTION);

	set_query(j, q);
	push(self, j, cancellable, done, data);
}

void source_space_async(Source *self, gsize max, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = job_new(CALL_SPACE);

	j->n = max;
	push(self, j, cancellable, done, data);
}

void source_inventory_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	push(self, job_new(CALL_INVENTORY), cancellable, done, data);
}

/* Moves the answer out of the job: what it holds is now the caller's. */
#define DEFINE_FINISH(name, CALL) \
	gboolean source_##name##_finish(Source *self, GAsyncResult *result, struct reader_##name *ret, GError **error) \
	{ \
		struct job *j = take(result, CALL, error); \
		if (!j) \
			return FALSE; \
		*ret = j->answer.name; \
		j->answered = false; \
		job_free(j); \
		return TRUE; \
	}

DEFINE_FINISH(count, CALL_COUNT)
DEFINE_FINISH(page, CALL_PAGE)
DEFINE_FINISH(histogram, CALL_HISTOGRAM)
DEFINE_FINISH(process, CALL_PROCESS)
DEFINE_FINISH(timeline, CALL_TIMELINE)
DEFINE_FINISH(tree, CALL_TREE)
DEFINE_FINISH(lanes, CALL_LANES)
DEFINE_FINISH(story, CALL_STORY)
DEFINE_FINISH(completeness, CALL_COMPLETENESS)
DEFINE_FINISH(values, CALL_VALUES)
DEFINE_FINISH(distribution, CALL_DISTRIBUTION)
DEFINE_FINISH(space, CALL_SPACE)
DEFINE_FINISH(inventory, CALL_INVENTORY)
