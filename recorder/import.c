#include "recorder/import.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/logfile.h"
#include "recorder/pipeline.h"

enum { PROGRESS_MS = 100 };

struct source {
	struct logfile *log;
	int64_t first_ms;
};

struct import {
	const struct import_config *config;
	struct import_result result;
	struct source *sources;
	int64_t total, done; /* bytes of the logs; done: of those read to their end */
	int64_t last_progress;
	struct store *store;
	struct pipeline *pipeline;
	struct recording *recording;
	char **ret_error;
};

static int fail(struct import *im, const char *what, int error, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	if (*im->ret_error)
		return error;
	buf_printf(&line, "%s: %s", what, why);
	*im->ret_error = buf_steal(&line);
	return error;
}

static int fail_errno(struct import *im, const char *what, int error)
{
	return fail(im, what, error, strerror(-error));
}

/* ---- the logs ---- */

static int open_logs(struct import *im)
{
	const struct import_config *c = im->config;
	bool known = true;

	im->sources = calloc(c->n_logs, sizeof(*im->sources));
	if (!im->sources)
		return fail_errno(im, c->db, -ENOMEM);
	for (size_t i = 0; i < c->n_logs; i++) {
		struct source *s = &im->sources[i];
		int r = logfile_open(c->logs[i], &s->log, im->ret_error);

		if (r == 0)
			r = logfile_first_time(s->log, &s->first_ms, im->ret_error);
		if (r < 0)
			return fail_errno(im, c->logs[i], r);
		im->total += logfile_size(s->log);
		known = known && logfile_size(s->log) > 0;
	}
	if (!known)
		im->total = 0;
	return 0;
}

/* By time, since "audit.log*" names the newest first. Stable: logs without a record stay where they are put. */
static void sort_logs(struct import *im)
{
	for (size_t i = 1; i < im->config->n_logs; i++) {
		struct source s = im->sources[i];
		size_t at = i;

		for (; at > 0 && im->sources[at - 1].first_ms > s.first_ms; at--)
			im->sources[at] = im->sources[at - 1];
		im->sources[at] = s;
	}
}

static void close_logs(struct import *im)
{
	for (size_t i = 0; im->sources && i < im->config->n_logs; i++)
		logfile_close(im->sources[i].log);
	free(im->sources);
}

static bool canceled(const struct import *im)
{
	return im->config->cancel && atomic_load_explicit(&im->config->cancel->requested, memory_order_relaxed);
}

static void tell_progress(struct import *im, const struct logfile *log)
{
	int64_t now;

	if (!im->config->progress)
		return;
	now = clock_monotonic();
	if (now - im->last_progress < PROGRESS_MS)
		return;
	im->last_progress = now;
	im->config->progress(im->done + logfile_consumed(log), im->total, im->config->data);
}

static int read_lines(struct import *im, struct span lines)
{
	while (lines.n > 0) {
		const char *newline = memchr(lines.p, '\n', lines.n);
		size_t n = newline ? (size_t)(newline - lines.p) : lines.n;
		int r = n ? recording_line(im->recording, (struct span){ lines.p, n }) : 0;

		if (r < 0)
			return r;
		n += newline != NULL;
		lines.p += n;
		lines.n -= n;
	}
	return 0;
}

static int read_log(struct import *im, struct logfile *log)
{
	struct span lines;
	int r;

	while ((r = logfile_read(log, &lines, im->ret_error)) > 0) {
		if (canceled(im))
			return fail(im, im->config->db, -ECANCELED, "import cancelled");
		r = read_lines(im, lines);
		if (r < 0)
			return r;
		tell_progress(im, log);
	}
	im->done += logfile_consumed(log);
	return r;
}

static int read_logs(struct import *im)
{
	for (size_t i = 0; i < im->config->n_logs; i++) {
		int r = read_log(im, im->sources[i].log);

		if (r < 0)
			return r;
	}
	return recording_finish(im->recording);
}

/* ---- the database ---- */

static int open_store(struct import *im)
{
	AUTO_FREE char *error = NULL;
	int r = store_open(im->config->db, STORE_CREATE | STORE_IMPORT, &im->store, &error);

	if (r < 0 && error)
		*im->ret_error = STEAL(error);
	if (r == 0)
		r = store_collate(im->store, STORE_COLLATE_MS);
	return r < 0 ? fail_errno(im, im->config->db, r) : 0;
}

static int sink(struct batch *b, void *data)
{
	struct import *im = data;

	return pipeline_put(im->pipeline, b);
}

static int open_recording(struct import *im)
{
	struct store_ids ids = store_ids(im->store);
	struct recording_config rc = { .last_boot_id = ids.boot, .last_process = ids.process, .last_image = ids.image,
	                               .sink = sink, .data = im };
	struct pipeline_config pc = { .store = im->store, .notify_fd = -1 };
	int r = recording_new(&rc, &im->recording);

	if (r == 0)
		r = pipeline_new(&pc, &im->pipeline);
	if (r < 0)
		return fail_errno(im, im->config->db, r);
	pipeline_set_recording(im->pipeline, im->recording);
	return 0;
}

static void take_totals(struct import *im)
{
	struct recording_stats s = recording_stats(im->recording);

	im->result.records = s.records;
	im->result.events = s.events;
	im->result.unparsed = s.unparsed;
	im->result.rows = s.rows;
}

static int check_not_empty(struct import *im)
{
	struct recording_stats s = recording_stats(im->recording);

	if (s.records > s.unparsed || s.events > 0)
		return 0;
	if (im->config->n_logs > 1)
		return fail(im, im->config->logs[0], -ENODATA, "no audit record in this log or those after it");
	return fail(im, im->config->logs[0], -ENODATA, im->done == 0 ? "is empty" : "holds no audit record");
}

/* Reads and stores everything: on return the storing thread has ended. */
static int transfer(struct import *im)
{
	int r = read_logs(im), stored;

	if (r == 0)
		r = check_not_empty(im);
	if (!im->pipeline)
		return r;
	stored = pipeline_finish(im->pipeline, r < 0);
	if (stored < 0 && (r == 0 || r == stored))
		return fail_errno(im, im->config->db, stored);
	if (r < 0)
		return fail_errno(im, im->config->db, r);
	take_totals(im);
	return 0;
}

static int run(struct import *im)
{
	int r = open_logs(im);

	if (r < 0)
		return r;
	sort_logs(im);
	r = open_store(im);
	if (r == 0)
		r = open_recording(im);
	if (r == 0)
		r = transfer(im);
	if (r < 0) {
		store_discard(STEAL(im->store));
		return r;
	}
	r = store_close(STEAL(im->store));
	return r < 0 ? fail_errno(im, im->config->db, r) : 0;
}

int import_run(const struct import_config *c, struct import_result *ret, char **ret_error)
{
	int64_t start = clock_monotonic();
	char *error = NULL;
	struct import im = { .config = c, .ret_error = &error };
	int r;

	if (c->n_logs == 0 || c->n_logs > IMPORT_LOGS_MAX)
		r = fail(&im, c->db, -EINVAL, c->n_logs ? "too many logs at once (at most 512)" : "no log given");
	else
		r = run(&im);
	recording_free(im.recording);
	pipeline_free(im.pipeline);
	close_logs(&im);
	if (r < 0) {
		*ret_error = error;
		return r;
	}
	im.result.ms = clock_monotonic() - start;
	*ret = im.result;
	return 0;
}
