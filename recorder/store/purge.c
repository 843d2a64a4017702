#include "recorder/store/purge.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "recorder/store/sql.h"

enum {
	BUCKET_SHIFT = 26, SEQUENCE_BITS = 14, MINUTE_MS = 60000,
	LOOK_AHEAD = 256,  /* images are nearly in order of their start */
	ROUNDS = 16,       /* generations of processes that go in one step */
	SWEEP_SHARE = 8, SWEEP_LEAST = 64, /* see sweep_is_due */
};
#define FAR_AHEAD_MS (INT64_C(400) * 86400000) /* a clock that was set wrong */

enum stmt {
	NTH, LAST, REFERRED, DETAILS, DROP_DETAILS, SUM_EVENTS, DROP_EVENTS, PART_MINUTE, LESS_ROLLUP, DROP_ROLLUP,
	NEXT_IMAGES, IMAGE_TEXTS, PROCESS_OF, IMAGES_OF, HAS_CHILDREN, DROP_IMAGE, DROP_PROCESS, DROP_POSTINGS, HAS_POSTINGS,
	TEXT, BIRTH, NAMED, BIRTHS, DROP_BIRTH, DROP_GAPS, GET_PURGED, GROW_PURGED, ADD_PURGED, DROP_UNPARSED,
	DROP_SERIALS, USED_BY_IMAGES, CREDENTIALS, DROP_CREDENTIAL, HASHES, DROP_HASH, STMT_COUNT
};

static const char *const stmt_sql[STMT_COUNT] = {
	[NTH] = "SELECT id FROM event ORDER BY id LIMIT 1 OFFSET ?",
	[LAST] = "SELECT min(id), max(id) FROM event",
	[REFERRED] = "SELECT image, object, object2 FROM event WHERE id < ?",
	[DETAILS] = "SELECT value FROM detail WHERE event < ?",
	[DROP_DETAILS] = "DELETE FROM detail WHERE event < ?",
	[SUM_EVENTS] = "SELECT sum(coalesce(count, 1)) FROM event WHERE id < ?",
	[DROP_EVENTS] = "DELETE FROM event WHERE id < ?",
	[PART_MINUTE] = ("SELECT action, sum(coalesce(count, 1)), count(*) FROM event WHERE id >= ?1 AND id < ?2 "
	                 "GROUP BY action"),
	[LESS_ROLLUP] = ("UPDATE rollup SET count = count - ?3, rows = nullif(coalesce(rows, count) - ?4, count - ?3) "
	                 "WHERE minute = ?1 AND action = ?2"),
	[DROP_ROLLUP] = "DELETE FROM rollup WHERE minute < ?1 OR (minute = ?1 AND count <= 0)",
	[NEXT_IMAGES] = ("SELECT i.id, coalesce(i.start_ms, p.start_ms) FROM image i "
	                 "LEFT JOIN process p ON p.id = i.process WHERE i.id > ? ORDER BY i.id"),
	[IMAGE_TEXTS] = "SELECT executable, comm, command_line, cwd, script FROM image WHERE id = ?",
	[PROCESS_OF] = ("SELECT i.process, p.id, p.end_ms, p.boot < (SELECT max(id) FROM boot) FROM image i "
	                "LEFT JOIN process p ON p.id = i.process WHERE i.id = ?"),
	[IMAGES_OF] = "SELECT id FROM image WHERE of = ?1 OR (id = ?1 AND of IS NULL)",
	[HAS_CHILDREN] = "SELECT 1 FROM process WHERE parent_image = ?1 AND id <> ?2 LIMIT 1",
	[DROP_IMAGE] = "DELETE FROM image WHERE id = ?",
	[DROP_PROCESS] = "DELETE FROM process WHERE id = ?",
	[DROP_POSTINGS] = "DELETE FROM posting WHERE term = ? AND bucket < ?",
	[HAS_POSTINGS] = "SELECT 1 FROM posting WHERE term = ? AND bucket >= ? LIMIT 1",
	[TEXT] = "SELECT kind, dir FROM text WHERE id = ?",
	[BIRTH] = "SELECT bucket FROM text_birth WHERE text <= ? ORDER BY text DESC LIMIT 1",
	[NAMED] = ("SELECT 1 WHERE EXISTS (SELECT 1 FROM credential WHERE ?1 IN (user, auser, tty, cgroup)) "
	           "OR EXISTS (SELECT 1 FROM boot WHERE host = ?1)"),
	[BIRTHS] = "SELECT text, bucket FROM text_birth ORDER BY text",
	[DROP_BIRTH] = "DELETE FROM text_birth WHERE text = ?",
	[DROP_GAPS] = "DELETE FROM gap WHERE to_ms < ?1 AND cause <> ?2",
	[GET_PURGED] = "SELECT id FROM gap WHERE cause = ? ORDER BY id LIMIT 1",
	[GROW_PURGED] = "UPDATE gap SET to_ms = ?2, count = count + ?3, from_ms = min(from_ms, ?4) WHERE id = ?1",
	[ADD_PURGED] = "INSERT INTO gap(from_ms, to_ms, cause, count) VALUES(?4, ?2, ?1, ?3)",
	[DROP_UNPARSED] = "DELETE FROM unparsed WHERE time_ms < ?",
	[USED_BY_IMAGES] = "SELECT credential, hash FROM image",
	[CREDENTIALS] = "SELECT id, user, auser, tty, cgroup FROM credential",
	[DROP_CREDENTIAL] = "DELETE FROM credential WHERE id = ?",
	[HASHES] = "SELECT id FROM file_hash",
	[DROP_HASH] = "DELETE FROM file_hash WHERE id = ?",
	[DROP_SERIALS] = "DELETE FROM serial_base WHERE id < (SELECT max(id) FROM serial_base WHERE id <= ?)",
};

struct purge {
	sqlite3 *db;
	struct intern *intern;
	sqlite3_stmt *stmts[STMT_COUNT];
	int64_t looked_at;     /* images up to this id were */
	struct map old;        /* images that began before the cut and stay */
	struct map old_texts;  /* text → how many references those have to it */
	struct map images, texts; /* of the running step: what may have lost its last use */
	int64_t cut;
	int64_t images_dropped, images_kept; /* since the last sweep; at that */
};

/* ---- small things ---- */

static int collect(struct map *m, int64_t id)
{
	return id > 0 ? map_put(m, (uint64_t)id, 0) : 0;
}

static int add_reference(struct map *m, int64_t id, int more)
{
	uint64_t *n = map_get(m, (uint64_t)id);

	if (id <= 0)
		return 0;
	if (more < 0 && n && *n <= 1) {
		map_remove(m, (uint64_t)id);
		return 0;
	}
	if (more < 0 && !n)
		return 0;
	return map_put(m, (uint64_t)id, n ? (more < 0 ? *n - 1 : *n + 1) : 1);
}

/* 1 there is a row, 0 not, or an error. The statement stays on its row: sqlite3_reset it. */
static int step(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : sql_error(code);
}

static int has_row(sqlite3_stmt *s, int64_t a, int64_t b)
{
	int r;

	sqlite3_bind_int64(s, 1, a);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, b);
	r = step(s);
	sqlite3_reset(s);
	return r;
}

static int run(sqlite3_stmt *s, int64_t a, int64_t b)
{
	sqlite3_bind_int64(s, 1, a);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, b);
	return sql_run(s);
}

static int collect_columns(sqlite3_stmt *s, int64_t key, struct map *first, struct map *others)
{
	int r;

	sqlite3_bind_int64(s, 1, key);
	while ((r = step(s)) == 1) {
		for (int i = 0; i < sqlite3_column_count(s) && r >= 0; i++)
			r = collect(i == 0 ? first : others, sqlite3_column_int64(s, i));
		if (r < 0)
			break;
	}
	sqlite3_reset(s);
	return r;
}

/* ---- events ---- */

static int less_rollup(struct purge *p, int64_t cut_id)
{
	sqlite3_stmt *part = p->stmts[PART_MINUTE], *less = p->stmts[LESS_ROLLUP];
	int64_t minute = (cut_id >> SEQUENCE_BITS) / MINUTE_MS;
	int r;

	sqlite3_bind_int64(part, 1, (minute * MINUTE_MS) << SEQUENCE_BITS);
	sqlite3_bind_int64(part, 2, cut_id);
	while ((r = step(part)) == 1) {
		sqlite3_bind_int64(less, 1, minute);
		for (int i = 0; i < 3; i++)
			sqlite3_bind_int64(less, 2 + i, sqlite3_column_int64(part, i));
		r = sql_run(less);
		if (r < 0)
			break;
	}
	sqlite3_reset(part);
	return r < 0 ? r : run(p->stmts[DROP_ROLLUP], minute, 0);
}

/* Says what is no longer there. One row for all purges. */
static int tell_gap(struct purge *p, int64_t first_ms, int64_t cut_ms, int64_t events)
{
	sqlite3_stmt *get = p->stmts[GET_PURGED], *put = p->stmts[ADD_PURGED];
	int64_t id = GAP_PURGED;
	int r;

	sqlite3_bind_int64(get, 1, GAP_PURGED);
	r = step(get);
	if (r == 1) {
		id = sqlite3_column_int64(get, 0);
		put = p->stmts[GROW_PURGED];
	}
	sqlite3_reset(get);
	if (r < 0)
		return r;
	sqlite3_bind_int64(put, 1, id);
	sqlite3_bind_int64(put, 2, cut_ms);
	sqlite3_bind_int64(put, 3, events);
	sqlite3_bind_int64(put, 4, first_ms);
	r = sql_run(put);
	return r < 0 ? r : run(p->stmts[DROP_GAPS], cut_ms, GAP_PURGED);
}

static int drop_events(struct purge *p, int64_t first_id)
{
	int64_t cut_id = p->cut << BUCKET_SHIFT, events = 0;
	int r = collect_columns(p->stmts[REFERRED], cut_id, &p->images, &p->texts);

	if (r == 0)
		r = collect_columns(p->stmts[DETAILS], cut_id, &p->texts, &p->texts);
	if (r == 0) {
		sqlite3_bind_int64(p->stmts[SUM_EVENTS], 1, cut_id);
		r = step(p->stmts[SUM_EVENTS]);
		events = sqlite3_column_int64(p->stmts[SUM_EVENTS], 0);
		sqlite3_reset(p->stmts[SUM_EVENTS]);
	}
	if (r >= 0)
		r = less_rollup(p, cut_id);
	if (r == 0)
		r = run(p->stmts[DROP_DETAILS], cut_id, 0);
	if (r == 0)
		r = run(p->stmts[DROP_EVENTS], cut_id, 0);
	if (r == 0)
		r = run(p->stmts[DROP_SERIALS], cut_id, 0);
	if (r == 0)
		r = tell_gap(p, first_id >> SEQUENCE_BITS, cut_id >> SEQUENCE_BITS, events);
	return r < 0 ? r : run(p->stmts[DROP_UNPARSED], cut_id >> SEQUENCE_BITS, 0);
}

/* ---- images and processes ---- */

/* The texts of an image, with their directories: they are (more 1) or are no longer (-1) an old image's. */
static int refer_to_texts(struct purge *p, int64_t image, int more)
{
	sqlite3_stmt *s = p->stmts[IMAGE_TEXTS], *t = p->stmts[TEXT];
	int64_t texts[10] = { 0 };
	int r;

	sqlite3_bind_int64(s, 1, image);
	r = step(s);
	for (int i = 0; i < 5 && r == 1; i++)
		texts[i] = sqlite3_column_int64(s, i);
	sqlite3_reset(s);
	for (int i = 0; i < 5 && r >= 0; i++) {
		sqlite3_bind_int64(t, 1, texts[i]);
		r = texts[i] ? step(t) : 0;
		texts[5 + i] = r == 1 ? sqlite3_column_int64(t, 1) : 0;
		sqlite3_reset(t);
	}
	for (int i = 0; i < 10 && r >= 0; i++) {
		r = add_reference(&p->old_texts, texts[i], more);
		if (r == 0)
			r = collect(&p->texts, texts[i]);
	}
	return r < 0 ? r : 0;
}

/* Images that began before the cut now, and did not at the last one. */
static int find_old_images(struct purge *p)
{
	sqlite3_stmt *s = p->stmts[NEXT_IMAGES];
	int ahead = 0, r;

	sqlite3_bind_int64(s, 1, p->looked_at);
	while ((r = step(s)) == 1 && ahead < LOOK_AHEAD) {
		int64_t id = sqlite3_column_int64(s, 0), start = sqlite3_column_int64(s, 1);
		bool old = start >> 12 < p->cut;

		if (old && !map_get(&p->old, (uint64_t)id)) {
			r = map_put(&p->old, (uint64_t)id, 0);
			if (r == 0)
				r = refer_to_texts(p, id, 1);
			if (r == 0)
				r = collect(&p->images, id);
			if (r < 0)
				break;
		}
		if (!old && start < (p->cut << 12) + FAR_AHEAD_MS)
			ahead++;
		else if (ahead == 0)
			p->looked_at = id;
	}
	sqlite3_reset(s);
	return r < 0 ? r : 0;
}

/* Does anything that stays refer to it? */
static int image_is_used(struct purge *p, int64_t image, int64_t process)
{
	int r = map_get(&p->old, (uint64_t)image) ? 0 : 1;

	if (r == 0)
		r = has_row(p->stmts[HAS_POSTINGS], image * 2, p->cut);
	return r ? r : has_row(p->stmts[HAS_CHILDREN], image, process);
}

static int drop_image(struct purge *p, int64_t image)
{
	int r = refer_to_texts(p, image, -1);

	if (r == 0)
		r = run(p->stmts[DROP_POSTINGS], image * 2, INT64_MAX);
	if (r == 0)
		r = run(p->stmts[DROP_IMAGE], image, 0);
	map_remove(&p->old, (uint64_t)image);
	p->images_dropped++;
	return r;
}

enum { MAX_SEGMENTS = 4096 };

/* 1 when the process that ran that image is over, unused, and was deleted. */
static int drop_process_of(struct purge *p, int64_t image, int64_t *segments)
{
	sqlite3_stmt *s = p->stmts[PROCESS_OF];
	int64_t process, end, n = 0;
	bool over;
	int r;

	sqlite3_bind_int64(s, 1, image);
	r = step(s);
	process = sqlite3_column_int64(s, 0);
	end = sqlite3_column_int64(s, 2);
	over = sqlite3_column_type(s, 1) == SQLITE_NULL || sqlite3_column_int(s, 3) ||
	       (sqlite3_column_type(s, 2) != SQLITE_NULL && end >> 12 < p->cut);
	sqlite3_reset(s);
	if (r != 1 || !over)
		return r < 0 ? r : 0;
	s = p->stmts[IMAGES_OF];
	sqlite3_bind_int64(s, 1, process);
	while ((r = step(s)) == 1 && n < MAX_SEGMENTS)
		segments[n++] = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	for (int64_t i = 0; i < n && r == 0; i++)
		r = image_is_used(p, segments[i], process);
	if (r)
		return r < 0 ? r : 0;
	for (int64_t i = 0; i < n && r == 0; i++)
		r = drop_image(p, segments[i]);
	if (r == 0)
		r = run(p->stmts[DROP_PROCESS], process, 0);
	return r < 0 ? r : 1;
}

static int compare_descending(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a > b ? -1 : a < b;
}

static int list_keys(const struct map *m, int64_t **ret)
{
	int64_t *keys = calloc(m->n + 1, sizeof(*keys));
	struct map_slot *slot;
	size_t at = 0, n = 0;

	if (!keys)
		return -ENOMEM;
	while ((slot = map_next(m, &at)))
		keys[n++] = (int64_t)slot->key;
	qsort(keys, n, sizeof(*keys), compare_descending);
	*ret = keys;
	return 0;
}

/* Children have greater ids than their parents, so one pass downwards is nearly always enough. */
static int drop_processes(struct purge *p)
{
	AUTO_FREE int64_t *segments = calloc(MAX_SEGMENTS, sizeof(*segments));
	bool again = true;
	int r = segments ? 0 : -ENOMEM;

	for (int round = 0; round < ROUNDS && again && r >= 0; round++) {
		AUTO_FREE int64_t *images = NULL;
		size_t n = p->old.n;

		again = false;
		r = list_keys(&p->old, &images);
		for (size_t i = 0; i < n && r >= 0; i++) {
			if (!map_get(&p->old, (uint64_t)images[i]))
				continue;
			r = drop_process_of(p, images[i], segments);
			again = again || r == 1;
		}
	}
	return r < 0 ? r : 0;
}

/* ---- credentials and hashes ---- */

/* Nothing lists the images of a credential or a hash: all images are looked through, once so many of them were deleted
 * that this costs little for each. */
static bool sweep_is_due(const struct purge *p)
{
	return p->images_dropped >= SWEEP_LEAST && p->images_dropped >= p->images_kept / SWEEP_SHARE;
}

static int find_used(struct purge *p, struct map *credentials, struct map *hashes)
{
	sqlite3_stmt *s = p->stmts[USED_BY_IMAGES];
	int64_t n = 0;
	int r;

	while ((r = step(s)) == 1) {
		r = collect(credentials, sqlite3_column_int64(s, 0));
		if (r == 0)
			r = collect(hashes, sqlite3_column_int64(s, 1));
		if (r < 0)
			break;
		n++;
	}
	sqlite3_reset(s);
	if (r == 0) {
		p->images_kept = n;
		p->images_dropped = 0;
	}
	return r;
}

/* Which of the rows that `all` lists are not used; what else it lists of them may have lost its last use. */
static int find_unused(sqlite3_stmt *all, const struct map *used, struct map *unused, struct map *texts)
{
	int r;

	while ((r = step(all)) == 1) {
		int64_t id = sqlite3_column_int64(all, 0);

		if (map_get(used, (uint64_t)id))
			continue;
		r = collect(unused, id);
		for (int i = 1; i < sqlite3_column_count(all) && r == 0; i++)
			r = collect(texts, sqlite3_column_int64(all, i));
		if (r < 0)
			break;
	}
	sqlite3_reset(all);
	return r;
}

static int drop_unused(struct purge *p, enum stmt all, enum stmt drop, const struct map *used)
{
	struct map unused = MAP_INIT;
	const struct map_slot *slot;
	size_t at = 0;
	int r = find_unused(p->stmts[all], used, &unused, &p->texts);

	while (r == 0 && (slot = map_next(&unused, &at)))
		r = run(p->stmts[drop], (int64_t)slot->key, 0);
	if (r == 0 && drop == DROP_CREDENTIAL)
		intern_forget_credentials(p->intern, &unused);
	map_free(&unused);
	return r;
}

static int sweep(struct purge *p)
{
	struct map credentials = MAP_INIT, hashes = MAP_INIT;
	int r = find_used(p, &credentials, &hashes);

	if (r == 0)
		r = drop_unused(p, CREDENTIALS, DROP_CREDENTIAL, &credentials);
	if (r == 0)
		r = drop_unused(p, HASHES, DROP_HASH, &hashes);
	map_free(&credentials);
	map_free(&hashes);
	return r;
}

/* ---- texts ---- */

static int collect_directories(struct purge *p)
{
	AUTO_FREE int64_t *ids = NULL;
	sqlite3_stmt *s = p->stmts[TEXT];
	size_t n = p->texts.n;
	int r = list_keys(&p->texts, &ids);

	for (size_t i = 0; i < n && r >= 0; i++) {
		int64_t dir = 0;

		sqlite3_bind_int64(s, 1, ids[i]);
		r = step(s);
		if (r == 1)
			dir = sqlite3_column_int64(s, 1);
		sqlite3_reset(s);
		if (r >= 0)
			r = collect(&p->texts, dir);
	}
	return r < 0 ? r : 0;
}

static int text_is_used(struct purge *p, int64_t id)
{
	sqlite3_stmt *s = p->stmts[BIRTH];
	int r;

	if (map_get(&p->old_texts, (uint64_t)id))
		return 1;
	sqlite3_bind_int64(s, 1, id);
	r = step(s);
	r = r == 1 ? sqlite3_column_int64(s, 0) >= p->cut : r;
	sqlite3_reset(s);
	if (r == 0)
		r = has_row(p->stmts[HAS_POSTINGS], id * 2 + 1, p->cut);
	if (r == 0) {
		sqlite3_bind_int64(p->stmts[TEXT], 1, id);
		r = step(p->stmts[TEXT]);
		r = r == 1 ? sqlite3_column_int(p->stmts[TEXT], 0) != TEXT_OTHER ? 0 : 2 : r == 0 ? 1 : r;
		sqlite3_reset(p->stmts[TEXT]);
	}
	return r == 2 ? has_row(p->stmts[NAMED], id, 0) : r;
}

static int drop_texts(struct purge *p)
{
	AUTO_FREE int64_t *ids = NULL;
	size_t n = p->texts.n, kept = 0;
	int r = collect_directories(p);

	n = p->texts.n;
	if (r == 0)
		r = list_keys(&p->texts, &ids);
	for (size_t i = 0; i < n && r >= 0; i++) {
		r = run(p->stmts[DROP_POSTINGS], ids[i] * 2 + 1, p->cut);
		if (r == 0)
			r = text_is_used(p, ids[i]);
		if (r == 0)
			ids[kept++] = ids[i];
	}
	return r < 0 ? r : intern_delete(p->intern, ids, kept);
}

static int drop_index(struct purge *p)
{
	AUTO_FREE int64_t *images = NULL;
	size_t n = p->images.n;
	int r = list_keys(&p->images, &images);

	for (size_t i = 0; i < n && r == 0; i++)
		r = run(p->stmts[DROP_POSTINGS], images[i] * 2, p->cut);
	return r;
}

/* Births before the cut need not be told apart: the first row says it for all. */
static int drop_births(struct purge *p)
{
	sqlite3_stmt *s = p->stmts[BIRTHS];
	bool first = true;
	int ahead = 0, r;

	while (ahead < LOOK_AHEAD && (r = step(s)) == 1) {
		bool before = sqlite3_column_int64(s, 1) < p->cut;

		r = before && !first ? run(p->stmts[DROP_BIRTH], sqlite3_column_int64(s, 0), 0) : 0;
		ahead += !before;
		first = false;
		if (r < 0)
			break;
	}
	r = r < 0 ? r : 0;
	sqlite3_reset(s);
	return r;
}

/* ---- a step ---- */

static int choose_cut(struct purge *p, int64_t n, int64_t before_ms, int64_t *ret_first)
{
	sqlite3_stmt *s = p->stmts[LAST];
	int64_t first, last, most, cut;
	int r = step(s);
	bool none = r == 1 && sqlite3_column_type(s, 0) == SQLITE_NULL;

	first = sqlite3_column_int64(s, 0);
	last = sqlite3_column_int64(s, 1);
	sqlite3_reset(s);
	if (r < 0 || none)
		return r < 0 ? r : -ENOENT;
	most = last >> BUCKET_SHIFT;
	if (before_ms >> 12 < most)
		most = before_ms >> 12;
	s = p->stmts[NTH];
	sqlite3_bind_int64(s, 1, n);
	r = step(s);
	cut = r == 1 ? sqlite3_column_int64(s, 0) >> BUCKET_SHIFT : most;
	sqlite3_reset(s);
	if (cut > most)
		cut = most;
	if (cut <= first >> BUCKET_SHIFT)
		cut = (first >> BUCKET_SHIFT) + 1;
	if (r < 0 || cut > most)
		return r < 0 ? r : -ENOENT;
	*ret_first = first;
	p->cut = cut;
	return 0;
}

int purge_step(struct purge *p, int64_t n, int64_t before_ms, int64_t *ret_cut)
{
	int64_t first_id = 0;
	int r = choose_cut(p, n, before_ms, &first_id);

	if (r < 0)
		return r;
	map_clear(&p->images);
	map_clear(&p->texts);
	r = drop_events(p, first_id);
	if (r == 0)
		r = find_old_images(p);
	if (r == 0)
		r = drop_processes(p);
	if (r == 0 && sweep_is_due(p))
		r = sweep(p);
	if (r == 0)
		r = drop_index(p);
	if (r == 0)
		r = drop_texts(p);
	if (r == 0)
		r = drop_births(p);
	if (r == 0)
		*ret_cut = p->cut;
	return r;
}

void purge_reset(struct purge *p)
{
	p->looked_at = p->images_kept = 0;
	map_clear(&p->old);
	map_clear(&p->old_texts);
}

int purge_new(sqlite3 *db, struct intern *intern, struct purge **ret)
{
	struct purge *p = calloc(1, sizeof(*p));
	int r = p ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	p->db = db;
	p->intern = intern;
	for (int i = 0; i < STMT_COUNT && r == 0; i++)
		r = sql_prepare(db, stmt_sql[i], &p->stmts[i]);
	if (r < 0) {
		purge_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void purge_free(struct purge *p)
{
	if (!p)
		return;
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(p->stmts[i]);
	map_free(&p->old);
	map_free(&p->old_texts);
	map_free(&p->images);
	map_free(&p->texts);
	free(p);
}
