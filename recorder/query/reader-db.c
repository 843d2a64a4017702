#include "recorder/query/reader-db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/translate.h"
#include "recorder/query/functions.h"
#include "recorder/query/statement.h"
#include "recorder/store/store.h"
#include "recorder/store/vault.h"

enum {
	PROGRESS_OPS = 20000, /* virtual machine steps between looks at `cancel`: under 1 ms */
	PROGRESS_ROWS = 20000,
	MINUTE_MS = 60000,
	RELATIVE_MS = 60000,  /* how long "-1h" may mean the same instant */
};

static int on_progress(void *data)
{
	const struct reader_db *r = data;

	return r->cancel && atomic_load(&r->cancel->requested);
}

void reader_db_begin(struct reader_db *r, struct cancel *c)
{
	r->cancel = c;
	r->reader.error[0] = 0;
}

int reader_db_end(struct reader_db *r, int error)
{
	const char *words = NULL;

	if (error == -ERANGE)
		words = N_("the pattern needs too many steps on a text of this recording: make it simpler");
	else if (error == -E2BIG)
		words = N_("the expression has too many conditions");
	else if (error == -EBADMSG)
		words = N_("the recording is damaged");
	else if (error == -EFBIG)
		words = N_("the recording is damaged: a value is larger than any that is recorded");
	else if (error == -ENOENT)
		words = N_("there is no such process in this recording");
	if (words)
		snprintf(r->reader.error, sizeof(r->reader.error), "%s", words);
	r->cancel = NULL;
	return error;
}

void reader_db_progress(struct reader_db *r, uint64_t done, uint64_t all)
{
	if (done % PROGRESS_ROWS == 0 && all && r->reader.progress)
		r->reader.progress(done < all ? (double)done / (double)all : 1, r->reader.progress_data);
}

/* ---- plans ---- */

static void forget(struct reader_db_plan *p)
{
	plan_free(p->plan);
	free(p->text);
	*p = (struct reader_db_plan){ 0 };
}

/* Changes whenever another connection has committed. */
static unsigned version_of(sqlite3 *db)
{
	unsigned version = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
	return version;
}

static bool is_relative(const struct expr *e)
{
	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].relative)
			return true;
	for (size_t i = 0; i < e->n_kids; i++)
		if (is_relative(e->kids[i]))
			return true;
	return false;
}

/* Plans with relative times are used for a while only: long enough for pages to follow each other. */
static struct reader_db_plan *find_plan(struct reader_db *r, const char *text, unsigned version, int64_t not_before)
{
	struct reader_db_plan *oldest = &r->plans[0];

	for (size_t i = 0; i < READER_DB_PLANS; i++) {
		struct reader_db_plan *p = &r->plans[i];

		if (p->plan && p->version == version && p->now >= not_before && strcmp(p->text, text) == 0)
			return p;
		if (p->used < oldest->used)
			oldest = p;
	}
	forget(oldest);
	return oldest;
}

/* Sets of ids that lie far apart are large: when memory is out, the plans from before go. */
static int compile(struct reader_db *r, const struct expr *where, int64_t now, struct plan **ret)
{
	int error = plan_new(r->db, where, now, r->cancel, ret);

	if (error != -ENOMEM)
		return error;
	for (size_t i = 0; i < READER_DB_PLANS; i++)
		forget(&r->plans[i]);
	return plan_new(r->db, where, now, r->cancel, ret);
}

int reader_db_plan(struct reader_db *r, const struct expr *where, struct plan **ret)
{
	AUTO_BUF text = BUF_INIT;
	struct reader_db_plan *p;
	unsigned version;
	int64_t last, now = clock_now();
	int error = statement_number(r->db, "SELECT max(id) FROM event", 0, &last); /* begins a read: see version_of */

	if (error < 0)
		return error;
	buf_add_z(&text, "");
	if (where)
		expr_print(where, &text);
	if (text.failed)
		return -ENOMEM;
	version = version_of(r->db);
	p = find_plan(r, buf_span(&text).p, version, where && is_relative(where) ? now - RELATIVE_MS : INT64_MIN);
	if (!p->plan) {
		error = compile(r, where, now, &p->plan);
		if (error < 0)
			return error;
		p->text = buf_steal(&text);
		p->version = version;
		p->now = now;
		if (!p->text) {
			forget(p);
			return -ENOMEM;
		}
	}
	p->used = ++r->clock;
	*ret = p->plan;
	return 0;
}

/* ---- ranges and sums ---- */

struct reader_db_sum reader_db_sum_of(sqlite3_stmt *s)
{
	int64_t events = sqlite3_column_int64(s, 2), span = sqlite3_column_int64(s, 3);
	bool sane = events > 1 && span > 0 && span <= STORE_COLLATE_MAX_MS;

	return (struct reader_db_sum){ sqlite3_column_int64(s, 0) >> 14, sane ? span : 0, sqlite3_column_int(s, 1), 1,
		events > 0 ? (uint64_t)events : 1 };
}

/* How many of the events come before `at` ms after the first. They are events - 1 equal steps apart. */
static uint64_t events_before(const struct reader_db_sum *sum, int64_t at)
{
	uint64_t steps = sum->events - 1, whole;

	if (at <= 0)
		return 0;
	if (at > sum->span_ms)
		return sum->events;
	/* ceil(at * steps / span), for any number of steps */
	whole = steps / (uint64_t)sum->span_ms * (uint64_t)at;
	return whole + (steps % (uint64_t)sum->span_ms * (uint64_t)at + (uint64_t)sum->span_ms - 1) / (uint64_t)sum->span_ms;
}

int reader_db_spread(const struct reader_histogram *h, const struct reader_db_sum *sum, reader_db_bin_fn *fn, void *data)
{
	int64_t end = h->from_ms + (int64_t)h->n_bins * h->bin_ms, last = sum->time_ms + sum->span_ms;
	int64_t from = sum->time_ms > h->from_ms ? sum->time_ms : h->from_ms;
	enum event_category category = reader_db_category(sum->action);
	int r = 0;

	if (last >= end)
		last = end - 1;
	if (sum->span_ms == 0)
		return from <= last ? fn((size_t)((from - h->from_ms) / h->bin_ms), category, sum->events, data) : 0;
	for (int64_t bin = (from - h->from_ms) / h->bin_ms; from <= last && r == 0; bin++) {
		int64_t next = h->from_ms + (bin + 1) * h->bin_ms;
		uint64_t n = events_before(sum, next - sum->time_ms) - events_before(sum, from - sum->time_ms);

		r = n ? fn((size_t)bin, category, n, data) : 0;
		from = next;
	}
	return r;
}

static int add_bin(size_t bin, enum event_category category, uint64_t events, void *data)
{
	struct reader_histogram *h = data;

	h->counts[bin * EVENT_CATEGORY_COUNT + category] += events;
	return 0;
}

void reader_db_add(struct reader_histogram *h, const struct reader_db_sum *sum)
{
	reader_db_spread(h, sum, add_bin, h);
}

int reader_db_clamp(struct reader_db *r, struct reader_range *range)
{
	int64_t first = 0, last = 0;
	int error = statement_number(r->db, "SELECT min(id) FROM event", 0, &first);

	if (error == 0)
		error = statement_number(r->db, "SELECT max(id) FROM event", 0, &last);
	if (error < 0)
		return error;
	if (range->from_ms == INT64_MIN)
		range->from_ms = first >> 14;
	if (range->to_ms == INT64_MAX)
		range->to_ms = (last >> 14) + 1;
	return 0;
}

static int tally_events(const struct plan *p, struct reader_range range, reader_db_tally_fn *fn, void *data)
{
	struct cursor c;
	int r = cursor_open(&c, p, READER_DB_SUM_COLUMNS, cursor_ids(range.from_ms, range.to_ms), false);

	if (r < 0)
		return r;
	while ((r = cursor_next(&c)) == 1) {
		struct reader_db_sum sum = reader_db_sum_of(c.row);

		r = fn(&sum, data);
		if (r < 0)
			break;
	}
	cursor_close(&c);
	return r;
}

static int tally_minutes(const struct plan *p, int64_t from, int64_t to, reader_db_tally_fn *fn, void *data)
{
	AUTO_STATEMENT *s = NULL;
	int r = plan_prepare(p, "e.minute, e.action, e.count, coalesce(e.rows, e.count)", "rollup",
	                     "e.minute >= ?1 AND e.minute < ?2", "", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, from);
	sqlite3_bind_int64(s, 2, to);
	while ((r = statement_step(s)) == 1) {
		int64_t minute = sqlite3_column_int64(s, 0), count = sqlite3_column_int64(s, 2);
		int64_t rows = sqlite3_column_int64(s, 3);
		struct reader_db_sum sum;

		if (minute < 0 || minute > CLOCK_MAX / MINUTE_MS || count < 0 || rows < 0)
			continue;
		sum = (struct reader_db_sum){ minute * MINUTE_MS, 0, sqlite3_column_int(s, 1), (uint64_t)rows,
			(uint64_t)count };
		r = fn(&sum, data);
		if (r < 0)
			break;
	}
	return r;
}

int reader_db_tally(struct reader_db *r, const struct plan *p, struct reader_range range, int64_t grain_ms,
                    reader_db_tally_fn *fn, void *data)
{
	int64_t from = range.from_ms < 0 ? 0 : range.from_ms, to = range.to_ms > CLOCK_MAX ? CLOCK_MAX : range.to_ms;
	int64_t first = (from + MINUTE_MS - 1) / MINUTE_MS, last = to < 0 ? 0 : to / MINUTE_MS;
	int error;

	if (grain_ms % MINUTE_MS || !plan_uses_actions_only(p) || first >= last)
		return tally_events(p, range, fn, data);
	error = tally_events(p, (struct reader_range){ from, first * MINUTE_MS }, fn, data);
	if (error == 0)
		error = tally_minutes(p, first, last, fn, data);
	if (error == 0)
		error = tally_events(p, (struct reader_range){ last * MINUTE_MS, range.to_ms }, fn, data);
	return error;
}

/* ---- memory ---- */

void *reader_db_array(struct arena *a, size_t n, size_t size)
{
	void *p = n > SIZE_MAX / size ? NULL : arena_alloc(a, n * size);

	if (p)
		memset(p, 0, n * size);
	return p;
}

int reader_db_grow(struct arena *a, void **array, size_t n, size_t size)
{
	void *grown;

	if (n & (n - 1))
		return 0;
	grown = reader_db_array(a, n ? n * 2 : 1, size);
	if (!grown)
		return -ENOMEM;
	if (n)
		memcpy(grown, *array, n * size);
	*array = grown;
	return 0;
}

/* ---- open, close ---- */

static void close_db(struct reader *reader)
{
	struct reader_db *r = reader_db(reader);

	for (size_t i = 0; i < READER_DB_PLANS; i++)
		forget(&r->plans[i]);
	sqlite3_progress_handler(r->db, 0, NULL, NULL);
	vault_close(r->db);
	free(r);
}

static const struct reader_ops ops = {
	.info = reader_db_info,
	.count = reader_db_count,
	.page = reader_db_page,
	.histogram = reader_db_histogram,
	.process = reader_db_process,
	.timeline = reader_db_timeline,
	.tree = reader_db_tree,
	.distribution = reader_db_distribution,
	.lanes = reader_db_lanes,
	.story = reader_db_story,
	.completeness = reader_db_completeness,
	.values = reader_db_values,
	.cells = reader_db_cells,
	.space = reader_db_space,
	.inventory = reader_db_inventory,
	.close = close_db,
};

struct reader *reader_open_db(sqlite3 *db)
{
	struct reader_db *r = calloc(1, sizeof(*r));

	if (!r || functions_register(db) != SQLITE_OK) {
		free(r);
		vault_close(db);
		return NULL;
	}
	r->reader.ops = &ops;
	r->db = db;
	sqlite3_progress_handler(db, PROGRESS_OPS, on_progress, r);
	return &r->reader;
}
