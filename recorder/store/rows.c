#include "recorder/store/rows.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/map.h"
#include "recorder/store/collate.h"
#include "recorder/store/hashes.h"
#include "recorder/store/intern.h"
#include "recorder/store/posting.h"
#include "recorder/store/sql.h"

enum {
	SEQUENCE_BITS = 14, SEQUENCE_MAX = (1 << SEQUENCE_BITS) - 1,
	BUCKET_SHIFT = 26,
	MAX_HELD_EVENTS = 1 << 15,
	MAX_HELD_PROCESSES = 1 << 16,
	MAX_HELD_POSTINGS = 1 << 22,
	MAX_REMEMBERED = 1 << 16,
	MAX_UNPARSED = 1000,        /* lines kept verbatim */
	MAX_UNPARSED_LINE = 16384,
	COMM_MAX = 15,              /* TASK_COMM_LEN - 1, include/linux/sched.h */
	START_NOT_KNOWN = 16,       /* added to process.origin */
	CACHE_LIVE = 3 << 20, CACHE_BULK = 48 << 20,
};

enum stmt { ADD_BOOT, ADD_PROCESS, SET_END, ADD_IMAGE, ADD_EVENT, SET_COUNT, LAST_IN_MS, ADD_DETAIL, ADD_ROLLUP,
	ADD_GAP, ADD_UNPARSED,
	STMT_COUNT };

static const char *const stmt_sql[STMT_COUNT] = {
	[ADD_BOOT] = "INSERT INTO boot(id, host, boot_id, start_ms) VALUES(?, ?, ?, ?)",
	[ADD_PROCESS] = ("INSERT INTO process(id, boot, pid, start_ms, origin, parent_image, parent_pid, end_ms, exit_code, "
	                 "signal, ns_pid) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[SET_END] = "UPDATE process SET end_ms = ?2, exit_code = ?3, signal = ?4 WHERE id = ?1",
	[ADD_IMAGE] = ("INSERT INTO image(id, process, start_ms, origin, executable, comm, command_line, arg_lengths, cwd, "
	               "credential, hash_reason, script, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[ADD_EVENT] = ("INSERT INTO event(id, action, image, object, serial, object2, result, port, port2, flags, count, "
	               "span_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[SET_COUNT] = "UPDATE event SET count = ?2, span_ms = ?3 WHERE id = ?1",
	[LAST_IN_MS] = "SELECT max(id) FROM event WHERE id BETWEEN ? AND ?",
	[ADD_DETAIL] = "INSERT OR REPLACE INTO detail(event, field, value) VALUES(?, ?, ?)",
	[ADD_ROLLUP] = ("INSERT INTO rollup(minute, action, count, rows) VALUES(?, ?, ?, nullif(?4, ?3)) "
	                "ON CONFLICT(minute, action) DO UPDATE SET count = count + excluded.count, "
	                "rows = nullif(coalesce(rows, count) + ?4, count + excluded.count)"),
	[ADD_GAP] = "INSERT INTO gap(from_ms, to_ms, cause, count) VALUES(?, ?, ?, ?)",
	[ADD_UNPARSED] = "INSERT INTO unparsed(time_ms, reason, line) VALUES(?, ?, ?)",
};

struct held_event {
	int64_t id, image, object, object2;
	uint64_t serial;
	int32_t action, result, port, port2, flags;
	int64_t count, span_ms; /* 0: of one event */
};

struct held_process {
	struct process_start start;
	struct process_end end; /* time_ms < 0: none yet */
};

struct rows {
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	bool bulk;
	struct intern *intern;
	struct posting *posting;
	struct hashes *hashes;
	struct store_ids ids;
	uint64_t events, events_kept; /* given to us; of these, flushed: they survive a rollback of what follows */
	struct held_event *held;
	size_t n_held;
	bool sorted;
	struct held_process *processes;
	size_t n_processes, cap_processes;
	struct map process_at;  /* process id → index in processes */
	struct map image_birth; /* image id → first bucket, of images met lately */
	struct map next_in_ms;  /* millisecond → next sequence number, of those met since they were last forgotten */
	int64_t cut;            /* bucket: what was before is deleted */
	int64_t last_ms;        /* greatest millisecond with an event, -1 none */
	struct map rollup;      /* minute << 12 | action → rows */
	struct map alike;       /* the same → events that were counted in rows there already */
	struct collate collate;
	int64_t unparsed;       /* lines in the table */
};

static int64_t clamp_ms(int64_t ms)
{
	return ms < 0 ? 0 : ms > CLOCK_MAX ? CLOCK_MAX : ms;
}

static int64_t bucket_of_ms(int64_t ms)
{
	return ms >> (BUCKET_SHIFT - SEQUENCE_BITS);
}

/* ---- boots, processes, images ---- */

static int add_boot(struct rows *w, const struct boot_seen *b)
{
	sqlite3_stmt *s = w->stmts[ADD_BOOT];
	struct intern_ref host;
	int64_t start = clamp_ms(b->start_ms);
	int r = intern_text(w->intern, TEXT_OTHER, b->host.p ? b->host : SPAN(""), bucket_of_ms(start), &host);

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

static void bind_end(sqlite3_stmt *s, int at, const struct process_end *e)
{
	sql_bind_or_null(s, at, e->time_ms, -1);
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
	sqlite3_bind_int64(s, 4, clamp_ms(p->start_ms));
	sqlite3_bind_int64(s, 5, (int64_t)p->origin + (p->start_known ? 0 : START_NOT_KNOWN));
	sql_bind_or_null(s, 6, p->parent_image, 0);
	sql_bind_or_null(s, 7, p->parent_image ? 0 : p->parent_pid, 0);
	bind_end(s, 8, &h->end);
	sql_bind_or_null(s, 11, p->ns_pid, 0);
	return sql_run(s);
}

static int flush_processes(struct rows *w)
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
static int add_process(struct rows *w, const struct process_start *p)
{
	int r;

	if (w->n_processes == MAX_HELD_PROCESSES) {
		r = flush_processes(w);
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
	return 0;
}

static int add_end(struct rows *w, const struct process_end *e)
{
	struct process_end end = *e;
	uint64_t *at = map_get(&w->process_at, (uint64_t)e->process);
	sqlite3_stmt *s = w->stmts[SET_END];

	end.time_ms = clamp_ms(e->time_ms);
	if (at) {
		w->processes[*at].end = end;
		return 0;
	}
	sqlite3_bind_int64(s, 1, end.process);
	bind_end(s, 2, &end);
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

/* Beside what readers look up, the entries tell what is still used (purge.c): of a directory, and of the texts of
 * images and details too. Below the cut of a purge births are not told apart any more. */
static int post_text(struct rows *w, struct intern_ref text, int64_t bucket)
{
	int r = text.dir ? posting_add(w->posting, text.dir * 2 + 1, bucket) : 0;

	if (r < 0 || !text.id || (text.birth == bucket && bucket >= w->cut))
		return r;
	return posting_add(w->posting, text.id * 2 + 1, bucket);
}

static int post_image_texts(struct rows *w, const struct image_refs *refs, int64_t bucket)
{
	const struct intern_ref texts[] = { refs->executable, refs->comm, refs->script, refs->command_line, refs->cwd };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = post_text(w, texts[i], bucket);
	return r;
}

static int remember(struct map *m, bool bulk, uint64_t key, uint64_t value)
{
	if (m->n >= (bulk ? MAX_REMEMBERED * 16 : MAX_REMEMBERED))
		map_clear(m);
	return map_put(m, key, value);
}

static int add_image(struct rows *w, const struct image_start *im)
{
	AUTO_BUF packed = BUF_INIT;
	sqlite3_stmt *s = w->stmts[ADD_IMAGE];
	int64_t start = clamp_ms(im->start_ms), hash = 0;
	struct image_refs refs = { 0 };
	struct span lengths = SPAN_NONE;
	int r = intern_image(w, im, bucket_of_ms(start), &refs);

	if (r == 0)
		r = post_image_texts(w, &refs, bucket_of_ms(start));
	if (r == 0)
		r = pack_lengths(im, &packed, &lengths);
	if (r == 0 && im->hash)
		r = hashes_id(w->hashes, im->hash, &hash);
	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, im->id);
	sqlite3_bind_int64(s, 2, im->process);
	sqlite3_bind_int64(s, 3, start);
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
		r = remember(&w->image_birth, w->bulk, (uint64_t)im->id, (uint64_t)bucket_of_ms(start));
	if (r == 0 && im->id > w->ids.image)
		w->ids.image = im->id;
	return r;
}

/* ---- events ---- */

/* The next free sequence number of that millisecond. */
static int next_sequence(struct rows *w, int64_t ms, int64_t *ret)
{
	uint64_t *known = map_get(&w->next_in_ms, (uint64_t)ms);
	sqlite3_stmt *s = w->stmts[LAST_IN_MS];
	int64_t next = 0;
	int code;

	if (known) {
		*ret = (int64_t)*known;
		return 0;
	}
	if (ms <= w->last_ms) {
		sqlite3_bind_int64(s, 1, ms << SEQUENCE_BITS);
		sqlite3_bind_int64(s, 2, ms << SEQUENCE_BITS | SEQUENCE_MAX);
		code = sqlite3_step(s);
		if (code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
			next = (sqlite3_column_int64(s, 0) & SEQUENCE_MAX) + 1;
		sqlite3_reset(s);
		if (code != SQLITE_ROW)
			return code == SQLITE_DONE ? -EIO : sql_error(code);
	}
	*ret = next;
	return 0;
}

static int next_event_id(struct rows *w, int64_t time_ms, int64_t *ret)
{
	int64_t sequence, ms = clamp_ms(time_ms);
	int r = next_sequence(w, ms, &sequence);

	while (r == 0 && sequence > SEQUENCE_MAX)
		r = next_sequence(w, ++ms, &sequence);
	if (r == 0)
		r = map_put(&w->next_in_ms, (uint64_t)ms, (uint64_t)sequence + 1);
	if (r < 0)
		return r;
	if (ms > w->last_ms)
		w->last_ms = ms;
	*ret = ms << SEQUENCE_BITS | sequence;
	return 0;
}

static int compare_events(const void *x, const void *y)
{
	const struct held_event *a = x, *b = y;

	return a->id < b->id ? -1 : a->id > b->id;
}

static int write_collated(sqlite3_stmt *s, struct collated *c)
{
	c->changed = false;
	sqlite3_bind_int64(s, 1, c->id);
	sqlite3_bind_int64(s, 2, (int64_t)c->count);
	sql_bind_or_null(s, 3, c->last_ms - c->first_ms, 0);
	return sql_run(s);
}

static int write_event(struct rows *w, const struct held_event *e)
{
	sqlite3_stmt *s = w->stmts[ADD_EVENT];

	sqlite3_bind_int64(s, 1, e->id);
	sqlite3_bind_int(s, 2, e->action);
	sql_bind_or_null(s, 3, e->image, 0);
	sql_bind_or_null(s, 4, e->object, 0);
	sql_bind_or_null(s, 5, (int64_t)e->serial, 0);
	sql_bind_or_null(s, 6, e->object2, 0);
	sql_bind_or_null(s, 7, e->result, 0);
	sql_bind_or_null(s, 8, e->port, 0);
	sql_bind_or_null(s, 9, e->port2, 0);
	sql_bind_or_null(s, 10, e->flags, 0);
	sql_bind_or_null(s, 11, e->count, 0);
	sql_bind_or_null(s, 12, e->span_ms, 0);
	return sql_run(s);
}

/* Rows that were written before and stand for more events since. */
static int flush_collated(struct rows *w)
{
	sqlite3_stmt *s = w->stmts[SET_COUNT];
	int r = 0;

	for (size_t i = 0; w->collate.places && i < COLLATE_PLACES && r == 0; i++) {
		struct collated *c = &w->collate.places[i];

		if (c->changed)
			r = write_collated(s, c);
		c->held = COLLATE_WRITTEN;
	}
	return r;
}

/* In order of id, so that pages fill from the left. */
static int flush_events(struct rows *w)
{
	int r = 0;

	if (!w->sorted)
		qsort(w->held, w->n_held, sizeof(*w->held), compare_events);
	for (size_t i = 0; i < w->n_held && r == 0; i++)
		r = write_event(w, &w->held[i]);
	if (r < 0)
		return r;
	w->n_held = 0;
	w->sorted = true;
	r = flush_collated(w);
	if (w->next_in_ms.n > MAX_REMEMBERED)
		map_clear(&w->next_in_ms);
	return r;
}

/* Before an event gets its id: a flush forgets which sequence numbers are given out but not written yet. */
static int make_room(struct rows *w)
{
	return w->n_held == MAX_HELD_EVENTS ? flush_events(w) : 0;
}

static void hold_event(struct rows *w, const struct held_event *e)
{
	if (w->n_held && w->held[w->n_held - 1].id > e->id)
		w->sorted = false;
	w->held[w->n_held++] = *e;
}

static enum text_kind object_kind(enum event_action action)
{
	switch (event_action_category(action)) {
	case EVENT_PROCESS:
	case EVENT_FILE:
		return TEXT_PATH;
	case EVENT_NETWORK:
		return TEXT_ADDRESS;
	default:
		return TEXT_OTHER;
	}
}

/* Of a logon: where it came from. */
static enum text_kind object2_kind(enum event_action action)
{
	return action >= ACTION_SECURITY_LOGIN && action <= ACTION_SECURITY_AUTHENTICATION ? TEXT_ADDRESS : object_kind(action);
}

static int add_details(struct rows *w, const struct event *e, int64_t id)
{
	sqlite3_stmt *s = w->stmts[ADD_DETAIL];
	struct intern_ref value;
	int r = 0;

	for (size_t i = 0; i < e->n_details && r == 0; i++) {
		if (!e->details[i].value.p)
			continue;
		r = intern_text(w->intern, TEXT_OTHER, e->details[i].value, id >> BUCKET_SHIFT, &value);
		if (r == 0)
			r = post_text(w, value, id >> BUCKET_SHIFT);
		if (r < 0)
			return r;
		sqlite3_bind_int64(s, 1, id);
		sqlite3_bind_int(s, 2, (int)e->details[i].field);
		sqlite3_bind_int64(s, 3, value.id);
		r = sql_run(s);
	}
	return r;
}

static int post_image(struct rows *w, int64_t image, int64_t bucket)
{
	uint64_t *birth;

	if (!image)
		return 0;
	birth = map_get(&w->image_birth, (uint64_t)image);
	if (birth && (int64_t)*birth == bucket && bucket >= w->cut)
		return 0;
	return posting_add(w->posting, image * 2, bucket);
}

static int count_rollup(struct map *sums, int64_t id, int action)
{
	uint64_t minute = (uint64_t)(id >> SEQUENCE_BITS) / 60000;
	uint64_t key = minute << 12 | ((uint64_t)action & 0xfff);
	uint64_t *count = map_get(sums, key);

	if (count) {
		++*count;
		return 0;
	}
	return map_put(sums, key, 1);
}

/* One more event in the row of that place. */
static int count_alike(struct rows *w, struct collated *place, int64_t ms)
{
	struct held_event *held = place->held == COLLATE_WRITTEN ? NULL : &w->held[place->held];

	place->count++;
	if (ms > place->last_ms)
		place->last_ms = ms;
	if (held) {
		held->count = (int64_t)place->count;
		held->span_ms = place->last_ms - place->first_ms;
	} else {
		place->changed = true;
	}
	w->events++;
	return count_rollup(&w->alike, place->id, place->action);
}

/* Later events like this one are counted in its row. */
static int remember_row(struct rows *w, struct collated *place, const struct collated *key, int64_t id)
{
	int r = place->changed ? write_collated(w->stmts[SET_COUNT], place) : 0;

	*place = *key;
	place->id = id;
	place->first_ms = place->last_ms = id >> SEQUENCE_BITS;
	place->count = 1;
	place->held = (int32_t)w->n_held;
	return r;
}

struct event_refs {
	struct intern_ref object, object2;
};

static int intern_event(struct rows *w, const struct event *e, int64_t bucket, struct event_refs *ret)
{
	enum text_kind kind = object_kind(e->action);
	int r = intern_text(w->intern, kind, e->object, bucket, &ret->object);

	return r < 0 ? r : intern_text(w->intern, object2_kind(e->action), e->object2, bucket, &ret->object2);
}

/* The index entries of a new row. */
static int post_event(struct rows *w, const struct event *e, const struct event_refs *refs, int64_t id)
{
	int64_t bucket = id >> BUCKET_SHIFT;
	int r = post_text(w, refs->object, bucket);

	if (r == 0)
		r = post_text(w, refs->object2, bucket);
	if (r == 0)
		r = post_image(w, e->image, bucket);
	if (r == 0)
		r = count_rollup(&w->rollup, id, (int)e->action);
	return r == 0 && e->n_details ? add_details(w, e, id) : r;
}

static int add_event(struct rows *w, const struct event *e)
{
	int64_t id = 0, ms = clamp_ms(e->time_ms);
	struct collated key = { .image = e->image, .action = (int32_t)e->action, .result = e->result, .port = e->port,
		.port2 = e->port2, .flags = e->flags };
	struct collated *place = NULL;
	struct event_refs refs;
	int r = make_room(w);

	if (r == 0)
		r = intern_event(w, e, bucket_of_ms(ms), &refs);
	if (r < 0)
		return r;
	key.object = refs.object.id;
	key.object2 = refs.object2.id;
	if (collate_may(&w->collate, e)) {
		place = collate_place(&w->collate, &key);
		if (collate_matches(&w->collate, place, &key, ms))
			return count_alike(w, place, ms);
	}
	r = next_event_id(w, ms, &id);
	if (r == 0 && place)
		r = remember_row(w, place, &key, id);
	if (r == 0)
		r = post_event(w, e, &refs, id);
	if (r < 0)
		return r;
	hold_event(w, &(struct held_event){ id, e->image, key.object, key.object2, e->serial, key.action, e->result,
	                                    e->port, e->port2, e->flags, 0, 0 });
	w->events++;
	return 0;
}

static int write_sums(struct rows *w, struct map *sums, bool are_rows)
{
	sqlite3_stmt *s = w->stmts[ADD_ROLLUP];
	struct map_slot *slot;
	size_t at = 0;
	int r = 0;

	while (r == 0 && (slot = map_next(sums, &at))) {
		sqlite3_bind_int64(s, 1, (int64_t)(slot->key >> 12));
		sqlite3_bind_int64(s, 2, (int64_t)(slot->key & 0xfff));
		sqlite3_bind_int64(s, 3, (int64_t)slot->value);
		sqlite3_bind_int64(s, 4, are_rows ? (int64_t)slot->value : 0);
		r = sql_run(s);
	}
	if (r == 0)
		map_clear(sums);
	return r;
}

static int flush_rollup(struct rows *w)
{
	int r = write_sums(w, &w->rollup, true);

	return r < 0 ? r : write_sums(w, &w->alike, false);
}

/* ---- the rest ---- */

static int add_gap(struct rows *w, const struct gap *g)
{
	sqlite3_stmt *s = w->stmts[ADD_GAP];

	sqlite3_bind_int64(s, 1, clamp_ms(g->from_ms));
	sqlite3_bind_int64(s, 2, clamp_ms(g->to_ms));
	sqlite3_bind_int(s, 3, (int)g->cause);
	sql_bind_or_null(s, 4, g->count, -1);
	return sql_run(s);
}

static int add_unparsed(struct rows *w, const struct unparsed *u)
{
	sqlite3_stmt *s = w->stmts[ADD_UNPARSED];
	size_t n = u->line.n < MAX_UNPARSED_LINE ? u->line.n : MAX_UNPARSED_LINE;
	int r;

	if (w->unparsed >= MAX_UNPARSED)
		return 0;
	sql_bind_or_null(s, 1, clamp_ms(u->time_ms), 0);
	sqlite3_bind_text(s, 2, u->reason ? u->reason : "", -1, SQLITE_STATIC);
	sqlite3_bind_blob64(s, 3, u->line.p ? u->line.p : "", u->line.p ? n : 0, SQLITE_STATIC);
	r = sql_run(s);
	if (r == 0)
		w->unparsed++;
	return r;
}

int rows_add(struct rows *w, const struct item *item)
{
	int r = 0;

	if (posting_waiting(w->posting) >= MAX_HELD_POSTINGS)
		r = posting_flush(w->posting);
	if (r < 0)
		return r;
	switch (item->type) {
	case ITEM_BOOT:
		return add_boot(w, &item->boot);
	case ITEM_PROCESS:
		return add_process(w, &item->process);
	case ITEM_IMAGE:
		return add_image(w, &item->image);
	case ITEM_END:
		return add_end(w, &item->end);
	case ITEM_EVENT:
		return add_event(w, &item->event);
	case ITEM_GAP:
		return add_gap(w, &item->gap);
	case ITEM_UNPARSED:
		return add_unparsed(w, &item->unparsed);
	case ITEM_HASH:
		return hashes_set(w->hashes, &item->hash);
	}
	return -EINVAL;
}

int rows_flush(struct rows *w)
{
	int r = flush_processes(w);

	if (r == 0)
		r = flush_events(w);
	if (r == 0)
		r = flush_rollup(w);
	if (r == 0)
		r = posting_flush(w->posting);
	if (r == 0)
		r = intern_flush(w->intern);
	if (r == 0)
		w->events_kept = w->events;
	return r;
}

static int greatest(sqlite3 *db, const char *sql, int64_t *ret)
{
	int64_t value = 0;
	int r = sql_int64(db, sql, &value);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = value;
	return 0;
}

int rows_reset(struct rows *w)
{
	int64_t last = -1;
	int r = intern_reset(w->intern);

	posting_reset(w->posting);
	w->n_held = w->n_processes = 0;
	w->events = w->events_kept;
	w->sorted = true;
	map_clear(&w->process_at);
	map_clear(&w->image_birth);
	map_clear(&w->next_in_ms);
	map_clear(&w->rollup);
	map_clear(&w->alike);
	collate_forget(&w->collate);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM boot", &w->ids.boot);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM process", &w->ids.process);
	if (r == 0)
		r = greatest(w->db, "SELECT max(id) FROM image", &w->ids.image);
	if (r == 0)
		r = greatest(w->db, "SELECT count(*) FROM unparsed", &w->unparsed);
	if (r == 0)
		r = sql_int64(w->db, "SELECT max(id) FROM event", &last);
	w->last_ms = r == 0 ? last >> SEQUENCE_BITS : -1;
	return r == -ENOENT ? 0 : r;
}

int rows_new(sqlite3 *db, bool bulk, struct rows **ret)
{
	struct rows *w = calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return -ENOMEM;
	w->db = db;
	w->bulk = bulk;
	w->held = malloc(MAX_HELD_EVENTS * sizeof(*w->held));
	if (!w->held)
		r = -ENOMEM;
	for (int i = 0; i < STMT_COUNT && r == 0; i++)
		r = sql_prepare(db, stmt_sql[i], &w->stmts[i]);
	if (r == 0)
		r = intern_new(db, bulk ? CACHE_BULK : CACHE_LIVE, &w->intern);
	if (r == 0)
		r = posting_new(db, &w->posting);
	if (r == 0)
		r = hashes_new(db, &w->hashes);
	if (r == 0)
		r = rows_reset(w);
	if (r < 0) {
		rows_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

int64_t rows_last_ms(const struct rows *w)
{
	return w->last_ms;
}

/* What is remembered of deleted rows goes: a place for collation, entries of the index, the bucket of an image. */
void rows_purged(struct rows *w, int64_t cut)
{
	w->cut = cut;
	collate_forget(&w->collate);
	posting_reset(w->posting);
}

struct intern *rows_intern(struct rows *w)
{
	return w->intern;
}

int rows_collate(struct rows *w, int64_t window_ms)
{
	if (window_ms > 0 && !w->collate.places) {
		w->collate.places = calloc(COLLATE_PLACES, sizeof(*w->collate.places));
		if (!w->collate.places)
			return -ENOMEM;
	}
	w->collate.window_ms = window_ms;
	return 0;
}

struct store_ids rows_ids(const struct rows *w)
{
	return w->ids;
}

uint64_t rows_events(const struct rows *w)
{
	return w->events;
}

void rows_free(struct rows *w)
{
	if (!w)
		return;
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(w->stmts[i]);
	intern_free(w->intern);
	posting_free(w->posting);
	hashes_free(w->hashes);
	map_free(&w->process_at);
	map_free(&w->image_birth);
	map_free(&w->next_in_ms);
	map_free(&w->rollup);
	map_free(&w->alike);
	free(w->collate.places);
	free(w->processes);
	free(w->held);
	free(w);
}
