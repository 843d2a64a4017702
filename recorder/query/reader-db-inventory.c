/* What there was: programs, listeners, accounts, modules, files that start something. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/autostart.h"
#include "recorder/query/functions.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"
#include "recorder/store/text.h"

enum { MAX_TRIES = 16, MAX_PATHS = 2000 };

/* What tells things apart: ids of texts, and of a hash. */
struct key {
	int64_t area, name, other, port;
};

struct listing {
	struct reader_db *r;
	struct reader_inventory *out;
	struct dictionary texts;
	sqlite3_stmt *image, *detail;
	struct map at; /* hash of the key → place in things */
	struct key *keys;
	size_t cap, of[READER_AREAS];
};

/* ---- things ---- */

static int grow(struct listing *l)
{
	struct key *keys;
	void *things = l->out->things;
	int r = reader_db_grow(&l->out->arena, &things, l->out->n, sizeof(*l->out->things));

	l->out->things = things;
	if (r < 0 || l->out->n < l->cap)
		return r;
	keys = reallocarray(l->keys, l->cap ? l->cap * 2 : 256, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	l->keys = keys;
	l->cap = l->cap ? l->cap * 2 : 256;
	return 0;
}

/* Where it is, or NULL with *ret_hash where it belongs; -E2BIG is for keys that are made to collide. */
static int find(struct listing *l, const struct key *k, uint64_t *ret_hash, struct reader_thing **ret)
{
	uint64_t *at;

	*ret = NULL;
	*ret_hash = span_hash((struct span){ (const char *)k, sizeof(*k) });
	for (int i = 0; i < MAX_TRIES; i++, ++*ret_hash) {
		at = map_get(&l->at, *ret_hash);
		if (!at)
			return 0;
		if (memcmp(&l->keys[*at], k, sizeof(*k)) == 0) {
			*ret = &l->out->things[*at];
			return 0;
		}
	}
	return -E2BIG;
}

/* The thing of that key: *ret_new when it was not there. NULL when there are too many. */
static int thing_of(struct listing *l, const struct key *k, bool *ret_new, struct reader_thing **ret)
{
	uint64_t hash;
	int r = find(l, k, &hash, ret);

	*ret_new = false;
	if (r == 0 && *ret)
		return 0;
	if (r < 0 || l->of[k->area] >= READER_MAX_THINGS) {
		l->out->left_out++;
		return 0;
	}
	r = grow(l);
	if (r == 0)
		r = map_put(&l->at, hash, l->out->n);
	if (r < 0)
		return r;
	l->keys[l->out->n] = *k;
	*ret = &l->out->things[l->out->n++];
	**ret = (struct reader_thing){ .area = (int)k->area, .port = k->port };
	l->of[k->area]++;
	*ret_new = true;
	return 0;
}

/* ---- programs ---- */

static int copy_hash(struct listing *l, sqlite3_stmt *s, int column, struct span *ret)
{
	struct span hex = functions_column(s, column);

	*ret = hex.n ? arena_copy(&l->out->arena, hex) : SPAN_NONE;
	return l->out->arena.failed ? -ENOMEM : 0;
}

static const char *const program_sql[] = {
	"SELECT i.executable, i.hash, count(*), min(coalesce(i.start_ms, p.start_ms)), max(coalesce(i.start_ms, p.start_ms)) "
	"AS last, (SELECT lower(hex(h.sha256)) FROM file_hash h WHERE h.id = i.hash), NULL FROM image i "
	"LEFT JOIN process p ON p.id = i.process WHERE i.executable IS NOT NULL GROUP BY i.executable, i.hash ORDER BY last DESC",
	"SELECT i.script, NULL, count(*), min(coalesce(i.start_ms, p.start_ms)), max(coalesce(i.start_ms, p.start_ms)) AS last, "
	"NULL, i.executable FROM image i LEFT JOIN process p ON p.id = i.process WHERE i.script IS NOT NULL GROUP BY i.script "
	"ORDER BY last DESC",
};

static int take_program(struct listing *l, sqlite3_stmt *s)
{
	struct key k = { READER_AREA_EXECUTABLE, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), 0 };
	struct reader_thing *t;
	bool is_new;
	int r = thing_of(l, &k, &is_new, &t);

	if (r < 0 || !t)
		return r;
	if (is_new) {
		r = dictionary_get(&l->texts, k.name, &t->name);
		if (r == 0)
			r = dictionary_column(&l->texts, s, 6, &t->by);
		t->first_ms = sqlite3_column_int64(s, 3);
		t->last_ms = sqlite3_column_int64(s, 4);
	}
	t->count += (uint64_t)sqlite3_column_int64(s, 2);
	return r < 0 ? r : is_new ? copy_hash(l, s, 5, &t->detail) : 0;
}

static int take_programs(struct listing *l, const char *sql)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(l->r->db, sql, &s);

	while (r == 0 && (r = statement_step(s)) == 1)
		r = take_program(l, s);
	return r;
}

/* ---- events ---- */

static int tell_doer(struct listing *l, int64_t image, struct span *ret)
{
	int r = 0;

	if (image) {
		sqlite3_bind_int64(l->image, 1, image);
		r = statement_step(l->image);
		if (r == 1)
			r = dictionary_column(&l->texts, l->image, 0, ret);
		sqlite3_reset(l->image);
	}
	return r < 0 ? r : 0;
}

static int sha256_of(struct listing *l, int64_t event, int64_t *ret)
{
	int r;

	sqlite3_bind_int64(l->detail, 1, event);
	r = statement_step(l->detail);
	*ret = r == 1 ? sqlite3_column_int64(l->detail, 0) : 0;
	sqlite3_reset(l->detail);
	return r < 0 ? r : 0;
}

/* Of a rename the name that matters: what it was renamed to, if that starts something. */
static int key_of_file(struct listing *l, sqlite3_stmt *s, struct key *k)
{
	for (int column = 6; column >= 5 && k->area < 0; column--) {
		struct span path;
		int r = dictionary_column(&l->texts, s, column, &path);

		if (r < 0)
			return r;
		if (autostart_is(path)) {
			k->area = READER_AREA_AUTOSTART;
			k->name = sqlite3_column_int64(s, column);
		}
	}
	return 0;
}

/* Columns: READER_DB_SUM_COLUMNS, image, object, object2, port. area -1: none. */
static int key_of(struct listing *l, sqlite3_stmt *s, int action, struct key *k)
{
	*k = (struct key){ -1, sqlite3_column_int64(s, 5), 0, 0 };
	switch (action) {
	case ACTION_NETWORK_LISTEN:
		k->area = READER_AREA_LISTENER;
		k->port = sqlite3_column_int64(s, 7);
		return 0;
	case ACTION_SECURITY_ACCOUNT:
		k->area = READER_AREA_ACCOUNT;
		k->other = sqlite3_column_int64(s, 6);
		return 0;
	case ACTION_DRIVER_LOAD:
		k->area = READER_AREA_MODULE;
		return sha256_of(l, sqlite3_column_int64(s, 0), &k->other);
	case ACTION_FILE_MOUNT: case ACTION_FILE_UNMOUNT:
		return 0;
	default:
		return reader_db_category(action) == EVENT_FILE ? key_of_file(l, s, k) : 0;
	}
}

/* Newest first: what is said of the first one holds. */
static int take_event(struct listing *l, sqlite3_stmt *s)
{
	struct reader_db_sum sum = reader_db_sum_of(s);
	const char *action = event_action_name(sum.action);
	struct reader_thing *t;
	struct key k;
	bool is_new;
	int r = key_of(l, s, sum.action, &k);

	if (r < 0 || k.area < 0)
		return r;
	r = thing_of(l, &k, &is_new, &t);
	if (r < 0 || !t)
		return r;
	t->count += sum.events;
	t->first_ms = sum.time_ms;
	if (!is_new)
		return 0;
	t->last_ms = sum.time_ms + sum.span_ms;
	r = dictionary_get(&l->texts, k.name, &t->name);
	if (r == 0)
		r = dictionary_get(&l->texts, k.other, &t->detail);
	if (r == 0)
		r = tell_doer(l, sqlite3_column_int64(s, 4), &t->by);
	if (k.area == READER_AREA_AUTOSTART)
		t->detail = span_of(action ? action : "");
	return r;
}

static int take_events(struct listing *l, const struct expr *where)
{
	struct plan *plan;
	struct cursor c;
	int r = reader_db_plan(l->r, where, &plan);

	if (r == 0)
		r = cursor_open(&c, plan, READER_DB_SUM_COLUMNS ", e.image, e.object, e.object2, e.port",
		                cursor_ids(INT64_MIN, INT64_MAX), true);
	if (r < 0)
		return r;
	while ((r = cursor_next(&c)) == 1) {
		r = take_event(l, c.row);
		if (r < 0)
			break;
	}
	cursor_close(&c);
	return r;
}

static int take_matching(struct listing *l, const char *where)
{
	AUTO_EXPR *e = NULL;
	struct expr_error fault;
	int r = expr_parse(span_of(where), &e, &fault);

	return r < 0 ? r : take_events(l, e);
}

/* ---- files ---- */

struct paths {
	struct expr_value values[MAX_PATHS];
	size_t n; /* more than MAX_PATHS: not all are there */
};

/* Looked for here, not by an expression: that many conditions on text would each keep a set of all texts. */
static int find_paths(struct listing *l, struct paths *p)
{
	AUTO_STATEMENT *s = NULL;
	AUTO_BUF whole = BUF_INIT;
	int r = statement_prepare(l->r->db, "SELECT t.id, t.value, d.value FROM text t LEFT JOIN text d ON d.id = t.dir "
	                          "WHERE t.kind <= 1", &s);

	while (r == 0 && (r = statement_step(s)) == 1) {
		struct span path;

		r = text_whole(TEXT_PATH, functions_column(s, 2), functions_column(s, 1), &whole, &path);
		if (r < 0 || !autostart_is(path))
			continue;
		if (p->n < MAX_PATHS)
			r = dictionary_get(&l->texts, sqlite3_column_int64(s, 0), &p->values[p->n].text);
		p->n++;
	}
	return r;
}

static int take_files(struct listing *l)
{
	AUTO_FREE struct paths *p = calloc(1, sizeof(*p));
	struct expr where = { .op = EXPR_IN, .field = field_find(SPAN("file.path")) };
	int r = p ? find_paths(l, p) : -ENOMEM;

	if (r < 0 || p->n == 0)
		return r;
	if (p->n > MAX_PATHS)
		return take_matching(l, "event.category == file");
	where.values = p->values;
	where.n_values = p->n;
	return take_events(l, &where);
}

/* ---- the call ---- */

static int list_all(struct listing *l)
{
	int r = take_programs(l, program_sql[0]);

	reader_db_progress(l->r, 0, 1);
	if (r == 0)
		r = take_programs(l, program_sql[1]);
	if (r == 0)
		r = take_matching(l, "event.outcome != failure and event.action in (Listen, AccountChange, DriverLoad)");
	if (r == 0)
		r = take_files(l);
	if (r == 0 && l->out->n)
		qsort(l->out->things, l->out->n, sizeof(*l->out->things), reader_thing_compare);
	return r;
}

int reader_db_inventory(struct reader *reader, struct cancel *cancel, struct reader_inventory *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_inventory out = { .arena = ARENA_INIT };
	struct listing l = { .r = r, .out = &out };
	int error;

	reader_db_begin(r, cancel);
	error = dictionary_open(&l.texts, r->db, &out.arena);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT executable FROM image WHERE id = ?", &l.image);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT value FROM detail WHERE event = ? AND field = 8", &l.detail);
	if (error == 0)
		error = list_all(&l);
	sqlite3_finalize(l.image);
	sqlite3_finalize(l.detail);
	dictionary_close(&l.texts);
	map_free(&l.at);
	free(l.keys);
	if (error < 0)
		reader_inventory_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}
