/* rows-def: what the files behind rows.h share. Internal to recorder/store. */
#pragma once

#include "agent/base/clock.h"
#include "agent/base/map.h"
#include "recorder/store/collate.h"
#include "recorder/store/counts.h"
#include "recorder/store/hashes.h"
#include "recorder/store/intern.h"
#include "recorder/store/posting.h"
#include "recorder/store/rows.h"

enum {
	SEQUENCE_BITS = 14, SEQUENCE_MAX = (1 << SEQUENCE_BITS) - 1,
	BUCKET_SHIFT = 26,
	MAX_HELD_EVENTS = 1 << 15,
	MAX_REMEMBERED = 1 << 16,
};

enum rows_stmt { ADD_BOOT, ADD_PROCESS, SET_END, ADD_IMAGE, ADD_EVENT, SET_COUNT, LAST_IN_MS, ADD_DETAIL, ADD_ROLLUP,
	ADD_SERIALS, ADD_GAP, ADD_UNPARSED, STMT_COUNT };

struct held_event {
	int64_t id, image, object, object2;
	int64_t serial; /* -1: the id tells it */
	int32_t action, result, port, port2, flags;
	int64_t count, span_ms; /* 0: of one event */
};

struct held_process {
	struct process_start start;
	struct process_end end; /* time_ms < 0: none yet */
};

/* A row of table serial_base; id < 0: none. */
struct serial_base {
	int64_t id;
	uint64_t serial;
};

/* A program that is looked for along PATH, as it is told so far: failed execs of one name, one behind the other. */
enum { ROWS_SEARCHES = 16 };
struct exec_search {
	int64_t held;    /* its row, held back; -1 none */
	struct buf last; /* path tried last */
};

struct rows {
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	bool bulk;
	struct intern *intern;
	struct posting *posting;
	struct hashes *hashes;
	struct counts *counts;
	struct store_ids ids;
	uint64_t events, events_kept; /* given to us; of these, flushed: they survive a rollback of what follows */
	struct held_event *held;
	size_t n_held;
	bool sorted;
	struct held_process *processes;
	size_t n_processes, cap_processes;
	struct map process_at;  /* process id → index in processes */
	int64_t first_of, first_ms; /* process met last, and when it began */
	int64_t newest, newest_exe; /* image met last, and its executable */
	struct exec_search searches[ROWS_SEARCHES]; /* at their images' places */
	struct serial_base serials[2]; /* the newest, and the one before it */
	struct map image_birth; /* image id → first bucket, of images met lately */
	struct map next_in_ms;  /* millisecond → next sequence number, of those met since they were last forgotten */
	int64_t cut;            /* bucket: what was before is deleted */
	int64_t last_ms;        /* greatest millisecond with an event, -1 none */
	struct map rollup;      /* minute << 12 | action → rows */
	struct map alike;       /* the same → events that were counted in rows there already */
	struct collate collate;
	int64_t unparsed;       /* lines in the table */
};

static inline int64_t rows_clamp_ms(int64_t ms)
{
	return ms < 0 ? 0 : ms > CLOCK_MAX ? CLOCK_MAX : ms;
}

static inline int64_t rows_bucket(int64_t ms)
{
	return ms >> (BUCKET_SHIFT - SEQUENCE_BITS);
}

/* Reads what of table serial_base is needed to go on. */
int rows_read_serials(struct rows *w);
/* The index entries of one use of a text. */
int rows_post_text(struct rows *w, struct intern_ref text, int64_t bucket);

/* ---- rows-process.c ---- */
int rows_add_boot(struct rows *w, const struct boot_seen *b);
int rows_add_process(struct rows *w, const struct process_start *p);
int rows_add_end(struct rows *w, const struct process_end *e);
int rows_add_image(struct rows *w, const struct image_start *im);
int rows_flush_processes(struct rows *w);

/* ---- rows-event.c ---- */
int rows_add_event(struct rows *w, const struct event *e);
int rows_flush_events(struct rows *w);
int rows_flush_rollup(struct rows *w);
