/* reader: the one interface to a recording, wherever it is: a snapshot on disk (reader_open_db), or the other end of a
 * socket (agent/session/remote.h): a confined child, later a live endpoint. Who calls it cannot tell.
 *
 * Calls block; use them on a worker thread. One call at a time on one reader. Every call takes a cancel that any
 * thread may set. Errors: 0 or negative errno (-ECANCELED, -EINVAL bad argument, -ENOENT no such id, -EBADMSG damaged
 * file, -EPIPE the other end is gone, -ETIMEDOUT), with reader_error_text for people.
 * Answers are owned by the caller and freed with the function beside them. Where an answer has an arena, all of its
 * arrays and texts live in that arena (reader_timeline's bins too); arrays of answers without one come from malloc.
 * Times are ms UTC, ranges are [from, to).
 *
 * A row may stand for many alike events (store.h, store_collate): reader_row.count of them, from time_ms to time_ms +
 * span_ms. It is in a range when its first event is. What is listed counts rows: reader_count.total and by_category,
 * pages, reader_info.by_category, reader_process.by_category. What shows how much happened counts events: histogram,
 * timeline (both spread a row's events evenly over its span, the timeline also into a range that begins within the
 * span; bins of whole minutes put them where the first is), distribution, reader_count.events, reader_info.events.
 */
#pragma once

#include "agent/base/arena.h"
#include "agent/base/cancel.h"
#include "recorder/event.h"
#include "recorder/query/expr.h"

struct reader;
struct sqlite3;

struct reader_range {
	int64_t from_ms, to_ms; /* READER_ALL_TIME for everything */
};
/* Longer texts are cut to this and say so at their end: no recorder writes them, but others may. */
enum { READER_MAX_TEXT = 2 << 20 };
#define READER_ALL_TIME ((struct reader_range){ INT64_MIN, INT64_MAX })

/* ---- info ---- */

struct reader_info {
	struct arena arena; /* of the texts; reader_info_free */
	struct span host;
	uint64_t recording; /* the same in every snapshot of one recording, where event ids are the same too; 0 unknown */
	int64_t schema_version;
	int64_t first_ms, last_ms; /* of the events; equal and 0 when there are none */
	int64_t recorded_ms; /* of the first event that was not read from wtmp or btmp; first_ms where all were */
	uint64_t events, processes;
	uint64_t by_category[EVENT_CATEGORY_COUNT]; /* rows, a collated one counting once */
	uint64_t unparsed;
	size_t n_gaps;
	/* What completeness tells of the whole recording, but for what is a choice: oldest first; more than 10,000 are
	 * merged; from ≤ to. A picture marks those of gap_cause_is_drawn. */
	struct gap *gaps;
	size_t n_records; /* audit record types */
	struct reader_record_count { struct span name; uint64_t count, used; } *records;
	size_t n_unparsed_lines; /* the first ones, a megabyte at most; each cut at 64 KiB */
	struct reader_unparsed { struct span line, reason; } *unparsed_lines;
};
void reader_info_free(struct reader_info *i);

/* ---- rows ---- */

struct reader_row {
	int64_t id;       /* event id: stable in this recording */
	int64_t time_ms;
	int64_t process, image; /* 0 unknown */
	int64_t pid;
	int action, category;
	int32_t result, port, port2, flags;
	int64_t uid, euid, auid, session; /* -1 unknown */
	uint64_t serial, count;
	int64_t span_ms;
	struct span executable, command_line, user; /* of the image; absent when unknown */
	struct span comm; /* the kernel's name of it, where executable does not tell (kernel threads) */
	struct span object, object2;
};

struct reader_page {
	struct arena arena;
	struct reader_row *rows;
	size_t n;
	bool more; /* rows follow the last one; also where huge texts made it end before it had as many as asked for */
};
void reader_page_free(struct reader_page *p);

enum reader_order { READER_OLDEST_FIRST, READER_NEWEST_FIRST };

/* Where to start: the first row at or past `id` in that order (0: the very first), then `skip` rows further on. */
struct reader_place {
	enum reader_order order;
	int64_t id;
	uint64_t skip;
};

/* How many match, and the id of every `step`-th of them oldest first (row 0, step, 2 step, …), so that any row
 * number can be paged to quickly. step 0: no anchors. */
struct reader_count {
	uint64_t total, events; /* rows, and the events that they stand for */
	uint64_t by_category[EVENT_CATEGORY_COUNT];
	uint64_t step;
	int64_t *anchors; /* reader_count_free */
	size_t n_anchors;
};
void reader_count_free(struct reader_count *c);

/* ---- time ---- */

/* bins × categories counts: counts[bin * EVENT_CATEGORY_COUNT + category]. */
struct reader_histogram {
	int64_t from_ms, bin_ms; /* bin i covers [from_ms + i * bin_ms, from_ms + (i + 1) * bin_ms) */
	size_t n_bins;
	uint64_t *counts; /* reader_histogram_free */
};
void reader_histogram_free(struct reader_histogram *h);

enum { READER_MAX_BINS = 8192 };

/* ---- processes ---- */

struct reader_image {
	int64_t id, start_ms, end_ms; /* end: next image or the process's end; 0 still running at the end */
	int origin;
	struct span executable, comm, command_line, cwd, user, audit_user, tty, md5, sha256, cgroup, script;
	struct span *args; /* exact arguments; a missing one is absent */
	size_t n_args;
	int hash_reason;
	int64_t uid, gid, euid, egid, auid, session; /* -1 unknown */
};

struct reader_process {
	struct arena arena;
	int64_t id, pid, boot, start_ms, end_ms; /* end 0: no end recorded */
	int64_t ns_pid; /* in its own pid namespace; 0 unknown or the same */
	bool start_known;
	int origin, exit_code, signal; /* exit_code -1 unknown */
	struct span host;
	int64_t parent, parent_image, parent_pid; /* 0 unknown */
	struct span parent_executable, parent_command_line;
	struct reader_image *images; /* oldest first */
	size_t n_images;
	uint64_t by_category[EVENT_CATEGORY_COUNT];
	uint64_t children;
};
void reader_process_free(struct reader_process *p);

/* A bar on a timeline or a node of a tree: what is needed to draw it. */
struct reader_node {
	int64_t process, parent, pid; /* parent: process id, 0 unknown */
	int64_t start_ms, end_ms;     /* end 0: none recorded */
	int32_t exit_code, signal;
	bool start_known;
	uint32_t children;
	struct span name;         /* last name of the executable, else comm */
	struct span executable, command_line, user; /* of its last image */
};

/* Marks of one process, binned by the data side so that a frame is small at any size. */
struct reader_timeline {
	struct arena arena;
	struct reader_histogram bins;      /* events of the process in the asked range */
	struct reader_histogram child_bins; /* events of its children together */
	struct reader_node *children;      /* those alive in the range, oldest first */
	size_t n_children;
	uint64_t children_left_out;        /* more than max_children */
	/* child_bins told apart by child, for the marks on its bar: only non-zero ones, by child, then bin. When there
	 * are more than READER_MAX_CHILD_MARKS, the later children's are left out (child_bins still counts them). */
	struct reader_child_mark {
		uint32_t child, bin, category; /* index into children, into child_bins */
		uint64_t count;
	} *child_marks;
	size_t n_child_marks;
};
enum { READER_MAX_CHILD_MARKS = 20000 };
void reader_timeline_free(struct reader_timeline *t);

/* nodes[0] is the process asked for; then its ancestors, nearest first; then peers; then children; then, where
 * depth_down > 1, descendants level by level. Links are by process id. */
struct reader_tree {
	struct arena arena;
	struct reader_node *nodes;
	size_t n, n_ancestors, n_peers;
	uint64_t peers_left_out, children_left_out;
};
void reader_tree_free(struct reader_tree *t);

struct reader_tree_limits {
	uint32_t depth_up, depth_down, max_peers, max_children;
};

struct reader_distribution {
	struct reader_share { int action; uint64_t count; } *shares; /* by count, greatest first */
	size_t n;
};
void reader_distribution_free(struct reader_distribution *d);

/* ---- groups: who did what when ---- */

enum reader_group { READER_BY_KIND, READER_BY_USER, READER_BY_EXECUTABLE, READER_BY_CONTAINER, READER_BY_PROCESS,
                    READER_GROUPS };
enum { READER_MAX_LANES = 2000, READER_MAX_LANE_COUNTS = 1 << 20 }; /* counts: lanes × bins */

struct reader_lane {
	struct span name;  /* absent: not known (the user of a kernel's event), or for people to name (a kind) */
	int64_t key;       /* the kind's or the process's number, else 0 */
	uint64_t total, by_category[EVENT_CATEGORY_COUNT]; /* events, also those that no bin covers */
	uint64_t *counts;  /* bins × categories; NULL: n_bins is 0 */
};

/* Events told apart by who did them, in bins; those with the most events first. */
struct reader_lanes {
	struct arena arena;
	int64_t from_ms, bin_ms;
	size_t n_bins;
	struct reader_lane *lanes;
	size_t n;
	uint64_t left_out, events_left_out; /* groups beyond those asked for, and what they did */
};
void reader_lanes_free(struct reader_lanes *l);

/* ---- values: what a field holds ---- */

enum reader_values_order { READER_COMMON_FIRST, READER_RARE_FIRST };
enum { READER_MAX_VALUES = 1000, READER_VALUE_BYTES = 4096 };

struct reader_values_wish {
	const struct field *field;
	enum reader_values_order order; /* those alike in number come as they were met */
	size_t max;                     /* values to tell, READER_MAX_VALUES at most */
	struct span part;               /* only values that contain this, or begin with it, ignoring case; empty: all */
	bool prefix;
	bool quick; /* for completion: what the newest events, or the images, hold. Counts are of those, and `where` and the
	             * range are not asked */
};

/* text: as an expression takes it, a number or a time as it is written. Where an event has two values (the names of a
 * rename) it counts for both. */
struct reader_value {
	struct span text;      /* READER_VALUE_BYTES at most; */
	bool cut;              /* this is only its beginning */
	uint64_t rows, events;
};
struct reader_values {
	struct arena arena;
	struct reader_value *values;
	size_t n;
	uint64_t distinct;     /* how many there are, also those beyond max */
	bool more;             /* there are more than `distinct`, which is as far as they were told apart; or quick */
	uint64_t rows, events; /* that were counted: those that match and, where a part was asked for, may have such a value */
	uint64_t without;      /* events among them without a value; 0 where a part was asked for */
};
void reader_values_free(struct reader_values *v);

/* ---- cells: what some events hold in some fields ---- */

enum { READER_MAX_CELL_ROWS = 256, READER_MAX_CELL_FIELDS = 24, READER_MAX_CELL_RULES = 16 };

struct reader_cells_wish {
	const int64_t *ids; /* of events */
	size_t n_ids;
	const struct field *const *fields;
	size_t n_fields;
	const struct span *rules; /* expressions, as text */
	size_t n_rules;
};
/* Within the limits, with fields and texts that are there. */
bool reader_cells_wish_is_sound(const struct reader_cells_wish *w);

struct reader_cells {
	struct arena arena;
	size_t n_ids, n_fields;
	struct span *texts;  /* ids × fields: as reader_value's, two values with an arrow between; READER_VALUE_BYTES at
	                      * most, absent where the event has none */
	uint32_t *fulfilled; /* by id: bits 1 << rule */
};
void reader_cells_free(struct reader_cells *c);

/* ---- what a logon caused ---- */

struct reader_story {
	struct reader_tree tree; /* nodes[0] began it; the others are the session's processes and all that they started, by
	                          * start. No ancestors, no peers */
	uint64_t left_out;       /* processes beyond those asked for */
	int64_t session, auid;   /* -1 unknown */
	int64_t logon_ms;        /* of the logon's event; 0: none was recorded */
	struct span user, source, terminal, type; /* as the logon's event told; absent where it did not. In tree.arena */
};
static inline void reader_story_free(struct reader_story *s) { reader_tree_free(&s->tree); }

/* ---- whether everything that happened is there ---- */

enum reader_verdict {
	READER_FULLY = 1, /* all of these kinds that happened then is there */
	READER_AS_CHOSEN, /* nothing was lost, but a filter, or the rules of the host whose log this is, chose what is there */
	READER_PARTLY,    /* some of it was lost, or not recorded */
	READER_NOT,       /* none of it was recorded */
};

/* Why: an enum gap_cause (0: one that is not known), or one of these. Numbers travel: only append. */
enum reader_why {
	READER_BEFORE = 1000, /* recording had not begun */
	READER_AFTER,         /* it had ended */
	READER_FILTERED,      /* a filter leaves some out */
	READER_IMPORTED,      /* from a log: what it held depended on the rules of its host */
	READER_NEVER,         /* nothing here tells of this kind (the registry) */
	READER_UNPARSED,      /* records that could not be understood */
};

struct reader_reason {
	int why;
	int64_t from_ms, to_ms; /* as recorded, not cut to the range; from = to: an instant */
	int64_t count;          /* events lost, or records; -1 unknown or none can be told */
	unsigned kinds;         /* bits 1 << enum event_category, of those asked for */
	bool whole;             /* nothing of these kinds was recorded then */
	bool note;              /* nothing is missing for it: the machine slept, the clock was set */
	uint64_t rows;          /* how many alike ones it stands for */
};
enum { READER_MAX_REASONS = 1000 }; /* more are merged with the next of the same cause */

struct reader_completeness {
	enum reader_verdict verdict;
	struct reader_range range;     /* what was asked for; open ends are those of the recording */
	unsigned kinds;                /* as asked, all of them where 0 was */
	struct reader_reason *reasons; /* by their start; reader_completeness_free */
	size_t n;
};
void reader_completeness_free(struct reader_completeness *c);

/* ---- what takes the space ---- */

enum reader_cost_by { READER_COST_ACTION, READER_COST_DIRECTORY, READER_COST_EXECUTABLE, READER_COST_USER,
                      READER_COST_ADDRESS, READER_COST_PORT, READER_COSTS };

/* What some of the events take, so what the file would be smaller by without them. Events of processes are in none of
 * these: they are recorded in any case. */
struct reader_cost {
	int by;           /* enum reader_cost_by */
	int64_t key;      /* the action; the port; of a user without a name its number, else -1 */
	struct span name; /* a directory with "/" at its end, for all below it; an executable, user, address; else absent */
	uint64_t rows, events, bytes;
};
enum { READER_MAX_COSTS = 200 }; /* of each */

/* An estimate. Of every row is known what its columns take in SQLite's format; a text is charged to the first event that
 * has it; where to look for it (posting) to the first in each bucket of time. What processes, programs and their texts
 * take is weighed likewise. All is then scaled so that it makes up the file, less one page for each table. */
struct reader_space {
	struct arena arena;
	uint64_t bytes;       /* of the file */
	uint64_t event_bytes; /* of these, what can be left out at most */
	int64_t recorded_ms;  /* for how long it was recorded */
	struct reader_cost *costs; /* in order of `by`, then of bytes, the greatest first */
	size_t n;
};
void reader_space_free(struct reader_space *s);
/* How much longer a history of `limit` bytes (at least the file's size counts) reaches back, at the rate of this
 * recording, when what takes `left_out` bytes of it is left out. ms; 0 when nothing was recorded. */
int64_t reader_space_more_ms(const struct reader_space *s, uint64_t left_out, uint64_t limit);

/* ---- what there was ---- */

enum reader_area { READER_AREA_EXECUTABLE, READER_AREA_LISTENER, READER_AREA_ACCOUNT, READER_AREA_MODULE,
                   READER_AREA_AUTOSTART, READER_AREAS };

struct reader_thing {
	int area;           /* enum reader_area */
	struct span name;   /* path; address; account or group; path or name of the module; path of the file */
	struct span detail; /* SHA-256 of the program or module, where known; what was done to the account; of a file last */
	int64_t port;       /* LISTENER, else 0 */
	int64_t first_ms, last_ms;
	uint64_t count;     /* started, listened, done, loaded, changed so often */
	struct span by;     /* who did last: executable; absent: EXECUTABLE, or not known */
};
enum { READER_MAX_THINGS = 20000 }; /* of each area: those that were last */

/* What a recording tells of the programs and scripts that ran, addresses that were listened on, accounts that were
 * changed, kernel modules that were loaded, and changed files from which something is started by itself (autostart.h). */
struct reader_inventory {
	struct arena arena;
	struct reader_thing *things; /* by area, name, port, detail: one of each; of a file one, whatever was done */
	size_t n;
	uint64_t left_out;
};
void reader_inventory_free(struct reader_inventory *i);
/* In that order: <0, 0, >0, as for qsort. */
int reader_thing_compare(const void *a, const void *b);

/* ---- the calls ---- */

/* `where` NULL: everything. All fill *ret, which need not be initialised, and leave nothing to free on failure. */
struct reader_ops {
	int (*info)(struct reader *r, struct cancel *c, struct reader_info *ret);
	int (*count)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	             uint64_t step, struct reader_count *ret);
	int (*page)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	            struct reader_place at, size_t n, struct reader_page *ret);
	int (*histogram)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	                 size_t n_bins, struct reader_histogram *ret);
	int (*process)(struct reader *r, struct cancel *c, int64_t process, struct reader_process *ret);
	int (*timeline)(struct reader *r, struct cancel *c, int64_t process, struct reader_range range, size_t n_bins,
	                size_t max_children, struct reader_timeline *ret);
	int (*tree)(struct reader *r, struct cancel *c, int64_t process, struct reader_tree_limits limits,
	            struct reader_tree *ret);
	int (*distribution)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	                    struct reader_distribution *ret);
	/* n_bins 0: sums only. max_lanes × n_bins is at most READER_MAX_LANE_COUNTS. */
	int (*lanes)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	             enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret);
	/* The logon that a process belongs to, or made. -ENOENT: it comes from none. */
	int (*story)(struct reader *r, struct cancel *c, int64_t process, size_t max, struct reader_story *ret);
	/* Was this time fully recorded for these kinds (bits 1 << enum event_category; 0: all), and if not, why? -EINVAL: an
	 * empty range. */
	int (*completeness)(struct reader *r, struct cancel *c, struct reader_range range, unsigned kinds,
	                    struct reader_completeness *ret);
	/* The values of a field in the matching events, with how many have them. -EINVAL: a wish out of bounds. */
	int (*values)(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
	              const struct reader_values_wish *wish, struct reader_values *ret);
	/* At most `max` costs of each kind. */
	int (*space)(struct reader *r, struct cancel *c, size_t max, struct reader_space *ret);
	int (*inventory)(struct reader *r, struct cancel *c, struct reader_inventory *ret);
	/* -EINVAL: a wish that is not sound, or a rule that does not parse. */
	int (*cells)(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret);
	void (*close)(struct reader *r);
};

/* Implementations embed this first. */
struct reader {
	const struct reader_ops *ops;
	char error[256]; /* of the last failed call, "" when there is nothing more than the errno */
	/* How far a call is, 0 to 1, told on the thread that made it. Space and inventory tell. NULL: nobody asks. Set it
	 * between calls. */
	void (*progress)(double fraction, void *data);
	void *progress_data;
};

/* Takes a connection from vault_open and closes it. NULL when memory is out (the connection is closed). */
struct reader *reader_open_db(struct sqlite3 *db);
static inline void reader_close(struct reader *r) { if (r) r->ops->close(r); }
static inline void cleanup_reader(struct reader **r) { reader_close(*r); }
#define AUTO_READER __attribute__((cleanup(cleanup_reader))) struct reader
/* One line for people about a failed call. Valid until the next call. */
const char *reader_error_text(const struct reader *r, int error);
