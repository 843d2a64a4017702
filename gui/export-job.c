#include "gui/export-job.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "gui/fault-text.h"
#include "gui/notes.h"

/* Shared with the thread; goes with the later of the two (atomic rc box). */
struct work {
	Source *source;
	char *expression, *path, *source_name, *source_path, *notes_file;
	struct export_note *notes;
	GStringChunk *texts; /* of the notes; NULL: there are none */
	struct export_request request;
	struct cancel cancel;
	atomic_uint_fast64_t rows, total;
	struct export_known known;
	struct export_result result;
	int error;
	char *line; /* g_malloc'd */
};

struct _ExportJob {
	GObject parent;
	struct work *work;
};
G_DEFINE_FINAL_TYPE(ExportJob, export_job, G_TYPE_OBJECT)

static guint ended_signal;

static void work_clear(gpointer data)
{
	struct work *w = data;

	g_object_unref(w->source);
	g_free(w->expression);
	g_free(w->path);
	g_free(w->source_name);
	g_free(w->source_path);
	g_free(w->notes_file);
	g_free(w->notes);
	g_clear_pointer(&w->texts, g_string_chunk_free);
	g_free(w->line);
}

static void work_unref(gpointer data)
{
	g_atomic_rc_box_release_full(data, work_clear);
}

static void on_progress(uint64_t rows, uint64_t total, void *data)
{
	struct work *w = data;

	atomic_store(&w->rows, rows);
	atomic_store(&w->total, total);
}

static void work_thread(GTask *task, gpointer unused, gpointer data, GCancellable *cancellable)
{
	struct work *w = data;
	AUTO_READER *reader = NULL;
	AUTO_FREE char *line = NULL;

	w->error = source_open_again(w->source, &w->cancel, &reader, &line);
	w->request.reader = reader;
	if (w->error == 0)
		w->error = export_run(&w->request, &w->cancel, on_progress, w, &w->result, &line);
	w->line = line ? fault_text_of_line(line) : NULL;
	g_task_return_int(task, w->error);
}

/* The hash of a source is kept with it: the next export need not take it again. */
static struct export_known *known_of(Source *source)
{
	static const char key[] = "spoor-export-known";
	struct export_known *k = g_object_get_data(G_OBJECT(source), key);

	if (!k) {
		k = g_new0(struct export_known, 1);
		g_object_set_data_full(G_OBJECT(source), key, k, g_free);
	}
	return k;
}

static void on_done(GObject *unused, GAsyncResult *result, gpointer data)
{
	g_autoptr(ExportJob) self = data;
	struct work *w = self->work;

	g_task_propagate_int(G_TASK(result), NULL);
	if (w->error == 0)
		*known_of(w->source) = w->known;
	g_signal_emit(self, ended_signal, 0);
}

static struct span keep(GStringChunk *texts, struct span s)
{
	return s.n ? (struct span){ g_string_chunk_insert_len(texts, s.p, (gssize)s.n), s.n } : SPAN_NONE;
}

/* What is said by now goes with the rows. */
static void take_notes(struct work *w)
{
	Notes *notes = notes_of(w->source);
	gsize n;
	const struct casefile_note *all = notes_all(notes, &n);

	if (!n)
		return;
	w->texts = g_string_chunk_new(4096);
	w->notes = g_new(struct export_note, n);
	w->notes_file = notes_file(notes);
	for (gsize i = 0; i < n; i++)
		w->notes[i] = (struct export_note){ all[i].event, { all[i].state.marked, keep(w->texts, all[i].state.tags),
		                                                    keep(w->texts, all[i].state.comment) } };
	w->request.notes = w->notes;
	w->request.n_notes = n;
	w->request.notes_file = w->notes_file;
	row_format_add_notes(&w->request.columns);
}

ExportJob *export_job_new(const struct export_wish *wish)
{
	ExportJob *self = g_object_new(EXPORT_TYPE_JOB, NULL);
	struct work *w = self->work;
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_done, g_object_ref(self));

	w->source = g_object_ref(wish->source);
	w->expression = g_strdup(wish->expression);
	w->path = g_strdup(wish->path);
	w->source_name = g_strdup(source_get_name(wish->source));
	w->source_path = g_strdup(source_get_path(wish->source));
	w->known = *known_of(wish->source);
	w->request = (struct export_request){ .source = w->source_path, .live = source_is_live(w->source),
		                              .source_name = w->source_name,
		                              .expression = w->expression, .range = wish->range, .order = wish->order,
		                              .format = wish->format, .columns = wish->columns, .path = w->path,
		                              .known = &w->known };
	take_notes(w);
	g_task_set_task_data(task, g_atomic_rc_box_acquire(w), work_unref);
	g_task_run_in_thread(task, work_thread);
	return self;
}

void export_job_cancel(ExportJob *self)
{
	atomic_store(&self->work->cancel.requested, true);
}

const char *export_job_get_path(ExportJob *self)
{
	return self->work->path;
}

enum export_format export_job_get_format(ExportJob *self)
{
	return self->work->request.format;
}

void export_job_get_progress(ExportJob *self, guint64 *ret_rows, guint64 *ret_total)
{
	*ret_rows = atomic_load(&self->work->rows);
	*ret_total = atomic_load(&self->work->total);
}

const struct export_result *export_job_get_result(ExportJob *self, const char **ret_error)
{
	struct work *w = self->work;

	if (w->error == 0)
		return &w->result;
	*ret_error = w->error == -ECANCELED ? "" : w->line ? w->line : g_strerror(-w->error);
	return NULL;
}

static void export_job_finalize(GObject *object)
{
	work_unref(EXPORT_JOB(object)->work);
	G_OBJECT_CLASS(export_job_parent_class)->finalize(object);
}

static void export_job_class_init(ExportJobClass *class)
{
	G_OBJECT_CLASS(class)->finalize = export_job_finalize;
	ended_signal = g_signal_new("ended", EXPORT_TYPE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void export_job_init(ExportJob *self)
{
	self->work = g_atomic_rc_box_new0(struct work);
}
