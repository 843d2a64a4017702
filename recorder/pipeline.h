/* pipeline: a bounded queue of batches with the thread that stores them, so that parsing and storing overlap.
 *
 * The store belongs to the pipeline's thread until pipeline_finish. Batches go back through recording_recycle once
 * they are safely in the database: until its transaction is committed a batch is kept, so that a full disk costs
 * nothing but time. */
#pragma once

#include "recorder/recording.h"
#include "recorder/store/store.h"

struct pipeline;

/* What may change while recording. */
struct pipeline_settings {
	struct store_limits limits;
	int64_t collate_ms;
	unsigned off, filtered; /* bits 1 << enum event_category: kinds not stored, stored in part (store_cover) */
};

struct pipeline_config {
	struct store *store;
	bool live;   /* commit about once a second, wait for space when the disk is full; else one commit at the end */
	int64_t began_ms; /* live: when the first recording into this database began; 0: it was noted before */
	int idle_ms; /* live: how long nothing may be committed before that nothing happened is; 0: PIPELINE_IDLE_MS */
	int notify_fd; /* live: an eventfd written to when storing failed for good; -1 none */
};

/* 0, -ENOMEM, -EAGAIN (no thread). */
int pipeline_new(const struct pipeline_config *c, struct pipeline **ret);
/* Where batches go back to; before the first put. */
void pipeline_set_recording(struct pipeline *p, struct recording *r);
/* Live: applies them before the next commit. */
void pipeline_set(struct pipeline *p, const struct pipeline_settings *s);
/* Live: what the recording lacks from since_ms on (LACK_*). Written as the settings are, when it changes. */
void pipeline_lack(struct pipeline *p, unsigned lacks, int64_t since_ms);
/* Live: all that happened until then has been put. Noted with the next commit; where there is nothing to commit, in
 * one of its own after PIPELINE_IDLE_MS. */
void pipeline_reached(struct pipeline *p, int64_t ms);
/* Takes the batch over; waits while the queue is full. 0, or the error that ended the storing thread. */
int pipeline_put(struct pipeline *p, struct batch *b);
/* Whether there was no room for a while, on the disk (GAP_DISK_FULL) or within the limit (GAP_READER), and is again; each
 * time is told once. count is -1. */
bool pipeline_take_full_gap(struct pipeline *p, struct gap *ret);
/* Since when there is no room; from_ms 0: there is. */
struct gap pipeline_full(struct pipeline *p);
/* From now on having no room is an error at once: the end must not wait for space. */
void pipeline_hurry(struct pipeline *p);
/* Waits for everything put so far to be stored (or drops it when `discard`), ends the thread. The store is the caller's
 * again, with everything committed if 0 was returned. */
int pipeline_finish(struct pipeline *p, bool discard);
void pipeline_free(struct pipeline *p); /* after pipeline_finish; NULL is fine */
/* The error that ended storing, or 0. */
int pipeline_error(struct pipeline *p);

enum { PIPELINE_IDLE_MS = 30000 };

/* Keys of meta: from when on and until when a live recording is known to be in the database, but for its gaps. */
#define PIPELINE_META_FROM "recorded_from_ms"
#define PIPELINE_META_UNTIL "recorded_until_ms"
