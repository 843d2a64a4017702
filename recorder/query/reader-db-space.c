/* What takes the space: every event is weighed once, and told apart by what could leave it out (spoor-agent.conf). */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/space-def.h"
#include "recorder/query/statement.h"

/* A row's share beside the values: row id, header (a byte a column), length and cell pointer, as SQLite's "Database File
 * Format" has them; of a text also its entry in text_hash. */
enum { EVENT_ROW = 8 + 12 + 1 + 2, TEXT_ROW = 4 + 5 + 2 + 2 + 4, POSTING_ROW = 4 + 4 + 3 + 1 + 2, DETAIL_ROW = 8 + 4 + 1 + 2 + 3,
       PROCESS_ROW = 38, IMAGE_ROW = 46, HASH_ROW = 2 * 40 + 16 };
enum { MAX_TEXTS = 1 << 21, MAX_IMAGES = 1 << 20 };

#define COLUMNS READER_DB_SUM_COLUMNS ", e.image, e.object, e.object2, e.serial, e.result, e.port, e.port2, e.flags"
enum { COLUMN_ID, COLUMN_ACTION, COLUMN_COUNT, COLUMN_SPAN, COLUMN_IMAGE, COLUMN_OBJECT, COLUMN_OBJECT2, COLUMN_SERIAL,
       COLUMN_RESULT, COLUMN_PORT, COLUMN_PORT2, COLUMN_FLAGS, COLUMN_END };

struct weighing {
	struct space space;
	struct map texts, images; /* met: text → directory << 32 | last bucket; image → last bucket */
	sqlite3_stmt *text, *details;
	int64_t events, kept;     /* weights: of what can be left out; of all else */
};

/* ---- weights ---- */

static int64_t value_bytes(sqlite3_stmt *s, int column)
{
	int64_t v = sqlite3_column_int64(s, column);

	if (v == 0 || v == 1)
		return 0;
	v = v < 0 ? ~v : v;
	return v < 1 << 7 ? 1 : v < 1 << 15 ? 2 : v < 1 << 23 ? 3 : v < INT64_C(1) << 31 ? 4 : v < INT64_C(1) << 47 ? 6 : 8;
}

/* Of a text that an event has; *ret_directory 0: it is in none. */
static int weigh_text(struct weighing *w, int64_t id, uint32_t bucket, int64_t *weight, uint32_t *ret_directory)
{
	uint64_t *met = map_get(&w->texts, (uint64_t)id);
	int64_t directory = 0;
	int r;

	*ret_directory = met ? (uint32_t)(*met >> 32) : 0;
	if (met) {
		if ((uint32_t)*met != bucket)
			*weight += POSTING_ROW;
		*met = (uint64_t)*ret_directory << 32 | bucket;
		return 0;
	}
	sqlite3_bind_int64(w->text, 1, id);
	r = statement_step(w->text);
	if (r == 1) {
		*weight += TEXT_ROW + sqlite3_column_bytes(w->text, 0);
		directory = sqlite3_column_int64(w->text, 1);
	}
	sqlite3_reset(w->text);
	if (r < 0 && r != -EFBIG)
		return r;
	*ret_directory = directory > 0 && directory <= UINT32_MAX ? (uint32_t)directory : 0;
	if (w->texts.n >= MAX_TEXTS) /* more than memory should go to: what is met again then counts as new */
		map_clear(&w->texts);
	return map_put(&w->texts, (uint64_t)id, (uint64_t)*ret_directory << 32 | bucket);
}

static int weigh_image(struct weighing *w, int64_t image, uint32_t bucket, int64_t *weight)
{
	uint64_t *met = image ? map_get(&w->images, (uint64_t)image) : NULL;

	if (image == 0 || (met && *met == bucket))
		return 0;
	*weight += POSTING_ROW;
	if (met) {
		*met = bucket;
		return 0;
	}
	if (w->images.n >= MAX_IMAGES)
		map_clear(&w->images);
	return map_put(&w->images, (uint64_t)image, bucket);
}

static int weigh_details(struct weighing *w, int64_t event, uint32_t bucket, int64_t *weight)
{
	uint32_t unused;
	int r;

	sqlite3_bind_int64(w->details, 1, event);
	while ((r = statement_step(w->details)) == 1) {
		*weight += DETAIL_ROW;
		r = weigh_text(w, sqlite3_column_int64(w->details, 0), bucket, weight, &unused);
		if (r < 0)
			break;
	}
	sqlite3_reset(w->details);
	return r;
}

/* ---- one event ---- */

static int weigh(struct weighing *w, sqlite3_stmt *s, struct space_event *e)
{
	uint32_t bucket = (uint32_t)((uint64_t)sqlite3_column_int64(s, COLUMN_ID) >> 26);
	int64_t object2 = sqlite3_column_int64(s, COLUMN_OBJECT2);
	int r = 0;

	e->weight = EVENT_ROW;
	for (int c = COLUMN_ACTION; c < COLUMN_END; c++)
		e->weight += value_bytes(s, c);
	if (e->object)
		r = weigh_text(w, e->object, bucket, &e->weight, &e->directory);
	if (r == 0 && object2)
		r = weigh_text(w, object2, bucket, &e->weight, &e->directory2);
	if (r == 0)
		r = weigh_image(w, e->image, bucket, &e->weight);
	if (r == 0 && (e->category == EVENT_SECURITY || e->category == EVENT_DRIVER))
		r = weigh_details(w, sqlite3_column_int64(s, COLUMN_ID), bucket, &e->weight);
	return r;
}

/* The side that was connected to: the other one's port says nothing. */
static int64_t port_of(sqlite3_stmt *s, int action)
{
	bool ours = action == ACTION_NETWORK_ACCEPT || (sqlite3_column_int64(s, COLUMN_FLAGS) & EVENT_FLAG_ACCEPTED);

	return sqlite3_column_int64(s, ours ? COLUMN_PORT2 : COLUMN_PORT);
}

static int take_event(struct weighing *w, sqlite3_stmt *s)
{
	struct reader_db_sum sum = reader_db_sum_of(s);
	struct space_event e = { .action = sum.action, .category = reader_db_category(sum.action), .events = sum.events,
		.image = sqlite3_column_int64(s, COLUMN_IMAGE), .object = sqlite3_column_int64(s, COLUMN_OBJECT) };
	int r = weigh(w, s, &e);

	if (r < 0)
		return r;
	if (e.category == EVENT_PROCESS) {
		w->kept += e.weight;
		return 0;
	}
	w->events += e.weight;
	if (e.category == EVENT_NETWORK)
		e.port = port_of(s, sum.action);
	return space_add(&w->space, &e);
}

static int take_events(struct weighing *w, struct reader_db *r, uint64_t rows)
{
	struct plan *plan;
	struct cursor c;
	uint64_t done = 0;
	int error = reader_db_plan(r, NULL, &plan);

	if (error == 0)
		error = cursor_open(&c, plan, COLUMNS, cursor_ids(INT64_MIN, INT64_MAX), false);
	if (error < 0)
		return error;
	while ((error = cursor_next(&c)) == 1) {
		error = take_event(w, c.row);
		if (error < 0)
			break;
		reader_db_progress(r, ++done, rows);
	}
	cursor_close(&c);
	return error;
}

/* ---- the file ---- */

/* Processes, programs, hashes, and the texts that no event has. */
static int weigh_others(struct reader_db *r, int64_t *ret)
{
	static const struct { const char *sql; int64_t each; } tables[] = {
		{ "SELECT count(*) FROM process", PROCESS_ROW }, { "SELECT count(*) FROM image", IMAGE_ROW },
		{ "SELECT count(*) FROM file_hash", HASH_ROW },
		{ "SELECT count(*) FROM text WHERE kind = 3", TEXT_ROW },
		{ "SELECT coalesce(sum(length(value)), 0) FROM text WHERE kind = 3", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		int64_t n, more;
		int error = statement_number(r->db, tables[i].sql, 0, &n);

		if (error < 0)
			return error;
		if (n > 0 && !__builtin_mul_overflow(n, tables[i].each, &more) && more < INT64_C(1) << 50)
			*ret += more;
	}
	return 0;
}

static int64_t file_bytes(sqlite3 *db)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 n = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file && file->pMethods && file->pMethods->xFileSize(file, &n) == SQLITE_OK ? n : 0;
}

/* Bytes of the file for each byte of weight. */
static double scale_of(const struct weighing *w, int64_t bytes, int64_t tables)
{
	double weight = (double)w->events + (double)w->kept, filled = (double)(bytes - tables * SPACE_PAGE);
	double scale = weight > 0 ? filled / weight : 1;

	return scale < SPACE_SCALE_LEAST ? SPACE_SCALE_LEAST : scale > SPACE_SCALE_MOST ? SPACE_SCALE_MOST : scale;
}

/* ---- how long ---- */

static int64_t recorded_ms(const struct reader_info *i)
{
	int64_t at = i->recorded_ms, span = i->last_ms - at;

	for (size_t k = 0; k < i->n_gaps; k++) {
		int64_t from = i->gaps[k].from_ms > at ? i->gaps[k].from_ms : at;
		int64_t to = i->gaps[k].to_ms < i->last_ms ? i->gaps[k].to_ms : i->last_ms;

		if (i->gaps[k].cause != GAP_NOT_RUNNING || from >= to)
			continue;
		span -= to - from;
		at = to;
	}
	return span > 0 ? span : 0;
}

/* ---- the call ---- */

static int prepare(struct weighing *w, struct reader_db *r, struct arena *arena)
{
	int error = space_open(&w->space, r, arena);

	if (error == 0)
		error = statement_prepare(r->db, "SELECT value, CASE kind WHEN 1 THEN dir END FROM text WHERE id = ?", &w->text);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT value FROM detail WHERE event = ?", &w->details);
	return error;
}

static void weighing_free(struct weighing *w)
{
	sqlite3_finalize(w->text);
	sqlite3_finalize(w->details);
	map_free(&w->texts);
	map_free(&w->images);
	space_close(&w->space);
}

static int answer(struct weighing *w, struct reader_db *r, size_t max, struct reader_space *out)
{
	int64_t tables = 0, bytes = file_bytes(r->db);
	double scale;
	int error = weigh_others(r, &w->kept);

	if (error == 0)
		error = statement_number(r->db, "SELECT count(*) FROM sqlite_schema WHERE rootpage > 0", 0, &tables);
	if (error < 0)
		return error;
	scale = scale_of(w, bytes, tables);
	out->bytes = (uint64_t)(bytes > 0 ? bytes : 0);
	out->event_bytes = (uint64_t)((double)w->events * scale);
	if (out->event_bytes > out->bytes)
		out->event_bytes = out->bytes;
	return space_answer(&w->space, scale, max, out);
}

int reader_db_space(struct reader *reader, struct cancel *cancel, size_t max, struct reader_space *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_space out = { .arena = ARENA_INIT };
	struct weighing w = { 0 };
	struct reader_info info;
	uint64_t rows = 0;
	int error = max > READER_MAX_COSTS ? -EINVAL : reader_db_info(reader, cancel, &info);

	if (error < 0)
		return error;
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		rows += info.by_category[c];
	out.recorded_ms = recorded_ms(&info);
	reader_info_free(&info);
	reader_db_begin(r, cancel);
	error = prepare(&w, r, &out.arena);
	if (error == 0)
		error = take_events(&w, r, rows);
	if (error == 0)
		error = answer(&w, r, max, &out);
	weighing_free(&w);
	if (error < 0)
		reader_space_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}
