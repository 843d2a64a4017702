#include "gui/source-private.h"

#include <glib/gstdio.h>

#include "agent/base/cleanup.h"
#include "agent/session/confine.h"
#include "gui/i18n.h"
#include "gui/process-end.h"
#include "gui/source-check.h"

struct _Source {
	GObject parent;
	struct worker *worker, *slow; /* slow: once it is open, for calls that nobody looks at a blank place for */
	source_open_fn *open_slow;
	enum source_check check_state;
	struct source_check_run *check;
	char *damage, *lost;
	guint child_watch;
	gboolean grows;
	struct reader_info before; /* of a live one, what the one before the last answer told */
	char *path, *name;
	guint64 next_order;
};
G_DEFINE_FINAL_TYPE(Source, source, G_TYPE_OBJECT)

/* A check takes about a second for this many bytes on a slow disk: larger ones are checked beside reading. */
#define LARGE (INT64_C(64) << 20)
enum { LOSS_DELAY_MS = 300 };

enum { SIGNAL_PROGRESS, SIGNAL_CHECKED, SIGNAL_LOST, SIGNAL_FOUND, SIGNAL_GROWN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what the threads tell ---- */

void source_tell_progress(Source *self, double fraction)
{
	g_signal_emit(self, signals[SIGNAL_PROGRESS], 0, fraction);
}

void source_tell_loss(Source *self, const char *why)
{
	if (self->lost)
		return;
	self->lost = g_strdup(why);
	g_signal_emit(self, signals[SIGNAL_LOST], 0);
}

/* While nothing is asked, nobody else notices. A call that runs knows better why: it is let tell it first. */
static gboolean child_ended_late(gpointer data)
{
	Source *self = data;

	self->child_watch = 0;
	source_tell_loss(self, _("the process that reads the recording has ended"));
	return G_SOURCE_REMOVE;
}

static void child_ended(gpointer data)
{
	Source *self = data;

	self->child_watch = g_timeout_add(LOSS_DELAY_MS, child_ended_late, self);
}

static void on_checked(Source *self, int r, const char *error)
{
	self->check_state = r == 0 ? SOURCE_CHECKED : SOURCE_DAMAGED;
	if (r < 0)
		self->damage = g_strdup(error);
	g_signal_emit(self, signals[SIGNAL_CHECKED], 0);
}

/* ---- the object ---- */

static void on_cancelled(GCancellable *c, gpointer data)
{
	struct job *j = data;

	atomic_store(&j->cancel->requested, true);
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
	source_worker_push(self->slow && j->call >= CALL_SLOW ? self->slow : self->worker, j);
}

static struct job *take(GAsyncResult *result, enum call call, GError **error)
{
	g_return_val_if_fail(g_task_get_source_tag(G_TASK(result)) == GINT_TO_POINTER(call + 1), NULL);
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void source_dispose(GObject *object)
{
	Source *self = SPOOR_SOURCE(object);

	g_clear_handle_id(&self->child_watch, g_source_remove);
	g_clear_pointer(&self->check, source_check_stop);
	g_clear_pointer(&self->slow, source_worker_quit); /* first: it may still pass something on */
	g_clear_pointer(&self->worker, source_worker_quit);
	G_OBJECT_CLASS(source_parent_class)->dispose(object);
}

static void source_finalize(GObject *object)
{
	Source *self = SPOOR_SOURCE(object);

	g_free(self->path);
	g_free(self->name);
	g_free(self->damage);
	g_free(self->lost);
	reader_info_free(&self->before);
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
	signals[SIGNAL_FOUND] = g_signal_new("found", SOURCE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_GROWN] = g_signal_new("grown", SOURCE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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

	self->open_slow = open_unchecked;
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

static Source *make(const char *path, const char *name, bool live, source_open_fn *open, source_open_fn *open_slow)
{
	Source *self = g_object_new(SOURCE_TYPE, NULL);

	self->worker = source_worker_new(self, path, live, open);
	self->open_slow = open_slow;
	self->grows = live;
	self->path = g_strdup(path);
	self->name = name ? g_strdup(name) : name_of(path);
	return self;
}

Source *source_new_with(const char *path, const char *name, source_open_fn *open)
{
	return make(path, name, false, open, open);
}

Source *source_new_live(const char *path, const char *name, source_open_fn *open, source_open_fn *open_beside)
{
	return make(path, name, true, open, open_beside);
}

gboolean source_is_live(Source *self)
{
	return self->worker->live;
}

void source_set_grows(Source *self, gboolean grows)
{
	self->grows = grows;
}

gboolean source_grows(Source *self)
{
	return self->grows;
}

Source *source_new_twin(Source *self)
{
	source_open_fn *open = self->worker->open == open_confined ? open_unchecked : self->worker->open;
	Source *twin;

	if (self->worker->live)
		return source_new_live(self->path, self->name, self->open_slow, self->open_slow);
	twin = source_new_with(self->path, self->name, open);
	twin->open_slow = NULL;
	return twin;
}

void source_open_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_OPEN);

	j->cancel = &self->worker->open_cancel;
	push(self, j, cancellable, done, data);
}

/* Both are copied to open them: once is enough. */
static bool has_log(const char *path)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);

	return g_file_test(log, G_FILE_TEST_EXISTS);
}

/* What it said before may still be looked at in this turn of the main loop. */
static void take_info(Source *self, struct job *j)
{
	reader_info_free(&self->before);
	self->before = self->worker->info;
	self->worker->info = j->answer.info;
	j->answered = false;
	g_signal_emit(self, signals[SIGNAL_GROWN], 0);
}

static void found(Source *self)
{
	if (!self->slow)
		self->slow = source_worker_new_beside(self->worker, self->open_slow);
	if (!self->lost)
		return;
	g_clear_pointer(&self->lost, g_free);
	g_signal_emit(self, signals[SIGNAL_FOUND], 0);
}

void source_set_lost(Source *self, const char *why)
{
	source_tell_loss(self, why);
}

gboolean source_open_finish(Source *self, GAsyncResult *result, GError **error)
{
	struct job *j = take(result, CALL_OPEN, error);
	pid_t child;

	if (!j)
		return FALSE;
	if (j->answered)
		take_info(self, j);
	source_worker_job_free(j);
	if (self->worker->live) {
		found(self);
		return TRUE;
	}
	child = confine_pid(self->worker->reader);
	if (child)
		self->child_watch = process_end_watch(child, child_ended, self);
	if (self->open_slow && !has_log(self->path))
		self->slow = source_worker_new_beside(self->worker, self->open_slow);
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

int source_open_again(Source *self, struct cancel *cancel, struct reader **ret, char **ret_error)
{
	source_open_fn *open = self->worker->live ? self->open_slow : self->worker->open;

	return open(self->path, cancel, NULL, NULL, ret, ret_error);
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
	struct job *j = source_worker_job(CALL_COUNT);

	set_query(j, q);
	j->step = step;
	push(self, j, cancellable, done, data);
}

void source_page_async(Source *self, const struct source_query *q, struct reader_place at, gsize n,
                       GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_PAGE);

	set_query(j, q);
	j->place = at;
	j->n = n;
	push(self, j, cancellable, done, data);
}

void source_histogram_async(Source *self, const struct source_query *q, gsize n_bins, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_HISTOGRAM);

	set_query(j, q);
	j->n = n_bins;
	push(self, j, cancellable, done, data);
}

void source_process_async(Source *self, gint64 process, GCancellable *cancellable, GAsyncReadyCallback done,
                          gpointer data)
{
	struct job *j = source_worker_job(CALL_PROCESS);

	j->process = process;
	push(self, j, cancellable, done, data);
}

void source_timeline_async(Source *self, gint64 process, struct reader_range range, gsize n_bins, gsize max_children,
                           GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_TIMELINE);

	j->process = process;
	j->range = range;
	j->n = n_bins;
	j->max_children = max_children;
	push(self, j, cancellable, done, data);
}

void source_tree_async(Source *self, gint64 process, struct reader_tree_limits limits, GCancellable *cancellable,
                       GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_TREE);

	j->process = process;
	j->limits = limits;
	push(self, j, cancellable, done, data);
}

void source_lanes_async(Source *self, const struct source_query *q, enum reader_group by, gsize n_bins, gsize max_lanes,
                        GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_LANES);

	set_query(j, q);
	j->by = by;
	j->n = n_bins;
	j->max_children = max_lanes;
	push(self, j, cancellable, done, data);
}

void source_story_async(Source *self, gint64 process, gsize max, GCancellable *cancellable, GAsyncReadyCallback done,
                        gpointer data)
{
	struct job *j = source_worker_job(CALL_STORY);

	j->process = process;
	j->max_children = max;
	push(self, j, cancellable, done, data);
}

void source_completeness_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_COMPLETENESS);

	set_query(j, q);
	push(self, j, cancellable, done, data);
}

void source_values_async(Source *self, const struct source_query *q, const struct reader_values_wish *wish,
                         GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_VALUES);

	set_query(j, q);
	j->wish = *wish;
	j->part = g_strndup(wish->part.p ? wish->part.p : "", wish->part.n);
	j->wish.part.p = j->part;
	push(self, j, cancellable, done, data);
}

void source_cells_async(Source *self, const struct reader_cells_wish *wish, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_CELLS);
	struct span *rules = g_new0(struct span, wish->n_rules + 1);

	for (gsize i = 0; i < wish->n_rules; i++)
		rules[i] = (struct span){ g_strndup(wish->rules[i].p, wish->rules[i].n), wish->rules[i].n };
	j->cells = *wish;
	j->cells.ids = g_memdup2(wish->ids, wish->n_ids * sizeof(*wish->ids));
	j->cells.fields = g_memdup2(wish->fields, wish->n_fields * sizeof(*wish->fields));
	j->cells.rules = rules;
	push(self, j, cancellable, done, data);
}

void source_distribution_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_DISTRIBUTION);

	set_query(j, q);
	push(self, j, cancellable, done, data);
}

void source_refresh_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	push(self, source_worker_job(CALL_INFO), cancellable, done, data);
}

gboolean source_refresh_finish(Source *self, GAsyncResult *result, GError **error)
{
	struct job *j = take(result, CALL_INFO, error);

	if (!j)
		return FALSE;
	take_info(self, j);
	source_worker_job_free(j);
	return TRUE;
}

void source_space_async(Source *self, gsize max, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	struct job *j = source_worker_job(CALL_SPACE);

	j->n = max;
	push(self, j, cancellable, done, data);
}

void source_inventory_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	push(self, source_worker_job(CALL_INVENTORY), cancellable, done, data);
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
		source_worker_job_free(j); \
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
DEFINE_FINISH(cells, CALL_CELLS)
DEFINE_FINISH(distribution, CALL_DISTRIBUTION)
DEFINE_FINISH(space, CALL_SPACE)
DEFINE_FINISH(inventory, CALL_INVENTORY)
