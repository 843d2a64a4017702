/* reader-db: a reader over a database in this process. What its files share; for users: recorder/query/reader.h. */
#pragma once

#include <sqlite3.h>

#include "recorder/query/cursor.h"
#include "recorder/query/dictionary.h"
#include "recorder/query/reader.h"

enum { READER_DB_PLANS = 20 /* a search, and the rules that colour its rows */ };

struct reader_db {
	struct reader reader;
	sqlite3 *db;
	struct cancel *cancel; /* of the running call */
	struct reader_db_plan { /* compiled lately: pages of one search follow each other */
		char *text;         /* of the expression */
		struct plan *plan;
		unsigned version;   /* of the database */
		int64_t now;        /* what relative times count from */
		uint64_t used;
	} plans[READER_DB_PLANS];
	uint64_t clock;         /* for `used` */
};

static inline struct reader_db *reader_db(struct reader *r) { return (struct reader_db *)r; }

/* Every call begins and ends with these. end passes `error` on, with words for people where there are better ones. */
void reader_db_begin(struct reader_db *r, struct cancel *c);
int reader_db_end(struct reader_db *r, int error);

/* Tells how far the call is: `done` of `all`. Cheap enough for every row. */
void reader_db_progress(struct reader_db *r, uint64_t done, uint64_t all);

/* The plan of `where`, made now or before. It is the reader's. */
int reader_db_plan(struct reader_db *r, const struct expr *where, struct plan **ret);

/* Rows alike: those of a minute, or one. */
struct reader_db_sum {
	int64_t time_ms;  /* of the row, or the minute */
	int64_t span_ms;  /* over which the row's events are spread */
	int action;
	uint64_t rows, events;
};
/* Calls fn for every matching row in the range, or, where `grain_ms` is a multiple of a minute and the plan allows it,
 * for every minute and action. */
typedef int reader_db_tally_fn(const struct reader_db_sum *sum, void *data);
int reader_db_tally(struct reader_db *r, const struct plan *p, struct reader_range range, int64_t grain_ms,
                    reader_db_tally_fn *fn, void *data);
/* The columns that reader_db_sum_of takes, in this order and first. */
#define READER_DB_SUM_COLUMNS "e.id, e.action, coalesce(e.count, 1), coalesce(e.span_ms, 0)"
struct reader_db_sum reader_db_sum_of(sqlite3_stmt *s);
/* Calls fn for every bin of h that has some of the sum's events: they lie evenly between its first and last, one at each
 * end. Those outside of h are left out. */
typedef int reader_db_bin_fn(size_t bin, enum event_category category, uint64_t events, void *data);
int reader_db_spread(const struct reader_histogram *h, const struct reader_db_sum *sum, reader_db_bin_fn *fn, void *data);
/* The same into h's counts. */
void reader_db_add(struct reader_histogram *h, const struct reader_db_sum *sum);
/* Clamps an open range to the recording: from the first event to behind the last. */
int reader_db_clamp(struct reader_db *r, struct reader_range *range);
/* Category of a stored action, EVENT_NONE when unknown. */
static inline enum event_category reader_db_category(int64_t action)
{
	return action < 0 || action > INT32_MAX ? EVENT_NONE : event_action_category((int)action);
}

/* n zeroed elements in the arena; NULL when memory is out. */
void *reader_db_array(struct arena *a, size_t n, size_t size);
/* n rows of a growing array in an arena: makes room for one more. 0 or -ENOMEM. */
int reader_db_grow(struct arena *a, void **array, size_t n, size_t size);

/* ---- processes ---- */
struct reader_db_nodes {
	struct reader_db *r;
	sqlite3_stmt *process, *image, *children;
	struct dictionary texts;
	struct arena *arena;
};
int reader_db_nodes_open(struct reader_db_nodes *n, struct reader_db *r, struct arena *arena);
void reader_db_nodes_close(struct reader_db_nodes *n);
/* 0, -ENOENT when there is no such process. */
int reader_db_nodes_get(struct reader_db_nodes *n, int64_t process, struct reader_node *ret);
/* For qsort of struct reader_node: the oldest first. */
int reader_db_nodes_by_start(const void *a, const void *b);

/* SQL: the ids of a process's images. */
#define READER_DB_IMAGES_OF(process) "SELECT id FROM image WHERE of = " process " OR (id = " process " AND of IS NULL)"
/* The images of a process, or (children) of the processes that it started, as a set that plan_new_images takes. */
int reader_db_images(struct reader_db *r, int64_t process, bool children, struct idset **ret);

/* ---- the calls: one file each group ---- */
/* What is missing of the whole recording, oldest first; at most READER_MAX_GAPS. */
enum { READER_MAX_GAPS = 10000 };
int reader_db_gaps(struct reader_db *r, struct arena *arena, struct gap **ret, size_t *ret_n);

int reader_db_info(struct reader *r, struct cancel *c, struct reader_info *ret);
int reader_db_count(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range, uint64_t step,
                    struct reader_count *ret);
int reader_db_page(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                   struct reader_place at, size_t n, struct reader_page *ret);
int reader_db_histogram(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                        size_t n_bins, struct reader_histogram *ret);
int reader_db_process(struct reader *r, struct cancel *c, int64_t process, struct reader_process *ret);
int reader_db_timeline(struct reader *r, struct cancel *c, int64_t process, struct reader_range range, size_t n_bins,
                       size_t max_children, struct reader_timeline *ret);
int reader_db_tree(struct reader *r, struct cancel *c, int64_t process, struct reader_tree_limits limits,
                   struct reader_tree *ret);
int reader_db_distribution(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                           struct reader_distribution *ret);
int reader_db_lanes(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                    enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret);
int reader_db_story(struct reader *r, struct cancel *c, int64_t process, size_t max, struct reader_story *ret);
int reader_db_completeness(struct reader *r, struct cancel *c, struct reader_range range, unsigned kinds,
                           struct reader_completeness *ret);
int reader_db_values(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                     const struct reader_values_wish *wish, struct reader_values *ret);
int reader_db_space(struct reader *r, struct cancel *c, size_t max, struct reader_space *ret);
int reader_db_inventory(struct reader *r, struct cancel *c, struct reader_inventory *ret);
int reader_db_cells(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret);
