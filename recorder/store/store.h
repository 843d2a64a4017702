/* store: the write path of monitor.db. One writer a database; one thread at a time.
 *
 * Everything written since the last commit is one transaction: after a crash the database holds all of it or nothing,
 * and never half an item. Nothing here waits for a reader (WAL).
 */
#pragma once

#include <stdbool.h>

#include "recorder/event.h"

struct store;

enum store_flags {
	STORE_CREATE = 1,   /* make the file when it is not there */
	STORE_SET_ASIDE = 2, /* a file that will not open as ours is renamed to NAME.aside-TIME and a new one started,
	                        with a gap row that says so */
	STORE_IMPORT = 4,   /* with STORE_CREATE and no file there: bulk load under a hidden name beside it, much faster;
	                       it appears, whole and durable, with store_close. Else as without the flag */
};

/* What the writer of ids needs to go on: the greatest ids in use (0 for an empty database). */
struct store_ids {
	int64_t boot, process, image;
};

/* 0; -EEXIST-style errno from the file system; -EBADMSG: a database, but not ours or damaged; -EPROTONOSUPPORT: a newer
 * schema; -EBUSY: another writer has it. *ret_error (static or owned by the caller to free) says what in one line. */
int store_open(const char *path, unsigned flags, struct store **ret, char **ret_error);
struct store_ids store_ids(const struct store *s);

/* From now on, what a process does to a file or address again within so many milliseconds is counted in the row of the
 * first time (event.count, event.span_ms) instead of getting a row of its own. 0, as after opening: never. At most
 * STORE_COLLATE_MAX_MS. 0, -EINVAL, -ENOMEM. */
enum { STORE_COLLATE_MS = 60000, STORE_COLLATE_MAX_MS = 600000 };
int store_collate(struct store *s, int64_t window_ms);

/* Adds all items of the batch. 0, -ENOSPC (disk full: the transaction is rolled back, call again later), -EDQUOT (a reader
 * keeps the WAL from being emptied, and the limit leaves it no more room: nothing was done, call again later), -EIO,
 * -ENOMEM. */
int store_write(struct store *s, const struct batch *b);
int store_meta_set(struct store *s, const char *key, const char *value);
/* Time of the last event, 0: there is none. */
int64_t store_last_ms(const struct store *s);
/* malloc'd copy, NULL when absent. */
char *store_meta_get(struct store *s, const char *key);
/* From from_ms on, kinds of events (bits 1 << enum event_category) are not recorded at all, or only those that a filter
 * lets through. filtered also has LACK_* (event.h). Written when it differs from what was said last. 0 or as
 * store_write. */
int store_cover(struct store *s, int64_t from_ms, unsigned off, unsigned filtered);
int store_commit(struct store *s);
/* Events written since open, and the file's size with its WAL in bytes. */
uint64_t store_events(const struct store *s);
int64_t store_size(const struct store *s);
/* What the database may hold. 0: no limit. */
struct store_limits {
	int64_t max_bytes; /* of the file and its WAL together, at least STORE_MIN_BYTES */
	int64_t max_age_ms;
};
enum { STORE_MIN_BYTES = 1 << 20, STORE_DEFAULT_BYTES = 1000000000 };
/* From the next store_retain on. 0 or -EINVAL. */
int store_limit(struct store *s, const struct store_limits *limits);
/* After a commit: deletes the oldest, in small transactions, until the limits hold, and gives the space back; of much in
 * several calls, so that none takes long. What is gone is told by one gap row. now_ms is not trusted blindly: a clock that
 * jumps ahead ages nothing at once.
 * 0; -EFBIG: more than twice the maximum, and nothing is left to delete: stop recording; else as store_write. */
int store_retain(struct store *s, int64_t now_ms);

/* The database may not grow past so many pages (4 KiB; 8 of version 1): writing then fails with -ENOSPC, as on a full disk. */
int store_limit_pages(struct store *s, int64_t pages);

/* Commits, checkpoints, closes. NULL is fine. 0 or the error of the last commit; the store is gone either way. */
int store_close(struct store *s);

/* Closes without committing; a bulk load (STORE_IMPORT into a new file) leaves nothing behind. NULL is fine. */
void store_discard(struct store *s);

/* ---- for going on after a restart ---- */

/* A process that had no end when the database was last closed. */
struct store_open_process {
	struct process_start process;
	int64_t image, image_start_ms; /* its latest image */
	struct span executable, script;
};
typedef int store_open_process_fn(const struct store_open_process *p, void *data);
/* Every process of that boot without an end. Spans are valid during the call. A non-zero return stops and is returned. */
int store_open_processes(struct store *s, int64_t boot, store_open_process_fn *fn, void *data);
/* The boot with that host and boot id, or 0. */
int64_t store_find_boot(struct store *s, struct span host, struct span boot_id);
/* The latest with that boot id, whatever the host was called then, or 0. */
int64_t store_find_boot_id(struct store *s, struct span boot_id);
/* Is an event kept with the action, object, time within [from_ms, to_ms], and result (0 or any other) of this one? */
bool store_has_event(struct store *s, const struct event *e, int64_t from_ms, int64_t to_ms);
