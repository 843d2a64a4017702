/* Boots, processes and their images. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/store/rows-def.h"
#include "recorder/store/sql.h"

enum {
	MAX_HELD_PROCESSES = 1 << 16,
	COMM_MAX = 15,              /* TASK_COMM_LEN - 1, include/linux/sched.h */
	START_NOT_KNOWN = 16,       /* added to process.origin */
};
#define ENDED_MAX INT64_C(100000000000) /* what process.ended may be as a duration: three years */

int rows_add_boot(struct rows *w, const struct boot_seen *b)
{
	sqlite3_stmt *s = w->stmts[ADD_BOOT];
	struct intern_ref host;
	int64_t start = rows_clamp_ms(b->start_ms);
	int r = intern_text(w->intern, TEXT_OTHER, b->host.p ? b->host : SPAN(""), rows_bucket(start), &host);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, b->id);
	sqlite3_bind_int64(s, 2, host.id);
	r = sql_bind_span(s, 3, b->boot_id);
	sqlite3_bind_int64(s, 4, start);
	if (r == 0)
		r = sql_run(s);
	if (r == 0 && b->id > w->ids.boot)
		w->ids.boot = b->id;
	return r;
}

/* Column ended, and the two behind it. */
static void bind_end(sqlite3_stmt *s, int at, const struct process_end *e, int64_t start_ms)
{
	int64_t ran = e->time_ms < start_ms ? 0 : e->time_ms - start_ms;

	sql_bind_or_null(s, at, e->time_ms < 0 ? -1 : ran < ENDED_MAX ? ran : e->time_ms, -1);
	sql_bind_or_null(s, at + 1, e->exit_code, -1);
	sql_bind_or_null(s, at + 2, e->signal, 0);
}

static int write_process(struct rows *w, const struct held_process *h)
{
	sqlite3_stmt *s = w->stmts[ADD_PROCESS];
	const struct process_start *p = &h->start;

	sqlite3_bind_int64(s, 1, p->id);
	sqlite3_bind_int64(s, 2, p->boot);
	sqlite3_bind_int64(s, 3, p->pid);
	sqlite3_bind_int64(s, 4, rows_clamp_ms(p->start_ms));
	sqlite3_bind_int64(s, 5, (int64_t)p->origin + (p->start_known ? 0 : START_NOT_KNOWN));
	sql_bind_or_null(s, 6, p->parent_image, 0);
	sql_bind_or_null(s, 7, p->parent_image ? 0 : p->parent_pid, 0);
	bind_end(s, 8, &h->end, rows_clamp_ms(p->start_ms));
	sql_bind_or_null(s, 11, p->ns_pid, 0);
	return sql_run(s);
}

int rows_flush_processes(struct rows *w)
{
	int r = 0;

	for (size_t i = 0; i < w->n_processes && r == 0; i++)
		r = write_process(w, &w->processes[i]);
	if (r < 0)
		return r;
	w->n_processes = 0;
	map_clear(&w->process_at);
	return 0;
}

/* Held back until the commit: most processes end within it, and a row that never grows keeps its page full. */
int rows_add_process(struct rows *w, const struct process_start *p)
{
	int r;

	if (w->n_processes == MAX_HELD_PROCESSES) {
		r = rows_flush_processes(w);
		if (r < 0)
			return r;
	}
	if (w->n_processes == w->cap_processes) {
		size_t cap = w->cap_processes ? w->cap_processes * 2 : 256;
		struct held_process *grown = realloc(w->processes, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		w->processes = grown;
		w->cap_processes = cap;
	}
	if (map_put(&w->process_at, (uint64_t)p->id, w->n_processes) < 0)
		return -ENOMEM;
	w->processes[w->n_processes++] = (struct held_process){ *p, { p->id, -1, -1, 0 } };
	if (p->id > w->ids.process)
		w->ids.process = p->id;
	w->first_of = p->id;
	w->first_ms = rows_clamp_ms(p->start_ms);
	return 0;
}

int rows_add_end(struct rows *w, const struct process_end *e)
{
	struct process_end end = *e;
	uint64_t *at = map_get(&w->process_at, (uint64_t)e->process);
	sqlite3_stmt *s = w->stmts[SET_END];

	end.time_ms = rows_clamp_ms(e->time_ms);
	if (at) {
		w->processes[*at].end = end;
		return 0;
	}
	sqlite3_bind_int64(s, 1, end.process);
	bind_end(s, 2, &end, 0);
	sqlite3_bind_int64(s, 2, end.time_ms);
	return sql_run(s);
}

/* The bytes of column arg_lengths (schema.sql); absent when splitting at spaces is enough. */
static int pack_lengths(const struct image_start *im, struct buf *out, struct span *ret)
{
	*ret = SPAN_NONE;
	if (!im->arg_lengths)
		return 0;
	for (uint32_t i = 0; i < im->argc; i++) {
		uint64_t n = (uint64_t)((int64_t)im->arg_lengths[i] + 1);

		for (; n >= 0x80; n >>= 7)
			buf_add_char(out, (char)(n | 0x80));
		buf_add_char(out, (char)n);
	}
	*ret = buf_span(out);
	return out->failed ? -ENOMEM : 0;
}

/* comm says nothing new when it is the start of the executable's last name. */
static struct span comm_to_keep(const struct image_start *im)
{
	struct span name = im->executable;
	const char *slash = name.p ? memrchr(name.p, '/', name.n) : NULL;

	if (slash)
		name = (struct span){ slash + 1, name.n - (size_t)(slash + 1 - name.p) };
	if (name.n > COMM_MAX)
		name.n = COMM_MAX;
	return name.p && im->comm.p && span_eq(name, im->comm) ? SPAN_NONE : im->comm;
}

struct image_refs {
	struct intern_ref executable, comm, script, command_line, cwd;
	int64_t credential;
};

static int intern_image(struct rows *w, const struct image_start *im, int64_t bucket, struct image_refs *ret)
{
	int r = intern_text(w->intern, TEXT_PATH, im->executable, bucket, &ret->executable);

	if (r == 0)
		r = intern_text(w->intern, TEXT_OTHER, comm_to_keep(im), bucket, &ret->comm);
	if (r == 0)
		r = intern_text(w->intern, TEXT_PATH, im->script, bucket, &ret->script);
	if (r == 0)
		r = intern_text(w->intern, TEXT_COMMAND_LINE, im->command_line, bucket, &ret->command_line);
	if (r == 0)
		r = intern_text(w->intern, TEXT_DIRECTORY, im->cwd, bucket, &ret->cwd);
	if (r == 0)
		r = intern_credentials(w->intern, &im->who, bucket, &ret->credential);
	return r;
}

static int post_image_texts(struct rows *w, const struct image_refs *refs, int64_t bucket)
{
	const struct intern_ref texts[] = { refs->executable, refs->comm, refs->script, refs->command_line, refs->cwd };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = rows_post_text(w, texts[i], bucket);
	return r;
}

static int remember(struct map *m, bool bulk, uint64_t key, uint64_t value)
{
	if (m->n >= (bulk ? MAX_REMEMBERED * 16 : MAX_REMEMBERED))
		map_clear(m);
	return map_put(m, key, value);
}

int rows_add_image(struct rows *w, const struct image_start *im)
{
	AUTO_BUF packed = BUF_INIT;
	sqlite3_stmt *s = w->stmts[ADD_IMAGE];
	int64_t start = rows_clamp_ms(im->start_ms), hash = 0;
	struct image_refs refs = { 0 };
	struct span lengths = SPAN_NONE;
	int r = intern_image(w, im, rows_bucket(start), &refs);

	if (r == 0)
		r = post_image_texts(w, &refs, rows_bucket(start));
	if (r == 0)
		r = pack_lengths(im, &packed, &lengths);
	if (r == 0 && im->hash)
		r = hashes_id(w->hashes, im->hash, &hash);
	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, im->id);
	sql_bind_or_null(s, 2, im->process, im->id);
	sql_bind_or_null(s, 3, im->process == w->first_of && start == w->first_ms ? -1 : start, -1);
	sqlite3_bind_int(s, 4, (int)im->origin);
	sql_bind_or_null(s, 5, refs.executable.id, 0);
	sql_bind_or_null(s, 6, refs.comm.id, 0);
	sql_bind_or_null(s, 7, refs.command_line.id, 0);
	if (lengths.p)
		sqlite3_bind_blob64(s, 8, lengths.p, lengths.n, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, 8);
	sql_bind_or_null(s, 9, refs.cwd.id, 0);
	sqlite3_bind_int64(s, 10, refs.credential);
	sql_bind_or_null(s, 11, im->hash ? 0 : im->hash_reason ? (int64_t)im->hash_reason : HASH_NOT_MADE, 0);
	sql_bind_or_null(s, 12, refs.script.id, 0);
	sql_bind_or_null(s, 13, hash, 0);
	r = sql_run(s);
	sqlite3_bind_null(s, 8);
	if (r == 0)
		r = remember(&w->image_birth, w->bulk, (uint64_t)im->id, (uint64_t)rows_bucket(start));
	if (r == 0 && im->id > w->ids.image)
		w->ids.image = im->id;
	w->newest = im->id;
	w->newest_exe = refs.executable.id;
	return r;
}
