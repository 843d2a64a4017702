#include "gui/notes.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/notes-place.h"

enum { UNDO_MOST = 100, LOOK_AFTER_MS = 80 };

/* Changes of rows, or of a bookmark, with texts of its own. */
struct change_set {
	struct casefile_change *changes;
	gsize n;
	gboolean has_bookmark;
	struct casefile_bookmark_change bookmark;
	GStringChunk *texts;
	gint64 made; /* g_get_monotonic_time */
};

/* What the worker is asked to do, and what came of it. Only `place` is the worker's between two jobs. */
struct job {
	struct notes_place *place;
	struct change_set *set; /* NULL: only look */
	char *sha256;           /* of the source: to be kept */
	gboolean undo, redo;    /* it was taken from that list */
	notes_done_fn *done;
	gpointer data;

	int error;
	gsize at;
	gboolean loaded, unhashed;
	struct notes_found found;
	char *line;
};

struct _Notes {
	GObject parent;
	struct notes_place *place;
	struct notes_found found;
	GHashTable *by_event; /* gint64 in found.notes → struct casefile_note in it */
	GQueue *jobs;         /* the first one is running */
	GQueue *undo, *redo;  /* struct change_set, the latest first */
	GFileMonitor *monitors[2];
	char *path;           /* of the source; NULL: of an imported log */
	GCancellable *hashing; /* NULL: not begun */
	guint look_source;
	char *error;
	gboolean is_elsewhere;
};
G_DEFINE_FINAL_TYPE(Notes, notes, G_TYPE_OBJECT)

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint n_working; /* of all notes */

static void run_next(Notes *self);

/* ---- changes ---- */

static struct span keep(GStringChunk *texts, struct span s)
{
	return s.n ? (struct span){ g_string_chunk_insert_len(texts, s.p, (gssize)s.n), s.n } : SPAN("");
}

static struct casefile_state keep_state(GStringChunk *texts, const struct casefile_state *s)
{
	return (struct casefile_state){ s->marked, keep(texts, s->tags), keep(texts, s->comment) };
}

static struct change_set *set_empty(void)
{
	struct change_set *set = g_new0(struct change_set, 1);

	set->texts = g_string_chunk_new(1024);
	set->made = g_get_monotonic_time();
	return set;
}

static struct change_set *set_new(const struct casefile_change *changes, gsize n, gboolean turned)
{
	struct change_set *set = set_empty();

	set->changes = g_new(struct casefile_change, n);
	set->n = n;
	for (gsize i = 0; i < n; i++) {
		const struct casefile_change *from = &changes[i];

		set->changes[i] = *from;
		set->changes[i].before = keep_state(set->texts, turned ? &from->after : &from->before);
		set->changes[i].after = keep_state(set->texts, turned ? &from->before : &from->after);
	}
	return set;
}

static struct change_set *set_of_bookmark(const struct casefile_bookmark_change *b, gboolean turned)
{
	struct change_set *set = set_empty();

	set->has_bookmark = TRUE;
	set->bookmark = *b;
	set->bookmark.before = keep(set->texts, turned ? b->after : b->before);
	set->bookmark.after = keep(set->texts, turned ? b->before : b->after);
	return set;
}

/* What takes it back. */
static struct change_set *set_turned(const struct change_set *set)
{
	return set->has_bookmark ? set_of_bookmark(&set->bookmark, TRUE) : set_new(set->changes, set->n, TRUE);
}

static void set_free(gpointer data)
{
	struct change_set *set = data;

	g_string_chunk_free(set->texts);
	g_free(set->changes);
	g_free(set);
}

/* ---- the worker ---- */

static void job_free(struct job *job)
{
	if (job->loaded)
		notes_found_clear(&job->found);
	g_clear_pointer(&job->set, set_free);
	g_free(job->sha256);
	g_free(job->line);
	g_free(job);
}

static void work(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
	struct job *job = data;
	g_autofree char *line = NULL;
	int r;

	if (job->set && job->set->has_bookmark)
		job->error = notes_place_set_bookmark(job->place, &job->set->bookmark, &job->line);
	else if (job->set)
		job->error = notes_place_apply(job->place, job->set->changes, job->set->n, &job->at, &job->line);
	if (job->sha256)
		job->error = notes_place_set_sha256(job->place, job->sha256, &job->line);
	job->unhashed = job->set && job->error == 0 && !notes_place_has_sha256(job->place);
	r = notes_place_load(job->place, job->set && job->error == 0, &job->found, &job->loaded, &line);
	if (r < 0 && job->error == 0) {
		job->error = r;
		job->line = g_steal_pointer(&line);
	}
	g_task_return_boolean(task, TRUE);
}

static void take(Notes *self, struct job *job)
{
	struct casefile_notes *notes = &self->found.notes;

	notes_found_clear(&self->found);
	self->found = job->found;
	job->loaded = FALSE;
	g_hash_table_remove_all(self->by_event);
	for (gsize i = 0; i < notes->n; i++)
		g_hash_table_insert(self->by_event, &notes->notes[i].event, &notes->notes[i]);
}

/* A line of others begins with the whole path: what is wrong is enough. */
static char *words_of(const struct job *job)
{
	const char *why = job->line ? strstr(job->line, ": cannot open: ") : NULL;

	if (job->error == -ESTALE && job->set && job->set->has_bookmark)
		return g_strdup(_("A bookmark was changed meanwhile by somebody else"));
	if (job->error == -EFBIG && job->set && job->set->has_bookmark)
		return g_strdup(_("There are too many bookmarks: 1,000 is the most"));
	if (job->error == -ESTALE)
		return g_strdup(_("A comment was changed meanwhile by somebody else"));
	if (job->line)
		return g_strdup_printf(_("The case file %s"), why ? why + 2 : job->line);
	return g_strdup_printf(_("The case file cannot be written: %s"), g_strerror(-job->error));
}

static void remember(Notes *self, struct job *job)
{
	GQueue *to = job->undo ? self->redo : self->undo;

	if (!job->undo && !job->redo)
		while (!g_queue_is_empty(self->redo))
			set_free(g_queue_pop_head(self->redo));
	g_queue_push_head(to, g_steal_pointer(&job->set));
	while (g_queue_get_length(to) > UNDO_MOST)
		set_free(g_queue_pop_tail(to));
}

/* What could not be taken back can still be. */
static void keep_for_later(Notes *self, const struct job *job)
{
	if (job->undo || job->redo)
		g_queue_push_head(job->undo ? self->undo : self->redo, set_turned(job->set));
}

/* To be filled; then begin(). */
static struct job *add_job(Notes *self, struct change_set *set, notes_done_fn *done, gpointer data)
{
	struct job *job = g_new0(struct job, 1);

	job->place = self->place;
	job->set = set;
	job->done = done;
	job->data = data;
	g_queue_push_tail(self->jobs, job);
	n_working++;
	return job;
}

static void begin(Notes *self)
{
	if (g_queue_get_length(self->jobs) == 1)
		run_next(self);
}

/* ---- the source's SHA-256: found beside, so that no note waits for it ---- */

static void hash_file(GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
	g_task_return_pointer(task, notes_place_hash(path, cancellable), g_free);
}

static void on_hashed(GObject *unused, GAsyncResult *result, gpointer data)
{
	g_autoptr(Notes) self = data;
	g_autofree char *sha256 = g_task_propagate_pointer(G_TASK(result), NULL);
	struct job *job;

	if (!sha256)
		return;
	job = add_job(self, NULL, NULL, NULL);
	job->sha256 = g_steal_pointer(&sha256);
	begin(self);
}

static void hash(Notes *self)
{
	g_autoptr(GTask) task = NULL;

	if (self->hashing || !self->path)
		return;
	self->hashing = g_cancellable_new();
	/* The task's last reference may be let go in the thread: it must not hold us. So with run_next(). */
	task = g_task_new(NULL, self->hashing, on_hashed, g_object_ref(self));
	g_task_set_priority(task, G_PRIORITY_LOW);
	g_task_set_task_data(task, g_strdup(self->path), g_free);
	g_task_run_in_thread(task, hash_file);
}

static void on_done(GObject *unused, GAsyncResult *result, gpointer data)
{
	g_autoptr(Notes) self = data;
	struct job *job = g_queue_pop_head(self->jobs);
	gboolean loaded = job->loaded, failed = job->error < 0;
	gboolean row = job->set && !job->set->has_bookmark;
	gint64 event = row && job->error == -ESTALE ? job->set->changes[job->at].event : 0;
	g_autofree char *words = failed ? words_of(job) : NULL;

	self->is_elsewhere = job->place->is_elsewhere;
	if (loaded)
		take(self, job);
	if (job->unhashed)
		hash(self);
	if (!job->set) {
		g_free(self->error);
		self->error = g_strdup(words);
	}
	if (job->set && !failed)
		remember(self, job);
	else if (job->set && job->error != -ESTALE)
		keep_for_later(self, job);
	if (loaded || (failed && !job->set))
		g_signal_emit(self, signals[CHANGED], 0);
	if (job->done)
		job->done(job->error, event, words, job->data);
	else if (failed)
		g_signal_emit(self, signals[FAILED], 0, words);
	job_free(job);
	n_working--;
	run_next(self);
}

static void run_next(Notes *self)
{
	struct job *job = g_queue_peek_head(self->jobs);
	g_autoptr(GTask) task = NULL;

	if (!job)
		return;
	task = g_task_new(NULL, NULL, on_done, g_object_ref(self));
	g_task_set_task_data(task, job, NULL);
	g_task_run_in_thread(task, work);
}

/* ---- what is asked ---- */

const struct casefile_note *notes_get(Notes *self, gint64 event)
{
	return g_hash_table_lookup(self->by_event, &event);
}

const struct casefile_note *notes_all(Notes *self, gsize *ret_n)
{
	*ret_n = self->found.notes.n;
	return self->found.notes.notes;
}

const struct casefile_bookmark *notes_bookmarks(Notes *self, gsize *ret_n)
{
	*ret_n = self->found.bookmarks.n;
	return self->found.bookmarks.bookmarks;
}

const char *notes_error(Notes *self)
{
	return self->error;
}

char *notes_file(Notes *self)
{
	return g_filename_display_basename(self->is_elsewhere || !self->place->beside ? self->place->elsewhere
	                                                                               : self->place->beside);
}

char *notes_place(Notes *self)
{
	g_autofree char *name = notes_file(self);

	if (!self->place->beside)
		return g_strdup_printf(_("Kept in your data folder, as %s"), name);
	if (self->is_elsewhere)
		return g_strdup_printf(_("Kept in your data folder, as %s: beside the snapshot nothing can be written"), name);
	return g_strdup_printf(_("Kept beside the snapshot, as %s"), name);
}

void notes_change(Notes *self, const struct casefile_change *changes, gsize n, notes_done_fn *done, gpointer data)
{
	add_job(self, set_new(changes, n, FALSE), done, data);
	begin(self);
}

void notes_set_bookmark(Notes *self, gint64 time_ms, gint64 process, const char *before, const char *after)
{
	struct casefile_bookmark_change change = { time_ms, process, span_of(before ? before : ""), SPAN("") };
	AUTO_FREE char *name = NULL;

	if (after && casefile_bookmark_name(span_of(after), &name) == 0)
		change.after = span_of(name);
	add_job(self, set_of_bookmark(&change, FALSE), NULL, NULL);
	begin(self);
}

static gboolean take_back(Notes *self, GQueue *from, gboolean undo)
{
	struct change_set *last = g_queue_pop_head(from);
	struct job *job;

	if (!last)
		return FALSE;
	job = add_job(self, set_turned(last), NULL, NULL);
	job->undo = undo;
	job->redo = !undo;
	begin(self);
	set_free(last);
	return TRUE;
}

gboolean notes_undo(Notes *self)
{
	return take_back(self, self->undo, TRUE);
}

gboolean notes_redo(Notes *self)
{
	return take_back(self, self->redo, FALSE);
}

gint64 notes_undo_time(Notes *self)
{
	const struct change_set *last = g_queue_peek_head(self->undo);

	return last ? last->made : 0;
}

void notes_finish(void)
{
	while (n_working)
		g_main_context_iteration(NULL, TRUE);
}

/* ---- what others do ---- */

static gboolean look(gpointer data)
{
	Notes *self = data;

	self->look_source = 0;
	add_job(self, NULL, NULL, NULL);
	begin(self);
	return G_SOURCE_REMOVE;
}

static void on_file_changed(Notes *self)
{
	if (!self->look_source)
		self->look_source = g_timeout_add(LOOK_AFTER_MS, look, self);
}

static void watch(Notes *self)
{
	const char *paths[] = { self->place->elsewhere, self->place->beside };

	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GFile) file = paths[i] ? g_file_new_for_path(paths[i]) : NULL;

		self->monitors[i] = file ? g_file_monitor_file(file, G_FILE_MONITOR_NONE, NULL, NULL) : NULL;
		if (self->monitors[i])
			g_signal_connect_swapped(self->monitors[i], "changed", G_CALLBACK(on_file_changed), self);
	}
}

/* ---- the object ---- */

static void notes_dispose(GObject *object)
{
	Notes *self = SPOOR_NOTES(object);

	g_clear_handle_id(&self->look_source, g_source_remove);
	for (guint i = 0; i < G_N_ELEMENTS(self->monitors); i++) {
		if (self->monitors[i])
			g_signal_handlers_disconnect_by_data(self->monitors[i], self);
		g_clear_object(&self->monitors[i]);
	}
	G_OBJECT_CLASS(notes_parent_class)->dispose(object);
}

static void notes_finalize(GObject *object)
{
	Notes *self = SPOOR_NOTES(object);

	g_queue_free_full(self->jobs, (GDestroyNotify)job_free);
	g_queue_free_full(self->undo, set_free);
	g_queue_free_full(self->redo, set_free);
	g_hash_table_unref(self->by_event);
	notes_found_clear(&self->found);
	notes_place_clear(self->place);
	g_free(self->place);
	g_clear_object(&self->hashing);
	g_free(self->path);
	g_free(self->error);
	G_OBJECT_CLASS(notes_parent_class)->finalize(object);
}

static void notes_class_init(NotesClass *class)
{
	G_OBJECT_CLASS(class)->dispose = notes_dispose;
	G_OBJECT_CLASS(class)->finalize = notes_finalize;
	signals[CHANGED] = g_signal_new("changed", NOTES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[FAILED] = g_signal_new("failed", NOTES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                               G_TYPE_STRING);
}

static void notes_init(Notes *self)
{
	self->by_event = g_hash_table_new(g_int64_hash, g_int64_equal);
	self->jobs = g_queue_new();
	self->undo = g_queue_new();
	self->redo = g_queue_new();
	self->found.notes.arena = ARENA_INIT;
	self->found.bookmarks.arena = ARENA_INIT;
}

/* What a recording is known by. That of a log is made anew each time: it is known by what it holds. */
static char *identity_of(Source *source)
{
	const struct reader_info *i = source_get_info(source);
	g_autoptr(GChecksum) sum = NULL;
	g_autofree char *all = NULL;
	char identity[CASEFILE_IDENTITY];

	if (i->recording && !source_is_temporary(source)) {
		casefile_identity(i->recording, identity);
		return g_strdup(identity);
	}
	sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(sum, (const guchar *)(i->host.p ? i->host.p : ""), (gssize)i->host.n);
	all = g_strdup_printf("|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%" G_GUINT64_FORMAT "|%" G_GUINT64_FORMAT,
	                      (gint64)i->first_ms, (gint64)i->last_ms, (guint64)i->events, (guint64)i->processes);
	g_checksum_update(sum, (const guchar *)all, -1);
	return g_strdup_printf("log:%.32s", g_checksum_get_string(sum));
}

/* One that somebody keeps, so that a case file may lie beside it. */
static gboolean is_kept(Source *source)
{
	return !source_is_temporary(source) && !source_is_live(source);
}

static struct notes_place *place_of(Source *source)
{
	const struct reader_info *i = source_get_info(source);
	struct notes_place *p = g_new0(struct notes_place, 1);
	g_autofree char *base = g_path_get_basename(source_get_path(source)), *file = NULL;
	const char *name = is_kept(source) ? base : source_get_name(source);
	g_autofree char *safe = g_strdelimit(g_strdup(name), "/", '_');

	p->identity = identity_of(source);
	p->host = event_text(i->host);
	p->name = g_strdup(name);
	p->first_ms = i->first_ms;
	p->last_ms = i->last_ms;
	p->events = (gint64)MIN(i->events, (guint64)G_MAXINT64);
	if (is_kept(source))
		p->beside = g_strconcat(source_get_path(source), ".case", NULL);
	file = g_strdup_printf("%.100s-%.8s.case", safe, strchr(p->identity, ':') + 1);
	p->elsewhere = g_build_filename(g_get_user_data_dir(), "spoor", "cases", file, NULL);
	return p;
}

/* The source is gone. Hashing, now or after a change that is still being written, would only keep us. */
static void let_go(gpointer notes)
{
	g_cancellable_cancel(SPOOR_NOTES(notes)->hashing);
	g_clear_pointer(&SPOOR_NOTES(notes)->path, g_free);
	g_object_unref(notes);
}

Notes *notes_of(Source *source)
{
	Notes *self = g_object_get_data(G_OBJECT(source), "notes");

	if (self)
		return self;
	self = g_object_new(NOTES_TYPE, NULL);
	self->place = place_of(source);
	self->path = is_kept(source) ? g_strdup(source_get_path(source)) : NULL;
	g_object_set_data_full(G_OBJECT(source), "notes", self, let_go);
	watch(self);
	add_job(self, NULL, NULL, NULL);
	begin(self);
	return self;
}
