#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"
#include "recorder/store/store.h"

enum { MAX_CHILDREN = 100000 };

/* Bins exactly as asked: from_ms is the range's, the last may reach past its end. */
static int lay_out(struct arena *a, struct reader_histogram *h, struct reader_range range, size_t n_bins)
{
	int64_t span = range.to_ms - range.from_ms, n = (int64_t)n_bins;

	h->from_ms = range.from_ms;
	h->bin_ms = (span + n - 1) / n;
	h->n_bins = (size_t)((span + h->bin_ms - 1) / h->bin_ms);
	h->counts = reader_db_array(a, h->n_bins * EVENT_CATEGORY_COUNT, sizeof(*h->counts));
	return h->counts ? 0 : -ENOMEM;
}

/* Rows that begin before the range may still stand for events in it. */
static struct reader_range reaching_into(struct reader_range range)
{
	range.from_ms = range.from_ms > STORE_COLLATE_MAX_MS ? range.from_ms - STORE_COLLATE_MAX_MS : 0;
	return range;
}

static int add_event(const struct reader_db_sum *sum, void *data)
{
	struct reader_histogram *h = data;

	reader_db_add(h, sum);
	return 0;
}

static int own_events(struct reader_db *r, int64_t process, struct reader_range range, struct reader_timeline *t)
{
	AUTO_PLAN *plan = NULL;
	struct idset *images;
	int error = reader_db_images(r, process, false, &images);

	if (error == 0)
		error = plan_new_images(r->db, images, &plan);
	return error < 0 ? error : reader_db_tally(r, plan, reaching_into(range), 1, add_event, &t->bins);
}

/* ---- children ---- */

static const char children_sql[] =
	"SELECT p.id FROM process p WHERE p.parent_image IN (" READER_DB_IMAGES_OF("?1") ") "
	"AND p.start_ms < ?3 AND (p.end_ms IS NULL OR p.end_ms >= ?2) ORDER BY p.start_ms, p.id";

static int list_children(struct reader_db *r, int64_t process, struct reader_range range, size_t max,
                         struct reader_timeline *t)
{
	AUTO_STATEMENT *s = NULL;
	struct reader_db_nodes nodes;
	void *list = NULL;
	int error = statement_prepare(r->db, children_sql, &s);

	if (error == 0)
		error = reader_db_nodes_open(&nodes, r, &t->arena);
	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, process);
	sqlite3_bind_int64(s, 2, range.from_ms);
	sqlite3_bind_int64(s, 3, range.to_ms);
	while (error == 0 && (error = statement_step(s)) == 1) {
		error = 0;
		if (t->n_children >= max) {
			t->children_left_out++;
			continue;
		}
		error = reader_db_grow(&t->arena, &list, t->n_children, sizeof(*t->children));
		t->children = list;
		if (error == 0)
			error = reader_db_nodes_get(&nodes, sqlite3_column_int64(s, 0), &t->children[t->n_children]);
		t->n_children += error == 0;
	}
	reader_db_nodes_close(&nodes);
	return error;
}

/* Which child an image belongs to: image → index of the child + 1. */
static int map_images(struct reader_db *r, const struct reader_timeline *t, struct map *child_of)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, READER_DB_IMAGES_OF("?1"), &s);

	for (size_t i = 0; i < t->n_children && error == 0; i++) {
		sqlite3_bind_int64(s, 1, t->children[i].process);
		while ((error = statement_step(s)) == 1) {
			error = map_put(child_of, (uint64_t)sqlite3_column_int64(s, 0), i);
			if (error < 0)
				return error;
		}
		sqlite3_reset(s);
	}
	return error;
}

/* A mark's key: child, bin (13 bits: READER_MAX_BINS), category (4 bits), so that keys sort as marks do. */
static uint64_t mark_key(uint64_t child, uint64_t bin, enum event_category category)
{
	return child << 17 | bin << 4 | (uint64_t)category;
}

struct counting {
	struct reader_timeline *t;
	struct map *marks;
	const uint64_t *child; /* NULL: of one that is not listed */
};

static int count_mark(size_t bin, enum event_category category, uint64_t events, void *data)
{
	struct counting *c = data;
	uint64_t *count, key;

	c->t->child_bins.counts[bin * EVENT_CATEGORY_COUNT + category] += events;
	if (!c->child)
		return 0;
	key = mark_key(*c->child, bin, category);
	count = map_get(c->marks, key);
	return map_put(c->marks, key, (count ? *count : 0) + events);
}

static int count_child(struct reader_timeline *t, sqlite3_stmt *s, const struct map *child_of, struct map *marks)
{
	struct reader_db_sum sum = reader_db_sum_of(s);
	struct counting c = { t, marks, map_get(child_of, (uint64_t)sqlite3_column_int64(s, 4)) };

	return reader_db_spread(&t->child_bins, &sum, count_mark, &c);
}

static int compare_marks(const void *a, const void *b)
{
	const struct map_slot *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int list_marks(struct reader_timeline *t, const struct map *marks)
{
	struct map_slot *sorted = calloc(marks->n + 1, sizeof(*sorted)), *slot;
	size_t n = 0, at = 0;

	if (!sorted)
		return -ENOMEM;
	while ((slot = map_next(marks, &at)))
		sorted[n++] = *slot;
	qsort(sorted, n, sizeof(*sorted), compare_marks);
	t->n_child_marks = n < READER_MAX_CHILD_MARKS ? n : READER_MAX_CHILD_MARKS;
	t->child_marks = reader_db_array(&t->arena, t->n_child_marks, sizeof(*t->child_marks));
	for (size_t i = 0; t->child_marks && i < t->n_child_marks; i++)
		t->child_marks[i] = (struct reader_child_mark){
			.child = (uint32_t)(sorted[i].key >> 17), .bin = sorted[i].key >> 4 & 0x1fff,
			.category = sorted[i].key & 15, .count = sorted[i].value };
	free(sorted);
	return t->child_marks ? 0 : -ENOMEM;
}

static int walk_children(struct reader_db *r, int64_t process, struct reader_range range, struct reader_timeline *t,
                         const struct map *child_of, struct map *marks)
{
	AUTO_PLAN *plan = NULL;
	struct idset *images;
	struct cursor c;
	int error = reader_db_images(r, process, true, &images);

	range = reaching_into(range);
	if (error == 0)
		error = plan_new_images(r->db, images, &plan);
	if (error == 0)
		error = cursor_open(&c, plan, READER_DB_SUM_COLUMNS ", e.image", cursor_ids(range.from_ms, range.to_ms), false);
	if (error < 0)
		return error;
	while ((error = cursor_next(&c)) == 1) {
		error = count_child(t, c.row, child_of, marks);
		if (error < 0)
			break;
	}
	cursor_close(&c);
	return error;
}

static int child_events(struct reader_db *r, int64_t process, struct reader_range range, struct reader_timeline *t)
{
	struct map child_of = MAP_INIT, marks = MAP_INIT;
	int error = map_images(r, t, &child_of);

	if (error == 0)
		error = walk_children(r, process, range, t, &child_of, &marks);
	if (error == 0)
		error = list_marks(t, &marks);
	map_free(&child_of);
	map_free(&marks);
	return error;
}

/* ---- the call ---- */

/* An open range is the process's life; of one that still runs, up to the end of the recording. */
static int clamp(struct reader_db *r, int64_t process, struct reader_range *range)
{
	struct arena arena = ARENA_INIT;
	struct reader_range all = READER_ALL_TIME;
	struct reader_db_nodes nodes;
	struct reader_node node;
	int error = reader_db_nodes_open(&nodes, r, &arena);

	if (error == 0) {
		error = reader_db_nodes_get(&nodes, process, &node);
		reader_db_nodes_close(&nodes);
	}
	arena_free(&arena);
	if (error == 0)
		error = reader_db_clamp(r, &all);
	if (error < 0)
		return error;
	if (range->from_ms == INT64_MIN)
		range->from_ms = node.start_ms;
	if (range->to_ms == INT64_MAX)
		range->to_ms = !node.end_ms ? all.to_ms : node.end_ms < CLOCK_MAX ? node.end_ms + 1 : CLOCK_MAX;
	if (range->from_ms < 0)
		range->from_ms = 0;
	if (range->to_ms > CLOCK_MAX)
		range->to_ms = CLOCK_MAX;
	return range->from_ms < range->to_ms ? 0 : -EINVAL;
}

int reader_db_timeline(struct reader *reader, struct cancel *cancel, int64_t process, struct reader_range range,
                       size_t n_bins, size_t max_children, struct reader_timeline *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_timeline t = { .arena = ARENA_INIT };
	int error;

	if (n_bins == 0 || n_bins > READER_MAX_BINS || max_children > MAX_CHILDREN)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = clamp(r, process, &range);
	if (error == 0)
		error = lay_out(&t.arena, &t.bins, range, n_bins);
	if (error == 0)
		error = lay_out(&t.arena, &t.child_bins, range, n_bins);
	if (error == 0)
		error = own_events(r, process, range, &t);
	if (error == 0)
		error = list_children(r, process, range, max_children, &t);
	if (error == 0)
		error = child_events(r, process, range, &t);
	if (error < 0)
		reader_timeline_free(&t);
	else
		*ret = t;
	return reader_db_end(r, error);
}
