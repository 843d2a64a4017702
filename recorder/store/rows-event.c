/* Events, what is counted of them, and the collating of those alike. */
#include <errno.h>
#include <stdlib.h>

#include "recorder/store/rows-def.h"
#include "recorder/store/sql.h"

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

/* ---- serials: the low bits of a row's id tell it, beside table serial_base ---- */

enum {
	ROWS_A_SERIAL = 1,    /* bits: two rows of one audit event have room */
	SERIALS_BEFORE = 64,  /* that may still come after a later one */
	SERIALS_MOST = 6144,  /* to a base; 4096 ids stay free in a millisecond for rows whose ids tell none */
};

int rows_read_serials(struct rows *w)
{
	AUTO_STMT *s = NULL;
	int code = SQLITE_DONE, r = sql_prepare(w->db, "SELECT id, serial FROM serial_base ORDER BY id DESC LIMIT 2", &s);

	for (int i = 0; i < 2; i++)
		w->serials[i].id = -1;
	for (int i = 0; i < 2 && r == 0 && (code = sqlite3_step(s)) == SQLITE_ROW; i++)
		w->serials[i] = (struct serial_base){ sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1) };
	return r == 0 ? sql_error(code) : r;
}

/* Serials count from there for all rows from that millisecond on. */
static int begin_serials(struct rows *w, int64_t ms, uint64_t serial)
{
	sqlite3_stmt *s = w->stmts[ADD_SERIALS];
	struct serial_base base = { ms << SEQUENCE_BITS, serial > SERIALS_BEFORE ? serial - SERIALS_BEFORE : 0 };
	int r;

	sqlite3_bind_int64(s, 1, base.id);
	sqlite3_bind_int64(s, 2, (int64_t)base.serial);
	r = sql_run(s);
	if (r < 0)
		return r;
	w->serials[1] = w->serials[0];
	w->serials[0] = base;
	return 0;
}

/* The first sequence number of that millisecond that tells the serial; -1 none does. */
static int64_t telling_sequence(const struct rows *w, int64_t ms, uint64_t serial)
{
	for (int i = 0; i < 2; i++) {
		const struct serial_base *b = &w->serials[i];

		if (b->id >= 0 && b->id <= ms << SEQUENCE_BITS)
			return serial >= b->serial && serial - b->serial < SERIALS_MOST ?
			       (int64_t)(serial - b->serial) << ROWS_A_SERIAL : -1;
	}
	return -1;
}

/* Moves *sequence up to one that tells the serial, if there is one; *told says whether. */
static int tell_serial(struct rows *w, int64_t ms, uint64_t serial, int64_t *sequence, bool *told)
{
	int64_t first = serial ? telling_sequence(w, ms, serial) : -1;

	if (serial && first < 0 && ms > w->last_ms && serial <= INT64_MAX) {
		int r = begin_serials(w, ms, serial);

		if (r < 0)
			return r;
		first = telling_sequence(w, ms, serial);
	}
	*told = first >= 0 && first + (1 << ROWS_A_SERIAL) > *sequence;
	if (*told && first > *sequence)
		*sequence = first;
	return 0;
}

static int next_event_id(struct rows *w, int64_t time_ms, uint64_t serial, int64_t *ret, bool *told)
{
	int64_t sequence, ms = rows_clamp_ms(time_ms);
	int r = next_sequence(w, ms, &sequence);

	while (r == 0 && sequence > SEQUENCE_MAX)
		r = next_sequence(w, ++ms, &sequence);
	if (r == 0)
		r = tell_serial(w, ms, serial, &sequence, told);
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
	sql_bind_or_null(s, 5, e->serial, -1);
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

/* ---- programs that are looked for along PATH ---- */

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

static bool may_search(const struct rows *w, const struct event *e)
{
	return w->collate.window_ms > 0 && e->action == ACTION_PROCESS_EXEC_FAILED && e->result == ENOENT && e->image &&
	       e->object.p && e->n_details == 0;
}

static struct exec_search *search_of(struct rows *w, int64_t image)
{
	return &w->searches[image & (ROWS_SEARCHES - 1)];
}

/* Is it the next place that the program of that row is looked for at? */
static bool goes_on(const struct rows *w, const struct exec_search *s, const struct event *e, int64_t ms)
{
	const struct held_event *h = s->held >= 0 && may_search(w, e) ? &w->held[s->held] : NULL;

	return h && h->image == e->image && h->flags == e->flags && ms >= h->id >> SEQUENCE_BITS &&
	       ms - (h->id >> SEQUENCE_BITS) <= w->collate.window_ms &&
	       span_eq(last_name(buf_span(&s->last)), last_name(e->object));
}

static int keep_last(struct exec_search *s, struct span path)
{
	buf_clear(&s->last);
	buf_add_span(&s->last, path);
	return s->last.failed ? -ENOMEM : 0;
}

/* The row says where it was looked for first and last, and how often. */
static int end_search(struct rows *w, struct exec_search *s)
{
	struct held_event *h = s->held >= 0 ? &w->held[s->held] : NULL;
	struct intern_ref last;
	int r;

	s->held = -1;
	if (!h || h->count < 2)
		return 0;
	r = intern_text(w->intern, TEXT_PATH, buf_span(&s->last), h->id >> BUCKET_SHIFT, &last);
	if (r == 0)
		r = rows_post_text(w, last, h->id >> BUCKET_SHIFT);
	if (r == 0)
		h->object2 = last.id;
	return r;
}

static int end_searches(struct rows *w)
{
	int r = 0;

	for (int i = 0; i < ROWS_SEARCHES && r == 0; i++)
		r = end_search(w, &w->searches[i]);
	return r;
}

/* The event's row is the one held back last. */
static int begin_search(struct rows *w, const struct event *e)
{
	struct exec_search *s = search_of(w, e->image);
	int r = end_search(w, s);

	if (r == 0)
		r = keep_last(s, e->object);
	if (r == 0)
		s->held = (int64_t)w->n_held - 1;
	return r;
}

static int count_search(struct rows *w, struct exec_search *s, const struct event *e, int64_t ms)
{
	struct held_event *h = &w->held[s->held];

	h->count = h->count ? h->count + 1 : 2;
	if (ms - (h->id >> SEQUENCE_BITS) > h->span_ms)
		h->span_ms = ms - (h->id >> SEQUENCE_BITS);
	w->events++;
	return keep_last(s, e->object);
}

/* In order of id, so that pages fill from the left. */
int rows_flush_events(struct rows *w)
{
	int r = end_searches(w);

	if (r < 0)
		return r;
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
	return w->n_held == MAX_HELD_EVENTS ? rows_flush_events(w) : 0;
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
			r = rows_post_text(w, value, id >> BUCKET_SHIFT);
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
	int r = rows_post_text(w, refs->object, bucket);

	if (r == 0)
		r = rows_post_text(w, refs->object2, bucket);
	if (r == 0)
		r = post_image(w, e->image, bucket);
	if (r == 0)
		r = count_rollup(&w->rollup, id, (int)e->action);
	return r == 0 && e->n_details ? add_details(w, e, id) : r;
}

/* Of a program that starts, the object is what the image's row says already. */
static bool is_told_by_image(const struct rows *w, const struct event *e, int64_t object)
{
	return (e->action == ACTION_PROCESS_CREATE || e->action == ACTION_PROCESS_SEEN) && e->image == w->newest &&
	       object == w->newest_exe;
}

int rows_add_event(struct rows *w, const struct event *e)
{
	int64_t id = 0, ms = rows_clamp_ms(e->time_ms);
	struct collated key = { .image = e->image, .action = (int32_t)e->action, .result = e->result, .port = e->port,
		.port2 = e->port2, .flags = e->flags };
	struct exec_search *search = search_of(w, e->image);
	struct collated *place = NULL;
	struct event_refs refs;
	bool told = false;
	int r = make_room(w);

	if (r == 0 && goes_on(w, search, e, ms)) {
		r = count_search(w, search, e, ms);
		return r < 0 ? r : count_rollup(&w->alike, w->held[search->held].id, (int)e->action);
	}
	if (r == 0)
		r = intern_event(w, e, rows_bucket(ms), &refs);
	if (r < 0)
		return r;
	if (is_told_by_image(w, e, refs.object.id))
		refs.object = (struct intern_ref){ 0 };
	key.object = refs.object.id;
	key.object2 = refs.object2.id;
	if (collate_may(&w->collate, e)) {
		place = collate_place(&w->collate, &key);
		if (collate_matches(&w->collate, place, &key, ms))
			return count_alike(w, place, ms);
	}
	r = next_event_id(w, ms, e->serial, &id, &told);
	if (r == 0 && place)
		r = remember_row(w, place, &key, id);
	if (r == 0)
		r = post_event(w, e, &refs, id);
	if (r < 0)
		return r;
	hold_event(w, &(struct held_event){ id, e->image, key.object, key.object2,
	                                    told ? -1 : (int64_t)e->serial, key.action, e->result,
	                                    e->port, e->port2, e->flags, 0, 0 });
	w->events++;
	return may_search(w, e) ? begin_search(w, e) : 0;
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

int rows_flush_rollup(struct rows *w)
{
	int r = write_sums(w, &w->rollup, true);

	return r < 0 ? r : write_sums(w, &w->alike, false);
}
