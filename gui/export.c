#include "gui/export.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/base/translate.h"
#include "gui/export-writer.h"
#include "recorder/query/walk.h"

enum { TELL_EVERY_MS = 50 };

static const struct export_format_info infos[EXPORT_FORMATS] = {
	[EXPORT_XLSX] = { "xlsx", ".xlsx", NULL },
	[EXPORT_CSV] = { "csv", ".csv", "csv" },
	[EXPORT_JSON] = { "jsonl", ".jsonl", "json" },
	[EXPORT_TIMESKETCH] = { "timesketch", ".timesketch.jsonl", "timesketch" },
	[EXPORT_TIMESKETCH_CSV] = { "timesketch-csv", ".timesketch.csv", "timesketch-csv" },
};

const struct export_format_info *export_format_info(enum export_format format)
{
	return &infos[format];
}

enum export_format export_format_find(const char *name)
{
	int i = 0;

	while (i < EXPORT_FORMATS && strcmp(infos[i].name, name) != 0)
		i++;
	return (enum export_format)i;
}

enum export_format export_format_of_path(const char *path)
{
	int best = EXPORT_FORMATS;
	size_t n = strlen(path), longest = 0;

	for (int i = 0; i < EXPORT_FORMATS; i++) {
		size_t length = strlen(infos[i].suffix);

		if (length > longest && n > length && strcasecmp(path + n - length, infos[i].suffix) == 0) {
			best = i;
			longest = length;
		}
	}
	return (enum export_format)best;
}

/* ---- the source's hash: beside the rows ---- */

struct hashing {
	const char *path;
	struct cancel *cancel;
	struct export_source source;
	int error;
	struct export_known *known; /* may be NULL */
	bool running;
	pthread_t thread;
	struct export_known now;    /* what is hashed */
};

static int open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0)
		r = -errno;
	else if (!S_ISREG(st->st_mode))
		r = -EINVAL;
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

static int hash_wal(struct hashing *h)
{
	AUTO_CLOSE int fd = -1;
	AUTO_BUF path = BUF_INIT;
	struct stat st;

	buf_printf(&path, "%s-wal", h->path);
	if (path.failed)
		return -ENOMEM;
	fd = open_regular(path.p, &st);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return st.st_size ? sha256_file(fd, h->cancel, h->source.wal_sha256) : 0;
}

static struct export_known identity_of(const struct stat *st)
{
	return (struct export_known){ .device = st->st_dev, .inode = st->st_ino, .size = (uint64_t)st->st_size,
		                      .modified_ns = st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec };
}

static bool is_same(const struct export_known *a, const struct export_known *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns;
}

static int hash_all(struct hashing *h)
{
	struct stat st;
	AUTO_CLOSE int fd = open_regular(h->path, &st);
	int r = 0;

	if (fd < 0)
		return fd;
	h->now = identity_of(&st);
	h->source.size = h->now.size;
	if (h->known && *h->known->sha256 && is_same(h->known, &h->now))
		memcpy(h->source.sha256, h->known->sha256, SHA256_TEXT);
	else
		r = sha256_file(fd, h->cancel, h->source.sha256);
	return r < 0 ? r : hash_wal(h);
}

static void *hash_thread(void *data)
{
	struct hashing *h = data;

	h->error = hash_all(h);
	return NULL;
}

static int hashing_start(struct hashing *h, const struct export_request *q, struct cancel *cancel)
{
	if (q->live)
		return 0;
	h->path = q->source;
	h->cancel = cancel;
	h->known = q->known;
	h->running = pthread_create(&h->thread, NULL, hash_thread, h) == 0;
	return h->running ? 0 : -EAGAIN;
}

static int hashing_end(struct hashing *h)
{
	struct export_known after;
	struct stat st;

	if (!h->running)
		return h->error;
	pthread_join(h->thread, NULL);
	h->running = false;
	if (h->error < 0)
		return h->error;
	after = stat(h->path, &st) == 0 ? identity_of(&st) : (struct export_known){ "" };
	h->source.changed = !is_same(&after, &h->now);
	if (h->known && !h->source.changed) {
		*h->known = h->now;
		memcpy(h->known->sha256, h->source.sha256, SHA256_TEXT);
	}
	return 0;
}

/* ---- one export ---- */

struct run {
	const struct export_request *q;
	struct cancel *cancel;
	export_progress_fn *progress;
	void *data;
	struct expr *where;
	struct export_file *file, *beside; /* beside: the facts, NULL where the file has them itself */
	struct export_writer *writer;
	struct hashing hashing;
	struct export_result result;
	int64_t begun_ms, told_ms;
	char *error; /* malloc'd, where there is more to say than the errno */
};

static void say(struct run *run, const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	if (run->error)
		return;
	text_visible(&line, span_of(what));
	buf_printf(&line, ": %s", why);
	run->error = buf_steal(&line);
}

static int source_error(struct run *run, int error)
{
	if (error < 0 && error != -ECANCELED)
		say(run, run->q->source, reader_error_text(run->q->reader, error));
	return error;
}

/* Of writing, the errno says all. */
static int file_error(struct run *run, int error)
{
	AUTO_BUF why = BUF_INIT;

	if (error >= 0 || error == -ECANCELED)
		return error;
	buf_printf(&why, "cannot export: %s", error == -EINVAL ? N_("it is not a file") : strerror(-error));
	say(run, run->q->path, why.failed ? "cannot export" : why.p);
	return error;
}

static char *beside_path(const char *path)
{
	AUTO_BUF name = BUF_INIT;

	buf_printf(&name, "%s.meta.json", path);
	return buf_steal(&name);
}

/* Neither the recording nor what belongs to it may be what is written. */
static int check_target(struct run *run, const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	struct stat target, source;

	if (stat(path, &target) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		AUTO_BUF name = BUF_INIT;

		buf_printf(&name, "%s%s", run->q->source, endings[i]);
		if (name.failed)
			return -ENOMEM;
		if (stat(name.p, &source) < 0 || source.st_dev != target.st_dev || source.st_ino != target.st_ino)
			continue;
		say(run, path, N_("cannot export: that is the recording itself"));
		return -EEXIST;
	}
	return 0;
}

static int open_files(struct run *run)
{
	const struct export_format_info *info = export_format_info(run->q->format);
	AUTO_FREE char *beside = beside_path(run->q->path);
	int r = beside ? check_target(run, run->q->path) : -ENOMEM;

	if (r == 0 && info->rows)
		r = check_target(run, beside);
	if (r == 0)
		r = export_file_new(run->q->path, &run->file);
	if (r == 0 && info->rows)
		r = export_file_new(beside, &run->beside);
	if (r < 0)
		return file_error(run, r);
	run->writer = info->rows ? export_text_new(row_format_find(info->rows)) : export_xlsx_new();
	if (!run->writer)
		return -ENOMEM;
	run->writer->file = run->file;
	run->writer->columns = run->q->columns;
	run->writer->now_ms = run->begun_ms;
	return 0;
}

static void tell(struct run *run, bool always)
{
	int64_t now = clock_monotonic();

	if (!run->progress || (!always && now - run->told_ms < TELL_EVERY_MS))
		return;
	run->told_ms = now;
	run->progress(run->result.rows, run->writer->total, run->data);
}

static int by_event(const void *key, const void *item)
{
	int64_t event = *(const int64_t *)key, of = ((const struct export_note *)item)->event;

	return event < of ? -1 : event > of;
}

static const struct row_format_note *note_of(const struct export_request *q, int64_t event)
{
	const struct export_note *found = q->n_notes ? bsearch(&event, q->notes, q->n_notes, sizeof(*q->notes), by_event) : NULL;

	return found ? &found->note : NULL;
}

static int on_row(const struct row_format_line *line, void *data)
{
	struct run *run = data;
	struct row_format_line with = *line;
	int r;

	if (atomic_load(&run->cancel->requested))
		return -ECANCELED;
	with.note = note_of(run->q, line->row->id);
	r = run->writer->ops->row(run->writer, &with);
	if (r < 0)
		return file_error(run, r);
	run->result.rows++;
	run->result.events += line->row->count;
	run->result.noted += with.note != NULL;
	if (run->result.rows % 256 == 0)
		tell(run, false);
	return 0;
}

static int write_rows(struct run *run)
{
	const struct export_request *q = run->q;
	const struct row_format *rows = export_format_info(q->format)->rows ?
	                                row_format_find(export_format_info(q->format)->rows) : NULL;
	struct walk w = { q->reader, run->cancel, run->where, q->range, q->order, UINT64_MAX, false };
	struct reader_count count;
	int r;

	for (size_t i = 0; rows && rows->takes_args && i < q->columns.n; i++)
		w.args = w.args || q->columns.columns[i] == ROW_FORMAT_ARGS;
	tell(run, true);
	r = q->reader->ops->count(q->reader, run->cancel, run->where, q->range, 0, &count);
	if (r < 0)
		return source_error(run, r);
	run->writer->total = count.total;
	reader_count_free(&count);
	r = file_error(run, run->writer->ops->begin(run->writer));
	if (r == 0)
		r = source_error(run, walk_rows(&w, on_row, run));
	if (r == 0)
		r = file_error(run, run->writer->ops->rows_end(run->writer));
	run->result.cut = run->writer->cut;
	tell(run, true);
	return r;
}

static int write_beside(struct run *run, const struct export_facts *facts)
{
	AUTO_BUF out = BUF_INIT;
	int r;

	if (!run->beside)
		return 0;
	export_facts_json(facts, &out);
	r = out.failed ? -ENOMEM : export_file_write(run->beside, buf_span(&out));
	return r < 0 ? r : export_file_finish(run->beside);
}

static int write_facts(struct run *run)
{
	AUTO_EXPORT_FACTS facts = EXPORT_FACTS_INIT;
	int r = hashing_end(&run->hashing);

	if (r < 0) {
		if (r != -ECANCELED)
			say(run, run->q->source, strerror(-r));
		return r;
	}
	r = source_error(run, export_facts_fill(&facts, run->q, run->where, run->begun_ms, &run->hashing.source, &run->result,
	                                        run->writer->file_sha256, run->cancel));
	if (r == 0)
		r = file_error(run, run->writer->ops->end(run->writer, &facts));
	if (r == 0)
		r = file_error(run, write_beside(run, &facts));
	return r;
}

/* The facts first: a file of rows that has its name has them beside it. */
static int finish(struct run *run)
{
	AUTO_FREE char *beside = beside_path(run->q->path);
	int r = beside ? export_file_finish(run->file) : -ENOMEM;

	if (r == 0 && atomic_load(&run->cancel->requested))
		r = -ECANCELED;
	if (r == 0 && run->beside)
		r = export_file_commit(run->beside);
	if (r < 0)
		return file_error(run, r);
	r = export_file_commit(run->file);
	if (r < 0 && run->beside)
		unlink(beside);
	return file_error(run, r);
}

static int run_all(struct run *run)
{
	struct expr_error fault;
	int r = *run->q->expression ? expr_parse(span_of(run->q->expression), &run->where, &fault) : 0;

	if (r < 0) {
		if (r != -ENOMEM)
			say(run, run->q->source_name, fault.message);
		return r;
	}
	r = open_files(run);
	if (r == 0)
		r = hashing_start(&run->hashing, run->q, run->cancel);
	if (r == 0)
		r = write_rows(run);
	if (r == 0)
		r = write_facts(run);
	return r < 0 ? r : finish(run);
}

int export_run(const struct export_request *q, struct cancel *cancel, export_progress_fn *progress, void *data,
               struct export_result *ret, char **ret_error)
{
	struct run run = { .q = q, .cancel = cancel, .progress = progress, .data = data, .begun_ms = clock_now() };
	int r = run_all(&run);

	if (run.hashing.running) {
		atomic_store(&cancel->requested, true); /* nobody waits for its answer any more */
		hashing_end(&run.hashing);
	}
	if (run.writer)
		run.writer->ops->free(run.writer);
	export_file_free(run.beside);
	export_file_free(run.file);
	expr_free(run.where);
	if (r == -ECANCELED)
		say(&run, q->path, N_("cancelled, nothing was written"));
	else if (r < 0)
		say(&run, q->path, strerror(-r));
	if (r < 0) {
		*ret_error = run.error;
		return r;
	}
	*ret = run.result;
	free(run.error);
	return 0;
}
